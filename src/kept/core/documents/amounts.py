"""Amounts on papers, in figures and in words, as Chinese and English write them. Pure.

Figures name the currency, so that a paper can be read anywhere. Chinese words are the formal ones
of bank papers (壹仟贰佰叁拾肆元伍角陆分, 整 where no fen follow); English ones give the fraction as
`and 56/100`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kept.core.currencies import currency

__all__ = ["in_figures", "in_words", "number_in_figures"]

_DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
_PLACES: Final = ("", "拾", "佰", "仟")
_GROUPS: Final = ("", "万", "亿", "万亿", "亿亿")
#: Names in Chinese and English; a currency without one goes by its code.
_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "AUD": ("澳大利亚元", "Australian dollars"),
    "BRL": ("巴西雷亚尔", "Brazilian reais"),
    "CNY": ("人民币", "Chinese yuan"),
    "EUR": ("欧元", "euros"),
    "GBP": ("英镑", "pounds sterling"),
    "HKD": ("港元", "Hong Kong dollars"),
    "IDR": ("印度尼西亚盾", "Indonesian rupiah"),
    "INR": ("印度卢比", "Indian rupees"),
    "JPY": ("日元", "Japanese yen"),
    "MXN": ("墨西哥比索", "Mexican pesos"),
    "PHP": ("菲律宾比索", "Philippine pesos"),
    "SGD": ("新加坡元", "Singapore dollars"),
    "THB": ("泰铢", "Thai baht"),
    "TWD": ("新台币", "New Taiwan dollars"),
    "USD": ("美元", "US dollars"),
    "VND": ("越南盾", "Vietnamese dong"),
}
_BELOW_TWENTY: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_ONES: Final = tuple(_BELOW_TWENTY.split(" "))
_TENS: Final = (
    "",
    "",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
)
_THOUSANDS: Final = (
    "",
    "thousand",
    "million",
    "billion",
    "trillion",
    "quadrillion",
    "quintillion",
)


def number_in_figures(amount_minor: int, code: str) -> str:
    """`-1,234.56`, without the currency: for columns of a table whose head names it."""
    exponent = currency(code).exponent
    whole, part = divmod(abs(amount_minor), 10**exponent)
    sign = "-" if amount_minor < 0 else ""
    return f"{sign}{whole:,}" + (f".{part:0{exponent}d}" if exponent else "")


def in_figures(amount_minor: int, code: str, language: str) -> str:
    """`人民币1,234.56元`, `USD 1,234.56`."""
    number = number_in_figures(amount_minor, code)
    if not _is_chinese(language):
        return f"{code} {number}"
    return f"人民币{number}元" if code == "CNY" else f"{number}{_name(code, 0)}"


def in_words(amount_minor: int, code: str, language: str) -> str:
    """An amount of zero or more in words; ValueError below zero."""
    if amount_minor < 0:
        raise ValueError("an amount in words is none below zero")
    exponent = currency(code).exponent
    whole, part = divmod(amount_minor, 10**exponent)
    if not _is_chinese(language):
        fraction = f" and {part:0{exponent}d}/{10**exponent}" if exponent else ""
        return f"{_english(whole)}{fraction} {_name(code, 1)}"
    if code == "CNY":
        return f"人民币{_yuan(whole, part)}"
    digits = "".join(_DIGITS[int(each)] for each in f"{part:0{exponent}d}") if part else ""
    return f"{_chinese(whole)}{f'点{digits}' if digits else ''}{_name(code, 0)}整"


def _is_chinese(language: str) -> bool:
    return language.startswith("zh")


def _name(code: str, place: int) -> str:
    return _NAMES[code][place] if code in _NAMES else code


def _yuan(whole: int, part: int) -> str:
    tenths, hundredths = divmod(part, 10)
    said = f"{_chinese(whole)}元" if whole or not part else ""
    if tenths:
        said += f"{_DIGITS[tenths]}角"
    elif hundredths and whole:
        said += "零"
    return said + (f"{_DIGITS[hundredths]}分" if hundredths else "整")


def _chinese(whole: int) -> str:
    """Groups of four digits; a zero is said once where digits are left out between others."""
    if not whole:
        return _DIGITS[0]
    said, left_out = "", False
    groups = [whole // 10_000**place % 10_000 for place in range(len(_GROUPS))]
    if whole >= 10_000 ** len(_GROUPS):
        raise ValueError("an amount this large has no words")
    for place in reversed(range(len(groups))):
        group = groups[place]
        if not group:
            left_out = bool(said)
            continue
        zero = _DIGITS[0] if said and (left_out or group < 1_000) else ""
        said += zero + _group(group) + _unit(place, groups)
        left_out = False
    return said


def _unit(place: int, groups: list[int]) -> str:
    """万亿 is said as 万 where 亿 follows with its own digits."""
    return "万" if place == 3 and groups[2] else _GROUPS[place]


def _group(number: int) -> str:
    said, left_out = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if not digit:
            left_out = bool(said)
            continue
        said += (_DIGITS[0] if left_out else "") + _DIGITS[digit] + _PLACES[place]
        left_out = False
    return said


def _english(whole: int) -> str:
    if whole < 1_000:
        return _hundreds(whole)
    said = []
    for place in reversed(range(len(_THOUSANDS))):
        group = whole // 1_000**place % 1_000
        if group:
            said.append(f"{_hundreds(group)} {_THOUSANDS[place]}".strip())
    return " ".join(said)


def _hundreds(number: int) -> str:
    if number < 20:
        return _ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens] + (f"-{_ONES[ones]}" if ones else "")
    hundreds, rest = divmod(number, 100)
    return f"{_ONES[hundreds]} hundred" + (f" {_hundreds(rest)}" if rest else "")
