"""Grades, conflicts, caseloads, moves and fairness: never above limits, never a conflict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.core.dealing import NO_SEAT, Dealt, Pile, Seat, Why, deal
from kept.core.dealing_policy import DealingPolicy, policy_fault, policy_of, policy_values
from kept.core.fairness import fairness_of, fairness_rows

CALL = frozenset({"call"})
BARRED = (frozenset({1}), frozenset({2, 3}))


@dataclass(frozen=True)
class Item:
    id: int
    priority: int = 0
    minutes: int = 5
    grade: int = 1
    seat: int = NO_SEAT
    amount: int = 0
    value: int = 0
    leaves: int = 0
    barred: int = -1


def pile_of(items: Sequence[Item]) -> Pile:
    def column(name: str) -> np.ndarray:
        return np.array([getattr(item, name) for item in items], dtype=np.int64)

    zeros = np.zeros(len(items), dtype=np.int64)
    return Pile(
        task_id=column("id"),
        priority=column("priority"),
        minutes=column("minutes"),
        skill=zeros,
        language=zeros - 1,
        creditor_id=zeros + 1,
        seat_id=column("seat"),
        skills=("call",),
        languages=(),
        grade=column("grade"),
        amount=column("amount"),
        value=column("value"),
        leaves=column("leaves"),
        barred=column("barred"),
        barred_seats=BARRED,
    )


def rows_of(dealt: Dealt) -> list[tuple[int, Why]]:
    return [(int(seat), Why(int(why))) for seat, why in zip(dealt.seat_id, dealt.why, strict=True)]


def deal_items(items: Sequence[Item], seats: Sequence[Seat]) -> list[tuple[int, Why]]:
    return rows_of(deal(pile_of(items), seats))


def caller(id: int, minutes: int = 420, **given: object) -> Seat:
    return replace(Seat(id, CALL, minutes), **given)


items = st.lists(
    st.builds(
        Item,
        id=st.integers(1, 10_000),
        priority=st.integers(-3, 3),
        minutes=st.sampled_from((3, 5, 8)),
        grade=st.integers(1, 3),
        seat=st.integers(0, 5),
        amount=st.integers(0, 10**12),
        value=st.integers(-(10**6), 10**9),
        leaves=st.sampled_from((0, 0, 0, int(Why.MOVED_IDLE), int(Why.MOVED_NO_PROGRESS))),
        barred=st.sampled_from((-1, -1, -1, 0, 1)),
    ),
    max_size=40,
    unique_by=lambda item: item.id,
)
seats = st.lists(
    st.builds(
        Seat,
        id=st.integers(1, 4),
        skills=st.just(CALL),
        minutes=st.integers(0, 90),
        grade=st.integers(1, 3),
        cases_room=st.none() | st.integers(0, 12),
        is_away=st.sampled_from((False, False, True)),
        keeps_cases=st.booleans(),
    ),
    max_size=4,
    unique_by=lambda seat: seat.id,
)


def is_barred(item: Item, seat: int) -> bool:
    return item.barred >= 0 and seat in BARRED[item.barred]


@given(items, seats)
def test_nothing_is_above_a_limit_and_nobody_meets_a_conflict(
    items: list[Item], seats: list[Seat]
) -> None:
    by_id = {seat.id: seat for seat in seats}
    used = dict.fromkeys(by_id, 0)
    new = dict.fromkeys(by_id, 0)
    for item, (seat, _why) in zip(items, deal_items(items, seats), strict=True):
        if seat == NO_SEAT:
            continue
        assert not is_barred(item, seat)
        assert by_id[seat].grade >= item.grade
        assert not by_id[seat].is_away
        used[seat] += item.minutes
        new[seat] += item.seat != seat
    for seat in seats:
        assert used[seat.id] <= seat.minutes
        assert seat.cases_room is None or new[seat.id] <= seat.cases_room


@given(items, seats)
def test_who_leaves_is_only_with_their_seat_when_nobody_else_could_take_them(
    items: list[Item], seats: list[Seat]
) -> None:
    found = deal_items(items, seats)
    used = dict.fromkeys((seat.id for seat in seats), 0)
    new = dict.fromkeys(used, 0)
    for item, (seat, _why) in zip(items, found, strict=True):
        if seat != NO_SEAT:
            used[seat] += item.minutes
            new[seat] += item.seat != seat
    for item, (seat, why) in zip(items, found, strict=True):
        if not item.leaves or seat != item.seat or seat == NO_SEAT:
            continue
        assert why is Why.NO_OTHER
        for other in seats:
            takes = other.id != seat and not other.is_away and other.grade >= item.grade
            if takes and not is_barred(item, other.id):
                is_full = used[other.id] + item.minutes > other.minutes
                assert is_full or other.cases_room is not None


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
    arrived = dict.fromkeys((seat.id for seat in seats), 0)
    settled = []
    for item, (seat, _why) in zip(items, first, strict=True):
        if seat != NO_SEAT and seat != item.seat:
            arrived[seat] += 1
        settled.append(replace(item, seat=seat or item.seat, leaves=0))
    smaller = [
        seat
        if seat.cases_room is None
        else replace(seat, cases_room=seat.cases_room - arrived[seat.id])
        for seat in seats
    ]
    again = deal_items(settled, smaller)
    placed = [(seat, then) for (seat, _w), (then, _v) in zip(first, again, strict=True) if seat]
    assert [seat for seat, _then in placed] == [then for _seat, then in placed]


def unevenness(items: Sequence[Item], seats: Sequence[Seat], dealt: Dealt) -> int:
    """What the exchange looks at, without its rounding: spreads of amount and value."""
    column = [
        np.array([getattr(i, name) for i in items], dtype=np.int64) for name in ("amount", "value")
    ]
    found = fairness_of(seats, dealt.seat_id, column[0], np.maximum(column[1], 0))
    return sum(each.amount.spread + each.value.spread for each in found)


@given(items, st.integers(2, 4))
def test_it_is_no_less_even_than_dealing_in_the_order_of_urgency(
    items: list[Item], number: int
) -> None:
    seats = [caller(id, 400) for id in range(1, number + 1)]
    alike = [replace(item, grade=1, leaves=0, barred=-1) for item in items]
    plain = deal(pile_of(alike), seats, evenly=False)
    even = deal(pile_of(alike), seats)
    assert sorted(plain.seat_id.tolist()) == sorted(even.seat_id.tolist())
    assert unevenness(alike, seats, even) <= unevenness(alike, seats, plain) + 2 * 2 * number


def test_amounts_come_out_much_more_even_than_in_the_order_of_urgency() -> None:
    rng = np.random.default_rng(3)
    tasks = [
        Item(n, priority=-int(a), amount=int(a), value=int(v))
        for n, (a, v) in enumerate(
            zip(rng.integers(1_000, 900_000, 600), rng.integers(0, 9_000, 600), strict=True), 1
        )
    ]
    seats = [caller(id) for id in range(1, 9)]
    plain = unevenness(tasks, seats, deal(pile_of(tasks), seats, evenly=False))
    even = unevenness(tasks, seats, deal(pile_of(tasks), seats))
    assert even * 2 < plain
    assert even < 60  # six per cent of the mean, amount and value together


def test_half_the_minutes_is_half_the_work() -> None:
    tasks = [Item(n) for n in range(1, 31)]
    found = [seat for seat, _why in deal_items(tasks, [caller(1, 400), caller(2, 200)])]
    assert (found.count(1), found.count(2)) == (20, 10)
    [group] = fairness_of(
        [caller(1, 400), caller(2, 200)], np.array(found), *[np.ones(30, dtype=np.int64)] * 2
    )
    assert (group.tasks.total, group.tasks.spread, group.tasks.gini) == (30, 0, 0)
    assert fairness_rows([group])[0]["seat_ids"] == [1, 2]


@pytest.mark.parametrize(
    ("item", "seats", "expected"),
    [
        (Item(1, seat=1, leaves=8), [caller(1), caller(2)], (2, Why.MOVED_IDLE)),
        (Item(1, seat=1, leaves=9), [caller(1), caller(2)], (2, Why.MOVED_NO_PROGRESS)),
        (Item(1, seat=1, leaves=10), [caller(1)], (1, Why.NO_OTHER)),
        (Item(1, seat=1, barred=0), [caller(1), caller(2)], (2, Why.MOVED_CONFLICT)),
        (Item(1, seat=1, barred=0), [caller(1)], (NO_SEAT, Why.NOBODY)),
        (Item(1, seat=1, grade=2), [caller(1, grade=1), caller(2)], (2, Why.MOVED_GRADE)),
        (Item(1, seat=1), [caller(1, is_away=True), caller(2)], (2, Why.MOVED_AWAY)),
        (
            Item(1, seat=1),
            [caller(1, is_away=True, keeps_cases=True), caller(2)],
            (NO_SEAT, Why.WAITS_FOR_SEAT),
        ),
        (Item(1), [caller(1, cases_room=0), caller(2, 5)], (2, Why.MOST_ROOM)),
        (Item(1, seat=1), [caller(1, cases_room=0), caller(2)], (1, Why.KEPT)),
        (Item(1), [caller(1, cases_room=0)], (NO_SEAT, Why.NO_ROOM)),
    ],
)
def test_one_task(item: Item, seats: list[Seat], expected: tuple[int, Why]) -> None:
    assert deal_items([item], seats) == [expected]


def test_a_seat_that_may_hold_no_more_cases_keeps_those_it_has() -> None:
    tasks = [Item(1, 9), Item(2, 8, seat=1), Item(3, 7), Item(4, 6, seat=1)]
    assert deal_items(tasks, [caller(1, cases_room=1)]) == [
        (1, Why.MOST_ROOM),
        (1, Why.KEPT),
        (NO_SEAT, Why.NO_ROOM),
        (1, Why.KEPT),
    ]


def test_cases_that_leave_change_places_when_all_seats_are_full() -> None:
    tasks = [Item(n, seat=1 + n % 2, leaves=8) for n in range(1, 9)]
    found = deal_items(tasks, [caller(1, 20), caller(2, 20)])
    assert all(why is Why.MOVED_IDLE for _seat, why in found)
    assert all(seat != task.seat for task, (seat, _why) in zip(tasks, found, strict=True))


def test_a_policy_as_json_and_what_makes_no_sense() -> None:
    policy = DealingPolicy(
        idle_days=5, grade_from_minor=(100, 900), grade_of_treatment=(("visit", 2),), stages=()
    )
    assert policy_of(policy_values(policy)) == policy
    assert policy_of({"idle_days": 5, "other": 1}) == DealingPolicy(idle_days=5)
    assert policy_fault(policy) is None
    assert policy_fault(replace(policy, tries=-1)) == "tries"
    assert policy_fault(replace(policy, grade_from_minor=(9, 9))) == "grade_from_minor"
    assert policy_fault(replace(policy, grade_of_treatment=(("a", 10),))) == "grade_of_treatment"
