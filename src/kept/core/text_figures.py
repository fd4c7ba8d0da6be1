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
    Figure(
        "promised",
        "what is still to be paid of the promise that falls due first",
        "最早到期承诺尚未还到的金额",
        "$300.00",
        "¥300.00",
    ),
    Figure(
        "promise_date",
        "the day of that promise",
        "该承诺的还款日",
        "November 25, 2026",
        "2026年11月25日",
    ),
    Figure("today", "the creditor's today", "甲方当日日期", "November 22, 2026", "2026年11月22日"),
    # What only documents show (core/documents): nothing else has a value for them.
    Figure(
        "as_of",
        "day of the statement (documents)",
        "对账截止日（文件）",
        "November 21, 2026",
        "2026年11月21日",
    ),
    Figure(
        "settled_on",
        "day since which nothing is owed (documents)",
        "结清日期（文件）",
        "November 20, 2026",
        "2026年11月20日",
    ),
    Figure(
        "settlement",
        "sum that settles the debt, in figures and words (documents)",
        "和解金额，含大写（文件）",
        "USD 900.00 (nine hundred and 00/100 US dollars)",
        "人民币900.00元（大写：人民币玖佰元整）",
    ),
    Figure(
        "waived", "what is waived (documents)", "减免金额（文件）", "USD 600.00", "人民币600.00元"
    ),
    Figure(
        "pay_by",
        "last day to pay the settlement (documents)",
        "和解款付款截止日（文件）",
        "December 15, 2026",
        "2026年12月15日",
    ),
    Figure(
        "answer_by",
        "day until which the offer stands (documents)",
        "方案答复截止日（文件）",
        "December 5, 2026",
        "2026年12月5日",
    ),
    Figure("payer", "who paid (documents)", "付款人（文件）", "Chris Example", "李例"),
    Figure(
        "received",
        "what was received, in figures and words (documents)",
        "收款金额，含大写（文件）",
        "USD 300.00 (three hundred and 00/100 US dollars)",
        "人民币300.00元（大写：人民币叁佰元整）",
    ),
    Figure(
        "received_on",
        "day on which it was received (documents)",
        "收款日期（文件）",
        "November 20, 2026",
        "2026年11月20日",
    ),
    Figure("instalments", "number of instalments (documents)", "期数（文件）", "6", "6"),
    Figure(
        "total",
        "what the instalments come to, in figures and words (documents)",
        "还款总额，含大写（文件）",
        "USD 1,500.00 (one thousand five hundred and 00/100 US dollars)",
        "人民币1,500.00元（大写：人民币壹仟伍佰元整）",
    ),
    Figure(
        "first_due",
        "due date of the first instalment (documents)",
        "首期应还日（文件）",
        "December 10, 2026",
        "2026年12月10日",
    ),
    Figure(
        "last_due",
        "due date of the last instalment (documents)",
        "末期应还日（文件）",
        "May 10, 2027",
        "2027年5月10日",
    ),
    Figure(
        "tolerance",
        "days an instalment may be late without a breach (documents)",
        "宽限天数（文件）",
        "3",
        "3",
    ),
    Figure(
        "charges",
        "sentences on interest, fees and the way of paying (documents)",
        "关于利息、费用与还款方式的语句（文件）",
        "No interest runs on the instalments. No fees are charged.",
        "分期期间不计收利息。不收取年费或其他费用。",
    ),
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
