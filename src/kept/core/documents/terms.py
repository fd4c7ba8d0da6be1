"""What papers set down: amounts by component, entries of a ledger, agreed instalments, settlements.

Plain values, filled by whoever agreed them. Amounts are integer minor units of one currency.
`agreement_faults` and `settlement_faults` say what is wrong with terms before anything is printed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise

from kept.core.said import Said

__all__ = [
    "AccountAmounts",
    "AgreementTerms",
    "Instalment",
    "ReceiptTerms",
    "SettlementTerms",
    "StatementLine",
    "TermsFault",
    "agreement_faults",
    "months_between",
    "settlement_faults",
    "statement_lines",
]

#: The longest plan that the law of a card in China allows (信用卡业务监督管理办法 第70条).
MONTHS_MOST = 60


class TermsFault(StrEnum):
    NO_INSTALMENTS = "A plan has at least one instalment."
    NOT_POSITIVE = "Instalment {number}: the amount is above zero."
    NOT_IN_ORDER = "Instalment {number}: due on {day}, not after the one before it."
    NO_SUM = "The instalments come to {found}, not to {total} as agreed."
    PARTS = "Instalment {number}: its parts do not come to its amount."
    TOO_LONG = "The plan runs {found} months; {most} at most."
    NOT_LESS = "A settlement is more than nothing and less than what is owed."
    NO_DAY = "A settlement names the last day on which it is paid."
    NOT_PAID = "The settlement is not paid: there is nothing to confirm."
    PAID_LATE = "The settlement was paid on {day}, after its last day {last}."


@dataclass(frozen=True, slots=True)
class AccountAmounts:
    """What one account owes as of a day, by component in the order of its product; in it what
    accrued since the last charge."""

    account_number: str
    product_name: str
    currency: str
    components: tuple[tuple[str, int], ...]
    balance_minor: int
    overdue_minor: int
    oldest_due_on: date | None
    dpd: int
    accrued_minor: int = 0


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One entry of a ledger. `owed_minor` is by how much it changes the debt, of either sign;
    `balance_minor` what is owed after it."""

    effective_on: date
    kind: str
    reference: str
    owed_minor: int
    balance_minor: int


def statement_lines(
    entries: Sequence[tuple[date, str, str, int]], first: date
) -> tuple[int, tuple[StatementLine, ...]]:
    """The balance before a day, and the lines from it on, of entries (day, kind, reference, owed).

    The entries are in the order in which they took effect. One that changes nothing that is owed
    (a due date that moved) is no line.
    """
    before, balance = 0, 0
    lines: list[StatementLine] = []
    for effective_on, kind, reference, owed in entries:
        balance += owed
        if effective_on < first:
            before = balance
        elif owed:
            lines.append(StatementLine(effective_on, kind, reference, owed, balance))
    return before, tuple(lines)


@dataclass(frozen=True, slots=True)
class Instalment:
    """One due amount; principal, interest and fees where the plan tells them apart."""

    due_on: date
    amount_minor: int
    principal_minor: int | None = None
    interest_minor: int | None = None
    fee_minor: int | None = None


@dataclass(frozen=True, slots=True)
class AgreementTerms:
    """An agreed plan of instalments. `interest_rate` is as it is said (`4.35 %`); None: none runs.

    `tolerance_days` is how late an instalment may come without a breach; `waived_minor` what is
    let off when the plan is kept.
    """

    agreed_on: date
    currency: str
    owed_minor: int
    total_minor: int
    instalments: tuple[Instalment, ...]
    way_of_paying: str = ""
    interest_rate: str | None = None
    fee_minor: int = 0
    waived_minor: int = 0
    tolerance_days: int = 0


@dataclass(frozen=True, slots=True)
class SettlementTerms:
    """A lower sum that closes the debt, in `parts` (due on, amount) where there are several.

    `answer_by` is the day until which the offer stands. `paid_on` once the ledger says that it came
    in full; `approval_id` is the approval behind it.
    """

    offered_on: date
    currency: str
    owed_minor: int
    settles_minor: int
    pay_by: date | None
    paid_on: date | None = None
    approval_id: int | None = None
    answer_by: date | None = None
    parts: tuple[tuple[date, int], ...] = ()

    @property
    def waived_minor(self) -> int:
        return self.owed_minor - self.settles_minor


@dataclass(frozen=True, slots=True)
class ReceiptTerms:
    """Money that came: from whom, how much of it went to the accounts of the paper.

    `is_other`: the payer is not the debtor, and learns nothing of what is still owed; `is_free`:
    nor do they owe the debt with them.
    """

    payment_id: int
    payer: str
    is_other: bool
    amount_minor: int
    currency: str
    received_on: date
    way: str
    reference: str
    is_free: bool = False


def agreement_faults(terms: AgreementTerms, *, months_most: int | None = None) -> tuple[Said, ...]:
    """What is wrong with a plan; `months_most` where a law bounds it."""
    return tuple(_agreement_faults(terms, months_most))


def _agreement_faults(terms: AgreementTerms, months_most: int | None) -> Iterator[Said]:
    rows = terms.instalments
    if not rows:
        yield Said(TermsFault.NO_INSTALMENTS)
        return
    for number, row in enumerate(rows, 1):
        if row.amount_minor <= 0:
            yield Said(TermsFault.NOT_POSITIVE, number=number)
        parts = [row.principal_minor, row.interest_minor, row.fee_minor]
        known = [each for each in parts if each is not None]
        if known and sum(known) != row.amount_minor:
            yield Said(TermsFault.PARTS, number=number)
    for number, (before, after) in enumerate(pairwise(rows), 2):
        if after.due_on <= before.due_on:
            yield Said(TermsFault.NOT_IN_ORDER, number=number, day=after.due_on.isoformat())
    found = sum(row.amount_minor for row in rows)
    if found != terms.total_minor:
        yield Said(TermsFault.NO_SUM, found=found, total=terms.total_minor)
    months = months_between(terms.agreed_on, rows[-1].due_on)
    if months_most is not None and months > months_most:
        yield Said(TermsFault.TOO_LONG, found=months, most=months_most)


def months_between(first: date, last: date) -> int:
    """Whole and begun months from a day to another one; 0 on the same day."""
    months = (last.year - first.year) * 12 + last.month - first.month
    return months + 1 if last.day > first.day else months


def settlement_faults(terms: SettlementTerms, *, is_confirmed: bool = False) -> tuple[Said, ...]:
    """What is wrong with a settlement; `is_confirmed`: it is said that it was paid."""
    found: list[Said] = []
    if not 0 < terms.settles_minor < terms.owed_minor:
        found.append(Said(TermsFault.NOT_LESS))
    if terms.pay_by is None:
        found.append(Said(TermsFault.NO_DAY))
    if not is_confirmed:
        return tuple(found)
    if terms.paid_on is None:
        found.append(Said(TermsFault.NOT_PAID))
    elif terms.pay_by is not None and terms.paid_on > terms.pay_by:
        days: Mapping[str, object] = {
            "day": terms.paid_on.isoformat(),
            "last": terms.pay_by.isoformat(),
        }
        found.append(Said(TermsFault.PAID_LATE, **days))
    return tuple(found)
