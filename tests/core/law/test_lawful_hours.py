"""The lawful hours against the verdict of every minute."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kept.core.law.grounds import grounds_of
from kept.core.law.lawbook import LawBook
from kept.core.law.lawful_hours import lawful_spans
from kept.core.law.verdicts import judge
from tests.core.law.worlds import PACKS, facts, read

worlds = st.sampled_from(sorted(PACKS)).flatmap(lambda name: st.tuples(st.just(name), facts(name)))
DAY = 1440


@settings(max_examples=6, deadline=None)
@given(worlds)
def test_a_minute_is_in_a_span_exactly_when_it_is_lawful(world: tuple[str, dict[str, Any]]) -> None:
    ask_each_minute_of_two_days(world)


@pytest.mark.study
@settings(max_examples=150, deadline=None)
@given(worlds)
def test_spans_hold_in_many_worlds(world: tuple[str, dict[str, Any]]) -> None:
    ask_each_minute_of_two_days(world)


def ask_each_minute_of_two_days(world: tuple[str, dict[str, Any]]) -> None:
    book = LawBook((PACKS[world[0]],))
    situation = read(world[1])
    grounds, _ = grounds_of(book, situation)
    first = situation.attempt.minute
    spans = list(lawful_spans(book, grounds, first, first + 2 * DAY))
    inside = {minute for begins, ends in spans for minute in range(begins, ends)}
    edges = {edge + by for span in spans for edge in span for by in (-1, 0, 1)}
    for minute in {*range(first, first + 2 * DAY, 7), *edges}:
        if first <= minute < first + 2 * DAY:
            is_lawful = judge(book, grounds, minute).lawful_from == minute
            assert (minute in inside) is is_lawful, minute


@settings(max_examples=8, deadline=None)
@given(worlds)
def test_spans_are_in_order_apart_and_within(world: tuple[str, dict[str, Any]]) -> None:
    book = LawBook((PACKS[world[0]],))
    situation = read(world[1])
    grounds, _ = grounds_of(book, situation)
    first = situation.attempt.minute
    spans = list(lawful_spans(book, grounds, first, first + 3 * DAY))
    flat = [minute for span in spans for minute in span]
    assert flat == sorted(set(flat))
    assert all(first <= minute <= first + 3 * DAY for minute in flat)
