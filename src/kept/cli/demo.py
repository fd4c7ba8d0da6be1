"""`kept demo`: a made-up book taken in like a real one, its night run, and the pages served.

It refuses to work in a database that holds another book, and a second call serves the book that is
there. The passwords it prints are made from this installation's secret key, so they can be printed
again and are another installation's for nobody.
"""

from __future__ import annotations

import base64
import hmac
import os
import sys
from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from kept.cli.language import translate as _
from kept.cli.shell import Refused, Shell, open_shell

if TYPE_CHECKING:
    from kept.batch.synthetic.demo import Demo

__all__ = ["demo"]

DEFAULT_DEBTORS = 10_000
DEFAULT_SEED = 1


@click.command()
@click.option("--debtors", type=click.IntRange(10, 5_000_000), help="How many. [default: 10000]")
@click.option("--seed", type=click.IntRange(0), help="Another seed, another book. [default: 1]")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day of the worklist; the book ends the day before. [default: today]",
)
@click.option("--no-serve", is_flag=True, help="Make the book and end.")
def demo(debtors: int | None, seed: int | None, as_of: datetime | None, no_serve: bool) -> None:
    """Make a synthetic book, run the night and serve the worklist.

    All persons, companies, numbers and addresses in it are made up.
    """
    shell = open_shell()
    if not no_serve:
        from kept.running.processes import refuse_taken_port

        refuse_taken_port(shell.settings.web_host, shell.settings.web_port)
    from kept.running.migrations import apply_migrations

    apply_migrations()
    _make_or_find(shell, debtors, seed, as_of.date() if as_of else None)
    _print_summary()
    _print_people(shell, is_served=not no_serve)
    if not no_serve:
        sys.exit(_serve(shell))


def _make_or_find(shell: Shell, debtors: int | None, seed: int | None, as_of: date | None) -> None:
    """The demo of this database, made where it is not there or not finished."""
    from kept.batch.stages import RunBusy
    from kept.batch.synthetic.demo import Demo, NotTheDemosBook, find_demo, make_demo

    try:
        found = find_demo()
    except NotTheDemosBook as error:
        raise Refused(str(error)) from None
    if found is None:
        asked = debtors or DEFAULT_DEBTORS, DEFAULT_SEED if seed is None else seed
        wanted = Demo.of_day(*asked, as_of) if as_of else Demo(*asked, shell.now)
    else:
        wanted = found[0]
        _refuse_other(wanted, debtors, seed, as_of)
    if found is not None and found[1]:
        click.echo(_("This database holds the demo's book already; nothing is changed."))
    else:
        told = _("Making a book of %(debtors)s made-up debtors as of %(day)s.")
        click.echo(told % {"debtors": f"{wanted.debtors:,}", "day": wanted.as_of()})
        progress = _Told()
        try:
            make_demo(wanted, password_of=_password_of, progress=progress.say)
        except RunBusy as error:
            raise Refused(str(error)) from None
        progress.end()


def _refuse_other(found: Demo, debtors: int | None, seed: int | None, as_of: date | None) -> None:
    asked = {"--debtors": debtors, "--seed": seed, "--as-of": as_of}
    there = {"--debtors": found.debtors, "--seed": found.seed, "--as-of": found.as_of()}
    for option, value in asked.items():
        if value is not None and value != there[option]:
            told = _(
                "This database holds the demo with %(option)s %(there)s, not %(asked)s. Give the "
                "command without it, or set KEPT_HOME to another folder for another demo."
            )
            raise Refused(told % {"option": option, "there": there[option], "asked": value})


def _password_of(username: str) -> str:
    from django.conf import settings

    digest = hmac.digest(settings.SECRET_KEY.encode(), f"demo:{username}".encode(), "sha256")
    text = base64.b32encode(digest).decode().lower()
    return "-".join(text[start : start + 4] for start in range(0, 12, 4))


class _Told:
    """Says what is being done: on one line of a terminal, on a line each anywhere else."""

    def __init__(self) -> None:
        self._last = ""
        self._words = {
            "house": _("Setting up creditors, products, seats and people"),
            "book": _("Drawing the book"),
            "night": _("Running the night"),
        }
        self._rewrites = sys.stdout.isatty()

    def say(self, stage: str, done: int, total: int, message: str) -> None:
        words = self._words.get(stage) or (f"{stage}: {message}" if message else stage)
        if words != self._last:
            self._last = words
            click.echo(f"\r\033[K{words}" if self._rewrites else words, nl=not self._rewrites)

    def end(self) -> None:
        if self._rewrites:
            click.echo("\r\033[K", nl=False)


def _print_summary() -> None:
    from kept.batch.synthetic.demo import count_demo

    found = count_demo()
    told = _("%(debtors)s debtors with %(accounts)s accounts; %(open_cases)s open cases.")
    counts = ("debtors", "accounts", "open_cases")
    click.echo(told % {name: f"{getattr(found, name):,}" for name in counts})
    told = _("%(files)s files were taken in, and %(attempts)s attempts.")
    click.echo(told % {"files": found.files, "attempts": f"{found.attempts:,}"})
    for code, night in found.nights.items():
        told = _(
            "Tonight for %(code)s: %(tasks)s tasks, %(dealt)s of them dealt to %(seats)s seats."
        )
        numbers = {name: f"{night[name]:,}" for name in ("tasks", "dealt", "seats")}
        click.echo(told % {"code": code, **numbers})
        click.echo("  " + ", ".join(f"{name} {n:,}" for name, n in night["treatments"].items()))


def _print_people(shell: Shell, is_served: bool) -> None:
    """In both languages, since nobody has chosen one yet."""
    from kept.batch.synthetic.house import PEOPLE

    address = f"http://{shell.settings.web_host}:{shell.settings.web_port}/"
    first = "" if is_served else "Give `kept up`, then: "
    click.echo(f"\n{first}Look at {address} and sign in as one of these.")
    click.echo("This is a demo: all of it is made up, and nothing real belongs into it.")
    click.echo(
        f"请打开 {address}，用下列任一用户登录。此为演示，全部内容均属虚构，请勿放入真实数据。\n"
    )
    for person in PEOPLE:
        password = _password_of(person.username)
        click.echo(f"  {person.username:<14} {password}   {person.about_en}  {person.about_zh}")
    click.echo()


def _serve(shell: Shell) -> int:
    from django.db import connections

    from kept.running.processes import run_up

    connections.close_all()
    return run_up(shell.settings, os.environ, stops_database=shell.database_was_started)
