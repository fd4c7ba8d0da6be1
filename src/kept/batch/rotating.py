"""Rotating the data key while everybody works on; ended at any moment, it goes on where it was.

1. The new key is in the ring: it seals, the old one still opens and makes the hashes.
2. Batch by batch every sealed value is sealed anew and its next hash made ready; then the files.
3. Alone for a moment (no file is being taken in), the rest is done and every hash replaced in one
   transaction. A search looks under both keys, so it finds before, during and after.
4. The ring says that the new key hashes too. The old one stays, to open old backups, until it is
   retired.

What is done is seen in the data itself, so nothing has to remember how far a rotation came.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.core.key_rings import KeyRing
from kept.store.cipher import house_ring
from kept.store.events import append_event
from kept.store.key_check import HASHING_LOCK, check_data_key
from kept.store.models import KeyCheck
from kept.store.rotation import (
    SEALED_COLUMNS,
    SealedColumn,
    count_sealed,
    reseal_batch,
    take_new_hashes,
)
from kept.store.sealing import key_number_of, reseal_file, vault_folder

__all__ = ["Rotated", "RotationBusy", "retire_key", "rotate_key", "uses_of_key"]

#: How long the last step waits for a file that is being taken in.
WAIT_MILLISECONDS = 60_000


class RotationBusy(Exception):
    """A file is being taken in, so the last step waits: give `kept key rotate` again after it."""


@dataclass(frozen=True, slots=True)
class Rotated:
    number: int
    values: int
    files: int


def rotate_key(
    *,
    actor: Actor,
    now: datetime,
    publish: Callable[[KeyRing], None],
    say: Callable[[str, int], None] | None = None,
) -> Rotated:
    """Bring a rotation that the ring has begun to its end; `publish` writes the ring anew.

    Raises `RotationBusy` when the last step has to be given again.
    """
    say = say or _say_nothing
    check_data_key()  # remembers the new key
    ring = house_ring()
    moved = _hashes_with(ring.sealing.number)
    values = sum(_reseal(column, say, with_hashes=not moved) for column in SEALED_COLUMNS)
    files = 0
    for path in sorted(vault_folder().rglob("*.sealed")):
        files += reseal_file(path)
        say("files", files)
    if not moved:
        values += _take_over(actor, now, values, files)
    if ring.is_rotating:
        publish(ring.finished())
    # A process that still had the old ring in hand may have sealed a last value with it.
    values += sum(_reseal(column, say, with_hashes=False) for column in SEALED_COLUMNS)
    return Rotated(ring.sealing.number, values, files)


def _say_nothing(stage: str, done: int) -> None:
    """For whoever does not watch."""


def _reseal(
    column: SealedColumn, say: Callable[[str, int], None], *, with_hashes: bool = True
) -> int:
    last, done = 0, 0
    while True:
        with transaction.atomic():
            reached = reseal_batch(column, last, with_hashes=with_hashes)
        if reached is None:
            return done
        last, done = reached[0], done + reached[1]
        say(column.table, done)


def _hashes_with(number: int) -> bool:
    return KeyCheck.objects.filter(number=number, hashes=True).exists()


def _take_over(actor: Actor, now: datetime, values: int, files: int) -> int:
    with transaction.atomic():
        _alone()
        rest = sum(_reseal(column, _say_nothing) for column in SEALED_COLUMNS)
        take_new_hashes()
        append_event(
            actor=actor,
            action="key.rotate",
            subject="key:" + str(house_ring().sealing.number),
            body={"fingerprint": house_ring().sealing.fingerprint, "files": files},
            now=now,
        )
    return rest


def _alone() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [str(WAIT_MILLISECONDS)])
        try:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [HASHING_LOCK])
        except OperationalError as error:
            raise RotationBusy(_(RotationBusy.__doc__ or "")) from error
        cursor.execute("SET LOCAL lock_timeout = 0")


def uses_of_key(number: int, backups: Path | None) -> list[str]:
    """What still needs a key to be opened, in words; empty when it may go."""
    found = [
        _("%(n)s values in %(table)s") % {"n": n, "table": table}
        for table, n in count_sealed(number).items()
        if n
    ]
    files = sum(_number_of(path) == number for path in vault_folder().rglob("*.sealed"))
    found += [_("%(n)s received files") % {"n": files}] if files else []
    found += [_("the backup %(name)s") % {"name": path} for path in _backups_with(number, backups)]
    return found


def _number_of(path: Path) -> int:
    with path.open("rb") as file:
        return key_number_of(file)


def _backups_with(number: int, backups: Path | None) -> Iterator[str]:
    if backups is None or not backups.exists():
        return
    for manifest in sorted(backups.glob("kept-*/manifest.json")):
        if json.loads(manifest.read_text(encoding="utf-8")).get("key_number") == number:
            yield manifest.parent.name
    for sealed in sorted(backups.glob("base-*/*.sealed")):
        if _number_of(sealed) == number:
            yield sealed.parent.name
    for log in sorted(backups.glob("log/*")):
        if any(_number_of(sealed) == number for sealed in log.glob("*.sealed")):
            yield f"log/{log.name}"


def retire_key(*, actor: Actor, number: int, now: datetime) -> None:
    """Forget a key that nothing in the book needs; the caller takes it out of the ring after."""
    with transaction.atomic():
        KeyCheck.objects.filter(number=number, hashes=False).delete()
        append_event(actor=actor, action="key.retire", subject=f"key:{number}", body={}, now=now)
