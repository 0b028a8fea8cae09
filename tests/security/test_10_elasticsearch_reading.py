"""Reading in Elasticsearch's shape: each address asks who reads, and shows a unit contact its own units alone."""

import json
from urllib.parse import quote

import pytest

from org.actor import OPERATOR
from org.token import ROLES, create_token
from tests.security.province import FORMER, OTHER, OWN, write
from tests.security.test_11_unit_separation import SECRETS, contact  # noqa: F401 (a fixture)
from tests.unit.api.world import NOW

pytestmark = pytest.mark.slow

MAY = {"administrator", "analyst", "reader", "unit_contact"}
EVERYTHING = {"query": {"match_all": {}}, "size": 100, "aggs": {"x": {"terms": {"field": "user.name"}}}}
PAIR = b"{}\n" + json.dumps(EVERYTHING).encode() + b"\n"
ADDRESSES = [
    ("GET", "/", b""),
    ("POST", "/_search", json.dumps(EVERYTHING).encode()),
    ("POST", "/canh-events/_search?scroll=1m", json.dumps(EVERYTHING).encode()),
    ("POST", "/_msearch", PAIR),
    ("GET", "/_count", b""),
    ("GET", "/_field_caps?fields=*", b""),
    ("GET", "/canh-events/_mapping", b""),
    ("GET", "/canh-events", b""),
    ("POST", "/canh-events/_pit?keep_alive=1m", b""),
    ("GET", "/_cluster/health", b""),
    ("GET", "/_license", b""),
]


def ask(world, method, path, body, token=None):
    headers = {} if token is None else {"Authorization": f"ApiKey {token}"}
    return world.send(method, f"/elasticsearch{path}", content=body, headers=headers)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_is_answered_as_the_table_says(world, alerts, role):
    unit = OWN if role in ("unit_contact", "sender") else None
    token = write(world, create_token, OPERATOR, role, f"of-{role}", world.now, unit=unit)
    for method, path, body in ADDRESSES:
        answer = ask(world, method, path, body, token)
        assert answer.status_code == (200 if role in MAY else 403), (role, path, answer.text)
        assert answer.headers["x-elastic-product"] == "Elasticsearch"
        for stranger in (None, "canh_made_up", token[:-1] + ("a" if token[-1] != "a" else "b")):
            refused = ask(world, method, path, body, stranger)
            assert refused.status_code == 401 and refused.json()["error"]["type"] == "security_exception"


def test_a_unit_contact_reads_its_own_units_alone(world, alerts):
    token = write(world, create_token, OPERATOR, "unit_contact", "script", NOW, unit=OWN)
    for method, path, body in ADDRESSES:
        answer = ask(world, method, path, body, token)
        for secret in SECRETS:
            assert secret not in answer.text, (path, secret)
    found = ask(world, "POST", "/_search", json.dumps(EVERYTHING).encode(), token).json()
    assert {hit["_source"]["canh.unit"] for hit in found["hits"]["hits"]} == {OWN, FORMER}
    other = alerts[OTHER][1].id
    for path in (f"/canh-events/_doc/{other}", f"/canh-events/_source/{other}"):
        assert ask(world, "GET", path, b"", token).status_code == 404
    by_id = {"query": {"ids": {"values": [other]}}}
    assert ask(world, "POST", "/_search", json.dumps(by_id).encode(), token).json()["hits"]["hits"] == []


def test_a_scroll_of_somebody_else_shows_no_more_than_ones_own(world, alerts):
    """What a scroll holds is the question, not the answer."""
    everybody = write(world, create_token, OPERATOR, "reader", "all", NOW)
    own = write(world, create_token, OPERATOR, "unit_contact", "script", NOW, unit=OWN)
    first = ask(world, "POST", "/_search?scroll=1m", json.dumps({"size": 1}).encode(), everybody).json()
    body = json.dumps({"scroll_id": first["_scroll_id"]}).encode()
    for _ in range(10):
        found = ask(world, "POST", "/_search/scroll", body, own).json()
        assert {hit["_source"]["canh.unit"] for hit in found["hits"]["hits"]} <= {OWN, FORMER}
        body = json.dumps({"scroll_id": found["_scroll_id"]}).encode()


def test_what_the_search_page_counts_is_of_ones_own_units(contact):  # noqa: F811
    for path in (
        "/events/overview?range=all",
        "/events/values?range=all&field=user.name",
        "/events/values?range=all&field=canh.unit",
        "/events/completion?query=user.name:",
        "/events/completion?query=canh.",
        "/events/completion?query=" + quote("source.ip:198"),
    ):
        answer = contact.get(path)
        assert answer.status_code == 200
        for secret in SECRETS:
            assert secret not in answer.text.replace("canh.unit", ""), (path, secret)


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"nonsense",
        b'{"query":' * 50_000,
        b'{"size":-1}',
        b'{"size":"x"}',
        b'{"query":{"terms":{"user.name":' + json.dumps(["x"] * 10_000).encode() + b"}}}",
        b'{"query":{"query_string":{"query":"' + b"(" * 100_000 + b'"}}}',
        b'{"query":{"query_string":{"query":"' + b"a " * 100_000 + b'"}}}',
        b'{"query":{"wildcard":{"user.name":"' + b"*a" * 1000 + b'"}}}',
        b'{"aggs":{"x":{"terms":{"field":"user.name","size":100000}}}}',
        b'{"aggs":{"x":{"date_histogram":{"field":"@timestamp","fixed_interval":"1ms","extended_bounds":'
        b'{"min":0,"max":1764000000000}}}}}',
        b'{"aggs":{"x":{"date_histogram":{"field":"@timestamp","fixed_interval":"0s"}}}}',
        b'{"aggs":{"x":{"terms":{"field":{"a":1}}}}}',
        b'{"aggs":{"x":{"histogram":{"field":"source.port","interval":"x"}}}}',
        b'{"search_after":["x"]}',
        b'{"script_fields":{"x":{"script":"1"}}}',
        b'{"query":{"script":{"script":"1"}}}',
    ],
)
def test_bad_requests_are_refused_in_their_shape(world, alerts, body):
    token = write(world, create_token, OPERATOR, "reader", "all", NOW)
    answer = ask(world, "POST", "/_search", body, token)
    assert answer.status_code == 400, answer.text[:300]
    assert answer.json()["error"]["reason"] and len(answer.content) < 10_000


def test_a_body_of_one_mebibyte_and_more_is_refused(world, alerts):
    token = write(world, create_token, OPERATOR, "reader", "all", NOW)
    assert ask(world, "POST", "/_search", b'{"query":"' + b"x" * (1 << 20) + b'"}', token).status_code == 413
