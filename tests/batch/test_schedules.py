"""When nights are due: zones, clocks that are moved or set back, downtime, books being set up."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from kept.batch.nightly.jobs import NIGHT
from kept.batch.rounds import _defer_nights
from kept.batch.schedules import begins_at, due_date, due_nights
from kept.store.models import Creditor
from tests import factories

TWO = time(2, 0)
NEW_YORK, SHANGHAI = ZoneInfo("America/New_York"), ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("zone", "now", "on"),
    [
        ("Asia/Shanghai", "2026-11-21T17:59:59+00:00", "2026-11-21"),
        ("Asia/Shanghai", "2026-11-21T18:00:00+00:00", "2026-11-22"),
        # The clock goes from 02:00 to 03:00: the night begins as it passes two.
        ("America/New_York", "2026-03-08T06:59:59+00:00", "2026-03-07"),
        ("America/New_York", "2026-03-08T07:00:00+00:00", "2026-03-08"),
        # The clock goes from 02:00 back to 01:00: two o'clock comes once, an hour later.
        ("America/New_York", "2026-11-01T06:30:00+00:00", "2026-10-31"),
        ("America/New_York", "2026-11-01T07:00:00+00:00", "2026-11-01"),
        ("Pacific/Kiritimati", "2026-11-21T12:00:00+00:00", "2026-11-22"),
        ("Pacific/Pago_Pago", "2026-11-22T13:00:00+00:00", "2026-11-22"),
    ],
)
def test_the_date_is_the_creditors_own(zone: str, now: str, on: str) -> None:
    assert due_date(datetime.fromisoformat(now), ZoneInfo(zone), TWO) == date.fromisoformat(on)


def test_a_time_that_comes_twice_counts_the_first_time() -> None:
    half_past_one = begins_at(date(2026, 11, 1), NEW_YORK, time(1, 30))
    assert half_past_one == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/London", "Australia/Lord_Howe"])
@pytest.mark.parametrize("at", [time(0, 0), time(1, 30), TWO, time(23, 59)])
def test_every_date_of_a_year_is_due_once_and_in_order(zone: str, at: time) -> None:
    now, seen = datetime(2025, 12, 31, 12, tzinfo=UTC), []
    while now < datetime(2027, 1, 2, tzinfo=UTC):
        on = due_date(now, ZoneInfo(zone), at)
        if not seen or seen[-1] != on:
            seen.append(on)
        now += timedelta(minutes=30)
    assert seen == [seen[0] + timedelta(days=n) for n in range(len(seen))]


def night(creditor: Creditor, on: date, state: str = "done") -> None:
    factories.make_run(
        kind="nightly", key=f"{creditor.code} {on}", creditor=creditor, business_date=on,
        state=state,
    )  # fmt: skip


def due(now: datetime) -> list[tuple[str, date]]:
    return [(each.creditor_code, each.on) for each in due_nights(now, TWO)]


@pytest.mark.django_db
def test_what_was_missed_is_caught_up_by_one_night() -> None:
    bank = factories.make_creditor(code="BANK", zone="Asia/Shanghai")
    night(bank, date(2026, 11, 18))
    noon = datetime(2026, 11, 22, 4, tzinfo=UTC)
    assert due(noon) == [("BANK", date(2026, 11, 22))]
    night(bank, date(2026, 11, 22))
    assert due(noon) == []
    assert due(noon - timedelta(hours=12)) == []  # the clock was set back over midnight


@pytest.mark.django_db
def test_a_night_that_was_ended_is_due_until_it_is_done() -> None:
    bank = factories.make_creditor(code="BANK")
    night(bank, date(2026, 11, 22), "running")
    assert due(datetime(2026, 11, 22, 4, tzinfo=UTC)) == [("BANK", date(2026, 11, 22))]


@pytest.mark.django_db
@pytest.mark.parametrize("last", [None, date(2026, 1, 1)])
def test_a_book_that_is_being_set_up_waits_for_the_next_night(last: date | None) -> None:
    bank = factories.make_creditor(code="BANK", zone="Asia/Shanghai")
    if last:
        night(bank, last)
    assert due(datetime(2026, 11, 22, 4, tzinfo=UTC)) == []
    assert due(datetime(2026, 11, 22, 18, tzinfo=UTC)) == [("BANK", date(2026, 11, 23))]


def queued() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT args ->> 'on', status::text FROM procrastinate_jobs WHERE task_name = %s"
            " ORDER BY id",
            [NIGHT],
        )
        return cursor.fetchall()


@pytest.mark.django_db
def test_a_due_night_is_put_into_the_queue_once_and_again_only_by_a_person(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from kept.batch import rounds

    now = datetime(2026, 11, 22, 4, tzinfo=UTC)
    monkeypatch.setattr(rounds, "database_now", lambda: now)
    night(factories.make_creditor(code="BANK"), date(2026, 11, 20))
    for hours in (0, 0, 1, -1):
        monkeypatch.setattr(rounds, "database_now", lambda h=hours: now + timedelta(hours=h))
        _defer_nights(TWO)
    assert queued() == [("2026-11-22", "todo")]
    _defer_nights(None)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed'")
    _defer_nights(TWO)
    assert queued() == [("2026-11-22", "failed")]
