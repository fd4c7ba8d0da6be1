"""What a strategy would have done on a day, beside the one in force: tried, never carried out.

The facts, the law and the price are those of the night (`nightly/offering`, `deciding/planning`) on
the book of that day as it was known at its end. It reads in one view of the database, locks no case
and leaves nothing. Three things are of today, since the book keeps no other: the seats, what the
law knows of persons, and the addresses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import polars as pl
from django.db import connection, transaction

from kept.batch.deciding.offering import Offered, channels_of
from kept.batch.deciding.planning import Plan, Tonight, plan_cases, tonight_of
from kept.batch.nightly.offering import offered
from kept.batch.nightly.permitting import asked_minute
from kept.batch.nightly.preparing import seats_on
from kept.batch.stages import Progress, say_nothing
from kept.core.actors import Actor
from kept.core.calendar import instant_of, utc_datetime
from kept.core.strategies import Strategy, history_fact
from kept.core.values import house_value
from kept.packs.values import load_priors
from kept.store.facts import CaseRange
from kept.store.models import Creditor
from kept.store.night_offers import case_bounds
from kept.store.nights import Night
from kept.store.offer_columns import offer_columns
from kept.work.capacities import capacities_of
from kept.work.changes import not_there
from kept.work.permissions import Permission, require
from kept.work.strategies import strategy_for

__all__ = ["DAYS_MOST", "Move", "Side", "SkillDay", "Trial"]
__all__ += ["one_view", "replay_strategy", "try_strategy"]

#: A replay goes over at most so many days.
DAYS_MOST: Final = 366
_CASES: Final = 50_000
_EARLY: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SkillDay:
    """Tasks of one skill that are due on one day; minutes they take."""

    due_on: date
    skill: str
    tasks: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Side:
    """What one strategy comes to. Money in millionths of the creditor's; `gap_parts` in
    thousand-millionths of the bound; `resources` as in a night's result."""

    label: str
    treatments: Mapping[str, int]
    by_skill: tuple[SkillDay, ...]
    tasks: int
    minutes: int
    cost: int
    value: int
    bound: int
    gap_parts: int
    resources: tuple[Mapping[str, Any], ...]
    refused: Mapping[str, int]
    without_option: int
    no_seat: Mapping[str, int]
    skills: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Move:
    """Cases that would go from one treatment to another; "" is none."""

    before: str
    after: str
    cases: int


@dataclass(frozen=True, slots=True)
class Trial:
    """One day, or all days of a replay together (`days` says how many, each also in `by_day`)."""

    creditor_code: str
    on: date
    currency: str
    values: str
    cases: int
    tried: Side
    in_force: Side
    moves: tuple[Move, ...]
    days: int = 1
    by_day: tuple[Trial, ...] = field(default=(), repr=False)

    @property
    def changed(self) -> int:
        """Cases that would get something else."""
        return sum(move.cases for move in self.moves if move.before != move.after)


def try_strategy(
    *,
    actor: Actor,
    creditor: Creditor,
    strategy: Strategy,
    on: date,
    now: datetime,
    in_force: Strategy | None = None,
    progress: Progress = say_nothing,
) -> Trial:
    """A strategy and the one in force (or another) on the facts of one day, today or before."""
    return replay_strategy(
        actor=actor,
        creditor=creditor,
        strategy=strategy,
        in_force=in_force,
        on=on,
        days=1,
        now=now,
        progress=progress,
    ).by_day[0]


def replay_strategy(
    *,
    actor: Actor,
    creditor: Creditor,
    strategy: Strategy,
    on: date,
    days: int,
    now: datetime,
    in_force: Strategy | None = None,
    progress: Progress = say_nothing,
) -> Trial:
    """Both strategies on each of the days that end with `on`.

    Every day has its own facts, as they really were. What a strategy did on an earlier day of the
    replay counts as done, so that it repeats a treatment only after its days.
    """
    if not require(actor, Permission.NIGHT_READ).reaches_creditor(creditor.pk):
        raise not_there()
    if not 1 <= days <= DAYS_MOST:
        raise ValueError(f"a replay goes over 1 to {DAYS_MOST} days, not {days}")
    done = {True: _Done(), False: _Done()}
    found = []
    with one_view():
        for number in range(days):
            day = on - timedelta(days=days - 1 - number)
            progress("trying", number, days, day.isoformat())
            tried, cases = _side(actor, creditor, strategy, day, now, done[True])
            other = in_force or strategy_for(creditor.pk, day)
            usual, _cases = _side(actor, creditor, other, day, now, done[False])
            moves = _moves(strategy, tried, other, usual)
            found.append(_trial(creditor, day, cases, tried, usual, moves))
        progress("trying", days, days, "")
    return _together(found)


@contextmanager
def one_view() -> Iterator[None]:
    """One view of the database from beginning to end; what waits in temporary tables is undone."""
    nested = connection.in_atomic_block
    with transaction.atomic():
        if not nested:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield
        transaction.set_rollback(True)


# --- one strategy on one day ----------------------------------------------------------------------


@dataclass(slots=True)
class _Done:
    """By case, the day on which a replay last did each treatment."""

    by_case: pl.DataFrame = field(default_factory=lambda: pl.DataFrame({"case_id": []}))

    def since(self, on: date) -> pl.DataFrame | None:
        names = [name for name in self.by_case.columns if name != "case_id"]
        if not names:
            return None
        return self.by_case.with_columns(
            (pl.lit(on) - pl.col(name)).dt.total_days().alias(name) for name in names
        )

    def note(self, strategy: Strategy, chosen: pl.DataFrame, on: date) -> None:
        found = self.by_case.cast({"case_id": pl.Int64})
        for position, each in enumerate(strategy.treatments):
            name = history_fact(each.code)
            here = chosen.filter(pl.col("treatment") == position).select(
                "case_id", pl.lit(on).alias(f"{name}_new")
            )
            found = found.join(here, on="case_id", how="full", coalesce=True)
            known = [pl.col(f"{name}_new"), *([pl.col(name)] if name in found.columns else [])]
            found = found.with_columns(pl.coalesce(*known).alias(name)).drop(f"{name}_new")
        self.by_case = found


@dataclass(frozen=True, slots=True)
class _Day:
    plan: Plan
    side: Side


def _side(
    actor: Actor, creditor: Creditor, strategy: Strategy, on: date, now: datetime, done: _Done
) -> tuple[_Day, int]:
    night = _night(actor, creditor, on, now)
    tonight = tonight_of(
        strategy,
        seats_on(creditor.pk, on),
        capacities_of(creditor.pk, on),
        creditor.currency,
    )
    found = list(_offered(night, strategy, tonight, done.since(on)))
    columns = offer_columns(len(strategy.treatments), len(channels_of(strategy)))
    offers = pl.concat([pl.DataFrame(schema=columns), *(each.offers for each in found)])
    plan = plan_cases(tonight, offers.sort("person_id", "case_id"))
    done.note(strategy, plan.chosen, on)
    cases = sum(len(each.facts) for each in found)
    options = sum(each.with_option for each in found)
    refused: Counter[str] = Counter()
    for each in found:
        refused.update(each.law.by_rule)
    return _Day(plan, _told(strategy, tonight, plan, on, refused, cases - options)), cases


def _offered(
    night: Night, strategy: Strategy, tonight: Tonight, done: pl.DataFrame | None
) -> Iterator[Offered]:
    bounds = case_bounds(night.creditor_id)
    if bounds is None:
        return
    minute = _first_minute(night)
    for start in range(bounds[0] // _CASES * _CASES, bounds[1] + 1, _CASES):
        cases = CaseRange(night.creditor_id, start, start + _CASES)
        yield offered(night, strategy, cases, minute, tonight.rates, done)


def _night(actor: Actor, creditor: Creditor, on: date, now: datetime) -> Night:
    """The day as it was known at its end, or as it is known now."""
    night = Night(0, creditor.pk, on, now, actor)
    tomorrow = replace(night, on=on + timedelta(days=1), now=_EARLY)
    return replace(night, now=min(now, utc_datetime(asked_minute(tomorrow))))


def _first_minute(night: Night) -> int:
    """The first minute of the day; of today, the minute now."""
    begins = asked_minute(replace(night, now=_EARLY))
    ends = asked_minute(replace(night, on=night.on + timedelta(days=1), now=_EARLY))
    now = instant_of(night.now)
    return now if begins <= now < ends else begins


def _told(
    strategy: Strategy,
    tonight: Tonight,
    plan: Plan,
    on: date,
    refused: Mapping[str, int],
    without_option: int,
) -> Side:
    counts = dict(plan.chosen["treatment"].value_counts().iter_rows())
    rows = [(each, counts.get(place, 0)) for place, each in enumerate(strategy.treatments)]
    by_skill: dict[tuple[date, str], list[int]] = {}
    for each, count in rows:
        if count:
            total = by_skill.setdefault((on + timedelta(days=each.due_in_days), each.skill), [0, 0])
            total[0] += count
            total[1] += count * each.minutes
    told = plan.told
    return Side(
        label=strategy.label,
        treatments={each.code: count for each, count in rows if count},
        by_skill=tuple(SkillDay(*key, *total) for key, total in sorted(by_skill.items())),
        tasks=len(plan.chosen),
        minutes=sum(count * each.minutes for each, count in rows),
        cost=sum(count * house_value(each.unit_cost, tonight.rates) for each, count in rows),
        value=told["value"],
        bound=told["bound"],
        gap_parts=told["gap_parts"],
        resources=tuple(told["resources"]),
        refused=dict(sorted(refused.items())),
        without_option=without_option,
        no_seat=told["no_seat"],
        skills=tuple(told["skills"]),
    )


# --- both -----------------------------------------------------------------------------------------


def _moves(strategy: Strategy, tried: _Day, in_force: Strategy, usual: _Day) -> tuple[Move, ...]:
    """Cases that get something from one of them, by what they get from each."""
    after = _named(strategy, tried.plan).rename({"code": "after"})
    before = _named(in_force, usual.plan).rename({"code": "before"})
    both = before.join(after, on="case_id", how="full", coalesce=True).fill_null("")
    counted = both.group_by("before", "after").len().sort("before", "after")
    return tuple(Move(*row) for row in counted.iter_rows())


def _named(strategy: Strategy, plan: Plan) -> pl.DataFrame:
    codes = {place: each.code for place, each in enumerate(strategy.treatments)}
    name = pl.col("treatment").replace_strict(codes, return_dtype=pl.String)
    return plan.chosen.select("case_id", code=name)


def _trial(
    creditor: Creditor, on: date, cases: int, tried: _Day, usual: _Day, moves: tuple[Move, ...]
) -> Trial:
    return Trial(
        creditor_code=creditor.code,
        on=on,
        currency=creditor.currency,
        values=load_priors().label,
        cases=cases,
        tried=tried.side,
        in_force=usual.side,
        moves=moves,
    )


def _together(days: list[Trial]) -> Trial:
    """All days as one: everything is added but the prices, which are each day's own."""
    moves: Counter[tuple[str, str]] = Counter()
    for day in days:
        moves.update({(move.before, move.after): move.cases for move in day.moves})
    return replace(
        days[-1],
        cases=sum(day.cases for day in days),
        tried=_added([day.tried for day in days]),
        in_force=_added([day.in_force for day in days]),
        moves=tuple(Move(*pair, count) for pair, count in sorted(moves.items())),
        days=len(days),
        by_day=tuple(days),
    )


def _added(sides: list[Side]) -> Side:
    value, bound = (sum(getattr(side, name) for side in sides) for name in ("value", "bound"))
    skills: dict[tuple[date, str], list[int]] = {}
    for side in sides:
        for row in side.by_skill:
            total = skills.setdefault((row.due_on, row.skill), [0, 0])
            total[0] += row.tasks
            total[1] += row.minutes
    return replace(
        sides[-1],
        treatments=_sum_of(side.treatments for side in sides),
        by_skill=tuple(SkillDay(*key, *total) for key, total in sorted(skills.items())),
        **{
            name: sum(getattr(side, name) for side in sides)
            for name in ("tasks", "minutes", "cost", "without_option")
        },
        value=value,
        bound=bound,
        gap_parts=(bound - value) * 1_000_000_000 // bound if bound else 0,
        resources=sides[-1].resources if len(sides) == 1 else (),
        refused=_sum_of(side.refused for side in sides),
        no_seat=_sum_of(side.no_seat for side in sides),
        skills=_tightest(sides),
    )


def _sum_of(counts: Any) -> dict[str, int]:
    found: Counter[str] = Counter()
    for each in counts:
        found.update(each)
    return dict(sorted(found.items()))


def _tightest(sides: list[Side]) -> tuple[Mapping[str, Any], ...]:
    """Of each skill the day on which it lacks most, or has least to spare."""
    found: dict[str, Mapping[str, Any]] = {}
    for side in sides:
        for row in side.skills:
            last = found.get(row["skill"])
            if last is None or row["minutes"] - row["room"] > last["minutes"] - last["room"]:
                found[row["skill"]] = row
    return tuple(found[skill] for skill in sorted(found))
