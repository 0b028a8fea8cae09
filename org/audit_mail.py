"""Checkpoints by mail: to a mailbox that Canh's administrators cannot empty, at most once an hour.

Source: RFC 5321 (SMTP), RFC 3207 (STARTTLS), RFC 4954 (AUTH), RFC 8314 (TLS for mail submission)
"""

import smtplib
import ssl
from collections.abc import Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import urlsplit

import msgspec

from core.language import Text
from org.audit_chain import Checkpoint
from org.settings import AuditSettings

EVERY = timedelta(hours=1)
AGAIN_AFTER = timedelta(minutes=1)
WITHIN_S = 10.0
PORTS = {"smtps": 465, "smtp": 587}

NO_LOG_IN = Text("máy chủ thư không nhận tên hoặc mật khẩu", "the mail server does not accept the name or password")
ODD_PASSWORD = Text(
    "tên hoặc mật khẩu máy chủ thư có ký tự ngoài ASCII", "the mail server's name or password has letters beyond ASCII"
)
NO_RECIPIENT = Text("máy chủ thư không nhận người nhận", "the mail server does not accept the recipients")
NO_SENDER = Text("máy chủ thư không nhận người gửi", "the mail server does not accept the sender")
NO_TLS = Text("máy chủ thư không có STARTTLS", "the mail server has no STARTTLS")
BAD_CERTIFICATE = Text("chứng thư của máy chủ thư không hợp lệ", "the mail server's certificate is not valid")
REFUSED = Text("máy chủ thư từ chối (mã {code})", "the mail server refuses (code {code})")
NO_SMTP = Text("máy kia không nói giao thức thư", "the other machine does not speak SMTP")
SUBJECT = "Canh: mốc kiểm toán {first}–{last} / audit checkpoints"
BODY = Text(
    "Các mốc đã ký của nhật ký kiểm toán. Hãy giữ thư này; lưu tệp đính kèm rồi kiểm chứng bằng:",
    "Signed checkpoints of the audit. Keep this mail; save the attachment, then verify with:",
)


class MailRefused(OSError):
    """Why the mail did not go; told to whoever looks at the status."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


class MailDestination:
    """One mail with the checkpoints that came since the last: as lines of JSON, attached. TLS always, or loopback.

    The password is read from its file each time, so that it can be changed without a restart.
    """

    every = EVERY
    again_after = AGAIN_AFTER

    def __init__(self, settings: AuditSettings, host_name: str) -> None:
        assert settings.checkpoint_mail_server is not None  # noqa: S101 (the caller has looked)
        parts = urlsplit(settings.checkpoint_mail_server)
        self._settings = settings
        self._tls_first = parts.scheme == "smtps"
        self._address = (parts.hostname or "", parts.port or PORTS[parts.scheme])
        self._host_name = host_name
        self.name = f"mailto:{','.join(settings.checkpoint_mail_to)}"

    def write(self, checkpoints: Sequence[Checkpoint]) -> None:
        """Hand the mail to the server. `OSError` where it was not taken for every recipient."""
        message = self.message(checkpoints)
        try:
            with self._connected() as server:
                user, file = self._settings.checkpoint_mail_user, self._settings.checkpoint_mail_password_file
                if user is not None and file is not None:
                    server.login(user, file.read_text("utf-8").rstrip("\r\n"))
                refused = server.send_message(message)
        except ssl.SSLCertVerificationError as error:
            raise MailRefused(BAD_CERTIFICATE) from error
        except UnicodeError:  # not "from": the error shows letters of the password
            raise MailRefused(ODD_PASSWORD) from None
        except smtplib.SMTPAuthenticationError as error:
            raise MailRefused(NO_LOG_IN) from error
        except smtplib.SMTPRecipientsRefused as error:
            raise MailRefused(NO_RECIPIENT) from error
        except smtplib.SMTPSenderRefused as error:
            raise MailRefused(NO_SENDER) from error
        except smtplib.SMTPResponseException as error:
            raise MailRefused(REFUSED.format(code=error.smtp_code)) from error
        except smtplib.SMTPException as error:
            raise MailRefused(NO_SMTP) from error
        if refused:
            raise MailRefused(NO_RECIPIENT)

    def message(self, checkpoints: Sequence[Checkpoint]) -> EmailMessage:
        """The mail: a few words, and `canh-1000-2000.jsonl` as `canh audit verify --checkpoints` reads it."""
        first, last = checkpoints[0], checkpoints[-1]
        message = EmailMessage()
        message["Subject"] = SUBJECT.format(first=first.sequence, last=last.sequence)
        message["From"] = self._settings.checkpoint_mail_from
        message["To"] = ", ".join(self._settings.checkpoint_mail_to)
        message["Date"] = format_datetime(datetime.fromisoformat(last.at))
        message["Message-ID"] = f"<audit-{last.sequence}-{last.hash[:16]}@{self._host_name}>"
        message["Auto-Submitted"] = "auto-generated"
        name = f"canh-{first.sequence}-{last.sequence}.jsonl"
        command = f"canh audit verify --public-key khoa.pem --checkpoints {name}"
        message.set_content(f"{BODY.vi}\n{BODY.en}\n\n  {command}\n\n{self._host_name}\n")
        lines = b"".join(msgspec.json.encode(each) + b"\n" for each in checkpoints)
        message.add_attachment(lines, maintype="application", subtype="x-ndjson", filename=name)
        return message

    def _connected(self) -> smtplib.SMTP:
        ca_file = self._settings.checkpoint_mail_ca_file
        context = ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
        if self._tls_first:
            return smtplib.SMTP_SSL(*self._address, timeout=WITHIN_S, context=context)
        server = smtplib.SMTP(*self._address, timeout=WITHIN_S)
        if self._settings.checkpoint_mail_plain:
            return server
        try:
            server.starttls(context=context)
        except smtplib.SMTPNotSupportedError as error:
            server.close()
            raise MailRefused(NO_TLS) from error
        except BaseException:
            server.close()
            raise
        return server
