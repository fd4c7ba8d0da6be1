"""Channels of contact and outcomes of an attempt: the closed lists, and what an outcome counts as.

Names are those that the law packs use. Whether an attempt is allowed is not decided here.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

__all__ = ["CONNECTED", "CONVERSATIONS", "REACHED", "Channel", "Outcome"]


class Channel(StrEnum):
    """Ways to reach a person; acts that are no contact (placing, reporting…) are not among them."""

    CALL = "call"
    AI_CALL = "ai_call"
    RINGLESS_VOICEMAIL = "ringless_voicemail"
    WORKPLACE_CALL = "workplace_call"
    SMS = "sms"
    EMAIL = "email"
    LETTER = "letter"
    POSTCARD = "postcard"
    CALLING_CARD = "calling_card"
    PUSH = "push"
    SOCIAL_DM = "social_dm"
    SOCIAL_PUBLIC_POST = "social_public_post"
    WEB_PORTAL = "web_portal"
    FIELD_VISIT = "field_visit"
    COURT_FILING = "court_filing"


class Outcome(StrEnum):
    # Voice.
    BUSY_SIGNAL = "busy_signal"
    NOT_IN_SERVICE = "not_in_service"
    NETWORK_FAILURE = "network_failure"
    RING_NO_ANSWER = "ring_no_answer"
    VOICEMAIL_LEFT = "voicemail_left"
    VOICEMAIL_LEFT_NAMING_DEBTS = "voicemail_left_naming_debts"
    LIMITED_CONTENT_MESSAGE = "limited_content_message"
    VOICEMAIL_FULL_NO_MESSAGE = "voicemail_full_no_message"
    VOICEMAIL_NO_RING = "voicemail_no_ring"
    ANSWERED_DROPPED = "answered_dropped"
    DECLINED = "declined"
    MACHINE_NO_MESSAGE = "machine_no_message"
    CONVERSATION = "conversation"
    CONVERSATION_IN_PROGRESS = "conversation_in_progress"
    WRONG_NUMBER_LEARNED = "wrong_number_learned"
    CONTACT_REFUSED = "contact_refused"
    # Everything else.
    SENT = "sent"
    DELIVERED = "delivered"
    RECEIVED = "received"
    STOP = "STOP"
    UNDELIVERABLE = "undeliverable"
    MAILED_VALIDATION_NOTICE = "mailed_validation_notice"
    FURNISHED = "furnished"
    SESSION_ENDED = "session_ended"


#: A person spoke; the debtor refused or talked.
CONVERSATIONS: Final = frozenset(
    {Outcome.CONVERSATION, Outcome.CONVERSATION_IN_PROGRESS, Outcome.CONTACT_REFUSED}
)

#: A human answered, be it the debtor or not; a machine, a tone or silence did not.
REACHED: Final = CONVERSATIONS | {Outcome.WRONG_NUMBER_LEARNED, Outcome.ANSWERED_DROPPED}

#: The line connected, so the attempt counts as a call. Busy, dead and failed lines did not.
CONNECTED: Final = CONVERSATIONS | {
    Outcome.RING_NO_ANSWER,
    Outcome.VOICEMAIL_LEFT,
    Outcome.VOICEMAIL_LEFT_NAMING_DEBTS,
    Outcome.LIMITED_CONTENT_MESSAGE,
    Outcome.VOICEMAIL_FULL_NO_MESSAGE,
    Outcome.VOICEMAIL_NO_RING,
    Outcome.ANSWERED_DROPPED,
    Outcome.DECLINED,
    Outcome.MACHINE_NO_MESSAGE,
    Outcome.WRONG_NUMBER_LEARNED,
}
