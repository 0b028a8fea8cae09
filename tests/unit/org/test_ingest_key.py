"""What the intake knows of keys: those that may bring records in, as long as they may."""

import stat
from datetime import timedelta

import pytest

from org.account_creation import create_account
from org.actor import OPERATOR
from org.ingest_key import FILE, IngestKeys, view_of, write_view
from org.service_account import create_service_account
from org.token import create_token, revoke_token
from org.unit_import import SEED, import_units, read_units
from tests.unit.org.conftest import NOW, PASSWORD

UNIT = "so-tttt-cds"


@pytest.fixture
def tokens(write, person):
    """(a sender's token, a reader's)"""
    write(import_units, OPERATOR, read_units(SEED.read_bytes()), NOW, correct=False)
    write(create_account, OPERATOR, "minh", "analyst", None, PASSWORD, NOW)
    write(create_service_account, OPERATOR, "web", "nhật ký", "lan", None, NOW)
    sender = write(create_token, OPERATOR, "sender", "rsyslog", NOW, unit=UNIT, days=2, service_account="web")
    return sender, write(create_token, OPERATOR, "reader", "r", NOW, service_account="web")


@pytest.fixture
def keys(tmp_path):
    return IngestKeys(tmp_path)


def told(read, tmp_path, keys, now=NOW):
    written = write_view(tmp_path, read(view_of, now))
    keys.refresh()
    return written


def test_a_sender_may_and_a_reader_may_not(read, tokens, tmp_path, keys):
    sender, reader = tokens
    assert not keys.ready and keys.find(sender, NOW) is None
    assert told(read, tmp_path, keys) and keys.ready
    key = keys.find(sender, NOW)
    assert (key.number, key.name, key.unit) == (1, "rsyslog", UNIT)
    assert keys.find(reader, NOW) is None and keys.find("canh_" + "x" * 49, NOW) is None


def test_it_ends_with_its_days_and_when_it_is_revoked(read, write, tokens, tmp_path, keys):
    sender, _ = tokens
    told(read, tmp_path, keys)
    assert keys.find(sender, NOW + timedelta(days=2)) is None, "though the file still has it"
    assert told(read, tmp_path, keys) is False, "nothing has changed, nothing is written"
    write(revoke_token, OPERATOR, 1, NOW)
    assert told(read, tmp_path, keys) is True
    assert keys.find(sender, NOW) is None


def test_an_expired_key_is_left_out(read, tokens, tmp_path):
    assert read(view_of, NOW).keys and not read(view_of, NOW + timedelta(days=2)).keys


def test_the_file_is_for_its_owner_and_holds_no_secret(read, tokens, tmp_path, keys):
    told(read, tmp_path, keys)
    content = (tmp_path / FILE).read_bytes()
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert not any(secret.encode() in content for secret in tokens)


@pytest.mark.parametrize("content", [b"", b"torn", b"{}", b"[]", b"\xff"])
def test_a_file_that_is_none_leaves_what_was_known(read, tokens, tmp_path, keys, content):
    told(read, tmp_path, keys)
    (tmp_path / FILE).write_bytes(content)
    keys.refresh()
    assert keys.find(tokens[0], NOW) is not None
    (tmp_path / FILE).unlink()
    keys.refresh()
    assert keys.find(tokens[0], NOW) is not None
