"""Products and terms: versions follow each other, are never edited, and fit together."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from kept.core.actors import Role, job
from kept.store.models import Event, Product, ProductTerms
from kept.work.products import do_add_terms, do_save_product
from kept.work.refusals import NotAllowed, NotThere, Refusal
from tests import factories
from tests.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("months")]
SETUP = job("setup")
TERMS: dict[str, Any] = {
    "valid_from": date(2026, 1, 1),
    "balance_authority": "creditor",
    "bucket_boundaries": [1, 31, 61, 91],
    "components": ["principal", "interest"],
    "allocation_order": ["interest", "principal"],
}


@pytest.fixture
def product(db: None) -> Product:
    return factories.make_product(factories.make_creditor())


def test_a_new_product_is_kept_with_its_event() -> None:
    creditor = factories.make_creditor()
    row = do_save_product(
        actor=SETUP,
        creditor_id=creditor.pk,
        code="CARD",
        name="Card",
        debt_type="credit_card",
        currency="CNY",
        now=NOW,
    )
    event = Event.objects.get()
    assert (event.action, event.subject) == ("product.add", f"product:{row.pk}")


def test_with_accounts_a_product_keeps_its_currency_and_creditor(product: Product) -> None:
    factories.make_account(product, factories.make_debtor(product.creditor))
    ask = {
        "actor": SETUP,
        "product_id": product.pk,
        "code": product.code,
        "name": product.name,
        "debt_type": product.debt_type,
        "now": NOW,
    }
    with pytest.raises(Refusal) as refused:
        do_save_product(**ask, creditor_id=product.creditor_id, currency="USD")
    assert list(refused.value.fields) == ["currency"]
    with pytest.raises(Refusal) as refused:
        do_save_product(**ask, creditor_id=factories.make_creditor().pk, currency="CNY")
    assert list(refused.value.fields) == ["creditor"]
    product.refresh_from_db()
    assert product.currency == "CNY"


def test_the_next_version_ends_the_one_before(product: Product) -> None:
    do_add_terms(actor=SETUP, product_id=product.pk, now=NOW, **TERMS)
    do_add_terms(
        actor=SETUP,
        product_id=product.pk,
        now=NOW,
        **{**TERMS, "valid_from": date(2026, 7, 1), "grace_days": 3},
    )
    versions = ProductTerms.objects.order_by("version")
    assert list(versions.values_list("version", "valid_from", "valid_to", "grace_days")) == [
        (1, date(2026, 1, 1), date(2026, 6, 30), 0),
        (2, date(2026, 7, 1), None, 3),
    ]
    body = json.loads(Event.objects.order_by("-id").first().body)
    assert (body["version"], body["after"]["valid_from"]) == (2, "2026-07-01")


def test_the_database_refuses_an_edit_of_terms(product: Product) -> None:
    terms = do_add_terms(actor=SETUP, product_id=product.pk, now=NOW, **TERMS)
    terms.grace_days = 9
    with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
        terms.save()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("bucket_boundaries", []),
        ("bucket_boundaries", [0, 31]),
        ("bucket_boundaries", [-3, 31]),
        ("bucket_boundaries", [1, 61, 31]),
        ("bucket_boundaries", [1, 31, 31]),
        ("bucket_boundaries", [1, 99_999]),
        ("components", ["Principal", "interest"]),
        ("components", ["interest", "interest"]),
        ("components", []),
        ("allocation_order", ["interest"]),
        ("allocation_order", ["interest", "principal", "fee"]),
        ("allocation_order", ["interest", "interest"]),
        ("balance_authority", "nobody"),
        ("small_balance_minor", -1),
        ("grace_days", -1),
        ("missing_from_feed", "shrug"),
    ],
)
def test_terms_that_do_not_fit_are_refused_by_input(
    product: Product, field: str, value: object
) -> None:
    with pytest.raises(Refusal) as refused:
        do_add_terms(actor=SETUP, product_id=product.pk, now=NOW, **{**TERMS, field: value})
    assert field in refused.value.fields
    assert not ProductTerms.objects.exists()
    assert not Event.objects.exists()


def test_a_version_begins_after_the_one_before_and_a_refusal_leaves_that_one_open(
    product: Product,
) -> None:
    do_add_terms(actor=SETUP, product_id=product.pk, now=NOW, **TERMS)
    for wrong in (
        {"valid_from": date(2026, 1, 1)},
        {"valid_from": date(2027, 1, 1), "grace_days": -1},
    ):
        with pytest.raises(Refusal):
            do_add_terms(actor=SETUP, product_id=product.pk, now=NOW, **{**TERMS, **wrong})
    assert ProductTerms.objects.get().valid_to is None


def test_who_may_not_and_whose_it_is_not(product: Product) -> None:
    manager = factories.make_actor(7, "m", frozenset({Role.MANAGER}), None)
    stranger = factories.make_actor(8, "s", frozenset({Role.ADMINISTRATOR}), frozenset({0}))
    with pytest.raises(NotAllowed):
        do_add_terms(actor=manager, product_id=product.pk, now=NOW, **TERMS)
    with pytest.raises(NotThere):
        do_add_terms(actor=stranger, product_id=product.pk, now=NOW, **TERMS)
    assert not ProductTerms.objects.exists()
