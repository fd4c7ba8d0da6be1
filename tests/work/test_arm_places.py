"""Placing debtors among stratified arms: shares in each stratum, once each, also after a kill."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from kept.core.strata import StratumFact
from kept.core.strategies import Strategy
from kept.store.facts import CaseRange, load_facts
from kept.store.models import ArmPlace, Creditor, Product
from kept.work.arm_places import place_debtors
from tests import factories as make
from tests.core.test_strata import strategy

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("months")]
HALVES = [
    {"code": "a", "name": {"en": "A", "zh": "甲"}, "share": "50%"},
    {"code": "b", "name": {"en": "B", "zh": "乙"}, "share": "50%"},
]


def halves() -> Strategy:
    found = strategy([{"fact": "balance", "bands": ["1000 CNY"]}], arms=HALVES)
    assert found.strata == (StratumFact("balance", (100_000,), "CNY"),)
    return found


def add_cases(product: Product, amounts: list[int], first: int = 0) -> None:
    for number, amount in enumerate(amounts, first):
        debtor = make.make_debtor(product.creditor, external_id=f"D{number}")
        account = make.make_account(product, debtor, external_id=f"A{number}")
        make.make_entry(
            account,
            {"principal": amount},
            due_on=make.TODAY - timedelta(days=9),
            recorded_at=make.NOW - timedelta(days=9),
        )
        make.make_case(debtor, account)


def place(creditor: Creditor, on: date = make.TODAY) -> int:
    return place_debtors(halves(), [CaseRange(creditor.pk, 0, 10**9)], on=on, now=make.NOW)


def arms_by_stratum() -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for stratum, draw in ArmPlace.objects.values_list("stratum", "draw"):
        found.setdefault(stratum, Counter())["ab"[draw >= 5_000]] += 1
    return found


def test_each_stratum_is_halved_and_who_is_placed_stays() -> None:
    product = make.make_product(make.make_creditor())
    make.make_terms(product)
    add_cases(product, [50_000] * 7 + [200_000] * 5)
    assert place(product.creditor) == 12
    first = dict(ArmPlace.objects.values_list("debtor_id", "draw"))
    add_cases(product, [200_000] * 5, first=100)
    assert place(product.creditor, make.TODAY + timedelta(days=1)) == 5
    assert place(product.creditor) == 0
    later = dict(ArmPlace.objects.values_list("debtor_id", "draw"))
    assert {debtor: later[debtor] for debtor in first} == first
    assert {name: sorted(arms.values()) for name, arms in arms_by_stratum().items()} == {
        "balance:0": [3, 4],
        "balance:1": [5, 5],
    }


def test_the_fact_is_the_place_and_only_under_its_strategy() -> None:
    product = make.make_product(make.make_creditor())
    make.make_terms(product)
    add_cases(product, [50_000])
    cases = CaseRange(product.creditor_id, 0, 10**9)

    def draw(code: str) -> int:
        frame = load_facts(
            cases, as_of=make.TODAY, known_at=make.NOW, strategy=code, only={"arm_draw"}
        )
        return int(frame["arm_draw"][0])

    before = draw("other")
    place(product.creditor)
    ArmPlace.objects.update(draw=1_234)
    assert draw(halves().code) == 1_234
    assert draw("other") == before
