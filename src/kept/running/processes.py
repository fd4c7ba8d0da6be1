"""`kept up`: the database, the web server and the worker as one, with one clean shutdown.

The children run in process groups of their own, so that Ctrl-C in a terminal reaches only this
process, which ends them in order: children first, then the database where this process started it.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from kept.running.database import embedded_cluster, ensure_database
from kept.running.errors import ProcessError, RunningError
from kept.running.lifeline import PARENT
from kept.running.settings import Settings

__all__ = ["refuse_taken_port", "run_up"]

STOP_SECONDS = 30  # a request or a job may finish; then the process is killed
LOOK_SECONDS = 0.2
TEND_SECONDS = 3.0
WATCHED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)


def run_up(settings: Settings, environ: Mapping[str, str], *, stops_database: bool = False) -> int:
    """Run everything until a signal or the end of a child; returns the exit code.

    The embedded database is stopped at the end where this call started it, or with
    `stops_database`: for a command that started it shortly before.
    """
    refuse_taken_port(settings.web_host, settings.web_port)
    with _signals() as arrivals:
        was_started = ensure_database(settings).was_started or stops_database
        try:
            return _run_children(settings, Children(dict(environ), arrivals))
        finally:
            if was_started and settings.database_url is None:
                embedded_cluster(settings).stop()


def _run_children(settings: Settings, children: Children) -> int:
    try:
        children.start("migrate")
        code = children.watch(until_ended="migrate")
        if code is None:
            children.start("web")
            children.start("worker")
            if children.watch(until_open=(settings.web_host, settings.web_port)) is None:
                print(f"kept is at {_address(settings)} — end it with Ctrl-C.", flush=True)
            code = children.watch(tend=lambda: _revive_database(settings))
        return code or 0
    finally:
        children.stop()


def _revive_database(settings: Settings) -> None:
    """Start the embedded database again where it died; one that was stopped stays so."""
    if settings.database_url is not None:
        return
    cluster = embedded_cluster(settings)
    if cluster.has_died():
        print("kept: the database ended by itself and is started again.", file=sys.stderr)
        try:
            cluster.ensure()
        except RunningError as error:  # a full disk, for one: whoever makes room need do no more
            print(f"kept: {error}", file=sys.stderr)


def _address(settings: Settings) -> str:
    host = f"[{settings.web_host}]" if ":" in settings.web_host else settings.web_host
    return f"http://{host}:{settings.web_port}/"


@dataclass
class Children:
    """The child processes by the name of their command, and the signals that arrived."""

    environ: dict[str, str]
    arrivals: socket.socket
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    ending: int | None = None

    def start(self, command: str) -> None:
        if self.ending is None:
            self.running[command] = subprocess.Popen(
                [sys.executable, "-m", "kept.cli", command],
                env=self.environ | {PARENT: str(os.getpid())},
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def watch(
        self,
        *,
        until_ended: str = "",
        until_open: tuple[str, int] | None = None,
        tend: Callable[[], None] | None = None,
    ) -> int | None:
        """Wait; the exit code when it is time to end, None when what was waited for happened.

        `tend` is called every few seconds.
        """
        while self.ending is None:
            seconds = LOOK_SECONDS if until_open else TEND_SECONDS if tend else None
            self._take_signals(seconds)
            if tend is not None and self.ending is None:
                tend()
            for command, process in list(self.running.items()):
                code = process.poll()
                if code is None:
                    continue
                del self.running[command]
                if command == until_ended and code == 0:
                    return None
                self._end_because_of(command, code)
            if until_open and _is_open(*until_open):
                return None
        return self.ending

    def stop(self) -> None:
        """End all children: SIGTERM, and SIGKILL for those that do not end in time."""
        for process in self.running.values():
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in self.running.values():
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _kill_group(process)
        self.running.clear()

    def _take_signals(self, seconds: float | None) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self.arrivals, selectors.EVENT_READ)
            if not selector.select(seconds):
                return
        arrived = set(self.arrivals.recv(4096))
        if arrived - {signal.SIGCHLD} and self.ending is None:
            self.ending = 0

    def _end_because_of(self, command: str, code: int) -> None:
        if self.ending is None:
            self.ending = 128 - code if code < 0 else code or 1
            how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
            print(f"kept: `kept {command}` {how}; everything is shut down.", file=sys.stderr)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def _signals() -> Iterator[socket.socket]:
    """A socket on which the numbers of arriving signals can be read; none interrupts a step."""
    receiver, sender = socket.socketpair()
    for each in (receiver, sender):
        each.setblocking(False)
    handlers = {each: signal.signal(each, _note) for each in WATCHED}
    wakeup = signal.set_wakeup_fd(sender.fileno())
    try:
        yield receiver
    finally:
        signal.set_wakeup_fd(wakeup)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        receiver.close()
        sender.close()


def _note(number: int, frame: object) -> None:
    """The number is in the socket already."""


def _is_open(host: str, port: int) -> bool:
    with suppress(OSError), socket.create_connection((_reachable(host), port), timeout=1):
        return True
    return False


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def refuse_taken_port(host: str, port: int) -> None:
    """Raise `ProcessError` where the pages cannot be served on this address and port."""
    try:
        found: Sequence[tuple] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)  # type: ignore[type-arg]
        family, kind, protocol, _, address = found[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except PermissionError:
        raise ProcessError(
            "Port {port} is reserved for root: set KEPT_WEB_PORT to a port from 1024 on.",
            port=port,
        ) from None
    except OSError as error:
        if error.errno == 98 or "in use" in str(error):
            raise ProcessError(
                "Port {port} on {host} is in use by another program: end that program, or set "
                "KEPT_WEB_PORT to another port.",
                port=port,
                host=host,
            ) from None
        raise ProcessError(
            "kept cannot serve on {host} ({reason}): set KEPT_WEB_HOST to an address of "
            "this machine, for example 127.0.0.1.",
            host=host,
            reason=error.strerror,
        ) from None
