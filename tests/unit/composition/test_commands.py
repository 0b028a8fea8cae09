"""The commands that need no server, called as the command line calls them."""

import gzip
import io
import json
import os
import sys
from pathlib import Path

import pytest

from composition import texts
from composition.cli import build_parser, main
from composition.commands.hunt import split_paths
from tests.house.source import ROOT

FAILED = b"Nov 24 09:12:01 web-01 sshd[812]: Failed password for root from 203.0.113.9 port 50112 ssh2\n"
RULE = """
title: Failed SSH log-in
id: 5f3d7f6a-2f0e-4b77-9a43-6f4a1a0c1d01
name: failed_ssh
logsource: {product: linux, service: sshd}
detection:
  failed: {event.action: ssh_login, event.outcome: failure}
  condition: failed
level: low
---
title: Many failed SSH log-ins
id: 5f3d7f6a-2f0e-4b77-9a43-6f4a1a0c1d02
correlation:
  type: event_count
  rules: [failed_ssh]
  group-by: [source.ip]
  timespan: 5m
  condition: {gte: 3}
level: high
"""


def canh(tmp_path: Path, *arguments: str) -> int:
    return main([*arguments, "--data", str(tmp_path / "data")])


def rows(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_parse_gives_a_line_per_record(tmp_path, capsys):
    file = tmp_path / "auth.log"
    file.write_bytes(FAILED + b"\x00\xff rubbish nobody can read\n\n" + FAILED)
    assert canh(tmp_path, "parse", str(file)) == 0
    first, second, third = rows(capsys.readouterr().out)
    assert (first["user.name"], first["source.ip"], first["source.port"]) == ("root", "203.0.113.9", 50112)
    assert first["event.original"] == third["event.original"] == FAILED.decode().strip()
    assert second["rejected"] == "normalise"
    assert second["reason"] and second["event.kind"] == "pipeline_error"
    assert second["event.original"] == "\x00\\xff rubbish nobody can read"


def test_parse_reads_standard_input_and_compressed_files(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(FAILED)))
    assert canh(tmp_path, "parse") == 0
    assert rows(capsys.readouterr().out)[0]["user.name"] == "root"
    packed = tmp_path / "auth.log.gz"
    packed.write_bytes(gzip.compress(FAILED * 3))
    assert canh(tmp_path, "parse", str(packed)) == 0
    assert len(rows(capsys.readouterr().out)) == 3
    packed.write_bytes(gzip.compress(FAILED * 3)[:-6])
    with pytest.raises(SystemExit) as ended:
        canh(tmp_path, "parse", str(packed))
    assert ended.value.code == 2
    assert "auth.log.gz" in capsys.readouterr().err


def test_an_unknown_format_or_file_is_refused(tmp_path, capsys):
    for arguments in (["parse", "--format", "sshdd", "-"], ["parse", str(tmp_path / "no.log")]):
        with pytest.raises(SystemExit) as ended:
            canh(tmp_path, *arguments)
        assert ended.value.code == 2
    assert "fortigate" in capsys.readouterr().err


def test_hunt_tells_matches_and_correlations(tmp_path, capsys):
    rule = tmp_path / "rules" / "ssh.yml"
    rule.parent.mkdir()
    rule.write_text(RULE)
    log = tmp_path / "auth.log"
    log.write_bytes(b"Nov 24 09:12:00 web-01 sshd[812]: Server listening on 0.0.0.0 port 22.\n" + FAILED * 4)
    assert canh(tmp_path, "hunt", "--rules", str(rule.parent), str(log)) == 0
    told = rows(capsys.readouterr().out)
    matches, correlations = told[:4], told[4:]
    assert [row["record"] for row in matches] == [2, 3, 4, 5]
    assert {row["title"] for row in matches} == {"Failed SSH log-in"}
    assert {(row["file"], row["level"]) for row in matches} == {(str(log), "low")}
    (row,) = correlations
    assert (row["group"], row["count"], row["level"]) == ({"source.ip": "203.0.113.9"}, 4, "high")
    assert row["first"] == row["last"] == matches[0]["time"]
    log.write_bytes(FAILED.replace(b"Failed", b"Accepted"))
    assert canh(tmp_path, "hunt", str(log), "--rules", str(rule)) == 1
    assert capsys.readouterr().out == ""


def test_a_log_whose_name_is_no_utf8(tmp_path, capsys):
    rule, log = tmp_path / "ssh.yml", tmp_path / os.fsdecode(b"\xff.log")
    rule.write_text(RULE)
    log.write_bytes(FAILED)
    assert canh(tmp_path, "parse", str(log)) == 0
    assert rows(capsys.readouterr().out)[0]["user.name"] == "root"
    assert canh(tmp_path, "hunt", "--rules", str(rule), str(log)) == 0
    assert [row["file"] for row in rows(capsys.readouterr().out)] == [f"{tmp_path}/\\xff.log"]
    log.unlink()
    for arguments in (["parse", str(log)], ["hunt", "--rules", str(rule), str(log)]):
        with pytest.raises(SystemExit):
            canh(tmp_path, *arguments)
        assert rf"{tmp_path}/\xff.log" in capsys.readouterr().err


def test_a_rule_file_whose_name_is_no_utf8_is_checked(tmp_path, capsys):
    rule = tmp_path / os.fsdecode(b"\xff.yml")
    rule.write_text("title: no detection\nlogsource: {product: linux}\n")
    assert canh(tmp_path, "rule", "lint", str(rule)) == 1
    assert rf"{tmp_path}/\xff.yml:" in capsys.readouterr().out


def test_hunt_without_rules_or_files_is_refused(tmp_path, capsys):
    (tmp_path / "auth.log").write_bytes(FAILED)
    (tmp_path / "bad.yml").write_text("title: no detection\nlogsource: {product: linux}\n")
    for arguments in (["--rules", str(tmp_path / "bad.yml"), str(tmp_path / "auth.log")], ["--rules", str(tmp_path)]):
        with pytest.raises(SystemExit) as ended:
            canh(tmp_path, "hunt", *arguments)
        assert ended.value.code == 2
    assert "bad.yml" in capsys.readouterr().err


def test_rule_paths_and_files_are_told_apart(tmp_path):
    folder, rule, log = tmp_path / "rules", tmp_path / "a.yml", tmp_path / "auth.log"
    folder.mkdir()
    assert split_paths([folder, rule, log], []) == ([folder, rule], [log])
    assert split_paths([folder], [log]) == ([folder], [log])


def test_our_own_rules_pass_their_own_check(tmp_path, capsys):
    assert canh(tmp_path, "rule", "lint") == 0
    assert canh(tmp_path, "rule", "test") == 0
    assert "24 passed, 0 failed" in capsys.readouterr().err


def test_a_command_that_needs_data_says_what_to_do(tmp_path, capsys):
    for arguments in (["status"], ["alert", "list"], ["token", "create", "--role", "reader", "--name", "x"]):
        with pytest.raises(SystemExit) as ended:
            canh(tmp_path, *arguments)
        assert ended.value.code == 2
    assert "canh up" in capsys.readouterr().err


def test_every_command_takes_data_and_config():
    readme = (ROOT / "README.md").read_text("utf-8")
    commands = [["up"], ["status"], ["replay", "f"], ["parse"], ["hunt", "--rules", "r", "f"]]
    commands += [["event", "search", "q"], ["event", "count", "q"], ["alert", "list"], ["alert", "show", "1"]]
    commands += [
        ["rule", "lint"],
        ["rule", "test"],
        ["config", "check"],
        ["token", "create", "--role", "reader", "--name", "n"],
    ]
    for command in commands:
        options = build_parser().parse_args([*command, "--data", "d", "--config", "c"])
        assert (str(options.data), str(options.config)) == ("d", "c")
        assert f"canh {command[0]}" in readme


def test_json_for_a_terminal_obeys_nobody_and_reads_back():
    hostile = {"a": "\x9b31m \x7f \u202e đăng nhập \U000e0041"}
    text = texts.printable_json(hostile)
    assert text.isprintable()
    assert "đăng nhập" in text
    assert json.loads(text) == hostile == json.loads(texts.printable_json(hostile, indent=2))


def test_times_before_now_may_follow_from(tmp_path, capsys):
    (tmp_path / "data").mkdir()
    assert canh(tmp_path, "event", "count", "*", "--from", "-24h", "--to", "-1h") == 0
    assert capsys.readouterr().out.split()[-1] == "0"
    with pytest.raises(SystemExit) as ended:
        canh(tmp_path, "event", "count", "*", "--from", "-999999w")
    assert ended.value.code == 2


def test_config_show_hides_the_password(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("CANH_DATABASE", "postgresql+psycopg://canh:bi-mat@db.example/canh")
    assert canh(tmp_path, "config", "show") == 0
    shown = capsys.readouterr().out
    assert "canh:***@db.example" in shown
    assert "bi-mat" not in shown
    monkeypatch.setenv("CANH_DATABASE", "postgresql://db.example/canh?user=canh&password=bi-mat&sslmode=require")
    assert canh(tmp_path, "config", "show") == 0
    shown = capsys.readouterr().out
    assert "user=canh&password=***&sslmode=require" in shown
    assert "bi-mat" not in shown


def test_a_missing_rule_path_is_named(tmp_path, capsys):
    (tmp_path / "auth.log").write_bytes(FAILED)
    with pytest.raises(SystemExit) as ended:
        canh(tmp_path, "hunt", "--rules", str(tmp_path / "nope"), str(tmp_path / "auth.log"))
    assert ended.value.code == 2
    assert "nope" in capsys.readouterr().err
