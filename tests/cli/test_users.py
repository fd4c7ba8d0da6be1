"""`kept user` as whoever has the machine gives it: the first administrator, and what is refused."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection

from kept.core.actors import Role
from kept.store.models import Event, RoleGrant, User
from kept.work.actors import actor_of
from tests import factories, forking

SECRET = "seven ordinary words make a password"  # noqa: S105


@pytest.fixture
def environment(child_environment: dict[str, str]) -> Iterator[dict[str, str]]:
    """A fresh installation has no months yet in which events could be written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'events'::regclass"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP TABLE {name}")
    yield child_environment
    factories.make_partitions()  # other tests count on them


def kept(
    environment: dict[str, str], *arguments: str, given: str = ""
) -> subprocess.CompletedProcess[str]:
    return forking.run(["-m", "kept.cli", "user", *arguments], environment, given=given)


def test_the_first_administrator_of_a_fresh_installation(environment: dict[str, str]) -> None:
    name = "li@example.com"
    added = kept(
        environment, "add", name, "--role", "administrator", "--password-stdin", given=f"{SECRET}\n"
    )
    assert (added.returncode, added.stderr) == (0, "")
    assert added.stdout == "li@example.com can sign in: administrator for all creditors.\n"
    user = User.objects.get()
    assert (user.username, user.email) == (name, name)
    assert PBKDF2PasswordHasher().verify(SECRET, user.password)
    actor = actor_of(user, now=datetime.now(UTC))
    assert actor.roles == {Role.ADMINISTRATOR}
    assert [grant.is_of_house for grant in actor.grants] == [True]
    events = Event.objects.order_by("sequence").values_list("actor", "action")
    assert list(events) == [
        ("console", "user.add"),
        ("console", "user.set_password"),
        ("console", "user.grant_role"),
    ]
    assert SECRET not in str(list(Event.objects.values_list("body")))
    listed = kept(environment, "list").stdout
    assert listed == "li@example.com  administrator; never signed in\n"
    new = kept(environment, "password", name, "--password-stdin", given="another seven words\n")
    assert new.stdout == "The password of li@example.com is set.\n"
    user.refresh_from_db()
    assert PBKDF2PasswordHasher().verify("another seven words", user.password)


def test_a_manager_of_one_creditor_and_what_is_refused(environment: dict[str, str]) -> None:
    creditor = factories.make_creditor(code="BANK")
    manager = ("add", "wang", "--role", "manager", "--password-stdin")
    weak = kept(environment, *manager, given="12345678\n")
    assert (weak.returncode, weak.stdout) == (2, "")
    assert "This password is too common." in weak.stderr
    nowhere = kept(environment, *manager, "--creditor", "BNAK", given=f"{SECRET}\n")
    assert (nowhere.returncode, nowhere.stderr) == (2, "kept: There is no creditor BNAK.\n")
    silent = kept(environment, "add", "wang", "--role", "manager")
    assert silent.stderr == (
        "kept: There is no terminal to ask for a password: give --password-stdin.\n"
    )
    assert not User.objects.exists()
    added = kept(environment, *manager, "--creditor", "BANK", given=f"{SECRET}\n")
    assert added.stdout == "wang can sign in: manager for BANK.\n"
    assert RoleGrant.objects.get().creditor == creditor
    unknown = kept(environment, "password", "li", "--password-stdin", given=f"{SECRET}\n")
    assert unknown.stderr == "kept: Nobody signs in as li: see `kept user list`.\n"


def first_lines(environment: dict[str, str], command: str, wanted: int) -> list[str]:
    """What a command that goes on for ever says first; at most a minute is waited for it."""
    port = {"KEPT_WEB_PORT": str(free_port())}
    with subprocess.Popen(
        [sys.executable, "-m", "kept.cli", command],
        env={**environment, **port, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        late = threading.Timer(60, process.kill)
        late.start()
        try:
            return [process.stdout.readline() for _ in range(wanted)]
        finally:
            late.cancel()
            process.kill()


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_where_nobody_can_sign_in_the_pages_command_says_what_to_do(
    environment: dict[str, str],
) -> None:
    english, chinese = first_lines(environment, "web", 2)
    command = "kept user add NAME --role administrator\n"
    assert english == f"Nobody can sign in yet. Add the first administrator: {command}"
    assert chinese == f"尚无可登录的用户，请先添加首位管理员：{command}"
