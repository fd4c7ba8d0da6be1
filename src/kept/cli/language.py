"""The language of commands: that of the installation (KEPT_LANGUAGE), as the pages have it.

What is refused before Django stands is said from the compiled catalogue itself, and so are the help
of commands and what Click says for all of them.
"""

from __future__ import annotations

import gettext
import inspect
import os
from pathlib import Path

import click

import kept
from kept.running.errors import Said, SettingError
from kept.running.settings import load_settings

__all__ = [
    "installation_language",
    "set_up_click",
    "set_up_language",
    "tell",
    "translate",
    "translate_help",
]

_FOLDER = Path(kept.__file__).parent / "locale"
_NAME_OF_LANGUAGE = "KEPT_LANGUAGE"


def installation_language() -> str:
    """The language that is set; the default where the setting itself is wrong."""
    given = {_NAME_OF_LANGUAGE: os.environ.get(_NAME_OF_LANGUAGE, "")}
    try:
        return load_settings(given).language
    except SettingError:
        return load_settings({}).language


def translate(source: str) -> str:
    """A text of the catalogue in the installation's language, without Django."""
    if installation_language() == "en":
        return source
    found = gettext.translation("django", _FOLDER, languages=["zh_Hans"], fallback=True)
    return found.gettext(source)


def tell(source: Said) -> str:
    """A text with its values in the installation's language, without Django."""
    return source.told(translate)


def set_up_click() -> None:
    """Click asks Python's own gettext, which goes by the environment; English needs nothing."""
    if installation_language() != "en":
        os.environ["LANGUAGE"] = "zh_Hans"
        gettext.bindtextdomain("django", str(_FOLDER))
        gettext.textdomain("django")


def translate_help(command: click.Command) -> click.Command:
    """The command, its options and its sub-commands with their help in that language."""
    if installation_language() == "en":
        return command
    for name in ("help", "short_help", "epilog"):
        if text := getattr(command, name):
            setattr(command, name, translate(inspect.cleandoc(text)))
    for option in command.params:
        if isinstance(option, click.Option) and option.help:
            option.help = translate(option.help)
    if isinstance(command, click.Group):
        for each in command.commands.values():
            translate_help(each)
    return command


def set_up_language(language: str) -> None:
    """Django's translations alone, for a command that needs no database and no key."""
    import django
    from django.conf import settings
    from django.utils import translation

    if not settings.configured:
        settings.configure(LANGUAGE_CODE=language, LOCALE_PATHS=[_FOLDER], USE_TZ=True)
        django.setup()
    translation.activate(language)
