"""Kept rates by creditor, team or collector, of the promises due in a period, as of any day.

The definitions are those of `core/agreements/promises.py` `promise_rates`: over promises due and
matured, what is pending and cancelled apart, each currency for itself.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction

from kept.core.actors import Actor
from kept.core.agreements.promises import promise_rates
from kept.store.models import Creditor, Team
from kept.work.promise_lists import PromiseOutcomeView, get_promise_outcomes

__all__ = ["By", "RatesView", "list_promise_rates"]


class By(StrEnum):
    CREDITOR = "creditor"
    TEAM = "team"
    COLLECTOR = "collector"


@dataclass(frozen=True, slots=True)
class RatesView:
    """The measures of one creditor, team or collector in one currency; None: nothing matured.

    `key` is a creditor's code, a team's code or the name under which the promises were taken; ""
    where a promise was taken by no team. `cancelled` counts by reason.
    """

    key: str
    currency: str
    due_count: int
    due_minor: int
    rates: Mapping[str, Fraction | int | None]
    cancelled: Mapping[str, int]


def list_promise_rates(
    *,
    actor: Actor,
    by: By,
    first: date,
    last: date,
    as_of: date,
    known_at: datetime,
    creditor_codes: Collection[str] = (),
) -> tuple[RatesView, ...]:
    """One row for each key and currency that has a promise due in the period, in their order."""
    found = get_promise_outcomes(
        actor=actor,
        first=first,
        last=last,
        as_of=as_of,
        known_at=known_at,
        creditor_codes=creditor_codes,
    )
    names = _names(by, found)
    grouped: dict[tuple[str, str], list[PromiseOutcomeView]] = defaultdict(list)
    for each in found:
        grouped[_key(by, each, names), each.currency].append(each)
    return tuple(
        _rates(key, code, mine, first, last) for (key, code), mine in sorted(grouped.items())
    )


def _names(by: By, found: Collection[PromiseOutcomeView]) -> Mapping[int, str]:
    if by is By.CREDITOR:
        ids = {each.creditor_id for each in found}
        return dict(Creditor.objects.filter(pk__in=ids).values_list("pk", "code"))
    if by is By.TEAM:
        teams = {each.team_id for each in found if each.team_id is not None}
        return dict(Team.objects.filter(pk__in=teams).values_list("pk", "code"))
    return {}


def _key(by: By, each: PromiseOutcomeView, names: Mapping[int, str]) -> str:
    if by is By.CREDITOR:
        return names[each.creditor_id]
    if by is By.TEAM:
        return "" if each.team_id is None else names[each.team_id]
    return each.taken_by


def _rates(
    key: str, code: str, mine: Collection[PromiseOutcomeView], first: date, last: date
) -> RatesView:
    judged = [each.judged for each in mine]
    inside = [each for each in mine if first <= each.judged.promise.due_on <= last]
    return RatesView(
        key,
        code,
        len(inside),
        sum(each.judged.promise.amount_minor for each in inside),
        promise_rates(judged, first, last),
        Counter(each.end_reason for each in inside if each.judged.state.value == "cancelled"),
    )
