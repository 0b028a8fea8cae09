"""Bars (c) and (d): the whole product at 5,000 events/s on two cores, sender to alerts API, memory idle and loaded.

    python bench/whole_path.py [--seconds 600] [--rate 5000] [--probe-rate 1000]

Method: `canh up` as a user starts it, default rules, embedded store, syslog TCP on loopback. A sender (another process,
on the same two cores) writes real sshd and nginx lines at a fixed rate; every two seconds it also sends a burst of ten
failed log-ins from an address never used before and polls `/api/v1/alerts` until that address has its alert: the time
from before the first byte of the burst is sent to the answer that shows it is one latency sample. Backlog and resident
memory are read from `canh status`. Equal results: at the end every line sent is counted in the store, and every burst
has its alert with the right count.
"""

import argparse
import json
import multiprocessing
import socket
import sys
import tempfile
import time
from multiprocessing.synchronize import Event as Signal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.machine import machine
from tests.e2e.product import Product, wait_for

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36"


def send(port: int, rate: int, seconds: float, sent, stop: Signal) -> None:
    """`rate` lines a second in 50 ms portions; falls behind honestly when the other side pushes back."""
    connection = socket.create_connection(("127.0.0.1", port))
    portion = max(1, rate // 20)
    began = time.monotonic()
    number = 0
    while not stop.is_set() and (elapsed := time.monotonic() - began) < seconds:
        due = int(elapsed * rate)
        while number < due:
            lines = [line(number + offset) for offset in range(portion)]
            connection.sendall(b"".join(lines))
            number += portion
        sent.value = number
        time.sleep(0.01)
    connection.close()


def line(number: int) -> bytes:
    """Four kinds of lines a small province sends most, every one different."""
    stamp = time.strftime("%b %e %H:%M:%S", time.gmtime(time.time() + 7 * 3600))
    kind = number % 10
    user = f"user{number % 500}"
    head = f"{stamp} host-{number % 40:02d}"
    sshd = f"<38>{head} sshd[{number % 32000}]:"
    if kind < 4:
        peer = f"10.{number % 200}.{number % 250}.9 port {1024 + number % 60000}"
        text = f"{sshd} Accepted publickey for {user} from {peer} ssh2: ED25519 SHA256:{number:043d}"
    elif kind < 6:
        text = f"{sshd} pam_unix(sshd:session): session opened for user {user}(uid=1000) by (uid=0)"
    elif kind < 9:
        apache = time.strftime("%d/%b/%Y:%H:%M:%S +0700", time.gmtime(time.time() + 7 * 3600))
        request = f"GET /dich-vu/{number % 5000}?ma={number} HTTP/1.1"
        text = (
            f"<190>{stamp} web-{number % 9} nginx: 10.9.{number % 250}.{number % 199} - - [{apache}] "
            f'"{request}" 200 {number % 9000} "-" "{BROWSER}"'
        )
    else:
        text = f"<30>{head} systemd[1]: Started session {number} of user {user}."
    return text.encode() + b"\n"


def probe(product: Product, number: int) -> tuple[bytes, float]:
    """Send ten failures from a fresh address; seconds until the alerts API shows its alert."""
    source = f"203.{number >> 8 & 255}.{number & 255}.{1 + number % 250}"
    stamp = time.strftime("%b %e %H:%M:%S", time.gmtime(time.time() + 7 * 3600))
    failed = f"Failed password for root from {source}"
    burst = "".join(
        f"<38>{stamp} gate sshd[{attempt}]: {failed} port {4000 + attempt} ssh2\n" for attempt in range(10)
    ).encode()
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", product.syslog_port)) as connection:
        connection.sendall(burst)
    while time.monotonic() - began < 60:
        alerts = product.api("/api/v1/alerts?limit=20")["alerts"]
        if any(alert["entities"].get("source.ip") == source and alert["count"] >= 10 for alert in alerts):
            return source.encode(), time.monotonic() - began
        time.sleep(0.05)
    return source.encode(), float("inf")


def memory(product: Product) -> float:
    """Resident MB of all processes together."""
    return sum(process["rss"] for process in product.status()["processes"]) / 2**20


def load(product: Product, rate: int, seconds: float, first_probe: int) -> dict[str, object]:
    """One steady load with probes; what it did to latency, backlog and memory."""
    sent = multiprocessing.Value("q", 0)
    stop = multiprocessing.Event()
    sender = multiprocessing.Process(target=send, args=(product.syslog_port, rate, seconds, sent, stop))
    sender.start()
    began = time.monotonic()
    latencies: list[float] = []
    backlogs: list[tuple[float, int]] = []
    resident: list[float] = []
    number = first_probe
    while sender.is_alive():
        latencies.append(probe(product, number)[1])
        number += 1
        status = product.status()
        backlogs.append((time.monotonic() - began, status["counters"]["backlog"]))
        resident.append(sum(process["rss"] for process in status["processes"]) / 2**20)
        time.sleep(max(0.0, 2.0 - latencies[-1]))
    sender.join()
    elapsed = time.monotonic() - began
    ordered = sorted(latencies)
    half = len(backlogs) // 2
    return {
        "rate_asked": rate,
        "rate_sent": round(sent.value / elapsed),
        "seconds": round(elapsed),
        "sent": sent.value,
        "probes": len(latencies),
        "latency_p50_s": round(ordered[len(ordered) // 2], 2),
        "latency_p99_s": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))], 2),
        "latency_max_s": round(ordered[-1], 2),
        "backlog_mean_first_half": round(sum(b for _, b in backlogs[:half]) / max(1, half)),
        "backlog_mean_second_half": round(sum(b for _, b in backlogs[half:]) / max(1, len(backlogs) - half)),
        "backlog_max": max(b for _, b in backlogs),
        "rss_max_mb": round(max(resident)),
    }


def main() -> None:
    """Idle memory, then the probe rate, then the full rate; one JSON line at the end."""
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=float, default=600)
    options.add_argument("--rate", type=int, default=5000)
    options.add_argument("--probe-rate", type=int, default=1000)
    options.add_argument("--probe-seconds", type=float, default=120)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=Path(__file__).resolve().parents[1]) as folder:
        product = Product(Path(folder) / "data")
        try:
            product.start()
            time.sleep(10)
            idle = memory(product)
            slow = load(product, asked.probe_rate, asked.probe_seconds, 0)
            fast = load(product, asked.rate, asked.seconds, 1000)
            total = int(slow["sent"]) + int(fast["sent"]) + 10 * (int(slow["probes"]) + int(fast["probes"]))  # type: ignore[call-overload]
            wait_for(lambda: product.count("*") >= total, 120, 1.0)
            result = {
                "bench": "whole_path",
                **machine(),
                "idle_rss_mb": round(idle),
                "at_probe_rate": slow,
                "at_full_rate": fast,
                "lines_sent": total,
                "events_in_store": product.count("*"),
                "counters": product.status()["counters"],
            }
        finally:
            product.kill_everything()
    print(json.dumps(result, indent=1))
    assert result["events_in_store"] == total
    assert result["counters"]["alerts"] == int(slow["probes"]) + int(fast["probes"])


if __name__ == "__main__":
    main()
