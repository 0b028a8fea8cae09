"""Nothing that we read may become code: no pickle, marshal, shelve, yaml.load, eval, exec in the product's sources."""

import ast

import pytest

from tests.house.source import ROOT, modules

MODULES = {"pickle", "cPickle", "dill", "marshal", "shelve", "jsonpickle", "joblib", "cloudpickle"}
CALLS = {"eval", "exec", "compile", "__import__"}
METHODS = {("yaml", "load"), ("yaml", "load_all"), ("yaml", "full_load"), ("yaml", "unsafe_load"), ("os", "system")}
LOADERS = {"Loader", "FullLoader", "UnsafeLoader", "CLoader"}


def faults(tree: ast.AST) -> list[str]:
    """What of the above a module does."""
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                found += [each.name for each in names if each.name.partition(".")[0] in MODULES]
            case ast.ImportFrom(module=str(module), names=names):
                found += [module] if module.partition(".")[0] in MODULES else []
                found += [f"{module}.{each.name}" for each in names if (module, each.name) in METHODS]
            case ast.Call(func=ast.Name(id=name)) if name in CALLS:
                found.append(name)
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if (owner, name) in METHODS:
                found.append(f"{owner}.{name}")
            case ast.Attribute(value=ast.Name(id="yaml"), attr=name) if name in LOADERS:
                found.append(f"yaml.{name}")
            case ast.keyword(arg="shell", value=value) if not (
                isinstance(value, ast.Constant) and value.value is False
            ):
                found.append("shell=")
    return found


@pytest.mark.slow
def test_no_source_makes_code_of_data():
    sources = [*modules(), *script()]
    assert len(sources) > 100
    assert {str(path): wrong for path, tree in sources if (wrong := faults(tree))} == {}


def script():
    path = ROOT / "canh"
    yield path.relative_to(ROOT), ast.parse(path.read_text("utf-8"))


@pytest.mark.parametrize(
    "line",
    [
        "import pickle",
        "from marshal import loads",
        "import shelve as kept",
        "yaml.load(text, Loader=yaml.SafeLoader)",
        "from yaml import load",
        "yaml.load_all",
        "class Our(yaml.UnsafeLoader): pass",
        "eval('1')",
        "exec(text)",
        "subprocess.run(line, shell=True)",
        "os.system(line)",
        "__import__(name)",
    ],
)
def test_the_gate_sees_it(line):
    assert faults(ast.parse(line))


def test_the_gate_lets_the_rest_pass():
    assert not faults(ast.parse("import json, yaml\nyaml.safe_load(text)\nre.compile(x)\nrun(line, shell=False)"))
