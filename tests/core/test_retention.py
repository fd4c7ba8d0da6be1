"""From which day a person may be erased: the latest duty, never a day too few."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.core.retention import (
    BarKind,
    Moment,
    Period,
    Record,
    RecordFacts,
    RetentionDuty,
    erasability,
    jurisdictions_of,
)

ENDED = date(2024, 2, 29)


def duty(name: str = "X", **given: object) -> RetentionDuty:
    fields: dict[str, object] = {
        "id": name,
        "name_en": "",
        "name_zh": "",
        "record": Record.CASE,
        "keep": Period(years=3),
        "start": Moment.LAST_ACTIVITY,
        "jurisdiction": "US",
        "citation": "",
        "status": "verified",
        "valid_from": date(2000, 1, 1),
        **given,
    }
    return RetentionDuty(**fields)  # type: ignore[arg-type]


def facts(**given: object) -> RecordFacts:
    fields: dict[str, object] = {
        "jurisdictions": frozenset({"US"}),
        "entities": frozenset({"debt_collector"}),
        "moments": {Moment.LAST_ACTIVITY: ENDED},
        **given,
    }
    return RecordFacts(**fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("period", "start", "last"),
    [
        (Period(years=3), date(2023, 11, 22), date(2026, 11, 22)),
        (Period(years=3), date(2024, 2, 29), date(2027, 3, 1)),
        (Period(years=4), date(2024, 2, 29), date(2028, 2, 29)),
        (Period(months=1), date(2026, 1, 31), date(2026, 3, 3)),
        (Period(days=180), date(2026, 1, 1), date(2026, 6, 30)),
        (Period(years=1, months=6), date(2025, 8, 15), date(2027, 2, 15)),
    ],
)
def test_the_last_day_of_a_period(period: Period, start: date, last: date) -> None:
    assert period.after(start) == last


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(0, 30), st.integers(0, 30))
def test_a_longer_period_never_ends_earlier(start: date, years: int, months: int) -> None:
    shorter, longer = Period(years, months), Period(years, months + 1)
    assert shorter.after(start) <= longer.after(start)
    assert Period(years=years).after(start) >= start + timedelta(days=365 * years)


def test_the_day_after_the_last_day_is_the_first_one() -> None:
    last = date(2027, 3, 1)
    found = erasability([duty()], facts(), Record.CASE, last)
    assert (found.is_allowed, found.allowed_from) == (False, date(2027, 3, 2))
    assert [(bar.kind, bar.until) for bar in found.bars] == [(BarKind.DUTY, last)]
    after = erasability([duty()], facts(), Record.CASE, date(2027, 3, 2))
    assert (after.is_allowed, after.allowed_from) == (True, date(2027, 3, 2))


def test_the_latest_of_all_duties_holds() -> None:
    duties = [duty("short"), duty("long", keep=Period(years=9)), duty("none", jurisdiction="CN")]
    found = erasability(duties, facts(), Record.CASE, date(2025, 1, 1))
    assert [bar.duty.id for bar in found.bars if bar.duty] == ["long", "short"]
    assert found.allowed_from == date(2033, 3, 2)


@pytest.mark.parametrize(
    ("change", "binds"),
    [
        ({}, True),
        ({"jurisdiction": "CN"}, False),
        ({"jurisdiction": "*"}, True),
        ({"entities": frozenset({"debt_collector"})}, True),
        ({"entities": frozenset({"financial_institution"})}, False),
        ({"valid_from": date(2026, 1, 1)}, False),
        ({"valid_to": date(2024, 12, 31)}, False),
        ({"valid_to": date(2025, 1, 1)}, True),
        ({"record": Record.RECORDING}, False),
        ({"start": Moment.RECORDED}, False),
    ],
)
def test_which_duty_binds(change: dict[str, object], binds: bool) -> None:
    found = erasability([duty(**change)], facts(), Record.CASE, date(2025, 1, 1))
    assert found.is_allowed is not binds


def test_who_or_where_is_unknown_is_bound_by_every_duty() -> None:
    far = duty(jurisdiction="CN", entities=frozenset({"financial_institution"}))
    unknown = facts(jurisdictions=frozenset(), entities=frozenset())
    assert erasability([far], facts(), Record.CASE, date(2025, 1, 1)).is_allowed
    assert not erasability([far], unknown, Record.CASE, date(2025, 1, 1)).is_allowed


@pytest.mark.parametrize(
    ("open_things", "kind"),
    [
        ({"open_cases": 1}, BarKind.OPEN_CASE),
        ({"open_accounts": 2}, BarKind.OPEN_ACCOUNT),
        ({"legal_holds": (None,)}, BarKind.LEGAL_HOLD),
    ],
)
def test_nobody_can_say_a_day_while_something_is_open(
    open_things: dict[str, object], kind: BarKind
) -> None:
    found = erasability([duty()], facts(**open_things), Record.CASE, date(2030, 1, 1))
    assert (found.allowed_from, [bar.kind for bar in found.bars]) == (None, [kind])


def test_a_legal_hold_with_an_end_moves_the_day() -> None:
    held = facts(legal_holds=(date(2031, 5, 1), date(2020, 1, 1)))
    found = erasability([duty()], held, Record.CASE, date(2030, 1, 1))
    assert found.allowed_from == date(2031, 5, 2)
    assert erasability([duty()], held, Record.CASE, date(2031, 5, 2)).is_allowed


def test_a_member_state_is_in_the_union_too() -> None:
    assert jurisdictions_of(["DE", "", "CN"]) == {"DE", "EU", "CN"}
    assert jurisdictions_of(["GB"]) == {"GB"}
    assert jurisdictions_of([""]) == frozenset()
