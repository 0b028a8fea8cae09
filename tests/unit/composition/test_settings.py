import pytest

from composition.settings import load, reference
from core.errors import SettingsError


def test_defaults_are_the_outer_contract(tmp_path):
    settings, origins = load(config=None, data=tmp_path, environment={})
    assert (settings.web.host, settings.web.port) == ("127.0.0.1", 8480)
    assert (settings.syslog.host, settings.syslog.port) == ("127.0.0.1", 5514)
    assert settings.data == tmp_path
    assert origins == {"data": "--data"}


def test_the_default_data_folder_is_var():
    settings, _ = load(config=None, data=None, environment={})
    assert settings.data.name == "var"


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


def test_a_config_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(SettingsError):
        load(config=tmp_path / "no.toml", data=tmp_path, environment={})


def test_settings_survive_the_way_to_a_child_process(tmp_path):
    settings, _ = load(config=None, data=tmp_path, environment={"CANH_WEB__PORT": "9100"})
    assert type(settings).model_validate_json(settings.model_dump_json()) == settings


def test_every_key_is_unique():
    keys = [key for key, _ in reference()]
    assert len(keys) == len(set(keys)) > 10
