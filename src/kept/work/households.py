"""What a household can carry: income, costs and dependants as told in a talk, and the instalment.

The figures are a dated record of the person, sealed with the person's key; the newest one that is
not too old by the creditor's policy counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.core.agreements.plan_policy import PlanPolicy
from kept.core.lending.affordability import (
    Affordable,
    Budget,
    LivingCosts,
    affordable,
    costs_on,
)
from kept.packs.living_costs import load_living_costs
from kept.store.models import Debtor, HouseholdFigures
from kept.store.person_keys import open_personal
from kept.work.person_records import Subject, begin_record
from kept.work.refusals import refuse

__all__ = ["Household", "carried_by", "do_record_household"]

_MOST = 10**13


@dataclass(frozen=True, slots=True)
class Household:
    """The figures of a month, and what can be carried by them."""

    record_id: int
    received_at: datetime
    budget: Budget
    carries: Affordable


@transaction.atomic
def do_record_household(
    *,
    actor: Actor,
    debtor_id: int,
    currency: str,
    income_minor: int,
    costs_minor: int = 0,
    dependants: int = 0,
    other_payments_minor: int = 0,
    now: datetime,
) -> int:
    """Record what the debtor said of a month; returns the record's id."""
    figures = {
        "income_minor": income_minor,
        "shown_costs_minor": costs_minor,
        "dependants": dependants,
        "other_payments_minor": other_payments_minor,
    }
    faults = {
        name: _("A whole amount of 0 or more.")
        for name, value in figures.items()
        if not 0 <= value <= (50 if name == "dependants" else _MOST)
    }
    refuse(faults)
    return begin_record(
        HouseholdFigures,
        actor=actor,
        about=Subject(debtor_id),
        received_at=now,
        values={"currency": currency},
        sealed=figures,
        now=now,
    ).pk


def carried_by(
    debtor: Debtor, currency: str, policy: PlanPolicy, on: date, now: datetime
) -> Household | None:
    """What the newest figures in a currency carry; None where none are new enough."""
    rows = HouseholdFigures.objects.filter(
        debtor=debtor,
        currency=currency,
        ended_at__isnull=True,
        received_at__gte=now - timedelta(days=policy.figures_days),
    )
    row = rows.order_by("-received_at", "-pk").first()
    if row is None or row.key_id is None or row.sealed is None:
        return None
    opened = open_personal([(row.key_id, bytes(row.sealed))])[0]
    if opened is None:
        return None
    budget = Budget(
        income_minor=opened["income_minor"],
        dependants=opened["dependants"],
        shown_costs_minor=opened["shown_costs_minor"],
        other_payments_minor=opened["other_payments_minor"],
        share_nano=policy.share_nano,
    )
    costs = _costs(policy, debtor.country, currency, on)
    return Household(row.pk, row.received_at, budget, affordable(budget, costs))


def _costs(policy: PlanPolicy, country: str, currency: str, on: date) -> LivingCosts | None:
    known = load_living_costs()
    if policy.living_costs:
        return costs_on(known, policy.living_costs, on)
    own = [
        each
        for each in known
        if each.country == country and each.currency == currency and each.valid_from <= on
    ]
    return max(own, key=lambda each: each.valid_from, default=None)
