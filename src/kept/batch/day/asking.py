"""What the day goes by: the creditor's last night, and what some of its cases could get now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import polars as pl

from kept.batch.deciding.offering import channels_of
from kept.batch.nightly.offering import offered
from kept.batch.nightly.permitting import asked_minute
from kept.batch.nightly.running import KIND, business_date_of
from kept.batch.stages import stage_result
from kept.core.actors import job
from kept.core.strategies import Strategy, proposed_column
from kept.packs.rates import load_rates
from kept.store.facts import CaseSet
from kept.store.models import Creditor, Run
from kept.store.nights import Night
from kept.store.offer_columns import lawful_name, value_name
from kept.work.arm_places import place_debtors
from kept.work.strategies import strategy_labelled

__all__ = ["Asked", "LastNight", "NightUnderWay", "ask", "last_night"]

_ACTOR: Final = job("day")
_HOLDS: Final = ("treatment_hold", "dealing_hold", "contact_hold")


class NightUnderWay(Exception):
    """The creditor's night is being run: the day decides when it has ended."""


@dataclass(frozen=True, slots=True)
class LastNight:
    """The newest night that is done, with what it fixed and found."""

    run_id: int
    creditor: Creditor
    on: date
    now: datetime
    strategy: Strategy
    prices: Mapping[str, int]
    prepared: Mapping[str, Any]

    def night(self, at: datetime) -> Night:
        """The day as a night: on the creditor's date, never before the night's own."""
        on = max(self.on, business_date_of(self.creditor, at))
        return Night(self.run_id, self.creditor.pk, on, max(at, self.now), _ACTOR)


@dataclass(frozen=True, slots=True)
class Asked:
    """What one case could get now. `values` are those of its lawful proposals by position;
    `lawful` the minute by channel, `refused` the deciding rules by channel; `proposed` what the
    strategy and the law let pass, whatever it is worth."""

    case_id: int
    facts: Mapping[str, Any]
    values: Mapping[int, int]
    required_priority: int
    lawful: Mapping[str, int]
    refused: Mapping[str, Sequence[str]]
    proposed: frozenset[int]

    @property
    def is_held(self) -> bool:
        return any(self.facts[name] for name in _HOLDS)

    @property
    def bars_contact_only(self) -> bool:
        return not (self.facts["treatment_hold"] or self.facts["dealing_hold"])


def last_night(creditor_id: int) -> LastNight | None:
    """None where no night is done yet. Raises `NightUnderWay`."""
    nights = Run.objects.filter(kind=KIND, creditor_id=creditor_id)
    if nights.filter(state=Run.State.RUNNING).exists():
        raise NightUnderWay(NightUnderWay.__doc__)
    done = nights.filter(state=Run.State.DONE).select_related("creditor")
    run = done.order_by("-business_date").first()
    if run is None or run.creditor is None or run.business_date is None:
        return None
    told = run.result.get("price", {}).get("resources", ())
    return LastNight(
        run_id=run.pk,
        creditor=run.creditor,
        on=run.business_date,
        now=run.now,
        strategy=strategy_labelled(run.parameters["strategy"]),
        prices={row["resource"]: int(row["price"]) for row in told},
        prepared=stage_result(run, "prepared") or {},
    )


def ask(last: LastNight, case_ids: Sequence[int], at: datetime) -> dict[int, Asked]:
    """By case; one that is not open any more is left out."""
    night, strategy = last.night(at), last.strategy
    cases = CaseSet(last.creditor.pk, tuple(sorted(case_ids)))
    rates = load_rates().rates_in(last.creditor.currency)
    place_debtors(strategy, [cases], on=night.on, now=night.now)
    found = offered(night, strategy, cases, asked_minute(night), rates)
    offers = {row["case_id"]: row for row in found.offers.to_dicts()}
    refused = _refused(found.law.refused)
    proposed = _proposed(strategy, found.law.proposed)
    return {
        row["case_id"]: _asked(
            strategy,
            row,
            offers.get(row["case_id"], {}),
            refused.get(row["case_id"], {}),
            proposed.get(row["case_id"], frozenset()),
        )
        for row in found.facts.to_dicts()
    }


def _asked(
    strategy: Strategy,
    facts: Mapping[str, Any],
    offer: Mapping[str, Any],
    refused: Mapping[str, Sequence[str]],
    proposed: frozenset[int],
) -> Asked:
    required = int(offer.get("required", -1))
    values = {
        place: int(offer[value_name(place)])
        for place in range(len(strategy.treatments))
        if offer.get(value_name(place)) is not None
    }
    minutes = {
        channel: int(offer[lawful_name(place)])
        for place, channel in enumerate(channels_of(strategy))
        if offer.get(lawful_name(place)) is not None
    }
    return Asked(
        case_id=facts["case_id"],
        facts=facts,
        values={required: 0} if required >= 0 else values,
        required_priority=int(offer.get("required_priority", 0)),
        lawful=minutes,
        refused=refused,
        proposed=proposed,
    )


def _refused(rows: pl.DataFrame) -> dict[int, dict[str, Sequence[str]]]:
    found: dict[int, dict[str, Sequence[str]]] = {}
    for case_id, channel, rules in rows.select("case_id", "channel", "rule_ids").iter_rows():
        found.setdefault(case_id, {})[channel] = rules
    return found


def _proposed(strategy: Strategy, rows: pl.DataFrame) -> dict[int, frozenset[int]]:
    names = [proposed_column(each) for each in strategy.treatments]
    return {
        case_id: frozenset(place for place, is_proposed in enumerate(row) if is_proposed)
        for case_id, *row in rows.select("case_id", *names).iter_rows()
    }
