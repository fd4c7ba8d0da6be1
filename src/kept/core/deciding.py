"""From what a strategy proposes to the one treatment that each case gets tonight.

Here law and price join: what is not lawful is taken out of the proposals, and the price chooses
among what is left under tonight's capacities. Until they are there, the choice is the first
treatment in the strategy's order, nothing can leave the house, and everything decided here is a
task for a person.
"""

from __future__ import annotations

from typing import Any, Final

import narwhals as nw
from narwhals.typing import IntoFrameT

from kept.core.algebra import where
from kept.core.strategies import (
    Proposal,
    Strategy,
    priority_column,
    proposed_column,
)

__all__ = ["NOTHING", "decide", "with_decisions"]

#: In place of a treatment's position in its strategy: tonight the case gets none.
NOTHING: Final = -1


def decide(proposals: tuple[Proposal, ...]) -> Proposal | None:
    """The proposal that one case gets, or None."""
    return proposals[0] if proposals else None


def with_decisions(strategy: Strategy, frame: IntoFrameT) -> IntoFrameT:
    """The frame of `with_proposals` with `treatment` (position or `NOTHING`) and `priority`.

    The columns of each proposal are dropped.
    """
    given: Any = nw.from_native(frame)
    treatment: nw.Expr = nw.lit(NOTHING)
    priority: nw.Expr = nw.lit(0)
    for position, each in reversed(list(enumerate(strategy.treatments))):
        proposed = nw.col(proposed_column(each))
        treatment = where(proposed, nw.lit(position), treatment)
        priority = where(proposed, nw.col(priority_column(each)), priority)
    decided = given.with_columns(
        treatment.cast(nw.Int64).alias("treatment"), priority.cast(nw.Int64).alias("priority")
    )
    made = [
        column
        for each in strategy.treatments
        for column in (proposed_column(each), priority_column(each))
    ]
    return decided.drop(made).to_native()  # type: ignore[no-any-return]
