"""Passkeys: good at our address alone, each challenge once, and what is wrong is refused with its reason."""

import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256, ES384
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from org.account_creation import create_account
from org.actor import OPERATOR
from org.audit import Audit
from org.passkey import (
    CHALLENGE_VALID_FOR,
    MAX_ANSWER_BYTES,
    MAX_PASSKEYS,
    REASONS,
    Answer,
    Passkey,
    PasskeyChallenge,
    RelyingParty,
    add_passkey,
    ask_to_add,
    ask_to_prove,
    check_passkey,
    expire_challenges,
    has_passkeys,
    passkeys_of,
    relying_party,
    remove_passkey,
)
from org.refused import Refused
from tests.unit.org.authenticator import Authenticator, b64
from tests.unit.org.conftest import NOW, PASSWORD

PARTY = RelyingParty("canh.tinh.gov.vn", "https://canh.tinh.gov.vn")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def account(person):
    return person.number


@pytest.fixture
def key(write, account):
    """A passkey of the administrator lan."""
    made = Authenticator(PARTY.origin)
    options = write(ask_to_add, account, "s", PARTY, NOW)
    added = write(add_passkey, account, Answer(made.create(options), "s", PARTY), "  Khóa  bảo mật ", NOW)
    assert isinstance(added, Passkey) and added.name == "Khóa bảo mật"
    return made


def why(read):
    return read(lambda session: session.scalars(select(Audit).order_by(Audit.sequence.desc())).first().detail)


def prove(write, account, text, secret="s", party=PARTY, now=NOW):
    return write(check_passkey, account, Answer(text, secret, party), now)


def test_a_passkey_is_added_and_proves(write, read, account, key):
    (own,) = read(passkeys_of, account)
    assert (own.name, own.rp_id, own.made_at, own.used_at) == ("Khóa bảo mật", PARTY.id, NOW, None)
    asked = write(ask_to_prove, account, "s", PARTY, NOW)
    assert asked["get"]["allowCredentials"] == [{"type": "public-key", "id": b64(key.identity), "transports": ["usb"]}]
    assert prove(write, account, key.get(asked), now=NOW + MINUTE) == own.number
    (own,) = read(passkeys_of, account)
    assert own.used_at == NOW + MINUTE


def test_what_is_asked_of_the_browser(write, account, key):
    asked = write(ask_to_add, account, "s", PARTY, NOW)["create"]
    assert asked["attestation"] == "none" and asked["rp"]["id"] == PARTY.id
    assert asked["authenticatorSelection"] == {"residentKey": "discouraged", "userVerification": "preferred"}
    assert [each["id"] for each in asked["excludeCredentials"]] == [b64(key.identity)]
    json.dumps(asked)


def test_a_challenge_is_good_once_for_five_minutes_for_whom_it_was_made(write, read, account, key):
    def asked():
        return write(ask_to_prove, account, "s", PARTY, NOW)

    answer = key.get(asked())
    assert isinstance(prove(write, account, answer), int)
    for text, secret, now in (
        (answer, "s", NOW),  # replayed
        (key.get(asked()), "of another session", NOW),
        (key.get(asked()), "s", NOW + CHALLENGE_VALID_FOR),
        (key.get(asked()), "s", NOW - MINUTE),
    ):
        assert prove(write, account, text, secret, now=now) == Refused(REASONS["challenge"])
        assert why(read) == {"why": "challenge"}
    minh = write(create_account, OPERATOR, "minh", "analyst", None, PASSWORD, NOW)
    hers = key.get(asked())
    assert prove(write, minh, hers) == Refused(REASONS["challenge"]), "of another account, in the same browser"
    assert isinstance(prove(write, account, hers), int)
    old = key.get(asked())
    asked()
    assert prove(write, account, old) == Refused(REASONS["challenge"]), "a newer one takes its place"


def test_a_challenge_to_add_proves_nothing_and_the_other_way_round(write, account, key):
    add = write(ask_to_add, account, "s", PARTY, NOW)
    assert prove(write, account, key.get({"get": {**add["create"], "rpId": PARTY.id}})) == Refused(REASONS["challenge"])
    asked = write(ask_to_prove, account, "s", PARTY, NOW)["get"]
    other = Authenticator(PARTY.origin, b"credential-2")
    text = other.create({"create": {"challenge": asked["challenge"], "rp": {"id": PARTY.id}}})
    assert write(add_passkey, account, Answer(text, "s", PARTY), "x", NOW) == Refused(REASONS["challenge"])


def test_a_passkey_that_is_called_otherwise_than_it_signs_is_not_added(write, account):
    made = Authenticator(PARTY.origin, b"credential-2")
    answer = json.loads(made.create(write(ask_to_add, account, "s", PARTY, NOW)))
    other = json.dumps({**answer, "rawId": b64(b"credential-3")})
    assert write(add_passkey, account, Answer(other, "s", PARTY), "x", NOW) == Refused(REASONS["unreadable"])


def test_an_answer_that_is_right_but_too_long_is_not_read(write, account, key):
    def answer(padding):
        said = json.loads(key.get(write(ask_to_prove, account, "s", PARTY, NOW)))
        return json.dumps({**said, "padding": "x" * padding})

    assert isinstance(prove(write, account, answer(MAX_ANSWER_BYTES // 2)), int)
    assert prove(write, account, answer(MAX_ANSWER_BYTES)) == Refused(REASONS["unreadable"])


def test_the_refusal_is_audited_as_done_by_whoever_is_logged_in(write, read, account, key, person):
    asked = write(ask_to_prove, account, "s", PARTY, NOW)
    write(check_passkey, account, Answer(key.get(asked, spoil=True), "s", PARTY), NOW, person)
    row = read(lambda session: session.scalars(select(Audit).order_by(Audit.sequence.desc())).first())
    assert (row.actor, row.action) == (person.id, "passkey.refuse")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("origin", {"origin": "https://canh-tinh.gov.vn"}),
        ("origin", {"origin": "http://canh.tinh.gov.vn"}),
        ("origin", {"origin": "https://canh.tinh.gov.vn:8443"}),
        ("origin", {"crossOrigin": True}),
        ("relying_party", {"rp_id": "tinh.gov.vn"}),
        ("type", {"kind": "webauthn.create"}),
        ("presence", {"flags": 0}),
        ("signature", {"spoil": True}),
        ("unreadable", {"flags": 0x41}),  # says that a key follows, and none does
    ],
)
def test_what_is_wrong_in_a_proof_is_refused_with_its_reason(write, read, account, key, wrong, said):
    asked = write(ask_to_prove, account, "s", PARTY, NOW)
    assert prove(write, account, key.get(asked, **said)) == Refused(REASONS[wrong])
    assert why(read)["why"] == wrong
    if "origin" in said:
        assert why(read)["origin"] == said["origin"], "the audit says where somebody was lured to"
    (own,) = read(passkeys_of, account)
    assert own.used_at is None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("origin", {"origin": "https://canh.example"}),
        ("relying_party", {"rp_id": "example"}),
        ("type", {"kind": "webauthn.get"}),
        ("presence", {"flags": 0}),
        ("algorithm", {"key": ES384.from_cryptography_key(ec.generate_private_key(ec.SECP384R1()).public_key())}),
        ("unreadable", {"key": ES256({3: -7, 1: 2, -1: 1, -2: b"x"}), "flags": 0x81}),
    ],
)
def test_what_is_wrong_in_a_new_passkey_is_refused_with_its_reason(write, read, account, wrong, said):
    asked = write(ask_to_add, account, "s", PARTY, NOW)
    text = Authenticator(PARTY.origin).create(asked, **said)
    assert write(add_passkey, account, Answer(text, "s", PARTY), "x", NOW) == Refused(REASONS[wrong])
    assert why(read)["why"] == wrong and read(passkeys_of, account) == ()


def test_a_passkey_of_another_account_or_key_is_refused(write, read, account, key):
    other = write(create_account, OPERATOR, "minh", "analyst", None, PASSWORD, NOW)
    theirs = Authenticator(PARTY.origin, b"theirs")
    text = theirs.create(write(ask_to_add, other, "t", PARTY, NOW))
    write(add_passkey, other, Answer(text, "t", PARTY), "x", NOW)
    asked = write(ask_to_prove, account, "s", PARTY, NOW)
    assert prove(write, account, theirs.get(asked)) == Refused(REASONS["unknown"])
    forged = Authenticator(PARTY.origin, key.identity)  # knows the id, not the key
    asked = write(ask_to_prove, account, "s", PARTY, NOW)
    assert prove(write, account, forged.get(asked)) == Refused(REASONS["signature"])
    assert why(read) == {"why": "signature", "passkey": "1"}
    text = key.create(write(ask_to_add, other, "t", PARTY, NOW))
    assert write(add_passkey, other, Answer(text, "t", PARTY), "x", NOW) == Refused(REASONS["twice"])


def test_a_counter_that_goes_back_is_a_possible_clone(write, read, account, key):
    for _ in range(3):
        assert isinstance(prove(write, account, key.get(write(ask_to_prove, account, "s", PARTY, NOW))), int)
    for count in (0, 2):  # the same again, and lower
        key.count = count
        asked = write(ask_to_prove, account, "s", PARTY, NOW)
        assert prove(write, account, key.get(asked)) == Refused(REASONS["clone"])
        assert why(read) == {"why": "clone", "passkey": "1", "count": f"{count + 1}, 3"}
    key.counts, key.count = False, 0
    asked = write(ask_to_prove, account, "s", PARTY, NOW)
    assert prove(write, account, key.get(asked)) == Refused(REASONS["clone"]), "nor may it begin to say nothing"


def test_an_authenticator_without_a_counter_is_taken(write, account):
    made = Authenticator(PARTY.origin, counts=False)
    text = made.create(write(ask_to_add, account, "s", PARTY, NOW))
    write(add_passkey, account, Answer(text, "s", PARTY), "x", NOW)
    for _ in range(2):
        assert isinstance(prove(write, account, made.get(write(ask_to_prove, account, "s", PARTY, NOW))), int)


@pytest.mark.parametrize("name", ["", " ", "x" * 61, "a\x07b", "a‮b"])
def test_a_name_that_is_none_is_refused(write, account, name):
    text = Authenticator(PARTY.origin).create(write(ask_to_add, account, "s", PARTY, NOW))
    assert write(add_passkey, account, Answer(text, "s", PARTY), name, NOW) == Refused(REASONS["name"])


@pytest.mark.slow
def test_ten_passkeys_and_no_more(write, read, account):
    for number in range(MAX_PASSKEYS + 1):
        made = Authenticator(PARTY.origin, b"credential-%d" % number)
        text = made.create(write(ask_to_add, account, "s", PARTY, NOW))
        outcome = write(add_passkey, account, Answer(text, "s", PARTY), "x", NOW)
    assert outcome == Refused(REASONS["too_many"]) and len(read(passkeys_of, account)) == MAX_PASSKEYS


def test_a_passkey_of_another_address_is_not_asked_for(write, read, account, key):
    elsewhere = RelyingParty("localhost", "http://localhost:8480")
    assert read(has_passkeys, account, PARTY) and not read(has_passkeys, account, elsewhere)
    assert write(ask_to_prove, account, "s", elsewhere, NOW) is None
    assert write(remove_passkey, account, 1) == "Khóa bảo mật"
    assert write(remove_passkey, account, 1) is None
    assert write(ask_to_prove, account, "s", PARTY, NOW) is None


def test_challenges_that_nobody_answers_are_swept(write, read, account):
    write(ask_to_add, account, "s", PARTY, NOW)
    assert write(expire_challenges, NOW + CHALLENGE_VALID_FOR - MINUTE) == 0
    assert write(expire_challenges, NOW + CHALLENGE_VALID_FOR) == 1
    assert read(lambda session: session.scalar(select(func.count(PasskeyChallenge.asked_by)))) == 0


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=10), each, max_size=3),
    max_leaves=8,
)


@pytest.mark.slow
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_comes_back_is_refused_and_never_fails(write, account, key, data):
    asked = write(ask_to_prove, account, "s", PARTY, NOW)
    text = data.draw(
        st.sampled_from(["", "{", "x" * 40_000, "\ud800"]) | JSON.map(json.dumps) | st.just(key.get(asked))
    )
    if text.startswith('{"id"'):
        said = json.loads(text)
        part = data.draw(st.sampled_from(["clientDataJSON", "authenticatorData", "signature"]))
        said["response"][part] = data.draw(st.binary(max_size=80).map(b64) | st.text(max_size=10))
        text = json.dumps(said)
    assert isinstance(prove(write, account, text), Refused)


@pytest.mark.slow
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=120))
def test_no_bytes_in_the_place_of_a_new_key_fail(write, account, rubbish):
    asked = write(ask_to_add, account, "s", PARTY, NOW)
    said = json.loads(Authenticator(PARTY.origin).create(asked))
    whole = said["response"]["attestationObject"]
    for spoilt in (b64(rubbish), whole[: len(rubbish)] + b64(rubbish)):
        said["response"]["attestationObject"] = spoilt
        write(ask_to_add, account, "s", PARTY, NOW)
        assert isinstance(write(add_passkey, account, Answer(json.dumps(said), "s", PARTY), "x", NOW), Refused)


@pytest.mark.parametrize(
    ("address", "party"),
    [
        ("https://canh.tinh.gov.vn", PARTY),
        ("https://canh.tinh.gov.vn:8443", RelyingParty("canh.tinh.gov.vn", "https://canh.tinh.gov.vn:8443")),
        ("http://127.0.0.1:8480", RelyingParty("localhost", "http://localhost:8480")),
        ("http://[::1]:8480", RelyingParty("localhost", "http://localhost:8480")),
        ("http://canh.tinh.gov.vn:8480", None),
        ("https://10.0.0.5", None),
        ("https://[2001:db8::1]", None),
        ("http://10.0.0.5:8480", None),
    ],
)
def test_where_passkeys_are_good(address, party):
    assert relying_party(address) == party
