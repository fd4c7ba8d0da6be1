"""Payments by program, by file and in suspense, taken back weeks later, mixed in any order with
promises, plans, waivers and settlements; beside them judges somebody who knows no SQL.

After each step: what an account owes is what was lent less what stands of money and waivers, what
came in is with accounts or in suspense, promises come to the same as told plainly and as shown on
every earlier day, and plans and settlements to what their schedules say.
"""

from __future__ import annotations

import io
import os
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum
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

from kept.batch.intake.control import Control
from kept.batch.intake.receiving import FileToReceive, receive_and_run
from kept.core.actors import Actor, Role, job
from kept.core.agreements.waiver_policy import WaiverKind
from kept.core.agreements.waivers import WaiverState
from kept.store.invariants import check_invariants
from kept.store.ledger import read_positions
from kept.store.models import (
    Account,
    CaseAccount,
    Entry,
    Payment,
    PaymentAllocation,
    Plan,
    Promise,
    PromiseAccount,
    PromisePolicy,
    User,
    Waiver,
    WaiverBudget,
)
from kept.store.partitions import ensure_partitions
from kept.work.actors import actor_of
from kept.work.households import do_record_household
from kept.work.payment_moves import Share, do_assign_payment, do_reverse_payment
from kept.work.payments import PaymentGiven, do_take_payment
from kept.work.plan_ends import do_judge_plans
from kept.work.plan_terms import PlanAsked
from kept.work.plans import do_accept_plan, do_end_plan, do_offer_plan, instalments_of
from kept.work.promise_ends import do_judge_promises
from kept.work.promise_lists import get_promise_outcomes
from kept.work.promises import Asked, do_cancel_promise, do_replace_promise, do_take_promise
from kept.work.refusals import NotAllowed, Refusal
from kept.work.waiver_budgets import list_waiver_budgets
from kept.work.waiver_ends import do_judge_waivers
from kept.work.waivers import (
    WaiverAsked,
    do_accept_waiver,
    do_request_waiver,
    do_withdraw_waiver,
)
from tests import factories as make
from tests.batch.intake.test_payments_loaded import MAP, csv_of, row
from tests.invariants import is_any_broken
from tests.work.agreed_plainly import Money, Said, condition_state, plan_state, promise_states
from tests.work.waiver_case import House, make_house

JOB = job("test")
SYSTEM = job("sweep")
FREE = ("payment_reversal", "payment_withdrawal")
GRACE, LACK_PPM = 1, 50_000
#: What may be waived a month: less than some ask for.
BUDGET = 400_00
OPEN_WAIVERS = ("requested", "offered", "accepted")
END = make.TODAY + timedelta(days=700)

amounts = st.sampled_from([1, 5_00, 20_00, 70_00, 150_00, 400_00, 1_000_00]) | st.integers(
    1, 900_00
)
which = st.integers(0, 1_000)
#: Of what was asked for, in hundredths: all, a little less than all, half, too much.
shares = st.sampled_from([1, 3, 7, 10, 30, 60, 101])
small = st.sampled_from([1, 20_00, 40_00, 50_00, 60_00]) | st.integers(1, 80_00)
answers = st.sampled_from(["", "no", "yes", "accepted", "accepted", "accepted"])


class Agreements(RuleBasedStateMachine):
    """One case with two accounts; a step is a minute, days pass between."""

    house: House
    accounts: list[Account]
    cashier: Actor
    people: list[User]

    def __init__(self) -> None:
        super().__init__()
        self.numbers = count(1)
        self.now = make.NOW
        self.money: list[Money] = []
        self.lent: dict[int, int] = {}
        self.plans: dict[int, str] = {}
        self.waivers: dict[int, str] = {}
        self.shown: dict[tuple[date, datetime], dict[int, tuple[str, int]]] = {}

    @initialize()
    def begin(self) -> None:
        make.make_free(*FREE)
        self.house = make_house()
        creditor, first = self.house.creditor, self.house.account
        second = make.make_account(first.product, first.debtor)
        make.make_entry(second, {"principal": 300_00, "fee": 40_00}, due_on=date(2026, 5, 1))
        CaseAccount.objects.create(case=self.house.case, account=second, entered_on=make.TODAY)
        self.accounts = [first, second]
        self.lent = {first.pk: 1_350_00, second.pk: 340_00}
        values = {
            "days_ahead_most": 40,
            "least_share_ppm": 0,
            "open_most": 9,
            "broken_most": 99,
            "tolerance_ppm": LACK_PPM,
            "grace_days": GRACE,
        }
        PromisePolicy.objects.create(creditor=creditor, valid_from=date(2026, 1, 1), values=values)
        for month in range(1, 13):
            for year in (2026, 2027, 2028):
                WaiverBudget.objects.create(
                    creditor=creditor,
                    month=date(year, month, 1),
                    currency="CNY",
                    amount_minor=BUDGET,
                )
        roles = frozenset({Role.CASHIER, Role.MANAGER})
        self.cashier = make.make_actor(1, "cashier", roles, frozenset({creditor.pk}))
        every = (Role.MANAGER, Role.TEAM_LEAD, Role.APPROVER, Role.COMPLIANCE_OFFICER)
        self.people = [self.house.person(*every) for _ in range(3)]
        do_record_household(
            actor=JOB,
            debtor_id=self.house.case.debtor_id,
            income_minor=9_000_00,
            dependants=0,
            currency="CNY",
            now=self.now,
        )

    @property
    def today(self) -> date:
        return (self.now + timedelta(hours=8)).date()

    def tick(self) -> None:
        self.now += timedelta(minutes=1)

    # --- money ------------------------------------------------------------------------------------

    @rule(account=which, amount=amounts, days_back=st.integers(0, 12), told=st.booleans())
    def pay(self, account: int, amount: int, days_back: int, told: bool) -> None:
        """For an account, or for nobody knows which: that waits. Told twice it is taken once."""
        self.tick()
        chosen = self.accounts[account % 2]
        given = PaymentGiven(
            self.house.creditor.pk,
            f"P{next(self.numbers)}",
            amount,
            "CNY",
            self.today - timedelta(days=days_back),
            accounts=(chosen.external_id,) if told else (),
        )
        taken = do_take_payment(actor=JOB, given=given, now=self.now)
        assert taken.is_new
        assert taken.allocated_minor <= (amount if told else 0)
        again = do_take_payment(actor=JOB, given=given, now=self.now)
        assert (again.is_new, again.payment_id) == (False, taken.payment_id)
        self._note_money()

    @rule(rows=st.lists(st.tuples(which, amounts), min_size=1, max_size=4))
    def take_file(self, rows: list[tuple[int, int]]) -> None:
        """A bank's file; the same bytes again, and the same rows under another name, do nothing."""
        self.tick()
        content = csv_of(
            row(
                next(self.numbers),
                id=f"F{next(self.numbers)}",
                amount=f"{amount // 100}.{amount % 100:02}",
                day=self.today.isoformat(),
                account=self.accounts[account % 2].external_id,
            )
            for account, amount in rows
        )
        self._hand_in(content)
        self._note_money()
        known = self._counts()
        self._hand_in(content)
        self._hand_in(content + b"\n")
        assert self._counts() == known

    def _hand_in(self, content: bytes) -> None:
        file = FileToReceive(
            creditor_code=self.house.creditor.code,
            name="bank.csv",
            content=io.BytesIO(content),
            map_name="payments.yaml",
            map_text=MAP,
            given=Control(),
            dry_run=False,
            rows_per_chunk=2,
        )
        receive_and_run(actor=JOB, file=file, now=self.now)

    def _counts(self) -> tuple[int, int, int]:
        return Payment.objects.count(), PaymentAllocation.objects.count(), Entry.objects.count()

    @precondition(lambda self: Payment.objects.filter(state="suspense").exists())
    @rule(chosen=which, account=which)
    def work_suspense(self, chosen: int, account: int) -> None:
        self.tick()
        waiting = list(Payment.objects.filter(state="suspense").order_by("pk"))
        payment = waiting[chosen % len(waiting)]
        to = self.accounts[account % 2]
        owed = read_positions([to.pk], payment.received_on)[to.pk].balance_minor
        share = Share(to.pk, max(1, min(payment.unallocated_minor, owed)))
        given: dict[str, Any] = {"payment_id": payment.pk, "shares": [share]}
        before = self._counts()
        try:
            with transaction.atomic():
                do_assign_payment(
                    actor=self.cashier, reason="asked the payer", now=self.now, **given
                )
        except Refusal:
            assert self._counts() == before
        self._note_money()

    @precondition(lambda self: self.money)
    @rule(chosen=which, later=st.integers(0, 30))
    def take_back(self, chosen: int, later: int) -> None:
        """The bank took it back; once."""
        self.tick()
        rows = list(Payment.objects.exclude(state__in=["returned", "duplicate"]).order_by("pk"))
        if not rows:
            return
        payment = rows[chosen % len(rows)]
        on = min(payment.received_on + timedelta(days=later), self.today)
        given: dict[str, Any] = {
            "actor": self.cashier,
            "payment_id": payment.pk,
            "kind": "chargeback",
            "returned_on": on,
            "code": "",
            "reason": "returned",
            "now": self.now,
        }
        do_reverse_payment(**given)
        entries = set(payment.allocations.values_list("entry_id", flat=True))
        for each in self.money:
            if each.entry_id in entries and each.back_on is None:
                each.back_on, each.back_told = max(on, each.on), self.now
        before = self._counts()
        with pytest.raises(Refusal), transaction.atomic():
            do_reverse_payment(**given)
        assert self._counts() == before

    def _note_money(self) -> None:
        """What reached the accounts by the last step, from what each payment says it gave."""
        known = {each.entry_id for each in self.money}
        rows = PaymentAllocation.objects.exclude(entry_id__in=known).select_related("payment")
        self.money += [
            Money(
                each.entry_id,
                each.account_id,
                each.amount_minor,
                each.payment.received_on,
                self.now,
            )
            for each in rows.order_by("entry_id")
        ]

    @rule(share=st.sampled_from([100, 100, 96, 50]), days_back=st.integers(0, 2))
    def pay_as_agreed(self, share: int, days_back: int) -> None:
        """What a settlement, a plan or a promise waits for next; or a part of it."""
        account_ids, amount = self._agreed()
        if amount * share // 100 > 0:
            place = [each.pk for each in self.accounts].index(account_ids[0])
            self.pay(place, amount * share // 100, days_back, told=True)

    def _agreed(self) -> tuple[list[int], int]:
        waiver = Waiver.objects.filter(state="accepted").exclude(parts=[]).first()
        if waiver is not None:
            return self._can_take(waiver.account_ids, waiver.parts[0][1])
        plan = Plan.objects.filter(state="active").first()
        if plan is not None:
            return self._can_take(plan.account_ids, instalments_of(plan)[0].amount_minor)
        promise = Promise.objects.filter(state="open", ended_on=None).first()
        if promise is None:
            return [self.accounts[0].pk], 0
        over = PromiseAccount.objects.filter(promise=promise).values_list("account", flat=True)
        return self._can_take(list(over), promise.amount_minor - promise.paid_minor)

    def _can_take(self, account_ids: list[int], amount: int) -> tuple[list[int], int]:
        """The account of these that owes most."""
        owed = self._owed()
        return sorted(account_ids, key=lambda pk: -owed[pk]), amount

    # --- promises ---------------------------------------------------------------------------------

    @rule(share=shares, ahead=st.integers(0, 9), only=st.integers(0, 2), beside=st.booleans())
    def promise(self, share: int, ahead: int, only: int, beside: bool) -> None:
        self.tick()
        over = None if only == 2 else (self.accounts[only].pk,)
        amount = sum(self._owed().values()) * share // 100
        asked = Asked(
            amount, "CNY", self.today + timedelta(days=ahead), account_ids=over, beside=beside
        )
        self._try(do_take_promise, case_id=self.house.case.pk, asked=asked)

    @precondition(lambda self: Promise.objects.filter(state="open", ended_on=None).exists())
    @rule(chosen=which, amount=amounts, ahead=st.integers(0, 20), cancel=st.booleans())
    def change_promise(self, chosen: int, amount: int, ahead: int, cancel: bool) -> None:
        self.tick()
        rows = list(Promise.objects.filter(state="open", ended_on=None).order_by("pk"))
        promise_id = rows[chosen % len(rows)].pk
        if cancel:
            self._try(do_cancel_promise, promise_id=promise_id, reason="taken in error")
        else:
            asked = Asked(amount, "CNY", self.today + timedelta(days=ahead))
            self._try(do_replace_promise, promise_id=promise_id, asked=asked)

    # --- plans ------------------------------------------------------------------------------------

    @precondition(lambda self: not Plan.objects.filter(state="active").exists())
    @rule(number=st.integers(1, 5), ahead=st.integers(0, 12), accepted=st.booleans())
    def offer_plan(self, number: int, ahead: int, accepted: bool) -> None:
        self.tick()
        first_on = self.today + timedelta(days=ahead)
        asked = PlanAsked(shape="annuity", number=number, first_on=first_on)
        if self._try(do_offer_plan, case_id=self.house.case.pk, asked=asked) and accepted:
            self._accept_plan()

    @precondition(lambda self: Plan.objects.filter(state="offered").exists())
    @rule()
    def accept_plan(self) -> None:
        self.tick()
        self._accept_plan()

    def _accept_plan(self) -> None:
        plan = Plan.objects.filter(state="offered").latest("pk")
        if self._try(do_accept_plan, plan_id=plan.pk):
            self.plans[plan.pk] = "active"

    @precondition(lambda self: Plan.objects.filter(state="active").exists())
    @rule()
    def end_plan(self) -> None:
        self.tick()
        plan = Plan.objects.get(state="active")
        if self._try(do_end_plan, plan_id=plan.pk, reason="cancelled"):
            self.plans.pop(plan.pk, None)

    # --- waivers ----------------------------------------------------------------------------------

    @precondition(lambda self: not Waiver.objects.filter(state__in=OPEN_WAIVERS).exists())
    @rule(component=st.sampled_from(["fee", "penalty", "interest"]), amount=small, then=answers)
    def ask_waiver(self, component: str, amount: int, then: str) -> None:
        self._ask(WaiverAsked(WaiverKind.PLAIN, "goodwill", {component: amount}), then)

    @precondition(lambda self: not Waiver.objects.filter(state__in=OPEN_WAIVERS).exists())
    @rule(
        share=st.integers(75, 100), ahead=st.integers(1, 12), parts=st.integers(1, 2), then=answers
    )
    def ask_settlement(self, share: int, ahead: int, parts: int, then: str) -> None:
        owed = sum(self._owed().values())
        pays = owed * share // 100 // parts
        due = [(self.today + timedelta(days=ahead * (n + 1)), pays) for n in range(parts)]
        self._ask(WaiverAsked(WaiverKind.SETTLEMENT, "closes_debt", parts=due), then)

    def _ask(self, asked: WaiverAsked, then: str) -> None:
        self.tick()
        actor = actor_of(self.people[0], now=self.now)
        asks = {"actor": actor, "case_id": self.house.case.pk, "asked": asked}
        if self._try(do_request_waiver, **asks) and then:
            self.decide_waiver(then != "no")
            self.answer_waiver(then == "accepted") if then != "yes" else None

    @precondition(lambda self: Waiver.objects.filter(state="requested").exists())
    @rule(yes=st.booleans())
    def decide_waiver(self, yes: bool) -> None:
        self.tick()
        self.house.now = self.now
        waiver = Waiver.objects.filter(state="requested").first()
        for person in self.people[1:] if waiver else ():
            waiver.refresh_from_db()
            if waiver.state == WaiverState.REQUESTED and self._is_open(waiver):
                self._decide(waiver, person, yes)

    def _decide(self, waiver: Waiver, person: User, yes: bool) -> None:
        """A request that ran out, or whose ground has changed since, is not granted any more."""
        before = self._counts()
        try:
            with transaction.atomic():
                self.house.decide(waiver, person, yes)
        except (NotAllowed, Refusal):
            assert self._counts() == before

    def _is_open(self, waiver: Waiver) -> bool:
        return waiver.approval is not None and waiver.approval.state == "open"

    @precondition(lambda self: Waiver.objects.filter(state__in=["requested", "offered"]).exists())
    @rule(accept=st.booleans())
    def answer_waiver(self, accept: bool) -> None:
        self.tick()
        waiver = Waiver.objects.filter(state__in=["requested", "offered"]).first()
        if waiver is None:
            return
        if not accept:
            self._try(do_withdraw_waiver, waiver_id=waiver.pk)
        elif self._try(do_accept_waiver, waiver_id=waiver.pk):
            self.waivers[waiver.pk] = "open"

    def _try(self, work: Any, **given: Any) -> bool:
        """What is refused has changed nothing."""
        before = (*self._counts(), Plan.objects.count(), Waiver.objects.count())
        try:
            with transaction.atomic():
                work(**{"actor": JOB, "now": self.now, **given})
        except Refusal:
            after = (*self._counts(), Plan.objects.count(), Waiver.objects.count())
            assert after == before
            return False
        return True

    # --- days and nights --------------------------------------------------------------------------

    @precondition(lambda self: self.today < END)
    @rule(days=st.integers(1, 9))
    def nights_pass(self, days: int) -> None:
        """The night judges; so does a second run of it, which changes nothing."""
        for _ in range(days):
            self.now += timedelta(days=1)
            self._judge()
        before = self._counts()
        self._judge()
        assert self._counts() == before
        self._compare_states()

    def _judge(self) -> None:
        do_judge_promises(actor=JOB, creditor_id=self.house.creditor.pk, now=self.now)
        do_judge_plans(actor=SYSTEM, now=self.now)
        do_judge_waivers(actor=SYSTEM, now=self.now)
        for plan_id, state in self.plans.items():
            if state == "active":
                self.plans[plan_id] = self._plain_plan(plan_id)
        for waiver_id, state in self.waivers.items():
            if state != "failed" and state != "undone":
                self.waivers[waiver_id] = self._plain_waiver(waiver_id, state)

    def _plain_plan(self, plan_id: int) -> str:
        plan = Plan.objects.get(pk=plan_id)
        assert plan.began_on is not None
        return plan_state(
            [(each.due_on, each.amount_minor) for each in instalments_of(plan)],
            [each for each in self.money if each.account in plan.account_ids],
            plan.began_on,
            (plan.tolerance_days, plan.tolerance_minor),
            self.today,
        )

    def _plain_waiver(self, waiver_id: int, state: str) -> str:
        waiver = Waiver.objects.get(pk=waiver_id)
        assert waiver.accepted_on is not None
        found = condition_state(
            [(date.fromisoformat(day), amount) for day, amount in waiver.parts],
            [each for each in self.money if each.account in waiver.account_ids],
            waiver.accepted_on,
            waiver.grace_days,
            self.today,
        )
        return "undone" if state == "met" and found != "met" else found

    def _compare_states(self) -> None:
        for plan_id, state in self.plans.items():
            assert Plan.objects.get(pk=plan_id).state == state
        told = {"open": "accepted", "met": "posted"}
        for waiver_id, state in self.waivers.items():
            assert Waiver.objects.get(pk=waiver_id).state == told.get(state, state)

    # --- what holds -------------------------------------------------------------------------------

    def _owed(self) -> dict[int, int]:
        found = read_positions([each.pk for each in self.accounts], self.today)
        return {pk: position.balance_minor for pk, position in found.items()}

    @invariant()
    def each_account_owes_what_was_lent_less_what_stands(self) -> None:
        if not self.lent:
            return
        waived = dict(
            Entry.objects.filter(kind="waiver", reversed_by=None)
            .values_list("account_id")
            .annotate(Sum("postings__amount_minor"))
        )
        for pk, owed in self._owed().items():
            standing = sum(
                each.amount for each in self.money if each.account == pk and each.stands(self.today)
            )
            assert owed == self.lent[pk] - standing - waived.get(pk, 0)
            assert owed >= 0

    @invariant()
    def what_came_in_is_with_accounts_or_waits_or_went_back(self) -> None:
        for each in Payment.objects.exclude(state="duplicate"):
            waits = each.unallocated_minor
            assert each.amount_minor == each.allocated_minor + waits + each.returned_minor
            assert (waits > 0) == (each.state == "suspense")
        held = dict(
            PaymentAllocation.objects.filter(reversal=None)
            .values_list("payment_id")
            .annotate(Sum("amount_minor"))
        )
        for payment_id, allocated in Payment.objects.values_list("pk", "allocated_minor"):
            assert held.get(payment_id, 0) == allocated

    @invariant()
    def waivers_stay_within_their_budgets(self) -> None:
        if self.lent:
            for each in list_waiver_budgets(actor=JOB):
                assert each.left_minor >= 0
            posted = Waiver.objects.filter(state="posted").aggregate(n=Sum("lines__posted_minor"))
            stand = Entry.objects.filter(kind="waiver", reversed_by=None)
            there = stand.aggregate(n=Sum("postings__amount_minor"))
            assert (posted["n"] or 0) == (there["n"] or 0)

    @invariant()
    def promises_come_to_what_is_told_plainly(self) -> None:
        if self.lent:
            self._show(self.today)

    @rule(days_back=st.integers(0, 30))
    def look_back(self, days_back: int) -> None:
        self._show(self.today - timedelta(days=days_back))

    @invariant()
    def what_was_shown_once_is_shown_again(self) -> None:
        for (day, known_at), states in list(self.shown.items())[-4:]:
            assert self._read(day, known_at) == states

    def _show(self, day: date) -> None:
        found = self._read(day, self.now)
        assert found == promise_states(self._said(), self.money, day, self.now)
        self.shown[day, self.now] = found

    def _read(self, day: date, known_at: datetime) -> dict[int, tuple[str, int]]:
        outcomes = get_promise_outcomes(
            actor=JOB, first=date.min, last=date.max, as_of=day, known_at=known_at
        )
        return {
            each.promise_id: (each.judged.state.value, each.judged.paid_minor) for each in outcomes
        }

    def _said(self) -> list[Said]:
        over: dict[int, set[int]] = {}
        for promise_id, account_id in PromiseAccount.objects.values_list("promise", "account"):
            over.setdefault(promise_id, set()).add(account_id)
        return [
            Said(
                each.pk,
                frozenset(over[each.pk]),
                each.amount_minor,
                each.made_on,
                each.made_at,
                each.due_on,
                each.due_on + timedelta(days=GRACE),
                each.amount_minor * LACK_PPM // 1_000_000,
                each.ended_on,
                each.ended_at,
            )
            for each in Promise.objects.order_by("pk")
        ]


class UndoneAfterwards(Agreements):
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


def run(examples: int, steps: int) -> None:
    ensure_partitions(make.TODAY - timedelta(days=70), END + timedelta(days=60))
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
def test_agreements_are_judged_as_somebody_tells_them_plainly() -> None:
    run(examples=8, steps=14)


@pytest.mark.study
@pytest.mark.django_db
def test_agreements_are_judged_so_over_many_steps() -> None:
    """`KEPT_STUDY_STEPS` says how many, where there is less time."""
    steps = int(os.environ.get("KEPT_STUDY_STEPS", "1000000"))
    run(examples=max(1, steps // 50), steps=50)
