"""The figures that a text may show: a closed list with meanings, and filling them in. Pure.

What a figure is in a case, and how amounts and days are written in a language, is said by whoever
fills; here every place gets its value or nothing is made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["FIGURES", "Figure", "MissingFigures", "example_of", "figures_in", "fill"]

_PLACE: Final = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Figure:
    """What stands in curly brackets, in both languages of the desk, with examples that are
    nobody's."""

    name: str
    meaning_en: str
    meaning_zh: str
    example_en: str
    example_zh: str

    def meaning(self, language: str) -> str:
        return self.meaning_zh if language.startswith("zh") else self.meaning_en


_LISTED: Final = (
    Figure("debtor", "name of the debtor", "债务人姓名或名称", "Alex Example", "张例"),
    Figure("creditor", "name of the creditor", "甲方名称", "Example Bank", "示例银行"),
    Figure(
        "legal_entity",
        "name of the company that acts for the creditor",
        "代表甲方的机构名称",
        "Example Services Ltd",
        "示例服务有限公司",
    ),
    Figure(
        "account",
        "number of the account, of several all of them",
        "账户号，多个账户时全部列出",
        "EX-0001",
        "EX-0001",
    ),
    Figure("balance", "everything that is owed", "欠款总额", "$1,500.00", "¥1,500.00"),
    Figure("overdue", "what is past due of it", "其中已逾期金额", "$500.00", "¥500.00"),
    Figure(
        "due_date",
        "day on which the oldest open amount was due; when nothing is, the next due date",
        "最早未还款项的应还日；无逾期时为下一应还日",
        "November 1, 2026",
        "2026年11月1日",
    ),
    Figure("dpd", "days past due, as a number", "逾期天数（数字）", "21", "21"),
    Figure(
        "instalment",
        "what is due on the next due date",
        "下一应还日应还金额",
        "$250.00",
        "¥250.00",
    ),
    Figure(
        "phone",
        "telephone number that debtors of the creditor are told",
        "告知债务人的联系电话",
        "+1 555 0100",
        "010-5550 0100",
    ),
    Figure("today", "the creditor's today", "甲方当日日期", "November 22, 2026", "2026年11月22日"),
)
#: By name; nothing else may stand in curly brackets.
FIGURES: Final[Mapping[str, Figure]] = {each.name: each for each in _LISTED}


class MissingFigures(ValueError):
    """A text that shows figures without a value is not made; `names` are those that lack one."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(f"no value for {', '.join(names)}")
        self.names = names


def figures_in(body: str) -> tuple[tuple[str, int, int], ...]:
    """Each place of a figure: its name, known or not, its first character and the one after."""
    return tuple((found[1], found.start(), found.end()) for found in _PLACE.finditer(body))


def fill(body: str, values: Mapping[str, str]) -> str:
    """The text with its figures; `MissingFigures` where one has no value, or only blanks.

    Values are put in as they are: brackets in them are no figures.
    """
    wanted = dict.fromkeys(name for name, _start, _end in figures_in(body))
    missing = tuple(name for name in wanted if not values.get(name, "").strip())
    if missing:
        raise MissingFigures(missing)
    return _PLACE.sub(lambda found: values[found[1]], body)


def example_of(language: str) -> Mapping[str, str]:
    """A value for every figure, of an example debtor who is nobody."""
    in_chinese = language.startswith("zh")
    return {
        name: each.example_zh if in_chinese else each.example_en for name, each in FIGURES.items()
    }
