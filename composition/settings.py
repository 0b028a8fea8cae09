"""All settings: each room declares its own model, here they are composed, read and explained.

Order, later wins: the models' defaults, the file (`canh.toml`), environment variables
(`CANH_WEB__PORT`), the command line (`--data`). An unknown key is refused with the nearest known one.
"""

import difflib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError

from api.settings import WebSettings
from collectors.settings import BulkSettings, JournaldSettings, SyslogSettings, TailSettings
from core.errors import SettingsError
from core.language import Text
from core.system_error import reason_of
from detection.settings import DetectionSettings
from incident.settings import IncidentSettings
from org.settings import AuditSettings, IdentityProviderSettings, OrgSettings
from store.events.settings import EventsSettings, StoreSettings
from store.settings import SpoolSettings

PREFIX = "CANH_"
RESERVED_PREFIX = "CANH_TEST_"
CHECKOUT = Path(__file__).resolve().parents[1]

# Why a value cannot be used, by pydantic's name of the error; `{...}` are what it tells about it.
REASONS: Mapping[str, Text] = {
    "missing": Text(vi="thiếu giá trị này", en="it is missing"),
    "extra_forbidden": Text(vi="không có khóa này", en="there is no such key"),
    "int_parsing": Text(vi="phải là số nguyên", en="a whole number is needed"),
    "int_type": Text(vi="phải là số nguyên", en="a whole number is needed"),
    "int_from_float": Text(vi="phải là số nguyên", en="a whole number is needed"),
    "bool_parsing": Text(vi="phải là true hoặc false", en="true or false is needed"),
    "bool_type": Text(vi="phải là true hoặc false", en="true or false is needed"),
    "string_type": Text(vi="phải là một chuỗi", en="a string is needed"),
    "path_type": Text(vi="phải là một đường dẫn", en="a path is needed"),
    "list_type": Text(vi="phải là một danh sách", en="a list is needed"),
    "tuple_type": Text(vi="phải là một danh sách", en="a list is needed"),
    "model_type": Text(vi="phải là chuỗi hoặc bảng các khóa", en="a string or a table of keys is needed"),
    "greater_than_equal": Text(vi="phải từ {ge} trở lên", en="it must be {ge} or more"),
    "less_than_equal": Text(vi="phải từ {le} trở xuống", en="it must be {le} or less"),
    "string_too_short": Text(vi="cần ít nhất {min_length} ký tự", en="it needs {min_length} characters at least"),
    "string_too_long": Text(vi="dài nhất {max_length} ký tự", en="it may have {max_length} characters at most"),
    "string_pattern_mismatch": Text(vi="phải có dạng {pattern}", en="it must look like {pattern}"),
    "time_zone": Text(vi="không có múi giờ “{zone}”", en="no such time zone: {zone}"),
    "mail_parts": Text(
        vi="cần cả checkpoint_mail_from và checkpoint_mail_to", en="checkpoint_mail_from and .._to are needed too"
    ),
    "mail_log_in": Text(
        vi="checkpoint_mail_user và checkpoint_mail_password_file phải đi cùng nhau",
        en="checkpoint_mail_user and checkpoint_mail_password_file belong together",
    ),
    "mail_plain": Text(
        vi="không TLS thì chỉ gửi được thư qua chính máy này", en="without TLS mail goes through this machine alone"
    ),
    "store_user": Text(vi="cần cả user và password_file", en="user and password_file belong together"),
    "store_two": Text(vi="dùng khóa API hoặc người dùng, không dùng cả hai", en="an API key or a user, not both"),
    "provider_parts": Text(
        vi="cần cả client_id và client_secret_file", en="client_id and client_secret_file are needed too"
    ),
    "provider_plain": Text(
        vi="không TLS thì chỉ dùng được nhà cung cấp trên chính máy này",
        en="without TLS only a provider on this very machine is asked",
    ),
    "host_name": Text(
        vi="phải là tên máy hoặc địa chỉ, không kèm http:// và cổng, không phải “{name}”",
        en="a name or address without scheme and port is expected, not “{name}”",
    ),
}
NOT_USABLE = Text(vi="không dùng được", en="it cannot be used")


class Settings(BaseModel):
    """Everything starting needs to know."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data: Path = Field(
        Path("var"),
        description="The data folder (by default beside `canh`): spool, events, database, run files.",
        json_schema_extra={
            "vi": "Thư mục dữ liệu (mặc định nằm cạnh `canh`): hàng đợi, sự kiện, cơ sở dữ liệu, tệp trạng thái."
        },
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
    bulk: BulkSettings = BulkSettings()
    journald: JournaldSettings = JournaldSettings()
    spool: SpoolSettings = SpoolSettings()
    store: StoreSettings = StoreSettings()
    events: EventsSettings = EventsSettings()
    detection: DetectionSettings = DetectionSettings()
    incident: IncidentSettings = IncidentSettings()
    org: OrgSettings = OrgSettings()
    audit: AuditSettings = AuditSettings()
    identity_provider: IdentityProviderSettings = IdentityProviderSettings()

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise PydanticCustomError("time_zone", "no such time zone: {zone}", {"zone": value}) from error
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

    `config` None reads `canh.toml` of the data folder where there is one. The data folder is `var` in the checkout
    where nothing names another; any other relative path is meant from the current folder. Raises `SettingsError` at
    the first key that cannot be accepted.
    """
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    environment_values = dict(_from_environment(environment))
    usual = CHECKOUT / Settings.model_fields["data"].default
    folder = data or Path(environment.get("CANH_DATA") or usual)
    file = config or folder / "canh.toml"
    for key, value in _from_file(file, needed=config is not None):
        _place(values, origins, key, value, str(file))
    for key, (value, variable) in environment_values.items():
        _place(values, origins, key, value, variable)
    if data is not None:
        _place(values, origins, "data", str(data), "--data")
    try:
        settings = Settings.model_validate({"data": usual, **values})
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        known = next((name for name in _prefixes(key) if name in origins), key)
        raise SettingsError(key, origins.get(known, "?"), _reason(first)) from error
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
        at = error.pos + 1 if isinstance(error, json.JSONDecodeError) else 1
        raise SettingsError(
            key,
            variable,
            Text(
                vi=f"phải là danh sách JSON; không đọc được từ ký tự {at}",
                en=f"must be a JSON list; it cannot be read from character {at} on",
            ),
        ) from error


def _from_file(file: Path, *, needed: bool) -> Iterator[tuple[str, Any]]:
    try:
        tables = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        if not needed and isinstance(error, (FileNotFoundError, NotADirectoryError)):
            return
        why = reason_of(error)
        raise SettingsError(
            "", str(file), Text(vi=f"không đọc được: {why.vi}", en=f"cannot be read: {why.en}")
        ) from error
    except UnicodeDecodeError as error:
        at = error.start + 1
        raise SettingsError(
            "", str(file), Text(vi=f"không phải UTF-8 từ byte {at}", en=f"is not UTF-8 from byte {at} on")
        ) from error
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+), column (\d+)", str(error))
        where = f" ở dòng {place[1]}, cột {place[2]}" if place else ""
        raise SettingsError("", str(file), Text(vi=f"không phải TOML{where}", en=f"is not TOML: {error}")) from error
    for name, value in tables.items():
        field = Settings.model_fields.get(name)
        if isinstance(value, dict) and (field is None or _model_of(field) is not None):
            for inner, inner_value in value.items():
                _known(f"{name}.{inner}", str(file))
                yield f"{name}.{inner}", inner_value
        else:
            _known(name, str(file))
            yield name, value


def _reason(wrong: ErrorDetails) -> Text:
    context = wrong.get("ctx", {})
    why = REASONS.get(wrong["type"], NOT_USABLE).format(**context)
    return Text(vi=f"giá trị không dùng được: {why.vi}", en=f"cannot be used: {why.en}")


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
