"""`kept doctor`, first half: is this installation sound? It changes nothing and repairs nothing.

The second half, the invariants of the book, belongs to the store; the command joins the two.
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from kept.running.account import database_account
from kept.running.binaries import find_binaries
from kept.running.database import database_url
from kept.running.errors import RunningError
from kept.running.keys import key_folder
from kept.running.paths import Place, find_place, home_folder
from kept.running.settings import Settings

__all__ = ["Check", "check_backups", "check_installation", "check_variables"]

PYTHON_MIN = (3, 11)
FREE_BYTES_MIN = 2 * 1024**3
BACKUP_EVERY = timedelta(days=2)
WAITING_MAX = 64  # of 16 MB each


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: `found` says what is, and what to do where it is not fine."""

    name: str
    is_fine: bool
    found: str


def check_installation(settings: Settings) -> list[Check]:
    """All checks of the installation; the database is expected to run, Django to be set up."""
    checks = [_check_python(), _check_programs(settings), *_check_keys(settings)]
    checks.append(_check_disk(settings))
    try:
        with psycopg.connect(database_url(settings), connect_timeout=10) as connection:
            checks += _check_database(connection)
            checks.append(_check_migrations())
    except psycopg.OperationalError as error:
        said = {"error": str(error).strip()}
        checks.append(Check(_("database"), False, _("does not answer: %(error)s") % said))
    return checks


def check_variables(environ: Mapping[str, str]) -> list[Check]:
    """A variable that looks like a setting and is none is a misspelling without effect."""
    known = {each.metadata["variable"] for each in fields(Settings)}
    strange = sorted(name for name in environ if name.startswith("KEPT_") and name not in known)
    return [
        Check(
            _("settings"),
            False,
            _("%(name)s is no setting of kept: see docs/settings.md") % {"name": name},
        )
        for name in strange
    ] or [Check(_("settings"), True, _("every KEPT_ variable is known"))]


def _check_python() -> Check:
    version = ".".join(str(part) for part in sys.version_info[:3])
    needed = ".".join(str(part) for part in PYTHON_MIN)
    found = _("%(version)s, %(needed)s or later needed") % {"version": version, "needed": needed}
    return Check("Python", sys.version_info >= PYTHON_MIN, found)


def _check_programs(settings: Settings) -> Check:
    if settings.database_url is not None:
        return Check(_("PostgreSQL programs"), True, _("not used, DATABASE_URL is set"))
    try:
        account = database_account(settings.pg_user)
        place = find_place(home_folder(settings))
        if place is None:
            return Check(_("PostgreSQL programs"), True, _("not used yet"))
        found = find_binaries(place.binaries, account)
    except RunningError as error:
        return Check(_("PostgreSQL programs"), False, str(error))
    how = {"version": found.version, "account": account.name}
    return Check(_("PostgreSQL programs"), True, _("%(version)s run as %(account)s") % how)


def _check_keys(settings: Settings) -> Iterator[Check]:
    for path in sorted(key_folder(settings).glob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        found = _("mode %(mode)s") % {"mode": f"{mode:04o}"}
        if mode & 0o077:
            found += _(", open to other users: run `chmod 600 %(path)s`") % {"path": path}
        yield Check(_("key %(name)s") % {"name": path.name}, not mode & 0o077, found)


def _check_disk(settings: Settings) -> Check:
    folder = home_folder(settings)
    place = find_place(folder)
    if place is not None:
        folder = place.folder
    free = shutil.disk_usage(_existing(folder)).free
    found = _("%(free)s GB free at %(folder)s, at least %(least)s GB needed") % {
        "free": f"{free / 1024**3:.1f}",
        "folder": folder,
        "least": FREE_BYTES_MIN // 1024**3,
    }
    return Check(_("disk space"), free >= FREE_BYTES_MIN, found)


def _existing(folder: Path) -> Path:
    while not folder.exists():
        folder = folder.parent
    return folder


def _shown(connection: psycopg.Connection, query: str) -> str:
    row = connection.execute(query).fetchone()
    return "" if row is None else str(row[0])


def _is_utf8(found: str) -> bool:
    return found.lower().replace("-", "").endswith("utf8")


# What is asked of the server, and which answers are fine.
QUESTIONS: tuple[tuple[str | Promise, str, Callable[[str], bool], str | Promise], ...] = (
    (
        _later("database"),
        "SHOW server_version",
        lambda found: int(found.split(".")[0]) >= 16,
        _later("16 or later"),
    ),
    (_later("encoding"), "SHOW server_encoding", lambda found: found == "UTF8", "UTF8"),
    (
        _later("locale"),
        "SELECT coalesce(datlocale, datctype) FROM pg_database WHERE datname = current_database()",
        _is_utf8,
        _later("C.UTF-8 or another UTF-8 locale"),
    ),
    (
        _later("character type"),
        "SELECT datctype FROM pg_database WHERE datname = current_database()",
        _is_utf8,
        _later("a UTF-8 locale, or search inside Chinese names finds nothing"),
    ),
    ("fsync", "SHOW fsync", lambda found: found == "on", _later("on, or a power cut loses data")),
    (_later("checksums"), "SHOW data_checksums", lambda found: found == "on", "on"),
)


def _check_database(connection: psycopg.Connection) -> Iterator[Check]:
    for name, query, is_fine, wanted in QUESTIONS:
        found = _shown(connection, query)
        told = _("%(found)s (wanted: %(wanted)s)") % {"found": found, "wanted": wanted}
        yield Check(str(name), is_fine(found), told)


def check_backups(settings: Settings, now: datetime) -> list[Check]:
    """Is there a backup of these days, and does the log not pile up unsealed?"""
    if settings.backup_dir is None:
        return [Check(_("backups"), True, _("KEPT_BACKUP_DIR is not set: no backup by itself"))]
    names = sorted(path.parent.name for path in settings.backup_dir.glob("kept-*/manifest.json"))
    newest = names[-1].removeprefix("kept-") if names else ""
    is_fresh = newest >= f"{now - BACKUP_EVERY:%Y%m%dT%H%M%SZ}"
    told = _("newest %(newest)s, one of the last two days wanted") % {"newest": newest or "–"}
    checks = [Check(_("backups"), is_fresh, told)]
    place = find_place(home_folder(settings))
    if place is not None and settings.database_url is None:
        waiting = len(list(place.waiting_log.glob("[0-9A-F]*"))) if _may_list(place) else 0
        told = _("%(count)s segments wait to be sealed (`kept backup --log-only`)") % {
            "count": waiting
        }
        checks.append(Check(_("archived log"), waiting <= WAITING_MAX, told))
    return checks


def _may_list(place: Place) -> bool:
    return os.access(place.waiting_log, os.R_OK | os.X_OK)


def _check_migrations() -> Check:
    from kept.running.migrations import pending_migrations

    pending = pending_migrations()
    if pending:
        told = _("%(count)s migrations pending: run `kept migrate`") % {"count": len(pending)}
        return Check(_("tables"), False, told)
    return Check(_("tables"), True, _("up to date"))
