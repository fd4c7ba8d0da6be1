"""Is it alive, is it ready, how does it stand: for machines that watch and for administrators.

`live` needs nothing but this process; `ready` asks the database; neither says more than that to
who is not signed in. The page shows figures and slow statements, and no debtor.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from kept.core.actors import Actor, job
from kept.desk.access import DeskRequest, page
from kept.running.doctor import check_installation, check_variables
from kept.running.metrics import Gauge, register_source, render_metrics
from kept.store.cipher import CipherError
from kept.store.key_check import check_data_key
from kept.work.health import HouseHealth, get_health, get_house_figures
from kept.work.permissions import Permission

__all__ = ["health", "health_live", "health_ready", "metrics"]

APP = "store"
BEARER = "Bearer "


@require_safe
@never_cache
def health_live(request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return JsonResponse({"state": "live"})


@require_safe
@never_cache
def health_ready(request: HttpRequest) -> HttpResponse:
    """Requests can be answered: the database does, its tables are ours, the key opens it."""
    reason = _why_not_ready()
    if reason:
        return JsonResponse({"state": "not_ready", "reason": reason}, status=503)
    return JsonResponse({"state": "ready"})


def _why_not_ready() -> str:
    try:
        check_data_key()
        return "" if _has_all_tables() else "migrations_pending"
    except CipherError:
        return "wrong_data_key"
    except (DatabaseError, InterfaceError):
        return "database_away"


def _has_all_tables() -> bool:
    applied = MigrationRecorder(connection).migration_qs.filter(app=APP, name=_newest_migration())
    return bool(applied.exists())


@lru_cache(maxsize=1)
def _newest_migration() -> str:
    return str(MigrationLoader(None).graph.leaf_nodes(APP)[0][1])


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text form, for who holds the token; without a token there is no such page."""
    if not _holds_token(request):
        raise Http404
    register_source(_gauges)
    body, content_type = render_metrics()
    return HttpResponse(body, content_type=content_type)


def _holds_token(request: HttpRequest) -> bool:
    token: str | None = settings.KEPT.metrics_token
    given = request.headers.get("Authorization", "")
    return bool(token) and constant_time_compare(given, BEARER + str(token))


def _gauges() -> Iterator[Gauge]:
    figures = get_house_figures(_watcher(), now=timezone.now())
    database = figures.database
    yield Gauge("kept_database_bytes", "Size of the database.", database["size_bytes"])
    yield Gauge("kept_database_connections", "Connections in use.", database["connections"])
    yield Gauge(
        "kept_database_connections_most", "Connections allowed.", database["connections_most"]
    )
    yield Gauge(
        "kept_database_oldest_transaction_seconds",
        "Age of the oldest open transaction.",
        database["oldest_seconds"],
    )
    yield Gauge("kept_open_cases", "Cases that are open.", database["cases"])
    yield from _queue_gauges(figures)


def _queue_gauges(figures: HouseHealth) -> Iterator[Gauge]:
    for row in figures.jobs:
        labels = (("state", row["state"]),)
        yield Gauge("kept_jobs", "Jobs of the queue by state.", row["jobs"], labels)
        if row["state"] == "todo":
            yield Gauge(
                "kept_jobs_oldest_seconds", "Age of the oldest waiting job.", row["oldest_seconds"]
            )
    for row in figures.runs:
        labels = (("kind", row["kind"]), ("state", row["state"]))
        yield Gauge("kept_runs", "Runs by kind and state.", row["runs"], labels)
        newest = row["newest"].timestamp()
        yield Gauge("kept_run_newest_seconds", "When the newest run began.", newest, labels)


def _watcher() -> Actor:
    return job("metrics")


@page(Permission.HEALTH_READ)
def health(request: DeskRequest) -> HttpResponse:
    """The page of an administrator: what is checked, how much there is, what takes long."""
    checks = [*check_variables(os.environ), *check_installation(settings.KEPT)]
    found = get_health(request.actor, now=request.now)
    shown = {"checks": checks, "health": found, "faults": sum(not each.is_fine for each in checks)}
    return render(request, "desk/health.html", shown)
