"""Night groups: one run for creditors with one closing time; shared capacities, dates, locks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from django.db import connections

from kept.batch.nightly import NightRefused, run_group, run_night, run_nights
from kept.batch.nightly.running import _LOCK
from kept.batch.schedules import due_groups, due_nights
from kept.batch.stages import RunBusy
from kept.store.models import Creditor, NightGroup, Product, Run, StrategyUse
from kept.work.night_group_lists import (
    DEFAULT_GROUP,
    groups_that_share_seats,
    list_group_nights,
    list_night_groups,
)
from kept.work.night_groups import (
    do_end_night_group,
    do_save_night_group,
    do_set_group_capacity,
)
from kept.work.refusals import Refusal
from tests import factories
from tests.batch.nightly.nights import ACTOR, FIRST, SECOND, SIZES, add_account, at, make_bank

pytestmark = pytest.mark.django_db
AGES = (3, 4, 8, 12)


def make_books() -> tuple[Product, Product]:
    """Two banks, each with four cases of an age for calls, and a seat for both."""
    books = make_bank(), make_bank(code="EAST", zone="America/New_York")
    for product in books:
        for number, age in enumerate(AGES, 1):
            add_account(product, number, age)
    factories.make_seat(
        code="L", skills=["reminder", "call", "firm_call", "letter"], minutes_per_day=420
    )
    return books


def group_of(*creditors: Creditor, **given: Any) -> NightGroup:
    values = {"code": "EVENING", "name": "Evening", "zone": "Asia/Shanghai", "closes_at": time(6)}
    return do_save_night_group(
        actor=ACTOR,
        creditor_ids=[each.pk for each in creditors],
        now=at(FIRST),
        **{**values, **given},
    )


def limit(group: NightGroup, resource: str, amount: int | None) -> None:
    do_set_group_capacity(
        actor=ACTOR,
        group_id=group.pk,
        resource=resource,
        amount=amount,
        valid_from=FIRST,
        now=at(FIRST),
    )


def calls(result: Any) -> int:
    rows = {row["resource"]: row["use"] for row in result["price"]["resources"]}
    return rows["call"]


def test_creditors_share_the_capacities_of_their_group() -> None:
    bank, east = make_books()
    group = group_of(bank.creditor, east.creditor)
    limit(group, "call", 5)
    found = run_group(actor=ACTOR, group=group, now=at(FIRST), on=FIRST, sizes=SIZES)
    assert list(found) == ["BANK", "EAST"]
    assert (calls(found["BANK"]), calls(found["EAST"])) == (4, 1)
    again = run_group(actor=ACTOR, group=group, now=at(FIRST), on=FIRST, sizes=SIZES)
    assert [each["done_before"] for each in again.values()] == [True, True]


def test_the_business_date_is_each_creditors_own() -> None:
    bank, east = make_books()
    group = group_of(bank.creditor, east.creditor)
    found = run_group(actor=ACTOR, group=group, now=at(SECOND), on=SECOND, sizes=SIZES)
    dates = {code: result["business_date"] for code, result in found.items()}
    assert dates == {"BANK": SECOND.isoformat(), "EAST": FIRST.isoformat()}
    (run,) = Run.objects.filter(kind="night_group")
    assert (run.key, run.state, run.business_date) == (f"EVENING {SECOND}", "done", SECOND)
    (told,) = list_group_nights(actor=ACTOR, group_code="EVENING")
    assert [(code, tasks) for code, _run, tasks in told.nights] == [
        (code, result["tasks"]) for code, result in found.items()
    ]


def test_a_creditor_that_is_refused_is_noted_and_the_others_go_on() -> None:
    bank, east = make_books()
    run_night(actor=ACTOR, creditor=bank.creditor, now=at(SECOND), as_of=SECOND, sizes=SIZES)
    group = group_of(bank.creditor, east.creditor)
    found = run_group(actor=ACTOR, group=group, now=at(SECOND), on=FIRST, sizes=SIZES)
    assert "nights go forward" in found["BANK"]["left_out"]
    assert found["EAST"]["cases"] == len(AGES)
    (told,) = list_group_nights(actor=ACTOR, group_code="EVENING")
    assert list(told.left) == ["BANK"]


def test_without_names_groups_come_after_those_in_none() -> None:
    _bank, east = make_books()
    group_of(east.creditor, code="AMERICA")
    found = run_nights(actor=ACTOR, now=at(SECOND), as_of=SECOND, sizes=SIZES)
    assert list(found) == ["BANK", "EAST"]
    assert list(run_nights(actor=ACTOR, now=at(SECOND), as_of=SECOND, group_code="AMERICA")) == [
        "EAST"
    ]
    with pytest.raises(NightRefused, match="no night group NONE"):
        run_nights(actor=ACTOR, now=at(SECOND), group_code="NONE")


# --- locks ----------------------------------------------------------------------------------------


@contextmanager
def held_elsewhere(group_id: int) -> Iterator[None]:
    """The night of a group as another session runs it."""
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK, group_id])
        yield
    finally:
        other.close()


def test_groups_wait_for_each_other_only_where_they_share_seats() -> None:
    bank, east = make_bank(), make_bank(code="EAST")
    for product in (bank, east):
        factories.make_seat(code=f"S-{product.creditor.code}", creditors=[product.creditor])
    group = group_of(east.creditor)
    assert groups_that_share_seats(group.pk) == frozenset()
    with held_elsewhere(group.pk):
        assert run_night(actor=ACTOR, creditor=bank.creditor, now=at(FIRST), as_of=FIRST)
        with pytest.raises(RunBusy):
            run_night(actor=ACTOR, creditor=east.creditor, now=at(FIRST), as_of=FIRST)
    factories.make_seat(code="BOTH", creditors=[bank.creditor, east.creditor])
    assert groups_that_share_seats(DEFAULT_GROUP) == {group.pk}
    with held_elsewhere(group.pk), pytest.raises(RunBusy):
        run_night(actor=ACTOR, creditor=bank.creditor, now=at(SECOND), as_of=SECOND)


# --- when they are due ----------------------------------------------------------------------------


def test_a_group_is_due_at_its_own_closing_time() -> None:
    bank, east = make_bank(), make_bank(code="EAST")
    group = group_of(east.creditor, closes_at=time(22, 30))
    before = datetime(2026, 11, 22, 14, 29, tzinfo=UTC)
    after = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)
    assert list(due_groups(before)) == []
    (due,) = due_groups(after)
    assert (due.group_id, due.group_code, due.on) == (group.pk, "EVENING", date(2026, 11, 22))
    night_at_two = datetime(2026, 11, 21, 18, 30, tzinfo=UTC)
    assert [each.creditor_code for each in due_nights(night_at_two, time(2))] == ["BANK"]
    factories.make_run(
        kind="night_group",
        key="EVENING 2026-11-22",
        business_date=date(2026, 11, 22),
        parameters={"group": "EVENING"},
    )
    assert list(due_groups(after)) == []
    do_end_night_group(actor=ACTOR, group_id=group.pk, now=after)
    found = {each.creditor_code for each in due_nights(night_at_two, time(2))}
    assert found == {"BANK", "EAST"}
    assert bank.creditor.code in found


# --- setting them ---------------------------------------------------------------------------------


def test_a_creditor_is_in_one_group_at_most() -> None:
    bank = make_bank()
    group_of(bank.creditor)
    group_of(bank.creditor, code="LATE")
    found = list_night_groups(actor=ACTOR, on=FIRST)
    assert [(each.code, len(each.creditors)) for each in found] == [("EVENING", 0), ("LATE", 1)]


def test_a_budget_is_of_one_currency() -> None:
    bank, west = make_bank(), make_bank(code="WEST", currency="USD")
    group = group_of(bank.creditor, west.creditor)
    with pytest.raises(Refusal, match="one currency"):
        limit(group, "budget", 1_000)
    with pytest.raises(Refusal, match="no time zone"):
        group_of(bank.creditor, code="LATE", zone="Nowhere/Town")


# --- the night goes on for the rest ---------------------------------------------------------------


def test_without_names_one_that_is_refused_is_noted_and_the_others_go_on() -> None:
    bank, _east = make_books()
    run_night(actor=ACTOR, creditor=bank.creditor, now=at(SECOND), as_of=SECOND, sizes=SIZES)
    found = run_nights(actor=ACTOR, now=at(SECOND), as_of=FIRST, sizes=SIZES)
    assert "nights go forward" in found["BANK"]["left_out"]
    assert found["EAST"]["cases"] == len(AGES)


def test_a_creditor_without_a_strategy_does_not_stop_the_others() -> None:
    bank, _east = make_books()
    use = {"from_on": FIRST, "recorded_at": at(FIRST), "actor": "li"}
    StrategyUse.objects.create(creditor=bank.creditor, code="gone", **use)
    found = run_nights(actor=ACTOR, now=at(FIRST), as_of=FIRST, sizes=SIZES)
    told = f"BANK has no strategy on {FIRST}: nothing of gone is in force then."
    assert found["BANK"]["left_out"].startswith(told)
    assert found["EAST"]["cases"] == len(AGES)
    with pytest.raises(NightRefused, match="BANK has no strategy"):
        run_nights(actor=ACTOR, now=at(FIRST), as_of=FIRST, creditor_codes=["BANK"])


def test_a_group_without_creditors_stops_nobody() -> None:
    make_books()
    group_of(code="EMPTY")
    assert list(run_nights(actor=ACTOR, now=at(SECOND), as_of=SECOND, sizes=SIZES)) == [
        "BANK",
        "EAST",
    ]
    with pytest.raises(NightRefused, match="the night group EMPTY has no creditor yet"):
        run_nights(actor=ACTOR, now=at(SECOND), group_code="EMPTY")
