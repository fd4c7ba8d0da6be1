"""Finding one debtor's case: by name, account, case or debtor number, telephone, e-mail, identity.

Personal numbers are stored encrypted; they are found by their keyed hash, so only whole numbers
are found, never parts. What is found goes through `visible_to`, whatever it was found by.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import phonenumbers
from django.db.models import Q

from kept.core.actors import Actor, Reach
from kept.core.identities import check_identity, fold_name, single_spaced
from kept.store.cipher import house_cipher
from kept.store.models import (
    Account,
    Case,
    ContactPoint,
    Creditor,
    Debtor,
    IdentityKey,
)
from kept.store.visibility import visible_rows
from kept.work.permissions import Permission, require

__all__ = ["Found", "FoundBy", "search"]

FOUND_MAX = 30
TEXT_MAX = 200
# A part of a name is found by its groups of three letters; shorter parts only at the ends.
_SHORTEST_PART = 3


class FoundBy(StrEnum):
    CASE = "case"
    ACCOUNT = "account"
    DEBTOR_NUMBER = "debtor_number"
    PHONE = "phone"
    EMAIL = "email"
    IDENTITY = "identity"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Found:
    """A case, by what it was found, and the words to tell it from others. Numbers are masked."""

    found_by: FoundBy
    case_id: int
    closed_on: date | None
    debtor_name: str
    debtor_kind: str
    creditor_code: str
    creditor_name: str
    stage: str


def search(actor: Actor, text: str) -> tuple[Found, ...]:
    """The cases that the text may mean, exact numbers first, at most `FOUND_MAX`.

    A debtor is shown by their open case, or else by the newest closed one.
    """
    within = require(actor, Permission.CASE_READ)
    words = single_spaced(unicodedata.normalize("NFKC", text[:TEXT_MAX].replace("\0", "")))
    if not words:
        return ()
    found: dict[int, FoundBy] = {}
    for found_by, debtor_ids in _debtors(within, words):
        for debtor_id in debtor_ids:
            found.setdefault(debtor_id, found_by)
        if len(found) >= FOUND_MAX:
            break
    return _cases(within, dict(list(found.items())[:FOUND_MAX]))


def _debtors(within: Reach, words: str) -> Iterator[tuple[FoundBy, Iterable[int]]]:
    """Debtors by each way of finding that fits the text; the sure ones come first."""
    if any(character.isdigit() for character in words):
        yield FoundBy.CASE, _by_case(within, words)
        yield FoundBy.ACCOUNT, _by_account(within, words)
        yield FoundBy.DEBTOR_NUMBER, _by_debtor_number(within, words)
        yield FoundBy.IDENTITY, _by_identity(within, words)
        yield FoundBy.PHONE, _by_contact(within, "phone", _phones(within, words))
    if "@" in words:
        yield FoundBy.EMAIL, _by_contact(within, "email", [words.lower()])
    if not words.isdigit():
        yield FoundBy.NAME, _by_name(within, fold_name(words))


def _by_case(within: Reach, words: str) -> Iterable[int]:
    number = re.fullmatch(r"#?([0-9]{1,18})", words, re.ASCII)
    if number is None:
        return []
    return visible_rows(Case, within).filter(pk=int(number[1])).values_list("debtor_id", flat=True)


def _by_account(within: Reach, words: str) -> Iterable[int]:
    accounts = visible_rows(Account, within).filter(
        creditor_id__in=_creditor_ids(within), external_id__in={words, words.upper()}
    )
    return accounts.values_list("debtor_id", flat=True)[:FOUND_MAX]


def _by_debtor_number(within: Reach, words: str) -> Iterable[int]:
    debtors = visible_rows(Debtor, within).filter(
        creditor_id__in=_creditor_ids(within), external_id__in={words, words.upper()}
    )
    return debtors.values_list("pk", flat=True)[:FOUND_MAX]


def _by_identity(within: Reach, words: str) -> Iterable[int]:
    cipher = house_cipher()
    either = Q(pk__in=[])
    for kind in IdentityKey.Kind.values:
        for country in _countries(within):
            number, _check = check_identity(kind, country, words)
            if number is not None:
                sought = cipher.sought_hashes(kind, [number])
                either |= Q(kind=kind, country=country, value_hash__in=sought)
    persons = list(IdentityKey.objects.filter(either).values_list("person_id", flat=True))
    debtors = visible_rows(Debtor, within).filter(person_id__in=persons) if persons else None
    return [] if debtors is None else debtors.values_list("pk", flat=True)[:FOUND_MAX]


def _by_contact(within: Reach, kind: str, values: Sequence[str]) -> Iterable[int]:
    if not values:
        return []
    points = visible_rows(ContactPoint, within).filter(
        value_hash__in=house_cipher().sought_hashes(kind, values), kind=kind
    )
    return points.order_by().values_list("debtor_id", flat=True)[:FOUND_MAX]


def _phones(within: Reach, words: str) -> list[str]:
    """The number in E.164 as each of the countries within reach would read it."""
    if len(re.sub(r"[^0-9]", "", words)) < 6:
        return []
    readings = {_e164(words, country) for country in _countries(within)}
    return sorted(reading for reading in readings if reading is not None)


def _e164(words: str, country: str) -> str | None:
    try:
        number = phonenumbers.parse(words, country)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _by_name(within: Reach, key: str) -> Iterable[int]:
    """Names that begin with the text, then those that hold it."""
    debtors = visible_rows(Debtor, within)
    begins = list(
        # In the order of the index as it is read: sorting all who share a name takes long.
        debtors.filter(name_key__startswith=key).values_list("pk", flat=True)[:FOUND_MAX]
    )
    if len(begins) == FOUND_MAX or len(key) < 2:
        return begins
    part = Q(name_key__contains=key) if len(key) >= _SHORTEST_PART else Q(name_key__endswith=key)
    return [*begins, *debtors.filter(part).values_list("pk", flat=True)[:FOUND_MAX]]


def _countries(within: Reach) -> list[str]:
    rows = visible_rows(Creditor, within).order_by("country").distinct()
    return list(rows.values_list("country", flat=True))


def _creditor_ids(within: Reach) -> list[int]:
    """Written out, since the index on an external id begins with the creditor."""
    return list(visible_rows(Creditor, within).values_list("pk", flat=True))


def _cases(within: Reach, found: dict[int, FoundBy]) -> tuple[Found, ...]:
    rows = (
        visible_rows(Case, within)
        .filter(debtor_id__in=list(found))
        .order_by("debtor_id", "-id")
        .distinct("debtor_id")
        .select_related("debtor", "creditor")
    )
    by_debtor = {row.debtor_id: row for row in rows}
    return tuple(
        _found(found_by, by_debtor[debtor_id])
        for debtor_id, found_by in found.items()
        if debtor_id in by_debtor
    )


def _found(found_by: FoundBy, case: Case) -> Found:
    return Found(
        found_by=found_by,
        case_id=case.pk,
        closed_on=case.closed_on,
        debtor_name=case.debtor.name,
        debtor_kind=case.debtor.kind,
        creditor_code=case.creditor.code,
        creditor_name=case.creditor.name,
        stage=case.stage,
    )
