"""Instalment plans: offered within what can be carried, accepted, judged, changed, broken."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from kept.core.actors import Actor, Role, job
from kept.core.agreements.plan_policy import PlanPolicy
from kept.store.facts import facts_of_case
from kept.store.ledger import ALL_KNOWN
from kept.store.models import Event, Hardship, HouseholdFigures, Plan
from kept.work.actors import actor_of
from kept.work.approvals import NeedsApproval
from kept.work.households import do_record_household
from kept.work.plan_ends import do_judge_plans
from kept.work.plan_lists import get_plan_agreement, list_plans
from kept.work.plan_policies import do_set_plan_policy, policy_on
from kept.work.plan_terms import PlanAsked, get_plan_terms
from kept.work.plans import (
    do_accept_plan,
    do_end_plan,
    do_give_holiday,
    do_offer_plan,
    do_re_age_plan,
    do_restructure_plan,
    get_settlement_figure,
)
from kept.work.refusals import NotThere, Refusal
from tests.work.waiver_case import NOW, TODAY, House, make_house

pytestmark = pytest.mark.django_db

FIRST = date(2026, 12, 10)
LEAD = job("test")


@pytest.fixture
def house() -> House:
    return make_house()


def told(house: House, income: int = 4_000_00, **given: Any) -> int:
    """Half of what is left after the lowest living costs of two: (4000 − 1571.80) / 2 = 1214.10."""
    values = {"income_minor": income, "dependants": 1, "currency": "CNY", **given}
    return do_record_household(actor=LEAD, debtor_id=house.case.debtor_id, now=house.now, **values)


def offer(house: House, **given: Any) -> Plan:
    asked = PlanAsked(**{"shape": "annuity", "number": 6, "first_on": FIRST, **given})
    return do_offer_plan(actor=LEAD, case_id=house.case.pk, asked=asked, now=house.now)


def running(house: House, **given: Any) -> Plan:
    told(house)
    plan = offer(house, **given)
    return do_accept_plan(actor=LEAD, plan_id=plan.pk, now=house.now)


def judge(house: House) -> int:
    return do_judge_plans(actor=job("sweep"), now=house.now)


def fact(house: House, name: str) -> Any:
    found = facts_of_case(house.case.pk, as_of=house.now.date(), known_at=ALL_KNOWN)
    assert found is not None
    return found[name]


def test_two_or_three_plans_are_offered_around_what_can_be_carried(house: House) -> None:
    told(house, income=2_000_00)
    ground, found = get_plan_terms(actor=LEAD, case_id=house.case.pk, pay_day=10, now=NOW)
    assert ground.household is not None
    assert found is not None
    most = ground.household.carries.largest_minor
    assert most == 214_10
    assert 2 <= len(found.plans) <= 3
    for plan in found.plans:
        assert max(row.amount_minor for row in plan) <= most
        assert sum(row.principal_minor for row in plan) == 1_350_00
        assert plan[0].due_on == FIRST


def test_figures_come_first_and_are_sealed(house: House) -> None:
    with pytest.raises(Refusal, match="Ask for income"):
        offer(house)
    told(house)
    row = HouseholdFigures.objects.get()
    assert row.sealed
    assert b"400000" not in bytes(row.sealed)
    house.later(91)
    with pytest.raises(Refusal, match="Ask for income"):
        offer(house, first_on=TODAY + timedelta(days=100))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"number": 1}, r"1350.00 CNY a month is more than the 1214.10 CNY"),
        ({"number": 61}, "later than 60 months"),
        ({"number": 0}, "1 to 60 instalments"),
        ({"first_on": TODAY - timedelta(days=1)}, "before"),
        ({"shape": "irregular", "amounts": [(FIRST, 500_00)]}, "come to 50000"),
        ({"shape": "irregular", "amounts": [(FIRST, 0)]}, "above 0"),
        ({"shape": "balloon"}, "Choose one of"),
    ],
)
def test_what_is_no_plan_is_refused_with_its_figures(
    house: House, given: dict[str, Any], said: str
) -> None:
    told(house)
    with pytest.raises(Refusal, match=said):
        offer(house, **given)
    assert not Plan.objects.exists()


def test_a_plan_runs_and_is_performed(house: House) -> None:
    plan = running(house, number=3)
    other = Plan.objects.filter(state="offered").count()
    assert (plan.state, other, fact(house, "has_plan")) == ("active", 0, True)
    parts = [{"principal": 450_00}, {"principal": 450_00}]
    parts.append({"principal": 100_00, "interest": 200_00, "fee": 100_00, "penalty": 50_00})
    for paid, row in zip(parts, plan.instalments.order_by("number"), strict=True):
        house.now = NOW + (row.due_on - TODAY)
        for component, amount in paid.items():
            house.pay(amount, row.due_on, component)
        judge(house)
        plan.refresh_from_db()
        assert plan.state == ("active" if row.number < 3 else "performed")
    assert (plan.paid_minor, house.balance()) == (1_350_00, 0)
    assert Hardship.objects.get().ended_at is not None
    assert not Hardship.objects.get().is_breached
    assert judge(house) == 0


def test_a_missed_instalment_breaks_it_after_its_tolerance(house: House) -> None:
    plan = running(house)
    house.pay(200_00, TODAY)  # more than nothing, less than the first instalment
    house.later(21)
    judge(house)
    plan.refresh_from_db()
    assert plan.state == "active"  # due on the 10th, three days of tolerance
    house.later(22)
    judge(house)
    plan.refresh_from_db()
    assert (plan.state, plan.breached_on) == ("breached", date(2026, 12, 14))
    assert Hardship.objects.get().is_breached
    assert fact(house, "has_plan") is False or fact(house, "has_plan") == 0
    assert fact(house, "days_since_plan_breach") == 0
    actions = Event.objects.filter(action__startswith="plan.").order_by("sequence")
    assert [each.action for each in actions] == ["plan.offer", "plan.accept", "plan.breach"]


def test_one_of_the_offers_is_taken_and_the_others_end(house: House) -> None:
    told(house)
    first, second = offer(house), offer(house, number=12)
    do_accept_plan(actor=LEAD, plan_id=second.pk, now=NOW)
    assert do_accept_plan(actor=LEAD, plan_id=second.pk, now=NOW).pk == second.pk
    first.refresh_from_db()
    assert (first.state, first.end_reason) == ("ended", "withdrawn")
    with pytest.raises(Refusal, match="does not stand"):
        do_accept_plan(actor=LEAD, plan_id=first.pk, now=NOW)
    with pytest.raises(Refusal, match="A plan runs"):
        offer(house)


def test_an_offer_that_ran_out_is_not_taken(house: House) -> None:
    told(house)
    plan = offer(house, first_on=TODAY + timedelta(days=40))
    house.later(15)
    with pytest.raises(Refusal, match="stood until 2026-12-06"):
        do_accept_plan(actor=LEAD, plan_id=plan.pk, now=house.now)
    assert judge(house) == 1
    plan.refresh_from_db()
    assert plan.end_reason == "expired"


def test_re_age_holiday_and_restructure_are_new_plans_over_what_is_left(house: House) -> None:
    plan = running(house)
    house.now = NOW + timedelta(days=50)  # 11 January: the second is a day late
    house.pay(225_00, date(2026, 12, 10))
    judge(house)
    fresh = do_re_age_plan(actor=LEAD, plan_id=plan.pk, now=house.now)
    plan.refresh_from_db()
    assert (plan.end_reason, fresh.state, fresh.re_ages) == ("replaced", "active", 1)
    assert sum(row.principal_minor for row in fresh.instalments.all()) == 1_125_00
    with pytest.raises(Refusal, match="at most 1 times"):
        do_re_age_plan(actor=LEAD, plan_id=fresh.pk, now=house.now)
    with pytest.raises(Refusal, match="1 to 3 months"):
        do_give_holiday(
            actor=LEAD, plan_id=fresh.pk, first_on=date(2027, 2, 1), months=4, now=house.now
        )
    later = do_give_holiday(
        actor=LEAD, plan_id=fresh.pk, first_on=date(2027, 2, 1), months=2, now=house.now
    )
    first = later.instalments.order_by("number")[0]
    assert first.due_on == date(2027, 4, 10)
    new = do_restructure_plan(
        actor=LEAD, plan_id=later.pk, number=3, first_on=date(2027, 2, 10), now=house.now
    )
    assert [row.principal_minor for row in new.instalments.order_by("number")] == [375_00] * 3
    assert fact(house, "has_plan")
    figure = get_settlement_figure(actor=LEAD, plan_id=new.pk, now=house.now)
    assert (figure.amount_minor, figure.saved_minor) == (1_125_00, 0)
    do_end_plan(actor=LEAD, plan_id=new.pk, reason="settled", now=house.now)
    assert not fact(house, "has_plan")


def test_the_content_of_the_agreement(house: House) -> None:
    plan = running(house)
    found = get_plan_agreement(actor=LEAD, plan_id=plan.pk)
    assert (found.total_minor, found.first_on, found.tolerance_days) == (1_350_00, FIRST, 3)
    assert found.account_numbers == (house.account.external_id,)


def test_others_see_no_plan(house: House) -> None:
    plan = running(house)
    other: Actor = actor_of(make_house().person(Role.TEAM_LEAD), now=NOW)
    assert list_plans(actor=other, case_id=house.case.pk) == ()
    with pytest.raises(NotThere):
        do_end_plan(actor=other, plan_id=plan.pk, reason="cancelled", now=NOW)


def test_a_policy_takes_a_second_person_and_no_past_day(house: House) -> None:
    manager = actor_of(house.person(Role.MANAGER), now=NOW)
    policy = replace(PlanPolicy(), tolerance_days=0)
    given = {"creditor_id": house.creditor.pk, "now": NOW}
    with pytest.raises(NeedsApproval):
        do_set_plan_policy(actor=manager, policy=policy, valid_from=TODAY, **given)
    with pytest.raises(Refusal, match="from today"):
        do_set_plan_policy(actor=LEAD, policy=policy, valid_from=TODAY - timedelta(days=1), **given)
    do_set_plan_policy(actor=LEAD, policy=policy, valid_from=TODAY, **given)
    assert policy_on(house.creditor.pk, TODAY).tolerance_days == 0
