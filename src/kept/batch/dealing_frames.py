"""Piles out of frames, and what was dealt back into columns: the same for nights and for the day.

A frame has one row a case: `case_id`, `priority`, `minutes`, `skill`, `language`, `seat_id` (0 for
none), `treatment` (its code), `stage`, `balance_minor`, `overdue_minor`, `currency`, `value`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from kept.core.dealing import NO_SEAT, Pile, Seat, Why, deal, dealing_reason
from kept.core.dealing_policy import DealingPolicy, grade_of
from kept.core.fairness import fairness_of, fairness_rows

__all__ = ["Rules", "deal_frame", "fairness_of_frame"]


@dataclass(frozen=True, slots=True)
class Rules:
    """What dealing goes by beside the tasks and the seats.

    `before` has `case_id`, `stage`, `leaves` for cases with a seat; `conflicts` the seats that must
    keep off a case. `currency` is that in which the policy's amounts are.
    """

    creditor_id: int
    currency: str
    policy: DealingPolicy
    before: pl.DataFrame
    conflicts: Mapping[int, frozenset[int]]


def deal_frame(frame: pl.DataFrame, seats: Sequence[Seat], rules: Rules) -> pl.DataFrame:
    """The frame with `found` (a seat's id, 0 for none), `why` and `reason` (JSON text)."""
    pile = _pile(frame, rules)
    dealt = deal(pile, seats)
    with_why = frame.with_columns(pl.Series("found", dealt.seat_id), pl.Series("why", dealt.why))
    reason = pl.lit(None, dtype=pl.String)
    for why in Why:
        reason = pl.when(pl.col("why") == why.value).then(_reason(why)).otherwise(reason)
    return with_why.with_columns(reason=reason)


def fairness_of_frame(
    frame: pl.DataFrame, seats: Sequence[Seat], column: str
) -> list[dict[str, Any]]:
    """Fairness figures of the seats named in a column."""
    found = fairness_of(
        seats,
        frame[column].fill_null(NO_SEAT).to_numpy(),
        frame["overdue_minor"].to_numpy(),
        frame["value"].to_numpy(),
    )
    return fairness_rows(found)


def _reason(why: Why) -> pl.Expr:
    """`core.dealing.dealing_reason` as a column of JSON text."""
    code = why.name.lower()
    bare = pl.lit(f'{{"dealing":"{code}"}}')
    if "seat_before" not in dealing_reason(why, 1):
        return bare
    named = pl.format(f'{{{{"dealing":"{code}","seat_before":{{}}}}}}', pl.col("seat_id"))
    return pl.when(pl.col("seat_id") != NO_SEAT).then(named).otherwise(bare)


def _pile(frame: pl.DataFrame, rules: Rules) -> Pile:
    skills = tuple(frame["skill"].unique().sort())
    spoken = frame["language"].fill_null("")
    languages = tuple(each for each in spoken.unique().sort() if each)
    barred, barred_seats = _barred(frame, rules.conflicts)
    return Pile(
        task_id=frame["case_id"].to_numpy(),
        priority=frame["priority"].to_numpy(),
        minutes=frame["minutes"].to_numpy(),
        skill=_places(frame["skill"], skills),
        language=_places(spoken, languages),
        creditor_id=np.full(len(frame), rules.creditor_id, dtype=np.int64),
        seat_id=frame["seat_id"].to_numpy(),
        skills=skills,
        languages=languages,
        grade=_grades(frame, rules),
        amount=frame["overdue_minor"].to_numpy(),
        value=frame["value"].to_numpy(),
        leaves=_leaves(frame, rules),
        barred=barred,
        barred_seats=barred_seats,
    )


def _grades(frame: pl.DataFrame, rules: Rules) -> Any:
    names = ("currency", "balance_minor", "treatment")
    columns = {name: frame[name].to_numpy() for name in names}
    found = grade_of(rules.policy, rules.currency, **columns)
    return np.broadcast_to(found, len(frame)).astype(np.int64)


def _places(column: pl.Series, values: Sequence[str]) -> Any:
    """The position of each value; -1 for one that is not listed."""
    places = {value: place for place, value in enumerate(values)}
    if not places:
        return np.full(len(column), -1, dtype=np.int64)
    return column.replace_strict(places, default=-1, return_dtype=pl.Int64).to_numpy()


def _leaves(frame: pl.DataFrame, rules: Rules) -> Any:
    """0, or the `Why` for which the case is to leave its seat; a change of stage comes last."""
    before = rules.before.select("case_id", pl.col("stage").alias("stage_before"), "leaves")
    joined = frame.select("case_id", "stage").join(
        before, on="case_id", how="left", maintain_order="left"
    )
    enters = (
        pl.col("stage").is_in(list(rules.policy.stages))
        & pl.col("stage_before").is_not_null()
        & (pl.col("stage_before") != pl.col("stage"))
    )
    asked = pl.col("leaves").fill_null(0)
    found = pl.when((asked == 0) & enters).then(int(Why.MOVED_STAGE)).otherwise(asked)
    return joined.select(found.cast(pl.Int64)).to_series().to_numpy()


def _barred(
    frame: pl.DataFrame, conflicts: Mapping[int, frozenset[int]]
) -> tuple[Any, tuple[frozenset[int], ...]]:
    sets = sorted(set(conflicts.values()), key=sorted)
    places = {case_id: sets.index(seats) for case_id, seats in conflicts.items()}
    if not places:
        return np.full(len(frame), -1, dtype=np.int64), ()
    column = frame["case_id"].replace_strict(places, default=-1, return_dtype=pl.Int64)
    return column.to_numpy(), tuple(sets)
