"""`kept upgrade`: a database of an older PostgreSQL, or a dump of one, brought into this one."""

from __future__ import annotations

import os
from pathlib import Path

import click
from django.utils.translation import gettext as _

from kept.cli.language import tell
from kept.cli.shell import Refused, open_shell
from kept.running.database import database_url, embedded_cluster, ensure_database
from kept.running.errors import Said
from kept.running.programs import client_programs
from kept.running.settings import load_settings

__all__ = ["upgrade"]


@click.command()
@click.option(
    "--programs",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the older PostgreSQL's programs. [default: where they usually lie]",
)
@click.option(
    "--from-dump",
    "dump",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Load this dump into the empty database in place of upgrading one.",
)
def upgrade(programs: Path | None, dump: Path | None) -> None:
    """Bring the embedded database of an older PostgreSQL into the one of this kept.

    kept must not be running. The old data folder stays beside the new one.
    """
    settings = load_settings(os.environ)
    if settings.database_url is not None and dump is None:
        raise Refused(tell(Said("DATABASE_URL is set: whoever runs that server upgrades it.")))
    from kept.running.upgrading import load_dump, upgrade_cluster

    if dump is None:
        old = upgrade_cluster(embedded_cluster(settings), programs, client_programs(settings))
        click.echo(
            tell(Said("The old data stays in {old}: remove it when you are satisfied.", old=old))
        )
    else:
        ensure_database(settings)
        load_dump(database_url(settings), dump, client_programs(settings))
    open_shell()
    from kept.running.migrations import apply_migrations
    from kept.store.invariants import check_invariants

    applied = len(apply_migrations())
    broken = check_invariants()
    for each in broken:
        told = _("the book breaks an invariant: %(invariant)s") % {"invariant": each}
        click.echo(f"kept: {told}", err=True)
    if broken:
        raise SystemExit(1)
    told = _("The database is up to date (%(n)s migrations applied); all invariants hold.")
    click.echo(told % {"n": applied})
