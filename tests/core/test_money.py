"""Money: nothing is lost, nothing is mixed, nothing rounds by itself."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.core.currencies import CURRENCIES, Currency, UnknownCurrency, currency
from kept.core.money import (
    AMOUNT_MAX,
    AMOUNT_MIN,
    Bearer,
    Money,
    MoneyError,
    Remainder,
    Rounding,
    parse_money,
    share_of,
    split,
    total,
)

CNY, JPY, KWD, USD = (currency(code) for code in ("CNY", "JPY", "KWD", "USD"))

amounts = st.integers(AMOUNT_MIN, AMOUNT_MAX)
small_amounts = st.integers(-(10**15), 10**15)
currencies = st.sampled_from(sorted(CURRENCIES))


def yuan(minor: int) -> Money:
    return Money(minor, CNY)


@pytest.mark.parametrize(
    ("code", "exponent"), [("CNY", 2), ("TWD", 2), ("JPY", 0), ("KRW", 0), ("KWD", 3), ("TND", 3)]
)
def test_a_currency_has_the_decimals_of_iso_4217(code: str, exponent: int) -> None:
    assert currency(code).exponent == exponent
    assert currency(code).minor_per_major == 10**exponent


@pytest.mark.parametrize(
    ("code", "said"),
    [("CNX", "CNY"), ("cny", "CNY"), ("RMB", "CNY"), ("元", "CNY"), ("", "ISO 4217")],
)
def test_an_unknown_currency_is_refused_with_what_to_do(code: str, said: str) -> None:
    with pytest.raises(UnknownCurrency, match="unknown currency") as refused:
        currency(code)
    assert said in str(refused.value)
    assert refused.value.code == code


def test_a_currency_cannot_be_made_with_other_decimals() -> None:
    with pytest.raises(ValueError, match="JPY has 0 decimals, not 2"):
        Currency("JPY", 2)
    with pytest.raises(ValueError, match="JPY has 0 decimals, not False"):
        Currency("JPY", False)
    with pytest.raises(UnknownCurrency):
        Currency("ABC", 2)
    with pytest.raises(UnknownCurrency):
        currency(["CNY"])  # type: ignore[arg-type]


@pytest.mark.parametrize("amount", [True, 1.0, "1", Decimal(1), None])
def test_an_amount_is_an_integer_and_nothing_like_one(amount: object) -> None:
    with pytest.raises(MoneyError, match="integer of minor units"):
        Money(amount, CNY)  # type: ignore[arg-type]


def test_an_amount_needs_a_currency_and_fits_64_bits() -> None:
    with pytest.raises(MoneyError, match="not a currency"):
        Money(1, "CNY")  # type: ignore[arg-type]
    assert yuan(AMOUNT_MAX).amount_minor == 2**63 - 1
    with pytest.raises(MoneyError, match="64 bits"):
        yuan(AMOUNT_MAX + 1)
    with pytest.raises(MoneyError, match="64 bits"):
        yuan(AMOUNT_MIN - 1)


def test_arithmetic_is_exact() -> None:
    assert yuan(500) + yuan(25) == yuan(525)
    assert yuan(500) - yuan(525) == yuan(-25)
    assert -yuan(5) == yuan(-5)
    assert abs(yuan(-5)) == abs(yuan(5)) == yuan(5)
    assert yuan(5) * 3 == 3 * yuan(5) == yuan(15)
    assert yuan(1) < yuan(2) <= yuan(2)
    assert yuan(2) > yuan(1) >= yuan(1)
    assert total([yuan(1), yuan(2)], CNY) == yuan(3)
    assert total([], CNY) == yuan(0)


@pytest.mark.parametrize(
    "mix",
    [
        lambda: yuan(1) + Money(1, USD),
        lambda: yuan(1) - Money(1, USD),
        lambda: yuan(1) < Money(1, USD),
        lambda: yuan(1) <= Money(1, USD),
        lambda: yuan(1) > Money(1, USD),
        lambda: yuan(1) >= Money(1, USD),
        lambda: total([yuan(1), Money(1, USD)], CNY),
    ],
)
def test_two_currencies_never_mix(mix: object) -> None:
    with pytest.raises(MoneyError, match="two currencies"):
        mix()  # type: ignore[operator]


def test_amounts_of_two_currencies_are_not_equal() -> None:
    assert yuan(1) != Money(1, USD)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: yuan(1) + 1,
        lambda: yuan(1) - 1,
        lambda: yuan(1) < 1,
        lambda: yuan(1) <= 1,
        lambda: yuan(1) > 1,
        lambda: yuan(1) >= 1,
        lambda: yuan(1) / 2,
    ],
)
def test_money_and_plain_numbers_do_not_meet(wrong: object) -> None:
    with pytest.raises(TypeError):
        wrong()  # type: ignore[operator]


@pytest.mark.parametrize("times", [1.5, True, Decimal(2), "2"])
def test_money_is_multiplied_by_integers_only(times: object) -> None:
    with pytest.raises(MoneyError, match="multiplied by an integer"):
        yuan(1) * times  # type: ignore[operator]


def test_money_has_no_truth() -> None:
    with pytest.raises(MoneyError, match="compare amount_minor"):
        bool(yuan(0))


@pytest.mark.parametrize(
    ("text", "code", "minor"),
    [
        ("500", "CNY", 50_000),
        ("500.5", "CNY", 50_050),
        ("500.50", "CNY", 50_050),
        ("-0.01", "CNY", -1),
        ("+7", "JPY", 7),
        ("1.234", "KWD", 1_234),
        ("0", "KWD", 0),
        ("92233720368547758.07", "CNY", AMOUNT_MAX),
    ],
)
def test_decimal_text_is_read_exactly(text: str, code: str, minor: int) -> None:
    assert parse_money(text, code) == Money(minor, currency(code))


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 1",
        "1,234.50",
        "(12.00)",
        "1.234,50",
        "NaN",
        "inf",
        "1e3",
        ".5",
        "5.",
        "1_000",
        "１",
        "٣",
        "--1",
        "1.2.3",
        "0x10",
        "1\n",
        "=1",
    ],
)
def test_other_forms_of_amounts_are_refused(text: str) -> None:
    with pytest.raises(MoneyError, match="not a plain decimal amount"):
        parse_money(text, "CNY")


def test_more_decimals_than_the_currency_has_is_an_error_not_a_rounding() -> None:
    with pytest.raises(MoneyError, match="CNY has 2 decimals, not 3"):
        parse_money("1.000", CNY)
    with pytest.raises(MoneyError, match="JPY has 0 decimals, not 1"):
        parse_money("1.0", JPY)
    with pytest.raises(MoneyError, match="64 bits"):
        parse_money("9" * 41, CNY)
    with pytest.raises(MoneyError, match="64 bits"):
        parse_money("92233720368547758.08", CNY)
    with pytest.raises(MoneyError, match="not a plain decimal"):
        parse_money(5, CNY)  # type: ignore[arg-type]


@given(amounts, currencies)
def test_text_and_amount_are_the_same_both_ways(minor: int, code: str) -> None:
    amount = Money(minor, currency(code))
    assert parse_money(amount.text, code) == amount
    assert str(amount) == f"{amount.text} {code}"
    assert Decimal(amount.text) == Decimal(minor).scaleb(-currency(code).exponent)


def test_text_of_amounts_below_one() -> None:
    assert yuan(-5).text == "-0.05"
    assert yuan(0).text == "0.00"
    assert Money(-5, JPY).text == "-5"
    assert Money(1, KWD).text == "0.001"


@pytest.mark.parametrize(
    ("minor", "weights", "to", "shares"),
    [
        (100, 3, Remainder.FIRST, (34, 33, 33)),
        (101, 3, Remainder.FIRST, (34, 34, 33)),
        (100, 3, Remainder.LAST, (33, 33, 34)),
        (101, 3, Remainder.LAST, (33, 34, 34)),
        (-100, 3, Remainder.LAST, (-33, -33, -34)),
        (101, 3, 1, (33, 35, 33)),
        (99, 3, Remainder.LAST, (33, 33, 33)),
        (100, [1, 2, 4], Remainder.LARGEST, (14, 29, 57)),
        (7, [0, 1, 0, 1], Remainder.FIRST, (0, 4, 0, 3)),
        (7, [0, 1, 0, 1], Remainder.LAST, (0, 3, 0, 4)),
        (0, [1, 1], Remainder.LARGEST, (0, 0)),
    ],
)
def test_a_split_gives_the_remainder_to_whom_it_names(
    minor: int, weights: int | list[int], to: Remainder | int, shares: tuple[int, ...]
) -> None:
    found = split(yuan(minor), weights, remainder_to=to)
    assert tuple(share.amount_minor for share in found) == shares


@given(
    amounts,
    st.lists(st.integers(0, 10**12), min_size=1, max_size=12).filter(any),
    st.sampled_from(Remainder),
)
def test_a_split_loses_nothing_and_is_off_by_less_than_one(
    minor: int, weights: list[int], to: Remainder
) -> None:
    shares = [share.amount_minor for share in split(yuan(minor), weights, remainder_to=to)]
    assert sum(shares) == minor
    for share, weight in zip(shares, weights, strict=True):
        assert abs(Fraction(minor * weight, sum(weights)) - share) < 1
        assert weight or not share


@pytest.mark.parametrize(
    ("weights", "to"),
    [
        (0, Remainder.FIRST),
        (-1, Remainder.FIRST),
        ([], Remainder.FIRST),
        ([0, 0], Remainder.FIRST),
        ([1, -1], Remainder.FIRST),
        ([1, 0.5], Remainder.FIRST),
        (True, Remainder.FIRST),
        ("ab", Remainder.FIRST),
        ([1, 0], 1),
        ([1, 1], 2),
        ([1, 1], "nobody"),
    ],
)
def test_a_split_without_meaning_is_refused(weights: object, to: object) -> None:
    with pytest.raises(MoneyError):
        split(yuan(100), weights, remainder_to=to)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rounding", "expected"),
    [
        (Rounding.DOWN, (1, 1, 1, -1, -1, -1)),
        (Rounding.UP, (2, 2, 2, -2, -2, -2)),
        (Rounding.FLOOR, (1, 1, 1, -2, -2, -2)),
        (Rounding.CEILING, (2, 2, 2, -1, -1, -1)),
        (Rounding.HALF_UP, (1, 2, 2, -1, -2, -2)),
        (Rounding.HALF_EVEN, (1, 2, 2, -1, -2, -2)),
    ],
)
def test_every_rounding_mode_on_both_sides_of_zero(
    rounding: Rounding, expected: tuple[int, ...]
) -> None:
    found = tuple(
        share_of(
            yuan(sign), quarters, 4, rounding=rounding, borne_by=Bearer.HOUSE
        ).money.amount_minor
        for sign in (1, -1)
        for quarters in (5, 6, 7)
    )
    assert found == expected


def test_a_half_goes_to_the_even_neighbour_only_in_half_even() -> None:
    def half(rounding: Rounding) -> int:
        found = share_of(yuan(5), 1, 2, rounding=rounding, borne_by=Bearer.DEBTOR)
        return found.money.amount_minor

    assert (half(Rounding.HALF_EVEN), half(Rounding.HALF_UP)) == (2, 3)


def test_a_rounding_says_what_was_dropped_and_who_bears_it() -> None:
    found = share_of(yuan(1_000), 1, 3, rounding=Rounding.DOWN, borne_by=Bearer.CREDITOR)
    assert (found.money, found.remainder, found.borne_by) == (
        yuan(333),
        Fraction(1, 3),
        Bearer.CREDITOR,
    )


@given(small_amounts, st.integers(-9_999, 9_999), st.integers(1, 9_999), st.sampled_from(Rounding))
def test_rounded_and_remainder_make_the_exact_value(
    minor: int, numerator: int, denominator: int, rounding: Rounding
) -> None:
    found = share_of(yuan(minor), numerator, denominator, rounding=rounding, borne_by=Bearer.HOUSE)
    assert found.money.amount_minor + found.remainder == Fraction(minor * numerator, denominator)
    assert abs(found.remainder) < 1


@pytest.mark.parametrize(("numerator", "denominator"), [(1, 0), (0.5, 1), (1, True)])
def test_a_share_is_a_ratio_of_integers(numerator: object, denominator: object) -> None:
    with pytest.raises(MoneyError, match="no ratio of integers"):
        share_of(
            yuan(1),
            numerator,  # type: ignore[arg-type]
            denominator,  # type: ignore[arg-type]
            rounding=Rounding.DOWN,
            borne_by=Bearer.DEBTOR,
        )


def test_a_rounding_without_a_bearer_is_refused() -> None:
    with pytest.raises(MoneyError, match="name who bears"):
        share_of(yuan(1), 1, 2, rounding=Rounding.DOWN, borne_by="nobody")  # type: ignore[arg-type]
