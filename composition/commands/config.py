"""`canh config check|show`: whether the settings are fine, and where each came from."""

import argparse

from composition import texts
from composition.commands.environment import settings_and_origins, settings_of
from composition.settings_file import render


def check(options: argparse.Namespace) -> int:
    """Exit 0 when the settings can be used; else say which key of which origin cannot, exit 2."""
    settings_of(options)
    print(texts.say(texts.CONFIG_FINE))
    return 0


def show(options: argparse.Namespace) -> int:
    """Every setting as TOML that can be a settings file again, with its origin; passwords are hidden."""
    print(render(*settings_and_origins(options)), end="")
    return 0
