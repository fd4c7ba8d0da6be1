"""The sides of the benchmark of documents: kept's printer, and the same letters by fpdf2.

Needs Django set up. See `bench/documents.py` for what is compared and why.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import Any, Final

from kept.bench.documents_papers import sample_sheet
from kept.bench.form import Figure, Goal, Measure, paired
from kept.core.documents.kinds import DocumentKind
from kept.work.printing import find_font, printer

__all__ = ["measures"]

FULL, QUICK = 1_000, 40
NOW: Final = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
PROCESSORS: Final = 2
#: Simplified Chinese among the faces of the collection.
FACE: Final = 2
A_MINUTE: Final = Goal(Figure.VALUE, least=1_000)
NO_SLOWER: Final = Goal(Figure.RATIO, most=1)
PEER: Final = "fpdf2, all letters in one file"

Sheet = Mapping[str, Any]


def measures(*, quick: bool) -> Iterator[Measure]:
    count = QUICK if quick else FULL
    for language in ("zh", "en"):
        sheets = [sample_sheet(DocumentKind.DEMAND_LETTER, language, n) for n in range(count)]
        yield _side_by_side(language, sheets, quick)
        yield _against_peer(language, sheets[: count // 10 or 1], quick)
    yield _long(quick)


def _ours(sheets: Sequence[Sheet]) -> int:
    return sum(len(printer().pdf(each, NOW)) for each in sheets)


def _side_by_side(language: str, sheets: Sequence[Sheet], quick: bool) -> Measure:
    """All processors up to two, as `do_print_documents` sets them; the peer is one thread."""
    workers = min(PROCESSORS, os.cpu_count() or 1)
    with ThreadPoolExecutor(max_workers=workers) as pool:

        def all_at_once() -> int:
            return sum(pool.map(lambda each: len(printer().pdf(each, NOW)), sheets))

        times = paired(all_at_once, lambda: _ours(sheets))
    return Measure.held(
        f"documents {language}, letters a minute on {workers} processors",
        60 * len(sheets) / times.ours,
        "letters/min",
        peer="the same one after the other",
        ratio=times.ratio,
        scale=f"{len(sheets)} letters",
        full=not quick,
        goal=A_MINUTE,
    )


def _against_peer(language: str, sheets: Sequence[Sheet], quick: bool) -> Measure:
    if find_spec("fpdf") is None:
        raise RuntimeError("the benchmark of documents needs its peer: install kept[dev]")
    times = paired(lambda: _ours(sheets), _peer(sheets))
    return Measure.held(
        f"documents {language}, one letter",
        1_000 * times.ours / len(sheets),
        "ms",
        peer=PEER,
        ratio=times.ratio,
        scale=f"{len(sheets)} letters",
        full=not quick,
        goal=NO_SLOWER,
    )


def _long(quick: bool) -> Measure:
    """An agreement of two pages with its plan, the longest paper."""
    sheets = [
        sample_sheet(DocumentKind.INSTALMENT_AGREEMENT, "zh", n)
        for n in range(10 if quick else 100)
    ]
    short = [sample_sheet(DocumentKind.DEMAND_LETTER, "zh", n) for n in range(10 if quick else 100)]
    times = paired(lambda: _ours(sheets), lambda: _ours(short))
    return Measure.held(
        "documents zh, one agreement of two pages",
        1_000 * times.ours / len(sheets),
        "ms",
        peer="a letter of one page",
        ratio=times.ratio,
        scale=f"{len(sheets)} agreements",
        full=not quick,
        goal=Goal(Figure.RATIO, most=4),
    )


# --- the peer -------------------------------------------------------------------------------------


def _peer(sheets: Sequence[Sheet]) -> Callable[[], int]:
    """One file of all letters: fpdf2 reads the font anew for each file, and so reads it once."""
    return lambda: len(_by_peer(sheets))


def _by_peer(sheets: Sequence[Sheet]) -> bytes:
    from fpdf import FPDF

    pdf = FPDF(format="letter" if sheets[0]["paper"] == "us-letter" else "A4", unit="mm")
    pdf.set_margins(25, 20, 22)
    pdf.add_font("face", fname=str(find_font()), collection_font_number=FACE)
    for sheet in sheets:
        _page_by_peer(pdf, sheet)
    return bytes(pdf.output())


def _page_by_peer(pdf: Any, sheet: Sheet) -> None:
    pdf.add_page()
    pdf.set_font("face", size=13.5)
    pdf.cell(text=sheet["sender"]["name"], new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("face", size=10.5)
    for line in (sheet["recipient"]["name"], *sheet["recipient"]["lines"]):
        pdf.cell(text=line, new_x="LMARGIN", new_y="NEXT")
    for name, value in sheet["marks"]:
        pdf.cell(text=f"{name} {value}", new_x="LMARGIN", new_y="NEXT")
    for words in (sheet["title"], *sheet["body"], *sheet["notices"]):
        pdf.multi_cell(0, 6, words, new_x="LMARGIN", new_y="NEXT")
    for each in sheet["tables"]:
        _table_by_peer(pdf, each)
    check = sheet["check"]
    pdf.image(io.BytesIO(check["picture"].encode()), w=19)
    for words in (check["said"], check["code"], check["address"], *sheet["foot"]):
        pdf.multi_cell(0, 5, words, new_x="LMARGIN", new_y="NEXT")


def _table_by_peer(pdf: Any, each: Mapping[str, Any]) -> None:
    pdf.multi_cell(0, 6, each["title"], new_x="LMARGIN", new_y="NEXT")
    with pdf.table(first_row_as_headings=False) as table:
        for row in (each["heads"], *each["rows"], *each["totals"]):
            cells = table.row()
            for words in row:
                cells.cell(words)
