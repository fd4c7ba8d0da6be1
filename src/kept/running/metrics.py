"""Metrics in Prometheus' text form: requests of all web processes, and the state of the house.

Web processes count in files that they share (`var/metrics`), so that any of them answers for all.
What the database knows better (queues, cases, the last night) is read when it is asked for, through
`register_source`, which faces call: this module knows no tables.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

__all__ = [
    "FOLDER_VARIABLE",
    "Gauge",
    "count_request",
    "forget_process",
    "prepare_folder",
    "register_source",
    "render_metrics",
]

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Gauge:
    """One figure as it is now; `labels` in the order of their names."""

    name: str
    about: str
    value: float
    labels: tuple[tuple[str, str], ...] = ()


_sources: list[Callable[[], Iterable[Gauge]]] = []


def register_source(source: Callable[[], Iterable[Gauge]]) -> None:
    """Let `source` give its figures at each reading; registering it again changes nothing."""
    if source not in _sources:
        _sources.append(source)


def prepare_folder(home: Path) -> None:
    """Make the shared folder empty and name it; before the client library is first imported."""
    folder = home / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    os.environ[FOLDER_VARIABLE] = str(folder)


@lru_cache(maxsize=1)
def _instruments() -> tuple[Any, Any]:
    from prometheus_client import Counter, Histogram

    requests = Counter(
        "kept_requests_total", "Requests answered.", ["method", "route", "status_code"]
    )
    seconds = Histogram(
        "kept_request_seconds", "Seconds until a request was answered.", ["route"], buckets=_SECONDS
    )
    return requests, seconds


def count_request(method: str, route: str, status_code: int, seconds: float) -> None:
    requests, spent = _instruments()
    requests.labels(method if method in _METHODS else "other", route, str(status_code)).inc()
    spent.labels(route).observe(seconds)


def forget_process(pid: int) -> None:
    """A web process ended: its gauges go, its counters stay."""
    if FOLDER_VARIABLE in os.environ:
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(pid)  # type: ignore[no-untyped-call]


def render_metrics() -> tuple[bytes, str]:
    """The body and its content type."""
    from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = CollectorRegistry()
    if FOLDER_VARIABLE in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry = REGISTRY
    return generate_latest(registry) + _gauge_lines(), CONTENT_TYPE_LATEST


def _gauge_lines() -> bytes:
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client import Gauge as Instrument

    registry = CollectorRegistry()
    made: dict[str, Any] = {}
    for source in _sources:
        for figure in source():
            if figure.name not in made:
                names = [name for name, _ in figure.labels]
                made[figure.name] = Instrument(figure.name, figure.about, names, registry=registry)
            instrument = made[figure.name]
            if figure.labels:
                instrument = instrument.labels(*(text for _, text in figure.labels))
            instrument.set(figure.value)
    return bytes(generate_latest(registry))
