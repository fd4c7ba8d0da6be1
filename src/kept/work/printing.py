"""Setting a sheet as PDF: the one layout, the one font, one compiler a process. No table is read.

The font is Noto Sans CJK SC, whose file is proven by its hash (docs/decisions/0045); a house may
name another file by KEPT_FONT_FILE. Before anything is set, every character is looked for in the
font: one that it lacks is an error that names it, never a box on a paper.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _

import kept.packs
from kept.work.refusals import Refusal

__all__ = [
    "FONT_SHA256",
    "LAYOUT",
    "MissingCharacters",
    "NoFont",
    "Printer",
    "find_font",
    "printer",
]

#: Raised with every change of the layout: a document names the one it was set by.
LAYOUT: Final = 1
#: NotoSansCJK-Regular.ttc 2.004, the same bytes in the Python and in the Debian package.
FONT_SHA256: Final = "b76b0433203017ca80401b2ee0dd69350349871c4b19d504c34dbdd80541690a"
FONT_FILE: Final = "NotoSansCJK-Regular.ttc"
FAMILY: Final = "Noto Sans CJK SC"
_PACKAGE: Final = "noto_cjk_sans_otc"
_DEBIAN: Final = Path("/usr/share/fonts/opentype/noto")
_FOLDER: Final = Path(kept.packs.__file__).parent / "documents"
#: Archivable for good, and readable to a screen reader.
_STANDARDS: Final = ["a-2a", "ua-1"]
_UNPRINTED: Final = frozenset("\n\t")


class NoFont(Refusal):
    """The font of documents is not installed, or is not the one it should be."""


class MissingCharacters(Refusal):
    """The font lacks a character; `characters` are all of them."""

    def __init__(self, characters: Iterable[str]) -> None:
        self.characters = tuple(sorted(set(characters)))
        named = ", ".join(f"{each} (U+{ord(each):04X})" for each in self.characters)
        super().__init__(
            _("The font of documents lacks %(characters)s: nothing is printed with holes.")
            % {"characters": named}
        )


def find_font() -> Path:
    """The font's file: that of KEPT_FONT_FILE, of the Python package, or of Debian's package."""
    own: Path | None = getattr(settings, "KEPT_FONT_FILE", None)
    if own is not None:
        if not own.is_file():
            raise NoFont(_("KEPT_FONT_FILE names no file: %(path)s.") % {"path": own})
        return own
    for path in _places():
        if path.is_file():
            return path
    raise NoFont(
        _(
            "The font of documents is not here. Install the Python package noto-cjk-sans-otc, or "
            "on Debian and Ubuntu: apt install fonts-noto-cjk."
        )
    )


def _places() -> Iterator[Path]:
    spec = find_spec(_PACKAGE)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        yield Path(folder) / FONT_FILE
    yield _DEBIAN / FONT_FILE


def _prove(path: Path, *, is_own: bool) -> None:
    if is_own:
        return
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != FONT_SHA256:
            raise NoFont(
                _("%(path)s is not the font it should be: install it anew, or set KEPT_FONT_FILE.")
                % {"path": path}
            )


class Printer:
    """Sets sheets. One a thread: the compiler keeps what it has laid out before, and is not shared.

    `is_own`: a font that the house chose; its hash is not asked for, and its first face is taken.
    """

    def __init__(self, font: Path, *, is_own: bool = False) -> None:
        import typst

        self.family, self._known = _read_font(font, is_own)
        fonts = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(font.parent)]
        )
        self._compiler = typst.Compiler(
            input=str(_FOLDER / "letter.typ"), root=str(_FOLDER), font_paths=fonts
        )

    def missing(self, sheet: object) -> frozenset[str]:
        """Characters of any text of the sheet that the font lacks."""
        signs = frozenset().union(*(frozenset(text) for text in _texts(sheet)))
        return frozenset(each for each in signs - _UNPRINTED if ord(each) not in self._known)

    def pdf(self, sheet: Mapping[str, Any], now: datetime) -> bytes:
        """The PDF, the same bytes for the same sheet and instant; refuses what it cannot show."""
        self._refuse_holes(sheet)
        made = self._compiler.compile(
            format="pdf",
            sys_inputs=self._inputs(sheet),
            pdf_standards=_STANDARDS,  # type: ignore[arg-type]
            timestamp=int(now.timestamp()),
        )
        return bytes(_whole(made))

    def pages(self, sheet: Mapping[str, Any], *, dots_per_inch: float = 96.0) -> list[bytes]:
        """The pages as PNG, for the screen."""
        self._refuse_holes(sheet)
        made = self._compiler.compile(
            format="png", sys_inputs=self._inputs(sheet), ppi=dots_per_inch
        )
        return [bytes(each) for each in (made if isinstance(made, list) else [_whole(made)])]

    def _refuse_holes(self, sheet: Mapping[str, Any]) -> None:
        missing = self.missing(_shown(sheet))
        if missing:
            raise MissingCharacters(missing)

    def _inputs(self, sheet: Mapping[str, Any]) -> dict[str, str]:
        return {"sheet": json.dumps({**sheet, "font": self.family}, ensure_ascii=False)}


@lru_cache(maxsize=4)
def _read_font(font: Path, is_own: bool) -> tuple[str, frozenset[int]]:
    """The family that is set, and every character it has; proven and read once a process."""
    from fontTools.ttLib import TTFont

    _prove(font, is_own=is_own)
    number = _face(font, None if is_own else FAMILY)
    with TTFont(font, fontNumber=number, lazy=True) as face:
        return str(face["name"].getBestFamilyName()), frozenset(face.getBestCmap())


def _whole(made: bytes | list[bytes] | None) -> bytes:
    if not isinstance(made, bytes):
        raise TypeError("the compiler gave no single file")
    return made


def _shown(sheet: Mapping[str, Any]) -> object:
    """Everything that is set as text: the picture of a code is none."""
    check = sheet.get("check")
    if not check:
        return sheet
    return {**sheet, "check": {key: each for key, each in check.items() if key != "picture"}}


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)


def _face(font: Path, family: str | None) -> int:
    """The place of a family in a collection of fonts; 0 in a file of one."""
    from fontTools.ttLib import TTCollection

    if font.suffix.lower() not in (".ttc", ".otc"):
        return -1
    with TTCollection(font, lazy=True) as faces:
        names = [str(each["name"].getBestFamilyName()) for each in faces.fonts]
    if family is None:
        return 0
    return names.index(family)


_held = threading.local()


def printer() -> Printer:
    """The printer of this thread, made at the first paper: reading the font takes a moment."""
    font = find_font()
    own = getattr(settings, "KEPT_FONT_FILE", None) is not None
    found: tuple[Path, Printer] | None = getattr(_held, "printer", None)
    if found is None or found[0] != font:
        found = (font, Printer(font, is_own=own))
        _held.printer = found
    return found[1]
