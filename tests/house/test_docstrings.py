"""Every public module, class and function says what its types cannot."""

import ast

from tests.house.source import modules


def _public(node: ast.AST):
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and not child.name.startswith("_"):
            yield child
            if isinstance(child, ast.ClassDef):
                yield from _public(child)


def test_everything_public_has_a_docstring():
    silent = []
    for path, tree in modules():
        if not ast.get_docstring(tree):
            silent.append(f"{path}:1 module")
        silent += [
            f"{path}:{node.lineno} {node.name}"
            for node in _public(tree)
            if not ast.get_docstring(node) and not any(getattr(d, "id", "") == "overload" for d in node.decorator_list)
        ]
    assert silent == []


def test_parsers_show_a_real_line_and_name_their_source():
    lacking = []
    for path, tree in modules():
        if path.parent.as_posix() == "collectors/normalise" and path.name not in (
            "__init__.py",
            "dispatch.py",
            "fields.py",
            "time.py",
        ):
            text = ast.get_docstring(tree) or ""
            functions = [ast.get_docstring(node) or "" for node in _public(tree)]
            if not any("Source:" in each for each in [text, *functions]):
                lacking.append(str(path))
    assert lacking == []
