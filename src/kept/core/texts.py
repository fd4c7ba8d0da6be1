"""Scripts, templates and guides by code, dated, with a body in each language. Pure.

A treatment names one by its code. Which figures may stand in a body is a closed list; filling them
in, and sending, are not here. `text_problems` says what a strategy names and the texts lack.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from kept.core.intake.nodes import Node, Problem, nearest
from kept.core.strategies import Strategy
from kept.core.strategy_faults import StrategyText
from kept.core.strategy_parts import code_of

__all__ = ["FIGURES", "ShippedText", "TextKind", "read_texts", "text_problems"]

#: What may stand in curly brackets: names, amounts and days of the case, and whom to turn to.
FIGURES: Final = frozenset(
    [
        "debtor",
        "creditor",
        "account",
        "balance",
        "overdue",
        "due_date",
        "dpd",
        "instalment",
        "phone",
    ]
)
_FIGURE: Final = re.compile(r"\{([^{}]*)\}")
_KEYS: Final = ("code", "kind", "valid_from", "en", "zh")


class TextKind(StrEnum):
    TEMPLATE = "template"  # leaves the house as it is
    SCRIPT = "script"  # is spoken
    GUIDE = "guide"  # is read at the desk and told to nobody


@dataclass(frozen=True, slots=True)
class ShippedText:
    """`bodies` by language, "en" and "zh"."""

    code: str
    kind: TextKind
    valid_from: date
    bodies: Mapping[str, str]


def read_texts(data: object, problems: list[Problem]) -> tuple[ShippedText, ...]:
    """The texts of a list; what is wrong is added to `problems`."""
    return tuple(
        _text(row.fields(_KEYS, _KEYS), row) for row in Node(data, "", problems).children()
    )


def _text(keys: Mapping[str, Node], row: Node) -> ShippedText:
    found = {key: keys.get(key, row.at(key, "")) for key in _KEYS}
    bodies = {language: found[language].filled() for language in ("en", "zh")}
    for language, body in bodies.items():
        unknown = sorted(set(_FIGURE.findall(body)) - FIGURES)
        if unknown:
            known = ", ".join(sorted(FIGURES))
            found[language].wrong(StrategyText.NO_FIGURE, found=unknown[0], known=known)
    return ShippedText(
        code_of(found["code"]),
        found["kind"].choice(TextKind, TextKind.GUIDE),
        _day(found["valid_from"]),
        bodies,
    )


def _day(node: Node) -> date:
    try:
        return date.fromisoformat(node.text())
    except ValueError:
        node.wrong(StrategyText.NO_DAY, found=repr(node.value))
        return date.min


def text_problems(
    strategy: Strategy, texts: Iterable[ShippedText], languages: Collection[str] = ()
) -> list[Problem]:
    """Treatments whose text is unknown, comes later, or lacks a language of the book.

    Languages are BCP 47 tags; a guide is read by the house and is no matter of the book's.
    """
    known = {each.code: each for each in texts}
    wanted = sorted({tag.partition("-")[0].lower() for tag in languages} - {""})
    found: list[Problem] = []
    for place, treatment in enumerate(strategy.treatments, 1):
        if not treatment.text:
            continue
        node = Node(treatment.text, f"treatments[{place}].text", found)
        text = known.get(treatment.text)
        if text is None:
            _unknown(node, treatment.text, known)
        elif text.valid_from > strategy.valid_from:
            node.wrong(StrategyText.TEXT_LATER, found=repr(text.code), first=text.valid_from)
        elif text.kind is not TextKind.GUIDE:
            for language in wanted:
                if not text.bodies.get(language):
                    node.wrong(StrategyText.TEXT_LACKS, found=repr(text.code), language=language)
    return found


def _unknown(node: Node, code: str, known: Collection[str]) -> None:
    near = nearest(code, known)
    if near:
        node.wrong(StrategyText.NO_TEXT_NEAR, found=repr(code), near=near[0])
    else:
        node.wrong(StrategyText.NO_TEXT, found=repr(code))
