"""How the embedded database is set: closed to the network, safe on disk, sized to the machine.

These go on the server's command line, so each start uses those of the kept that starts it. What is
not named here can be set with `ALTER SYSTEM`.
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import psutil

__all__ = ["archive_options", "machine_memory", "server_options"]

MEGABYTE = 1024 * 1024
LIMIT_FILES = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
SHARED_MEMORY = Path("/dev/shm")


def server_options(sockets: Path, *, memory: int, is_durable: bool = True) -> dict[str, str]:
    """The options of the server; `memory` in bytes; `is_durable` is False for tests only."""
    options = {
        # Nobody reaches the server but through its socket folder.
        "listen_addresses": "",
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",
        "password_encryption": "scram-sha-256",
        # A statement that fails, and what it says, may hold a debtor's name: both stay out of the
        # log. Whoever gave the statement is told.
        "log_min_error_statement": "panic",
        "log_min_messages": "log",
        "log_error_verbosity": "terse",
        "log_checkpoints": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "jit": "off",
        "wal_compression": "on",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
        "work_mem": "32MB",
        # What takes long is shown on the health page, without the constants of a statement.
        "shared_preload_libraries": "pg_stat_statements",
        "pg_stat_statements.track_utility": "off",
    }
    options |= _memory_options(memory)
    if not is_durable:
        options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    return options


#: A quiet database hands over its segment after this time: so much can be lost with its disk.
ARCHIVE_SECONDS = 300
# %p is the segment's path within the data folder, %f its name. It is copied beside, synced, then
# renamed, so that it is there whole or not at all; one that is there already was archived before a
# crash, and one with another content is never overwritten.
_ARCHIVE = (
    "if test -f {folder}/%f; then exec cmp -s %p {folder}/%f; fi; "
    "cp %p {folder}/.%f && sync {folder}/.%f && mv {folder}/.%f {folder}/%f && sync {folder}"
)


def archive_options(waiting: Path) -> dict[str, str]:
    """The options of a server that hands every finished segment of its log over to `waiting`."""
    folder = shlex.quote(str(waiting)).replace("%", "%%")
    return {
        "archive_mode": "on",
        "archive_command": _ARCHIVE.format(folder=folder),
        "archive_timeout": str(ARCHIVE_SECONDS),
        "wal_level": "replica",
    }


def _memory_options(memory: int) -> dict[str, str]:
    """An eighth of the memory for the server's own cache, within 64 MB and 2 GB."""
    shared = min(max(memory // 8, 64 * MEGABYTE), 2048 * MEGABYTE)
    upkeep = min(max(memory // 32, 32 * MEGABYTE), 512 * MEGABYTE)
    options = {
        "shared_buffers": f"{shared // MEGABYTE}MB",
        "effective_cache_size": f"{memory // 2 // MEGABYTE}MB",
        "maintenance_work_mem": f"{upkeep // MEGABYTE}MB",
    }
    if not _has_room_for_segments():
        options["dynamic_shared_memory_type"] = "mmap"
    return options


def _has_room_for_segments() -> bool:
    """Containers often come with 64 MB in /dev/shm, where a parallel query then fails."""
    try:
        found = os.statvfs(SHARED_MEMORY)
    except OSError:
        return False
    return found.f_bavail * found.f_frsize >= 256 * MEGABYTE


def machine_memory() -> int:
    """Bytes of memory that this machine, or the container's limit, allows."""
    allowed = int(psutil.virtual_memory().total)
    for path in LIMIT_FILES:
        try:
            allowed = min(allowed, int(path.read_text(encoding="ascii")))
        except (OSError, ValueError):
            continue  # no such limit here, or the word "max"
    return allowed
