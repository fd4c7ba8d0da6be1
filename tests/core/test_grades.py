"""The grade of a case: by its balance, at least its treatment's, the same for one and many."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.core.dealing_policy import DealingPolicy, grade_of

POLICY = DealingPolicy(grade_from_minor=(100, 500), grade_of_treatment=(("legal", 3), ("visit", 2)))
ROW = st.tuples(
    st.sampled_from(["CNY", "USD"]),
    st.integers(-(10**6), 10**6),
    st.sampled_from(["call", "visit", "legal"]),
)


@pytest.mark.parametrize(
    ("currency", "balance", "treatment", "grade"),
    [
        ("CNY", 99, "call", 1),
        ("CNY", 100, "call", 2),
        ("CNY", 499, "visit", 2),
        ("CNY", 500, "visit", 3),
        ("CNY", 0, "legal", 3),
        ("USD", 0, "call", 3),
    ],
)
def test_amounts_and_treatments_raise_it(
    currency: str, balance: int, treatment: str, grade: int
) -> None:
    found = grade_of(POLICY, "CNY", currency=currency, balance_minor=balance, treatment=treatment)
    assert found == grade


def test_without_thresholds_every_case_is_for_everybody() -> None:
    given = {"currency": "USD", "balance_minor": 10**9, "treatment": "legal"}
    assert grade_of(DealingPolicy(), "CNY", **given) == 1


@given(st.lists(ROW, min_size=1, max_size=20))
def test_columns_say_what_one_case_says(rows: list[tuple[str, int, str]]) -> None:
    currency, balance, treatment = (np.array(each) for each in zip(*rows, strict=True))
    found = grade_of(POLICY, "CNY", currency=currency, balance_minor=balance, treatment=treatment)
    assert found.tolist() == [
        grade_of(POLICY, "CNY", currency=one, balance_minor=two, treatment=three)
        for one, two, three in rows
    ]
