"""Templates hold no words of their own: every text comes from `console/texts.py`, so it exists in both languages."""

import re
from html.parser import HTMLParser

import pytest

from tests.house.source import ROOT

TEMPLATES = sorted((ROOT / "console" / "templates").glob("*.html"))
SPOKEN = {"title", "aria-label", "aria-description", "placeholder", "alt", "label"}
WORD = re.compile(r"[^\W\d_]{2,}")
HELD = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)


class Words(HTMLParser):
    """Collects words outside tags, and in the attributes that are shown or read aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found += WORD.findall(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in SPOKEN or (name == "value" and tag in ("button", "input") and ("type", "submit") in attrs):
                self.found += WORD.findall(value or "")


def words(template: str) -> list[str]:
    parser = Words()
    parser.feed(HELD.sub("", template))
    parser.close()
    return parser.found


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_holds_no_words(path):
    assert words(path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_holds_no_inline_script_or_style(path):
    text = path.read_text("utf-8")
    assert (
        re.findall(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=|javascript:|\|\s*safe|autoescape\s+false", text)
        == []
    )


def test_the_check_finds_words():
    assert words("<p>{{ T.NAME }}</p>") == []
    assert words("<p>Xin chào {{ name }}</p>") == ["Xin", "chào"]
    assert words('<a title="Open {{ name }}" href="/x">{% if a %}now{% endif %}</a>') == ["Open", "now"]


def test_every_text_named_by_a_template_exists():
    from console import texts

    named = {name for path in TEMPLATES for name in re.findall(r"\bT\.([A-Z_]+)", path.read_text("utf-8"))}
    assert {name for name in named if not hasattr(texts, name)} == set()
