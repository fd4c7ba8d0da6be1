"""Second stage of the night: facts into columns, proposals, and one treatment for each case.

Only what was decided is kept, in the run's own table: ids, codes and figures, nothing personal.
Law joins between `with_proposals` and `with_decisions` (`permitting`), and price will.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from kept.batch.nightly.chunks import work_chunks
from kept.batch.nightly.permitting import Permitted, asked_minute, permitted
from kept.batch.stages import Progress
from kept.core.deciding import NOTHING, with_decisions
from kept.core.strategies import Strategy, with_proposals
from kept.store.facts import CaseRange, case_ranges, load_facts
from kept.store.models import Run
from kept.store.nights import IdRange, Night, write_proposals, write_refused

__all__ = ["propose"]

_HOLDS = ("contact_hold", "treatment_hold", "dealing_hold")


def propose(
    run: Run, night: Night, strategy: Strategy, size: int, progress: Progress
) -> Mapping[str, Any]:
    """Propose for every open case; returns the cases by bucket and currency."""
    ranges = {each.first_id // size: each for each in case_ranges(night.creditor_id, size)}

    minute = asked_minute(night)

    def work(cases: CaseRange) -> Mapping[str, Any]:
        return _propose_range(night, strategy, cases, minute)

    results = work_chunks(run, "proposed", ranges, work, progress, "cases")
    return {
        "cases": sum(result["cases"] for result in results),
        "held": sum(result["held"] for result in results),
        "proposals": sum(result["proposals"] for result in results),
        "refused": _added(result["refused"] for result in results),
        "buckets": _summed(row for result in results for row in result["buckets"]),
    }


def _propose_range(
    night: Night, strategy: Strategy, cases: CaseRange, minute: int
) -> Mapping[str, Any]:
    codes = [treatment.code for treatment in strategy.treatments]
    facts = load_facts(
        cases, as_of=night.on, known_at=night.now, treatments=codes, strategy=strategy.code
    )
    proposed: pl.DataFrame = with_proposals(strategy, facts)
    law = permitted(night, strategy, IdRange(cases.first_id, cases.end_id), proposed, minute)
    decided: pl.DataFrame = with_decisions(strategy, law.proposed)
    chosen = decided.filter(pl.col("treatment") != NOTHING)
    write_proposals(night.run_id, _with_lawful_times(strategy, chosen, law))
    write_refused(night, law.refused)
    return {
        "cases": len(facts),
        "held": int(facts.select(pl.any_horizontal(*_HOLDS).sum()).item() or 0),
        "proposals": len(chosen),
        "refused": law.by_rule,
        "buckets": _by_bucket(facts),
    }


def _with_lawful_times(strategy: Strategy, chosen: pl.DataFrame, law: Permitted) -> pl.DataFrame:
    """The minute from which each treatment is lawful; null for one that reaches nobody."""
    channels = {place: each.channel_code for place, each in enumerate(strategy.treatments)}
    channel = pl.col("treatment").replace_strict(channels, return_dtype=pl.String)
    return chosen.with_columns(channel=channel).join(
        law.lawful, on=["case_id", "channel"], how="left", maintain_order="left"
    )


def _added(counts: Iterable[Mapping[str, int]]) -> Mapping[str, int]:
    found: Counter[str] = Counter()
    for each in counts:
        found.update(each)
    return dict(sorted(found.items()))


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
