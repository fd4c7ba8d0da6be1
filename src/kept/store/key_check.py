"""Refuses data keys that are not those this database is sealed with.

Without this a lost key file would be made anew, and the next intake would write names nobody finds
and numbers nobody opens, beside the old ones. And a rotation replaces every keyed hash in one
transaction: whoever writes hashes says so with `hashing_held`, so that the two never cross.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from kept.core.key_rings import DataKey, KeyRing
from kept.store.cipher import Cipher, CipherError, house_ring
from kept.store.models import KeyCheck

__all__ = [
    "HASHING_LOCK",
    "HashingMoved",
    "WrongDataKey",
    "check_data_key",
    "check_value",
    "hashing_held",
]

#: Shared by whoever writes keyed hashes, taken alone while a rotation replaces them.
HASHING_LOCK = 0x6B657968  # "keyh"


class WrongDataKey(CipherError):
    """KEPT_DATA_KEY is not the key that this database was sealed with: put the right one back."""


class HashingMoved(CipherError):
    """A rotation is not finished in the keys of this process: give `kept key rotate` again.

    Where KEPT_DATA_KEY is set, bring it up to date and start the process again.
    """


def check_value(key: DataKey) -> bytes:
    """What is remembered of a key."""
    return Cipher(KeyRing((key,), key.number)).hash("key_check", "kept")


def check_data_key() -> None:
    """Remember the key of a new database; raise `WrongDataKey` where an old one has another.

    Every key that the database knows must be here and be the same. A new sealing key beside them
    is remembered: a rotation has begun. Does nothing before the tables are those of this kept.
    """
    if not _has_table():
        return
    ring = house_ring()
    known = dict(KeyCheck.objects.values_list("number", "value_hash"))
    for number, value in known.items():
        key = ring.get(number)
        if key is None or check_value(key) != bytes(value):
            raise WrongDataKey(WrongDataKey.__doc__)
    if not known:
        _remember(ring, ring.hashing, hashes=True)
    if ring.sealing.number not in known:
        _remember(ring, ring.sealing.number, hashes=False)


def _has_table() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_attribute WHERE attname = 'hashes'"
            " AND attrelid = to_regclass('key_checks'))"
        )
        return bool(cursor.fetchone()[0])


def _remember(ring: KeyRing, number: int, *, hashes: bool) -> None:
    """Two processes may be the first one: what is there already has the same value."""
    key = ring.get(number)
    assert key is not None
    KeyCheck.objects.get_or_create(
        number=number, defaults={"value_hash": check_value(key), "hashes": hashes}
    )


_MOVED = (
    "A key rotation is not finished in the keys of this process: give `kept key rotate` again, or "
    "where KEPT_DATA_KEY is set bring it up to date and start this process again."
)


@contextmanager
def hashing_held() -> Iterator[None]:
    """For whoever writes keyed hashes: no rotation replaces them until the block ends.

    Waits while one does. Raises `HashingMoved` where this process still makes the old hashes.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock_shared(%s)", [HASHING_LOCK])
    try:
        marked = KeyCheck.objects.filter(hashes=True).values_list("number", flat=True).first()
        if marked is not None and marked != house_ring().hashing:
            raise HashingMoved(_MOVED)
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock_shared(%s)", [HASHING_LOCK])
