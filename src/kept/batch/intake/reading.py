"""A creditor's file opened by its map: format found, header held against the map, rows in chunks.

`open_source` refuses what is wrong with the file as a whole; what is wrong with a line stays with
its line, for `normalise`. Only columns that the map names are read at all: a column that is ignored
on purpose, such as a protected attribute, never enters memory. No database, no clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import polars as pl

from kept.batch.intake.camt_files import is_camt, open_camt
from kept.batch.intake.control import (
    Control,
    check_sha256,
    read_manifest,
    read_record,
    required_control,
)
from kept.batch.intake.csv_files import CsvTable, open_csv
from kept.batch.intake.parquet_files import open_parquet
from kept.batch.intake.raw import RawFile, raw_file
from kept.batch.intake.refusals import FileRefused
from kept.batch.intake.tables import LINE_ERROR, LINE_NO, Table
from kept.batch.intake.xlsx_files import open_xlsx
from kept.core.intake import AnyMap, Coverage, FileCode, FileFormat, FileMap, FileReason, nearest

__all__ = ["FileRefused", "Source", "open_source", "open_table"]

_NAMES_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Source:
    """A file and its map. `unmapped` are columns the map neither reads nor ignores."""

    table: Table
    intake_map: AnyMap
    control: Control
    unmapped: tuple[str, ...]

    @property
    def format(self) -> FileFormat:
        return self.table.format

    @property
    def columns(self) -> tuple[str, ...]:
        return self.table.columns

    @property
    def coverage(self) -> Coverage:
        return self.control.coverage or self.intake_map.file.coverage

    def chunks(self, rows: int) -> Iterator[pl.DataFrame]:
        """Frames of exactly `rows` rows but for the last: mapped columns, line_no, line_error.

        The same file gives the same chunks every time. Rows whose every mapped cell is empty are
        no rows.
        """
        held: list[pl.DataFrame] = []
        count = 0
        for frame in self.table.frames(tuple(self.intake_map.columns())):
            frame = _without_blank(frame)
            held.append(frame)
            count += frame.height
            if count >= rows:
                whole = pl.concat(held)
                full = count - count % rows
                for start in range(0, full, rows):
                    yield whole.slice(start, rows).rechunk()
                held, count = [whole.slice(full)], count - full
        if count:
            yield pl.concat(held).rechunk()


def open_source(
    source: Path | str | BinaryIO, intake_map: AnyMap, given: Control | None = None
) -> Source:
    """The file opened by its map; `given` holds what a person said of the file, and wins.

    An open file without `given` is one that was received before: control data that came beside it
    is not asked for again. Raises `FileRefused`.
    """
    raw = raw_file(source)
    names = tuple(intake_map.columns())
    table = open_table(raw, intake_map.file, names)
    _check_columns(table.columns, intake_map)
    table, control = _with_records(table, intake_map)
    if isinstance(raw.source, Path):
        control = control.over(read_manifest(raw.source))
    if isinstance(raw.source, Path) or given is not None:
        control = (given or Control()).over(control)
        required_control(intake_map, control)
        check_sha256(raw, control)
    known = {*names, *(each.column for each in intake_map.ignore)}
    unmapped = tuple(name for name in table.columns if name not in known)
    return Source(table, intake_map, control, unmapped)


def open_table(
    source: Path | str | BinaryIO | RawFile, wanted: FileMap, columns: Sequence[str] = ()
) -> Table:
    """The file opened without a map, its format found by its first bytes."""
    raw = raw_file(source)
    if isinstance(raw.source, Path) and not raw.source.is_file():
        raise FileRefused(FileCode.ABSENT_FILE, name=raw.source.name)
    found = _format_of(raw)
    if wanted.format not in (None, found):
        raise FileRefused(FileCode.OTHER_FORMAT, expected=str(wanted.format), found=found)
    match found:
        case FileFormat.CSV:
            return open_csv(raw, wanted, columns)
        case FileFormat.XLSX:
            return open_xlsx(raw, wanted)
        case FileFormat.PARQUET:
            return open_parquet(raw)
        case FileFormat.CAMT:
            return open_camt(raw)


def _format_of(raw: RawFile) -> FileFormat:
    start = raw.piece(0, 4096)
    if not start:
        raise FileRefused(FileCode.EMPTY_FILE)
    if start.startswith(b"PK\x03\x04"):
        return FileFormat.XLSX
    if start.startswith(b"PAR1"):
        return FileFormat.PARQUET
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        # The container of old workbooks and of workbooks under a password.
        protected = "EncryptedPackage".encode("utf-16-le") in raw.piece(0, 1 << 28)
        code = FileCode.ENCRYPTED_FILE if protected else FileCode.UNKNOWN_FORMAT
        raise FileRefused(code)
    if start.startswith((b"%PDF", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!")):
        raise FileRefused(FileCode.UNKNOWN_FORMAT)
    if is_camt(start):
        return FileFormat.CAMT
    return FileFormat.CSV


def _check_columns(present: tuple[str, ...], intake_map: AnyMap) -> None:
    read = intake_map.columns()
    absent = [name for name in read if name not in present]
    if absent:
        told = "; ".join(f"{name} ({read[name]})" for name in absent)
        near = [each for name in absent for each in nearest(name, present)]
        order = list(dict.fromkeys((*near, *present)))
        shown = ", ".join(order[:_NAMES_SHOWN])
        more = f" and {len(order) - _NAMES_SHOWN} more" if len(order) > _NAMES_SHOWN else ""
        raise FileRefused(FileCode.ABSENT_COLUMN, absent=told, present=shown + more)
    for name in read:
        if present.count(name) > 1:
            raise FileRefused(FileCode.DUPLICATE_COLUMN, column=name)


def _with_records(table: Table, intake_map: AnyMap) -> tuple[Table, Control]:
    """The control records inside a text file; its trailer is then no row of it."""
    header, trailer = intake_map.control.header, intake_map.control.trailer
    if header is None and trailer is None:
        return table, Control()
    if not isinstance(table, CsvTable):
        reason = FileReason.NO_RECORDS
        raise FileRefused(FileCode.BAD_CONTROL, where="map", field="control", reason=reason)
    control = Control()
    if header is not None:
        cells = table.split(table.skipped[0]) if table.skipped else []
        if not cells or cells[0] != header.marker:
            raise FileRefused(FileCode.ABSENT_CONTROL, field="header record")
        control = read_record(header, cells, "header record")
    if trailer is not None:
        cells = table.split(table.last_line)
        if not cells or cells[0] != trailer.marker:
            # Without its trailer the file may have been cut between two lines.
            raise FileRefused(FileCode.ABSENT_CONTROL, field="trailer record")
        control = read_record(trailer, cells, "trailer record").over(control)
        table = replace(table, trailer=trailer.marker)
    return table, control


def _without_blank(frame: pl.DataFrame) -> pl.DataFrame:
    cells = [name for name in frame.columns if name not in (LINE_NO, LINE_ERROR)]
    first = frame[cells[0]]
    if not (first == "").any() and not first.is_null().any():
        return frame
    blank = pl.all_horizontal(pl.col(cells).fill_null("").str.strip_chars() == "")
    return frame.filter(~blank | pl.col(LINE_ERROR).is_not_null())
