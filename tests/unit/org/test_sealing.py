"""Secrets in the database open only with the key that lies beside it, and only where they belong."""

import os
import stat

import pytest

from org.key_file import make_once, replace
from org.sealing import FILE, BadSeal, SealingKey, ensure_sealing_key, line_of, new_key


def test_what_was_sealed_opens_under_its_own_name_alone(tmp_path):
    key = ensure_sealing_key(tmp_path)
    sealed = key.seal(b"canary", "account:1")
    assert key.open(sealed, "account:1") == b"canary"
    assert b"canary" not in sealed and key.seal(b"canary", "account:1") != sealed
    with pytest.raises(BadSeal):
        key.open(sealed, "account:2")
    for place in range(len(sealed)):
        broken = bytes(byte ^ (place == number) for number, byte in enumerate(sealed))
        with pytest.raises(BadSeal):
            key.open(broken, "account:1")
    for short in (b"", sealed[:5], sealed[:12], sealed[:-1]):
        with pytest.raises(BadSeal):
            key.open(short, "account:1")


def test_the_key_is_made_once_for_its_owners_eyes(tmp_path):
    first = ensure_sealing_key(tmp_path)
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert ensure_sealing_key(tmp_path).open(first.seal(b"x", "a"), "a") == b"x"
    assert os.listdir(tmp_path) == [FILE]


@pytest.mark.parametrize("content", [b"", b"short", b"\xff\xfe", b"A" * 100])
def test_a_file_that_is_no_key_is_said_and_never_replaced(tmp_path, content):
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(BadSeal):
        ensure_sealing_key(tmp_path)
    assert (tmp_path / FILE).read_bytes() == content


def test_the_file_is_read_again_when_it_is_another_and_kept_when_it_is_none(tmp_path):
    key = ensure_sealing_key(tmp_path)
    old = key.seal(b"x", "a")
    first, second = (tmp_path / FILE).read_bytes(), line_of(new_key())
    replace(tmp_path / FILE, second + first)
    assert key.open(old, "a") == b"x"
    new = key.seal(b"y", "a")
    replace(tmp_path / FILE, second)
    assert key.open(new, "a") == b"y"
    with pytest.raises(BadSeal):
        key.open(old, "a")
    replace(tmp_path / FILE, b"torn")
    assert key.open(new, "a") == b"y"
    (tmp_path / FILE).unlink()
    assert key.open(new, "a") == b"y"


def test_another_key_opens_nothing():
    sealed = SealingKey(b"a" * 32).seal(b"x", "a")
    with pytest.raises(BadSeal):
        SealingKey(b"b" * 32).open(sealed, "a")


def test_a_key_file_is_never_written_over(tmp_path):
    path = tmp_path / "key"
    (tmp_path / f"key.{os.getpid()}.part").write_bytes(b"left by one that was killed")
    assert make_once(path, b"first") is True
    assert make_once(path, b"second") is False
    assert path.read_bytes() == b"first"
    assert os.listdir(tmp_path) == ["key"]
