"""The embedded database lives through starts, stops, crashes, and refuses what is not its own."""

import os
import re
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psutil
import psycopg
import pytest

from kept.running.account import ENVIRONMENT, database_account
from kept.running.cluster import Cluster
from kept.running.errors import DatabaseUnavailable
from kept.running.paths import find_place, socket_folder

START = (
    "import sys; from pathlib import Path; from kept.running.cluster import Cluster\n"
    "print(Cluster(Path(sys.argv[1]), is_durable=False).ensure().was_started)"
)


@pytest.fixture
def cluster(home: Path) -> Cluster:
    return Cluster(home, pg_user=os.environ.get("KEPT_PG_USER", "nobody"), is_durable=False)


def ask(cluster: Cluster, query: str) -> object:
    with psycopg.connect(cluster.url()) as connection:
        row = connection.execute(query).fetchone()
    return None if row is None else row[0]


def run(cluster: Cluster, *statements: str) -> None:
    with psycopg.connect(cluster.url()) as connection:
        for statement in statements:
            connection.execute(statement)


def start_in_child(cluster: Cluster, **environ: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", START, str(cluster.home)],
        env=os.environ | environ,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def running_pid(cluster: Cluster) -> int:
    pid = cluster.status().pid
    assert pid is not None
    return pid


def test_a_database_is_safe_on_disk_and_closed_to_the_network(home: Path) -> None:
    cluster = Cluster(home)  # as an installation has it, not as the quick tests
    assert cluster.ensure().was_started is True
    answers = {
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "data_checksums": "on",
        "listen_addresses": "",
        "unix_socket_permissions": "0700",
        "password_encryption": "scram-sha-256",
        "jit": "off",
        "TimeZone": "UTC",
        "server_encoding": "UTF8",
        "is_superuser": "off",
    }
    assert {name: ask(cluster, f"SHOW {name}") for name in answers} == answers
    assert ask(cluster, "SELECT datlocale FROM pg_database WHERE datname = 'kept'") == "C.UTF-8"
    rules = (home / "database" / "cluster" / "data" / "pg_hba.conf").read_text(encoding="utf-8")
    methods = {line.split()[-1] for line in rules.splitlines() if re.match(r"(local|host)", line)}
    assert methods == {"scram-sha-256"}


def test_the_second_start_finds_the_first(cluster: Cluster) -> None:
    first = cluster.ensure()
    pid = running_pid(cluster)
    second = cluster.ensure()
    assert (first.was_started, second.was_started) == (True, False)
    assert first.url == second.url
    assert running_pid(cluster) == pid
    assert cluster.stop() is True
    assert cluster.status().pid is None
    assert cluster.stop() is False


def test_two_starts_at_the_same_moment_make_one_database(cluster: Cluster) -> None:
    children = [start_in_child(cluster) for _ in range(3)]
    answers = sorted(child.communicate()[0].strip() for child in children)
    assert answers == ["False", "False", "True"]
    assert ask(cluster, "SELECT 1") == 1


def test_no_locale_of_the_caller_reaches_the_data(cluster: Cluster) -> None:
    child = start_in_child(cluster, LANG="C", LC_ALL="C", PGTZ="Asia/Tokyo", PGDATA="/nonexistent")
    assert child.communicate()[0].strip() == "True"
    run(
        cluster,
        "CREATE TABLE people (name text)",
        "INSERT INTO people VALUES ('张三'), ('张三丰'), ('李四'), ('Élodie Ŝmit')",
        "CREATE EXTENSION pg_trgm",
    )
    found = {
        "SELECT count(*) FROM people WHERE name = '张三'": 1,
        "SELECT count(*) FROM people WHERE name LIKE '张%'": 2,
        "SELECT count(*) FROM people WHERE name ILIKE 'éLODIE ŝ%'": 1,
        r"SELECT count(*) FROM people WHERE name ~ '^\w+$'": 3,
        "SELECT upper(name) FROM people WHERE name LIKE 'É%'": "ÉLODIE ŜMIT",
        "SELECT lower('ÄÖÜ')": "äöü",
        "SELECT length('张三丰')": 3,
        "SELECT cardinality(show_trgm('张三丰')) > 0": True,
    }
    assert {query: ask(cluster, query) for query in found} == found


def test_a_killed_server_loses_nothing_that_was_committed(home: Path) -> None:
    cluster = Cluster(home)
    cluster.ensure()
    run(cluster, "CREATE TABLE rows (n int)", "INSERT INTO rows SELECT generate_series(1, 1000)")
    with closing(psycopg.connect(cluster.url())) as connection:
        connection.execute("INSERT INTO rows VALUES (0)")  # never committed
        os.kill(running_pid(cluster), signal.SIGKILL)
        assert cluster.ensure().was_started is True
    assert ask(cluster, "SELECT count(*) FROM rows") == 1000
    assert ask(cluster, "SELECT min(n) FROM rows") == 1


def test_a_dead_servers_number_that_another_process_got_is_no_obstacle(cluster: Cluster) -> None:
    cluster.ensure()
    server = psutil.Process(running_pid(cluster))
    parts = server.children()
    server.kill()
    psutil.wait_procs(parts, timeout=30)
    account = database_account(cluster.pg_user)
    drop = {"user": account.uid, "group": account.gid} if os.geteuid() == 0 else {}
    with subprocess.Popen(["/bin/sleep", "600"], env=ENVIRONMENT, **drop) as stranger:  # type: ignore[call-overload]
        place = find_place(cluster.home)
        assert place is not None
        traces = [place.data / "postmaster.pid", socket_folder(place) / ".s.PGSQL.5432.lock"]
        for trace in traces:
            lines = trace.read_text(encoding="utf-8").splitlines()
            trace.write_text("\n".join([str(stranger.pid), *lines[1:], ""]), encoding="utf-8")
        try:
            assert cluster.ensure().was_started is True
            assert stranger.poll() is None
        finally:
            stranger.kill()
    assert ask(cluster, "SELECT 1") == 1


def test_a_first_start_that_is_killed_is_started_over(cluster: Cluster) -> None:
    child = start_in_child(cluster)
    cluster_folder = cluster.home / "database" / "cluster"
    while not (cluster_folder / "data.unfinished" / "base").exists():
        assert child.poll() is None
    os.killpg(child.pid, signal.SIGKILL)
    child.communicate()
    assert cluster.ensure().was_started is True
    assert ask(cluster, "SELECT 1") == 1
    assert [path.name for path in cluster_folder.iterdir()] == ["data"]


def test_a_lost_password_of_the_role_is_set_anew(cluster: Cluster) -> None:
    cluster.ensure()
    (cluster.home / "keys" / "database_password").unlink()
    cluster.ensure()
    assert ask(cluster, "SELECT current_user::text") == "kept"


def test_a_database_with_other_keys_is_refused(cluster: Cluster) -> None:
    cluster.ensure()
    for key in (cluster.home / "keys").iterdir():
        key.unlink()
    with pytest.raises(DatabaseUnavailable, match="belongs to another installation"):
        cluster.ensure()


def test_data_of_another_major_version_is_refused_and_kept(cluster: Cluster) -> None:
    cluster.ensure()
    cluster.stop()
    place = find_place(cluster.home)
    assert place is not None
    (place.data / "PG_VERSION").write_text("17\n", encoding="ascii")
    with pytest.raises(DatabaseUnavailable, match="made by PostgreSQL 17, and this kept brings"):
        cluster.ensure()
    (place.data / "PG_VERSION").write_text("18\n", encoding="ascii")
    assert cluster.ensure().was_started is True


def test_a_folder_that_is_no_database_is_refused_and_kept(cluster: Cluster) -> None:
    cluster.ensure()
    cluster.stop()
    place = find_place(cluster.home)
    assert place is not None
    place.data.rename(place.data.with_name("away"))
    place.data.mkdir()
    (place.data / "letters.txt").write_text("mine", encoding="ascii")
    with pytest.raises(DatabaseUnavailable, match="is not a PostgreSQL data folder: move it away"):
        cluster.ensure()
    assert (place.data / "letters.txt").read_text(encoding="ascii") == "mine"


def test_a_path_that_a_shell_would_read_is_refused(home: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match="a folder with a plainer name"):
        Cluster(home / "$(touch owned)" / "var", is_durable=False).ensure()


@pytest.mark.parametrize("name", ["a" * 75 + "/" + "b" * 75, "催收 系统/it's here"])
def test_long_and_foreign_paths_start(home: Path, name: str) -> None:
    cluster = Cluster(home / name / "var", is_durable=False)
    try:
        assert cluster.ensure().was_started is True
        assert ask(cluster, "SELECT 1") == 1
    finally:
        cluster.stop()


def test_a_folder_that_cannot_be_written_is_refused(home: Path) -> None:
    (home / "file").touch()
    with pytest.raises(DatabaseUnavailable, match="by KEPT_HOME"):
        Cluster(home / "file" / "var").ensure()
