"""The command line: `canh NOUN VERB`. Commands are imported when they run, so that help is instant.

Exit codes: 0 fine, 1 findings or nothing found, 2 wrong use or environment.
"""

import argparse
import importlib
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from composition import texts
from composition.texts import printable, say
from composition.usage import translate_argparse
from core.errors import Unavailable
from core.language import Text

# Those of org.token and org.account_creation, which are slow to import.
ROLES_OF_TOKENS = ("administrator", "analyst", "reader", "unit_contact", "integration", "sender")
ROLES_OF_ACCOUNTS = (
    *("administrator", "shift_leader", "analyst", "responder", "permit_officer", "clerk", "unit_contact"),
    *("leader", "auditor"),
)
MOST_EVENTS = 1_000_000
MOST_ALERTS = 100_000
MOST_AUDIT_ROWS = 1_000_000
MOST_NUMBER = 10**9

COMMAND = Text(vi="LỆNH", en="COMMAND")
VERB = Text(vi="VIỆC", en="VERB")
DIR = Text(vi="THƯ_MỤC", en="DIR")
FILE = Text(vi="TỆP", en="FILE")
PATH = Text(vi="ĐƯỜNG_DẪN", en="PATH")
QUERY = Text(vi="TRUY_VẤN", en="QUERY")
TIME = Text(vi="LÚC", en="T")
NAME = Text(vi="TÊN", en="NAME")
NUMBER = Text(vi="SỐ", en="NUMBER")
VALUE = Text(vi="GIÁ TRỊ", en="VALUE")
REASON = Text(vi="LÝ DO", en="REASON")
CODE = Text(vi="MÃ", en="CODE")
DATE = Text(vi="NGÀY", en="DATE")
NETWORK = Text(vi="MẠNG", en="NETWORK")
ADDRESS = Text(vi="ĐỊA_CHỈ", en="ADDRESS")
INPUT = Text(vi="ĐẦU_VÀO", en="INPUT")
HOST = Text(vi="MÁY", en="HOST")
SUBJECT = Text(vi="NỘI_DUNG", en="SUBJECT")

DATA = Text(vi="thư mục dữ liệu (mặc định: var cạnh ./canh)", en="data folder (default: var beside ./canh)")
CONFIG = Text(
    vi="tệp thiết lập (mặc định: canh.toml trong thư mục dữ liệu)", en="settings file (default: canh.toml in DIR)"
)
FROM = Text(
    vi="từ lúc này: 2026-11-24, 2026-11-24T08:30, -24h", en="from this time on: 2026-11-24, 2026-11-24T08:30, -24h"
)
TO = Text(vi="đến trước lúc này", en="before this time")
WHEELS = Text(
    vi="lần đầu: cài từ thư mục do “canh wheels” tạo, không cần Internet",
    en="the first time: install from a folder made by `canh wheels`, without Internet",
)
AUDIT_FILTERS = {
    "actor": Text(vi="chỉ người này: tên, hoặc account:7", en="only this one: the name, or account:7"),
    "action": Text(vi="chỉ việc này, như alert.close", en="only this action, like alert.close"),
    "resource": Text(vi="chỉ đối tượng này: alert:ID, hoặc alert", en="only this resource: alert:ID, or alert"),
}
AUDIT_EVIDENCE = {
    "export": Text(vi="kiểm chứng tệp do “canh audit export” tạo", en="verify a file made by `canh audit export`"),
    "public-key": Text(vi="khóa công khai đã cất ở nơi khác", en="the public key kept elsewhere"),
    "checkpoints": Text(vi="các mốc đã chép ra máy khác", en="the checkpoints copied to another machine"),
}
BY_THE_SCRIPT = Text(
    vi="""làm ngay trong ./canh:
  ./canh test [...]            cài bộ kiểm thử rồi chạy (tham số là của pytest)
  ./canh wheels THƯ_MỤC        tải các gói về THƯ_MỤC
  ./canh up --wheels THƯ_MỤC   cài từ THƯ_MỤC, không cần Internet""",
    en="""done by ./canh itself:
  ./canh test [...]          install the test suite and run it (arguments are pytest's)
  ./canh wheels DIR          download the packages into DIR
  ./canh up --wheels DIR   install from DIR, without Internet""",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse, run, and turn a closed pipe or Ctrl-C into a quiet end."""
    options = build_parser().parse_args(_with_negative_times(sys.argv[1:] if arguments is None else arguments))
    module, _, function = options.command.partition(":")
    run: Callable[[argparse.Namespace], int] = getattr(
        importlib.import_module(f"composition.commands.{module}"), function
    )
    # A command says what it has to say in the user's language; what the rooms below log is for the processes of `up`.
    if logging.lastResort is not None:
        logging.lastResort.setLevel(logging.CRITICAL)
    try:
        code = run(options)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except Unavailable as unavailable:
        print(f"{unavailable.service}: {texts.say(unavailable.reason)}", file=sys.stderr)
        return 2


def _with_negative_times(arguments: Sequence[str]) -> list[str]:
    """`--from -24h` as `--from=-24h`, for argparse takes a word that begins with a dash for an option."""
    joined: list[str] = []
    for argument in arguments:
        if joined and joined[-1] in ("--from", "--to") and argument[:1] == "-" and argument[1:2].isdecimal():
            joined[-1] += f"={argument}"
        else:
            joined.append(argument)
    return joined


def build_parser() -> argparse.ArgumentParser:
    """The whole command line, in the terminal's language."""
    translate_argparse()
    parser = argparse.ArgumentParser(
        prog="canh",
        description=say(
            Text(vi="Canh: giám sát an ninh mạng cấp tỉnh", en="Canh: provincial cybersecurity monitoring")
        ),
        epilog=say(BY_THE_SCRIPT),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(metavar=say(COMMAND), required=True)

    up = _add(commands, "up", "up:run", Text(vi="chạy Canh", en="run Canh in the foreground"))
    up.add_argument("--wheels", metavar=say(DIR), help=say(WHEELS))

    status = _add(
        commands, "status", "status:run", Text(vi="tiến trình, cổng nghe, bộ đếm", en="processes, listeners, counters")
    )
    _add_json(status)

    replay = _add(
        commands,
        "replay",
        "replay:run",
        Text(vi="nạp tệp nhật ký như dữ liệu trực tiếp", en="push log files through the live path"),
    )
    replay.add_argument("files", nargs="+", type=Path, metavar=say(FILE))
    _add_format(replay)
    replay.add_argument(
        "--again",
        action="store_true",
        help=say(Text(vi="nạp lại nội dung đã nạp", en="replay known content once more")),
    )
    _add_json(replay)

    parse = _add(
        commands, "parse", "parse:run", Text(vi="phân tích từng dòng, không cần máy chủ", en="parse lines, no server")
    )
    parse.add_argument(
        "file",
        nargs="?",
        default="-",
        metavar=say(FILE),
        help=say(Text(vi="mặc định: đầu vào chuẩn (-)", en="default: standard input (-)")),
    )
    _add_format(parse)

    hunt = _add(
        commands,
        "hunt",
        "hunt:run",
        Text(vi="chạy quy tắc trên tệp, không cần máy chủ", en="rules over files, no server"),
    )
    hunt.add_argument("files", nargs="*", type=Path, metavar=say(FILE))
    hunt.add_argument(
        "--rules",
        nargs="+",
        action="extend",
        type=Path,
        metavar=say(PATH),
        required=True,
        help=say(Text(vi="tệp hoặc thư mục quy tắc", en="rule files or folders")),
    )
    _add_format(hunt)

    event = _add_noun(commands, "event", Text(vi="sự kiện: tìm, đếm", en="events: search, count"))
    event_search = _add(event, "search", "event:search", Text(vi="tìm, mới nhất trước", en="search, newest first"))
    _add_limit(event_search, 50, MOST_EVENTS)
    _add_json(event_search)
    event_count = _add(
        event, "count", "event:count", Text(vi="đếm, con số đứng cuối", en="count, the number comes last")
    )
    for command in (event_search, event_count):
        command.add_argument(
            "query",
            metavar=say(QUERY),
            help=say(Text(vi="ngôn ngữ truy vấn, “*” là tất cả", en="in the query language, “*” is everything")),
        )
        command.add_argument("--from", dest="start", metavar=say(TIME), help=say(FROM))
        command.add_argument("--to", dest="end", metavar=say(TIME), help=say(TO))

    alert = _add_noun(commands, "alert", Text(vi="cảnh báo: danh sách, chi tiết", en="alerts: list, show"))
    alert_list = _add(
        alert, "list", "alert:list_alerts", Text(vi="hàng đợi, mới nhất trước", en="the queue, newest first")
    )
    alert_list.add_argument(
        "--state",
        choices=("new", "acknowledged", "closed"),
        help=say(Text(vi="chỉ trạng thái này", en="only this state")),
    )
    _add_limit(alert_list, 100, MOST_ALERTS)
    _add_json(alert_list)
    alert_show = _add(
        alert,
        "show",
        "alert:show",
        Text(
            vi="một cảnh báo: vì sao, làm gì, dòng gốc (JSON khi không in ra màn hình)",
            en="one alert: why, what to do, the original lines (JSON where the output is no terminal)",
        ),
    )
    alert_show.add_argument(
        "id", metavar="ID", help=say(Text(vi="mã hoặc số của cảnh báo", en="the alert's id or number"))
    )
    _add_json(alert_show)

    rule = _add_noun(commands, "rule", Text(vi="quy tắc: kiểm tra, chạy thử", en="rules: lint, test"))
    lint = _add(rule, "lint", "rule:lint", Text(vi="tìm lỗi trong quy tắc", en="look for mistakes in rules"))
    test = _add(
        rule,
        "test",
        "rule:test",
        Text(vi="chạy quy tắc trên dòng mẫu của nó", en="run rules over their own sample lines"),
    )
    for command in (lint, test):
        command.add_argument(
            "paths",
            nargs="*",
            type=Path,
            metavar=say(PATH),
            help=say(Text(vi="mặc định: các quy tắc đang dùng", en="default: the rules in use")),
        )

    config = _add_noun(commands, "config", Text(vi="thiết lập: kiểm tra, xem", en="settings: check, show"))
    _add(
        config, "check", "config:check", Text(vi="thiết lập có dùng được không", en="whether the settings can be used")
    )
    _add(
        config,
        "show",
        "config:show",
        Text(vi="mọi thiết lập dạng TOML, kèm nguồn", en="every setting as TOML, with where it comes from"),
    )

    token = _add_noun(commands, "token", Text(vi="khóa API: tạo, xem, thu hồi", en="API tokens: create, list, revoke"))
    create = _add(
        token,
        "create",
        "token:create",
        Text(vi="tạo khóa; khóa in ra ở cuối, một lần", en="make one, printed last, once"),
    )
    create.add_argument(
        "--role", required=True, choices=ROLES_OF_TOKENS, help=say(Text(vi="khóa được làm gì", en="what it may do"))
    )
    create.add_argument(
        "--name",
        required=True,
        metavar=say(NAME),
        help=say(
            Text(vi="dùng cho việc gì; không trùng khóa còn hiệu lực", en="what it is for; no other valid token's")
        ),
    )
    create.add_argument(
        "--days",
        type=_whole_number(MOST_NUMBER),
        default=365,
        metavar=say(NUMBER),
        help=say(Text(vi="hết hạn sau bấy nhiêu ngày (mặc định 365)", en="it ends after so many days (default 365)")),
    )
    _add_unit(create)
    create.add_argument(
        "--service-account",
        metavar=say(NAME),
        help=say(Text(vi="tài khoản dịch vụ của khóa", en="the service account it belongs to")),
    )
    _add_json(_add(token, "list", "token:list_all", Text(vi="mọi khóa", en="every token")))
    revoke = _add(token, "revoke", "token:revoke", Text(vi="thu hồi khóa ngay", en="end a token at once"))
    revoke.add_argument(
        "number",
        type=_whole_number(MOST_NUMBER),
        metavar=say(NUMBER),
        help=say(Text(vi="số của khóa trong danh sách", en="its number in the list")),
    )

    _add_service_account_commands(commands)

    sealing_key = _add_noun(
        commands, "sealing-key", Text(vi="khóa niêm phong các bí mật", en="the key under which secrets are sealed")
    )
    _add(
        sealing_key,
        "rotate",
        "sealing_key:rotate",
        Text(vi="thay khóa, niêm phong lại mọi bí mật", en="another key; every secret is sealed anew"),
    )

    store = _add_noun(
        commands, "store", Text(vi="kho sự kiện: kiểm chứng, dự báo", en="the event store: verify, forecast")
    )
    _add_json(
        _add(
            store,
            "verify",
            "store:verify",
            Text(vi="các ngày đã niêm phong có còn nguyên không", en="whether the sealed days are as they were sealed"),
        )
    )
    _add_json(_add(store, "forecast", "store:forecast", Text(vi="khi nào đĩa đầy", en="when the disk will be full")))

    audit = _add_noun(
        commands, "audit", Text(vi="nhật ký kiểm toán: xem, kiểm chứng, xuất", en="the audit: list, verify, export")
    )
    audit_list = _add(audit, "list", "audit:list_rows", Text(vi="ai đã làm gì, mới nhất trước", en="newest first"))
    for option, meaning in AUDIT_FILTERS.items():
        audit_list.add_argument(f"--{option}", default="", metavar=say(NAME), help=say(meaning))
    audit_list.add_argument("--from", dest="start", metavar=say(TIME), help=say(FROM))
    audit_list.add_argument("--to", dest="end", metavar=say(TIME), help=say(TO))
    _add_limit(audit_list, 50, MOST_AUDIT_ROWS)
    _add_json(audit_list)
    verify = _add(
        audit,
        "verify",
        "audit:verify_chain",
        Text(
            vi="có dòng nào bị sửa, xóa, chèn không; không cần máy chủ",
            en="was a row bent; no server",
        ),
    )
    for option, meaning in AUDIT_EVIDENCE.items():
        verify.add_argument(f"--{option}", type=Path, metavar=say(FILE), help=say(meaning))
    _add_json(verify)
    _add(
        audit,
        "export",
        "audit:export",
        Text(vi="toàn bộ ra đầu ra chuẩn, mỗi dòng một JSON", en="all of it to standard output as JSON lines"),
    )
    _add(
        audit,
        "public-key",
        "audit:show_public_key",
        Text(vi="khóa công khai để kiểm chứng; hãy cất ở nơi khác", en="the key for verifying; keep it elsewhere"),
    )

    account = _add_noun(
        commands,
        "account",
        Text(vi="tài khoản: tạo, đặt lại mật khẩu, đóng, rà soát", en="accounts: create, reset, close, review"),
    )
    make = _add(
        account,
        "create",
        "account:create",
        Text(vi="tạo tài khoản; mật khẩu được hỏi", en="make an account; the password is asked for"),
    )
    make.add_argument(
        "--name", required=True, metavar=say(NAME), help=say(Text(vi="tên đăng nhập", en="the user name"))
    )
    make.add_argument(
        "--role",
        required=True,
        choices=ROLES_OF_ACCOUNTS,
        help=say(Text(vi="người ấy được làm gì", en="what they may do")),
    )
    _add_unit(make)
    make.add_argument(
        "--invite",
        action="store_true",
        help=say(
            Text(vi="in liên kết để người ấy tự đặt mật khẩu", en="print a link with which they set the password")
        ),
    )
    link = _add(
        account,
        "invite",
        "account:hand_out_link",
        Text(vi="in liên kết để một người tự đặt mật khẩu", en="print a link with which a person sets their password"),
    )
    reset = _add(
        account,
        "reset-password",
        "account:reset",
        Text(
            vi="đặt mật khẩu mới cho người đã quên, kết thúc các phiên của họ",
            en="set a new password for one who forgot theirs, and end their sessions",
        ),
    )
    shut = _add(
        account,
        "close",
        "account:close",
        Text(vi="đóng tài khoản, kết thúc các phiên", en="close an account and end its sessions"),
    )
    again = _add(
        account,
        "reopen",
        "account:reopen",
        Text(vi="mở lại tài khoản đã đóng, hay bị tạm khóa vì lâu không dùng", en="open a closed or suspended account"),
    )
    out = _add(
        account, "end-sessions", "account:log_out", Text(vi="kết thúc mọi phiên của một người", en="end every session")
    )
    lost = _add(
        account,
        "remove-factor",
        "account:remove_factor",
        Text(
            vi="gỡ yếu tố thứ hai của người mất cả điện thoại và mã khôi phục, kết thúc các phiên của họ",
            en="take the second factor from one who lost phone and recovery codes, and end their sessions",
        ),
    )
    other = _add(
        account,
        "change-role",
        "account:change",
        Text(vi="đổi vai trò, đơn vị; các phiên kết thúc", en="change the role and unit; sessions end"),
    )
    other.add_argument(
        "--role", required=True, choices=ROLES_OF_ACCOUNTS, help=say(Text(vi="vai trò mới", en="the new role"))
    )
    _add_unit(other)
    tie = _add(
        account,
        "link",
        "account:tie",
        Text(vi="gắn tài khoản với một người ở nhà cung cấp định danh", en="link to a person at the identity provider"),
    )
    tie.add_argument(
        "--subject",
        required=True,
        metavar=say(Text(vi="MÃ", en="SUBJECT")),
        help=say(Text(vi="mã định danh (sub) của người ấy ở đó", en="the person's subject (sub) there")),
    )
    untie = _add(
        account,
        "unlink",
        "account:untie",
        Text(vi="gỡ tài khoản khỏi nhà cung cấp định danh", en="unlink from the identity provider"),
    )
    _add_json(
        _add(
            account, "list", "account:list_all", Text(vi="mọi tài khoản, kể cả đã đóng", en="every account, closed too")
        )
    )
    may = _add(
        account,
        "may",
        "account:may",
        Text(vi="một người được làm gì, vì sao", en="what a person may do, and why"),
    )
    may.add_argument("name", metavar=say(NAME), help=say(Text(vi="tên đăng nhập", en="the user name")))
    may.add_argument(
        "action",
        nargs="?",
        help=say(Text(vi="chỉ việc này, ví dụ alert.close", en="only this one, such as alert.close")),
    )
    for command in (link, reset, shut, again, out, lost, other, tie, untie):
        command.add_argument("name", metavar=say(NAME), help=say(Text(vi="tên đăng nhập", en="the user name")))
    look = _add(
        account,
        "review",
        "account:review",
        Text(
            vi="rà soát: mọi tài khoản và khóa API, quyền, lần dùng cuối, điều cần xem lại",
            en="the access review: every account and token, role, last use, what to look at",
        ),
    )
    look.add_argument(
        "--done", action="store_true", help=say(Text(vi="ghi nhận là đã rà soát", en="record that it was reviewed"))
    )
    _add_json(look)
    _add_body_commands(commands)
    _add_setting_commands(commands)
    _add_unit_commands(commands)
    _add_source_commands(commands)
    _add_post_commands(commands)
    _add_roster_commands(commands)
    return parser


def _add_body_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    body = _add_noun(commands, "body", Text(vi="cơ quan tiếp nhận: nhập, danh sách", en="bodies: import, list"))
    take = _add(
        body,
        "import",
        "body:import_file",
        Text(vi="xem trước một tệp CSV, rồi ghi với --apply", en="preview a CSV file, then write it with --apply"),
    )
    _add_file_of_facts(
        take,
        Text(
            vi="tệp có sẵn: trung tâm quốc gia, công an, sở, kèm mức bằng chứng",
            en="the file that comes with Canh: national centres, police, departments, with evidence marks",
        ),
    )
    every = Text(vi="ai giữ vai trò nào vào ngày ấy", en="who holds which role on the date")
    show_all = _add(body, "list", "body:list_all", every)
    _add_on(show_all)
    for command in (take, show_all):
        _add_json(command)


def _add_service_account_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    service = _add_noun(
        commands,
        "service-account",
        Text(vi="tài khoản dịch vụ của máy: tạo, xem, giao, đóng", en="service accounts: create, list, hand on, close"),
    )
    make = _add(
        service,
        "create",
        "service_account:create",
        Text(vi="tạo cho một máy; nó không đăng nhập được", en="make one for a machine; it cannot log in"),
    )
    make.add_argument(
        "--purpose",
        required=True,
        metavar=say(SUBJECT),
        help=say(Text(vi="máy ấy làm gì", en="what the machine does")),
    )
    make.add_argument(
        "--unit", metavar=say(CODE), help=say(Text(vi="đơn vị của máy; bỏ trống: của tỉnh", en="its unit, if of one"))
    )
    _add_json(_add(service, "list", "service_account:list_all", Text(vi="mọi tài khoản dịch vụ", en="all of them")))
    give = _add(
        service,
        "change-owner",
        "service_account:change",
        Text(vi="giao cho người khác chịu trách nhiệm", en="another person answers for it"),
    )
    shut = _add(
        service,
        "close",
        "service_account:close",
        Text(vi="đóng và thu hồi mọi khóa của nó", en="close one and revoke its tokens"),
    )
    named = say(Text(vi="tên của tài khoản dịch vụ", en="the service account's name"))
    for command in (give, shut):
        command.add_argument("name", metavar=say(NAME), help=named)
    make.add_argument("--name", required=True, metavar=say(NAME), help=named)
    for command in (make, give):
        command.add_argument(
            "--owner",
            required=True,
            metavar=say(NAME),
            help=say(
                Text(vi="tài khoản của người chịu trách nhiệm", en="the account of the person who answers for it")
            ),
        )


def _add_setting_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    setting = _add_noun(commands, "setting", Text(vi="thiết lập do quản trị viên đặt", en="what administrators set"))
    every = Text(vi="mọi thiết lập và giá trị", en="every setting with its value")
    _add_json(_add(setting, "list", "setting:list_all", every))
    one = _add(setting, "show", "setting:show", Text(vi="một thiết lập và các lần đổi", en="one, with its changes"))
    change = _add(setting, "change", "setting:change", Text(vi="đổi giá trị, có lý do", en="give it another value"))
    undo = _add(setting, "undo", "setting:undo", Text(vi="hoàn tác một lần đổi", en="take a change back"))
    for command in (one, change, undo):
        command.add_argument("key", metavar=say(NAME), help=say(Text(vi="tên thiết lập", en="its key")))
    change.add_argument("value", metavar=say(VALUE), help=say(Text(vi="giá trị mới", en="the new value")))
    number = Text(vi="số của lần đổi", en="the number of the change")
    undo.add_argument("number", type=_whole_number(MOST_NUMBER), metavar=say(NUMBER), help=say(number))
    for command in (change, undo):
        command.add_argument("--reason", required=True, metavar=say(REASON), help=say(Text(vi="lý do", en="why")))


def _add_unit_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    unit = _add_noun(commands, "unit", Text(vi="đơn vị: nhập, danh sách, chi tiết", en="units: import, list, show"))
    take = _add(
        unit,
        "import",
        "unit:import_file",
        Text(
            vi="xem trước một tệp CSV về đơn vị, rồi ghi với --apply (docs/organisation.md)",
            en="preview a CSV file of units, then write it with --apply (docs/organisation.md)",
        ),
    )
    _add_file_of_facts(
        take,
        Text(
            vi="tệp có sẵn: Sở Thông tin và Truyền thông tỉnh Sóc Trăng theo quyết định năm 2023",
            en="the file that comes with Canh: a provincial department by its decision of 2023",
        ),
    )
    show_all = _add(unit, "list", "unit:list_all", Text(vi="cây đơn vị của một ngày", en="the tree of a date"))
    show_one = _add(
        unit, "show", "unit:show", Text(vi="một đơn vị: lịch sử, phạm vi", en="one unit: its history, its scope")
    )
    show_one.add_argument("code", metavar=say(CODE), help=say(Text(vi="mã đơn vị", en="the unit's code")))
    for command in (show_all, show_one):
        _add_on(command)
    for command in (take, show_all, show_one):
        _add_json(command)


def _add_source_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    source = _add_noun(
        commands,
        "source",
        Text(vi="nguồn nhật ký của các đơn vị: gán, danh sách, thử", en="sources of the units: assign, list, test"),
    )
    assign = _add(
        source,
        "assign",
        "source:assign",
        Text(
            vi="những gì thu được từ một mạng hay một đầu vào kể từ nay thuộc về đơn vị; in số của nguồn",
            en="what is received from a network or an input from now on is the unit's; prints the source's number",
        ),
    )
    assign.add_argument(
        "--network",
        metavar=say(NETWORK),
        help=say(Text(vi="mạng của các máy gửi: 10.1.0.0/16", en="the network of the senders: 10.1.0.0/16")),
    )
    assign.add_argument(
        "--unit", required=True, metavar=say(CODE), help=say(Text(vi="mã đơn vị", en="the unit's code"))
    )
    stop = _add(
        source,
        "end",
        "source:end",
        Text(vi="kể từ nay nguồn này không còn thuộc đơn vị", en="from now on the source is no longer the unit's"),
    )
    stop.add_argument("number", type=int, metavar=say(NUMBER), help=say(Text(vi="số của nguồn", en="its number")))
    show_all = _add(source, "list", "source:list_all", Text(vi="các nguồn đã gán", en="the sources that are assigned"))
    show_all.add_argument(
        "--all", action="store_true", help=say(Text(vi="cả những nguồn đã thôi gán", en="also those that ended"))
    )
    _add_json(show_all)
    ask = _add(
        source, "test", "source:test", Text(vi="một máy gửi như vậy thuộc đơn vị nào", en="whose unit such a sender is")
    )
    ask.add_argument("--peer", metavar=say(ADDRESS), help=say(Text(vi="địa chỉ máy gửi", en="the sender's address")))
    for command in (assign, ask):
        command.add_argument(
            "--input",
            metavar=say(INPUT),
            help=say(
                Text(
                    vi="đầu vào: journald, syslog/tcp, tail:/var/log/xmx.log; * và ? thay cho ký tự bất kỳ",
                    en="the input: journald, syslog/tcp, tail:/var/log/xmx.log; * and ? stand for any letters",
                )
            ),
        )
        command.add_argument(
            "--host",
            metavar=say(HOST),
            help=say(
                Text(vi="tên máy ghi trong nhật ký: xmx-*", en="the host's name as written in the log lines: xmx-*")
            ),
        )


def _add_post_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    post = _add_noun(
        commands,
        "post",
        Text(vi="chức danh: nhập, danh sách, ai được ký", en="posts: import, list, show, who may sign"),
    )
    take = _add(
        post,
        "import",
        "post:import_file",
        Text(
            vi="xem trước một tệp CSV về nhân sự và chức danh, rồi ghi với --apply (docs/people.md)",
            en="preview a CSV file of persons and posts, then write it with --apply (docs/people.md)",
        ),
    )
    _add_file_of_facts(
        take,
        Text(
            vi="tệp có sẵn: lãnh đạo, biên chế và quy tắc kiêm nhiệm theo quyết định năm 2023",
            en="the file that comes with Canh: leadership, quotas and the rule of the decision of 2023",
        ),
    )
    show_all = _add(
        post,
        "list",
        "post:list_all",
        Text(vi="chức danh, người giữ và biên chế của một ngày", en="posts, holders and staffing of a date"),
    )
    show_one = _add(post, "show", "post:show", Text(vi="một chức danh: lịch sử", en="one post: its history"))
    show_one.add_argument("code", metavar=say(CODE), help=say(Text(vi="mã chức danh", en="the post's code")))
    signers = _add(
        post,
        "who-may-sign",
        "post:show_signers",
        Text(vi="ai được ký một nội dung, vì sao", en="who may sign a subject, and why"),
    )
    signers.add_argument(
        "subject",
        metavar=say(SUBJECT),
        help=say(Text(vi="như sign_report, release_data", en="like sign_report, release_data")),
    )
    contacts = _add(
        post,
        "contacts",
        "post:show_contacts",
        Text(vi="đầu mối 24/7 và hạn xác minh", en="24/7 contacts and when they are to be verified"),
    )
    person = _add_noun(commands, "person", Text(vi="nhân sự: danh sách, chi tiết", en="persons: list, show"))
    everybody = _add(person, "list", "person:list_all", Text(vi="mọi người của một ngày", en="everybody as of a date"))
    one = _add(
        person,
        "show",
        "person:show",
        Text(vi="một người: liên hệ, chức danh", en="one person: how they are reached, what they hold"),
    )
    one.add_argument("code", metavar=say(CODE), help=say(Text(vi="mã người", en="the person's code")))
    for command in (show_all, show_one, signers, contacts, everybody, one):
        _add_on(command)
    for command in (take, show_all, show_one, signers, contacts, everybody, one):
        _add_json(command)


def _add_roster_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    roster = _add_noun(commands, "roster", Text(vi="lịch trực: nhập, xem", en="the roster: import, show"))
    take = _add(
        roster,
        "import",
        "roster:import_file",
        Text(
            vi="xem trước một tệp CSV về ca trực, rồi ghi với --apply (docs/people.md)",
            en="preview a CSV file of shifts, then write it with --apply (docs/people.md)",
        ),
    )
    _add_file_of_facts(take, None)
    show = _add(
        roster,
        "show",
        "roster:show",
        Text(vi="một tuần: ca trực, khoảng trống, chồng ca", en="a week: shifts, gaps, overlaps"),
    )
    _add_on(show)
    for command in (take, show):
        _add_json(command)


def _add_file_of_facts(parser: argparse.ArgumentParser, seed: Text | None) -> None:
    text = say(Text(vi="tệp CSV", en="a CSV file"))
    parser.add_argument("file", nargs="?" if seed else None, type=Path, metavar=say(FILE), help=text)
    if seed:
        parser.add_argument("--seed", action="store_true", help=say(seed))
    parser.add_argument(
        "--apply", action="store_true", help=say(Text(vi="ghi, tất cả hoặc không gì", en="write, all or nothing"))
    )
    parser.add_argument(
        "--correct",
        action="store_true",
        help=say(
            Text(vi="điều đã ghi là sai, thay bằng của tệp", en="what is recorded is wrong: replace it by the file's")
        ),
    )


def _add_on(parser: argparse.ArgumentParser) -> None:
    text = Text(vi="theo ngày này (mặc định hôm nay)", en="as of this date (default: today)")
    parser.add_argument("--on", metavar=say(DATE), help=say(text))


def _add_unit(parser: argparse.ArgumentParser) -> None:
    text = Text(
        vi="đơn vị; cần với unit_contact và sender, chỉ với hai vai trò ấy",
        en="the unit; with unit_contact and sender, and only then",
    )
    parser.add_argument("--unit", metavar=say(CODE), help=say(text))


def _add_noun(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, help: Text
) -> "argparse._SubParsersAction[argparse.ArgumentParser]":
    """A noun whose verbs follow."""
    parser = commands.add_parser(name, help=say(help), description=say(help))
    return parser.add_subparsers(metavar=say(VERB), required=True)


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, command: str, help: Text
) -> argparse.ArgumentParser:
    """A command with the two options every command takes."""
    parser = commands.add_parser(name, help=say(help), description=say(help))
    parser.set_defaults(command=command)
    parser.add_argument("--data", type=Path, metavar=say(DIR), help=say(DATA))
    parser.add_argument("--config", type=Path, metavar=say(FILE), help=say(CONFIG))
    return parser


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help=say(Text(vi="in JSON", en="print JSON")))


def _add_format(parser: argparse.ArgumentParser) -> None:
    text = Text(vi="định dạng của các dòng (auto: tự nhận ra)", en="format of the lines (auto: found out)")
    parser.add_argument("--format", default="auto", metavar="F", help=say(text))


def _add_limit(parser: argparse.ArgumentParser, usual: int, most: int) -> None:
    text = Text(vi="nhiều nhất bấy nhiêu (mặc định {usual})", en="so many at most (default {usual})")
    parser.add_argument("--limit", type=_whole_number(most), default=usual, metavar="N", help=say(text, usual=usual))


def _whole_number(most: int) -> Callable[[str], int]:
    """A reader of whole numbers from 1 to `most`; argparse refuses anything else with our sentence."""

    def read(text: str) -> int:
        number = int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else 0
        if not 1 <= number <= most:
            raise argparse.ArgumentTypeError(say(texts.BAD_NUMBER, text=printable(text), most=most))
        return number

    return read


if __name__ == "__main__":
    sys.exit(main())
