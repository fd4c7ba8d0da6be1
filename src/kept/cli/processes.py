"""Commands that run and check the installation: up, web, worker, migrate, stop, doctor."""

from __future__ import annotations

import os
import sys
from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from kept.cli.language import translate
from kept.cli.shell import open_shell
from kept.running.settings import load_settings

if TYPE_CHECKING:
    from kept.running.doctor import Check

__all__ = ["doctor", "migrate", "stop", "up", "web", "worker"]


@click.command()
def up() -> None:
    """Run the database, the web server and the worker until Ctrl-C.

    The tables are brought up to date first. A database that this command started is stopped at the
    end; one that ran before keeps running.
    """
    from kept.running.processes import run_up

    sys.exit(run_up(load_settings(os.environ), os.environ))


@click.command()
def web() -> None:
    """Serve the pages, without the worker."""
    shell = open_shell(serves=True)
    from kept.running.web import run_web

    _make_ready_for_people(shell.now)
    run_web(shell.settings)


def _make_ready_for_people(now: datetime) -> None:
    """The months in which pages write events, and a word where nobody can sign in yet.

    In both languages, since nobody has chosen one. `kept up` serves by `kept web` too.
    """
    from django.db import ProgrammingError, connections

    from kept.core.actors import job
    from kept.store.partitions import ensure_partitions
    from kept.work.users import list_users

    try:
        ensure_partitions(now.date(), now.date())
        is_empty = not list_users(job("console"))
    except ProgrammingError:  # no tables yet: the pages say so
        is_empty = False
    finally:
        connections.close_all()
    if is_empty:
        command = "kept user add NAME --role administrator"
        click.echo(f"Nobody can sign in yet. Add the first administrator: {command}")
        click.echo(f"尚无可登录的用户，请先添加首位管理员：{command}")


@click.command()
def worker() -> None:
    """Run the jobs of the queue, without the pages."""
    shell = open_shell(serves=True)
    from kept.running.worker import run_worker

    run_worker(shell.settings)


@click.command()
@click.option("--before", "only", flag_value="before", help="What is safe while old code runs.")
@click.option("--after", "only", flag_value="after", help="The rest, once no old code runs.")
def migrate(only: str | None) -> None:
    """Bring the tables of the database up to date: all of it, or one half of an upgrade."""
    shell = open_shell()
    from kept.running.migrations import Deployment, apply_migrations
    from kept.store.partitions import ensure_partitions

    applied = len(apply_migrations(Deployment(only) if only else None))
    ensure_partitions(shell.now.date(), shell.now.date())
    told = translate("The tables are up to date (%(n)s migrations applied).")
    click.echo(told % {"n": applied})


@click.command()
def stop() -> None:
    """Stop the embedded database."""
    from kept.running.database import embedded_cluster

    settings = load_settings(os.environ)
    if settings.database_url is not None:
        click.echo(
            translate("DATABASE_URL is set: kept does not stop a server that it does not run.")
        )
    elif embedded_cluster(settings).stop():
        click.echo(translate("The embedded database is stopped."))
    else:
        click.echo(translate("The embedded database was not running."))


@click.command()
def doctor() -> None:
    """Check the installation and the invariants of the book; exit code 1 where one fails."""
    shell = open_shell()
    from kept.running.doctor import check_backups, check_installation, check_variables
    from kept.running.migrations import pending_migrations

    checks = [*check_variables(os.environ), *check_installation(shell.settings)]
    if not pending_migrations():
        checks += [_check_months(shell.now.date()), *_check_book()]
    checks += [*check_backups(shell.settings, shell.now), _check_font()]
    for check in checks:
        mark = click.style("ok  ", fg="green") if check.is_fine else click.style("FAIL", fg="red")
        click.echo(f"{mark} {check.name}: {check.found}")
    sys.exit(0 if all(check.is_fine for check in checks) else 1)


def _check_months(today: date) -> Check:
    from django.utils.translation import gettext as _

    from kept.running.doctor import Check
    from kept.store.partitions import missing_months

    missing = missing_months(today)
    if missing:
        told = _("%(months)s missing: run `kept migrate`") % {"months": ", ".join(missing)}
        return Check(_("months"), False, told)
    return Check(_("months"), True, _("this month and the next are there"))


def _check_font() -> Check:
    """Documents are printed with one font, whose bytes are proven."""
    from django.utils.translation import gettext as _

    from kept.running.doctor import Check
    from kept.work.printing import NoFont, printer

    try:
        return Check(_("font of documents"), True, printer().family)
    except NoFont as refusal:
        return Check(_("font of documents"), False, refusal.message)


def _check_book() -> list[Check]:
    from kept.running.doctor import Check
    from kept.store.invariants import check_invariants, list_invariants

    broken = {each.invariant.name: each.rows for each in check_invariants()}
    return [
        Check(
            invariant.name,
            invariant.name not in broken,
            f"broken by {', '.join(broken[invariant.name])}"
            if invariant.name in broken
            else invariant.description,
        )
        for invariant in list_invariants()
    ]
