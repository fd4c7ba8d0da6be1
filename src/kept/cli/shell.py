"""What every command does first, and how it refuses.

`open_shell` reads the settings, starts the database where it does not run, sets Django up and takes
the time: `now` enters here and is passed down. The database that a command starts keeps running
(`kept stop` ends it), so that the next command is quick.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from kept.cli.language import tell
from kept.core.currencies import UnknownCurrency
from kept.core.money import MoneyError, parse_money
from kept.running.errors import RunningError, Said
from kept.running.settings import Settings, load_settings

if TYPE_CHECKING:
    from kept.core.actors import Actor
    from kept.store.models import Creditor

__all__ = [
    "Refused",
    "Shell",
    "actor_named",
    "creditor_named",
    "minor_of",
    "open_shell",
    "refusals_told",
    "sentence_for",
    "set_up_django",
]


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
    from django.utils.translation import gettext

    from kept.store.key_check import WrongDataKey, check_data_key

    try:
        check_data_key()
    except WrongDataKey as error:
        raise Refused(gettext(str(error))) from error


def minor_of(amount: str, code: str) -> int:
    """Minor units of an amount that was typed; refused in the installation's language."""
    try:
        return parse_money(amount, code).amount_minor
    except (MoneyError, UnknownCurrency) as error:
        raise Refused(tell(error.said)) from error


def actor_named(username: str, now: datetime) -> Actor:
    """The actor of a person who signs in under this name; for what a person answers for."""
    from django.utils.translation import gettext as _

    from kept.store.models import User
    from kept.work.actors import actor_of

    user = User.objects.filter(username=username).first()
    if user is None:
        raise Refused(_("Nobody signs in as %(name)s: see `kept user list`.") % {"name": username})
    return actor_of(user, now=now)


def creditor_named(code: str) -> Creditor:
    """The creditor of a code that was typed."""
    from django.utils.translation import gettext as _

    from kept.store.models import Creditor

    found = Creditor.objects.filter(code=code).first()
    if found is None:
        raise Refused(_("There is no creditor %(code)s.") % {"code": code})
    return found


@contextmanager
def refusals_told() -> Iterator[None]:
    """What a use case refuses, in its sentences alone, without the names of its fields."""
    from kept.work.refusals import Refusal

    try:
        yield
    except Refusal as refusal:
        told = " ".join(refusal.fields.values()) or refusal.message
        raise Refused(told) from refusal


def set_up_django() -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "kept.running.django_settings"
    django.setup()


def sentence_for(error: BaseException) -> str | None:
    """The sentence for an error that is expected, or None for a fault of kept."""
    from kept.cli.language import translate

    if isinstance(error, RunningError):
        return error.said.told(translate)
    if "psycopg" not in sys.modules:
        return None
    cause: BaseException | None = error
    while cause is not None:
        said = _said_of_database(cause)
        if said is not None:
            return said.told(translate)
        cause = cause.__cause__
    return None


def _said_of_database(error: BaseException) -> Said | None:
    """What to do about an error of the database that is nobody's fault here."""
    from psycopg import OperationalError, errors

    match error:
        case errors.DiskFull():
            return Said("The disk of the database is full: make room, then give the command again.")
        case errors.UndefinedTable() | errors.UndefinedColumn():
            return Said(
                "The tables are not those of this kept: run `kept migrate`, then try again."
            )
        case errors.TooManyConnections():
            return Said("The database has no connection to spare: end other programs, or wait.")
        case errors.ReadOnlySqlTransaction():
            return Said("The database takes no changes (a standby?): name its primary server.")
        case errors.InsufficientPrivilege():
            return Said("The database does not let kept's user work in it: make kept its owner.")
        case errors.AdminShutdown() | errors.CrashShutdown() | errors.CannotConnectNow():
            return Said("The database was shut down: give the command again.")
        case OperationalError() if error.sqlstate is None:
            return Said("The connection to the database was lost: give the command again.")
    return None
