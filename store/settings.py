"""Settings of the spool."""

from pydantic import BaseModel, ConfigDict, Field


class SpoolSettings(BaseModel):
    """How much the spool may hold and how it is cut."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    segment_mebibytes: int = Field(
        64,
        ge=1,
        le=4096,
        description="A segment file is closed at this size; a consumed segment is deleted whole.",
        json_schema_extra={"vi": "Kích thước một tệp đoạn; đoạn đã xử lý xong được xóa nguyên tệp."},
    )
    high_water_mebibytes: int = Field(
        2048,
        ge=1,
        description="Above this many MiB of unconsumed records collectors push back instead of accepting more.",
        json_schema_extra={"vi": "Vượt mức này (MiB chưa xử lý) bộ thu sẽ ngừng nhận thay vì nhận thêm."},
    )
