"""Settings as the text of a settings file: what `canh config show` prints can be read again.

The standard library reads TOML only, and our values are few: texts, numbers, booleans, lists and tables of them.
Source: TOML 1.0, https://toml.io/en/v1.0.0
"""

import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel

from composition import texts
from composition.settings import Settings, reference

HIDDEN = "***"

_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def render(settings: Settings, origins: Mapping[str, str]) -> str:
    """The whole file in the order of the models; behind what is not a default stands where it came from.

    A password in the database's address is hidden: with one the file must be completed before it is used.
    """
    lines: list[str] = []
    table = ""
    for key, _ in reference():
        section, dot, name = key.rpartition(".")
        if dot and section != table:
            table = section
            lines += ["", f"[{table}]"]
        value = getattr(getattr(settings, section) if dot else settings, name)
        if key == "database" and isinstance(value, str):
            value = without_password(value)
        origin = f"  # {texts.printable(origins[key])}" if key in origins else ""
        # TOML knows no "nothing": what is not set is left out.
        lines.append(f"# {name} ={origin}" if value is None else f"{name} = {written(value)}{origin}")
    return "\n".join(lines) + "\n"


def written(value: object) -> str:
    """The value as TOML on one line, printable whatever it holds."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str() | Path():
            return '"' + "".join(map(_letter, str(value))) + '"'
        case list() | tuple():
            return "[" + ", ".join(map(written, value)) + "]"
        case BaseModel():
            pairs = (f"{name} = {written(getattr(value, name))}" for name in type(value).model_fields)
            return "{" + ", ".join(pairs) + "}"
    raise TypeError(f"a setting of type {type(value).__name__} cannot be written")


def without_password(url: str) -> str:
    """`postgresql://canh:secret@db/canh?password=secret` with both secrets hidden."""
    url = re.sub(r"(://[^:/@]*):[^@]*@", rf"\1:{HIDDEN}@", url)
    return re.sub(r"([?&][a-z]*password=)[^&]*", rf"\1{HIDDEN}", url, flags=re.IGNORECASE)


def _letter(letter: str) -> str:
    if letter in _SHORT:
        return _SHORT[letter]
    if letter.isprintable():
        return letter
    code = ord(letter)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
