"""Another sealing key: every secret opens under it alone, wherever it was cut off, and the product goes on."""

import stat

import pytest

from org import sealing_rotation
from org.actor import Actor
from org.log_in import Entered, Half, begin_log_in, finish_log_in
from org.refused import Refused
from org.sealing import FILE, BadSeal, SealingKey, ensure_sealing_key, read_keys
from org.sealing_rotation import rotate_sealing_key
from org.second_factor import Authenticator, about, new_authenticator_secret, set_authenticator
from tests.unit.org.conftest import NOW, PASSWORD
from tests.unit.org.test_log_in import code


@pytest.fixture
def key(tmp_path):
    """The key of the data folder, as a web process that runs has it."""
    return ensure_sealing_key(tmp_path)


@pytest.fixture
def secret(write, person, key):
    """The secret of the app of the administrator lan."""
    secret = new_authenticator_secret()
    write(set_authenticator, person.number, secret, 0, key, NOW)
    return secret


def sealed(read):
    return read(lambda session: session.get_one(Authenticator, 1).sealed)


def test_after_it_the_old_key_opens_nothing_and_a_running_web_goes_on(
    engine, read, write, tmp_path, key, secret, person
):
    old = SealingKey(*read_keys(tmp_path / FILE))
    before = sealed(read)
    assert rotate_sealing_key(engine, tmp_path, person, NOW) == 1
    (new,) = read_keys(tmp_path / FILE)
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600 and (new,) != old.keys()
    assert SealingKey(new).open(sealed(read), about(1)) == secret and sealed(read) != before
    with pytest.raises(BadSeal):
        old.open(sealed(read), about(1))
    half = write(begin_log_in, "lan", PASSWORD, key, NOW)
    assert isinstance(half, Half)
    assert isinstance(write(finish_log_in, half.secret, code(secret), key, NOW), Entered), "with the key it has in hand"


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_cut_off_anywhere_nothing_is_lost_and_it_is_run_again(
    engine, read, tmp_path, key, secret, person, cut, monkeypatch
):
    done = 0

    def until(step):
        def run(*arguments):
            nonlocal done
            done += 1
            if done == cut:
                raise KeyboardInterrupt
            return step(*arguments)

        return run

    monkeypatch.setattr(sealing_rotation, "replace", until(sealing_rotation.replace))
    monkeypatch.setattr(sealing_rotation, "_seal_anew", until(sealing_rotation._seal_anew))
    with pytest.raises(KeyboardInterrupt):
        rotate_sealing_key(engine, tmp_path, person, NOW)
    assert key.open(sealed(read), about(1)) == secret
    monkeypatch.undo()
    assert rotate_sealing_key(engine, tmp_path, person, NOW) == 1
    assert len(read_keys(tmp_path / FILE)) == 1 and key.open(sealed(read), about(1)) == secret


def test_what_opens_with_no_key_is_left_as_it_is(engine, read, write, tmp_path, key, secret, person):
    write(lambda session: setattr(session.get_one(Authenticator, 1), "sealed", b"of another machine" * 4))
    assert rotate_sealing_key(engine, tmp_path, person, NOW) == 0
    assert sealed(read) == b"of another machine" * 4


def test_only_administrators_and_it_is_audited(engine, tmp_path, key, secret, person, audited):
    analyst = Actor(kind="account", number=7, name="minh", role="analyst", scope=person.scope)
    kept = (tmp_path / FILE).read_bytes()
    assert isinstance(rotate_sealing_key(engine, tmp_path, analyst, NOW), Refused)
    assert audited()[-1] == ("account:7", "sealing_key.rotate", "sealing_key", "denied")
    assert (tmp_path / FILE).read_bytes() == kept
    rotate_sealing_key(engine, tmp_path, person, NOW)
    assert audited()[-1] == (person.id, "sealing_key.rotate", "sealing_key", "done")


def test_a_file_that_is_no_key_is_not_replaced(engine, tmp_path, person):
    (tmp_path / FILE).write_bytes(b"torn")
    with pytest.raises(BadSeal):
        rotate_sealing_key(engine, tmp_path, person, NOW)
    assert (tmp_path / FILE).read_bytes() == b"torn"
