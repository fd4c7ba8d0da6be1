"""First stage of the night: what a day's passing does to cases and buckets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from kept.batch.nightly.chunks import work_chunks
from kept.batch.stages import Progress
from kept.store.models import Run
from kept.store.nights import IdRange, Night, debtor_ranges, settle_range

__all__ = ["settle"]


def settle(run: Run, night: Night, size: int, progress: Progress) -> Mapping[str, Any]:
    """Bring every debtor of the creditor to the business date; what changed, summed."""
    ranges = {each.first_id // size: each for each in debtor_ranges(night.creditor_id, size)}

    def work(debtors: IdRange) -> Mapping[str, Any]:
        return settle_range(night, debtors)

    results = work_chunks(run, "settled", ranges, work, progress, "debtors")
    names = ("accounts", "opened", "entered", "gathered", "left", "closed")
    moves: Counter[str] = Counter()
    for result in results:
        moves.update(result["moves"])
    return {
        **{name: sum(result[name] for result in results) for name in names},
        "moves": dict(sorted(moves.items())),
    }
