"""Teams and seats: who works, with which skills, for how many minutes a day."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.store.events import append_event
from kept.store.models import Creditor, Seat, Team
from kept.work.changes import row_to_change, save_with_event
from kept.work.permissions import Permission, require_house
from kept.work.refusals import refuse

__all__ = ["do_save_seat", "do_save_team"]

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
    seat_id: int | None = None,
    now: datetime,
) -> Seat:
    """Add or change a seat; without creditors it serves all of them."""
    require_house(actor, Permission.SEAT_CHANGE)
    row = row_to_change(Seat, seat_id)
    refuse(seat_errors(skills=skills, creditor_ids=creditor_ids, minutes_per_day=minutes_per_day))
    values = {
        "code": code,
        "team_id": team_id,
        "user_id": user_id,
        "skills": list(skills),
        "languages": list(languages),
        "minutes_per_day": minutes_per_day,
        "active": active,
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
