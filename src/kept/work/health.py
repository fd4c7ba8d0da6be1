"""How the house stands: the database, the queue, the runs, and statements that take long.

Figures only, no row of a debtor; what the machine and the installation look like is asked of
`kept.running` by the faces.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kept.core.actors import Actor
from kept.store.queries import load
from kept.work.permissions import Permission, require_house

__all__ = ["HouseHealth", "SlowStatement", "Table", "get_health", "get_house_figures"]

LARGEST_TABLES = 12
SLOW_STATEMENTS = 20
SLOW_MILLISECONDS = 50.0


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    size_bytes: int
    rows_about: int
    rows_dead: int


@dataclass(frozen=True, slots=True)
class SlowStatement:
    """A statement without its constants, and what one call of it took in milliseconds."""

    statement_id: str
    text: str
    calls: int
    mean_ms: float
    most_ms: float
    total_ms: float


@dataclass(frozen=True, slots=True)
class HouseHealth:
    """`statements` is None where the server keeps no statistics of statements."""

    database: Mapping[str, Any]
    jobs: tuple[Mapping[str, Any], ...]
    runs: tuple[Mapping[str, Any], ...]
    tables: tuple[Table, ...]
    statements: tuple[SlowStatement, ...] | None


def get_health(actor: Actor, *, now: datetime) -> HouseHealth:
    """All of it, for who looks after the whole house."""
    require_house(actor, Permission.HEALTH_READ)
    sql = load("health")
    return HouseHealth(
        database=sql["database"].rows()[0],
        jobs=tuple(sql["jobs"].rows({"now": now})),
        runs=tuple(sql["runs"].rows()),
        tables=tuple(Table(**row) for row in sql["tables"].rows({"limit": LARGEST_TABLES})),
        statements=_slow_statements(),
    )


def get_house_figures(actor: Actor, *, now: datetime) -> HouseHealth:
    """What is cheap enough to be asked every few seconds: no sizes of tables, no statements."""
    require_house(actor, Permission.HEALTH_READ)
    sql = load("health")
    return HouseHealth(
        database={**sql["database"].rows()[0], **sql["open_cases"].rows()[0]},
        jobs=tuple(sql["jobs"].rows({"now": now})),
        runs=tuple(sql["runs"].rows()),
        tables=(),
        statements=None,
    )


def _slow_statements() -> tuple[SlowStatement, ...] | None:
    sql = load("health")
    if not sql["has_statements"].rows()[0]["is_there"]:
        return None
    rows = sql["slow_statements"].rows({"least_ms": SLOW_MILLISECONDS, "limit": SLOW_STATEMENTS})
    return tuple(
        SlowStatement(
            statement_id=row["statement_id"],
            text=" ".join(row["query"].split()),
            calls=row["calls"],
            mean_ms=row["mean_ms"],
            most_ms=row["most_ms"],
            total_ms=row["total_ms"],
        )
        for row in rows
    )
