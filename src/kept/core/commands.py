"""What makes two calls the same call: the bytes that stand for a command's input.

Pure values only. Recording a command and finding its first answer is `work/once.py`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import Enum

__all__ = ["KEY_MAX", "KEY_MIN", "input_bytes", "input_hash", "is_key", "key_hash"]

#: A key is long enough not to be guessed, since it also hides what is stored under it.
KEY_MIN, KEY_MAX = 16, 200
_KEY = re.compile(rf"[A-Za-z0-9_.:+/=-]{{{KEY_MIN},{KEY_MAX}}}", re.ASCII)


def is_key(text: str) -> bool:
    return _KEY.fullmatch(text) is not None


def key_hash(scope: str, key: str) -> bytes:
    """32 bytes by which a command is found; `scope` is whose key it is, such as `person:12`."""
    return _digest(b"kept command key 1", scope, key)


def input_hash(key: str, use_case: str, given: Mapping[str, object]) -> bytes:
    """32 bytes that are equal for the same use case with the same input under the same key.

    The key goes in, so that nobody who reads the stored hash can try out likely inputs.
    """
    return _digest(b"kept command input 1", key, use_case, input_bytes(given).decode())


def input_bytes(given: Mapping[str, object]) -> bytes:
    """Canonical JSON in which values of different types differ: 1, "1", true and a date.

    Raises TypeError for what has no exact text, a float among them.
    """
    typed = _typed(given)
    return json.dumps(typed, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _typed(value: object) -> object:
    match value:
        case Enum():
            return _typed(value.value)
        case None | bool() | int() | str():
            return value
        case datetime():
            if value.tzinfo is None:
                raise TypeError("an instant needs its zone")
            return {"instant": value.astimezone(UTC).isoformat()}
        case date():
            return {"day": value.isoformat()}
        case bytes():
            return {"bytes": value.hex()}
        case Mapping():
            return {"map": {str(name): _typed(each) for name, each in value.items()}}
        case list() | tuple():
            return [_typed(each) for each in value]
        case set() | frozenset():
            # Sets have no order of their own; their members are compared as text.
            return {"set": sorted(json.dumps(_typed(each), sort_keys=True) for each in value)}
        case _:
            raise TypeError(f"a command's input holds no {type(value).__name__}")


def _digest(purpose: bytes, *parts: str) -> bytes:
    """Each part with its length before it, so that no two lists of parts read the same."""
    digest = hashlib.sha256(purpose)
    for part in parts:
        data = part.encode()
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.digest()
