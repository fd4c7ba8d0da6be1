"""Words for the codes of payments; `words.py` gathers them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kept.store.models import Payment, PaymentReturn

__all__ = ["PAYMENT_ACTIONS", "PAYMENT_APPROVALS", "PAYMENT_TONES", "PAYMENT_WORDS"]

Words = Mapping[str, str | Promise]

PAYMENT_ACTIONS: Final[Words] = {
    "payment.record": _("Payment recorded"),
    "payment.allocate": _("Payment allocated"),
    "payment.return": _("Payment went back"),
    "payment.withdraw": _("Payment taken back from the account"),
    "payment.give_reference": _("Number given out to pay by"),
    "payment.change_policy": _("Payment policy set"),
    "account.charge_off": _("Account charged off; the debt is still owed"),
    "account.sell": _("Account sold"),
    "account.buy_back": _("Account bought back"),
}
PAYMENT_APPROVALS: Final[Words] = {
    "payment": _("payment recorded by a cashier"),
    "payment_withdrawal": _("payment taken back from an account"),
    "payment_reversal": _("payment that the bank took back"),
    "payment_return": _("payment sent back to the payer"),
    "payment_policy": _("payment policy"),
    "charge_off": _("charge-off"),
    "sale": _("sale of an account"),
    "buy_back": _("account bought back"),
}
PAYMENT_TONES: Final[Words] = {
    "suspense": "warn",
    "allocated": "good",
    "returned": "muted",
    "duplicate": "muted",
}
PAYMENT_WORDS: Final[Mapping[str, Words]] = {
    "payment_channel": dict(Payment.Channel.choices),
    "payment_way": dict(Payment.Way.choices),
    "payer_relation": dict(Payment.Relation.choices),
    "payment_state": dict(Payment.State.choices),
    "payment_return": dict(PaymentReturn.Kind.choices),
    "matched_by": {
        "reference": _("reference given out"),
        "virtual_account": _("virtual account"),
        "account": _("account number"),
        "debtor": _("debtor number"),
        "likeness": _("likeness"),
        "person": _("a person"),
    },
    "suspense": {
        "unmatched": _("names nobody known"),
        "unsure": _("likely, to be confirmed"),
        "other_currency": _("in another currency than the account"),
        "account_closed": _("the account is closed"),
        "account_recalled": _("the account was recalled"),
        "account_sold": _("the account is sold"),
        "before_account": _("from before the account or its first figures"),
        "over_payment": _("more than the account can take"),
        "possible_duplicate": _("the same amount came by another door"),
        "withdrawn": _("taken back from an account"),
    },
    "likeness": {
        "name": _("the payer's name"),
        "only_one_of_the_name": _("nobody else of this name"),
        "promise": _("a promise of this amount"),
        "overdue_amount": _("exactly what is overdue"),
        "whole_balance": _("exactly the whole balance"),
        "part_of_number": _("the end of the account's number in the text"),
        "another_as_likely": _("somebody else is as likely"),
    },
}
