"""A path that is no UTF-8 is a text all the same."""

import os
from pathlib import Path

import msgspec
import pytest

from core.path_text import path_text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (b"/var/log/auth.log", "/var/log/auth.log"),
        ("/nhật ký/đăng nhập.log".encode(), "/nhật ký/đăng nhập.log"),
        (b"/var/log/\xff\xc3.log", r"/var/log/\xff\xc3.log"),
        (rb"/var/log/\xff.log", r"/var/log/\xff.log"),
    ],
)
def test_every_name_has_a_text(name, text):
    path = os.fsdecode(name)
    assert path_text(path) == path_text(Path(path)) == text
    assert path_text(text) == text
    msgspec.json.encode(text)
