"""What a policy takes and what it does not: at, below and above each bound."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.core.agreements.promise_policy import (
    Breach,
    Fault,
    PromisePolicy,
    Standing,
    Wanted,
    allowed_by,
    breaches_of,
    faults_of,
    policy_fault,
    policy_of,
    policy_values,
)
from kept.core.agreements.promises import JudgingTerms

TODAY = date(2026, 11, 22)
POLICY = PromisePolicy(
    least_minor=5_000, least_share_ppm=200_000, days_ahead_most=3, open_most=1, broken_most=2
)
STANDING = Standing(TODAY, past_due_minor=100_000, balance_minor=500_000)


def wanted(amount: int = 100_000, days: int = 3) -> Wanted:
    return Wanted(amount, TODAY + timedelta(days=days))


def test_within_the_policy_nothing_is_wrong() -> None:
    assert breaches_of(POLICY, wanted(), STANDING) == []
    assert faults_of(wanted(), STANDING) == []


@pytest.mark.parametrize(
    ("asked", "breach"),
    [
        (wanted(19_999), [Breach.TOO_LITTLE]),
        (wanted(20_000), []),
        (wanted(days=4), [Breach.TOO_FAR]),
        (wanted(days=0), []),
        (wanted(19_999, 4), [Breach.TOO_LITTLE, Breach.TOO_FAR]),
    ],
)
def test_the_least_share_and_the_most_days(asked: Wanted, breach: list[Breach]) -> None:
    assert breaches_of(POLICY, asked, STANDING) == breach


def test_the_greater_of_least_and_share_but_never_more_than_is_past_due() -> None:
    assert allowed_by(POLICY, STANDING).least_minor == 20_000
    small = replace(STANDING, past_due_minor=10_000)
    assert allowed_by(POLICY, small).least_minor == 5_000
    assert allowed_by(POLICY, replace(STANDING, past_due_minor=300)).least_minor == 300
    assert allowed_by(POLICY, replace(STANDING, past_due_minor=0)).suggested_minor == 500_000


def test_most_open_and_most_broken() -> None:
    assert breaches_of(POLICY, wanted(), replace(STANDING, open_count=1)) == [Breach.TOO_MANY_OPEN]
    assert breaches_of(POLICY, wanted(), replace(STANDING, broken_count=2)) == []
    three = replace(STANDING, broken_count=3)
    assert breaches_of(POLICY, wanted(), three) == [Breach.TOO_MANY_BROKEN]
    assert not allowed_by(POLICY, three).may_take


@pytest.mark.parametrize(
    ("asked", "fault"),
    [
        (wanted(0), [Fault.NOT_POSITIVE]),
        (wanted(-1), [Fault.NOT_POSITIVE]),
        (wanted(days=-1), [Fault.IN_THE_PAST]),
        (wanted(500_001), [Fault.ABOVE_BALANCE]),
        (wanted(500_000), []),
        (wanted(days=366), [Fault.BEYOND_A_YEAR]),
    ],
)
def test_what_no_policy_takes(asked: Wanted, fault: list[Fault]) -> None:
    assert faults_of(asked, STANDING) == fault


def test_strict_is_not_a_cent_less_and_not_a_day_later() -> None:
    lenient = PromisePolicy(tolerance_ppm=50_000, grace_days=2)
    assert lenient.terms == JudgingTerms(50_000, 2)
    assert replace(lenient, is_strict=True).terms == JudgingTerms(0, 0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("least_minor", -1),
        ("least_share_ppm", 1_000_001),
        ("days_ahead_most", 366),
        ("open_most", 0),
        ("tolerance_ppm", 1_000_000),
        ("grace_days", True),
        ("is_strict", 1),
        ("exceed_roles", ("chief",)),
    ],
)
def test_a_policy_that_makes_no_sense_is_named(name: str, value: object) -> None:
    assert policy_fault(replace(POLICY, **{name: value})) == name  # type: ignore[arg-type]


def test_a_policy_comes_back_from_json() -> None:
    assert policy_of({**policy_values(POLICY), "colour": "red"}) == POLICY
    assert policy_fault(POLICY) is None


@given(st.integers(0, 10**9), st.integers(1, 10**9), st.integers(0, 1_000_000), st.integers(0, 9))
def test_what_is_allowed_is_taken(past: int, balance: int, share: int, days: int) -> None:
    policy = PromisePolicy(least_minor=past // 3, least_share_ppm=share, days_ahead_most=days)
    standing = Standing(TODAY, past, balance)
    allowed = allowed_by(policy, standing)
    for amount in {allowed.least_minor, allowed.suggested_minor, allowed.most_minor}:
        for day in (allowed.first_on, allowed.last_on):
            asked = Wanted(amount, day)
            assert (faults_of(asked, standing), breaches_of(policy, asked, standing)) == ([], [])
