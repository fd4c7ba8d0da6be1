"""The closed set of labels of forbidden speech. What falls under one is said by packs of words."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["SpeechLabel"]


class SpeechLabel(StrEnum):
    """One set for templates, notes and transcripts of every country."""

    VIOLENCE_THREAT = "violence_threat"
    ABUSE_PROFANITY = "abuse_profanity"
    IMPERSONATES_POLICE_COURT_GOVERNMENT_LAWYER = "impersonates_police_court_government_lawyer"
    FALSE_LEGAL_CONSEQUENCE = "false_legal_consequence"
    FALSE_AMOUNT_OR_STATUS = "false_amount_or_status"
    FALSE_URGENCY = "false_urgency"
    PUBLIC_SHAMING = "public_shaming"
    THIRD_PARTY_DISCLOSURE = "third_party_disclosure"
    THREAT_TO_TELL_FAMILY_EMPLOYER = "threat_to_tell_family_employer"
    INDUCES_NEW_BORROWING_OR_ILLEGAL_FUNDS = "induces_new_borrowing_or_illegal_funds"
    EXTRA_FEE = "extra_fee"
    OVERSHADOWS_RIGHTS = "overshadows_rights"
    THREAT_TO_SUE_TIME_BARRED = "threat_to_sue_time_barred"
    ANONYMOUS = "anonymous"
    REFUSES_OPT_OUT = "refuses_opt_out"
