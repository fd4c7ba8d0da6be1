"""Waivers: held by the matrix, approved, out of a budget, posted when the money is there."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from kept.core.actors import Role, job
from kept.core.agreements.waiver_policy import WaiverKind
from kept.core.ledger import EntryKind
from kept.packs.waivers import default_text
from kept.store.models import Case, Entry, Event, Waiver, WaiverBudget
from kept.work.actors import actor_of
from kept.work.approvals import NeedsApproval, do_withdraw_approval
from kept.work.capacities import capacities_of, do_set_capacity
from kept.work.ledger import do_reverse_entry
from kept.work.refusals import NotAllowed, NotThere, Refusal
from kept.work.waiver_budgets import do_set_waiver_budget, list_waiver_budgets
from kept.work.waiver_lists import list_waivers
from kept.work.waiver_policies import do_set_waiver_policy, waiver_policy_of
from kept.work.waiver_terms import get_waiver_terms
from kept.work.waivers import (
    WaiverAsked,
    do_accept_waiver,
    do_request_waiver,
    do_withdraw_waiver,
)
from tests.work.waiver_case import NOW, TODAY, House, make_house

pytestmark = pytest.mark.django_db

SETTLED_BY = TODAY + timedelta(days=20)


@pytest.fixture
def house() -> House:
    return make_house()


def ask(house: House, user: Any = None, counters: int | None = None, **given: Any) -> Waiver:
    user = user or house.person(Role.TEAM_LEAD)
    values = {"kind": WaiverKind.PLAIN, "reason": "goodwill", "amounts": {"penalty": 50_00}}
    return do_request_waiver(
        actor=actor_of(user, now=house.now),
        case_id=house.case.pk,
        asked=WaiverAsked(**{**values, **given}),
        counters=counters,
        now=house.now,
    )


def settle(house: House, pays: int = 1_000_00, **given: Any) -> Waiver:
    parts = [(SETTLED_BY, pays)]
    return ask(house, **{"kind": WaiverKind.SETTLEMENT, "amounts": None, "parts": parts, **given})


def offered(house: House, row: Waiver) -> Waiver:
    """With the yes of as many people as its levels ask for."""
    for level in row.levels:
        house.decide(row, house.person(Role(level[0])))
    row.refresh_from_db()
    return row


def test_a_waiver_is_posted_with_the_last_yes_and_closes_part_of_the_debt(house: House) -> None:
    row = ask(house)
    assert (row.state, row.rule, len(row.levels)) == ("requested", "charges_for_payment", 1)
    assert house.waived() == 0
    house.decide(row, house.person(Role.MANAGER))
    row.refresh_from_db()
    assert (row.state, row.posted_on) == ("posted", TODAY)
    assert house.balance() == 1_300_00
    entry = Entry.objects.get(kind="waiver")
    assert entry.reference == f"waiver {row.pk}"
    with pytest.raises(Refusal, match=f"of waiver {row.pk}"):
        do_reverse_entry(
            actor=job("test"), entry_id=entry.pk, effective_on=TODAY, reason="x", now=NOW
        )
    assert list(row.lines.values_list("component", "posted_minor")) == [("penalty", 50_00)]
    told = Event.objects.filter(action__startswith="waiver.").order_by("sequence")
    assert [each.action for each in told] == ["waiver.request", "waiver.offer", "waiver.post"]


def test_two_levels_are_two_persons(house: House) -> None:
    lead = house.person(Role.TEAM_LEAD)
    row = ask(house, amounts={"penalty": 50_00, "fee": 80_00, "interest": 60_00}, user=lead)
    assert row.levels == [["manager", "team_lead"], ["approver", "manager"]]
    manager = house.person(Role.MANAGER)
    with pytest.raises(NotAllowed, match="asked for this yourself"):
        house.decide(row, lead)
    house.decide(row, manager)
    assert house.decide(row, manager).state == "open"  # the same yes again is no second one
    assert house.waived() == 0
    house.decide(row, house.person(Role.APPROVER))
    assert house.balance() == 1_350_00 - 190_00


@pytest.mark.parametrize(
    ("amounts", "said"),
    [
        ({"penalty": 51_00}, r"51.00 CNY is more than the 50.00 CNY"),
        ({"fee": 80_01}, r"at most 80.00 CNY, not 80.01 CNY"),
        ({"principal": 1}, "no waiver of it"),
        ({"fee": 0}, "above 0"),
        ({"fee": -1}, "above 0"),
        ({}, "above 0"),
        ({"gift": 1}, "more than the 0.00"),
    ],
)
def test_beyond_the_matrix_nothing_is_asked_for(
    house: House, amounts: dict[str, int], said: str
) -> None:
    with pytest.raises(Refusal, match=said):
        ask(house, amounts=amounts)
    assert (Waiver.objects.count(), house.open_approvals()) == (0, 0)


def test_half_once_is_not_half_of_the_rest_again(house: House) -> None:
    row = ask(house, amounts={"fee": 80_00})
    offered(house, row)
    with pytest.raises(Refusal, match="no waiver of it"):
        ask(house, amounts={"fee": 1_00})


def test_a_no_an_end_and_a_withdrawal_change_nothing_and_free_the_budget(house: House) -> None:
    budget(house, 60_00)
    lead = house.person(Role.TEAM_LEAD)
    for end in ("refused", "approval", "waiver"):
        row = ask(house, user=lead)
        assert left(house) == 10_00
        actor = actor_of(lead, now=NOW)
        if end == "refused":
            house.decide(row, house.person(Role.MANAGER), answer=False)
        elif end == "approval":
            do_withdraw_approval(actor=actor, approval_id=row.approval_id or 0, now=NOW)
        else:
            do_withdraw_waiver(actor=actor, waiver_id=row.pk, now=NOW)
        row.refresh_from_db()
        assert row.state == ("refused" if end == "refused" else "withdrawn")
        assert (left(house), house.waived(), house.open_approvals()) == (60_00, 0, 0)


def budget(house: House, amount: int, **given: Any) -> WaiverBudget:
    return do_set_waiver_budget(
        actor=job("test"),
        creditor_id=house.creditor.pk,
        month=TODAY,
        amount_minor=amount,
        now=NOW,
        **given,
    )


def left(house: House) -> int:
    (found,) = list_waiver_budgets(actor=job("test"), month=TODAY)
    return found.left_minor


def test_a_budget_is_reserved_used_and_read_by_the_night(house: House) -> None:
    assert "waivers" not in capacities_of(house.creditor.pk, TODAY)
    budget(house, 100_00)
    row = ask(house)
    assert capacities_of(house.creditor.pk, TODAY)["waivers"] == 50_00
    offered(house, row)
    (found,) = list_waiver_budgets(actor=job("test"))
    assert (found.reserved_minor, found.used_minor, found.left_minor) == (0, 50_00, 50_00)
    with pytest.raises(Refusal, match=r"50.00 CNY of it are reserved or used"):
        budget(house, 49_99)
    do_set_capacity(
        actor=job("test"),
        creditor_id=house.creditor.pk,
        resource="waivers",
        amount=20_00,
        valid_from=TODAY,
        now=NOW,
    )
    assert capacities_of(house.creditor.pk, TODAY)["waivers"] == 20_00
    with pytest.raises(Refusal, match=r"short of 30.00 CNY"):
        ask(house, amounts={"fee": 80_00})
    assert capacities_of(house.creditor.pk, date(2026, 12, 1))["waivers"] == 20_00


def test_a_portfolio_with_its_own_budget_draws_on_that_alone(house: House) -> None:
    budget(house, 1_000_00)
    budget(house, 40_00, product_id=house.account.product_id)
    with pytest.raises(Refusal, match=r"short of 10.00 CNY"):
        ask(house)


def test_a_settlement_is_paid_in_time_and_closes_the_debt(house: House) -> None:
    row = offered(house, settle(house, offer_until=TODAY + timedelta(days=10)))
    assert (row.state, row.waived_minor, house.waived()) == ("offered", 350_00, 0)
    actor = job("test")
    do_accept_waiver(actor=actor, waiver_id=row.pk, now=house.later(5))
    house.later(10)
    house.pay(600_00, TODAY + timedelta(days=10))
    house.judge()
    row.refresh_from_db()
    assert (row.state, row.paid_minor) == ("accepted", 600_00)
    house.later(21)  # a day after it was due, the day of grace
    house.pay(400_00, TODAY + timedelta(days=21))
    house.judge()
    row.refresh_from_db()
    assert (row.state, house.balance()) == ("posted", 0)
    assert house.judge() == 0


def test_what_was_paid_before_a_failure_stays_paid(house: House) -> None:
    row = offered(house, settle(house))
    do_accept_waiver(actor=job("test"), waiver_id=row.pk, now=house.later(1))
    house.later(2)
    house.pay(999_99, TODAY + timedelta(days=2))
    house.later(21)
    assert (house.judge(), house.waived()) == (1, 0)
    house.later(22)
    house.judge()
    row.refresh_from_db()
    assert (row.state, row.paid_minor, house.balance()) == ("failed", 999_99, 350_01)
    assert house.waived() == 0


def test_a_payment_taken_back_months_later_undoes_the_waiver(house: House) -> None:
    row = offered(house, settle(house))
    do_accept_waiver(actor=job("test"), waiver_id=row.pk, now=house.later(1))
    payment = house.pay(1_000_00, TODAY + timedelta(days=1))
    house.judge()
    assert house.balance() == 0
    do_reverse_entry(
        actor=job("test"),
        entry_id=payment,
        effective_on=TODAY + timedelta(days=90),
        reason="returned",
        now=house.later(90),
    )
    house.judge()
    row.refresh_from_db()
    assert (row.state, house.balance()) == ("undone", 1_350_00)
    assert house.judge() == 0


def test_an_offer_ends_by_itself(house: House) -> None:
    row = offered(house, settle(house))
    house.later(15)
    with pytest.raises(Refusal, match="The offer stood until 2026-12-06"):
        do_accept_waiver(actor=job("test"), waiver_id=row.pk, now=house.now)
    assert house.judge() == 1
    row.refresh_from_db()
    assert row.state == "expired"


def test_a_counter_offer_takes_the_place_of_the_offer(house: House) -> None:
    budget(house, 400_00)
    first = offered(house, settle(house))
    with pytest.raises(Refusal, match="counter it"):
        settle(house)
    second = settle(house, pays=1_050_00, counters=first.pk)
    first.refresh_from_db()
    assert (first.state, second.round, left(house)) == ("countered", 2, 100_00)
    third = settle(house, pays=1_060_00, counters=second.pk)
    assert house.open_approvals() == 1
    with pytest.raises(Refusal, match="After 3 offers"):
        settle(house, pays=1_070_00, counters=third.pk)
    third.refresh_from_db()
    assert third.state == "requested"


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([(TODAY - timedelta(days=1), 1_000_00)], "days rise"),
        ([(TODAY + timedelta(days=61), 1_000_00)], "days rise"),
        ([(TODAY, 500_00), (TODAY, 500_00)], "days rise"),
        ([(TODAY, 1_350_00)], "less than is owed"),
        ([(TODAY, 0)], "less than is owed"),
        ([], "less than is owed"),
        ([(TODAY, 600_00)], "principal: The policy|The policy holds|at most"),
    ],
)
def test_a_settlement_beyond_policy_is_refused(
    house: House, parts: list[tuple[date, int]], said: str
) -> None:
    with pytest.raises(Refusal, match=said):
        settle(house, parts=parts)
    assert not Waiver.objects.exists()


def test_the_last_yes_measures_again_by_the_ledger_of_its_day(house: House) -> None:
    row = ask(house)
    house.pay(50_00, TODAY, "penalty")
    with pytest.raises(Refusal, match=r"more than the 0.00 CNY"):
        house.decide(row, house.person(Role.MANAGER))
    row.refresh_from_db()
    assert (row.state, house.waived(), house.open_approvals()) == ("requested", 0, 1)


def test_what_policy_holds_is_shown_first(house: House) -> None:
    budget(house, 100_00)
    found = get_waiver_terms(
        actor=actor_of(house.person(Role.TEAM_LEAD), now=NOW), case_id=house.case.pk, now=NOW
    )
    (plain,) = found.held[WaiverKind.PLAIN]
    assert plain.most_minor == {"penalty": 50_00, "fee": 80_00, "interest": 60_00}
    (late,) = found.held[WaiverKind.SETTLEMENT]
    assert late.most_minor["principal"] == 200_00
    assert [each.left_minor for each in found.budgets] == [100_00]


def test_others_see_and_do_nothing(house: House) -> None:
    row = ask(house)
    other = make_house().person(Role.TEAM_LEAD)
    actor = actor_of(other, now=NOW)
    assert list_waivers(actor=actor, case_id=house.case.pk) == ()
    with pytest.raises(NotThere):
        do_withdraw_waiver(actor=actor, waiver_id=row.pk, now=NOW)
    with pytest.raises(NotThere):
        ask(house, user=other)
    with pytest.raises(NotAllowed):
        ask(house, user=house.person(Role.CASHIER))


def test_a_creditors_own_policy_takes_a_second_person_and_a_day_to_come(house: House) -> None:
    manager = actor_of(house.person(Role.MANAGER), now=NOW)
    text = (
        default_text().replace("2026-01-01", "2026-12-01").replace("penalty: 100%", "penalty: 7%")
    )
    given = {"creditor_id": house.creditor.pk, "now": NOW}
    with pytest.raises(NeedsApproval):
        do_set_waiver_policy(actor=manager, text=text, **given)
    with pytest.raises(Refusal, match="from today"):
        do_set_waiver_policy(actor=job("test"), text=default_text(), **given)
    with pytest.raises(Refusal, match="line 84: rules"):
        do_set_waiver_policy(actor=job("test"), text=default_text() + "  - x: 1\n", **given)
    do_set_waiver_policy(actor=job("test"), text=text, **given)
    creditor_id = house.creditor.pk
    assert waiver_policy_of(creditor_id, TODAY).valid_from == date(2026, 1, 1)
    assert waiver_policy_of(creditor_id, date(2026, 12, 1)).rules[1].shares[0] == (
        "penalty",
        70_000,
    )


def test_a_closed_case_gives_nothing_up(house: House) -> None:
    Case.objects.update(closed_on=TODAY, close_reason="paid")
    with pytest.raises(Refusal, match="closed"):
        ask(house)


def test_a_conditional_waiver_takes_no_more_than_is_still_owed(house: House) -> None:
    row = ask(
        house,
        kind=WaiverKind.CONDITIONAL,
        amounts={"fee": 80_00, "penalty": 50_00},
        parts=[(SETTLED_BY, 300_00)],
    )
    offered(house, row)
    do_accept_waiver(actor=job("test"), waiver_id=row.pk, now=house.later(1))
    house.pay(60_00, TODAY + timedelta(days=1), "fee")
    house.pay(240_00, TODAY + timedelta(days=1))
    house.judge()
    row.refresh_from_db()
    assert (row.state, house.balance()) == ("posted", 1_350_00 - 300_00 - 40_00 - 50_00)
    assert Entry.objects.order_by("-id")[0].kind == EntryKind.WAIVER
