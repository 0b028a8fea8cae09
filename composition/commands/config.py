"""`canh config check|show`: whether the settings are fine, and where each came from."""

import argparse
import sys

from composition import texts
from composition.commands.environment import settings_and_origins, settings_of
from composition.settings_file import render


def check(options: argparse.Namespace) -> int:
    """Exit 0 when the settings can be used; else say which key of which origin cannot, exit 2.

    Exit 1 where they can and a rule that they name cannot be loaded.
    """
    from detection.sigma.load import load_rules

    settings = settings_of(options)
    errors = load_rules(settings.detection.rule_paths()).errors
    for error in errors:
        reason = texts.say(error.reason)
        said = texts.say(texts.RULE_NOT_LOADED, path=error.path, line=error.line or 1, reason=reason)
        print(texts.printable(said), file=sys.stderr)
    if errors:
        return 1
    print(texts.say(texts.CONFIG_FINE))
    return 0


def show(options: argparse.Namespace) -> int:
    """Every setting as TOML that can be a settings file again, with its origin; passwords are hidden."""
    print(render(*settings_and_origins(options)), end="")
    return 0
