from datetime import UTC, datetime

import pytest

from api.elasticsearch.query import MAX_CLAUSES, asked_ids, read_query, require_few
from api.elasticsearch.refusal import Refusal
from core.errors import QuerySyntaxError
from core.query.syntax import And, Everything, Exists, Not, Or, Phrase, Prefix, Range, Term, Wildcard, Word

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
A, B = Term("user.name", "a"), Term("user.name", "b")
SAID_A, SAID_B = {"term": {"user.name": "a"}}, {"term": {"user.name": {"value": "b"}}}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"match_all": {}}, Everything()),
        ({"match_none": {}}, Not(Everything())),
        (SAID_A, A),
        ({"bool": {}}, Everything()),
        ({"bool": {"filter": [SAID_A], "must": SAID_B}}, And((B, A))),
        ({"bool": {"should": [SAID_A, SAID_B]}}, Or((A, B))),
        ({"bool": {"should": [SAID_A], "filter": [SAID_B]}}, B),
        ({"bool": {"should": [SAID_A], "filter": [SAID_B], "minimum_should_match": 1}}, And((B, A))),
        ({"bool": {"must_not": [SAID_A]}}, Not(A)),
        ({"constant_score": {"filter": SAID_A, "boost": 2}}, A),
        ({"terms": {"user.name": ["a", "b"], "boost": 1.0}}, Or((A, B))),
        ({"terms": {"user.name": []}}, Not(Everything())),
        ({"term": {"tls.established": True}}, Term("tls.established", "true")),
        ({"match": {"user.name": "a"}}, A),
        ({"match": {"message": "failed password"}}, Or((Phrase("message", "failed"), Phrase("message", "password")))),
        (
            {"match": {"message": {"query": "failed password", "operator": "and"}}},
            And((Phrase("message", "failed"), Phrase("message", "password"))),
        ),
        ({"match_phrase": {"message": {"query": "failed password"}}}, Phrase("message", "failed password")),
        ({"match_phrase": {"user.name": "a"}}, A),
        ({"exists": {"field": "user.name"}}, Exists("user.name")),
        ({"prefix": {"user.name": {"value": "a"}}}, Prefix("user.name", "a")),
        ({"wildcard": {"user.name": {"value": "*a*", "case_insensitive": True}}}, Wildcard("user.name", ("", "a", ""))),
        ({"wildcard": {"user.name": "a*"}}, Prefix("user.name", "a")),
        ({"query_string": {"query": "user.name:a", "analyze_wildcard": True}}, A),
        ({"query_string": {"query": "a b", "default_operator": "AND"}}, And((Word("a"), Word("b")))),
        ({"query_string": {"query": "a", "fields": ["user.name^2"]}}, A),
        ({"range": {"source.port": {"gte": 1, "lt": 5}}}, Range("source.port", "1", "5", True, False)),
        ({"range": {"source.port": {"gt": 1, "lte": None}}}, Range("source.port", "1", None, False, True)),
        (
            {"range": {"@timestamp": {"gte": 1795485600000, "lte": "now", "format": "epoch_millis"}}},
            Range("@timestamp", "2026-11-24T02:00:00.000000Z", "2026-11-24T02:00:00.000000Z"),
        ),
    ],
)
def test_what_is_read(said, expected):
    assert read_query(said, NOW) == expected


@pytest.mark.parametrize(
    "said",
    [
        None,
        [],
        {},
        {"match_all": {}, "match_none": {}},
        {"regexp": {"user.name": "a.*"}},
        {"fuzzy": {"user.name": "a"}},
        {"script": {"script": "1"}},
        {"nested": {"path": "x", "query": {}}},
        {"term": {"user.name": {"value": ["a"]}}},
        {"term": {"_id": "x"}},
        {"bool": {"filter": [SAID_A], "should": [SAID_A], "minimum_should_match": 2}},
        {"bool": {"nonsense": []}},
        {"range": {"source.port": {"near": 5}}},
        {"terms": {"user.name": {"index": "other", "id": "1", "path": "x"}}},
        {"wildcard": {"user.name": "a?b"}},
        {"query_string": {"query": "a", "default_operator": "xor"}},
    ],
)
def test_what_has_no_form_is_refused(said):
    with pytest.raises(Refusal) as refused:
        read_query(said, NOW)
    assert refused.value.status == 400 and refused.value.body()["error"]["reason"]


def test_what_cannot_be_read_is_refused_and_so_is_too_much():
    unread = {"query_string": {"query": "("}}, {"range": {"user.name": {"gt": 1}}}, {"wildcard": {"message": "a b*c"}}
    for said in unread:
        with pytest.raises(QuerySyntaxError):
            read_query(said, NOW)
    deep = SAID_A
    for _ in range(60):
        deep = {"bool": {"filter": [deep]}}
    with pytest.raises(QuerySyntaxError):
        read_query(deep, NOW)
    with pytest.raises(Refusal):
        require_few(Or((A,) * (MAX_CLAUSES + 1)))
    with pytest.raises(Refusal):
        read_query({"terms": {"user.name": ["a"] * (MAX_CLAUSES + 1)}}, NOW)


def test_ids_are_asked_alone():
    assert asked_ids({"ids": {"values": ["a-1"]}}) == ["a-1"]
    assert asked_ids({"bool": {"filter": [{"ids": {"values": ["a-1"]}}]}}) is None
