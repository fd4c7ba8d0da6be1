"""How each language says the operators of a condition; `saying.py` puts the parts together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["TONGUES", "Tongue"]

# Where a Chinese character meets a Latin one or a digit, a space is written; not inside a date.
_BESIDE_HAN: Final = re.compile(
    r"(?<=[\u4e00-\u9fff])(?<![年月])(?=[A-Za-z0-9¥-])"
    r"|(?<=[A-Za-z0-9])(?=[\u4e00-\u9fff])(?![年月日])"
)


@dataclass(frozen=True, slots=True)
class Tongue:
    """Words with `{}` for what they are said of; every operator of the tree has its own."""

    language: str
    comparators: Mapping[str, str]
    of_days: Mapping[str, str]  # the same comparators, said of dates
    between: str
    from_to: str
    arithmetic: Mapping[str, str]
    negative: str
    one_of: str
    none_of: str
    asked: str  # a fact and what is asked of it
    is_value: str  # a fact, its value, and what is asked of it
    here: str  # what is asked, and the value that does not meet it
    with_value: str
    known: str
    unknown: str
    sure: str
    unsure: str  # it fails, or nobody can tell
    negated: str
    brackets: str
    quotes: str
    always: str
    never: str
    yes: str
    no: str
    no_value: str
    empty: str
    colon: str
    comma: str
    semicolon: str
    full_stop: str
    and_: str
    or_: str

    def joined_and(self, parts: Sequence[str]) -> str:
        return self.and_.join(parts)

    def joined_or(self, parts: Sequence[str]) -> str:
        return self.or_.join(parts)

    def sentence(self, clauses: Sequence[str]) -> str:
        text = self.semicolon.join(clauses)
        spaced = _BESIDE_HAN.sub(" ", text)
        return f"{spaced[:1].upper()}{spaced[1:]}{self.full_stop}"


_ENGLISH: Final = Tongue(
    language="en",
    comparators={
        "==": "{}",
        "!=": "not {}",
        "<": "less than {}",
        "<=": "at most {}",
        ">": "more than {}",
        ">=": "at least {}",
    },
    of_days={
        "==": "{}",
        "!=": "not {}",
        "<": "before {}",
        "<=": "{} or before",
        ">": "after {}",
        ">=": "{} or after",
    },
    between="between {} and {}",
    from_to="from {} to {}",
    arithmetic={
        "+": "{} plus {}",
        "-": "{} minus {}",
        "*": "{} times {}",
        "//": "{} divided by {} and rounded down",
        "%": "the remainder of {} divided by {}",
    },
    negative="minus {}",
    one_of="one of {}",
    none_of="none of {}",
    asked="{} is {}",
    is_value="{} is {}, {}",
    here="{} (here {})",
    with_value="{} ({})",
    known="{} is known",
    unknown="{} is unknown",
    sure="it is sure that ({})",
    unsure="it is not sure that ({})",
    negated="it is not so that ({})",
    brackets="({})",
    quotes="“{}”",
    always="always",
    never="never",
    yes="yes",
    no="no",
    no_value="unknown",
    empty="nothing",
    colon=": ",
    comma=", ",
    semicolon="; ",
    full_stop=".",
    and_=" and ",
    or_=", or ",
)
_CHINESE: Final = Tongue(
    language="zh",
    comparators={
        "==": "为{}",
        "!=": "不为{}",
        "<": "小于{}",
        "<=": "不超过{}",
        ">": "大于{}",
        ">=": "不少于{}",
    },
    of_days={
        "==": "为{}",
        "!=": "不为{}",
        "<": "早于{}",
        "<=": "不晚于{}",
        ">": "晚于{}",
        ">=": "不早于{}",
    },
    between="介于{}至{}之间",
    from_to="在{}至{}之间",
    arithmetic={
        "+": "{}加{}",
        "-": "{}减{}",
        "*": "{}乘以{}",
        "//": "{}除以{}后取整",
        "%": "{}除以{}的余数",
    },
    negative="负的{}",
    one_of="属于{}",
    none_of="不属于{}",
    asked="{}{}",
    is_value="{}为{}，{}",
    here="{}（现为{}）",
    with_value="{}（{}）",
    known="{}已知",
    unknown="{}未知",
    sure="确定（{}）成立",
    unsure="不能确定（{}）成立",
    negated="并非（{}）",
    brackets="（{}）",
    quotes="“{}”",
    always="恒成立",
    never="恒不成立",
    yes="是",
    no="否",
    no_value="未知",
    empty="空",
    colon="：",
    comma="、",
    semicolon="；",
    full_stop="。",
    and_="且",
    or_="，或",
)

TONGUES: Final[Mapping[str, Tongue]] = {each.language: each for each in (_ENGLISH, _CHINESE)}
