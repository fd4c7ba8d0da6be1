"""Plans as people use their page: figures, offers around them, a schedule, the debtor's answer."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from kept.core.actors import job
from kept.store.models import HouseholdFigures, Plan
from kept.work.payments import PaymentGiven, do_take_payment
from tests.desk.conftest import House, SignedIn
from tests.desk.test_promise_pages import today

pytestmark = pytest.mark.django_db


def plans_page(house: House, signed_in: SignedIn, who: str = "manager", **asked: str) -> str:
    address = reverse("plans", args=[house.case.pk])
    return str(signed_in(who).get(address, asked).content.decode())


def send(house: House, signed_in: SignedIn, name: str, *more: int, **form: Any) -> str:
    address = reverse(name, args=[house.case.pk, *more])
    return str(signed_in("manager").post(address, form, follow=True).content.decode())


def tell(house: House, signed_in: SignedIn, **given: str) -> str:
    form = {"income": "4000.00", "dependants": "1", **given}
    return send(house, signed_in, "record_household", **form)


def test_figures_come_first_and_offers_stay_within_them(house: House, signed_in: SignedIn) -> None:
    assert "Ask for income, living costs and dependants first" in plans_page(house, signed_in)
    assert "is not a whole number" in tell(house, signed_in, dependants="two")
    assert not HouseholdFigures.objects.exists()
    page = tell(house, signed_in)
    assert "CN¥1,214.10" in page  # half of what is left
    numbers = re.findall(r'name="number" value="(\d+)"', page)
    first = re.search(r'name="first_on" value="([\d-]+)"', page)
    assert numbers
    assert first is not None
    page = send(
        house, signed_in, "offer_plan", shape="annuity", number=numbers[0], first_on=first[1]
    )
    assert "Offered." in page
    case = signed_in("manager").get(reverse("case", args=[house.case.pk]))
    assert case.status_code == 200  # its timeline tells of the figures and the offer
    assert "The debtor accepts" in page
    assert "Print the agreement" in page


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"shape": "annuity", "number": "61"}, "60 months"),
        ({"shape": "annuity", "number": "six"}, "is not a whole number"),
        ({"shape": "irregular", "amount_1": "1.00", "due_1": "2026-12-10"}, "come to"),
        ({"shape": "irregular", "amount_1": "1.005", "due_1": "2026-12-10"}, "Give an amount"),
        ({"shape": "spiral", "number": "3"}, "Choose one of"),
    ],
)
def test_a_schedule_that_is_none_is_told_while_it_is_typed(
    house: House, signed_in: SignedIn, form: dict[str, str], told: str
) -> None:
    tell(house, signed_in)
    address = reverse("preview_plan", args=[house.case.pk])
    assert told in signed_in("manager").get(address, form).content.decode()
    assert told in send(house, signed_in, "offer_plan", **form)
    assert not Plan.objects.exists()


def test_a_plan_runs_is_paid_and_says_what_pays_it_off(house: House, signed_in: SignedIn) -> None:
    tell(house, signed_in)
    send(house, signed_in, "offer_plan", shape="annuity", number="2", pay_day="28")
    plan = Plan.objects.get()
    assert "Done." in send(house, signed_in, "change_plan", plan.pk, step="accept")
    plan.refresh_from_db()
    assert plan.state == "active"
    assert "running" in plans_page(house, signed_in)
    given = PaymentGiven(
        house.creditor.pk, "P-1", 23_45, "CNY", today(), accounts=("ACC-1",), payer_relation="self"
    )
    do_take_payment(actor=job("bank"), given=given, now=timezone.now())
    page = plans_page(house, signed_in)
    assert "Pays it off today" in page
    assert "Only a running plan" not in page
    page = send(house, signed_in, "change_plan", plan.pk, step="cancelled")
    assert "cancelled" in page


def test_who_may_offer_and_who_sees_nothing(house: House, signed_in: SignedIn) -> None:
    assert (
        "data-plan"
        in signed_in("collector").get(reverse("case", args=[house.case.pk])).content.decode()
    )
    address = reverse("plans", args=[house.case.pk])
    assert signed_in("stranger").get(address).status_code == 404
    assert signed_in("nobody").get(address).status_code == 404
