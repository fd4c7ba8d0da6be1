"""Third stage of the night: the proposals dealt to tonight's seats, and written as tasks.

Dealing looks at all proposals at once and is done again by a run that resumes: its input is fixed,
the proposals in the run's table and the seats in its first stage, so it comes out the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import polars as pl

from kept.batch.dealing_frames import Rules, deal_frame, fairness_of_frame
from kept.batch.nightly.chunks import work_in_order
from kept.batch.nightly.preparing import policy_of_night, seats_of
from kept.batch.stages import Progress, stage_result
from kept.core.calendar import day_of_date, instant_of, instant_of_local, utc_datetime
from kept.core.dealing import NO_SEAT
from kept.core.strategies import Strategy, Treatment
from kept.store.cases import Turn, share_cases
from kept.store.dealings import cases_of_conflicts, read_kept_before
from kept.store.facts import CaseRange, case_ranges
from kept.store.models import Creditor, Run
from kept.store.nights import IdRange, Night, read_proposals, write_tasks
from kept.store.zones import offset_table

__all__ = ["deal_proposals", "treatment_rows"]

_DAY = 24 * 60


def deal_proposals(
    run: Run, night: Night, strategy: Strategy, size: int, progress: Progress
) -> Mapping[str, Any]:
    """Deal everything, then write the tasks by ranges of cases."""
    prepared = stage_result(run, "prepared")
    assert prepared is not None, "the stage before has been done"
    seats = seats_of(prepared)
    found = deal_frame(
        _frame(read_proposals(run.pk), strategy), seats, _rules(run, night, prepared)
    )
    dealt = _to_write(found)
    treatments = treatment_rows(strategy, night)
    ranges = {each.first_id // size: each for each in case_ranges(night.creditor_id, size)}

    def work(cases: CaseRange, turn: Turn) -> Mapping[str, Any]:
        within = pl.col("case_id").is_between(cases.first_id, cases.end_id, closed="left")
        return write_tasks(
            night,
            IdRange(cases.first_id, cases.end_id),
            dealt.filter(within),
            strategy=strategy.label,
            treatments=treatments,
            turn=turn,
        )

    # In order: tasks get the same numbers every time.
    share = partial(share_cases, night.creditor_id)
    results = work_in_order(run, "dealt", ranges, share, work, progress, "cases")
    names = ("tasks", "expired", "carried_over")
    counts = {name: sum(result[name] for result in results) for name in names}
    return {**counts, "fairness": fairness_of_frame(found, seats, "found")}


def treatment_rows(strategy: Strategy, night: Night) -> list[dict[str, Any]]:
    """What each position of the strategy stands for tonight, with its times in UTC."""
    zone = Creditor.objects.get(pk=night.creditor_id).zone
    first = instant_of(datetime(night.on.year, night.on.month, night.on.day, tzinfo=UTC)) - _DAY
    latest = max(_last_day(each) for each in strategy.treatments)
    table = offset_table(zone, first, first + (latest + 4) * _DAY)

    def at(days: int, minute: int) -> str:
        day = day_of_date(night.on + timedelta(days=days))
        return utc_datetime(instant_of_local(day * _DAY + minute, table)).isoformat()

    rows = []
    for position, each in enumerate(strategy.treatments):
        escalates = each.escalate_in_days
        rows.append(
            {
                "position": position,
                "code": each.code,
                "stage": each.stage.value,
                "channel": each.channel_code,
                "skill": each.skill,
                "minutes": each.minutes,
                "due_at": at(each.due_in_days, each.due_minute),
                "escalates_at": None if escalates is None else at(escalates, each.due_minute),
            }
        )
    return rows


def _last_day(treatment: Treatment) -> int:
    return max(treatment.due_in_days, treatment.escalate_in_days or 0)


def _frame(proposals: pl.DataFrame, strategy: Strategy) -> pl.DataFrame:
    """The proposals as dealing takes them: `treatment` is a code, `position` its place."""
    parts = pl.DataFrame(
        {
            "treatment": range(len(strategy.treatments)),
            "code": [each.code for each in strategy.treatments],
            "stage": [each.stage.value for each in strategy.treatments],
            "skill": [each.skill for each in strategy.treatments],
            "minutes": [each.minutes for each in strategy.treatments],
        },
        schema_overrides={"treatment": pl.Int64, "minutes": pl.Int64},
    )
    value = pl.col("value") if "value" in proposals.columns else pl.lit(0, dtype=pl.Int64)
    return (
        proposals.join(parts, on="treatment", how="left", maintain_order="left")
        .with_columns(value=value.fill_null(0))
        .rename({"balance": "balance_minor", "overdue_balance": "overdue_minor"})
        .rename({"treatment": "position", "code": "treatment"})
    )


def _rules(run: Run, night: Night, prepared: Mapping[str, Any]) -> Rules:
    conflicts = [(seat, debtor) for seat, debtor in prepared.get("conflicts", ())]
    return Rules(
        creditor_id=night.creditor_id,
        currency=Creditor.objects.get(pk=night.creditor_id).currency,
        policy=policy_of_night(prepared),
        before=read_kept_before(run.pk),
        conflicts=cases_of_conflicts(conflicts),
    )


def _to_write(dealt: pl.DataFrame) -> pl.DataFrame:
    """The columns of a proposal again, with the seat that was found; null where it waits."""
    named = {"balance_minor": "balance", "overdue_minor": "overdue_balance"}
    return (
        dealt.drop("treatment")
        .rename({**named, "position": "treatment"})
        .with_columns(seat_id=pl.when(pl.col("found") != NO_SEAT).then("found"))
    )
