"""Whether an uploaded file is what its name says, before anything of it is stored."""

from __future__ import annotations

from pathlib import PurePath
from typing import BinaryIO

__all__ = ["is_of_its_kind"]

#: How a file of each ending begins; a text begins with none of these, nor with a zero byte in it.
STARTS = {".xlsx": b"PK\x03\x04", ".parquet": b"PAR1"}
TEXTS = frozenset({".csv", ".tsv", ".txt", ".dat"})
XML = (b"<", b"\xef\xbb\xbf<")
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
    if ending == ".xml":
        return start.lstrip().startswith(XML)
    strange = start.startswith((*STARTS.values(), *OTHERS))
    is_text = start.startswith(UTF_16) or b"\0" not in start
    return ending in TEXTS and is_text and not strange
