"""Asking the identity provider: what it answers is believed as far as the rules go, and nothing it does holds us up."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from core import clock
from org import identity_provider
from org.identity_provider import NOT_REACHED, REFUSED_THERE, IdentityProvider
from org.identity_token import NOT_BELIEVED
from org.refused import Refused
from org.settings import IdentityProviderSettings
from tests.unit.org.certificate import context_of
from tests.unit.org.conftest import NOW
from tests.unit.org.provider import CLIENT, SECRET, Provider, key_called, running

NO_KEY = Refused(NOT_BELIEVED.format(why="signature"))
ANSWER = "https://canh.tinh.gov.vn/log-in/provider/answer"
MAX_AGE = timedelta(minutes=30)
STATE, NONCE, VERIFIER = "s" * 64, "n" * 64, "v" * 64


@pytest.fixture
def there():
    with running(Provider(NOW.timestamp())) as provider:
        yield provider


@pytest.fixture
def clock_here():
    return [NOW]


@pytest.fixture
def asked(there, tmp_path, clock_here):
    return of(there.origin, tmp_path, clock_here)


def of(issuer, tmp_path, clock_here):
    (tmp_path / "secret").write_text(SECRET + "\n", "utf-8")
    settings = IdentityProviderSettings(issuer=issuer, client_id=CLIENT, client_secret_file=tmp_path / "secret")
    return IdentityProvider(settings, ANSWER, lambda: clock_here[0])


def code(there, asked, **brought):
    return there.log_in(asked.question(STATE, NONCE, VERIFIER, MAX_AGE), **brought)["code"]


def test_a_person_is_named_once_for_a_code(there, asked):
    there.claims = {"amr": ["otp"]}
    given = code(there, asked)
    identity = asked.identity(given, VERIFIER, NONCE, MAX_AGE)
    assert (identity.issuer, identity.subject, identity.strength) == (there.origin, "8f14e45f", {"otp"})
    assert asked.identity(given, VERIFIER, NONCE, MAX_AGE) == Refused(REFUSED_THERE)


def test_the_question_names_the_address_that_was_registered_and_no_verifier(there, asked):
    question = asked.question(STATE, NONCE, VERIFIER, MAX_AGE)
    said = parse_qs(urlsplit(question).query)
    assert said["redirect_uri"] == [ANSWER] and said["state"] == [STATE]
    assert VERIFIER not in question and SECRET not in question


def test_a_code_is_of_no_use_to_whoever_has_not_asked_for_it(there, asked):
    given = code(there, asked)
    assert asked.identity(given, "w" * 64, NONCE, MAX_AGE) == Refused(REFUSED_THERE), "PKCE"
    given = code(there, asked)
    assert asked.identity(given, VERIFIER, "m" * 64, MAX_AGE) == Refused(NOT_BELIEVED.format(why="nonce"))


def test_a_provider_that_takes_the_secret_in_the_form_gets_it_there(there, asked):
    there.document = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert asked.identity(code(there, asked), VERIFIER, NONCE, MAX_AGE).subject == "8f14e45f"


def test_a_secret_that_was_changed_counts_from_the_next_log_in_on(there, asked, tmp_path):
    (tmp_path / "secret").write_text("another", "utf-8")
    assert asked.identity(code(there, asked), VERIFIER, NONCE, MAX_AGE) == Refused(REFUSED_THERE)
    (tmp_path / "secret").unlink()
    assert asked.identity(code(there, asked), VERIFIER, NONCE, MAX_AGE) == Refused(NOT_REACHED)


def test_keys_are_kept_for_an_hour_and_asked_for_again_when_a_new_one_signs(there, asked, clock_here):
    asked.identity(code(there, asked), VERIFIER, NONCE, MAX_AGE)
    asked.identity(code(there, asked), VERIFIER, NONCE, MAX_AGE)
    assert there.asked.count("/keys") == 1 and there.asked.count("/.well-known/openid-configuration") == 1
    there.key = key_called("two")
    assert asked.identity(code(there, asked), VERIFIER, NONCE, MAX_AGE) == NO_KEY, "at most once a minute"
    assert there.asked.count("/keys") == 1
    clock_here[0] = NOW + timedelta(minutes=1)
    assert asked.identity(code(there, asked), VERIFIER, NONCE, MAX_AGE).subject == "8f14e45f"
    assert there.asked.count("/keys") == 2


def test_a_new_key_without_a_name_is_asked_for_too(there, asked, clock_here):
    there.naming = False
    assert asked.identity(code(there, asked), VERIFIER, NONCE, MAX_AGE).subject == "8f14e45f"
    there.key = key_called("two")
    assert asked.identity(code(there, asked), VERIFIER, NONCE, MAX_AGE) == NO_KEY
    clock_here[0] = NOW + timedelta(minutes=1)
    assert asked.identity(code(there, asked), VERIFIER, NONCE, MAX_AGE).subject == "8f14e45f"
    assert there.asked.count("/keys") == 2


def test_an_answer_of_the_right_kind_that_is_too_long(there, asked, monkeypatch):
    assert isinstance(asked.question(STATE, NONCE, VERIFIER, MAX_AGE), str)
    there.document = {"service_documentation": "x" * identity_provider.MAX_ANSWER_BYTES}
    fresh = IdentityProvider(asked.settings, ANSWER, lambda: NOW)
    assert fresh.question(STATE, NONCE, VERIFIER, MAX_AGE) == Refused(NOT_REACHED)
    monkeypatch.setattr(identity_provider, "MAX_ANSWER_BYTES", 2 * identity_provider.MAX_ANSWER_BYTES)
    assert isinstance(fresh.question(STATE, NONCE, VERIFIER, MAX_AGE), str), "too long, and nothing else"


def test_a_log_in_there_that_is_long_ago_is_refused(there, asked):
    there.claims = {"auth_time": int(there.now) - 1861}
    refused = asked.identity(code(there, asked), VERIFIER, NONCE, MAX_AGE)
    assert refused == Refused(NOT_BELIEVED.format(why="auth_time"))


@pytest.mark.parametrize("broken", ["redirect", "error", "text", "long"])
def test_an_answer_that_is_none_is_told_and_no_other_address_is_called(there, asked, broken, caplog):
    there.broken = broken
    assert asked.question(STATE, NONCE, VERIFIER, MAX_AGE) == Refused(NOT_REACHED)
    assert there.asked == ["/.well-known/openid-configuration"]
    assert "identity provider" in caplog.text


@pytest.mark.slow
@pytest.mark.parametrize("broken", ["drip", "slow head"])
def test_an_answer_that_comes_in_drops_is_not_waited_for(there, asked, broken, monkeypatch):
    there.broken = broken
    monkeypatch.setattr(identity_provider, "WITHIN_S", 1.0)
    begun = clock.monotonic()
    assert asked.question(STATE, NONCE, VERIFIER, MAX_AGE) == Refused(NOT_REACHED)
    assert clock.monotonic() - begun < 5


def test_nobody_there(tmp_path, clock_here):
    assert of("http://127.0.0.1:1", tmp_path, clock_here).question(STATE, NONCE, VERIFIER, MAX_AGE) == Refused(
        NOT_REACHED
    )


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://elsewhere.example"},
        {"token_endpoint": "http://169.254.169.254/latest"},
        {"jwks_uri": "http://10.0.0.1/keys"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": "file:///etc/passwd"},
        {"jwks_uri": "//evil.example/keys"},
        {"token_endpoint": 7},
        {"token_endpoint": "https://[bad"},
    ],
)
def test_a_provider_that_names_addresses_it_should_not_is_not_asked_further(there, asked, document):
    there.document = document
    assert asked.question(STATE, NONCE, VERIFIER, MAX_AGE) == Refused(NOT_REACHED)
    assert there.asked == ["/.well-known/openid-configuration"]


def test_only_a_certificate_that_is_trusted_and_good_for_the_name_will_do(tmp_path, certificate):
    (tmp_path / "secret").write_text(SECRET, "utf-8")
    with running(Provider(NOW.timestamp()), context_of(certificate)) as there:

        def question(origin, ca_file):
            there.document = {"issuer": origin}
            settings = IdentityProviderSettings(
                issuer=origin, client_id=CLIENT, client_secret_file=tmp_path / "secret", ca_file=ca_file
            )
            return IdentityProvider(settings, ANSWER, lambda: NOW).question(STATE, NONCE, VERIFIER, MAX_AGE)

        trusted = certificate / "cert.pem"
        assert isinstance(question(there.origin, trusted), str)
        assert question(there.origin, None) == Refused(NOT_REACHED), "nobody this machine trusts has signed it"
        other_name = there.origin.replace("127.0.0.1", "localhost")
        assert question(other_name, trusted) == Refused(NOT_REACHED), "it is not of this name"


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": "http://sso.tinh.gov.vn"},
        {"issuer": "ftp://sso"},
        {"issuer": "https://sso.tinh.gov.vn/a?b"},
        {"issuer": "https://u:p@sso.tinh.gov.vn"},
        {"client_id": None},
        {"client_secret_file": None},
    ],
)
def test_settings_that_are_not_whole(wrong):
    right = {"issuer": "https://sso.tinh.gov.vn", "client_id": "canh", "client_secret_file": Path("secret")}
    IdentityProviderSettings(**right)
    with pytest.raises(ValueError, match="validation error"):
        IdentityProviderSettings(**{**right, **wrong})


def test_certificates_that_are_none_leave_the_password(tmp_path):
    (tmp_path / "secret").write_text(SECRET, "utf-8")
    settings = IdentityProviderSettings(
        issuer="https://127.0.0.1:1", client_id=CLIENT, client_secret_file=tmp_path / "secret", ca_file=tmp_path / "no"
    )
    assert IdentityProvider(settings, ANSWER, lambda: NOW).question(STATE, NONCE, VERIFIER, MAX_AGE) == Refused(
        NOT_REACHED
    )
