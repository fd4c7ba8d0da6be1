"""Who was contacted how often, and how near each of them is to a cap of the law."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Count as Counted
from django.db.models import F, Max, Q
from django.db.models.functions import Coalesce, TruncDate

from kept.core.actors import Actor, Reach
from kept.core.attempts import CONVERSATIONS, Channel
from kept.core.calendar import instant_of, utc_datetime
from kept.core.law.grounds import Judged
from kept.core.law.rules import Kind, Part, Rule
from kept.store.models import Attempt, Case, Debtor, RelatedPerson
from kept.store.visibility import visible_rows
from kept.work.cases import visible_case
from kept.work.changes import not_there
from kept.work.permissions import Permission, require
from kept.work.situations import Considered, IntendedContact, consider_channels

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
    """A person with the outbound attempts of some days; `caps` of every channel, fullest first.

    `related_id` and `relation` are those of a person tied to the debtor, who is `debtor_name`.
    `caps` is None where they cannot be told: no open case, or nobody holds the mandate.
    """

    debtor_id: int
    case_id: int | None
    related_id: int | None
    relation: str
    name: str
    debtor_name: str
    creditor_name: str
    attempts: int
    conversations: int
    inbound: int
    last_at: datetime
    caps: tuple[CapUse, ...] | None


@dataclass(frozen=True, slots=True)
class ContactDay:
    """Attempts of one local day, person, channel and outcome ('' while there is none).

    `person` is the name of a related person, '' for the debtor.
    """

    day: date
    person: str
    channel: str
    outcome: str
    inbound: bool
    attempts: int


@dataclass(frozen=True, slots=True)
class ContactDays:
    """The newest day first; `people` are the debtor and whoever else was contacted, with caps."""

    case_id: int
    name: str
    days: tuple[ContactDay, ...]
    people: tuple[tuple[str, tuple[CapUse, ...]], ...]


def list_contacted(actor: Actor, *, days: int, now: datetime) -> tuple[ContactedPerson, ...]:
    """The persons who were contacted most in the last days, the most first."""
    within = require(actor, Permission.CONTACT_COUNT)
    rows = _counted(within, now - timedelta(days=days), now)
    ids = [row["debtor_id"] for row in rows]
    debtors = {
        each.pk: each for each in Debtor.objects.select_related("creditor").filter(pk__in=ids)
    }
    related = RelatedPerson.objects.in_bulk([row["related"] for row in rows if row["related"]])
    cases = _open_cases(within, ids)
    asked = [(cases.get(row["debtor_id"]), row["related"]) for row in rows]
    caps = iter(_caps(within, [each for each in asked if each[0] is not None], now))
    return tuple(
        _person(
            row,
            debtors[row["debtor_id"]],
            related.get(row["related"] or 0),
            case_id,
            None if case_id is None else next(caps),
        )
        for row, (case_id, _related) in zip(rows, asked, strict=True)
    )


_RELATED: Final = Coalesce("related_person_id", "contact_point__related_person_id")


def _counted(within: Reach, since: datetime, now: datetime) -> Sequence[Mapping[str, Any]]:
    talked = [str(each) for each in CONVERSATIONS]
    made = Attempt.objects.filter(
        started_at__gt=since,
        started_at__lte=now,
        debtor__in=visible_rows(Debtor, within).filter(erased_at__isnull=True),
    ).annotate(related=_RELATED)
    rows = made.values("debtor_id", "related").annotate(
        attempts=Counted("id", filter=Q(inbound=False)),
        conversations=Counted("id", filter=Q(outcome__in=talked)),
        inbound=Counted("id", filter=Q(inbound=True)),
        last_at=Max("started_at"),
    )
    return list(rows.order_by("-attempts", "debtor_id", "related")[:SHOWN])


def _open_cases(within: Reach, debtor_ids: Sequence[int]) -> dict[int, int]:
    rows = visible_rows(Case, within).filter(debtor_id__in=debtor_ids, closed_on__isnull=True)
    return dict(rows.order_by("pk").values_list("debtor_id", "pk"))


def _person(
    row: Mapping[str, Any],
    debtor: Debtor,
    related: RelatedPerson | None,
    case_id: int | None,
    caps: tuple[CapUse, ...] | None,
) -> ContactedPerson:
    return ContactedPerson(
        debtor_id=debtor.pk,
        case_id=case_id,
        related_id=row["related"],
        relation="" if related is None else str(related.get_relation_display()),
        name=debtor.name if related is None else related.name,
        debtor_name=debtor.name,
        creditor_name=debtor.creditor.name,
        attempts=row["attempts"],
        conversations=row["conversations"],
        inbound=row["inbound"],
        last_at=row["last_at"],
        caps=caps,
    )


def get_contact_days(actor: Actor, case_id: int, *, days: int, now: datetime) -> ContactDays:
    """How often the people of a case were contacted, by day of the creditor's place."""
    within = require(actor, Permission.CONTACT_COUNT)
    case = visible_case(within, case_id)
    if case is None:
        raise not_there()
    zone = ZoneInfo(case.creditor.zone)
    made = Attempt.objects.filter(
        debtor_id=case.debtor_id, started_at__gt=now - timedelta(days=days), started_at__lte=now
    ).annotate(day=TruncDate("started_at", tzinfo=zone), related=_RELATED)
    rows = made.values("day", "related", "channel", "outcome", "inbound")
    counted = list(
        rows.annotate(attempts=Counted("id")).order_by(
            "-day", F("related").asc(nulls_first=True), "channel", "inbound", "outcome"
        )
    )
    found = dict.fromkeys(row["related"] for row in counted if row["related"])
    names = dict(RelatedPerson.objects.filter(pk__in=found).values_list("pk", "name"))
    return ContactDays(
        case_id=case.pk,
        name=case.debtor.name,
        days=tuple(
            ContactDay(
                row["day"],
                names.get(row["related"], ""),
                row["channel"],
                row["outcome"],
                row["inbound"],
                row["attempts"],
            )
            for row in counted
        ),
        people=() if case.closed_on else tuple(_people(within, case, names, now)),
    )


def _people(
    within: Reach, case: Case, names: Mapping[int, str], now: datetime
) -> Iterator[tuple[str, tuple[CapUse, ...]]]:
    everybody: dict[int | None, str] = {None: case.debtor.name}
    everybody.update((each, name) for each, name in names.items())
    found = _caps(within, [(case.pk, each) for each in everybody], now)
    for name, caps in zip(everybody.values(), found, strict=True):
        if caps is not None:
            yield name, caps


#: A contact by each of these is counted by some rule.
_CHANNELS: Final = (
    *(Channel.CALL, Channel.SMS, Channel.EMAIL, Channel.LETTER, Channel.FIELD_VISIT),
)


def _caps(
    within: Reach, asked: Sequence[tuple[int | None, int | None]], now: datetime
) -> list[tuple[CapUse, ...] | None]:
    """The caps of every channel for persons of cases (case, related person), the fullest first."""
    wanted = [
        IntendedContact(
            case_id=case_id or 0, channel="", minute=instant_of(now), related_person_id=related
        )
        for case_id, related in asked
    ]
    return [_fullest(each) for each in consider_channels(within, wanted, _CHANNELS)]


def _fullest(considered: Sequence[Considered]) -> tuple[CapUse, ...] | None:
    if not considered:
        return None
    found: dict[str, CapUse] = {}
    for each in considered:
        for use in _uses(each.judge()):
            known = found.get(use.part.key)
            found[use.part.key] = use if known is None or use.used > known.used else known
    return tuple(sorted(found.values(), key=lambda each: (-each.per_cent, each.rule.id)))


def _uses(judged: Judged) -> Iterator[CapUse]:
    """Caps that bind the contact today: those in force whose condition may stand."""
    today = utc_datetime(judged.verdict.asked).date()
    for rule in judged.book.rules:
        if not (rule.valid_from or date.min) <= today <= (rule.valid_to or date.max):
            continue
        for part in rule.parts:
            if part.kind is Kind.SPACING and part.key in judged.counts and _stands(part, judged):
                yield CapUse(rule, part, judged.counts[part.key].in_window)


def _stands(part: Part, judged: Judged) -> bool:
    """A cap on calls at work says nothing of calls elsewhere."""
    return part.when is None or not part.when.evaluate(judged.grounds.facts).surely_false
