"""Strata of arms: shares held in each, draws that stay, what a strategy's file may say."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.core.arms import SHARES
from kept.core.facts import CURRENCY_COLUMN
from kept.core.strata import StratumFact, draws_of_ranks, stratum_of, with_stratum
from kept.core.strategies import Strategy
from kept.core.strategy_reading import StrategyError, read_strategy
from kept.core.strategy_words import strategy_changes, strategy_rows
from tests.core.test_arms import ARMS
from tests.core.test_strategies import TREATMENT, plan

STRATA = (
    StratumFact("balance", (100_000, 500_000), "CNY"),
    StratumFact("product"),
    StratumFact("is_company"),
)


@given(
    st.text(max_size=20),
    st.integers(1, 3_000),
    st.integers(0, SHARES - 1),
    st.integers(1, SHARES),
)
def test_an_arm_has_its_share_of_every_stratum(
    salt: str, debtors: int, first: int, share: int
) -> None:
    """However many have come, and wherever the arm's stretch lies: to within the logarithm."""
    end = min(SHARES, first + share)
    draws = draws_of_ranks(salt, np.arange(debtors))
    inside = int(((draws >= first) & (draws < end)).sum())
    expected = debtors * (end - first) / SHARES
    assert abs(inside - expected) <= 2 + np.log2(debtors + 1)
    assert ((draws >= 0) & (draws < SHARES)).all()


@given(st.text(max_size=10), st.lists(st.integers(1, 40), min_size=1, max_size=8))
def test_who_comes_later_changes_nobody(salt: str, batches: list[int]) -> None:
    found: list[int] = []
    for size in batches:
        found += draws_of_ranks(salt, np.arange(len(found), len(found) + size)).tolist()
    assert found == draws_of_ranks(salt, np.arange(len(found))).tolist()


def test_two_strata_begin_elsewhere() -> None:
    """Otherwise the first debtor of each small stratum would be in the same arm."""
    firsts = {int(draws_of_ranks(f"stratum {n}", np.arange(1))[0]) // 1_000 for n in range(60)}
    assert firsts == set(range(10))


@given(
    st.integers(-1, 10**9),
    st.sampled_from(["CNY", "USD"]),
    st.sampled_from(["CARD", "LOAN", None]),
    st.booleans(),
)
def test_one_case_and_columns_of_cases_agree(
    balance: int, code: str, product: str | None, company: bool
) -> None:
    facts: dict[str, Any] = {
        "balance": balance,
        CURRENCY_COLUMN: code,
        "product": product,
        "is_company": company,
    }
    schema = {"balance": pl.Int64, CURRENCY_COLUMN: pl.String, "product": pl.String}
    frame = pl.DataFrame([facts], schema={**schema, "is_company": pl.Boolean})
    assert with_stratum(STRATA, frame)["stratum"].to_list() == [stratum_of(STRATA, facts)]


@pytest.mark.parametrize(
    ("balance", "code", "product", "expected"),
    [
        (99_999, "CNY", "CARD", "balance:0 product:CARD is_company:0"),
        (100_000, "CNY", "CARD", "balance:1 product:CARD is_company:0"),
        (500_000, "CNY", None, "balance:2 product:unknown is_company:0"),
        (1, "USD", "LOAN", "balance:other product:LOAN is_company:0"),
    ],
)
def test_a_stratum_is_named_by_its_bands(
    balance: int, code: str, product: str | None, expected: str
) -> None:
    facts = {"balance": balance, CURRENCY_COLUMN: code, "product": product, "is_company": False}
    assert stratum_of(STRATA, facts) == expected


# --- the file -------------------------------------------------------------------------------------

BANDS = [{"fact": "balance", "bands": ["1000 CNY", "5000 CNY"]}, {"fact": "product"}]


def strategy(stratify_by: Any, **changes: Any) -> Strategy:
    given = {"arms": ARMS, "stratify_by": stratify_by, **changes}
    return read_strategy(plan(TREATMENT, **given))


def test_it_is_read_and_said_and_its_change_is_told() -> None:
    found = strategy(BANDS)
    assert found.strata == (
        StratumFact("balance", (100_000, 500_000), "CNY"),
        StratumFact("product"),
    )
    (head, *_others) = strategy_rows(found, "en").values()
    assert dict(head)["arms stratified by"].startswith("balance (bands from ")
    (change,) = strategy_changes(strategy(None), found, "zh")
    assert [label for label, _text in change.after] == ["分组分层依据"]


@pytest.mark.parametrize(
    ("stratify_by", "told"),
    [
        ([{"fact": "balanse", "bands": ["1 CNY"]}], "did you mean balance?"),
        ([{"fact": "sex"}], "protected attribute"),
        ([{"fact": "arm_draw", "bands": [1]}], "no fact to stratify by"),
        ([{"fact": "last_payment_date"}], "no fact to stratify by"),
        ([{"fact": "balance"}], "needs bands"),
        ([{"fact": "bucket", "bands": ["one"]}], "no whole number"),
        ([{"fact": "balance", "bands": ["1000"]}], "no amount"),
        ([{"fact": "bucket", "bands": [3, 1]}], "should rise"),
        ([{"fact": "product", "bands": [1]}], "leave bands out"),
        ([{"fact": "product"}, {"fact": "product"}], "is the code of 2"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(stratify_by: Any, told: str) -> None:
    with pytest.raises(StrategyError) as refused:
        strategy(stratify_by)
    problems = refused.value.problems
    assert [each.path.startswith("stratify_by") for each in problems] == [True] * len(problems)
    assert told in str(refused.value)


def test_without_arms_there_is_nothing_to_stratify() -> None:
    with pytest.raises(StrategyError, match="there are none"):
        strategy(BANDS, arms=[])
