"""Processes for tests that start many: forked from one that has loaded the large libraries.

Loading polars, PyArrow and Django takes most of a short process's time. `forked` answers as
`subprocess.Popen` does with pipes of text, `run` as `subprocess.run`: the process has its own
memory, environment, folder and connections, and is ended by real signals. How kept starts from
nothing is for other tests (tests/running), which use `subprocess`.

Run as `python forking.py SOCKET` it is the process that forks; it ends when its input is closed.
"""

from __future__ import annotations

import json
import os
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import IO

LIBRARIES = (
    "numpy polars pyarrow.compute pyarrow.csv pyarrow.parquet fastexcel narwhals phonenumbers"
    " cryptography.hazmat.primitives.ciphers.aead psycopg_pool yaml attr croniter"
    " django.db.models django.contrib.postgres.fields django.core.management django.test.client"
    " procrastinate allauth.utils kept.core.strategies kept.core.ledger kept.core.intake.maps"
)


class Forked:
    """A process that runs `python SCRIPT …` or, with `-m` before it, a module."""

    def __init__(
        self, command: Sequence[str], env: dict[str, str], cwd: str, given: str = ""
    ) -> None:
        self.args = list(command)
        self.returncode: int | None = None
        self._said = b""
        out, out_end = os.pipe()
        err, err_end = os.pipe()
        self.stdout: IO[str] = os.fdopen(out, encoding="utf-8")
        self.stderr: IO[str] = os.fdopen(err, encoding="utf-8")
        self._line = socket.socket(socket.AF_UNIX)
        self._line.connect(str(_forker()))
        request = json.dumps(
            {"command": self.args, "env": env, "cwd": cwd, "given": given}
        ).encode()
        socket.send_fds(self._line, [len(request).to_bytes(4, "big")], [out_end, err_end])
        self._line.sendall(request)
        os.close(out_end)
        os.close(err_end)
        self.pid = int(self._told(None))

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            self.returncode = int(self._told(timeout))
            self._line.close()
        return self.returncode

    def poll(self) -> int | None:
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """All that it writes from now on, to both; then it has ended."""
        deadline = None if timeout is None else time.monotonic() + timeout
        parts: dict[IO[str], bytes] = {self.stdout: b"", self.stderr: b""}
        with selectors.DefaultSelector() as open_ones:
            for each in parts:
                open_ones.register(each, selectors.EVENT_READ)
            while open_ones.get_map():
                left = None if deadline is None else max(0.0, deadline - time.monotonic())
                ready = open_ones.select(left)
                if not ready:
                    raise subprocess.TimeoutExpired(self.args, timeout or 0)
                for key, _events in ready:
                    read = os.read(key.fd, 65536)
                    parts[key.fileobj] += read  # type: ignore[index]
                    if not read:
                        open_ones.unregister(key.fileobj)
        self.wait(timeout)
        return parts[self.stdout].decode(), parts[self.stderr].decode()

    def close(self) -> None:
        self.kill()
        self.wait()
        self.stdout.close()
        self.stderr.close()

    def _told(self, timeout: float | None) -> str:
        """The next line from the forker: the number of the process, then how it ended."""
        self._line.settimeout(timeout if timeout != 0 else 0.001)
        while b"\n" not in self._said:
            try:
                read = self._line.recv(64)
            except TimeoutError:
                raise subprocess.TimeoutExpired(self.args, timeout or 0) from None
            assert read, "the process that forks the tests' processes has ended"
            self._said += read
        line, _, self._said = self._said.partition(b"\n")
        return line.decode()


@contextmanager
def forked(
    command: Sequence[str | Path], env: dict[str, str], cwd: str | Path = ".", given: str = ""
) -> Iterator[Forked]:
    """The process with `given` as its input, ended by force on leaving where it still runs."""
    process = Forked([str(each) for each in command], env, str(Path(cwd).absolute()), given)
    try:
        yield process
    finally:
        process.close()


def run(
    command: Sequence[str | Path],
    env: dict[str, str],
    cwd: str | Path = ".",
    given: str = "",
    timeout: float = 120,
) -> subprocess.CompletedProcess[str]:
    with forked(command, env, cwd, given) as process:
        out, err = process.communicate(timeout)
        return subprocess.CompletedProcess(process.args, process.wait(), out, err)


@cache
def _forker() -> Path:
    """The socket of the process that forks, started once; it ends with this process."""
    path = Path(tempfile.mkdtemp(prefix="kept-fork-")) / "socket"
    kept_away = {name: value for name, value in os.environ.items() if name[:5] != "KEPT_"}
    command = [sys.executable, __file__, str(path)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=kept_away
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    _forkers.append(process)
    return path


_forkers: list[subprocess.Popen[bytes]] = []  # as long as it is held, its input is open


# --- the process that forks -----------------------------------------------------------------------


def serve(path: str) -> None:
    del sys.path[0]  # the folder of this file: what lies in it is loaded as `tests.…`
    for library in LIBRARIES.split():
        __import__(library)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who watches a process is not waited for
    with socket.socket(socket.AF_UNIX) as door, selectors.DefaultSelector() as heard:
        door.bind(path)
        door.listen()
        print("ready", flush=True)
        heard.register(door, selectors.EVENT_READ)
        heard.register(sys.stdin, selectors.EVENT_READ)
        while all(key.fileobj is door for key, _events in heard.select()):
            line, _address = door.accept()
            if os.fork() == 0:
                door.close()
                watch(line)
            line.close()
    Path(path).unlink()
    Path(path).parent.rmdir()


def watch(line: socket.socket) -> None:
    """Start one process, tell its number, wait for it and tell how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    length, ends, _flags, _address = socket.recv_fds(line, 4, 2)
    request = b""
    while len(request) < int.from_bytes(length, "big"):
        request += line.recv(65536)
    child = os.fork()
    if child == 0:
        line.close()
        become(ends, **json.loads(request))
    for end in ends:
        os.close(end)
    line.sendall(f"{child}\n".encode())
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with suppress(BrokenPipeError):
        line.sendall(f"{code}\n".encode())
    os._exit(0)


def become(ends: list[int], command: list[str], env: dict[str, str], cwd: str, given: str) -> None:
    with tempfile.TemporaryFile() as asked:
        asked.write(given.encode())
        asked.seek(0)
        for number, end in enumerate([asked.fileno(), *ends]):
            os.dup2(end, number)
    sys.stdin = os.fdopen(0, encoding="utf-8")
    for number, name in enumerate(("stdout", "stderr"), start=1):
        setattr(sys, name, os.fdopen(number, "w", encoding="utf-8", buffering=1))
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    sys.path[:0] = [part for part in env.get("PYTHONPATH", "").split(os.pathsep) if part]
    code = 0
    try:
        if command[0] == "-m":
            sys.argv = command[1:]
            runpy.run_module(command[1], run_name="__main__", alter_sys=True)
        else:
            sys.argv = command
            runpy.run_path(command[0], run_name="__main__")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:  # noqa: BLE001 - whatever ends it is shown, as Python does
        sys.excepthook(*sys.exc_info())
        code = 1
    os._exit(_finished(code))


def _finished(code: int) -> int:
    """What Python does as it ends."""
    import atexit
    import threading

    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    return code


if __name__ == "__main__":
    serve(sys.argv[1])
