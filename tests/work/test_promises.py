"""Promises from the first word to what came of them: by the ledger, for every day, once each."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kept.batch.nightly.running import run_night
from kept.core.actors import Actor, Role, job
from kept.core.ledger import EntryKind
from kept.store.facts import facts_of_case
from kept.store.invariants import check_invariants
from kept.store.models import (
    Account,
    ApprovalPolicy,
    Case,
    Entry,
    Event,
    Promise,
    PromiseOutcome,
    RelatedPerson,
)
from kept.store.models import PromisePolicy as PolicyRow
from kept.work.approvals import NeedsApproval
from kept.work.holds import do_place_hold
from kept.work.ledger import Line, do_post_entry, do_reverse_entry
from kept.work.promise_lists import get_case_promises, get_promise_outcomes, list_promises
from kept.work.promise_measures import By, list_promise_rates
from kept.work.promise_policies import do_set_promise_policy, promise_policy_of
from kept.work.promises import (
    Asked,
    do_cancel_promise,
    do_confirm_promise,
    do_replace_promise,
    do_take_promise,
)
from kept.work.refusals import NotAllowed, NotThere, Refusal
from tests import factories as make
from tests.factories import NOW, TODAY

pytestmark = pytest.mark.django_db

JOB = job("setup")
DAY = timedelta(days=1)


@pytest.fixture
def case(months: None) -> Case:
    return make_case()


def make_case(**given: Any) -> Case:
    creditor = make.make_creditor()
    product = make.make_product(creditor)
    make.make_terms(product)
    debtor = make.make_debtor(creditor)
    account = make.make_account(product, debtor)
    make.make_entry(account, {"principal": 100_000}, due_on=date(2026, 11, 1))
    if not ApprovalPolicy.objects.exists():
        make.make_free("manual_payment", "reversal")
    return make.make_case(debtor, account, **given)


def account_of(case: Case) -> Account:
    return Account.objects.get(case_accounts__case=case)


def collector(case: Case, role: Role = Role.AGENCY_USER) -> Actor:
    return make.make_actor(7, "collector", frozenset({role}), frozenset({case.creditor_id}))


def asked(amount: int = 50_000, days: int = 3, **more: Any) -> Asked:
    return Asked(amount, "CNY", TODAY + days * DAY, **more)


def take(case: Case, amount: int = 50_000, days: int = 3, **more: Any) -> Promise:
    at = {name: more.pop(name) for name in ("now", "actor") if name in more}
    return do_take_promise(
        actor=at.get("actor", collector(case)),
        case_id=case.pk,
        asked=asked(amount, days, **more),
        now=at.get("now", NOW),
    )


def pay(case: Case, amount: int, on: date, now: datetime = NOW, reference: str = "") -> int:
    return do_post_entry(
        actor=JOB,
        account_id=account_of(case).pk,
        kind=EntryKind.PAYMENT,
        lines=[Line("principal", amount)],
        effective_on=on,
        reference=reference or f"P{make.next_number()}",
        now=now,
    )


def state(promise: Promise) -> tuple[str, int]:
    promise.refresh_from_db()
    return promise.state, promise.paid_minor


def test_a_promise_is_recorded_with_its_contact_and_its_terms(case: Case) -> None:
    promise = take(case, way="cash")
    assert (promise.state, promise.made_on, promise.due_on) == ("open", TODAY, TODAY + 3 * DAY)
    assert promise.test_on == TODAY + 5 * DAY  # two days of grace, by the shipped policy
    assert (promise.tolerance_ppm, promise.said_by, promise.taken_by) == (
        50_000,
        "debtor",
        "collector",
    )
    event = Event.objects.get(action="promise.take")
    assert (event.chain_kind, event.chain_id, event.subject) == (
        "case",
        case.pk,
        f"promise:{promise.pk}",
    )


def test_payments_keep_it_and_a_reversal_opens_it_again(case: Case) -> None:
    promise = take(case)
    pay(case, 20_000, TODAY)
    assert state(promise) == ("open", 20_000)
    entry = pay(case, 30_000, TODAY + DAY, NOW + DAY)
    assert state(promise) == ("kept", 50_000)
    do_reverse_entry(
        actor=JOB, entry_id=entry, effective_on=TODAY + 2 * DAY, reason="bounced", now=NOW + 2 * DAY
    )
    assert state(promise) == ("open", 20_000)
    told = list(PromiseOutcome.objects.order_by("pk").values_list("state", "paid_minor"))
    assert told == [("open", 0), ("open", 20_000), ("kept", 50_000), ("open", 20_000)]


def test_the_tolerance_keeps_and_a_cent_less_does_not(case: Case) -> None:
    promise = take(case)
    pay(case, 47_499, TODAY)
    assert state(promise) == ("open", 47_499)
    pay(case, 1, TODAY)
    assert state(promise) == ("kept", 47_500)


def test_the_strict_rule_is_not_a_cent_less(case: Case) -> None:
    PolicyRow.objects.create(
        creditor_id=case.creditor_id, valid_from=TODAY, values={"is_strict": True}
    )
    promise = take(case)
    assert promise.test_on == promise.due_on
    pay(case, 49_999, TODAY)
    assert state(promise) == ("open", 49_999)


@pytest.mark.parametrize(
    ("amount", "days", "name"),
    [(0, 3, "amount"), (-5, 3, "amount"), (100_001, 3, "amount"), (50_000, -1, "due_on")],
)
def test_what_nobody_may_take(case: Case, amount: int, days: int, name: str) -> None:
    with pytest.raises(Refusal) as refused:
        take(case, amount, days, actor=JOB, exceed_reason="because")
    assert list(refused.value.fields) == [name]
    assert not Promise.objects.exists()


def test_a_wrong_currency_is_refused_and_the_right_one_said(case: Case) -> None:
    with pytest.raises(Refusal, match="in CNY"):
        do_take_promise(
            actor=collector(case), case_id=case.pk, asked=replace(asked(), currency="USD"), now=NOW
        )


def test_only_who_owes_or_speaks_for_the_debtor_promises(case: Case) -> None:
    relation = RelatedPerson.Relation
    friend = make.make_related_person(case.debtor, relation=relation.FRIEND, name="王五")
    with pytest.raises(Refusal, match="does not owe"):
        take(case, related_person_id=friend.pk)
    guarantor = make.make_related_person(case.debtor, relation=relation.GUARANTOR)
    assert take(case, related_person_id=guarantor.pk).said_by == "related_person"
    lawyer = make.make_related_person(case.debtor, relation=relation.ATTORNEY, name="赵六")
    assert take(case, related_person_id=lawyer.pk).said_by == "representative"
    stranger = make.make_related_person(make_case().debtor)
    with pytest.raises(NotThere):
        take(case, related_person_id=stranger.pk)


def test_the_contact_must_be_one_with_this_debtor(case: Case) -> None:
    make.make_attempt(case, outcome="conversation")
    attempt_id = case.attempts.get().id
    assert take(case, attempt_id=attempt_id).attempt_id == attempt_id
    with pytest.raises(Refusal, match="no contact"):
        take(make_case(), attempt_id=attempt_id)


def test_beyond_the_policy_somebody_entitled_says_why(case: Case) -> None:
    with pytest.raises(Refusal, match=r"least that may be promised here is 200\.00"):
        take(case, 19_999)
    with pytest.raises(Refusal, match="At most 7 days ahead: until 2026-11-29"):
        take(case, days=8)
    lead = collector(case, Role.TEAM_LEAD)
    with pytest.raises(Refusal, match="Say why"):
        take(case, days=8, actor=lead)
    promise = take(case, days=8, actor=lead, exceed_reason="pay-day is the 30th")
    assert (promise.exceeded, promise.exceeded_by) == (["too_far"], "collector")
    assert "pay-day" not in str(Event.objects.get(action="promise.take").body)


def test_a_new_promise_takes_the_place_of_the_open_one(case: Case) -> None:
    first = take(case)
    pay(case, 20_000, TODAY, NOW)
    second = take(case, 40_000, now=NOW + DAY)
    assert state(first) == ("cancelled", 20_000)
    assert (first.end_reason, first.replaced_by_id) == ("replaced", second.pk)
    pay(case, 40_000, TODAY + DAY, NOW + DAY)
    assert state(second) == ("kept", 40_000)
    assert state(first) == ("cancelled", 20_000)  # no payment counts twice


def test_two_at_once_only_where_the_policy_says_so(case: Case) -> None:
    take(case, 30_000, 1)
    with pytest.raises(Refusal, match="At most 1 promise may be open"):
        take(case, 30_000, 5, beside=True)
    PolicyRow.objects.create(
        creditor_id=case.creditor_id, valid_from=TODAY, values={"open_most": 2}
    )
    later = take(case, 30_000, 5, beside=True)
    pay(case, 45_000, TODAY)
    assert [state(each) for each in Promise.objects.order_by("pk")] == [
        ("kept", 30_000),
        ("open", 15_000),
    ]
    assert (
        do_replace_promise(
            actor=collector(case), promise_id=later.pk, asked=asked(35_000, 6), now=NOW
        ).due_on
        == TODAY + 6 * DAY
    )
    assert state(later)[0] == "cancelled"


def test_a_hold_ends_it_with_its_reason_and_refuses_a_new_one(case: Case) -> None:
    promise = take(case)
    for reason, effects in (("vulnerable", ["contact"]), ("disputed", ["contact", "treatment"])):
        assert state(promise)[0] == "open"
        do_place_hold(
            actor=JOB, debtor_id=case.debtor_id, reason=reason, effects=effects, note="", now=NOW
        )
    assert state(promise)[0] == "cancelled"
    assert promise.end_reason == "dispute"
    with pytest.raises(Refusal, match="while this hold stands"):
        take(case)


def test_cancelling_asks_for_a_reason_and_a_leader(case: Case) -> None:
    promise = take(case)
    with pytest.raises(NotAllowed):
        do_cancel_promise(actor=collector(case), promise_id=promise.pk, reason="x", now=NOW)
    lead = collector(case, Role.TEAM_LEAD)
    with pytest.raises(Refusal, match="why"):
        do_cancel_promise(actor=lead, promise_id=promise.pk, reason=" ", now=NOW)
    do_cancel_promise(actor=lead, promise_id=promise.pk, reason="typed for the wrong one", now=NOW)
    assert (state(promise)[0], promise.end_reason) == ("cancelled", "cancelled")
    with pytest.raises(Refusal, match="not open any more"):
        do_confirm_promise(actor=lead, promise_id=promise.pk, now=NOW)


def test_confirmed_is_a_flag_and_no_state(case: Case) -> None:
    promise = take(case)
    do_confirm_promise(actor=collector(case), promise_id=promise.pk, now=NOW)
    promise.refresh_from_db()
    assert (promise.state, promise.verified_by) == ("open", "collector")
    with pytest.raises(Refusal, match="confirmed before"):
        do_confirm_promise(actor=collector(case), promise_id=promise.pk, now=NOW)


def test_the_page_offers_what_the_policy_takes(case: Case) -> None:
    make.make_related_person(case.debtor, relation=RelatedPerson.Relation.FRIEND, name="王五")
    found = get_case_promises(actor=collector(case), case_id=case.pk, now=NOW)
    (choice,) = found.choices
    assert (choice.allowed.suggested_minor, choice.allowed.least_minor) == (100_000, 20_000)
    assert choice.quick_days[-1] == TODAY + 7 * DAY
    assert found.speakers == ()
    take(case)
    pay(case, 50_000, TODAY, reference="R-1")
    (view,) = list_promises(actor=collector(case), case_id=case.pk, now=NOW)
    assert [(each.amount_minor, each.reference) for each in view.by_payment] == [(50_000, "R-1")]


def test_the_night_breaks_what_was_not_paid_and_the_facts_say_so(case: Case) -> None:
    promise, half = take(case), take(other := make_case())
    pay(other, 10_000, TODAY)
    night = NOW + 6 * DAY
    for creditor in (case.creditor, other.creditor):
        run_night(actor=JOB, creditor=creditor, now=night)
    assert state(promise) == ("broken", 0)
    assert state(half) == ("partial", 10_000)
    facts = facts_of_case(case.pk, as_of=TODAY + 6 * DAY, known_at=night)
    assert facts is not None
    assert (facts["promises_broken"], facts["days_since_promise_broken"]) == (1, 0)
    assert (facts["has_open_promise"], facts["last_promise_outcome"]) == (False, "broken")
    events = Event.objects.filter(action="promise.judge", chain_id=case.pk)
    assert [each.chain_kind for each in events] == ["case"]


def test_facts_of_a_past_day_are_those_of_that_day(case: Case) -> None:
    promise = take(case)
    pay(case, 20_000, TODAY + DAY, NOW + DAY)
    pay(case, 30_000, TODAY + 2 * DAY, NOW + 2 * DAY)
    assert state(promise)[0] == "kept"

    def facts(days: int) -> tuple[object, ...]:
        found = facts_of_case(case.pk, as_of=TODAY + days * DAY, known_at=NOW + days * DAY)
        assert found is not None
        names = ("promises_open", "promised_open", "days_until_promise_due", "promises_kept")
        return tuple(found[name] for name in names)

    assert [facts(days) for days in range(3)] == [
        (1, 50_000, 3, 0),
        (1, 30_000, 2, 0),
        (0, 0, None, 1),
    ]


def test_what_was_shown_on_a_past_day_is_said_again(case: Case) -> None:
    promise = take(case)
    shown = []
    for days, amount in enumerate((0, 20_000, 30_000)):
        if amount:
            pay(case, amount, TODAY, NOW + days * DAY)  # back-dated to the first day
        shown.append(state(promise))
    for days, outcome in enumerate(shown):
        (found,) = get_promise_outcomes(
            actor=JOB,
            first=promise.due_on,
            last=promise.due_on,
            as_of=TODAY + days * DAY,
            known_at=NOW + days * DAY,
        )
        assert (found.judged.state.value, found.judged.paid_minor) == outcome
    (now_known,) = get_promise_outcomes(
        actor=JOB, first=promise.due_on, last=promise.due_on, as_of=TODAY, known_at=NOW + 9 * DAY
    )
    assert now_known.judged.state.value == "kept"


def test_the_rates_of_a_period_by_team_and_collector(case: Case) -> None:
    seat = make.make_seat()
    Case.objects.filter(pk=case.pk).update(seat=seat)
    take(case)
    pay(case, 50_000, TODAY)
    given: dict[str, Any] = {
        "actor": JOB,
        "first": TODAY,
        "last": TODAY + 9 * DAY,
        "as_of": TODAY + 9 * DAY,
        "known_at": NOW + 9 * DAY,
    }
    (row,) = list_promise_rates(by=By.TEAM, **given)
    assert (row.key, row.currency, row.due_count, row.due_minor) == (
        seat.team.code,
        "CNY",
        1,
        50_000,
    )
    assert (row.rates["kept_rate"], row.rates["promise_cash_rate"]) == (1, 1)
    assert [each.key for each in list_promise_rates(by=By.COLLECTOR, **given)] == ["collector"]
    (row,) = list_promise_rates(by=By.CREDITOR, **{**given, "as_of": TODAY})
    assert (row.rates["kept_rate"], row.rates["pending_count"]) == (None, 1)


def test_a_policy_changes_with_a_second_person_and_from_its_day(case: Case) -> None:
    given: dict[str, Any] = {
        "actor": collector(case, Role.MANAGER),
        "creditor_id": case.creditor_id,
        "valid_from": TODAY + DAY,
        "now": NOW,
    }
    with pytest.raises(NeedsApproval):
        do_set_promise_policy(values={"days_ahead_most": 3}, **given)
    with pytest.raises(Refusal, match="days_ahead_most"):
        do_set_promise_policy(values={"days_ahead": 3}, **given)
    make.make_free("promise_policy")
    do_set_promise_policy(values={"days_ahead_most": 3}, **given)
    days = [promise_policy_of(case.creditor_id, TODAY + n * DAY).days_ahead_most for n in (0, 1)]
    assert days == [7, 3]


@pytest.mark.breaks_invariants
def test_a_state_that_somebody_typed_is_found(case: Case) -> None:
    promise = take(case)
    Promise.objects.filter(pk=promise.pk).update(state="kept", paid_minor=50_000)
    assert {each.invariant.name for each in check_invariants()} == {
        "promises_stand_as_the_ledger_says",
        "promises_were_told_as_they_stand",
    }


STEP = st.tuples(st.sampled_from(["take", "beside", "pay", "reverse"]), st.integers(0, 6))


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(STEP, min_size=4, max_size=9))
def test_the_core_and_the_second_count_agree(months: None, steps: list[tuple[str, int]]) -> None:
    """The stored copies come from the core; the invariant counts payment by payment in SQL."""
    case = make_case()
    PolicyRow.objects.create(
        creditor_id=case.creditor_id,
        valid_from=TODAY,
        values={"open_most": 9, "least_share_ppm": 0, "tolerance_ppm": 100_000},
    )
    paid: list[int] = []
    for number, (step, size) in enumerate(steps):
        now = NOW + number * DAY
        on = TODAY + number * DAY
        try:
            if step == "pay":
                paid.append(pay(case, 1_000 * (size + 1), on - (size % 3) * DAY, now))
            elif step == "reverse" and paid:
                entry = Entry.objects.get(pk=paid.pop())
                do_reverse_entry(
                    actor=JOB, entry_id=entry.pk, effective_on=on, reason="bounced", now=now
                )
            elif step in ("take", "beside"):
                wanted = Asked(2_000 * (size + 1), "CNY", on + size * DAY, beside=step == "beside")
                do_take_promise(actor=JOB, case_id=case.pk, asked=wanted, now=now)
        except Refusal:
            continue
        assert check_invariants() == []
