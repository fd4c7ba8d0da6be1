"""The bytes of a file, wherever they lie: a path, or an open file such as a sealed one.

Reads name their place, so that several readers of one open file do not disturb each other as long
as they take turns. An open file is never closed here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from io import SEEK_END
from pathlib import Path
from typing import BinaryIO

__all__ = ["RawFile", "raw_file"]


@dataclass(frozen=True)
class RawFile:
    source: Path | BinaryIO

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        if isinstance(self.source, Path):
            with self.source.open("rb") as stream:
                yield stream
        else:
            yield self.source

    @cached_property
    def size(self) -> int:
        if isinstance(self.source, Path):
            return self.source.stat().st_size
        return self.source.seek(0, SEEK_END)

    def piece(self, start: int, size: int) -> bytes:
        """Bytes from a place on; fewer only at the end."""
        with self.opened() as stream:
            stream.seek(start)
            return stream.read(size)

    def blocks(self, start: int, size: int) -> Iterator[bytes]:
        with self.opened() as stream:
            while True:
                stream.seek(start)
                block = stream.read(size)
                if not block:
                    return
                start += len(block)
                yield block

    def whole(self) -> Path | bytes:
        """What a reader gets that needs a path or everything at once."""
        return self.source if isinstance(self.source, Path) else self.piece(0, self.size)


def raw_file(source: Path | str | BinaryIO | RawFile) -> RawFile:
    if isinstance(source, RawFile):
        return source
    return RawFile(Path(source) if isinstance(source, str) else source)
