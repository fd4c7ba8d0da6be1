"""Cuts a stream of UTF-8 into whole CSV records and knows the line each one starts on.

The parser that follows is fast because it gets only blocks of well-formed records; what breaks the
rules of RFC 4180 is taken out here, line by line, with its number. A quotation mark is well placed
when it opens a cell (after a delimiter or a line end), closes one (before such), or is doubled
inside one; with that, counting marks tells which line ends are inside a cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kept.batch.intake.refusals import FileRefused
from kept.core.intake import FileCode, RejectCode

__all__ = ["BROKEN_LINES_MAX", "LINE_BYTES_MAX", "BrokenLine", "RecordBlock", "cut_records"]

LINE_BYTES_MAX = 1 << 20
BROKEN_LINES_MAX = 1000

_FEED, _RETURN, _QUOTE = 10, 13, 34

Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class RecordBlock:
    """Whole records with their line ends; `lines` holds the line each starts on, from 1."""

    data: bytes
    lines: Places
    blank: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class BrokenLine:
    line_no: int
    code: RejectCode
    text: str


def cut_records(
    blocks: Iterable[bytes], *, first_line: int, delimiter: str, quoting: bool
) -> Iterator[RecordBlock | BrokenLine]:
    """The stream as blocks of records, broken lines between them in their order."""
    cutter = _Cutter(first_line, ord(delimiter), quoting)
    for block in blocks:
        yield from cutter.feed(block)
    yield from cutter.end()


@dataclass(slots=True)
class _Cutter:
    line: int
    delimiter: int
    quoting: bool
    rest: bytes = b""
    broken: int = 0
    first_broken: int = 0

    def feed(self, block: bytes) -> Iterator[RecordBlock | BrokenLine]:
        data = self.rest + block
        while True:
            marks = _Marks.of(data, self.delimiter, self.quoting)
            wrong = marks.first_wrong()
            end = marks.whole_records_before(wrong)
            if end:
                yield self._block(data, end, marks)
            data = data[end:]
            if wrong is None or data.find(b"\n") < 0:
                # What is wrong in a line not yet whole may be right once the rest is there.
                break
            yield self._take_out(data, marks.code_of(wrong))
            data = data[data.index(b"\n") + 1 :]
        self.rest = data
        if len(data) > LINE_BYTES_MAX:
            yield from self._give_up_line()

    def end(self) -> Iterator[RecordBlock | BrokenLine]:
        """What is left when the stream ends: a last record without its line end, or trouble."""
        while self.rest:
            data = self.rest + b"\n"
            marks = _Marks.of(data, self.delimiter, self.quoting)
            if marks.first_wrong() is None and marks.whole_records_before(None) == len(data):
                yield self._block(data, len(data), marks)
                return
            if b"\n" not in self.rest and marks.open_at_end():
                # A quoted cell that never closes, on the last line: the file was cut.
                raise FileRefused(FileCode.CUT_FILE, line=self.line)
            yield self._take_out(data, RejectCode.BAD_QUOTING)
            _, _, tail = self.rest.partition(b"\n")
            self.rest = b""
            yield from self.feed(tail)

    def _give_up_line(self) -> Iterator[RecordBlock | BrokenLine]:
        """A record longer than any may be: an open quotation mark, if a line ends in it."""
        data, self.rest = self.rest, b""
        if data.find(b"\n", 0, LINE_BYTES_MAX) < 0:
            raise FileRefused(FileCode.LINE_TOO_LONG, line=self.line, most=LINE_BYTES_MAX)
        yield self._take_out(data, RejectCode.BAD_QUOTING)
        yield from self.feed(data[data.index(b"\n") + 1 :])

    def _block(self, data: bytes, end: int, marks: _Marks) -> RecordBlock:
        ends, feeds = marks.record_ends(end)
        starts = np.empty_like(ends)
        starts[:1], starts[1:] = 0, ends[:-1] + 1
        size = ends - starts
        codes = np.frombuffer(data, dtype=np.uint8)
        blank = (size == 0) | ((size == 1) & (codes[starts] == _RETURN))
        # A record starts on the line after the feed that ends the one before it.
        lines = self.line + np.concatenate(([0], feeds[:-1] + 1))
        self.line += int(feeds[-1]) + 1
        return RecordBlock(data[:end], lines.astype(np.intp), blank)

    def _take_out(self, data: bytes, code: RejectCode) -> BrokenLine:
        self.broken += 1
        self.first_broken = self.first_broken or self.line
        if self.broken > BROKEN_LINES_MAX:
            raise FileRefused(
                FileCode.TOO_MANY_BROKEN_LINES, most=BROKEN_LINES_MAX, line=self.first_broken
            )
        text = data[: data.index(b"\n")].rstrip(b"\r").decode()
        found = BrokenLine(self.line, code, text)
        self.line += 1
        return found


@dataclass(frozen=True, slots=True)
class _Marks:
    """Where line ends and quotation marks stand in a piece that starts with a record."""

    feeds: Places
    inside: NDArray[np.bool_]  # per feed: within a quoted cell
    wrong_quotes: Places
    stray_returns: Places
    quotes: int

    @classmethod
    def of(cls, data: bytes, delimiter: int, quoting: bool) -> _Marks:
        codes = np.frombuffer(data, dtype=np.uint8)
        feeds = np.flatnonzero(codes == _FEED)
        none = np.empty(0, dtype=np.intp)
        quotes = np.flatnonzero(codes == _QUOTE) if quoting and b'"' in data else none
        inside = np.searchsorted(quotes, feeds) % 2 == 1
        returns = none
        if data.count(b"\r") != data.count(b"\r\n"):
            returns = _stray_returns(codes, quotes)
        return cls(feeds, inside, _wrong_quotes(codes, quotes, delimiter), returns, len(quotes))

    def first_wrong(self) -> int | None:
        """The place of the first byte that breaks the rules."""
        found = [int(each[0]) for each in (self.wrong_quotes, self.stray_returns) if len(each)]
        return min(found, default=None)

    def code_of(self, wrong: int) -> RejectCode:
        if len(self.stray_returns) and int(self.stray_returns[0]) == wrong:
            return RejectCode.STRAY_LINE_END
        return RejectCode.BAD_QUOTING

    def whole_records_before(self, wrong: int | None) -> int:
        """How many bytes the whole records before a place take."""
        ends = self.feeds[~self.inside]
        if wrong is not None:
            ends = ends[ends < wrong]
        return int(ends[-1]) + 1 if len(ends) else 0

    def record_ends(self, end: int) -> tuple[Places, Places]:
        """Places of the feeds that end the records before `end`, and their count among all."""
        order = np.flatnonzero(~self.inside & (self.feeds < end))
        return self.feeds[order], order

    def open_at_end(self) -> bool:
        return self.quotes % 2 == 1


def _wrong_quotes(codes: NDArray[np.uint8], quotes: Places, delimiter: int) -> Places:
    if not len(quotes):
        return quotes
    last = len(codes) - 1
    before = np.where(quotes > 0, codes[np.maximum(quotes - 1, 0)], _FEED)
    after = np.where(quotes < last, codes[np.minimum(quotes + 1, last)], _FEED)
    opens = np.arange(len(quotes)) % 2 == 0
    well_opened = (before == delimiter) | (before == _FEED) | (before == _QUOTE)
    well_closed = (after == delimiter) | (after == _FEED) | (after == _RETURN) | (after == _QUOTE)
    return np.asarray(quotes[~np.where(opens, well_opened, well_closed)])


def _stray_returns(codes: NDArray[np.uint8], quotes: Places) -> Places:
    returns = np.flatnonzero(codes == _RETURN)
    last = len(codes) - 1
    followed = codes[np.minimum(returns + 1, last)] == _FEED
    # A return at the very end of the piece may still get its feed.
    stray = returns[~followed & (returns < last)]
    return np.asarray(stray[np.searchsorted(quotes, stray) % 2 == 0])
