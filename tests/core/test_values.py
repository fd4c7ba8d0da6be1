"""The value of a treatment, on numbers and on columns; and the shipped assumptions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.core.currencies import currency
from kept.core.money import Money
from kept.core.values import PARTS, Prior, Priors, value_of
from kept.packs.values import ValuesFileError, load_priors, parse_priors

SOURCE = Priors("test", 1, {"call": Prior((1, 31), (25_000, 12_000))})
RATES = {"CNY": PARTS, "USD": 7_100_000, "JPY": 48_000}


def value(channel: str = "call", cost: Money | None = None, **facts: object) -> int:
    given = {"dpd": 5, "overdue_minor": 100_000, "currency_code": "CNY", **facts}
    return int(value_of(SOURCE, channel, cost, rates=RATES, **given))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, 25_000_000),  # 2.5% of 1,000 yuan are 25 yuan
        ({"dpd": 0}, 0),
        ({"dpd": 30}, 25_000_000),
        ({"dpd": 31}, 12_000_000),
        ({"overdue_minor": -5}, 0),
        ({"overdue_minor": 10**15}, value(overdue_minor=10**11)),
        ({"currency_code": "USD"}, 177_500_000),
        ({"currency_code": "JPY", "overdue_minor": 1_000}, 1_200_000),  # yen have no decimals
        ({"currency_code": "EUR"}, 0),  # no rate: not comparable
        ({"channel": "sms"}, 0),  # not in the table
    ],
)
def test_a_value_is_the_share_that_is_added(facts: dict[str, object], expected: int) -> None:
    assert value(**facts) == expected  # type: ignore[arg-type]


def test_its_own_cost_is_taken_off() -> None:
    assert value(cost=Money(10, currency("CNY"))) == 25_000_000 - 100_000
    assert value("sms", cost=Money(5, currency("USD"))) == -355_000


@given(
    rows=st.lists(
        st.tuples(
            st.integers(0, 400),
            st.integers(-(10**6), 2**55),
            st.sampled_from(["CNY", "USD", "JPY", "EUR"]),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_columns_say_what_numbers_say(rows: list[tuple[int, int, str]]) -> None:
    days, owed, codes = zip(*rows, strict=True)
    column = value_of(
        SOURCE,
        "call",
        Money(10, currency("CNY")),
        dpd=np.array(days, dtype=np.int64),
        overdue_minor=np.array(owed, dtype=np.int64),
        currency_code=np.array(codes, dtype=object),
        rates=RATES,
    )
    assert column.tolist() == [
        value(cost=Money(10, currency("CNY")), dpd=dpd, overdue_minor=owed, currency_code=code)
        for dpd, owed, code in rows
    ]


def test_the_shipped_assumptions_fall_with_the_age_of_a_debt() -> None:
    priors = load_priors()
    assert priors.label == "priors:1"
    for channel in ("sms", "call", "ai_call", "email"):
        shares = [priors.added(channel, dpd) for dpd in (30, 90, 180, 400)]
        assert shares == sorted(shares, reverse=True)
    assert priors.added("call", 5) > priors.added("ai_call", 5) > priors.added("sms", 5) > 0


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("sms:", "smoke:", "line 14: channels.smoke: 'smoke' is no channel"),
        ('share: "0.2%"', "share: lots", "'lots' is no share; write it as 2.5%"),
        ('share: "0.2%"', 'share: "101%"', "'101%' is no share"),
        ("from_dpd: 31", "from_dpd: 1", "should rise in from_dpd"),
        ("version: 1", "version: one", "version: should be a whole number"),
        ("code: priors\n", "", "code: "),
    ],
)
def test_a_wrong_table_is_refused_with_its_line(old: str, new: str, told: str) -> None:
    from importlib.resources import files

    text = files("kept.packs").joinpath("values/priors.yaml").read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(ValuesFileError) as refused:
        parse_priors(text.replace(old, new, 1), "priors.yaml")
    assert told in str(refused.value)
