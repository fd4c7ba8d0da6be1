"""Waivers as people use their pages: what policy holds first, asking within it, the answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from kept.core.actors import Role
from kept.store.models import Approval, Entry, Waiver, WaiverBudget
from tests import factories
from tests.desk.conftest import House, SignedIn
from tests.desk.test_promise_pages import today

pytestmark = pytest.mark.django_db


@pytest.fixture
def old(house: House) -> House:
    """Long past due, so that the shipped matrix holds charges, and a settlement."""
    account = house.case.case_accounts.get().account
    due_on = factories.TODAY - timedelta(days=200)
    amounts = {"penalty": 80_00}
    factories.make_entry(account, amounts, due_on=due_on, effective_on=due_on)
    return house


def waivers_page(house: House, signed_in: SignedIn, who: str = "collector") -> str:
    address = reverse("waivers", args=[house.case.pk])
    return str(signed_in(who).get(address).content.decode())


def send(client: Client, name: str, *numbers: int, **form: Any) -> str:
    return str(client.post(reverse(name, args=numbers), form, follow=True).content.decode())


def ask(house: House, signed_in: SignedIn, **form: str) -> str:
    given = {"kind": "plain", "reason": "goodwill", **form}
    return send(signed_in("collector"), "ask_waiver", house.case.pk, **given)


def approver(house: House) -> Client:
    client = Client()
    client.force_login(factories.make_user("head", roles={Role.MANAGER: [house.creditor]}))
    return client


def test_what_policy_holds_stands_before_the_form(old: House, signed_in: SignedIn) -> None:
    page = waivers_page(old, signed_in)
    assert "nothing else may be promised" in page
    assert "at most CN¥80.00" in page
    assert page.index("at most") < page.index('name="amount_penalty"')
    assert 'name="kind" data-first' in page


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"amount_penalty": "80.01"}, "more than the 80.00"),
        ({"amount_penalty": "2000.00"}, "is more than"),
        ({"amount_penalty": "1.005"}, "Give an amount"),
        ({"amount_penalty": "-1"}, "above 0"),
        ({"amount_principal": "1.00"}, "no waiver of it"),
        ({}, "above 0"),
        ({"kind": "gift"}, "which kind"),
        ({"amount_penalty": "1.00", "reason": "nice"}, "Choose one of"),
        ({"kind": "settlement", "pay_1": "5000.00", "pay_on_1": "2026-12-20"}, "less than is owed"),
    ],
)
def test_beyond_the_policy_nothing_is_asked_for(
    old: House, signed_in: SignedIn, form: dict[str, str], told: str
) -> None:
    assert told in ask(old, signed_in, **form)
    assert not Waiver.objects.exists()
    assert not Approval.objects.exists()


def test_asked_for_on_one_page_and_approved_on_another(old: House, signed_in: SignedIn) -> None:
    page = ask(old, signed_in, amount_penalty="50.00")
    assert "its part of the budget is reserved" in page
    row = Waiver.objects.get()
    assert row.state == "requested"
    assert "A waiver of this case is open" in ask(old, signed_in, amount_penalty="1.00")
    address = reverse("decide_approval", args=[Approval.objects.get().pk])
    own = signed_in("collector").post(address, {"answer": "yes"}, follow=True)
    assert own.status_code in (200, 404)
    assert not Entry.objects.filter(kind="waiver").exists()
    decided = approver(old).post(address, {"answer": "yes"}, follow=True).content.decode()
    assert "Approved, and carried out." in decided
    row.refresh_from_db()
    assert row.state == "posted"
    assert Entry.objects.get(kind="waiver").reference == f"waiver {row.pk}"


def test_a_settlement_is_offered_printed_and_accepted(old: House, signed_in: SignedIn) -> None:
    day = (today() + timedelta(days=10)).isoformat()
    form = {"kind": "settlement", "reason": "closes_debt", "pay_1": "1050.00", "pay_on_1": day}
    ask(old, signed_in, **form)
    row = Waiver.objects.get()
    for n, level in enumerate(row.levels):
        client = Client()
        user = factories.make_user(f"head{n}", roles={Role(level[0]): [old.creditor]})
        client.force_login(user)
        send(client, "decide_approval", Approval.objects.get().pk, answer="yes")
    page = waivers_page(old, signed_in)
    assert "The debtor accepts" in page
    assert "Print the offer" in page
    documents = reverse("documents", args=[old.case.pk])
    offered = signed_in("collector").get(documents, {"kind": "settlement_offer"}).content.decode()
    assert '<option value="settlement_offer" selected>' in offered
    assert "settlement_confirmation" not in offered
    assert "payments are counted" in send(
        signed_in("collector"), "accept_waiver", old.case.pk, row.pk
    )
    row.refresh_from_db()
    assert row.state == "accepted"
    assert "cannot be withdrawn" in send(
        signed_in("collector"), "withdraw_waiver", old.case.pk, row.pk
    )


def test_who_else_finds_nothing(old: House, signed_in: SignedIn) -> None:
    ask(old, signed_in, amount_penalty="50.00")
    address = reverse("waivers", args=[old.case.pk])
    assert signed_in("stranger").get(address).status_code == 404
    assert signed_in("nobody").get(address).status_code == 404


def test_budgets_of_the_month(old: House, signed_in: SignedIn) -> None:
    form = {"creditor": "OWN", "month": today().strftime("%Y-%m"), "amount": "60.00"}
    manager = signed_in("manager")
    assert "The budget is set." in send(manager, "set_waiver_budget", **form)
    assert WaiverBudget.objects.get().amount_minor == 60_00
    assert "CN¥60.00" in manager.get(reverse("waiver_budgets")).content.decode()
    assert "Give an amount" in send(manager, "set_waiver_budget", **{**form, "amount": "much"})
    assert "short of 10.00 CNY" in ask(old, signed_in, amount_penalty="70.00")
    ask(old, signed_in, amount_penalty="50.00")
    assert "50.00 CNY of it are reserved or used" in send(
        manager, "set_waiver_budget", **{**form, "amount": "49.99"}
    )
    assert "left" in waivers_page(old, signed_in)
