"""The account that runs PostgreSQL, and running programs as it.

PostgreSQL refuses to run as root, so root's kept runs it as an unprivileged account; everybody
else's kept runs it as themselves. Nothing here changes an account or a permission.
"""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from kept.running.errors import DatabaseUnavailable, SettingError

__all__ = ["Account", "can_run", "database_account", "run_as"]

# Nothing of the caller's environment reaches the server: no PGDATA, no LANG, no LD_PRELOAD.
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    uid: int
    gid: int


def database_account(pg_user: str) -> Account:
    """Who runs PostgreSQL: `pg_user` when kept runs as root, else the user that runs kept."""
    if os.geteuid() != 0:
        return _current_account()
    try:
        entry = pwd.getpwnam(pg_user)
    except (KeyError, ValueError):
        raise SettingError(
            "KEPT_PG_USER is {pg_user}, and there is no such account: set it to an existing"
            " account without privileges.",
            pg_user=repr(pg_user),
        ) from None
    if entry.pw_uid == 0:
        raise SettingError(
            "KEPT_PG_USER is {pg_user}, and PostgreSQL refuses to run as root: set it to an"
            " existing account without privileges, for example nobody.",
            pg_user=repr(pg_user),
        )
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _current_account() -> Account:
    uid = os.geteuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        raise DatabaseUnavailable(
            "The user with number {uid} has no account here (usual in containers), and "
            "PostgreSQL does not run without one: run kept as a user with an account, or "
            "set DATABASE_URL.",
            uid=uid,
        ) from None
    return Account(name, uid, os.getegid())


def run_as(
    account: Account,
    arguments: Sequence[str | Path],
    *,
    output: int | IO[bytes] = subprocess.PIPE,
    timeout: float | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run a program as the account, from `/`, with a clean environment; files it makes are 0600."""
    command = [str(each) for each in arguments]
    drop = os.geteuid() == 0
    return subprocess.run(
        command,
        user=account.uid if drop else None,
        group=account.gid if drop else None,
        extra_groups=[] if drop else None,
        env=ENVIRONMENT,
        cwd="/",
        umask=0o077,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        timeout=timeout,
        check=False,
    )


def can_run(account: Account, arguments: Sequence[str | Path]) -> bool:
    """Whether the account gets through the program with exit code 0."""
    try:
        return run_as(account, arguments).returncode == 0
    except OSError:
        return False
