"""Files that people send to a page: only from who is signed in, and only up to the set size.

The gate stands before the file is read from the network. It counts what arrives too, since the
announced length may be missing or wrong.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import Any, BinaryIO

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

__all__ = ["UploadGate", "is_of_its_kind"]

MEGABYTE = 1_000_000
#: How a file of each ending begins; a text begins with none of these, nor with a zero byte in it.
STARTS = {".xlsx": b"PK\x03\x04", ".parquet": b"PAR1"}
TEXTS = frozenset({".csv", ".tsv", ".txt", ".dat"})
OTHERS = (b"%PDF", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!", b"\x7fELF", b"MZ\x90")
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def is_of_its_kind(name: str, file: BinaryIO) -> bool:
    """Whether a file's ending is one that kept reads, and its first bytes agree with it."""
    ending = PurePath(name).suffix.lower()
    file.seek(0)
    start = file.read(4096)
    file.seek(0)
    if ending in STARTS:
        return not start or start.startswith(STARTS[ending])
    strange = start.startswith((*STARTS.values(), *OTHERS))
    is_text = start.startswith(UTF_16) or b"\0" not in start
    return ending in TEXTS and is_text and not strange


class UploadGate(FileUploadHandler):
    """The first of the upload handlers: lets pass or refuses, and stores nothing."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        self._left = 0
        if not self.request.user.is_authenticated:
            return
        self._left = settings.KEPT.upload_megabytes * MEGABYTE
        if content_length > self._left:
            raise RequestDataTooBig("the announced length is over KEPT_UPLOAD_MEGABYTES")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        if not self.request.user.is_authenticated:
            raise StopUpload(connection_reset=True)
        self._left -= len(raw_data)
        if self._left < 0:
            raise RequestDataTooBig("more arrived than KEPT_UPLOAD_MEGABYTES")
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Another handler holds the file."""
