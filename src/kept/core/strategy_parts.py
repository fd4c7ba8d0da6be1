"""Reading the parts that a strategy's treatments refer to: segments and arms, and what names are.

Every problem is noted at its place; a part that is wrong stands in empty, so that the rest is read
too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from kept.core.arms import ARM_DRAW, SHARES, Arm, ArmKind, stretches
from kept.core.conditions import Condition, ConditionError, compile_condition
from kept.core.facts import Catalogue
from kept.core.intake.nodes import Node, nearest
from kept.core.reachable import never_holds
from kept.core.strategies import Segment, within_arms, within_segments
from kept.core.strategy_faults import StrategyText

__all__ = [
    "NEVER",
    "Scope",
    "code_of",
    "condition_of",
    "names_of",
    "read_arms",
    "read_segments",
]

#: Stands in where a condition is wrong.
NEVER: Final = compile_condition("dpd < 0")
_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
_SHARE: Final = re.compile(r"(\d{1,3})(?:\.(\d{1,2}))?%")
_MOST: Final = 20
_SEGMENT_KEYS: Final = ("code", "name", "when")
_NO_SEGMENT: Final = (StrategyText.NO_SEGMENT, StrategyText.NO_SEGMENT_NEAR)
_NO_ARM: Final = (StrategyText.NO_ARM, StrategyText.NO_ARM_NEAR)
_ARM_KEYS: Final = ("code", "name", "share", "kind")


@dataclass(frozen=True, slots=True)
class Scope:
    """What the treatments of one strategy may refer to."""

    catalogue: Catalogue
    segments: tuple[Segment, ...] = ()
    arms: tuple[Arm, ...] = ()
    _places: dict[str, tuple[int, int]] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_places", stretches(self.arms))

    def segments_named(self, node: Node) -> tuple[str, ...]:
        return _named(node, [each.code for each in self.segments], _NO_SEGMENT)

    def arms_named(self, node: Node, required: bool) -> tuple[str, ...]:
        """The arms that get a treatment: those it names, else all but the hold-out."""
        if node.value is None:
            return tuple(
                arm.code for arm in self.arms if required or arm.kind is not ArmKind.HOLD_OUT
            )
        named = _named(node, [each.code for each in self.arms], _NO_ARM)
        if len(named) < len(node.children()):  # told already: its condition is read without arms
            return tuple(arm.code for arm in self.arms)
        held = [arm.code for arm in self.arms if arm.kind is ArmKind.HOLD_OUT and arm.code in named]
        if held and not required:
            node.wrong(StrategyText.HELD_OUT, arm=repr(held[0]))
        return named

    def conditions(self, segments: Sequence[str], arms: Sequence[str]) -> list[str]:
        """What a treatment's condition gets besides, in words of a condition."""
        found = [within_segments(self.segments, segments)] if segments else []
        everybody = len(arms) == len(self.arms)
        return found if everybody else [*found, within_arms(self._places, arms)]


def read_segments(node: Node, catalogue: Catalogue) -> tuple[Segment, ...]:
    rows = [row.fields(_SEGMENT_KEYS, _SEGMENT_KEYS) for row in _few(node)]
    _refuse_twice(node, [_text(row, "code") for row in rows])
    whole = [row for row in rows if len(row) == len(_SEGMENT_KEYS)]
    found = tuple(
        Segment(code_of(row["code"]), *names_of(row["name"]), condition_of(row["when"], catalogue))
        for row in whole
    )
    for row, segment in zip(whole, found, strict=True):
        if segment.when is not NEVER and _is_never_reached(found, segment, catalogue):
            row["when"].wrong(StrategyText.NEVER_REACHED)
    return found


def _is_never_reached(segments: Sequence[Segment], segment: Segment, catalogue: Catalogue) -> bool:
    """Whether it is proved that an earlier segment takes everybody for whom this one holds."""
    try:
        alone = compile_condition(within_segments(segments, [segment.code]), catalogue)
    except ConditionError:
        return False  # too long together, which the treatments that name it are told
    return never_holds(alone, catalogue)


def read_arms(node: Node) -> tuple[Arm, ...]:
    """Arms whose shares are everybody: a share that is missing would be nobody's."""
    rows = [row.fields(_ARM_KEYS, ("code", "name", "share")) for row in _few(node)]
    _refuse_twice(node, [_text(row, "code") for row in rows])
    found = tuple(
        Arm(code_of(row["code"]), *names_of(row["name"]), _kind(row, first), _share(row["share"]))
        for first, row in zip([True] + [False] * len(rows), rows, strict=False)
        if {"code", "name", "share"} <= row.keys()
    )
    total = sum(arm.share for arm in found)
    if found and total != SHARES:
        node.wrong(StrategyText.SHARES, total=_percent(total))
    return found


def code_of(node: Node) -> str:
    text = node.text()
    if node.value is not None and not _CODE.fullmatch(text):
        node.wrong(StrategyText.NO_CODE, found=repr(text))
        return ""
    return text


def names_of(node: Node) -> tuple[str, str]:
    names = node.fields(("en", "zh"))
    for language in ("en", "zh"):
        if language not in names:
            node.wrong(StrategyText.NO_NAME, language=language)
    en, zh = (names[key].filled() if key in names else "" for key in ("en", "zh"))
    return en, zh


def condition_of(node: Node, catalogue: Catalogue) -> Condition:
    text = node.filled()
    if not text:
        return NEVER
    try:
        found = compile_condition(text, catalogue)
    except ConditionError as error:
        node.wrong(StrategyText.CONDITION, why=error.said)
        return NEVER
    if ARM_DRAW in found.facts:
        node.wrong(StrategyText.DRAW, fact=ARM_DRAW)
        return NEVER
    return found


def _few(node: Node) -> list[Node]:
    rows = node.children()
    if len(rows) > _MOST:
        node.wrong(StrategyText.TOO_MANY, most=_MOST, found=len(rows))
    return rows[:_MOST]


def _text(row: dict[str, Node], key: str) -> str:
    return str(row[key].value) if key in row else ""


def _refuse_twice(node: Node, codes: Sequence[str]) -> None:
    for code, times in Counter(filter(None, codes)).items():
        if times > 1:
            node.wrong(StrategyText.CODE_TWICE, code=repr(code), times=times)


def _kind(row: dict[str, Node], is_first: bool) -> ArmKind:
    """The first arm is the champion where nothing is said, the others challenge it."""
    if "kind" in row:
        return row["kind"].choice(ArmKind, ArmKind.CHALLENGER)
    return ArmKind.CHAMPION if is_first else ArmKind.CHALLENGER


def _share(node: Node) -> int:
    found = _SHARE.fullmatch(node.text())
    if found is None:
        node.wrong(StrategyText.NO_SHARE, found=repr(node.value))
        return 0
    share = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))
    if not 1 <= share <= SHARES:
        node.wrong(StrategyText.SHARE_RANGE, found=_percent(share))
    return share


def _percent(share: int) -> str:
    return f"{share // 100}.{share % 100:02}".rstrip("0").rstrip(".") + "%"


def _named(
    node: Node, known: Sequence[str], texts: tuple[StrategyText, StrategyText]
) -> tuple[str, ...]:
    found = []
    if node.value == []:
        node.wrong(StrategyText.NAMES_NONE)
    for each in node.children():
        code = each.text()
        if code in known:
            found.append(code)
            continue
        near = nearest(code, known)
        if near:
            each.wrong(texts[1], found=repr(code), near=near[0])
        else:
            each.wrong(texts[0], found=repr(code), known=", ".join(known) or "–")
    return tuple(dict.fromkeys(found))
