"""All settings: each room declares its own model, here they are composed, read and explained.

Order, later wins: the models' defaults, the file (`canh.toml`), environment variables
(`CANH_WEB__PORT`), the command line (`--data`). An unknown key is refused with the nearest known one.
"""

import difflib
import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic.fields import FieldInfo

from api.settings import WebSettings
from collectors.settings import JournaldSettings, SyslogSettings, TailSettings
from core.errors import SettingsError
from core.language import Text
from detection.settings import DetectionSettings
from incident.settings import IncidentSettings
from org.settings import OrgSettings
from store.events.settings import EventsSettings
from store.settings import SpoolSettings

PREFIX = "CANH_"
RESERVED_PREFIX = "CANH_TEST_"


class Settings(BaseModel):
    """Everything starting needs to know."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data: Path = Field(
        Path("var"),
        description="The data folder: spool, events, database, run files.",
        json_schema_extra={"vi": "Thư mục dữ liệu: hàng đợi, sự kiện, cơ sở dữ liệu, tệp trạng thái."},
    )
    time_zone: str = Field(
        "Asia/Ho_Chi_Minh",
        description="The zone of log times that name none, and of the times shown.",
        json_schema_extra={"vi": "Múi giờ của nhật ký không ghi múi giờ, và của giờ hiển thị."},
    )
    database: str | None = Field(
        None,
        description="URL of the relational database; none: SQLite in the data folder.",
        json_schema_extra={"vi": "URL của cơ sở dữ liệu quan hệ; để trống: SQLite trong thư mục dữ liệu."},
    )
    web: WebSettings = WebSettings()
    syslog: SyslogSettings = SyslogSettings()
    tail: TailSettings = TailSettings()
    journald: JournaldSettings = JournaldSettings()
    spool: SpoolSettings = SpoolSettings()
    events: EventsSettings = EventsSettings()
    detection: DetectionSettings = DetectionSettings()
    incident: IncidentSettings = IncidentSettings()
    org: OrgSettings = OrgSettings()

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"no such time zone: {value}") from error
        return value

    @property
    def zone(self) -> ZoneInfo:
        """`time_zone` as an object."""
        return ZoneInfo(self.time_zone)

    @property
    def database_url(self) -> str:
        """The URL to open, SQLite in the data folder by default."""
        return self.database or f"sqlite:///{(self.data / 'canh.db').absolute()}"


def load(*, config: Path | None, data: Path | None, environment: Mapping[str, str]) -> tuple[Settings, dict[str, str]]:
    """The settings, and for each key that is not a default the file or variable it came from.

    `config` None reads `canh.toml` of the data folder where there is one. Raises `SettingsError`
    at the first key that cannot be accepted.
    """
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    environment_values = dict(_from_environment(environment))
    folder = data or Path(environment.get("CANH_DATA") or Settings.model_fields["data"].default)
    file = config or folder / "canh.toml"
    if config is not None or file.exists():
        for key, value in _from_file(file):
            _place(values, origins, key, value, str(file))
    for key, (value, variable) in environment_values.items():
        _place(values, origins, key, value, variable)
    if data is not None:
        _place(values, origins, "data", str(data), "--data")
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        known = next((name for name in _prefixes(key) if name in origins), key)
        reason = str(first["msg"])
        raise SettingsError(
            key, origins.get(known, "?"), Text(vi=f"giá trị không dùng được: {reason}", en=f"cannot be used: {reason}")
        ) from error
    return settings.model_copy(update={"data": settings.data.absolute()}), origins


def reference() -> Iterator[tuple[str, FieldInfo]]:
    """Every setting as (dotted key, pydantic field), in the order of the models."""
    for name, field in Settings.model_fields.items():
        model = _model_of(field)
        if model is None:
            yield name, field
        else:
            for inner, inner_field in model.model_fields.items():
                yield f"{name}.{inner}", inner_field


def _model_of(field: FieldInfo) -> type[BaseModel] | None:
    annotation = field.annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return None


def _known(key: str, origin: str) -> FieldInfo:
    fields = dict(reference())
    if key in fields:
        return fields[key]
    near = difflib.get_close_matches(key, fields, n=1, cutoff=0.5)
    hint_vi = f"; có phải là “{near[0]}”?" if near else ""
    hint_en = f"; did you mean “{near[0]}”?" if near else ""
    raise SettingsError(key, origin, Text(vi=f"không có thiết lập này{hint_vi}", en=f"no such setting{hint_en}"))


def _from_environment(environment: Mapping[str, str]) -> Iterator[tuple[str, tuple[Any, str]]]:
    for variable in sorted(environment):
        if not variable.startswith(PREFIX) or variable.startswith(RESERVED_PREFIX):
            continue
        key = variable.removeprefix(PREFIX).lower().replace("__", ".")
        field = _known(key, variable)
        yield key, (_typed(environment[variable], field, key, variable), variable)


def _typed(text: str, field: FieldInfo, key: str, variable: str) -> Any:
    """Lists and objects are JSON in a variable; anything else is left to the model."""
    annotation = str(field.annotation)
    if not any(name in annotation for name in ("list", "tuple", "dict", "frozenset")):
        return None if text == "" and type(None) in get_args(field.annotation) else text
    try:
        return json.loads(text)
    except ValueError as error:
        raise SettingsError(
            key, variable, Text(vi=f"phải là danh sách JSON: {error}", en=f"must be a JSON list: {error}")
        ) from error


def _from_file(file: Path) -> Iterator[tuple[str, Any]]:
    try:
        tables = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(
            "", str(file), Text(vi=f"không đọc được: {error.strerror}", en=f"cannot be read: {error.strerror}")
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError("", str(file), Text(vi=f"không phải TOML: {error}", en=f"is not TOML: {error}")) from error
    for name, value in tables.items():
        field = Settings.model_fields.get(name)
        if isinstance(value, dict) and (field is None or _model_of(field) is not None):
            for inner, inner_value in value.items():
                _known(f"{name}.{inner}", str(file))
                yield f"{name}.{inner}", inner_value
        else:
            _known(name, str(file))
            yield name, value


def _place(values: dict[str, Any], origins: dict[str, str], key: str, value: Any, origin: str) -> None:
    section, dot, inner = key.partition(".")
    if dot:
        values.setdefault(section, {})[inner] = value
    else:
        values[section] = value
    origins[key] = origin


def _prefixes(key: str) -> Iterator[str]:
    parts = key.split(".")
    for length in range(len(parts), 0, -1):
        yield ".".join(parts[:length])
