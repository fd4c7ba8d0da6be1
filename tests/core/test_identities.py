"""Identity numbers by their published examples, masks, and names as search sees them."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kept.core.countries import COUNTRIES, MANY_ZONES, calling_code
from kept.core.identities import (
    NumberCheck,
    ascii_matrix,
    check_company_numbers,
    check_identity,
    check_resident_ids,
    fold_name,
    mask_address,
    mask_email,
    mask_handle,
    mask_identity,
    mask_phone,
    resident_id_check_characters,
)

# The example of GB 11643-1999 and one of GB 32100-2015.
RESIDENT = "11010519491231002X"
COMPANY = "91350100M000100Y43"


@pytest.mark.parametrize(
    ("kind", "country", "text", "number", "found"),
    [
        ("national_id", "CN", RESIDENT, RESIDENT, NumberCheck.GOOD),
        ("national_id", "CN", "11010519491231002x", RESIDENT, NumberCheck.GOOD),
        ("national_id", "CN", " 110105 1949-1231-002X ", RESIDENT, NumberCheck.GOOD),
        ("national_id", "CN", "１１０１０５19491231002X", RESIDENT, NumberCheck.GOOD),
        ("national_id", "CN", "110105491231002", RESIDENT, NumberCheck.GOOD),
        ("national_id", "CN", "110105194912310021", None, NumberCheck.WRONG_DIGIT),
        ("national_id", "CN", "110105194902300021", None, NumberCheck.BAD_FORM),
        ("national_id", "CN", "110105190002290021", None, NumberCheck.BAD_FORM),
        ("national_id", "CN", "01010519491231002X", None, NumberCheck.BAD_FORM),
        ("national_id", "CN", "11010519491231002", None, NumberCheck.BAD_FORM),
        ("national_id", "CN", "11010519491231002é", None, NumberCheck.BAD_FORM),
        ("national_id", "CN", "110105", None, NumberCheck.BAD_FORM),
        ("company_number", "CN", COMPANY, COMPANY, NumberCheck.GOOD),
        ("company_number", "CN", COMPANY[:-1] + "4", None, NumberCheck.WRONG_DIGIT),
        ("company_number", "CN", "91350100I000100Y43", None, NumberCheck.BAD_FORM),
        ("passport", "CN", "e 12345678", "E12345678", NumberCheck.GOOD),
        ("national_id", "GB", "AB123456C", "AB123456C", NumberCheck.GOOD),
        ("national_id", "GB", "000000000", None, NumberCheck.BAD_FORM),
        ("passport", "", "无", None, NumberCheck.BAD_FORM),
        ("passport", "US", "", None, NumberCheck.BAD_FORM),
    ],
)
def test_identity_numbers(
    kind: str, country: str, text: str, number: str | None, found: NumberCheck
) -> None:
    assert check_identity(kind, country, text) == (number, found)


def test_the_check_character_is_the_standards_by_definition() -> None:
    """ISO 7064 MOD 11-2: the whole number, X as ten, leaves 1 modulo 11 with these weights."""
    bodies = [f"{110105 + n}1980{1 + n % 12:02d}{1 + n % 28:02d}{n % 1000:03d}" for n in range(500)]
    characters = resident_id_check_characters(ascii_matrix(bodies, 17))
    for body, code in zip(bodies, characters, strict=True):
        digits = [int(each) for each in body] + [10 if chr(code) == "X" else int(chr(code))]
        total = sum(digit * pow(2, 17 - place) for place, digit in enumerate(digits))
        assert total % 11 == 1


@settings(deadline=None)
@given(st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_seen(place: int, step: int) -> None:
    digit = (int(RESIDENT[place]) + step) % 10
    wrong = RESIDENT[:place] + str(digit) + RESIDENT[place + 1 :]
    assert check_identity("national_id", "CN", wrong)[1] is not NumberCheck.GOOD


def test_one_and_many_agree() -> None:
    numbers = [RESIDENT, "110105194912310021", "110105194902300021", "999999200002290019"]
    many = check_resident_ids(ascii_matrix(numbers, 18))
    one = [int(check_identity("national_id", "CN", number)[1]) for number in numbers]
    assert many.tolist() == one
    companies = [COMPANY, COMPANY[::-1]]
    many = check_company_numbers(ascii_matrix(companies, 18))
    one = [int(check_identity("company_number", "CN", number)[1]) for number in companies]
    assert many.tolist() == one
    assert check_resident_ids(np.empty((0, 18), dtype=np.uint8)).tolist() == []


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("+8613800001234", "138****1234"),
        ("+861062345678", "10****5678"),
        ("+447946123456", "+44 79****3456"),
        ("+12025550123", "+1 20****0123"),
        ("+85291234567", "+852 ****4567"),
        ("+2901234", "+290 ****"),
    ],
)
def test_masked_phones(number: str, masked: str) -> None:
    assert mask_phone(number) == masked


@settings(deadline=None)
@given(st.integers(10**7, 10**14).map(lambda n: f"+86{n}"))
def test_a_masked_phone_hides_four_digits_at_least(number: str) -> None:
    shown = re.sub(r"[^0-9]", "", mask_phone(number))
    assert len(shown) <= len(number) - 3 - 4


def test_other_masks() -> None:
    assert mask_email("zhang.san@example.com") == "z***@example.com"
    assert mask_address("广东省深圳市南山区科技路1号") == "广东省深圳市****"
    assert mask_address("12 Main Street, Springfield") == "** Mai****"
    assert mask_address("1 Elm St") == "* ****"
    assert mask_handle("zhang_san") == "z***"
    assert mask_identity(RESIDENT) == "110***********002X"
    assert mask_identity("A1234") == "A**34"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("张三", "张三"),
        ("  ZHANG   San ", "zhang san"),
        ("Straße", "strasse"),
        ("ＡＢＣ　有限公司", "abc 有限公司"),
        ("İstanbul", "i̇stanbul"),
        ("Ⅳ", "iv"),
    ],
)
def test_folded_names(text: str, folded: str) -> None:
    assert fold_name(text) == folded


@settings(deadline=None)
@given(st.text())
def test_folding_case_and_spaces_does_not_matter(text: str) -> None:
    assert fold_name(f"  {text} ") == fold_name(text)
    assert fold_name(fold_name(text)) == fold_name(text)


def test_countries_and_calling_codes() -> None:
    assert len(COUNTRIES) == 249
    assert MANY_ZONES < COUNTRIES
    assert [calling_code(n) for n in ("+12025550123", "+8613800000000", "+85291234567")] == [
        "1",
        "86",
        "852",
    ]
