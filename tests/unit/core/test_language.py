"""Texts within texts."""

from core.language import Text


def test_a_text_within_a_text_is_in_the_same_language():
    outer = Text("không đọc được: {reason} ({count})", "cannot be read: {reason} ({count})")
    inner = Text("hết chỗ {trên đĩa}", "no space {left}")
    assert outer.format(reason=inner, count=3) == Text(
        "không đọc được: hết chỗ {trên đĩa} (3)", "cannot be read: no space {left} (3)"
    )
