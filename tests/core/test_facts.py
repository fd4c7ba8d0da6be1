"""The catalogue of facts and what it refuses."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kept.core.fact_pages import facts_page
from kept.core.facts import (
    CATALOGUE,
    Catalogue,
    Fact,
    FactDeclarationError,
    FactType,
    Silence,
    Use,
)


def declared(**change: object) -> Fact:
    values: dict[str, object] = {
        "name": "days_on_the_moon",
        "type": FactType.INTEGER,
        "meaning_en": "days spent on the moon",
        "meaning_zh": "在月球上的天数",
    }
    return Fact(**(values | change))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "Days"}, "lower-case name"),
        ({"name": "days past"}, "lower-case name"),
        ({"name": "currency"}, "currency's column"),
        ({"use": frozenset()}, "no use"),
        ({"meaning_zh": ""}, "lacks its meaning"),
        ({"protected": True}, "fairness only"),
        ({"values": ("a",)}, "no category"),
        ({"use": frozenset({Use.LAW})}, "must declare how silence is read"),
        ({"silence": Silence.RECORDED_FACT}, "must be a boolean"),
        (
            {
                "type": FactType.BOOLEAN,
                "silence": Silence.RECORDED_FACT,
                "can_be_unknown": True,
            },
            "never unknown",
        ),
        ({"least": 2, "most": 1}, "leave no value"),
    ],
)
def test_a_wrong_declaration_is_refused(change: dict[str, object], said: str) -> None:
    with pytest.raises(FactDeclarationError, match=said):
        declared(**change)


def test_every_law_fact_declares_how_silence_is_read() -> None:
    law = CATALOGUE.for_use(Use.LAW)
    assert "disputed" in law
    assert all(fact.silence is not Silence.NONE for fact in law.values())


def test_protected_attributes_are_for_fairness_only() -> None:
    protected = {fact.name for fact in CATALOGUE.values() if fact.protected}
    assert protected == {"sex", "marriage", "education", "origin", "age"}
    assert set(CATALOGUE.for_use(Use.FAIRNESS)) == protected
    assert not protected & set(CATALOGUE.for_use(Use.STRATEGY))


def test_a_name_is_declared_once() -> None:
    with pytest.raises(FactDeclarationError, match="declared twice"):
        Catalogue([declared(), declared()])


def test_a_catalogue_can_be_extended() -> None:
    more = CATALOGUE.extended([declared()])
    assert more["days_on_the_moon"].high == 2**31
    assert len(more) == len(CATALOGUE) + 1
    assert "days_on_the_moon" not in CATALOGUE


@pytest.mark.parametrize(
    ("name", "near"),
    [("ballance", "balance"), ("dpds", "dpd"), ("payment", "last_payment"), ("xyzzy", None)],
)
def test_the_nearest_names_are_found(name: str, near: str | None) -> None:
    assert CATALOGUE.nearest(name)[:1] == ([near] if near else [])


def test_ranges_leave_room_for_arithmetic() -> None:
    assert CATALOGUE["balance"].high * 100 < 2**62
    assert CATALOGUE["balance"].low == -(2**55)
    assert (CATALOGUE["dpd"].low, CATALOGUE["dpd"].high) == (0, 100_000)
    assert declared().low == -(2**31)


def test_the_page_lists_every_fact_once() -> None:
    lines = [line for line in facts_page().splitlines() if line.startswith("| `")]
    assert [line.split("`")[1] for line in lines] == list(CATALOGUE)
    closed: Callable[[str], bool] = lambda line: "category: a, b |" in line  # noqa: E731
    page = facts_page(Catalogue([declared(type=FactType.CATEGORY, values=("a", "b"))]))
    assert closed(page)
