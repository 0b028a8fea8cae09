"""What is shown is never itself a template: all of them are files of ours, and what they show is escaped."""

import ast

import pytest

from console import page
from tests.house.source import modules
from tests.security.surface import pages
from tests.unit.api.world import brute_force, failed_login
from tests.unit.console.browser import Browser

PROBES = (
    "{{7*7}}4711",
    "{% for x in (1,2) %}4711{% endfor %}",
    "{{cycler.__init__.__globals__.os.popen('id').read()}}",
    "{{''.__class__.__mro__[1].__subclasses__()}}",
    "${7*7}4711",
    "#{7*7}4711",
    "{vi}{0.__class__}{ge}",
)


@pytest.mark.slow
def test_no_template_is_made_of_text():
    made = {
        (str(path), node.func.attr)
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("from_string", "Template", "compile_expression")
    }
    assert made == set()


def test_every_template_escapes():
    environments = [value for value in vars(page).values() if type(value).__name__.endswith("Environment")]
    assert environments
    for environment in environments:
        assert environment.autoescape is True
        assert environment.from_string("{{ x }}").render(x="<b>") == "&lt;b&gt;"


@pytest.mark.slow
def test_what_looks_like_a_template_is_shown_as_it_is(world):
    events = [failed_login(number, user=probe, message=probe) for number, probe in enumerate(PROBES, 1)]
    world.store(*events)
    group = world.alert(brute_force(tuple(events)))
    browser = Browser(world).log_in()
    seen = 0
    for method, path in pages(world):
        if method == "GET":
            asked = path.replace("{identity}", group.id) + "?range=all"
            text = browser.get(asked).text
            assert "494711" not in text and "47114711" not in text and "uid=" not in text, path
            assert "&lt;class" not in text and "<class" not in text, path
            seen += "{{7*7}}4711" in text
    assert seen >= 2
