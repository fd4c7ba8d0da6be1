"""Dealing keeps within minutes and skills, favours the urgent, and does not move without reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.core.dealing import NO_SEAT, Dealt, Pile, Seat, Why, deal, dealing_reason, speaks

SKILLS = ("reminder", "call", "visit")
LANGUAGES = ("zh-Hans", "en-US")


@dataclass(frozen=True)
class Item:
    id: int
    priority: int = 0
    minutes: int = 5
    skill: int = 1
    language: int = -1
    creditor: int = 1
    seat: int = NO_SEAT


def pile_of(items: Sequence[Item]) -> Pile:
    def column(name: str) -> np.ndarray:
        return np.array([getattr(item, name) for item in items], dtype=np.int64)

    return Pile(
        column("id"),
        column("priority"),
        column("minutes"),
        column("skill"),
        column("language"),
        column("creditor"),
        column("seat"),
        SKILLS,
        LANGUAGES,
    )


def deal_items(items: Sequence[Item], seats: Sequence[Seat]) -> list[tuple[int, Why]]:
    dealt = deal(pile_of(items), seats)
    return [(int(seat), Why(int(why))) for seat, why in zip(dealt.seat_id, dealt.why, strict=True)]


def caller(id: int, minutes: int = 420, **given: object) -> Seat:
    return replace(Seat(id, frozenset({"call"}), minutes), **given)


items = st.lists(
    st.builds(
        Item,
        id=st.integers(1, 10_000),
        priority=st.integers(-3, 3) | st.integers(),
        minutes=st.integers(1, 40),
        skill=st.integers(0, 2),
        language=st.integers(-1, 1),
        creditor=st.integers(1, 2),
        seat=st.integers(0, 6),
    ).map(lambda item: replace(item, priority=item.priority % 2**40)),
    max_size=40,
    unique_by=lambda item: item.id,
)
seats = st.lists(
    st.builds(
        Seat,
        id=st.integers(1, 5),
        skills=st.frozensets(st.sampled_from(SKILLS)),
        minutes=st.integers(0, 120),
        languages=st.frozensets(st.sampled_from(("zh", "en"))),
        creditor_ids=st.frozensets(st.integers(1, 2)),
    ),
    max_size=5,
    unique_by=lambda seat: seat.id,
)


def fits(item: Item, seat: Seat) -> bool:
    language = LANGUAGES[item.language] if item.language >= 0 else ""
    return (
        SKILLS[item.skill] in seat.skills
        and speaks(seat.languages, language)
        and (not seat.creditor_ids or item.creditor in seat.creditor_ids)
    )


def kind(item: Item) -> tuple[int, int, int, int]:
    return item.skill, item.language, item.creditor, item.minutes


def urgency(item: Item) -> tuple[int, int]:
    return -item.priority, item.id


@given(items, seats)
def test_no_seat_gets_more_than_its_minutes_or_what_it_cannot_do(
    items: list[Item], seats: list[Seat]
) -> None:
    used = dict.fromkeys((seat.id for seat in seats), 0)
    by_id = {seat.id: seat for seat in seats}
    for item, (seat, why) in zip(items, deal_items(items, seats), strict=True):
        assert (seat == NO_SEAT) == (why in (Why.NO_ROOM, Why.NOBODY))
        if seat != NO_SEAT:
            assert fits(item, by_id[seat])
            used[seat] += item.minutes
    assert all(used[seat.id] <= seat.minutes for seat in seats)


@given(items, seats)
def test_who_waits_could_not_be_taken_even_after_only_the_more_urgent(
    items: list[Item], seats: list[Seat]
) -> None:
    found = deal_items(items, seats)
    for waiting, (seat, why) in zip(items, found, strict=True):
        able = [s for s in seats if fits(waiting, s)]
        assert (why is Why.NOBODY) == (not able)
        if seat != NO_SEAT:
            continue
        before = dict.fromkeys((s.id for s in seats), 0)
        for item, (taken, _why) in zip(items, found, strict=True):
            if taken != NO_SEAT and urgency(item) < urgency(waiting):
                before[taken] += item.minutes
        assert all(s.minutes - before[s.id] < waiting.minutes for s in able)


@given(items, seats)
def test_of_one_kind_the_more_urgent_are_dealt(items: list[Item], seats: list[Seat]) -> None:
    waiting: set[tuple[int, int, int, int]] = set()
    found = dict(zip([i.id for i in items], deal_items(items, seats), strict=True))
    for item in sorted(items, key=urgency):
        if found[item.id][0] == NO_SEAT:
            waiting.add(kind(item))
        else:
            assert kind(item) not in waiting


@given(items, seats, st.randoms())
def test_the_order_of_rows_does_not_matter(
    items: list[Item], seats: list[Seat], random: object
) -> None:
    first = dict(zip([i.id for i in items], deal_items(items, seats), strict=True))
    shuffled, other_seats = list(items), list(seats)
    random.shuffle(shuffled)
    random.shuffle(other_seats)
    again = dict(zip([i.id for i in shuffled], deal_items(shuffled, other_seats), strict=True))
    assert again == first


@given(items, seats)
def test_dealing_what_was_dealt_moves_nothing(items: list[Item], seats: list[Seat]) -> None:
    first = deal_items(items, seats)
    settled = [replace(i, seat=seat) for i, (seat, _why) in zip(items, first, strict=True)]
    again = deal_items(settled, seats)
    assert [seat for seat, _why in again] == [seat for seat, _why in first]
    assert {why for _seat, why in again} <= {Why.KEPT, Why.NO_ROOM, Why.NOBODY}


@given(st.integers(0, 60), st.integers(1, 5))
def test_equal_tasks_are_spread_evenly(count: int, number: int) -> None:
    tasks = [Item(id, minutes=5) for id in range(1, count + 1)]
    found = deal_items(tasks, [caller(id) for id in range(1, number + 1)])
    shares = [sum(seat == id for seat, _why in found) for id in range(1, number + 1)]
    assert sum(shares) == count
    assert max(shares) - min(shares) <= 1
    assert shares == sorted(shares, reverse=True)  # who is over goes to the lower id


def test_a_case_stays_with_its_seat_while_there_is_room() -> None:
    tasks = [Item(1, 9, seat=2), Item(2, 8, seat=2), Item(3, 7, seat=2), Item(4, 6)]
    assert deal_items(tasks, [caller(1, 15), caller(2, 10)]) == [
        (2, Why.KEPT),
        (2, Why.KEPT),
        (1, Why.MOVED_FULL),
        (1, Why.MOST_ROOM),
    ]


def test_a_seat_gone_or_unfit_gives_its_case_up() -> None:
    tasks = [Item(1, seat=7), Item(2, seat=2, skill=1)]
    seats = [caller(1), caller(2, skills=frozenset({"visit"}))]
    assert deal_items(tasks, seats) == [(1, Why.MOVED_UNFIT), (1, Why.MOVED_UNFIT)]


def test_the_urgent_come_first_and_the_others_wait() -> None:
    tasks = [Item(1, 1), Item(2, 3), Item(3, 2), Item(4, 9, skill=2)]
    assert deal_items(tasks, [caller(1, 10)]) == [
        (NO_SEAT, Why.NO_ROOM),
        (1, Why.MOST_ROOM),
        (1, Why.MOST_ROOM),
        (NO_SEAT, Why.NOBODY),
    ]


def test_nothing_to_deal_and_nobody_to_deal_to() -> None:
    assert deal_items([], [caller(1)]) == []
    assert deal_items([Item(1, seat=3)], []) == [(NO_SEAT, Why.NOBODY)]
    assert isinstance(deal(pile_of([]), []), Dealt)


def test_a_task_without_minutes_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one minute"):
        pile_of([Item(1, minutes=0)])


@pytest.mark.parametrize(
    ("spoken", "language", "expected"),
    [
        (set(), "zh-Hans", True),
        ({"zh"}, "", True),
        ({"zh-CN", "en"}, "zh_Hans", True),
        ({"en"}, "EN-us", True),
        ({"en"}, "zh", False),
        ({"zh"}, "yue", False),
    ],
)
def test_languages_match_by_their_first_part(
    spoken: set[str], language: str, expected: bool
) -> None:
    assert speaks(frozenset(spoken), language) is expected


def test_the_reason_names_the_seat_that_was_left() -> None:
    assert dealing_reason(Why.KEPT, 4) == {"dealing": "kept"}
    assert dealing_reason(Why.MOVED_FULL, 4) == {"dealing": "moved_full", "seat_before": 4}
    assert dealing_reason(Why.NO_ROOM) == {"dealing": "no_room"}


def test_a_hundred_thousand_tasks_over_capacity_are_dealt_to_the_last_minute() -> None:
    rng = np.random.default_rng(7)
    count = 100_000
    pile = Pile(
        np.arange(count),
        rng.integers(0, 1_000, count),
        np.where(rng.random(count) < 0.5, 5, 3),
        rng.integers(0, 2, count),
        rng.integers(-1, 2, count),
        np.ones(count, dtype=np.int64),
        np.where(rng.random(count) < 0.6, rng.integers(1, 201, count), NO_SEAT),
        SKILLS,
        LANGUAGES,
    )
    able = frozenset({"reminder", "call"})
    dealt = deal(pile, [Seat(id, able, 419 + id % 3) for id in range(1, 201)])
    used = np.bincount(dealt.seat_id, pile.minutes, 201)[1:]
    assert (used <= 419 + np.arange(1, 201) % 3).all()
    assert used.sum() >= 200 * 418
