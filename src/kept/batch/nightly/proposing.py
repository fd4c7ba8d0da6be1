"""The stage of the night that turns facts into what each case could get: proposed, lawful, valued.

It is kept in the run's own table until it is priced: ids, codes and figures, nothing personal.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl
from django.db import transaction

from kept.batch.nightly.chunks import work_chunks
from kept.batch.nightly.offering import Offered, channels_of, offered
from kept.batch.nightly.permitting import asked_minute
from kept.batch.stages import Progress
from kept.core.strategies import Strategy
from kept.core.values import Rates
from kept.packs.rates import load_rates
from kept.store.facts import CaseRange, case_ranges
from kept.store.models import Creditor, Run
from kept.store.night_offers import make_offers, write_offers
from kept.store.nights import Night, write_refused
from kept.work.arm_places import place_debtors

__all__ = ["propose"]

_COUNTS = ("cases", "held", "with_proposal", "with_option", "worth_something")
_HOLDS = ("contact_hold", "treatment_hold", "dealing_hold")


def propose(
    run: Run, night: Night, strategy: Strategy, size: int, progress: Progress
) -> Mapping[str, Any]:
    """Propose for every open case; returns the cases by bucket and currency."""
    ranges = {each.first_id // size: each for each in case_ranges(night.creditor_id, size)}
    minute = asked_minute(night)
    rates = load_rates().rates_in(Creditor.objects.get(pk=night.creditor_id).currency)
    place_debtors(strategy, ranges.values(), on=night.on, now=night.now)
    with transaction.atomic():
        make_offers(run.pk, len(strategy.treatments), len(channels_of(strategy)))

    def work(cases: CaseRange) -> Mapping[str, Any]:
        found = offered(night, strategy, cases, minute, rates)
        write_offers(night.run_id, found.offers)
        write_refused(night, found.law.refused)
        return _told(found, rates)

    results = work_chunks(run, "proposed", ranges, work, progress, "cases")
    return {
        # A chunk that a release before this one did has no count of proposals.
        **{name: sum(result.get(name, 0) for result in results) for name in _COUNTS},
        "refused": _added(result["refused"] for result in results),
        "without_rate": _added(result["without_rate"] for result in results),
        "buckets": _summed(row for result in results for row in result["buckets"]),
    }


def _told(found: Offered, rates: Rates) -> Mapping[str, Any]:
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
