"""A database of an older PostgreSQL is refused with the command that brings it over, which works.

The real older server is PostgreSQL 15 where the system has it (Debian's package postgresql-15);
elsewhere that test is skipped. The dump that is checked in was made by PostgreSQL 15's own pg_dump
of a book of kept's first tables (migration 0009), and is loaded everywhere.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from kept.running.account import database_account, run_as
from kept.running.cluster import Cluster
from kept.running.data_folders import complete_upgrade
from kept.running.errors import DatabaseUnavailable
from kept.running.paths import Place, claim_sockets, make_place
from kept.running.programs import client_programs
from kept.running.settings import Settings
from kept.running.upgrading import load_dump, upgrade_cluster

OLD = Path("/usr/lib/postgresql/15/bin")
OLD_DUMP = Path(__file__).parent / "book-of-postgresql-15.dump"
PG_USER = os.environ.get("KEPT_PG_USER", "nobody")


@pytest.fixture
def cluster(home: Path) -> Cluster:
    return Cluster(home, PG_USER, is_durable=False)


def ask(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
    return None if row is None else row[0]


def old_database(cluster: Cluster) -> Place:
    """A stopped PostgreSQL 15 with a table of kept's, as an older kept would have left it."""
    account = database_account(PG_USER)
    place = make_place(cluster.home, account)
    sockets = claim_sockets(place, account)
    made = run_as(account, [OLD / "initdb", "-D", place.data, "-U", "postgres", "-E", "UTF8",
                            "--locale=C", "--no-sync", "--auth=trust"])  # fmt: skip
    assert made.returncode == 0, made.stdout.decode()
    options = f"-c listen_addresses='' -c unix_socket_directories='{sockets}'"
    start = [OLD / "pg_ctl", "-D", place.data, "-w", "-s", "-o", options, "start"]
    run_as(account, start, output=subprocess.DEVNULL)
    with psycopg.connect(f"postgresql://postgres@/postgres?host={sockets}", autocommit=True) as old:
        assert old.info.server_version // 10000 == 15
        old.execute("CREATE ROLE kept LOGIN")
        old.execute("CREATE DATABASE kept OWNER kept")
    with psycopg.connect(f"postgresql://postgres@/kept?host={sockets}", autocommit=True) as old:
        old.execute("CREATE EXTENSION pg_stat_statements")  # as the administrator of a real one
    with psycopg.connect(f"postgresql://kept@/kept?host={sockets}") as book:
        book.execute("CREATE EXTENSION pg_trgm")
        book.execute("CREATE TABLE debtors (id bigint PRIMARY KEY, name text)")
        book.execute("CREATE INDEX ON debtors USING gin (name gin_trgm_ops)")
        book.execute("INSERT INTO debtors SELECT n, '张三' || n FROM generate_series(1, 500) n")
    run_as(account, [OLD / "pg_ctl", "-D", place.data, "-m", "fast", "-w", "-s", "stop"])
    return place


@pytest.mark.skipif(not OLD.exists(), reason="no PostgreSQL 15 on this machine (postgresql-15)")
def test_an_older_database_is_refused_and_then_upgraded(cluster: Cluster) -> None:
    place = old_database(cluster)
    with pytest.raises(DatabaseUnavailable, match=r"made by PostgreSQL 15.*give `kept upgrade`"):
        cluster.ensure()
    with pytest.raises(DatabaseUnavailable, match="PostgreSQL 15 are needed"):
        upgrade_cluster(cluster, Path("/bin"), client_programs(Settings(home=cluster.home)))
    assert (place.data / "PG_VERSION").read_text().strip() == "15"
    old = upgrade_cluster(cluster, None, client_programs(Settings(home=cluster.home)))
    assert (Path(old) / "PG_VERSION").read_text().strip() == "15"
    cluster.ensure()
    assert str(ask(cluster.url(), "SHOW server_version")).startswith("18")
    assert ask(cluster.url(), "SELECT count(*) FROM debtors WHERE name LIKE '%三1%'") == 111
    assert ask(cluster.url(), "SELECT tableowner FROM pg_tables WHERE tablename = 'debtors'") == (
        "kept"
    )
    with pytest.raises(DatabaseUnavailable, match="of PostgreSQL 18 already"):
        upgrade_cluster(cluster, None, client_programs(Settings(home=cluster.home)))


@pytest.mark.parametrize("step", ["marked", "old moved", "new moved"])
def test_an_exchange_that_was_killed_is_completed(tmp_path: Path, step: str) -> None:
    place = Place(tmp_path / "database")
    names = ["data", "data.unfinished"] if step == "marked" else ["data.15", "data.unfinished"]
    for name in ["data.15", "data"] if step == "new moved" else names:
        (place.data.parent / name).mkdir(parents=True)
        old = {"data.15"} | ({"data"} if step == "marked" else set())
        (place.data.parent / name / "PG_VERSION").write_text("15" if name in old else "18")
    (place.data.parent / "upgraded-from-15").touch()
    complete_upgrade(place)
    found = {path.name: (path / "PG_VERSION").read_text() for path in place.data.parent.iterdir()}
    assert found == {"data": "18", "data.15": "15"}


def test_a_dump_of_postgresql_15_is_loaded_and_brought_up_to_date(home: Path) -> None:
    environment = {
        **os.environ,
        "KEPT_HOME": str(home),
        "KEPT_DATA_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "KEPT_LANGUAGE": "en",
    }
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, "-m", "kept.cli", "upgrade", "--from-dump", str(OLD_DUMP)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert "all invariants hold" in done.stdout, done.stderr
    url = Cluster(home, PG_USER).url()
    assert ask(url, "SELECT name FROM debtors") == "张三"
    assert ask(url, "SELECT count(*) FROM django_migrations WHERE name = '0010_key_rings'") == 1
    again = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (again.returncode, "overwrites nothing" in again.stderr) == (2, True)


def test_a_plain_dump_is_loaded(cluster: Cluster, tmp_path: Path) -> None:
    cluster.ensure()
    dump = tmp_path / "book.sql"
    dump.write_text("CREATE TABLE t (n int);\nCOPY t FROM stdin;\n1\n2\n\\.\n")
    programs = client_programs(Settings(home=cluster.home))
    load_dump(cluster.url(), dump, programs)
    assert ask(cluster.url(), "SELECT sum(n) FROM t") == 3
    with pytest.raises(DatabaseUnavailable, match="not empty"):
        load_dump(cluster.url(), dump, programs)
