from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from console.guide import guide_parts
from tests.queries import parse

RULES = Path(__file__).parents[3] / "detection" / "rules"
GUIDE = "2. Tìm lần vào được: event.action:ssh_login source.ip:ĐỊA_CHỈ. Nếu có (user.name:TÊN): báo ngay."


def queries(guide, entities):
    return [part.text for part in guide_parts(guide, entities) if part.link]


def test_a_query_is_filled_and_leads_to_the_search_page():
    before, query, after = guide_parts(GUIDE, {"source.ip": "203.0.113.9"})
    assert (before.text, before.link) == ("2. Tìm lần vào được: ", None)
    assert query.text == 'event.action:ssh_login source.ip:"203.0.113.9"'
    assert parse_qs(urlsplit(query.link).query) == {"query": [query.text], "range": ["all"]}
    assert after.text == ". Nếu có (user.name:TÊN): báo ngay."


def test_the_account_acted_upon_fills_the_place_of_the_account():
    assert queries("user.name:TÊN", {"user.target.name": 'a"b'}) == ['user.name:"a\\"b"']
    assert queries("user.name:TÊN", {"host.name": "web-01", "source.user.name": "x"}) == []


@pytest.mark.parametrize(
    ("guide", "found"),
    [
        (
            "event.module:fortinet http.response.status_code:200, then",
            ["event.module:fortinet http.response.status_code:200"],
        ),
        ('url.path:"/a b" (x)', ['url.path:"/a b"']),
        ('url.path:"PATH".', ['url.path:"/up/x.php"']),
        ("https://example.vn/x 3: 4:5 not.known:x a:b", []),
        ("user.name: lan", []),
        ("xuser.name:lan .user.name:lan", []),
    ],
)
def test_what_is_a_query(guide, found):
    assert queries(guide, {"url.path": "/up/x.php"}) == found


@pytest.mark.parametrize("rule", sorted(folder.name for folder in RULES.iterdir() if folder.is_dir()))
def test_the_queries_of_our_own_guides_lead_somewhere(rule):
    """All of a rule's queries can be filled from its entities, but for those that name accounts it has many of."""
    documents = list(yaml.safe_load_all((RULES / rule / "rule.yml").read_text(encoding="utf-8")))
    told = next(document for document in documents if "guide_vi" in document.get("canh", {}))
    fields = told["canh"].get("entities") or told["correlation"]["group-by"]
    entities = {field: f"value of {field}" for field in fields}
    both = [queries(told["canh"][f"guide_{language}"], entities) for language in ("vi", "en")]
    assert both[0] == both[1] != []
    for query in both[0]:
        parse(query)


@given(st.text(), st.text())
def test_nothing_of_a_guide_is_lost(before, after):
    guide = f"{before} user.name:lan {after}"
    assert "".join(part.text for part in guide_parts(guide, {})) == guide
