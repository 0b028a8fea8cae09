"""What the command line says, in both languages."""

import os

import msgspec

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
CANNOT_LISTEN = Text(
    vi="Không nghe được ở {address} ({key}): {reason}.", en="{address} ({key}) cannot be listened on: {reason}."
)
NO_DATA_FOLDER = Text(
    vi="Không có thư mục dữ liệu {path}. Chỉ đúng thư mục bằng --data, hoặc tạo mới: ./canh up --data {path}",
    en="There is no data folder {path}. Name the right one with --data, or make it: ./canh up --data {path}",
)
NO_DATA = Text(
    vi="Canh chưa chạy lần nào trên thư mục {path}. Chạy: ./canh up --data {path}",
    en="Canh has never run on the folder {path}. Run: ./canh up --data {path}",
)
CANNOT_USE_DATA = Text(
    vi="Không dùng được thư mục dữ liệu {path}: {reason}.", en="The data folder {path} cannot be used: {reason}."
)
NO_FOLDERS_HERE = Text(vi="không tạo được thư mục ở nơi này", en="folders cannot be made in this place")
NOT_OUR_FOLDER = Text(
    vi="nó thuộc về tài khoản số {owner}, còn Canh đang chạy bằng tài khoản số {us}",
    en="it belongs to account number {owner}, and Canh runs as account number {us}",
)
SHARED_FOLDER = Text(
    vi="nó chứa dữ liệu khác và tài khoản khác vào được (quyền {mode}). Hãy dành cho Canh một thư mục riêng",
    en="it holds other data and other accounts may enter it (mode {mode}). Give Canh a folder of its own",
)
CLOSED_TO_OTHERS = Text(
    vi="Quyền của thư mục dữ liệu {path} đổi từ {mode} thành 0700: nhật ký chỉ dành cho tài khoản chạy Canh.",
    en="The mode of the data folder {path} was {mode} and is now 0700: logs are for the account of Canh alone.",
)
NOT_RUNNING = Text(
    vi="Canh không chạy trên {path}; các bản ghi đã nằm an toàn trong hàng đợi và sẽ được xử lý khi chạy ./canh up.",
    en="Canh does not run on {path}; the records rest safely in the spool and are worked on at the next ./canh up.",
)
SPOOL_STAYS_FULL = Text(
    vi="{file}: hàng đợi đầy và Canh trên {path} không xử lý bớt; phần còn lại chưa được nạp. "
    "Chạy ./canh up, rồi chạy lại lệnh này: nó nạp tiếp từ chỗ dừng.",
    en="{file}: the spool is full and Canh on {path} does not work it off; the rest was not replayed. "
    "Run ./canh up, then this command again: it goes on from where it stopped.",
)
NOT_MOVING = Text(
    vi="Canh trên {path} không xử lý được gì trong hai phút; các bản ghi đã nằm an toàn trong hàng đợi. "
    "Xem: canh status",
    en="Canh on {path} has worked nothing off for two minutes; the records rest safely in the spool. See: canh status",
)
REPLAYED_BEFORE = Text(
    vi="{file}: nội dung này đã được nạp trước đây ({count} bản ghi) nên lần này không nạp gì. "
    "Thêm --again để nạp lần nữa. Kết quả lần trước:",
    en="{file}: this content was replayed before ({count} records), so nothing was replayed now. "
    "Add --again to replay it once more. What became of it then:",
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
BROKEN_ARCHIVE = Text(vi="tệp nén bị hỏng hoặc bị cắt", en="the compressed file is broken or cut off")
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
REVERSED_RANGE = Text(vi="--to ({end}) ở trước --from ({start}).", en="--to ({end}) is before --from ({start}).")
BAD_NUMBER = Text(
    vi="phải là số nguyên từ 1 đến {most}, không phải “{text}”",
    en="must be a whole number from 1 to {most}, not “{text}”",
)
NOT_WHOLE = Text(
    vi="Kết quả thiếu: không đọc được hết các sự kiện nhận ngày {days} (UTC). "
    "Xem nhật ký của tiến trình pipeline và thư mục {folder}.",
    en="The answer is not whole: some events received on {days} (UTC) cannot be read. "
    "See the log of the pipeline process and the folder {folder}.",
)
NEW_PASSWORD = Text(vi="Mật khẩu mới của {name}: ", en="New password of {name}: ")
PASSWORD_AGAIN = Text(vi="Nhập lại mật khẩu: ", en="The password once more: ")
PASSWORDS_DIFFER = Text(vi="Hai mật khẩu không giống nhau.", en="The two passwords are not the same.")
PASSWORD_OF = Text(vi="Mật khẩu của {name}: ", en="Password of {name}: ")
ACCOUNT_MADE = Text(vi="Đã tạo tài khoản {name} (số {number}).", en="The account {name} is made (number {number}).")
CSV_FILE_NEEDED = Text(
    vi="Cho biết một tệp, hoặc --seed (tệp có sẵn).",
    en="Name one file, or --seed (the file that comes with Canh).",
)
IMPORT_NOTE = Text(vi="chú ý: {reason}", en="note: {reason}")
IMPORT_NOTE_AT = Text(vi="dòng {line}, chú ý: {reason}", en="line {line}, note: {reason}")
IMPORT_REFUSED = Text(vi="KHÔNG NHẬN: {reason}", en="REFUSED: {reason}")
IMPORT_REFUSED_AT = Text(vi="dòng {line}, KHÔNG NHẬN: {reason}", en="line {line}, REFUSED: {reason}")
IMPORT_NOTHING_TAKEN = Text(
    vi="Bị từ chối: {count}. Không dòng nào được nhận. Sửa tệp rồi chạy lại.",
    en="Refused: {count}. Not one row was taken. Mend the file and run it again.",
)
IMPORT_PLAN = Text(
    vi="{added} thêm, {changed} sửa, {unchanged} đã có",
    en="{added} to add, {changed} to correct, {unchanged} there already",
)
IMPORT_PREVIEW = Text(
    vi="Mới xem trước, chưa ghi gì. Thêm --apply để ghi.",
    en="This is a preview, nothing is written. Add --apply to write.",
)
IMPORT_TAKEN = Text(vi="Đã ghi trong một giao dịch.", en="Written, in one transaction.")
UNIT_SCOPE = Text(
    vi="Đầu mối của đơn vị này thấy dữ liệu của: {units}", en="Contacts of this unit see the data of: {units}"
)
UNIT_BELOW = Text(vi="dưới {parent}", en="below {parent}")
ACCOUNT_CLOSED = Text(
    vi="Tài khoản {name} đã đóng, các phiên đã kết thúc.",
    en="The account {name} is closed and its sessions have ended.",
)
ACCOUNT_REOPENED = Text(vi="Tài khoản {name} đã mở lại.", en="The account {name} is open again.")
SEALED_ANEW = Text(
    vi="Đã thay khóa niêm phong; đã niêm phong lại {count} bí mật. Hãy sao lưu riêng tệp sealing-key mới.",
    en="The sealing key is another; secrets sealed anew: {count}. Back the new file sealing-key up by itself.",
)
STORE_ELSEWHERE = Text(
    vi="Sự kiện nằm ở Elasticsearch (store.url): hãy hỏi máy chủ ấy.",
    en="The events are in Elasticsearch (store.url): ask that server.",
)
STORE_INTACT = Text(
    vi="{intact} ngày đúng như lúc niêm phong; {open} ngày còn đang ghi.",
    en="{intact} days are as they were sealed; {open} days are still being written.",
)
STORE_NEWEST_SEAL = Text(
    vi="Niêm phong mới nhất: {seal} (hãy giữ một bản ở nơi khác).", en="Newest seal: {seal} (keep a copy elsewhere)."
)
STORE_SIZE = Text(
    vi="Sự kiện {events}; đĩa đã dùng {used} %, còn trống {free}.",
    en="Events {events}; the disk is {used} % full, {free} are free.",
)
STORE_A_DAY = Text(vi="Mỗi ngày thêm khoảng {size}.", en="A day brings about {size}.")
STORE_NO_WHOLE_DAY = Text(
    vi="Chưa có trọn một ngày dữ liệu để dự báo.", en="There is no whole day of data yet to go by."
)
STORE_UNTIL = Text(vi="Đĩa đầy {mark} % sau {days} ngày.", en="The disk is {mark} % full in {days} days.")
STORE_PASSED = Text(vi="Đĩa đã đầy quá {mark} %.", en="The disk is more than {mark} % full already.")
STORE_NEVER = Text(vi="Chưa thấy gì làm đĩa đầy {mark} %.", en="Nothing comes in that would fill {mark} % of the disk.")
NO_SEALING_KEY = Text(vi="Tệp {file} không phải khóa niêm phong.", en="The file {file} holds no sealing key.")
ACCOUNT_LINKED = Text(
    vi="Đã gắn {name} với mã định danh; các phiên đã kết thúc.",
    en="{name} is linked to the subject; the sessions have ended.",
)
ACCOUNT_UNLINKED = Text(
    vi="Đã gỡ mã định danh của {name}; các phiên đã kết thúc.",
    en="{name} is unlinked; the sessions have ended.",
)
ROLE_CHANGED = Text(
    vi="Đã đổi vai trò của {name}; các phiên đã kết thúc.",
    en="The role of {name} is changed; the sessions have ended.",
)
NO_SUCH_ACTION = Text(vi="Không có việc “{action}”; có: {known}.", en="There is no act “{action}”; there are: {known}.")
MAY = Text(vi="được", en="yes")
MAY_NOT = Text(vi="không", en="no")
MAY_NOTHING = Text(vi="Tài khoản này đã đóng: không làm được gì.", en="This account is closed: it may do nothing.")
STATE_CLOSED = Text(vi="đã đóng", en="closed")
STATE_DORMANT = Text(vi="tạm khóa vì lâu không dùng", en="suspended, long unused")
STATE_NO_PASSWORD = Text(vi="chưa đặt mật khẩu", en="no password yet")
STATE_FACTOR = Text(vi="có yếu tố thứ hai", en="second factor")
INVITATION_LINK = Text(
    vi="Trao liên kết này cho người ấy để tự đặt mật khẩu (một lần, trong 72 giờ):\n  {link}",
    en="Hand this link to the person, who sets the password (once, within 72 hours):\n  {link}",
)
FACTOR_REMOVED = Text(
    vi="Đã gỡ yếu tố thứ hai của {name}, các phiên đã kết thúc.",
    en="The second factor of {name} is removed and the sessions have ended.",
)
SESSIONS_ENDED = Text(vi="Đã kết thúc {count} phiên của {name}.", en="Sessions of {name} that were ended: {count}.")
HOLDER_KINDS = {
    "account": Text(vi="tài khoản", en="account"),
    "service_account": Text(vi="dịch vụ", en="service"),
    "token": Text(vi="khóa API", en="token"),
}
SERVICE_ACCOUNT_MADE = Text(
    vi="Đã tạo tài khoản dịch vụ {name} (số {number}).", en="The service account {name} is made (number {number})."
)
SERVICE_ACCOUNT_CLOSED = Text(
    vi="Tài khoản dịch vụ {name} đã đóng; số khóa bị thu hồi: {count}.",
    en="The service account {name} is closed; tokens revoked: {count}.",
)
OWNER_CHANGED = Text(
    vi="Tài khoản dịch vụ {name} đã có người chịu trách nhiệm khác.", en="The service account {name} has another owner."
)
HOLDER_ENDED = Text(vi="đã kết thúc", en="has ended")
REVIEW_DUE = Text(
    vi="Lần rà soát trước: {reviewed}. Lần tới, chậm nhất: {due}.", en="Last reviewed: {reviewed}. Due by: {due}."
)
REVIEW_RECORDED = Text(vi="Đã ghi nhận lần rà soát này.", en="This review is recorded.")
SOURCE_OF = Text(vi="{unit} (nguồn số {number}: {place})", en="{unit} (source {number}: {place})")
SOURCE_OF_NOBODY = Text(
    vi="{unit} (không nguồn nào được gán khớp: đơn vị trong thiết lập)",
    en="{unit} (no assigned source fits: the unit of the settings)",
)
NO_SUCH_UNIT = Text(vi="Không có đơn vị {code}.", en="No unit {code}.")
BAD_DATE = Text(vi="“{text}” không phải ngày: dùng 2025-07-01.", en="“{text}” is not a date: use 2025-07-01.")
NO_SUCH_POST = Text(vi="Không có chức danh {code}.", en="No post {code}.")
NO_SUCH_PERSON = Text(vi="Không có người mang mã {code}.", en="No person {code}.")
NO_SIGNER = Text(
    vi="Ngày {on} không ai được ký “{subject}” thay mặt {authority}: chức danh đang trống và không ai được ủy quyền.",
    en="On {on} nobody may sign “{subject}” for {authority}: the post is vacant and nobody has the authority.",
)
NO_AUTHORITY = Text(
    vi="Ngày {on} không có chức danh giám đốc nào: hãy nhập bằng canh post import.",
    en="On {on} there is no post of a director: import one with canh post import.",
)
SHIFT_CANCELLED = Text(vi="đã hủy", en="cancelled")
STAFFING = Text(vi="{unit}, nhóm {group}: {in_post}/{number} người", en="{unit}, group {group}: {in_post} of {number}")
PASSWORD_SET = Text(
    vi="Đã đặt mật khẩu mới cho {name}; các phiên đăng nhập cũ đã kết thúc.",
    en="{name} has a new password; the sessions opened before have ended.",
)
AUDIT_INTACT = Text(
    vi="NGUYÊN VẸN: {rows} dòng, chứng thực đến dòng {proved}, ký lúc {signed_at}; {waiting} dòng chờ vào chuỗi",
    en="INTACT: {rows} rows, proved through row {proved}, signed at {signed_at}; {waiting} rows wait to be chained",
)
AUDIT_NOT_CHAINED = Text(
    vi="CHƯA CHỨNG THỰC: {rows} dòng, chưa dòng nào vào chuỗi băm. Tiến trình jobs có chạy không?",
    en="NOT PROVED: {rows} rows, none of them is chained. Does the jobs process run?",
)
AUDIT_BAD = Text(
    vi="ĐÃ BỊ SỬA từ dòng {sequence}: {reason}. Chứng thực được đến dòng {proved}.",
    en="BENT at row {sequence}: {reason}. Proved through row {proved}.",
)
AUDIT_REMARK = Text(vi="lưu ý: {remark}", en="note: {remark}")
OWN_PUBLIC_KEY = Text(
    vi="khóa công khai lấy từ chính nơi được kiểm chứng; hãy dùng khóa đã cất ở nơi khác (--public-key)",
    en="the public key comes from what is verified; use one that was kept elsewhere (--public-key)",
)
NO_OUTSIDE_CHECKPOINTS = Text(
    vi="không có mốc từ máy khác (--checkpoints): không thấy được một bản cũ được khôi phục hay ký lại",
    en="no checkpoints from another machine (--checkpoints): an old copy restored, or signed anew, would not be seen",
)
SPOILED_CHECKPOINTS = Text(
    vi="{file}: các dòng sau không phải là mốc: {lines}", en="{file}: these lines are no checkpoints: {lines}"
)
NO_CHECKPOINTS = Text(vi="{file}: không có mốc nào trong tệp này", en="{file}: there is no checkpoint in this file")
NO_PUBLIC_KEY = Text(
    vi="{file}: không đọc được khóa công khai Ed25519 ở đây", en="{file}: no Ed25519 public key can be read here"
)
NO_AUDIT_KEY = Text(
    vi="Chưa có khóa ký nhật ký kiểm toán trong {path}: tiến trình jobs tạo nó ở lần chạy đầu.",
    en="There is no key that signs the audit in {path}: the jobs process makes it at its first start.",
)
NOT_AN_EXPORT = Text(
    vi="{file}: dòng {line} không phải dòng của một bản xuất nhật ký kiểm toán",
    en="{file}: line {line} is not one of an export of the audit",
)
NOT_A_DATABASE = Text(
    vi="{path}: không phải cơ sở dữ liệu Canh có chuỗi băm ({reason})",
    en="{path}: not a database of Canh with a chain ({reason})",
)
OUT_OF_AUDIT = Text(
    vi="các dòng sau không đọc được vì bị sửa ngoài Canh: {rows}. Chạy: canh audit verify",
    en="these rows cannot be read, for they were changed outside of Canh: {rows}. Run: canh audit verify",
)
RULE_NOT_LOADED = Text(
    vi="Quy tắc không nạp được: {path}:{line}: {reason}", en="A rule cannot be loaded: {path}:{line}: {reason}"
)
CONFIG_FINE = Text(vi="Thiết lập hợp lệ.", en="The settings are fine.")
RULES_FINE = Text(vi="{count} quy tắc hợp lệ.", en="{count} rules are fine.")
RULE_PASSED = Text(vi="đạt", en="ok")
RULE_FAILED = Text(vi="HỎNG", en="FAIL")
RULES_TESTED = Text(vi="{passed} đạt, {failed} không đạt", en="{passed} passed, {failed} failed")


def language() -> str:
    """The language of the terminal: English where the locale says so, Vietnamese where it says so, else English."""
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return VIETNAMESE if locale.lower().startswith("vi") else ENGLISH


def say(text: Text, /, **values: object) -> str:
    """The text in the terminal's language with its values filled in; without values it is taken as it is."""
    said = text.within(language())
    return said.format(**values) if values else said


def printable(line: str) -> str:
    """The line with control characters written out: log text is hostile to a terminal too."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in line)


def printable_json(value: object, *, indent: int = 0) -> str:
    """The value as JSON with what a terminal might obey written as `\\uXXXX`: it reads back the same.

    One line, or with `indent` a readable tree.
    """
    encoded = msgspec.json.encode(value)
    return escaped((msgspec.json.format(encoded, indent=indent) if indent else encoded).decode())


def escaped(text: str) -> str:
    """JSON with what a terminal might obey written as `\\uXXXX`."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() or letter == "\n" else _escaped(letter) for letter in text)


def _escaped(letter: str) -> str:
    units = letter.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
