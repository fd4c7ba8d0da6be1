"""Which packs bind, and what a compliance officer may switch."""

from __future__ import annotations

import pytest

from kept.core.actors import Role
from kept.core.law.lawbook import LawBook
from kept.core.law.rules import Effect, Force, Modality, Rule, Status
from kept.packs.law_packs import load_law_packs
from kept.store.models import Event, RuleSwitch
from kept.work.law_books import (
    binding_packs,
    do_switch_rule,
    law_book,
    licence_codes,
    list_switches,
    possible_states,
    rules_by_id,
    stored_switches,
)
from kept.work.refusals import NotAllowed, NotThere, Refusal
from tests import factories as make

#: The packs of the whole of the United States.
US = ("US-RegF", "US-recording")
OFFICER = make.make_actor(1, "officer", {Role.COMPLIANCE_OFFICER})


def names(*places: str, licences: tuple[str, ...] = ()) -> set[str]:
    found = binding_packs(frozenset(places), licences)
    return {pack.name for pack in found if pack.country is not None}


@pytest.mark.parametrize(
    ("places", "licences", "expected"),
    [
        (["CN"], [], {"CN"}),
        (["GB"], ["CN"], {"UK", "CN"}),
        (["US"], [], {*US, "US-MA", "US-NYC"}),
        (["US-CA"], [], {*US}),
        (["US-MA"], [], {*US, "US-MA"}),
        (["US-NY"], [], {*US, "US-NYC"}),
        (["US-NYC"], [], {*US, "US-NYC"}),
        (["CN"], ["US"], {"CN", *US}),
        (["CN"], ["US-MA"], {"CN", *US, "US-MA"}),
        (["FR"], [], set()),
    ],
)
def test_the_packs_of_places_and_licences_are_united(
    places: list[str], licences: list[str], expected: set[str]
) -> None:
    assert names(*places, licences=tuple(licences)) == expected


def test_of_an_unknown_place_every_pack_binds() -> None:
    assert binding_packs(None) == load_law_packs()


def test_a_licence_says_its_place_before_the_colon() -> None:
    assert licence_codes("US", ["US-MA: DC-1234", "GB:FRN 1", "a licence", ""]) == {
        "US",
        "US-MA",
        "GB",
    }


def test_the_same_packs_and_switches_give_the_same_book() -> None:
    packs = binding_packs(frozenset({"CN"}))
    assert law_book(packs) is law_book(packs)
    assert law_book(packs) is not law_book(load_law_packs())


def a_rule(force: Force | None = None, modality: Modality = Modality.MUST) -> Rule:
    for rule in rules_by_id().values():
        plain = rule.force is not Force.DRAFT and rule.status is not Status.POLICY
        if rule.force is force or (force is None and plain and rule.modality is modality):
            return rule
    pytest.skip("no such rule is shipped")


def switch(rule: Rule, state: str) -> None:
    do_switch_rule(actor=OFFICER, rule_id=rule.id, state=state, reason="counsel", now=make.NOW)


def effects(rule: Rule) -> set[Effect]:
    book: LawBook = law_book(load_law_packs(), stored_switches())
    return {part.effect for each in book.rules if each.id == rule.id for part in each.parts}


@pytest.mark.django_db
def test_a_draft_is_off_until_it_is_switched_on() -> None:
    make.make_partitions()
    rule = a_rule(Force.DRAFT)
    assert effects(rule) == set()
    switch(rule, "on")
    assert effects(rule) == {part.effect for part in rule.parts}
    with pytest.raises(Refusal, match="already"):
        switch(rule, "on")
    switch(rule, "off")
    assert effects(rule) == set()
    told = Event.objects.filter(action="rule.switch").order_by("sequence")
    assert ['"after":"on"' in each.body for each in told] == [True, False]


@pytest.mark.django_db
def test_a_recommendation_may_be_lowered_and_raised_again() -> None:
    make.make_partitions()
    rule = a_rule(modality=Modality.SHOULD)
    switch(rule, "warn")
    assert effects(rule) == {Effect.WARN}
    with pytest.raises(Refusal, match="Choose one of"):
        switch(rule, "off")
    switch(rule, "on")
    assert effects(rule) == {part.effect for part in rule.parts}


@pytest.mark.django_db
def test_what_the_law_demands_is_not_switched() -> None:
    rule = a_rule(modality=Modality.MUST)
    assert possible_states(rule) == ("on",)
    for state in ("off", "warn"):
        with pytest.raises(Refusal, match="binding law"):
            switch(rule, state)
    # Not even by a row that was written past the use case.
    RuleSwitch.objects.create(
        rule_id=rule.id, state="off", reason="x", switched_at=make.NOW, switched_by="x"
    )
    assert stored_switches() == ()


@pytest.mark.django_db
def test_a_switch_has_a_reason_and_an_officer_of_the_whole_house() -> None:
    rule = a_rule(modality=Modality.SHOULD)
    with pytest.raises(Refusal, match="Say why"):
        do_switch_rule(actor=OFFICER, rule_id=rule.id, state="warn", reason=" ", now=make.NOW)
    with pytest.raises(NotThere):
        do_switch_rule(actor=OFFICER, rule_id="XX.no", state="warn", reason="x", now=make.NOW)
    of_one = make.make_actor(2, "officer", {Role.COMPLIANCE_OFFICER}, {1})
    lead = make.make_actor(3, "lead", {Role.TEAM_LEAD})
    for actor in (of_one, lead):
        with pytest.raises(NotAllowed):
            do_switch_rule(actor=actor, rule_id=rule.id, state="warn", reason="x", now=make.NOW)
    assert list_switches(actor=OFFICER) == ()
