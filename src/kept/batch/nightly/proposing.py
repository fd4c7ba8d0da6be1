"""Second stage of the night: facts into columns, proposals, and one treatment for each case.

Only what was decided is kept, in the run's own table: ids, codes and figures, nothing personal.
Law and price join between `with_proposals` and `with_decisions`; see `core/deciding.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from kept.batch.nightly.chunks import work_chunks
from kept.batch.stages import Progress
from kept.core.deciding import NOTHING, with_decisions
from kept.core.strategies import Strategy, with_proposals
from kept.store.facts import CaseRange, case_ranges, load_facts
from kept.store.models import Run
from kept.store.nights import Night, write_proposals

__all__ = ["propose"]

_HOLDS = ("contact_hold", "treatment_hold", "dealing_hold")


def propose(
    run: Run, night: Night, strategy: Strategy, size: int, progress: Progress
) -> Mapping[str, Any]:
    """Propose for every open case; returns the cases by bucket and currency."""
    ranges = {each.first_id // size: each for each in case_ranges(night.creditor_id, size)}

    def work(cases: CaseRange) -> Mapping[str, Any]:
        return _propose_range(night, strategy, cases)

    results = work_chunks(run, "proposed", ranges, work, progress, "cases")
    return {
        "cases": sum(result["cases"] for result in results),
        "held": sum(result["held"] for result in results),
        "proposals": sum(result["proposals"] for result in results),
        "buckets": _summed(row for result in results for row in result["buckets"]),
    }


def _propose_range(night: Night, strategy: Strategy, cases: CaseRange) -> Mapping[str, Any]:
    codes = [treatment.code for treatment in strategy.treatments]
    facts = load_facts(
        cases, as_of=night.on, known_at=night.now, treatments=codes, strategy=strategy.code
    )
    proposed: pl.DataFrame = with_proposals(strategy, facts)
    decided: pl.DataFrame = with_decisions(strategy, proposed)
    chosen = decided.filter(pl.col("treatment") != NOTHING)
    write_proposals(night.run_id, chosen)
    return {
        "cases": len(facts),
        "held": int(facts.select(pl.any_horizontal(*_HOLDS).sum()).item() or 0),
        "proposals": len(chosen),
        "buckets": _by_bucket(facts),
    }


def _by_bucket(facts: pl.DataFrame) -> list[dict[str, Any]]:
    grouped = facts.group_by("currency", "bucket").agg(
        pl.len().cast(pl.Int64).alias("cases"),
        pl.col("balance").sum().alias("balance_minor"),
        pl.col("overdue_balance").sum().alias("overdue_minor"),
    )
    return grouped.sort("currency", "bucket").to_dicts()


def _summed(rows: Iterable[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    found: dict[tuple[str, int], dict[str, Any]] = defaultdict(
        lambda: {"cases": 0, "balance_minor": 0, "overdue_minor": 0}
    )
    for row in rows:
        total = found[row["currency"], row["bucket"]]
        for name in total:
            total[name] += row[name]
    return [
        {"currency": currency, "bucket": bucket, **found[currency, bucket]}
        for currency, bucket in sorted(found)
    ]
