"""From what is proposed and lawful to the one treatment that each case gets tonight.

What can be done tonight is a menu: each treatment by each kind of seats that has its skill, and
what it uses of minutes and of the creditor's capacities. A case's values are columns for many cases
or numbers for one; both are priced by the same code (`core.price`): the night finds the prices, the
day takes them as they are. What is required is not priced: it comes first.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Final

import narwhals as nw
import numpy as np
from narwhals.typing import IntoFrameT

from kept.core.algebra import greatest, least
from kept.core.attempts import Channel
from kept.core.currencies import Currency
from kept.core.facts import CURRENCY_COLUMN
from kept.core.price import NOTHING, Options
from kept.core.price.choosing import choose, offers
from kept.core.price.options import Choices, Integers
from kept.core.strategies import Strategy, Treatment
from kept.core.values import PARTS, VALUE_MOST, Rates, ValueSource, house_value, value_of

__all__ = [
    "BUDGET",
    "COUNTED",
    "NOTHING",
    "REQUIRED_FIRST",
    "WAIVERS",
    "Decision",
    "Kind",
    "Menu",
    "Way",
    "Worth",
    "decide_one",
    "kind_of",
    "menu_of",
    "minutes_resource",
    "options_of",
    "paid_by",
    "usable_minutes",
    "value_column",
    "value_in",
    "with_values",
    "worth_of",
]

#: What is required is more urgent than anything that is priced.
REQUIRED_FIRST: Final = 10**15
#: Capacities that count what goes out by one channel.
COUNTED: Final = {"letters": Channel.LETTER, "visits": Channel.FIELD_VISIT}
BUDGET: Final = "budget"
#: What the month's waiver budgets have left, in minor units as `budget` is.
WAIVERS: Final = "waivers"


@dataclass(frozen=True, slots=True)
class Kind:
    """Seats that can do the same treatments tonight: with these skills, and with time for none that
    takes longer than `longest` minutes (None: for all)."""

    skills: frozenset[str]
    longest: int | None = None

    def can_do(self, treatment: Treatment) -> bool:
        has_time = self.longest is None or treatment.minutes <= self.longest
        return has_time and treatment.skill in self.skills


def kind_of(strategy: Strategy, skills: Collection[str], minutes: int) -> Kind | None:
    """The kind of a seat with so many minutes; None where it can do nothing.

    A seat too short for a treatment is no part of its capacity: minutes of several seats do not add
    up to one visit.
    """
    able = [each for each in strategy.treatments if each.skill in skills]
    fits = [each for each in able if each.minutes <= minutes]
    if not fits:
        return None
    longest = None if len(fits) == len(able) else max(each.minutes for each in fits)
    return Kind(frozenset(each.skill for each in fits), longest)


def usable_minutes(strategy: Strategy, kind: Kind, minutes: int) -> int:
    """The most of a seat's minutes that treatments can fill; the rest is too short for another."""
    lengths = {each.minutes for each in strategy.treatments if kind.can_do(each)}
    return _filled(tuple(sorted(lengths)), minutes)


@cache
def _filled(lengths: tuple[int, ...], minutes: int) -> int:
    filled = [True] + [False] * minutes
    for there in range(1, minutes + 1):
        filled[there] = any(length <= there and filled[there - length] for length in lengths)
    return max(there for there in range(minutes + 1) if filled[there])


def minutes_resource(kind: Kind) -> str:
    """The minutes of one kind of seats."""
    named = f"minutes:{'+'.join(sorted(kind.skills))}"
    return named if kind.longest is None else f"{named}:{kind.longest}"


@dataclass(frozen=True, slots=True)
class Way:
    """A treatment (position in its strategy) done by one kind of seats; `use` by resource."""

    treatment: int
    resource: str
    use: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Menu:
    """What can be done tonight. `resources` name the places of each way's `use`."""

    strategy: Strategy
    resources: tuple[str, ...]
    ways: tuple[Way, ...]
    use: Integers = field(init=False, compare=False, repr=False)
    column: Integers = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        shape = (1, len(self.ways), len(self.resources))
        use = np.array([way.use for way in self.ways], dtype=np.int64).reshape(shape)
        column = np.array([way.treatment for way in self.ways], dtype=np.int64)
        object.__setattr__(self, "use", use)
        object.__setattr__(self, "column", column)

    def within(self, remaining: Mapping[str, int]) -> Menu:
        """The ways for which there is enough left."""
        left = [remaining[name] for name in self.resources]
        fits = [
            way
            for way in self.ways
            if all(u <= there for u, there in zip(way.use, left, strict=True))
        ]
        return replace(self, ways=tuple(fits))

    def ways_of(self, treatment: int) -> list[Way]:
        return [way for way in self.ways if way.treatment == treatment]


def menu_of(
    strategy: Strategy,
    kinds: Collection[Kind],
    capacities: Collection[str],
    house: Currency,
    rates: Rates,
) -> Menu:
    """The menu of a strategy for kinds of seats and limited capacities.

    The budget is counted in minor units of the house's money, to which the rates lead.

    Kinds with the fewest skills and the least time come first, so that ties leave the versatile
    ones free.
    """
    ordered = sorted(kinds, key=_versatility)
    minutes = [minutes_resource(kind) for kind in ordered]
    others = sorted(capacities)
    ways = []
    for position, each in enumerate(strategy.treatments):
        used = [_use_of(each, name, house, rates) for name in others]
        for kind, name in zip(ordered, minutes, strict=True):
            if kind.can_do(each):
                own = [each.minutes if name == one else 0 for one in minutes]
                ways.append(Way(position, name, (*own, *used)))
    return Menu(strategy, (*minutes, *others), tuple(ways))


def _versatility(kind: Kind) -> tuple[int, list[str], bool, int]:
    return len(kind.skills), sorted(kind.skills), kind.longest is None, kind.longest or 0


def _use_of(treatment: Treatment, capacity: str, house: Currency, rates: Rates) -> int:
    """What one treatment uses of a capacity: one by its channel, or its cost, rounded up."""
    money = {BUDGET: treatment.unit_cost, WAIVERS: treatment.waiver}
    if capacity in money:
        return -(-house_value(money[capacity], rates) * house.minor_per_major // PARTS)
    return int(treatment.channel_code == COUNTED.get(capacity, capacity))


# --- values ---------------------------------------------------------------------------------------


def value_column(treatment: Treatment) -> str:
    return f"value_{treatment.code}"


def value_in(treatment: Treatment, source: ValueSource, rates: Rates, facts: Any) -> Any:
    """What the treatment is worth to one case or to columns of cases, its own cost taken off.

    In millionths of the house's money; `facts` answers by name, with numbers or columns.
    """
    dpd = facts["dpd"]
    if treatment.value is not None:
        worth = dpd * 0 + house_value(treatment.value, rates)
        worth = worth - house_value(treatment.unit_cost, rates)
    else:
        worth = value_of(
            source,
            treatment.channel_code,
            treatment.unit_cost,
            dpd=dpd,
            overdue_minor=facts["overdue_balance"],
            currency_code=facts[CURRENCY_COLUMN],
            rates=rates,
        )
    return least(greatest(worth, -VALUE_MOST), VALUE_MOST)


def with_values(
    strategy: Strategy, source: ValueSource, rates: Rates, frame: IntoFrameT
) -> IntoFrameT:
    """The eager frame of facts with a column of values for each treatment.

    Reckoned in arrays: as expressions, each step would stand in the next one several times over,
    and reading them took longer than a block's figures do.
    """
    given: Any = nw.from_native(frame, eager_only=True)
    facts: dict[str, Any] = {
        name: given[name].cast(nw.Int64).to_numpy() for name in ("dpd", "overdue_balance")
    }
    facts[CURRENCY_COLUMN] = given[CURRENCY_COLUMN].to_numpy()
    known: dict[Any, Any] = {}
    added = []
    for each in strategy.treatments:
        alike = (each.channel_code, each.unit_cost, each.value)
        if alike not in known:
            known[alike] = value_in(each, source, rates, facts)
        values = np.broadcast_to(known[alike], len(given)).astype(np.int64)
        added.append(
            nw.new_series(value_column(each), values, nw.Int64, backend=given.implementation)
        )
    return given.with_columns(*added).to_native()  # type: ignore[no-any-return]


# --- deciding -------------------------------------------------------------------------------------


def options_of(menu: Menu, case_id: Integers, person_id: Integers, value: Integers) -> Options:
    """A block to be priced. `value` (cases, treatments) is 0 where a treatment is not proposed, not
    lawful or required; what is worth nothing or less is never chosen.

    The cases of a person lie in one block: together they get at most one contact.
    """
    counted = np.array([each.channel is not None for each in menu.strategy.treatments])
    return Options(
        case_id, value, value > 0, menu.use, person_id, counted.astype(np.bool_), 1, menu.column
    )


@dataclass(frozen=True, slots=True)
class Worth:
    """What choices come to at prices, by case: their value, what is left after paying, and the best
    other treatment (position or `NOTHING`) with what it would have left."""

    value: Integers
    reduced: Integers
    next_treatment: Integers
    next_reduced: Integers


def worth_of(options: Options, choice: Choices, prices: Integers) -> Worth:
    """Why each case has its choice, in numbers."""
    value = options.value_of(choice)
    reduced = value - options.use_of(choice) @ prices
    own = np.append(options.columns, NOTHING)[choice]
    other = np.full(len(choice), NOTHING, dtype=np.int64)
    best = np.zeros(len(choice), dtype=np.int64)
    for _option, column, cost in offers(options, prices):
        worth = options.value[:, column] - cost
        better = (worth > best) & options.allowed[:, column] & (own != column)
        other[better] = column
        best[better] = worth[better]
    return Worth(value, reduced, other, best)


@dataclass(frozen=True, slots=True)
class Decision:
    """What one case gets, and why; `way` is None where it gets nothing, or where a required
    treatment finds no kind of seats."""

    treatment: int
    way: Way | None
    value: int
    reduced: int
    next_treatment: int
    next_reduced: int
    is_required: bool = False


def decide_one(
    menu: Menu, values: Mapping[int, int], prices: Mapping[str, int], remaining: Mapping[str, int]
) -> Decision:
    """What one case gets at these prices and with what is left of the capacities.

    `values` are those of its lawful proposals by position. The caller leaves contacts out where the
    person has had one already.
    """
    left = menu.within(remaining)
    required = [each for each in sorted(values) if menu.strategy.treatments[each].required]
    if required:
        way = next(iter(left.ways_of(required[0])), None)
        return Decision(required[0], way, values[required[0]], 0, NOTHING, 0, True)
    value = np.zeros((1, len(menu.strategy.treatments)), dtype=np.int64)
    for position, worth in values.items():
        value[0, position] = worth
    one = np.zeros(1, dtype=np.int64)
    options = options_of(left, one, one, value)
    price = np.array([prices[name] for name in menu.resources], dtype=np.int64)
    choice = choose(options, price)
    found = worth_of(options, choice, price)
    way = left.ways[choice[0]] if choice[0] != NOTHING else None
    return Decision(
        way.treatment if way else NOTHING,
        way,
        int(found.value[0]),
        int(found.reduced[0]),
        int(found.next_treatment[0]),
        int(found.next_reduced[0]),
    )


def paid_by(menu: Menu, way: Way, prices: Sequence[int]) -> list[dict[str, Any]]:
    """What a way pays: resource, units and the price of one, where there is a price or a use."""
    return [
        {"resource": name, "units": units, "price": price}
        for name, units, price in zip(menu.resources, way.use, prices, strict=True)
        if units
    ]
