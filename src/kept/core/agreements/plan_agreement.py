"""What an agreement on instalments says: the content that its document has to show, as values.

The law of card debts asks for debt, plan, dates and what a breach means (China, measures for the
credit card business of commercial banks, article 70). Names and addresses are the document's own:
they are personal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kept.core.lending.schedules import Instalment

__all__ = ["PlanAgreement"]


@dataclass(frozen=True, slots=True)
class PlanAgreement:
    """Amounts are minor units of `currency`. `account_numbers` are the creditor's own;
    `replaces` is the plan whose place this one took."""

    plan_id: int
    creditor_name: str
    account_numbers: tuple[str, ...]
    currency: str
    owed_minor: int
    instalments: Sequence[Instalment]
    rate_nano: int
    agreed_on: date
    offer_until: date
    tolerance_days: int
    tolerance_minor: int
    replaces: int | None = None

    @property
    def principal_minor(self) -> int:
        return sum(each.principal_minor for each in self.instalments)

    @property
    def interest_minor(self) -> int:
        return sum(each.interest_minor for each in self.instalments)

    @property
    def total_minor(self) -> int:
        return self.principal_minor + self.interest_minor

    @property
    def first_on(self) -> date:
        return self.instalments[0].due_on

    @property
    def last_on(self) -> date:
        return self.instalments[-1].due_on
