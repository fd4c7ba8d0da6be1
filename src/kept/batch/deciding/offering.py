"""What cases could get: facts, proposals, law and values, from frames to a frame of offers.

The night writes the offers down and prices them; a strategy that is tried is asked the same.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from kept.batch.deciding.permitting import Permitted, permitted, ways_of
from kept.core.arms import ARM_DRAW
from kept.core.deciding import REQUIRED_FIRST, value_column, with_values
from kept.core.facts import CURRENCY_COLUMN
from kept.core.money import Money
from kept.core.strategies import (
    Strategy,
    Treatment,
    facts_read,
    priority_column,
    proposed_column,
    with_proposals,
)
from kept.core.values import Rates
from kept.packs.values import load_priors
from kept.store.offer_columns import CASE_COLUMNS, lawful_name, value_name

__all__ = ["Offered", "channels_of", "facts_wanted", "offers_of"]

#: Facts that the night carries or sums up, whatever its strategy reads.
_TOLD: Final = frozenset(CASE_COLUMNS) | {"contact_hold", "treatment_hold", "dealing_hold"}


@dataclass(frozen=True, slots=True)
class Offered:
    """`facts` of all cases; `law`, what became of the proposals; `offers`, the cases that could get
    something, with the columns of `store/night_offers.py`; `with_proposal` counts the cases for
    which anything was proposed, lawful or not."""

    facts: pl.DataFrame
    law: Permitted
    offers: pl.DataFrame
    with_proposal: int

    @property
    def with_option(self) -> int:
        """Cases with a lawful proposal, whatever it is worth."""
        return _with_any(self.law.proposed)

    def without_rate(self, rates: Rates) -> Mapping[str, int]:
        """Cases by currency whose money cannot be compared."""
        unknown = self.facts.filter(~pl.col(CURRENCY_COLUMN).is_in(list(rates)))
        return dict(sorted(unknown[CURRENCY_COLUMN].value_counts().iter_rows()))


def channels_of(strategy: Strategy) -> list[str]:
    """The channels that a strategy uses, in the order of their columns."""
    return sorted({each.channel_code for each in strategy.treatments if each.channel})


def facts_wanted(strategy: Strategy) -> frozenset[str]:
    """The facts that a night by the strategy needs beside the history of treatments."""
    return facts_read(strategy) | _TOLD


def offers_of(
    strategy: Strategy,
    facts: pl.DataFrame,
    people: pl.DataFrame,
    judge: Callable[[pl.DataFrame], pl.DataFrame],
    rates: Rates,
) -> Offered:
    """Propose, permit and value. `judge` answers ways with verdicts, as `permitting.permitted`
    takes them; `people` has `case_id` and `person_id`."""
    proposed: pl.DataFrame = with_proposals(strategy, facts)
    ways = ways_of(strategy, proposed)
    law = permitted(strategy, proposed, ways, judge(ways))
    known = {code: rates[code] for code in _currencies(facts) if code in rates}
    valued = with_values(strategy, load_priors(), _with_costs(strategy, known, rates), law.proposed)
    offers = _offers(strategy, valued, law.lawful, people)
    return Offered(facts, law, offers, _with_any(proposed))


def _with_any(proposed: pl.DataFrame) -> int:
    found = proposed.select(pl.any_horizontal(pl.col("^proposed_.*$")).sum())
    return int(found.item() or 0)


def _currencies(facts: pl.DataFrame) -> Collection[str]:
    return sorted(facts[CURRENCY_COLUMN].unique().drop_nulls())


def _sums(treatment: Treatment) -> tuple[Money | None, ...]:
    return treatment.unit_cost, treatment.value, treatment.waiver


def _with_costs(strategy: Strategy, known: Rates, rates: Rates) -> Rates:
    """The rates that these cases and the strategy's own sums need: a rate more is work for each."""
    sums = [sum_ for each in strategy.treatments for sum_ in _sums(each)]
    codes = {each.currency.code for each in sums if each is not None}
    return {**known, **{code: rates[code] for code in sorted(codes) if code in rates}}


def _offers(
    strategy: Strategy, valued: pl.DataFrame, lawful: pl.DataFrame, people: pl.DataFrame
) -> pl.DataFrame:
    required, urgency = _required(strategy)
    columns: dict[str, Any] = {"required": required, "required_priority": urgency}
    for position, each in enumerate(strategy.treatments):
        worth = pl.col(value_column(each))
        is_option = pl.col(proposed_column(each)) & (worth > 0)
        columns[value_name(position)] = (
            pl.lit(None, dtype=pl.Int64) if each.required else pl.when(is_option).then(worth)
        )
    frame = valued.with_columns(**columns).join(people, on="case_id", how="inner")
    for place, channel in enumerate(channels_of(strategy)):
        here = lawful.filter(pl.col("channel") == channel)
        minute = here.select("case_id", pl.col("lawful_minute").alias(lawful_name(place)))
        frame = frame.join(minute, on="case_id", how="left")
    values = [value_name(position) for position in range(len(strategy.treatments))]
    minutes = [lawful_name(place) for place in range(len(channels_of(strategy)))]
    some = pl.any_horizontal(pl.col(values).is_not_null()) | (pl.col("required") >= 0)
    assert ARM_DRAW in CASE_COLUMNS, "the draw is carried, so that the arm is told"
    return frame.filter(some).select(*CASE_COLUMNS, *values, *minutes)


def _required(strategy: Strategy) -> tuple[pl.Expr, pl.Expr]:
    """The first required treatment that is proposed, or -1, and how urgent it is."""
    position, urgency = pl.lit(-1, dtype=pl.Int64), pl.lit(0, dtype=pl.Int64)
    for place, each in reversed(list(enumerate(strategy.treatments))):
        if each.required:
            here = pl.col(proposed_column(each))
            first = REQUIRED_FIRST + pl.col(priority_column(each))
            position = pl.when(here).then(place).otherwise(position).cast(pl.Int64)
            urgency = pl.when(here).then(first).otherwise(urgency).cast(pl.Int64)
    return position, urgency
