"""Several telephone numbers in one cell of which the map does not say what stands between them.

A cell is taken apart only where it is no number as a whole and every part of it is one: at the
usual separators, or at spaces between numbers that are complete by themselves. Anything else stays
one text, which is no number.
"""

from __future__ import annotations

import re
from typing import Final

import polars as pl

from kept.batch.intake.columns import nothing
from kept.batch.intake.phones import Phones, parse_phones

__all__ = ["NUMBERS_IN_A_CELL_MAX", "take_apart"]

# More numbers than this in one cell are a list of something else.
NUMBERS_IN_A_CELL_MAX: Final = 10
_SEPARATORS: Final = r"[/;、,，；\r\n]"
_SEPARATORS_AND_SPACES: Final = r"[/;、,，；\s]"
_TEXT_MAX: Final = 400


def take_apart(texts: pl.Series, countries: pl.Series) -> list[Phones]:
    """The first, second… numbers of each text, null where a text has not so many.

    Texts that cannot be taken apart are null in all; none is found where the list is empty.
    """
    rows: list[list[str] | None] = [None] * len(texts)
    for separators in (_SEPARATORS, _SEPARATORS_AND_SPACES):
        left = [at for at, row in enumerate(rows) if row is None]
        for at, parts in _numbers_of(texts, countries, left, separators).items():
            rows[at] = parts
    most = max((len(row) for row in rows if row is not None), default=0)
    return [_nth(rows, countries, place) for place in range(most)]


def _numbers_of(
    texts: pl.Series, countries: pl.Series, places: list[int], separators: str
) -> dict[int, list[str]]:
    """The parts of the texts at these places of which every part is a number."""
    split = {at: parts for at in places if (parts := _parts(texts[at], separators))}
    numbered = [(at, part) for at, parts in split.items() for part in parts]
    if not numbered:
        return {}
    whose = pl.Series([at for at, _part in numbered], dtype=pl.Int64)
    parsed = parse_phones(pl.Series([part for _at, part in numbered]), countries.gather(whose))
    broken = set(whose.filter(parsed.values.is_null()).to_list())
    return {at: parts for at, parts in split.items() if at not in broken}


def _parts(text: str | None, separators: str) -> list[str]:
    """The parts between the separators; none where there is nothing to take apart."""
    if text is None or len(text) > _TEXT_MAX or re.search(separators, text) is None:
        return []
    parts = [part.strip() for part in re.split(separators, text) if part.strip()]
    return parts if len(parts) <= NUMBERS_IN_A_CELL_MAX else []


def _nth(rows: list[list[str] | None], countries: pl.Series, place: int) -> Phones:
    texts = [row[place] if row is not None and len(row) > place else None for row in rows]
    if not any(texts):
        return Phones(nothing(len(rows), pl.String()), countries, None)
    return parse_phones(pl.Series(texts, dtype=pl.String), countries)
