"""Verdicts on random worlds: an oracle that walks the minutes, and what no rule may ever do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kept.core.law.grounds import grounds_of, judge_situation
from kept.core.law.kinds import Grounds
from kept.core.law.lawbook import LawBook
from kept.core.law.rules import STRICTNESS, Effect
from kept.core.law.situations import Contact, Situation
from kept.core.law.verdicts import judge
from tests.core.law.worlds import ACTOR_OF, ALL_PACKS, PACKS, facts, read

NAMES = sorted(PACKS)
worlds = st.sampled_from(NAMES).flatmap(lambda name: st.tuples(st.just(name), facts(name)))
FAR = 2**50
WALK = 6 * 1440


def fires(book: LawBook, grounds: Grounds, minute: int) -> bool:
    """Whether a rule that moves the time fires at that minute, asked of that minute alone."""
    fired = judge(book, grounds, minute).fired
    return any(each.effect in (Effect.DENY, Effect.HOLD) for each in fired)


@settings(max_examples=15, deadline=None)
@given(worlds)
def test_no_minute_before_the_lawful_one_is_lawful_and_it_is(
    world: tuple[str, dict[str, Any]],
) -> None:
    walk_to_the_lawful_minute(world)


@pytest.mark.study
@settings(max_examples=300, deadline=None)
@given(worlds)
def test_no_minute_before_the_lawful_one_is_lawful_in_many_worlds(
    world: tuple[str, dict[str, Any]],
) -> None:
    walk_to_the_lawful_minute(world)


def walk_to_the_lawful_minute(world: tuple[str, dict[str, Any]]) -> None:
    book = LawBook((PACKS[world[0]],), drafts=True)
    situation = read(world[1])
    grounds, _ = grounds_of(book, situation)
    asked = situation.attempt.minute
    free = judge(book, grounds, asked).lawful_from
    end = asked + WALK if free is None else min(free, asked + WALK)
    # Each minute of the first hour, then about a hundred over the rest, and the last of all.
    step = max(7, (end - asked) // 100)
    minutes = {*range(asked, min(end, asked + 60)), *range(asked, end, step), *range(end - 3, end)}
    assert all(fires(book, grounds, each) for each in minutes if asked <= each < end)
    if free is not None:
        assert not fires(book, grounds, free)


def later(found: int | None) -> int:
    return FAR if found is None else found


@settings(max_examples=60, deadline=None)
@given(worlds, st.sampled_from(sorted(ALL_PACKS)))
def test_a_further_pack_never_allows_more(world: tuple[str, dict[str, Any]], other: str) -> None:
    situation = read(world[1])
    one = LawBook((PACKS[world[0]],))
    both = LawBook((PACKS[world[0]], ALL_PACKS[other]))
    alone = judge_situation(one, situation).verdict
    united = judge_situation(both, situation).verdict
    assert STRICTNESS[united.outcome] <= STRICTNESS[alone.outcome]
    assert later(united.lawful_from) >= later(alone.lawful_from)
    assert {each.part.key for each in alone.fired} <= {each.part.key for each in united.fired}


@settings(max_examples=80, deadline=None)
@given(
    worlds,
    st.integers(0, 9 * 1440),
    st.sampled_from(["ring_no_answer", "voicemail_left", "conversation", "contact_refused"]),
)
def test_one_more_call_never_brings_the_next_one_forward(
    world: tuple[str, dict[str, Any]], back: int, outcome: str
) -> None:
    book = LawBook((PACKS[world[0]],), drafts=True)
    situation = read(world[1] | {"attempt": {**world[1]["attempt"], "channel": "call"}})
    before = judge_situation(book, situation).verdict
    after = judge_situation(book, with_call(situation, back, outcome)).verdict
    assert later(after.lawful_from) >= later(before.lawful_from)


def with_call(situation: Situation, back: int, outcome: str) -> Situation:
    attempt = situation.attempt
    assert attempt.person is not None
    assert attempt.role is not None
    call = Contact(
        minute=attempt.minute - back,
        channel="call",
        inbound=False,
        person=attempt.person,
        role=attempt.role,
        outcome=outcome,
        debts=attempt.debts,
        talked=attempt.debts,
        actor=situation.actor.id,
        address=attempt.address,
        place=attempt.place or "none",
    )
    return replace(situation, history=(*situation.history, call))


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("US-MA", "US-NYC")])
def test_an_unknown_place_is_never_lawful(name: str) -> None:
    found = plain(name)
    assert judge_situation(LawBook((PACKS[name],)), read(found)).verdict.outcome is Effect.ALLOW
    nowhere = found | {"timezone": None}
    verdict = judge_situation(LawBook((PACKS[name],)), read(nowhere)).verdict
    assert (verdict.outcome, verdict.lawful_from) == (Effect.DENY, None)


def plain(name: str) -> dict[str, Any]:
    """A call at noon on a Wednesday to a debtor of whom nothing is recorded."""
    return {
        "timezone": "Africa/Lagos",
        "actor": {"id": "A1", "type": ACTOR_OF[name][0]},
        "debts": [{"id": "D1", "type": "consumer"}],
        "history": [],
        "attempt": {
            "at": "2026-05-13T12:00:00+01:00",
            "channel": "call",
            "direction": "outbound",
            "target": "consumer:P1",
            "debt": ["D1"],
        },
        "flags": {},
    }
