"""Random small worlds for the law: facts in the form of a vector, over all packs and odd zones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from hypothesis import strategies as st

from kept.core.attempts import Outcome
from kept.core.calendar import OffsetTable, instant_of
from kept.core.law.lawbook import LawBook
from kept.core.law.situations import Situation
from kept.core.law.vector_reading import situation_of
from kept.packs.law_packs import load_law_packs
from kept.store.zones import offset_table

__all__ = ["ACTOR_OF", "ALL_PACKS", "PACKS", "facts", "read", "zone"]

ALL_PACKS = {pack.name: pack for pack in load_law_packs()}
ACTOR_OF = {
    "US-RegF": ["debt_collector", "original_creditor", None],
    "US-MA": ["debt_collector", "original_creditor"],
    "US-NYC": ["debt_collector"],
    "CN": ["financial_institution", "consumer_finance_company", "third_party_agency"],
    "UK": ["authorised_firm"],
    "IN": ["regulated_entity"],
    "AU": ["collector_or_creditor"],
    "ID": ["PUJK"],
    "PH": ["lending_company"],
}
PACKS = {name: ALL_PACKS[name] for name in ACTOR_OF}
# Half-hour zones, a half-hour change of clocks, changes at midnight, and none at all.
ZONES = (
    *("America/New_York", "America/Los_Angeles", "Australia/Lord_Howe", "Asia/Kolkata"),
    *("Africa/Cairo", "America/Havana", "Asia/Shanghai", "Europe/London", "Pacific/Kiritimati"),
)
# Around changes of the clocks of several of these zones.
STARTS = tuple(
    datetime(2026, month, day, tzinfo=UTC)
    for month, day in ((3, 6), (3, 27), (4, 3), (4, 22), (10, 1), (10, 29), (11, 1), (12, 30))
)
CHANNELS = ("call", "ai_call", "ringless_voicemail", "workplace_call", "sms", "email", "letter")
ROLES = ("consumer:P1", "spouse:P2", "contact:C1", "guarantor:G1", "third_party:T1")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@cache
def zone(name: str) -> OffsetTable:
    return offset_table(
        name,
        instant_of(datetime(2025, 1, 1, tzinfo=UTC)),
        instant_of(datetime(2028, 1, 1, tzinfo=UTC)),
    )


def read(found: dict[str, Any]) -> Situation:
    return situation_of(found, zone, LawBook(tuple(ALL_PACKS.values())))


def at(minute: datetime) -> str:
    return minute.isoformat()


@st.composite
def moments(draw: st.DrawFn) -> datetime:
    return draw(st.sampled_from(STARTS)) + timedelta(minutes=draw(st.integers(0, 3 * 1440)))


@st.composite
def contacts(draw: st.DrawFn, now: datetime) -> dict[str, Any]:
    back = draw(st.integers(0, 12 * 1440))
    return {
        "at": at(now - timedelta(minutes=back)),
        "channel": draw(st.sampled_from(CHANNELS)),
        "direction": draw(st.sampled_from(("outbound", "outbound", "inbound"))),
        "target": draw(st.sampled_from(ROLES[:3])),
        "outcome": draw(st.sampled_from([*map(str, Outcome)])),
        "debt": draw(st.sampled_from((["D1"], ["D2"], ["D1", "D2"]))),
        "actor": draw(st.sampled_from(("A1", "A1", "A2"))),
        "address": draw(st.sampled_from((None, "mobile", "work", "home_landline"))),
    }


def clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


@st.composite
def closed_times(draw: st.DrawFn) -> dict[str, Any]:
    opens = draw(st.integers(0, 1438))
    found = {"days": draw(st.lists(st.sampled_from(DAYS), min_size=1, max_size=4, unique=True))}
    if draw(st.booleans()):
        found |= {"from": clock(opens), "to": clock(draw(st.integers(opens + 1, 1439)))}
    if draw(st.booleans()):
        found["until"] = "2026-11-15"
    return found


@st.composite
def flags(draw: st.DrawFn, now: datetime) -> dict[str, Any]:
    soon = at(now + timedelta(minutes=draw(st.integers(-5 * 1440, 5 * 1440))))
    choices: dict[str, Any] = {
        "inconvenient": draw(st.lists(closed_times(), max_size=2)),
        "cease_notice": {"received_at": soon},
        "consent_more_calls": {"directly_to": "A1", "received_at": soon},
        "consent_time": {"directly_to": "A1", "hours": ["20:30", "23:10"], "days": ["Mon", "Sat"]},
        "agreed_window": ["21:30", "00:20"],
        "reasonable_request": {"not_before": "13:00"},
        "oral_stop_medium": ["sms"],
        "written_dispute": {
            "received_at": soon,
            "within_validation_period": True,
            "verification_sent_at": at(now + timedelta(days=3)),
        },
        "breathing_space": {"start": soon[:10], "days": 2},
        "debt_adviser_since": soon[:10],
        "days_past_due": draw(st.integers(0, 20)),
        "time_barred": True,
        "court_permission": True,
        "holiday": "national",
    }
    kept = draw(st.lists(st.sampled_from(sorted(choices)), max_size=4, unique=True))
    return {name: choices[name] for name in kept}


@st.composite
def facts(draw: st.DrawFn, pack: str) -> dict[str, Any]:
    now = draw(moments())
    places = draw(st.lists(st.sampled_from(ZONES), min_size=1, max_size=2, unique=True))
    history = draw(st.lists(contacts(now), max_size=12))
    return {
        "timezone": places[0],
        "candidate_timezones": places,
        "actor": {"id": "A1", "type": draw(st.sampled_from(ACTOR_OF[pack]))},
        "debts": [{"id": "D1", "type": "consumer"}, {"id": "D2", "type": "credit_card"}],
        "history": sorted(history, key=lambda row: str(row["at"])),
        "attempt": {
            "at": at(now),
            "channel": draw(st.sampled_from(CHANNELS)),
            "direction": "outbound",
            "target": draw(st.sampled_from(ROLES)),
            "debt": draw(st.sampled_from((["D1"], ["D2"], ["D1", "D2"]))),
            "address": draw(st.sampled_from((None, "mobile", "work"))),
            "purpose": draw(st.sampled_from(("collect", "ask_debtor_contact_or_relay"))),
        },
        "flags": draw(flags(now)),
    }
