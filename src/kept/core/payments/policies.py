"""The payment policy of a creditor: dated data, read from a mapping of texts and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

__all__ = ["AccountOrder", "OverPayment", "PaymentPolicy", "PaymentPolicyError", "read_policy"]


class AccountOrder(StrEnum):
    """Between several accounts of a debtor where the payment names none, or several."""

    OLDEST_FIRST = "oldest_first"  # by the oldest amount that is due and open
    AS_NAMED = "as_named"  # as the payment names them, then the oldest first
    COURT_ORDERED_FIRST = (
        "court_ordered_first"  # accounts with an order of a court, then the oldest
    )


class OverPayment(StrEnum):
    """What becomes of money beyond what the named accounts can take."""

    SUSPENSE = "suspense"
    OTHER_ACCOUNTS = "other_accounts"  # of the same debtor and creditor, in the account order


class PaymentPolicyError(ValueError):
    """A payment policy cannot be used; the message names the key and what may stand there."""


@dataclass(frozen=True, slots=True)
class PaymentPolicy:
    """`confident_per_mille`: from which likeness on nobody is asked; 1001 asks always.

    `duplicate_days`: money of the same amount for the same account by another door within so many
    days waits for a person.
    """

    account_order: AccountOrder = AccountOrder.OLDEST_FIRST
    over_payment: OverPayment = OverPayment.SUSPENSE
    confident_per_mille: int = 900
    duplicate_days: int = 3

    def to_json(self) -> dict[str, object]:
        return {
            "account_order": self.account_order.value,
            "over_payment": self.over_payment.value,
            "confident_per_mille": self.confident_per_mille,
            "duplicate_days": self.duplicate_days,
        }


Word = TypeVar("Word", bound=StrEnum)
_KNOWN = ("account_order", "over_payment", "confident_per_mille", "duplicate_days")


def read_policy(given: Mapping[str, object]) -> PaymentPolicy:
    """Of a mapping; what is left out is as shipped. Raises `PaymentPolicyError`."""
    for key in given:
        if key not in _KNOWN:
            raise PaymentPolicyError(f"{key} is not known; there are {', '.join(_KNOWN)}")
    plain = PaymentPolicy()
    return PaymentPolicy(
        account_order=_one_of(AccountOrder, given, "account_order", plain.account_order),
        over_payment=_one_of(OverPayment, given, "over_payment", plain.over_payment),
        confident_per_mille=_whole(given, "confident_per_mille", plain.confident_per_mille, 1001),
        duplicate_days=_whole(given, "duplicate_days", plain.duplicate_days, 60),
    )


def _one_of(words: type[Word], given: Mapping[str, object], key: str, absent: Word) -> Word:
    try:
        return words(str(given.get(key, absent)))
    except ValueError:
        known = ", ".join(words)
        raise PaymentPolicyError(f"{key}: {given[key]!r} is not one of {known}") from None


def _whole(given: Mapping[str, object], key: str, absent: int, most: int) -> int:
    text = str(given.get(key, absent))
    if not (text.isascii() and text.isdigit()) or int(text) > most:
        raise PaymentPolicyError(f"{key}: {text!r} is no whole number from 0 to {most}")
    return int(text)
