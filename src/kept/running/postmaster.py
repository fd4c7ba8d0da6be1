"""Is a server running on a data folder, and may the traces of a dead one be cleared?

PostgreSQL answers this itself by the process number in `postmaster.pid`, and errs on the safe side:
where another process got that number since (after a restart of a container or the machine), or
where the dead server was never reaped, it refuses to start. kept looks closer.
"""

from __future__ import annotations

import time
from pathlib import Path

import psutil

from kept.running.account import Account, run_as
from kept.running.errors import DatabaseUnavailable

__all__ = ["clear_stale", "postmaster_pid"]

LINGER_SECONDS = 60


def postmaster_pid(data: Path) -> int | None:
    """The process number of the server that runs on `data`, or None."""
    pid = _recorded_pid(data)
    if pid is None:
        return None
    try:
        process = psutil.Process(pid)
        is_ours = process.status() != psutil.STATUS_ZOMBIE and str(data) in process.cmdline()
    except psutil.Error:
        return None
    return pid if is_ours else None


def clear_stale(data: Path, sockets: Path, account: Account) -> None:
    """Remove the lock files of a dead server where PostgreSQL would take it for alive.

    The caller holds the lock and found no server. Processes that outlive their server for a moment
    are waited for, since a second server beside them would damage the data.
    """
    pid = _recorded_pid(data)
    if pid is None or not psutil.pid_exists(pid):
        return  # PostgreSQL clears it by itself
    deadline = time.monotonic() + LINGER_SECONDS
    while _has_processes_in(data, account):
        if time.monotonic() > deadline:
            raise DatabaseUnavailable(
                "Processes of an earlier server still work in {data}: end them, then start again.",
                data=data,
            )
        time.sleep(0.1)
    traces = [data / "postmaster.pid", *sockets.glob(".s.PGSQL.*")]
    run_as(account, ["/bin/rm", "-f", "--", *traces])


def _recorded_pid(data: Path) -> int | None:
    try:
        return int((data / "postmaster.pid").read_text(encoding="utf-8").split("\n")[0])
    except (FileNotFoundError, ValueError):
        return None


def _has_processes_in(data: Path, account: Account) -> bool:
    """Every process of a server works in its data folder; only its own account may see that."""
    looking = 'for each in /proc/[0-9]*; do readlink "$each/cwd"; done 2>/dev/null'
    found = run_as(account, ["/bin/sh", "-c", looking]).stdout.decode(errors="replace")
    return str(data.resolve()) in found.splitlines()
