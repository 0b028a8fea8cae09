"""Bars: our adapter >= 0.9 of elasticsearch-py's own `streaming_bulk` on the same documents; killed (kill -9) and
started again ten times during a load of 500,000 events, each event is there exactly once.

    python bench/elasticsearch_store.py [--events 60000] [--rounds 3] [--kills 10] [--killed-events 500000]

Method: a real Elasticsearch of its own (`tests/servers/elasticsearch.py`), heap 1 GB. The events are Canh's own: sshd,
FortiGate and web lines as the pipeline makes them. The two ways go in turn, each into an index of its own with the same
template: ours from events, as the pipeline hands them over (2,000 at a time, a commit every 25,000, which refreshes);
the client's from the same documents, made before and held as dictionaries (chunks of 1,000, a refresh at the end). The
best round of each counts. Then a load with kills, as the pipeline works on after `Unavailable`.
"""

import argparse
import json
import random
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from elasticsearch import Elasticsearch
from elasticsearch.helpers import streaming_bulk

from bench.machine import machine
from collectors.normalise.dispatch import normalise_record
from core.errors import Unavailable
from core.event import Event
from core.ports import Search
from core.record import Position, Record
from core.scope import EVERY_UNIT
from store.events.elasticsearch import open_reader, open_writer
from store.events.elasticsearch.document import document_of
from store.events.elasticsearch.template import Names, template
from store.events.settings import StoreSettings
from tests.e2e.product import free_port
from tests.servers.elasticsearch import Server

START = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
PARTITION = "intake.5f0c9a11d2e3"
LINES = (
    "<38>Nov 24 09:12:01 web-{host:02} sshd[{pid}]: Failed password for {user} from 203.0.113.{low} port {port} ssh2",
    "<38>Nov 24 09:12:01 web-{host:02} sshd[{pid}]: Accepted publickey for {user} from 10.0.0.{low} port {port} ssh2",
    '<189>date=2026-11-24 time=09:12:01 devname="FG-{host:02}" devid="FGT60F{pid}" logid="0000000013" type="traffic" '
    'subtype="forward" level="notice" vd="root" srcip=10.0.0.{low} srcport={port} srcintf="lan" dstip=198.51.100.{low} '
    'dstport=443 dstintf="wan1" proto=6 action="close" policyid={host} service="HTTPS" sentbyte={pid} rcvdbyte={port}',
)


def events(count: int, first: int = 1) -> list[Event]:
    """So many of them, of rising sequence."""
    chance, made = random.Random(first), []
    for sequence in range(first, first + count):
        line = LINES[sequence % 3].format(
            host=chance.randrange(40),
            pid=chance.randrange(1000, 60000),
            low=chance.randrange(1, 250),
            port=chance.randrange(1024, 65535),
            user=chance.choice(("root", "admin", "lan", "minh", "oracle")),
        )
        record = Record(
            raw=line.encode(),
            source="syslog/tcp",
            received_at=START + timedelta(milliseconds=sequence),
            unit="province",
            peer="10.0.0.9",
        )
        outcome = normalise_record(Position(PARTITION, sequence), record, UTC)
        made.append(outcome if isinstance(outcome, Event) else outcome.as_event())
    return made


def by_adapter(settings: StoreSettings, made: list[Event]) -> float:
    """Documents a second."""
    begun = time.perf_counter()
    writer = open_writer(settings)
    for start in range(0, len(made), 2000):
        writer.append(made[start : start + 2000])
        if start % 25_000 < 2000:
            writer.commit()
    writer.commit()
    taken = time.perf_counter() - begun
    assert writer.count() == len(made)
    writer.close()
    return len(made) / taken


def by_client(url: str, prefix: str, made: list[Event], documents: list[dict]) -> float:
    """The same."""
    client, names = Elasticsearch(url), Names(prefix)
    client.indices.put_index_template(name=names.events, **template(names))
    begun = time.perf_counter()
    actions = (
        {"_op_type": "create", "_index": names.index_of(event.received), "_id": event.id, "_source": document}
        for event, document in zip(made, documents, strict=True)
    )
    done = sum(accepted for accepted, _ in streaming_bulk(client, actions, chunk_size=1000))
    client.indices.refresh(index=names.every)
    taken = time.perf_counter() - begun
    assert done == len(made) == client.count(index=names.every)["count"]
    client.close()
    return len(made) / taken


def killed(server: Server, count: int, kills: int) -> dict:
    """What is there after a load during which the server was killed so many times."""
    settings = StoreSettings(url=f"elasticsearch+{server.url}", prefix="killed")
    writer, written, done = open_writer(settings), 0, threading.Event()
    deaths = 0

    def kill() -> None:
        nonlocal deaths
        chance = random.Random(3)
        while deaths < kills and not done.wait(chance.uniform(2, 6)):
            server.kill()
            server.start()
            deaths += 1

    killing = threading.Thread(target=kill)
    killing.start()
    waited = 0
    while written < count or deaths < kills:
        batch = events(2000, written + 1)
        while True:
            try:
                writer.append(batch)
                if (written // 2000) % 5 == 4:
                    writer.commit()
                break
            except Unavailable:
                waited += 1
                time.sleep(0.5)
        written += len(batch)
    done.set()
    killing.join()
    while True:
        try:
            writer.commit()
            break
        except Unavailable:
            time.sleep(0.5)
    total = open_reader(settings).count(Search(query=None), EVERY_UNIT)
    return {"events": written, "kills": deaths, "there": total, "waits": waited, "exactly_once": total == written}


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--events", type=int, default=60_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--kills", type=int, default=10)
    options.add_argument("--killed-events", type=int, default=500_000)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), free_port(), heap="1g")
        server.start()
        made = events(asked.events)
        documents = [json.loads(document_of(each)) for each in made]
        ours, theirs = [], []
        for number in range(asked.rounds + 1):
            one = by_adapter(StoreSettings(url=f"elasticsearch+{server.url}", prefix=f"ours{number}"), made)
            other = by_client(server.url, f"theirs{number}", made, documents)
            if number:  # the first warms the server up
                ours.append(one)
                theirs.append(other)
        ratio = max(ours) / max(theirs)
        found = {
            "bench": "elasticsearch_store",
            **machine(),
            "events": asked.events,
            "adapter_per_s": round(max(ours)),
            "streaming_bulk_per_s": round(max(theirs)),
            "ratio": round(ratio, 2),
            "met": ratio >= 0.9,
        }
        if asked.kills:
            found["killed"] = killed(server, asked.killed_events, asked.kills)
        server.stop()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
