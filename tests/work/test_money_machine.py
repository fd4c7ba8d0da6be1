"""Payments, charges, reversals and back-dating in any order, while interest accrues.

Beside the real use cases and the real database runs a bookkeeper who knows no ledger: a list of
what was done, and interest counted day by day. After each step both say the same of every day, as
known now and as known at every earlier moment, and what was shown once is shown again.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import count
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from kept.core.actors import Actor, Role
from kept.core.ledger import EntryKind
from kept.store.invariants import check_invariants
from kept.store.ledger import AccountPosition
from kept.store.models import Account, Entry
from kept.store.partitions import ensure_partitions
from kept.work.ledger import (
    Line,
    do_post_entry,
    do_reverse_entry,
    get_position,
    post_waived,
)
from kept.work.refusals import Refusal
from tests import factories as make
from tests.invariants import is_any_broken

OPENED = date(2026, 1, 1)
LENT = 1_000_003
#: 18.25 % a year is 5 parts of 10,000 a day.
TERMS = {
    "day_count": "ACT/365F",
    "interest": {"rates": {"yearly": "18.25%"}, "base": ["principal"]},
}
A_DAY = Fraction(5, 10_000)
COMPONENTS = ("principal", "interest", "fee")
SIGNS = {EntryKind.CHARGE: 1, EntryKind.PAYMENT: -1}

amounts = st.integers(1, 400_000)
components = st.sampled_from(COMPONENTS)
back = st.integers(0, 40)


@dataclass
class Done:
    """What the bookkeeper writes down of one entry: by how much it changes what is owed."""

    entry_id: int
    component: str
    change: int
    effective_on: date
    recorded_at: datetime
    kind: EntryKind
    reversed: bool = False


@dataclass
class Bookkeeper:
    """Sums what was done; of interest he knows a day's rate and nothing else."""

    done: list[Done] = field(default_factory=list)

    def owed(self, component: str, day: date, known_at: datetime) -> int:
        return sum(
            each.change
            for each in self.done
            if each.component == component
            and each.effective_on <= day
            and each.recorded_at <= known_at
        )

    def interest(self, day: date, known_at: datetime) -> int:
        """Rounded once, a half up."""
        exact, each = Fraction(0), OPENED
        while each < day:
            exact += max(self.owed("principal", each, known_at), 0) * A_DAY
            each += timedelta(days=1)
        return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)

    def figures(self, day: date, known_at: datetime) -> tuple[int, ...]:
        principal, interest, fee = (self.owed(name, day, known_at) for name in COMPONENTS)
        interest += self.interest(day, known_at)
        return principal + interest + fee, principal, interest, fee


def figures_of(found: AccountPosition) -> tuple[int, ...]:
    return found.balance_minor, found.principal_minor, found.interest_minor, found.fee_minor


class Money(RuleBasedStateMachine):
    """One account whose interest kept reckons; a step is a minute, days pass between."""

    account: Account
    cashier: Actor

    def __init__(self) -> None:
        super().__init__()
        self.numbers = count(1)
        self.book = Bookkeeper()
        self.today = OPENED + timedelta(days=45)
        self.now = make.NOW
        self.shown: dict[tuple[date, datetime], tuple[int, ...]] = {}

    @initialize()
    def begin(self) -> None:
        make.make_free("manual_payment", "reversal", "manual_charge")
        creditor = make.make_creditor()
        product = make.make_product(creditor)
        make.make_terms(product, balance_authority="kept", interest=TERMS)
        self.account = make.make_account(product, make.make_debtor(creditor), opened_on=OPENED)
        self.cashier = make.make_actor(
            1, "cashier", frozenset({Role.CASHIER}), frozenset({creditor.pk})
        )
        before = self.now - timedelta(days=60)
        entry = make.make_entry(
            self.account,
            {"principal": LENT},
            due_on=OPENED + timedelta(days=30),
            effective_on=OPENED,
            recorded_at=before,
        )
        self.book.done.append(
            Done(entry.pk, "principal", LENT, OPENED, before, EntryKind.OPENING, reversed=True)
        )

    # --- what is done -----------------------------------------------------------------------------

    @rule(kind=st.sampled_from(list(SIGNS)), component=components, amount=amounts, days_back=back)
    def post(self, kind: EntryKind, component: str, amount: int, days_back: int) -> None:
        """Of today, or of a day long past that is told only now."""
        self.now += timedelta(minutes=1)
        on = max(self.today - timedelta(days=days_back), OPENED)
        due_on = on if kind is EntryKind.CHARGE else None
        given: dict[str, Any] = {
            "kind": kind,
            "lines": [Line(component, amount, due_on)],
            "effective_on": on,
            "reference": f"R{next(self.numbers)}",
        }
        try:
            entry_id = self._post(given)
        except Refusal:
            # Only what is more than is owed is refused, and then nothing has changed.
            assert kind is not EntryKind.CHARGE
            return
        self.book.done.append(Done(entry_id, component, SIGNS[kind] * amount, on, self.now, kind))
        if kind is EntryKind.PAYMENT:
            with pytest.raises(Refusal):
                self._post(given)

    def _post(self, given: dict[str, Any]) -> int:
        given = {**given, "now": self.now}
        with transaction.atomic():
            if given["kind"] is EntryKind.WAIVER:  # what an approved waiver posts
                given.pop("kind")
                return post_waived(self.cashier, self.account, waiver_id=0, **given)
            return do_post_entry(actor=self.cashier, account_id=self.account.pk, **given)

    @precondition(lambda self: any(not each.reversed for each in self.book.done))
    @rule(which=st.integers(0, 1_000), later=back)
    def take_back(self, which: int, later: int) -> None:
        """A chargeback days or weeks after, once."""
        self.now += timedelta(minutes=1)
        standing = [each for each in self.book.done if not each.reversed]
        chosen = standing[which % len(standing)]
        on = min(chosen.effective_on + timedelta(days=later), self.today)
        try:
            entry_id = self._reverse(chosen.entry_id, on)
        except Refusal:
            # What was paid of a charge must be taken back before the charge itself.
            assert chosen.kind is EntryKind.CHARGE
            assert self.book.owed(chosen.component, date.max, self.now) < chosen.change
            return
        chosen.reversed = True
        self.book.done.append(
            Done(
                entry_id,
                chosen.component,
                -chosen.change,
                on,
                self.now,
                EntryKind.REVERSAL,
                reversed=True,
            )
        )
        with pytest.raises(Refusal):
            self._reverse(chosen.entry_id, on)

    def _reverse(self, entry_id: int, on: date) -> int:
        with transaction.atomic():
            return do_reverse_entry(
                actor=self.cashier,
                entry_id=entry_id,
                effective_on=on,
                reason="returned",
                now=self.now,
            )

    @rule(days=st.integers(1, 6))
    def days_pass(self, days: int) -> None:
        self.today += timedelta(days=days)
        self.now += timedelta(days=days)

    # --- what holds -------------------------------------------------------------------------------

    @rule(days_back=st.integers(0, 90))
    def look_back(self, days_back: int) -> None:
        self._show(max(self.today - timedelta(days=days_back), OPENED))

    @invariant()
    def both_say_the_same_of_today(self) -> None:
        if self.book.done:
            self._show(self.today)

    def _show(self, day: date) -> None:
        found = self._read(day, self.now)
        assert found == self.book.figures(day, self.now)
        self.shown[day, self.now] = found

    @invariant()
    def what_was_shown_once_is_shown_again(self) -> None:
        for (day, known_at), figures in list(self.shown.items())[-6:]:
            assert self._read(day, known_at) == figures

    @invariant()
    def each_entry_stands_once(self) -> None:
        if self.book.done:
            entries = Entry.objects.filter(account=self.account).exclude(kind="accrual")
            assert set(entries.values_list("pk", flat=True)) == {
                each.entry_id for each in self.book.done
            }

    def _read(self, day: date, known_at: datetime) -> tuple[int, ...]:
        found = get_position(
            actor=self.cashier, account_id=self.account.pk, as_of=day, known_at=known_at
        )
        assert found is not None
        return figures_of(found)


class UndoneAfterwards(Money):
    """Each example in a transaction of its own, which is undone."""

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()

    def teardown(self) -> None:
        broken = check_invariants() if is_any_broken() else []
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)
        assert not broken, broken


def make_room() -> None:
    """Months for the events of fifty steps of six days."""
    ensure_partitions(make.TODAY - timedelta(days=70), make.TODAY + timedelta(days=320))


def run(examples: int, steps: int) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        UndoneAfterwards,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.django_db
def test_the_ledger_agrees_with_the_bookkeeper() -> None:
    make_room()
    run(examples=12, steps=14)


@pytest.mark.study
@pytest.mark.django_db
def test_the_ledger_agrees_with_the_bookkeeper_a_million_steps_long() -> None:
    """`KEPT_STUDY_STEPS` says how many, where there is less time."""
    make_room()
    steps = int(os.environ.get("KEPT_STUDY_STEPS", "1000000"))
    run(examples=max(1, steps // 50), steps=50)
