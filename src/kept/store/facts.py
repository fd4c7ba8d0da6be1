"""The facts of cases out of the tables: a frame for many, a mapping for one, by one statement.

One column a fact of `core.facts` that a strategy may read, filled by `sql/facts.sql`; beside them
stand the ids, the currency and the seat, which are no facts. History by treatment is joined as
`days_since_<treatment>`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import polars as pl

from kept.core.attempts import REACHED, Outcome
from kept.core.facts import CATALOGUE, CURRENCY_COLUMN, FactType, Use
from kept.core.strategies import history_fact
from kept.store.fact_accruals import with_accrued
from kept.store.frames import read_frame
from kept.store.queries import Query, load

__all__ = [
    "CASE_COLUMNS",
    "CaseRange",
    "CaseSet",
    "CasesAsked",
    "case_ranges",
    "facts_of_case",
    "load_facts",
]

#: What stands beside the facts: whose case it is and where it lies. Seat 0 is none.
CASE_COLUMNS: Final[Mapping[str, Any]] = {
    "case_id": pl.Int64,
    "debtor_id": pl.Int64,
    "creditor_id": pl.Int64,
    "seat_id": pl.Int64,
    CURRENCY_COLUMN: pl.String,
}
_DTYPES: Final[Mapping[FactType, Any]] = {
    FactType.INTEGER: pl.Int64,
    FactType.MONEY: pl.Int64,
    FactType.BOOLEAN: pl.Boolean,
    FactType.CATEGORY: pl.String,
    FactType.DATE: pl.Date,
}
_SCHEMA: Final[Mapping[str, Any]] = {
    **CASE_COLUMNS,
    **{fact.name: _DTYPES[fact.type] for fact in CATALOGUE.for_use(Use.STRATEGY).values()},
}
_HISTORY: Final = {"case_id": pl.Int64, "treatment": pl.String, "days_since": pl.Int64}

_REACHED: Final = sorted(REACHED)
# An outcome travels through `max` as its place in this list, below the second it happened.
_OUTCOMES: Final = [str(each) for each in Outcome]


@dataclass(frozen=True, slots=True)
class CaseRange:
    """Cases of one creditor by id, from `first_id` up to `end_id` (exclusive)."""

    creditor_id: int
    first_id: int
    end_id: int

    @property
    def scope(self) -> str:
        return "range"

    @property
    def parameters(self) -> dict[str, Any]:
        return {
            "creditor_id": self.creditor_id,
            "first_id": self.first_id,
            "end_id": self.end_id,
        }


@dataclass(frozen=True, slots=True)
class CaseSet:
    """Some cases of one creditor by their ids: what the day asks about."""

    creditor_id: int
    case_ids: tuple[int, ...]

    @property
    def scope(self) -> str:
        return "some"

    @property
    def parameters(self) -> dict[str, Any]:
        return {"creditor_id": self.creditor_id, "case_ids": list(self.case_ids)}


CasesAsked = CaseRange | CaseSet


def case_ranges(creditor_id: int, size: int) -> list[CaseRange]:
    """Ranges of `size` ids each that together hold every open case."""
    bounds = load("facts")["id_bounds"].rows({"creditor_id": creditor_id})[0]
    if bounds["first_id"] is None:
        return []
    starts = range(bounds["first_id"] // size * size, bounds["last_id"] + 1, size)
    return [CaseRange(creditor_id, start, start + size) for start in starts]


def load_facts(
    cases: CasesAsked,
    *,
    as_of: date,
    known_at: datetime,
    treatments: Iterable[str] = (),
    strategy: str = "",
    only: Collection[str] | None = None,
) -> pl.DataFrame:
    """One row for each case of the range that is open on the day, in no particular order.

    `strategy` is the code by which arms are drawn. `only` names the facts to read: the others are
    not even computed.
    """
    parameters = {**cases.parameters, "salt": strategy}
    return _load(cases.scope, parameters, as_of, known_at, tuple(treatments), only)


def facts_of_case(
    case_id: int,
    *,
    as_of: date,
    known_at: datetime,
    treatments: Iterable[str] = (),
    strategy: str = "",
) -> dict[str, Any] | None:
    """The same row for one case, or None when it is not open on the day."""
    one = {"case_id": case_id, "salt": strategy}
    frame = _load("one", one, as_of, known_at, tuple(treatments))
    return frame.to_dicts()[0] if len(frame) else None


def _load(
    scope: str,
    parameters: Mapping[str, Any],
    as_of: date,
    known_at: datetime,
    treatments: Sequence[str],
    only: Collection[str] | None = None,
) -> pl.DataFrame:
    at = {**parameters, "as_of": as_of, "known_at": known_at, "reached": _REACHED}
    at |= {"outcomes": _OUTCOMES}
    schema = _SCHEMA if only is None else _schema_of(only)
    frame = read_frame(_facts_query(scope, schema), at, schema)
    frame = with_accrued(frame, as_of, known_at)
    history = read_frame(load("facts")["treatment_history"].scoped(scope), at, _HISTORY)
    for code in treatments:
        since = history.filter(pl.col("treatment") == code).select(
            "case_id", pl.col("days_since").alias(history_fact(code))
        )
        frame = frame.join(since, on="case_id", how="left")
    return frame


def _schema_of(only: Collection[str]) -> Mapping[str, Any]:
    return {name: kind for name, kind in _SCHEMA.items() if name in CASE_COLUMNS or name in only}


def _facts_query(scope: str, columns: Iterable[str]) -> Query:
    """The planner leaves out every part of the statement that none of the columns needs."""
    positions = load("ledger")["positions"].scoped("chosen").text
    facts = load("facts")["case_facts"].scoped(scope)
    text = facts.text.replace("/* positions */", positions)
    return Query(
        facts.name,
        facts.description,
        f"SELECT {', '.join(columns)} FROM (\n{text}\n) AS facts",  # noqa: S608
    )
