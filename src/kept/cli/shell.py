"""What every command does first, and how it refuses.

`open_shell` reads the settings, starts the database where it does not run, sets Django up and takes
the time: `now` enters here and is passed down. The database that a command starts keeps running
(`kept stop` ends it), so that the next command is quick.
"""

from __future__ import annotations

import logging
import os
import sys
from dataclasses import dataclass
from datetime import UTC, datetime

import click

from kept.running.errors import RunningError
from kept.running.settings import Settings, load_settings

__all__ = ["Refused", "Shell", "open_shell", "sentence_for", "set_up_django"]


class Refused(click.ClickException):
    """A command refuses: the message is one sentence that says what to do."""

    exit_code = 2

    def show(self, file: object = None) -> None:
        click.echo(f"kept: {self.message}", err=True)


@dataclass(frozen=True, slots=True)
class Shell:
    """The settings of the installation, and the moment (UTC) in which the command was given.

    `database_was_started` tells whether this command started the embedded database; `kept demo`
    passes it on to `run_up`, which then stops it at the end.
    """

    settings: Settings
    now: datetime
    database_was_started: bool = False


def open_shell(*, serves: bool = False) -> Shell:
    """The settings, a database that answers, Django set up, and the time (UTC).

    A process that serves logs what it does; a command says it to the person who gave it.
    """
    from kept.running.database import ensure_database

    settings = load_settings(os.environ)
    was_started = ensure_database(settings).was_started
    set_up_django()
    if not serves:
        logging.getLogger("kept").setLevel(logging.WARNING)
    _refuse_wrong_key()
    return Shell(settings, datetime.now(UTC), was_started)


def _refuse_wrong_key() -> None:
    from kept.store.key_check import WrongDataKey, check_data_key

    try:
        check_data_key()
    except WrongDataKey as error:
        raise Refused(str(error)) from error


def set_up_django() -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "kept.running.django_settings"
    django.setup()


def sentence_for(error: BaseException) -> str | None:
    """The sentence for an error that is expected, or None for a fault of kept."""
    if isinstance(error, RunningError):
        return str(error)
    if "psycopg" not in sys.modules:
        return None
    from psycopg import errors

    cause: BaseException | None = error
    while cause is not None:
        match cause:
            case errors.DiskFull():
                return "The disk of the database is full: make room, then give the command again."
            case errors.UndefinedTable() | errors.UndefinedColumn():
                return "The tables are not those of this kept: run `kept migrate`, then try again."
            case errors.AdminShutdown() | errors.CrashShutdown() | errors.CannotConnectNow():
                return "The database was shut down: give the command again."
            case errors.TooManyConnections():
                return "The database has no connection to spare: end other programs, or wait."
        cause = cause.__cause__
    return None
