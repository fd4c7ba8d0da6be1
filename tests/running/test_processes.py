"""`kept up` as a user meets it: real processes, one database, one clean shutdown."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from kept.running.cluster import Cluster
from kept.running.errors import ProcessError
from kept.running.processes import refuse_taken_port

SECONDS = 120  # far more than anything takes here; a test that waits so long has failed


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def environment(home: Path, port: int) -> dict[str, str]:
    kept = {"KEPT_HOME": str(home), "KEPT_WEB_PORT": str(port), "KEPT_WEB_WORKERS": "1"}
    unset = {"DJANGO_SETTINGS_MODULE", "KEPT_SECRET_KEY", "KEPT_DATA_KEY"}
    return {name: value for name, value in os.environ.items() if name not in unset} | kept


def kept(*arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kept.cli", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@contextmanager
def running_up(
    env: dict[str, str], *, stderr: int = subprocess.PIPE
) -> Iterator[subprocess.Popen[str]]:
    """A `kept up` that serves; killed with its children where a test leaves it running."""
    command = [sys.executable, "-m", "kept.cli", "up"]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=stderr, text=True) as up:
        try:
            assert up.stdout is not None
            lines = iter(up.stdout.readline, "")
            assert any(f":{env['KEPT_WEB_PORT']}/" in line for line in lines), up.communicate()
            yield up
        finally:
            if up.poll() is None:
                up.kill()


def children_of(up: subprocess.Popen[str]) -> dict[str, psutil.Process]:
    return {each.cmdline()[-1]: each for each in psutil.Process(up.pid).children()}


def is_served(port: int) -> bool:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/static/admin/css/base.css") as answer:
        return bool(answer.status == 200)


def test_up_serves_and_ends_with_everything_it_started(shared_home: Path) -> None:
    env = environment(shared_home, port := free_port())
    with running_up(env) as up:
        assert set(children_of(up)) == {"web", "worker"}
        assert is_served(port)
        started = children_of(up).values()
        second = kept("up", env=env)
        assert second.returncode == 2
        assert f"Port {port} on 127.0.0.1 is in use" in second.stderr
        assert "Traceback" not in second.stderr
        up.send_signal(signal.SIGTERM)
        assert up.wait(SECONDS) == 0
        assert not any(each.is_running() for each in started)
    assert Cluster(shared_home).status().pid is None


def test_up_leaves_a_database_running_that_it_found_running(shared_home: Path) -> None:
    env = environment(shared_home, free_port())
    migrated = kept("migrate", env=env)
    assert migrated.stdout.startswith("The tables are up to date")
    pid = Cluster(shared_home).status().pid
    assert pid is not None
    with running_up(env) as up:
        up.send_signal(signal.SIGINT)
        assert up.wait(SECONDS) == 0
    assert Cluster(shared_home).status().pid == pid
    assert kept("stop", env=env).stdout == "The embedded database is stopped.\n"
    assert kept("stop", env=env).stdout == "The embedded database was not running.\n"


def test_a_child_that_dies_brings_all_down_with_its_code(shared_home: Path) -> None:
    with running_up(environment(shared_home, free_port())) as up:
        children_of(up)["worker"].kill()
        _, said = up.communicate(timeout=SECONDS)
        assert up.returncode == 128 + signal.SIGKILL
        assert "`kept worker` was ended by signal 9; everything is shut down." in said
    assert Cluster(shared_home).status().pid is None


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_children_do_not_outlive_a_killed_up(shared_home: Path) -> None:
    with running_up(environment(shared_home, free_port())) as up:
        started = list(children_of(up).values())
        up.kill()
        _, alive = psutil.wait_procs(started, timeout=SECONDS)
        assert alive == []


def test_the_doctor_finds_a_fresh_installation_sound(shared_home: Path) -> None:
    env = environment(shared_home, free_port())
    kept("migrate", env=env)
    found = kept("doctor", env=env)
    assert found.returncode == 0, found.stdout
    for line in (
        "ok   fsync: on",
        "ok   encoding: UTF8",
        "ok   locale: C.UTF-8",
        "ok   tables: up",
    ):
        assert line in found.stdout
    (shared_home / "keys" / "copy").touch(mode=0o644)
    found = kept("doctor", env=env | {"KEPT_WEB_PROT": "80"})
    assert found.returncode == 1
    assert "FAIL key copy: mode 0644, open to other users: run `chmod 600" in found.stdout
    assert "FAIL settings: KEPT_WEB_PROT is no setting of kept" in found.stdout


@pytest.mark.parametrize("command", ["up", "web", "worker", "migrate", "stop", "doctor"])
def test_a_wrong_setting_stops_every_command_with_one_sentence(home: Path, command: str) -> None:
    refused = kept(command, env=environment(home, 8000) | {"KEPT_WEB_PORT": "99999"})
    assert refused.returncode == 2
    assert refused.stderr == (
        "kept: KEPT_WEB_PORT is '99999' that kept cannot use: "
        "set it to a whole number from 1 to 65535.\n"
    )
    assert refused.stdout == ""
    assert not (home / "database").exists()


def test_a_port_or_address_that_cannot_be_served_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ProcessError, match=f"Port {port} on 127.0.0.1 is in use"):
            refuse_taken_port("127.0.0.1", port)
    with pytest.raises(ProcessError, match="set KEPT_WEB_HOST to an address of this machine"):
        refuse_taken_port("192.0.2.1", 8000)  # an address for documentation, nobody's
