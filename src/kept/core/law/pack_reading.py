"""Reading a pack of rules out of a nested mapping of texts; every problem is found in one pass.

A pack is written by a lawyer (docs/law.md). Where the mapping comes from is the caller's. A rule's
fields beside its own head are those of its one part, or the defaults of its `parts`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Final, TypeVar

from kept.core.conditions import Condition, ConditionError, compile_condition
from kept.core.facts import Use
from kept.core.intake.nodes import Node, Problem, nearest
from kept.core.law.catalogue import LAW_FACTS, MINUTES, WINDOWS
from kept.core.law.measures import KEYS, MEASURES
from kept.core.law.numbers import NEEDED_BY, NUMBERS, LawNumber
from kept.core.law.rules import (
    Clock,
    Effect,
    Exemption,
    Force,
    Kind,
    LawPack,
    Modality,
    Part,
    Period,
    Rule,
    Scope,
    Status,
)
from kept.core.law.times import ALL_DAYS, Window, days_mask
from kept.core.law.vocabulary import (
    ACTORS,
    CONTACT_CHANNELS,
    CONTENT_FLAGS,
    NON_CONTACTS,
    PURPOSES,
    ROLES,
)

__all__ = ["WEEKDAYS", "PackError", "minute_of", "read_pack"]

WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")
_ZONE: Final = re.compile(r"[A-Za-z_]+(/[A-Za-z0-9_+-]+)+")
_ID: Final = re.compile(r"[A-Z][A-Za-z0-9_.-]{1,63}")
_RULES_MOST: Final = 500
_YEAR: Final = re.compile(
    r"(?<!USC )(?<!CFR )(?<!CMR )(?<!Code )(?<!§)(?<!§ )(?<!art\. )(?<!s\. )(?<!第)(?<![\d.])"
    r"((?:19|20)\d\d)(?![\d.]*\d)(?!条)"
)

_PACK_KEYS: Final = (
    *("pack", "version", "jurisdiction", "country", "title", "actors", "lists", "groups", "gates"),
    *("exceptions", "numbers", "rules"),
)
_NUMBER_KEYS: Final = ("name", "is", "rule", "from", "to")
_HEAD_KEYS: Final = (
    *("id", "name", "citation", "status", "force", "modality", "from", "to", "note", "source"),
    "parts",
)
_SCOPE_KEYS: Final = (
    *("actor", "target", "not_target", "channel", "purpose", "not_purpose", "debt_type"),
)
_PART_KEYS: Final = (
    *_SCOPE_KEYS,
    *("kind", "effect", "when", "content", "unless", "require", "warn", "clock", "open", "days"),
    *(
        "holidays",
        "windows",
        "measure",
        "keys",
        "most",
        "period",
        "since",
        "until",
        "fact",
        "years",
    ),
)
_EXCEPTION_KEYS: Final = ("id", "when", "windows", "since", "until", "only_on", "clock")
_DAY_FACTS: Final = ("recorded_day", "last_activity_day")
_LIST_FACTS: Final = ("consent_calls_days",)

Choice = TypeVar("Choice", bound=StrEnum)


class PackError(ValueError):
    """What is wrong with a pack: each problem with its path and what to do."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


def read_pack(data: object) -> LawPack:
    """The pack of a mapping; raises `PackError` with all its problems."""
    problems: list[Problem] = []
    found = _Pack(Node(data, "", problems)).read()
    if problems:
        first = {problem.path: problem for problem in reversed(problems)}
        raise PackError(list(reversed(first.values())))
    return found


def minute_of(text: str) -> int:
    """Minutes of the day of a text such as 08:00; 24:00 is 1440. ValueError otherwise."""
    if not _TIME.fullmatch(text):
        raise ValueError(f"{text!r} is no time of day; write it as 08:00")
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


class _Pack:
    def __init__(self, node: Node) -> None:
        self.keys = node.fields(_PACK_KEYS, ("pack", "version", "jurisdiction", "title", "rules"))
        self.node = node
        self.lists: dict[str, tuple[str, ...]] = {}
        self.groups: dict[str, tuple[tuple[str, str | None], ...]] = {}
        self.exemptions: dict[str, Exemption] = {}

    def read(self) -> LawPack:
        self.lists = {name: child.texts() for name, child in self.entries("lists")}
        self.groups = {name: self.group(child) for name, child in self.entries("groups")}
        for child in self.children("exceptions"):
            exemption = self.exemption(child)
            if exemption.id in self.exemptions:
                child.wrong(f"the exception {exemption.id} stands twice; keep one")
            self.exemptions[exemption.id] = exemption
        name = self.text("pack")
        rows = self.children("rules")
        if len(rows) > _RULES_MOST:
            self.node.wrong(f"holds {len(rows)} rules; split a pack over {_RULES_MOST}")
        rules = tuple(self.rule(child, name) for child in rows)
        _refuse_overlaps(rules, rows)
        numbers = self.numbers(rules)
        english, chinese = _name(self.keys.get("title"))
        return LawPack(
            name=name,
            version=self.text("version"),
            jurisdiction=self.text("jurisdiction"),
            title_en=english,
            title_zh=chinese,
            country=self.text("country") or None,
            rules=rules,
            exemptions=self.exemptions,
            groups=self.groups,
            gates=tuple(self.gate(child) for child in self.children("gates")),
            numbers=numbers,
            actors=self.at_home(rules),
        )

    def text(self, key: str) -> str:
        return self.keys[key].filled() if key in self.keys else ""

    def at_home(self, rules: Iterable[Rule]) -> frozenset[str]:
        """The kinds of company that the law of the place knows; a house knows all of them."""
        named = self.listed(self.keys.get("actors"), ACTORS)
        if named is not None:
            return named
        if "country" not in self.keys:
            return frozenset(ACTORS)
        parts = (part for rule in rules for part in rule.parts)
        return frozenset(each for part in parts for each in part.scope.actors or ())

    def entries(self, key: str) -> list[tuple[str, Node]]:
        return list(self.keys[key].entries().items()) if key in self.keys else []

    def children(self, key: str) -> list[Node]:
        return self.keys[key].children() if key in self.keys else []

    def group(self, node: Node) -> tuple[tuple[str, str | None], ...]:
        """Roles, some only while a fact holds: `{role: parent, if: consumer_is_minor}`."""
        found: list[tuple[str, str | None]] = []
        for child in node.children():
            if isinstance(child.value, Mapping):
                keys = child.fields(("role", "if"), ("role", "if"))
                fact = _closed(keys.get("if"), ("consumer_is_minor", "consumer_deceased"))
                found.append((_closed(keys.get("role"), ROLES), fact))
            else:
                found.append((_closed(child, ROLES), None))
        return tuple(found)

    def gate(self, node: Node) -> tuple[str, str, Condition]:
        keys = node.fields(("prefix", "citation", "when"), ("prefix", "citation", "when"))
        condition = _condition(keys.get("when"), LAW_FACTS)
        prefix, citation = (keys[each].filled() if each in keys else "" for each in _GATE_TEXTS)
        return prefix, citation, condition or _ALWAYS

    def exemption(self, node: Node) -> Exemption:
        keys = node.fields(_EXCEPTION_KEYS, ("id",))
        return Exemption(
            id=keys["id"].filled() if "id" in keys else "",
            when=_condition(keys.get("when"), LAW_FACTS),
            windows=_optional(keys.get("windows"), tuple(WINDOWS)),
            from_fact=_optional(keys.get("since"), tuple(MINUTES)),
            until_fact=_optional(keys.get("until"), tuple(MINUTES)),
            days_fact=_optional(keys.get("only_on"), _LIST_FACTS),
            clock=_clock(keys.get("clock")),
        )

    # --- numbers ---

    def numbers(self, rules: Sequence[Rule]) -> tuple[LawNumber, ...]:
        """The numbers of the pack; each that a fact of its rules is made with must be there."""
        ids = {rule.id for rule in rules}
        found: list[LawNumber] = []
        for child in self.children("numbers"):
            each = self.number(child, ids)
            if any(each.name == other.name and _overlap(each, other) for other in found):
                child.wrong(f"{each.name} stands twice for the same days; end the first with `to`")
            found.append(each)
        given = {each.name for each in found}
        for fact in self.facts_read(rules):
            for name in NEEDED_BY.get(fact, ()):
                if name not in given:
                    self.node.wrong(f"reads {fact}, which needs {name}; add it to `numbers`")
        return tuple(found)

    def number(self, node: Node, rule_ids: Collection[str]) -> LawNumber:
        keys = node.fields(_NUMBER_KEYS, ("name", "is", "rule"))
        name = _closed(keys.get("name"), tuple(NUMBERS))
        rule_id = _closed(keys.get("rule"), tuple(sorted(rule_ids)))
        value = 0
        if "is" in keys and NUMBERS.get(name, NUMBERS["lost_days"]).kind == "time":
            value = _minute(keys["is"])
        elif "is" in keys:
            value = keys["is"].whole(1, 10_000)
        return LawNumber(name, value, rule_id, _date(keys.get("from")), _date(keys.get("to")))

    def facts_read(self, rules: Iterable[Rule]) -> list[str]:
        """Every fact that a rule or an exception of the pack reads, once."""
        parts = [part for rule in rules for part in rule.parts]
        lifts = list(self.exemptions.values())
        conditions = [*(each.when for each in parts), *(each.when for each in lifts)]
        names = [name for condition in conditions if condition for name in condition.facts]
        names += [each for part in parts for each in (part.from_fact, part.until_fact) if each]
        names += [each for lift in lifts for each in (lift.from_fact, lift.until_fact) if each]
        names += [part.windows_fact for part in parts if part.windows_fact]
        return list(dict.fromkeys(names))

    # --- rules ---

    def rule(self, node: Node, pack: str) -> Rule:
        keys = node.fields(
            (*_HEAD_KEYS, *_PART_KEYS), ("id", "name", "citation", "status", "force")
        )
        english, chinese = _name(keys.get("name"))
        rule_id = keys["id"].filled() if "id" in keys else ""
        if "id" in keys and not _ID.fullmatch(rule_id):
            keys["id"].wrong(f"{rule_id!r} is no id; use letters, digits and dots, as CN.GB.hours")
        first, last = _date(keys.get("from")), _date(keys.get("to"))
        if first and last and last < first:
            keys["to"].wrong(f"{last} is before the rule begins, {first}")
        if first and (cited := _cited_year(keys.get("citation"))) and first.year < cited:
            keys["from"].wrong(f"{first} is before what the rule cites, of {cited}")
        return Rule(
            id=rule_id,
            pack=pack,
            name_en=english,
            name_zh=chinese,
            citation=keys["citation"].filled() if "citation" in keys else "",
            status=_choice(keys.get("status"), Status, Status.UNVERIFIED),
            force=_choice(keys.get("force"), Force, Force.STATUTE),
            modality=_choice(keys.get("modality"), Modality, Modality.MUST),
            parts=tuple(self.parts(node, keys, rule_id)),
            valid_from=first,
            valid_to=last,
            note=keys["note"].text() if "note" in keys else "",
            source=keys["source"].texts() if "source" in keys else (rule_id,),
        )

    def parts(self, node: Node, keys: Mapping[str, Node], rule_id: str) -> Iterable[Part]:
        shared = {key: child for key, child in keys.items() if key in _PART_KEYS}
        if "parts" not in keys:
            yield self.part(node, shared, rule_id)
            return
        for place, child in enumerate(keys["parts"].children(), 1):
            own = child.fields(_PART_KEYS)
            yield self.part(child, {**shared, **own}, f"{rule_id}#{place}")

    def part(self, node: Node, keys: Mapping[str, Node], key: str) -> Part:
        kind = _choice(keys.get("kind"), Kind, Kind.BAR)
        for needed in _NEEDED.get(kind, ()):
            if needed not in keys:
                node.wrong(f"a rule of kind {kind} needs {needed}; add it")
        return Part(
            key=key,
            kind=kind,
            effect=_choice(keys.get("effect"), Effect, Effect.DENY),
            scope=self.scope(keys),
            when=self.when(keys),
            unless=self.unless(keys.get("unless")),
            requires=self.labels(keys.get("require")),
            warns=self.labels(keys.get("warn")),
            clock=_clock(keys.get("clock")),
            windows=_windows(keys.get("open"), keys.get("days")),
            windows_fact=_optional(keys.get("windows"), tuple(WINDOWS)),
            holidays_closed=_closed(keys.get("holidays"), ("closed", "open")) == "closed",
            measure=_closed(keys.get("measure"), tuple(MEASURES)),
            keys=frozenset(self.listed(keys.get("keys"), tuple(KEYS)) or ()),
            most=keys["most"].whole(1, 1_000) if "most" in keys else 1,
            days=_period_days(keys.get("period")),
            period=_period(keys.get("period")),
            from_fact=_optional(keys.get("since"), tuple(MINUTES)),
            until_fact=_optional(keys.get("until"), tuple(MINUTES)),
            fact=_closed(keys.get("fact"), _DAY_FACTS),
            years=keys["years"].whole(1, 100) if "years" in keys else 0,
        )

    def scope(self, keys: Mapping[str, Node]) -> Scope:
        roles = (*ROLES, *self.groups)
        channels = (*sorted(CONTACT_CHANNELS), *sorted(NON_CONTACTS))
        return Scope(
            actors=self.listed(keys.get("actor"), ACTORS),
            targets=self.listed(keys.get("target"), roles),
            not_targets=self.listed(keys.get("not_target"), roles),
            channels=self.listed(keys.get("channel"), channels),
            purposes=self.listed(keys.get("purpose"), PURPOSES),
            not_purposes=self.listed(keys.get("not_purpose"), PURPOSES),
            debt_types=self.listed(keys.get("debt_type"), _TOLD_APART),
        )

    def listed(self, node: Node | None, known: Sequence[str]) -> frozenset[str] | None:
        """A closed list, in which a name of the pack's `lists` stands for its members."""
        if node is None:
            return None
        found: set[str] = set()
        for text in node.texts():
            members = self.lists.get(text, (text,))
            for member in members:
                if member not in known:
                    node.wrong(_not_known(member, (*known, *self.lists)))
            found.update(members)
        return frozenset(found)

    def when(self, keys: Mapping[str, Node]) -> Condition | None:
        """The condition, joined with any of the content flags where `content` lists them."""
        flags = self.listed(keys.get("content"), tuple(CONTENT_FLAGS))
        texts = [f"({' or '.join(f'content_{flag}' for flag in sorted(flags))})"] if flags else []
        node = keys.get("when")
        if node is not None:
            if _condition(node, LAW_FACTS) is None:
                return None
            texts.append(f"({node.filled()})")
        return compile_condition(" and ".join(texts), LAW_FACTS, use=Use.LAW) if texts else None

    def unless(self, node: Node | None) -> tuple[str, ...]:
        names = node.texts() if node is not None else ()
        for name in names:
            if node is not None and name not in self.exemptions:
                node.wrong(_not_known(name, tuple(self.exemptions), "exception of this pack"))
        return tuple(name for name in names if name in self.exemptions)

    def labels(self, node: Node | None) -> tuple[str, ...]:
        return node.texts() if node is not None else ()


#: The kind of debt that an attempt is matched by; a rule for another one would never fire.
_TOLD_APART: Final = ("credit_card",)
_GATE_TEXTS: Final = ("prefix", "citation")
_ALWAYS: Final = compile_condition("True", LAW_FACTS, use=Use.LAW)
_NEEDED: Final = {
    Kind.OPENING: ("open",),
    Kind.PERSONAL_TIMES: ("windows",),
    Kind.SPACING: ("measure", "keys", "most", "period"),
    Kind.KEEPING: ("fact", "years"),
}


def _name(node: Node | None) -> tuple[str, str]:
    if node is None:
        return "", ""
    keys = node.fields(("en", "zh"), ("en", "zh"))
    return tuple(keys[each].filled() if each in keys else "" for each in ("en", "zh"))  # type: ignore[return-value]


def _condition(node: Node | None, catalogue: object) -> Condition | None:
    if node is None:
        return None
    try:
        return compile_condition(node.filled(), LAW_FACTS, use=Use.LAW)
    except ConditionError as error:
        node.wrong(str(error).replace("{", "{{").replace("}", "}}"))
        return None


def _choice(node: Node | None, kind: type[Choice], fallback: Choice) -> Choice:
    return fallback if node is None else node.choice(kind, fallback)


def _closed(node: Node | None, known: Sequence[str]) -> str:
    """One of the known names; "" where it is not given."""
    if node is None:
        return ""
    text = node.filled()
    if text not in known:
        node.wrong(_not_known(text, known))
        return known[0]
    return text


def _optional(node: Node | None, known: Sequence[str]) -> str | None:
    return _closed(node, known) or None


def _clock(node: Node | None) -> str:
    if node is None:
        return Clock.PLACE
    text = node.filled()
    if text not in tuple(Clock) and not _ZONE.fullmatch(text):
        node.wrong(f"{text!r} is no clock; it is place, candidates or a zone as Asia/Shanghai")
        return Clock.PLACE
    return text


def _cited_year(node: Node | None) -> int | None:
    """The first year that a citation names; numbers of sections are none."""
    years = _YEAR.findall(str(node.value)) if node is not None else []
    return min(map(int, years), default=None)


def _date(node: Node | None) -> date | None:
    if node is None:
        return None
    try:
        return date.fromisoformat(node.filled())
    except ValueError:
        node.wrong(f"{node.value!r} is no date; write it as 2025-02-28")
        return None


def _minute(node: Node) -> int:
    try:
        return minute_of(node.filled())
    except ValueError as error:
        node.wrong(str(error))
        return 0


def _windows(node: Node | None, days: Node | None) -> tuple[Window, ...]:
    """`["08:00", "21:00"]` on the days given, or `{weekdays: […], weekend: […]}`."""
    if node is None:
        return ()
    if isinstance(node.value, Mapping):
        named = node.fields(tuple(_DAY_SETS))
        return tuple(_window(child, _DAY_SETS[name]) for name, child in named.items())
    mask = ALL_DAYS if days is None else days_mask(_weekday(each, days) for each in days.texts())
    return (_window(node, mask),)


def _window(node: Node, mask: int) -> Window:
    texts = node.texts()
    try:
        opens, closes = (minute_of(text) for text in texts)
    except ValueError:
        node.wrong('is two times of day, such as ["08:00", "21:00"]')
        return Window(mask, 0, 1)
    if opens >= closes:
        node.wrong(f"opens at {texts[0]} and closes at {texts[1]}: it never opens")
    return Window(mask, opens, closes)


def _weekday(text: str, node: Node) -> int:
    if text not in WEEKDAYS:
        node.wrong(_not_known(text, WEEKDAYS))
        return 0
    return WEEKDAYS.index(text)


_DAY_SETS: Final = {"weekdays": days_mask(range(5)), "weekend": days_mask((5, 6))}
_DAYS: Final = re.compile(r"([1-9][0-9]{0,3}) days")


def _period(node: Node | None) -> Period:
    text = node.filled() if node is not None else "1 days"
    if _DAYS.fullmatch(text):
        return Period.ROLLING_DAYS
    if text in ("day", "week", "month"):
        return Period(f"calendar_{text}")
    if node is not None:
        node.wrong(f"{text!r} is no period; it is day, week, month or a number such as 7 days")
    return Period.ROLLING_DAYS


def _period_days(node: Node | None) -> int:
    matched = _DAYS.fullmatch(node.filled()) if node is not None else None
    return int(matched[1]) if matched else 1


def _not_known(text: str, known: Sequence[str], what: str = "name here") -> str:
    near = nearest(text, known)
    hint = f"; perhaps {', '.join(near)}" if near else f"; there are {', '.join(known)}"
    return f"{text!r} is no {what}{hint}"


def _refuse_overlaps(rules: Sequence[Rule], nodes: Sequence[Node]) -> None:
    """Two versions of a rule must not hold on one day, nor two openings leave none open."""
    for place, (rule, node) in enumerate(zip(rules, nodes, strict=True)):
        for earlier in rules[:place]:
            if earlier.id == rule.id and _overlap(earlier, rule):
                node.wrong(
                    f"{rule.id} stands twice for the same days; end the first with `to` before"
                    " the second begins"
                )
            elif _overlap(earlier, rule) and _never_meet(earlier, rule):
                node.wrong(
                    f"{rule.id} and {earlier.id} leave no minute open together; say with `unless`"
                    " which gives way"
                )


def _overlap(left: Rule | LawNumber, right: Rule | LawNumber) -> bool:
    starts = max(left.valid_from or date.min, right.valid_from or date.min)
    return starts <= min(left.valid_to or date.max, right.valid_to or date.max)


def _never_meet(left: Rule, right: Rule) -> bool:
    return any(
        not _share_a_minute(one.windows, other.windows)
        for one in left.parts
        for other in right.parts
        if one.windows and other.windows and one.scope == other.scope and one.when == other.when
        if not one.unless and not other.unless
    )


def _share_a_minute(one: tuple[Window, ...], other: tuple[Window, ...]) -> bool:
    return any(
        (a.days & b.days) and max(a.opens, b.opens) < min(a.closes, b.closes)
        for a in one
        for b in other
    )
