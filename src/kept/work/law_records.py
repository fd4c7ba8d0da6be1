"""What is recorded about one person as a row of the frame that verdicts in columns read.

The other two frames are described in `law_verdicts`; how a missing column is read in `law_frames`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

import polars as pl

from kept.core.law.situations import Circumstances, Dispute
from kept.core.law.times import NEVER
from kept.work.law_columns import WINDOW

__all__ = ["record_row", "record_types"]

_WINDOWS: Final = ("inconvenient", "agreed_times", "reasonable_times")
_SETS: Final = ("inconvenient_places", "stopped_channels", "opted_out", "blocked_addresses")
# What stands in a row by parts of it.
_NESTED: Final = frozenset(
    ("attorney", "call_consent", "time_consent", "dispute", "creditor_request", "breathing")
)
_NAMES: Final = tuple(
    each.name for each in fields(Circumstances) if each.name not in _NESTED | {*_SETS, *_WINDOWS}
)


def record_types(debt: Any, actor: Any) -> dict[str, Any]:
    """The types of columns that may hold nothing else than nulls; `debt` and `actor` as in the
    frame of contacts."""
    return {
        **dict.fromkeys((*_WINDOWS, "times_windows"), pl.List(WINDOW)),
        **dict.fromkeys(_SETS, pl.List(pl.String)),
        **dict.fromkeys(("disputed_debts", "attorney_debts", "calls_debts"), pl.List(debt)),
        **dict.fromkeys(("address_consent", "calls_to", "times_to"), actor),
        **dict.fromkeys(("assumed_receipt_day", "agency_evaluated_day"), pl.Int64),
        **dict.fromkeys(("breathing_first", "breathing_last", "adviser_since_day"), pl.Int64),
        **dict.fromkeys(("days_past_due", "calls_received", "calls_revoked"), pl.Int64),
        **dict.fromkeys(("attorney_is_known", "attorney_reachable"), pl.Boolean),
        **dict.fromkeys(("debtor_unreachable", "guarantee_valid"), pl.Boolean),
        **dict.fromkeys(("known_place", "region"), pl.String),
        "calls_days": pl.List(pl.Int64),
    }


def record_row(known: Circumstances) -> dict[str, Any]:
    """Sets as sorted lists, windows as lists of `WINDOW`, moments and parties by their parts."""
    first, last = known.breathing or (None, None)
    return {
        **{name: getattr(known, name) for name in _NAMES},
        **{name: sorted(getattr(known, name)) for name in (*_SETS, "disputed_debts")},
        **{name: [each._asdict() for each in getattr(known, name)] for name in _WINDOWS},
        **_moments("dispute", known.dispute),
        **_moments("creditor_request", known.creditor_request),
        "breathing_first": first,
        "breathing_last": last,
        **_attorney(known),
        **_consents(known),
    }


def _moments(name: str, dispute: Dispute | None) -> Mapping[str, int]:
    received, answered = (dispute.received, dispute.answered) if dispute else (NEVER, NEVER)
    return {f"{name}_from": received, f"{name}_until": answered}


def _attorney(known: Circumstances) -> Mapping[str, Any]:
    one = known.attorney
    return {
        "attorney": one is not None,
        "attorney_is_known": one.known if one else None,
        "attorney_reachable": one.reachable if one else False,
        "attorney_debts": sorted(one.debts) if one and one.debts is not None else None,
        "attorney_consents": bool(one and one.consents),
        "attorney_unresponsive": bool(one and one.unresponsive),
    }


def _consents(known: Circumstances) -> Mapping[str, Any]:
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
