"""Situations as the three frames from which verdicts in columns are made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from kept.core.law.situations import Circumstances, Situation
from kept.work.law_records import record_row, record_types

__all__ = ["frames_of"]

TEXTS = pl.List(pl.String)
CONTACTS: dict[str, Any] = {
    **dict.fromkeys(("channel", "person", "target_role", "purpose", "address"), pl.String),
    **dict.fromkeys(("address_place", "planned", "visibility", "content", "actor"), pl.String),
    **dict.fromkeys(("actor_type", "zone", "candidates", "holidays"), pl.String),
    **dict.fromkeys(("debts", "groups", "debt_types", "content_flags"), TEXTS),
    **dict.fromkeys(("in_reply_to", "recorded_day", "last_activity_day", "months"), pl.Int64),
    **dict.fromkeys(("staff", "complete_from"), pl.Int64),
    "is_recorded": pl.Boolean,
}
HISTORY: dict[str, Any] = {
    **dict.fromkeys(("channel", "person", "role", "outcome", "actor", "address"), pl.String),
    "place": pl.String,
    **dict.fromkeys(("debts", "talked", "debt_ids", "talked_ids"), TEXTS),
    **dict.fromkeys(("debtor", "minute", "misdirected_from"), pl.Int64),
    "inbound": pl.Boolean,
}


def frames_of(situations: Sequence[Situation]) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Intended contacts, records and past contacts, each situation a debtor of its own."""
    rows = list(enumerate(situations))
    contacts = [contact_of(at, of) for at, of in rows]
    records = [record_of(at, of) for at, of in rows if of.known != Circumstances()]
    past = [row for at, of in rows for row in past_of(at, of)]
    types = record_types(pl.String, pl.String) | {"debtor": pl.Int64, "person": pl.String}
    return (
        pl.DataFrame(contacts, schema_overrides=CONTACTS, infer_schema_length=None),
        pl.DataFrame(records, schema_overrides=types, infer_schema_length=None),
        pl.DataFrame(past, schema=HISTORY),
    )


def contact_of(at: int, of: Situation) -> dict[str, Any]:
    attempt = of.attempt
    groups = {debt.id: debt.group for debt in of.debts}
    return {
        "debtor": at,
        "minute": attempt.minute,
        "channel": attempt.channel,
        "person": attempt.person,
        "target_role": attempt.role,
        "purpose": attempt.purpose,
        "address": attempt.address,
        "address_place": attempt.place,
        "planned": attempt.planned,
        "visibility": attempt.visibility,
        "content": attempt.content,
        "content_flags": sorted(attempt.content_flags),
        "voicemail_shared": attempt.voicemail_shared,
        "learned_during_call": attempt.learned_during_call,
        "is_recorded": attempt.is_recorded,
        "recording_announced": attempt.recording_announced,
        "in_reply_to": attempt.in_reply_to,
        "recorded_day": attempt.recorded_day,
        "last_activity_day": attempt.last_activity_day,
        "months": attempt.months,
        "staff": attempt.staff,
        "debts": sorted(attempt.debts),
        "groups": sorted({groups.get(each, each) for each in attempt.debts}),
        "debt_types": [debt.type for debt in of.debts if debt.id in attempt.debts],
        "actor": of.actor.id,
        "actor_type": of.actor.type,
        "own_name": of.actor.own_name is not False,
        "zone": of.place.zone if of.place else None,
        "candidates": ",".join(table.zone for table in of.candidates),
        "holidays": ",".join(map(str, sorted(of.holidays))) or None,
        "complete_from": of.complete_from,
    }


def past_of(at: int, of: Situation) -> list[dict[str, Any]]:
    groups = {debt.id: debt.group for debt in of.debts}
    return [
        {
            "debtor": at,
            **{name: getattr(each, name) for name in HISTORY if hasattr(each, name)},
            "debts": sorted({groups.get(debt, debt) for debt in each.debts}),
            "talked": sorted({groups.get(debt, debt) for debt in each.talked}),
            "debt_ids": sorted(each.debts),
            "talked_ids": sorted(each.talked),
        }
        for each in of.history
    ]


def record_of(at: int, of: Situation) -> dict[str, Any]:
    return record_row(of.known) | {"debtor": at, "person": of.attempt.person}
