"""Two requests at the same moment on connections of their own never spend one budget twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from kept.core.actors import Role, job
from kept.core.agreements.waiver_policy import WaiverKind
from kept.store.models import User, Waiver
from kept.work.actors import actor_of
from kept.work.refusals import Refusal
from kept.work.waiver_budgets import do_set_waiver_budget, list_waiver_budgets
from kept.work.waivers import WaiverAsked, do_request_waiver
from tests import factories as make
from tests.work.waiver_case import NOW, TODAY, House, make_house

pytestmark = pytest.mark.django_db(transaction=True)


def another(house: House) -> House:
    """A second case of the same portfolio, so that only the budget is shared."""
    debtor = make.make_debtor(house.creditor)
    account = make.make_account(house.account.product, debtor)
    first = TODAY - timedelta(days=200)
    make.make_entry(account, {"penalty": 50_00}, due_on=first, effective_on=first)
    return replace(house, account=account, case=make.make_case(debtor, account))


def at_once(acts: list[Callable[[], str]]) -> list[str]:
    start = Barrier(len(acts))

    def run(act: Callable[[], str]) -> str:
        start.wait(timeout=30)
        try:
            return act()
        except Refusal as refusal:
            return refusal.message
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(run, acts))


def ask(house: House, user: User) -> Callable[[], str]:
    asked = WaiverAsked(WaiverKind.PLAIN, "goodwill", {"penalty": 50_00})
    return lambda: (
        do_request_waiver(
            actor=actor_of(user, now=NOW), case_id=house.case.pk, asked=asked, now=NOW
        ).state
    )


def set_budget(house: House, amount_minor: int) -> None:
    do_set_waiver_budget(
        actor=job("test"),
        creditor_id=house.creditor.pk,
        month=TODAY,
        amount_minor=amount_minor,
        now=NOW,
    )


def test_what_two_ask_for_at_once_never_exceeds_the_budget() -> None:
    first = make_house()
    houses = [first, *(another(first) for _ in range(3))]
    lead = first.person(Role.TEAM_LEAD)
    set_budget(first, 120_00)
    short = "The waiver budget of 2026-11 is short of 30.00 CNY: ask for less, or later."
    answers = at_once([ask(house, lead) for house in houses])
    assert answers == [short, short, "requested", "requested"]
    (found,) = list_waiver_budgets(actor=job("test"), month=TODAY)
    assert (found.reserved_minor, found.left_minor) == (100_00, 20_00)


def test_the_same_case_has_one_open_waiver_whoever_asks() -> None:
    house = make_house()
    people = [house.person(Role.TEAM_LEAD) for _ in range(2)]
    answers = at_once([ask(house, each) for each in people])
    assert answers[1] == "requested"
    assert "A waiver of this case is open" in answers[0]
    assert Waiver.objects.count() == 1
