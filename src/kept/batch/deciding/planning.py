"""Tonight's plan for all cases at once: what is required first, then the price over the rest.

Out of frames into blocks of numbers and back. It reads and writes nothing, so a strategy that is
only tried is planned by the same code. The blocks may lie in this process or elsewhere: what is
asked of them are functions of this module and of `core.price`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any, Final

import numpy as np
import polars as pl

from kept.core.currencies import currency
from kept.core.deciding import (
    NOTHING,
    Kind,
    Menu,
    kind_of,
    menu_of,
    minutes_resource,
    options_of,
    usable_minutes,
    worth_of,
)
from kept.core.price import Block, Certificate, Here, Spread, choices_of, decide_cases
from kept.core.price.rounding import Log
from kept.core.strategies import Strategy
from kept.core.values import Rates
from kept.packs.rates import load_rates
from kept.store.offer_columns import value_name

__all__ = ["PARTS_OF_GAP", "OfferBlock", "Plan", "SkillRoom", "Tonight"]
__all__ += ["block_of", "plan_cases", "plan_spread", "tonight_of"]

_BLOCK_ROWS: Final = 50_000
#: The gap is told in these parts of the bound.
PARTS_OF_GAP: Final = 1_000_000_000

_NONE_REQUIRED: Final = pl.DataFrame(
    schema=dict.fromkeys(("case_id", "required", "required_priority"), pl.Int64)
)
_CHOSEN: Final[Mapping[str, Any]] = {
    "case_id": pl.Int64,
    "treatment": pl.Int64,
    "way": pl.Int64,
    "value": pl.Int64,
    "reduced": pl.Int64,
    "next_treatment": pl.Int64,
    "next_reduced": pl.Int64,
    "required": pl.Boolean,
}


@dataclass(frozen=True, slots=True)
class Tonight:
    """What there is to plan with: the menu, the capacity of each of its resources, and the rates
    into the house's money."""

    menu: Menu
    capacity: Mapping[str, int]
    house: str
    rates: Rates


@dataclass(slots=True)
class OfferBlock(Block):
    """The options of whole persons; `required` has `case_id`, `required` and `required_priority` of
    the cases that get what is not priced."""

    required: pl.DataFrame = field(default_factory=pl.DataFrame)


@dataclass(frozen=True, slots=True)
class SkillRoom:
    """Work that would go into a skill if each case got what is worth most to it, in minutes, and
    the minutes of all seats that have the skill; a seat of several skills counts in each."""

    skill: str
    cases: int
    minutes: int
    room: int


@dataclass(frozen=True, slots=True)
class Plan:
    """`chosen` has a row for each case that gets something; `offered` and `no_seat` count the cases
    that could get a treatment, and those for which no seat has skill and time, by treatment.
    `skills` says what work would go into each skill if nothing were scarce, and its room."""

    chosen: pl.DataFrame
    certificate: Certificate
    required_use: Mapping[str, int]
    offered: Mapping[str, int]
    no_seat: Mapping[str, int]
    skills: Sequence[SkillRoom] = ()

    @property
    def told(self) -> dict[str, Any]:
        """The certificate and the resources as whole numbers for JSON."""
        found = self.certificate
        gap = (found.bound - found.value) * PARTS_OF_GAP // found.bound if found.bound else 0
        return {
            "value": found.value,
            "bound": found.bound,
            "gap_parts": gap,
            "passes": found.passes,
            "cases": found.cases,
            "resources": [
                {
                    "resource": name,
                    "price": price,
                    "use": found.use[name] + self.required_use[name],
                    "required": self.required_use[name],
                    "capacity": found.capacity[name] + self.required_use[name],
                }
                for name, price in found.prices.items()
            ],
            "offered": dict(self.offered),
            "no_seat": dict(self.no_seat),
            "skills": [asdict(each) for each in self.skills],
        }


def tonight_of(
    strategy: Strategy,
    seats: Iterable[Mapping[str, Any]],
    capacities: Mapping[str, int],
    house: str,
) -> Tonight:
    """Seats are those of a prepared night; those that can do the same treatments are one kind."""
    rates = load_rates().rates_in(house)
    minutes: dict[Kind, int] = {}
    for seat in seats:
        kind = kind_of(strategy, seat["skills"], int(seat["minutes"]))
        if kind is not None:
            usable = usable_minutes(strategy, kind, int(seat["minutes"]))
            minutes[kind] = minutes.get(kind, 0) + usable
    menu = menu_of(strategy, list(minutes), list(capacities), currency(house), rates)
    amounts = {minutes_resource(kind): there for kind, there in minutes.items()}
    amounts.update(capacities)
    return Tonight(menu, {name: amounts[name] for name in menu.resources}, house, rates)


def plan_cases(
    tonight: Tonight, offers: pl.DataFrame, tell: Callable[[int], None] = lambda passes: None
) -> Plan:
    """Plan for all cases; `offers` by person and case, with the columns of `offering`."""
    blocks = list(_blocks(tonight.menu, offers))
    return plan_spread(tonight, Here(blocks, os.cpu_count() or 1), tell)


def plan_spread(
    tonight: Tonight, spread: Spread, tell: Callable[[int], None] = lambda passes: None
) -> Plan:
    """Plan for all cases of blocks that `block_of` made."""
    menu, left = tonight.menu, dict(tonight.capacity)
    rows = pl.concat([_NONE_REQUIRED, *spread.each(_required_rows)])
    required = _required(menu, rows, left)
    decided = decide_cases(spread, left, tell)
    parts = spread.each(partial(_chosen, log=decided.log))
    chosen = pl.concat([required, *parts])
    codes = [each.code for each in menu.strategy.treatments]
    wanted = sum(spread.each(_wanted), _counts(menu, required))
    offered = sum(spread.each(_offered), _counts(menu, required))
    counts = {code: int(count) for code, count in zip(codes, offered.tolist(), strict=True)}
    return Plan(
        chosen.sort("case_id"),
        decided.certificate,
        {name: tonight.capacity[name] - left[name] for name in left},
        counts,
        {
            code: counts[code]
            for place, code in enumerate(codes)
            if counts[code] and not menu.ways_of(place)
        },
        _skill_rooms(tonight, wanted.tolist()),
    )


def _wanted(block: OfferBlock) -> Any:
    """By treatment, the cases of a block to which it is worth more than anything else; ties go to
    the first, as in the price."""
    value = block.options.value
    best = value.argmax(axis=1)
    some = value[np.arange(len(value)), best] > 0
    return np.bincount(best[some], minlength=value.shape[1])


def _skill_rooms(tonight: Tonight, wanted: Sequence[int]) -> tuple[SkillRoom, ...]:
    menu = tonight.menu
    cases: dict[str, int] = {}
    minutes: dict[str, int] = {}
    for each, count in zip(menu.strategy.treatments, wanted, strict=True):
        cases[each.skill] = cases.get(each.skill, 0) + count
        minutes[each.skill] = minutes.get(each.skill, 0) + count * each.minutes
    return tuple(
        SkillRoom(skill, cases[skill], minutes[skill], _room_of(tonight, skill))
        for skill in sorted(cases)
    )


def _room_of(tonight: Tonight, skill: str) -> int:
    menu = tonight.menu
    kinds = {
        way.resource for way in menu.ways if menu.strategy.treatments[way.treatment].skill == skill
    }
    return sum(tonight.capacity[kind] for kind in kinds)


# --- what is required -----------------------------------------------------------------------------


def _required(menu: Menu, rows: pl.DataFrame, left: dict[str, int]) -> pl.DataFrame:
    """What is required is done whether there is room or not; what room there is, it takes up."""
    for place in sorted(rows["required"].unique()):
        _take(menu, place, int((rows["required"] == place).sum()), left)
    return rows.select(
        "case_id",
        treatment="required",
        way=pl.lit(NOTHING, dtype=pl.Int64),
        value=pl.lit(0, dtype=pl.Int64),
        reduced="required_priority",
        next_treatment=pl.lit(NOTHING, dtype=pl.Int64),
        next_reduced=pl.lit(0, dtype=pl.Int64),
        required=pl.lit(True),
    )


def _take(menu: Menu, treatment: int, count: int, left: dict[str, int]) -> None:
    """Take the use of so many off, kind of seats by kind, the least versatile first."""
    for way in menu.ways_of(treatment):
        needs = {name: each for name, each in zip(menu.resources, way.use, strict=True) if each}
        room = min((left[name] // each for name, each in needs.items()), default=count)
        done = min(count, room)
        for name, each in needs.items():
            left[name] -= done * each
        count -= done


def _leave_contacted_alone(
    menu: Menu, offers: pl.DataFrame, is_required: Any, value: np.ndarray[Any, Any]
) -> None:
    """A person who gets a required contact gets no other one tonight."""
    contacts = [place for place, each in enumerate(menu.strategy.treatments) if each.channel]
    required = offers["required"].to_numpy()
    person = offers["person_id"].to_numpy()
    contacted = np.unique(person[is_required & np.isin(required, contacts)])
    rows = np.isin(person, contacted)
    for place in contacts:
        value[rows, place] = 0


# --- blocks ---------------------------------------------------------------------------------------


def block_of(menu: Menu, number: int, offers: pl.DataFrame) -> OfferBlock:
    """A block of whole persons; `offers` by person and case."""
    value = _values(menu, offers)
    is_required = offers["required"].to_numpy() >= 0
    value[is_required] = 0
    _leave_contacted_alone(menu, offers, is_required, value)
    case, person = (offers[name].to_numpy() for name in ("case_id", "person_id"))
    required = offers.filter(pl.col("required") >= 0).select(*_NONE_REQUIRED.columns)
    return OfferBlock(number, options_of(menu, case, person, value), required=required)


def _values(menu: Menu, offers: pl.DataFrame) -> np.ndarray[Any, Any]:
    """(cases, treatments) by columns, 0 where a treatment is no option."""
    found = np.zeros((len(offers), len(menu.strategy.treatments)), dtype=np.int64, order="F")
    for place in range(found.shape[1]):
        found[:, place] = offers[value_name(place)].fill_null(0).to_numpy()
    return found


def _blocks(menu: Menu, offers: pl.DataFrame) -> Iterator[OfferBlock]:
    """Blocks that cut no person apart."""
    starts = _starts(offers["person_id"].to_numpy())
    for number, (first, end) in enumerate(pairwise([*starts, len(offers)])):
        yield block_of(menu, number, offers.slice(first, end - first))


def _starts(person: np.ndarray[Any, Any]) -> list[int]:
    starts, first = [], 0
    while first < len(person):
        starts.append(first)
        end = min(first + _BLOCK_ROWS, len(person))
        first = int(np.searchsorted(person, person[end - 1], side="right"))
    return starts


def _required_rows(block: OfferBlock) -> pl.DataFrame:
    return block.required


def _offered(block: OfferBlock) -> Any:
    """By treatment, the cases that could get it."""
    return (block.options.value > 0).sum(axis=0)


def _chosen(block: OfferBlock, log: Log) -> pl.DataFrame:
    """What the cases of a block get, and why."""
    options, choice = block.options, choices_of(block, log)
    why = worth_of(options, choice, log.price)
    columns: Sequence[Any] = (
        options.case_id,
        np.append(options.columns, NOTHING)[choice],
        choice.astype(np.int64),
        why.value,
        why.reduced,
        why.next_treatment,
        why.next_reduced,
        np.zeros(len(choice), dtype=np.bool_),
    )
    frame = pl.DataFrame(dict(zip(_CHOSEN, columns, strict=True)), schema=dict(_CHOSEN))
    return frame.filter(pl.col("treatment") != NOTHING)


def _counts(menu: Menu, required: pl.DataFrame) -> Any:
    places = required["treatment"].to_numpy()
    return np.bincount(places, minlength=len(menu.strategy.treatments))
