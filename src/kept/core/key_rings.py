"""The data keys of an installation: one that seals, one that hashes, and older ones that only open.

A ring's text is one entry a line (or with commas between), `NUMBER:KEY` with the key in base64. The
first entry seals. It also makes the hashes, unless another one is marked `NUMBER:KEY:hashes`, as
it is while a rotation is under way. A bare key is number 1. This holds and reads keys; it
neither makes nor stores them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from kept.core.key_faults import KeyFault

__all__ = ["KEY_BYTES", "NUMBER_MAX", "DataKey", "KeyRing", "read_key_ring"]

KEY_BYTES = 32
#: The number of a key is the first byte of what it sealed.
NUMBER_MAX = 255
_MARK = "hashes"


@dataclass(frozen=True, slots=True)
class DataKey:
    number: int
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not 1 <= self.number <= NUMBER_MAX:
            raise KeyFault("the number of a data key is from 1 to {most}", most=NUMBER_MAX)
        if len(self.secret) != KEY_BYTES:
            raise KeyFault("a data key has {bytes} bytes", bytes=KEY_BYTES)

    @property
    def fingerprint(self) -> str:
        """Twelve hexadecimal digits by which two people can see that they speak of one key."""
        return hashlib.sha256(b"kept fingerprint 1" + self.secret).hexdigest()[:12]

    @property
    def text(self) -> str:
        return f"{self.number}:{base64.b64encode(self.secret).decode()}"


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Keys by number, the sealing one first; `hashing` is the number of the one that hashes."""

    keys: tuple[DataKey, ...]
    hashing: int

    def __post_init__(self) -> None:
        numbers = [key.number for key in self.keys]
        if not numbers or len(set(numbers)) != len(numbers):
            raise KeyFault("a ring has at least one data key, each with a number of its own")
        if self.hashing not in numbers:
            raise KeyFault("the key that hashes is one of the ring")

    @classmethod
    def single(cls, secret: bytes, number: int = 1) -> KeyRing:
        return cls((DataKey(number, secret),), number)

    def __iter__(self) -> Iterator[DataKey]:
        return iter(self.keys)

    @property
    def sealing(self) -> DataKey:
        return self.keys[0]

    @property
    def is_rotating(self) -> bool:
        """Whether a rotation has begun and is not finished."""
        return self.sealing.number != self.hashing

    def get(self, number: int) -> DataKey | None:
        return next((key for key in self.keys if key.number == number), None)

    def with_new(self, secret: bytes) -> KeyRing:
        """A rotation begins: the new key seals, the old one still hashes."""
        taken = {key.number for key in self.keys}
        after = self.sealing.number % NUMBER_MAX + 1
        order = [*range(after, NUMBER_MAX + 1), *range(1, after)]
        number = next((each for each in order if each not in taken), None)
        if number is None:
            raise KeyFault("all numbers are taken: retire old keys first")
        return KeyRing((DataKey(number, secret), *self.keys), self.hashing)

    def finished(self) -> KeyRing:
        """A rotation ends: the sealing key hashes too; the older keys stay to open."""
        return KeyRing(self.keys, self.sealing.number)

    def without(self, number: int) -> KeyRing:
        """An older key is retired; raises ValueError for one that is in use or absent."""
        if number in (self.sealing.number, self.hashing) or self.get(number) is None:
            raise KeyFault("data key {number} is in use or not in the ring", number=number)
        return KeyRing(tuple(key for key in self.keys if key.number != number), self.hashing)

    def joined(self, other: KeyRing) -> KeyRing:
        """The older keys of another ring added; raises ValueError where one number has two keys."""
        for key in other:
            mine = self.get(key.number)
            if mine is not None and mine.secret != key.secret:
                raise KeyFault("data key {number} is another key here", number=key.number)
        new = tuple(key for key in other if self.get(key.number) is None)
        return KeyRing((*self.keys, *new), self.hashing)

    @property
    def text(self) -> str:
        """One entry a line, as `read_key_ring` reads it."""
        marked = self.is_rotating
        return "\n".join(
            f"{key.text}:{_MARK}" if marked and key.number == self.hashing else key.text
            for key in self.keys
        )


def read_key_ring(text: str) -> KeyRing:
    """The ring of a text; raises ValueError, never with a key in its message."""
    entries = [entry for entry in text.replace(",", "\n").split() if entry]
    read = [_read_entry(entry) for entry in entries]
    marked = [key.number for key, hashes in read if hashes]
    if not read or len(marked) > 1:
        raise KeyFault("a ring has at least one data key, and at most one marked `hashes`")
    keys = tuple(key for key, _ in read)
    return KeyRing(keys, marked[0] if marked else keys[0].number)


def _read_entry(entry: str) -> tuple[DataKey, bool]:
    parts = entry.split(":")
    hashes = len(parts) == 3 and parts[2] == _MARK
    if len(parts) > 2 and not hashes:
        raise KeyFault("an entry is NUMBER:KEY or NUMBER:KEY:hashes")
    number, secret = parts[:2] if len(parts) > 1 else ("1", parts[0])
    if not (number.isascii() and number.isdecimal() and len(number) <= 3):
        raise KeyFault("the number of a data key is from 1 to {most}", most=NUMBER_MAX)
    try:
        plain = base64.b64decode(secret, validate=True)
    except (binascii.Error, ValueError):
        raise KeyFault("a data key is written in base64") from None
    return DataKey(int(number), plain), hashes
