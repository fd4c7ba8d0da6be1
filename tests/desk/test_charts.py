"""The charts as numbers: what is drawn where, and when there is nothing to draw."""

from __future__ import annotations

from datetime import date

from kept.desk.charts import step_chart

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 21)


def test_a_line_goes_from_edge_to_edge_with_its_area() -> None:
    chart = step_chart([(FIRST, 0), (date(2026, 11, 11), 2)], LAST)
    assert chart is not None
    assert chart.rows == ((2, "9.0"), (1, "27.0"), (0, "45.0"))
    assert chart.path == "M0 45.0H150.0V9.0H300"
    assert chart.area == "M0 45.0H150.0V9.0H300V45.0H0Z"
    assert (chart.first, chart.last, chart.end, chart.height) == (FIRST, LAST, "9.0", 54)


def test_a_bucket_that_never_changed_is_a_line_too() -> None:
    chart = step_chart([(FIRST, 3)], LAST)
    assert chart is not None
    assert chart.path == "M0 9.0H300"
    assert len(chart.rows) == 4


def test_one_day_and_no_day_are_not_drawn() -> None:
    assert step_chart([], LAST) is None
    assert step_chart([(LAST, 2)], LAST) is None
    assert step_chart([(date(2026, 11, 20), 2)], LAST) is not None
