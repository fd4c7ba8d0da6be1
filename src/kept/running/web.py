"""`kept web`: gunicorn on kept's pages. Sync processes with a few threads each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from kept.running.lifeline import end_with_parent
from kept.running.logs import logging_settings
from kept.running.metrics import forget_process, prepare_folder
from kept.running.paths import home_folder
from kept.running.processes import refuse_taken_port
from kept.running.settings import Settings

__all__ = ["run_web"]

CONNECT_SECONDS = 5
STATEMENT_SECONDS = 60
THREADS = 4  # a page waits for the database most of its time
SHARED_MEMORY = Path("/dev/shm")


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        for name, value in _options(self.settings).items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        _bound_waiting()
        from kept.running.wsgi import application

        return application


def _options(settings: Settings) -> dict[str, Any]:
    host = f"[{settings.web_host}]" if ":" in settings.web_host else settings.web_host
    return {
        "bind": f"{host}:{settings.web_port}",
        "workers": settings.web_workers,
        "worker_class": "gthread",
        "threads": THREADS,
        "timeout": 120,
        "graceful_timeout": 20,
        "loglevel": "warning",
        "proc_name": "kept-web",
        # Its heartbeat files must not wait for a busy disk.
        "worker_tmp_dir": str(SHARED_MEMORY) if SHARED_MEMORY.is_dir() else None,
        "control_socket_disable": True,
        "logconfig_dict": logging_settings(settings.log_level),
        "child_exit": _forget,
    }


def _bound_waiting() -> None:
    """A page never hangs on the database: it is told that it is away, and may be asked again."""
    from django.db import connections

    options = connections.settings["default"]["OPTIONS"]
    options.setdefault("connect_timeout", CONNECT_SECONDS)
    options.setdefault("options", f"-c statement_timeout={STATEMENT_SECONDS}s -c lock_timeout=10s")


def _forget(arbiter: Any, process: Any) -> None:
    forget_process(process.pid)


def run_web(settings: Settings) -> None:
    """Serve until a signal ends it."""
    end_with_parent()
    refuse_taken_port(settings.web_host, settings.web_port)
    prepare_folder(home_folder(settings))
    _Server(settings).run()
