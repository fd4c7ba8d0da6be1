"""The operators' site: who enters, what forms refuse, and that use cases make every change."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from kept.core.actors import Role
from kept.store.models import (
    Creditor,
    Event,
    LegalEntity,
    ProductTerms,
    RoleGrant,
    Seat,
    Subscriber,
    User,
)
from tests import factories
from tests.desk.conftest import House, SignedIn

TABLES = ["creditor", "product", "productterms", "legalentity", "engagement"]
PEOPLE = ["user", "rolegrant", "team", "seat"]
RECORDS = ["entry", "bucketmove"]
CREDITOR = {
    "code": "NEW",
    "name": "New Bank",
    "country": "CN",
    "zone": "Asia/Shanghai",
    "currency": "CNY",
    "calendar": "",
    "language": "zh-hans",
}


def table(name: str, page: str = "changelist", *arguments: int) -> str:
    return reverse(f"operators:store_{name}_{page}", args=arguments)


@pytest.mark.parametrize("name", [*TABLES, *PEOPLE, *RECORDS])
def test_who_enters(name: str, house: House, signed_in: SignedIn) -> None:
    signed_out = Client().get(table(name))
    assert signed_out.status_code == 302
    for who, status in (("administrator", 200), ("collector", 404), ("manager", 404)):
        assert signed_in(who).get(table(name), follow=True).status_code == status


@pytest.mark.parametrize("name", [*TABLES, *PEOPLE])
def test_forms_open_and_speak_chinese(name: str, house: House, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    client.cookies["django_language"] = "zh-hans"
    page = client.get(table(name, "add"))
    assert page.status_code == 200
    labels = [str(field.label) for field in page.context["adminform"].form]
    assert not [label for label in labels if label.isascii()]


def test_a_django_superuser_without_a_role_stays_outside(db: None) -> None:
    user = factories.make_user()
    user.is_superuser = user.is_staff = True
    user.save()
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(reverse("operators:index"), follow=True).status_code == 404


def test_a_creditor_is_added_and_changed_with_its_events(house: House, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    assert client.post(table("creditor", "add"), CREDITOR).status_code == 302
    row = Creditor.objects.get(code="NEW")
    client.post(table("creditor", "change", row.pk), {**CREDITOR, "name": "Newer Bank"})
    row.refresh_from_db()
    assert row.name == "Newer Bank"
    subject = f"creditor:{row.pk}"
    told = Event.objects.filter(subject=subject).order_by("sequence").values_list("action", "actor")
    assert list(told) == [
        ("creditor.add", "administrator"),
        ("creditor.change", "administrator"),
    ]


@pytest.mark.parametrize(
    ("name", "given", "field"),
    [
        ("creditor", {**CREDITOR, "zone": "Mars"}, "zone"),
        ("creditor", {**CREDITOR, "currency": "YEN"}, "currency"),
        ("creditor", {**CREDITOR, "country": "XX"}, "country"),
        ("creditor", {**CREDITOR, "code": "OWN"}, "code"),
        ("user", {"username": "new", "new_password": "12345678"}, "new_password"),
        ("user", {"username": "manager"}, "username"),
        ("seat", {"code": "S9", "skills": "Call!", "minutes_per_day": 60}, "skills"),
        ("team", {"code": "", "name": "x"}, "code"),
    ],
)
def test_what_a_use_case_refuses_stands_at_its_field_and_changes_nothing(
    name: str, given: dict[str, Any], field: str, house: House, signed_in: SignedIn
) -> None:
    if name == "seat":
        given = {**given, "team": house.seat.team_id}
    counts = [model.objects.count() for model in (Creditor, User, Seat, Event)]
    page = signed_in("administrator").post(table(name, "add"), given)
    assert page.status_code == 200
    assert field in page.context["adminform"].form.errors
    assert [model.objects.count() for model in (Creditor, User, Seat, Event)] == counts


def test_terms_are_added_never_edited(house: House, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    old = ProductTerms.objects.get()
    given = {
        "product": old.product_id,
        "valid_from": "2027-01-01",
        "balance_authority": "creditor",
        "bucket_boundaries": "1,31,61",
        "components": "principal,interest",
        "allocation_order": "interest,principal",
        "interest": "{}",
        "grace_days": 0,
        "small_balance_minor": 0,
        "entry_dpd": -3,
        "missing_from_feed": "stop_and_ask",
    }
    wrong = client.post(table("productterms", "add"), {**given, "bucket_boundaries": "31,1"})
    assert "bucket_boundaries" in wrong.context["adminform"].form.errors
    assert client.post(table("productterms", "add"), given).status_code == 302
    new = ProductTerms.objects.get(version=2)
    old.refresh_from_db()
    assert (old.valid_to, new.valid_from) == (date(2026, 12, 31), date(2027, 1, 1))
    assert client.post(table("productterms", "change", new.pk), given).status_code == 404
    assert client.post(table("productterms", "delete", new.pk), {"post": "yes"}).status_code == 404


def test_a_user_with_a_role_and_a_seat(house: House, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    client.post(
        table("user", "add"),
        {"username": "li", "new_password": "a long enough secret", "language": "zh-hans"},
    )
    user = User.objects.get(username="li")
    assert user.check_password("a long enough secret")
    client.post(table("rolegrant", "add"), {"user": user.pk, "role": "collector"})
    grant = RoleGrant.objects.get(user=user)
    client.post(
        table("seat", "add"),
        {
            "code": "S2",
            "team": house.seat.team_id,
            "user": user.pk,
            "skills": "call,letter",
            "creditors": [house.creditor.pk],
            "minutes_per_day": 420,
            "active": "on",
        },
    )
    seat = Seat.objects.get(code="S2")
    assert (seat.user, seat.skills, list(seat.creditors.all())) == (
        user,
        ["call", "letter"],
        [house.creditor],
    )
    client.post(table("rolegrant", "delete", grant.pk), {"post": "yes"})
    assert not RoleGrant.objects.filter(user=user).exists()
    client.post(table("user", "change", user.pk), {"username": "li"})
    user.refresh_from_db()
    assert not user.is_active


def test_nobody_takes_the_keys_from_themselves(house: House, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    own = RoleGrant.objects.get(role=Role.ADMINISTRATOR)
    page = client.post(table("rolegrant", "delete", own.pk), {"post": "yes"}, follow=True)
    assert "You cannot revoke your own role" in page.content.decode()
    assert RoleGrant.objects.filter(pk=own.pk).exists()


def test_an_administrator_of_one_creditor_sees_it_alone(house: House) -> None:
    user = factories.make_user(roles={Role.ADMINISTRATOR: [house.creditor]})
    client = Client(headers={"accept-language": "en"})
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(table("creditor")).content.decode()
    assert "Own Bank" in page
    assert "Other Bank" not in page
    other = table("creditor", "change", house.other.pk)
    assert client.post(other, {**CREDITOR, "code": "OTHER"}, follow=True).status_code == 404
    house.other.refresh_from_db()
    assert house.other.name == "Other Bank"
    for name in (*PEOPLE, "legalentity"):
        assert client.get(table(name)).status_code == 404
    assert client.get(reverse("operators:events")).status_code == 404
    products = client.get(table("productterms", "add")).context["adminform"].form.fields["product"]
    assert {product.creditor_id for product in products.queryset} == {house.creditor.pk}


@pytest.mark.parametrize("name", RECORDS)
def test_records_are_for_looking(name: str, house: House, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    assert client.get(table(name)).status_code == 200
    assert client.get(table(name, "add")).status_code == 404


def test_entries_show_their_postings_and_cannot_be_changed(
    house: House, signed_in: SignedIn
) -> None:
    client = signed_in("administrator")
    from kept.store.models import Entry

    entry = Entry.objects.get()
    page = client.get(table("entry", "change", entry.pk)).content.decode()
    assert "100000" in page.replace(",", "")
    assert client.post(table("entry", "change", entry.pk), {"kind": "waiver"}).status_code == 404
    assert client.post(table("entry", "delete", entry.pk), {"post": "yes"}).status_code == 404


def test_the_events_of_the_house_page_by_page(house: House, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    for n in range(3):
        client.post(
            table("legalentity", "add"),
            {"code": f"FIRM{n}", "name": "Firm", "type": "third_party_agency", "country": "CN"},
        )
    assert LegalEntity.objects.count() == 3
    page = client.get(reverse("operators:events")).content.decode()
    assert page.count("legal_entity.add") == 3
    assert (
        client.get(reverse("operators:events"), {"before": "2"})
        .content.decode()
        .count("legal_entity.add")
        == 1
    )
    assert client.get(reverse("operators:events"), {"before": "x"}).status_code == 200


def test_django_writes_no_log_of_its_own(house: House, signed_in: SignedIn) -> None:
    from django.contrib.admin.models import LogEntry

    signed_in("administrator").post(table("creditor", "add"), CREDITOR)
    assert Creditor.objects.filter(code="NEW").exists()
    assert not LogEntry.objects.exists()


def test_a_subscriber_is_added_and_its_secret_is_never_shown(
    house: House, signed_in: SignedIn
) -> None:
    client = signed_in("administrator")
    given = {"name": "Core bank", "url": "https://bank.example/hook", "creditor": "", "actions": ""}
    refused = client.post(table("subscriber", "add"), {**given, "secret": "short", "active": "on"})
    assert "at least 32 characters" in refused.content.decode()
    assert not Subscriber.objects.exists()
    secret = "a secret of both sides, 32 signs."  # noqa: S105
    added = client.post(table("subscriber", "add"), {**given, "secret": secret, "active": "on"})
    assert added.status_code == 302
    row = Subscriber.objects.get()
    assert (row.url, row.active, row.actions) == ("https://bank.example/hook", True, [])
    page = client.get(table("subscriber", "change", row.pk)).content.decode()
    assert secret not in page
    changed = {**given, "actions": "task.close,hold.place", "secret": ""}
    client.post(table("subscriber", "change", row.pk), changed)
    row.refresh_from_db()
    assert (row.active, row.actions) == (False, ["task.close", "hold.place"])
