"""Every text a user reads exists in Vietnamese and English, with the same places to fill."""

import ast
import re
import string
from functools import cache

from tests.house.source import ROOT, modules


def _constant(node: ast.expr) -> str | None:
    """The text of a literal or f-string (its expressions as {}), None for anything computed."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "\x00" for part in node.values)
    return None


@cache
def _texts():
    return tuple(_every_text())


def _every_text():
    for path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Text":
                if any(isinstance(each, ast.Starred) for each in node.args):
                    continue  # `Text(*(... for each in LANGUAGES))` computes both alike
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


# Where the terminal is spoken to: words there are of a `Text`, or they are in one language only.
TERMINAL = sorted((ROOT / "composition" / "commands").glob("*.py"))
TERMINAL += [ROOT / "composition" / "cli.py", ROOT / "composition" / "alert_text.py"]
SPEAKS = {"print", "write", "refuse", "getpass", "ArgumentTypeError", "say"}
SPOKEN = {"help", "description", "epilog", "title", "metavar", "usage"}
WORD = re.compile(r"[^\W\d_]{3,}")
NO_WORD = re.compile(r"\S*[/?=]\S*|\bpid\b")  # an address or an option; a term that is the same in both languages


def _literals(node: ast.expr):
    """The literal text that an expression gives, a place that is filled in as NUL."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr():
            yield "".join(part.value if isinstance(part, ast.Constant) else "\x00" for part in node.values)
            for part in node.values:
                if isinstance(part, ast.FormattedValue):
                    yield from _literals(part.value)
        case ast.IfExp():
            yield from [*_literals(node.body), *_literals(node.orelse)]
        case ast.BinOp():
            yield from [*_literals(node.left), *_literals(node.right)]
        case ast.BoolOp():
            yield from (text for value in node.values for text in _literals(value))
        case ast.Call(func=ast.Attribute(value=(ast.Constant() | ast.JoinedStr()) as text)):
            yield from _literals(text)


def _spoken(tree: ast.Module):
    for node in ast.walk(tree):
        match node:
            case ast.Call():
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                values = list(node.args) if name in SPEAKS else []
                values += [keyword.value for keyword in node.keywords if keyword.arg in SPOKEN]
            case ast.Yield(value=ast.expr() as value):
                values = [value]
            case _:
                continue
        for value in values:
            for text in _literals(value):
                if WORD.search(NO_WORD.sub(" ", text)):
                    yield node.lineno, text


def test_the_terminal_hears_no_words_outside_of_a_text():
    found = [
        f"{path.name}:{line} {text!r}"
        for path in TERMINAL
        for line, text in _spoken(ast.parse(path.read_text("utf-8")))
    ]
    assert found == []


def test_the_check_finds_words():
    def found(code: str) -> list[str]:
        return [text for _, text in _spoken(ast.parse(code))]

    assert found("print(f'{name:<12}{time}  x{count} MB'); print(texts.say(texts.DONE), file=sys.stderr)") == []
    assert found("print(f'  {url}/first-run?secret={secret}'); refuse(texts.say(texts.BAD, reason=str(error)))") == []
    assert found("print(f'{count} passed')") == ["\x00 passed"]
    assert found('print(f\'{"fine" if ok else "FAIL"} {name}\'.rstrip())') == ["fine", "FAIL"]
    assert found("refuse('no such ' + name)") == ["no such "]
    assert found("parser.add_argument('--json', help='print JSON')") == ["print JSON"]
    assert found("sys.stderr.write('done\\n')") == ["done\n"]
    assert found("yield f'received {count}'") == ["received \x00"]


def test_every_word_of_argparse_is_one_of_its_own():
    """What argparse does not say (any more) need not be translated, and placeholders stay."""
    import argparse
    import inspect

    from composition.usage import WORDS

    source = inspect.getsource(argparse)
    for text in WORDS:
        assert repr(text.en) in source or repr(text.en).replace("'", '"') in source, text.en
        assert sorted(re.findall(r"%(?:\(\w+\))?[sr]", text.vi)) == sorted(re.findall(r"%(?:\(\w+\))?[sr]", text.en))


def test_every_command_and_option_has_its_help(monkeypatch):
    import argparse

    from composition.cli import build_parser

    def silent(parser: argparse.ArgumentParser):
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                helps = {choice.dest: choice.help for choice in action._choices_actions}
                for name, each in action.choices.items():
                    if not helps.get(name) or not each.description:
                        yield each.prog
                    yield from silent(each)
            elif not action.help and action.metavar not in ("FILE", "TỆP"):
                yield f"{parser.prog} {action.dest}"

    for locale in ("C.UTF-8", "vi_VN.UTF-8"):
        monkeypatch.setenv("LC_ALL", locale)
        parser = build_parser()
        assert list(silent(parser)) == []
        assert "./canh test" in parser.format_help() and "--wheels" in parser.format_help()
