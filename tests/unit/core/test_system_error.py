"""What the system refused, in both languages."""

import errno

import pytest

from core.language import Text
from core.system_error import reason_of


def test_a_full_disk_is_told_in_both_languages():
    with pytest.raises(OSError, match="No space") as caught, open("/dev/full", "wb", buffering=0) as file:
        file.write(b"x")
    assert reason_of(caught.value) == Text("hết chỗ trên đĩa", "no space left on the disk")


def test_what_we_have_no_words_for_keeps_the_systems():
    assert reason_of(OSError(errno.ELOOP, "Too many levels")) == Text("Too many levels", "Too many levels")
    assert reason_of(OSError("odd")) == Text("odd", "odd")
