"""Interest terms: what is read, and every problem with its place."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from kept.core.currencies import currency
from kept.core.lending.caps import CapKind
from kept.core.lending.day_counts import DayCount
from kept.core.lending.rates import Rate, RateUnit
from kept.core.lending.reading import InterestTermsError, ProductFrame, read_interest
from kept.core.lending.terms import Compounding, LateFee, Promotional
from kept.packs.caps import load_caps, parse_caps
from kept.packs.living_costs import load_living_costs, parse_living_costs
from kept.packs.values import ValuesFileError

FRAME = ProductFrame(
    ("principal", "interest", "fee", "penalty"), currency("CNY"), ("disputed",), load_caps()
)
CARD: dict[str, Any] = {
    "day_count": "ACT/365F",
    "bill_day": 5,
    "interest": {
        "rates": [
            {"from": "2024-01-01", "daily": "0.05%"},
            {"from": "2026-01-01", "yearly": "15%"},
        ],
        "base": ["principal"],
        "compounding": "monthly",
    },
    "penalty": {"rates": {"monthly": "1.5%"}, "base": "principal", "grace_days": 3},
    "late_fee": {"share": "5%", "minimum": "10.00", "maximum": "500.00", "base": ["principal"]},
    "promotional": {"yearly": "0%", "until": "2026-06-30"},
    "judgment": {"daily": "0.0175%", "base": ["principal"], "adds": True},
    "minimum": "1.00",
    "maximum_share": "100%",
    "stops": {"holds": ["disputed"], "charge_off": False},
    "caps": ["CN.CARD"],
}


def test_a_card() -> None:
    found = read_interest(CARD, FRAME)
    assert found is not None
    assert found.interest is not None
    assert found.interest.compounding is Compounding.MONTHLY
    assert found.interest.rates[0].rate == Rate(500_000, RateUnit.DAILY)
    assert found.penalty is not None
    assert found.penalty.rates[0].rate == Rate(180_000_000, RateUnit.YEARLY)
    assert found.late_fee == LateFee(("principal",), 0, 50_000_000, 1_000, 50_000, 0)
    zero = Rate(0, RateUnit.YEARLY)
    assert found.promotional == Promotional(zero, until=date(2026, 6, 30))
    assert (found.minimum_minor, found.maximum_share_nano) == (100, 10**9)
    assert found.day_count is DayCount.ACT_365F
    assert not found.stops_on_charge_off
    assert {cap.kind for cap in found.caps} == {CapKind.RATE, CapKind.NOT_IN_BASE}


def test_nothing_means_nothing_accrues() -> None:
    assert read_interest({}, FRAME) is None


def problems(**changes: Any) -> list[str]:
    data = {key: value for key, value in {**CARD, **changes}.items() if value is not None}
    with pytest.raises(InterestTermsError) as caught:
        read_interest(data, FRAME)
    return caught.value.told()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"day_count": None}, "day_count: is missing; add it"),
        ({"day_count": "ACT/ACT ICMA"}, "day_count: ACT/ACT ICMA counts by coupon periods"),
        ({"bill_day": 31}, "bill_day: should be a whole number from 1 to 28"),
        ({"bill_day": None}, "bill_day: interest joins on the bill day"),
        ({"intrest": {}}, "intrest: no such key; did you mean interest?"),
        (
            {"interest": {"rates": [{"from": "2026-01-01", "daily": "2%"}], "base": "principal"}},
            "interest.rates[1].daily: '2%' is no rate; write it as 18.25%, at most 1%",
        ),
        (
            {"interest": {"rates": {"yearly": "1%", "daily": "1%"}, "base": "principal"}},
            "interest.rates: give one of yearly, monthly and daily",
        ),
        (
            {
                "interest": {
                    "rates": [
                        {"from": "2026-02-01", "yearly": "1%"},
                        {"from": "2026-01-01", "yearly": "1%"},
                    ],
                    "base": "principal",
                }
            },
            "interest.rates[2]: the days should rise; 2026-01-01 stands after 2026-02-01",
        ),
        (
            {"interest": {"rates": {"yearly": "1%"}, "base": ["principle"]}},
            "interest.base: the product has no component principle",
        ),
        (
            {"interest": {"rates": {"yearly": "1%"}, "base": ["principal", "fee"]}},
            "interest.base: CN.CARD: fee may bear no interest; take it out of base",
        ),
        ({"late_fee": {"base": "principal"}}, "late_fee: give either amount or share"),
        (
            {"late_fee": {"base": "principal", "amount": "1.005"}},
            "late_fee.amount: '1.005': CNY has 2 decimals, not 3",
        ),
        (
            {"late_fee": {"base": "principal", "share": "5%", "minimum": "9", "maximum": "8"}},
            "late_fee: the minimum is above the maximum",
        ),
        ({"minimum": "-1.00"}, "minimum: -1.00 is negative"),
        ({"promotional": {"yearly": "0%"}}, "promotional: give either until or days"),
        ({"interest": None}, "promotional: a promotional rate takes the place of interest"),
        ({"stops": {"holds": ["tired"]}}, "stops.holds: tired is no reason of a hold"),
        ({"caps": ["CN.CART"]}, "caps: there is no statutory bound CN.CART; did you mean CN.CARD?"),
        ({"caps": ["UK.HCSTC"]}, "caps: UK.HCSTC is in GBP, the product in CNY; leave it out"),
    ],
)
def test_every_problem_has_its_place(changes: dict[str, Any], expected: str) -> None:
    assert any(each.startswith(expected) for each in problems(**changes)), problems(**changes)


def test_terms_that_charge_nothing() -> None:
    with pytest.raises(InterestTermsError, match="charges nothing"):
        read_interest({"day_count": "ACT/360"}, FRAME)


def test_what_is_charged_needs_its_component() -> None:
    frame = ProductFrame(("principal", "interest"), currency("CNY"), (), load_caps())
    with pytest.raises(InterestTermsError, match="penalty: is charged to penalty"):
        read_interest({**CARD, "caps": []}, frame)


def test_shipped_bounds_say_where_they_come_from() -> None:
    for cap in load_caps():
        assert cap.citation
        assert dict(cap.names).keys() == {"en", "zh"}
        if cap.kind is CapKind.RATE:
            assert cap.rates
    assert {each.country for each in load_living_costs()} == {"US", "CN", "-"}


def test_a_broken_pack_is_said_with_its_line() -> None:
    text = (
        "code: a\nversion: 1\nname: {en: a, zh: b}\ncaps:\n  - {id: A, kind: rate, status: maybe}\n"
    )
    with pytest.raises(ValuesFileError, match=r"x\.yaml, line 5: caps\[1\]\.status: 'maybe'"):
        parse_caps(text, "x.yaml")
    with pytest.raises(ValuesFileError, match="costs: is missing"):
        parse_living_costs("code: a\nversion: 1\nname: b\n", "x.yaml")
