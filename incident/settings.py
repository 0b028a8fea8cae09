"""Settings of the queue."""

from pydantic import BaseModel, ConfigDict, Field


class IncidentSettings(BaseModel):
    """How alerts are grouped."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    group_window_hours: int = Field(
        24,
        ge=1,
        le=24 * 31,
        description="Alerts of the same rule and entities join one group for this many hours after the first.",
        json_schema_extra={
            "vi": "Cảnh báo cùng quy tắc và cùng đối tượng được gộp trong số giờ này kể từ cảnh báo đầu tiên."
        },
    )
