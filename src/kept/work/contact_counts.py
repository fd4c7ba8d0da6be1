"""Who was contacted how often, and how near each of them is to a cap of the law."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Count as Counted
from django.db.models import Max, Q
from django.db.models.functions import TruncDate

from kept.core.actors import Actor, Reach
from kept.core.attempts import CONVERSATIONS, Channel
from kept.core.calendar import instant_of
from kept.core.law.grounds import Judged
from kept.core.law.rules import Kind, Part, Rule
from kept.store.models import Attempt, Case, Debtor
from kept.store.visibility import visible_rows
from kept.work.cases import visible_case
from kept.work.changes import not_there
from kept.work.permissions import Permission, require
from kept.work.situations import IntendedContact, NoEngagement, consider

__all__ = [
    "CapUse",
    "ContactDay",
    "ContactDays",
    "ContactedPerson",
    "get_contact_days",
    "list_contacted",
]

SHOWN: Final = 25


@dataclass(frozen=True, slots=True)
class CapUse:
    """How much of a cap is used up: `used` of `most` in the window of today."""

    rule: Rule
    part: Part
    used: int

    @property
    def per_cent(self) -> int:
        return min(100, self.used * 100 // self.part.most)


@dataclass(frozen=True, slots=True)
class ContactedPerson:
    """A debtor with the outbound attempts of some days; `caps` are those of a call, fullest first.

    `caps` is None where they cannot be told: no open case, or nobody holds the mandate.
    """

    debtor_id: int
    case_id: int | None
    name: str
    creditor_name: str
    attempts: int
    conversations: int
    inbound: int
    last_at: datetime
    caps: tuple[CapUse, ...] | None


@dataclass(frozen=True, slots=True)
class ContactDay:
    """Attempts of one local day, one channel and one outcome ('' while there is none)."""

    day: date
    channel: str
    outcome: str
    inbound: bool
    attempts: int


@dataclass(frozen=True, slots=True)
class ContactDays:
    """The newest day first; `caps` as in `ContactedPerson`."""

    case_id: int
    name: str
    days: tuple[ContactDay, ...]
    caps: tuple[CapUse, ...] | None


def list_contacted(actor: Actor, *, days: int, now: datetime) -> tuple[ContactedPerson, ...]:
    """The debtors who were contacted most in the last days, the most first."""
    within = require(actor, Permission.CONTACT_COUNT)
    rows = _counted(within, now - timedelta(days=days), now)
    ids = [row["debtor_id"] for row in rows]
    debtors = {
        each.pk: each for each in Debtor.objects.select_related("creditor").filter(pk__in=ids)
    }
    cases = _open_cases(within, ids)
    return tuple(_person(within, row, debtors[row["debtor_id"]], cases, now) for row in rows)


def _counted(within: Reach, since: datetime, now: datetime) -> Sequence[Mapping[str, Any]]:
    talked = [str(each) for each in CONVERSATIONS]
    made = Attempt.objects.filter(
        started_at__gt=since,
        started_at__lte=now,
        debtor__in=visible_rows(Debtor, within).filter(erased_at__isnull=True),
    )
    rows = made.values("debtor_id").annotate(
        attempts=Counted("id", filter=Q(inbound=False)),
        conversations=Counted("id", filter=Q(outcome__in=talked)),
        inbound=Counted("id", filter=Q(inbound=True)),
        last_at=Max("started_at"),
    )
    return list(rows.order_by("-attempts", "debtor_id")[:SHOWN])


def _open_cases(within: Reach, debtor_ids: Sequence[int]) -> dict[int, int]:
    rows = visible_rows(Case, within).filter(debtor_id__in=debtor_ids, closed_on__isnull=True)
    return dict(rows.order_by("pk").values_list("debtor_id", "pk"))


def _person(
    within: Reach,
    row: Mapping[str, Any],
    debtor: Debtor,
    cases: Mapping[int, int],
    now: datetime,
) -> ContactedPerson:
    case_id = cases.get(debtor.pk)
    return ContactedPerson(
        debtor_id=debtor.pk,
        case_id=case_id,
        name=debtor.name,
        creditor_name=debtor.creditor.name,
        attempts=row["attempts"],
        conversations=row["conversations"],
        inbound=row["inbound"],
        last_at=row["last_at"],
        caps=None if case_id is None else _caps(within, case_id, now),
    )


def get_contact_days(actor: Actor, case_id: int, *, days: int, now: datetime) -> ContactDays:
    """How often the debtor of a case was contacted, by day of the creditor's place."""
    within = require(actor, Permission.CONTACT_COUNT)
    case = visible_case(within, case_id)
    if case is None:
        raise not_there()
    zone = ZoneInfo(case.creditor.zone)
    made = Attempt.objects.filter(
        debtor_id=case.debtor_id, started_at__gt=now - timedelta(days=days), started_at__lte=now
    )
    rows = made.annotate(day=TruncDate("started_at", tzinfo=zone)).values(
        "day", "channel", "outcome", "inbound"
    )
    counted = rows.annotate(attempts=Counted("id")).order_by(
        "-day", "channel", "inbound", "outcome"
    )
    return ContactDays(
        case_id=case.pk,
        name=case.debtor.name,
        days=tuple(ContactDay(**row) for row in counted),
        caps=_caps(within, case.pk, now) if case.closed_on is None else None,
    )


def _caps(within: Reach, case_id: int, now: datetime) -> tuple[CapUse, ...] | None:
    """The caps of a call to the debtor, the fullest first."""
    wanted = IntendedContact(case_id=case_id, channel=Channel.CALL, minute=instant_of(now))
    try:
        judged = consider(within, wanted).judge()
    except NoEngagement:
        return None
    return tuple(sorted(_uses(judged), key=lambda each: (-each.per_cent, each.rule.id)))


def _uses(judged: Judged) -> Iterator[CapUse]:
    for rule in judged.book.rules:
        for part in rule.parts:
            if part.kind is Kind.SPACING and part.key in judged.counts:
                yield CapUse(rule, part, judged.counts[part.key].in_window)
