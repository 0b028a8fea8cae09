"""The few errors a caller must handle. They carry data; text is made at the edge."""

from core.language import Text


class Unavailable(Exception):
    """A service below cannot take work now (a full spool, a full disk, a locked database): wait and try again."""

    def __init__(self, service: str, reason: Text, retry_after_s: float = 1.0) -> None:
        super().__init__(f"{service}: {reason.en}")
        self.service = service
        self.reason = reason
        self.retry_after_s = retry_after_s


class QuerySyntaxError(Exception):
    """A query that cannot be read: `at` is the character (from 0), `expected` what would have fitted there."""

    def __init__(self, at: int, expected: Text) -> None:
        super().__init__(f"character {at + 1}: {expected.en}")
        self.at = at
        self.expected = expected


class RuleError(Exception):
    """A rule that cannot be used: file and line (from 1, or None) and what is wrong with it."""

    def __init__(self, path: str, line: int | None, reason: Text) -> None:
        super().__init__(f"{path}:{line or 1}: {reason.en}")
        self.path = path
        self.line = line
        self.reason = reason


class SettingsError(Exception):
    """A setting that starting cannot accept; `key` is dotted, `origin` is the file or environment variable."""

    def __init__(self, key: str, origin: str, reason: Text) -> None:
        super().__init__(f"{origin}: {key}: {reason.en}")
        self.key = key
        self.origin = origin
        self.reason = reason
