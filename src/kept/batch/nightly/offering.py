"""What the cases of a range could get on a day, out of the tables. It only reads.

The night writes it down and prices it (`proposing`, `pricing`); a strategy that is tried is asked
the same (`batch/trying.py`). What is made of the facts is `batch/deciding/offering.py`.
"""

from __future__ import annotations

import polars as pl

from kept.batch.deciding.offering import Offered, facts_wanted, offers_of
from kept.batch.nightly.permitting import judged
from kept.core.strategies import Strategy
from kept.core.values import Rates
from kept.store.facts import CasesAsked, load_facts
from kept.store.night_offers import people_of_cases
from kept.store.nights import Night

__all__ = ["facts_of", "offered"]


def offered(
    night: Night,
    strategy: Strategy,
    cases: CasesAsked,
    minute: int,
    rates: Rates,
    done: pl.DataFrame | None = None,
) -> Offered:
    """`minute` is the first at which a contact is asked about. `done` is what a replay did itself:
    `case_id` and, by treatment, `days_since_<treatment>`."""
    facts = facts_of(night, strategy, cases)
    facts = facts if done is None else _with_done(facts, done)
    people = people_of_cases(cases)
    return offers_of(
        strategy, facts, people, lambda ways: judged(night, cases, ways, minute), rates
    )


def facts_of(night: Night, strategy: Strategy, cases: CasesAsked) -> pl.DataFrame:
    """The facts of a range of cases that a night by the strategy needs."""
    return load_facts(
        cases,
        as_of=night.on,
        known_at=night.now,
        treatments=[treatment.code for treatment in strategy.treatments],
        strategy=strategy.code,
        only=facts_wanted(strategy),
    )


def _with_done(facts: pl.DataFrame, done: pl.DataFrame) -> pl.DataFrame:
    """History with what the replay has done since, where that is newer."""
    names = [name for name in done.columns if name != "case_id"]
    joined = facts.join(done, on="case_id", how="left", suffix="_here")
    return joined.with_columns(
        pl.min_horizontal(name, f"{name}_here").alias(name) for name in names
    ).drop(f"{name}_here" for name in names)
