"""How accounts move between months late and what they pay: the figures of each synthetic market.

Public aggregates only; no row of any lender is in here. "Months late" is the number of full months
since the oldest unpaid due date, looked at on the account's own due day. A figure without a source
in a comment is a choice of ours, made so that the book looks alive, and is not tested.

Two warnings on the Taiwanese figures. First, from 3 and 4 months late they show more improvements
than payments, and from 2 many accounts that neither pay nor worsen. A file can only tell that by
moving the due date, so the synthetic creditor does (`re-age` in the glossary); that is how the
figures are met, not a claim on how lenders work. Second, five months and more are coded irregularly
there, so those rows follow the American trusts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["AMERICAN_CARDS", "TAIWANESE_CARDS", "Market"]

Row = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Market:
    """The monthly habits of one synthetic market.

    `moves[k][j]`: share of accounts k months late that are j months late a month later (rows sum to
    one). `pays[k]`: share that pays something in that month given the move, as (improving, staying,
    worsening); a cure always pays. Where an improving or staying account does not pay, its creditor
    moved the due date. `opening[k]`: weights of the book's first day by months late, beside
    `opening_just_missed` for accounts that have missed their last due date only.
    """

    name: str
    moves: tuple[Row, ...]
    pays: tuple[tuple[float, float, float], ...]
    opening: Row
    opening_just_missed: float
    misses_when_current: float
    monthly_interest_bp: Mapping[str, int]
    late_fee_bp: int

    @property
    def moves_cumulative(self) -> NDArray[np.float64]:
        return np.cumsum(np.array(self.moves), axis=1)


_MOST = 8
"""Months late are counted up to here; beyond, an account has been recalled or waits for it."""


def _row(late: int, cure: float, improve: tuple[float, ...], stay: float, worsen: float) -> Row:
    """One row: `improve` are the shares that move to 1, 2 … `late - 1` months late."""
    row = [0.0] * (_MOST + 1)
    row[0] = cure
    for better, share in enumerate(improve, start=1):
        row[better] = share
    row[late] += stay
    row[min(late + 1, _MOST)] += worsen
    assert abs(sum(row) - 1) < 1e-9, f"shares from {late} months late sum to {sum(row)}"
    return tuple(row)


# What becomes of an account that has just missed a due date: Citibank card trust 8-K 2009-12,
# under 35 to 35-64 days, .39-.48 (a net flow rate, so measured by balance).
_ROLL_OF_THE_JUST_MISSED = 0.43
_JUST_MISSED = _row(0, 1 - _ROLL_OF_THE_JUST_MISSED, (), 0.0, _ROLL_OF_THE_JUST_MISSED)

TAIWANESE_CARDS = Market(
    name="taiwanese_cards",
    moves=(
        _JUST_MISSED,
        _row(1, 0.21, (), 0.08, 0.71),
        # UCI Taiwan 2005, n = 16,297 / 1,108 / 377: cure, improve at all, worsen.
        _row(2, 0.253, (0.103,), 0.581, 0.063),
        _row(3, 0.159, (0.098, 0.327), 0.159, 0.257),
        _row(4, 0.042, (0.085, 0.225, 0.077), 0.282, 0.289),
        _row(5, 0.02, (), 0.06, 0.92),
        _row(6, 0.01, (), 0.05, 0.94),
        _row(7, 0.01, (), 0.04, 0.95),
        _row(8, 0.01, (), 0.99, 0.0),
    ),
    # Set so that 52, 22 and 24 % pay something at 2, 3 and 4, and about 7 % at 5 and more (same
    # source).
    pays=(
        (1.0, 1.0, 0.10),
        (1.0, 1.0, 0.20),
        (1.0, 0.234, 0.40),
        (0.10, 0.06, 0.04),
        (0.35, 0.13, 0.077),
        (1.0, 0.50, 0.02),
        (1.0, 0.60, 0.03),
        (1.0, 0.60, 0.03),
        (1.0, 0.05, 0.05),
    ),
    opening=(0.12, 0.17, 0.25, 0.07, 0.05, 0.03, 0.01),
    opening_just_missed=0.30,
    misses_when_current=0.30,
    monthly_interest_bp={"card": 150, "loan": 100, "business": 90},
    late_fee_bp=500,
)

AMERICAN_CARDS = Market(
    name="american_cards",
    moves=(
        _JUST_MISSED,
        # Bank of America card trust, year-ends 2014-19, by balance: 30-59 to 60-89 .69-.75,
        # 60-89 to 90-119 .81-.94, then .84-.90 and .95-1.07 (with interest, hence above one).
        _row(1, 0.21, (), 0.08, 0.71),
        _row(2, 0.05, (0.03,), 0.06, 0.86),
        _row(3, 0.03, (0.02, 0.03), 0.06, 0.86),
        _row(4, 0.01, (0.0, 0.005, 0.005), 0.01, 0.97),
        _row(5, 0.01, (), 0.02, 0.97),
        _row(6, 0.01, (), 0.02, 0.97),
        _row(7, 0.01, (), 0.04, 0.95),
        _row(8, 0.01, (), 0.99, 0.0),
    ),
    pays=(
        (1.0, 1.0, 0.10),
        (1.0, 1.0, 0.15),
        (1.0, 1.0, 0.15),
        (1.0, 1.0, 0.10),
        (1.0, 1.0, 0.06),
        (1.0, 1.0, 0.05),
        (1.0, 1.0, 0.05),
        (1.0, 1.0, 0.05),
        (1.0, 0.05, 0.05),
    ),
    opening=(0.12, 0.16, 0.13, 0.11, 0.09, 0.06, 0.03),
    opening_just_missed=0.30,
    misses_when_current=0.30,
    monthly_interest_bp={"card": 180, "loan": 120, "business": 100},
    late_fee_bp=600,
)
