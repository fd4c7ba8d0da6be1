"""The input of a night out of the tables into a snapshot (`batch/deciding/snapshots.py`).

A night that is decided elsewhere writes one on its way; `take_snapshot` writes one for study, of
any day up to today, and changes nothing in the book.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from kept.batch.deciding.permitting import ways_of
from kept.batch.deciding.snapshots import Chunk, Contents, write_chunk, write_contents
from kept.batch.nightly.offering import facts_of
from kept.batch.nightly.permitting import asked_minute, grounds_of
from kept.batch.nightly.preparing import seats_on
from kept.batch.stages import Progress, say_nothing
from kept.batch.trying import one_view
from kept.core.actors import Actor
from kept.core.strategies import Strategy, with_proposals
from kept.store.facts import CaseRange, case_ranges
from kept.store.models import Creditor
from kept.store.night_offers import people_of_cases
from kept.store.nights import Night
from kept.work.capacities import capacities_of
from kept.work.changes import not_there
from kept.work.permissions import Permission, require
from kept.work.strategies import strategy_for, text_labelled

__all__ = ["CASES", "contents_of", "take_chunk", "take_snapshot"]

#: Ids that a chunk spans; what the law rests on is read in one piece for each.
CASES = 25_000


def take_snapshot(
    *,
    actor: Actor,
    creditor: Creditor,
    on: date,
    now: datetime,
    folder: Path,
    progress: Progress = say_nothing,
    cases: int = CASES,
) -> Contents:
    """One view of the book as a snapshot in an empty or new folder; what it holds."""
    if not require(actor, Permission.NIGHT_RUN).reaches_creditor(creditor.pk):
        raise not_there()
    night, strategy = Night(0, creditor.pk, on, now, actor), strategy_for(creditor.pk, on)
    minute = asked_minute(night)
    with one_view():
        ranges = case_ranges(creditor.pk, cases)
        for number, each in enumerate(ranges):
            progress("snapshot", number, len(ranges), "")
            write_chunk(folder, number, take_chunk(night, strategy, each, minute))
        prepared = {
            "seats": seats_on(creditor.pk, on),
            "capacities": dict(capacities_of(creditor.pk, on)),
        }
        contents = contents_of(night, strategy, prepared, list(range(len(ranges))))
    write_contents(folder, contents)
    progress("snapshot", len(ranges), len(ranges), "")
    return contents


def take_chunk(night: Night, strategy: Strategy, cases: CaseRange, minute: int) -> Chunk:
    """A range of cases with everything that deciding on them needs."""
    facts = facts_of(night, strategy, cases)
    ways = ways_of(strategy, with_proposals(strategy, facts))
    asked, grounds = grounds_of(night, cases, ways, minute)
    return Chunk(facts, people_of_cases(cases), asked, grounds)


def contents_of(
    night: Night, strategy: Strategy, prepared: Mapping[str, Any], chunks: list[int]
) -> Contents:
    creditor = Creditor.objects.get(pk=night.creditor_id)
    return Contents(
        creditor=creditor.code,
        business_date=night.on,
        strategy=strategy.label,
        text=text_labelled(strategy.label),
        house=creditor.currency,
        seats=prepared["seats"],
        capacities=prepared["capacities"],
        chunks=chunks,
    )
