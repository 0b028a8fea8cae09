"""A passkey as second factor: it finishes a log-in, enrols one, and is added and removed by whom it belongs to."""

from datetime import timedelta

import pytest

from org.account import prove_password
from org.account_closing import remove_second_factor
from org.account_creation import create_account
from org.account_list import list_accounts
from org.actor import OPERATOR
from org.log_in import (
    ENDED,
    MAX_WRONG,
    VALID_FOR,
    Enrolled,
    Entered,
    Half,
    ask_passkey,
    begin_log_in,
    due_log_in,
    enrol_log_in,
    enrol_log_in_by_passkey,
    finish_log_in,
)
from org.own_account import (
    LONGER_FIRST,
    NO_SUCH_PASSKEY,
    REQUIRED,
    WRONG_PASSWORD,
    add_own_passkey,
    ask_own_passkey,
    draft_passkey,
    new_recovery_codes,
    own_account,
    remove_own_passkey,
)
from org.passkey import NONE_HERE, REASONS, Answer, RelyingParty, passkeys_of
from org.refused import Refused
from org.sealing import SealingKey
from org.second_factor import RECOVERY_CODES, WRONG_CODE, enrolled_accounts, factors_of
from org.session import find_session, open_session
from tests.unit.org.authenticator import Authenticator
from tests.unit.org.conftest import NOW, PASSWORD
from tests.unit.org.test_log_in import KEY, code

PARTY = RelyingParty("canh.tinh.gov.vn", "https://canh.tinh.gov.vn")
ELSEWHERE = RelyingParty("canh.example", "https://canh.example")


def begin(write, name="lan", now=NOW):
    half = write(begin_log_in, name, PASSWORD, KEY, now)
    assert isinstance(half, Half)
    return half.secret


@pytest.fixture
def enrolled(write, person):
    """The administrator lan has enrolled a passkey at the first log-in: the key, and what was entered."""
    half, key = begin(write), Authenticator(PARTY.origin)
    made = key.create(write(ask_passkey, half, PARTY, NOW))
    return key, write(enrol_log_in_by_passkey, half, Answer(made, half, PARTY), "Khóa USB", NOW)


def finish(write, key, half, now=NOW, **said):
    options = write(ask_passkey, half, PARTY, now)
    return write(finish_log_in, half, Answer(key.get(options, **said), half, PARTY), KEY, now)


def test_the_first_factor_of_an_administrator_may_be_a_passkey(write, read, enrolled, person, audited):
    _, entered = enrolled
    assert isinstance(entered, Enrolled) and len(set(entered.recovery_codes)) == RECOVERY_CODES
    assert read(find_session, entered.secret, NOW).actor == person
    assert [row[1:] for row in audited()[-2:]] == [
        ("second_factor.enrol", "account:1", "done"),
        ("account.log_in", "account:1", "done"),
    ]
    factors = read(factors_of, person.number)
    assert (factors.any, factors.passkeys, factors.authenticator_since) == (True, 1, None)
    assert read(enrolled_accounts) == {person.number}
    (line,) = read(list_accounts, person, NOW)
    assert line.has_factor


def test_a_passkey_finishes_a_log_in_once(write, read, enrolled, person):
    key, _ = enrolled
    half = begin(write)
    options = write(ask_passkey, half, PARTY, NOW)
    answer = Answer(key.get(options), half, PARTY)
    entered = write(finish_log_in, half, answer, KEY, NOW)
    assert isinstance(entered, Entered) and read(find_session, entered.secret, NOW).actor == person
    assert write(finish_log_in, half, answer, KEY, NOW) == Refused(ENDED)
    again = begin(write)
    replayed = Answer(answer.text, again, PARTY)
    assert write(finish_log_in, again, replayed, KEY, NOW) == Refused(REASONS["challenge"])


def test_the_answer_of_one_log_in_does_not_finish_another(write, enrolled):
    key, _ = enrolled
    mine, other = begin(write), begin(write)
    text = key.get(write(ask_passkey, mine, PARTY, NOW))
    write(ask_passkey, other, PARTY, NOW)
    assert write(finish_log_in, other, Answer(text, other, PARTY), KEY, NOW) == Refused(REASONS["challenge"])


def test_a_recovery_code_stands_in_for_a_lost_passkey(write, enrolled):
    _, entered = enrolled
    half = begin(write)
    assert isinstance(write(finish_log_in, half, entered.recovery_codes[0], KEY, NOW), Entered)
    assert write(finish_log_in, begin(write), "123456", KEY, NOW) == Refused(WRONG_CODE), "there is no app"


def test_a_page_that_only_looks_like_ours_gets_nothing_and_is_written_down(write, enrolled, audited):
    key, _ = enrolled
    half = begin(write)
    for _ in range(MAX_WRONG - 1):
        assert finish(write, key, half, origin="https://canh-tinh.example") == Refused(REASONS["origin"])
        assert {row[1] for row in audited()[-2:]} == {"passkey.refuse", "account.log_in"}
        assert {row[3] for row in audited()[-2:]} == {"failed"}
    assert finish(write, key, half, origin="https://canh-tinh.example") == Refused(ENDED)


def test_a_log_in_half_done_asks_no_longer_than_it_lives(write, enrolled):
    half = begin(write)
    assert "get" in write(ask_passkey, half, PARTY, NOW + VALID_FOR - timedelta(seconds=1))
    assert write(ask_passkey, half, PARTY, NOW + VALID_FOR) == Refused(ENDED)
    assert write(ask_passkey, "made up", PARTY, NOW) == Refused(ENDED)


def test_passkeys_of_another_address_are_not_asked_for_and_still_a_factor(write, enrolled):
    half = begin(write)
    assert write(ask_passkey, half, ELSEWHERE, NOW) == Refused(NONE_HERE)


def test_a_log_in_half_done_adds_no_passkey_beside_a_factor_that_was_set_meanwhile(write, read, person):
    slow, quick = begin(write), begin(write)
    attacker = Authenticator(PARTY.origin, b"other")
    made = attacker.create(write(ask_passkey, slow, PARTY, NOW))
    app_secret = read(due_log_in, quick, KEY, NOW).app_secret
    assert isinstance(write(enrol_log_in, quick, code(app_secret), KEY, NOW), Enrolled)
    answer = Answer(made, slow, PARTY)
    assert write(enrol_log_in_by_passkey, slow, answer, "x", NOW) == Refused(ENDED)
    assert read(passkeys_of, person.number) == ()


def test_a_log_in_that_needs_a_proof_does_not_enrol(write, enrolled):
    half, more = begin(write), Authenticator(PARTY.origin, b"more")
    options = write(ask_passkey, half, PARTY, NOW)
    made = more.create({"create": {**options["get"], "rp": {"id": PARTY.id}}})
    answer = Answer(made, half, PARTY)
    assert write(enrol_log_in_by_passkey, half, answer, "x", NOW) == Refused(ENDED)


def test_another_administrator_removes_a_lost_passkey_with_every_session(write, read, enrolled, person):
    _, entered = enrolled
    write(create_account, OPERATOR, "hoa", "administrator", None, PASSWORD, NOW)
    assert not isinstance(write(remove_second_factor, OPERATOR, "lan", NOW), Refused)
    assert read(passkeys_of, person.number) == () and not read(factors_of, person.number).any
    assert read(find_session, entered.secret, NOW) is None
    assert write(begin_log_in, "lan", PASSWORD, KEY, NOW).step == "enrol"


# One's own account


@pytest.fixture
def minh(write, person):
    """An analyst without a second factor, and the secrets of two sessions."""
    write(create_account, OPERATOR, "minh", "analyst", None, PASSWORD, NOW)
    actor = write(prove_password, "minh", PASSWORD, NOW)
    return actor, [write(open_session, actor, "password", NOW) for _ in range(2)]


def add(write, actor, secret, key, proof="", name="Khóa USB"):
    options = write(draft_passkey, actor, secret, PASSWORD, proof, PARTY, KEY, NOW)
    assert not isinstance(options, Refused), options
    return write(add_own_passkey, actor, Answer(key.create(options), secret, PARTY), name, NOW)


def own_proof(write, actor, secret, key):
    return Answer(key.get(write(ask_own_passkey, actor, secret, PARTY, NOW)), secret, PARTY)


def test_the_first_passkey_brings_recovery_codes_and_ends_the_other_sessions(write, read, minh, audited):
    actor, (here, there) = minh
    key = Authenticator(PARTY.origin)
    codes = add(write, actor, here, key)
    assert len(set(codes)) == RECOVERY_CODES
    assert audited()[-1] == ("account:2", "self.change_factor", "account:2", "done")
    assert read(find_session, here, NOW) is not None and read(find_session, there, NOW) is None
    (shown,) = read(own_account, actor, here, NOW).passkeys
    assert (shown.name, shown.rp_id, shown.used_at) == ("Khóa USB", PARTY.id, None)
    second = add(write, actor, here, Authenticator(PARTY.origin, b"second"), own_proof(write, actor, here, key))
    assert second == (), "the recovery codes there are stay good"
    assert read(factors_of, actor.number).recovery_codes == RECOVERY_CODES


def test_a_passkey_needs_the_password_and_the_factor_there_is(write, minh):
    actor, (here, _) = minh
    assert write(draft_passkey, actor, here, "wrong", "", PARTY, KEY, NOW) == Refused(WRONG_PASSWORD)
    add(write, actor, here, Authenticator(PARTY.origin))
    assert write(draft_passkey, actor, here, PASSWORD, "", PARTY, KEY, NOW) == Refused(WRONG_CODE)


def test_a_passkey_that_was_asked_for_in_one_session_is_not_added_in_another(write, minh):
    actor, (here, there) = minh
    options = write(draft_passkey, actor, here, PASSWORD, "", PARTY, KEY, NOW)
    made = Authenticator(PARTY.origin).create(options)
    assert write(add_own_passkey, actor, Answer(made, there, PARTY), "x", NOW) == Refused(REASONS["challenge"])
    assert isinstance(write(add_own_passkey, actor, Answer(made, here, PARTY), "x", NOW), tuple)
    assert write(add_own_passkey, actor, Answer(made, here, PARTY), "x", NOW) == Refused(REASONS["challenge"])


def test_a_passkey_proves_where_a_code_would(write, minh):
    actor, (here, _) = minh
    key = Authenticator(PARTY.origin)
    add(write, actor, here, key)
    codes = write(new_recovery_codes, actor, PASSWORD, own_proof(write, actor, here, key), KEY, NOW)
    assert len(set(codes)) == RECOVERY_CODES
    stranger = Authenticator(PARTY.origin, key.identity)
    forged = own_proof(write, actor, here, stranger)
    assert write(new_recovery_codes, actor, PASSWORD, forged, KEY, NOW) == Refused(REASONS["signature"])


def test_one_without_a_passkey_is_asked_for_none(write, minh):
    actor, (here, _) = minh
    assert write(ask_own_passkey, actor, here, PARTY, NOW) == Refused(NONE_HERE)


def test_a_passkey_is_removed_by_its_owner_alone_and_the_last_one_only_where_none_is_required(
    write, read, minh, enrolled, person
):
    actor, (here, _) = minh
    key = Authenticator(PARTY.origin, b"of minh")
    add(write, actor, here, key)
    there = write(open_session, actor, "password", NOW)
    (own,), (hers,) = read(passkeys_of, actor.number), read(passkeys_of, person.number)
    proof = own_proof(write, actor, here, key)
    assert write(remove_own_passkey, actor, here, hers.number, PASSWORD, proof, KEY, NOW) == Refused(NO_SUCH_PASSKEY)
    proof = own_proof(write, actor, here, key)
    assert write(remove_own_passkey, actor, here, own.number, PASSWORD, proof, KEY, NOW) is None
    assert read(factors_of, actor.number).recovery_codes == 0, "codes alone are no factor"
    assert read(find_session, here, NOW) is not None and read(find_session, there, NOW) is None
    assert len(read(passkeys_of, person.number)) == 1
    lans_key, entered = enrolled
    proof = own_proof(write, person, entered.secret, lans_key)
    assert write(remove_own_passkey, person, entered.secret, hers.number, PASSWORD, proof, KEY, NOW) == Refused(
        REQUIRED
    )


def test_the_last_passkey_stays_while_the_password_is_short(write, read, person):
    short = "bờ kè 2026 lạ"
    assert isinstance(write(create_account, OPERATOR, "hoa", "administrator", None, short, NOW), int)
    half, key = write(begin_log_in, "hoa", short, KEY, NOW).secret, Authenticator(PARTY.origin)
    made = Answer(key.create(write(ask_passkey, half, PARTY, NOW)), half, PARTY)
    entered = write(enrol_log_in_by_passkey, half, made, "x", NOW)
    analyst = write(as_analyst, "hoa")
    (own,) = read(passkeys_of, analyst.number)
    proof = own_proof(write, analyst, entered.secret, key)
    refused = write(remove_own_passkey, analyst, entered.secret, own.number, short, proof, KEY, NOW)
    assert isinstance(refused, Refused) and refused.reason.en.startswith(LONGER_FIRST.en[:40])


def as_analyst(session, name):
    from org.account import account_actor, find_account

    account = find_account(session, name)
    account.role = "analyst"
    return account_actor(session, account, NOW)


def test_the_key_of_the_server_is_not_needed(write, enrolled):
    """Another sealing key opens no app; a passkey has nothing sealed."""
    key, _ = enrolled
    half = write(begin_log_in, "lan", PASSWORD, SealingKey(b"z" * 32), NOW).secret
    answer = Answer(key.get(write(ask_passkey, half, PARTY, NOW)), half, PARTY)
    assert isinstance(write(finish_log_in, half, answer, SealingKey(b"z" * 32), NOW), Entered)
