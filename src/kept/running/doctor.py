"""`kept doctor`, first half: is this installation sound? It changes nothing and repairs nothing.

The second half, the invariants of the book, belongs to the store; the command joins the two.
"""

from __future__ import annotations

import shutil
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import psycopg

from kept.running.account import database_account
from kept.running.binaries import find_binaries
from kept.running.database import database_url
from kept.running.errors import RunningError
from kept.running.keys import key_folder
from kept.running.paths import find_place, home_folder
from kept.running.settings import Settings

__all__ = ["Check", "check_installation", "check_variables"]

PYTHON_MIN = (3, 11)
FREE_BYTES_MIN = 2 * 1024**3


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
        checks.append(Check("database", False, f"does not answer: {error}".strip()))
    return checks


def check_variables(environ: Mapping[str, str]) -> list[Check]:
    """A variable that looks like a setting and is none is a misspelling without effect."""
    known = {each.metadata["variable"] for each in fields(Settings)}
    strange = sorted(name for name in environ if name.startswith("KEPT_") and name not in known)
    return [
        Check("settings", False, f"{name} is no setting of kept: see docs/settings.md")
        for name in strange
    ] or [Check("settings", True, "every KEPT_ variable is known")]


def _check_python() -> Check:
    version = ".".join(str(part) for part in sys.version_info[:3])
    needed = ".".join(str(part) for part in PYTHON_MIN)
    return Check("Python", sys.version_info >= PYTHON_MIN, f"{version}, {needed} or later needed")


def _check_programs(settings: Settings) -> Check:
    if settings.database_url is not None:
        return Check("PostgreSQL programs", True, "not used, DATABASE_URL is set")
    try:
        account = database_account(settings.pg_user)
        place = find_place(home_folder(settings))
        if place is None:
            return Check("PostgreSQL programs", True, "not used yet")
        found = find_binaries(place.binaries, account)
    except RunningError as error:
        return Check("PostgreSQL programs", False, str(error))
    return Check("PostgreSQL programs", True, f"{found.version} run as {account.name}")


def _check_keys(settings: Settings) -> Iterator[Check]:
    for path in sorted(key_folder(settings).glob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        found = f"mode {mode:04o}"
        if mode & 0o077:
            found += f", open to other users: run `chmod 600 {path}`"
        yield Check(f"key {path.name}", not mode & 0o077, found)


def _check_disk(settings: Settings) -> Check:
    folder = home_folder(settings)
    place = find_place(folder)
    if place is not None:
        folder = place.folder
    free = shutil.disk_usage(_existing(folder)).free
    found = f"{free / 1024**3:.1f} GB free at {folder}, at least {FREE_BYTES_MIN / 1024**3:.0f} GB"
    return Check("disk space", free >= FREE_BYTES_MIN, f"{found} needed")


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
QUESTIONS: tuple[tuple[str, str, Callable[[str], bool], str], ...] = (
    (
        "database",
        "SHOW server_version",
        lambda found: int(found.split(".")[0]) >= 16,
        "16 or later",
    ),
    ("encoding", "SHOW server_encoding", lambda found: found == "UTF8", "UTF8"),
    (
        "locale",
        "SELECT coalesce(datlocale, datctype) FROM pg_database WHERE datname = current_database()",
        _is_utf8,
        "C.UTF-8 or another UTF-8 locale",
    ),
    (
        "letters",
        "SELECT datctype FROM pg_database WHERE datname = current_database()",
        _is_utf8,
        "a UTF-8 locale, or search inside Chinese names finds nothing",
    ),
    ("fsync", "SHOW fsync", lambda found: found == "on", "on, or a power cut loses data"),
    ("checksums", "SHOW data_checksums", lambda found: found == "on", "on"),
)


def _check_database(connection: psycopg.Connection) -> Iterator[Check]:
    for name, query, is_fine, wanted in QUESTIONS:
        found = _shown(connection, query)
        yield Check(name, is_fine(found), f"{found} (wanted: {wanted})")


def _check_migrations() -> Check:
    from kept.running.migrations import pending_migrations

    pending = pending_migrations()
    if pending:
        return Check("tables", False, f"{len(pending)} migrations pending: run `kept migrate`")
    return Check("tables", True, "up to date")
