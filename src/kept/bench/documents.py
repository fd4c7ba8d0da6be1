"""Letters a minute: the same letters by kept's printer and by fpdf2, on one and on two processors.

The peer sets the same sentences, table, code picture and font with fpdf2, a plain PDF writer of
Python, at its best: all letters in one file, so that it reads the font once. It has no justified
Chinese, and its PDF is neither tagged nor archivable; kept makes a file a letter. What is timed is
setting alone. The goal of letters a minute is for two processors.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.bench.form import Measure

__all__ = ["measures"]


def measures(*, quick: bool) -> Iterator[Measure]:
    from kept.cli.shell import set_up_django

    set_up_django()
    from kept.bench.documents_sides import measures as measured

    yield from measured(quick=quick)
