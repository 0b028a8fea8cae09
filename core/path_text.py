"""A path as a text: file names are bytes, and not all of them are UTF-8."""

import os


def path_text(path: str | os.PathLike[str]) -> str:
    r"""The path as it is shown and stored; what is not UTF-8 in it is written as `\xff`. Idempotent.

    Not for opening: two files may have the same text. UTF-8 paths come back as they are.
    """
    return os.fsencode(path).decode("utf-8", "backslashreplace")
