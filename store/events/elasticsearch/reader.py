"""A reader of events in Elasticsearch. Every answer is whole or none: a shard that is away is told, never left out."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from core.errors import Unavailable
from core.event import Event
from core.ids import event_position
from core.ports import Missing, Page, Search, length_of
from core.query.aggregation import Aggregation, Outcome, require_answerable
from core.query.bounds import LONG_MAX
from core.query.syntax import Everything
from core.scope import Scope
from store.events.elasticsearch.aggregate import aggregate
from store.events.elasticsearch.compile import EVERYTHING, Clause, Compiler, between, units
from store.events.elasticsearch.connection import NOT_WHOLE, Connection
from store.events.elasticsearch.document import event_of
from store.events.masking import within
from store.events.place import place_of, read_place, write_place

MAX_ID_LETTERS = 300
ORDER = [{"canh.time": "desc"}, {"canh.partition": "desc"}, {"canh.sequence": "desc"}]
SERVER_WITHIN = "20s"


class ElasticsearchEventReader:
    """See `core.ports.EventReader`. May be shared between threads."""

    def __init__(self, connection: Connection, zone: tzinfo) -> None:
        self._connection = connection
        self._zone = zone

    def refresh(self) -> None:
        """As `core.ports.EventReader.refresh`: nothing to do, the server shows what was committed at once."""

    def search(self, search: Search, scope: Scope) -> Page:
        """As `core.ports.EventReader.search`.

        Raises `QuerySyntaxError` for a range on a field without order and for a `before` that was never a `Page.next`.
        """
        limit = max(0, search.limit)
        place = None if search.before is None else read_place(search.before)
        after = {} if place is None else {"search_after": [place.time, place.partition, place.sequence]}
        found = self._asked(self._question(search, scope), limit + 1 if limit else 0, **after)
        events = [event_of(hit["_source"]) for hit in found["hits"]["hits"]]
        shown = tuple(within(event, scope) for event in events[:limit])
        following = write_place(place_of(events[limit - 1])) if len(events) > limit > 0 else None
        return Page(shown, found["hits"]["total"]["value"], following)

    def count(self, search: Search, scope: Scope) -> int:
        """As `core.ports.EventReader.count`."""
        total: int = self._asked(self._question(search, scope), 0)["hits"]["total"]["value"]
        return total

    def aggregate(self, search: Search, asked: Mapping[str, Aggregation], scope: Scope) -> Mapping[str, Outcome]:
        """As `core.ports.EventReader.aggregate`."""
        require_answerable(asked, length_of(search))
        question = self._question(search, scope)

        def ask(request: Mapping[str, Any]) -> Mapping[str, Any]:
            with self._connection.asking() as client:
                answer = client.search(
                    index=self._connection.names.every,
                    query=question,
                    size=0,
                    aggregations=request,
                    track_total_hits=False,
                    timeout=SERVER_WITHIN,
                    allow_partial_search_results=False,
                )
            if answer.get("timed_out"):
                raise Unavailable("events", NOT_WHOLE)
            found: Mapping[str, Any] = answer.body.get("aggregations", {})
            return found

        return aggregate(ask, asked, scope.masked)

    def missing(self, search: Search) -> Sequence[Missing]:
        """As `core.ports.EventReader.missing`: never any, an answer that is not whole is not given."""
        return ()

    def get(self, identity: str, scope: Scope) -> Event | None:
        """As `core.ports.EventReader.get`."""
        position = event_position(identity)
        if position is None or len(identity) > MAX_ID_LETTERS or not 0 <= position[1] <= LONG_MAX:
            return None
        hits = self._asked(_all([{"ids": {"values": [identity]}}, units(scope)]), 1)["hits"]["hits"]
        return within(event_of(hits[0]["_source"]), scope) if hits else None

    def _question(self, search: Search, scope: Scope) -> Clause:
        compiled = Compiler(scope.masked, self._zone).compile(search.query or Everything())
        return _all([compiled, between(search.start, search.end), units(scope)])

    def _asked(self, question: Clause, size: int, **more: Any) -> Any:
        with self._connection.asking() as client:
            answer = client.search(
                index=self._connection.names.every,
                query=question,
                size=size,
                sort=ORDER if size else None,
                track_total_hits=True,
                timeout=SERVER_WITHIN,
                allow_partial_search_results=False,
                filter_path="timed_out,hits.total.value,hits.hits._source",
                **more,
            )
        if answer.get("timed_out"):
            raise Unavailable("events", NOT_WHOLE)
        answer.body.setdefault("hits", {}).setdefault("hits", [])
        return answer


def _all(parts: list[Clause]) -> Clause:
    asked = [part for part in parts if part is not EVERYTHING]
    return {"bool": {"filter": asked}} if asked else EVERYTHING
