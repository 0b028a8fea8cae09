"""The commands that read or change a data folder, called as the command line calls them."""

import io
import json
import os
import re
import sqlite3
import sys

import pytest

from composition import texts
from composition.cli import main
from composition.commands import replay
from composition.commands.up import _prepare_folder
from core import clock
from core.record import Record
from core.scope import EVERY_UNIT
from org.account import prove_password
from org.actor import Actor
from org.first_run import ensure_first_run, set_administrator
from store import db
from tests.pipeline_work import NOW, Work, failures

pytestmark = pytest.mark.slow

HOSTILE = "\x1b]0;owned\x07"
PASSWORD = "một câu đủ dài để nhớ"
ANOTHER = "câu khác hẳn, dài không kém"


@pytest.fixture
def data(tmp_path):
    """Forty failed log-ins of one attacker, one of them with a hostile name, and an administrator."""
    (tmp_path / "data").mkdir()
    work = Work(tmp_path / "data")
    hostile = failures(0, 1)[0].raw.replace(b"root", f"ro{HOSTILE}ot".encode())
    record = Record(raw=hostile, source="syslog/tcp", received_at=NOW, unit="province")
    work.spool("intake", [record, *failures(1, 40)])
    work.turn_until_committed()
    work.stop()
    with db.session(work.engine, EVERY_UNIT) as session:
        secret = ensure_first_run(session, NOW)
        assert isinstance(set_administrator(session, secret, "Lan", PASSWORD, NOW), Actor)
    work.engine.dispose()
    return tmp_path / "data"


def canh(data, *arguments):
    try:
        return main([*arguments, "--data", str(data)])
    except SystemExit as ended:
        return ended.code


@pytest.fixture
def in_vietnamese(monkeypatch):
    monkeypatch.setenv("LC_ALL", "vi_VN.UTF-8")


def test_an_alert_is_a_page_on_a_terminal_and_json_elsewhere(data, capsys, monkeypatch):
    assert canh(data, "alert", "list", "--json") == 0
    number = str(json.loads(capsys.readouterr().out.splitlines()[0])["number"])
    assert canh(data, "alert", "show", number) == 0
    whole = json.loads(capsys.readouterr().out)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert canh(data, "alert", "show", number, "--json") == 0
    assert json.loads(capsys.readouterr().out) == whole
    assert canh(data, "alert", "show", number) == 0
    page = capsys.readouterr().out
    assert all(line.isprintable() for line in page.splitlines())
    assert "\\x1b]0;owned\\x07" in page, "the hostile line is shown, its control characters written out"
    for part in (whole["rule"]["title"]["en"], whole["reason"]["en"], f"x{whole['count']}", "203.0.113.9", "Medium"):
        assert part in page
    # the tree of the rule below the correlation, with the values as they were
    assert "Counted 40, threshold" in page
    assert "event.outcome is failure  (actual value: failure)" in page
    assert page.count("Failed password for") == len(whole["events"])
    assert "2026-11-24 09:30:00" in page, "times in the configured zone"
    assert canh(data, "alert", "show", f"9999{HOSTILE}") == 1
    assert HOSTILE not in capsys.readouterr().err


def test_an_alert_is_shown_in_vietnamese(data, capsys, monkeypatch, in_vietnamese):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert canh(data, "alert", "show", "1") == 0
    page = capsys.readouterr().out
    assert "Vì sao có cảnh báo này" in page
    assert "giá trị thực" in page
    assert "Why" not in page


def test_the_status_is_told_in_the_language_of_the_terminal(data, capsys, monkeypatch):
    assert canh(data, "status") == 1
    english = capsys.readouterr().out
    monkeypatch.setenv("LC_ALL", "vi_VN.UTF-8")
    assert canh(data, "status") == 1
    vietnamese = capsys.readouterr().out
    assert [line.split()[-1] for line in english.splitlines() if line.startswith("Spooled")] == ["40"]
    assert [line.split()[-1] for line in vietnamese.splitlines() if line.startswith("Vào hàng đợi")] == ["40"]
    assert "Stopped" in english and "Đã dừng" in vietnamese and "Stopped" not in vietnamese


def test_a_field_that_nobody_knows_is_pointed_out(data, capsys):
    assert canh(data, "event", "search", "sorce.ip:203.0.113.9") == 1
    assert "source.ip" in capsys.readouterr().err
    assert canh(data, "event", "count", "source.ip:203.0.113.9") == 0
    said = capsys.readouterr()
    assert (said.out, said.err) == ("40\n", "")


def test_an_answer_that_is_not_whole_says_so(data, capsys):
    (day,) = (path for path in (data / "events").iterdir() if path.is_dir())
    for store in day.glob("*.store"):
        store.write_bytes(store.read_bytes()[:10])
    for verb in ("search", "count"):
        canh(data, "event", verb, "*")
        said = capsys.readouterr()
        assert "2026-11-24" in said.err and "not whole" in said.err
        assert "not whole" not in said.out
    canh(data, "event", "count", "*", "--from", "2027-01-01")
    assert "not whole" not in capsys.readouterr().err, "the damaged day lies outside of the question"


@pytest.mark.parametrize("limit", ["-1", "0", "1000001", "9" * 30, "many", "1.5", "１"])
def test_a_limit_that_is_none_is_refused_with_a_sentence(data, capsys, limit):
    assert canh(data, "event", "search", "*", f"--limit={limit}") == 2
    assert "a whole number from 1 to 1000000" in capsys.readouterr().err
    assert canh(data, "alert", "list", f"--limit={limit}") == 2


def test_a_limit_above_a_page_is_kept(data, capsys, monkeypatch):
    monkeypatch.setattr("composition.commands.event.PAGE", 7)
    for limit, shown in ((1, 1), (7, 7), (16, 16), (100, 40)):
        assert canh(data, "event", "search", "*", "--limit", str(limit)) == 0
        assert len(capsys.readouterr().out.splitlines()) == shown


def test_a_range_that_ends_before_it_begins_is_refused(data, capsys):
    for verb in ("search", "count"):
        assert canh(data, "event", verb, "*", "--from", "-1h", "--to", "-2h") == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert "--to (-2h) is before --from (-1h)" in said.err


def test_a_number_that_no_token_can_have_is_refused(data, capsys):
    assert canh(data, "token", "revoke", "9" * 30) == 2
    assert "whole number" in capsys.readouterr().err
    assert canh(data, "token", "revoke", "999999999") == 2


def test_the_name_of_a_valid_token_is_not_given_twice(data, capsys):
    create = ("token", "create", "--role", "reader", "--name", "bảng theo dõi")
    assert canh(data, *create) == 0
    assert capsys.readouterr().out.split()[-1].startswith("canh_")
    assert canh(data, *create) == 2
    said = capsys.readouterr()
    assert said.out == "" and "number 1" in said.err
    assert canh(data, "token", "revoke", "1") == 0
    assert canh(data, *create) == 0


def test_a_forgotten_password_is_replaced(data, capsys, monkeypatch):
    def type_in(text):
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))

    type_in(f"{ANOTHER}\n")
    assert canh(data, "account", "reset-password", "lan") == 0
    said = capsys.readouterr()
    assert ANOTHER not in said.out + said.err
    engine = db.open_engine(f"sqlite:///{data / 'canh.db'}")
    with db.session(engine, EVERY_UNIT) as session:
        assert isinstance(prove_password(session, "lan", ANOTHER, clock.now()), Actor)
    engine.dispose()
    for name, typed, word in (
        ("lan", "short\n", "needs 8"),
        ("lan", "", "needs 8"),
        (f"x{HOSTILE}", f"{ANOTHER}\n", "Lan"),
    ):
        type_in(typed)
        assert canh(data, "account", "reset-password", name) == 2
        said = capsys.readouterr().err
        assert word in said and HOSTILE not in said


def test_a_lost_factor_is_taken_away(data, capsys):
    assert canh(data, "account", "remove-factor", "lan") == 0
    assert "lan" in capsys.readouterr().out
    assert canh(data, "account", "remove-factor", f"x{HOSTILE}") == 2
    assert HOSTILE not in capsys.readouterr().err


def test_a_password_typed_at_a_terminal_is_typed_twice(data, capsys, monkeypatch):
    typed = [ANOTHER, ANOTHER, ANOTHER, "something else"]
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda prompt: typed.pop(0))
    assert canh(data, "account", "reset-password", "Lan") == 0
    assert canh(data, "account", "reset-password", "Lan") == 2
    assert "not the same" in capsys.readouterr().err


READING = [
    ("status",),
    ("alert", "list"),
    ("alert", "show", "1"),
    ("event", "search", "*"),
    ("event", "count", "*"),
    ("token", "list"),
]


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_what_the_data_folder_is_instead_is_said(tmp_path, capsys, command):
    missing, file, never = tmp_path / "nope", tmp_path / "file", tmp_path / "never"
    file.touch()
    never.mkdir()
    assert canh(missing, *command) == 2
    assert f"no data folder {missing}" in capsys.readouterr().err
    assert not missing.exists(), "looking makes nothing"
    assert canh(file, *command) == 2
    assert f"{file} cannot be used: not a directory" in capsys.readouterr().err
    if command[0] != "event":
        assert canh(never, *command) == 2
        assert f"never run on the folder {never}" in capsys.readouterr().err


def test_a_folder_that_cannot_be_entered_is_said_to_be_that(tmp_path, capsys):
    (tmp_path / "loop").symlink_to("loop")
    for command in (*READING, ("up",)):
        assert canh(tmp_path / "loop", *command) == 2
        said = capsys.readouterr().err
        assert str(tmp_path / "loop") in said and "cannot be read" in said and "symbolic links" in said


def prepared(folder):
    try:
        _prepare_folder(folder)
    except SystemExit as ended:
        return ended.code
    return 0


def test_up_closes_its_data_folder_to_others(tmp_path, capsys):
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    (folder / "canh.toml").touch()
    folder.chmod(0o755)
    assert prepared(folder) == 0
    assert folder.stat().st_mode & 0o7777 == 0o700
    assert "0755" in capsys.readouterr().err
    folder.chmod(0o750)
    (folder / "notes.txt").touch()
    assert prepared(folder) == 0, "it is known as ours by its spool"
    assert folder.stat().st_mode & 0o7777 == 0o700
    capsys.readouterr()
    assert prepared(folder) == 0
    assert capsys.readouterr().err == ""


def test_up_leaves_a_folder_alone_that_is_not_its_own(tmp_path, capsys):
    home = tmp_path / "home"
    home.mkdir()
    (home / "letters").mkdir()
    home.chmod(0o755)
    assert prepared(home) == 2
    assert "0755" in capsys.readouterr().err
    assert home.stat().st_mode & 0o7777 == 0o755
    assert [path.name for path in home.iterdir()] == ["letters"]
    home.chmod(0o700)
    assert prepared(home) == 0, "nobody else may enter"


def test_up_refuses_the_folder_of_another_account(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert prepared(tmp_path) == 2
    assert "belongs to account number" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_up_says_where_no_folder_can_be(tmp_path, capsys):
    (tmp_path / "file").touch()
    for path, reason in (
        (tmp_path / "file", "not a directory"),
        (tmp_path / "file" / "data", "not a directory"),
        ("/proc/nope", "folders cannot be made in this place"),
    ):
        assert canh(path, "up") == 2
        assert f"The data folder {path} cannot be used: {reason}" in capsys.readouterr().err


def test_no_command_asks_in_vain(data, capsys, monkeypatch):
    """What `org.access` denies the operator, no command does."""
    monkeypatch.setattr("org.access.ALLOWED", {})
    before = sqlite3.connect(data / "canh.db").execute("select count(*) from token").fetchone()
    for command in (
        *READING,
        ("token", "create", "--role", "reader", "--name", "x"),
        ("token", "revoke", "1"),
        ("account", "reset-password", "lan"),
        ("replay", str(data / "canh.db")),
    ):
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{ANOTHER}\n"))
        assert canh(data, *command) == 2, command
        said = capsys.readouterr()
        assert "may not" in said.err and said.out == "", command
    assert sqlite3.connect(data / "canh.db").execute("select count(*) from token").fetchone() == before


def test_words_of_argparse_are_translated(data, capsys, in_vietnamese):
    for arguments, word in (
        (["event", "search"], "thiếu các tham số: TRUY_VẤN"),
        (["evnt"], "không có lựa chọn 'evnt'"),
        (["alert", "list", "--state", "x"], "không có lựa chọn 'x'"),
        (["status", "--jsonn"], "không hiểu các tham số: --jsonn"),
        (["status", "--config"], "cần một giá trị"),
        (["hunt", "--rules"], "cần ít nhất một giá trị"),
        (["status", "--json=x"], "không nhận giá trị 'x'"),
        (["event", "search", "*", "--limit", "0"], "phải là số nguyên từ 1 đến 1000000"),
    ):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 2
        said = capsys.readouterr().err
        assert said.startswith("cách dùng: canh") and ": lỗi: " in said and word in said
    with pytest.raises(SystemExit) as ended:
        main(["token", "create", "--help"])
    said = capsys.readouterr().out
    assert ended.value.code == 0
    assert "tùy chọn:" in said and "hiện phần trợ giúp này" in said and texts.language() == "vi"
    assert "options" not in said and "show this" not in said


def test_a_file_whose_name_is_no_utf8_is_replayed(data, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(replay, "WITHOUT_PIPELINE_S", 0)
    log = tmp_path / os.fsdecode(b"\xff.log")
    log.write_bytes(b"one\ntwo\n")
    assert canh(data, "replay", "--json", str(log)) == 0
    outcome = json.loads(capsys.readouterr().out)
    assert (outcome["file"], outcome["records"]) == (rf"{tmp_path}/\xff.log", 2)
    assert canh(data, "replay", "--json", str(log)) == 1
    assert rf"{tmp_path}/\xff.log" in capsys.readouterr().err


ROWS = """code,event,date,name,parent,into,decision,decided
tinh,established,2004-01-01,Tỉnh,,,1,
xa-a,established,2025-07-01,Xã A,tinh,,1,
"""


@pytest.fixture
def units_file(tmp_path):
    path = tmp_path / "units.csv"
    path.write_text(ROWS, "utf-8")
    return path


def test_units_are_previewed_taken_and_listed(data, capsys, units_file):
    assert canh(data, "unit", "import", str(units_file)) == 0
    assert "nothing is written" in capsys.readouterr().out
    assert canh(data, "unit", "show", "xa-a") == 1
    assert canh(data, "unit", "import", str(units_file), "--apply", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["applied"] is True and [fact["unit"] for fact in said["added"]] == ["tinh", "xa-a"]
    assert canh(data, "unit", "list", "--json") == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"code": "xa-a", "name": "Xã A", "depth": 1, "parent": "tinh"} in rows
    assert canh(data, "unit", "list", "--on", "2025-06-30") == 0
    assert "Xã A" not in capsys.readouterr().out
    assert canh(data, "unit", "show", "xa-a") == 0
    assert "2025-07-01  Established: Xã A, below tinh  (1)" in capsys.readouterr().out
    assert canh(data, "unit", "list", "--on", "yesterday") == 2


def test_a_row_that_is_refused_is_named_and_nothing_is_taken(data, capsys, units_file):
    units_file.write_text(ROWS + f"xa-b,established,2025-07-01,={HOSTILE},,,1,\n", "utf-8")
    assert canh(data, "unit", "import", str(units_file), "--apply") == 1
    said = capsys.readouterr()
    assert "line 4, REFUSED: the cell “name” is a formula" in said.err and HOSTILE not in said.err
    assert "Written" not in said.out
    assert canh(data, "unit", "show", "xa-a") == 1


@pytest.mark.parametrize("arguments", [(), ("a.csv", "--seed"), ("no-such-file.csv",)])
def test_one_file_of_units_must_be_named(data, arguments):
    assert canh(data, "unit", "import", *arguments) == 2


POSTS = """code,event,date,unit,name,kind,person,subject,receiver,phone,decision
lan,person,2024-01-01,tinh,Trần Lan,,,,,0901000001,
minh,person,2024-01-01,tinh,Lê Minh,,,,,,
gd,established,2024-01-01,tinh,Giám đốc,director,,,,,1
gd,appointed,2024-02-01,,,,lan,,,,2
gd,delegated,2024-03-01,,,,,sign_report,minh,,3
"""


def test_posts_are_previewed_taken_and_asked_who_may_sign(data, capsys, units_file, tmp_path):
    path = tmp_path / "posts.csv"
    path.write_text(POSTS, "utf-8")
    assert canh(data, "post", "import", str(path)) == 1
    assert "line 2, REFUSED: there is no unit “tinh”" in capsys.readouterr().err
    canh(data, "unit", "import", str(units_file), "--apply")
    assert canh(data, "post", "who-may-sign", "sign_report") == 1
    assert "there is no post of a director" in capsys.readouterr().err
    assert canh(data, "post", "import", str(path)) == 0
    said = capsys.readouterr().out
    assert "nothing is written" in said and "+ gd  2024-02-01  lan is appointed to gd  (2)" in said
    assert canh(data, "post", "show", "gd") == 1 == canh(data, "person", "show", "lan")
    assert canh(data, "post", "import", str(path), "--apply", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["applied"] is True and [fact["type"] for fact in said["added"]][2:4] == ["established", "appointed"]
    assert canh(data, "post", "list") == 0
    assert "Giám đốc  [gd]  Tỉnh: Trần Lan" in capsys.readouterr().out
    assert canh(data, "post", "show", "gd") == 0
    assert "lan is appointed to gd" in capsys.readouterr().out
    assert canh(data, "person", "list", "--json") == 0
    lan, _ = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (lan["name"], lan["phone"], lan["posts"]) == ("Trần Lan", "0901000001", ["gd"])
    assert canh(data, "person", "show", "lan") == 0 and canh(data, "person", "show", "ghost") == 1
    assert "0901000001" in capsys.readouterr().out
    assert canh(data, "post", "who-may-sign", "sign_report", "--json") == 0
    row = json.loads(capsys.readouterr().out)
    assert [(signer["person"], signer["name"]) for signer in row["signers"]] == [
        ("lan", "Trần Lan"),
        ("minh", "Lê Minh"),
    ]
    assert canh(data, "post", "who-may-sign", "sign_report", "--on", "2024-02-15") == 0
    said = capsys.readouterr().out
    assert "Trần Lan  [lan]  is Giám đốc" in said and "Lê Minh" not in said
    assert canh(data, "post", "who-may-sign", "sign_report", "--on", "2024-01-15") == 1
    assert "nobody may sign “sign_report”" in capsys.readouterr().err
    assert canh(data, "post", "list", "--on", "yesterday") == 2


def test_contacts_that_are_due_are_told(data, capsys, units_file, tmp_path):
    path = tmp_path / "posts.csv"
    path.write_text(
        "code,event,date,unit,name,kind,person,verifier,number,phone,decision\n"
        "lan,person,2024-01-01,tinh,Trần Lan,,,,,0901000001,\n"
        "dm,established,2024-01-01,tinh,Đầu mối,contact,,,,,1\n"
        "dm,appointed,2024-01-01,,,,lan,,,,1\n"
        "dm,verified,2024-02-01,,,,lan,lan,,,\n"
        "tinh,verification,2024-01-01,,,,,,12,,TCVN 14423:2026\n",
        "utf-8",
    )
    canh(data, "unit", "import", str(units_file), "--apply")
    assert canh(data, "post", "import", str(path), "--apply") == 0
    capsys.readouterr()
    assert canh(data, "post", "contacts", "--on", "2025-01-31") == 0
    assert "Tỉnh  Trần Lan  0901000001  next verification 2025-02-01" in capsys.readouterr().out
    assert canh(data, "post", "contacts", "--on", "2025-02-01") == 1
    assert "verification is due (2025-02-01)" in capsys.readouterr().out
    assert canh(data, "post", "contacts", "--on", "2025-02-01", "--json") == 1
    row = json.loads(capsys.readouterr().out)
    assert (row["person"], row["phone"], row["due"], row["due_on"]) == ("lan", "0901000001", True, "2025-02-01")


def test_a_roster_is_previewed_taken_and_shown_with_its_gaps(data, capsys, units_file, tmp_path):
    (tmp_path / "posts.csv").write_text(POSTS, "utf-8")
    path = tmp_path / "roster.csv"
    path.write_text(
        "event,person,unit,role,start,end\n"
        "shift,lan,tinh,analyst,2026-11-23 00:00,2026-11-23 12:00\n"
        "shift,lan,tinh,analyst,2026-11-23 11:00,2026-11-23 13:00\n",
        "utf-8",
    )
    for arguments in (("unit", "import", str(units_file)), ("post", "import", str(tmp_path / "posts.csv"))):
        assert canh(data, *arguments, "--apply") == 0
    assert canh(data, "roster", "import", str(path), "--apply") == 1
    assert "line 3, REFUSED: overlapping: “lan” has a shift from 2026-11-23 00:00" in capsys.readouterr().err
    path.write_text(path.read_text("utf-8").replace("11:00,", "12:00,"), "utf-8")
    assert canh(data, "roster", "import", str(path)) == 0
    assert "nothing is written" in capsys.readouterr().out
    assert canh(data, "roster", "show", "--on", "2026-11-25") == 0
    assert canh(data, "roster", "import", str(path), "--apply") == 0
    capsys.readouterr()
    assert canh(data, "roster", "show", "--on", "2026-11-25") == 1
    said = capsys.readouterr().out
    assert "2026-11-23 00:00 – 2026-11-23 12:00  analyst  lan  [tinh]  Trần Lan" in said
    assert "Nobody is on duty from 2026-11-23 13:00 to 2026-11-30 00:00" in said
    assert canh(data, "roster", "show", "--on", "2026-11-25", "--json") == 1
    whole = json.loads(capsys.readouterr().out)
    assert (len(whole["shifts"]), len(whole["gaps"]), whole["overlaps"]) == (2, 1, [])


def test_an_account_of_a_unit_is_made_with_a_password_from_standard_input(data, capsys, units_file, monkeypatch):
    canh(data, "unit", "import", str(units_file), "--apply")
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{ANOTHER}\n"))
    assert canh(data, "account", "create", "--name", "Mai", "--role", "unit_contact", "--unit", "xa-a") == 0
    assert "Mai" in capsys.readouterr().out
    with db.session(db.open_engine(f"sqlite:///{data / 'canh.db'}"), EVERY_UNIT) as session:
        actor = prove_password(session, "mai", ANOTHER, clock.now())
    assert isinstance(actor, Actor) and actor.scope.units == {"xa-a"}
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{ANOTHER}\n"))
    assert canh(data, "account", "create", "--name", "Mai", "--role", "unit_contact", "--unit", "xa-a") == 2
    assert "There is an account called “Mai” already" in capsys.readouterr().err


def test_sources_are_assigned_listed_tested_and_ended(data, capsys, units_file):
    canh(data, "unit", "import", str(units_file), "--apply")
    capsys.readouterr()
    assert canh(data, "source", "assign", "--network", "10.1.0.0/16", "--unit", "xa-a") == 0
    number = capsys.readouterr().out.strip()
    assert canh(data, "source", "assign", "--network", "10.1.2.3/16", "--unit", "xa-a") == 2
    assert "is 10.1.0.0/16 meant?" in capsys.readouterr().err
    assert canh(data, "source", "assign", "--network", HOSTILE, "--unit", "xa-a") == 2
    assert HOSTILE not in capsys.readouterr().err
    assert canh(data, "source", "test", "--peer", "10.1.2.3") == 0
    assert capsys.readouterr().out == f"xa-a (source {number}: 10.1.0.0/16)\n"
    assert canh(data, "source", "test", "--peer", "10.2.2.3") == 0
    assert capsys.readouterr().out.startswith("province (")
    assert canh(data, "source", "list", "--json") == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed["assignment"]["place"]["network"] == "10.1.0.0/16"
    assert canh(data, "source", "end", number) == 0
    assert canh(data, "source", "end", number) == 2
    capsys.readouterr()
    assert canh(data, "source", "list") == 0 and capsys.readouterr().out == ""
    assert canh(data, "source", "list", "--all") == 0 and "10.1.0.0/16" in capsys.readouterr().out


def test_accounts_are_reviewed_closed_and_let_in_again(data, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{ANOTHER}\n"))
    assert canh(data, "account", "create", "--name", "Minh", "--role", "analyst") == 0
    assert canh(data, "account", "close", "minh") == 0
    assert canh(data, "account", "close", "minh") == 2
    assert canh(data, "account", "close", "lan") == 2
    assert "last administrator" in capsys.readouterr().err
    assert canh(data, "account", "review", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [(holder["name"], holder["ended_at"] is None) for holder in told["holders"]] == [
        ("Lan", True),
        ("Minh", False),
    ]
    assert told["reviewed_at"] is None
    assert canh(data, "account", "reopen", "minh") == 0
    assert canh(data, "account", "end-sessions", "minh") == 0
    assert "minh that were ended: 0" in capsys.readouterr().out
    assert canh(data, "account", "end-sessions", HOSTILE) == 2
    assert HOSTILE not in capsys.readouterr().err
    assert canh(data, "account", "review", "--done") == 0
    page = capsys.readouterr().out
    assert "Minh" in page and "may do everything" in page and "This review is recorded." in page
    assert canh(data, "account", "review", "--json") == 0
    assert json.loads(capsys.readouterr().out)["reviewed_by"] == "operator"


def test_rules_that_cannot_be_loaded_are_named_by_the_check_of_the_settings(data, capsys, tmp_path, monkeypatch):
    assert canh(data, "config", "check") == 0
    broken = tmp_path / "broken.yml"
    broken.write_text("title: [", "utf-8")
    monkeypatch.setenv("CANH_DETECTION__PATHS", json.dumps([str(broken), str(tmp_path / "nope")]))
    capsys.readouterr()
    assert canh(data, "config", "check") == 1
    said = capsys.readouterr()
    assert "broken.yml" in said.err and "nope" in said.err and said.out == ""


def test_accounts_are_listed_given_another_role_and_asked_what_they_may(data, capsys):
    assert canh(data, "account", "create", "--name", "hoa", "--role", "analyst", "--invite") == 0
    assert "/invitation?secret=" in capsys.readouterr().out
    assert canh(data, "account", "list") == 0
    listed = capsys.readouterr().out
    assert "administrator" in listed and "no password yet" in listed
    assert canh(data, "account", "may", "hoa", "alert.close") == 0
    assert canh(data, "account", "may", "hoa", "audit.read") == 1
    assert "may not read the audit" in capsys.readouterr().out
    assert canh(data, "account", "change-role", "hoa", "--role", "auditor") == 0
    assert canh(data, "account", "may", "hoa", "audit.read") == 0
    capsys.readouterr()
    for wrong in (
        ("may", "hoa", "nope"),
        ("may", "who"),
        ("change-role", "lan", "--role", "leader"),
        ("invite", "who"),
    ):
        assert canh(data, "account", *wrong) == 2, wrong
        assert "“" in capsys.readouterr().err or wrong[-1] == "nope"
    assert canh(data, "account", "list", "--json") == 0
    assert {json.loads(line)["name"] for line in capsys.readouterr().out.splitlines()} == {"Lan", "hoa"}
    assert canh(data, "account", "close", "hoa") == 0
    assert canh(data, "account", "may", "hoa", "audit.read") == 1


def test_a_machine_gets_an_account_an_owner_and_a_key_that_ends_with_it(data, capsys, units_file):
    assert canh(data, "unit", "import", str(units_file), "--apply") == 0
    create = ("service-account", "create", "--name", "web xã", "--purpose", "gửi nhật ký", "--unit", "xa-a")
    assert canh(data, *create, "--owner", "who") == 2
    assert canh(data, *create, "--owner", "lan") == 0
    assert canh(data, *create, "--owner", "lan") == 2
    assert "open service account called “web xã” already" in capsys.readouterr().err
    sender = ("token", "create", "--role", "sender", "--name", "khóa web")
    assert canh(data, *sender) == 2
    assert "“sender of records” needs a unit" in capsys.readouterr().err
    assert canh(data, *sender, "--unit", "xa-a", "--service-account", HOSTILE) == 2
    assert HOSTILE not in capsys.readouterr().err
    assert canh(data, *sender, "--unit", "xa-a", "--service-account", "web xã") == 0
    assert capsys.readouterr().out.startswith("canh_")
    assert canh(data, "token", "list") == 0
    assert "web xã" in capsys.readouterr().out
    assert canh(data, "service-account", "list") == 0
    assert "Lan" in (listed := capsys.readouterr().out) and "gửi nhật ký" in listed
    assert canh(data, "service-account", "change-owner", "web xã", "--owner", "lan") == 2
    assert "is the owner already" in capsys.readouterr().err
    assert canh(data, "account", "review") == 0
    assert "service    1" in capsys.readouterr().out
    assert canh(data, "service-account", "close", "WEB XÃ") == 0
    assert "tokens revoked: 1" in capsys.readouterr().out
    assert canh(data, "service-account", "close", "web xã") == 2
    assert canh(data, "service-account", "list", "--json") == 0
    assert json.loads(capsys.readouterr().out)["closed_at"] is not None
    assert canh(data, "token", "revoke", "1") == 2


def test_a_setting_is_changed_and_undone(data, capsys):
    key = "org.session_idle_minutes"
    assert canh(data, "setting", "change", key, "15", "--reason", "shared room") == 0
    assert capsys.readouterr().out == "1\n"
    assert canh(data, "setting", "show", key) == 0
    assert "30 -> 15  (shared room)" in capsys.readouterr().out
    assert canh(data, "setting", "undo", key, "1", "--reason", "done") == 0
    assert canh(data, "setting", "list") == 0
    assert re.search(rf"{key}\s+30", capsys.readouterr().out)
    for wrong in (("change", key, "600"), ("change", "org.nope", "1"), ("undo", key, "99")):
        assert canh(data, "setting", *wrong, "--reason", "x") == 2, wrong
    assert canh(data, "setting", "show", "org.nope") == 2
    assert "There is no setting" in capsys.readouterr().err
    assert canh(data, "setting", "list", "--json") == 0
    assert all(json.loads(line)["key"].startswith("org.") for line in capsys.readouterr().out.splitlines())


def test_the_bodies_of_a_date(data, capsys):
    assert canh(data, "body", "import", "--seed") == 0
    assert canh(data, "body", "import", "--seed", "--apply") == 0
    capsys.readouterr()
    assert canh(data, "body", "list", "--on", "2025-06-30") == 0
    said = capsys.readouterr().out
    assert re.search(r"provincial_digital_authority\s+Department of Science and Technology of Sóc Trăng", said)
    assert canh(data, "body", "list", "--json") == 0
    assert {json.loads(line)["role"] for line in capsys.readouterr().out.splitlines()} >= {"monitoring_centre"}
    assert canh(data, "body", "list", "--on", "x") == 2


def test_the_store_is_verified_and_forecast(data, capsys, in_vietnamese):
    assert canh(data, "store", "verify") == 0
    said = capsys.readouterr().out
    assert "0 ngày đúng như lúc niêm phong; 1 ngày còn đang ghi." in said and "0" * 64 in said
    assert canh(data, "store", "forecast", "--json") in (0, 1)
    told = json.loads(capsys.readouterr().out)
    assert told["events_bytes"] > 0 and set(told["until"]) == {"85", "95", "100"}
    seals = data / "events" / "seals.ndjson"
    seals.write_text("rubbish\n")
    assert canh(data, "store", "verify") == 1
    assert "seals.ndjson:1: dòng niêm phong không đọc được" in capsys.readouterr().out
    assert canh(data, "store", "verify", "--json") == 1
    assert json.loads(capsys.readouterr().out)["findings"][0]["place"] == "seals.ndjson:1"
