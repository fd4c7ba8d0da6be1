"""What files of attempts, stops, consents, persons, payments, promises and plans can say.

Each type has fields; each kind of record says which of them it takes and which it needs. The lists
of kinds are those of the book's nouns; a test holds them to the tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kept.core.attempts import Channel, Outcome
from kept.core.payments.ways import PayerRelation, PaymentChannel, WayOfPaying

__all__ = [
    "CATEGORIES",
    "CONTACT_KINDS",
    "FILE_TYPES",
    "HISTORY_YEARS",
    "PAYMENT_WORDS",
    "PLAN_WORDS",
    "PROMISE_ENDS",
    "RECORD_FIELDS",
    "RECORD_KINDS",
    "SECTIONS",
    "WAYS_OF_PAYING",
    "FieldKind",
    "RecordField",
    "RecordKind",
]

#: The part of the map that says what a row of each type is.
SECTIONS: Final[Mapping[str, str]] = {
    "attempts": "attempt",
    "stops": "stop",
    "consents": "consent",
    "persons": "person",
    "payments": "payment",
    "promises": "promise",
    "plans": "plan",
}
FILE_TYPES: Final = ("accounts", *SECTIONS)
#: No rule looks back so far; an attempt from before is a slip of the pen.
HISTORY_YEARS: Final = 10


class FieldKind(StrEnum):
    """How the text of a cell is read."""

    TEXT = "text"
    CHOICE = "choice"
    FLAG = "flag"  # yes or no
    DAY = "day"
    DAYS = "days"  # several in one cell
    INSTANT = "instant"  # with an offset, or in the zone that the map says
    WINDOWS = "windows"  # Mon-Fri 09:00-17:00; Sat 10:00-12:00
    SEVERAL = "several"  # numbers of accounts
    AMOUNT = "amount"


@dataclass(frozen=True, slots=True)
class RecordField:
    """`choices` where the list is closed whatever the kind. `later` is how a day alone is meant as
    an instant: at its end, else at its beginning; whichever is the stricter reading."""

    name: str
    kind: FieldKind = FieldKind.TEXT
    choices: tuple[str, ...] = ()
    is_needed: bool = False
    later: bool = False


@dataclass(frozen=True, slots=True)
class RecordKind:
    """The noun under which a kind is kept, and its own fields beside those of every kind."""

    noun: str
    takes: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


#: By which way a promised payment comes, and why a promise ended; the words of the book's promises.
WAYS_OF_PAYING: Final = tuple(each.value for each in WayOfPaying)
PROMISE_ENDS: Final = ("replaced", "hold", "dispute", "plan", "recalled", "cancelled")
#: How a plan stood in the older system; only one that runs is taken.
PLAN_WORDS: Final = ("running", "performed", "broken", "cancelled")
CONTACT_KINDS: Final = ("phone", "email", "address", "handle")
#: What a row of a payment file is. `pending` and `outgoing` are money that did not come in.
PAYMENT_WORDS: Final = (
    "payment",
    "reversal",
    "chargeback",
    "returned_item",
    "pending",
    "outgoing",
)
_CHANNELS: Final = tuple(each.value for each in Channel)
_OUTCOMES: Final = (*(each.value for each in Outcome), "unknown")
_TEXT, _CHOICE, _FLAG = FieldKind.TEXT, FieldKind.CHOICE, FieldKind.FLAG
_DAY, _INSTANT = FieldKind.DAY, FieldKind.INSTANT

_WHOM: Final = (
    RecordField("external_id"),
    RecordField("debtor"),
    RecordField("accounts", FieldKind.SEVERAL),
    RecordField("related_person"),
)
_WHERE: Final = (
    RecordField("contact_point"),
    RecordField("contact_kind", _CHOICE, CONTACT_KINDS),
    RecordField("country"),
)

_WINDOWS: Final = RecordField("windows", FieldKind.WINDOWS)
_WORDS: Final = RecordField("words")

RECORD_FIELDS: Final[Mapping[str, tuple[RecordField, ...]]] = {
    "attempts": (
        RecordField("external_id", is_needed=True),
        *_WHOM[1:],
        *_WHERE,
        RecordField("started_at", _INSTANT, is_needed=True),
        RecordField("channel", _CHOICE, _CHANNELS, is_needed=True),
        RecordField("outcome", _CHOICE, _OUTCOMES, is_needed=True),
        RecordField("inbound", _FLAG),
        RecordField("legal_entity"),
    ),
    "stops": (
        *_WHOM,
        *_WHERE,
        RecordField("kind", _CHOICE, is_needed=True),
        RecordField("received_at", _INSTANT, is_needed=True),
        RecordField("ended_at", _INSTANT, later=True),
        RecordField("channel", _CHOICE, _CHANNELS),
        RecordField("medium"),
        RecordField("accepted", _FLAG),
        RecordField("place", _CHOICE, ("home", "work")),
        _WINDOWS,
        RecordField("from_on", _DAY),
        RecordField("until_on", _DAY),
        _WORDS,
    ),
    "consents": (
        *_WHOM,
        *_WHERE,
        RecordField("kind", _CHOICE, is_needed=True),
        RecordField("received_at", _INSTANT, is_needed=True, later=True),
        RecordField("ended_at", _INSTANT),
        RecordField("until_at", _INSTANT),
        RecordField("directly_to"),
        RecordField("channel", _CHOICE, _CHANNELS),
        _WINDOWS,
        RecordField("only_on", FieldKind.DAYS),
        RecordField("given_while_inconvenient", _FLAG),
        _WORDS,
    ),
    "persons": (
        *_WHOM,
        RecordField("kind", _CHOICE, is_needed=True),
        RecordField("received_at", _INSTANT, is_needed=True),
        RecordField("ended_at", _INSTANT, later=True),
        RecordField("category"),
        RecordField("status", _CHOICE, ("pending", "discharged")),
        RecordField("country"),
        RecordField("region"),
        RecordField("zone"),
        RecordField("place", _CHOICE, ("home", "work")),
        RecordField("occurred_on", _DAY),
        RecordField("from_on", _DAY),
        RecordField("until_on", _DAY),
        RecordField("review_on", _DAY),
        RecordField("due_at", _INSTANT),
        RecordField("language"),
        RecordField("medium"),
        RecordField("answer"),
        RecordField("written", _FLAG),
        RecordField("certain", _FLAG),
        RecordField("reachable", _FLAG),
        RecordField("allows_contact", _FLAG),
        RecordField("unresponsive", _FLAG),
        RecordField("suspected", _FLAG),
        RecordField("breached", _FLAG),
        _WORDS,
    ),
    "payments": (
        RecordField("external_id", is_needed=True),
        RecordField("what", _CHOICE, PAYMENT_WORDS),
        RecordField("channel", _CHOICE, tuple(each.value for each in PaymentChannel)),
        RecordField("amount", FieldKind.AMOUNT, is_needed=True),
        RecordField("currency"),
        RecordField("received_on", _DAY, is_needed=True),
        RecordField("value_on", _DAY),
        RecordField("accounts", FieldKind.SEVERAL),
        RecordField("debtor"),
        RecordField("reference"),
        RecordField("virtual_account"),
        RecordField("bank_reference"),
        RecordField("way", _CHOICE, tuple(each.value for each in WayOfPaying)),
        RecordField("payer"),
        RecordField("payer_relation", _CHOICE, tuple(each.value for each in PayerRelation)),
        RecordField("text"),
        RecordField("reverses"),
        RecordField("code"),
    ),
    "promises": (
        RecordField("external_id", is_needed=True),
        *_WHOM[1:],
        RecordField("received_at", _INSTANT, is_needed=True),
        RecordField("ended_at", _INSTANT, later=True),
        RecordField("amount", FieldKind.AMOUNT, is_needed=True),
        RecordField("currency"),
        RecordField("due_on", _DAY, is_needed=True),
        RecordField("way", _CHOICE, WAYS_OF_PAYING),
        RecordField("end_reason", _CHOICE, PROMISE_ENDS),
        RecordField("confirmed", _FLAG),
        RecordField("taken_by"),
    ),
    # A row an instalment; rows of one number are one plan.
    "plans": (
        RecordField("external_id", is_needed=True),
        RecordField("debtor"),
        RecordField("accounts", FieldKind.SEVERAL),
        RecordField("received_at", _INSTANT, is_needed=True),
        RecordField("due_on", _DAY, is_needed=True),
        RecordField("amount", FieldKind.AMOUNT, is_needed=True),
        RecordField("principal", FieldKind.AMOUNT),
        RecordField("interest", FieldKind.AMOUNT),
        RecordField("paid", FieldKind.AMOUNT),
        RecordField("total", FieldKind.AMOUNT),
        RecordField("currency"),
        RecordField("state", _CHOICE, PLAN_WORDS),
        RecordField("taken_by"),
    ),
}


def _kinds(noun: str, names: tuple[str, ...], *takes: str) -> dict[str, RecordKind]:
    return {name: RecordKind(noun, takes) for name in names}


_OPT_OUT: Final = ("channel", "contact_point", "contact_kind", "country")
_DAYS: Final = ("from_on", "until_on")
_LOCATED: Final = ("country", "region", "zone", "place")
_SPEAKS: Final = ("certain", "reachable", "allows_contact", "unresponsive")
_STOP: Final = "stop"
_CONSENT: Final = (*_OPT_OUT, "directly_to", "until_at", "windows", "only_on")

RECORD_KINDS: Final[Mapping[str, Mapping[str, RecordKind]]] = {
    "stops": {
        "opt_out": RecordKind(_STOP, (*_OPT_OUT, "medium")),
        "cease_request": RecordKind(_STOP, (*_OPT_OUT, "medium", "accepted"), ("medium",)),
        "inconvenient_times": RecordKind(_STOP, (*_OPT_OUT, "windows"), ("windows",)),
        "inconvenient_place": RecordKind(_STOP, (*_OPT_OUT, "place"), ("place",)),
        "reasonable_times": RecordKind(_STOP, (*_OPT_OUT, "windows"), ("windows",)),
        "employer": RecordKind(_STOP, (*_OPT_OUT, "medium")),
        "refusal": RecordKind(_STOP, (*_OPT_OUT, "medium")),
        "breathing_space": RecordKind(_STOP, _DAYS, _DAYS),
        "sensitive_occasion": RecordKind(_STOP, _DAYS),
    },
    "consents": {
        **{
            name: RecordKind("consent", (*_CONSENT, "given_while_inconvenient"), ("directly_to",))
            for name in ("times", "more_calls", "machine")
        },
        "address": RecordKind("consent", _CONSENT, ("directly_to", "contact_point")),
        "agreed_times": RecordKind("consent", _CONSENT, ("windows",)),
        **_kinds("consent", ("agreed_frequency", "only_time", "court"), *_CONSENT),
    },
    "persons": {
        **_kinds("circumstance", ("residence",), *_LOCATED),
        **_kinds("circumstance", ("present_place",), *_LOCATED, "until_on"),
        **_kinds("circumstance", ("death", "minor"), "occurred_on", "until_on"),
        "bankruptcy": RecordKind(
            "circumstance", ("status", "occurred_on", "until_on"), ("status",)
        ),
        **_kinds(
            "circumstance",
            (
                "incapacity",
                "identity_theft",
                "time_barred",
                "refuses_time_barred",
                "illegal_debt",
                "household_debt",
                "valid_guarantee",
                "offers_to_pay",
                "location_again",
            ),
            "occurred_on",
            "until_on",
        ),
        **_kinds(
            "representation",
            ("attorney", "executor", "guardian", "parent", "debt_adviser", "agent"),
            *_SPEAKS,
        ),
        "hardship": RecordKind(
            "hardship", ("category", *_DAYS, "breached"), ("category", "from_on")
        ),
        "vulnerability": RecordKind(
            "vulnerability", ("category", "suspected", "review_on"), ("category",)
        ),
        "dispute": RecordKind(
            "dispute", ("category", "written", "due_at", "answer"), ("category",)
        ),
        "complaint": RecordKind(
            "complaint", ("category", "medium", "due_at", "answer"), ("category",)
        ),
        "language": RecordKind("language", ("language",), ("language",)),
    },
}

#: What `category` and `answer` may hold, by noun.
CATEGORIES: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("hardship", "category"): (
        "income",
        "illness",
        "disaster",
        "family",
        "instalment",
        "other",
    ),
    ("vulnerability", "category"): (
        "health",
        "mind",
        "capacity",
        "life_event",
        "resilience",
        "age",
        "abuse",
        "other",
    ),
    ("dispute", "category"): (
        "not_mine",
        "paid",
        "amount",
        "identity_theft",
        "time_barred",
        "credit_report",
        "first_creditor",
        "other",
    ),
    ("complaint", "category"): (
        "conduct",
        "frequency",
        "times",
        "third_party",
        "privacy",
        "amount",
        "identity",
        "service",
        "other",
    ),
    ("dispute", "answer"): ("verified", "corrected", "accepted", "withdrawn"),
    ("complaint", "answer"): ("upheld", "partly", "rejected", "withdrawn"),
}
