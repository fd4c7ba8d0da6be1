"""Amounts, dates, telephone numbers and the like: exact values, and nothing guessed."""

from __future__ import annotations

import random
from datetime import date

import phonenumbers
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kept.batch.intake.amounts import parse_amounts, parse_minor
from kept.batch.intake.dates import parse_dates, with_iso, years_after
from kept.batch.intake.identity_numbers import check_numbers
from kept.batch.intake.masking import masked_contacts
from kept.batch.intake.names import fold_names, single_spaced
from kept.batch.intake.phones import PLANS, parse_phones
from kept.core.identities import (
    NumberCheck,
    check_identity,
    fold_name,
    mask_address,
    mask_email,
    mask_handle,
    mask_phone,
)
from kept.core.intake import ContactKind, NegativeForm, NumberForm, NumberRule, RejectCode
from kept.core.money import MoneyError, parse_money
from tests.batch.intake.samples import TODAY

PLAIN = NumberRule()
ALL_NEGATIVES = tuple(NegativeForm)


def amount(text: str, rule: NumberRule = PLAIN, exponent: int = 2) -> int | str | None:
    """The minor units of one text, or the code of what is wrong with it."""
    texts = pl.Series([text, "1"], dtype=pl.String)
    found = parse_amounts(texts, pl.Series([exponent, 0], dtype=pl.Int64), rule)
    assert found.minor[1] == 1  # a row in another currency beside it
    return found.minor[0] if found.code is None or found.code[0] is None else found.code[0]


# --- amounts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "exponent", "minor"),
    [
        ("0", 2, 0),
        ("1234.50", 2, 123450),
        ("1234.5", 2, 123450),
        ("1234", 2, 123400),
        ("-0.01", 2, -1),
        ("+5", 2, 500),
        ("007.10", 2, 710),
        ("500", 0, 500),
        ("1.234", 3, 1234),
        ("92233720368547758.07", 2, 2**63 - 1),
        ("-92233720368547758.08", 2, -(2**63)),
        ("9223372036854775807", 0, 2**63 - 1),
        ("4503599627370497.01", 2, 450359962737049701),  # above 2^53: no float on the way
    ],
)
def test_plain_amounts_are_exact(text: str, exponent: int, minor: int) -> None:
    assert amount(text, exponent=exponent) == minor


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1,234.50", RejectCode.OTHER_AMOUNT_FORM),
        ("1.234,50", RejectCode.OTHER_AMOUNT_FORM),
        ("1,234", RejectCode.OTHER_AMOUNT_FORM),
        ("1 234.50", RejectCode.OTHER_AMOUNT_FORM),
        ("(12.00)", RejectCode.OTHER_AMOUNT_FORM),
        ("12.00-", RejectCode.OTHER_AMOUNT_FORM),
        ("¥12.00", RejectCode.OTHER_AMOUNT_FORM),
        ("CNY 12.00", RejectCode.OTHER_AMOUNT_FORM),
        ("−12.00", RejectCode.OTHER_AMOUNT_FORM),
        (".50", RejectCode.OTHER_AMOUNT_FORM),
        ("12.", RejectCode.OTHER_AMOUNT_FORM),
        ("NaN", RejectCode.AMOUNT_NOT_FINITE),
        ("-inf", RejectCode.AMOUNT_NOT_FINITE),
        ("Infinity", RejectCode.AMOUNT_NOT_FINITE),
        ("1e5", RejectCode.AMOUNT_WITH_EXPONENT),
        ("1.5E+05", RejectCode.AMOUNT_WITH_EXPONENT),
        ("1.005", RejectCode.AMOUNT_DECIMALS),
        ("1.000", RejectCode.AMOUNT_DECIMALS),
        ("92233720368547758.08", RejectCode.AMOUNT_TOO_LARGE),
        ("9" * 25, RejectCode.AMOUNT_TOO_LARGE),
        ("9" * 60, RejectCode.AMOUNT_TOO_LARGE),
        ("twelve", RejectCode.BAD_AMOUNT),
        ("12a", RejectCode.BAD_AMOUNT),
        ("--5", RejectCode.OTHER_AMOUNT_FORM),
        ("=1+1", RejectCode.BAD_AMOUNT),
        ("１２", RejectCode.BAD_AMOUNT),
        ("0x10", RejectCode.BAD_AMOUNT),
    ],
)
def test_amounts_that_are_not_plain_are_refused_with_the_reason(
    text: str, code: RejectCode
) -> None:
    assert amount(text) == code


@pytest.mark.parametrize(
    ("form", "text", "found"),
    [
        (NumberForm.COMMA_GROUPS, "1,234.50", 123450),
        (NumberForm.COMMA_GROUPS, "1234.50", 123450),
        (NumberForm.COMMA_GROUPS, "1,234", 123400),
        (NumberForm.COMMA_GROUPS, "12,34.50", RejectCode.OTHER_AMOUNT_FORM),
        (NumberForm.COMMA_GROUPS, "1.234,50", RejectCode.OTHER_AMOUNT_FORM),
        (NumberForm.COMMA_GROUPS, "1,234.505", RejectCode.AMOUNT_DECIMALS),
        (NumberForm.DOT_GROUPS, "1.234,50", 123450),
        (NumberForm.DOT_GROUPS, "1.234", 123400),
        (NumberForm.DOT_GROUPS, "1234,5", 123450),
        (NumberForm.DOT_GROUPS, "1,234.50", RejectCode.OTHER_AMOUNT_FORM),
        (NumberForm.DOT_GROUPS, "1234.50", RejectCode.OTHER_AMOUNT_FORM),
        (NumberForm.PLAIN_COMMA, "1234,50", 123450),
        (NumberForm.PLAIN_COMMA, "1.234,50", RejectCode.OTHER_AMOUNT_FORM),
        (NumberForm.SPACE_GROUPS, "1 234 567,50", 123456750),
        (NumberForm.SPACE_GROUPS, "1\u00a0234,50", 123450),
        (NumberForm.SPACE_GROUPS, "1\u202f234,50", 123450),
        (NumberForm.SPACE_GROUPS, "12 34,50", RejectCode.OTHER_AMOUNT_FORM),
        (NumberForm.APOSTROPHE_GROUPS, "1'234.50", 123450),
        (NumberForm.APOSTROPHE_GROUPS, "1’234.50", 123450),
        (NumberForm.INDIAN_GROUPS, "12,34,567.50", 123456750),
        (NumberForm.INDIAN_GROUPS, "1,234.50", 123450),
        (NumberForm.INDIAN_GROUPS, "1,234,567.50", RejectCode.OTHER_AMOUNT_FORM),
    ],
)
def test_a_declared_form_and_no_other_is_read(
    form: NumberForm, text: str, found: int | RejectCode
) -> None:
    assert amount(text, NumberRule(form)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("-1,234.50", -123450),
        ("1,234.50-", -123450),
        ("(1,234.50)", -123450),
        ("¥1,234.50", 123450),
        ("1,234.50 CNY", 123450),
        ("-¥5.00", -500),
        ("(¥5.00)", -500),
        ("¥5.00-", -500),
        ("(-5.00)", RejectCode.OTHER_AMOUNT_FORM),
        ("-5.00-", RejectCode.OTHER_AMOUNT_FORM),
        ("(5.00", RejectCode.OTHER_AMOUNT_FORM),
        ("¥5.00¥", RejectCode.OTHER_AMOUNT_FORM),
        ("1¥5.00", RejectCode.OTHER_AMOUNT_FORM),
        ("$5.00", RejectCode.OTHER_AMOUNT_FORM),
    ],
)
def test_declared_signs(text: str, found: int | RejectCode) -> None:
    rule = NumberRule(NumberForm.COMMA_GROUPS, ALL_NEGATIVES, ("¥", "CNY"))
    assert amount(text, rule) == found


def test_a_leading_minus_that_is_not_declared_is_another_form() -> None:
    rule = NumberRule(negatives=(NegativeForm.TRAILING,))
    assert amount("5.00-", rule) == -500
    assert amount("-5.00", rule) == RejectCode.OTHER_AMOUNT_FORM


@settings(deadline=None)
@given(st.text(alphabet="0123456789.-+,", max_size=24), st.sampled_from([0, 2, 3]))
def test_columns_and_the_core_read_plain_amounts_alike(text: str, exponent: int) -> None:
    code = {0: "JPY", 2: "CNY", 3: "KWD"}[exponent]
    try:
        expected: int | None = parse_money(text, code).amount_minor
    except MoneyError:
        expected = None
    found = amount(text, exponent=exponent)
    assert (found if isinstance(found, int) else None) == expected


def test_minor_units() -> None:
    texts = pl.Series(["12345", "-7", "12.5", "9223372036854775808", None, "1e3"])
    found = parse_minor(texts)
    assert found.minor.to_list() == [12345, -7, None, None, None, None]
    assert found.code is not None
    assert found.code.to_list() == [
        None,
        None,
        "bad_amount",
        "amount_too_large",
        None,
        "bad_amount",
    ]


# --- dates ----------------------------------------------------------------------------------------


def day(text: str, *forms: str) -> date | str | None:
    found = parse_dates(pl.Series([text]), forms or ("YYYY-MM-DD",), years_after(TODAY, 50))
    return found.days[0] if found.code is None else found.code[0]


@pytest.mark.parametrize(
    ("text", "forms", "found"),
    [
        ("2026-01-31", (), date(2026, 1, 31)),
        ("2026-02-30", (), RejectCode.IMPOSSIBLE_DATE),
        ("2026-13-01", (), RejectCode.IMPOSSIBLE_DATE),
        ("2025-02-29", (), RejectCode.IMPOSSIBLE_DATE),
        ("2024-02-29", (), date(2024, 2, 29)),
        ("2026-1-5", (), RejectCode.BAD_DATE),
        ("2026-01-31 00:00:00", (), RejectCode.BAD_DATE),
        ("2026-01-31T10:00:00", (), RejectCode.BAD_DATE),
        ("46053", (), RejectCode.BAD_DATE),
        ("1949-12-31", (), RejectCode.DATE_TOO_EARLY),
        ("9999-12-31", (), RejectCode.DATE_IN_FUTURE),
        ("2076-11-22", (), date(2076, 11, 22)),
        ("2076-11-23", (), RejectCode.DATE_IN_FUTURE),
        ("31/01/2026", ("DD/MM/YYYY",), date(2026, 1, 31)),
        ("01/31/2026", ("DD/MM/YYYY",), RejectCode.IMPOSSIBLE_DATE),
        ("20260131", ("YYYYMMDD",), date(2026, 1, 31)),
        ("2026年1月5日", ("YYYY年M月D日",), date(2026, 1, 5)),
        ("5.1.2026", ("YYYY-MM-DD", "D.M.YYYY"), date(2026, 1, 5)),
        ("2026-01-31 00:00:00", ("YYYY-MM-DD 00:00:00",), date(2026, 1, 31)),
        ("2026-01-31 10:00:00", ("YYYY-MM-DD 00:00:00",), RejectCode.BAD_DATE),
        ("50%2026-01-31", ("50%YYYY-MM-DD",), date(2026, 1, 31)),
    ],
)
def test_dates(text: str, forms: tuple[str, ...], found: date | RejectCode) -> None:
    assert day(text, *forms) == found


@settings(deadline=None)
@given(st.dates(date(1950, 1, 1), date(2076, 1, 1)))
def test_every_day_is_read_in_every_form(each: date) -> None:
    texts = {
        "YYYY-MM-DD": each.isoformat(),
        "D.M.YYYY": f"{each.day}.{each.month}.{each.year}",
        "MM/DD/YYYY": f"{each.month:02d}/{each.day:02d}/{each.year}",
        "YYYYMMDD": f"{each.year}{each.month:02d}{each.day:02d}",
        "YYYY年M月D日": f"{each.year}年{each.month}月{each.day}日",
    }
    for form, text in texts.items():
        assert day(text, form) == each


def test_iso_is_read_beside_other_forms_unless_it_may_mean_another_day() -> None:
    assert with_iso(("DD.MM.YYYY",)) == ("DD.MM.YYYY", "YYYY-MM-DD")
    assert with_iso(("YYYY-DD-MM",)) == ("YYYY-DD-MM",)
    assert years_after(date(2024, 2, 29), 1) == date(2025, 2, 28)


# --- telephone numbers ----------------------------------------------------------------------------


def phones(*texts: str, country: str | None = "CN") -> list[str | None]:
    column = pl.Series(list(texts), dtype=pl.String)
    found = parse_phones(column, pl.Series([country] * len(texts), dtype=pl.String))
    if found.code is None:
        return found.values.to_list()
    return [code or value for value, code in zip(found.values, found.code, strict=True)]


def test_a_number_in_many_formats_is_one_number() -> None:
    texts = [
        "13800138000",
        "138 0013 8000",
        "138-0013-8000",
        "+8613800138000",
        "+86 138 0013 8000",
        "008613800138000",
        "8613800138000",
        "(+86)13800138000",
        "１３８００１３８０００",
    ]
    assert phones(*texts) == ["+8613800138000"] * len(texts)
    assert phones("010-62345678", "01062345678", "(010) 6234 5678") == ["+861062345678"] * 3


@pytest.mark.parametrize(
    ("text", "country", "found"),
    [
        ("(202) 555-0123", "US", "+12025550123"),
        ("1-202-555-0123", "US", "+12025550123"),
        ("07946 123456", "GB", "+447946123456"),
        ("+44 7946 123456", "CN", "+447946123456"),
        ("098765 43210", "IN", "+919876543210"),
        ("0412 345 678", "AU", "+61412345678"),
        ("0812-3456-7890", "ID", "+6281234567890"),
        ("0917 123 4567", "PH", "+639171234567"),
        ("0912 345 678", "TW", "+886912345678"),
        ("9123 4567", "HK", "+85291234567"),
        ("8123 4567", "SG", "+6581234567"),
        ("+41 44 668 18 00", None, "+41446681800"),
        ("13800138000.0", "CN", "bad_phone"),
        ("1.38E+10", "CN", "bad_phone"),
        ("1380013800", "CN", "bad_phone"),
        ("62345678", "CN", "bad_phone"),
        ("无", "CN", "bad_phone"),
        ("call 13800138000", "CN", "bad_phone"),
        ("0000000000", "CN", "bad_phone"),
        ("+", "CN", "bad_phone"),
        ("13800138000/13900139000", "CN", "bad_phone"),
        ("9" * 300, "CN", "bad_phone"),
        ("010-62345678转801", "CN", "phone_extension"),
        ("010-62345678 ext. 801", "CN", "phone_extension"),
        ("010-62345678#801", "CN", "phone_extension"),
        ("13800138000", "XX", "bad_phone"),
    ],
)
def test_numbers_of_many_countries(text: str, country: str | None, found: str) -> None:
    assert phones(text, country=country) == [found]


def test_the_country_of_a_foreign_number_is_its_own() -> None:
    column = pl.Series(["+44 7946 123456", "13800138000", "no"])
    found = parse_phones(column, pl.Series(["CN"] * 3))
    assert found.countries.to_list() == ["GB", "CN", None]


def plain_numbers(country: str) -> list[str]:
    """Numbers of the country in plain form, by the library's own examples and their neighbours."""
    rng = random.Random(country)
    plan = PLANS[country]
    numbers = []
    for kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE):
        example = phonenumbers.example_number_for_type(country, kind)
        national = str(example.national_number)
        for _ in range(20):
            digits = national[:5] + "".join(rng.choice("0123456789") for _ in national[5:])
            trunk = "" if country in ("US", "CA", "HK", "SG") else "0"
            numbers += [digits, trunk + digits, f"+{plan.code}{digits}", plan.code + digits]
    return numbers


@pytest.mark.parametrize("country", sorted(PLANS))
def test_the_fast_path_and_the_library_agree(country: str) -> None:
    compared = 0
    numbers = plain_numbers(country)
    for text, value in zip(numbers, phones(*numbers, country=country), strict=True):
        number = phonenumbers.parse(text, country)
        if value is not None and value.startswith("+") and phonenumbers.is_valid_number(number):
            form = phonenumbers.PhoneNumberFormat.E164
            assert value == phonenumbers.format_number(number, form), text
            compared += 1
    assert compared > 20


# --- what has a twin in the core ------------------------------------------------------------------


def test_masks_of_columns_are_those_of_the_core() -> None:
    numbers = ["+8613800001234", "+861062345678", "+447946123456", "+12025550123", "+85291234567"]
    for kind, values, mask in (
        (ContactKind.PHONE, numbers, mask_phone),
        (ContactKind.PHONE, numbers[:1], mask_phone),
        (ContactKind.EMAIL, ["a@b.cn", "zhang@example.com"], mask_email),
        (ContactKind.EMAIL, ["张@例子.中国", "zhang@example.com"], mask_email),
        (ContactKind.ADDRESS, ["12 Main St, Springfield", "北京", "广东省深圳市1号"], mask_address),
        (ContactKind.HANDLE, ["wx_1", "张"], mask_handle),
    ):
        assert masked_contacts(kind, pl.Series(values)).to_list() == [mask(v) for v in values]


@settings(deadline=None)
@given(st.lists(st.text(), min_size=1, max_size=5))
def test_names_of_columns_are_folded_like_those_of_the_core(names: list[str]) -> None:
    names = [" ".join(name.split()) for name in names]
    assert fold_names(pl.Series(names)).to_list() == [fold_name(name) for name in names]


def test_untidy_names() -> None:
    spaced, control = single_spaced(
        pl.Series(["张 三", " 李\t四 ", "王　五", "a\u200bb\x00", None])
    )
    assert spaced.to_list() == ["张 三", "李 四", "王 五", "a\u200bb\x00", None]
    assert control.to_list() == [False, False, False, True, None]


def test_identity_numbers_of_columns_are_checked_like_those_of_the_core() -> None:
    rows = [
        ("national_id", "CN", "11010519491231002X"),
        ("national_id", "CN", "11010519491231002x"),
        ("national_id", "CN", "110105194912310021"),
        ("national_id", "CN", "110105194902300021"),
        ("national_id", "CN", "110105491231002"),
        ("national_id", "CN", "1101051949 1231002X"),
        ("national_id", "GB", "AB 12 34 56 C"),
        ("company_number", "CN", "91350100M000100Y43"),
        ("company_number", "CN", "91350100M000100Y44"),
        ("passport", "US", "000000"),
        ("passport", "US", "e1234567"),
    ]
    kinds, countries, texts = (pl.Series(list(each)) for each in zip(*rows, strict=True))
    found = check_numbers(kinds, countries, texts)
    expected = [check_identity(*row) for row in rows]
    assert found.numbers.to_list() == [number for number, _ in expected]
    assert found.found.to_list() == [int(outcome) for _, outcome in expected]


def test_no_identity_number_is_no_fault() -> None:
    found = check_numbers(*(pl.Series([None], dtype=pl.String) for _ in range(3)))
    assert found.numbers.to_list() == [None]
    assert found.found.to_list() == [int(NumberCheck.GOOD)]
