"""Trying out the law: for a case, or for a situation that is typed in. Nothing is written."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from kept.core.attempts import Channel
from kept.core.calendar import instant_of, utc_datetime
from kept.core.law.rule_words import rule_word
from kept.core.law.vocabulary import ACTORS, DEBT_TYPES, PURPOSES, ROLES
from kept.desk import formats
from kept.desk.access import DeskRequest, page
from kept.desk.day_strips import day_strips
from kept.desk.law_rules import law_tabs
from kept.desk.verdicts import law_language, sentence_of, trace_rows
from kept.packs.law_packs import load_law_packs
from kept.work.cases import CaseView, get_case
from kept.work.changes import not_there
from kept.work.law_trials import PlainContact, Trial, get_plain_trial, get_trial
from kept.work.permissions import Permission
from kept.work.places import country_zones, is_zone
from kept.work.refusals import NotThere, Refusal
from kept.work.situations import IntendedContact

__all__ = ["law_trial"]

Choices = list[tuple[str, str]]
_LONGEST: Final = 19  # digits of an id


@page(Permission.LAW_READ)
def law_trial(request: DeskRequest) -> HttpResponse:
    """The form, and the answer where something was asked."""
    given = request.GET
    context: dict[str, Any] = {"given": _given(given), **_choices(), **law_tabs(request)}
    is_case = "case" in given
    moment, wrong = _moment(given.get("at", ""), request.now)
    context |= {"is_case": is_case, "at": moment, "now": request.now}
    try:
        trial = None
        if wrong:
            raise Refusal(_("Give the time as a day and a time of day."))
        if is_case:
            found = _case_of(request, given)
            context |= {"case": found, "points": _points(found)}
            trial = _of_case(request, found, given, instant_of(moment))
        elif given.get("channel"):
            trial = get_plain_trial(actor=request.actor, contact=_plain(given, instant_of(moment)))
    except NotThere:
        context["refusal"] = _("There is no such case, or it is not yours to see.")
    except Refusal as refusal:
        context["refusal"] = refusal.message
    if trial is not None:
        context |= _answer(trial, request.now)
    return render(request, "desk/law_trial.html", context)


def _given(given: QueryDict) -> dict[str, str]:
    """What was typed, with what is usual for the rest."""
    usual = {
        "channel": "call",
        "purpose": "collect",
        "role": "consumer",
        "actor_type": "financial_institution",
        "debt_type": "consumer",
        "place": "CN",
    }
    return usual | {name: str(value) for name, value in given.items()}


def _moment(text: str, now: datetime) -> tuple[datetime, bool]:
    """The asked time on the clock of the house; whether it is none."""
    if not text:
        return now, False
    try:
        local = datetime.fromisoformat(text)
        moment = local if local.tzinfo else timezone.make_aware(local)
        instant_of(moment)
    except (ValueError, OverflowError):
        return now, True
    return (moment, False) if 1990 <= moment.year <= 2090 else (now, True)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < _LONGEST else None


def _case_of(request: DeskRequest, given: QueryDict) -> CaseView:
    case_id = _number(given.get("case", "").strip().lstrip("#"))
    found = None if case_id is None else get_case(request.actor, case_id, now=request.now)
    if found is None:
        raise not_there()
    return found


def _points(case: CaseView) -> Choices:
    """The contact points of everybody of the case, with whose they are."""
    own = [(str(each.contact_point_id), each.masked) for each in case.contact_points]
    others = [
        (str(each.contact_point_id), f"{each.masked} · {person.name}")
        for person in case.related_persons
        for each in person.contact_points
    ]
    return own + others


def _of_case(request: DeskRequest, case: CaseView, given: QueryDict, minute: int) -> Trial:
    wanted = IntendedContact(
        case_id=case.case_id,
        channel=_one_of(given, "channel", map(str, Channel)),
        minute=minute,
        contact_point_id=_number(given.get("point", "")),
        purpose=_one_of(given, "purpose", PURPOSES),
    )
    return get_trial(actor=request.actor, wanted=wanted)


def _one_of(given: QueryDict, name: str, known: Any) -> str:
    value = _given(given)[name]
    if value not in set(known):
        raise Refusal(_("%(name)s: choose one from the list.") % {"name": name})
    return value


def _plain(given: QueryDict, minute: int) -> PlainContact:
    zone = given.get("zone", "").strip()
    if zone and not is_zone(zone):
        raise Refusal(_("There is no zone %(zone)s; write it as Asia/Shanghai.") % {"zone": zone})
    return PlainContact(
        place=_one_of(given, "place", [code for code, _name in _places()]),
        zone=zone,
        actor_type=_one_of(given, "actor_type", ACTORS),
        own_name=True,
        debt_type=_one_of(given, "debt_type", DEBT_TYPES),
        channel=_one_of(given, "channel", map(str, Channel)),
        role=_one_of(given, "role", ROLES),
        purpose=_one_of(given, "purpose", PURPOSES),
        minute=minute,
    )


def _choices() -> dict[str, Any]:
    """Every list of the form, in the reader's words."""
    lists = {
        "channels": ("channel", list(map(str, Channel))),
        "purposes": ("purpose", list(PURPOSES)),
        "roles": ("role", list(ROLES)),
        "actor_types": ("actor", list(ACTORS)),
        "debt_types": ("debt_type", list(DEBT_TYPES)),
    }
    found: dict[str, Any] = {
        name: [(code, rule_word(code, vocabulary, law_language())) for code in codes]
        for name, (vocabulary, codes) in lists.items()
    }
    places = _places()
    countries = dict.fromkeys(code[:2] for code, _name in places if code)
    zones = sorted({zone for country in countries for zone in country_zones(country)})
    return found | {"places": places, "zones": zones}


def _places() -> Choices:
    """Every place of the packs by its code; '' is a person of whom nobody knows where they live."""
    chinese = law_language() == "zh"
    found: dict[str, str] = {}
    for pack in load_law_packs():
        if pack.country is not None:
            code = pack.jurisdiction if "-" in pack.jurisdiction else pack.country
            name = pack.title_zh if chinese else pack.title_en
            found.setdefault(code, name if "-" in code else formats.country_name(code))
    return [*sorted(found.items()), ("", _("not known"))]


def _answer(trial: Trial, now: datetime) -> dict[str, Any]:
    verdict, place = trial.judged.verdict, trial.place
    is_green = verdict.lawful_from == verdict.asked
    return {
        "verdict": verdict,
        "tone": ("amber" if verdict.duties else "green") if is_green else "red",
        "sentence": sentence_of(verdict, now, place, has_place=trial.has_place),
        "asked": utc_datetime(verdict.asked),
        "lawful_from": None
        if verdict.lawful_from is None
        else formats.when(utc_datetime(verdict.lawful_from), now),
        "trace": trace_rows(verdict, now, place),
        "strips": day_strips(trial.spans, verdict.asked, place) if place else (),
        "zone": place.zone if place else "",
        "lacks": trial.lacks,
        "pack_names": [f"{name} {version}" for name, version in verdict.packs],
    }
