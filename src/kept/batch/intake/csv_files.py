"""CSV: the header and the delimiter found, records parsed block by block in bounded memory.

Records are cut by `csv_records`, so the parser meets well-formed text only and every row keeps the
number of the line it starts on, quoted line ends and taken-out lines before it counted.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.csv

from kept.batch.intake.csv_records import BrokenLine, RecordBlock, cut_records
from kept.batch.intake.decoding import TextFile, inspect_text, last_lines, utf8_blocks
from kept.batch.intake.raw import RawFile
from kept.batch.intake.refusals import FileRefused
from kept.batch.intake.tables import LINE_ERROR, LINE_NO, cell_column, column_names, line_errors
from kept.core.intake import Delimiter, FileCode, FileFormat, FileMap, Quoting, RejectCode

__all__ = ["CsvTable", "open_csv"]

_HEAD_BYTES_MAX = 1 << 22
_SAMPLE_RECORDS = 50
_TEXT_SHOWN = 200
_CANDIDATES = (",", ";", "\t", "|")


@dataclass(frozen=True, slots=True)
class CsvTable:
    columns: tuple[str, ...]
    found: dict[str, str]
    text: TextFile
    delimiter: str
    quoting: bool
    skipped: tuple[str, ...]  # the lines before the header
    header_line: int
    first_line: int  # of the data
    data_starts: int  # bytes of UTF-8 before the data
    last_line: str
    trailer: str | None = None
    format: FileFormat = FileFormat.CSV

    def frames(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        parser = _Parser(self.columns, tuple(columns), self.delimiter, self.quoting)
        held: RecordBlock | BrokenLine | None = None
        for piece in self._pieces():
            if held is not None:
                yield parser.frame(held)
            held = piece
        if held is not None:
            yield parser.frame(self._without_trailer(held), last=self._ends_openly())

    def records(self, most: int) -> list[list[str]]:
        """The first data records, parsed one by one; for looking at a file, not for taking it."""
        sample = b"".join(_first_bytes(self._data(), 1 << 18))
        return _rows(sample.decode(errors="ignore"), self.delimiter, self.quoting)[:most]

    def split(self, line: str) -> list[str]:
        """The cells of a line by itself, such as a control record."""
        rows = _rows(line, self.delimiter, self.quoting)
        return rows[0] if rows else []

    def _pieces(self) -> Iterator[RecordBlock | BrokenLine]:
        return cut_records(
            self._data(),
            first_line=self.first_line,
            delimiter=self.delimiter,
            quoting=self.quoting,
        )

    def _data(self) -> Iterator[bytes]:
        skip = self.data_starts
        for block in utf8_blocks(self.text):
            if skip < len(block):
                yield block[skip:]
            skip = max(0, skip - len(block))

    def _ends_openly(self) -> bool:
        return not self.text.ends_with_line_end and self.trailer is None

    def _without_trailer(self, piece: RecordBlock | BrokenLine) -> RecordBlock | BrokenLine:
        if self.trailer is None or isinstance(piece, BrokenLine):
            return piece
        place = int(np.flatnonzero(~piece.blank)[-1]) if not piece.blank.all() else 0
        ends = piece.data.splitlines(keepends=True)
        # The marker's line is the last that is not blank, and control records hold no line ends.
        kept = b"".join(ends[: len(ends) - (len(piece.blank) - place)])
        return RecordBlock(kept, piece.lines[:place], piece.blank[:place])


def open_csv(raw: RawFile, wanted: FileMap, columns: Sequence[str] = ()) -> CsvTable:
    """Decide encoding and delimiter, read the header; `columns` help to tell delimiters apart."""
    text = inspect_text(raw, wanted.encoding)
    quoting = wanted.quoting is Quoting.RFC_4180
    head = _Head.read(text, wanted.header_line, quoting)
    delimiter = _delimiter(head, wanted.delimiter, columns, quoting)
    cells = _rows(head.header, delimiter, quoting)
    lines = [line for line in last_lines(text) if line.strip()]
    return CsvTable(
        columns=column_names(cells[0] if cells else [], wanted.header_line),
        found={"encoding": text.codec, "delimiter": delimiter},
        text=text,
        delimiter=delimiter,
        quoting=quoting,
        skipped=head.skipped,
        header_line=wanted.header_line,
        first_line=head.first_line,
        data_starts=head.size,
        last_line=lines[-1] if lines else "",
    )


@dataclass(frozen=True, slots=True)
class _Head:
    """The text up to the end of the header record, and a sample of what follows."""

    skipped: tuple[str, ...]
    header: str
    first_line: int
    size: int
    sample: str

    @classmethod
    def read(cls, text: TextFile, header_line: int, quoting: bool) -> _Head:
        data = b"".join(_first_bytes(utf8_blocks(text), _HEAD_BYTES_MAX))
        start = _line_start(data, header_line)
        end = _record_end(data, start, quoting)
        if end - start >= _HEAD_BYTES_MAX:
            raise FileRefused(FileCode.LINE_TOO_LONG, line=header_line, most=_HEAD_BYTES_MAX)
        skipped = data[:start].decode().splitlines()
        sample = data[end : end + (1 << 16)].decode(errors="ignore")
        lines = data[start:end].count(b"\n")
        header = data[start:end].decode(errors="ignore")
        return cls(tuple(skipped), header, header_line + max(lines, 1), end, sample)


def _first_bytes(blocks: Iterator[bytes], most: int) -> Iterator[bytes]:
    taken = 0
    for block in blocks:
        yield block[: most - taken]
        taken += len(block)
        if taken >= most:
            return


def _line_start(data: bytes, line: int) -> int:
    start = 0
    for _ in range(line - 1):
        start = data.find(b"\n", start) + 1
        if not start:
            raise FileRefused(FileCode.NO_HEADER, line=line)
    return start


def _record_end(data: bytes, start: int, quoting: bool) -> int:
    """The place after the record's line end; a line end inside quotation marks is none."""
    quotes, end = 0, start
    while (feed := data.find(b"\n", end)) >= 0:
        quotes += data.count(b'"', end, feed)
        end = feed + 1
        if not quoting or quotes % 2 == 0:
            return end
    return len(data)


def _rows(text: str, delimiter: str, quoting: bool) -> list[list[str]]:
    lines = io.StringIO(text, newline="")
    try:
        if not quoting:
            return list(csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE))
        return list(csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        # A cell of more than 128 KiB is no column name and no sample of anything.
        return []


def _delimiter(head: _Head, wanted: Delimiter, columns: Sequence[str], quoting: bool) -> str:
    if wanted is not Delimiter.AUTO:
        return "\t" if wanted is Delimiter.TAB else wanted.value
    headers = {each: _rows(head.header, each, quoting)[:1] for each in _CANDIDATES}
    widths = {each: len(rows[0]) if rows else 0 for each, rows in headers.items()}
    if columns:
        for each, rows in headers.items():
            if rows and widths[each] > 1 and {" ".join(c.split()) for c in rows[0]} >= set(columns):
                return each
    even = [each for each in _CANDIDATES if _is_even(head.sample, each, widths[each], quoting)]
    even = even or [each for each in _CANDIDATES if widths[each] > 1]
    most = max((widths[each] for each in even), default=0)
    best = [each for each in even if widths[each] == most]
    if len(best) > 1:
        raise FileRefused(FileCode.DELIMITER_UNCLEAR)
    return best[0] if best else ","


def _is_even(sample: str, delimiter: str, width: int, quoting: bool) -> bool:
    """Whether the sample's records are as wide as the header, its last, cut one left out."""
    rows = [row for row in _rows(sample, delimiter, quoting)[:_SAMPLE_RECORDS] if row]
    whole = rows[:-1] if len(rows) > 1 else rows
    return width > 1 and all(len(row) == width for row in whole)


class _Parser:
    """Blocks of records to frames; the lines of wrong width become line errors."""

    def __init__(
        self, present: tuple[str, ...], columns: tuple[str, ...], delimiter: str, quoting: bool
    ) -> None:
        # The header may name a column twice; only the columns asked for need their own name.
        self._names = [f"{place}" for place in range(len(present))]
        self._wanted = {self._names[present.index(name)]: cell_column(name) for name in columns}
        self._width = len(present)
        self._wrong: list[pyarrow.csv.InvalidRow] = []
        self._parse = pyarrow.csv.ParseOptions(
            delimiter=delimiter,
            quote_char='"' if quoting else False,
            double_quote=quoting,
            newlines_in_values=quoting,
            ignore_empty_lines=False,
            invalid_row_handler=self._note,
        )
        self._convert = pyarrow.csv.ConvertOptions(
            column_types={name: pa.string() for name in self._names},
            include_columns=list(self._wanted),
            strings_can_be_null=False,
            check_utf8=False,  # decoded once already
        )
        text = {name: pl.String() for name in self._wanted.values()}
        self._schema = {**text, LINE_NO: pl.Int64(), LINE_ERROR: pl.String()}

    def frame(self, piece: RecordBlock | BrokenLine, last: bool = False) -> pl.DataFrame:
        """`last` says that the piece ends the file, and that its last line has no line end."""
        if isinstance(piece, BrokenLine):
            error = {"code": piece.code, "text": piece.text[:_TEXT_SHOWN]}
            return self._errors([piece.line_no], [line_errors([error])])
        if not len(piece.lines):
            return self._errors([], [])
        self._wrong.clear()
        good = self._cells(piece)
        wrong = np.array([row.number - 1 for row in self._wrong], dtype=np.int64)
        lines = np.delete(piece.lines, wrong)
        good = good.with_columns(
            pl.Series(LINE_NO, lines), pl.lit(None, dtype=pl.String).alias(LINE_ERROR)
        ).filter(pl.Series(~np.delete(piece.blank, wrong)))
        if last:
            good = self._mark_last(good, int(piece.lines[-1]), wrong, len(piece.lines))
        if not len(wrong):
            return good
        errors = [self._width_error(row) for row in self._wrong]
        return pl.concat([good, self._errors(piece.lines[wrong], errors)]).sort(LINE_NO)

    def _cells(self, piece: RecordBlock) -> pl.DataFrame:
        table = pyarrow.csv.read_csv(
            pa.BufferReader(piece.data),
            read_options=pyarrow.csv.ReadOptions(
                column_names=self._names, use_threads=False, block_size=len(piece.data) + 1
            ),
            parse_options=self._parse,
            convert_options=self._convert,
        )
        frame = pl.DataFrame(pl.from_arrow(table))
        return frame.rename(self._wanted)

    def _note(self, row: pyarrow.csv.InvalidRow) -> str:
        self._wrong.append(row)
        return "skip"

    def _mark_last(
        self, good: pl.DataFrame, line: int, wrong: np.ndarray, records: int
    ) -> pl.DataFrame:
        if len(wrong) and wrong[-1] == records - 1:
            if self._wrong[-1].actual_columns < self._width:
                raise FileRefused(FileCode.CUT_FILE, line=line)
            return good
        warning = pl.lit(line_errors([{"code": RejectCode.NO_FINAL_LINE_END}]))
        mark = pl.when(pl.col(LINE_NO) == line).then(warning).otherwise(pl.col(LINE_ERROR))
        return good.with_columns(mark.alias(LINE_ERROR))

    def _width_error(self, row: pyarrow.csv.InvalidRow) -> str:
        few = row.actual_columns < self._width
        code = RejectCode.CUT_LINE if few else RejectCode.TOO_MANY_CELLS
        error = {"code": code, "found": row.actual_columns, "expected": self._width}
        return line_errors([{**error, "text": row.text[:_TEXT_SHOWN]}])

    def _errors(self, lines: Sequence[int] | np.ndarray, errors: list[str]) -> pl.DataFrame:
        empty = {name: [None] * len(errors) for name in self._wanted.values()}
        data = {**empty, LINE_NO: list(lines), LINE_ERROR: errors}
        return pl.DataFrame(data, schema=self._schema)
