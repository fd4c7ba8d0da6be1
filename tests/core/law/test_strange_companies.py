"""A company of another country's kind is bound by the law of the place all the same."""

from __future__ import annotations

from typing import Any

import pytest

from kept.core.law.grounds import judge_situation
from kept.core.law.lawbook import LawBook
from kept.core.law.rules import Effect
from kept.core.law.verdicts import Verdict
from tests.core.law.worlds import ALL_PACKS, read

PLACES = {
    "AU": "Australia/Sydney",
    "CN": "Asia/Shanghai",
    "ID": "Asia/Jakarta",
    "IN": "Asia/Kolkata",
    "PH": "Asia/Manila",
    "UK": "Europe/London",
    "US-RegF": "America/New_York",
}
STRANGERS = ("financial_institution", "debt_collector", "authorised_firm")


def verdict(pack: str, actor: dict[str, Any], hour: int) -> Verdict:
    zone = PLACES[pack]
    found: dict[str, Any] = {
        "timezone": zone,
        "actor": {"id": "A", **actor},
        "debts": [{"id": "D", "type": "consumer"}],
        "history": [],
        "attempt": {
            "at": f"2026-05-13T{hour:02d}:00:00{OFFSETS[pack]}",
            "channel": "call",
            "direction": "outbound",
            "target": "consumer:P",
            "debt": ["D"],
        },
        "flags": {},
    }
    return judge_situation(LawBook((ALL_PACKS[pack],)), read(found)).verdict


OFFSETS = {
    "AU": "+10:00",
    "CN": "+08:00",
    "ID": "+07:00",
    "IN": "+05:30",
    "PH": "+08:00",
    "UK": "+01:00",
    "US-RegF": "-04:00",
}


@pytest.mark.parametrize("pack", sorted(PLACES))
@pytest.mark.parametrize("kind", STRANGERS)
def test_the_hours_of_the_place_bind_companies_of_every_kind(pack: str, kind: str) -> None:
    assert verdict(pack, {"type": kind}, 3).outcome is Effect.DENY
    assert verdict(pack, {"type": kind}, 12).outcome in (Effect.ALLOW, Effect.WARN)


def test_a_kind_that_the_law_of_the_place_knows_is_only_itself() -> None:
    """A creditor in its own name is outside Regulation F, and a lender is no finance company."""
    assert verdict("US-RegF", {"type": "original_creditor"}, 3).outcome is Effect.ALLOW
    finance = ALL_PACKS["CN"].actors - {"financial_institution"}
    assert finance == {"consumer_finance_company", "third_party_agency"}


def test_a_policy_of_the_house_reaches_whom_it_names() -> None:
    assert len(ALL_PACKS["house"].actors) == 11
