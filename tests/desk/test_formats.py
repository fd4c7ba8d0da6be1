"""Amounts, days and times in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from kept.desk import formats
from kept.desk.charts import bars, parts, step_chart

NOW = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)  # 15:30 in Shanghai


@pytest.mark.parametrize(
    ("amount", "code", "english", "chinese"),
    [
        (123_450, "CNY", "CN¥1,234.50", "¥1,234.50"),
        (-5, "USD", "-$0.05", "-US$0.05"),
        (5_000, "JPY", "¥5,000", "JP¥5,000"),
        (1_234, "KWD", "KWD1.234", "KWD1.234"),
        (2**63 - 1, "CNY", "CN¥92,233,720,368,547,758.07", "¥92,233,720,368,547,758.07"),
        (7, "XXX", "7 XXX", "7 XXX"),
    ],
)
def test_amounts(amount: int, code: str, english: str, chinese: str) -> None:
    for language, expected in (("en", english), ("zh-hans", chinese)):
        with translation.override(language):
            assert formats.money(amount, code) == expected


@pytest.mark.parametrize(
    ("hours", "english", "chinese"),
    [
        (-100, "4 days late", "逾时 4 天"),
        (-25, "1 day late", "逾时 1 天"),
        (-1, "1 hour late", "逾时 1 小时"),
        (-0.5, "just late", "刚逾时"),
        (0, "today 15:30", "今天 15:30"),
        (8, "today 23:30", "今天 23:30"),
        (9, "tomorrow 00:30", "明天 00:30"),
        (48, "Nov 24", "11月24日"),
        (9_000, "Dec 2, 2027", "2027年12月2日"),
    ],
)
def test_how_far_away_something_is(hours: float, english: str, chinese: str) -> None:
    for language, expected in (("en", english), ("zh-hans", chinese)):
        with translation.override(language):
            assert formats.until(NOW + timedelta(hours=hours), NOW) == expected


def test_days_times_and_sizes() -> None:
    with translation.override("en"):
        assert formats.day(date(2026, 11, 2)) == "Nov 2, 2026"
        assert formats.moment(NOW) == "Nov 22, 2026 15:30"
        assert [formats.duration(n) for n in (5, 60, 430)] == ["5 min", "1 h", "7 h 10 min"]
        assert [formats.size(n) for n in (999, 1_234_567)] == ["999 bytes", "1.2 MB"]
        assert formats.day_end(NOW).isoformat() == "2026-11-23T00:00:00+08:00"
        assert [formats.language_name(tag) for tag in ("zh-hans", "xx", "")] == [
            "Chinese (Simplified)",
            "xx",
            "",
        ]
    with translation.override("zh-hans"):
        assert formats.moment(NOW) == "2026年11月22日 15:30"


@given(st.lists(st.tuples(st.text(max_size=3), st.integers(-(2**63), 2**63 - 1)), max_size=8))
def test_parts_of_a_bar_fit_into_it(amounts: list[tuple[str, int]]) -> None:
    drawn = parts(amounts)
    assert all(0 <= float(part.start) <= 100 and 0 <= float(part.width) <= 100 for part in drawn)
    assert sum(float(part.width) for part in drawn) <= 100.001
    assert all(float(bar.width) <= 100 for bar in bars(amounts))


def test_steps_of_a_bucket() -> None:
    moves = [(date(2026, 1, 1), 0), (date(2026, 1, 6), 2)]
    chart = step_chart(moves, date(2026, 1, 11), width=100)
    assert chart is not None
    assert chart.path == "M0 45.0H50.0V9.0H100"
    assert step_chart([], date(2026, 1, 11)) is None
    assert step_chart(moves, date(2026, 1, 1)) is None
