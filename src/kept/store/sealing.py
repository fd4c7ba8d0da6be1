"""Whole files at rest: encrypted in frames with a key outside the database, read at any place.

A sealed file is a header (magic and a random salt) and frames of AES-256-GCM. Each file has its own
key, derived from the data key and the salt. A frame's nonce is its number and the mark of the last
one, so frames that are moved, repeated, dropped or cut off do not open. Files are 0600 in folders
of 0700 and appear whole or not at all; one that is there is never written again.
"""

from __future__ import annotations

import hashlib
import io
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

__all__ = [
    "SealedContent",
    "SealedFileError",
    "make_private",
    "open_sealed",
    "seal_file",
    "vault_folder",
]

_MAGIC = b"kept sealed 1\n"
_SALT = 32
_HEADER = len(_MAGIC) + _SALT
_TAG = 16
FRAME = 1024 * 1024


class SealedFileError(Exception):
    """A sealed file does not open: it was altered or cut, or KEPT_DATA_KEY is not its key."""


@dataclass(frozen=True, slots=True)
class SealedContent:
    """What was sealed: the SHA-256 and the size of the plain bytes, and where they lie now."""

    sha256: bytes
    size_bytes: int
    path: Path


def vault_folder() -> Path:
    """Where this installation keeps received files (settings.KEPT_HOME, the `var` folder)."""
    return Path(settings.KEPT_HOME) / "received"


def seal_file(source: BinaryIO, folder: Path) -> SealedContent:
    """Store the bytes of `source` under their hash; the same bytes again are stored once."""
    make_private(folder)
    beside = folder / f".{secrets.token_hex(8)}.part"
    digest = hashlib.sha256()
    size = 0
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as sink:
            for plain, sealed in _sealed_frames(source):
                digest.update(plain)
                size += len(plain)
                sink.write(sealed)
            sink.flush()
            os.fsync(sink.fileno())
        path = folder / f"{digest.hexdigest()}.sealed"
        os.replace(beside, path)
        _sync_folder(folder)
    finally:
        beside.unlink(missing_ok=True)
    return SealedContent(digest.digest(), size, path)


def _sealed_frames(source: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Pairs of plain and sealed bytes; the header goes with the first, which may be empty."""
    salt = os.urandom(_SALT)
    box = AESGCM(_file_key(salt))
    lead = _MAGIC + salt
    plain = _read_frame(source)
    number = 0
    while True:
        after = _read_frame(source) if plain else b""
        yield plain, lead + box.encrypt(_nonce(number, is_last=not after), plain, _MAGIC)
        if not after:
            return
        plain, lead, number = after, b"", number + 1


def _read_frame(source: BinaryIO) -> bytes:
    """A whole frame, or what is left: an upload or a pipe gives less than asked for."""
    pieces = bytearray()
    while len(pieces) < FRAME:
        piece = source.read(FRAME - len(pieces))
        if not piece:
            break
        pieces += piece
    return bytes(pieces)


def open_sealed(path: Path) -> BinaryIO:
    """The plain bytes as a file that can be read and sought; nothing plain is written to disk."""
    return io.BufferedReader(_SealedReader(path), buffer_size=FRAME)


class _SealedReader(io.RawIOBase):
    """Opens one frame at a time and keeps the last one."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._file = path.open("rb")
        head = self._file.read(_HEADER)
        if len(head) != _HEADER or not head.startswith(_MAGIC):
            self._file.close()
            raise SealedFileError(SealedFileError.__doc__)
        self._box = AESGCM(_file_key(head[len(_MAGIC) :]))
        body = os.fstat(self._file.fileno()).st_size - _HEADER
        self._frames = max(1, -(-body // (FRAME + _TAG)))
        self._size = body - self._frames * _TAG
        self._place = 0
        self._frame_no = -1
        self._frame = b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence]
        self._place = max(0, start + offset)
        return self._place

    def tell(self) -> int:
        return self._place

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        if self._place >= self._size and self._size:
            self._load(self._frames - 1)  # proves that the end is the end
            return 0
        self._load(self._place // FRAME)
        start = self._place % FRAME
        piece = self._frame[start : start + len(buffer)]
        buffer[: len(piece)] = piece
        self._place += len(piece)
        return len(piece)

    def close(self) -> None:
        self._file.close()
        super().close()

    def _load(self, number: int) -> None:
        if number == self._frame_no:
            return
        self._file.seek(_HEADER + number * (FRAME + _TAG))
        sealed = self._file.read(FRAME + _TAG)
        nonce = _nonce(number, is_last=number == self._frames - 1)
        try:
            self._frame = self._box.decrypt(nonce, sealed, _MAGIC)
        except (InvalidTag, ValueError) as error:
            raise SealedFileError(SealedFileError.__doc__) from error
        self._frame_no = number


def _file_key(salt: bytes) -> bytes:
    key = HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"kept file 1")
    return key.derive(settings.KEPT_DATA_KEY)


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(8, "big") + (b"last" if is_last else b"more")


def make_private(folder: Path) -> None:
    """Make the folders that are absent, closed to everybody else."""
    for each in (*reversed(folder.parents), folder):
        if not each.exists():
            each.mkdir(mode=0o700, exist_ok=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
