"""Logging in in two steps: what is half done opens nothing, a code is good once, guessing ends."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from org import totp
from org.account import DORMANT, WRONG, Account
from org.account_closing import close_account, end_sessions, remove_second_factor, reopen_account
from org.account_creation import create_account
from org.actor import OPERATOR, Actor
from org.invitation import accept, invite
from org.log_in import (
    ENDED,
    MAX_WRONG,
    VALID_FOR,
    Enrolled,
    Entered,
    Half,
    HalfLogIn,
    begin_log_in,
    due_log_in,
    enrol_log_in,
    expire_log_ins,
    finish_log_in,
)
from org.own_account import change_password
from org.password_reset import reset_password
from org.refused import Refused
from org.sealing import SealingKey
from org.second_factor import (
    MAX_WRONG as MAX_WRONG_CODES,
)
from org.second_factor import (
    OTHER_KEY,
    RECOVERY_CODES,
    TOO_MANY_CODES,
    WRONG_CODE,
    WRONG_WITHIN,
    factors_of,
    new_authenticator_secret,
    set_authenticator,
)
from org.session import find_session
from tests.unit.org.conftest import DORMANT_AFTER, NOW, PASSWORD

KEY = SealingKey(b"k" * 32)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def app(write, person):
    """The secret of the app that the administrator lan has, and the recovery codes."""
    secret = new_authenticator_secret()
    return secret, write(set_authenticator, person.number, secret, 0, KEY, NOW)


def code(secret, now=NOW, off=0):
    return totp.code(secret, totp.step_of(now) + off)


def begin(write, now=NOW, name="lan", said=PASSWORD):
    half = write(begin_log_in, name, said, KEY, now)
    assert isinstance(half, Half)
    return half.secret


def test_an_administrator_without_a_factor_must_enrol_before_anything_opens(write, read, person, audited):
    half = write(begin_log_in, "lan", PASSWORD, KEY, NOW)
    assert half == Half(half.secret, "enrol")
    assert read(find_session, half.secret, NOW) is None, "it is no session"
    due = read(due_log_in, half.secret, KEY, NOW)
    assert (due.account, due.name, due.step, len(due.app_secret)) == (1, "Lan", "enrol", totp.SECRET_BYTES)
    assert write(finish_log_in, half.secret, code(due.app_secret), KEY, NOW) == Refused(ENDED), "nothing to finish yet"
    entered = write(enrol_log_in, half.secret, code(due.app_secret), KEY, NOW)
    assert isinstance(entered, Enrolled) and len(set(entered.recovery_codes)) == RECOVERY_CODES
    assert read(find_session, entered.secret, NOW).actor == person
    assert [row[1:] for row in audited()[-2:]] == [
        ("second_factor.enrol", "account:1", "done"),
        ("account.log_in", "account:1", "done"),
    ]
    assert write(enrol_log_in, half.secret, code(due.app_secret, off=1), KEY, NOW) == Refused(ENDED), "once"
    again = begin(write)
    assert write(finish_log_in, again, code(due.app_secret), KEY, NOW) == Refused(WRONG_CODE), "that code was used"
    assert isinstance(write(finish_log_in, again, code(due.app_secret, off=1), KEY, NOW), Entered)


def test_a_long_password_is_enough_where_no_factor_is_required_and_a_short_one_never(write, person):
    write(create_account, OPERATOR, "minh", "analyst", None, PASSWORD, NOW)
    entered = write(begin_log_in, "minh", PASSWORD, KEY, NOW)
    assert isinstance(entered, Entered)
    write(create_account, OPERATOR, "hoa", "administrator", None, "bờ kè 2026 lạ", NOW)
    assert isinstance(write(begin_log_in, "hoa", "bờ kè 2026 lạ", KEY, NOW), Half)
    assert isinstance(write(create_account, OPERATOR, "an", "analyst", None, "bờ kè 2026 lạ", NOW), Refused)


def test_whoever_is_no_longer_an_administrator_still_needs_more_than_a_short_password(write, person):
    write(create_account, OPERATOR, "hoa", "administrator", None, "bờ kè 2026 lạ", NOW)
    write(lambda session: session.execute(update(Account).where(Account.name == "hoa").values(role="analyst")))
    half = write(begin_log_in, "hoa", "bờ kè 2026 lạ", KEY, NOW)
    assert isinstance(half, Half) and half.step == "enrol"


def test_a_code_of_the_app_opens_the_session_and_is_good_once(write, read, app, person):
    secret, _ = app
    half = begin(write)
    entered = write(finish_log_in, half, code(secret), KEY, NOW)
    assert isinstance(entered, Entered)
    assert read(find_session, entered.secret, NOW).actor == person
    assert write(finish_log_in, begin(write), code(secret), KEY, NOW) == Refused(WRONG_CODE)
    assert write(finish_log_in, half, code(secret, off=1), KEY, NOW) == Refused(ENDED), "the half log-in too"


def test_two_windows_with_the_same_code_open_one_session(write, app):
    secret, _ = app
    first, second = begin(write), begin(write)
    assert isinstance(write(finish_log_in, first, code(secret), KEY, NOW), Entered)
    assert write(finish_log_in, second, code(secret), KEY, NOW) == Refused(WRONG_CODE)


def test_a_recovery_code_opens_once_however_it_is_typed(write, read, app):
    _, codes = app
    typed = [codes[0], codes[1].upper(), codes[2].replace("-", " "), f" {codes[3].replace('-', '')} "]
    for said in typed:
        assert isinstance(write(finish_log_in, begin(write), said, KEY, NOW), Entered), said
    assert write(finish_log_in, begin(write), codes[0], KEY, NOW) == Refused(WRONG_CODE)
    assert read(factors_of, 1).recovery_codes == RECOVERY_CODES - len(typed)


def test_the_recovery_code_of_another_opens_nothing(write, app, person):
    made = write(create_account, OPERATOR, "minh", "analyst", None, PASSWORD, NOW)
    write(set_authenticator, made, new_authenticator_secret(), 0, KEY, NOW)
    _, codes = app
    assert write(finish_log_in, begin(write, name="minh"), codes[0], KEY, NOW) == Refused(WRONG_CODE)
    assert isinstance(write(finish_log_in, begin(write), codes[0], KEY, NOW), Entered), "still good for its owner"


def test_a_half_log_in_ends_after_some_wrong_codes_each_of_which_is_audited(write, app, audited):
    secret, _ = app
    half = begin(write)
    before = len(audited())
    answers = [write(finish_log_in, half, "000000", KEY, NOW) for _ in range(MAX_WRONG)]
    assert answers == [Refused(WRONG_CODE)] * (MAX_WRONG - 1) + [Refused(ENDED)]
    assert write(finish_log_in, half, code(secret), KEY, NOW) == Refused(ENDED)
    assert audited()[before:] == [("nobody", "account.log_in", "account:1", "failed")] * MAX_WRONG


def test_guessing_codes_is_stopped_for_a_day_and_a_recovery_code_still_lets_the_owner_in(write, app):
    secret, codes = app
    half = begin(write)
    for number in range(MAX_WRONG_CODES):
        if number % (MAX_WRONG - 1) == 0:
            half = begin(write)
        assert write(finish_log_in, half, "000000", KEY, NOW) == Refused(WRONG_CODE)
    half = begin(write)
    assert write(finish_log_in, half, code(secret), KEY, NOW) == Refused(TOO_MANY_CODES)
    entered = write(finish_log_in, half, codes[0], KEY, NOW)
    assert isinstance(entered, Entered), "the owner is not kept out"
    assert isinstance(write(finish_log_in, begin(write), code(secret), KEY, NOW), Entered), "and the count is over"


@pytest.mark.slow
def test_the_count_of_wrong_codes_ends_by_itself(write, app):
    secret, _ = app
    for _ in range(MAX_WRONG_CODES):
        write(finish_log_in, begin(write), "000000", KEY, NOW)
    later = NOW + WRONG_WITHIN
    assert isinstance(write(finish_log_in, begin(write, later), code(secret, later), KEY, later), Entered)


@pytest.mark.parametrize("now", [NOW + VALID_FOR, NOW - timedelta(seconds=1)])
def test_a_half_log_in_lives_ten_minutes_and_not_on_a_clock_set_back(write, read, app, now):
    secret, _ = app
    half = begin(write)
    assert read(due_log_in, half, KEY, now) is None
    assert write(finish_log_in, half, code(secret, now), KEY, now) == Refused(ENDED)
    assert write(expire_log_ins, NOW) == 0
    assert write(expire_log_ins, now) == 1
    assert read(lambda session: session.scalar(select(func.count(HalfLogIn.digest)))) == 0


def test_a_closed_account_does_not_finish(write, app, person):
    secret, _ = app
    half = begin(write)
    write(create_account, OPERATOR, "hoa", "administrator", None, PASSWORD, NOW)
    assert write(close_account, OPERATOR, "lan", NOW) is None
    assert write(finish_log_in, half, code(secret), KEY, NOW) == Refused(ENDED)


def test_a_clock_set_back_refuses_codes_it_may_have_seen_and_a_recovery_code_works(write, app):
    """The app's codes of a time that was already used are refused until that time comes again."""
    secret, codes = app
    ahead = NOW + timedelta(days=30)
    assert isinstance(write(finish_log_in, begin(write, ahead), code(secret, ahead), KEY, ahead), Entered)
    half = begin(write)
    assert write(finish_log_in, half, code(secret), KEY, NOW) == Refused(WRONG_CODE)
    assert isinstance(write(finish_log_in, half, codes[0], KEY, NOW), Entered)


def test_another_sealing_key_lets_only_recovery_codes_in(write, app):
    secret, codes = app
    half = begin(write)
    assert write(finish_log_in, half, code(secret), SealingKey(b"x" * 32), NOW) == Refused(OTHER_KEY)
    assert isinstance(write(finish_log_in, half, codes[0], SealingKey(b"x" * 32), NOW), Entered)


def test_another_sealing_key_ends_an_enrolment_that_was_begun(write, read, person):
    half = begin(write)
    app_secret = read(due_log_in, half, KEY, NOW).app_secret
    other = SealingKey(b"x" * 32)
    assert read(due_log_in, half, other, NOW) is None
    assert write(enrol_log_in, half, code(app_secret), other, NOW) == Refused(ENDED)
    assert write(enrol_log_in, half, code(app_secret), KEY, NOW) == Refused(ENDED)
    assert read(due_log_in, begin(write), KEY, NOW).app_secret != app_secret


def test_an_account_that_was_not_used_for_45_days_lets_nobody_in_until_it_is_opened_again(write, app, audited):
    secret, _ = app
    last = NOW + DORMANT_AFTER - timedelta(seconds=1)
    assert isinstance(write(finish_log_in, begin(write, last), code(secret, last), KEY, last), Entered)
    dormant = last + DORMANT_AFTER
    assert write(begin_log_in, "lan", PASSWORD, KEY, dormant) == Refused(DORMANT.format(days=45))
    assert audited()[-1] == ("nobody", "account.log_in", "account:1", "denied")
    assert write(begin_log_in, "lan", "wrong", KEY, dormant) == Refused(WRONG), "told to nobody but the owner"
    assert write(reopen_account, OPERATOR, "lan", dormant) is None
    assert isinstance(write(begin_log_in, "lan", PASSWORD, KEY, dormant), Half)


def test_a_half_log_in_is_no_use_of_the_account(write, app):
    for days in (10, 20, 40):
        begin(write, NOW + timedelta(days=days))
    assert isinstance(write(begin_log_in, "lan", PASSWORD, KEY, NOW + DORMANT_AFTER), Refused)


def test_a_lost_app_is_taken_away_with_every_session_and_another_is_enrolled(write, read, app, audited):
    secret, _ = app
    entered = write(finish_log_in, begin(write), code(secret), KEY, NOW)
    assert write(remove_second_factor, OPERATOR, "lan", NOW) is None
    assert audited()[-1] == ("operator", "account.remove_factor", "account:1", "done")
    assert read(find_session, entered.secret, NOW) is None
    assert write(begin_log_in, "lan", PASSWORD, KEY, NOW).step == "enrol"
    assert not read(factors_of, 1).any and read(factors_of, 1).recovery_codes == 0


def test_no_secret_of_it_rests_in_the_database(write, read, app, engine):
    secret, codes = app
    begin(write)
    enrolling = write(create_account, OPERATOR, "hoa", "administrator", None, PASSWORD, NOW)
    assert enrolling == 2
    half = begin(write, name="hoa")
    app_secret = read(due_log_in, half, KEY, NOW).app_secret
    database = Path(engine.url.database)
    kept = b"".join(file.read_bytes() for file in database.parent.glob(f"{database.name}*"))
    assert len(kept) > 10_000
    letters = totp.spoken(secret).replace(" ", "")
    for each in (secret, app_secret, letters.encode(), half.encode(), *map(str.encode, codes)):
        assert each not in kept
    assert codes[0].replace("-", "").encode() not in kept


def test_a_log_in_half_done_does_not_replace_a_factor_that_was_set_meanwhile(write, read, person):
    """A thief with the password begins first; the owner enrols; the thief's enrolment comes too late."""
    thief = write(begin_log_in, "lan", PASSWORD, KEY, NOW)
    owner = write(begin_log_in, "lan", PASSWORD, KEY, NOW)
    theirs, ours = (read(due_log_in, half.secret, KEY, NOW).app_secret for half in (thief, owner))
    assert isinstance(write(enrol_log_in, owner.secret, code(ours), KEY, NOW), Enrolled)
    assert write(enrol_log_in, thief.secret, code(theirs), KEY, NOW) == Refused(ENDED)
    assert isinstance(write(finish_log_in, begin(write), code(ours, off=1), KEY, NOW), Entered)


@pytest.mark.parametrize("what", ["invitation", "reset", "end sessions", "close and reopen", "own password"])
def test_a_log_in_half_done_ends_with_what_it_was_proven_by(write, read, app, person, what):
    secret, _ = app
    new = "câu khác hẳn, dài không kém"
    half = begin(write)
    if what == "invitation":
        assert isinstance(write(accept, write(invite, OPERATOR, "lan", NOW), new, NOW), Actor)
    elif what == "reset":
        assert write(reset_password, OPERATOR, "lan", new, NOW) is None
    elif what == "end sessions":
        write(end_sessions, OPERATOR, "lan", NOW)
    elif what == "own password":
        assert write(change_password, person, "", PASSWORD, new, NOW) is None
    else:
        hoa = write(create_account, OPERATOR, "hoa", "administrator", None, PASSWORD, NOW)
        write(set_authenticator, hoa, new_authenticator_secret(), 0, KEY, NOW)
        assert write(close_account, OPERATOR, "lan", NOW) is None
        assert write(reopen_account, OPERATOR, "lan", NOW) is None
    assert write(finish_log_in, half, code(secret), KEY, NOW) == Refused(ENDED)


def test_the_right_password_is_written_down_though_nothing_opens(write, app, audited):
    begin(write)
    assert audited()[-1] == ("account:1", "account.begin_log_in", "account:1", "done")


def test_a_session_alone_takes_neither_ones_own_factor_nor_password_over(write, app, person):
    assert isinstance(write(remove_second_factor, person, "lan", NOW), Refused)
    assert isinstance(write(invite, person, "lan", NOW), Refused)
