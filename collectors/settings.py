"""Settings of the collectors."""

from pydantic import BaseModel, ConfigDict, Field, field_validator


class SyslogSettings(BaseModel):
    """The syslog listener, UDP and TCP on one port."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field(
        "127.0.0.1",
        description="Address to listen on; 0.0.0.0 for the network.",
        json_schema_extra={"vi": "Địa chỉ nghe; 0.0.0.0 để nhận từ mạng."},
    )
    port: int = Field(
        5514,
        ge=1,
        le=65535,
        description="Port for UDP and TCP.",
        json_schema_extra={"vi": "Cổng cho UDP và TCP."},
    )
    max_line_bytes: int = Field(
        65536,
        ge=1024,
        le=1 << 20,
        description="Longer lines are cut here and flagged truncated.",
        json_schema_extra={"vi": "Dòng dài hơn bị cắt tại đây và được đánh dấu."},
    )
    max_connections: int = Field(
        2000,
        ge=1,
        description="TCP connections at most; further ones are closed and counted.",
        json_schema_extra={"vi": "Số kết nối TCP tối đa; kết nối thêm bị đóng và được đếm."},
    )
    receive_buffer_mebibytes: int = Field(
        32,
        ge=1,
        le=1024,
        description="Kernel buffer asked for UDP.",
        json_schema_extra={"vi": "Bộ đệm nhân hệ điều hành xin cho UDP."},
    )


class BulkSettings(BaseModel):
    """The door for what ships to Elasticsearch: Beats, Logstash, Fluent Bit, Vector, rsyslog, its own clients."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = Field(
        False,
        description="Listen for bulk requests.",
        json_schema_extra={"vi": "Mở cổng nhận yêu cầu bulk."},
    )
    host: str = Field(
        "127.0.0.1",
        description="Address to listen on; 0.0.0.0 for the network, and then behind a proxy that speaks HTTPS.",
        json_schema_extra={"vi": "Địa chỉ nghe; 0.0.0.0 để nhận từ mạng, khi đó đặt sau một proxy HTTPS."},
    )
    port: int = Field(
        9200,
        ge=1,
        le=65535,
        description="Port, Elasticsearch's own by default.",
        json_schema_extra={"vi": "Cổng, mặc định là cổng của Elasticsearch."},
    )
    version: str = Field(
        "8.19.0",
        pattern=r"^[789]\.[0-9]{1,2}\.[0-9]{1,2}$",
        description="Version that clients are told: some refuse a server older than themselves.",
        json_schema_extra={"vi": "Phiên bản báo cho bên gửi: có bên gửi từ chối máy chủ cũ hơn chính nó."},
    )


class TailPath(BaseModel):
    """A file pattern and the format of its lines."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str
    format: str = "auto"


class TailSettings(BaseModel):
    """The files that are followed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    paths: tuple[TailPath, ...] = Field(
        (
            TailPath(path="/var/log/auth.log"),
            TailPath(path="/var/log/nginx/*access*.log"),
            TailPath(path="/var/log/apache2/*access*.log"),
        ),
        description='Files or patterns: "/var/log/auth.log" or {"path": ..., "format": ...}.',
        json_schema_extra={"vi": "Tệp hoặc mẫu tên tệp được theo dõi, có thể kèm định dạng."},
    )
    from_start: bool = Field(
        True,
        description="Whether files present at the first start are read from the beginning; later ones always are.",
        json_schema_extra={"vi": "Tệp có sẵn khi chạy lần đầu được đọc từ đầu; tệp xuất hiện sau luôn như vậy."},
    )

    @field_validator("paths", mode="before")
    @classmethod
    def _paths_may_be_plain(cls, value: object) -> object:
        if isinstance(value, (list, tuple)):
            return tuple({"path": item} if isinstance(item, str) else item for item in value)
        return value


class JournaldSettings(BaseModel):
    """The journal of this machine."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = Field(
        True,
        description="Follow the systemd journal where there is one.",
        json_schema_extra={"vi": "Theo dõi nhật ký systemd nếu có."},
    )
