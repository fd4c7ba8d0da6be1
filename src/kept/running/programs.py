"""PostgreSQL's client programs (pg_dump, pg_restore, pg_basebackup) for whoever runs kept.

They come from the same package as the server. They run as kept's own user, also where kept is
root: only the server refuses that.
"""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from kept.running.account import Account
from kept.running.binaries import find_binaries
from kept.running.paths import find_place, home_folder
from kept.running.settings import Settings

__all__ = ["client_programs"]


def client_programs(settings: Settings) -> Path:
    """The folder of the programs; raises `DatabaseUnavailable` where they cannot run."""
    home = home_folder(settings)
    place = find_place(home)
    copies = place.binaries if place is not None else home / "binaries"
    return find_binaries(copies, _own_account()).programs


def _own_account() -> Account:
    uid = os.geteuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = str(uid)
    return Account(name, uid, os.getegid())
