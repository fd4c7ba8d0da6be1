"""A verdict in one sentence of either language, and as a trace with what was read."""

from __future__ import annotations

from typing import Any

from kept.core.calendar import utc_datetime
from kept.core.law.grounds import judge_situation
from kept.core.law.lawbook import LawBook
from kept.core.law.saying import say_verdict, trace_of
from kept.core.law.tongues import LABELS
from kept.core.law.verdicts import Verdict
from tests.core.law.test_verdicts import plain
from tests.core.law.worlds import ALL_PACKS, PACKS, read


def show(minute: int) -> str:
    return f"{utc_datetime(minute):%m-%d %H:%M}"


def judged(pack: str, **changes: Any) -> Verdict:
    found = plain(pack)
    attempt = found["attempt"] | changes.pop("attempt", {})
    situation = read(found | {"attempt": attempt} | changes)
    return judge_situation(LawBook((PACKS[pack],)), situation).verdict


def said(verdict: Verdict, *, has_place: bool = True) -> tuple[str, str]:
    return (
        say_verdict(verdict, "en", show, has_place=has_place),
        say_verdict(verdict, "zh", show, has_place=has_place),
    )


def test_an_allowed_contact() -> None:
    assert said(judged("CN")) == ("May be contacted now.", "现在可以联系。")


def test_a_refusal_says_rule_citation_and_time() -> None:
    late = judged("CN", attempt={"at": "2026-05-13T22:30:00+01:00"})
    english, chinese = said(late)
    assert english == (
        "Not now: No collecting from 22 to 8 (GB/T 45251-2025 §5.3 (催收时间)). From 05-14 07:00."
    )
    assert chinese.startswith("现在不可联系:22 时至次日 8 时不得催收")
    assert chinese.endswith("05-14 07:00 起可以联系。")


def test_never_and_no_place_are_said_apart() -> None:
    third = judged("US-RegF", attempt={"target": "third_party:T1"})
    assert "No lawful time within 400 days" in said(third)[0]
    nowhere = judged("CN", timezone=None)
    assert "Record where this person lives" in said(nowhere, has_place=False)[0]


def test_a_hold_names_its_release() -> None:
    talk = {
        "at": "2026-05-12T12:00:00+01:00",
        "channel": "call",
        "direction": "outbound",
        "target": "consumer:P1",
        "outcome": "conversation",
        "debt": ["D1"],
    }
    held = judged("US-RegF", history=[talk])
    assert said(held)[0] == (
        "On hold: Seven days after a conversation (12 CFR 1006.14(b)(2)(i)(B), (ii); comments"
        " 14(b)(2)(i)-1.ii, 14(b)(4)-1.ii). From 05-19 07:00, or once compliance releases it."
    )


def test_duties_follow_in_words() -> None:
    text = judged("US-RegF", attempt={"channel": "sms", "content": "Please call."})
    assert said(text) == (
        "May be contacted now. First: say how to opt out.",
        "现在可以联系。须先完成:写明退订方式。",
    )


def test_the_trace_has_every_value_that_was_read() -> None:
    stopped = judged("US-RegF", flags={"oral_stop_medium": ["call"]})
    (row,) = trace_of(stopped, "en", show)
    assert row[:2] == ("deny", "US.F.14h.medium")
    assert "the person asked that this channel or address not be used: yes" in row[-1]
    assert "是" in trace_of(stopped, "zh", show)[0][-1]


def test_every_duty_and_warning_of_the_packs_has_words() -> None:
    parts = [part for pack in ALL_PACKS.values() for rule in pack.rules for part in rule.parts]
    names = {name for part in parts for name in (*part.requires, *part.warns)}
    assert sorted(names - set(LABELS)) == []


def test_a_trace_says_days_and_words_and_no_number_of_its_own() -> None:
    nowhere = judged("US-RegF", timezone=None)
    reads = {rule: read for _e, rule, _n, _c, _s, read in trace_of(nowhere, "en", show)}
    assert reads["US.F.14b.count"].endswith("that must leave the window: -")
    assert "purpose of the contact: collecting" in reads["US.F.14b.count"]
    talk = {"at": "2026-05-12T12:00:00+01:00", "channel": "call", "direction": "outbound"}
    talk |= {"target": "consumer:P1", "outcome": "conversation", "debt": ["D1"]}
    soon = judged("US-RegF", history=[talk])
    ((_effect, _rule, _name, _cite, _status, read),) = (
        row for row in trace_of(soon, "zh", show) if row[1] == "US.F.14b.cooldown"
    )
    assert read.endswith("须先移出窗口的那次联系: 2026-05-12")
