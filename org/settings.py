"""Settings of the organisation and of its audit."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

MAIL_ADDRESS = r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+$"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
UNIT_CODE = r"^[a-z0-9][a-z0-9-]{0,62}$"


class OrgSettings(BaseModel):
    """The unit that runs this Canh: what is collected belongs to it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    unit: str = Field(
        "province",
        pattern=UNIT_CODE,
        description="Short name of the unit that events belong to; it is written into every event, so it stays.",
        json_schema_extra={"vi": "Mã đơn vị mà sự kiện thuộc về; được ghi vào từng sự kiện nên không đổi về sau."},
    )
    unit_name: str = Field(
        "Trung tâm giám sát an ninh mạng tỉnh",
        min_length=1,
        max_length=200,
        description="Name of the unit as people write it.",
        json_schema_extra={"vi": "Tên đầy đủ của đơn vị."},
    )
    breached_passwords: Path | None = Field(
        None,
        description="File of SHA-1 hashes of leaked passwords, ordered (Pwned Passwords); no new one may be in it.",
        json_schema_extra={
            "vi": "Tệp băm SHA-1 của các mật khẩu đã lộ, xếp theo băm (Pwned Passwords); mật khẩu mới phải nằm ngoài."
        },
    )


class IdentityProviderSettings(BaseModel):
    """Where the staff may log in instead of with Canh's own passwords (OpenID Connect)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str | None = Field(
        None,
        pattern=r"^https?://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?(/[A-Za-z0-9._~/-]*)?$",
        description="Address of the provider, as it calls itself: `https://sso.tinh.gov.vn`. Not set: none.",
        json_schema_extra={"vi": "Địa chỉ nhà cung cấp định danh, đúng như nó tự gọi. Không đặt: không dùng."},
    )
    client_id: str | None = Field(
        None,
        min_length=1,
        max_length=200,
        description="Name under which Canh is registered at the provider.",
        json_schema_extra={"vi": "Tên mà Canh đã đăng ký ở nhà cung cấp."},
    )
    client_secret_file: Path | None = Field(
        None,
        description="File with the secret that belongs to `client_id`, for its owner's eyes.",
        json_schema_extra={"vi": "Tệp chứa bí mật đi cùng `client_id`, chỉ chủ tệp đọc được."},
    )
    ca_file: Path | None = Field(
        None,
        description="Certificates (PEM) that the provider's is checked against; those of the system where not set.",
        json_schema_extra={"vi": "Chứng thư gốc (PEM) để kiểm tra nhà cung cấp; không đặt thì dùng của hệ thống."},
    )
    second_factor: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(
        [],
        max_length=20,
        description="Values of `acr` or `amr` that say a second factor was used there; else Canh asks for its own.",
        json_schema_extra={"vi": "Giá trị `acr` hoặc `amr` cho biết đã có yếu tố thứ hai; không thì Canh tự hỏi."},
    )
    name: str = Field(
        "Tài khoản định danh",
        min_length=1,
        max_length=60,
        description="What the link on the log-in page calls it.",
        json_schema_extra={"vi": "Tên hiện trên trang đăng nhập."},
    )

    @model_validator(mode="after")
    def _provider_is_whole(self) -> "IdentityProviderSettings":
        if self.issuer is None:
            return self
        if self.client_id is None or self.client_secret_file is None:
            raise PydanticCustomError("provider_parts", "client_id and client_secret_file are needed too")
        parts = urlsplit(self.issuer)
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise PydanticCustomError("provider_plain", "without TLS only a provider on this machine is asked")
        return self


class AuditSettings(BaseModel):
    """Where checkpoints of the audit are copied to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    checkpoint_file: Path | None = Field(
        None,
        description="File to which each signed checkpoint of the audit is appended; on a disk of another machine.",
        json_schema_extra={"vi": "Tệp nhận từng mốc đã ký của nhật ký kiểm toán; nên nằm trên ổ đĩa của máy khác."},
    )
    checkpoint_syslog: str | None = Field(
        None,
        pattern=r"^(tcp|udp)://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?$",
        description="Syslog collector that gets each checkpoint (RFC 5424): `tcp://10.0.0.5:514` or `udp://...`.",
        json_schema_extra={"vi": "Máy thu syslog nhận từng mốc (RFC 5424): `tcp://10.0.0.5:514` hoặc `udp://...`."},
    )
    checkpoint_mail_server: str | None = Field(
        None,
        pattern=r"^smtps?://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?$",
        description="Mail server for checkpoints: `smtp://mail.example.vn:587` (STARTTLS) or `smtps://...:465` (TLS).",
        json_schema_extra={"vi": "Máy chủ thư để gửi mốc: `smtp://...:587` (STARTTLS) hoặc `smtps://...:465` (TLS)."},
    )
    checkpoint_mail_from: str | None = Field(
        None,
        pattern=MAIL_ADDRESS,
        description="Sender of the mails with checkpoints.",
        json_schema_extra={"vi": "Người gửi của thư chứa mốc."},
    )
    checkpoint_mail_to: list[Annotated[str, Field(pattern=MAIL_ADDRESS)]] = Field(
        [],
        max_length=10,
        description="Recipients of the mails with checkpoints: mailboxes that Canh's administrators cannot empty.",
        json_schema_extra={"vi": "Người nhận thư chứa mốc: hộp thư mà người quản trị Canh không xóa được."},
    )
    checkpoint_mail_user: str | None = Field(
        None,
        max_length=200,
        description="Name with which Canh logs in to the mail server; with `checkpoint_mail_password_file`.",
        json_schema_extra={"vi": "Tên đăng nhập máy chủ thư; đi cùng `checkpoint_mail_password_file`."},
    )
    checkpoint_mail_password_file: Path | None = Field(
        None,
        description="File with the password of the mail server, for its owner's eyes.",
        json_schema_extra={"vi": "Tệp chứa mật khẩu máy chủ thư, chỉ chủ tệp đọc được."},
    )
    checkpoint_mail_ca_file: Path | None = Field(
        None,
        description="Certificates (PEM) that the mail server's is checked against; those of the system where not set.",
        json_schema_extra={"vi": "Chứng thư gốc (PEM) để kiểm tra máy chủ thư; không đặt thì dùng của hệ thống."},
    )
    checkpoint_mail_plain: bool = Field(
        False,
        description="Speak to a mail server on this very machine without TLS.",
        json_schema_extra={"vi": "Nói chuyện không TLS với máy chủ thư trên chính máy này."},
    )

    @model_validator(mode="after")
    def _mail_is_whole(self) -> "AuditSettings":
        if self.checkpoint_mail_server is None:
            return self
        if self.checkpoint_mail_from is None or not self.checkpoint_mail_to:
            raise PydanticCustomError("mail_parts", "checkpoint_mail_from and checkpoint_mail_to are needed too")
        if (self.checkpoint_mail_user is None) is not (self.checkpoint_mail_password_file is None):
            raise PydanticCustomError("mail_log_in", "checkpoint_mail_user and .._password_file belong together")
        host = urlsplit(self.checkpoint_mail_server).hostname or ""
        if self.checkpoint_mail_plain and host not in LOOPBACK:
            raise PydanticCustomError("mail_plain", "without TLS mail goes to this machine alone")
        return self
