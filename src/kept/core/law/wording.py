"""A rule in words: what it says, whom it reaches, when, and what lifts it. Nothing is decided here.

Rows of (label, text) in English or in Chinese, for a page and for the command line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from kept.core.conditions import Condition, say_condition
from kept.core.conditions.saying import Sayable
from kept.core.law.catalogue import LAW_FACTS, MINUTES, WINDOWS
from kept.core.law.rule_words import RULE_LABELS, RULE_WORDS, rule_word
from kept.core.law.rules import Clock, Exemption, Kind, LawPack, Part, Rule
from kept.core.law.times import ALL_DAYS, Window
from kept.core.law.tongues import label
from kept.core.law.vocabulary import CONTACT_CHANNELS

__all__ = ["Row", "rows_of_part", "rows_of_rule", "say_window"]

Row = tuple[str, str]

_DAY_NAMES: Final = {
    "en": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    "zh": ["周一", "周二", "周三", "周四", "周五", "周六", "周日"],
}
_SAID: Final[Mapping[str, tuple[str, str]]] = {
    "only": ("only {windows}", "仅限 {windows}"),
    "no_holidays": ("not on public holidays", "法定节假日除外"),
    "own_hours": ("or in {windows}, where there are such", "有{windows}的，从其约定"),
    "cap": (
        "at most {most} {measure} {period}, this one included",
        "{period}{measure}不超过 {most} 次（含本次）",
    ),
    "between": ("from: {start}; until: {end}", "自：{start}；至：{end}"),
    "during": ("while it lasts: {start}", "期间：{start}"),
    "from": ("from: {start}", "自：{start}"),
    "until": ("until: {end}", "至：{end}"),
    "not_in": ("not in {windows}", "避开{windows}"),
    "keep": ("kept for {years} years from {day}", "自{day}保存 {years} 年"),
    "in_windows": ("in {windows}", "{windows}内"),
    "every_channel": ("every contact", "任何形式的联系"),
    "on_days": ("on days agreed to", "限约定日期"),
}
_DAYS_OF_RECORDS: Final[Mapping[str, tuple[str, str]]] = {
    "recorded_day": ("the day of the recording", "录音当日"),
    "last_activity_day": ("the day of the last activity", "最后一次催收活动当日"),
}


def rows_of_rule(rule: Rule, pack: LawPack, language: str) -> tuple[tuple[Row, ...], ...]:
    """The rows of each part of the rule."""
    return tuple(rows_of_part(part, pack, language) for part in rule.parts)


def rows_of_part(part: Part, pack: LawPack, language: str) -> tuple[Row, ...]:
    return tuple(_Speaker(pack, language).rows(part))


def say_window(window: Window, language: str) -> str:
    """`08:00-22:00`, with its weekdays where it has not all of them."""
    hours = f"{_clock(window.opens)}-{_clock(window.closes)}"
    if window.days == ALL_DAYS:
        return hours
    names = [name for day, name in enumerate(_DAY_NAMES[language]) if window.days >> day & 1]
    return f"{('、' if language == 'zh' else ', ').join(names)} {hours}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


class _Speaker:
    def __init__(self, pack: LawPack, language: str) -> None:
        self.pack = pack
        self.language = language
        self.place = 1 if language == "zh" else 0

    def rows(self, part: Part) -> Iterable[Row]:
        scope = part.scope
        yield self.row("effect", rule_word(part.effect, "effect", self.language))
        what = self.what(part)
        if what:
            yield self.row("what", what)
        if part.kind is Kind.SPACING:
            yield self.row("counted", self.words(part.keys, "key"))
        if part.kind in (Kind.OPENING, Kind.SPACING, Kind.PERSONAL_TIMES):
            yield self.row("clock", self.clock(part.clock))
        lists = (
            ("actor", scope.actors, "actor"),
            ("target", scope.targets, "role"),
            ("not_target", scope.not_targets, "role"),
            ("channel", scope.channels, "channel"),
            ("purpose", scope.purposes, "purpose"),
            ("not_purpose", scope.not_purposes, "purpose"),
            ("debt_type", scope.debt_types, "debt_type"),
        )
        for name, codes, vocabulary in lists:
            if codes is not None:
                yield self.row(name, self.words(codes, vocabulary))
        if part.when is not None:
            yield self.row("when", self.condition(part.when))
        for name, labels in (("requires", part.requires), ("warns", part.warns)):
            if labels:
                yield self.row(name, self.joined(label(each, self.language) for each in labels))
        for each in part.unless:
            yield self.row("unless", self.exemption(self.pack.exemptions[each]))

    def row(self, name: str, text: str) -> Row:
        return RULE_LABELS[name][self.place], text

    def said(self, name: str, **values: object) -> str:
        return _SAID[name][self.place].format(**values)

    def joined(self, parts: Iterable[str]) -> str:
        return ("、" if self.place else ", ").join(parts)

    def clock(self, clock: str) -> str:
        return rule_word(clock, "clock", self.language) if clock in set(Clock) else clock

    def what(self, part: Part) -> str:
        match part.kind:
            case Kind.OPENING:
                return self.hours(part)
            case Kind.PERSONAL_TIMES:
                return self.said("not_in", windows=self.windows_fact(part.windows_fact or ""))
            case Kind.SPACING:
                period = rule_word(part.period, "period", self.language).format(days=part.days)
                measure = rule_word(part.measure, "measure", self.language)
                return self.said("cap", most=part.most, measure=measure, period=period)
            case Kind.KEEPING:
                names = _DAYS_OF_RECORDS.get(part.fact, (part.fact, part.fact))
                return self.said("keep", years=part.years, day=names[self.place])
            case _:
                return self.between(part.from_fact, part.until_fact)

    def hours(self, part: Part) -> str:
        windows = self.joined(say_window(each, self.language) for each in part.windows)
        parts = [self.said("only", windows=windows)] if part.windows else []
        if part.windows_fact is not None:
            name = self.windows_fact(part.windows_fact)
            parts.append(self.said("own_hours" if parts else "only", windows=name))
        if part.holidays_closed:
            parts.append(self.said("no_holidays"))
        return ("；" if self.place else "; ").join(parts)

    def between(self, start: str | None, end: str | None) -> str:
        names = {"start": self.minute(start), "end": self.minute(end)}
        if start and end:
            is_one = names["start"] == names["end"]
            return self.said("during" if is_one else "between", **names)
        if start or end:
            return self.said("from" if start else "until", **names)
        return ""

    def minute(self, name: str | None) -> str:
        """A moment by its name, without the word that says which end it is."""
        if name is None:
            return ""
        ends = ("起", "止") if self.place else (" from", " until")
        said = MINUTES[name][self.place]
        for each in ends:
            said = said.removesuffix(each)
        return said

    def windows_fact(self, name: str) -> str:
        return WINDOWS[name][self.place] if name in WINDOWS else name.replace("_", " ")

    def condition(self, condition: Condition) -> str:
        said = say_condition(condition.tree, self.language, catalogue=LAW_FACTS, show=self.value)
        return said.rstrip(".。")

    def value(self, value: Sayable) -> str:
        """A literal of a condition; a code of a closed list in its words."""
        for vocabulary in ("role", "channel", "purpose", "actor", "debt_type"):
            if isinstance(value, str) and value in RULE_WORDS[vocabulary]:
                return rule_word(value, vocabulary, self.language)
        return str(value).replace("_", " ")

    def words(self, codes: Iterable[str], vocabulary: str) -> str:
        """In the order of the closed list; a group of the pack as the roles that it holds."""
        if frozenset(codes) == CONTACT_CHANNELS:
            return self.said("every_channel")
        order = list(RULE_WORDS[vocabulary])
        named: dict[str, int] = {}
        for code in codes:
            for role, fact in self.pack.groups.get(code, ((code, None),)):
                said = rule_word(role, vocabulary, self.language)
                if fact is not None:
                    said += f" ({LAW_FACTS[fact].called(self.language)})"
                named[said] = order.index(role) if role in order else len(order)
        return self.joined(sorted(named, key=lambda each: (named[each], each)))

    def exemption(self, exemption: Exemption) -> str:
        parts = [] if exemption.when is None else [self.condition(exemption.when)]
        if exemption.windows is not None:
            parts.append(self.said("in_windows", windows=self.windows_fact(exemption.windows)))
        if exemption.from_fact or exemption.until_fact:
            parts.append(self.between(exemption.from_fact, exemption.until_fact))
        if exemption.days_fact is not None:
            parts.append(self.said("on_days"))
        return ("；" if self.place else "; ").join(parts) or exemption.id.replace("_", " ")
