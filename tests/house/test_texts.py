"""Every text a user reads exists in Vietnamese and English, with the same places to fill."""

import ast
import re
import string

from tests.house.source import modules


def _constant(node: ast.expr) -> str | None:
    """The text of a literal or f-string (its expressions as {}), None for anything computed."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "\x00" for part in node.values)
    return None


def _texts():
    for path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Text":
                named = {keyword.arg: keyword.value for keyword in node.keywords}
                positional = dict(zip(("vi", "en"), node.args, strict=False))
                both = {**positional, **named}
                yield f"{path}:{node.lineno}", _constant(both["vi"]), _constant(both["en"])


def test_both_languages_are_there():
    assert [where for where, vi, en in _texts() if vi == "" or en == ""] == []


def test_both_languages_fill_the_same_places():
    def places(text: str) -> list[str]:
        names = [name for _, name, _, _ in string.Formatter().parse(text.replace("\x00", "")) if name is not None]
        return sorted(set(names))

    wrong = []
    for where, vi, en in _texts():
        if vi is not None and en is not None:
            try:
                if places(vi) != places(en):
                    wrong.append(where)
            except ValueError:
                if vi.count("{") != en.count("{"):
                    wrong.append(where)
    assert wrong == []


def test_vietnamese_is_vietnamese():
    """A sentence of four words or more without one Vietnamese letter was never translated."""
    letters = re.compile(r"[àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ]", re.IGNORECASE)
    plain = [
        where
        for where, vi, _ in _texts()
        if vi is not None and len(re.findall(r"[a-zA-Z]{2,}", vi)) >= 4 and not letters.search(vi)
    ]
    assert plain == []
