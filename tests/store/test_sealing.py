"""Whole files at rest: what goes in comes out, anywhere, and nothing altered opens."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kept.store.sealing import FRAME, SealedFileError, open_sealed, seal_file

SIZES = [0, 1, FRAME - 1, FRAME, FRAME + 1, 3 * FRAME, 3 * FRAME + 17]


class Drip(io.RawIOBase):
    """A source that gives a few bytes at a time, as an upload does."""

    def __init__(self, content: bytes) -> None:
        self._left = content

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        piece, self._left = self._left[: min(size, 4099)], self._left[min(size, 4099) :]
        return piece


@pytest.mark.parametrize("size", SIZES)
def test_what_is_sealed_opens_to_the_same_bytes(tmp_path: Path, size: int) -> None:
    content = os.urandom(size)
    sealed = seal_file(io.BytesIO(content), tmp_path / "vault")
    assert sealed.sha256 == hashlib.sha256(content).digest()
    assert sealed.size_bytes == size
    with open_sealed(sealed.path) as file:
        assert file.read() == content
    assert content not in sealed.path.read_bytes() or size < 16


def test_a_source_that_drips_is_sealed_whole(tmp_path: Path) -> None:
    content = os.urandom(2 * FRAME + 5)
    with open_sealed(seal_file(Drip(content), tmp_path).path) as file:  # type: ignore[arg-type]
        assert file.read() == content


def test_only_the_owner_may_read_and_nothing_unfinished_stays(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        sealed = seal_file(io.BytesIO(b"name,number"), tmp_path / "a" / "b")
    finally:
        os.umask(old)
    assert stat.S_IMODE(sealed.path.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700
    assert [path.name for path in sealed.path.parent.iterdir()] == [sealed.path.name]


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    first = seal_file(io.BytesIO(b"the same"), tmp_path)
    assert seal_file(io.BytesIO(b"the same"), tmp_path).path == first.path
    assert len(list(tmp_path.iterdir())) == 1


def altered(sealed: bytes) -> dict[str, bytes]:
    head, frame = 47, FRAME + 16
    first, second = sealed[head : head + frame], sealed[head + frame : head + 2 * frame]
    rest = sealed[head + 2 * frame :]
    return {
        "one bit": sealed[:-1] + bytes([sealed[-1] ^ 1]),
        "cut in the middle": sealed[: head + frame + 100],
        "cut at the end of a frame": sealed[: head + 2 * frame],
        "frames exchanged": sealed[:head] + second + first + rest,
        "frame repeated": sealed[:head] + first + first + second + rest,
        "other salt": sealed[:20] + bytes([sealed[20] ^ 1]) + sealed[21:],
        "no header": sealed[head:],
        "nothing": b"",
    }


@pytest.mark.parametrize("how", altered(bytes(4 * FRAME)))
def test_an_altered_file_does_not_open(tmp_path: Path, how: str) -> None:
    path = seal_file(io.BytesIO(os.urandom(2 * FRAME + 1000)), tmp_path).path
    changed = tmp_path / "changed"
    changed.write_bytes(altered(path.read_bytes())[how])
    with pytest.raises(SealedFileError), open_sealed(changed) as file:
        file.read()


@settings(max_examples=30, deadline=None)
@given(
    places=st.lists(st.integers(0, 2 * FRAME + 4000), min_size=1, max_size=8),
    length=st.integers(1, FRAME + 10),
)
def test_it_reads_the_same_from_any_place(
    sealed_and_plain: tuple[Path, bytes], places: list[int], length: int
) -> None:
    path, content = sealed_and_plain
    with open_sealed(path) as file:
        for place in places:
            file.seek(place)
            assert file.read(length) == content[place : place + length]
        assert file.seek(0, os.SEEK_END) == len(content)


@pytest.fixture(scope="module")
def sealed_and_plain(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    content = os.urandom(2 * FRAME + 3333)
    return seal_file(io.BytesIO(content), tmp_path_factory.mktemp("vault")).path, content
