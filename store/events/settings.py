"""Settings of the event store."""

from pydantic import BaseModel, ConfigDict, Field


class EventsSettings(BaseModel):
    """How much memory the event store may use for writing."""

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
