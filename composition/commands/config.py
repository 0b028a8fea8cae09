"""`canh config check|show`: whether the settings are fine, and where each came from."""

import argparse
import os
import re

from composition import texts
from composition.commands.environment import refuse, settings_of
from composition.settings import load, reference
from core.errors import SettingsError


def check(options: argparse.Namespace) -> int:
    """Exit 0 when the settings can be used; else say which key of which origin cannot, exit 2."""
    settings_of(options)
    print(texts.say(texts.CONFIG_FINE))
    return 0


def show(options: argparse.Namespace) -> int:
    """Every setting with its value and origin."""
    try:
        settings, origins = load(config=options.config, data=options.data, environment=os.environ)
    except SettingsError as error:
        refuse(str(error))
    for key, _ in reference():
        value: object = settings
        for part in key.split("."):
            value = getattr(value, part)
        if key == "database":
            value = re.sub(r"(://[^:/@]*):[^@]*@", r"\1:***@", value) if isinstance(value, str) else value
        print(f"{key} = {value!r}" + (f"    # {origins[key]}" if key in origins else ""))
    return 0
