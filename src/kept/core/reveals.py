"""Why a masked value may be shown: a closed list, so that reasons can be counted and compared."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["RevealKind", "RevealReason"]


class RevealKind(StrEnum):
    """What is masked on a page."""

    CONTACT_POINT = "contact_point"
    IDENTITY = "identity"


class RevealReason(StrEnum):
    CONTACT = "contact"  # to dial, write or go there
    VERIFY = "verify"  # to check who is speaking
    CORRECT = "correct"  # the value is said to be wrong
    COMPLAINT = "complaint"
    LEGAL = "legal"
    OTHER = "other"  # needs a note
