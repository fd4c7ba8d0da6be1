"""The account's page shows what accrued, and how it was reckoned."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from kept.core.actors import Role
from tests import factories as make

pytestmark = pytest.mark.django_db

TERMS = {
    "day_count": "ACT/365F",
    "interest": {"rates": {"yearly": "18.25%"}, "base": ["principal"]},
    "late_fee": {"amount": "20.00", "base": ["principal"]},
    "caps": ["US.MLA"],
}


def page_of(client: Client, authority: str) -> str:
    make.make_partitions()
    creditor = make.make_creditor(currency="USD")
    product = make.make_product(creditor)
    make.make_terms(product, balance_authority=authority, interest=TERMS)
    debtor = make.make_debtor(creditor)
    account = make.make_account(product, debtor, opened_on=date(2026, 10, 1))
    make.make_entry(account, {"principal": 10_000}, due_on=date(2026, 10, 1))
    case = make.make_case(debtor, account)
    client.force_login(make.make_user("reader", roles={Role.MANAGER: [creditor]}))
    return client.get(reverse("entries", args=[case.pk, account.pk])).content.decode()


def test_what_accrued_with_every_stretch(client: Client) -> None:
    shown = page_of(client, "kept")
    assert "Not charged yet" in shown
    assert "18.25% a year" in shown
    assert "by contract" in shown
    # The fee of 20.00 is bounded by what 36 % leaves over.
    assert "US.MLA" in shown


def test_with_the_creditors_word_there_is_no_such_part(client: Client) -> None:
    assert "Not charged yet" not in page_of(client, "creditor")
