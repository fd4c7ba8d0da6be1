"""Looks into an XLSX file before anything unpacks it: its real size, its sheets, odd cells.

The reader that follows holds a sheet in memory whole, gives every cell as text and says nothing of
spreadsheet errors, so this pass bounds what it will meet and finds what it would hide: cells that
hold an error, and numbers of which the spreadsheet kept 15 digits only. Nothing is written to disk.
"""

from __future__ import annotations

import copy
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from xml.etree import ElementTree

from kept.batch.intake.raw import RawFile
from kept.batch.intake.refusals import FileRefused
from kept.batch.intake.tables import CELLS_MAX, COLUMNS_MAX
from kept.core.intake import FileCode, FileReason

__all__ = ["OddCell", "SheetLook", "look_into_workbook"]

# A sheet of real data shrinks ten to twenty times; a bomb a thousand times.
_RATIO_MAX = 120
_SMALL_BYTES = 64 << 20
_LARGE_BYTES = 3 << 29
_PARTS_MAX = 10_000
_READ_BYTES = 1 << 20
_SPREADSHEET_DIGITS = 15
_ODD_CELLS_MAX = 1_000_000

# What nearly all programs write, ten times faster to find than what the format allows.
_USUAL_COLUMN = re.compile(rb'<c r="([A-Z]{1,3})[0-9]')
_CELL = re.compile(rb"<(?:\w+:)?c[\s>/]")
_CELL_COLUMN = re.compile(rb'<(?:\w+:)?c\s+(?:[^>]*?\s)?r="([A-Z]{1,3})[0-9]')
_ROW = re.compile(rb'<(?:\w+:)?row\s+(?:[^>]*?\s)?r="([0-9]{1,7})"')
_LONG_NUMBER = re.compile(rb"v>(-?[0-9][0-9.eE+-]{15,})</")
_ERROR = re.compile(rb'\st="e"')
_ATTRIBUTE = re.compile(rb'\s([a-z]+)="([^"]*)"')
_VALUE = re.compile(rb"<(?:\w+:)?v>([^<]*)<")
_NAMESPACE = re.compile(r"\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class OddCell:
    """A cell by its sheet row (from 1) and column (from 0); `number` is what a long one holds."""

    row: int
    column: int
    text: str
    number: float | None = None

    @property
    def damaged(self) -> bool:
        """More whole digits than a spreadsheet keeps: an identifier typed as a number."""
        return self.number is not None and abs(self.number) >= 10**_SPREADSHEET_DIGITS


@dataclass(slots=True)
class SheetLook:
    name: str
    names: tuple[str, ...]
    first_column: int = 0
    columns: int = 0
    rows: int = 0
    odd: list[OddCell] = field(default_factory=list)


def look_into_workbook(raw: RawFile, sheet: str | None) -> SheetLook:
    """The asked sheet (None: the first) measured; refuses what is damaged, odd or too large."""
    try:
        with raw.opened() as stream, zipfile.ZipFile(stream) as archive:
            _check_declared(archive, raw.size)
            allowed = _allowed(raw.size)
            names, part = _sheet_part(archive, sheet, allowed)
            look = SheetLook(sheet or names[0], names)
            _measure(archive, part, allowed, look)
            _check_other_parts(archive, part, allowed)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError) as error:
        raise _damaged(str(error).strip("'\"") or type(error).__name__) from error
    except ElementTree.ParseError as error:
        raise _damaged(FileReason.NO_SHEET_LIST, found=str(error)) from error
    except RuntimeError as error:  # what zipfile raises for a part under a password
        raise FileRefused(FileCode.ENCRYPTED_FILE) from error
    return look


def _damaged(reason: str, **values: str) -> FileRefused:
    return FileRefused(FileCode.DAMAGED_FILE, format="XLSX", reason=reason, **values)


def _allowed(size: int) -> int:
    return min(_LARGE_BYTES, max(_SMALL_BYTES, size * _RATIO_MAX))


def _check_declared(archive: zipfile.ZipFile, size: int) -> None:
    parts = archive.infolist()
    names = [part.filename for part in parts]
    if len(names) > _PARTS_MAX or len(set(names)) < len(names):
        raise _damaged(FileReason.WRONG_PARTS)
    declared = sum(part.file_size for part in parts)
    if declared > _allowed(size):
        raise FileRefused(FileCode.ZIP_BOMB, found=declared, most=_allowed(size))


def _blocks(archive: zipfile.ZipFile, part: str, allowed: int) -> Iterator[bytes]:
    """The part unpacked bit by bit, whatever size its entry declares."""
    info = copy.copy(archive.getinfo(part))
    # More than is ever read, so that the checksum of a lying entry is not what stops the reading.
    info.file_size = allowed + 2 * _READ_BYTES
    done = 0
    with archive.open(info) as stream:
        while block := stream.read(_READ_BYTES):
            done += len(block)
            if done > allowed:
                raise FileRefused(FileCode.ZIP_BOMB, found=done, most=allowed)
            if b"<!DOCTYPE" in block or b"<!ENTITY" in block:
                raise _damaged(FileReason.DOCUMENT_TYPE)
            yield block


def _check_other_parts(archive: zipfile.ZipFile, measured: str, allowed: int) -> None:
    """The reader takes more parts than the sheet, whatever their names: all real sizes count."""
    left = allowed
    for name in archive.namelist():
        if name != measured and not name.endswith("/"):
            left -= sum(len(block) for block in _blocks(archive, name, left))


def _sheet_part(
    archive: zipfile.ZipFile, sheet: str | None, allowed: int
) -> tuple[tuple[str, ...], str]:
    """Names of all sheets, and the part of the archive that holds the asked one."""
    book = _tree(archive, "xl/workbook.xml", allowed)
    found: dict[str, str] = {}
    for element in book.iter():
        if _local(element.tag) == "sheet":
            ids = [value for key, value in element.attrib.items() if _local(key) == "id"]
            found[element.attrib.get("name", "")] = ids[-1] if ids else ""
    if not found or (sheet is not None and sheet not in found):
        present = ", ".join(found)
        raise FileRefused(FileCode.ABSENT_SHEET, sheet=sheet or "1", present=present)
    names = tuple(found)
    wanted = found[sheet if sheet is not None else names[0]]
    for element in _tree(archive, "xl/_rels/workbook.xml.rels", allowed).iter():
        if element.attrib.get("Id") == wanted:
            target = PurePosixPath("/xl") / element.attrib.get("Target", "")
            return names, str(target).lstrip("/")
    raise _damaged(FileReason.NO_SHEET_PART, found=sheet or names[0])


def _tree(archive: zipfile.ZipFile, part: str, allowed: int) -> ElementTree.Element:
    return ElementTree.fromstring(b"".join(_blocks(archive, part, min(allowed, _SMALL_BYTES))))


def _local(tag: str) -> str:
    return _NAMESPACE.sub("", tag)


def _measure(archive: zipfile.ZipFile, part: str, allowed: int, look: SheetLook) -> None:
    columns: set[bytes] = set()
    rest = bytearray()
    for block in _blocks(archive, part, allowed):
        seen = max(0, len(rest) - len(b"</row>"))
        rest += block
        end = max(rest.rfind(b"</row>", seen), rest.rfind(b":row>", seen))
        if end >= 0:
            _measure_rows(bytes(rest[:end]), columns, look)
            del rest[:end]
        if len(rest) > _SMALL_BYTES:
            raise _damaged(FileReason.ENDLESS_ROW)
    _measure_rows(bytes(rest), columns, look)
    places = sorted(_column_place(name) for name in columns)
    if places:
        look.first_column, look.columns = places[0], places[-1] + 1 - places[0]
    _check_size(look)


def _check_size(look: SheetLook) -> None:
    if look.columns > COLUMNS_MAX:
        raise FileRefused(FileCode.TOO_MANY_COLUMNS, found=look.columns, most=COLUMNS_MAX)
    if look.columns * look.rows > CELLS_MAX:
        cells = look.columns * look.rows
        raise FileRefused(FileCode.TOO_MANY_CELLS, found=cells, most=CELLS_MAX)


def _measure_rows(piece: bytes, columns: set[bytes], look: SheetLook) -> None:
    columns.update(_cell_columns(piece))
    rows = [int(each) for each in _ROW.findall(piece)]
    look.rows = max(look.rows, *rows) if rows else look.rows
    for match in _LONG_NUMBER.finditer(piece):
        _note_long(piece, match, look)
    for match in _ERROR.finditer(piece) if b't="e"' in piece else ():
        start = piece.rfind(b"<", 0, match.start())
        value = _VALUE.search(piece, match.end(), match.end() + 20_000)
        text = value[1].decode() if value else "#N/A"
        _note(look, piece[start : piece.find(b">", start)], text, None)


def _cell_columns(piece: bytes) -> set[bytes]:
    found = _USUAL_COLUMN.findall(piece)
    if len(found) != piece.count(b"<c ") + piece.count(b"<c>") or b":c " in piece:
        found = _CELL_COLUMN.findall(piece)
        if len(found) != len(_CELL.findall(piece)):
            raise _damaged(FileReason.NO_ADDRESSES)
    return set(found)


def _note_long(piece: bytes, match: re.Match[bytes], look: SheetLook) -> None:
    start = max(piece.rfind(b"<c ", 0, match.start()), piece.rfind(b":c ", 0, match.start()))
    opening = piece[start : piece.find(b">", start)]
    kind = dict(_ATTRIBUTE.findall(opening)).get(b"t", b"n")
    if kind != b"n":
        return
    try:
        number = float(match[1])
    except ValueError:
        return
    _note(look, opening, match[1].decode(), number)


def _note(look: SheetLook, opening: bytes, text: str, number: float | None) -> None:
    address = dict(_ATTRIBUTE.findall(opening)).get(b"r", b"").decode()
    letters = address.rstrip("0123456789")
    if len(look.odd) >= _ODD_CELLS_MAX:
        raise _damaged(FileReason.TOO_MANY_ODD_CELLS)
    look.odd.append(
        OddCell(int(address[len(letters) :]), _column_place(letters.encode()), text, number)
    )


def _column_place(letters: bytes) -> int:
    """A is 0, Z is 25, AA is 26."""
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place - 1
