"""The thresholds of instalment plans: how long, how strictly judged, how much of what is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from kept.core.lending.affordability import HALF
from kept.core.lending.rates import NANO
from kept.core.lending.schedules import MONTHS_MOST

__all__ = ["PlanPolicy", "plan_policy_fault", "plan_policy_of", "plan_policy_values"]


@dataclass(frozen=True, slots=True)
class PlanPolicy:
    """`share_nano` of what is left after living costs may go into instalments (half by default).

    `months_most` is never above 60, as the law of card debts says. `rate_nano` is the yearly rate
    of a plan, 0 for none; `unit_minor` to what instalments are rounded. `figures_days`: how old the
    figures of a household may be. `living_costs` is an id of packs/money/living_costs.yaml; empty:
    that of the debtor's country in the currency of the plan.
    """

    tolerance_days: int = 3
    tolerance_minor: int = 0
    share_nano: int = HALF
    months_most: int = MONTHS_MOST
    rate_nano: int = 0
    unit_minor: int = 100
    offer_days: int = 14
    figures_days: int = 90
    re_ages_most: int = 1
    holiday_months_most: int = 3
    living_costs: str = ""


def plan_policy_of(values: Mapping[str, Any]) -> PlanPolicy:
    """The defaults with what was set; a name that is none is left out."""
    names = {each.name for each in fields(PlanPolicy)}
    return PlanPolicy(**{name: value for name, value in values.items() if name in names})


def plan_policy_values(policy: PlanPolicy) -> dict[str, Any]:
    return asdict(policy)


def plan_policy_fault(policy: PlanPolicy) -> str | None:
    """The name of the first value that makes no sense."""
    within = {
        "tolerance_days": 60,
        "tolerance_minor": 10**9,
        "rate_nano": NANO,
        "offer_days": 365,
        "figures_days": 3_650,
        "re_ages_most": 20,
        "holiday_months_most": 24,
    }
    for name, most in within.items():
        if not 0 <= getattr(policy, name) <= most:
            return name
    if not 0 < policy.share_nano <= NANO:
        return "share_nano"
    if not 1 <= policy.months_most <= MONTHS_MOST:
        return "months_most"
    return None if 1 <= policy.unit_minor <= 10**6 else "unit_minor"
