"""Third stage of the night: the proposals dealt to tonight's seats, and written as tasks.

Dealing looks at all proposals at once and is done again by a run that resumes: its input is fixed,
the proposals in the run's table and the seats in its first stage, so it comes out the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from kept.batch.nightly.chunks import work_chunks
from kept.batch.nightly.preparing import seats_of
from kept.batch.stages import Progress, stage_result
from kept.core.calendar import day_of_date, instant_of, instant_of_local, utc_datetime
from kept.core.dealing import NO_SEAT, Pile, Seat, Why, deal
from kept.core.strategies import Strategy, Treatment
from kept.store.facts import case_ranges
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
    dealt = _deal(read_proposals(run.pk), strategy, seats_of(prepared), night.creditor_id)
    treatments = treatment_rows(strategy, night)
    ranges = {each.first_id // size: each for each in case_ranges(night.creditor_id, size)}

    def work(cases: Any) -> Mapping[str, Any]:
        within = pl.col("case_id").is_between(cases.first_id, cases.end_id, closed="left")
        return write_tasks(
            night,
            IdRange(cases.first_id, cases.end_id),
            dealt.filter(within),
            strategy=strategy.label,
            treatments=treatments,
        )

    results = work_chunks(run, "dealt", ranges, work, progress, "cases")
    names = ("tasks", "expired", "carried_over")
    return {name: sum(result[name] for result in results) for name in names}


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


def _deal(
    proposals: pl.DataFrame, strategy: Strategy, seats: Sequence[Seat], creditor_id: int
) -> pl.DataFrame:
    found = deal(_pile(proposals, strategy, creditor_id), seats)
    seat_before = pl.col("seat_id")
    dealt = proposals.with_columns(pl.Series("found", found.seat_id), pl.Series("why", found.why))
    reason = pl.lit(None, dtype=pl.String)
    for why in Why:
        reason = (
            pl.when(pl.col("why") == why.value).then(_reason(why, seat_before)).otherwise(reason)
        )
    return dealt.with_columns(
        reason=reason,
        seat_id=pl.when(pl.col("found") != NO_SEAT).then("found"),
    )


def _reason(why: Why, seat_before: pl.Expr) -> pl.Expr:
    """`core.dealing.dealing_reason` as a column of JSON text."""
    bare = pl.lit(f'{{"dealing":"{why.name.lower()}"}}')
    if why in (Why.KEPT, Why.MOST_ROOM):
        return bare
    named = pl.format(f'{{{{"dealing":"{why.name.lower()}","seat_before":{{}}}}}}', seat_before)
    return pl.when(seat_before != NO_SEAT).then(named).otherwise(bare)


def _pile(proposals: pl.DataFrame, strategy: Strategy, creditor_id: int) -> Pile:
    skills = tuple(sorted({each.skill for each in strategy.treatments}))
    languages = tuple(proposals["language"].drop_nulls().unique().sort())
    skill_of = np.array([skills.index(each.skill) for each in strategy.treatments], dtype=np.int64)
    minutes_of = np.array([each.minutes for each in strategy.treatments], dtype=np.int64)
    treatment = proposals["treatment"].to_numpy()
    places = {language: place for place, language in enumerate(languages)}
    language = proposals["language"].replace_strict(places, default=-1, return_dtype=pl.Int64)
    return Pile(
        task_id=proposals["case_id"].to_numpy(),
        priority=proposals["priority"].to_numpy(),
        minutes=minutes_of[treatment],
        skill=skill_of[treatment],
        language=language.to_numpy(),
        creditor_id=np.full(len(proposals), creditor_id, dtype=np.int64),
        seat_id=proposals["seat_id"].to_numpy(),
        skills=skills,
        languages=languages,
    )
