import json
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.settings import TailPath
from composition.settings import CHECKOUT, REASONS, load, reference
from composition.settings_file import render, written
from core.errors import SettingsError


def test_defaults_are_the_outer_contract(tmp_path):
    settings, origins = load(config=None, data=tmp_path, environment={})
    assert (settings.web.host, settings.web.port) == ("127.0.0.1", 8480)
    assert (settings.syslog.host, settings.syslog.port) == ("127.0.0.1", 5514)
    assert settings.data == tmp_path
    assert origins == {"data": "--data"}


def test_the_default_data_folder_is_var_beside_the_program(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings, origins = load(config=None, data=None, environment={})
    assert settings.data == CHECKOUT / "var"
    assert (CHECKOUT / "canh").is_file()
    assert origins == {}
    for named in ({"data": Path("here")}, {"data": None, "environment": {"CANH_DATA": "here"}}):
        settings, _ = load(config=None, **{"environment": {}, **named})
        assert settings.data == tmp_path / "here", "what somebody names is meant from where they stand"


def test_the_file_beside_the_data_is_read_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("composition.settings.CHECKOUT", tmp_path)
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "canh.toml").write_text("[web]\nport = 9000\n")
    monkeypatch.chdir("/")
    assert load(config=None, data=None, environment={})[0].web.port == 9000


def test_environment_overrides_the_file(tmp_path):
    (tmp_path / "canh.toml").write_text("[web]\nport = 9000\n[syslog]\nport = 9001\n")
    settings, origins = load(config=None, data=tmp_path, environment={"CANH_WEB__PORT": "9100"})
    assert (settings.web.port, settings.syslog.port) == (9100, 9001)
    assert origins["web.port"] == "CANH_WEB__PORT"
    assert origins["syslog.port"].endswith("canh.toml")


def test_lists_are_json_in_a_variable(tmp_path):
    settings, _ = load(config=None, data=tmp_path, environment={"CANH_TAIL__PATHS": '["/a.log", "/b.log"]'})
    assert [str(getattr(path, "path", path)) for path in settings.tail.paths] == ["/a.log", "/b.log"]


@pytest.mark.parametrize(
    ("environment", "key", "word"),
    [
        ({"CANH_SYSLOG__PROT": "1"}, "syslog.prot", "syslog.port"),
        ({"CANH_WEB__PORT": "abc"}, "web.port", "cannot be used"),
        ({"CANH_WEB__PORT": "70000"}, "web.port", "cannot be used"),
        ({"CANH_TAIL__PATHS": "/var/log/x"}, "tail.paths", "JSON"),
        ({"CANH_TIME_ZONE": "Asia/Nowhere"}, "time_zone", "no such time zone"),
    ],
)
def test_a_bad_variable_is_refused_with_its_key(tmp_path, environment, key, word):
    with pytest.raises(SettingsError) as caught:
        load(config=None, data=tmp_path, environment=environment)
    assert caught.value.key == key
    assert word in caught.value.reason.en
    assert caught.value.origin in environment


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("[web]\nprot = 1\n", "did you mean “web.port”"),
        ("[sislog]\nport = 1\n", "did you mean “syslog.port”"),
        ("web = 3\n", ""),
        ("[web\n", "is not TOML"),
    ],
)
def test_a_bad_file_is_refused_with_a_suggestion(tmp_path, text, word):
    file = tmp_path / "canh.toml"
    file.write_text(text)
    with pytest.raises(SettingsError) as caught:
        load(config=file, data=tmp_path, environment={})
    assert word in caught.value.reason.en


@pytest.mark.parametrize(
    ("environment", "vi", "en"),
    [
        ({"CANH_WEB__PORT": "abc"}, "số nguyên", "a whole number"),
        ({"CANH_WEB__PORT": "70000"}, "từ 65535 trở xuống", "65535 or less"),
        ({"CANH_WEB__PORT": "0"}, "từ 1 trở lên", "1 or more"),
        ({"CANH_WEB__SECURE_COOKIE": "maybe"}, "true hoặc false", "true or false"),
        ({"CANH_WEB__ALLOWED_HOSTS": '["https://a/b"]'}, "“https://a/b”", "“https://a/b”"),
        ({"CANH_WEB__ALLOWED_HOSTS": "3"}, "danh sách", "a list"),
        ({"CANH_TAIL__PATHS": "[1]"}, "chuỗi hoặc bảng", "a string or a table"),
        ({"CANH_TAIL__PATHS": '[{"format": "a"}]'}, "thiếu", "missing"),
        ({"CANH_TAIL__PATHS": '[{"path": "a", "x": 1}]'}, "không có khóa này", "no such key"),
        ({"CANH_TAIL__PATHS": '["a" "b"]'}, "từ ký tự 6", "from character 6"),
        ({"CANH_DETECTION__PATHS": "[3]"}, "đường dẫn", "a path"),
        ({"CANH_ORG__UNIT": "A B"}, "phải có dạng ^[a-z0-9]", "must look like ^[a-z0-9]"),
        ({"CANH_ORG__UNIT_NAME": ""}, "ít nhất 1 ký tự", "1 characters at least"),
        ({"CANH_ORG__UNIT_NAME": "x" * 201}, "dài nhất 200", "200 characters at most"),
        ({"CANH_TIME_ZONE": "Asia/Nowhere"}, "múi giờ “Asia/Nowhere”", "time zone: Asia/Nowhere"),
    ],
)
def test_a_value_that_cannot_be_used_is_explained_in_both_languages(tmp_path, environment, vi, en):
    with pytest.raises(SettingsError) as caught:
        load(config=None, data=tmp_path, environment=environment)
    assert vi in caught.value.reason.vi
    assert en in caught.value.reason.en
    assert not any(word in caught.value.reason.vi for word in ("Input", "should", "Value error"))


def test_every_constraint_of_every_setting_has_its_words():
    """A new `Field(gt=...)` needs a new sentence."""
    kinds = {
        "Ge": "greater_than_equal",
        "Le": "less_than_equal",
        "MinLen": "string_too_short",
        "MaxLen": "string_too_long",
    }
    kinds |= {"_PydanticGeneralMetadata": "string_pattern_mismatch"}
    for key, field in reference():
        for constraint in field.metadata:
            assert kinds[type(constraint).__name__] in REASONS, key


@pytest.mark.parametrize(
    ("content", "vi", "en"),
    [
        (b"[web\n", "không phải TOML ở dòng 1, cột 5", "is not TOML"),
        (b'time_zone = "\xff"', "không phải UTF-8 từ byte 14", "is not UTF-8 from byte 14 on"),
    ],
)
def test_a_file_that_cannot_be_read_is_explained_in_both_languages(tmp_path, content, vi, en):
    (tmp_path / "canh.toml").write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        load(config=None, data=tmp_path, environment={})
    assert vi in caught.value.reason.vi and en in caught.value.reason.en


def test_a_settings_file_that_is_a_folder_is_refused(tmp_path):
    (tmp_path / "canh.toml").mkdir()
    with pytest.raises(SettingsError) as caught:
        load(config=None, data=tmp_path, environment={})
    assert "là một thư mục" in caught.value.reason.vi


def test_what_is_shown_can_be_read_again(tmp_path):
    """With every kind of value that a setting has, and letters that TOML and terminals are particular about."""
    odd = 'a "b" \\ c\td\x1b[2J đ \u202e \U000e0041'
    environment = {
        "CANH_DATABASE": "sqlite:////somewhere/canh.db",
        "CANH_ORG__UNIT_NAME": odd,
        "CANH_WEB__SECURE_COOKIE": "true",
        "CANH_WEB__PORT": "9001",
        "CANH_WEB__ALLOWED_HOSTS": '["canh.tinh.gov.vn", "10.0.0.1"]',
        "CANH_TAIL__PATHS": json.dumps([f"/var/log/{odd}", {"path": "/a", "format": "fortigate"}]),
        "CANH_DETECTION__PATHS": json.dumps([f"/rules/{odd}"]),
    }
    settings, origins = load(config=None, data=tmp_path, environment=environment)
    file = tmp_path / "shown.toml"
    file.write_text(render(settings, {**origins, "web.port": "a\nport = 1"}), "utf-8")
    assert all(line.isprintable() for line in file.read_text("utf-8").split("\n"))
    again, _ = load(config=file, data=None, environment={})
    assert again == settings
    usual, origins = load(config=None, data=None, environment={})
    file.write_text(render(usual, origins), "utf-8")
    assert load(config=file, data=None, environment={})[0] == usual
    assert [line for line in file.read_text("utf-8").splitlines() if "#" in line] == [
        "# database =",
        "# url =",
        "# api_key_file =",
        "# user =",
        "# password_file =",
        "# ca_file =",
        "# breached_passwords =",
        "# checkpoint_file =",
        "# checkpoint_syslog =",
        "# checkpoint_mail_server =",
        "# checkpoint_mail_from =",
        "# checkpoint_mail_user =",
        "# checkpoint_mail_password_file =",
        "# checkpoint_mail_ca_file =",
        "# issuer =",
        "# client_id =",
        "# client_secret_file =",
        "# ca_file =",
    ]


@pytest.mark.slow
@given(st.recursive(st.text() | st.integers() | st.booleans(), st.lists))
def test_values_are_written_as_toml_reads_them(value):
    assert tomllib.loads(f"key = {written(value)}") == {"key": value}


def test_a_table_and_a_path_are_written_as_toml_reads_them():
    assert tomllib.loads(f"key = {written((TailPath(path='a', format='b'), Path('/x')))}") == {
        "key": [{"path": "a", "format": "b"}, "/x"]
    }
    with pytest.raises(TypeError):
        written(1.5)


def test_a_config_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(SettingsError):
        load(config=tmp_path / "no.toml", data=tmp_path, environment={})


def test_settings_survive_the_way_to_a_child_process(tmp_path):
    settings, _ = load(config=None, data=tmp_path, environment={"CANH_WEB__PORT": "9100"})
    assert type(settings).model_validate_json(settings.model_dump_json()) == settings


def test_every_key_is_unique():
    keys = [key for key, _ in reference()]
    assert len(keys) == len(set(keys)) > 10
