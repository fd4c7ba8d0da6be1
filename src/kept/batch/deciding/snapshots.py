"""A night's input as Parquet in a folder: facts, what the law rests on, seats and capacities.

A folder holds `snapshot.json` and, for each chunk of cases, a file in each of the folders below. It
is complete when `snapshot.json` is there. Ids, codes, figures and keyed hashes of addresses: no
name, no number, no text. Engines read it from wherever it lies; nothing here asks a database.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import polars as pl

from kept import __version__
from kept.batch.deciding.planning import Tonight, tonight_of
from kept.core.strategies import Strategy
from kept.packs.strategies import parse_strategy
from kept.work.intended_law import Grounded, IntendedFrames, book_names, named_book

__all__ = ["Chunk", "Contents", "Snapshot", "SnapshotError", "chunk_path", "open_snapshot"]
__all__ += ["read_chunk", "write_chunk", "write_contents"]

_CONTENTS: Final = "snapshot.json"
_FORMAT: Final = 1
_FRAMES: Final = ("facts", "people", "asked", "contacts", "records", "history", "barred")
_LAW: Final = "law"


class SnapshotError(Exception):
    """A folder is no snapshot that this release can read; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What `snapshot.json` says. `seats` and `capacities` are those of a prepared night."""

    creditor: str
    business_date: date
    strategy: str
    text: str
    house: str
    seats: Sequence[Mapping[str, Any]]
    capacities: Mapping[str, int]
    chunks: Sequence[int]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot that is open: its folder, its strategy, and what there is to plan with."""

    folder: Path
    contents: Contents
    strategy: Strategy
    tonight: Tonight


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some cases: their facts and persons, the contacts that the strategy proposes (`number`,
    `case_id`, `channel`), and what the law's answers rest on."""

    facts: pl.DataFrame
    people: pl.DataFrame
    asked: pl.DataFrame
    grounds: Grounded


def chunk_path(folder: Path, kind: str, number: int, suffix: str = "parquet") -> Path:
    return folder / kind / f"{number:08d}.{suffix}"


def write_chunk(folder: Path, number: int, chunk: Chunk) -> None:
    """Write a chunk, in place of what an ended run may have left of it."""
    law = chunk.grounds.frames
    of_law = (law.contacts, law.records, law.history, law.barred)
    frames = (chunk.facts, chunk.people, chunk.asked, *of_law)
    for kind, frame in zip(_FRAMES, frames, strict=True):
        path = chunk_path(folder, kind, number)
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.write_parquet(path, compression="lz4")
    path = chunk_path(folder, _LAW, number, "json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(_law(chunk.grounds)), encoding="utf-8")


def _law(grounds: Grounded) -> dict[str, Any]:
    return {
        "minute": grounds.minute,
        "books": [book_names(book) for book in grounds.books],
        "holidays": {name: sorted(days) for name, days in grounds.holidays.items()},
    }


def read_chunk(folder: Path, number: int) -> Chunk:
    facts, people, asked, *law = (
        pl.read_parquet(chunk_path(folder, kind, number)) for kind in _FRAMES
    )
    told = json.loads(chunk_path(folder, _LAW, number, "json").read_text(encoding="utf-8"))
    grounds = Grounded(
        IntendedFrames(*law),
        [named_book(each) for each in told["books"]],
        {name: frozenset(days) for name, days in told["holidays"].items()},
        told["minute"],
    )
    return Chunk(facts, people, asked, grounds)


def write_contents(folder: Path, contents: Contents) -> None:
    """The last thing to be written: from now on the folder is a snapshot."""
    told = {
        "format": _FORMAT,
        "release": __version__,
        "creditor": contents.creditor,
        "business_date": contents.business_date.isoformat(),
        "strategy": contents.strategy,
        "text": contents.text,
        "house": contents.house,
        "seats": list(contents.seats),
        "capacities": dict(contents.capacities),
        "chunks": list(contents.chunks),
    }
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"{_CONTENTS}.new"
    fresh.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
    fresh.replace(folder / _CONTENTS)


def open_snapshot(folder: Path) -> Snapshot:
    """Raises `SnapshotError` for a folder that is not complete, or of another release."""
    path = folder / _CONTENTS
    try:
        return _opened(folder, path.stat().st_mtime_ns)
    except FileNotFoundError:
        raise SnapshotError(
            f"{folder} holds no complete snapshot: write one with `kept nightly snapshot`."
        ) from None


@lru_cache(maxsize=8)
def _opened(folder: Path, written: int) -> Snapshot:
    """Once for each time that it was written."""
    told = json.loads((folder / _CONTENTS).read_text(encoding="utf-8"))
    if (told.get("format"), told.get("release")) != (_FORMAT, __version__):
        raise SnapshotError(
            f"{folder} was written by kept {told.get('release')}, this is {__version__}: the same"
            " release must decide on it."
        )
    contents = Contents(
        creditor=told["creditor"],
        business_date=date.fromisoformat(told["business_date"]),
        strategy=told["strategy"],
        text=told["text"],
        house=told["house"],
        seats=told["seats"],
        capacities=told["capacities"],
        chunks=told["chunks"],
    )
    strategy = parse_strategy(contents.text, contents.strategy)
    tonight = tonight_of(strategy, contents.seats, contents.capacities, contents.house)
    return Snapshot(folder, contents, strategy, tonight)
