"""What a count counts: contacts of a measure that agree with the attempt in some keys.

Operator-only: each measure runs on one contact and on columns of contacts. An outcome that is not
known counts in all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol

from kept.core.algebra import is_in, not_
from kept.core.law.vocabulary import (
    CONNECTED_OUTCOMES,
    CONVERSATION_OUTCOMES,
    ELECTRONIC,
    UNANSWERED_OUTCOMES,
    VOICE,
)

__all__ = ["KEYS", "MEASURES", "ContactColumns"]


class ContactColumns(Protocol):
    """One contact's values, or the columns of many."""

    @property
    def channel(self) -> Any: ...
    @property
    def inbound(self) -> Any: ...
    @property
    def outcome(self) -> Any: ...


def connected_attempts(contact: ContactColumns) -> Any:
    return _outbound_voice(contact) & is_in(contact.outcome, CONNECTED_OUTCOMES)


def conversations(contact: ContactColumns) -> Any:
    """Telephone conversations, whoever called."""
    return is_in(contact.channel, VOICE) & is_in(contact.outcome, CONVERSATION_OUTCOMES)


def effective_calls(contact: ContactColumns) -> Any:
    """主动有效通话: conversations by voice that the collector began."""
    return _outbound_voice(contact) & is_in(contact.outcome, CONVERSATION_OUTCOMES)


def unanswered_attempts(contact: ContactColumns) -> Any:
    return _outbound_voice(contact) & is_in(contact.outcome, UNANSWERED_OUTCOMES)


def voice_attempts(contact: ContactColumns) -> Any:
    return _outbound_voice(contact)


def visits(contact: ContactColumns) -> Any:
    return _outbound(contact) & (contact.channel == "field_visit")


def voice_and_text_attempts(contact: ContactColumns) -> Any:
    return _outbound(contact) & is_in(contact.channel, VOICE | {"sms"})


def attempts_in_writing_or_voice(contact: ContactColumns) -> Any:
    return _outbound(contact) & is_in(contact.channel, VOICE | {"sms", "email", "letter"})


def electronic_messages(contact: ContactColumns) -> Any:
    return _outbound(contact) & is_in(contact.channel, ELECTRONIC)


def _outbound(contact: ContactColumns) -> Any:
    return not_(contact.inbound)


def _outbound_voice(contact: ContactColumns) -> Any:
    return _outbound(contact) & is_in(contact.channel, VOICE)


MEASURES: Final[dict[str, Callable[[ContactColumns], Any]]] = {
    "connected_attempts": connected_attempts,
    "conversations": conversations,
    "effective_calls": effective_calls,
    "unanswered_attempts": unanswered_attempts,
    "voice_attempts": voice_attempts,
    "visits": visits,
    "voice_and_text_attempts": voice_and_text_attempts,
    "attempts_in_writing_or_voice": attempts_in_writing_or_voice,
    "electronic_messages": electronic_messages,
}

KEYS: Final = frozenset(
    {"actor", "person", "debtor", "debt", "talked", "address", "place_class", "not_misdirected"}
    | {"not_under_consent"}
)
"""In what a counted contact agrees with the attempt; the last two leave contacts out."""
