"""The price against every possible decision on small books, and what must hold on large ones."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kept.core.price import NOTHING, Options, OptionsError, Priced, price_cases
from kept.core.price.choosing import choose, totals_at
from kept.core.price.spreading import Block, Here


def options(
    value: list[list[int]],
    use: list[list[int]] | list[list[list[int]]],
    *,
    forbidden: tuple[tuple[int, int], ...] = (),
    group: list[int] | None = None,
    counted: list[bool] | None = None,
) -> Options:
    """A block from tables; a two-dimensional `use` is that of every case."""
    table = np.array(value, dtype=np.int64)
    allowed = np.ones(table.shape, dtype=np.bool_)
    for row, column in forbidden:
        allowed[row, column] = False
    uses = np.array(use, dtype=np.int64)
    return Options(
        np.arange(len(table), dtype=np.int64),
        table,
        allowed,
        uses[None] if uses.ndim == 2 else uses,
        None if group is None else np.array(group, dtype=np.int64),
        None if counted is None else np.array(counted, dtype=np.bool_),
    )


def random_options(
    rows: int, treatments: int, resources: int, seed: int, *, grouped: bool = False
) -> Options:
    drawn = np.random.default_rng(seed)
    return Options(
        np.arange(rows, dtype=np.int64),
        drawn.integers(-2_000_000, 20_000_000, (rows, treatments)),
        drawn.random((rows, treatments)) < 0.8,
        drawn.integers(0, 9, (rows, treatments, resources)),
        np.sort(drawn.integers(0, rows // 2 + 1, rows)) if grouped else None,
        np.arange(treatments) % 2 == 0 if grouped else None,
    )


def keeps_to(block: Options, priced: Priced, capacity: dict[str, int]) -> bool:
    """Lawful, within capacities, not over what a person may get, and honestly summed."""
    choice = priced.choices[0]
    rows = np.flatnonzero(choice != NOTHING)
    used = block.use_of(choice).sum(axis=0)
    lawful = bool(block.allowed[rows, choice[rows]].all())
    told = priced.certificate
    honest = told.value == int(block.value_of(choice).sum()) and tuple(told.use.values()) == tuple(
        used.tolist()
    )
    return (
        lawful
        and honest
        and bool((used <= list(capacity.values())).all())
        and shares(block, choice)
    )


def shares(block: Options, choice: np.ndarray) -> bool:
    if block.group is None or block.counted is None:
        return True
    counted = np.append(block.counted, False)[choice]
    return int(np.bincount(block.group, weights=counted).max(initial=0)) <= block.most_in_group


def best_value(block: Options, capacity: dict[str, int]) -> int:
    """The greatest value of all lawful decisions within the capacities, one by one."""
    rows, treatments = block.value.shape
    best = 0
    for each in product(range(-1, treatments), repeat=rows):
        choice = np.array(each, dtype=np.int16)
        taken = np.flatnonzero(choice != NOTHING)
        if not block.allowed[taken, choice[taken]].all() or not shares(block, choice):
            continue
        if (block.use_of(choice).sum(axis=0) <= list(capacity.values())).all():
            best = max(best, int(block.value_of(choice).sum()))
    return best


def capacity_of(*units: int) -> dict[str, int]:
    return {f"r{number}": each for number, each in enumerate(units)}


@given(
    seed=st.integers(0, 10**9),
    rows=st.integers(1, 5),
    treatments=st.integers(1, 3),
    units=st.lists(st.integers(0, 20), min_size=1, max_size=3),
    grouped=st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_the_best_of_all_decisions_lies_between_value_and_bound(
    seed: int, rows: int, treatments: int, units: list[int], grouped: bool
) -> None:
    block = random_options(rows, treatments, len(units), seed, grouped=grouped)
    capacity = capacity_of(*units)
    priced = price_cases([block], capacity)
    assert keeps_to(block, priced, capacity)
    assert priced.certificate.value <= best_value(block, capacity) <= priced.certificate.bound


@given(seed=st.integers(0, 10**9), prices=st.lists(st.integers(0, 10**7), min_size=2, max_size=2))
@settings(max_examples=60, deadline=None)
def test_any_prices_give_a_bound(seed: int, prices: list[int]) -> None:
    block = random_options(4, 2, 2, seed)
    capacity = capacity_of(7, 5)
    bound = totals_at([block], tuple(capacity.values()), tuple(prices)).bound
    assert bound >= best_value(block, capacity)


@pytest.mark.parametrize("grouped", [False, True])
def test_ten_thousand_cases_come_within_five_parts_in_ten_thousand(grouped: bool) -> None:
    block = random_options(10_000, 8, 5, 3, grouped=grouped)
    capacity = capacity_of(5_000, 8_000, 11_000, 14_000, 60_000)
    priced = price_cases([block], capacity)
    assert keeps_to(block, priced, capacity)
    assert 0 <= priced.certificate.gap <= 5e-4


def test_a_sample_gives_the_start_for_a_large_book() -> None:
    block = random_options(60_000, 4, 2, 5)
    priced = price_cases([block], capacity_of(30_000, 60_000))
    assert keeps_to(block, priced, capacity_of(30_000, 60_000))
    assert priced.certificate.gap <= 1e-4


def test_the_decision_does_not_hang_on_how_cases_are_cut_into_blocks() -> None:
    block = random_options(3_000, 5, 3, 7)
    capacity = capacity_of(1_500, 2_500, 4_000)
    whole = price_cases([block], capacity)
    parts = [rows_of(block, start, start + 700) for start in range(0, 3_000, 700)]
    cut = price_cases(parts, capacity)
    assert np.concatenate(cut.choices).tolist() == whole.choices[0].tolist()
    assert cut.certificate == whole.certificate


def test_the_decision_does_not_hang_on_how_many_blocks_are_asked_at_once() -> None:
    block, capacity = random_options(3_000, 5, 3, 8), capacity_of(1_500, 2_500, 4_000)
    parts = [rows_of(block, start, start + 200) for start in range(0, 3_000, 200)]
    numbered = [Block(number, each) for number, each in enumerate(parts)]
    one, several = (price_cases(Here(numbered, at_once), capacity) for at_once in (1, 5))
    assert one.certificate == several.certificate
    assert all(map(np.array_equal, one.choices, several.choices))


def rows_of(block: Options, start: int, end: int) -> Options:
    part = slice(start, end)
    return Options(block.case_id[part], block.value[part], block.allowed[part], block.use[part])


def test_equal_cases_share_what_there_is_to_the_last_unit() -> None:
    """A thousand cases worth the same, room for 333 calls and a text for the rest."""
    block = options([[5_000_000, 1_000_000]] * 1_000, [[3, 0], [0, 1]])
    priced = price_cases([block], capacity_of(1_000, 600))
    choice = priced.choices[0].tolist()
    assert (choice.count(0), choice.count(1)) == (333, 600)
    assert priced.certificate.gap < 1e-3


def test_with_room_for_all_each_gets_the_best_and_nothing_costs() -> None:
    block = options([[4, 9], [-3, -1], [7, 7]], [[1], [2]])
    priced = price_cases([block], capacity_of(100))
    assert priced.choices[0].tolist() == [1, NOTHING, 0]  # of equals the earlier treatment
    assert (priced.certificate.value, priced.certificate.bound) == (16, 16)
    assert priced.certificate.prices == {"r0": 0}


def test_a_capacity_of_nothing_leaves_what_needs_nothing_of_it() -> None:
    block = options([[900, 5], [800, 4]], [[1, 0], [0, 1]])
    priced = price_cases([block], capacity_of(0, 9))
    assert priced.choices[0].tolist() == [1, 1]
    assert priced.certificate.gap == 0


def test_what_is_forbidden_is_taken_at_no_price() -> None:
    block = options([[10**9, 1]], [[0], [0]], forbidden=((0, 0),))
    assert price_cases([block], capacity_of(5)).choices[0].tolist() == [1]
    alone = options([[10**9]], [[0]], forbidden=((0, 0),))
    assert price_cases([alone], capacity_of(5)).choices[0].tolist() == [NOTHING]


def test_two_cases_of_one_person_get_one_contact() -> None:
    """The letter is not counted; the call goes to the case that gains more by it."""
    block = options([[10, 4], [12, 11], [3, 1]], [[0], [0]], group=[1, 1, 2], counted=[True, False])
    assert choose(block, np.zeros(1, dtype=np.int64)).tolist() == [0, 1, 0]
    assert price_cases([block], capacity_of(9)).choices[0].tolist() == [0, 1, 0]


def test_no_cases_at_all() -> None:
    empty = Options(
        np.zeros(0, np.int64),
        np.zeros((0, 2), np.int64),
        np.zeros((0, 2), np.bool_),
        np.zeros((1, 2, 1), np.int64),
    )
    priced = price_cases([empty], capacity_of(5))
    assert (priced.certificate.value, priced.certificate.bound, priced.certificate.gap) == (0, 0, 0)


def test_who_gives_way_never_takes_what_is_forbidden() -> None:
    """The letter would set as much free as doing nothing, and is forbidden."""
    block = options([[9, 8], [9, 7]], [[1], [0]], forbidden=((0, 1), (1, 1)))
    priced = price_cases([block], capacity_of(1))
    assert sorted(priced.choices[0].tolist()) == [NOTHING, 0]


def test_two_kinds_of_seats_share_one_treatment() -> None:
    """Ten calls of two minutes; one kind of seats has room for three, the other for four."""
    one = options([[50 - n] for n in range(10)], [[2]])
    use = np.array([[[2, 0], [0, 2]]], dtype=np.int64)
    block = replace(one, use=use, column=np.array([0, 0], dtype=np.int64))
    priced = price_cases([block], capacity_of(6, 9))
    assert sorted(priced.choices[0].tolist()) == [NOTHING] * 3 + [0] * 3 + [1] * 4
    assert priced.choices[0][7:].tolist() == [NOTHING] * 3
    assert priced.certificate.value == sum(range(44, 51))


@pytest.mark.parametrize(
    ("wrong", "capacity", "says"),
    [
        (lambda: options([[1]], [[-1]]), capacity_of(1), "less than nothing"),
        (lambda: options([[1, 2]], [[1]]), capacity_of(1), "use has the shape"),
        (lambda: options([[1]], [[1]]), capacity_of(-1), "capacity of r0 is below nothing: -1"),
        (lambda: options([[1]], [[1]]), capacity_of(1, 1), "use knows 1 resources, capacity 2"),
        (lambda: options([[2**61]] * 4, [[1]]), capacity_of(1), "smaller blocks, or larger units"),
    ],
)
def test_what_cannot_be_priced_is_refused(wrong, capacity: dict[str, int], says: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(OptionsError, match=says):
        price_cases([wrong()], capacity)
