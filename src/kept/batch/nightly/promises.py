"""A stage of the night: promises that ended by themselves, and what the others have come to.

After cases are settled and before facts are read, so that tonight's strategy sees what was broken.
By day the same is done at once after money moved or a hold was placed; the night finds what came by
files, and whose last day is over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from kept.batch.nightly.chunks import work_chunks
from kept.batch.stages import Progress
from kept.store.models import Run
from kept.store.nights import IdRange, Night, debtor_ranges
from kept.store.promises import end_held, judge_stored

__all__ = ["judge_promises_of_night"]


def judge_promises_of_night(
    run: Run, night: Night, size: int, progress: Progress
) -> Mapping[str, Any]:
    """Chunk by chunk of debtors; how many came to which state, and how many were ended."""
    ranges = {each.first_id // size: each for each in debtor_ranges(night.creditor_id, size)}

    def work(debtors: IdRange) -> Mapping[str, Any]:
        given = {
            "creditor_id": night.creditor_id,
            "first_id": debtors.first_id,
            "end_id": debtors.end_id,
        }
        ended = end_held(given, actor=night.actor, as_of=night.on, now=night.now)
        changed = judge_stored(
            "night", given, actor=night.actor, as_of=night.on, now=night.now, batch_id=night.run_id
        )
        states = Counter(each.judged.state.value for each in changed)
        return {"ended": ended, "states": dict(states)}

    results = work_chunks(run, "promised", ranges, work, progress, "debtors")
    states: Counter[str] = Counter()
    for result in results:
        states.update(result["states"])
    ended = sum(result["ended"] for result in results)
    return {"ended": ended, "states": dict(sorted(states.items()))}
