import pytest
from pydantic import ValidationError

from api.settings import WebSettings


def test_the_address_a_browser_opens():
    assert WebSettings().url == "http://127.0.0.1:8480"
    assert WebSettings(host="0.0.0.0", port=9000).url == "http://127.0.0.1:9000"
    assert WebSettings(host="::1").url == "http://[::1]:8480"
    assert WebSettings(host="::").url == "http://[::1]:8480"


def test_host_names_are_kept_in_lower_case():
    assert WebSettings(allowed_hosts=["Canh.Example.vn", "fe80::1"]).hosts == {
        "canh.example.vn",
        "fe80::1",
        "127.0.0.1",
    }


@pytest.mark.parametrize("name", ["http://canh.example.vn", "canh.example.vn:8480", "", "a b", "user@host"])
def test_a_host_is_a_name_without_scheme_and_port(name):
    with pytest.raises(ValidationError):
        WebSettings(allowed_hosts=[name])
