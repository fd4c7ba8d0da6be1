"""pg_dump and pg_restore as streams: what they write and read never lies on a disk in clear."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, BinaryIO

from django.utils.translation import gettext as _
from psycopg import pq

from kept.batch.backup.manifest import BackupRefused

__all__ = ["dump_stream", "libpq_environment", "program_output", "restore_stream"]

# Level 1 costs a third of the time of the default and leaves a dump hardly larger.
_DUMP = ("--format=custom", "--compress=gzip:1", "--no-owner", "--no-privileges")
# Tables of a file that is being taken in: its run fills them again, and drops them meanwhile.
# The statistics of statements are the server's: only its superuser may add them, and has done so.
_LEFT_OUT = (
    "--exclude-table=staged_*",
    "--exclude-extension=pg_stat_statements",
    "--no-publications",
    "--no-subscriptions",
)


def libpq_environment(url: str) -> dict[str, str]:
    """The address as libpq's variables, since a password must not stand on a command line."""
    environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "PGCONNECT_TIMEOUT": "10"}
    for option in pq.Conninfo.parse(url.encode()):
        if option.val is not None and option.envvar:
            environment[option.envvar.decode()] = option.val.decode()
    return environment


@contextmanager
def program_output(
    command: list[str | Path], environment: Mapping[str, str], **given: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """A running program; refuses with its last words where it does not end well."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [str(each) for each in command], env=dict(environment), stderr=said, **given
        )
        is_done = False
        try:
            yield process
            is_done = True
        finally:
            if not is_done:
                process.kill()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    _close(pipe)
            code = process.wait()
        if code:
            raise BackupRefused(
                _("%(program)s failed: %(said)s")
                % {"program": Path(command[0]).name, "said": _last_words(said)}
            )


def _close(pipe: IO[bytes]) -> None:
    with suppress(BrokenPipeError):  # the program ended first; its code tells
        pipe.close()


def _last_words(said: IO[bytes]) -> str:
    said.seek(0)
    lines = said.read().decode(errors="replace").strip().splitlines()
    return " / ".join(line.strip() for line in lines[-3:]) or _("it said nothing")


@contextmanager
def dump_stream(programs: Path, url: str, snapshot: str) -> Iterator[BinaryIO]:
    """A dump of the database as of an exported snapshot, in pg_dump's custom format."""
    command: list[str | Path] = [programs / "pg_dump", *_DUMP, *_LEFT_OUT, f"--snapshot={snapshot}"]
    with program_output(command, libpq_environment(url), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield process.stdout  # type: ignore[misc]


def restore_stream(programs: Path, url: str, pieces: Iterable[bytes]) -> None:
    """Bring a dump into an empty database, all of it or nothing."""
    environment = libpq_environment(url)
    command: list[str | Path] = [
        programs / "pg_restore",
        "--no-owner",
        "--no-privileges",
        "--exit-on-error",
        "--single-transaction",
        f"--dbname={environment['PGDATABASE']}",
    ]
    with program_output(command, environment, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        with suppress(BrokenPipeError):  # pg_restore ended first; its code and words tell
            for piece in pieces:
                process.stdin.write(piece)
