"""A refusal in Elasticsearch's own shape."""

from collections.abc import Mapping
from typing import Any

from core.errors import QuerySyntaxError


class Refusal(Exception):
    """An answer with this status. `kind` is the type that Elasticsearch gives such an error."""

    def __init__(self, status: int, kind: str, reason: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(reason)
        self.status, self.kind, self.reason, self.headers = status, kind, reason, headers or {}

    def body(self) -> dict[str, Any]:
        """The JSON of the answer."""
        cause = {"type": self.kind, "reason": self.reason}
        return {"error": {"root_cause": [cause], **cause}, "status": self.status}


def not_taken(what: str) -> Refusal:
    """What we do not answer."""
    return Refusal(400, "illegal_argument_exception", f"Canh does not answer {what}")


def unreadable(error: QuerySyntaxError) -> Refusal:
    """A query, or a part of one, that cannot be read."""
    return Refusal(400, "parsing_exception", f"character {error.at + 1}: {error.expected.en}")
