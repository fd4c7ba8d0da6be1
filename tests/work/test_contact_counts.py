"""Which caps are shown of a contact: those that bind it today."""

from __future__ import annotations

from typing import Any

from kept.core.law.grounds import judge_situation
from kept.core.law.lawbook import LawBook
from kept.work.contact_counts import _uses
from tests.core.law.worlds import ALL_PACKS, read


def caps(day: str, address: str) -> list[tuple[str, int, int]]:
    """Rule, days and use of every cap on a call after two at home and none at work."""
    call: dict[str, Any] = {
        "channel": "call",
        "direction": "outbound",
        "target": "consumer:P",
        "debt": ["D"],
    }
    found = {
        "timezone": "America/New_York",
        "actor": {"id": "A", "type": "debt_collector"},
        "debts": [{"id": "D", "type": "consumer"}],
        "history": [
            {**call, "at": f"{day}T0{hour}:00:00-05:00", "outcome": "declined", "address": "mobile"}
            for hour in (8, 9)
        ],
        "attempt": {**call, "at": f"{day}T12:00:00-05:00", "address": address},
        "flags": {},
    }
    book = LawBook((ALL_PACKS["US-MA"], ALL_PACKS["US-NYC"]))
    judged = judge_situation(book, read(found))
    return [(use.rule.id, use.part.days, use.used) for use in _uses(judged)]


MASSACHUSETTS, NEW_YORK = "US.MA.940CMR7.04_1f", "US.NYC.6RCNY5-77"


def test_a_cap_on_calls_at_work_is_none_of_calls_elsewhere() -> None:
    assert caps("2026-12-10", "mobile") == [(MASSACHUSETTS, 7, 2), (NEW_YORK, 7, 2)]
    assert caps("2026-12-10", "work") == [(MASSACHUSETTS, 30, 0), (NEW_YORK, 7, 2)]


def test_a_cap_that_holds_no_more_is_not_shown() -> None:
    assert caps("2027-01-05", "mobile") == [(MASSACHUSETTS, 7, 2)]
