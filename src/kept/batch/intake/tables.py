"""What every format becomes: named columns of text, and frames with the line of each row.

A frame holds the asked columns as String, `line_no` (Int64), and `line_error` (String: null, or the
JSON of what is wrong with the line as a whole; its cells are then null unless it is a warning).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import polars as pl

from kept.batch.intake.refusals import FileRefused
from kept.core.intake import FileCode, FileFormat

__all__ = [
    "CELLS_MAX",
    "COLUMNS_MAX",
    "LINE_ERROR",
    "LINE_NO",
    "Table",
    "cell_column",
    "column_names",
    "line_errors",
]

COLUMNS_MAX = 2_000
# A workbook is held in memory whole; text and Parquet are not.
CELLS_MAX = 10_000_000
LINE_NO, LINE_ERROR = "line_no", "line_error"


class Table(Protocol):
    """An opened file. `columns` are the header's names as they stand, trimmed."""

    @property
    def format(self) -> FileFormat: ...

    @property
    def columns(self) -> tuple[str, ...]: ...

    @property
    def found(self) -> dict[str, str]:
        """What was found out about the file, for people: its encoding, sheet and so on."""
        ...

    def frames(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Frames of some size in the order of the file; columns named by `cell_column`."""
        ...


def cell_column(name: str) -> str:
    """The frame's name for a column of the file; only the two names of ours are set apart."""
    return f"file.{name}" if name in (LINE_NO, LINE_ERROR) else name


def column_names(raw: Sequence[str], line: int) -> tuple[str, ...]:
    """Header cells as column names: trimmed, blank ones numbered, few enough."""
    if len(raw) > COLUMNS_MAX:
        raise FileRefused(FileCode.TOO_MANY_COLUMNS, found=len(raw), most=COLUMNS_MAX)
    names = tuple(" ".join(cell.split()) for cell in raw)
    if not any(names):
        raise FileRefused(FileCode.NO_HEADER, line=line)
    return tuple(name or f"(column {place})" for place, name in enumerate(names, 1))


def line_errors(errors: Sequence[Mapping[str, str | int]]) -> str:
    """What stands in `line_error`: a list, since a line may have several cells out of order."""
    return json.dumps(list(errors), ensure_ascii=False)
