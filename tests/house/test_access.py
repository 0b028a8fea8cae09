"""A command that opens the database, the event store or the spool asks `org.access` first."""

import argparse
import ast

import pytest

from composition import cli
from org.account_creation import ROLES as ROLES_OF_ACCOUNTS
from org.token import ROLES
from tests.house.source import ROOT

COMMANDS = sorted((ROOT / "composition" / "commands").glob("*.py"))
OPENS = {
    "database_of",
    "open_engine",
    "open_for_inspection",
    "open_event_reader",
    "open_writer",
    "DiskSpoolReader",
    "DiskSpoolWriter",
    "read_status",
}
ASKS = {"require"}
ELSEWHERE = {
    "account.close": "org.account_closing asks, and audits what it denies",
    "account.log_out": "org.account_closing asks, and audits what it denies",
    "account.reopen": "org.account_closing asks, and audits what it denies",
    "account.review": "org.access_review asks, and audits what it denies",
    "account.create": "org.account_creation asks, and audits what it denies",
    "setting.change": "org.setting_change asks, and audits what it denies",
    "setting.list_all": "org.setting_change asks",
    "setting.show": "org.setting_change asks",
    "setting.undo": "org.setting_change asks, and audits what it denies",
    "sealing_key.rotate": "org.sealing_rotation asks, and audits what it denies",
    "account.tie": "org.provider_identity asks, and audits what it denies",
    "account.untie": "org.provider_identity asks, and audits what it denies",
    "account.change": "org.account_closing asks, and audits what it denies",
    "account.list_all": "org.account_list asks",
    "account.may": "org.account_list asks",
    "account.hand_out_link": "org.invitation asks, and audits what it denies",
    "account.reset": "org.password_reset asks, and audits what it denies",
    "account.remove_factor": "org.account_closing asks, and audits what it denies",
    "audit.export": "org.audit_export asks, and audits what it denies",
    "service_account.create": "org.service_account asks, and audits what it denies",
    "service_account.list_all": "org.service_account asks",
    "service_account.change": "org.service_account asks, and audits what it denies",
    "service_account.close": "org.service_account_closing asks, and audits what it denies",
    "source.assign": "org.source asks, and audits what it denies",
    "source.end": "org.source asks, and audits what it denies",
    "token.create": "org.token asks, and audits what it denies",
    "token.list_all": "org.token asks",
    "token.revoke": "org.token asks, and audits what it denies",
    "up.run": "starts the product; each process and each caller is asked from then on",
}


def called(function: ast.FunctionDef, module: dict[str, ast.FunctionDef], seen: set[str]) -> set[str]:
    """The names that the function calls, itself or through functions of its own module."""
    names = {
        node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        for node in ast.walk(function)
        if isinstance(node, ast.Call)
    }
    for name in (names & module.keys()) - seen:
        seen.add(name)
        names |= called(module[name], module, seen)
    return names


def verbs() -> dict[str, set[str]]:
    """What each verb of the command line calls: `alert.show` -> {"require", ...}."""
    found = {}
    for path in COMMANDS:
        if path.name == "environment.py":
            continue
        tree = ast.parse(path.read_text("utf-8"))
        module = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        for name, function in module.items():
            if not name.startswith("_") and [argument.arg for argument in function.args.args] == ["options"]:
                found[f"{path.stem}.{name}"] = called(function, module, {name})
    return found


def test_every_command_of_the_parser_is_looked_at():
    def commands(parser):
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                for each in action.choices.values():
                    yield from commands(each)
        if command := parser.get_default("command"):
            yield command.replace(":", ".")

    assert set(commands(cli.build_parser())) == set(verbs())


def test_a_command_that_opens_what_units_own_asks_first():
    opening = {verb for verb, names in verbs().items() if names & OPENS}
    asking = {verb for verb, names in verbs().items() if names & ASKS}
    assert opening - asking == set(ELSEWHERE)
    assert {"alert.show", "event.count", "status.run", "replay.run"} <= opening & asking


@pytest.mark.parametrize("verb", ["alert.list_alerts", "parse.run", "hunt.run"])
def test_the_check_sees_what_opens(verb):
    assert bool(verbs()[verb] & OPENS) is (verb == "alert.list_alerts")


def test_the_roles_of_tokens_and_accounts_are_those_of_the_command_line():
    assert tuple(ROLES) == cli.ROLES_OF_TOKENS
    assert tuple(ROLES_OF_ACCOUNTS) == cli.ROLES_OF_ACCOUNTS


def test_the_roles_that_help_names_are_those_of_the_rooms():
    """They stand twice so that `--help` need not import them."""
    from composition import cli
    from org import account_creation, token

    assert tuple(account_creation.ROLES) == cli.ROLES_OF_ACCOUNTS
    assert tuple(token.ROLES) == cli.ROLES_OF_TOKENS
