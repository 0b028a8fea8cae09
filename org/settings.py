"""Settings of the organisation."""

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
