"""Checkpoints by mail, through a real mail server: TLS, a log-in, what the server refuses, and how often."""

from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from aiosmtpd.smtp import AuthResult
from pydantic import ValidationError

from core.language import Text
from org.audit_copy import AuditCopy, copied_through, copy, destinations, is_due, note_copied
from org.audit_export import read_checkpoints
from org.audit_mail import AGAIN_AFTER, BAD_CERTIFICATE, EVERY, NO_LOG_IN, NO_RECIPIENT, NO_SMTP, NO_TLS, ODD_PASSWORD
from org.settings import AuditSettings
from tests.e2e.product import free_port
from tests.unit.org.certificate import context_of
from tests.unit.org.test_audit_copy import NOW, checkpoint

FROM, TO = "canh@example.vn", "thanh-tra@example.vn"


class Mailbox(Message):
    """Keeps what comes; refuses one recipient."""

    def __init__(self):
        super().__init__()
        self.mails = []

    def handle_message(self, message):
        self.mails.append(message)

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"


def authenticator(_server, _session, _envelope, _mechanism, said):
    return AuthResult(success=said.login == b"canh" and said.password == b"s3cret", handled=False)


@pytest.fixture
def server(certificate):
    """A mail server with STARTTLS and a log-in that it demands: (its port, what it got)."""
    mailbox = Mailbox()
    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=free_port(),
        tls_context=context_of(certificate),
        require_starttls=True,
        authenticator=authenticator,
        auth_required=True,
    )
    controller.start()
    yield controller.server.sockets[0].getsockname()[1], mailbox
    controller.stop()


@pytest.fixture
def plain():
    """A mail server that knows no TLS."""
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller.server.sockets[0].getsockname()[1], mailbox
    controller.stop()


def destination(tmp_path, port, certificate=None, password="s3cret\n", to=TO, **settings):
    (tmp_path / "password").write_text(password)
    asked = {
        "checkpoint_mail_server": f"smtp://127.0.0.1:{port}",
        "checkpoint_mail_from": FROM,
        "checkpoint_mail_to": [to],
        "checkpoint_mail_user": "canh",
        "checkpoint_mail_password_file": tmp_path / "password",
        "checkpoint_mail_ca_file": certificate and certificate / "cert.pem",
        **settings,
    }
    (found,) = destinations(AuditSettings(**asked))
    return found


def test_a_mail_carries_the_checkpoints_as_verify_reads_them(tmp_path, server, certificate):
    port, mailbox = server
    assert copy(destination(tmp_path, port, certificate), [checkpoint(1000), checkpoint(2000)]) is None
    (mail,) = mailbox.mails
    assert (mail["From"], mail["To"], mail["Auto-Submitted"]) == (FROM, TO, "auto-generated")
    (attached,) = [part for part in mail.walk() if part.get_filename()]
    assert attached.get_filename() == "canh-1000-2000.jsonl"
    found, spoiled = read_checkpoints(attached.get_payload(decode=True).splitlines(), Text("x", "x"))
    assert [each.checkpoint for each in found] == [checkpoint(1000), checkpoint(2000)] and spoiled == []
    assert "s3cret" not in mail.as_string()


def test_tls_from_the_first_byte(tmp_path, certificate):
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port(), ssl_context=context_of(certificate))
    controller.start()
    port = controller.server.sockets[0].getsockname()[1]
    to = destination(
        tmp_path,
        port,
        certificate,
        checkpoint_mail_server=f"smtps://127.0.0.1:{port}",
        checkpoint_mail_user=None,
        checkpoint_mail_password_file=None,
    )
    assert copy(to, [checkpoint(1)]) is None
    assert len(mailbox.mails) == 1
    controller.stop()


def test_what_the_server_refuses_is_said_and_nothing_counts_as_sent(tmp_path, server, certificate):
    port, mailbox = server
    assert copy(destination(tmp_path, port, certificate, password="wrong"), [checkpoint(1)]) == NO_LOG_IN
    assert copy(destination(tmp_path, port, certificate, to="nobody@example.vn"), [checkpoint(1)]) == NO_RECIPIENT
    assert copy(destination(tmp_path, port), [checkpoint(1)]) == BAD_CERTIFICATE
    assert mailbox.mails == []


def test_without_tls_no_password_and_no_mail_leaves(tmp_path, plain):
    port, mailbox = plain
    assert copy(destination(tmp_path, port), [checkpoint(1)]) == NO_TLS
    assert mailbox.mails == []
    bare = {"checkpoint_mail_user": None, "checkpoint_mail_password_file": None, "checkpoint_mail_plain": True}
    assert copy(destination(tmp_path, port, **bare), [checkpoint(1)]) is None
    assert len(mailbox.mails) == 1


def test_what_is_no_mail_server_and_a_password_that_cannot_be_read(tmp_path, server, certificate):
    assert copy(destination(tmp_path, free_port(), certificate), [checkpoint(1)]) is not None
    to = destination(tmp_path, server[0], certificate, checkpoint_mail_password_file=tmp_path / "nope")
    assert copy(to, [checkpoint(1)]).en == "no such file or directory"
    assert NO_SMTP.vi


def test_at_most_one_an_hour_and_after_a_failure_again_within_a_minute(tmp_path, write, read):
    to = destination(tmp_path, 1)
    failure = Text("x", "x")
    assert read(is_due, to, NOW)
    write(note_copied, to.name, 1, None, NOW)
    assert not read(is_due, to, NOW + EVERY - timedelta(seconds=1)) and read(is_due, to, NOW + EVERY)
    assert read(is_due, to, NOW - timedelta(days=1)), "a clock set back makes nobody wait"
    write(note_copied, to.name, 2, failure, NOW + EVERY)
    assert not read(is_due, to, NOW + EVERY + AGAIN_AFTER - timedelta(seconds=1))
    assert read(is_due, to, NOW + EVERY + AGAIN_AFTER)
    assert read(copied_through, to.name) == 1
    assert read(lambda session: session.get(AuditCopy, to.name).failed_at) == NOW + EVERY


@pytest.mark.parametrize(
    "settings",
    [
        {"checkpoint_mail_server": "smtp://mail.example.vn"},
        {"checkpoint_mail_server": "http://mail.example.vn", "checkpoint_mail_from": FROM, "checkpoint_mail_to": [TO]},
        {"checkpoint_mail_server": "smtp://m", "checkpoint_mail_from": FROM, "checkpoint_mail_to": ["a\nBcc: b@c.vn"]},
        {
            "checkpoint_mail_server": "smtp://mail.example.vn",
            "checkpoint_mail_from": FROM,
            "checkpoint_mail_to": [TO],
            "checkpoint_mail_plain": True,
        },
        {
            "checkpoint_mail_server": "smtp://mail.example.vn",
            "checkpoint_mail_from": FROM,
            "checkpoint_mail_to": [TO],
            "checkpoint_mail_user": "canh",
        },
    ],
)
def test_settings_that_cannot_be_are_refused(settings):
    with pytest.raises(ValidationError):
        AuditSettings(**settings)


@pytest.mark.parametrize("field", ["checkpoint_syslog", "checkpoint_mail_server"])
def test_a_port_that_is_none_is_refused_before_anything_starts(field):
    scheme = "tcp" if field == "checkpoint_syslog" else "smtps"
    for port, right in ((1, True), (65535, True), (65536, False), (70000, False), (99999, False)):
        more = {} if scheme == "tcp" else {"checkpoint_mail_from": FROM, "checkpoint_mail_to": [TO]}
        if right:
            AuditSettings(**{field: f"{scheme}://a.vn:{port}"}, **more)
        else:
            with pytest.raises(ValidationError):
                AuditSettings(**{field: f"{scheme}://a.vn:{port}"}, **more)


def test_a_password_that_the_protocol_cannot_carry_is_told(tmp_path, server, certificate):
    to = destination(tmp_path, server[0], certificate, password="mật khẩu")
    assert copy(to, [checkpoint(1)]) == ODD_PASSWORD
