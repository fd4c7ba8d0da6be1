"""What a person is or lives through, who speaks for them, and in which language they speak."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.store.models import (
    Circumstance,
    Debtor,
    Hardship,
    RelatedPerson,
    Representation,
    Vulnerability,
)
from kept.store.visibility import visible_rows
from kept.work.changes import not_there
from kept.work.creditors import country_error, language_error, zone_error
from kept.work.permissions import Permission, require
from kept.work.person_records import Subject, begin_record, end_record, tell_of_person
from kept.work.refusals import refuse

__all__ = [
    "do_end_circumstance",
    "do_end_hardship",
    "do_end_representation",
    "do_end_vulnerability",
    "do_record_circumstance",
    "do_record_hardship",
    "do_record_language",
    "do_record_representation",
    "do_record_vulnerability",
]

_PLACES: Final = frozenset({Circumstance.Kind.RESIDENCE, Circumstance.Kind.PRESENT_PLACE})
_REGION: Final = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")


@transaction.atomic
def do_record_circumstance(
    *,
    actor: Actor,
    about: Subject,
    kind: str,
    received_at: datetime,
    status: str = "",
    country: str = "",
    region: str = "",
    zone: str = "",
    place: str = "",
    occurred_on: date | None = None,
    until_on: date | None = None,
    words: str = "",
    now: datetime,
) -> int:
    """Record a fact of a person's life or debt from when it was learned; returns its id."""
    refuse(_circumstance_faults(kind, status, country, region, zone, place))
    values: dict[str, Any] = {
        "kind": kind,
        "status": status,
        "country": country,
        "region": region,
        "zone": zone,
        "place": place,
        "occurred_on": occurred_on,
        "until_on": until_on,
    }
    return begin_record(
        Circumstance,
        actor=actor,
        about=about,
        received_at=received_at,
        values=values,
        words=words,
        now=now,
    ).pk


def _circumstance_faults(
    kind: str, status: str, country: str, region: str, zone: str, place: str
) -> dict[str, str]:
    if kind not in Circumstance.Kind.values:
        return {"kind": _("Choose one of: %s.") % ", ".join(Circumstance.Kind.values)}
    faults: dict[str, str | None] = {}
    if (kind == Circumstance.Kind.BANKRUPTCY) != (status in Circumstance.Status.values):
        faults["status"] = _("Choose one of: %s.") % ", ".join(Circumstance.Status.values)
    if kind in _PLACES and not (country or zone or place):
        faults["country"] = _("Say where: the country, better the region and the time zone too.")
    if kind not in _PLACES and (country or region or zone or place):
        faults["country"] = _("Only a residence or a present place says where.")
    if country and kind in _PLACES:
        faults["country"] = country_error(country)
    if zone:
        faults["zone"] = zone_error(zone)
    if region and not (_REGION.fullmatch(region) and region[:2] == country):
        faults["region"] = _("Use the country's code and the region's, such as US-MA.")
    if place not in ("", "home", "work"):
        faults["place"] = _("Choose one of: %s.") % "home, work"
    return {name: text for name, text in faults.items() if text}


@transaction.atomic
def do_end_circumstance(*, actor: Actor, circumstance_id: int, reason: str, now: datetime) -> None:
    end_record(Circumstance, actor=actor, row_id=circumstance_id, reason=reason, now=now)


@transaction.atomic
def do_record_representation(
    *,
    actor: Actor,
    about: Subject,
    kind: str,
    received_at: datetime,
    is_certain: bool = True,
    is_reachable: bool = False,
    allows_contact: bool = False,
    is_unresponsive: bool = False,
    words: str = "",
    now: datetime,
) -> int:
    """Record who speaks for a debtor; `about` names the related person who does, where known."""
    if kind not in Representation.Kind.values:
        refuse({"kind": _("Choose one of: %s.") % ", ".join(Representation.Kind.values)})
    values: dict[str, Any] = {
        "kind": kind,
        "is_certain": is_certain,
        "is_reachable": is_reachable,
        "allows_contact": allows_contact,
        "is_unresponsive": is_unresponsive,
    }
    return begin_record(
        Representation,
        actor=actor,
        about=about,
        received_at=received_at,
        values=values,
        words=words,
        now=now,
    ).pk


@transaction.atomic
def do_end_representation(
    *, actor: Actor, representation_id: int, reason: str, now: datetime
) -> None:
    end_record(Representation, actor=actor, row_id=representation_id, reason=reason, now=now)


@transaction.atomic
def do_record_hardship(
    *,
    actor: Actor,
    about: Subject,
    kind: str,
    received_at: datetime,
    from_on: date,
    until_on: date | None = None,
    words: str = "",
    now: datetime,
) -> int:
    """Record relief for a debtor who cannot pay; returns its id."""
    faults = {}
    if kind not in Hardship.Kind.values:
        faults["kind"] = _("Choose one of: %s.") % ", ".join(Hardship.Kind.values)
    if until_on is not None and until_on < from_on:
        faults["until_on"] = _("The last day lies before the first.")
    refuse(faults)
    values: dict[str, Any] = {"kind": kind, "from_on": from_on, "until_on": until_on}
    return begin_record(
        Hardship,
        actor=actor,
        about=about,
        received_at=received_at,
        values=values,
        words=words,
        now=now,
    ).pk


@transaction.atomic
def do_end_hardship(
    *, actor: Actor, hardship_id: int, reason: str, is_breached: bool = False, now: datetime
) -> None:
    end_record(
        Hardship,
        actor=actor,
        row_id=hardship_id,
        reason=reason,
        values={"is_breached": is_breached},
        now=now,
    )


@transaction.atomic
def do_record_vulnerability(
    *,
    actor: Actor,
    about: Subject,
    kind: str,
    received_at: datetime,
    is_suspected: bool = False,
    review_on: date | None = None,
    words: str = "",
    now: datetime,
) -> int:
    """Record a vulnerability with evidence and treatment; the kind is sealed with the words."""
    if kind not in Vulnerability.Kind.values:
        refuse({"kind": _("Choose one of: %s.") % ", ".join(Vulnerability.Kind.values)})
    return begin_record(
        Vulnerability,
        actor=actor,
        about=about,
        received_at=received_at,
        values={"is_suspected": is_suspected, "review_on": review_on},
        words=words,
        sealed={"kind": kind},
        now=now,
    ).pk


@transaction.atomic
def do_end_vulnerability(
    *, actor: Actor, vulnerability_id: int, reason: str, now: datetime
) -> None:
    end_record(Vulnerability, actor=actor, row_id=vulnerability_id, reason=reason, now=now)


@transaction.atomic
def do_record_language(*, actor: Actor, about: Subject, language: str, now: datetime) -> None:
    """In which language the debtor, or a related person, is to be spoken and written to."""
    within = require(actor, Permission.PERSON_RECORD)
    error = language_error(language)
    refuse({"language": error} if error else {})
    row: Any = (
        visible_rows(Debtor, within)
        .filter(pk=about.debtor_id, erased_at=None)
        .select_for_update(of=("self",))
        .first()
    )
    if row is not None and about.related_person_id is not None:
        persons = RelatedPerson.objects.filter(debtor_id=row.pk, pk=about.related_person_id)
        row = persons.select_for_update().first()
    if row is None:
        raise not_there()
    before, row.language = row.language, language
    row.save(update_fields=["language"])
    tell_of_person(
        actor=actor,
        action="debtor.set_language",
        subject=f"debtor:{about.debtor_id}",
        debtor_id=about.debtor_id,
        body={
            "before": before,
            "after": language,
            "related_person": about.related_person_id,
        },
        typed={},
        now=now,
    )
