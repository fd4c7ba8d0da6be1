"""What must always hold, as named queries (sql/invariants.sql), for `kept doctor` and the tests."""

from __future__ import annotations

from dataclasses import dataclass

from kept.store.queries import load

__all__ = ["Broken", "Invariant", "check_invariants", "list_invariants"]

#: How many of the rows that break an invariant are shown.
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Invariant:
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Broken:
    """An invariant that does not hold, with the first rows that break it."""

    invariant: Invariant
    rows: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.invariant.name}: {', '.join(self.rows)}"


def list_invariants() -> list[Invariant]:
    queries = load("invariants").queries.values()
    return [Invariant(q.name, q.description.removeprefix("-- ")) for q in queries]


def check_invariants() -> list[Broken]:
    """Run all of them; an empty list is good."""
    found = ((invariant, _breaking(invariant.name)) for invariant in list_invariants())
    return [Broken(invariant, rows) for invariant, rows in found if rows]


def _breaking(name: str) -> tuple[str, ...]:
    query = load("invariants")[name]
    limited = type(query)(query.name, query.description, f"{query.text}\nLIMIT {SHOWN}")
    return tuple(row["what"] for row in limited.rows())
