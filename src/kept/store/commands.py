"""Commands in the database: taking a key, finding its first answer, forgetting old ones.

The answer is sealed with a key made from the command's own key, which is not stored: whoever reads
the table, or a copy of it, learns neither what was asked nor what was answered.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import OperationalError, connection
from psycopg.errors import LockNotAvailable

from kept.core.commands import input_hash, key_hash
from kept.store.queries import load

__all__ = ["FirstCall", "KeyBusy", "begin_command", "drop_old_commands", "free_key", "store_answer"]

_NONCE = 12
_BATCH = 5_000


class KeyBusy(Exception):
    """Another call has taken this key and is not done yet."""


@dataclass(frozen=True, slots=True)
class FirstCall:
    """What is known of the first call; `answer` is None where the input was another."""

    is_same: bool
    answer: Mapping[str, Any] | None


def begin_command(
    *,
    scope: str,
    key: str,
    use_case: str,
    given: Mapping[str, object],
    now: datetime,
    wait_seconds: int,
) -> int | FirstCall:
    """Take the key in the caller's transaction and return the row's id, or return the first call.

    Waits for one who took the key and has not committed; after `wait_seconds` raises `KeyBusy`.
    """
    sql = load("commands")
    hashed = input_hash(key, use_case, given)
    row = {"key_hash": key_hash(scope, key), "input_hash": hashed, "use_case": use_case, "now": now}
    while True:
        begun = _insert(row, wait_seconds)
        if begun is not None:
            return begun
        found = sql["first"].rows(row)
        if found:  # not there: it was forgotten between the two statements
            is_same = bytes(found[0]["input_hash"]) == hashed
            return FirstCall(is_same, _open(key, found[0]["answer"]) if is_same else None)


def _insert(row: Mapping[str, object], wait_seconds: int) -> int | None:
    """A lock that is not got in time ends the statement; the time holds for no other one."""
    before = _lock_timeout(f"{wait_seconds}s")
    try:
        begun = load("commands")["begin"].rows(row)
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise KeyBusy(KeyBusy.__doc__) from error
        raise
    _lock_timeout(before)
    return begun[0]["id"] if begun else None


def _lock_timeout(value: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('lock_timeout'), set_config('lock_timeout', %s, true)", [value]
        )
        return str(cursor.fetchone()[0])


def store_answer(command_id: int, key: str, answer: Mapping[str, Any]) -> None:
    """Called in the transaction that took the key."""
    text = json.dumps(answer, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    load("commands")["answer"].run({"id": command_id, "answer": _seal(key, text.encode())})


def free_key(command_id: int) -> None:
    """Give the key back in the transaction that took it."""
    load("commands")["free"].run({"id": command_id})


def drop_old_commands(before: datetime) -> int:
    """Forget all commands recorded before an instant; returns how many."""
    dropped = 0
    while True:
        count = load("commands")["drop_old"].run({"before": before, "limit": _BATCH})
        dropped += count
        if count < _BATCH:
            return dropped


def _seal(key: str, plain: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + _cipher(key).encrypt(nonce, plain, None)


def _open(key: str, sealed: bytes | memoryview) -> Mapping[str, Any]:
    data = bytes(sealed)
    plain = _cipher(key).decrypt(data[:_NONCE], data[_NONCE:], None)
    found: Mapping[str, Any] = json.loads(plain)
    return found


def _cipher(key: str) -> AESGCM:
    return AESGCM(hashlib.sha256(b"kept command answer 1\n" + key.encode()).digest())
