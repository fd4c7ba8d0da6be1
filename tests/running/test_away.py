"""The database dies under load, or its disk is full: a clear page, and nothing is half done."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from kept.running.cluster import Cluster
from kept.running.errors import DatabaseUnavailable
from kept.running.paths import find_place
from tests.running.test_processes import environment, free_port, kept, running_up, until

pytestmark = pytest.mark.study
WRITING = Path(__file__).parent / "writing.py"


def ask(cluster: Cluster, query: str) -> int:
    with psycopg.connect(cluster.url(), connect_timeout=5) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def answered(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())


def page(port: int) -> tuple[int, str, str]:
    """Status, Retry-After and text of a page that needs the database."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/", headers={"Cookie": "sessionid=x" * 3, "Accept-Language": "en"}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, "", answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers.get("Retry-After", ""), error.read().decode()


def test_a_database_that_is_killed_under_load_loses_no_answered_write(home: Path) -> None:
    env = environment(home, port := free_port()) | {"KEPT_LANGUAGE": "en"}
    cluster = Cluster(home)
    with (home / "said").open("wb") as said, running_up(env, stderr=said.fileno()) as up:
        until(lambda: page(port)[0] == 200)
        writers = [
            subprocess.Popen(
                [sys.executable, str(WRITING)],
                env=env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(2)
        ]
        try:
            for _ in range(2):  # killed twice
                before = [answered(writer) for writer in writers]
                assert all(number > 0 for number in before)
                pid = cluster.status().pid
                assert pid is not None
                os.kill(pid, signal.SIGKILL)
                status, retry, text = page(port)
                assert status in (200, 503)
                if status == 503:
                    assert retry == "15"
                    assert "The database is away" in text
                    assert "Traceback" not in text
                until(lambda old=pid: cluster.status().pid not in (None, old))  # type: ignore[misc]
                # Each writer goes on: what it says now was committed after the restart.
                until(lambda: page(port)[0] == 200)
                for _ in range(50):
                    last = [answered(writer) for writer in writers]
                assert all(new > old for new, old in zip(last, before, strict=True))
            written = 0
            for writer, number in zip(writers, last, strict=True):
                assert writer.stdin is not None
                assert writer.stdout is not None
                writer.stdin.close()
                written += int([str(number), *writer.stdout.read().split()][-1])
                assert writer.wait(60) == 0
        finally:
            for writer in writers:
                writer.kill()
        found = ask(cluster, "SELECT count(*) FROM events WHERE action = 'run.note'")
        # An event whose commit was not answered may be there; one that was answered always is.
        assert written <= found <= written + 2 * len(writers)
        assert up.poll() is None
        doctor = kept("doctor", env=env)
        assert "FAIL event_" not in doctor.stdout, doctor.stdout
        up.send_signal(signal.SIGTERM)
        assert up.wait(60) == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of 160 MB; only root can mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=160m,mode=711", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount the small disk that this test fills")
    for each in (tmp_path, *tmp_path.parents[:2]):
        each.chmod(0o711)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_told_and_loses_nothing(small_disk: Path) -> None:
    cluster = Cluster(small_disk / "var", is_durable=False)
    try:
        cluster.ensure()
    except DatabaseUnavailable as error:
        pytest.skip(f"the database does not fit here: {error}")
    try:
        filler = small_disk / "filler"
        with psycopg.connect(cluster.url()) as connection:
            connection.execute("CREATE TABLE rows (n int, text text)")
            connection.execute("INSERT INTO rows SELECT n, '' FROM generate_series(1, 100) n")
        free = shutil.disk_usage(small_disk).free
        with filler.open("wb") as file:
            file.write(bytes(max(0, free - 4 * 1024 * 1024)))
        with pytest.raises(psycopg.OperationalError), psycopg.connect(cluster.url()) as connection:
            connection.execute(
                "INSERT INTO rows SELECT n, (SELECT string_agg(md5((n * i)::text), '')"
                " FROM generate_series(1, 60) i) FROM generate_series(101, 20000) n"
            )
        filler.unlink()
        cluster.ensure()
        assert ask(cluster, "SELECT count(*) FROM rows") == 100
        with psycopg.connect(cluster.url()) as connection:
            connection.execute("INSERT INTO rows VALUES (0, 'there is room again')")
        assert ask(cluster, "SELECT count(*) FROM rows") == 101
        filler.write_bytes(b"")
        cluster.stop()
        with filler.open("wb") as file:
            file.write(bytes(max(0, shutil.disk_usage(small_disk).free)))
        with pytest.raises(DatabaseUnavailable, match=r"is full|cannot use"):
            cluster.ensure()
        filler.unlink()
        cluster.ensure()
        assert ask(cluster, "SELECT count(*) FROM rows") == 101
    finally:
        cluster.stop()
    assert find_place(small_disk / "var") is not None
