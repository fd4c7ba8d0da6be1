"""A decision of the day is told in words: its cause, what was closed and why, what is new."""

from __future__ import annotations

from datetime import UTC, datetime

from kept.core.redeciding import Closed
from kept.desk.events import _by_day
from kept.desk.words import WORDS
from kept.store.to_decide import Cause


def test_every_cause_and_every_closing_has_words() -> None:
    causes = {value for name, value in vars(Cause).items() if name.isupper()}
    assert causes == set(WORDS["day_cause"])
    assert {each.value for each in Closed} == set(WORDS["day_closed"])


def test_what_a_decision_closed_and_renewed_is_told() -> None:
    lawful = datetime(2026, 11, 22, 1, 0, tzinfo=UTC).isoformat()
    closed = {"treatment": "call", "why": "day_unlawful", "rules": ["cn.hours"]}
    assert list(_by_day({"cause": "hold", "closed": closed})) == [
        "after a hold was placed or released",
        "Call closed: the law does not allow it any more (cn.hours)",
    ]
    renewed = {"treatment": "call", "priority": 5, "lawful_from": lawful, "seat": 3}
    assert len(list(_by_day({"cause": "seat", "renewed": renewed}))) == 4
    assert list(_by_day({"body": 1})) == []
