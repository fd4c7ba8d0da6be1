"""The stage of the night that turns facts into what each case could get: proposed, lawful, valued.

It is kept in the run's own table until it is priced: ids, codes and figures, nothing personal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from kept.batch.deciding.offering import channels_of
from kept.batch.deciding.telling import add_told, told_of
from kept.batch.nightly.chunks import work_chunks
from kept.batch.nightly.offering import offered
from kept.batch.nightly.permitting import asked_minute
from kept.batch.stages import Progress
from kept.core.strategies import Strategy
from kept.packs.rates import load_rates
from kept.store.facts import CaseRange, case_ranges
from kept.store.models import Creditor, Run
from kept.store.night_offers import make_offers, write_offers
from kept.store.nights import Night, write_refused
from kept.work.arm_places import place_debtors

__all__ = ["propose"]


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
        return told_of(found, rates)

    return add_told(work_chunks(run, "proposed", ranges, work, progress, "cases"))
