"""argparse's own words in the terminal's language.

argparse asks gettext for each of them. A gettext catalogue would be a compiled file beside the code and follow other
variables than `texts.language`, so the question is answered here; what is not listed stays English.
"""

import argparse

from composition import texts
from core.language import Text

WORDS = (
    Text(vi="cách dùng: ", en="usage: "),
    Text(vi="tham số", en="positional arguments"),
    Text(vi="tùy chọn", en="options"),
    Text(vi="hiện phần trợ giúp này", en="show this help message and exit"),
    Text(vi="%(prog)s: lỗi: %(message)s\n", en="%(prog)s: error: %(message)s\n"),
    Text(vi="tham số %(argument_name)s: %(message)s", en="argument %(argument_name)s: %(message)s"),
    Text(vi="thiếu các tham số: %s", en="the following arguments are required: %s"),
    Text(vi="không hiểu các tham số: %s", en="unrecognized arguments: %s"),
    Text(vi="cần một giá trị", en="expected one argument"),
    Text(vi="cần ít nhất một giá trị", en="expected at least one argument"),
    Text(vi="cần nhiều nhất một giá trị", en="expected at most one argument"),
    Text(vi="không nhận giá trị %r", en="ignored explicit argument %r"),
    Text(
        vi="không có lựa chọn %(value)r (chọn trong: %(choices)s)",
        en="invalid choice: %(value)r (choose from %(choices)s)",
    ),
    Text(vi="giá trị %(value)r không phải %(type)s", en="invalid %(type)s value: %(value)r"),
    Text(
        vi="tùy chọn %(option)s viết tắt của nhiều tùy chọn: %(matches)s",
        en="ambiguous option: %(option)s could match %(matches)s",
    ),
)

_WORDS = {text.en: text for text in WORDS}


def translate_argparse() -> None:
    """From now on argparse speaks the terminal's language. Idempotent."""
    vars(argparse)["_"] = _said


def _said(message: str) -> str:
    text = _WORDS.get(message)
    return message if text is None else text.within(texts.language())
