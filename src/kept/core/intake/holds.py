"""What a hold mark in a creditor's file stops, and whether it is the debtor's or the account's."""

from __future__ import annotations

from typing import Final

from kept.core.intake.maps import HoldReason

__all__ = ["HOLDS_ON_ACCOUNT", "HOLD_EFFECTS"]

#: A mark stops contact and treatment until a person has looked. It does not stop accrual: whether
#: interest goes on is the product's and the law's business.
HOLD_EFFECTS: Final = ("contact", "treatment")

#: Of one debt. The other reasons (death, bankruptcy, vulnerability) are of the debtor.
HOLDS_ON_ACCOUNT: Final = frozenset(
    {
        HoldReason.FRAUD,
        HoldReason.DISPUTED,
        HoldReason.COMPLAINT,
        HoldReason.LEGAL,
        HoldReason.MISSING_DATA,
    }
)
