"""Closed words of payments: by which way and door money comes, who pays, where a payment stands."""

from __future__ import annotations

from enum import StrEnum

__all__ = [
    "MatchedBy",
    "PayerRelation",
    "PaymentChannel",
    "PaymentState",
    "SuspenseReason",
    "WayOfPaying",
]


class WayOfPaying(StrEnum):
    BANK_TRANSFER = "bank_transfer"
    CARD = "card"
    DIRECT_DEBIT = "direct_debit"
    CASH = "cash"
    MOBILE_WALLET = "mobile_wallet"
    CHEQUE = "cheque"
    OTHER = "other"


class PaymentChannel(StrEnum):
    """The door by which kept heard of a payment; an external reference is unique behind each."""

    FILE = "file"
    CAMT = "camt"
    API = "api"
    CASHIER = "cashier"
    DIRECT_DEBIT = "direct_debit"


class PayerRelation(StrEnum):
    """Who paid, seen from the debtor. Anybody else pays of free will and is never asked to."""

    SELF = "self"
    CO_DEBTOR = "co_debtor"
    GUARANTOR = "guarantor"
    SPOUSE = "spouse"
    FAMILY = "family"
    FRIEND = "friend"
    EMPLOYER = "employer"
    OTHER = "other"
    UNKNOWN = "unknown"


class PaymentState(StrEnum):
    """`suspense`: some of it still waits for a person. `duplicate`: known from another door."""

    SUSPENSE = "suspense"
    ALLOCATED = "allocated"
    RETURNED = "returned"  # nothing is left with an account: sent back, or taken back by the bank
    DUPLICATE = "duplicate"


class MatchedBy(StrEnum):
    REFERENCE = "reference"
    VIRTUAL_ACCOUNT = "virtual_account"
    ACCOUNT = "account"
    DEBTOR = "debtor"
    LIKENESS = "likeness"  # name, amount, promise: `matching.py`
    PERSON = "person"


class SuspenseReason(StrEnum):
    """Why money, or the rest of it, waits for a person."""

    UNMATCHED = "unmatched"
    UNSURE = "unsure"  # somebody is likely, below what policy lets through
    OTHER_CURRENCY = "other_currency"
    ACCOUNT_CLOSED = "account_closed"
    ACCOUNT_RECALLED = "account_recalled"
    ACCOUNT_SOLD = "account_sold"
    BEFORE_ACCOUNT = "before_account"  # dated before the account, or before its first figures
    OVER_PAYMENT = "over_payment"
    POSSIBLE_DUPLICATE = "possible_duplicate"
    WITHDRAWN = "withdrawn"  # a person took it back from an account
