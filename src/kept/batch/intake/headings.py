"""What column headings usually mean, in English and Chinese; no value is looked at here.

Headings are compared without case, spaces and signs; the words are in `words.yaml`. Targets with a
dot are places in a map; the others are meanings that a map does not take, such as a credit limit,
and `total`, which is a balance whose components are not known.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from importlib import resources

from kept.batch.intake.loading import load_texts
from kept.core.intake import Relation

__all__ = [
    "LIMIT",
    "PAYMENTS",
    "TOTAL",
    "Heading",
    "RelatedHeading",
    "family_of",
    "folded",
    "meaning_of",
    "protected_as",
    "read_heading",
    "related_heading",
    "usage_of",
]

TOTAL, LIMIT, PAYMENTS = "total", "limit", "payments"

_CONTAINED_LATIN, _CONTAINED_CHINESE = 4, 2
_CLOSE = 0.86


@dataclass(frozen=True, slots=True)
class Heading:
    """A meaning of a heading; `score` is 1000 where it is a usual heading for just that."""

    target: str
    score: int
    usual: str


@dataclass(frozen=True, slots=True)
class RelatedHeading:
    """A column of a related person: which one (`group`), and what of them."""

    relation: Relation
    group: str
    part: str


def folded(heading: str) -> str:
    text = unicodedata.normalize("NFKC", heading).casefold()
    return "".join(each for each in text if each.isalnum())


def read_heading(heading: str) -> Heading | None:
    """The likeliest meaning, or None where the heading says nothing known."""
    text, words = folded(heading), _words(heading)
    if not text:
        return None
    best: Heading | None = None
    for target, usual in _HEADINGS.items():
        for each in usual:
            score = _score(text, words, each)
            if score and (best is None or (score, len(each)) > (best.score, len(best.usual))):
                best = Heading(target, score, each.replace("_", " "))
    return best


def _words(heading: str) -> str:
    """Words between bars without numbers: `LoanNumber` and `loan_number 2` are `|loan|number|`."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", unicodedata.normalize("NFKC", heading))
    return "|" + "|".join(re.findall(r"[^\W\d_]+", parted.casefold())) + "|"


def _score(text: str, words: str, wording: str) -> int:
    usual = folded(wording)
    if text == usual:
        return 1000
    inside = f"|{wording.replace('_', '|')}|" in words if usual.isascii() else usual in text
    if inside and len(usual) >= (_CONTAINED_LATIN if usual.isascii() else _CONTAINED_CHINESE):
        return 500 + 400 * len(usual) // len(text)
    if len(usual) >= 5 and abs(len(usual) - len(text)) < 3:
        ratio = SequenceMatcher(a=text, b=usual).ratio()
        return int(ratio * 700) if ratio >= _CLOSE else 0
    return 0


def protected_as(heading: str) -> str | None:
    """The protected attribute that a heading names."""
    text = folded(heading)
    for name, usual in _PROTECTED.items():
        if text in usual or any(not each.isascii() and each in text for each in usual):
            return name
    return None


def related_heading(heading: str) -> RelatedHeading | None:
    text = folded(heading)
    for relation, usual in _RELATED.items():
        for each in usual:
            if text.startswith(each):
                rest = text.removeprefix(each)
                number = "".join(re.findall("[0-9]+", rest))
                part = _part(re.sub("[0-9]+", "", rest))
                if part is not None:
                    return RelatedHeading(Relation(relation), each + number, part)
    return None


def _part(rest: str) -> str | None:
    if not rest:
        return "name"
    for part, usual in _PARTS.items():
        if rest in usual:
            return part
    return None


def usage_of(heading: str) -> str:
    text = folded(heading)
    for usage, usual in _USAGES.items():
        if any(each in text for each in usual):
            return usage
    return ""


def family_of(heading: str) -> tuple[str, int] | None:
    """`BILL_AMT3` is the third of a family; a heading that ends in no number is of none."""
    found = re.fullmatch(r"(.*?\D)[\s_\-]*([0-9]{1,2})", heading.strip())
    return (folded(found[1]), int(found[2])) if found else None


def meaning_of(target: str, value: str) -> str | None:
    """What a value of a code column usually means; None where nothing is usual."""
    for meaning, usual in _CODES.get(target, {}).items():
        if folded(value) in usual:
            return meaning
    return None


def _as_written(part: object) -> dict[str, tuple[str, ...]]:
    """Words by key, in the order of the file."""
    assert isinstance(part, Mapping)
    return {key: tuple(words.split()) for key, words in part.items()}


def _read(part: object) -> dict[str, tuple[str, ...]]:
    """Folded words by key."""
    return {
        key: tuple(dict.fromkeys(folded(each) for each in words))
        for key, words in _as_written(part).items()
    }


_WORDS = load_texts(
    resources.files("kept.batch.intake").joinpath("words.yaml").read_text(encoding="utf-8")
)
_HEADINGS, _PROTECTED = _as_written(_WORDS["headings"]), _read(_WORDS["protected"])
_RELATED, _PARTS, _USAGES = (_read(_WORDS[name]) for name in ("related", "parts", "usages"))
_CODES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    target: _read(table)
    for target, table in _WORDS["codes"].items()  # type: ignore[attr-defined]
}
