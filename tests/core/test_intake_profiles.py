"""Profiles compared: histograms of exact integers, and bands that ask for a person."""

from __future__ import annotations

import json
from dataclasses import replace
from string import Formatter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kept.core.intake.maps import Bands
from kept.core.intake.profiles import (
    BREACH_SENTENCES,
    PROFILE_FIELDS,
    AmountSummary,
    Breach,
    BreachCode,
    Histogram,
    ProfileSummary,
    find_breaches,
)

AMOUNTS = st.integers(-(2**63) + 1, 2**63 - 1)


def histogram(*amounts: int) -> Histogram:
    result = Histogram()
    result.add(np.array(amounts, dtype=np.int64))
    return result


@settings(deadline=None)
@given(AMOUNTS)
def test_an_amount_is_found_again_within_a_sixteenth(amount: int) -> None:
    found = histogram(amount).quantile(500)
    assert abs(found) <= abs(amount)
    assert (found < 0) == (amount < 0) or found == 0
    assert (abs(amount) - abs(found)) * 16 <= abs(amount)
    if abs(amount) < 32:
        assert found == amount


@settings(deadline=None)
@given(st.lists(AMOUNTS, min_size=1), st.integers(0, 1000))
def test_quantiles_are_those_of_the_sorted_amounts(amounts: list[int], share: int) -> None:
    exact = sorted(amounts)[(len(amounts) - 1) * share // 1000]
    assert histogram(*amounts).quantile(share) == histogram(exact).quantile(0)


@settings(deadline=None)
@given(st.lists(AMOUNTS), st.lists(AMOUNTS))
def test_histograms_add_up_in_any_order(one: list[int], other: list[int]) -> None:
    merged = histogram(*one)
    merged.merge(histogram(*other))
    assert merged.counts == histogram(*other, *one).counts


def test_powers_of_two_have_their_own_place() -> None:
    for bits in range(5, 63):
        assert histogram(2**bits).quantile(0) == 2**bits
        assert histogram(2**bits - 1).quantile(0) < 2**bits
    assert Histogram().quantile(500) == 0


def test_an_amount_summary() -> None:
    amounts = [-5, 0, 0, 10, 20, 30, 31]
    found = AmountSummary.of(histogram(*amounts), total=sum(amounts), least=-5, most=31)
    assert (found.rows, found.negative, found.zero, found.total) == (7, 1, 2, 86)
    assert found.quantiles == {
        "p01": -5,
        "p10": -5,
        "p25": 0,
        "median": 10,
        "p75": 20,
        "p90": 30,
        "p99": 30,
    }


def summary(rows: int = 1000, total: int = 50_000, median: int = 40, **more: Any) -> ProfileSummary:
    amounts = AmountSummary(rows, total, 1, 99, 0, 0, {"median": median})
    base = ProfileSummary(rows, 0, rows, dict.fromkeys(PROFILE_FIELDS, 0), {}, {"CNY": amounts}, {})
    return replace(base, **more)


BANDS = Bands(
    rows_change_per_mille=200,
    balance_change_per_mille=300,
    median_change_per_mille=500,
    rejected_per_mille=5,
    opened_on_least="2000-01-01",
    null_per_mille={"contacts.phone": 50},
)
BEFORE = [summary(rows=rows) for rows in (900, 1000, 1100)]


@pytest.mark.parametrize(
    ("found", "breach"),
    [
        (summary(rows=1200), None),
        (summary(rows=1201), Breach(BreachCode.ROWS_CHANGED, {"found": 1201, "usual": 1000})),
        (summary(rows=799), Breach(BreachCode.ROWS_CHANGED, {"found": 799, "usual": 1000})),
        (summary(total=65_000), None),
        (
            summary(total=65_001),
            Breach(
                BreachCode.BALANCE_CHANGED, {"found": 65_001, "usual": 50_000, "currency": "CNY"}
            ),
        ),
        (
            summary(median=19),
            Breach(BreachCode.MEDIAN_CHANGED, {"found": 19, "usual": 40, "currency": "CNY"}),
        ),
        (summary(rejected=5), None),
        (summary(rejected=6), Breach(BreachCode.MANY_REJECTED, {"found": 6, "most": 5})),
        (summary(dates={"account.opened_on": ("2000-01-01", "2020-01-01")}), None),
        (
            summary(dates={"account.opened_on": ("1999-12-31", "2020-01-01")}),
            Breach(BreachCode.OPENED_EARLY, {"found": "1999-12-31", "least": "2000-01-01"}),
        ),
        (
            summary(nulls={"contacts.phone": 51}),
            Breach(BreachCode.MANY_NULLS, {"found": 51, "most": 50, "field": "contacts.phone"}),
        ),
    ],
)
def test_each_band(found: ProfileSummary, breach: Breach | None) -> None:
    assert find_breaches(found, BEFORE, BANDS) == ((breach,) if breach else ())


def test_without_bands_or_earlier_files_nothing_is_asked() -> None:
    odd = summary(rows=1, total=1, median=1)
    assert find_breaches(odd, BEFORE, Bands()) == ()
    assert find_breaches(odd, [], BANDS) == ()


def test_only_the_last_ten_files_are_compared_with() -> None:
    old = [summary(rows=10)] * 11
    assert find_breaches(summary(), [*old, *[summary()] * 10], BANDS) == ()


def test_a_summary_goes_through_json() -> None:
    found = summary(dates={"account.opened_on": ("2000-01-01", "2020-01-01")})
    stored = json.loads(json.dumps({**found.to_json(), "breaches": ["other keys stay"]}))
    assert ProfileSummary.from_json(stored) == found


def test_every_breach_has_a_sentence() -> None:
    assert set(BREACH_SENTENCES) == set(BreachCode)
    known = {"found", "usual", "most", "least", "currency", "field"}
    for text in BREACH_SENTENCES.values():
        assert {name for _, name, _, _ in Formatter().parse(text) if name} <= known
