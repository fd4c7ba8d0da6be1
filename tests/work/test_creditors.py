"""Creditors, companies and mandates: what is refused and says so, what is kept with its event."""

from __future__ import annotations

import json
from datetime import date

import pytest

from kept.core.actors import Actor, Role, job
from kept.store.models import Creditor, Engagement, Event, LegalEntity
from kept.work.creditors import do_save_creditor, do_save_engagement, do_save_legal_entity
from kept.work.refusals import NotAllowed, NotThere, Refusal
from tests import factories
from tests.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("months")]
SETUP = job("setup")
BANK = {
    "code": "BANK",
    "name": " First Bank ",
    "country": "CN",
    "zone": "Asia/Shanghai",
    "currency": "CNY",
}


def person(*roles: Role, creditor_ids: frozenset[int] | None = None) -> Actor:
    return factories.make_actor(7, "someone", frozenset(roles), creditor_ids)


def test_a_new_creditor_is_kept_with_its_event() -> None:
    row = do_save_creditor(actor=SETUP, now=NOW, **BANK)
    assert (row.code, row.name, row.language) == ("BANK", "First Bank", "zh-hans")
    event = Event.objects.get()
    assert (event.action, event.subject, event.actor) == (
        "creditor.add",
        f"creditor:{row.pk}",
        "setup",
    )
    assert json.loads(event.body)["after"]["name"] == "First Bank"


def test_a_change_tells_before_and_after_and_no_change_tells_nothing() -> None:
    row = do_save_creditor(actor=SETUP, now=NOW, **BANK)
    do_save_creditor(actor=SETUP, now=NOW, creditor_id=row.pk, **{**BANK, "name": "Second"})
    do_save_creditor(actor=SETUP, now=NOW, creditor_id=row.pk, **{**BANK, "name": "Second"})
    bodies = [json.loads(body) for body in Event.objects.order_by("id").values_list("body", flat=1)]
    assert len(bodies) == 2
    assert (bodies[1]["before"]["name"], bodies[1]["after"]["name"]) == ("First Bank", "Second")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("country", "XX"),
        ("country", "cn"),
        ("country", "EU"),
        ("zone", "Mars/Olympus"),
        ("zone", "../etc/passwd"),
        ("zone", ""),
        ("currency", "YUAN"),
        ("currency", "cny"),
        ("language", "zh_Hans!"),
        ("code", "lower"),
        ("code", ""),
        ("name", "  "),
    ],
)
def test_bad_values_are_refused_by_input_and_change_nothing(field: str, value: str) -> None:
    with pytest.raises(Refusal) as refused:
        do_save_creditor(actor=SETUP, now=NOW, **{**BANK, field: value})
    assert list(refused.value.fields) == [field]
    assert not Creditor.objects.exists()
    assert not Event.objects.exists()


def test_a_code_is_used_once() -> None:
    do_save_creditor(actor=SETUP, now=NOW, **BANK)
    with pytest.raises(Refusal) as refused:
        do_save_creditor(actor=SETUP, now=NOW, **BANK)
    assert list(refused.value.fields) == ["code"]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_administrators_change_creditors(role: Role) -> None:
    with pytest.raises(NotAllowed):
        do_save_creditor(actor=person(role), now=NOW, **BANK)
    assert not Creditor.objects.exists()


def test_an_administrator_of_one_creditor_stays_there() -> None:
    own, other = factories.make_creditor(code="OWN"), factories.make_creditor(code="OTHER")
    actor = person(Role.ADMINISTRATOR, creditor_ids=frozenset({own.pk}))
    do_save_creditor(actor=actor, now=NOW, creditor_id=own.pk, **BANK)
    with pytest.raises(NotThere):
        do_save_creditor(actor=actor, now=NOW, creditor_id=other.pk, **{**BANK, "code": "MINE"})
    with pytest.raises(NotAllowed):
        do_save_creditor(actor=actor, now=NOW, **{**BANK, "code": "NEW"})
    assert sorted(Creditor.objects.values_list("code", flat=True)) == ["BANK", "OTHER"]


def test_a_company_and_its_mandate() -> None:
    creditor = do_save_creditor(actor=SETUP, now=NOW, **BANK)
    firm = do_save_legal_entity(
        actor=SETUP, code="FIRM", name="Firm", type="third_party_agency", country="CN", now=NOW
    )
    do_save_engagement(
        actor=SETUP,
        creditor_id=creditor.pk,
        legal_entity_id=firm.pk,
        valid_from=date(2026, 1, 1),
        valid_to=date(2026, 6, 30),
        now=NOW,
    )
    actions = list(Event.objects.order_by("id").values_list("action", flat=True))
    assert actions == ["creditor.add", "legal_entity.add", "engagement.add"]


@pytest.mark.parametrize(
    ("first", "last", "is_refused"),
    [
        (date(2026, 6, 30), None, True),
        (date(2025, 1, 1), date(2026, 1, 1), True),
        (date(2025, 1, 1), None, True),
        (date(2026, 7, 1), None, False),
        (date(2025, 1, 1), date(2025, 12, 31), False),
    ],
)
def test_mandates_of_one_company_never_overlap(
    first: date, last: date | None, is_refused: bool
) -> None:
    creditor = factories.make_creditor()
    old = factories.make_engagement(
        creditor, valid_from=date(2026, 1, 1), valid_to=date(2026, 6, 30)
    )
    ask = {
        "actor": SETUP,
        "creditor_id": creditor.pk,
        "legal_entity_id": old.legal_entity_id,
        "valid_from": first,
        "valid_to": last,
        "now": NOW,
    }
    if is_refused:
        with pytest.raises(Refusal) as refused:
            do_save_engagement(**ask)
        assert list(refused.value.fields) == ["valid_from"]
    else:
        do_save_engagement(**ask)
    assert Engagement.objects.count() == (1 if is_refused else 2)


def test_a_mandate_ends_after_it_begins_and_its_product_is_the_creditors() -> None:
    creditor, other = factories.make_creditor(), factories.make_creditor()
    firm = factories.make_legal_entity()
    ask = {
        "actor": SETUP,
        "creditor_id": creditor.pk,
        "legal_entity_id": firm.pk,
        "valid_from": date(2026, 1, 1),
        "now": NOW,
    }
    with pytest.raises(Refusal) as refused:
        do_save_engagement(**ask, valid_to=date(2025, 12, 31))
    assert list(refused.value.fields) == ["valid_to"]
    with pytest.raises(Refusal) as refused:
        do_save_engagement(**ask, product_id=factories.make_product(other).pk)
    assert list(refused.value.fields) == ["product"]
    assert not Engagement.objects.exists()


def test_a_company_type_is_one_of_the_list() -> None:
    with pytest.raises(Refusal) as refused:
        do_save_legal_entity(
            actor=SETUP, code="FIRM", name="Firm", type="mafia", country="CN", now=NOW
        )
    assert list(refused.value.fields) == ["type"]
    assert not LegalEntity.objects.exists()
