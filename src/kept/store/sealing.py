"""Whole files at rest: encrypted in frames with a key outside the database, read at any place.

A sealed file is a header (magic, the number of the data key, a random salt) and frames of
AES-256-GCM. Each file has its own key, derived from the data key, the salt and the purpose. A
frame's nonce is its number and the mark of the last one, so frames that are moved, repeated,
dropped or cut off do not open. Files are 0600 in folders of 0700 and appear whole or not at all;
one that is there is written again only when its key is rotated.
"""

from __future__ import annotations

import hashlib
import io
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from kept.core.key_rings import KeyRing
from kept.store.cipher import KeyAbsent, derive_key, house_ring

__all__ = [
    "BACKUP",
    "SealedContent",
    "SealedFileError",
    "key_number_of",
    "make_private",
    "open_sealed",
    "private_file",
    "read_sealed",
    "reseal_file",
    "seal_file",
    "seal_stream",
    "sync_folder",
    "vault_folder",
]

_MAGIC = b"kept sealed 2\n"
#: Before keys had numbers: such a file was sealed with the first one.
_OLD_MAGIC = b"kept sealed 1\n"
_SALT = 32
_TAG = 16
#: What a file is sealed for; a file of one purpose does not open as one of another.
RECEIVED = b"kept file 1"
BACKUP = b"kept backup 1"
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
    try:
        with private_file(beside) as sink:
            digest, size = seal_stream(source, sink)
        path = folder / f"{digest.hex()}.sealed"
        os.replace(beside, path)
        sync_folder(folder)
    finally:
        beside.unlink(missing_ok=True)
    return SealedContent(digest, size, path)


def reseal_file(path: Path) -> bool:
    """Seal a file of the vault anew with the sealing key; False where it is so already."""
    with path.open("rb") as file:
        if key_number_of(file) == house_ring().sealing.number:
            return False
    beside = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with open_sealed(path) as plain, private_file(beside) as sink:
            seal_stream(plain, sink)
        os.replace(beside, path)
        sync_folder(path.parent)
    finally:
        beside.unlink(missing_ok=True)
    return True


@contextmanager
def private_file(path: Path) -> Iterator[BinaryIO]:
    """A new file (mode 0600), on the disk for good when the block ends."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as sink:
        yield sink
        sink.flush()
        os.fsync(sink.fileno())


def seal_stream(
    source: BinaryIO, sink: BinaryIO, *, purpose: bytes = RECEIVED, ring: KeyRing | None = None
) -> tuple[bytes, int]:
    """Write `source` sealed; returns the SHA-256 and the size of the plain bytes.

    `ring` is the house's own where it is not given; its sealing key is used.
    """
    digest, size = hashlib.sha256(), 0
    for plain, sealed in _sealed_frames(source, purpose, ring or house_ring()):
        digest.update(plain)
        size += len(plain)
        sink.write(sealed)
    return digest.digest(), size


def read_sealed(
    source: BinaryIO, *, purpose: bytes = RECEIVED, ring: KeyRing | None = None
) -> Iterator[bytes]:
    """The plain bytes of a sealed stream from its beginning, a frame at a time.

    Raises `SealedFileError` where it was altered or cut; what came before was as it had been.
    """
    head = _read_head(source, purpose, ring or house_ring())
    sealed = _read_frame(source, FRAME + _TAG)
    number = 0
    while True:
        after = _read_frame(source, FRAME + _TAG) if len(sealed) == FRAME + _TAG else b""
        yield head.open(sealed, number, is_last=not after)
        if not after:
            return
        sealed, number = after, number + 1


@dataclass(frozen=True, slots=True)
class _Head:
    """What the header of a sealed file says, and the box that opens its frames."""

    magic: bytes
    size: int
    box: AESGCM

    def open(self, sealed: bytes, number: int, *, is_last: bool) -> bytes:
        try:
            return self.box.decrypt(_nonce(number, is_last=is_last), sealed, self.magic)
        except (InvalidTag, ValueError) as error:
            raise SealedFileError(SealedFileError.__doc__) from error


def key_number_of(source: BinaryIO) -> int:
    """The number of the data key that a sealed stream begins with; it is read to behind it."""
    magic = source.read(len(_MAGIC))
    if magic == _OLD_MAGIC:
        return 1
    number = source.read(1)
    if magic != _MAGIC or not number:
        raise SealedFileError(SealedFileError.__doc__)
    return number[0]


def _read_head(source: BinaryIO, purpose: bytes, ring: KeyRing) -> _Head:
    magic = source.read(len(_MAGIC))
    number = b"\x01" if magic == _OLD_MAGIC else source.read(1)
    salt = source.read(_SALT)
    if magic not in (_MAGIC, _OLD_MAGIC) or len(salt) != _SALT:
        raise SealedFileError(SealedFileError.__doc__)
    key = ring.get(number[0])
    if key is None:
        raise KeyAbsent(KeyAbsent.__doc__)
    size = len(magic) + (1 if magic == _MAGIC else 0) + _SALT
    return _Head(magic, size, AESGCM(derive_key(key, purpose, salt)))


def _sealed_frames(
    source: BinaryIO, purpose: bytes, ring: KeyRing
) -> Iterator[tuple[bytes, bytes]]:
    """Pairs of plain and sealed bytes; the header goes with the first, which may be empty."""
    salt = os.urandom(_SALT)
    box = AESGCM(derive_key(ring.sealing, purpose, salt))
    lead = _MAGIC + bytes([ring.sealing.number]) + salt
    plain = _read_frame(source)
    number = 0
    while True:
        after = _read_frame(source) if plain else b""
        yield plain, lead + box.encrypt(_nonce(number, is_last=not after), plain, _MAGIC)
        if not after:
            return
        plain, lead, number = after, b"", number + 1


def _read_frame(source: BinaryIO, size: int = FRAME) -> bytes:
    """A whole frame, or what is left: an upload or a pipe gives less than asked for."""
    pieces = bytearray()
    while len(pieces) < size:
        piece = source.read(size - len(pieces))
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
        try:
            self._head = _read_head(self._file, RECEIVED, house_ring())
        except (SealedFileError, KeyAbsent):
            self._file.close()
            raise
        body = os.fstat(self._file.fileno()).st_size - self._head.size
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
        self._file.seek(self._head.size + number * (FRAME + _TAG))
        sealed = self._file.read(FRAME + _TAG)
        self._frame = self._head.open(sealed, number, is_last=number == self._frames - 1)
        self._frame_no = number


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(8, "big") + (b"last" if is_last else b"more")


def make_private(folder: Path) -> None:
    """Make the folders that are absent, closed to everybody else."""
    for each in (*reversed(folder.parents), folder):
        if not each.exists():
            each.mkdir(mode=0o700, exist_ok=True)


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
