"""Teams and seats: who works, with which skills, when; absences, blocks, conflicts, extra time.

A change that leaves open work with a seat that cannot do it any more is refused until whoever makes
it has seen that: then that work goes back to the pile, each case with an event.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.core.calendar import CalendarError
from kept.core.dealing_policy import GRADE_MOST
from kept.core.seats import Shift, shift_fault
from kept.store.calendars import business_calendar
from kept.store.cases import lock_cases
from kept.store.dealings import return_to_pile
from kept.store.events import append_event
from kept.store.models import Creditor, LegalEntity, Seat, Task, Team
from kept.work.changes import row_to_change, save_with_event
from kept.work.permissions import Permission, require_house
from kept.work.refusals import Refusal, refuse

__all__ = ["SeatTerms", "count_stranded", "do_save_seat", "do_save_team", "seat_errors"]

_SKILL = re.compile(r"[a-z][a-z0-9_]{0,31}")


@transaction.atomic
def do_save_team(
    *,
    actor: Actor,
    code: str,
    name: str,
    legal_entity_id: int | None = None,
    team_id: int | None = None,
    now: datetime,
) -> Team:
    """Add or change a team; of a legal entity it is made of the people of that company."""
    require_house(actor, Permission.SEAT_CHANGE)
    row = row_to_change(Team, team_id)
    values = {"code": code, "name": name.strip(), "legal_entity_id": legal_entity_id}
    return save_with_event(actor=actor, noun="team", row=row, values=values, now=now)


@dataclass(frozen=True, slots=True)
class SeatTerms:
    """What a seat is and when it works; see the columns of `Seat`.

    `shifts` are (weekday, first minute, end minute).
    """

    kind: str = Seat.Kind.PERSON
    legal_entity_id: int | None = None
    grade: int = 1
    shifts: tuple[tuple[int, int, int], ...] = ()
    calendar: str = ""
    caseload_limit: int | None = None


@transaction.atomic
def do_save_seat(
    *,
    actor: Actor,
    code: str,
    team_id: int,
    user_id: int | None = None,
    skills: Sequence[str],
    languages: Sequence[str] = (),
    creditor_ids: Collection[int] = (),
    minutes_per_day: int = 420,
    active: bool = True,
    terms: SeatTerms | None = None,
    returns_tasks: bool = False,
    seat_id: int | None = None,
    now: datetime,
) -> Seat:
    """Add or change a seat; without creditors it serves all of them, without terms they stay.

    Open tasks that it could not do any more go back to the pile with `returns_tasks`, and without
    it nothing is changed: the refusal says how many there are.
    """
    require_house(actor, Permission.SEAT_CHANGE)
    _lock_work(seat_id)
    row = row_to_change(Seat, seat_id)
    refuse(seat_errors(skills=skills, creditor_ids=creditor_ids, minutes_per_day=minutes_per_day))
    refuse({} if terms is None else terms_errors(terms))
    if seat_id is not None:
        _return_stranded(actor, row, skills, creditor_ids, active, returns_tasks, now)
    values = {
        "code": code,
        "team_id": team_id,
        "user_id": user_id,
        "skills": list(skills),
        "languages": list(languages),
        "minutes_per_day": minutes_per_day,
        "active": active,
        **({} if terms is None else _columns(terms)),
    }
    seat = save_with_event(actor=actor, noun="seat", row=row, values=values, now=now)
    _set_creditors(actor, seat, creditor_ids, now)
    return seat


def seat_errors(
    *, skills: Sequence[str], creditor_ids: Collection[int], minutes_per_day: int
) -> dict[str, str]:
    errors = {}
    if not 0 <= minutes_per_day <= 1440:
        errors["minutes_per_day"] = _("A day has 1440 minutes.")
    if any(not _SKILL.fullmatch(skill) for skill in skills):
        errors["skills"] = _("A skill has small letters, digits and _, at most 32, a letter first.")
    if Creditor.objects.filter(pk__in=creditor_ids).count() < len(set(creditor_ids)):
        errors["creditors"] = _("One of these creditors does not exist.")
    return errors


def terms_errors(terms: SeatTerms) -> dict[str, str]:
    """What is wrong with the terms of a seat, by input."""
    errors = {}
    if terms.kind not in Seat.Kind.values:
        errors["kind"] = _("Choose one of: %s.") % ", ".join(Seat.Kind.values)
    company_id = terms.legal_entity_id
    is_company = company_id is not None and LegalEntity.objects.filter(pk=company_id).exists()
    if (terms.kind == Seat.Kind.AGENCY) != is_company:
        errors["legal_entity"] = _("An outside agency is a company; no other seat names one.")
    if not 1 <= terms.grade <= GRADE_MOST:
        errors["grade"] = _("A grade is a number from 1 to %(most)s.") % {"most": GRADE_MOST}
    if shift_fault(tuple(Shift(*each) for each in terms.shifts)):
        errors["shifts"] = _("A shift ends after it begins, and shifts of a day do not overlap.")
    if terms.calendar and not _is_known(terms.calendar):
        errors["calendar"] = _("No holidays are known for this country; two letters such as CN.")
    return errors


def _is_known(country: str) -> bool:
    try:
        business_calendar(country, 2026, 2026)
    except CalendarError:
        return False
    return True


def _columns(terms: SeatTerms) -> dict[str, object]:
    return {**asdict(terms), "shifts": [list(each) for each in terms.shifts]}


def count_stranded(
    *, actor: Actor, seat_id: int, skills: Sequence[str] | None, creditor_ids: Collection[int] = ()
) -> int:
    """How many open tasks of the seat it could not do any more; all with `skills` None."""
    require_house(actor, Permission.SEAT_CHANGE)
    rows = Task.objects.filter(seat_id=seat_id, state=Task.State.OPEN)
    if skills is None:
        return rows.count()
    able = rows.filter(skill__in=skills)
    if creditor_ids:
        able = able.filter(creditor_id__in=creditor_ids)
    return rows.count() - able.count()


def _lock_work(seat_id: int | None) -> None:
    """Before the seat's own row: a dealing has the cases first and the seats second."""
    if seat_id is None:
        return
    rows = Task.objects.filter(seat_id=seat_id, state=Task.State.OPEN).order_by("creditor_id")
    for creditor_id in rows.values_list("creditor_id", flat=True).distinct():
        lock_cases(creditor_id)


def _return_stranded(
    actor: Actor,
    row: Seat,
    skills: Sequence[str],
    creditor_ids: Collection[int],
    active: bool,
    returns_tasks: bool,
    now: datetime,
) -> None:
    kept = list(skills) if active else None
    stranded = count_stranded(actor=actor, seat_id=row.pk, skills=kept, creditor_ids=creditor_ids)
    if not stranded:
        return
    if not returns_tasks:
        told = _(
            "%(count)s open tasks lie with this seat that it could not do any more. Say that they"
            " may go back to the pile: they are dealt again with the next dealing."
        )
        raise Refusal(told % {"count": stranded}, {"returns_tasks": told % {"count": stranded}})
    return_to_pile(
        row.pk,
        why="seat_changed" if active else "seat_withdrawn",
        skills=kept,
        creditor_ids=sorted(set(creditor_ids)),
        actor=actor,
        on=now.date(),
        now=now,
    )


def _set_creditors(actor: Actor, seat: Seat, creditor_ids: Collection[int], now: datetime) -> None:
    before = sorted(seat.creditors.values_list("pk", flat=True))
    after = sorted(set(creditor_ids))
    if before == after:
        return
    seat.creditors.set(after)
    append_event(
        actor=actor,
        action="seat.set_creditors",
        subject=f"seat:{seat.pk}",
        body={"before": before, "after": after},
        now=now,
    )
