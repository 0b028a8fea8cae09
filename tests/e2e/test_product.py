"""`canh up` as a user meets it: ready, an alert from real input, a clean end."""

import json
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from tests.e2e.product import ROOT, Product, failed_login, free_port, wait_for


def brute_force(product: Product, **search):
    alerts = product.api("/api/v1/alerts")["alerts"]
    return [alert for alert in alerts if "brute force" in alert["rule"]["title"]["en"].lower()]


def test_a_brute_force_becomes_one_explained_alert(product):
    product.send_tcp(*[failed_login(number) for number in range(15)])
    alert = wait_for(lambda: brute_force(product))[0]
    wait_for(lambda: brute_force(product)[0]["count"] == 15)
    detail = product.api(f"/api/v1/alerts/{alert['id']}")
    assert detail["entities"]["source.ip"] == "203.0.113.9"
    assert detail["reason"]["vi"] and detail["reason"]["en"]
    assert "203.0.113.9" in detail["reason"]["vi"]
    assert detail["why"]["kind"] == "correlation"
    originals = [event["original"] for event in detail["events"]]
    assert any("Failed password for root from 203.0.113.9" in original for original in originals)
    assert detail["events"][0]["fields"]["user.name"] == "root"


def test_health_status_and_a_clean_end(product):
    code, health = product.health()
    assert code == 200, health
    status = product.status()
    assert {process["name"] for process in status["processes"]} == {"supervisor", "intake", "pipeline", "web", "jobs"}
    assert {listener["name"] for listener in status["listeners"]} >= {"syslog/udp", "syslog/tcp", "web"}
    product.send_tcp(*[failed_login(number) for number in range(100)])
    wait_for(lambda: product.count("*") == 100)
    wait_for(lambda: product.status()["counters"]["stored"] == 100)
    counters = product.status()["counters"]
    assert (counters["received"], counters["spooled"], counters["backlog"], counters["dropped"]) == (100, 100, 0, {})
    began = time.monotonic()
    assert product.stop() == 0
    assert time.monotonic() - began < 10
    assert all(pid == 0 for pid in product.pids().values())


def test_what_was_stored_is_there_after_a_restart(product):
    product.send_tcp(*[failed_login(number) for number in range(20)])
    wait_for(lambda: product.count("user.name:root") == 20)
    before = brute_force(product)
    assert product.stop() == 0
    product.start()
    assert product.count("user.name:root") == 20
    assert brute_force(product) == before


def test_a_second_canh_on_the_same_data_is_refused(product):
    finished = product.command("up", check=False)
    assert finished.returncode == 2
    assert str(product.pids()["supervisor"]) in finished.stderr


def test_a_taken_port_is_named_with_its_setting(tmp_path, product):
    environment = {**product.environment, "CANH_WEB__PORT": str(free_port())}
    finished = subprocess.run(
        [sys.executable, "-m", "composition.cli", "up", "--data", str(tmp_path / "other")],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 2
    assert "CANH_SYSLOG__PORT" in finished.stderr


def test_an_unknown_setting_is_refused_with_a_suggestion(tmp_path):
    finished = subprocess.run(
        [sys.executable, "-m", "composition.cli", "config", "check", "--data", str(tmp_path)],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "CANH_SYSLOG__PROT": "1", "LANG": "vi_VN.UTF-8"},
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 2
    assert "syslog.port" in finished.stderr
    assert "không có thiết lập" in finished.stderr


def test_the_api_refuses_without_a_token(product):
    for path in ("/api/v1/alerts", "/api/v1/events?query=*", "/api/v1/status"):
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(product.url + path, timeout=10)
        with caught.value as error:
            assert error.code == 401
            assert error.headers["content-type"].startswith("application/problem+json")
            assert json.loads(error.read())["status"] == 401


def test_replay_says_what_became_of_every_record_and_refuses_twice(product, tmp_path):
    file = tmp_path / "auth.log"
    lines = [failed_login(number, source="198.51.100.7").removeprefix(b"<38>") for number in range(300)]
    file.write_bytes(b"\n".join([*lines, b"\x00\xff rubbish nobody can read"]) + b"\n")
    outcome = json.loads(product.command("replay", str(file), "--json").stdout.splitlines()[-1])
    assert (outcome["records"], outcome["stored"], outcome["rejected"]) == (301, 301, 1)
    assert product.count("source.ip:198.51.100.7") == 300
    assert product.count("event.kind:pipeline_error") == 1
    again = product.command("replay", str(file), check=False)
    assert again.returncode == 1
    assert "--again" in again.stderr
    assert product.count("source.ip:198.51.100.7") == 300
    product.command("replay", "--again", str(file))
    assert product.count("source.ip:198.51.100.7") == 600


def test_a_tailed_file_arrives_through_rotation(tmp_path):
    log = tmp_path / "auth.log"
    log.write_bytes(b"".join(failed_login(number).removeprefix(b"<38>") + b"\n" for number in range(10)))
    product = Product(tmp_path / "data", paths=[str(log)])
    try:
        product.start()
        wait_for(lambda: product.count("user.name:root") == 10)
        log.rename(tmp_path / "auth.log.1")
        log.write_bytes(b"".join(failed_login(number).removeprefix(b"<38>") + b"\n" for number in range(10, 25)))
        wait_for(lambda: product.count("user.name:root") == 25)
    finally:
        product.kill_everything()


@pytest.mark.skipif(shutil.which("logger") is None, reason="logger (bsdutils) is not installed")
@pytest.mark.parametrize("framing", [["-d"], ["-T"], ["-T", "--octet-count"], ["-d", "--rfc3164"], ["-T", "--rfc3164"]])
def test_logger_is_understood(product, framing):
    subprocess.run(
        [
            *(
                "logger",
                "-n",
                "127.0.0.1",
                "-P",
                str(product.syslog_port),
                *framing,
                "-t",
                "sshd[77]",
                "-p",
                "auth.info",
            ),
            "Failed password for invalid user thử from 203.0.113.77 port 4022 ssh2",
        ],
        check=True,
    )
    wait_for(lambda: product.count("source.ip:203.0.113.77") == 1)
    assert product.count('user.name:"thu"') == 1


@pytest.mark.skipif(shutil.which("rsyslogd") is None, reason="rsyslog is not installed")
@pytest.mark.parametrize(
    "action",
    [
        'protocol="udp"',
        'protocol="tcp"',
        'protocol="tcp" TCP_Framing="octet-counted"',
        'protocol="tcp" TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format"',
    ],
)
def test_rsyslog_forwards_real_sshd_lines_into_an_alert(product, tmp_path, action):
    log = tmp_path / "auth.log"
    log.touch()
    configuration = tmp_path / "rsyslog.conf"
    configuration.write_text(
        f"""
        global(workDirectory="{tmp_path}")
        module(load="imuxsock" SysSock.Use="off")
        input(type="imuxsock" Socket="{tmp_path}/log.socket" CreatePath="on")
        action(type="omfwd" target="127.0.0.1" port="{product.syslog_port}" {action})
        """
    )
    rsyslog = subprocess.Popen(["rsyslogd", "-n", "-f", str(configuration), "-i", str(tmp_path / "rsyslog.pid")])
    try:
        wait_for(lambda: (tmp_path / "log.socket").exists())
        for number in range(12):
            line = failed_login(number, source="203.0.113.50").decode().partition("sshd")[2].partition(": ")[2]
            subprocess.run(
                ["logger", "-u", str(tmp_path / "log.socket"), "-t", "sshd", "-i", "-p", "auth.info", line], check=True
            )
        alert = wait_for(lambda: brute_force(product))[0]
        assert alert["entities"]["source.ip"] == "203.0.113.50"
        wait_for(lambda: brute_force(product)[0]["count"] == 12)
    finally:
        rsyslog.terminate()
        rsyslog.wait(10)
