"""Settings of the event store."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError


class EventsSettings(BaseModel):
    """How much memory the embedded event store may use for writing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    buffer_mebibytes: int = Field(
        48,
        ge=15,
        le=2048,
        description="Memory (MiB) for events not yet in a day's index; more memory makes fewer, larger pieces.",
        json_schema_extra={
            "vi": "Bộ nhớ (MiB) cho sự kiện chưa ghi vào chỉ mục của ngày; nhiều bộ nhớ hơn thì ít mảnh hơn."
        },
    )


class StoreSettings(BaseModel):
    """Where events rest: in Canh itself, or in an Elasticsearch 8 or 9."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str | None = Field(
        None,
        pattern=r"^elasticsearch\+https?://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))/?$",
        description="Server for events: `elasticsearch+https://10.0.0.9:9200`. Not set: the store in Canh itself.",
        json_schema_extra={"vi": "Máy chủ giữ sự kiện: `elasticsearch+https://10.0.0.9:9200`. Không đặt: kho có sẵn."},
    )
    prefix: str = Field(
        "canh",
        pattern=r"^[a-z][a-z0-9_]{0,40}$",
        description="How the names of our indices on that server begin: two provinces may share one.",
        json_schema_extra={"vi": "Phần đầu tên các index trên máy chủ ấy: hai tỉnh dùng chung được một máy chủ."},
    )
    api_key_file: Path | None = Field(
        None,
        description="File with the server's API key (encoded), for its owner's eyes.",
        json_schema_extra={"vi": "Tệp chứa khóa API (dạng đã mã hóa base64) của máy chủ, chỉ chủ tệp đọc được."},
    )
    user: str | None = Field(
        None,
        min_length=1,
        max_length=200,
        description="User of the server, in place of an API key; with `password_file`.",
        json_schema_extra={"vi": "Người dùng của máy chủ, thay cho khóa API; đi cùng `password_file`."},
    )
    password_file: Path | None = Field(
        None,
        description="File with that user's password, for its owner's eyes.",
        json_schema_extra={"vi": "Tệp chứa mật khẩu của người dùng ấy, chỉ chủ tệp đọc được."},
    )
    ca_file: Path | None = Field(
        None,
        description="Certificates (PEM) that the server's is checked against; those of the system where not set.",
        json_schema_extra={"vi": "Chứng thư gốc (PEM) để kiểm tra máy chủ; không đặt thì dùng của hệ thống."},
    )

    @model_validator(mode="after")
    def _credentials_are_whole(self) -> "StoreSettings":
        if (self.user is None) != (self.password_file is None):
            raise PydanticCustomError("store_user", "user and password_file go together")
        if self.user is not None and self.api_key_file is not None:
            raise PydanticCustomError("store_two", "an API key or a user, not both")
        return self
