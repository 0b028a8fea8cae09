"""What the command line says, in both languages."""

import os

from core.language import ENGLISH, VIETNAMESE, Text

FIRST_RUN = Text(
    vi="Lần chạy đầu: mở liên kết này (một lần, trong 24 giờ) để đặt mật khẩu quản trị:",
    en="First run: open this link (once, within 24 hours) to set the administrator's password:",
)
ALREADY_RUNNING = Text(
    vi="Canh đang chạy trên thư mục dữ liệu này (pid {pid}).",
    en="Canh already runs on this data folder (pid {pid}).",
)
PORT_TAKEN = Text(
    vi="Cổng {address} đang bị chương trình khác dùng. Đặt {key} sang cổng khác.",
    en="{address} is in use by another program. Set {key} to another port.",
)
NO_DATA = Text(
    vi="Thư mục dữ liệu {path} chưa có gì. Chạy: ./canh up",
    en="The data folder {path} is empty. Run: ./canh up",
)
NOT_RUNNING = Text(
    vi="Canh không chạy trên {path}; các bản ghi đã nằm an toàn trong hàng đợi và sẽ được xử lý khi chạy ./canh up.",
    en="Canh does not run on {path}; the records rest safely in the spool and are worked on at the next ./canh up.",
)
REPLAYED_BEFORE = Text(
    vi="{file}: nội dung này đã được nạp trước đây ({count} bản ghi). Thêm --again để nạp lần nữa.",
    en="{file}: this content was replayed before ({count} records). Add --again to replay it once more.",
)
REPLAYING = Text(
    vi="{file}: {spooled} bản ghi vào hàng đợi, {done} đã xử lý xong",
    en="{file}: {spooled} records spooled, {done} done",
)
REPLAYED = Text(
    vi="{file}: {records} bản ghi: {stored} đã lưu (trong đó {rejected} không phân tích được, {shelved} cất riêng), "
    "{damaged} hỏng, {waiting} đang chờ",
    en="{file}: {records} records: {stored} stored (of them {rejected} not parsed, {shelved} shelved), "
    "{damaged} damaged, {waiting} waiting",
)
CANNOT_READ = Text(vi="Không đọc được {file}: {reason}", en="{file} cannot be read: {reason}")
NO_SUCH_FORMAT = Text(
    vi="Không có định dạng “{format}”. Các định dạng: {known}",
    en="No such format “{format}”. Known formats: {known}",
)
NO_FILES = Text(
    vi="Thiếu tệp nhật ký: canh hunt --rules ĐƯỜNG_DẪN... TỆP...", en="No log file: canh hunt --rules PATH... FILE..."
)
NO_RULES = Text(vi="Không có quy tắc nào dùng được trong: {paths}", en="No rule that can be used in: {paths}")
NO_SUCH_ALERT = Text(vi="Không có cảnh báo {id}.", en="No alert {id}.")
BAD_TIME = Text(
    vi="“{text}” không phải thời điểm: dùng 2026-11-24, 2026-11-24T08:30, hoặc -24h, -30m, -7d.",
    en="“{text}” is not a time: use 2026-11-24, 2026-11-24T08:30, or -24h, -30m, -7d.",
)
BAD_QUERY = Text(vi="Câu truy vấn sai ở ký tự {at}: {expected}", en="Query error at character {at}: {expected}")
CONFIG_FINE = Text(vi="Thiết lập hợp lệ.", en="The settings are fine.")
RULES_FINE = Text(vi="{count} quy tắc hợp lệ.", en="{count} rules are fine.")


def language() -> str:
    """The language of the terminal: English where the locale says so, Vietnamese where it says so, else English."""
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return VIETNAMESE if locale.lower().startswith("vi") else ENGLISH


def say(text: Text, /, **values: object) -> str:
    """The text in the terminal's language with its values filled in."""
    return text.within(language()).format(**values)


def printable(line: str) -> str:
    """The line with control characters written out: log text is hostile to a terminal too."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in line)


def printable_json(encoded: bytes) -> str:
    """JSON with what a terminal might obey written as `\\uXXXX`: it reads back the same."""
    text = encoded.decode()
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() or letter == "\n" else _escaped(letter) for letter in text)


def _escaped(letter: str) -> str:
    units = letter.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
