"""The event store on a real Elasticsearch that is killed, cut off or says no: each event once, none lost."""

import os
import random
import socket
import threading
import time
from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from elasticsearch import Elasticsearch

from core.errors import QuerySyntaxError, Unavailable
from core.event import Event
from core.ports import Search
from core.record import Position
from core.scope import EVERY_UNIT
from store.events.elasticsearch import open_reader, open_writer
from store.events.elasticsearch.template import Names, mapping, template
from store.events.settings import StoreSettings
from tests.e2e.cutting_proxy import cutting
from tests.e2e.product import free_port
from tests.queries import parse
from tests.servers.elasticsearch import Server

START = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
URL = os.environ.get("CANH_TEST_ELASTICSEARCH_URL", "")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not URL, reason="no Elasticsearch: CANH_TEST_ELASTICSEARCH_URL is not set"),
]


def event(sequence, fields=None, partition="intake.5f0c9a11d2e3"):
    return Event(
        time=START + timedelta(milliseconds=sequence),
        received=START + timedelta(hours=sequence % 40),
        position=Position(partition, sequence),
        unit="province",
        fields={"message": f"line {sequence}", "user.name": "root", **(fields or {})},
        raw=f"line {sequence}".encode(),
    )


@pytest.fixture
def settings(tmp_path):
    return StoreSettings(url=f"elasticsearch+{URL}", prefix=f"f{random.SystemRandom().getrandbits(60):x}")


def at(settings, port):
    return settings.model_copy(update={"url": f"elasticsearch+http://127.0.0.1:{port}"})


def total(reader, query="*"):
    return reader.count(Search(query=parse(query)), EVERY_UNIT)


def commit(writer, events=()):
    """As the pipeline does: what is not taken is handed in again."""
    while True:
        try:
            writer.append(events)
            writer.commit()
            return
        except Unavailable:
            time.sleep(0.2)


@pytest.mark.timeout(600)
def test_a_server_that_is_killed_again_and_again_has_each_event_once(tmp_path):
    server = Server(tmp_path, free_port())
    server.start()
    settings = StoreSettings(url=f"elasticsearch+{server.url}")
    writer, written, stop = open_writer(settings), 0, threading.Event()

    def kill():
        chance = random.Random(5)
        for _ in range(3):
            time.sleep(chance.uniform(1.0, 4.0))
            server.kill()
            server.start()
        stop.set()

    killing = threading.Thread(target=kill)
    killing.start()
    while not stop.is_set():
        commit(writer, [event(number) for number in range(written + 1, written + 501)])
        written += 500
    killing.join()
    commit(writer)
    assert writer.positions() == {"intake.5f0c9a11d2e3": written} and writer.count() == written
    reader = open_reader(settings)
    assert total(reader) == written
    again = open_writer(settings)
    assert again.positions() == {"intake.5f0c9a11d2e3": written}
    assert again.append([event(written), event(written + 1)]) == 1
    again.close()
    assert total(reader) == written + 1
    server.stop()
    with pytest.raises(Unavailable):
        reader.search(Search(query=None), EVERY_UNIT)


def test_an_answer_that_is_cut_off_makes_nothing_twice(settings):
    writer = None
    with cutting(int(URL.rpartition(":")[2])) as proxy:
        writer = open_writer(at(settings, proxy.port))
        for start in range(1, 1001, 100):
            commit(writer, [event(number) for number in range(start, start + 100)])
        assert proxy.cuts == ["reset", "refused"]
        assert writer.count() == 1000
        writer.close()
    assert total(open_reader(settings)) == 1000


def test_what_was_not_committed_is_sent_again_and_is_there_once(settings):
    first = open_writer(settings)
    first.append([event(number) for number in range(1, 6)])
    first._send()  # the process is killed between the bulk request and the positions
    second = open_writer(settings)
    assert second.positions() == {}
    commit(second, [event(number) for number in range(1, 9)])
    assert second.positions() == {"intake.5f0c9a11d2e3": 8} and second.count() == 8
    second.close()


def test_an_index_that_is_not_ours_is_told_at_the_start(settings):
    client = Elasticsearch(URL)
    client.indices.create(
        index=f"{settings.prefix}-events-2026.11.24", mappings={"properties": {"user": {"type": "keyword"}}}
    )
    client.close()
    with pytest.raises(Unavailable, match="does not take Canh's layout"):
        open_writer(settings)


def test_a_document_that_is_refused_goes_without_its_typed_fields_with_the_reason_and_is_found(settings, caplog):
    """The index of the next day is made by somebody else, with a mapping that conflicts with ours."""
    writer = open_writer(settings)
    commit(writer, [event(1)])
    ours = template(Names(settings.prefix))["template"]
    properties = {name: each for name, each in mapping()["properties"].items() if not name.startswith("user.")}
    ours["mappings"] = {**mapping(), "properties": {**properties, "user": {"type": "keyword"}}}
    client = Elasticsearch(URL)
    client.indices.delete_index_template(name=f"{settings.prefix}-events")
    client.indices.create(index=f"{settings.prefix}-events-2026.11.25", **ours)
    odd = [event(number) for number in (22, 23)]  # received on the next day
    commit(writer, odd)
    assert "without its typed fields" in caplog.text
    reader = open_reader(settings)
    assert total(reader, "user.name:root") == 3 and total(reader, '"line 22"') == 1
    assert reader.get(odd[0].id, EVERY_UNIT) == odd[0]
    hit = client.get(index=f"{settings.prefix}-events-2026.11.25", id=odd[0].id)["_source"]
    assert "user" in hit["canh"]["refused"] and "user.name" not in hit
    client.close()
    writer.close()


def test_nobody_there_and_somebody_who_never_answers(settings, monkeypatch):
    monkeypatch.setattr("store.events.elasticsearch.connection.WITHIN_S", 1.0)
    with pytest.raises(Unavailable, match="cannot be reached"):
        open_writer(at(settings, free_port()))
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(Unavailable, match="does not answer"):
            open_reader(at(settings, silent.getsockname()[1])).count(Search(query=None), EVERY_UNIT)


def test_a_query_that_is_too_wide_is_refused_and_says_so(settings):
    writer = open_writer(settings)
    commit(writer, [event(1, {"message": "line " + " ".join(f"pre{number}" for number in range(40_000))})])
    writer.close()
    with pytest.raises(QuerySyntaxError, match="too wide"):
        total(open_reader(settings), 'message:"line pre"*')


@pytest.mark.timeout(300)
def test_with_security_on_by_user_and_by_a_key_with_least_rights(tmp_path):
    server = Server(tmp_path / "es", free_port(), password="bí-mật-123")
    server.start()
    try:
        (tmp_path / "password").write_text("bí-mật-123\n", "utf-8")
        user = StoreSettings(
            url=f"elasticsearch+{server.url}", user="elastic", password_file=tmp_path / "password", prefix="canh"
        )
        writer = open_writer(user)
        commit(writer, [event(1)])
        writer.close()
        client = Elasticsearch(server.url, basic_auth=b64encode("elastic:bí-mật-123".encode()).decode())
        role = {
            "cluster": ["manage_index_templates", "monitor"],
            "indices": [
                {"names": ["canh-*"], "privileges": ["create_index", "write", "read", "view_index_metadata", "manage"]}
            ],
        }
        key = client.security.create_api_key(name="canh", role_descriptors={"canh": role})["encoded"]
        client.close()
        (tmp_path / "key").write_text(key, "utf-8")
        least = StoreSettings(url=user.url, api_key_file=tmp_path / "key")
        writer = open_writer(least)
        assert writer.positions() == {"intake.5f0c9a11d2e3": 1}
        commit(writer, [event(2)])
        writer.close()
        assert total(open_reader(least)) == 2
        (tmp_path / "key").write_text("bm9uZTpub25l", "utf-8")
        with pytest.raises(Unavailable, match="does not allow"):
            open_reader(least).count(Search(query=None), EVERY_UNIT)
        (tmp_path / "key").unlink()
        with pytest.raises(Unavailable):
            open_reader(least)
    finally:
        server.stop()
