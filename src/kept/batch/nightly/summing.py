"""Last stage of the night: what it came to, as a manager asks for it (`Run.result`).

Everything is counted from what the stages wrote, so a resumed night sums up like an undisturbed
one. Money is by currency and in minor units; nothing in it names a debtor.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from kept.batch.nightly.comparing import compare, night_before
from kept.batch.stages import stage_result
from kept.core.strategies import Strategy
from kept.store.models import Run
from kept.store.nights import Night, summarise_dealing, summarise_tasks

__all__ = ["sum_up"]


#: What the next night is held against (`work/night_reports.py`).
_COMPARED: Final = (
    "business_date",
    "strategy",
    "cases",
    "tasks",
    "dealt",
    "waiting",
    "held",
    "without_treatment",
    "refused",
    "refused_contacts",
    "minutes_used",
    "minutes_available",
    "buckets",
)
_CERTIFICATE: Final = ("currency", "value", "bound", "gap_parts", "resources")


def sum_up(run: Run, night: Night, strategy: Strategy) -> Mapping[str, Any]:
    """The night's result, held against the night before."""
    prepared, settled, promised, proposed, priced, dealt = (
        stage_result(run, stage) or {}
        for stage in ("prepared", "settled", "promised", "proposed", "priced", "dealt")
    )
    rows = _in_order(summarise_tasks(run.pk), strategy)
    result = {
        "business_date": night.on.isoformat(),
        "strategy": strategy.label,
        "cases": proposed["cases"],
        "held": proposed["held"],
        "refused": proposed["refused"],
        "refused_contacts": sum(proposed["refused"].values()),
        "without_treatment": proposed["cases"] - priced["chosen"],
        "without_option": proposed["cases"] - proposed["with_option"],
        **_without_option(proposed),
        "worth_nothing": proposed["with_option"] - proposed["worth_something"],
        "no_capacity": proposed["worth_something"] - priced["chosen"],
        "without_rate": proposed["without_rate"],
        "price": priced,
        "buckets": _cases_by_bucket(proposed["buckets"]),
        "cases_by_bucket": proposed["buckets"],
        "tasks": sum(row["tasks"] for row in rows),
        "dealt": sum(row["dealt"] for row in rows),
        "waiting": sum(row["waiting"] for row in rows),
        "treatments": {row["treatment"]: row["tasks"] for row in rows},
        "tasks_by_treatment": rows,
        "dealing": summarise_dealing(run.pk),
        "seats": len(prepared["seats"]),
        "minutes_available": sum(seat["minutes"] for seat in prepared["seats"]),
        "minutes_used": sum(row["dealt_minutes"] for row in rows),
        **compare(night),
        **_moves(settled["moves"]),
        "promises": promised,
        "expired": dealt["expired"],
        "carried_over": dealt["carried_over"],
        "fairness": dealt.get("fairness", []),
    }
    return {**result, "before": _figures_before(night)}


def _without_option(proposed: Mapping[str, Any]) -> dict[str, int]:
    """The cases without an option, told apart; not where a release before counted no proposals."""
    if proposed.get("with_proposal", 0) < proposed["with_option"]:
        return {}
    return {
        "nothing_proposed": proposed["cases"] - proposed["with_proposal"],
        "nothing_lawful": proposed["with_proposal"] - proposed["with_option"],
    }


def _in_order(rows: Sequence[dict[str, Any]], strategy: Strategy) -> list[dict[str, Any]]:
    places = {each.code: place for place, each in enumerate(strategy.treatments)}
    return sorted(rows, key=lambda row: places[row["treatment"]])


def _cases_by_bucket(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Cases by bucket, whatever their currency; JSON wants text for keys."""
    counts: Counter[int] = Counter()
    for row in rows:
        counts[row["bucket"]] += row["cases"]
    return {str(bucket): counts[bucket] for bucket in sorted(counts)}


def _moves(moves: Mapping[str, int]) -> dict[str, Any]:
    """Accounts that went to a worse, a better, and the best bucket; new ones went nowhere yet."""
    steps = [
        (*(int(part) for part in key.split(">")), count)
        for key, count in moves.items()
        if not key.startswith("new>")
    ]
    return {
        "rolled_forward": sum(count for before, after, count in steps if after > before),
        "rolled_back": sum(count for before, after, count in steps if 0 < after < before),
        "cured": sum(count for before, after, count in steps if after == 0),
        "moves": dict(moves),
    }


def _figures_before(night: Night) -> Mapping[str, Any] | None:
    """The figures of the creditor's last finished night, to be compared with."""
    last = night_before(night)
    if last is None:
        return None
    found = {name: last.result[name] for name in _COMPARED if name in last.result}
    if "price" in last.result:
        price = last.result["price"]
        found["price"] = {name: price[name] for name in _CERTIFICATE if name in price}
    return found
