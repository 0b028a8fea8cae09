"""Real clients of Elasticsearch read what Canh holds: at the web's own address and through the door of the intake."""

import base64
import json
import shutil
import subprocess
import warnings

import elasticsearch
import elasticsearch7
import opensearchpy
import pytest
from elasticsearch.helpers import scan
from sqlalchemy import select

from core.scope import EVERY_UNIT
from org.actor import OPERATOR
from org.audit import Audit
from org.token import create_token
from store import db
from store.spool.disk import DiskSpoolWriter
from tests.e2e.test_bulk_full import door
from tests.e2e.test_bulk_javascript import installed  # noqa: F401 (a fixture)
from tests.unit.api.world import NOW, failed_login, rejected

pytestmark = pytest.mark.slow
EVENTS = 2345
WINDOW = {"range": {"@timestamp": {"gte": "now-1d", "lte": "now"}}}


@pytest.fixture
def token(world):
    """A token of a reading machine, over a store with events of three users and one that was not parsed."""
    world.store(
        *(
            failed_login(number, source=f"203.0.113.{number % 5}", user=f"u{number % 3}", ago_s=number)
            for number in range(1, EVENTS)
        ),
        rejected(EVENTS),
    )
    return world.token("reader")


@pytest.fixture(params=["web", "intake"])
def address(request, site, tmp_path):
    """Where the clients ask."""
    if request.param == "web":
        yield f"{site}/elasticsearch"
        return
    with door(tmp_path, DiskSpoolWriter(tmp_path / "spool", "intake"), f"{site}/elasticsearch") as port:
        yield f"http://127.0.0.1:{port}"


def client8(address, token):
    return elasticsearch.Elasticsearch(address, api_key=("x", token))


def client7(address, token):
    warnings.simplefilter("ignore", elasticsearch7.ElasticsearchWarning)
    return elasticsearch7.Elasticsearch(address, http_auth=("any", token))


def opensearch(address, token):
    return opensearchpy.OpenSearch(address, http_auth=("any", token))


@pytest.mark.parametrize("client", [client8, client7, opensearch])
def test_a_python_client_searches_counts_and_reads_on(address, token, client):
    made = client(address, token)
    query = {"bool": {"filter": [WINDOW, {"query_string": {"query": "event.outcome:failure AND NOT user.name:u0"}}]}}
    body = {
        "query": query,
        "size": 10,
        "sort": [{"@timestamp": {"order": "desc"}}],
        "aggs": {
            "over": {
                "date_histogram": {"field": "@timestamp", "fixed_interval": "10m"},
                "aggs": {"by": {"terms": {"field": "user.name"}}, "ports": {"avg": {"field": "source.port"}}},
            },
            "sources": {"cardinality": {"field": "source.ip"}},
        },
    }
    found = made.search(index="canh-events", body=body) if client is opensearch else made.search(**body)
    expected = sum(number % 3 != 0 for number in range(1, EVENTS))
    assert found["hits"]["total"]["value"] == expected
    times = [hit["_source"]["@timestamp"] for hit in found["hits"]["hits"]]
    assert len(times) == 10 and times == sorted(times, reverse=True)
    assert found["aggregations"]["sources"]["value"] == 5
    rows = found["aggregations"]["over"]["buckets"]
    assert sum(row["doc_count"] for row in rows) == expected and {row["key"] % 600_000 for row in rows} == {0}
    assert {each["key"] for row in rows for each in row["by"]["buckets"]} == {"u1", "u2"}
    assert {row["ports"]["value"] for row in rows} == {50112.0}
    counted = made.count(query=query) if client is client8 else made.count(index="canh-*", body={"query": query})
    assert counted["count"] == expected
    one = made.get(index="canh-events", id=found["hits"]["hits"][0]["_id"])
    assert one["_source"]["@timestamp"] == times[0]


def test_scan_gives_every_event_once(address, token):
    hits = list(scan(client8(address, token), index="canh-events", query={"query": {"match_all": {}}}, size=100))
    assert len(hits) == len({hit["_id"] for hit in hits}) == EVENTS


def test_a_point_in_time_and_search_after_give_every_event_once(address, token):
    made = client8(address, token)
    pit = made.open_point_in_time(index="canh-events", keep_alive="1m")["id"]
    seen: list[str] = []
    after: dict = {}
    while True:
        found = made.search(
            pit={"id": pit, "keep_alive": "1m"}, size=500, sort=[{"@timestamp": "desc"}], source=False, **after
        )
        hits = found["hits"]["hits"]
        if not hits:
            break
        seen += [hit["_id"] for hit in hits]
        after = {"search_after": hits[-1]["sort"]}
    made.close_point_in_time(id=pit)
    assert len(seen) == len(set(seen)) == EVENTS


def test_what_is_not_answered_is_an_error_of_their_shape(address, token):
    made = client8(address, token)
    for asked in (
        {"query": {"regexp": {"user.name": "u.*"}}},
        {"query": {"query_string": {"query": "user.name:("}}},
        {"sort": [{"user.name": "asc"}]},
        {"aggs": {"x": {"significant_terms": {"field": "user.name"}}}},
        {"aggs": {"x": {"terms": {"field": "message"}}}},
        {"aggs": {"x": {"terms": {"field": "user.name", "size": 100_000}}}},
        {"size": 20_000},
    ):
        with pytest.raises(elasticsearch.BadRequestError) as refused:
            made.search(**asked)
        assert refused.value.body["error"]["reason"], asked
    with pytest.raises(elasticsearch.NotFoundError):
        made.search(index="somebody-elses")
    with pytest.raises(elasticsearch.AuthenticationException):
        client8(address, "canh_made_up").search()


def test_a_sender_and_an_integration_read_nothing(world, site, token):
    for role in ("sender", "integration"):
        with db.session(world.engine, EVERY_UNIT) as session:
            secret = create_token(session, OPERATOR, role, f"a {role}", NOW, unit="soc" if role == "sender" else None)
        with pytest.raises(elasticsearch.AuthorizationException):
            client8(f"{site}/elasticsearch", secret).search()


def test_only_what_the_scope_covers_is_read_and_it_is_written_down(world, site, token):
    elsewhere = failed_login(9000, user="bimat")
    with db.session(world.engine, EVERY_UNIT) as session:
        secret = create_token(session, OPERATOR, "unit_contact", "script", NOW, unit="soc")
    made = client8(f"{site}/elasticsearch", secret)
    assert made.count()["count"] == EVENTS
    assert elsewhere.unit == "soc"
    with db.session(world.engine, EVERY_UNIT, reading=True) as session:
        noted = session.scalars(select(Audit).where(Audit.action == "event.search")).all()
    assert [json.loads(row.detail["query"]) for row in noted] == [{"match_all": {}}]


def test_msearch_as_grafana_sends_it(site, token):
    """Source: Grafana 12, public/app/plugins/datasource/elasticsearch: a header, then a search, one of them wrong."""
    made = client8(f"{site}/elasticsearch", token)
    begin, end = int(NOW.timestamp() * 1000) - 86_400_000, int(NOW.timestamp() * 1000)
    head = {"ignore_unavailable": True, "index": "canh-events", "search_type": "query_then_fetch"}
    window = {"range": {"@timestamp": {"format": "epoch_millis", "gte": begin, "lte": end}}}
    string = {"query_string": {"analyze_wildcard": True, "query": "event.outcome:failure"}}
    panel = {
        "aggs": {
            "2": {
                "date_histogram": {
                    "extended_bounds": {"max": end, "min": begin},
                    "field": "@timestamp",
                    "fixed_interval": "1h",
                    "format": "epoch_millis",
                    "min_doc_count": 0,
                }
            }
        },
        "query": {"bool": {"filter": [window, string]}},
        "size": 0,
    }
    table = {
        "aggs": {
            "3": {
                "aggs": {"1": {"max": {"field": "source.port"}}},
                "terms": {"field": "user.name", "min_doc_count": 1, "order": {"1": "desc"}, "size": "10"},
            }
        },
        "query": {"bool": {"filter": [window]}},
        "size": 0,
    }
    logs = {
        "docvalue_fields": [{"field": "@timestamp"}],
        "fields": ["*"],
        "highlight": {"fields": {"*": {}}},
        "query": {"bool": {"filter": [window]}},
        "script_fields": {},
        "size": 500,
        "sort": [{"@timestamp": {"order": "desc", "unmapped_type": "boolean"}}, {"_doc": {"order": "desc"}}],
    }
    wrong = {"query": {"bool": {"filter": [{"query_string": {"query": "("}}]}}, "size": 0}
    found = made.msearch(searches=[each for body in (panel, table, logs, wrong) for each in (head, body)])
    over, users, lines, refused = found["responses"]
    rows = over["aggregations"]["2"]["buckets"]
    assert len(rows) == 25 and sum(row["doc_count"] for row in rows) == EVENTS - 1
    assert rows[0]["key_as_string"] == str(rows[0]["key"]) and rows[1]["key"] - rows[0]["key"] == 3_600_000
    assert {row["key"]: row["1"]["value"] for row in users["aggregations"]["3"]["buckets"]} == dict.fromkeys(
        ("u0", "u1", "u2"), 50112.0
    )
    assert len(lines["hits"]["hits"]) == 500 and lines["hits"]["hits"][0]["fields"]["@timestamp"]
    assert refused["status"] == 400 and refused["error"]["type"] == "parsing_exception"


def test_what_a_client_asks_about_fields_and_health(site, token):
    made = client8(f"{site}/elasticsearch", token)
    assert made.info()["version"]["number"].startswith("8.")
    assert made.cluster.health()["status"] == "green"
    properties = made.indices.get_mapping(index="canh-events")["canh-events"]["mappings"]["properties"]
    assert properties["@timestamp"]["type"] == "date" and properties["user.name"]["type"] == "keyword"
    caps = made.field_caps(index="canh-*", fields="*")["fields"]
    assert caps["source.ip"]["ip"]["aggregatable"] and not caps["message"]["text"]["aggregatable"]


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_elasticdump_takes_everything_away(site, token, tmp_path, installed):  # noqa: F811
    """Through the intake: it asks for the version at the root of an address."""
    file = tmp_path / "dump.ndjson"
    authorization = f"ApiKey {base64.b64encode(f'x:{token}'.encode()).decode()}"
    command = ["node_modules/.bin/elasticdump", f"--output={file}", "--type=data", "--limit=500"]
    command.append(f"--headers={json.dumps({'Authorization': authorization})}")
    with door(tmp_path, DiskSpoolWriter(tmp_path / "spool", "intake"), f"{site}/elasticsearch") as port:
        command.append(f"--input=http://127.0.0.1:{port}/canh-events")
        dumped = subprocess.run(command, cwd=installed, capture_output=True, text=True, timeout=120)
    assert dumped.returncode == 0, dumped.stdout + dumped.stderr
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert len({line["_id"] for line in lines}) == len(lines) == EVENTS
