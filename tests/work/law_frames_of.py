"""Situations as the three frames from which verdicts in columns are made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import polars as pl

from kept.core.law.situations import Circumstances, Situation
from kept.core.law.times import NEVER
from kept.work.law_columns import WINDOW

__all__ = ["frames_of"]

WINDOWS = {name: pl.List(WINDOW) for name in ("inconvenient", "agreed_times", "reasonable_times")}
TEXTS = pl.List(pl.String)
CONTACTS: dict[str, Any] = {
    **dict.fromkeys(("channel", "person", "target_role", "purpose", "address"), pl.String),
    **dict.fromkeys(("address_place", "planned", "visibility", "content", "actor"), pl.String),
    **dict.fromkeys(("actor_type", "zone", "candidates", "holidays"), pl.String),
    **dict.fromkeys(("debts", "groups", "debt_types", "content_flags"), TEXTS),
    **dict.fromkeys(("in_reply_to", "recorded_day", "last_activity_day", "months"), pl.Int64),
    **dict.fromkeys(("staff", "complete_from"), pl.Int64),
}
SETS = ("inconvenient_places", "stopped_channels", "opted_out", "blocked_addresses")
RECORDS: dict[str, Any] = {
    **WINDOWS,
    "times_windows": pl.List(WINDOW),
    **dict.fromkeys((*SETS, "disputed_debts", "attorney_debts", "calls_debts"), TEXTS),
    "calls_days": pl.List(pl.Int64),
    **dict.fromkeys(("known_place", "address_consent", "calls_to", "times_to"), pl.String),
    **dict.fromkeys(("assumed_receipt_day", "agency_evaluated_day", "breathing_first"), pl.Int64),
    **dict.fromkeys(("breathing_last", "adviser_since_day", "days_past_due"), pl.Int64),
    **dict.fromkeys(("calls_received", "calls_revoked"), pl.Int64),
    **dict.fromkeys(("attorney_is_known", "attorney_reachable"), pl.Boolean),
    **dict.fromkeys(("debtor_unreachable", "guarantee_valid"), pl.Boolean),
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
    types = RECORDS | {"debtor": pl.Int64, "person": pl.String}
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
    known = of.known
    nested = (
        "attorney",
        "call_consent",
        "time_consent",
        "dispute",
        "creditor_request",
        "breathing",
    )
    row = {each.name: getattr(known, each.name) for each in fields(known)}
    row = {name: value for name, value in row.items() if name not in nested}
    for name in (*SETS, "disputed_debts"):
        row[name] = sorted(row[name])
    for name in WINDOWS:
        row[name] = [window._asdict() for window in row[name]]
    moments = {
        f"{name}_{side}": moment
        for name in ("dispute", "creditor_request")
        for side, moment in zip(("from", "until"), moments_of(getattr(known, name)), strict=True)
    }
    first, last = known.breathing or (None, None)
    row |= {"breathing_first": first, "breathing_last": last}
    return (
        row
        | moments
        | attorney_of(known)
        | consents_of(known)
        | {
            "debtor": at,
            "person": of.attempt.person,
        }
    )


def moments_of(dispute: Any) -> tuple[int, int]:
    return (dispute.received, dispute.answered) if dispute else (NEVER, NEVER)


def attorney_of(known: Circumstances) -> dict[str, Any]:
    one = known.attorney
    return {
        "attorney": one is not None,
        "attorney_is_known": one.known if one else None,
        "attorney_reachable": one.reachable if one else False,
        "attorney_debts": sorted(one.debts) if one and one.debts is not None else None,
        "attorney_consents": bool(one and one.consents),
        "attorney_unresponsive": bool(one and one.unresponsive),
    }


def consents_of(known: Circumstances) -> dict[str, Any]:
    calls, times = known.call_consent, known.time_consent
    return {
        "calls_to": calls.directly_to if calls else None,
        "calls_received": calls.received if calls else None,
        "calls_debts": sorted(calls.debts) if calls and calls.debts is not None else None,
        "calls_days": sorted(calls.only_on) if calls else [],
        "calls_revoked": calls.revoked if calls else None,
        "times_to": times.directly_to if times else None,
        "times_windows": [window._asdict() for window in times.windows] if times else [],
        "times_given_during": bool(times and times.given_during_inconvenient),
    }
