"""Chained and signed, then bent in every way: the first bad row is named."""

import json
import os
import sqlite3
import stat
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from core.language import Text
from core.scope import EVERY_UNIT
from org import audit
from org.actor import OPERATOR
from org.audit_chain import (
    CHECKPOINT_ROWS,
    COLUMNS,
    AuditCheckpoint,
    AuditLink,
    canonical,
    chain,
    checkpoints,
    link,
    rfc3339,
    sign,
    work_is_due,
)
from org.audit_export import (
    NotAnExport,
    database_steps,
    database_witnesses,
    export_lines,
    note_export,
    read_checkpoints,
    read_export,
)
from org.audit_key import FILE, BadKey, ensure_key, load_key, public_keys
from org.audit_verify import Witness, verify
from store import db

NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
LATER = NOW + timedelta(seconds=61)
ELSEWHERE = Text("ở máy khác", "elsewhere")
HOSTILE = "\x1b]0;owned\x07 <script>'\"\u202e"


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    return ensure_key(tmp_path_factory.mktemp("key"))[0]


@pytest.fixture
def act(write):
    """Write so many rows, each a second after the one before."""

    def acted(count=1, *, at=NOW, name="x"):
        def rows(session):
            for number in range(count):
                audit.append(
                    session,
                    OPERATOR,
                    "token.create",
                    f"token:{number}",
                    "done",
                    at + timedelta(seconds=number),
                    unit="soc" if number % 2 else None,
                    detail={"role": "reader", "name": name},
                )

        write(rows)

    return acted


@pytest.fixture
def verified(engine, key, tmp_path):
    """What `canh audit verify` would say of the file as it lies there."""

    def say(*outside, keys=(key.public,), file=tmp_path / "canh.db"):
        inspected = db.open_for_inspection(file)
        with db.session(inspected, EVERY_UNIT, reading=True) as session:
            witnesses = (*database_witnesses(session), *(Witness(each, ELSEWHERE) for each in outside))
            verdict = verify(database_steps(session), witnesses, keys)
        inspected.dispose()
        return verdict

    return say


@pytest.fixture
def bend(tmp_path, engine):
    """A hand in the database: what an SQL shell would do."""

    def run(*statements):
        with sqlite3.connect(tmp_path / "canh.db") as connection:
            for statement, *values in statements:
                connection.execute(statement, values)
        connection.close()

    return run


def rebuild(tmp_path, key=None, at=NOW):
    """Compute the chain anew over what lies there, as one who knows how; with the key sign it anew too."""
    engine = db.open_engine(f"sqlite:///{tmp_path / 'canh.db'}")
    with db.session(engine, EVERY_UNIT) as session:
        hashed = bytes(32)
        for step in list(database_steps(session)):
            hashed = link(hashed, step.row)
            session.get_one(AuditLink, step.sequence).hash = hashed.hex()
            kept = session.get(AuditCheckpoint, step.sequence)
            if kept is not None and key is not None:
                signed = sign(key, step.sequence, hashed, at)
                kept.hash, kept.at, kept.signature = signed.hash, signed.at, signed.signature
    engine.dispose()


def test_what_was_chained_is_intact(act, write, read, key, verified):
    act(10, name=HOSTILE)
    assert read(work_is_due, NOW)
    assert write(chain, key, NOW) == 10
    assert not read(work_is_due, NOW)
    verdict = verified()
    assert verdict.bad is None and (verdict.rows, verdict.proved, verdict.waiting) == (10, 10, 0)
    assert verdict.signed_at == "2026-11-24T02:30:00.000000Z" and verdict.remarks == ()


def test_rows_that_wait_are_told_apart_from_bad_ones(act, write, key, verified):
    act(3)
    write(chain, key, NOW)
    act(2)
    verdict = verified()
    assert verdict.bad is None and (verdict.rows, verdict.proved, verdict.waiting) == (5, 3, 2)


def test_chaining_again_changes_nothing_and_each_row_costs_one_hash(act, write, read, key, engine):
    act(3)
    write(chain, key, NOW)

    def everything(session):
        links = [(row.sequence, row.hash) for row in session.scalars(select(AuditLink))]
        return links, checkpoints(session)

    before = read(everything)
    assert write(chain, key, NOW + timedelta(seconds=30)) == 0
    assert read(everything) == before


@pytest.mark.slow
def test_a_checkpoint_is_kept_every_thousand_rows_or_sixty_seconds(act, write, read, key):
    def kept(session):
        return [each.sequence for each in checkpoints(session, kept_only=True)]

    act(1)
    write(chain, key, NOW)
    assert read(kept) == [1], "the first end of a chain is kept"
    act(5)
    write(chain, key, NOW + timedelta(seconds=10))
    assert read(kept) == [1]
    assert [each.sequence for each in read(checkpoints)] == [1, 6], "but it is signed at once"
    assert not read(work_is_due, NOW + timedelta(seconds=59))
    assert read(work_is_due, NOW + timedelta(seconds=60))
    write(chain, key, NOW + timedelta(seconds=60))
    assert read(kept) == [1, 6]
    assert not read(work_is_due, NOW + timedelta(days=1)), "nothing new, nothing to sign"
    act(2 * CHECKPOINT_ROWS + 7)
    soon = NOW + timedelta(seconds=61)
    while read(work_is_due, soon):
        write(chain, key, soon)
    assert read(kept) == [1, 6, 1006, 2006]
    assert read(checkpoints)[-1].sequence == 2013


def test_a_clock_that_goes_back_neither_stops_checkpoints_nor_breaks_the_chain(act, write, read, key, verified):
    act(2)
    write(chain, key, NOW)
    yesterday = NOW - timedelta(days=1)
    act(2, at=yesterday)
    write(chain, key, yesterday)
    assert [each.sequence for each in read(checkpoints, kept_only=True)] == [2, 4]
    verdict = verified()
    assert verdict.bad is None and verdict.proved == 4
    assert [remark.en for remark in verdict.remarks] == [
        "the clock went back: row 3 says 2026-11-23T02:30:00.000000Z, the row before it 2026-11-24T02:30:01.000000Z"
    ]


def test_many_steps_back_are_counted(act, write, key, verified):
    for number in range(25):
        act(1, at=NOW - timedelta(seconds=number))
    write(chain, key, NOW)
    remarks = verified().remarks
    assert len(remarks) == 21 and "4 times more" in remarks[-1].en


VALUES = {
    "sequence": st.integers(1, 2**62),
    "at": st.one_of(st.datetimes().map(str), st.text(max_size=30)),
    "unit_id": st.one_of(st.none(), st.text(max_size=10)),
}
TAMPERED = st.sampled_from(COLUMNS).flatmap(
    lambda column: st.tuples(
        st.just(column),
        VALUES.get(column, st.one_of(st.text(max_size=60), st.binary(max_size=20))),
    )
)


@pytest.fixture
def ten(act, write, key, engine, tmp_path):
    """Ten rows, chained; the file as bytes to begin from."""
    act(10)
    write(chain, key, NOW)
    engine.dispose()
    with sqlite3.connect(tmp_path / "canh.db") as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
        connection.execute("pragma journal_mode=delete")
    connection.close()
    return (tmp_path / "canh.db").read_bytes()


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sequence=st.integers(1, 10), change=TAMPERED, as_text=st.booleans())
def test_any_change_of_any_column_of_any_row_is_caught(ten, tmp_path, verified, sequence, change, as_text):
    column, value = change
    file = tmp_path / "canh.db"
    file.write_bytes(ten)
    with sqlite3.connect(file) as connection:
        connection.text_factory = bytes
        read = f"select typeof({column}), {column} from audit where sequence = ?"
        before = connection.execute(read, (sequence,)).fetchone()
        place = "cast(? as text)" if as_text and isinstance(value, bytes) else "?"  # text that is not UTF-8
        try:
            connection.execute(f"update audit set {column} = {place} where sequence = ?", (value, sequence))
        except (sqlite3.IntegrityError, UnicodeEncodeError):
            return  # another row has this sequence; a lone surrogate is no text
        after = connection.execute(read, (sequence if column != "sequence" else value,)).fetchone()
        connection.commit()
    connection.close()
    bad = verified().bad
    if after == before:
        assert bad is None
    else:
        assert bad is not None and bad.sequence == sequence


@pytest.mark.parametrize("column", COLUMNS)
def test_one_flipped_letter_of_each_column(act, write, key, verified, bend, column):
    act(10)
    write(chain, key, NOW)
    value = "99" if column == "sequence" else f"replace(coalesce({column}, ''), '0', 'O') || 'x'"
    bend((f"update audit set {column} = {value} where sequence = 4",))
    verdict = verified()
    assert verdict.bad is not None and verdict.bad.sequence == 4 and verdict.proved == 0


def test_spaces_in_the_detail_are_a_change_too(act, write, key, verified, bend):
    act(3)
    write(chain, key, NOW)
    bend(("update audit set detail = replace(detail, ':', ': ') where sequence = 2",))
    assert verified().bad.sequence == 2


BENT = {
    "a row deleted": (["delete from audit where sequence = 4"], 4),
    "a row deleted with its hash": (
        ["delete from audit where sequence = 4", "delete from audit_link where sequence = 4"],
        4,
    ),
    "three rows deleted with their hashes": (
        ["delete from audit where sequence between 4 and 6", "delete from audit_link where sequence between 4 and 6"],
        4,
    ),
    "the first row deleted with its hash": (
        ["delete from audit where sequence = 1", "delete from audit_link where sequence = 1"],
        1,
    ),
    "a row inserted in front": (
        [f"insert into audit select 0, {', '.join(COLUMNS[1:])} from audit where sequence = 3"],
        0,
    ),
    "two rows exchanged": (
        [
            "update audit set sequence = -5 where sequence = 5",
            "update audit set sequence = 5 where sequence = 6",
            "update audit set sequence = 6 where sequence = -5",
        ],
        5,
    ),
    "two hashes exchanged": (
        [
            "update audit_link set sequence = -5 where sequence = 5",
            "update audit_link set sequence = 5 where sequence = 6",
            "update audit_link set sequence = 6 where sequence = -5",
        ],
        5,
    ),
    "a hash changed": (["update audit_link set hash = replace(hash, 'a', 'b') || 'c' where sequence = 7"], 7),
    "a hash deleted": (["delete from audit_link where sequence = 7"], 7),
    "every hash from 7 deleted": (["delete from audit_link where sequence >= 7"], 7),
    "the end cut off": (["delete from audit where sequence >= 9", "delete from audit_link where sequence >= 9"], 9),
    "the end cut off but not its hashes": (["delete from audit where sequence >= 9"], 9),
    "all of it deleted": (["delete from audit", "delete from audit_link"], 1),
    "the signatures deleted": (["delete from audit_checkpoint"], 1),
    "a signature changed": (
        ["update audit_checkpoint set signature = replace(signature, '1', '2') where sequence = 10"],
        10,
    ),
    "the time of a signature changed": (["update audit_checkpoint set at = '2020' where sequence = 10"], 10),
    "the key of a signature changed": (["update audit_checkpoint set key = 'ffff' where sequence = 10"], 10),
    "the hash of a signature changed": (["update audit_checkpoint set hash = 'ffff' where sequence = 10"], 10),
}


@pytest.mark.parametrize("how", BENT)
def test_what_was_bent_is_found_and_the_first_row_is_named(act, write, key, verified, bend, how):
    act(10)
    write(chain, key, NOW)
    statements, first = BENT[how]
    bend(*((each,) for each in statements))
    verdict = verified()
    assert verdict.bad is not None, how
    assert verdict.bad.sequence == first, verdict.bad.reason.en
    assert verdict.bad.reason.vi and verdict.waiting == 0


def test_the_tail_behind_the_last_kept_checkpoint_cannot_be_cut(act, write, read, key, verified, bend):
    act(5)
    write(chain, key, NOW)
    act(5)
    write(chain, key, NOW + timedelta(seconds=5))
    assert [each.sequence for each in read(checkpoints, kept_only=True)] == [5]
    bend(("delete from audit where sequence > 7",), ("delete from audit_link where sequence > 7",))
    bad = verified().bad
    assert bad.sequence == 8 and "from 8 to 10 are gone" in bad.reason.en
    bend(("delete from audit_checkpoint where sequence > 7",))
    assert verified().bad.sequence == 6, "rows 6 and 7 are chained and no signature covers them"


def test_a_chain_computed_anew_is_found_by_the_signatures(act, write, key, verified, bend, tmp_path):
    act(5)
    write(chain, key, NOW)
    act(5)
    write(chain, key, LATER)
    bend(("update audit set actor_name = 'somebody else' where sequence = 8",))
    rebuild(tmp_path)
    verdict = verified()
    assert verdict.bad.sequence == 6 and verdict.proved == 5, "the rows since the checkpoint before"
    assert "from 6 to 10" in verdict.bad.reason.en


def test_who_has_the_key_too_is_found_by_the_checkpoints_elsewhere(act, write, read, key, verified, bend, tmp_path):
    act(5)
    write(chain, key, NOW)
    elsewhere = read(checkpoints)
    bend(("update audit set actor_name = 'somebody else' where sequence = 3",))
    rebuild(tmp_path, key)
    assert verified().bad is None, "what lies on the machine alone cannot tell"
    assert verified(*elsewhere).bad.sequence == 1


def test_an_old_database_restored_is_found_by_the_checkpoints_elsewhere(act, write, read, key, verified, tmp_path):
    act(5)
    write(chain, key, NOW)
    with sqlite3.connect(tmp_path / "canh.db") as live, sqlite3.connect(tmp_path / "backup.db") as backup:
        live.backup(backup)
    live.close()
    backup.close()
    act(5)
    write(chain, key, LATER)
    elsewhere = read(checkpoints, kept_only=True)
    assert verified(*elsewhere).bad is None
    assert verified(file=tmp_path / "backup.db").bad is None
    bad = verified(*elsewhere, file=tmp_path / "backup.db").bad
    assert bad.sequence == 6 and "from 6 to 10 are gone" in bad.reason.en
    restored = db.open_engine(f"sqlite:///{tmp_path / 'backup.db'}")
    with db.session(restored, EVERY_UNIT) as session:
        for number in range(5):
            audit.append(session, OPERATOR, "token.create", f"token:{number}", "done", LATER)
    with db.session(restored, EVERY_UNIT) as session:
        chain(session, key, LATER)
    restored.dispose()
    bad = verified(*elsewhere, file=tmp_path / "backup.db").bad
    assert bad.sequence == 6 and "computed anew" in bad.reason.en, "also when it has gone on since"


def test_another_key_proves_nothing(act, write, key, verified, tmp_path):
    act(3)
    write(chain, key, NOW)
    (tmp_path / "other").mkdir()
    other = ensure_key(tmp_path / "other")[0]
    assert verified(keys=(other.public,)).bad is not None
    assert verified(keys=public_keys(other.public.pem + key.public.pem)).bad is None, "the old key and the new one"


def test_the_key_is_made_once_for_its_owner_alone(tmp_path):
    key, made = ensure_key(tmp_path)
    assert made and stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    again, made = ensure_key(tmp_path)
    assert not made and again.public.id == key.public.id == load_key(tmp_path).public.id
    assert os.listdir(tmp_path) == [FILE]
    assert "PRIVATE" not in key.public.pem and public_keys(key.public.pem)[0].id == key.public.id


@pytest.mark.parametrize("content", ["", "nonsense", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_file_that_is_no_key_is_never_replaced(tmp_path, content):
    (tmp_path / FILE).write_text(content)
    with pytest.raises(BadKey):
        ensure_key(tmp_path)
    assert (tmp_path / FILE).read_text() == content
    with pytest.raises(BadKey):
        public_keys(content.replace("PRIVATE", "PUBLIC"))


def test_the_canonical_form_is_as_documented():
    row = {"sequence": 1, "at": rfc3339(NOW), "unit_id": None, "actor": "operator", "detail": '{"a":"b"}'}
    assert canonical(row) == (
        b'{"sequence":1,"at":"2026-11-24T02:30:00.000000Z","actor":"operator","detail":"{\\"a\\":\\"b\\"}"}'
    )


@pytest.fixture
def exported(act, write, read, key):
    """Ten chained rows and two that wait, as an export."""
    act(10, name=HOSTILE)
    write(chain, key, NOW)
    act(2)
    return [line.rstrip(b"\n") for line in read(lambda session: list(export_lines(session, key.public.pem, NOW)))]


def judge(lines, key, *outside):
    found = read_export(lines)
    return verify(found.steps, (*found.witnesses, *(Witness(each, ELSEWHERE) for each in outside)), (key.public,))


def test_an_export_is_verified_without_the_database(exported, key):
    verdict = judge(exported, key)
    assert verdict.bad is None and (verdict.rows, verdict.proved, verdict.waiting) == (12, 10, 2)
    assert json.loads(exported[2])["detail"] == {"role": "reader", "name": HOSTILE}, "for readers an object"
    assert public_keys(read_export(exported).public_key)[0].id == key.public.id


def test_every_bend_of_an_export_is_found(exported, key):
    first = 2  # behind the head and the checkpoint
    for at in range(first, first + 10):
        sequence = at - first + 1
        row = json.loads(exported[at])
        for column in set(row) - {"sequence"}:
            changed = {**row, column: {"role": "administrator"} if column == "detail" else "x"}
            bent = [*exported[:at], json.dumps(changed).encode(), *exported[at + 1 :]]
            assert judge(bent, key).bad.sequence == sequence, column
        assert judge([*exported[:at], *exported[at + 1 :]], key).bad.sequence == sequence, "deleted"
        assert judge([*exported[:at], exported[at], *exported[at:]], key).bad is not None, "there twice"
        assert judge(exported[:at], key).bad.sequence == sequence, "cut off"
    assert judge([*exported[:4], exported[5], exported[4], *exported[6:]], key).bad.sequence == 3, "exchanged"
    assert judge([exported[0], *exported[2:]], key).bad is not None, "without its signature"


@pytest.mark.parametrize(
    "line", [b"", b"[]", b"{", b'{"sequence":"1"}', b'{"sequence":1.5}', b'{"sequence":3,"comment":"x"}', b"\xff"]
)
def test_a_line_that_is_none_of_an_export_is_refused_with_its_number(exported, key, line):
    with pytest.raises(NotAnExport) as refused:
        judge([*exported[:4], line, *exported[5:]], key)
    assert refused.value.line == 5
    with pytest.raises(NotAnExport) as refused:
        judge([line], key)
    assert refused.value.line == 1


def test_a_row_that_was_bent_in_the_database_is_exported_as_it_lies_there(act, write, read, key, bend):
    act(3)
    write(chain, key, NOW)
    bend(("update audit set detail = 'no json' where sequence = 2",), ("delete from audit where sequence = 3",))
    lines = read(lambda session: list(export_lines(session, key.public.pem, NOW)))
    assert judge(lines, key).bad.sequence == 2
    assert json.loads(lines[3])["detail"] == "no json"


def test_copied_checkpoints_are_read_from_a_file_or_a_syslog(act, write, read, key):
    act(3)
    write(chain, key, NOW)
    line = msgspec.json.encode(read(checkpoints)[0])
    lines = [line, b"", line[:20], b"<109>1 2026 host canh - audit-checkpoint - " + line + b"\n", b"rubbish\xff"]
    found, spoiled = read_checkpoints(lines, ELSEWHERE)
    assert [each.checkpoint.sequence for each in found] == [3, 3] and spoiled == [3, 5]


def test_the_export_is_audited_and_asked_for(write, audited):
    from core.scope import EVERY_UNIT
    from org.actor import Actor

    reader = Actor(kind="account", number=7, name="Minh", role="reader", scope=EVERY_UNIT)
    assert "không được" in write(note_export, reader, NOW).reason.vi
    assert write(note_export, OPERATOR, NOW) is None
    assert audited() == [
        ("account:7", "audit.export", "audit", "denied"),
        ("operator", "audit.export", "audit", "done"),
    ]
