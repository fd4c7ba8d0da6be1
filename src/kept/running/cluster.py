"""The embedded PostgreSQL: made, started, asked and stopped by kept.

It does not know Django or the tables. It never deletes or upgrades a data folder: what it cannot
use it refuses with a sentence. The server is reached through a socket folder that only the account
that runs it (and root) can enter, and by password (SCRAM) even there.
"""

from __future__ import annotations

import fcntl
import os
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO
from urllib.parse import quote

import psycopg

from kept.running.account import Account, database_account, run_as
from kept.running.binaries import Binaries, find_binaries, has_plain_path
from kept.running.data_folders import complete_upgrade, made_by
from kept.running.errors import DatabaseUnavailable, Said
from kept.running.keys import new_password, read_or_make
from kept.running.paths import Place, claim_sockets, find_place, make_place, socket_folder
from kept.running.postmaster import clear_stale, postmaster_pid
from kept.running.roles import ADMINISTRATOR, DATABASE, ROLE, make_role_and_database
from kept.running.tuning import archive_options, machine_memory, server_options

__all__ = ["Cluster", "ClusterStatus", "Ensured"]

READY_SECONDS = 600  # crash recovery of a large database takes its time
LINGER_SECONDS = 60  # how long processes of a killed server may hold its memory
SMALL_MEMORY = 1024 * 1024 * 1024
LOG_BYTES_MAX = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Ensured:
    """A database that answers; `was_started` tells whether this call started it."""

    url: str
    was_started: bool


@dataclass(frozen=True, slots=True)
class ClusterStatus:
    place: Place | None
    pid: int | None


@dataclass(frozen=True, slots=True)
class Cluster:
    """The embedded database whose files belong to `home` (the `var` folder).

    `pg_user` is the account that runs it when kept runs as root. `is_durable=False` is for tests
    only: a crash of the machine then loses data, and the server takes little memory.
    `is_archived` keeps the log aside for recovery to a point in time, from the next start on.
    """

    home: Path
    pg_user: str = "nobody"
    is_durable: bool = True
    is_archived: bool = False

    def ensure(self) -> Ensured:
        """Make the database where it is absent and start it where it does not run."""
        if self._answers():
            return Ensured(self.url(), was_started=False)
        try:
            with self.locked():
                was_started = self._ensure()
        except OSError as error:
            raise DatabaseUnavailable(
                "The embedded database cannot use {home} ({reason}): give kept a folder it may "
                "write to, with room on its disk, by KEPT_HOME.",
                home=error.filename or self.home,
                reason=error.strerror,
            ) from error
        return Ensured(self.url(), was_started)

    def stop(self) -> bool:
        """Stop the server after its running statements are cancelled; False where none runs."""
        place = find_place(self.home)
        if place is None:
            return False
        with self.locked():
            if postmaster_pid(place.data) is None:
                return False
            account = database_account(self.pg_user)
            stopping = ["-D", str(place.data), "-m", "fast", "-w", "-s", "-t", "120", "stop"]
            done = run_as(account, [self.programs(place, account).path("pg_ctl"), *stopping])
        if done.returncode != 0:
            raise DatabaseUnavailable(
                "The embedded database did not stop: {stdout}",
                stdout=done.stdout.decode(errors="replace"),
            )
        with suppress(OSError):  # a tidy temporary folder is no condition of having stopped
            socket_folder(place).rmdir()
        return True

    def status(self) -> ClusterStatus:
        place = find_place(self.home)
        return ClusterStatus(place, postmaster_pid(place.data) if place else None)

    def has_died(self) -> bool:
        """Whether the server ended without being stopped: it left its mark in the data folder."""
        place = find_place(self.home)
        return (
            place is not None
            and (place.data / "postmaster.pid").exists()
            and postmaster_pid(place.data) is None
        )

    def url(self) -> str:
        """The libpq address of the database, with its password; it starts nothing."""
        return self._url(ROLE, "database_password", DATABASE)

    def administrator_url(self) -> str:
        """As `url`, for the superuser: kept itself uses it only to make its role and database."""
        return self._url(ADMINISTRATOR, "database_administrator_password", "postgres")

    def _url(self, role: str, key: str, database: str) -> str:
        place = find_place(self.home) or Place(self.home / "database")
        sockets = quote(str(socket_folder(place)), safe="")
        return f"postgresql://{role}:{self.password(key)}@/{database}?host={sockets}"

    def password(self, key: str) -> str:
        return read_or_make(self.home / "keys" / key, new_password)

    def _answers(self) -> bool:
        if find_place(self.home) is None:
            return False
        try:
            psycopg.connect(self.url(), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One start or stop at a time; the kernel lets go when a process is killed."""
        self.home.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.home / "database.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _ensure(self) -> bool:
        account = database_account(self.pg_user)
        is_first = find_place(self.home) is None
        place = make_place(self.home, account)
        if is_first and place.is_elsewhere:
            print(
                f"The account {account.name}, which runs the database, cannot enter {self.home}: "
                f"the database is kept in {place.folder}.",
                file=sys.stderr,
            )
        was_started = not self._becomes_ready(place)
        if was_started:
            self._start(place, account)
        if not self._answers():
            make_role_and_database(self.administrator_url(), self.password("database_password"))
        return was_started

    def _start(self, place: Place, account: Account) -> None:
        if not has_plain_path(place.folder):
            raise DatabaseUnavailable(
                "PostgreSQL's programs cannot work in {folder}, because of a quotation mark, a "
                "dollar sign, a backquote or a backslash in that path: move kept to a folder "
                "with a plainer name, or set KEPT_HOME to one.",
                folder=place.folder,
            )
        binaries = self.programs(place, account)
        complete_upgrade(place)
        self._refuse_foreign_data(place, binaries)
        if not place.data.exists():
            self.initialise(place, account)
            os.rename(place.unfinished, place.data)
        sockets = claim_sockets(place, account)
        clear_stale(place.data, sockets, account)
        self.launch(place, account, sockets)
        if not self._becomes_ready(place):
            raise DatabaseUnavailable(
                "The embedded database ended as it started: see {log}.",
                log=place.log,
            )

    def programs(self, place: Place, account: Account) -> Binaries:
        return find_binaries(place.binaries, account)

    def _refuse_foreign_data(self, place: Place, binaries: Binaries) -> None:
        if not place.data.exists():
            return
        major = made_by(place)
        if major != binaries.major:
            raise DatabaseUnavailable(
                "{data} was made by PostgreSQL {made_by}, and this kept brings PostgreSQL {own}: "
                "give `kept upgrade`, which brings it over and leaves the old folder beside. It "
                "needs the programs of PostgreSQL {made_by} (see docs/operations.md).",
                data=place.data,
                made_by=major,
                own=binaries.major,
            )

    def initialise(self, place: Place, account: Account) -> None:
        """Make an empty data folder at `place.unfinished`."""
        binaries = self.programs(place, account)
        if place.unfinished.exists():
            shutil.rmtree(place.unfinished)  # of an initdb that was killed: never a database
        failure = ""
        # A character type that knows letters lets trigram and text search see Chinese; where the
        # machine has no such locale, everything but those two works.
        for character_type in ("C.UTF-8", "C.utf8", "C"):
            failure = self._initdb(place, account, binaries, character_type)
            if not failure:
                return
            if "invalid locale" not in failure:
                break
        raise DatabaseUnavailable(_why_not_made(place, failure))

    def _initdb(
        self, place: Place, account: Account, binaries: Binaries, character_type: str
    ) -> str:
        """What initdb says when it fails, else nothing."""
        with tempfile.NamedTemporaryFile("w", dir=place.folder) as password:
            password.write(self.password("database_administrator_password"))
            password.flush()
            if os.geteuid() == 0:
                os.fchown(password.fileno(), account.uid, account.gid)
            arguments: list[str | Path] = [
                binaries.path("initdb"),
                f"--pgdata={place.unfinished}",
                f"--username={ADMINISTRATOR}",
                f"--pwfile={password.name}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                f"--lc-ctype={character_type}",
                *([] if self.is_durable else ["--no-sync"]),
            ]
            done = run_as(account, arguments)
        return "" if done.returncode == 0 else _last_lines(done.stdout)

    def launch(
        self,
        place: Place,
        account: Account,
        sockets: Path,
        *,
        data: Path | None = None,
        extra: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Start the server on the data folder, or on `data`, with options beyond its own."""
        memory = machine_memory() if self.is_durable else SMALL_MEMORY
        options = server_options(sockets, memory=memory, is_durable=self.is_durable)
        if self.is_archived:
            run_as(account, ["/bin/mkdir", "-p", place.waiting_log])
            options |= archive_options(place.waiting_log)
        options |= dict(extra)
        flags = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in options.items())
        start: list[str | Path] = [
            self.programs(place, account).path("pg_ctl"),
            *("-D", str(data or place.data), "-w", "-s", "-t", str(READY_SECONDS), "-o", flags),
            "start",
        ]
        deadline = time.monotonic() + LINGER_SECONDS
        while True:
            with _open_log(place) as log:
                begin = log.tell()
                done = run_as(account, start, output=log)
            if done.returncode == 0:
                return
            said = _read_from(place.log, begin)
            if b"shared memory block" not in said or time.monotonic() > deadline:
                raise DatabaseUnavailable(_why_not_started(place, said))
            time.sleep(0.2)

    def _becomes_ready(self, place: Place) -> bool:
        """Wait while a server that runs is starting up or shutting down; False where none runs."""
        begin = time.monotonic()
        while postmaster_pid(place.data) is not None:
            try:
                psycopg.connect(self.administrator_url(), connect_timeout=5).close()
                return True
            except psycopg.OperationalError as error:
                if "authentication failed" in str(error):
                    raise DatabaseUnavailable(
                        "The database in {data} does not accept the password in {home}: it "
                        "belongs to another installation. Put its keys back, or set KEPT_HOME to "
                        "another folder.",
                        data=place.data,
                        home=self.home / "keys",
                    ) from error
                is_busy = "the database system is" in str(error)  # starting up, shutting down
                if time.monotonic() - begin > (READY_SECONDS if is_busy else LINGER_SECONDS):
                    raise DatabaseUnavailable(
                        "The database in {data} runs and does not answer: see {log}.",
                        data=place.data,
                        log=place.log,
                    ) from error
            time.sleep(0.1)
        return False


def _open_log(place: Place) -> IO[bytes]:
    if place.log.exists() and place.log.stat().st_size > LOG_BYTES_MAX:
        os.replace(place.log, place.log.with_suffix(".log.1"))
    handle = os.open(place.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    log = os.fdopen(handle, "ab", buffering=0)
    log.seek(0, os.SEEK_END)
    return log


def _read_from(path: Path, begin: int) -> bytes:
    with path.open("rb") as file:
        file.seek(begin)
        return file.read()


def _why_not_made(place: Place, failure: str) -> Said:
    if "No space left on device" in failure:
        return _full(place.folder)
    return Said(
        "The embedded database cannot be made in {folder}: {failure}",
        folder=place.folder,
        failure=failure,
    )


def _why_not_started(place: Place, said: bytes) -> Said:
    if b"No space left on device" in said:
        return _full(place.data)
    return Said(
        "The embedded database does not start; {log} ends: {lines}",
        log=place.log,
        lines=_last_lines(said),
    )


def _full(folder: Path) -> Said:
    return Said("The disk that holds {folder} is full: make room, then start again.", folder=folder)


def _last_lines(said: bytes) -> str:
    lines = [line.strip() for line in said.decode(errors="replace").splitlines() if line.strip()]
    return " / ".join(lines[-4:])
