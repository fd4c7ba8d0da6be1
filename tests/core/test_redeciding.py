"""What a case has stays unless something is strictly better, or it is worth less than it was."""

from __future__ import annotations

import pytest

from kept.core.deciding import NOTHING
from kept.core.redeciding import Closed, Standing, contacts_left_out, decide_again, prices_of
from tests.core.test_deciding import menu

CALL, FIRM, LETTER, REVIEW, NOTICE = range(5)
FREE = dict.fromkeys(menu().resources, 0)
ROOM = dict.fromkeys(menu().resources, 100)
NO_ROOM = dict.fromkeys(menu().resources, 0)


def standing(treatment: int, reduced: int = 0) -> Standing:
    return Standing(treatment, reduced, ROOM)


@pytest.mark.parametrize(
    ("values", "has", "gets", "stays"),
    [
        ({CALL: 10}, standing(CALL), CALL, True),
        ({CALL: 10, LETTER: 10}, standing(LETTER), LETTER, True),  # as good as the best
        ({CALL: 11, LETTER: 10}, standing(LETTER), CALL, False),
        ({CALL: 11}, standing(LETTER), CALL, False),  # not lawful any more, or not proposed
        ({}, standing(LETTER), NOTHING, False),
        ({LETTER: 10, NOTICE: 0}, standing(LETTER), NOTICE, False),  # what is required comes first
        ({CALL: 10}, None, CALL, False),
    ],
)
def test_the_better_comes_and_equals_stay(
    values: dict[int, int], has: Standing | None, gets: int, stays: bool
) -> None:
    if NOTICE in values:
        values = {NOTICE: 0}
    found = decide_again(menu(), values, FREE, ROOM, has)
    assert (found.decision.treatment, found.stays) == (gets, stays)


def test_what_was_dealt_below_its_price_stays_while_it_is_worth_no_less() -> None:
    """Rounding gives room that is left to cases that would not pay for it."""
    prices = dict.fromkeys(menu().resources, 10)  # a call of five minutes costs 50
    dealt = standing(CALL, reduced=-20)
    assert decide_again(menu(), {CALL: 30}, prices, ROOM, dealt).stays
    assert not decide_again(menu(), {CALL: 29}, prices, ROOM, dealt).stays


def test_a_task_keeps_the_room_that_it_has() -> None:
    found = decide_again(menu(), {CALL: 10}, FREE, NO_ROOM, standing(CALL))
    assert (found.decision.treatment, found.stays) == (CALL, True)
    gone = Standing(CALL, 10, NO_ROOM)
    assert decide_again(menu(), {CALL: 10}, FREE, NO_ROOM, gone).decision.treatment == NOTHING


def test_a_person_who_had_a_contact_gets_what_reaches_nobody_or_is_required() -> None:
    values = {CALL: 5, LETTER: 4, REVIEW: 3, NOTICE: 0}
    assert contacts_left_out(menu(), values) == {REVIEW: 3, NOTICE: 0}
    assert contacts_left_out(menu(), values, but=[LETTER]) == {LETTER: 4, REVIEW: 3, NOTICE: 0}


def test_a_kind_of_seats_that_is_new_costs_what_the_dearest_alike_does() -> None:
    known = {"minutes:call": 3, "minutes:call+letter:8": 7, "minutes:visit": 50, "budget": 2}
    found = prices_of(menu("budget", "letters"), known)
    assert found == {
        "minutes:call": 3,
        "minutes:call+firm_call": 7,
        "minutes:letter+review": 7,
        "budget": 2,
        "letters": 0,
    }


def test_only_what_may_not_be_done_is_taken_out_of_hands() -> None:
    assert [each for each in Closed if each.is_forbidden] == [Closed.HELD, Closed.UNLAWFUL]
