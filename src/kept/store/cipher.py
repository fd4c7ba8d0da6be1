"""Personal values at rest: encrypted with a key outside the database, found by a keyed hash.

AES-256-GCM with a fresh nonce for each value; the kind of value is bound in, so that a cipher text
moved to another column does not open. The hash is HMAC-SHA-256 cut to 16 bytes, over the kind and
the normalised value. Both keys come from one 32-byte data key by HKDF (RFC 5869). Rotation and
keys per person come later; the first byte of a cipher text names its form so that they can.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

__all__ = ["Cipher", "CipherError", "house_cipher"]

_FORM = b"\x01"
_NONCE = 12
HASH_BYTES = 16


class CipherError(Exception):
    """A value does not open: it was altered, or KEPT_DATA_KEY is not the key it was sealed with."""


class Cipher:
    """Seals, opens and hashes the values of one kind at a time, such as `phone`."""

    def __init__(self, data_key: bytes) -> None:
        if len(data_key) != 32:
            raise ValueError("the data key has 32 bytes")
        self._seal = AESGCM(_derive(data_key, b"kept seal 1"))
        self._hash = HMAC(_derive(data_key, b"kept hash 1"), SHA256())
        #: For the hash of a whole row of a creditor's file, which covers personal values.
        self.row_key = _derive(data_key, b"kept rows 1")

    def seal(self, kind: str, values: Sequence[str]) -> list[bytes]:
        """Cipher texts in the order of the values: form, nonce, encrypted bytes and tag."""
        encrypt, bound = self._seal.encrypt, kind.encode()
        noise = os.urandom(_NONCE * len(values))
        nonces = (noise[at : at + _NONCE] for at in range(0, len(noise), _NONCE))
        return [
            _FORM + nonce + encrypt(nonce, value.encode(), bound)
            for nonce, value in zip(nonces, values, strict=True)
        ]

    def open(self, kind: str, sealed: bytes | memoryview) -> str:
        data = bytes(sealed)
        try:
            plain = self._seal.decrypt(data[1 : 1 + _NONCE], data[1 + _NONCE :], kind.encode())
        except InvalidTag as error:
            raise CipherError(CipherError.__doc__) from error
        return plain.decode()

    def hashes(self, kind: str, values: Iterable[str]) -> list[bytes]:
        """Keyed hashes of 16 bytes; equal for equal normalised values of one kind."""
        start, bound = self._hash.copy, kind.encode() + b"\n"
        found = []
        for value in values:
            digest = start()  # a copy has the key taken in already, which is most of the work
            digest.update(bound + value.encode())
            found.append(digest.finalize()[:HASH_BYTES])
        return found

    def hash(self, kind: str, value: str) -> bytes:
        return self.hashes(kind, (value,))[0]


def _derive(data_key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(data_key)


@lru_cache(maxsize=4)
def _cipher(data_key: bytes) -> Cipher:
    return Cipher(data_key)


def house_cipher() -> Cipher:
    """The cipher of this installation (settings.KEPT_DATA_KEY, 32 bytes)."""
    return _cipher(settings.KEPT_DATA_KEY)
