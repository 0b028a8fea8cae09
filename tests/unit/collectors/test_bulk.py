"""The bulk door over a real spool: who may, what is answered, and that 201 means on the disk."""

import asyncio
import base64
import contextlib
import gzip
import json
from datetime import UTC, datetime, timedelta

import httpx
import msgspec
import pytest

from collectors import bulk
from collectors.bulk import ANSWERED, REPEATED, BulkCollector
from collectors.bulk_once import FORMAT, Once
from collectors.bulk_reading import NotForwarded, is_reading
from collectors.settings import BulkSettings
from core.errors import Unavailable
from core.ids import event_id
from core.language import Text
from org.ingest_key import IngestKey, IngestKeys, KeyView, write_view
from org.secret import digest
from org.token_mark import _mark
from store.document_ids import DocumentIds
from store.spool.disk import DiskSpoolReader, DiskSpoolWriter
from store.spool.group_commit import GroupCommit

NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
MARK = b"m" * 32
TOKEN = "canh_" + "x" * 43
TOKEN += _mark(MARK, TOKEN)
BODY = (
    b'{"create":{"_index":"logs-app"}}\n{"message":"m0"}\n'
    b'{"create":{"_index":"logs-app","_id":"7"}}\n{"message":"m1"}\n'
)


async def nobody_reads(scope, headers, body):
    raise NotForwarded("the web process does not answer")


class Door:
    """The application with its spool, asked in the loop of the test."""

    def __init__(self, tmp_path, keys) -> None:
        self.writer = DiskSpoolWriter(tmp_path / "spool", "intake")
        self.reader = DiskSpoolReader(tmp_path / "spool")
        self.spool = GroupCommit(self.writer, pending_bytes=1 << 20)
        self.now = NOW
        self.ids = DocumentIds(tmp_path / "document-ids")
        self.once = Once(self.ids)
        self.app = BulkCollector(
            BulkSettings(),
            spool=self.spool,
            keys=keys,
            once=self.once,
            partition=self.writer.partition,
            unit="province",
            now=lambda: self.now,
            reading=nobody_reads,
        )

    async def ask(self, method, path, content=b"", token=TOKEN, **headers):
        transport = httpx.ASGITransport(self.app, client=("192.0.2.7", 5000))
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        authorization = {} if token is None else {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:9200") as client:
            return await client.request(method, path, content=content, headers={**authorization, **named})

    def records(self):
        return self.reader.take(self.writer.partition, 0, 100_000).records


@pytest.fixture
def keys(tmp_path):
    key = IngestKey(3, "rsyslog", "x-my-xuyen", NOW + timedelta(days=9))
    write_view(tmp_path, KeyView(MARK, {digest(TOKEN): key}))
    made = IngestKeys(tmp_path)
    made.refresh()
    return made


@pytest.fixture
def door(tmp_path, keys):
    made = Door(tmp_path, keys)
    yield made
    made.ids.close()
    made.writer.close()


def run(door, scene):
    async def play():
        door.spool = door.app._spool = GroupCommit(door.writer, pending_bytes=1 << 20)
        door.spool.start()
        try:
            return await scene()
        finally:
            await door.spool.stop()

    return asyncio.run(play())


def ask(door, *arguments, **named):
    return run(door, lambda: door.ask(*arguments, **named))


def test_documents_are_on_the_disk_when_it_is_said(door):
    async def scene():
        answer = await door.ask("POST", "/_bulk", BODY)
        return answer, door.records()

    answer, records = run(door, scene)
    assert answer.status_code == 200 and answer.headers["x-elastic-product"] == "Elasticsearch"
    assert [item["create"]["status"] for item in answer.json()["items"]] == [201, 201]
    assert answer.json()["items"][0]["create"]["_id"] == event_id(door.writer.partition, 1)
    assert [record.raw for record in records] == [b'{"message":"m0"}', b'{"message":"m1"}']
    first = records[0]
    assert (first.source, first.unit, first.format, first.peer) == ("bulk/key:3", "x-my-xuyen", FORMAT, "192.0.2.7")
    assert first.received_at == NOW


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", "/_bulk"), ("POST", "/logs-app/_bulk"), ("POST", "/logs-app/_doc/_bulk"), ("POST", "/_bulk?pipeline=x")],
)
def test_the_addresses_of_bulk(door, method, path):
    assert ask(door, method, path, BODY).json()["errors"] is False


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({}, "application/json"),
        ({"accept": "application/vnd.elasticsearch+json; compatible-with=8"}, "compatible-with=8"),
        ({"accept": "application/vnd.elasticsearch+json;compatible-with=9"}, "compatible-with=9"),
        ({"content_type": "application/vnd.elasticsearch+x-ndjson; compatible-with=7"}, "compatible-with=7"),
    ],
)
def test_the_answer_is_of_the_type_that_the_client_takes(door, headers, said):
    answer = ask(door, "POST", "/_bulk", BODY, **headers)
    assert said in answer.headers["content-type"] and answer.json()["items"]


@pytest.mark.parametrize("scheme", ["Bearer {0}", "ApiKey {0}", "ApiKey {1}", "Basic {1}", "basic {1}", "bearer {0}"])
def test_the_ways_of_giving_a_key(door, scheme):
    encoded = base64.b64encode(f"id:{TOKEN}".encode()).decode()
    answer = ask(door, "GET", "/", token=None, Authorization=scheme.format(TOKEN, encoded))
    assert answer.json()["version"]["number"] == BulkSettings().version


@pytest.mark.parametrize("token", [None, "", "x", TOKEN[:-1], TOKEN + "x", "canh_" + "y" * 49, "é" * 10])
@pytest.mark.parametrize("path", ["/", "/_bulk", "/_license", "/x/_doc", "/nope"])
def test_without_a_key_everything_is_refused_alike_and_nothing_taken(door, token, path):
    authorization = {} if token is None else {"Authorization": f"Bearer {token}".encode()}

    async def scene():
        answer = await door.ask("POST", path, BODY, token=None, **authorization)
        return answer, door.records()

    answer, records = run(door, scene)
    assert answer.status_code == 401 and records == []
    assert answer.json()["error"]["type"] == "security_exception"
    assert answer.headers["x-elastic-product"] == "Elasticsearch" and "www-authenticate" in answer.headers


def test_a_key_ends_when_it_ends_and_when_it_is_revoked(door, keys, tmp_path):
    async def scene():
        door.now = NOW + timedelta(days=9)
        ended = await door.ask("POST", "/_bulk", BODY)
        door.now = NOW
        before = await door.ask("POST", "/_bulk", BODY)
        write_view(tmp_path, KeyView(MARK, {}))
        keys.refresh()
        return ended, before, await door.ask("POST", "/_bulk", BODY)

    assert [answer.status_code for answer in run(door, scene)] == [401, 200, 401]


def test_before_the_keys_are_known_senders_are_told_to_wait(tmp_path):
    door = Door(tmp_path, IngestKeys(tmp_path))
    answer = ask(door, "POST", "/_bulk", BODY)
    assert answer.status_code == 503 and answer.headers["retry-after"]
    door.writer.close()


def test_gzip_and_what_only_says_so(door):
    assert ask(door, "POST", "/_bulk", gzip.compress(BODY), content_encoding="gzip").json()["errors"] is False
    for body in (BODY, gzip.compress(BODY)[:-5], b""):
        assert ask(door, "POST", "/_bulk", body, content_encoding="gzip").status_code == 400
    assert ask(door, "POST", "/_bulk", BODY, content_encoding="br").status_code == 415


def test_a_body_that_unpacks_to_too_much_is_refused_without_being_held(door, monkeypatch):
    monkeypatch.setattr(bulk, "MAX_BODY_BYTES", 100_000)
    bomb = gzip.compress(b"x" * 10_000_000)
    assert len(bomb) < 100_000
    assert ask(door, "POST", "/_bulk", bomb, content_encoding="gzip").status_code == 413
    assert ask(door, "POST", "/_bulk", b"x" * 100_001).status_code == 413


def test_what_all_bodies_hold_together_is_bounded(door, monkeypatch):
    monkeypatch.setattr(bulk, "MAX_BODIES_BYTES", 50)
    assert ask(door, "POST", "/_bulk", BODY).status_code == 503
    monkeypatch.undo()
    assert ask(door, "POST", "/_bulk", BODY).status_code == 200


def test_a_body_that_is_none_takes_nothing(door):
    async def scene():
        answer = await door.ask("POST", "/_bulk", BODY + b"nonsense\n{}\n")
        return answer, door.records()

    answer, records = run(door, scene)
    assert answer.status_code == 400 and records == []
    assert answer.json()["error"]["reason"].startswith("Malformed action/metadata line [5]")


def test_a_full_spool_refuses_the_whole_request_and_takes_nothing(door, monkeypatch):
    def full(*_arguments):
        raise Unavailable("spool", Text("đầy", "full"))

    monkeypatch.setattr(door.writer, "append", full)

    async def scene():
        first = asyncio.create_task(door.ask("POST", "/_bulk", BODY))
        while door.spool.waiting_for is None:
            await asyncio.sleep(0.01)
        refused = await door.ask("POST", "/_bulk", BODY)
        monkeypatch.undo()
        return refused, await first, await door.ask("POST", "/_bulk", BODY), door.records()

    refused, first, after, records = run(door, scene)
    assert refused.status_code == 503 and refused.headers["retry-after"]
    assert (first.status_code, after.status_code, len(records)) == (200, 200, 3), "the one that waited was kept"


def test_more_than_the_door_holds_is_told_to_come_again(door, monkeypatch):
    monkeypatch.setattr(type(door.spool), "full", property(lambda _self: True))
    answer = ask(door, "POST", "/_bulk", BODY)
    assert (answer.status_code, answer.json()["error"]["type"]) == (503, "es_rejected_execution_exception")


def test_those_that_wait_when_the_intake_ends_are_told_to_come_again(door, monkeypatch):
    def full(*_arguments):
        raise Unavailable("spool", Text("đầy", "full"))

    monkeypatch.setattr(door.writer, "append", full)

    async def scene():
        door.spool.start()
        waiting = asyncio.create_task(door.ask("POST", "/_bulk", BODY))
        while door.spool.waiting_for is None:
            await asyncio.sleep(0.01)
        await door.spool.stop()
        return await waiting

    assert asyncio.run(scene()).status_code == 503


def test_a_document_that_is_too_long_is_cut_and_kept(door, monkeypatch):
    monkeypatch.setattr(bulk, "MAX_DOCUMENT_BYTES", 10)

    async def scene():
        answer = await door.ask("POST", "/_bulk", b'{"index":{}}\n{"message":"' + b"x" * 100 + b'"}\n')
        return answer, door.records()

    answer, (record,) = run(door, scene)
    assert answer.json()["items"][0]["index"]["status"] == 201
    assert record.flags == ("truncated",) and record.raw == b'{"message"'


@pytest.mark.parametrize(
    ("method", "path", "status", "result"),
    [
        ("POST", "/i/_doc", 201, "created"),
        ("PUT", "/i/_doc/7", 201, "created"),
        ("PUT", "/i/_create/7", 201, "created"),
        ("POST", "/i/_create/7", 201, "created"),
    ],
)
def test_one_document_alone(door, method, path, status, result):
    answer = ask(door, method, path, b'{"a":1}')
    assert (answer.status_code, answer.json()["result"], answer.json()["_index"]) == (status, result, "i")
    assert ask(door, "POST", "/_bulk", BODY).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("HEAD", "/"),
        ("GET", "/_license?human=false"),
        ("GET", "/_xpack"),
        ("GET", "/_cluster/health"),
        ("GET", "/_cat/health"),
        ("GET", "/_nodes/http"),
        ("PUT", "/_index_template/ecs-logstash"),
        ("GET", "/_index_template/x"),
        ("HEAD", "/_index_template/x"),
        ("PUT", "/_template/x"),
        ("PUT", "/_component_template/x"),
        ("GET", "/_ilm/policy/filebeat"),
        ("PUT", "/_ilm/policy/filebeat"),
        ("PUT", "/_ingest/pipeline/x"),
        ("HEAD", "/logs-app"),
        ("PUT", "/logs-app"),
        ("GET", "/pino/_refresh"),
        ("GET", "/_alias/x"),
    ],
)
def test_what_clients_set_up_before_they_send_succeeds(door, method, path):
    answer = ask(door, method, path, b"{}" if method in ("PUT", "POST") else b"")
    assert answer.status_code == 200 and answer.headers["x-elastic-product"] == "Elasticsearch"
    if method != "HEAD":
        assert isinstance(answer.json(), dict | list)
    if "_license" in path:
        assert answer.json()["license"]["status"] == "active"


@pytest.mark.parametrize(("method", "path"), [("GET", "/_cat/indices"), ("DELETE", "/_all")])
def test_what_is_not_done_here_gets_an_error_of_their_shape_and_no_wrong_answer(door, method, path):
    answer = ask(door, method, path)
    assert answer.status_code == 400 and answer.json()["status"] == 400 and answer.json()["error"]["root_cause"]


@pytest.mark.parametrize(
    ("method", "path", "token"),
    [
        ("POST", "/i/_search", TOKEN),
        ("GET", "/_search", TOKEN),
        ("POST", "/_msearch", "canh_reader"),
        ("GET", "/i/_count", "canh_reader"),
        ("GET", "/i/_doc/7", "canh_reader"),
        ("GET", "/", "canh_reader"),
        ("GET", "/_cluster/health", "canh_reader"),
    ],
)
def test_reading_is_for_the_web_and_where_that_is_down_it_is_said(door, method, path, token):
    answer = ask(door, method, path, token=token)
    assert answer.status_code == 503 and answer.headers["retry-after"]
    assert answer.json()["error"]["type"] == "no_shard_available_action_exception"
    assert answer.headers["x-elastic-product"] == "Elasticsearch"
    assert ask(door, method, path, token=None).status_code == 401, "nobody is asked for one without a token"


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/_bulk"), ("PUT", "/i/_bulk"), ("POST", "/i/_doc"), ("PUT", "/i/_create/7"), ("GET", "/_license")],
)
def test_what_a_sender_does_never_waits_for_the_web(method, path):
    assert not is_reading(method, path, is_sender=True)


def test_many_at_once_share_a_frame_and_each_learns_its_own_ids(door):
    async def scene():
        bodies = [b'{"create":{}}\n{"n":%d}\n' % number * 3 for number in range(40)]
        answers = await asyncio.gather(*(door.ask("POST", "/_bulk", body) for body in bodies))
        return answers, door.records()

    answers, records = run(door, scene)
    ids = [item["create"]["_id"] for answer in answers for item in answer.json()["items"]]
    assert len(set(ids)) == len(records) == 120
    by_id = {event_id(door.writer.partition, number): record for number, record in enumerate(records, 1)}
    for number, answer in enumerate(answers):
        for item in answer.json()["items"]:
            assert msgspec.json.decode(by_id[item["create"]["_id"]].raw) == {"n": number}


def test_a_client_that_goes_away_leaves_nothing_held(door):
    async def scene():
        async def receive():
            return {"type": "http.disconnect"}

        sent = []

        async def send(message):
            sent.append(message)

        headers = [(b"authorization", f"Bearer {TOKEN}".encode())]
        scope = {"type": "http", "method": "POST", "path": "/_bulk", "headers": headers, "client": None}
        with contextlib.suppress(RuntimeError):
            await door.app(scope, receive, send)
        return sent, door.app._held

    sent, held = run(door, scene)
    assert sent[0]["status"] == 400 and held == 0 and json.loads(sent[1]["body"])["status"] == 400


def test_requests_are_counted_by_their_answer_and_strangers_are_told_of_once_a_minute(door, caplog):
    async def scene():
        await door.ask("POST", "/_bulk", BODY)
        for _ in range(3):
            await door.ask("POST", "/_bulk", BODY, token="canh_ended")
        door.now = NOW + timedelta(minutes=1)
        await door.ask("GET", "/", token=None)
        await door.ask("POST", "/_bulk", b"nonsense")

    run(door, scene)
    assert door.app.counters() == {f"{ANSWERED}|200": 1, f"{ANSWERED}|401": 4, f"{ANSWERED}|400": 1, REPEATED: 0}
    assert [record.getMessage() for record in caplog.records if record.name == "bulk"] == [
        "a sender without a valid key, at 192.0.2.7"
    ] * 2


@pytest.mark.slow
@pytest.mark.parametrize(("count", "size"), [(99_999, 10), (30, 1_000_000), (25_000, 1_200)])
def test_the_largest_requests_are_taken_whole(door, count, size):
    body = b'{"index":{}}\n{"x":"%b"}\n' % (b"y" * size) * count

    async def scene():
        answer = await door.ask("POST", "/_bulk", body)
        return answer, door.reader.last_sequence(door.writer.partition)

    answer, last = run(door, scene)
    assert answer.json()["errors"] is False and last == len(answer.json()["items"]) == count
