"""Sealing the house: the heads of all chains in one Merkle root, exported as a file.

Heads are taken in chunks that commit one by one; a seal that was ended by force goes on where it
was. The files lie in `var/seals`, one a seal; a file that is missing there is written again. Their
use begins when a copy lies where whoever can change the database cannot reach.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from kept import __version__
from kept.batch.stages import RunBusy
from kept.core.actors import Actor
from kept.core.seals import SealDocument
from kept.store.events import append_event
from kept.store.models import Seal
from kept.store.sealing import make_private
from kept.store.seals import FIRST, LEAVES_PER_CHUNK, finish_seal, open_seal, take_leaves

__all__ = ["export_seals", "make_seal", "seal_folder", "seal_path"]

_LOCK = 0x5EA1  # our place among the advisory locks of two numbers


def make_seal(*, actor: Actor, now: datetime, chunk: int = LEAVES_PER_CHUNK) -> SealDocument:
    """Seal every chain as it stands, and export; the house's chain tells of it afterwards."""
    with _one_at_a_time():
        seal = open_seal(now)
        place, taken = FIRST, chunk
        while taken:
            with transaction.atomic():
                place, taken = take_leaves(seal, place, chunk)
        with transaction.atomic():
            document = finish_seal(seal, __version__)
            append_event(
                actor=actor,
                action="seal.make",
                subject=f"seal:{document.number}",
                body={"root": document.root.hex(), "tree_size": document.tree_size},
                now=now,
            )
    export_seals()
    return document


def seal_folder() -> Path:
    return Path(settings.KEPT_HOME) / "seals"


def seal_path(number: int) -> Path:
    return seal_folder() / f"seal-{number:06d}.json"


def export_seals() -> int:
    """Write the files of seals that are not there; returns how many. None is written over."""
    make_private(seal_folder())
    written = 0
    whole = Seal.objects.filter(root__isnull=False).order_by("-number")
    for number, document in whole.values_list("number", "document").iterator():
        if not seal_path(number).exists():
            _write_whole(seal_path(number), document)
            written += 1
    return written


def _write_whole(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.part")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, 0)", [_LOCK])
        if not cursor.fetchone()[0]:
            raise RunBusy("A seal is being made already: wait until it ends.")
    try:
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, 0)", [_LOCK])
