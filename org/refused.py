"""A no with its reason: the answer of a change that was not made."""

import msgspec

from core.language import Text


class Refused(msgspec.Struct, frozen=True):
    """Nothing was changed; `reason` is for the one who asked."""

    reason: Text
