"""Reading a text file that a command was given; why not is said in the installation's language."""

from __future__ import annotations

from pathlib import Path

from kept.cli.language import translate as _
from kept.cli.shell import Refused

__all__ = ["text_of_file"]


def text_of_file(file: Path) -> str:
    """The text of a file in UTF-8, without the mark at its beginning that some editors write."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        told = _("%(file)s cannot be read: %(why)s.")
        raise Refused(told % {"file": file, "why": _why(error)}) from error


def _why(error: OSError | UnicodeDecodeError) -> str:
    match error:
        case UnicodeDecodeError():
            return _("it is not in UTF-8; save it as UTF-8")
        case FileNotFoundError():
            return _("there is no such file")
        case IsADirectoryError():
            return _("it is a folder")
        case PermissionError():
            return _("you may not read it")
    return str(error.strerror or error)
