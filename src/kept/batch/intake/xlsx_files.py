"""XLSX by fastexcel: a sheet held whole in memory, given out in slices, cells as canonical text.

Dates come as ISO dates, numbers as plain digits with the spreadsheet's own precision of 15,
formulas as their last values. A cell that looks like a formula but is text stays text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import fastexcel
import polars as pl

from kept.batch.intake.raw import RawFile
from kept.batch.intake.refusals import FileRefused
from kept.batch.intake.tables import LINE_ERROR, LINE_NO, cell_column, column_names, line_errors
from kept.batch.intake.workbooks import OddCell, SheetLook, look_into_workbook
from kept.core.intake import FileCode, FileFormat, FileMap, RejectCode

__all__ = ["XlsxTable", "open_xlsx"]

_SLICE_ROWS = 50_000
_MIDNIGHT = r"^([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]00:00:00$"


@dataclass(frozen=True, slots=True)
class XlsxTable:
    columns: tuple[str, ...]
    found: dict[str, str]
    raw: RawFile
    look: SheetLook
    header_line: int
    format: FileFormat = FileFormat.XLSX
    _odd: Mapping[int, list[OddCell]] = field(default_factory=dict)

    def frames(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        places = [self.columns.index(name) + self.look.first_column for name in columns]
        sheet = _load(self.raw, self.look.name, sorted(set(places)))
        names = dict(zip(sorted(set(places)), sheet.columns, strict=True))
        chosen = [
            pl.col(names[place]).str.replace(_MIDNIGHT, "$1").fill_null("").alias(cell_column(name))
            for place, name in zip(places, columns, strict=True)
        ]
        odd = {place: cell_column(name) for place, name in zip(places, columns, strict=True)}
        for start in range(self.header_line, sheet.height, _SLICE_ROWS):
            part = sheet.slice(start, _SLICE_ROWS).select(chosen)
            yield self._finished(part, start + 1, odd)

    def _finished(self, part: pl.DataFrame, first: int, names: dict[int, str]) -> pl.DataFrame:
        lines = range(first, first + part.height)
        errors: dict[int, list[dict[str, str]]] = defaultdict(list)
        fixes: dict[str, dict[int, str]] = defaultdict(dict)
        for line in self._odd.keys() & set(lines):
            for cell in self._odd[line]:
                if name := names.get(cell.column):
                    _judge(cell, name, line - first, errors[line], fixes[name])
        for name, changed in fixes.items():
            if changed:
                series = part[name].scatter(list(changed), list(changed.values()))
                part = part.with_columns(series.alias(name))
        texts = [line_errors(errors[line]) if errors.get(line) else None for line in lines]
        return part.with_columns(
            pl.Series(LINE_NO, lines, dtype=pl.Int64),
            pl.Series(LINE_ERROR, texts, dtype=pl.String),
        )


def open_xlsx(raw: RawFile, wanted: FileMap) -> XlsxTable:
    look = look_into_workbook(raw, wanted.sheet)
    if look.rows < wanted.header_line or not look.columns:
        raise FileRefused(FileCode.NO_HEADER, line=wanted.header_line)
    head = _load(raw, look.name, None, rows=wanted.header_line)
    cells = [cell or "" for cell in head.row(wanted.header_line - 1)]
    odd: dict[int, list[OddCell]] = defaultdict(list)
    for cell in look.odd:
        odd[cell.row].append(cell)
    return XlsxTable(
        columns=column_names(cells, wanted.header_line),
        found={"sheet": look.name},
        raw=raw,
        look=look,
        header_line=wanted.header_line,
        _odd=odd,
    )


def _load(
    raw: RawFile, sheet: str, places: list[int] | None, rows: int | None = None
) -> pl.DataFrame:
    try:
        loaded = fastexcel.read_excel(raw.whole()).load_sheet(
            sheet,
            header_row=None,
            skip_rows=0,
            n_rows=rows,
            use_columns=places,
            dtypes="string",
        )
        return pl.DataFrame(loaded.to_polars())
    except fastexcel.FastExcelError as error:
        reason = str(error).splitlines()[0]
        raise FileRefused(FileCode.DAMAGED_FILE, format="XLSX", reason=reason) from error


def _judge(
    cell: OddCell, name: str, place: int, errors: list[dict[str, str]], fixes: dict[int, str]
) -> None:
    if cell.number is None:
        code = RejectCode.BROKEN_CELL
        errors.append({"code": code, "column": name, "text": cell.text})
        fixes[place] = ""
    elif cell.damaged:
        code = RejectCode.DAMAGED_NUMBER
        errors.append({"code": code, "column": name, "text": cell.text})
    else:
        fixes[place] = _plain(cell.number)


def _plain(number: float) -> str:
    """The number as the spreadsheet shows it: 15 digits, no exponent."""
    return format(Decimal(f"{number:.15g}").normalize(), "f")
