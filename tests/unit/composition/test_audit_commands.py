"""`canh audit`: what it says and how it ends, with the evidence and without."""

import json
import sqlite3
import sys
from datetime import timedelta

import pytest

from composition.cli import main
from composition.migrate import upgrade
from composition.processes.jobs import chain_what_waits, copy_what_is_new
from core.scope import EVERY_UNIT
from org import audit
from org.actor import OPERATOR, Actor
from org.audit_copy import FileDestination
from org.audit_key import ensure_key
from store import db
from tests.pipeline_work import NOW

pytestmark = pytest.mark.slow

HOSTILE = "\x1b]0;owned\x07"


@pytest.fixture
def data(tmp_path):
    """Five rows, chained and copied to `elsewhere`; one of them by somebody with a hostile name."""
    folder = tmp_path / "data"
    folder.mkdir()
    engine = db.open_engine(f"sqlite:///{folder / 'canh.db'}")
    upgrade(engine)
    stranger = Actor(kind="account", number=7, name=f"Lan{HOSTILE}", role="reader", scope=EVERY_UNIT)
    with db.session(engine, EVERY_UNIT) as session:
        audit.append(session, stranger, "alert.close", "alert:abc", "denied", NOW, detail={"note": HOSTILE})
        for number in range(4):
            at = NOW + timedelta(seconds=number)
            audit.append(session, OPERATOR, "token.create", f"token:{number}", "done", at, detail={"name": "bộ gửi"})
    key, _ = ensure_key(folder)
    chain_what_waits(engine, key, NOW)
    copy_what_is_new(engine, FileDestination(str(tmp_path / "elsewhere")), NOW)
    (tmp_path / "key.pem").write_text(key.public.pem)
    engine.dispose()
    return folder


@pytest.fixture
def canh(data, capsys):
    """Run a command: (exit code, what it printed, what it said)."""

    def run(*arguments, folder=data):
        try:
            code = main([*map(str, arguments), "--data", str(folder)])
        except SystemExit as ended:
            code = ended.code
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def evidence(data):
    return "--public-key", data.parent / "key.pem", "--checkpoints", data.parent / "elsewhere"


def sql(data, statement):
    with sqlite3.connect(data / "canh.db") as connection:
        connection.execute(statement)
    connection.close()


def test_verified_with_the_evidence_kept_elsewhere(canh, data):
    code, out, err = canh("audit", "verify", *evidence(data))
    assert (code, err) == (0, "")
    assert out == (
        "INTACT: 5 rows, proved through row 5, signed at 2026-11-24T02:30:00.000000Z; 0 rows wait to be chained\n"
        if NOW.isoformat().startswith("2026-11-24T02:30:00")
        else out
    )
    code, out, _ = canh("audit", "verify", "--json", *evidence(data))
    told = json.loads(out)
    assert code == 0 and told["verdict"]["proved"] == 5 and told["remarks"] == []


def test_without_the_evidence_it_says_what_it_cannot_know(canh, monkeypatch):
    code, out, _ = canh("audit", "verify")
    assert code == 0 and "comes from what is verified" in out and "would not be seen" in out
    monkeypatch.setenv("LC_ALL", "vi_VN.UTF-8")
    assert "NGUYÊN VẸN: 5 dòng" in canh("audit", "verify")[1]


def test_the_first_bad_row_is_named(canh, data):
    sql(data, "update audit set resource = 'token:9' where sequence = 4")
    code, out, _ = canh("audit", "verify", *evidence(data))
    assert code == 1 and out.startswith("BENT at row 4: row 4 does not match its hash")
    code, out, _ = canh("audit", "verify", "--json", *evidence(data))
    assert code == 1 and json.loads(out)["verdict"]["bad"]["sequence"] == 4


def test_verifying_changes_nothing(canh, data):
    before = {path.name: path.read_bytes() for path in data.iterdir() if path.name == "canh.db"}
    canh("audit", "verify")
    assert {path.name: path.read_bytes() for path in data.iterdir() if path.name == "canh.db"} == before


def test_an_export_is_verified_anywhere(canh, data, tmp_path):
    code, exported, _ = canh("audit", "export")
    assert code == 0 and len(exported.splitlines()) == 8, "head, checkpoint, five rows and its own"
    assert json.loads(exported.splitlines()[-1])["action"] == "audit.export"
    file, nowhere = tmp_path / "export.jsonl", tmp_path / "nowhere"
    file.write_text(exported)
    code, out, _ = canh("audit", "verify", "--export", file, *evidence(data), folder=nowhere)
    assert code == 0 and "INTACT: 6 rows, proved through row 5" in out and "; 1 rows wait" in out
    file.write_text(exported.replace("bộ gửi", "bộ gởi", 1))
    code, out, _ = canh("audit", "verify", "--export", file, folder=nowhere)
    assert code == 1 and "BENT at row 2" in out
    file.write_text("nonsense\n")
    code, _, err = canh("audit", "verify", "--export", file, folder=nowhere)
    assert code == 2 and "line 1" in err


def test_a_terminal_does_not_obey_an_export(canh, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    out = canh("audit", "export")[1]
    assert all(line.isprintable() for line in out.splitlines())
    assert HOSTILE in json.loads(out.splitlines()[2])["actor_name"]


def test_listed_newest_first_and_narrowed(canh):
    code, out, _ = canh("audit", "list")
    assert code == 0 and [line.split()[0] for line in out.splitlines()] == ["5", "4", "3", "2", "1"]
    assert "create API tokens" in out and "\\x1b]0;owned\\x07 (account:7)" in out and HOSTILE not in out
    code, out, _ = canh("audit", "list", "--actor", "account:7", "--json")
    [row] = map(json.loads, out.splitlines())
    assert row["resource"] == "alert:abc" and len(row["hash"]) == 64
    assert canh("audit", "list", "--action", "nothing")[0] == 1
    assert len(canh("audit", "list", "--resource", "token", "--limit", "2")[1].splitlines()) == 2
    assert canh("audit", "list", "--from", "yesterday")[0] == 2


def test_the_public_key_is_shown(canh, data):
    assert canh("audit", "public-key") == (0, (data.parent / "key.pem").read_text(), "")
    (data / "audit-key.pem").unlink()
    for command in (("public-key",), ("export",), ("verify",)):
        code, _, err = canh("audit", *command)
        assert code == 2 and "no key that signs the audit" in err
    assert canh("audit", "verify", *evidence(data))[0] == 0, "with the public key kept elsewhere it needs none"


def test_evidence_that_is_none_is_refused(canh, data, tmp_path):
    (tmp_path / "empty").write_text("")
    (tmp_path / "rubbish").write_bytes(b"\xff\x00\n{}\n")
    for option in ("--public-key", "--checkpoints", "--export"):
        for name in ("empty", "rubbish", "missing"):
            code, out, err = canh("audit", "verify", option, tmp_path / name)
            assert (code, out) == (2, "") and name in err, (option, name)
    torn = (tmp_path / "elsewhere").read_text()
    (tmp_path / "torn").write_text(torn + torn[:40])
    code, out, _ = canh("audit", "verify", "--checkpoints", tmp_path / "torn")
    assert code == 0 and "these lines are no checkpoints: 2" in out


def test_what_is_no_database_is_refused(canh, tmp_path):
    folder = tmp_path / "other"
    folder.mkdir()
    assert canh("audit", "verify", "--public-key", tmp_path / "key.pem", folder=folder)[0] == 2
    (folder / "canh.db").write_bytes(b"not a database, but long enough to look at" * 40)
    code, _, err = canh("audit", "verify", "--public-key", tmp_path / "key.pem", folder=folder)
    assert code == 2 and "not a database of Canh" in err
    (folder / "canh.db").unlink()
    sqlite3.connect(folder / "canh.db").execute("create table x (y)").connection.close()
    code, _, err = canh("audit", "verify", "--public-key", tmp_path / "key.pem", folder=folder)
    assert code == 2 and "no such table" in err


def test_status_tells_of_the_chain_and_of_each_copy(canh, data, tmp_path):
    engine = db.open_engine(f"sqlite:///{data / 'canh.db'}")
    copy_what_is_new(engine, FileDestination(str(tmp_path / "none" / "x")), NOW)
    engine.dispose()
    _, out, _ = canh("status")
    assert "Chained through row" in out and f"{tmp_path / 'elsewhere'}  through row 5" in out
    assert "no such file or directory; 1 checkpoints wait" in out
    told = json.loads(canh("status", "--json")[1])["audit"]
    assert told["chained"] == 5 and [each["behind"] for each in told["copies"]] == [0, 1]
