"""A refusal in Elasticsearch's own shape."""

from typing import Any

from collectors.elasticsearch_wire import error_of
from core.errors import QuerySyntaxError


class Refusal(Exception):
    """An answer with this status. `kind` is the type that Elasticsearch gives such an error."""

    def __init__(self, status: int, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.status, self.kind, self.reason = status, kind, reason

    def body(self) -> dict[str, Any]:
        """The JSON of the answer."""
        return error_of(self.status, self.kind, self.reason)


def not_taken(what: str) -> Refusal:
    """What we do not answer."""
    return Refusal(400, "illegal_argument_exception", f"Canh does not answer {what}")


def unreadable(error: QuerySyntaxError) -> Refusal:
    """A query, or a part of one, that cannot be read."""
    return Refusal(400, "parsing_exception", f"character {error.at + 1}: {error.expected.en}")
