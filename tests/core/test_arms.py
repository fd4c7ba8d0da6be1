"""Arms and segments of a strategy: who is in which, on one case and on columns of cases."""

from __future__ import annotations

from collections import Counter
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.core.arms import SHARES, arm_of, draw_of, stretches
from kept.core.strategies import Strategy, proposals, proposed_column, with_proposals
from kept.core.strategy_reading import StrategyError, read_strategy
from tests.core.test_strategies import TREATMENT, facts_of, plan

ARMS = [
    {"code": "usual", "name": {"en": "Usual", "zh": "常规"}, "share": "90%"},
    {"code": "texts", "name": {"en": "Texts first", "zh": "先发短信"}, "share": "7.5%"},
    {
        "code": "nobody",
        "name": {"en": "Hold-out", "zh": "对照组"},
        "share": "2.5%",
        "kind": "hold_out",
    },
]
SEGMENTS = [
    {
        "code": "large",
        "name": {"en": "Large", "zh": "大额"},
        "when": 'balance >= money(500, "CNY")',
    },
    {"code": "others", "name": {"en": "Others", "zh": "其他"}, "when": "dpd >= 0"},
]
TEXT = {**TREATMENT, "code": "text", "channel": "sms", "arms": ["texts"]}
NOTICE = {**TREATMENT, "code": "notice", "channel": "letter", "required": "true"}


def strategy(*treatments: dict[str, Any], **changes: Any) -> Strategy:
    return read_strategy(plan(*treatments, **{"arms": ARMS, **changes}))


def codes(one: Strategy, **known: Any) -> list[str]:
    return [each.treatment.code for each in proposals(one, facts_of(one, **known))]


@pytest.mark.parametrize(
    ("draw", "expected"),
    [
        (0, ["call", "notice"]),
        (8_999, ["call", "notice"]),
        (9_000, ["call", "text", "notice"]),
        (9_749, ["call", "text", "notice"]),
        (9_750, ["notice"]),  # held out of all but what the law requires
        (9_999, ["notice"]),
    ],
)
def test_each_arm_gets_its_treatments(draw: int, expected: list[str]) -> None:
    one = strategy(TREATMENT, TEXT, NOTICE)
    assert codes(one, dpd=3, arm_draw=draw) == expected
    frame = pl.DataFrame([facts_of(one, dpd=3, arm_draw=draw)], infer_schema_length=None)
    row = with_proposals(one, frame).to_dicts()[0]
    assert [each.code for each in one.treatments if row[proposed_column(each)]] == expected


def test_a_draw_is_stable_and_hangs_on_the_strategys_code_alone() -> None:
    assert (draw_of("china", 17), draw_of("us", 17), draw_of("", 1)) == (8_085, 8_651, 2_083)
    draws = Counter(draw_of("china", number) // 1_000 for number in range(20_000))
    assert set(draws) == set(range(10))
    assert all(1_850 <= count <= 2_150 for count in draws.values())
    both = sum(draw_of("a", n) < 5_000 and draw_of("b", n) < 5_000 for n in range(20_000))
    assert 4_700 <= both <= 5_300  # two strategies draw on their own


@given(draw=st.integers(0, SHARES - 1))
def test_every_draw_lies_in_one_arm(draw: int) -> None:
    arms = strategy(TREATMENT).arms
    inside = [code for code, (start, end) in stretches(arms).items() if start <= draw < end]
    assert inside == [arm_of(arms, draw).code]


def test_a_case_is_in_the_first_segment_that_surely_holds() -> None:
    large = {**TREATMENT, "code": "visit", "segments": ["large"]}
    small = {**TREATMENT, "code": "mail", "segments": ["others"]}
    one = strategy(large, small, segments=SEGMENTS)
    assert codes(one, dpd=3, balance=50_000) == ["visit"]
    assert codes(one, dpd=3, balance=49_999) == ["mail"]
    # Nobody can tell whether it is large: it surely is one of the others.
    assert codes(one, dpd=3, balance=50_000, currency="USD") == ["mail"]


def test_a_segment_of_several_ways_takes_nobody_from_an_earlier_one() -> None:
    names = ("large", "repeat", "others")
    ways = (SEGMENTS[0]["when"], "prior_entries >= 2 or promises_broken >= 2", "dpd >= 0")
    one = strategy(
        *({**TREATMENT, "code": name, "segments": [name]} for name in names),
        segments=[
            {"code": name, "name": {"en": name, "zh": name}, "when": when}
            for name, when in zip(names, ways, strict=True)
        ],
    )
    both = {"dpd": 3, "balance": 50_000, "prior_entries": 2}
    assert codes(one, **both) == ["large"]
    assert codes(one, **{**both, "balance": 1}) == ["repeat"]


#: Each may be unknown; the last one holds for everybody.
UNSURE = ("last_payment_days_late <= 3", "not days_until_due > 5", "language == 'zh'", "dpd >= 0")


@given(
    late=st.sampled_from([None, 2, 9]),
    due=st.sampled_from([None, 2, 9]),
    language=st.sampled_from([None, "zh", "en"]),
)
def test_what_is_unknown_keeps_nobody_out_of_the_segments_after_it(
    late: int | None, due: int | None, language: str | None
) -> None:
    names = [f"s{place}" for place in range(len(UNSURE))]
    one = strategy(
        *({**TREATMENT, "code": name, "segments": [name]} for name in names),
        segments=[
            {"code": name, "name": {"en": name, "zh": name}, "when": when}
            for name, when in zip(names, UNSURE, strict=True)
        ],
    )
    known = {"last_payment_days_late": late, "days_until_due": due, "language": language}
    held = [late == 2, due == 2, language == "zh", True]
    expected = [names[held.index(True)]]
    assert codes(one, dpd=3, **known) == expected
    frame = pl.DataFrame([facts_of(one, dpd=3, **known)], infer_schema_length=None)
    row = with_proposals(one, frame).to_dicts()[0]
    assert [each.code for each in one.treatments if row[proposed_column(each)]] == expected


def test_a_treatment_stops_when_it_should() -> None:
    one = strategy({**TREATMENT, "stop_when": "attempts_7d >= 6"})
    assert codes(one, dpd=3, attempts_7d=5) == ["call"]
    assert codes(one, dpd=3, attempts_7d=6) == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"arms": [{**ARMS[0], "share": "90%"}]}, "arms: the shares add up to 90%, not 100%"),
        ({"arms": [{**ARMS[0], "share": "all"}]}, "arms[1].share: 'all' is no share"),
        ({"arms": [{**ARMS[0], "share": "0%"}]}, "arms[1].share: 0% is no share of a book"),
        ({"arms": [ARMS[0], ARMS[0]]}, "arms: 'usual' is the code of 2"),
        ({"arms": [{**ARMS[0], "kind": "best"}]}, "arms[1].kind: 'best' is not known"),
        ({"segments": [{**SEGMENTS[0], "when": "blance > 3"}]}, "segments[1].when: line 1"),
        ({"segments": [{"code": "large"}]}, "segments[1].name: "),
        ({"segments": [{**SEGMENTS[0], "when": "arm_draw < 5"}]}, "segments[1].when: arm_draw is"),
    ],
)
def test_wrong_arms_and_segments_are_refused_with_their_place(
    changes: dict[str, Any], told: str
) -> None:
    with pytest.raises(StrategyError) as refused:
        strategy(TREATMENT, **changes)
    assert any(line.startswith(told) for line in str(refused.value).splitlines())


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (
            {"arms": ["txts"]},
            "treatments[1].arms[1]: 'txts' is no arm of this strategy; did you me",
        ),
        ({"arms": ["nobody"]}, "treatments[1].arms: 'nobody' holds out"),
        ({"segments": ["x"]}, "treatments[1].segments[1]: 'x' is no segment of this strategy; th"),
        ({"stop_when": "dpd >"}, "treatments[1].stop_when: line 1"),
        ({"when": "arm_draw == 3"}, "treatments[1].when: arm_draw is not for conditions"),
        ({"when": "dpd > 5 and dpd < 3"}, "treatments[1].when: can never hold"),
        ({"stop_when": "dpd >= 0"}, "treatments[1].when: can never hold"),
        ({"when": "contact_hold"}, "treatments[1].when: can never hold"),
        ({"required": "perhaps"}, "treatments[1].required: "),
        ({"escalate_in_days": "-1"}, "treatments[1].escalate_in_days: should be a whole number"),
    ],
)
def test_a_treatment_names_only_what_is_there(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(StrategyError) as refused:
        strategy({**TREATMENT, **wrong})
    assert any(line.startswith(told) for line in str(refused.value).splitlines())
