"""The fields that a test vector may have, by object; another one is a mistake of the vector."""

from __future__ import annotations

from typing import Final

__all__ = [
    "ACTOR_FIELDS",
    "ATTEMPT_FIELDS",
    "DEBT_FIELDS",
    "FACT_FIELDS",
    "FLAG_FIELDS",
    "HISTORY_FIELDS",
    "NESTED_FIELDS",
    "VECTOR_FIELDS",
]

VECTOR_FIELDS: Final = (
    *("id", "jurisdiction", "citation", "kind", "verified", "facts", "expect", "detail", "why"),
    "tags",
)
FACT_FIELDS: Final = (
    *("timezone", "candidate_timezones", "location_evidence", "actor", "debts", "history"),
    *("attempt", "flags"),
)
ACTOR_FIELDS: Final = ("id", "type", "own_name")
DEBT_FIELDS: Final = ("id", "type", "servicing_account_when_obtained")
HISTORY_FIELDS: Final = (
    *("at", "channel", "direction", "target", "outcome", "debt", "conversation_debts"),
    *("intended_debts", "actor", "address", "automated", "misdirected_learned_at", "note"),
)
ATTEMPT_FIELDS: Final = (
    *("at", "queued_for", "channel", "direction", "target", "debt", "address", "automated"),
    *("purpose", "planned", "content", "content_flags", "in_reply_to", "visibility"),
    *("voicemail_shared", "viewed_at", "learned_during_call", "recorded_at"),
    *("last_collection_activity_at", "months"),
)
FLAG_FIELDS: Final = (
    *("inconvenient", "inconvenient_place", "known_current_place", "employer_prohibits"),
    *("represented_by_attorney", "cease_notice", "oral_stop_medium", "opted_out"),
    *("blocked_addresses", "consent_more_calls", "consent_time", "court_permission"),
    *("agreed_window", "agreed_frequency", "express_consent_time", "reasonable_request"),
    *("prior_statement", "statement_medium", "consumer_is_minor", "consumer_deceased"),
    *("debtor_status", "debtor_reachable", "debtor_number_invalid", "debt_used_for_household"),
    *("guarantee_valid", "third_person_offers_to_pay"),
    *("earlier_answer_believed_wrong_and_now_correct", "email_known_employer_provided"),
    *("consumer_used_email_with_collector", "email_consent_directly_to", "written_dispute"),
    *("original_creditor_request", "disputed_debts", "validation_period_open"),
    *("validation_notice", "time_barred", "customer_refuses_statute_barred", "bankruptcy"),
    *("debt_status", "debt_settled", "identity_theft_block", "debt_illegal"),
    *("instalment_agreement", "oral_agreement_recording", "agency_last_evaluated"),
    *("breathing_space", "debt_adviser_since", "vulnerable", "sensitive_occasion", "holiday"),
    "days_past_due",
)
NESTED_FIELDS: Final = {
    "inconvenient": ("days", "from", "to", "until", "learned_from"),
    "represented_by_attorney": (
        *("known", "attorney_contact_known_or_ascertainable", "debt", "attorney_consents"),
        *("attorney_unresponsive_reasonable_time", "ended_per"),
    ),
    "cease_notice": ("medium", "mailed_at", "received_at", "collector_accepts_medium"),
    "consent_more_calls": (
        *("given_by", "directly_to", "received_at", "only_on", "revoked_at", "debt"),
    ),
    "consent_time": ("directly_to", "hours", "days", "given_during_inconvenient_communication"),
    "reasonable_request": ("not_before", "not_after"),
    "written_dispute": (
        *("received_at", "within_validation_period", "verification_sent", "verification_sent_at"),
        *("duplicative", "duplicative_notice_sent"),
    ),
    "original_creditor_request": ("received_at", "within_validation_period", "answered"),
    "validation_notice": ("assumed_receipt", "actual_receipt_learned", "sent"),
    "bankruptcy": ("status", "debt_prepetition", "debt_discharged"),
    "instalment_agreement": ("status",),
    "breathing_space": ("start", "days"),
}
