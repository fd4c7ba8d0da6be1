"""A verdict in one sentence for the collector, and as a trace for the auditor.

Nothing is decided here. Moments are shown by the caller's function, on the reader's clocks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from kept.core.calendar import date_of_day
from kept.core.law.catalogue import LAW_FACTS, MINUTES, WINDOWS
from kept.core.law.counting import NO_DAY
from kept.core.law.rule_words import rule_word
from kept.core.law.rules import Effect
from kept.core.law.times import BEFORE_ALL, NEVER, Window
from kept.core.law.tongues import VERDICT_TONGUES, VerdictTongue, label
from kept.core.law.verdicts import NTH_LAST_DAY, Fired, Verdict

__all__ = ["ShowMinute", "say_verdict", "trace_of"]

ShowMinute = Callable[[int], str]
"""Writes a UTC minute on the reader's clock, such as `08:00 tomorrow`."""

#: Facts of closed words, by the list that has their words.
_WORDS: Final = {
    "actor_type": "actor",
    "channel": "channel",
    "purpose": "purpose",
    "target_role": "role",
}
_MOVES: Final = (Effect.DENY, Effect.HOLD)
_DAYS: Final = {
    "en": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    "zh": list("一二三四五六日"),
}


def say_verdict(verdict: Verdict, language: str, show: ShowMinute, *, has_place: bool) -> str:
    """One sentence, and one more where something must be done first or minded.

    `language` is "en" or "zh"; `has_place` is False where nothing says where the person lives.
    """
    tongue = VERDICT_TONGUES[language]
    said = [_answer(verdict, tongue, language, show, has_place)]
    if verdict.duties:
        said.append(tongue.first.format(duties=_joined(verdict.duties, language)))
    if verdict.warnings:
        said.append(tongue.note.format(warnings=_joined(verdict.warnings, language)))
    return tongue.joined.join(said)


def _answer(
    verdict: Verdict, tongue: VerdictTongue, language: str, show: ShowMinute, has_place: bool
) -> str:
    blocking = next((each for each in verdict.fired if each.effect in _MOVES), None)
    if blocking is None:
        return tongue.allowed
    if verdict.lawful_from is None and not has_place:
        return tongue.no_place
    words = {"rule": blocking.rule.called(language), "citation": blocking.rule.citation}
    if verdict.lawful_from is None:
        return tongue.never.format(**words)
    moment = show(verdict.lawful_from)
    only_held = all(each.effect is not Effect.DENY for each in verdict.fired)
    form = tongue.held if only_held else tongue.allowed_from
    return form.format(moment=moment, **words)


def _joined(names: Iterable[str], language: str) -> str:
    return ("、" if language == "zh" else ", ").join(label(name, language) for name in names)


def trace_of(verdict: Verdict, language: str, show: ShowMinute) -> tuple[tuple[str, ...], ...]:
    """A row for each part that fired: effect, rule, citation, and every value that it read."""
    return tuple(_row(each, language, show) for each in verdict.fired)


def _row(fired: Fired, language: str, show: ShowMinute) -> tuple[str, ...]:
    read = "; ".join(
        f"{_called(name, language)}: {_shown(name, value, language, show)}"
        for name, value in fired.reads
    )
    rule = fired.rule
    return str(fired.effect), rule.id, rule.called(language), rule.citation, str(rule.status), read


def _called(name: str, language: str) -> str:
    place = 1 if language == "zh" else 0
    if name in MINUTES:
        return MINUTES[name][place]
    if name in WINDOWS:
        return WINDOWS[name][place]
    if name == NTH_LAST_DAY:
        return ("last counted contact that must leave the window", "须先移出窗口的那次联系")[place]
    return LAW_FACTS[name].called(language) if name in LAW_FACTS else name.replace("_", " ")


def _shown(name: str, value: Any, language: str, show: ShowMinute) -> str:
    yes, no, unknown = ("是", "否", "未知") if language == "zh" else ("yes", "no", "unknown")
    if value is None:
        return unknown
    if isinstance(value, bool):
        return yes if value else no
    if name in MINUTES:
        return "-" if value >= NEVER or value <= BEFORE_ALL else show(value)
    if isinstance(value, tuple):
        return _windows(value, language) or "-"
    if name.endswith("_day"):
        return "-" if value <= NO_DAY else date_of_day(value).isoformat()
    return rule_word(value, _WORDS[name], language) if name in _WORDS else str(value)


def _windows(windows: Sequence[Window], language: str) -> str:
    return ", ".join(
        f"{_weekdays(each.days, language)} {_clock(each.opens)}-{_clock(each.closes)}"
        for each in windows
    )


def _weekdays(mask: int, language: str) -> str:
    names = _DAYS[language]
    found = [names[day] for day in range(7) if mask >> day & 1]
    return ("周" if language == "zh" else "") + ("" if language == "zh" else " ").join(found)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
