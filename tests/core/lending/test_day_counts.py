"""Day counts against the tables that their authors published."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.core.lending.day_counts import (
    ACCRUING,
    DayCount,
    NeedsPeriods,
    Period,
    counted_days,
    year_fraction,
)

ISDA, ICMA = DayCount.ACT_ACT_ISDA, DayCount.ACT_ACT_ICMA
days = st.dates(date(1990, 1, 1), date(2060, 12, 31))


def day(text: str) -> date:
    return date.fromisoformat(text)


def period(text: str, a_year: int) -> Period:
    first, end = text.split("/")
    return Period(day(first), day(end), a_year)


# ISDA, "EMU and Market Conventions: Recent Developments" (1998), the five worked examples.
MEMORANDUM = [
    ("2003-11-01", "2004-05-01", "0.497724380567", ["2003-11-01/2004-05-01"], 2, "0.5"),
    ("1999-02-01", "1999-07-01", "0.410958904110", ["1998-07-01/1999-07-01"], 1, "0.410958904110"),
    ("1999-07-01", "2000-07-01", "1.001377348600", ["1999-07-01/2000-07-01"], 1, "1"),
    (
        "2002-08-15",
        "2003-07-15",
        "0.915068493151",
        ["2002-07-15/2003-01-15", "2003-01-15/2003-07-15"],
        2,
        "0.915760869565",
    ),
    ("2003-07-15", "2004-01-15", "0.504004790778", ["2003-07-15/2004-01-15"], 2, "0.5"),
    ("1999-07-30", "2000-01-30", "0.503892506924", ["1999-07-30/2000-01-30"], 2, "0.5"),
    ("2000-01-30", "2000-06-30", "0.415300546448", ["2000-01-30/2000-07-30"], 2, "0.417582417582"),
    (
        "1999-11-30",
        "2000-04-30",
        "0.415540085335",
        ["1999-11-30/2000-02-29", "2000-02-29/2000-05-31"],
        4,
        "0.415760869565",
    ),
]


@pytest.mark.parametrize(("first", "end", "isda", "periods", "a_year", "icma"), MEMORANDUM)
def test_the_memorandum_of_1998(
    first: str, end: str, isda: str, periods: list[str], a_year: int, icma: str
) -> None:
    # The paper cuts its last digits here and there instead of rounding them.
    printed = Fraction(5, 10**12)
    assert abs(year_fraction(ISDA, day(first), day(end)) - Fraction(isda)) < printed
    given_in = [period(each, a_year) for each in periods]
    found = year_fraction(ICMA, day(first), day(end), periods=given_in)
    assert abs(found - Fraction(icma)) < printed


def test_the_first_example_by_hand() -> None:
    assert year_fraction(ISDA, day("2003-11-01"), day("2004-05-01")) == Fraction(
        61, 365
    ) + Fraction(121, 366)


# ISDA, spreadsheets "30/360 Day Count Conventions" (2008-12-22): bond basis, Eurobond basis, and
# 30E/360 ISDA with the termination date of the sheet (29 February 2008).
SPREADSHEETS = [
    ("2006-08-20", "2007-02-20", 180, 180, 180),
    ("2006-08-31", "2007-02-28", 178, 178, 180),
    ("2007-02-28", "2007-08-31", 183, 182, 180),
    ("2008-02-29", "2008-08-31", 182, 181, 180),
    ("2006-01-31", "2006-02-28", 28, 28, 30),
    ("2006-01-30", "2006-02-28", 28, 28, 30),
    ("2006-02-28", "2006-03-03", 5, 5, 3),
    ("2006-02-14", "2006-02-28", 14, 14, 16),
    ("2006-09-30", "2006-10-31", 30, 30, 30),
    ("2006-10-31", "2006-11-28", 28, 28, 28),
    ("2007-08-31", "2008-02-28", 178, 178, 178),
    ("2008-02-28", "2008-08-28", 180, 180, 180),
    ("2008-02-28", "2008-08-30", 182, 182, 182),
    ("2008-02-28", "2008-08-31", 183, 182, 182),
    ("2007-02-26", "2008-02-29", 363, 363, 363),
    ("2008-02-29", "2009-02-28", 359, 359, 360),
    ("2008-02-28", "2008-03-30", 32, 32, 32),
    ("2008-02-28", "2008-03-31", 33, 32, 32),
    ("2007-02-28", "2008-02-29", 361, 361, 359),
]


@pytest.mark.parametrize(("first", "end", "bond", "euro", "isda"), SPREADSHEETS)
def test_the_spreadsheets_of_2008(first: str, end: str, bond: int, euro: int, isda: int) -> None:
    matures = day("2008-02-29")
    names = (DayCount.THIRTY_360, DayCount.THIRTY_E_360, DayCount.THIRTY_E_360_ISDA)
    for name, expected in zip(names, (bond, euro, isda), strict=True):
        found = year_fraction(name, day(first), day(end), matures_on=matures)
        assert found == Fraction(expected, 360), name


def test_a_year_by_actual_days() -> None:
    leap = (day("2024-01-01"), day("2025-01-01"))
    assert year_fraction(DayCount.ACT_360, *leap) == Fraction(366, 360)
    assert year_fraction(DayCount.ACT_365F, *leap) == Fraction(366, 365)
    assert year_fraction(ISDA, *leap) == 1


# ICMA rule 251.1(i) part 2: an annual coupon period counts a 29 February from its second day to
# its end; another asks in which year it ends.
@pytest.mark.parametrize(
    ("coupon", "a_year", "of"),
    [
        ("2011-12-28/2012-12-28", 1, 366),
        ("2012-02-28/2013-02-28", 1, 366),
        ("2012-02-29/2013-02-28", 1, 365),
        ("2011-02-28/2012-02-29", 1, 366),
        ("2012-03-01/2013-03-01", 1, 365),
        ("2011-12-28/2012-06-28", 2, 366),
        ("2012-09-28/2013-03-28", 2, 365),
    ],
)
def test_act_365l(coupon: str, a_year: int, of: int) -> None:
    whole = period(coupon, a_year)
    found = year_fraction(DayCount.ACT_365L, whole.first, whole.end, periods=[whole])
    assert found == Fraction((whole.end - whole.first).days, of)


@pytest.mark.parametrize("count", [DayCount.ACT_365L, ICMA])
def test_coupon_periods_are_not_guessed(count: DayCount) -> None:
    with pytest.raises(NeedsPeriods):
        year_fraction(count, day("2026-01-01"), day("2026-02-01"))
    with pytest.raises(NeedsPeriods):
        counted_days(count, day("2026-01-01"), day("2026-02-01"))


def test_a_period_runs_forward() -> None:
    with pytest.raises(ValueError, match="ends on or after"):
        year_fraction(ISDA, day("2026-02-01"), day("2026-01-01"))


@given(days, days, days)
def test_actual_days_add_up_wherever_a_period_is_cut(one: date, two: date, three: date) -> None:
    first, cut, end = sorted((one, two, three))
    for count in (DayCount.ACT_360, DayCount.ACT_365F, ISDA, DayCount.THIRTY_E_360):
        whole = year_fraction(count, first, end)
        assert whole == year_fraction(count, first, cut) + year_fraction(count, cut, end)


@given(days, days)
def test_nothing_accrues_in_no_time(one: date, two: date) -> None:
    first, end = sorted((one, two))
    for count in ACCRUING:
        assert year_fraction(count, first, first) == 0
        assert year_fraction(count, first, end) >= -Fraction(1, 360)
