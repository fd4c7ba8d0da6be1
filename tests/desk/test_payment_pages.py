"""Payments as people use their pages: recorded with a second person, worked from the queue."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from kept.core.actors import Role, job
from kept.store.models import Account, Approval, Payment
from kept.work.payments import PaymentGiven, do_take_payment
from tests import factories
from tests.desk.conftest import House, SignedIn

pytestmark = pytest.mark.django_db

DAY = factories.TODAY - timedelta(days=3)


@pytest.fixture
def cashier(house: House) -> str:
    user = factories.make_user("cashier", roles={Role.CASHIER: [house.creditor]})
    house.users["cashier"] = user
    return "cashier"


def take(house: House, number: str, *accounts: str, **more: str) -> Payment:
    given = PaymentGiven(house.creditor.pk, number, 50_00, "CNY", DAY, accounts=accounts, **more)
    taken = do_take_payment(actor=job("bank"), given=given, now=factories.NOW)
    return Payment.objects.get(pk=taken.payment_id)


def fill_payments(house: House) -> Payment:
    """One that is allocated, and one that waits with somebody likely, which is returned."""
    take(house, "PAID-1", "ACC-1", payer="王小明", payer_relation="self")
    return take(house, "WAITS-1", payer="王小明", text="还款 谢谢")


def test_the_trace_is_shown_to_who_may_see_payments(
    house: House, signed_in: SignedIn, cashier: str
) -> None:
    row = take(house, "R-1", "ACC-1", payer="Somebody Kind", payer_relation="friend")
    page = signed_in(cashier).get(reverse("payment", args=[row.pk]))
    text = page.content.decode()
    assert page.status_code == 200
    assert all(each in text for each in ("R-1", "ACC-1", "Somebody Kind", "23.45", "26.55"))
    assert "R-1" in signed_in(cashier).get(reverse("payments")).content.decode()
    assert signed_in("collector").get(reverse("payments")).status_code == 404
    assert signed_in("stranger").get(reverse("payment", args=[row.pk])).status_code == 404


def test_money_in_suspense_is_given_to_an_account(
    house: House, signed_in: SignedIn, cashier: str
) -> None:
    row = take(house, "R-2", payer="王小明")
    client = signed_in(cashier)
    assert "R-2" in client.get(reverse("suspense")).content.decode()
    assert "ACC-1" in client.get(reverse("payment", args=[row.pk])).content.decode()
    form = {"act": "assign", "account": ["ACC-1", ""], "amount": ["50.00", ""], "reason": "said so"}
    answer = client.post(reverse("act_on_payment", args=[row.pk]), form)
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("suspense"))
    row.refresh_from_db()
    assert (row.state, row.allocated_minor) == ("allocated", 50_00)
    form = {"act": "reverse", "kind": "reversal", "returned_on": str(DAY), "reason": "bounced"}
    client.post(reverse("act_on_payment", args=[row.pk]), {**form, "code": "AM04"})
    assert Approval.objects.get().kind == "payment_reversal"


def test_a_cashier_records_with_a_second_person(
    house: House, signed_in: SignedIn, cashier: str
) -> None:
    client = signed_in(cashier)
    page = client.get(reverse("case", args=[house.case.pk])).content.decode()
    assert "Whoever is not the debtor pays of free will" in page
    account = Account.objects.get(external_id="ACC-1")
    form = {
        "account": str(account.pk),
        "amount": "12.00",
        "received_on": str(DAY),
        "receipt": "C-1",
        "way": "cash",
        "payer_relation": "spouse",
        "payer": "李四",
    }
    client.post(reverse("record_payment", args=[house.case.pk]), form)
    assert (Approval.objects.get().kind, Payment.objects.count()) == ("payment", 0)
    answer = signed_in("collector").post(reverse("record_payment", args=[house.case.pk]), form)
    assert answer.status_code == 403
