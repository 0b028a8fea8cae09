"""Settings of detection."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

SHIPPED = Path(__file__).parent / "rules"


class DetectionSettings(BaseModel):
    """Which rules run, and how much they may remember."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    paths: tuple[Path, ...] = Field(
        (),
        description="Files or folders of Sigma rules beside the shipped ones.",
        json_schema_extra={"vi": "Tệp hoặc thư mục quy tắc Sigma, ngoài các quy tắc có sẵn."},
    )
    shipped: bool = Field(
        True,
        description="Whether the shipped rules run.",
        json_schema_extra={"vi": "Có chạy các quy tắc có sẵn hay không."},
    )
    max_groups: int = Field(
        50_000,
        ge=1,
        description="Groups counted at the same time; above it the least recently seen is given up.",
        json_schema_extra={"vi": "Số nhóm được đếm cùng lúc; vượt quá thì bỏ nhóm lâu nhất không có sự kiện."},
    )

    def rule_paths(self) -> tuple[Path, ...]:
        """The shipped rules, then those of the settings."""
        return ((SHIPPED,) if self.shipped else ()) + self.paths
