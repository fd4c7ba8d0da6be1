"""Histories of many intended contacts as columns: each contact's rows beside it, counted set-based.

The set-based twin of `core.law.counting` and of what `core.law.histories` reads; both ask
`core.law.measures`. A measure reads closed values only, so it is asked once for each of them and
looked up for every row. Rows are sorted by debtor, and a contact's are one slice of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from kept.core.calendar import OffsetTable, local_day
from kept.core.law.counting import NO_DAY
from kept.core.law.measures import MEASURES
from kept.core.law.rules import Part
from kept.core.law.times import NEVER

__all__ = [
    "Attempts",
    "ByDebt",
    "Codes",
    "Histories",
    "Joined",
    "Lists",
    "by_debt",
    "ends_of_consent",
    "nth_days",
]

Ints = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]

_DAYS: Final = 2**25  # more than the days between NO_DAY and any calendar's end
_SHIFT: Final = -NO_DAY
_ANY: Final = -2  # no code of any text
_SPAREST: Final = 8  # numbers of debtors for each row of a history, in a table of where they start


class Closed(NamedTuple):
    """A history row's closed values, as measures read them."""

    channel: str
    inbound: bool
    outcome: str


class Codes:
    """Whole numbers for texts, the same in all frames that share them; null is -1."""

    def __init__(self) -> None:
        self.known: dict[str, dict[Any, int]] = {}

    def of(self, kind: str, series: pl.Series) -> Ints:
        if series.dtype.is_integer():
            return series.cast(pl.Int64).fill_null(-1).to_numpy()
        known = self.known.setdefault(kind, {})
        if len(series) and not series.null_count() and (series == series[0]).all():
            return np.full(len(series), known.setdefault(series[0], len(known)))
        for text in series.unique().drop_nulls().to_list():
            known.setdefault(text, len(known))
        if not known:
            return np.full(len(series), -1)
        coded = series.replace_strict(known, default=-1, return_dtype=pl.Int64)
        return coded.fill_null(-1).to_numpy()


@dataclass(frozen=True, slots=True)
class Lists:
    """Whole numbers by row: one each, or runs of `counts`."""

    values: Ints
    counts: Ints | None = None

    @classmethod
    def of(cls, codes: Codes, kind: str, series: pl.Series) -> Lists:
        if not isinstance(series.dtype, pl.List):
            return cls(codes.of(kind, series))
        counts = series.list.len().fill_null(0).cast(pl.Int64)
        flat = series.filter(counts > 0).explode()
        if (counts == 1).all():
            return cls(codes.of(kind, flat))
        return cls(codes.of(kind, flat), counts.to_numpy())

    @property
    def sizes(self) -> Ints:
        return np.ones(len(self.values), np.int64) if self.counts is None else self.counts

    def at(self, rows: Ints) -> Lists:
        if self.counts is None:
            return Lists(self.values[rows])
        starts = np.cumsum(self.counts) - self.counts
        counts = self.counts[rows]
        return Lists(self.values[slices(starts[rows], counts)], counts)

    def holds(self, wanted: Ints) -> Truths:
        """By row whether the wanted number is among its own."""
        if self.counts is None:
            return np.asarray(self.values == wanted)
        owner = np.repeat(np.arange(len(self.counts)), self.counts)
        return np.bincount(owner[self.values == wanted[owner]], minlength=len(self.counts)) > 0


def slices(starts: Ints, counts: Ints) -> Ints:
    """The numbers from each start on, as many as its count, one run after the other."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    return np.asarray(np.arange(total) + np.repeat(starts - (ends - counts), counts))


class Histories:
    """Past contacts sorted by debtor; rows of one debtor keep their order."""

    def __init__(self, frame: pl.DataFrame, codes: Codes) -> None:
        debtor = frame["debtor"].cast(pl.Int64)
        if not debtor.is_sorted():
            frame = frame.with_row_index("_row").sort("debtor", "_row").drop("_row")
        self.frame = frame
        self.debtor: Ints = frame["debtor"].cast(pl.Int64).to_numpy()
        self.minute: Ints = frame["minute"].to_numpy()
        self.person = codes.of("person", frame["person"])
        self.actor = codes.of("actor", frame["actor"])
        self.address = codes.of("address", frame["address"])
        self.debts = Lists.of(codes, "debt", frame["debts"])
        self.talked = Lists.of(codes, "debt", frame["talked"])
        self.debt_ids = self._ids(codes, "debt_ids", self.debts)
        self.talked_ids = self._ids(codes, "talked_ids", self.talked)
        self.kinds, self.kind = self._closed(codes)

    def _ids(self, codes: Codes, name: str, same: Lists) -> Lists:
        return Lists.of(codes, "debt", self.frame[name]) if name in self.frame.columns else same

    def _closed(self, codes: Codes) -> tuple[list[Closed], Ints]:
        """The closed values that occur, and each row's number among them."""
        channel = codes.of("channel", self.frame["channel"])
        outcome = codes.of("outcome", self.frame["outcome"])
        outcomes = list(codes.known.get("outcome", {}))
        self.channel = channel
        marked = (channel * 2 + self.frame["inbound"].to_numpy()) * len(outcomes) + outcome
        most = 2 * len(codes.known.get("channel", {})) * len(outcomes)
        occurs = np.flatnonzero(np.bincount(marked, minlength=most))
        numbers = np.zeros(most, np.int64)
        numbers[occurs] = np.arange(len(occurs))
        channels = list(codes.known.get("channel", {}))
        kinds = [
            Closed(
                channels[at // len(outcomes) // 2],
                bool(at // len(outcomes) % 2),
                outcomes[at % len(outcomes)],
            )
            for at in occurs.tolist()
        ]
        return kinds, numbers[marked]

    def bounds(self, debtors: Ints) -> tuple[Ints, Ints]:
        """Where the rows of each debtor start, and how many they are."""
        starts = self._starts
        if starts is None:
            first = np.searchsorted(self.debtor, debtors, "left")
            return first, np.searchsorted(self.debtor, debtors, "right") - first
        places = debtors - self.debtor[0]
        known = (places >= 0) & (places < len(starts) - 1)
        places = np.where(known, places, 0)
        return starts[places], np.where(known, starts[places + 1] - starts[places], 0)

    @cached_property
    def _starts(self) -> Ints | None:
        """Where rows start by debtor from the first one on; None where the numbers of debtors lie
        too far apart for a table."""
        size = len(self.debtor)
        if not size or int(self.debtor[-1] - self.debtor[0]) > _SPAREST * size:
            return None
        return np.concatenate([[0], np.cumsum(np.bincount(self.debtor - self.debtor[0]))])

    @cached_property
    def consumer(self) -> Truths:
        return (
            self.frame.select(pl.col("role").cast(pl.String) == "consumer").to_series().to_numpy()
        )

    @cached_property
    def at_work(self) -> Truths:
        return self.frame.select(pl.col("place").cast(pl.String) == "work").to_series().to_numpy()

    @cached_property
    def misdirected(self) -> Ints | None:
        """When each address was found to be another's; None where that never happened."""
        if "misdirected_from" not in self.frame.columns:
            return None
        found: Ints = self.frame["misdirected_from"].fill_null(NEVER).to_numpy()
        return None if (found >= NEVER).all() else found


@dataclass(frozen=True, slots=True)
class Attempts:
    """What counting reads of intended contacts, a row each."""

    debtor: Ints
    minute: Ints
    person: Ints
    actor: Ints
    address: Ints
    place: Ints  # 1 at work, 0 elsewhere, -1 not known
    groups: Lists
    ids: Lists


class Joined:
    """The past contacts of some intended ones: `owner` is the intended one's row."""

    def __init__(self, attempts: Attempts, histories: Histories, place: OffsetTable | None) -> None:
        self.attempts, self.histories, self.place = attempts, histories, place
        starts, counts = histories.bounds(attempts.debtor)
        self.size = len(attempts.debtor)
        self.starts, self.counts = starts, counts
        self.rows = slices(starts, counts)
        self.owner = np.repeat(np.arange(self.size), counts)
        self.minute = histories.minute[self.rows]
        self.earlier = self.minute <= self.of(attempts.minute)
        self.kind = histories.kind[self.rows]
        self.flags: dict[str, Truths] = {}
        self.days: dict[str, Ints] = {}

    def of(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The intended contact's value beside each of its past ones."""
        return values[self.owner]

    @cached_property
    def same_person(self) -> Truths:
        found: Truths = self.histories.person[self.rows] == self.of(self.attempts.person)
        return found

    @cached_property
    def same_actor(self) -> Truths:
        found: Truths = self.histories.actor[self.rows] == self.of(self.attempts.actor)
        return found

    @cached_property
    def with_person(self) -> Truths:
        return self.earlier & self.same_actor & self.same_person

    @cached_property
    def address(self) -> Ints:
        return self.histories.address[self.rows]

    @cached_property
    def channel(self) -> Ints:
        return self.histories.channel[self.rows]

    def measured(self, name: str) -> Truths:
        return self.whose(name, MEASURES[name])

    def whose(self, name: str, holds: Callable[[Any], Any]) -> Truths:
        """The rows whose closed values fulfil a predicate, asked once for each of them."""
        if name not in self.flags:
            table = np.array([bool(holds(each)) for each in self.histories.kinds], np.bool_)
            self.flags[name] = table[self.kind] if len(table) else np.zeros(0, np.bool_)
        return self.flags[name]

    def day(self, table: OffsetTable) -> Ints:
        """The local day of each row."""
        if table.zone not in self.days:
            near = self.histories.minute
            trimmed = table.within(int(near.min()), int(near.max())) if len(near) else table
            self.days[table.zone] = local_day_of(self.minute, trimmed)
        return self.days[table.zone]

    # --- by intended contact ---

    def count(self, rows: Truths) -> Ints:
        return np.bincount(self.owner[rows], minlength=self.size)

    def any(self, rows: Truths) -> Truths:
        return self.count(rows) > 0

    def least(self, values: Ints, rows: Truths, silence: int) -> Ints:
        found = np.full(self.size, silence, np.int64)
        np.minimum.at(found, self.owner[rows], values[rows])
        return found

    def most(self, values: Ints, rows: Truths, silence: int) -> Ints:
        found = np.full(self.size, silence, np.int64)
        np.maximum.at(found, self.owner[rows], values[rows])
        return found


def local_day_of(minute: Ints, table: OffsetTable) -> Ints:
    found: Any = local_day(minute, table)  # type: ignore[type-var]
    return np.asarray(found, np.int64)


# --- by debt --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ByDebt:
    """Past contacts beside each debt of an attempt that they were about.

    A pair is an intended contact and one of its debts, or all it has no debt of; `owner` is its
    intended contact. `rows` and `pair` go together.
    """

    owner: Ints
    rows: Places
    pair: Ints
    contacts: int

    @property
    def size(self) -> int:
        return len(self.owner)

    def all_of(self, truths: Truths) -> Truths:
        """By intended contact whether it holds of every pair."""
        return np.asarray(np.bincount(self.owner[~truths], minlength=self.contacts) == 0)

    def least_of(self, values: Ints) -> Ints:
        found = np.full(self.contacts, NEVER)
        np.minimum.at(found, self.owner, values)
        return found

    def most_of(self, values: Ints) -> Ints:
        found = np.full(self.contacts, -NEVER)
        np.maximum.at(found, self.owner, values)
        return found


def by_debt(joined: Joined, rows: Truths, lists: Lists) -> ByDebt:
    """The rows by the debts of the attempt that `lists` name; of no debt all rows are."""
    ids = joined.attempts.ids
    sizes = np.maximum(ids.sizes, 1)
    wanted = np.full(int(sizes.sum()), _ANY)
    wanted[np.repeat(ids.sizes > 0, sizes)] = ids.values
    first = np.cumsum(sizes) - sizes
    chosen = np.flatnonzero(rows)
    repeats = sizes[joined.owner[chosen]]
    pair = slices(first[joined.owner[chosen]], repeats)
    chosen = np.repeat(chosen, repeats)
    about = lists.at(joined.rows[chosen]).holds(wanted[pair]) | (wanted[pair] == _ANY)
    owner = np.repeat(np.arange(joined.size), sizes)
    return ByDebt(owner, chosen[about], pair[about], joined.size)


# --- counts ---------------------------------------------------------------------------------------


def nth_days(part: Part, joined: Joined, clock: OffsetTable | None, consent: Truths) -> Ints:
    """The local day of the n-th last counted contact of a spacing, `NO_DAY` where there is none.

    `consent` marks the rows under a consent to more calls.
    """
    if clock is None:
        return np.full(joined.size, NO_DAY)
    counted = _counted(part, joined, consent)
    day = joined.day(clock)
    if not {"debt", "talked"} & part.keys:
        return _nth_last(joined.owner[counted], day[counted], part.most, joined.size)
    lists = joined.histories.talked if "talked" in part.keys else joined.histories.debts
    return _by_group(part, joined, counted, day, lists)


def _counted(part: Part, joined: Joined, consent: Truths) -> Truths:
    counted = joined.earlier & joined.measured(part.measure)
    for key in sorted(part.keys):
        agrees = _agrees(key, joined, consent)
        counted = counted if agrees is None else counted & agrees
    return counted


def _agrees(key: str, joined: Joined, consent: Truths) -> Truths | None:
    attempts, histories = joined.attempts, joined.histories
    match key:
        case "actor":
            return joined.same_actor
        case "person":
            return joined.same_person
        case "debtor":
            return histories.consumer[joined.rows]
        case "address":
            mine = joined.of(attempts.address)
            return np.asarray((joined.address == mine) | (joined.address < 0) | (mine < 0))
        case "place_class":
            place = joined.of(attempts.place)
            return np.asarray((place < 0) | (histories.at_work[joined.rows] == (place == 1)))
        case "not_misdirected" if histories.misdirected is not None:
            later: Truths = histories.misdirected[joined.rows] > joined.of(attempts.minute)
            return later
        case "not_under_consent":
            return ~consent
    return None


def _by_group(part: Part, joined: Joined, counted: Truths, day: Ints, lists: Lists) -> Ints:
    """Over several particular debts the count that binds longest."""
    owner, rows, day = joined.owner[counted], joined.rows[counted], day[counted]
    groups = joined.attempts.groups
    if groups.counts is None:
        of_debt = lists.at(rows).holds(groups.values[owner])
        return _nth_last(owner[of_debt], day[of_debt], part.most, joined.size)
    first = np.cumsum(groups.sizes) - groups.sizes
    repeats = groups.sizes[owner]
    pair = slices(first[owner], repeats)  # an intended contact's debt, beside each past contact
    rows, day = np.repeat(rows, repeats), np.repeat(day, repeats)
    of_debt = lists.at(rows).holds(groups.values[pair])
    nth = _nth_last(pair[of_debt], day[of_debt], part.most, len(groups.values))
    found = np.full(joined.size, NO_DAY)
    np.maximum.at(found, np.repeat(np.arange(joined.size), groups.sizes), nth)
    return found


def _nth_last(owner: Ints, day: Ints, nth: int, size: int) -> Ints:
    """The n-th greatest day of each owner."""
    marked = owner * _DAYS + (day + _SHIFT)
    if len(marked) and (np.diff(marked) < 0).any():
        marked = np.sort(marked)
    counts = np.bincount(owner, minlength=size)
    ends = np.cumsum(counts)
    enough = counts >= nth
    found = np.full(size, NO_DAY)
    found[enough] = marked[ends[enough] - nth] % _DAYS - _SHIFT
    return found


def ends_of_consent(joined: Joined, received: Ints) -> Ints:
    """The first conversation about the debts after a consent was received, or NEVER."""
    talks = joined.measured("conversations") & joined.same_person
    talks &= joined.minute > joined.of(received)
    owner, rows, minute = joined.owner[talks], joined.rows[talks], joined.minute[talks]
    groups = joined.attempts.groups
    first = np.cumsum(groups.sizes) - groups.sizes
    repeats = groups.sizes[owner]
    about = joined.histories.talked.at(np.repeat(rows, repeats)).holds(
        groups.values[slices(first[owner], repeats)]
    )
    found = np.full(joined.size, NEVER)
    np.minimum.at(found, np.repeat(owner, repeats)[about], np.repeat(minute, repeats)[about])
    return found
