"""Strategies in words: what was added, removed and changed, and only that."""

from __future__ import annotations

from kept.core.strategy_reading import read_strategy
from kept.core.strategy_words import strategy_changes, strategy_rows
from tests.core.test_arms import ARMS, NOTICE, SEGMENTS, TEXT
from tests.core.test_strategies import REVIEW, TREATMENT, plan


def test_versions_that_say_the_same_do_not_differ() -> None:
    one = read_strategy(plan(arms=ARMS, segments=SEGMENTS))
    again = read_strategy(plan(arms=ARMS, segments=SEGMENTS, version="4"))
    assert strategy_changes(one, again, "en") == ()


def test_parts_are_added_removed_and_changed() -> None:
    old = read_strategy(plan(TREATMENT, REVIEW))
    new = read_strategy(plan({**TREATMENT, "minutes": "7"}, TEXT, NOTICE, arms=ARMS))
    found = {each.name: each for each in strategy_changes(old, new, "en")}
    assert {part: each.kind for part, each in found.items()} == {
        "arm usual": "added",
        "arm texts": "added",
        "arm nobody": "added",
        "treatment call": "changed",
        "treatment text": "added",
        "treatment notice": "added",
        "treatment review": "removed",
    }
    assert found["treatment call"].before == (("skill and minutes", "call, 5 minutes"),)
    assert found["treatment call"].after == (
        ("arms", "usual, texts"),
        ("skill and minutes", "call, 7 minutes"),
    )
    assert ("share", "7.5%") in found["arm texts"].after
    assert ("required by law", "yes, the hold-out too") in found["treatment notice"].after


def test_every_word_is_there_in_chinese_too() -> None:
    stop = {**TREATMENT, "stop_when": "attempts_7d > 3", "escalate_in_days": "2", "text": "hello"}
    one = read_strategy(plan(stop, TEXT, NOTICE, arms=ARMS, segments=SEGMENTS))
    english, chinese = strategy_rows(one, "en"), strategy_rows(one, "zh")
    assert len(english) == len(chinese)
    for (part, rows), (other_part, others) in zip(english.items(), chinese.items(), strict=True):
        assert part != other_part
        for (label, _), (other, _) in zip(rows, others, strict=True):
            assert label != other
