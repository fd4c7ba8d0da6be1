"""Clocks of tasks: call-backs begin when asked for or lawful; timeliness counts what was due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kept.core.task_clocks import Timeliness, callback_clocks, is_in_time

AT = datetime(2026, 11, 22, 15, tzinfo=UTC)
COUNTS = st.integers(0, 10_000)


def test_a_callback_begins_at_its_minute_and_is_late_soon_after() -> None:
    clocks = callback_clocks(AT, AT)
    assert clocks.begins_at == AT
    assert (clocks.due_at - AT, clocks.escalates_at - AT) == (
        timedelta(minutes=15),
        timedelta(hours=1),
    )


@given(st.integers(-5_000, 5_000))
def test_it_never_begins_before_it_is_asked_for_or_lawful(minutes: int) -> None:
    lawful = AT + timedelta(minutes=minutes)
    clocks = callback_clocks(AT, lawful)
    assert clocks.begins_at == max(AT, lawful)
    assert clocks.begins_at < clocks.due_at < clocks.escalates_at


def test_the_due_minute_itself_is_in_time() -> None:
    assert is_in_time(AT, AT)
    assert not is_in_time(AT + timedelta(microseconds=1), AT)


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_timeliness_is_a_share_of_what_was_due(
    in_time: int, late: int, lapsed: int, late_now: int
) -> None:
    found = Timeliness(in_time, late, lapsed, late_now)
    if found.due == 0:
        assert found.permille is None
    else:
        assert found.permille is not None
        assert found.permille * found.due <= in_time * 1000 < (found.permille + 1) * found.due
