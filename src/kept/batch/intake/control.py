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
from kept.core.currencies import CURRENCIES
from kept.core.intake import CONTROL_FIELDS, Coverage, FileCode, IntakeMap, RecordMap
from kept.core.money import MoneyError, parse_money

__all__ = [
    "Control",
    "check_sha256",
    "manifest_path",
    "read_manifest",
    "read_record",
    "required_control",
]

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
        raise _wrong(beside.name, "size", "it is larger than a manifest can be")
    try:
        loaded = load_texts(beside.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _wrong(beside.name, "text", "it is not UTF-8") from error
    except ValueError as error:
        raise _wrong(beside.name, "YAML", str(error)) from error
    for key in loaded:
        if key not in _MANIFEST_KEYS:
            raise _wrong(beside.name, str(key), "no such key")
    return _control(loaded, beside.name)


def read_record(record: RecordMap, cells: Sequence[str], where: str) -> Control:
    """A header or trailer record, its cells counted from 1 with the marker as the first."""
    values: dict[str, Any] = {}
    for name, place in record.cells.items():
        values[name] = _cell(cells, place, where, name)
    totals = {code: _cell(cells, place, where, code) for code, place in record.totals.items()}
    return _control({**values, "totals": totals} if totals else values, where)


def required_control(intake_map: IntakeMap, control: Control) -> None:
    """Refuses a file without what the map requires."""
    for name in intake_map.control.required:
        if getattr(control, name) in (None, {}):
            raise FileRefused(FileCode.ABSENT_CONTROL, field=name)
    version = control.spec_version
    if version is not None and version != intake_map.spec_version:
        expected = intake_map.spec_version
        raise FileRefused(FileCode.OTHER_SPEC_VERSION, found=version, expected=expected)
    if control.file_type not in (None, intake_map.file.type):
        reason = f"{control.file_type} is not what the map is for ({intake_map.file.type})"
        raise _wrong("file", "file_type", reason)


def check_sha256(raw: RawFile, control: Control) -> None:
    """Refuses a file whose bytes are not those the manifest names."""
    if control.sha256 is None:
        return
    digest = hashlib.sha256()
    for block in raw.blocks(0, 1 << 20):
        digest.update(block)
    found = digest.hexdigest()
    if found != control.sha256.lower():
        raise _wrong("manifest", "sha256", f"the file's is {found}")


def _cell(cells: Sequence[str], place: int, where: str, name: str) -> str:
    if place > len(cells):
        raise _wrong(where, name, f"the record has {len(cells)} cells, not {place}")
    return cells[place - 1].strip()


def _wrong(where: str, name: str, reason: str) -> FileRefused:
    return FileRefused(FileCode.BAD_CONTROL, where=where, field=name, reason=reason)


def _control(values: Mapping[str, Any], where: str) -> Control:
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name == "totals":
            found[name] = _totals(value, where)
        elif value != "":
            if not isinstance(value, str):
                raise _wrong(where, name, "it should be one value")
            try:
                found[name] = _READERS.get(name, str)(value)
            except ValueError as error:
                raise _wrong(where, name, f"{value[:80]!r} {error}") from error
    return Control(**found)


def _totals(value: object, where: str) -> dict[str, int]:
    if not isinstance(value, Mapping):
        raise _wrong(where, "totals", "it should hold a total by currency, such as CNY: 12.50")
    result = {}
    for code, text in value.items():
        if code not in CURRENCIES:
            raise _wrong(where, f"totals.{code}", "it is no currency of ISO 4217")
        try:
            result[str(code)] = parse_money(str(text), str(code)).amount_minor
        except MoneyError as error:
            raise _wrong(where, f"totals.{code}", str(error)) from error
    return result


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise ValueError("is not a whole number")
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("is not a date; write it as 2026-11-22") from None


def _instant(text: str) -> datetime:
    """An instant is never guessed: without its offset it is refused."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("is not a time; write it as 2026-11-22T02:00:00+08:00") from None
    if moment.tzinfo is None:
        raise ValueError("has no offset; write it as 2026-11-22T02:00:00+08:00")
    return moment


def _coverage(text: str) -> Coverage:
    try:
        return Coverage(text)
    except ValueError:
        raise ValueError("is neither full nor changes") from None


_READERS: Mapping[str, Callable[[str], Any]] = {
    "spec_version": _whole,
    "sequence": _whole,
    "rows": _whole,
    "hash_total": _whole,
    "as_of": _day,
    "produced_at": _instant,
    "coverage": _coverage,
}
