"""The shipped strategies by stories: who gets which treatment first, over a grid of facts too."""

from __future__ import annotations

from datetime import date
from itertools import product
from typing import Any

import pytest

from kept.core.arms import ArmKind, stretches
from kept.core.facts import FactType
from kept.core.strategies import Strategy, proposals
from kept.packs.strategies import strategy_on

DAY = date(2026, 12, 1)
CODES = ("consumer_cn", "consumer_us", "small_business", "small_business_us")
CURRENCY = {"consumer_cn": "CNY", "consumer_us": "USD"} | {
    "small_business": "CNY",
    "small_business_us": "USD",
}
#: An amount of each that is neither high value nor small, in minor units.
USUAL = {"consumer_cn": 800_000, "consumer_us": 300_000} | {
    "small_business": 5_000_000,
    "small_business_us": 1_500_000,
}
SENSITIVE = (
    "deceased",
    "bankrupt",
    "fraud",
    "disputed",
    "complaint",
    "hardship",
    "vulnerable",
    "represented",
    "cease_requested",
)
PASTS: tuple[dict[str, Any], ...] = (
    {},
    {"prior_entries": 0, "last_payment_days_late": 0, "highest_bucket": 1},
    {"days_since_plan_breach": 2},
    {"has_guarantor": True},
    {"days_since_promise_broken": 2},
    {"has_open_promise": True, "days_since_promise_made": 0, "days_until_promise_due": 3},
    {"has_open_promise": True, "days_until_promise_due": 1},
    {"has_open_promise": True, "days_until_promise_due": -1},
    {"reachable_by_phone": False},
    {"attempts_30d": 9},
    {"time_barred": True},
    *({fact: True} for fact in SENSITIVE),
)
GOOD = {"last_payment_days_late": 0, "payments_count_90d": 3, "highest_bucket": 1}


def proposed(code: str, arm: str = "usual", **known: Any) -> list[str]:
    """What a reachable debtor with a usual amount is proposed, best first."""
    strategy = strategy_on(DAY, code)
    nil: dict[FactType, Any] = {FactType.BOOLEAN: False, FactType.CATEGORY: "A"}
    facts = {
        fact.name: None if fact.can_be_unknown else nil.get(fact.type, 0)
        for fact in strategy.catalogue.values()
    }
    facts |= {"currency": CURRENCY[code], "balance": USUAL[code], "overdue_balance": USUAL[code]}
    facts |= {f"reachable_by_{way}": True for way in ("phone", "email", "letter")}
    facts |= {"arm_draw": stretches(strategy.arms)[arm][0], "bucket": 1, "prior_entries": 1}
    return [each.treatment.code for each in proposals(strategy, {**facts, **known})]


def first(code: str, arm: str = "usual", **known: Any) -> str | None:
    return (proposed(code, arm, **known) or [None])[0]  # type: ignore[list-item]


@pytest.fixture(params=CODES)
def code(request: pytest.FixtureRequest) -> str:
    return str(request.param)


STORIES: tuple[tuple[str, dict[str, Any], str | None], ...] = (
    ("due in three days", {"dpd": 0, "days_until_due": 3}, "reminder"),
    ("due in four days", {"dpd": 0, "days_until_due": 4}, None),
    ("a good payer two days late", {"dpd": 2, "prior_entries": 0, **GOOD}, "self_cure"),
    ("a good payer one day late", {"dpd": 1, "prior_entries": 0, **GOOD}, None),
    ("somebody else two days late", {"dpd": 2}, "early_call"),
    ("who never paid is no good payer", {"dpd": 2, "prior_entries": 0}, "early_call"),
    ("a promise is open", {"dpd": 2, "has_open_promise": True}, None),
    (
        "a promise was broken yesterday",
        {"dpd": 9, "days_since_promise_broken": 1},
        "broken_promise",
    ),
    (
        "a promise was kept in part",
        {"dpd": 9, "last_promise_outcome": "partial", "days_since_promise_tested": 1},
        "broken_promise",
    ),
    (
        "promised today for the day after tomorrow",
        {
            "dpd": 9,
            "has_open_promise": True,
            "days_since_promise_made": 0,
            "days_until_promise_due": 2,
        },
        "promise_confirmation",
    ),
    (
        "promised and said twice",
        {
            "dpd": 9,
            "has_open_promise": True,
            "days_since_promise_made": 0,
            "days_until_promise_due": 2,
            "promise_verified": True,
        },
        None,
    ),
    (
        "the promised day is tomorrow",
        {"dpd": 9, "has_open_promise": True, "days_until_promise_due": 1},
        "promise_reminder",
    ),
    (
        "the promised day was yesterday",
        {"dpd": 9, "has_open_promise": True, "days_until_promise_due": -1},
        "promise_late",
    ),
    ("a plan was breached", {"dpd": 9, "days_since_plan_breach": 3}, "broken_plan"),
    ("a plan runs", {"dpd": 40, "has_plan": True}, None),
    ("not there", {"dpd": 9, "reachable_by_phone": False, "reachable_by_email": False}, "search"),
    ("never answers", {"dpd": 20, "attempts_30d": 8}, "search"),
    ("thirty days late", {"dpd": 30}, "firm_call"),
    ("spoken to enough, letter", {"dpd": 40, "contacts_7d": 3, "contacts_30d": 3}, "demand_letter"),
    ("three months late", {"dpd": 95, "contacts_30d": 5}, "plan_offer"),
    ("old, and the law says too late", {"dpd": 900, "time_barred": True}, "stop"),
    ("three years and nothing paid", {"dpd": 1_100}, "stop"),
    ("small, old, nothing paid", {"dpd": 545, "balance": 1_000}, "stop"),
    ("small and old, but paying", {"dpd": 545, "balance": 1_000, "payments_count_90d": 1}, None),
)


@pytest.mark.parametrize(("story", "known", "expected"), STORIES, ids=[each[0] for each in STORIES])
def test_a_story_gets_its_treatment(
    code: str, story: str, known: dict[str, Any], expected: str | None
) -> None:
    assert first(code, **known) == expected, story


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"deceased": True, "disputed": True, "hardship": True}, "deceased"),
        ({"bankrupt": True, "fraud": True}, "bankrupt"),
        ({"fraud": True, "complaint": True}, "fraud"),
        ({"disputed": True, "vulnerable": True}, "answer"),
        ({"complaint": True}, "answer"),
        ({"hardship": True, "represented": True}, "hardship"),
        ({"vulnerable": True}, "hardship"),
        ({"represented": True}, "representative"),
        ({"cease_requested": True}, "representative"),
    ],
)
def test_what_needs_care_goes_to_the_desk_in_every_arm_and_under_a_hold(
    code: str, known: dict[str, bool], expected: str
) -> None:
    for arm in ("usual", "texts_first", "nobody"):
        assert proposed(code, arm, dpd=45, **known) == [expected]
        assert proposed(code, arm, dpd=45, treatment_hold=True, **known) == [expected]
        assert proposed(code, arm, dpd=45, dealing_hold=True, **known) == []


def test_high_value_goes_to_a_senior_collector_at_once(code: str) -> None:
    assert first(code, dpd=1, balance=USUAL[code] * 10) == "senior_call"
    assert first(code, dpd=1, balance=USUAL[code] * 10, contacts_7d=3) is None


def test_the_challenger_writes_before_it_calls(code: str) -> None:
    assert first(code, "texts_first", dpd=3) == "early_message"
    assert first(code, "texts_first", dpd=30) == "firm_call"


def test_the_hold_out_gets_nothing_at_anybodys_discretion(code: str) -> None:
    for dpd in (0, 2, 9, 30, 70, 200, 1_200):
        assert proposed(code, "nobody", dpd=dpd, days_until_due=1) == []


def test_no_debtor_is_called_who_cannot_be(code: str) -> None:
    strategy = strategy_on(DAY, code)
    calls = {each.code for each in strategy.treatments if each.channel_code == "call"}
    for dpd in range(0, 200, 3):
        found = proposed(code, dpd=dpd, reachable_by_phone=False, days_since_promise_broken=1)
        assert not calls & set(found)


def test_nobody_in_need_of_care_is_chased(code: str) -> None:
    strategy = strategy_on(DAY, code)
    desk = {each.code for each in strategy.treatments if each.required}
    assert all(each.channel is None for each in strategy.treatments if each.required)
    for dpd, fact, large in product((0, 3, 20, 50, 120, 400), SENSITIVE, (1, 10)):
        found = proposed(code, dpd=dpd, balance=USUAL[code] * large, **{fact: True})
        assert len(found) == 1, (dpd, fact, found)
        assert set(found) <= desk


def test_every_day_past_due_up_to_the_end_has_something_to_do(code: str) -> None:
    empty = [dpd for dpd in range(1, 121) if not proposed(code, dpd=dpd)]
    assert empty == []


def test_every_treatment_is_reached_by_some_case(code: str) -> None:
    strategy = strategy_on(DAY, code)
    reached: set[str] = set()
    grid = product(
        ("usual", "texts_first"),
        (0, 3, 12, 25, 45, 100, 200, 600),
        (1, 10),
        PASTS,
    )
    for arm, dpd, large, known in grid:
        amount = USUAL[code] * large
        reached |= set(proposed(code, arm, dpd=dpd, days_until_due=2, balance=amount, **known))
    assert {each.code for each in strategy.treatments} == reached


def test_they_are_complete(code: str) -> None:
    strategy: Strategy = strategy_on(DAY, code)
    kinds = [arm.kind for arm in strategy.arms]
    assert kinds == [ArmKind.CHAMPION, ArmKind.CHALLENGER, ArmKind.HOLD_OUT]
    assert [arm.share for arm in strategy.arms] == [8_500, 1_000, 500]
    for each in strategy.treatments:
        assert each.text, each.code
        assert each.channel is None or each.unit_cost is not None, each.code
        assert each.unit_cost is None or each.unit_cost.currency.code == CURRENCY[code]
        visits = each.channel_code == "field_visit"
        assert not (visits and code == "consumer_us")


def test_what_is_no_share_of_the_overdue_amount_has_a_worth_of_its_own(code: str) -> None:
    worth = {
        each.code: each for each in strategy_on(DAY, code).treatments if each.value is not None
    }
    assert set(worth) == {"reminder", "stop"}
    for each in worth.values():
        assert not each.required  # what is required is not priced
        cost = 0 if each.unit_cost is None else each.unit_cost.amount_minor
        assert each.value is not None
        assert each.value.currency.code == CURRENCY[code]
        assert 2 * cost < each.value.amount_minor <= 1_000
