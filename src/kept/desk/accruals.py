"""What accrued on an account, as its page shows it: sums, and the trace that adds up to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from kept.core.actors import Actor
from kept.core.lending.accrual import Accrual, Segment
from kept.core.lending.applying import Cut
from kept.work.accruals import get_accrual

__all__ = ["AccrualShown", "accrual_shown"]

# Days of compounding make a row each: a page shows the last of them, the command shows all.
_ROWS_MOST = 200


@dataclass(frozen=True, slots=True)
class RowShown:
    """`base_minor` and `amount_minor` are rounded; `parts` are ten-thousandths of a minor unit."""

    segment: Segment
    base_minor: int
    amount_minor: int
    parts: str


@dataclass(frozen=True, slots=True)
class AccrualShown:
    sums: tuple[tuple[str, int, int, int], ...]
    rows: tuple[RowShown, ...]
    left_out: int
    cuts: tuple[Cut, ...]


def accrual_shown(actor: Actor, account_id: int, on: date) -> AccrualShown | None:
    """None where the creditor's file rules the figures."""
    found = get_accrual(actor=actor, account_id=account_id, as_of=on)
    if found is None:
        return None
    rows = found.trace[-_ROWS_MOST:]
    return AccrualShown(
        _sums(found), tuple(map(_row, rows)), len(found.trace) - len(rows), found.cuts
    )


def _sums(found: Accrual) -> tuple[tuple[str, int, int, int], ...]:
    accrued = found.accrued
    return tuple(
        (each.value, found.totals[each], found.charged[each], accrued[each])
        for each in accrued
        if found.totals[each] or found.charged[each]
    )


def _row(segment: Segment) -> RowShown:
    whole, rest = divmod(round(segment.amount * 10_000), 10_000)
    base = segment.base + Fraction(1, 2)
    parts = f"{rest:04}" if rest else ""
    return RowShown(segment, base.numerator // base.denominator, int(whole), parts)
