"""The frames from which many verdicts are made, and how the silence of a column is read.

Three frames: intended contacts, what is recorded about the person of each, and past contacts. A
column that is absent is silent for all rows; a null in one is unknown (or no record, where the
table says None).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from kept.core.law.situations import Circumstances
from kept.core.law.times import NEVER

__all__ = ["SILENCE", "STRAIGHT"]

_ATTEMPT: Final[Mapping[str, Any]] = {
    "purpose": "collect",
    "own_name": True,
    "address": None,
    "address_place": "none",
    "planned": "nothing",
    "visibility": "private",
    "voicemail_shared": False,
    "learned_during_call": False,
    "months": 0,
    "staff": 2,
    "recorded_day": None,
    "last_activity_day": None,
    "in_reply_to": None,
    "is_recorded": None,
    "recording_announced": False,
}
_RECORDS: Final[Mapping[str, Any]] = {
    "attorney": False,
    "attorney_is_known": None,
    "attorney_reachable": False,
    "attorney_unresponsive": False,
    "attorney_consents": False,
    "dispute_from": NEVER,
    "dispute_until": NEVER,
    "creditor_request_from": NEVER,
    "creditor_request_until": NEVER,
    "times_given_during": False,
    "calls_received": None,
    "calls_revoked": None,
    "breathing_first": None,
    "breathing_last": None,
}
_FIELDS: Final[Mapping[str, Any]] = {
    each.name: each.default
    for each in fields(Circumstances)
    if isinstance(each.default, bool | int | None)
}

SILENCE: Final[Mapping[str, Any]] = {
    **{name: value for name, value in _FIELDS.items() if name not in ("attorney", "breathing")},
    "inconvenient": (),
    "agreed_times": (),
    "reasonable_times": (),
    **_ATTEMPT,
    **_RECORDS,
}
"""What a column that a frame has not would hold in every row; windows are none."""

STRAIGHT: Final[Mapping[str, str]] = {
    **{
        name: name
        for name in (
            *("actor_type", "own_name", "target_role", "channel", "purpose", "address_place"),
            *("visibility", "planned", "voicemail_shared", "business_debt", "credit_card_debt"),
            *("recorded_day", "last_activity_day", "attorney_reachable", "attorney_unresponsive"),
            *("attorney_consents", "employer_prohibits", "vulnerable", "sensitive_occasion"),
            *("prior_refusal", "time_barred", "refuses_time_barred", "debt_discharged"),
            *("debt_paid", "debt_settled", "identity_theft_block", "debt_illegal"),
            *("validation_in_issue", "demand_exceeds_estate", "household_debt", "offers_to_pay"),
            *("court_permission", "agreed_frequency", "only_convenient_time", "location_again"),
            *("number_checked", "employer_email", "agency_listed", "cease_from"),
            *("dispute_from", "dispute_until", "creditor_request_from", "creditor_request_until"),
            *("agreed_times", "reasonable_times"),
        )
    },
    "agreement_months": "months",
    "visit_staff": "staff",
    "ask_learned_now": "learned_during_call",
    "consumer_is_minor": "is_minor",
    "consumer_deceased": "deceased",
    "debtor_incapable": "incapable",
    "oral_agreement_recording": "oral_agreement",
    "debtor_number_invalid": "number_invalid",
    "consumer_used_address": "used_address",
    "prior_express_consent": "express_consent",
    "debtor_told_of_entrustment": "told_of_entrustment",
    "inconvenient_times": "inconvenient",
    "microfinance_loan": "microfinance",
    "call_is_recorded": "is_recorded",
    "recording_notice_given": "recording_announced",
    "region": "region",
}
"""Facts that a column holds as they are."""
