"""The language of commands: that of the installation (KEPT_LANGUAGE), as the pages have it.

What is refused before Django stands is said from the compiled catalogue itself.
"""

from __future__ import annotations

import gettext
import os
from pathlib import Path

import kept
from kept.running.errors import SettingError
from kept.running.settings import load_settings

__all__ = ["installation_language", "set_up_language", "translate"]

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


def set_up_language(language: str) -> None:
    """Django's translations alone, for a command that needs no database and no key."""
    import django
    from django.conf import settings
    from django.utils import translation

    if not settings.configured:
        settings.configure(LANGUAGE_CODE=language, LOCALE_PATHS=[_FOLDER], USE_TZ=True)
        django.setup()
    translation.activate(language)
