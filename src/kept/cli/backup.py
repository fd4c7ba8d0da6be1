"""`kept backup` and `kept restore`: not losing the book, and getting it back.

Exit codes: 0 done, 1 done but the book breaks an invariant, 2 refused and nothing was changed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from django.utils.translation import gettext as _

from kept.cli.shell import Refused, open_shell, set_up_django
from kept.core.key_rings import KeyRing
from kept.running.settings import Settings, load_settings

if TYPE_CHECKING:
    from kept.batch.backup import Manifest

__all__ = ["backup", "restore"]

FOLDER = click.Path(file_okay=False, path_type=Path)


def _say(stage: str) -> None:
    words = {
        "dump": _("Dumping the database"),
        "files": _("Sealing the files of the house"),
        "check": _("Restoring on trial"),
        "base": _("Copying the database's files for recovery to a time"),
    }
    click.echo(f"{words[stage]} …", err=True)


@contextmanager
def _refusals() -> Iterator[None]:
    from kept.batch.backup import BackupRefused
    from kept.store.cipher import CipherError

    try:
        yield
    except (BackupRefused, CipherError) as error:
        raise Refused(_(str(error))) from error


@click.command()
@click.option("--to", "target", type=FOLDER, help="Where to. [default: KEPT_BACKUP_DIR]")
@click.option("--keep", type=click.IntRange(1), help="Remove all but the newest of this number.")
@click.option("--unchecked", is_flag=True, help="Do not restore it on trial; half the time.")
@click.option("--log-only", is_flag=True, help="Only archive the database's log up to now.")
def backup(target: Path | None, keep: int | None, unchecked: bool, log_only: bool) -> None:
    """Back up the book: the database as of one moment, and every file of the house.

    It is sealed with the data key, and then restored on trial: figures, event chains and invariants
    must be right before it counts. The data key is not in it: `kept key export` writes it for the
    safe.
    """
    shell = open_shell()
    from kept.batch.backup.house import archive_log, back_up_house

    with _refusals():
        if log_only:
            click.echo(_("%(n)s segments of the log archived.") % {"n": archive_log()})
            return
        made = back_up_house(
            shell.now,
            target=target.absolute() if target else None,
            keep=keep,
            is_checked=not unchecked,
            say=_say,
        )
    _tell_made(made.folder, made.manifest)
    for folder in made.removed:
        click.echo(_("Removed %(folder)s.") % {"folder": folder})
    _tell_broken(made.manifest.broken)


def _tell_made(folder: Path, manifest: Manifest) -> None:
    proof = _("restored on trial") if manifest.is_checked else _("NOT restored on trial")
    told = _(
        "%(folder)s: %(rows)s rows, %(files)s files, %(proof)s. It opens with data key %(number)s "
        "(%(fingerprint)s) only."
    )
    counts = {"rows": f"{manifest.rows:,}", "files": f"{len(manifest.files):,}"}
    key = {"number": manifest.key_number, "fingerprint": manifest.key_fingerprint}
    click.echo(told % {"folder": folder, "proof": proof, **counts, **key})


def _tell_broken(broken: tuple[str, ...]) -> None:
    for each in broken:
        told = _("the book breaks an invariant: %(invariant)s") % {"invariant": each}
        click.echo(f"kept: {told}", err=True)
    if broken:
        raise SystemExit(1)


@click.command()
@click.argument("source", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--into", type=FOLDER, help="An empty home for it. [default: KEPT_HOME]")
@click.option(
    "--at",
    metavar="INSTANT",
    help="Recover to this moment, such as 2026-11-22T10:00Z; SOURCE is then KEPT_BACKUP_DIR.",
)
def restore(source: Path, into: Path | None, at: str | None) -> None:
    """Bring back a backup, or the newest one of a folder, into an empty database and home.

    The data key must be there first (`kept key import`). Nothing is ever overwritten.
    """
    if into is not None:
        os.environ["KEPT_HOME"] = str(into.absolute())
    settings = load_settings(os.environ)
    set_up_django()
    ring = _ring_of(settings)
    moment = _instant(at) if at else None
    with _refusals():
        if moment is not None:
            _recover(settings, ring, source.absolute(), moment)
        manifest = _restore(settings, ring, source.absolute(), with_database=moment is None)
    _finish(manifest, moment)


def _ring_of(settings: Settings) -> KeyRing:
    from kept.running.keys import existing_ring

    ring = existing_ring(settings)
    if ring is None:
        raise Refused(
            _(
                "There is no data key here, and without it a backup does not open: put it there "
                "with `kept key import FILE`, from the copy in the safe."
            )
        )
    return ring


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        told = _("%(text)s is no moment with a zone: write it as 2026-11-22T10:00Z.")
        raise Refused(told % {"text": repr(text)})
    if found > datetime.now(UTC):
        raise Refused(_("%(text)s has not come yet.") % {"text": text})
    return found


def _recover(settings: Settings, ring: KeyRing, source: Path, moment: datetime) -> None:
    """The embedded database's files and log, up to the moment."""
    if settings.database_url is not None:
        raise Refused(
            _(
                "DATABASE_URL is set: recovery to a time of that server is done with its own "
                "tools, by whoever runs it."
            )
        )
    from kept.batch.backup.log_archive import base_for, read_base, unseal_log
    from kept.running.database import embedded_cluster
    from kept.running.recovery import recover_cluster

    base = base_for(source, moment)
    told = _("Recovering from %(base)s and the log since …") % {"base": base.folder.name}
    click.echo(told, err=True)
    log = unseal_log(source, base, ring)
    recover_cluster(embedded_cluster(settings), read_base(base, ring), log, moment)


def _restore(
    settings: Settings, ring: KeyRing, source: Path, *, with_database: bool
) -> Manifest | None:
    """The database and the files of a backup, or the files alone; None where there is none."""
    if with_database:
        _refuse_unfit(source, ring)
    from kept.running.database import ensure_database

    ensure_database(settings)
    _aim_at_database()
    from kept.batch.backup import newest_backup, restore_backup
    from kept.batch.backup.house import house_tools
    from kept.running.migrations import known_migrations

    folder = newest_backup(source, ring, needed=with_database)
    if folder is None:
        return None
    click.echo(_("Restoring %(folder)s …") % {"folder": folder.name}, err=True)
    return restore_backup(house_tools(), folder, known_migrations(), with_database=with_database)


def _aim_at_database() -> None:
    """Django was set up before the database had its place, which root's may have elsewhere."""
    from django.db import connections

    from kept.running.django_settings import database_parameters

    connections.databases["default"].update(database_parameters())


def _refuse_unfit(source: Path, ring: KeyRing) -> None:
    """Before a database is made: a backup that is cut, altered or of another key."""
    from kept.batch.backup import newest_backup, open_backup

    folder = newest_backup(source, ring, needed=True)
    assert folder is not None
    open_backup(folder, ring)


def _finish(manifest: Manifest | None, moment: datetime | None) -> None:
    """Bring the tables up to date and prove the book."""
    from kept.batch.backup.house import missing_files
    from kept.running.migrations import apply_migrations
    from kept.store.invariants import check_invariants
    from kept.store.key_check import check_data_key

    applied = len(apply_migrations())
    with _refusals():
        check_data_key()
    broken = tuple(str(each) for each in check_invariants())
    if moment is not None:
        told = _("The database is as it was at %(moment)s.")
        click.echo(told % {"moment": moment.isoformat()})
    elif manifest is not None:
        _tell_restored(manifest)
    if applied:
        told = _("The tables were brought up to date (%(n)s migrations).")
        click.echo(told % {"n": applied})
    if missing := missing_files():
        told = _(
            "%(n)s received files came after the last backup and are not here: ask the creditors "
            "to send them again, or copy `received` from the old home."
        )
        click.echo(told % {"n": missing})
    for name, value in (manifest.settings if manifest else {}).items():
        if name not in ("KEPT_HOME", "KEPT_BACKUP_DIR") and os.environ.get(name) != value:
            click.echo(_("It was made with %(setting)s") % {"setting": f"{name}={value}"})
    _tell_broken(broken)
    click.echo(_("All invariants hold. Everybody has to sign in again."))


def _tell_restored(manifest: Manifest) -> None:
    told = _(
        "Restored %(rows)s rows and %(files)s files as of %(moment)s; the event heads are those of "
        "the backup."
    )
    counts = {"rows": f"{manifest.rows:,}", "files": f"{len(manifest.files):,}"}
    click.echo(told % {**counts, "moment": manifest.made_at})
    if root := manifest.book["sealed_root"]:
        click.echo(_("The newest sealed root is %(root)s.") % {"root": root})
