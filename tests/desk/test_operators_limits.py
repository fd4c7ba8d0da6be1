"""The operators' site to an auditor, who reads all and changes nothing, and to one who tries."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from kept.core.actors import Role
from kept.store.models import (
    Creditor,
    Engagement,
    Entry,
    Event,
    LegalEntity,
    Product,
    ProductTerms,
    RoleGrant,
    User,
)
from kept.work.creditors import do_save_engagement
from kept.work.refusals import NotThere
from tests import factories
from tests.desk.conftest import House
from tests.desk.test_operators import CREDITOR, PEOPLE, RECORDS, TABLES, table

PRODUCT_FRAME = 'id="site-name"'


def client_of(roles: dict[Role, Any]) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(
        factories.make_user(roles=roles),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    return client


@pytest.fixture
def auditor(house: House) -> Client:
    return client_of({Role.AUDITOR: None})


@pytest.fixture
def limited(house: House) -> Client:
    """An administrator of one creditor who knows how addresses are made."""
    return client_of({Role.ADMINISTRATOR: [house.creditor]})


@pytest.fixture
def rows(house: House) -> dict[str, int]:
    """A row of the other creditor in each table."""
    product = factories.make_product(house.other, name="Other Card")
    terms = factories.make_terms(product)
    firm = LegalEntity.objects.create(
        code="OTHERFIRM", name="Other Firm", type="third_party_agency", country="CN"
    )
    mandate = Engagement.objects.create(
        creditor=house.other, legal_entity=firm, valid_from="2026-01-01"
    )
    account = factories.make_account(product, house.other_case.debtor, external_id="OTHER-1")
    entry = factories.make_entry(account, {"principal": 5})
    move = factories.make_bucket_move(account, terms)
    return {
        "creditor": house.other.pk,
        "product": product.pk,
        "productterms": terms.pk,
        "legalentity": firm.pk,
        "engagement": mandate.pk,
        "entry": entry.pk,
        "bucketmove": move.pk,
        "user": house.users["stranger"].pk,
        "rolegrant": RoleGrant.objects.filter(user=house.users["stranger"]).get().pk,
        "seat": house.seat.pk,
        "team": house.seat.team_id,
    }


def assert_not_there(answer: Any) -> None:
    """The product's own page, which is no Django page and says nothing of what was asked."""
    assert answer.status_code == 404
    page = answer.content.decode()
    assert "desk/desk.css" in page
    assert "Other" not in page


# --- the auditor ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*TABLES, *PEOPLE, *RECORDS])
def test_an_auditor_reads_every_table_and_row(
    name: str, auditor: Client, rows: dict[str, int]
) -> None:
    listed = auditor.get(table(name))
    assert listed.status_code == 200
    assert PRODUCT_FRAME in listed.content.decode()
    page = auditor.get(table(name, "change", rows[name]))
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()
    assert "password" not in page.content.decode().lower()


@pytest.mark.parametrize("name", [*TABLES, *PEOPLE, *RECORDS])
def test_an_auditor_changes_nothing(name: str, auditor: Client, rows: dict[str, int]) -> None:
    models = (Creditor, Product, ProductTerms, LegalEntity, Engagement, Entry, User, RoleGrant)
    before = [list(model.objects.order_by("pk").values()) for model in models]
    given = {**CREDITOR, "username": "x", "name": "Changed"}
    assert_not_there(auditor.get(table(name, "add")))
    assert_not_there(auditor.post(table(name, "add"), given))
    assert_not_there(auditor.post(table(name, "change", rows[name]), given))
    assert_not_there(auditor.post(table(name, "delete", rows[name]), {"post": "yes"}))
    acted = {"action": "delete_selected", "_selected_action": [rows[name]], "post": "yes"}
    auditor.post(table(name), acted)
    assert [list(model.objects.order_by("pk").values()) for model in models] == before


def test_an_administrator_looks_at_terms_that_are_never_edited(
    house: House, limited: Client
) -> None:
    terms = ProductTerms.objects.get(product__creditor=house.creditor)
    page = limited.get(table("productterms", "change", terms.pk))
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()


def test_an_auditor_reads_the_events_and_finds_the_way_from_the_desk(
    house: House, auditor: Client
) -> None:
    assert auditor.get(reverse("operators:events")).status_code == 200
    assert reverse("operators:index") in auditor.get(reverse("today")).content.decode()
    index = auditor.get(reverse("operators:index")).content.decode()
    for name in ("creditor", "product", "entry", "bucketmove", "rolegrant"):
        assert table(name) in index
    assert "/add/" not in index


# --- who tries ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*TABLES, *PEOPLE, *RECORDS])
def test_rows_of_another_creditor_are_not_there_by_their_number(
    name: str, limited: Client, rows: dict[str, int]
) -> None:
    events = Event.objects.count()
    for page in ("change", "delete", "history"):
        assert_not_there(limited.get(table(name, page, rows[name])))
        assert_not_there(limited.post(table(name, page, rows[name]), {**CREDITOR, "post": "yes"}))
    missing = limited.get(table(name, "change", 999_999))
    assert_not_there(missing)
    assert Event.objects.count() == events


@pytest.mark.parametrize("name", ["creditor", "product", "productterms", "engagement", *RECORDS])
def test_lists_searches_and_filters_tell_nothing_of_another_creditor(
    name: str, limited: Client, house: House, rows: dict[str, int]
) -> None:
    for query in (
        {},
        {"q": "OTHER"},
        {"q": "OTHER-1"},
        {"creditor": house.other.pk},
        {"creditor__id__exact": house.other.pk},
        {"account__external_id": "OTHER-1"},
        {"all": ""},
        {"o": "1.-2"},
    ):
        answer = limited.get(table(name), query, follow=True)
        listed = answer.content.decode().split('id="result_list"')[-1]
        assert "Other" not in listed
        assert "OTHERFIRM" not in listed
        assert f"/{rows[name]}/change/" not in listed
    leaky = limited.get(table(name), {"creditor__name__startswith": "O"})
    assert leaky.status_code in (302, 400)


@pytest.mark.parametrize("name", ["product", "productterms", "engagement"])
def test_choices_name_only_ones_own(name: str, limited: Client, rows: dict[str, int]) -> None:
    page = limited.get(table(name, "add")).content.decode()
    assert "Other" not in page


@pytest.mark.parametrize(
    ("model", "field"),
    [("product", "creditor"), ("engagement", "legal_entity"), ("rolegrant", "user")],
)
def test_autocomplete_is_for_what_one_may_see(
    model: str, field: str, limited: Client, rows: dict[str, int]
) -> None:
    answer = limited.get(
        reverse("operators:autocomplete"),
        {"term": "", "app_label": "store", "model_name": model, "field_name": field},
    )
    assert "Other" not in answer.content.decode()
    assert "stranger" not in answer.content.decode()


def test_what_is_another_creditors_cannot_be_given_in_a_form(
    limited: Client, house: House, rows: dict[str, int]
) -> None:
    given = {"code": "SLY", "name": "Sly", "debt_type": "credit_card", "currency": "CNY"}
    page = limited.post(table("product", "add"), {**given, "creditor": house.other.pk})
    assert "creditor" in page.context["adminform"].form.errors
    mandate = {"creditor": house.creditor.pk, "valid_from": "2026-01-01"}
    page = limited.post(
        table("engagement", "add"), {**mandate, "legal_entity": rows["legalentity"]}
    )
    assert "legal_entity" in page.context["adminform"].form.errors
    assert_not_there(limited.post(table("creditor", "add"), {**CREDITOR, "code": "OTHER"}))
    assert not Product.objects.filter(code="SLY").exists()


def test_the_use_case_refuses_another_creditors_company_too(
    house: House, rows: dict[str, int]
) -> None:
    from kept.work.actors import actor_of

    user = factories.make_user(roles={Role.ADMINISTRATOR: [house.creditor]})
    actor = actor_of(user, now=factories.NOW)
    given: dict[str, Any] = {"actor": actor, "creditor_id": house.creditor.pk, "now": factories.NOW}
    with pytest.raises(NotThere):
        do_save_engagement(legal_entity_id=rows["legalentity"], valid_from=factories.TODAY, **given)
    firm = LegalEntity.objects.create(
        code="OWNFIRM", name="Own Firm", type="third_party_agency", country="CN"
    )
    Engagement.objects.create(
        creditor=house.creditor, legal_entity=firm, valid_from="2020-01-01", valid_to="2020-12-31"
    )
    saved = do_save_engagement(legal_entity_id=firm.pk, valid_from=factories.TODAY, **given)
    assert saved.creditor == house.creditor


@pytest.mark.parametrize("path", ["password_change/", "logout/", "r/1/1/", "login/", "nothing/"])
def test_djangos_own_pages_are_not_there(path: str, limited: Client) -> None:
    for answer in (
        limited.get(f"/operators/{path}", follow=True),
        limited.post(f"/operators/{path}", {}, follow=True),
    ):
        assert_not_there(answer)


def test_bulk_actions_do_not_exist(limited: Client, house: House) -> None:
    product = Product.objects.filter(creditor=house.creditor).get()
    limited.post(
        table("product"),
        {"action": "delete_selected", "_selected_action": [product.pk], "post": "yes"},
    )
    assert Product.objects.filter(pk=product.pk).exists()
