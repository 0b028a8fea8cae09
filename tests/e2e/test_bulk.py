"""Real shippers, unmodified, into the running product: each document once, durable before it is acknowledged."""

import http.client
import importlib
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.e2e.cutting_proxy import cutting
from tests.e2e.product import Product, free_port, wait_for

MODULE = Path("/usr/lib/x86_64-linux-gnu/rsyslog/omelasticsearch.so")
DOCUMENTS = 10_000
LINE = "Failed password for root from 203.0.113.%d port 50112 ssh2"


@pytest.fixture
def product(tmp_path):
    """A product whose bulk door is open, with a unit, a sender's key for it, and a key to read by."""
    port = free_port()
    started = Product(tmp_path / "data", CANH_BULK__ENABLED="true", CANH_BULK__PORT=str(port))
    started.bulk_port = port
    try:
        started.start()
        started.command("unit", "import", "--seed", "--apply")
        started.command("account", "create", "--name", "lan", "--role", "administrator", "--invite")
        started.command("service-account", "create", "--name", "web", "--purpose", "x", "--owner", "lan")
        started.sender = token(started, "sender", "--unit", "so-tttt-cds")
        started.token = token(started, "reader")
        yield started
    finally:
        started.kill_everything()


def token(product, role, *more):
    made = product.command("token", "create", "--role", role, "--name", role, "--service-account", "web", *more)
    return next(word for word in made.stdout.split() if word.startswith("canh_"))


def asked(product, query, **more):
    since = {"from": "2026-01-01T00:00:00Z", "to": "2030-01-01T00:00:00Z"}
    return product.api("/api/v1/events?" + urlencode({"query": query, **since, **more}))


def total(product, query):
    return asked(product, query, limit=1)["total"]


def documents(client):
    for number in range(DOCUMENTS):
        yield {
            "_op_type": "create",
            "_index": "logs-app",
            "_id": f"{client}-{number}",
            "@timestamp": "2026-11-24T02:30:00Z",
            "message": LINE % (number % 250),
            "process": {"name": "sshd"},
            "labels.client": client,
            "number": number,
        }


@pytest.mark.slow
@pytest.mark.parametrize("client", ["elasticsearch7", "elasticsearch", "opensearchpy"])
def test_the_python_clients(product, client):
    module, helpers = importlib.import_module(client), importlib.import_module(f"{client}.helpers")
    name = "OpenSearch" if client == "opensearchpy" else "Elasticsearch"
    how = {"http_auth": ("any", product.sender)} if client in ("elasticsearch7", "opensearchpy") else {}
    how = how or {"api_key": product.sender}
    wait_for(lambda: known(product))
    with cutting(product.bulk_port) as proxy:
        ask = getattr(module, name)(
            f"http://127.0.0.1:{proxy.port}", http_compress=client == "elasticsearch", max_retries=5, **how
        )
        assert ask.info()["version"]["number"] == "8.19.0"
        again = {"max_retries": 5, "initial_backoff": 0.2, "raise_on_error": False}
        answers = list(helpers.streaming_bulk(ask, documents(client), chunk_size=500, **again))
        ask.close()
    statuses = Counter(answer["create"]["status"] for _, answer in answers)
    assert statuses == {201: DOCUMENTS - 500, 409: 500}, "those whose answer was cut off were there already"
    assert proxy.cuts == ["reset", "refused"]
    wait_for(lambda: total(product, f"labels.client:{client}") == DOCUMENTS, 60)
    (event,) = asked(product, f"labels.client:{client} number:7", limit=9)["events"]
    assert (event["unit"], event["fields"]["event.action"]) == ("so-tttt-cds", "ssh_login")
    assert event["fields"]["source.ip"] == "203.0.113.7"


def request(product, path, body=None):
    headers = {"Authorization": f"Bearer {product.sender}", "Content-Type": "application/x-ndjson"}
    return urllib.request.Request(f"http://127.0.0.1:{product.bulk_port}{path}", data=body, headers=headers)


def known(product):
    """Whether the intake has heard of the key: that takes a second or two."""
    try:
        return urllib.request.urlopen(request(product, "/")).status == 200
    except urllib.error.HTTPError:
        return False


@pytest.mark.slow
@pytest.mark.skipif(not MODULE.exists(), reason="rsyslog-elasticsearch is not installed")
@pytest.mark.parametrize(
    ("how", "lines"),
    [
        ('searchType="" writeoperation="create" bulkid="name" dynbulkid="on"', DOCUMENTS),
        ("", 2_000),
    ],
)
def test_rsyslog(product, tmp_path, how, lines):
    """With a name for each line it is cut off after the door took them, without one before: else they would be two."""
    port = free_port()
    wait_for(lambda: known(product))
    with cutting(product.bulk_port, cut_before=not how, silent=True) as proxy:
        with rsyslog(tmp_path, port, proxy.port, product.sender, how):
            send(port, range(lines))
            wait_for(lambda: total(product, "host.name:web-01") >= lines, 60)
            time.sleep(2)
            assert total(product, "host.name:web-01 event.action:ssh_login") == lines, "each once, and read"
        assert proxy.cuts == ["reset", "reset"]
    errors = (tmp_path / "errors").read_text() if (tmp_path / "errors").exists() else ""
    assert set(re.findall(r'"status": *(\d+)', errors)) <= {"201", "409"}, "what was there already, and no more"


@contextmanager
def rsyslog(folder, port, door, key, how):
    """rsyslogd that takes lines at `port` and ships them to the door."""
    configuration = folder / "rsyslog.conf"
    configuration.write_text(
        f"""
module(load="imtcp")
module(load="omelasticsearch")
input(type="imtcp" address="127.0.0.1" port="{port}")
template(name="name" type="string" string="%procid%")
template(name="ecs" type="list" option.jsonf="on") {{
  property(outname="@timestamp" name="timereported" dateFormat="rfc3339" format="jsonf")
  property(outname="host.name" name="hostname" format="jsonf")
  property(outname="process.name" name="programname" format="jsonf")
  property(outname="process.pid" name="procid" format="jsonf")
  property(outname="message" name="msg" format="jsonf")
}}
action(type="omelasticsearch" server="127.0.0.1" serverport="{door}" uid="canh" pwd="{key}"
  template="ecs" searchIndex="logs" {how} bulkmode="on" queue.type="linkedlist" queue.size="50000"
  queue.dequeuebatchsize="300" action.resumeretrycount="-1" action.resumeinterval="1" errorfile="{folder}/errors")
""",
        "utf-8",
    )
    running = subprocess.Popen(["rsyslogd", "-n", "-f", str(configuration), "-i", str(folder / "rsyslog.pid")])
    try:
        yield
    finally:
        running.terminate()
        running.wait(20)


def send(port, numbers):
    def connected():
        try:
            return socket.create_connection(("127.0.0.1", port), 2)
        except OSError:
            return None

    lines = [f"<38>Nov 24 09:12:01 web-01 sshd[{number}]: {LINE % (number % 250)}\n" for number in numbers]
    with wait_for(connected) as there:
        there.sendall("".join(lines).encode())


@pytest.mark.slow
def test_what_was_acknowledged_is_there_after_a_kill(product):
    """kill -9 of the intake under load: every document that was acknowledged is found, none twice."""
    wait_for(lambda: known(product))
    acknowledged: list[int] = []
    stop = threading.Event()

    def ship(first):
        number = first
        while not stop.is_set():
            lines = []
            for each in range(number, number + 50):
                lines += [b'{"create":{"_index":"k"}}', json.dumps({"labels.kill": "yes", "number": each}).encode()]
            sent = request(product, "/_bulk", b"\n".join(lines) + b"\n")
            try:
                with urllib.request.urlopen(sent, timeout=20) as answer:
                    if not json.load(answer)["errors"]:
                        acknowledged.extend(range(number, number + 50))
            except (OSError, http.client.HTTPException):  # killed before, or in the middle of, the answer
                time.sleep(0.05)
            number += 50  # whatever became of it, these are not sent again

    threads = [threading.Thread(target=ship, args=(first * 10_000_000,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        time.sleep(1.5)
        before = product.pids()["intake"]
        os.kill(before, signal.SIGKILL)
        wait_for(lambda before=before: product.pids()["intake"] not in (0, before), 30)
    time.sleep(2)
    stop.set()
    for thread in threads:
        thread.join(30)
    assert len(acknowledged) > 1000
    # What was spooled without an answer counts as well, so the number of those that are there says nothing yet.
    wait_for(lambda: product.status()["counters"]["backlog"] == 0, 90, 0.5)
    wait_for(lambda: total(product, "labels.kill:yes") >= len(acknowledged), 20)
    found = set()
    page, count = asked(product, "labels.kill:yes", limit=200), 0
    while True:
        count += len(page["events"])
        found |= {event["fields"]["number"] for event in page["events"]}
        if not page["next"]:
            break
        page = asked(product, "labels.kill:yes", limit=200, before=page["next"])
    assert set(acknowledged) <= found and count == len(found)
