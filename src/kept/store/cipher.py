"""Personal values at rest: encrypted with a key outside the database, found by a keyed hash.

AES-256-GCM with a fresh nonce for each value; the kind of value is bound in, so that a cipher text
moved to another column does not open. The first byte of a cipher text is the number of the data
key that sealed it, so old and new ones stand side by side while a key is rotated. The hash is
HMAC-SHA-256 cut to 16 bytes, over the kind and the normalised value. Both come from a data key of
32 bytes by HKDF (RFC 5869).
"""

from __future__ import annotations

import os
import secrets
import string
from collections.abc import Iterable, Sequence
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from kept.core.key_rings import DataKey, KeyRing

__all__ = [
    "Cipher",
    "CipherError",
    "KeyAbsent",
    "derive_key",
    "house_cipher",
    "house_ring",
    "new_secret",
]

_NONCE = 12
HASH_BYTES = 16
_LETTERS = string.ascii_letters + string.digits


class CipherError(Exception):
    """A value does not open: it was altered, or KEPT_DATA_KEY is not the key it was sealed with."""


class KeyAbsent(CipherError):
    """Sealed with a data key that is not here: put it back with `kept key import`."""


class Cipher:
    """Seals, opens and hashes the values of one kind at a time, such as `phone`.

    The sealing key of the ring seals, its hashing key hashes, every key of it opens.
    """

    def __init__(self, keys: KeyRing | bytes) -> None:
        ring = KeyRing.single(keys) if isinstance(keys, bytes) else keys
        self.ring = ring
        self._boxes = {key.number: AESGCM(derive_key(key, b"kept seal 1")) for key in ring}
        hashing = ring.get(ring.hashing)
        assert hashing is not None
        self._hash = _keyed_hash(hashing)
        self._every_hash = [self._hash] + [
            _keyed_hash(key) for key in ring if key.number != ring.hashing
        ]
        #: For the hash of a whole row of a creditor's file, which covers personal values.
        self.row_key = derive_key(hashing, b"kept rows 1")

    def seal(self, kind: str, values: Sequence[str]) -> list[bytes]:
        """Cipher texts in the order of the values: key number, nonce, encrypted bytes and tag."""
        return self.seal_bytes(kind, [value.encode() for value in values])

    def seal_bytes(self, kind: str, values: Sequence[bytes]) -> list[bytes]:
        """As `seal`, for what is not text, such as another key."""
        number = self.ring.sealing.number
        encrypt, bound, form = self._boxes[number].encrypt, kind.encode(), bytes([number])
        noise = os.urandom(_NONCE * len(values))
        nonces = (noise[at : at + _NONCE] for at in range(0, len(noise), _NONCE))
        return [
            form + nonce + encrypt(nonce, value, bound)
            for nonce, value in zip(nonces, values, strict=True)
        ]

    def open(self, kind: str, sealed: bytes | memoryview) -> str:
        return self.open_bytes(kind, sealed).decode()

    def open_bytes(self, kind: str, sealed: bytes | memoryview) -> bytes:
        data = bytes(sealed)
        if not data:
            raise CipherError(CipherError.__doc__)
        box = self._boxes.get(data[0])
        if box is None:
            raise KeyAbsent(KeyAbsent.__doc__)
        try:
            return box.decrypt(data[1 : 1 + _NONCE], data[1 + _NONCE :], kind.encode())
        except (InvalidTag, ValueError) as error:
            raise CipherError(CipherError.__doc__) from error

    def hashes(self, kind: str, values: Iterable[str]) -> list[bytes]:
        """Keyed hashes of 16 bytes; equal for equal normalised values of one kind.

        What writes them holds `store.key_check.hashing_held`; what searches uses `sought_hashes`.
        """
        return _hashed(self._hash, kind, values)

    def hash(self, kind: str, value: str) -> bytes:
        return _hashed(self._hash, kind, (value,))[0]

    def sought_hashes(self, kind: str, values: Iterable[str]) -> list[bytes]:
        """The hashes under every key of the ring: a search finds at any moment of a rotation."""
        sought = list(values)
        return [found for start in self._every_hash for found in _hashed(start, kind, sought)]


def new_secret(length: int, letters: str = _LETTERS) -> str:
    """Random letters and digits (nearly 6 bits each, if not said otherwise), shown once."""
    return "".join(secrets.choice(letters) for _ in range(length))


def derive_key(key: DataKey, purpose: bytes, salt: bytes | None = None) -> bytes:
    """32 bytes for one purpose (and one salt), from a data key; HKDF with SHA-256."""
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=purpose).derive(key.secret)


def _keyed_hash(key: DataKey) -> HMAC:
    return HMAC(derive_key(key, b"kept hash 1"), SHA256())


def _hashed(start: HMAC, kind: str, values: Iterable[str]) -> list[bytes]:
    begin, bound = start.copy, kind.encode() + b"\n"
    found = []
    for value in values:
        digest = begin()  # a copy has the key taken in already, which is most of the work
        digest.update(bound + value.encode())
        found.append(digest.finalize()[:HASH_BYTES])
    return found


@lru_cache(maxsize=8)
def _cipher(ring: KeyRing) -> Cipher:
    return Cipher(ring)


def house_ring() -> KeyRing:
    """The data keys of this installation as they are now (settings.KEPT_KEYS, a callable).

    A process that runs for months sees a rotation at its next call.
    """
    ring: KeyRing = settings.KEPT_KEYS()
    return ring


def house_cipher() -> Cipher:
    """The cipher of this installation."""
    return _cipher(house_ring())
