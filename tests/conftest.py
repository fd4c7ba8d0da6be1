"""What all tests share: Django and an embedded PostgreSQL of their own, when a test needs them.

Ask for the database with pytest-django's `db` or `transactional_db`; the server starts with the
first test that does, and ends with the test process (see guard.py). Tests of the core and the packs
need neither Django nor a database and get neither. `child_environment` is for processes that a test
starts and that work on the test's own database.
"""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests import emptying, log_watch

# A busy machine is slow at times; that is no property of what is tested.
hypothesis_settings.register_profile(
    "kept", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("kept")

TESTS = Path(__file__).parent
WITHOUT_DJANGO = {"core", "packs"}
HOME = pytest.StashKey[Path]()
SHARED = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """No test meets the settings, and so the database, of whoever runs the tests.

    Two hundred processes load kept and both workers rewrite every test: each compiles it once, for
    all, whatever the caller's Python is told.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    beside = TESTS.parent.parent / "shared"
    config.stash[SHARED] = Path(os.environ.get("KEPT_SHARED") or beside)
    for variable in [name for name in os.environ if name.startswith("KEPT_")]:
        if variable != "KEPT_PG_USER":
            del os.environ[variable]
    os.environ.pop("DATABASE_URL", None)
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> None:
    if module_path.relative_to(TESTS).parts[0] not in WITHOUT_DJANGO:
        set_up_django(parent.config)


def pytest_unconfigure(config: pytest.Config) -> None:
    if HOME in config.stash:
        shutil.rmtree(config.stash[HOME], ignore_errors=True)


def set_up_django(config: pytest.Config) -> None:
    if HOME in config.stash:
        return
    home = config.stash[HOME] = make_home()
    os.environ["KEPT_HOME"] = str(home)
    os.environ["KEPT_SECRET_KEY"] = "the key of the test run, 32 characters"  # noqa: S105
    os.environ["KEPT_DATA_KEY"] = base64.b64encode(bytes(range(32))).decode()
    os.environ["KEPT_LANGUAGE"] = "en"  # sentences are asserted in English
    os.environ["DJANGO_SETTINGS_MODULE"] = "kept.running.django_settings"
    import django
    from django.conf import settings

    log_watch.begin(home)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick
    django.setup()
    emptying.begin()


def make_home() -> Path:
    """A home for one installation, which the account that runs PostgreSQL can enter."""
    home = Path(tempfile.mkdtemp(prefix="kept-tests-"))
    home.chmod(0o711)
    return home


@contextmanager
def guarded(home: Path, *flags: str) -> Iterator[str]:
    """What guard.py prints; on leaving, or when this process is killed, it clears `home`."""
    command = [sys.executable, str(TESTS / "guard.py"), str(home), *flags]
    guard = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert guard.stdin is not None
    assert guard.stdout is not None
    with guard:
        yield guard.stdout.readline().strip()
        guard.stdin.close()


@pytest.fixture(scope="session")
def shared(pytestconfig: pytest.Config) -> Path:
    """The folder of test data that is never part of the project; it may be absent.

    KEPT_SHARED names it, else it is `shared` beside the checkout.
    """
    return pytestconfig.stash[SHARED]


@pytest.fixture(autouse=True)
def no_personal_data_in_logs(pytestconfig: pytest.Config) -> Iterator[None]:
    """Whatever a test does, what it adds to a log names nobody."""
    yield
    if HOME in pytestconfig.stash:
        assert log_watch.found_since_last_look() == []


@pytest.fixture(autouse=True)
def language_of_the_run(pytestconfig: pytest.Config) -> None:
    """A page in Chinese leaves its thread in Chinese; the next test begins in English."""
    if HOME in pytestconfig.stash:
        from django.utils import translation

        translation.deactivate()


@pytest.fixture
def home() -> Iterator[Path]:
    """An empty home for an embedded database of the test's own, cleared after it."""
    folder = make_home()
    with guarded(folder):
        yield folder


@pytest.fixture(scope="module")
def shared_home() -> Iterator[Path]:
    """As `home`, for all tests of a module, which leave their traces in it."""
    folder = make_home()
    with guarded(folder):
        yield folder


def server_log(home: Path) -> Path:
    from kept.running.paths import find_place

    place = find_place(home)
    assert place is not None
    return place.log


@pytest.fixture(scope="session")
def database_url(pytestconfig: pytest.Config) -> Iterator[str]:
    """The address of a running embedded PostgreSQL (its database `kept` stays empty)."""
    set_up_django(pytestconfig)
    from kept.running.cluster import Cluster

    with guarded(pytestconfig.stash[HOME], "--start") as url:
        log_watch.watch(server_log(pytestconfig.stash[HOME]))
        assert url, "the embedded database of the tests did not start; the reason is above"
        emptying.allow(Cluster(pytestconfig.stash[HOME]).administrator_url())
        yield url


@pytest.fixture(scope="session")
def django_db_modify_db_settings(database_url: str) -> None:
    """pytest-django makes its test database on the server that this starts."""
    from django.conf import settings
    from django.db import connections

    from kept.running.database import connection_parameters
    from kept.running.settings import Settings

    found = connection_parameters(Settings(database_url=database_url))
    for each in (settings.DATABASES["default"], connections["default"].settings_dict):
        each["HOST"] = found["host"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Before the test database is dropped, whoever else works on it has ended, or is named.

    A thread of the served pages closes its connection a moment after the browser closed its socket,
    and a killed process's connection ends when the server next writes to it.
    """
    yield
    with django_db_blocker.unblock():
        left = emptying.wait_for_others(seconds=30)
    if left:
        warnings.warn(f"connections that a test left open, now ended: {left}", stacklevel=1)


@pytest.fixture
def child_environment(transactional_db: None) -> dict[str, str]:
    """The environment for a process that works on the database of this test."""
    from django.db import connection

    found = connection.settings_dict
    address = (
        f"postgresql://{found['USER']}:{found['PASSWORD']}@/{found['NAME']}"
        f"?host={quote(found['HOST'], safe='')}"
    )
    return {**os.environ, "DATABASE_URL": address}
