"""Verdicts for many intended contacts: partitioned by what rules treat alike, judged in columns.

A partition shares its scope key, zones, holidays and days of consent; in it `core.law.columns`
judges. Nothing here decides: facts come in as columns, of one name each with those of one attempt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from kept.core.calendar import OffsetTable
from kept.core.law.columns import Column, Verdicts, facts_read, judge_columns, word_count
from kept.core.law.kinds import Grounds
from kept.core.law.lawbook import LawBook, ScopeKey, scope_key
from kept.core.law.rules import STRICTNESS, Kind
from kept.core.law.times import NEVER, Window

__all__ = ["OUTCOMES", "WINDOW", "Holidays", "Partition", "Zones", "column_of", "judge_facts"]
__all__ += ["judged", "partitions_of", "verdict_frame"]

Zones = Callable[[str], OffsetTable]
"""A zone's offsets by its name."""

Holidays = Mapping[str, frozenset[int]]
"""Local days by the name that a row gives."""

WINDOW: Final = pl.Struct(dict.fromkeys(Window._fields, pl.Int64))
"""A window of the local day as a frame holds it, in lists."""

OUTCOMES: Final = pl.Enum([str(effect) for effect in STRICTNESS])

_SLICE: Final = 2**17
_NO_WINDOW: Final = Window(0, 0, 0)
# What a frame of facts has beside them; a partition has one value of each.
_PLACES: Final = ("place", "candidates", "holidays")
_NEUTRAL: Final[dict[type[pl.DataType], Any]] = {pl.Boolean: False, pl.Int64: 0, pl.String: ""}

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Partition:
    """Rows that rules treat alike, and the values that make them so."""

    rows: Rows
    shared: Mapping[str, Any]


def judge_facts(
    book: LawBook, facts: pl.DataFrame, zones: Zones, holidays: Holidays | None = None
) -> pl.DataFrame:
    """The verdicts on rows of facts, in their order.

    Columns in: `asked`, `place` (a zone, or null), `candidates` (zones with commas between),
    `holidays` (a name of `holidays`, or null), `complete_from`, every fact that the book's plans
    read (null is unknown; windows as lists of `WINDOW`), and `nth:<part>` for its spacings.
    Columns out: those of `verdict_frame`.
    """
    columns = _Columns(facts)
    asked = facts["asked"].to_numpy()

    def judge(each: Partition) -> Verdicts:
        grounds = _grounds(book, columns, each, zones, holidays or {})
        return judge_columns(book, grounds, asked[each.rows])

    return verdict_frame(book, judged(partitions_of(_keys(facts)), judge), len(facts))


def column_of(series: pl.Series) -> Any:
    """A series as core reads it: one value, a column, or windows with columns for sides."""
    if series.dtype == pl.List(WINDOW):
        return _windows(series)
    if series.dtype == pl.List(pl.Int64):
        return series
    nulls = series.null_count()
    if nulls == len(series):
        return None
    if not nulls:
        same = bool((series == series[0]).all())
        return series[0] if same else Column(series.to_numpy())
    neutral = _NEUTRAL[series.dtype.base_type()]
    return Column(series.fill_null(neutral).to_numpy(), series.is_not_null().to_numpy())


def verdict_frame(book: LawBook, found: list[tuple[Rows, Verdicts]], rows: int) -> pl.DataFrame:
    """The verdicts of partitions as one frame, each at its rows.

    `outcome`; `lawful_from`, null for never; `decided`, the place in `book.parts` of the part that
    decides, or null; `fired_<n>`, the words of `core.law.columns.fired_keys`.
    """
    outcome = np.zeros(rows, np.uint8)
    decided = np.zeros(rows, np.int16)
    lawful = np.zeros(rows, np.int64)
    words = np.zeros((word_count(book), rows), np.int64)
    for places, verdicts in found:
        outcome[places] = verdicts.outcome
        decided[places] = verdicts.decided
        lawful[places] = verdicts.lawful_from
        words[:, places] = verdicts.words
    frame = pl.DataFrame({"outcome": outcome, "lawful_from": lawful, "decided": decided})
    return frame.with_columns(
        pl.col("outcome").cat.to(OUTCOMES),
        pl.when(pl.col("lawful_from") < NEVER).then(pl.col("lawful_from")),
        pl.when(pl.col("decided") >= 0).then(pl.col("decided")),
        *(pl.Series(f"fired_{number}", word) for number, word in enumerate(words)),
    )


class _Columns:
    """The columns of a frame as core reads them, each made when it is first asked for."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame
        self.made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self.made:
            self.made[name] = column_of(self.frame[name])
        return self.made[name]


def _windows(lists: pl.Series) -> tuple[Window, ...]:
    """Lists of windows as columns of sides, as many as the longest; the rest are of no day."""
    most = lists.list.len().max()
    return tuple(
        Window._make(
            _side(lists.list.get(number, null_on_oob=True), side) for side in Window._fields
        )
        for number in range(most if isinstance(most, int) else 0)
    )


def _side(windows: pl.Series, side: str) -> Column:
    return Column(windows.struct.field(side).fill_null(getattr(_NO_WINDOW, side)).to_numpy())


# --- partitions -----------------------------------------------------------------------------------


def partitions_of(keys: pl.DataFrame) -> Iterator[Partition]:
    """The rows by what they must share; a key that is one value for all rows costs nothing."""
    same = {each.name: each[0] for each in keys if _is_one_value(each)}
    differing = [name for name in keys.columns if name not in same]
    if not differing:
        yield from _slices(Partition(np.arange(len(keys)), same))
        return
    groups = keys.select(differing).with_row_index("row").group_by(differing).agg("row")
    for number, group in enumerate(groups.drop("row").iter_rows(named=True)):
        rows = groups["row"][number].to_numpy().astype(np.intp)
        yield from _slices(Partition(rows, same | group))


_GLANCE: Final = 64


def _is_one_value(keys: pl.Series) -> bool:
    """Whether all rows have one value; most that differ do so among the first rows."""
    if not len(keys) or keys.head(_GLANCE).n_unique() > 1:
        return False
    nulls = keys.null_count()
    return nulls == len(keys) if nulls else bool((keys == keys[0]).all())


def _slices(partition: Partition) -> Iterator[Partition]:
    """Pieces for several processors; each costs as much again, however few rows it has."""
    for start in range(0, len(partition.rows), _SLICE):
        yield Partition(partition.rows[start : start + _SLICE], partition.shared)


def judged(
    partitions: Iterable[Partition], judge: Callable[[Partition], Verdicts]
) -> list[tuple[Rows, Verdicts]]:
    """Every partition's verdicts; arrays are counted on all processors."""
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda each: (each.rows, judge(each)), partitions))


def _keys(facts: pl.DataFrame) -> pl.DataFrame:
    names = [*ScopeKey._fields, *_PLACES]
    return facts.select(
        *names,
        pl.col("consent_calls_days").cast(pl.List(pl.String)).list.join(","),
        (pl.col("reasonable_times").list.len() > 0).alias("reasonable_times:any"),
        # Without a zone named times never end, for those who named any.
        ((pl.col("inconvenient_times").list.len() > 0) | _has_zones()).alias(
            "inconvenient_times:any"
        ),
    )


def _has_zones() -> pl.Expr:
    return pl.col("place").is_not_null() & (pl.col("candidates").fill_null("") != "")


def _grounds(
    book: LawBook,
    columns: _Columns,
    partition: Partition,
    zones: Zones,
    holidays: Holidays,
) -> Grounds:
    shared = partition.shared
    plan = book.plan(scope_key(shared))
    facts = {name: _at(columns[name], partition.rows) for name in facts_read(plan)}
    for name in ("reasonable_times", "inconvenient_times"):
        if not shared[f"{name}:any"]:
            facts[name] = ()
    facts |= {name: shared[name] for name in ScopeKey._fields}
    facts["consent_calls_days"] = frozenset(map(int, _names(shared["consent_calls_days"])))
    counted = [each.part.key for each in plan if each.part.kind is Kind.SPACING]
    return Grounds(
        facts=facts,
        place=zones(shared["place"]) if shared["place"] else None,
        candidates=tuple(zones(name) for name in _names(shared["candidates"])),
        clocks={name: zones(name) for name in book.clocks},
        holidays=holidays.get(shared["holidays"] or "", frozenset()),
        nth_days={key: _at(columns[f"nth:{key}"], partition.rows) for key in counted},
        complete_from=_at(columns["complete_from"], partition.rows),
    )


def _names(joined: str | None) -> list[str]:
    return joined.split(",") if joined else []


def _at(value: Any, rows: Rows) -> Any:
    if isinstance(value, tuple):
        return tuple(Window._make(_at(side, rows) for side in window) for window in value)
    return value.at(rows) if isinstance(value, Column) else value
