"""What may be mistyped in a query that can be read: names of fields that nobody knows, and the nearest that we know.

A hint only: a source may bring names of its own, so a search for them is never refused. Who shows it asks the store
first whether some event has the field after all: `reader.count(Search(query=Exists(name)), scope)`.
"""

import difflib
from collections.abc import Iterator
from functools import lru_cache

from core.fields import FIELDS
from core.language import Text
from core.query.syntax import And, Exists, Not, Or, Phrase, Prefix, Query, Range, Term, Wildcard

MAX_NAMES = 5
NEAREST = 3

NO_SUCH_FIELD = Text("Không có trường nào tên là “{name}”.", "There is no field called “{name}”.")
NEAR_FIELDS = Text("Ý bạn là {nearest}?", "Did you mean {nearest}?")


def unknown_fields(query: Query) -> list[tuple[str, tuple[str, ...]]]:
    """The names in the query that `core.fields` does not have, in their order, each with those nearest to it.

    At most `MAX_NAMES` names with at most `NEAREST` names each, the best first; some have none. Costs 2 ms a name.
    """
    unknown = [name for name in dict.fromkeys(_names(query)) if name not in FIELDS]
    return [(name, _nearest(name)) for name in unknown[:MAX_NAMES]]


def hint(name: str, nearest: tuple[str, ...]) -> Text:
    """What to say about a name of `unknown_fields` that no event has either."""
    said = NO_SUCH_FIELD.format(name=name)
    if not nearest:
        return said
    meant = NEAR_FIELDS.format(nearest=", ".join(nearest))
    return Text(f"{said.vi} {meant.vi}", f"{said.en} {meant.en}")


def _names(query: Query) -> Iterator[str]:
    match query:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _names(part)
        case Not(part):
            yield from _names(part)
        case Term() | Phrase() | Prefix() | Wildcard() | Range() | Exists():
            if query.field is not None:
                yield query.field


@lru_cache(maxsize=256)
def _nearest(name: str) -> tuple[str, ...]:
    folded = {known.casefold(): known for known in FIELDS}
    return tuple(folded[near] for near in difflib.get_close_matches(name.casefold(), folded, NEAREST, cutoff=0.6))
