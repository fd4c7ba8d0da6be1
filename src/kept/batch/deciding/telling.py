"""What the offers of some cases come to, in numbers for JSON, and these numbers added up."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import polars as pl

from kept.batch.deciding.offering import Offered
from kept.core.values import Rates

__all__ = ["add_told", "told_of"]

_COUNTS: Final = ("cases", "held", "with_proposal", "with_option", "worth_something")
_HOLDS: Final = ("contact_hold", "treatment_hold", "dealing_hold")


def told_of(found: Offered, rates: Rates) -> Mapping[str, Any]:
    return {
        "cases": len(found.facts),
        "held": int(found.facts.select(pl.any_horizontal(*_HOLDS).sum()).item() or 0),
        "with_proposal": found.with_proposal,
        "with_option": found.with_option,
        "worth_something": len(found.offers),
        "refused": found.law.by_rule,
        "without_rate": found.without_rate(rates),
        "buckets": _by_bucket(found.facts),
    }


def add_told(told: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """All of it together, cases by bucket and currency too."""
    return {
        # A chunk that a release before this one did has no count of proposals.
        **{name: sum(each.get(name, 0) for each in told) for name in _COUNTS},
        "refused": _added(each["refused"] for each in told),
        "without_rate": _added(each["without_rate"] for each in told),
        "buckets": _summed(row for each in told for row in each["buckets"]),
    }


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
