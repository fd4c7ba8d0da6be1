"""A case whose waivers are tested: one account, people of each role, and the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from kept.core.actors import Role, job
from kept.core.ledger import EntryKind
from kept.store.ledger import read_positions
from kept.store.models import Account, Approval, Case, Creditor, Entry, RoleGrant, User, Waiver
from kept.work.actors import actor_of
from kept.work.approvals import Settled, do_decide_approval
from kept.work.ledger import Line, do_post_entry
from kept.work.waiver_ends import do_judge_waivers
from tests import factories as make

NOW = make.NOW
TODAY = make.TODAY


@dataclass
class House:
    creditor: Creditor
    account: Account
    case: Case
    now: datetime = NOW

    def person(self, *roles: Role) -> User:
        user = User.objects.create(username=f"user{make.next_number()}")
        for role in roles:
            RoleGrant.objects.create(
                user=user, role=role, creditor=self.creditor, granted_at=NOW - timedelta(days=9)
            )
        return user

    def pay(self, amount: int, on: date, component: str = "principal") -> int:
        """A payment that the ledger gets, told by a job."""
        return do_post_entry(
            actor=job("test"),
            account_id=self.account.pk,
            kind=EntryKind.PAYMENT,
            lines=[Line(component, amount)],
            effective_on=on,
            reference=f"P{make.next_number()}",
            now=self.now,
        )

    def decide(self, waiver: Waiver, user: User, answer: bool = True) -> Settled:
        assert waiver.approval_id is not None
        return do_decide_approval(
            actor=actor_of(user, now=self.now),
            approval_id=waiver.approval_id,
            answer=answer,
            reason="" if answer else "too much",
            now=self.now,
        )

    def later(self, days: int) -> datetime:
        self.now = NOW + timedelta(days=days)
        return self.now

    def judge(self) -> int:
        return do_judge_waivers(actor=job("sweep"), now=self.now)

    def balance(self) -> int:
        return read_positions([self.account.pk], self.now.date())[self.account.pk].balance_minor

    def waived(self) -> int:
        return Entry.objects.filter(account=self.account, kind="waiver").count()

    def open_approvals(self) -> int:
        return Approval.objects.filter(state="open").count()


def make_house(dpd: int = 200) -> House:
    make.make_partitions()
    creditor = make.make_creditor()
    product = make.make_product(creditor)
    make.make_terms(product)
    debtor = make.make_debtor(creditor)
    account = make.make_account(product, debtor)
    amounts = {"principal": 1_000_00, "interest": 200_00, "fee": 100_00, "penalty": 50_00}
    first = TODAY - timedelta(days=dpd)
    make.make_entry(account, amounts, due_on=first, effective_on=first)
    case = make.make_case(debtor, account)
    return House(creditor, account, case)
