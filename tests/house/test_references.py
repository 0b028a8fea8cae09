"""What is generated from the code is current."""

from composition.settings_reference import render
from core.fields import field_reference
from tests.house.source import ROOT


def test_settings_reference_matches_the_code():
    assert (ROOT / "docs" / "settings.md").read_text("utf-8") == render(), (
        "run: python -m composition.settings_reference > docs/settings.md"
    )


def test_field_reference_matches_the_code():
    assert (ROOT / "docs" / "fields.md").read_text("utf-8") == field_reference(), (
        "run: python -m core.fields > docs/fields.md"
    )


def test_every_setting_is_described_in_both_languages():
    from composition.settings import reference

    lacking = [
        key
        for key, field in reference()
        if not field.description
        or not isinstance(field.json_schema_extra, dict)
        or not field.json_schema_extra.get("vi")
    ]
    assert lacking == []


def test_every_command_is_in_the_table_of_exit_codes():
    import argparse

    from composition.cli import build_parser

    def commands(parser):
        if parser.get_default("command"):
            yield f"| `{parser.prog}` |"
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                for each in action.choices.values():
                    yield from commands(each)

    table = (ROOT / "docs" / "commands.md").read_text("utf-8")
    assert [command for command in commands(build_parser()) if command not in table] == []
