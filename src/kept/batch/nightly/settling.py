"""First stage of the night: what a day's passing does to cases and buckets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any

from kept.batch.nightly.chunks import work_in_order
from kept.batch.nightly.comparing import standing_before
from kept.batch.stages import Progress
from kept.store.cases import Turn, share_cases
from kept.store.models import Run
from kept.store.nights import IdRange, Night, debtor_ranges, settle_range

__all__ = ["settle"]


def settle(run: Run, night: Night, size: int, progress: Progress) -> Mapping[str, Any]:
    """Bring every debtor of the creditor to the business date; the moves between buckets, summed.

    Only the night moves buckets. Cases are also settled by intake and by postings, so what became
    of them since the last night is not counted here but in `comparing`.
    """
    last_account_id = standing_before(night).last_account_id
    ranges = {each.first_id // size: each for each in debtor_ranges(night.creditor_id, size)}

    def work(debtors: IdRange, turn: Turn) -> Mapping[str, Any]:
        return settle_range(night, debtors, last_account_id, turn)

    # In order: new cases must get the same numbers every time, since the plan breaks ties by them.
    share = partial(share_cases, night.creditor_id)
    results = work_in_order(run, "settled", ranges, share, work, progress, "debtors")
    moves: Counter[str] = Counter()
    for result in results:
        moves.update(result["moves"])
    return {
        "accounts": sum(result["accounts"] for result in results),
        "moves": dict(sorted(moves.items())),
    }
