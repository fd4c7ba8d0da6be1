"""Months are made ahead, and the missing next one is noticed."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection

from kept.store.partitions import ensure_partitions, missing_months, next_month

pytestmark = pytest.mark.django_db


def test_months_are_made_ahead_and_a_missing_one_is_named() -> None:
    ensure_partitions(date(2026, 11, 22), date(2026, 11, 22))
    assert missing_months(date(2026, 11, 22)) == []
    assert missing_months(date(2027, 3, 1)) == ["attempts_2027_04", "events_2027_04"]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE events_2026_12")
    assert missing_months(date(2026, 11, 22)) == ["events_2026_12"]
    assert ensure_partitions(date(2026, 11, 22), date(2026, 11, 22)) == 1
    assert missing_months(date(2026, 11, 22)) == []


def test_the_month_after_is_a_whole_one() -> None:
    assert next_month(date(2026, 12, 31)) == date(2027, 1, 1)
    assert next_month(date(2027, 1, 31)) == date(2027, 2, 1)
