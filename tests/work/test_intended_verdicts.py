"""Verdicts from the book in sets are those of `consider`, one contact at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import polars as pl
import pytest

from kept.core.actors import Role
from kept.core.law.rules import Effect
from kept.store.models import Case, ContactPoint, Debtor
from kept.work.intended_verdicts import ERASED, NO_ENGAGEMENT, intended_verdicts
from kept.work.numbers import zones_beside
from kept.work.permissions import Permission, require
from kept.work.places import number_zones
from kept.work.situations import IntendedContact, NoEngagement, consider
from tests import factories as make
from tests.work.varied_book import ASKED, CHANNELS, NOW, VariedBook

pytestmark = pytest.mark.django_db

OFFICER = make.make_actor(1, "officer", {Role.COMPLIANCE_OFFICER})


@dataclass
class Told:
    outcome: str
    lawful_from: int | None
    refused_as: str | None
    rule_ids: list[str]
    has_place: bool
    has_residence: bool


def one_by_one(wanted: IntendedContact) -> Told:
    within = require(OFFICER, Permission.CASE_READ)
    try:
        found = consider(within, wanted)
    except NoEngagement:
        return Told("deny", None, "deny", [NO_ENGAGEMENT], True, True)
    verdict = found.judge().verdict
    denied = [each.rule.id for each in verdict.fired if each.effect is Effect.DENY]
    held = [each.rule.id for each in verdict.fired if each.effect is Effect.HOLD]
    return Told(
        str(verdict.outcome),
        verdict.lawful_from,
        "deny" if denied else "hold" if held else None,
        list(dict.fromkeys([*denied, *held])),
        found.situation.place is not None,
        "residence" not in found.lacks,
    )


def intended(cases: list[Case]) -> Iterator[IntendedContact]:
    """Every way to everybody in the contact books, and the debtor by no address."""
    for case in cases:
        yield IntendedContact(case_id=case.pk, channel="call", minute=ASKED)
        for point in ContactPoint.objects.filter(debtor=case.debtor).order_by("id"):
            purpose = "collect" if point.related_person is None else "ask_debtor_contact_or_relay"
            for channel in CHANNELS[point.kind]:
                yield IntendedContact(
                    case_id=case.pk,
                    channel=channel,
                    minute=ASKED,
                    contact_point_id=point.pk,
                    purpose=purpose,
                )


def assert_equal(creditor_id: int, wanted: list[IntendedContact]) -> None:
    frame = pl.DataFrame(
        {
            "number": range(len(wanted)),
            "case_id": [each.case_id for each in wanted],
            "channel": [each.channel for each in wanted],
            "contact_point_id": [each.contact_point_id for each in wanted],
            "purpose": [each.purpose for each in wanted],
        },
        schema_overrides={"contact_point_id": pl.Int64},
    )
    found = intended_verdicts(frame, creditor_id=creditor_id, minute=ASKED)
    assert found["number"].to_list() == list(range(len(wanted)))
    rows = found.drop("number").iter_rows(named=True)
    differing = [
        (each, told, single)
        for each, row in zip(wanted, rows, strict=True)
        if (told := Told(**row)) != (single := one_by_one(each))
    ]
    assert not differing, differing[0]


@pytest.mark.parametrize("seed", [1, 4])
def test_verdicts_from_the_book_are_those_of_single_contacts(seed: int) -> None:
    world = VariedBook(seed, debtors=10)
    assert_equal(world.creditor.pk, list(intended(world.cases)))


@pytest.mark.study
@pytest.mark.parametrize("seed", range(10, 50))
def test_many_books_are_judged_as_their_single_contacts(seed: int) -> None:
    world = VariedBook(seed, debtors=60)
    assert_equal(world.creditor.pk, list(intended(world.cases)))


def test_without_a_mandate_nobody_is_contacted() -> None:
    case = make.make_case(make.make_debtor(make.make_creditor()))
    assert_equal(case.creditor_id, [IntendedContact(case_id=case.pk, channel="call", minute=ASKED)])


def test_an_erased_debtor_is_not_contacted() -> None:
    creditor = make.make_creditor()
    make.make_engagement(creditor)
    case = make.make_case(make.make_debtor(creditor))
    Debtor.objects.update(erased_at=NOW)
    frame = pl.DataFrame({"number": [7], "case_id": [case.pk], "channel": ["call"]})
    found = intended_verdicts(frame, creditor_id=creditor.pk, minute=ASKED)
    assert found.select("number", "lawful_from", "rule_ids").rows() == [(7, None, [ERASED])]


def test_a_case_of_another_creditor_has_no_verdict() -> None:
    case = make.make_case(make.make_debtor(make.make_creditor()))
    frame = pl.DataFrame({"number": [1], "case_id": [case.pk], "channel": ["call"]})
    other = make.make_creditor()
    assert not len(intended_verdicts(frame, creditor_id=other.pk, minute=ASKED))


def test_numbers_by_block_stand_for_the_zones_of_each() -> None:
    draw = Random(7)
    plans = ("+1%010d", "+44%010d", "+86%011d", "+62%010d")
    for _ in range(400):
        number = draw.choice(plans) % draw.randrange(2 * 10**9, 10**10)
        assert zones_beside((), number) == number_zones(number)
