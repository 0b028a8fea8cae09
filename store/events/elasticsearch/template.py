"""How events lie in Elasticsearch: the index template, made from `core.fields`.

| field of the index | holds | answers |
|---|---|---|
| the fields of ECS, as the event has them | values (doc values, no index) | counts of keywords; Grafana, Kibana |
| `canh.keys` | values of the fields we do not know, flattened | their counts |
| `canh.terms` | `name=value` of every field but texts (`store.events.terms`) | equality, prefix |
| `canh.names` | the names of the event's fields | existence, counts of names |
| `canh.words.NAME` | the words of a text, folded and cut by us, a space between them | words, phrases, prefixes |
| `canh.columns.NAME` | numbers, addresses and times (microseconds) that fit the type | ranges, counts |
| `canh.time`, `canh.partition`, `canh.sequence` | when, and the position | order, the event of an id |
| `canh.unit` | the unit | the scope |
| `canh.other`, `canh.raw`, `canh.packed` | what the fields above cannot hold, for giving the event back | nothing |

Everything is folded, cut and typed before it comes here, so both stores answer alike whatever the server's analysers
do. The mapping is not dynamic: no document can change it, and none can conflict with it. Core types only: no x-pack, no
data stream, no ILM.
"""

from datetime import UTC, datetime
from typing import Any

from core.fields import FIELDS, FieldType
from core.query.aggregation import MAX_KEY_LETTERS

POSITIONS = "positions"
VERSION = 2
LONGEST_REASON_LETTERS = 8191
WORD_LETTERS = 4096

_NATURAL: dict[FieldType, dict[str, Any]] = {
    "keyword": {"type": "keyword", "index": False, "ignore_above": MAX_KEY_LETTERS},
    "boolean": {"type": "keyword", "index": False, "ignore_above": MAX_KEY_LETTERS},
    "text": {"type": "text", "index": False},
    "ip": {"type": "ip", "index": False, "ignore_malformed": True},
    "long": {"type": "long", "index": False, "ignore_malformed": True},
    "double": {"type": "double", "index": False, "ignore_malformed": True},
    "date": {"type": "date", "index": False, "ignore_malformed": True},
}
_COLUMN: dict[FieldType, dict[str, Any]] = {
    "ip": {"type": "ip"},
    "long": {"type": "long"},
    "date": {"type": "long"},
    "double": {"type": "double"},
}
_KEY = {"type": "keyword", "doc_values": False, "norms": False, "index_options": "docs"}


class Names:
    """What our indices are called on a server: `canh-events-2026.11.24`."""

    def __init__(self, prefix: str) -> None:
        self.events = f"{prefix}-events"
        """The alias of all days, and the template."""
        self.every = f"{prefix}-events-*"
        self.state = f"{prefix}-state"

    def index_of(self, received: datetime) -> str:
        """The index of the day on which an event was received (UTC)."""
        return f"{self.events}-{received.astimezone(UTC):%Y.%m.%d}"


def mapping() -> dict[str, Any]:
    """The mapping of a day's index."""
    natural = {name: _NATURAL[field.type] for name, field in FIELDS.items()}
    words = {"type": "text", "analyzer": "words", "norms": False, "index_options": "positions"}
    meta = {
        "time": {"type": "long"},
        "received": {"type": "long", "index": False},
        "partition": {"type": "keyword"},
        "sequence": {"type": "long"},
        "unit": {"type": "keyword"},
        "terms": _KEY,
        "names": {**_KEY, "doc_values": True},
        "keys": {"type": "flattened", "index": False, "ignore_above": MAX_KEY_LETTERS},
        "words": {"properties": {name: words for name, field in FIELDS.items() if field.type == "text"}},
        "columns": {
            "properties": {name: _COLUMN[field.type] for name, field in FIELDS.items() if field.type in _COLUMN}
        },
        "other": {"type": "object", "enabled": False},
        "raw": {"type": "binary"},
        "packed": {"type": "binary"},
        "refused": {"type": "keyword", "index": False, "ignore_above": LONGEST_REASON_LETTERS},
    }
    return {
        "dynamic": False,
        "_source": {"excludes": ["canh.terms", "canh.names", "canh.words", "canh.columns", "canh.keys"]},
        "properties": {**natural, "canh": {"properties": meta}},
    }


def template(names: Names) -> dict[str, Any]:
    """The index template."""
    return {
        "index_patterns": [names.every],
        "priority": 500,
        "version": VERSION,
        "_meta": {"description": "events of Canh; made by Canh, changed with it"},
        "template": {
            "aliases": {names.events: {}},
            "settings": {
                "number_of_shards": 1,
                "auto_expand_replicas": "0-1",
                "refresh_interval": "30s",
                "codec": "best_compression",
                "mapping.total_fields.limit": 4000,
                "analysis": {
                    "analyzer": {"words": {"type": "custom", "tokenizer": "words"}},
                    "tokenizer": {"words": {"type": "whitespace", "max_token_length": WORD_LETTERS}},
                },
            },
            "mappings": mapping(),
        },
    }
