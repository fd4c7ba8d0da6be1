"""The page of a night: how far it is, what changed since the last one, what was left, fairness."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from kept.store.models import Run, Seat
from kept.work.night_reports import STEPS, changes_of, left_by, steps_of, tasks_without_seat
from kept.work.nights import get_night
from tests import factories as make
from tests.desk.conftest import NIGHT, House, SignedIn

pytestmark = pytest.mark.django_db
MINUTES, LETTERS = "minutes:call", "letters"


def resource(name: str, price: int, capacity: int) -> dict[str, Any]:
    used = min(capacity, 400)
    return {"resource": name, "price": price, "use": used, "required": 0, "capacity": capacity}


PRICE = {
    "currency": "CNY",
    "value": 12_000_000_000,
    "bound": 12_500_000_000,
    "gap_parts": 40_000_000,
    "values": "priors:1",
    "resources": [resource(MINUTES, 1_900_000, 420), resource(LETTERS, 4_000_000, 0)],
    "offered": {"call": 12},
    "no_seat": {"visit": 2},
    "skills": [
        {"skill": "call", "cases": 300, "minutes": 1_500, "room": 420},
        {"skill": "visit", "cases": 2, "minutes": 240, "room": 0},
    ],
    "chosen": 9,
}
BEFORE = {
    **NIGHT["before"],
    "business_date": "2026-11-21",
    "refused": {"CN-R-1": 4},
    "price": {
        "currency": "CNY",
        "value": 10_000_000_000,
        "bound": 10_100_000_000,
        "gap_parts": 9_900_990,
        "resources": [resource(MINUTES, 1_200_000, 420)],
    },
}
TOLD: dict[str, Any] = {
    **NIGHT,
    "price": PRICE,
    "before": BEFORE,
    "refused": {"CN-R-1": 1, "CN-R-2": 2},
    "refused_contacts": 3,
    "nothing_proposed": 1,
    "nothing_lawful": 1,
    "without_option": 2,
    "worth_nothing": 0,
    "no_capacity": 1,
    "without_rate": {"XOF": 1},
}


def fairness(*seats: Seat) -> list[dict[str, Any]]:
    measure = {"total": 9, "spread": 120, "gini": 30}
    return [
        {
            "seat_ids": [each.pk for each in seats],
            "tasks": measure,
            "amount": {**measure, "spread": 1_500},
            "value": measure,
        }
    ]


def fill_night(house: House) -> None:
    """The house's night with everything that its page can show."""
    other = make.make_seat(code="S9", team=house.seat.team)
    result = {**TOLD, "fairness": fairness(house.seat, other)}
    Run.objects.filter(pk=house.night.pk).update(result=result)
    house.night.refresh_from_db()


def test_changes_are_told_of_counts_value_gap_prices_and_refusals() -> None:
    found = {(each.kind, each.code): (each.now, each.before) for each in changes_of(TOLD)}
    assert found == {
        ("count", "cases"): (12, 10),
        ("value", "value"): (12_000_000_000, 10_000_000_000),
        ("value", "bound"): (12_500_000_000, 10_100_000_000),
        ("gap", "gap"): (40_000_000, 9_900_990),
        ("price", MINUTES): (1_900_000, 1_200_000),
        ("refused", "CN-R-1"): (1, 4),
        ("refused", "CN-R-2"): (2, 0),
    }
    assert changes_of({**TOLD, "before": None}) == ()


def test_money_of_another_currency_is_not_compared() -> None:
    before = {**BEFORE, "price": {**BEFORE["price"], "currency": "USD"}}
    assert {each.kind for each in changes_of({**TOLD, "before": before})} == {"count", "refused"}


def test_what_was_left_is_told_with_its_reason() -> None:
    found = [(each.code, each.count, each.about) for each in left_by(TOLD)]
    assert found == [
        ("nothing_proposed", 1, ""),
        ("nothing_lawful", 1, ""),
        ("no_capacity", 1, ""),
        ("no_room", 1, ""),
        ("no_seat", 2, "visit"),
        ("zero_capacity", 0, LETTERS),
        ("without_rate", 1, "XOF"),
    ]
    older = {name: value for name, value in TOLD.items() if not name.startswith("nothing_")}
    assert left_by(older)[0].code == "without_option"


def test_a_seat_removed_in_mid_shift_is_seen_on_its_night(house: House) -> None:
    house.task.seat, house.task.reason = None, {"dealing": "seat_withdrawn"}
    house.task.save()
    (found,) = tasks_without_seat(house.night.pk)
    assert (found.code, found.count) == ("seat_withdrawn", 1)


@pytest.mark.parametrize(
    ("state", "stage", "done", "state_there"),
    [
        ("running", "prepared", 0, "now"),
        ("running", "promised", 2, "now"),
        ("running", "proposed", 3, "now"),
        ("running", "dealt", 6, "now"),
        ("failed", "priced", 5, "ended"),
        ("done", "", 9, "waiting"),
    ],
)
def test_the_steps_say_how_far_a_night_is(
    house: House, state: str, stage: str, done: int, state_there: str
) -> None:
    from kept.core.actors import job

    Run.objects.filter(pk=house.night.pk).update(state=state, stage=stage)
    night = get_night(job("test"), house.night.pk)
    assert night is not None
    steps = steps_of(night)
    assert [each.code for each in steps] == list(STEPS)
    assert [each.state for each in steps].index(state_there) == done
    assert [each.state for each in steps[:done]] == ["done"] * done


def test_the_page_shows_it_all(house: House, signed_in: SignedIn) -> None:
    fill_night(house)
    text = signed_in("manager").get(reverse("night", args=[house.night.pk])).content.decode()
    for said in (
        "What changed since the last night",
        "What the night left, and why",
        "the capacity is 0: letters",
        "no seat has skill and time for",
        "would get 1,500 minutes of work (300 cases); its seats have 420",
        "2 like seats: S1, S9",
        "1,500‰",
        "snapshot",
        "announce",
    ):
        assert said in text, said
