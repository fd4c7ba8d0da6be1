"""Keys per person: personal values of events are sealed with them, and die with them.

A key belongs to a debtor, which is a person as one creditor knows them, or to one of the debtor's
related persons; so what one creditor erases, another who knows the same person keeps. It is made
with the first value, 32 random bytes, and stored wrapped by the house's cipher. Nothing here keeps
an opened key: once its row is emptied, what it sealed is gone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kept.core.events import canonical_json
from kept.store.cipher import CipherError, house_cipher
from kept.store.queries import load

__all__ = [
    "KEY_KIND",
    "KeyOwner",
    "PersonErased",
    "Sealed",
    "open_personal",
    "seal_personal",
    "seal_personal_of_many",
]

#: The kind under which the house's cipher wraps keys.
KEY_KIND = "person_key"
_FORM = b"\x01"
_NONCE = 12


class PersonErased(Exception):
    """This person was erased: nothing personal of them may be recorded any more."""


@dataclass(frozen=True, slots=True)
class KeyOwner:
    """A debtor, or one of the debtor's related persons."""

    debtor_id: int
    related_person_id: int | None = None


@dataclass(frozen=True, slots=True)
class Sealed:
    """Cipher text (form, nonce, encrypted canonical JSON, tag) and the key that opens it."""

    key_id: int
    value: bytes


def seal_personal(owner: KeyOwner, values: Mapping[str, object], now: datetime) -> Sealed:
    """Seal values by name under the owner's key, which is made where there is none yet.

    Raises `PersonErased` when the key was destroyed.
    """
    sealed = seal_personal_of_many([(owner, values)], now)[0]
    if sealed is None:
        raise PersonErased(PersonErased.__doc__)
    return sealed


def seal_personal_of_many(
    given: Sequence[tuple[KeyOwner, Mapping[str, object]]], now: datetime
) -> list[Sealed | None]:
    """As `seal_personal`, for many owners at once, in their order; None where one was erased."""
    keys = _keys(dict.fromkeys(owner for owner, _ in given), now)
    return [_seal(keys[owner], values) for owner, values in given]


def open_personal(given: Iterable[tuple[int, bytes]]) -> list[dict[str, Any] | None]:
    """The values of pairs (key id, cipher text) in their order; None where the key is destroyed.

    Raises `CipherError` for a cipher text that was altered.
    """
    pairs = list(given)
    ids = sorted({key_id for key_id, _ in pairs})
    rows = load("person_keys")["by_id"].rows({"ids": ids}) if ids else []
    keys = {row["id"]: _unwrap(row["wrapped"]) for row in rows}
    return [_open(key_id, keys.get(key_id), bytes(sealed)) for key_id, sealed in pairs]


def _keys(owners: Iterable[KeyOwner], now: datetime) -> dict[KeyOwner, tuple[int, bytes | None]]:
    """Number and key of each owner; None in place of a destroyed key."""
    wanted = list(owners)
    found = _find(wanted)
    missing = [owner for owner in wanted if owner not in found]
    if missing:
        _make(missing, now)
        found |= _find(missing)
    return found


def _find(owners: Sequence[KeyOwner]) -> dict[KeyOwner, tuple[int, bytes | None]]:
    rows = load("person_keys")["of_owners"].rows(_columns(owners))
    return {
        KeyOwner(row["debtor_id"], row["related_person_id"]): (row["id"], _unwrap(row["wrapped"]))
        for row in rows
    }


def _make(owners: Sequence[KeyOwner], now: datetime) -> None:
    """Two writers who make the same key at once agree on one: the second finds the first's."""
    wrapped = house_cipher().seal_bytes(KEY_KIND, [os.urandom(32) for _ in owners])
    load("person_keys")["make"].run({**_columns(owners), "wrapped": wrapped, "now": now})


def _columns(owners: Sequence[KeyOwner]) -> dict[str, list[Any]]:
    return {
        "debtor_ids": [owner.debtor_id for owner in owners],
        "related_person_ids": [owner.related_person_id for owner in owners],
    }


def _unwrap(wrapped: bytes | memoryview | None) -> bytes | None:
    return None if wrapped is None else house_cipher().open_bytes(KEY_KIND, wrapped)


def _seal(key: tuple[int, bytes | None], values: Mapping[str, object]) -> Sealed | None:
    key_id, secret = key
    if secret is None:
        return None
    nonce = os.urandom(_NONCE)
    text = canonical_json(values).encode()
    return Sealed(key_id, _FORM + nonce + AESGCM(secret).encrypt(nonce, text, _bound(key_id)))


def _open(key_id: int, secret: bytes | None, sealed: bytes) -> dict[str, Any] | None:
    if secret is None:
        return None
    nonce, text = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
    try:
        plain = AESGCM(secret).decrypt(nonce, text, _bound(key_id))
    except (InvalidTag, ValueError) as error:
        raise CipherError(CipherError.__doc__) from error
    opened: dict[str, Any] = json.loads(plain)
    return opened


def _bound(key_id: int) -> bytes:
    return b"kept event %d" % key_id
