"""The command line: `canh NOUN VERB`. Commands are imported when they run, so that help is instant.

Exit codes: 0 fine, 1 findings or nothing found, 2 wrong use or environment.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from composition import texts
from core.errors import Unavailable

ROLES_OF_TOKENS = ("administrator", "analyst", "reader", "integration")


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse, run, and turn a closed pipe or Ctrl-C into a quiet end."""
    options = build_parser().parse_args(_with_negative_times(sys.argv[1:] if arguments is None else arguments))
    module, _, function = options.command.partition(":")
    run: Callable[[argparse.Namespace], int] = getattr(
        importlib.import_module(f"composition.commands.{module}"), function
    )
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
    """The whole command line."""
    parser = argparse.ArgumentParser(
        prog="canh", description="Canh: giám sát an ninh mạng cấp tỉnh / provincial cybersecurity monitoring"
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    up = _add(commands, "up", "up:run", "chạy Canh / run Canh in the foreground")
    up.add_argument("--wheels", metavar="DIR", help="cài từ thư mục, không cần Internet / install without Internet")

    status = _add(commands, "status", "status:run", "tiến trình, cổng, bộ đếm / processes, listeners, counters")
    status.add_argument("--json", action="store_true")

    replay = _add(
        commands, "replay", "replay:run", "nạp tệp nhật ký như dữ liệu trực tiếp / push log files through the live path"
    )
    replay.add_argument("files", nargs="+", type=Path, metavar="FILE")
    replay.add_argument("--format", default="auto", metavar="F")
    replay.add_argument("--again", action="store_true", help="nạp lại nội dung đã nạp / replay known content once more")
    replay.add_argument("--json", action="store_true")

    parse = _add(commands, "parse", "parse:run", "phân tích từng dòng, không cần máy chủ / parse lines, no server")
    parse.add_argument("file", nargs="?", default="-", metavar="FILE")
    parse.add_argument("--format", default="auto", metavar="F")

    hunt = _add(commands, "hunt", "hunt:run", "quy tắc trên tệp, không cần máy chủ / rules over files, no server")
    hunt.add_argument("files", nargs="*", type=Path, metavar="FILE")
    hunt.add_argument("--rules", nargs="+", action="extend", type=Path, metavar="PATH", required=True)
    hunt.add_argument("--format", default="auto", metavar="F")

    event = commands.add_parser("event", help="tìm và đếm sự kiện / search and count events").add_subparsers(
        metavar="VERB", required=True
    )
    for verb in ("search", "count"):
        command = _add(event, verb, f"event:{verb}", "")
        command.add_argument("query", metavar="QUERY")
        command.add_argument("--from", dest="start", metavar="T")
        command.add_argument("--to", dest="end", metavar="T")
        if verb == "search":
            command.add_argument("--limit", type=int, default=50)
            command.add_argument("--json", action="store_true")

    alert = commands.add_parser("alert", help="cảnh báo / alerts").add_subparsers(metavar="VERB", required=True)
    alert_list = _add(alert, "list", "alert:list_alerts", "")
    alert_list.add_argument("--json", action="store_true")
    alert_list.add_argument("--state", choices=("new", "acknowledged", "closed"))
    alert_list.add_argument("--limit", type=int, default=100)
    alert_show = _add(alert, "show", "alert:show", "")
    alert_show.add_argument("id", metavar="ID")
    alert_show.add_argument("--json", action="store_true")

    rule = commands.add_parser("rule", help="quy tắc / rules").add_subparsers(metavar="VERB", required=True)
    for verb in ("lint", "test"):
        command = _add(rule, verb, f"rule:{verb}", "")
        command.add_argument("paths", nargs="*", type=Path, metavar="PATH")

    config = commands.add_parser("config", help="thiết lập / settings").add_subparsers(metavar="VERB", required=True)
    _add(config, "check", "config:check", "")
    _add(config, "show", "config:show", "")

    token = commands.add_parser("token", help="khóa truy cập / access tokens").add_subparsers(
        metavar="VERB", required=True
    )
    create = _add(token, "create", "token:create", "")
    create.add_argument("--role", required=True, choices=ROLES_OF_TOKENS)
    create.add_argument("--name", required=True)
    token_list = _add(token, "list", "token:list_all", "")
    token_list.add_argument("--json", action="store_true")
    revoke = _add(token, "revoke", "token:revoke", "")
    revoke.add_argument("number", type=int, metavar="NUMBER", help="số của khóa / number in the list")
    return parser


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, command: str, help_text: str
) -> argparse.ArgumentParser:
    """A command with the two options every command takes."""
    parser = commands.add_parser(name, help=help_text or None)
    parser.set_defaults(command=command)
    parser.add_argument("--data", type=Path, metavar="DIR", help="thư mục dữ liệu / data folder (var)")
    parser.add_argument("--config", type=Path, metavar="FILE", help="tệp thiết lập / settings file (DATA/canh.toml)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
