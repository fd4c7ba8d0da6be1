"""Verdicts on the page: the sentence on the reader's clock, the trace, the lights of a case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kept.core.calendar import OffsetTable, minute_of_day, utc_datetime
from kept.core.calendar import local_minute as minute_there
from kept.core.law.rule_words import rule_word
from kept.core.law.saying import ShowMinute, say_verdict, trace_of
from kept.core.law.verdicts import Verdict
from kept.desk import formats
from kept.desk.words import word
from kept.work.cases import CaseView
from kept.work.lights import RELAY, Light

__all__ = [
    "CaseLight",
    "LightLine",
    "TraceRow",
    "case_light",
    "law_language",
    "light_lines",
    "sentence_of",
    "shown_minutes",
    "trace_rows",
]


@dataclass(frozen=True, slots=True)
class LightLine:
    """One sentence for the ways of a contact point of which it is said; `tone` names its symbol."""

    tone: str
    ways: str
    sentence: str
    why_url: str


@dataclass(frozen=True, slots=True)
class CaseLight:
    """The light of the whole case: the best of those who owe."""

    tone: str
    said: str
    under: str


@dataclass(frozen=True, slots=True)
class TraceRow:
    effect: str
    effect_said: str
    rule_id: str
    name: str
    citation: str
    status: str
    awaits_counsel: bool
    reads: str


def law_language() -> str:
    """The language of the reader as the law's words know it."""
    return "zh" if (get_language() or "").startswith("zh") else "en"


def shown_minutes(now: datetime, place: OffsetTable | None) -> ShowMinute:
    """Writes a minute on the clock of the house, and that of the person where it is another."""

    def show(minute: int) -> str:
        moment = utc_datetime(minute)
        said = formats.when(moment, now)
        if place is None:
            return said
        there = int(minute_of_day(minute_there(minute, place)))
        here = timezone.localtime(moment)
        if there == here.hour * 60 + here.minute:
            return said
        local = f"{there // 60:02d}:{there % 60:02d}"
        return _("%(moment)s (%(time)s there)") % {"moment": said, "time": local}

    return show


def sentence_of(
    verdict: Verdict, now: datetime, place: OffsetTable | None, *, has_place: bool
) -> str:
    return say_verdict(verdict, law_language(), shown_minutes(now, place), has_place=has_place)


def trace_rows(verdict: Verdict, now: datetime, place: OffsetTable | None) -> list[TraceRow]:
    """Every part that fired, the deciding one first, with all that it read."""
    language = law_language()
    rows = trace_of(verdict, language, shown_minutes(now, place))
    return [
        TraceRow(
            effect=effect,
            effect_said=rule_word(effect, "effect", language),
            rule_id=rule_id,
            name=name,
            citation=citation,
            status=rule_word(status, "status", language),
            awaits_counsel=fired.rule.awaits_counsel,
            reads=reads,
        )
        for (effect, rule_id, name, citation, status, reads), fired in zip(
            rows, verdict.fired, strict=True
        )
    ]


# --- the lights of a case -------------------------------------------------------------------------


def light_lines(
    case: CaseView, lights: Sequence[Light], now: datetime
) -> Mapping[int, list[LightLine]]:
    """By contact point; ways of which the same is said share a line. None for a closed case."""
    if case.closed_on is not None:
        return {}
    found: dict[int, list[LightLine]] = {}
    for point_id in dict.fromkeys(each.contact_point_id for each in lights):
        mine = [each for each in lights if each.contact_point_id == point_id]
        found[point_id] = list(_lines(case, mine, now))
    return found


def _lines(case: CaseView, lights: Sequence[Light], now: datetime) -> Iterable[LightLine]:
    groups: dict[tuple[str, str], list[Light]] = {}
    for each in lights:
        groups.setdefault(_said(case, each, now), []).append(each)
    for (tone, sentence), same in groups.items():
        names = [rule_word(each.channel, "channel", law_language()) for each in same]
        ways = ("、" if law_language() == "zh" else ", ").join(names)
        if same[0].purpose == RELAY:
            ways = _("%(ways)s, only to ask for the debtor") % {"ways": ways}
        yield LightLine(tone, ways, sentence, _why(case.case_id, same[0]))


def _said(case: CaseView, light: Light, now: datetime) -> tuple[str, str]:
    if case.is_contact_held:
        return "red", _("A hold stops every contact.")
    if light.verdict is None:
        return "red", light.refusal
    said = sentence_of(light.verdict, now, light.place, has_place=light.has_place)
    if light.is_green:
        return ("amber" if light.verdict.duties else "green"), said
    more = "".join(f" {word(each, 'law_lack')}" for each in light.lacks if light.has_place)
    return ("held" if light.is_held else "red"), said + more


def _why(case_id: int, light: Light) -> str:
    asked = {
        "case": case_id,
        "point": light.contact_point_id,
        "channel": light.channel,
        "purpose": light.purpose,
    }
    return f"{reverse('law_trial')}?{urlencode(asked)}"


def case_light(case: CaseView, lights: Sequence[Light], now: datetime) -> CaseLight:
    """Green when anybody who owes may be contacted by any way, else the first time at which."""
    if case.is_contact_held:
        return CaseLight("red", _("held"), _("A hold stops every contact."))
    owing = [each for each in lights if each.purpose != RELAY]
    green = [each for each in owing if each.is_green]
    if green:
        names = dict.fromkeys(rule_word(each.channel, "channel", law_language()) for each in green)
        return CaseLight("green", _("may be contacted now"), " · ".join(names))
    times = [
        each.verdict.lawful_from
        for each in owing
        if each.verdict is not None and each.verdict.lawful_from is not None
    ]
    if times:
        moment = formats.when(utc_datetime(min(times)), now)
        return CaseLight("red", _("not now"), _("from %(moment)s") % {"moment": moment})
    if not owing:
        return CaseLight("off", _("nobody to reach"), _("No number or address is known."))
    return CaseLight("red", _("no lawful way"), _("The contact book says why."))
