"""Identity and totals that come with a file: a manifest beside it, records in it, or options.

Read and checked for form here; whether the totals agree with the rows is decided when the file is
checked as a whole. Options given by a person win over the file, and a record over the manifest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from kept.batch.intake.loading import load_texts
from kept.batch.intake.raw import RawFile
from kept.batch.intake.refusals import FileRefused
from kept.core.currencies import CURRENCIES, currency
from kept.core.intake import (
    CONTROL_FIELDS,
    AnyMap,
    Coverage,
    FileCode,
    FileReason,
    MapError,
    RecordMap,
)
from kept.core.money import MoneyError, parse_money

__all__ = [
    "YEAR_LEAST",
    "Control",
    "check_sha256",
    "manifest_path",
    "read_manifest",
    "read_record",
    "required_control",
]

#: Nothing here is older; near the ends of the calendar an instant has no place in every zone.
YEAR_LEAST = 1950
_MANIFEST_BYTES = 1 << 20
_MANIFEST_KEYS = (*CONTROL_FIELDS, "sha256")


@dataclass(frozen=True, slots=True)
class Control:
    """What is declared of a file; None where nothing is. Totals are minor units by currency."""

    file_id: str | None = None
    file_type: str | None = None
    spec_version: int | None = None
    sequence: int | None = None
    produced_at: datetime | None = None
    as_of: date | None = None
    covers_from: date | None = None
    coverage: Coverage | None = None
    rows: int | None = None
    hash_total: int | None = None
    totals: Mapping[str, int] = field(default_factory=dict)
    sha256: str | None = None

    @property
    def declared_totals(self) -> dict[str, Any]:
        """What the rows of the file are held against, as far as it is declared."""
        found = {"rows": self.rows, "hash_total": self.hash_total, "amounts_minor": self.totals}
        return {name: value for name, value in found.items() if value not in (None, {})}

    def over(self, other: Control) -> Control:
        """This one, with the other's values where it has none."""
        names = [each.name for each in fields(self)]
        mine = {name: getattr(self, name) for name in names}
        given = {name: value for name, value in mine.items() if value not in (None, {})}
        return replace(other, **given)


def manifest_path(path: Path) -> Path:
    return path.with_name(path.name + ".manifest.yaml")


def read_manifest(path: Path) -> Control:
    """The manifest beside a file; an empty `Control` when there is none."""
    beside = manifest_path(path)
    if not beside.is_file():
        return Control()
    if beside.stat().st_size > _MANIFEST_BYTES:
        raise _wrong(beside.name, "size", FileReason.MANIFEST_TOO_LARGE)
    try:
        loaded = load_texts(beside.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _wrong(beside.name, "text", FileReason.NOT_UTF_8) from error
    except MapError as error:
        (problem,) = error.problems
        raise _wrong(beside.name, "YAML", problem.source, **problem.values) from error
    for key in loaded:
        if key not in _MANIFEST_KEYS:
            raise _wrong(beside.name, str(key), FileReason.NO_SUCH_KEY)
    return _control(loaded, beside.name)


def read_record(record: RecordMap, cells: Sequence[str], where: str) -> Control:
    """A header or trailer record, its cells counted from 1 with the marker as the first."""
    values: dict[str, Any] = {}
    for name, place in record.cells.items():
        values[name] = _cell(cells, place, where, name)
    totals = {code: _cell(cells, place, where, code) for code, place in record.totals.items()}
    return _control({**values, "totals": totals} if totals else values, where)


def required_control(intake_map: AnyMap, control: Control) -> None:
    """Refuses a file without what the map requires."""
    for name in intake_map.control.required:
        if getattr(control, name) in (None, {}):
            raise FileRefused(FileCode.ABSENT_CONTROL, field=name)
    version = control.spec_version
    if version is not None and version != intake_map.spec_version:
        expected = intake_map.spec_version
        raise FileRefused(FileCode.OTHER_SPEC_VERSION, found=version, expected=expected)
    if control.file_type not in (None, intake_map.file.type):
        types = {"found": control.file_type, "expected": intake_map.file.type}
        raise _wrong("file", "file_type", FileReason.OTHER_FILE_TYPE, **types)


def check_sha256(raw: RawFile, control: Control) -> None:
    """Refuses a file whose bytes are not those the manifest names."""
    if control.sha256 is None:
        return
    digest = hashlib.sha256()
    for block in raw.blocks(0, 1 << 20):
        digest.update(block)
    found = digest.hexdigest()
    if found != control.sha256.lower():
        raise _wrong("manifest", "sha256", FileReason.OTHER_SHA256, found=found)


def _cell(cells: Sequence[str], place: int, where: str, name: str) -> str:
    if place > len(cells):
        lengths = {"found": len(cells), "expected": place}
        raise _wrong(where, name, FileReason.RECORD_TOO_SHORT, **lengths)
    return cells[place - 1].strip()


def _wrong(where: str, name: str, reason: str, **values: Any) -> FileRefused:
    return FileRefused(FileCode.BAD_CONTROL, where=where, field=name, reason=reason, **values)


def _control(values: Mapping[str, Any], where: str) -> Control:
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name == "totals":
            found[name] = _totals(value, where)
        elif value != "":
            if not isinstance(value, str):
                raise _wrong(where, name, FileReason.SEVERAL_VALUES)
            try:
                found[name] = _READERS.get(name, str)(value)
            except _Unreadable as error:
                raise _wrong(where, name, error.reason, found=repr(value[:80])) from error
    return Control(**found)


def _totals(value: object, where: str) -> dict[str, int]:
    if not isinstance(value, Mapping):
        raise _wrong(where, "totals", FileReason.NO_TOTALS)
    result = {}
    for code, text in value.items():
        if code not in CURRENCIES:
            raise _wrong(where, f"totals.{code}", FileReason.NO_CURRENCY, found=repr(code))
        try:
            result[str(code)] = parse_money(str(text), str(code)).amount_minor
        except MoneyError as error:
            kind = currency(str(code))
            known = {"currency": kind.code, "exponent": kind.exponent}
            reason = FileReason.NO_AMOUNT
            raise _wrong(where, f"totals.{code}", reason, found=repr(text), **known) from error
    return result


class _Unreadable(ValueError):
    """A value of control data that its reader does not take."""

    def __init__(self, reason: FileReason) -> None:
        super().__init__(reason)
        self.reason = reason


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise _Unreadable(FileReason.NO_WHOLE_NUMBER)
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _Unreadable(FileReason.NO_DATE) from None


def _instant(text: str) -> datetime:
    """An instant is never guessed: without its offset it is refused."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _Unreadable(FileReason.NO_INSTANT) from None
    if moment.tzinfo is None:
        raise _Unreadable(FileReason.NO_OFFSET)
    if moment.year < YEAR_LEAST:
        raise _Unreadable(FileReason.NO_INSTANT)
    return moment


def _coverage(text: str) -> Coverage:
    try:
        return Coverage(text)
    except ValueError:
        raise _Unreadable(FileReason.NO_COVERAGE) from None


_READERS: Mapping[str, Callable[[str], Any]] = {
    "spec_version": _whole,
    "sequence": _whole,
    "rows": _whole,
    "hash_total": _whole,
    "as_of": _day,
    "covers_from": _day,
    "produced_at": _instant,
    "coverage": _coverage,
}
