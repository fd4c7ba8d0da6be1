"""A copy of a database's files and its log, brought to the moment that was asked for.

The copy is unpacked beside, recovered there and takes its place last, so that a recovery that fails
or is killed leaves no database behind. The recovered database gets the passwords of its new home:
while it is being recovered its door (a socket folder that only its account and root can enter) asks
for none. Where the copy and the log come from, and how they are sealed, is the caller's.
"""

from __future__ import annotations

import gzip
import io
import os
import shutil
import tarfile
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from kept.running.account import Account, database_account, run_as
from kept.running.cluster import Cluster
from kept.running.errors import DatabaseUnavailable
from kept.running.paths import Place, claim_sockets, find_place, make_place
from kept.running.roles import ADMINISTRATOR, make_role_and_database

__all__ = ["recover_cluster"]

_LOOK_SECONDS = 0.1
_STOP_SECONDS = 600


def recover_cluster(
    cluster: Cluster,
    copy: Iterable[bytes],
    log: Iterable[tuple[str, Iterable[bytes]]],
    at: datetime,
) -> None:
    """Make the database of `cluster.home` from a copy (a gzipped tar) and log up to `at`.

    `log` gives names and contents of segments. Raises `DatabaseUnavailable` where a database is
    there already, or where the log ends before `at`. The recovered database is left stopped.
    """
    with cluster.locked():
        place = find_place(cluster.home)
        if place is not None and place.data.exists():
            raise DatabaseUnavailable(
                "{data} holds a database, and a recovery overwrites nothing: name an empty home "
                "with `--into FOLDER`, or move the old one away first.",
                data=place.data,
            )
        account = database_account(cluster.pg_user)
        place = make_place(cluster.home, account)
        _clear(place)
        try:
            _unpack(copy, place.unfinished, account)
            _lay_log(log, _recovering(place), account)
            _recover(cluster, place, account, at)
            os.rename(place.unfinished, place.data)
        finally:
            _clear(place)


def _clear(place: Place) -> None:
    for folder in (place.unfinished, _recovering(place)):
        shutil.rmtree(folder, ignore_errors=True)


def _recovering(place: Place) -> Path:
    return place.data.parent / "log.recovering"


def _unpack(copy: Iterable[bytes], folder: Path, account: Account) -> None:
    folder.mkdir(mode=0o700)
    with (
        gzip.GzipFile(fileobj=io.BufferedReader(_Pieces(copy))) as plain,
        tarfile.open(fileobj=plain, mode="r|") as archive,
    ):
        # Python 3.11 has it from 3.11.4 on; the archive is the database's own either way.
        archive.extraction_filter = getattr(tarfile, "data_filter", None)
        archive.extractall(folder)
    _give_all(folder, account)


def _lay_log(log: Iterable[tuple[str, Iterable[bytes]]], folder: Path, account: Account) -> None:
    folder.mkdir(mode=0o700)
    for name, pieces in log:
        with (folder / Path(name).name).open("xb") as file:
            for piece in pieces:
                file.write(piece)
    _give_all(folder, account)


def _give_all(folder: Path, account: Account) -> None:
    """To the account, and closed to everybody else, as PostgreSQL wants it."""
    for root, _folders, names in os.walk(folder):
        for path in (Path(root), *(Path(root, name) for name in names)):
            path.chmod(0o700 if path.is_dir() else 0o600)
            if os.geteuid() == 0:
                os.chown(path, account.uid, account.gid, follow_symlinks=False)


def _recover(cluster: Cluster, place: Place, account: Account, at: datetime) -> None:
    sockets = claim_sockets(place, account)
    rules = place.unfinished / "recovery_hba.conf"
    rules.write_text("local all all trust\n", encoding="utf-8")
    for path in (rules, place.unfinished / "recovery.signal"):
        path.touch()
        _give_one(path, account)
    options = {
        "hba_file": str(rules),
        "restore_command": f'cp "{_recovering(place)}/%f" "%p"',
        "recovery_target_time": f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}+00",
        "recovery_target_action": "promote",
        "recovery_target_timeline": "latest",
    }
    address = f"postgresql://{ADMINISTRATOR}@/postgres?host={quote(str(sockets), safe='')}"
    begin = place.log.stat().st_size if place.log.exists() else 0
    try:
        cluster.launch(place, account, sockets, data=place.unfinished, extra=options)
        _wait_for_promotion(address)
        _take_over(cluster, address)
    except (psycopg.OperationalError, DatabaseUnavailable) as error:
        raise _why(place, begin, at, error) from error
    finally:
        _stop(cluster, place, account)
    rules.unlink()


def _give_one(path: Path, account: Account) -> None:
    path.chmod(0o600)
    if os.geteuid() == 0:
        os.chown(path, account.uid, account.gid)


def _wait_for_promotion(address: str) -> None:
    while True:
        with psycopg.connect(address, connect_timeout=10) as connection:
            row = connection.execute("SELECT pg_is_in_recovery()").fetchone()
        if row is not None and not row[0]:
            return
        time.sleep(_LOOK_SECONDS)


def _take_over(cluster: Cluster, address: str) -> None:
    """The roles get the passwords of this home; those of the old one are forgotten."""
    make_role_and_database(address, cluster.password("database_password"))
    with psycopg.connect(address, autocommit=True) as connection:
        secret = cluster.password("database_administrator_password")
        verifier = connection.pgconn.encrypt_password(
            secret.encode(), ADMINISTRATOR.encode(), b"scram-sha-256"
        ).decode()
        change = sql.SQL("ALTER ROLE {} PASSWORD {}")
        role = sql.Identifier(ADMINISTRATOR)
        connection.execute(change.format(role, sql.Literal(verifier)))


def _stop(cluster: Cluster, place: Place, account: Account) -> None:
    stopping = ["-D", str(place.unfinished), "-m", "fast", "-w", "-s", "-t", str(_STOP_SECONDS)]
    run_as(account, [cluster.programs(place, account).path("pg_ctl"), *stopping, "stop"])


def _why(place: Place, begin: int, at: datetime, error: Exception) -> DatabaseUnavailable:
    said = place.log.read_bytes()[begin:] if place.log.exists() else b""
    if b"recovery ended before configured recovery target was reached" in said:
        return DatabaseUnavailable(
            "The archived log ends before {at}: choose an earlier time. Where the old machine "
            "still runs, give `kept backup --log-only` there first: it archives the rest.",
            at=at.isoformat(),
        )
    return DatabaseUnavailable(
        "The database could not be recovered; {log} says why. {error}", log=place.log, error=error
    )


class _Pieces(io.RawIOBase):
    """Pieces of bytes as a file."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        super().__init__()
        self._pieces: Iterator[bytes] = iter(pieces)
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = piece
        taken = self._left[: len(buffer)]
        buffer[: len(taken)] = taken
        self._left = self._left[len(taken) :]
        return len(taken)
