"""Strategies: dated lists of treatments, each for the cases that its condition surely holds for.

A strategy keeps no state: what happened before comes in as facts, among them, for each treatment,
`days_since_<treatment>`. It proposes; whether it is lawful and worth its price is decided after
it. `proposals` answers for one case, `with_proposals` for columns of cases; both act on *surely
true*, so an unknown fact never brings a treatment about.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final, cast

import narwhals as nw
from narwhals.typing import IntoFrameT

from kept.core.algebra import W, div, greatest, least
from kept.core.arms import ARM_DRAW, Arm, arm_of
from kept.core.attempts import Channel
from kept.core.conditions import Condition, compile_condition, facts_in, truths_out
from kept.core.facts import CATALOGUE, Catalogue, Fact, FactType
from kept.core.money import Money
from kept.core.strata import StratumFact

__all__ = [
    "DESK",
    "HISTORY_DAYS_MOST",
    "Priority",
    "Proposal",
    "Segment",
    "Stage",
    "Strategy",
    "Treatment",
    "catalogue_of",
    "facts_read",
    "history_fact",
    "priority_column",
    "proposals",
    "proposed_column",
    "with_proposals",
]

#: In place of a channel: the treatment reaches nobody outside the house.
DESK: Final = "desk"
#: Facts of history count no further than this, about a century and a half of days.
HISTORY_DAYS_MOST: Final = 50_000
#: One point of `per_amount` for each so many minor units overdue: 100 yuan, 100 dollars.
AMOUNT_STEP_MINOR: Final = 10_000
#: Beyond this an overdue amount adds no urgency; it also keeps the sum within 64 bits.
_AMOUNT_MOST_MINOR: Final = 10**13


class Stage(StrEnum):
    """How far treatment has gone."""

    PRE_DUE = "pre_due"
    REMIND = "remind"
    CALL = "call"
    FIRM = "firm"
    LETTER = "letter"
    VISIT = "visit"
    LEGAL = "legal"


@dataclass(frozen=True, slots=True)
class Priority:
    """How urgent: `base`, and points for each day past due and each 10,000 minor units overdue.

    It orders what is required among itself, which no price decides on; all else goes by its value
    after paying the prices (`core.deciding`). Amounts of two currencies are not compared by it,
    only their digits.
    """

    base: int
    per_day: int = 0
    per_amount: int = 0

    def of(self, dpd: W, overdue_minor: W) -> W:
        return self.of_steps(dpd, amount_steps(overdue_minor))

    def of_steps(self, dpd: W, steps: W) -> W:
        """The same of an amount's `amount_steps`."""
        return self.base + self.per_day * dpd + self.per_amount * steps


def amount_steps(overdue_minor: W) -> W:
    """How often 10,000 minor units are overdue."""
    return div(least(greatest(overdue_minor, 0), _AMOUNT_MOST_MINOR), AMOUNT_STEP_MINOR)


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of the book. A case is in the first segment whose condition surely holds for it."""

    code: str
    name_en: str
    name_zh: str
    when: Condition


@dataclass(frozen=True, slots=True)
class Treatment:
    """One kind of step. `when` says for whom; holds and the repeat are checked besides.

    `written` is the condition as its author wrote it; `when` holds all that goes with it: segments,
    arms, what stops it, holds. A `required` treatment is not at anybody's discretion: it goes to
    the hold-out too.

    `channel` is None for work that reaches nobody. It may come again `repeat_after_days` after it
    was last carried out. It is due on the business date plus `due_in_days` at `due_minute` (of the
    day, on the creditor's clocks). `unit_cost` is what one costs beside the minutes, `value` what
    one is worth beyond doing nothing, before its cost; without it the source of values says so.
    `waiver` is what one is expected to take of the month's waiver budgets.
    """

    code: str
    name_en: str
    name_zh: str
    stage: Stage
    when: Condition
    too_soon: Condition
    channel: Channel | None
    skill: str
    minutes: int
    repeat_after_days: int
    due_in_days: int
    due_minute: int
    priority: Priority
    unit_cost: Money | None = None
    written: Condition | None = None
    stop_when: Condition | None = None
    segments: tuple[str, ...] = ()
    arms: tuple[str, ...] = ()
    required: bool = False
    text: str = ""
    escalate_in_days: int | None = None
    value: Money | None = None
    waiver: Money | None = None

    @property
    def channel_code(self) -> str:
        return self.channel.value if self.channel else DESK


@dataclass(frozen=True, slots=True)
class Strategy:
    """One dated version; its treatments in order of preference."""

    code: str
    version: int
    valid_from: date
    valid_to: date | None
    name_en: str
    name_zh: str
    treatments: tuple[Treatment, ...]
    catalogue: Catalogue = field(compare=False, repr=False)
    segments: tuple[Segment, ...] = ()
    arms: tuple[Arm, ...] = ()
    strata: tuple[StratumFact, ...] = ()

    @property
    def label(self) -> str:
        return f"{self.code}:{self.version}"

    def arm(self, draw: int) -> Arm | None:
        """The arm of a debtor's draw; None where the strategy has no arms."""
        return arm_of(self.arms, draw) if self.arms else None

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Proposal:
    treatment: Treatment
    priority: int


def history_fact(treatment_code: str) -> str:
    """The fact that says how many days ago the treatment was last carried out; unknown: never."""
    return f"days_since_{treatment_code}"


def catalogue_of(treatment_codes: tuple[str, ...]) -> Catalogue:
    """The facts that a strategy of these treatments may read."""
    return CATALOGUE.extended(
        Fact(
            history_fact(code),
            FactType.INTEGER,
            f"since {code} was last carried out; unknown when never",
            f"距上次执行 {code} 的天数；从未执行时未知",
            unit="days",
            can_be_unknown=True,
            least=0,
            most=HISTORY_DAYS_MOST,
            name_en=f"days since {code} was last done",
            name_zh=f"距上次执行 {code} 的天数",
        )
        for code in treatment_codes
    )


def facts_read(strategy: Strategy) -> frozenset[str]:
    """The facts that proposing by it reads: no others need to be loaded."""
    conditions = [each.when for each in strategy.treatments]
    conditions += [each.too_soon for each in strategy.treatments]
    named = {name for condition in conditions for name in condition.facts}
    return frozenset({"dpd", "overdue_balance", *named} & CATALOGUE.keys())


def guarded(
    when: str,
    channel: Channel | None,
    catalogue: Catalogue,
    more: Sequence[str] = (),
    *,
    required: bool = False,
) -> Condition:
    """The condition of a treatment and, whoever wrote it, what else must hold for it.

    A hold on treatment does not stop `required` desk work: a dispute that stops collection waits
    for its answer, and nobody is contacted by it.
    """
    holds = ["dealing_hold"]
    holds += [] if required and channel is None else ["treatment_hold"]
    holds += ["contact_hold"] if channel else []
    parts = [f"({when})", *more, *(f"not {hold}" for hold in holds)]
    return compile_condition(" and ".join(parts), catalogue)


def within_segments(segments: Sequence[Segment], wanted: Collection[str]) -> str:
    """In words of a condition: the first segment that surely holds is one of the wanted."""
    ways, before = [], ""
    for segment in segments:
        if segment.code in wanted:
            ways.append(f"(({segment.when}){before})")
        before += f" and not surely({segment.when})"
    return f"({' or '.join(ways)})"


def within_arms(places: Mapping[str, tuple[int, int]], wanted: Collection[str]) -> str:
    """In words of a condition: the debtor's draw lies in one of the wanted arms."""
    ways = [
        f"{start} <= {ARM_DRAW} < {end}" for code, (start, end) in places.items() if code in wanted
    ]
    return f"({' or '.join(ways)})"


def too_soon(code: str, repeat_after_days: int, catalogue: Catalogue) -> Condition:
    return compile_condition(f"{history_fact(code)} < {repeat_after_days}", catalogue)


def proposals(strategy: Strategy, facts: Mapping[str, Any]) -> tuple[Proposal, ...]:
    """The treatments that make sense for one case now, in the strategy's order."""
    return tuple(
        Proposal(each, each.priority.of(facts["dpd"], facts["overdue_balance"]))
        for each in strategy.treatments
        if each.when.evaluate(facts).surely_true and not each.too_soon.evaluate(facts).surely_true
    )


def with_proposals(strategy: Strategy, frame: IntoFrameT) -> IntoFrameT:
    """The frame and, for each treatment, whether it is proposed and how urgent it would be."""
    given: nw.DataFrame[Any] | nw.LazyFrame[Any] = nw.from_native(frame)
    truths = {proposed_column(each): each.when for each in strategy.treatments}
    truths |= {_soon_column(each): each.too_soon for each in strategy.treatments}
    judged = truths_out(facts_in(given, truths.values()), truths)
    # In steps, each of which reads the columns of the one before: so an amount is divided once.
    steps = judged.with_columns(*_of_amounts()).with_columns(*_proposed(strategy))
    found = steps.drop([*map(_soon_column, strategy.treatments), _DAYS, _STEPS])
    result = found.collect() if isinstance(given, nw.DataFrame) else found
    return cast(IntoFrameT, result.to_native())


_DAYS: Final = "days__priority"
_STEPS: Final = "steps__priority"


def _of_amounts() -> tuple[nw.Expr, nw.Expr]:
    days, overdue = (nw.col(name).cast(nw.Int64) for name in ("dpd", "overdue_balance"))
    return days.alias(_DAYS), amount_steps(overdue).alias(_STEPS)


def _proposed(strategy: Strategy) -> Iterator[nw.Expr]:
    days, steps = nw.col(_DAYS), nw.col(_STEPS)
    for each in strategy.treatments:
        proposed, soon = proposed_column(each), _soon_column(each)
        yield (nw.col(proposed) & ~nw.col(soon)).alias(proposed)
        yield each.priority.of_steps(days, steps).alias(priority_column(each))


def proposed_column(treatment: Treatment) -> str:
    return f"proposed_{treatment.code}"


def priority_column(treatment: Treatment) -> str:
    return f"priority_{treatment.code}"


def _soon_column(treatment: Treatment) -> str:
    return f"too_soon_{treatment.code}"
