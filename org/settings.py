"""Settings of the organisation and of its audit."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

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
        pattern=r"^(tcp|udp)://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[1-9][0-9]{0,4})?$",
        description="Syslog collector that gets each checkpoint (RFC 5424): `tcp://10.0.0.5:514` or `udp://...`.",
        json_schema_extra={"vi": "Máy thu syslog nhận từng mốc (RFC 5424): `tcp://10.0.0.5:514` hoặc `udp://...`."},
    )
