"""Reading a pack of forbidden speech, and the other spellings, out of a nested mapping of texts.

Every problem is found in one pass, with its path. Where the mapping comes from is the caller's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from itertools import permutations
from typing import Final, TypeVar

from kept.core.intake.nodes import Node, Problem, nearest
from kept.core.law.rules import Status
from kept.core.speech.entries import (
    Circumstance,
    Entry,
    Excuse,
    Genre,
    Pattern,
    Reach,
    SpeechPack,
    WordGroup,
)
from kept.core.speech.labels import SpeechLabel
from kept.core.speech.spellings import Spellings
from kept.core.speech.word_forms import forms_of

__all__ = ["SpeechPackError", "read_speech_pack", "read_spellings"]

_PACK_KEYS: Final = (
    *("pack", "version", "language", "title", "words", "innocent", "masked", "excuses", "entries"),
)
_PACK_NEEDS: Final = ("pack", "version", "language", "title", "entries")
_ENTRY_KEYS: Final = (
    *("id", "label", "name", "citation", "status", "phrases", "patterns", "within", "across"),
    "only_if",
    *("excuses", "finds", "passes"),
)
_ENTRY_NEEDS: Final = ("id", "label", "name", "citation", "status", "finds", "passes")
_EXCUSE_KEYS: Final = ("id", "words", "reach", "within", "genres", "ended_by")
_ID: Final = re.compile(r"[A-Z][A-Za-z0-9_.-]{1,63}")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_WITHIN: Final = 6
_WITHIN_MOST: Final = 40
_GROUPS_MOST: Final = 5

Choice = TypeVar("Choice", bound=StrEnum)


class SpeechPackError(ValueError):
    """What is wrong with a pack: each problem with its path and what to do."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


def read_speech_pack(data: object) -> SpeechPack:
    """The pack of a mapping; raises `SpeechPackError` with all its problems."""
    problems: list[Problem] = []
    found = _Pack(Node(data, "", problems)).read()
    _refuse(problems)
    return found


def read_spellings(data: object) -> Spellings:
    """The other spellings of a mapping; raises `SpeechPackError` with all its problems."""
    problems: list[Problem] = []
    node = Node(data, "", problems)
    keys = node.fields(("variants", "sounds", "halves", "counters"), ("variants", "sounds"))
    found = Spellings(
        variants=_variants(keys.get("variants")),
        sounds=_sounds(keys.get("sounds")),
        halves=_halves(keys.get("halves")),
        counters=keys["counters"].text() if "counters" in keys else "",
    )
    _refuse(problems)
    return found


def _refuse(problems: list[Problem]) -> None:
    if problems:
        first = {problem.path: problem for problem in reversed(problems)}
        raise SpeechPackError(list(reversed(first.values())))


def _variants(node: Node | None) -> dict[str, str]:
    """Rows of two texts of the same length: usual characters and their other forms."""
    found: dict[str, str] = {}
    for row in node.children() if node else ():
        pair = row.texts()
        if len(pair) != 2 or len(pair[0]) != len(pair[1]):
            row.wrong("is no pair of texts of the same length, such as [说话, 說話]")
            continue
        for usual, other in zip(*pair, strict=True):
            if other != usual and found.setdefault(other, usual) != usual:
                row.wrong(f"{other} stands for {found[other]} and for {usual}; keep one")
    for other, usual in found.items():
        if usual in found and node is not None:
            node.wrong(f"{other} leads to {usual}, which leads on; name the last one")
    return found


def _sounds(node: Node | None) -> dict[str, str]:
    found: dict[str, str] = {}
    home: dict[str, str] = {}
    for syllable, child in node.entries().items() if node else ():
        if not re.fullmatch("[a-z]{1,6}", syllable):
            child.wrong(f"{syllable!r} is no syllable of pinyin; write it without tones")
        found[syllable] = child.filled()
        for each in found[syllable]:
            if home.setdefault(each, syllable) != syllable:
                child.wrong(f"{each} is said {home[each]} and {syllable}; keep the usual one")
    return found


def _halves(node: Node | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for whole, child in node.entries().items() if node else ():
        for halves in child.texts():
            if len(whole) != 1 or len(halves) < 2:
                child.wrong("is not one character with its halves, such as 死: 歹匕")
            found[halves] = whole
    return found


class _Pack:
    def __init__(self, node: Node) -> None:
        self.node = node
        self.keys = node.fields(_PACK_KEYS, _PACK_NEEDS)
        self.groups: dict[str, tuple[str, ...]] = {}
        self.excuses: dict[str, Excuse] = {}

    def read(self) -> SpeechPack:
        for name, child in self.entries("words"):
            self.groups[name] = self.group(name, child)
        for child in self.children("excuses"):
            excuse = self.excuse(child)
            self.excuses[excuse.id] = excuse
        english, chinese = _two_names(self.keys.get("title"))
        entries = tuple(self.entry(child) for child in self.children("entries"))
        known = {word for words in self.groups.values() for word in words}
        for child in _children(self.keys["masked"]) if "masked" in self.keys else ():
            if child.text() not in known:
                child.wrong(f"{child.text()!r} stands in no group and in no phrase; add it there")
        return SpeechPack(
            name=self.text("pack"),
            version=self.text("version"),
            language=self.text("language"),
            title_en=english,
            title_zh=chinese,
            groups=tuple(WordGroup(name, words) for name, words in self.groups.items()),
            entries=entries,
            innocent=_forms(self.keys.get("innocent")),
            masked=_forms(self.keys.get("masked")),
        )

    def text(self, key: str) -> str:
        return self.keys[key].filled() if key in self.keys else ""

    def entries(self, key: str) -> list[tuple[str, Node]]:
        return list(self.keys[key].entries().items()) if key in self.keys else []

    def children(self, key: str) -> list[Node]:
        return self.keys[key].children() if key in self.keys else []

    def group(self, name: str, node: Node) -> tuple[str, ...]:
        """Words; `=name` stands for those of a group further up."""
        if not _NAME.fullmatch(name):
            node.wrong(f"{name!r} is no name of a group; write it like pay_now")
        words: list[str] = []
        for child in _children(node):
            text = child.filled()
            if text.startswith("="):
                words += self.named(text[1:], child)
            else:
                words += _expanded(text, child)
        if not words:
            node.wrong("holds no words")
        return tuple(dict.fromkeys(words))

    def named(self, name: str, node: Node) -> tuple[str, ...]:
        if name not in self.groups:
            node.wrong(_unknown(name, self.groups, "group of words"))
        return self.groups.get(name, ())

    def excuse(self, node: Node) -> Excuse:
        keys = node.fields(_EXCUSE_KEYS, ("id", "words", "reach"))
        group = keys["words"].filled() if "words" in keys else ""
        if "words" in keys:
            self.named(group, keys["words"])
        ended_by = keys["ended_by"].filled() if "ended_by" in keys else None
        if ended_by is not None:
            self.named(ended_by, keys["ended_by"])
        return Excuse(
            id=keys["id"].filled() if "id" in keys else "",
            group=group,
            reach=_choice(keys.get("reach"), Reach, Reach.BEFORE),
            within=keys["within"].whole(0, _WITHIN_MOST) if "within" in keys else _WITHIN,
            genres=frozenset(_choices(keys.get("genres"), Genre, Genre.NOTE)),
            ended_by=ended_by,
        )

    def entry(self, node: Node) -> Entry:
        keys = node.fields(_ENTRY_KEYS, _ENTRY_NEEDS)
        identity = keys["id"].filled() if "id" in keys else ""
        if not _ID.fullmatch(identity):
            node.wrong(f"{identity!r} is no id; write it like EN.tell_family")
        english, chinese = _two_names(keys.get("name"))
        return Entry(
            id=identity,
            label=_choice(keys.get("label"), SpeechLabel, SpeechLabel.ABUSE_PROFANITY),
            name_en=english,
            name_zh=chinese,
            citation=keys["citation"].filled() if "citation" in keys else "",
            status=_choice(keys.get("status"), Status, Status.UNVERIFIED),
            patterns=self.patterns(identity, node, keys),
            excuses=self.allowed_excuses(keys.get("excuses")),
            only_if=_choice(keys["only_if"], Circumstance, Circumstance.TIME_BARRED)
            if "only_if" in keys
            else None,
            finds=_examples(keys.get("finds")),
            passes=_examples(keys.get("passes")),
        )

    def patterns(self, identity: str, node: Node, keys: Mapping[str, Node]) -> tuple[Pattern, ...]:
        within = keys["within"].whole(0, _WITHIN_MOST) if "within" in keys else _WITHIN
        across = keys["across"].flag() if "across" in keys else False
        found: list[Pattern] = []
        if "phrases" in keys:
            name = f"{identity} phrases"  # a name that no group of the file can have
            self.groups[name] = tuple(self.group("phrases", keys["phrases"]))
            found.append(Pattern((name,), within))
        for child in _children(keys["patterns"]) if "patterns" in keys else ():
            found += self.pattern(child, within, across)
        if not found:
            node.wrong("says nothing that can be found; give it phrases or patterns")
        return tuple(found)

    def pattern(self, node: Node, within: int, across: bool) -> list[Pattern]:
        """`a .. b` in this order; `a & b` in any order."""
        text = node.filled()
        if ".." in text and "&" in text:
            node.wrong("mixes .. and &; write two patterns")
        names = [each.strip() for each in re.split(r"\.\.|&", text)]
        if len(names) > _GROUPS_MOST:
            node.wrong(f"has {len(names)} groups; at most {_GROUPS_MOST} are looked for together")
            return []
        groups = tuple(self.item(name, node) for name in names)
        ways = permutations(groups) if "&" in text and len(groups) <= 3 else (groups,)
        return [Pattern(tuple(way), within, across) for way in ways]

    def item(self, name: str, node: Node) -> str:
        """The group of a name, or one made of a phrase in quotes."""
        if len(name) > 2 and name[0] == name[-1] == '"':
            self.groups[name] = tuple(_expanded(name[1:-1], node))
        else:
            self.named(name, node)
        return name

    def allowed_excuses(self, node: Node | None) -> tuple[Excuse, ...]:
        """All of the pack when the entry does not name its own."""
        if node is None:
            return tuple(self.excuses.values())
        names = [child.filled() for child in _children(node)]
        for name in names:
            if name not in self.excuses:
                node.wrong(_unknown(name, self.excuses, "excuse"))
        return tuple(self.excuses[name] for name in names if name in self.excuses)


def _children(node: Node) -> list[Node]:
    """The members of a list, or one text alone."""
    return [node] if isinstance(node.value, str) and node.value else node.children()


def _expanded(text: str, node: Node) -> list[str]:
    try:
        found = forms_of(text)
    except ValueError as error:
        node.wrong(str(error).replace("{", "{{").replace("}", "}}"))
        return []
    if not all(any(each.isalnum() for each in form) for form in found):
        node.wrong(f"{text!r} may stand for no letter at all; leave one choice that is said")
    return found


def _forms(node: Node | None) -> tuple[str, ...]:
    rows = _children(node) if node else ()
    return tuple(form for child in rows for form in _expanded(child.filled(), child))


def _examples(node: Node | None) -> tuple[str, ...]:
    if node is None:
        return ()
    found = tuple(child.filled() for child in _children(node))
    if not found:
        node.wrong("holds no sentence; an entry shows what it finds and what it lets pass")
    return found


def _two_names(node: Node | None) -> tuple[str, str]:
    if node is None:
        return "", ""
    keys = node.fields(("en", "zh"), ("en", "zh"))
    english, chinese = (keys[each].filled() if each in keys else "" for each in ("en", "zh"))
    return english, chinese


def _choice(node: Node | None, kind: type[Choice], fallback: Choice) -> Choice:
    return node.choice(kind, fallback) if node else fallback


def _choices(node: Node | None, kind: type[Choice], fallback: Choice) -> tuple[Choice, ...]:
    return node.choices(kind, fallback) if node else ()


def _unknown(name: str, known: Mapping[str, object], noun: str) -> str:
    near = nearest(name, known, most=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"{name!r} is no {noun} of this file{hint}".replace("{", "{{").replace("}", "}}")
