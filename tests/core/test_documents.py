"""Amounts in words, codes, what kinds must contain, terms that do not add up: the pure side."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.core.documents.amounts import in_figures, in_words, number_in_figures
from kept.core.documents.codes import (
    CODE_LETTERS,
    RANDOM_LETTERS,
    code_hash,
    code_of,
    grouped,
    read_code,
)
from kept.core.documents.contents import Binding, lacking, months_most, notices
from kept.core.documents.kinds import DocumentKind, kind_of_text
from kept.core.documents.terms import (
    AgreementTerms,
    Instalment,
    SettlementTerms,
    agreement_faults,
    months_between,
    settlement_faults,
    statement_lines,
)
from kept.packs.scripts import load_texts

DAY = date(2026, 11, 22)
CHINESE_DIGITS = {sign: number for number, sign in enumerate("零壹贰叁肆伍陆柒捌玖")}
CHINESE_UNITS = {"拾": 10, "佰": 100, "仟": 1_000, "万": 10_000, "亿": 100_000_000}


@pytest.mark.parametrize(
    ("minor", "said"),
    [
        (0, "人民币零元整"),
        (1, "人民币壹分"),
        (10, "人民币壹角整"),
        (101, "人民币壹元零壹分"),
        (123_456, "人民币壹仟贰佰叁拾肆元伍角陆分"),
        (150_000, "人民币壹仟伍佰元整"),
        (1_000_500, "人民币壹万零伍元整"),
        (10_003_000, "人民币壹拾万零叁拾元整"),
        (10_000_000_100, "人民币壹亿零壹元整"),
        (1_234_567_890_123, "人民币壹佰贰拾叁亿肆仟伍佰陆拾柒万捌仟玖佰零壹元贰角叁分"),
        (1_000_000_000_000_000, "人民币壹拾万亿元整"),
    ],
)
def test_chinese_words_are_those_of_bank_papers(minor: int, said: str) -> None:
    assert in_words(minor, "CNY", "zh") == said


@pytest.mark.parametrize(
    ("minor", "code", "said"),
    [
        (0, "USD", "zero and 00/100 US dollars"),
        (123_456, "USD", "one thousand two hundred thirty-four and 56/100 US dollars"),
        (9_000, "JPY", "nine thousand Japanese yen"),
        (1_000_019_00, "GBP", "one million nineteen and 00/100 pounds sterling"),
        (1_005, "KWD", "one and 005/1000 KWD"),
    ],
)
def test_english_words(minor: int, code: str, said: str) -> None:
    assert in_words(minor, code, "en") == said


def test_figures_name_their_currency() -> None:
    assert in_figures(-123_456_789, "CNY", "zh") == "人民币-1,234,567.89元"
    assert in_figures(5, "USD", "en") == "USD 0.05"
    assert in_figures(500, "USD", "zh") == "5.00美元"
    assert number_in_figures(1_234_567, "JPY") == "1,234,567"
    assert in_words(150_050, "USD", "zh") == "壹仟伍佰点伍零美元整"
    with pytest.raises(ValueError, match="below zero"):
        in_words(-1, "CNY", "zh")


def chinese_number(said: str) -> int:
    """Read back by the rules of the language: an independent reading of what is written."""
    total = group = digit = 0
    for sign in said:
        if sign in CHINESE_DIGITS:
            digit = CHINESE_DIGITS[sign]
        elif CHINESE_UNITS[sign] < 10_000:
            group, digit = group + digit * CHINESE_UNITS[sign], 0
        else:
            total, group, digit = (total + group + digit) * CHINESE_UNITS[sign], 0, 0
            if sign == "万" and total >= 100_000_000:
                raise AssertionError("not needed below a hundred thousand million")
    return total + group + digit


@given(st.integers(0, 99_999_999))
def test_words_read_back_are_the_number(whole: int) -> None:
    said = in_words(whole * 100, "CNY", "zh").removeprefix("人民币").removesuffix("元整")
    assert chinese_number(said) == whole
    assert "零零" not in said
    assert said == "零" or not said.endswith("零")


# --- codes ----------------------------------------------------------------------------------------

letters = st.text(CODE_LETTERS, min_size=RANDOM_LETTERS, max_size=RANDOM_LETTERS)


@given(letters, st.integers(0, RANDOM_LETTERS), st.sampled_from(CODE_LETTERS))
def test_every_wrong_letter_is_found(given_letters: str, place: int, other: str) -> None:
    code = code_of(given_letters)
    wrong = code[:place] + other + code[place + 1 :]
    assert read_code(wrong) == (code if wrong == code else None)


@given(letters, st.integers(0, RANDOM_LETTERS - 2))
def test_two_that_changed_places_are_found(given_letters: str, place: int) -> None:
    code = code_of(given_letters)
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert read_code(swapped) == (code if swapped == code else None)


def test_a_code_is_read_as_people_type_it() -> None:
    code = code_of("K7QD9M3X4T0P12A")
    assert grouped(code) == f"K7QD-9M3X-4T0P-12A{code[-1]}"
    typed = grouped(code).lower().replace("0", "o").replace("1", "l").replace("-", " - ")
    assert read_code(typed) == code
    assert read_code("") is None
    assert read_code(code + "0") is None
    assert read_code("z" + code[1:]) is None
    assert len(code_hash(code)) == 32
    with pytest.raises(ValueError, match="made of"):
        code_of("K7Q")


# --- what kinds contain ---------------------------------------------------------------------------

CARD = Binding("CN", "credit_card", "third_party_agency")


def test_shipped_texts_have_what_every_law_kept_knows_wants() -> None:
    texts = {each.code: each for each in load_texts()}
    for kind in DocumentKind:
        for language, body in texts[kind.value].bodies.items():
            for binding in (Binding(), CARD, Binding("US", "credit_card", "debt_collector")):
                assert lacking(kind, body, language, binding) == (), (kind, language)


def test_a_card_plan_in_china_needs_the_promise_and_others_do_not() -> None:
    body = next(each for each in load_texts() if each.code == "instalment_agreement").bodies["zh"]
    without = body.replace("在本协议款项全部结清前，乙方承诺不向任何银行申领信用卡。", "")
    found = lacking(DocumentKind.INSTALMENT_AGREEMENT, without, "zh", CARD)
    assert [each.what("zh-hans") for each in found] == ["未结清前不得申领信用卡的承诺"]
    assert lacking(DocumentKind.INSTALMENT_AGREEMENT, without, "zh", Binding("CN", "loan")) == ()
    assert (months_most(CARD), months_most(Binding("DE"))) == (60, None)


def test_a_text_without_figures_lacks_them() -> None:
    found = lacking(DocumentKind.PROOF_OF_SETTLEMENT, "{creditor}: paid in full", "en", Binding())
    assert [each.figures for each in found] == [("debtor",), ("account",), ("settled_on",)]
    assert kind_of_text("demand_letter") is DocumentKind.DEMAND_LETTER
    assert kind_of_text("early_call") is None


def test_notices_of_the_us_bind_debt_collectors_only() -> None:
    collector = Binding("US", "credit_card", "debt_collector")
    first, second = notices(DocumentKind.DEMAND_LETTER, collector, DAY)
    assert "attempt to collect a debt" in first.said
    assert second.until == DAY + timedelta(days=42)
    assert notices(DocumentKind.STATEMENT, collector, DAY) == ()
    assert notices(DocumentKind.DEMAND_LETTER, Binding("US", "", "original_creditor"), DAY) == ()


# --- terms ----------------------------------------------------------------------------------------


def plan(*rows: Instalment, total: int = 1_000) -> AgreementTerms:
    return AgreementTerms(DAY, "CNY", total, total, rows)


def test_a_plan_adds_up_and_goes_forward() -> None:
    good = plan(Instalment(date(2026, 12, 10), 400), Instalment(date(2027, 1, 10), 600))
    assert agreement_faults(good, months_most=60) == ()
    bad = plan(
        Instalment(date(2026, 12, 10), 0),
        Instalment(date(2026, 12, 10), 600, principal_minor=500, interest_minor=50),
    )
    assert [str(each) for each in agreement_faults(bad)] == [
        "Instalment 1: the amount is above zero.",
        "Instalment 2: its parts do not come to its amount.",
        "Instalment 2: due on 2026-12-10, not after the one before it.",
        "The instalments come to 600, not to 1000 as agreed.",
    ]
    assert str(agreement_faults(plan())[0]) == "A plan has at least one instalment."


def test_sixty_months_are_allowed_and_a_day_more_is_not() -> None:
    last = Instalment(date(2031, 11, 22), 1_000)
    assert agreement_faults(plan(last), months_most=60) == ()
    later = plan(Instalment(date(2031, 11, 23), 1_000))
    (found,) = agreement_faults(later, months_most=60)
    assert str(found) == "The plan runs 61 months; 60 at most."
    assert months_between(DAY, DAY) == 0


def test_a_settlement_is_less_and_is_confirmed_when_paid_in_time() -> None:
    offer = SettlementTerms(DAY, "CNY", 1_000, 600, date(2026, 12, 15))
    assert settlement_faults(offer) == ()
    assert offer.waived_minor == 400
    assert [str(each) for each in settlement_faults(offer, is_confirmed=True)] == [
        "The settlement is not paid: there is nothing to confirm."
    ]
    late = SettlementTerms(DAY, "CNY", 1_000, 600, date(2026, 12, 15), date(2026, 12, 16))
    assert "after its last day" in str(settlement_faults(late, is_confirmed=True)[0])
    assert len(settlement_faults(SettlementTerms(DAY, "CNY", 1_000, 1_000, None))) == 2


def test_lines_of_a_statement_carry_the_balance() -> None:
    entries = [
        (date(2026, 1, 1), "opening", "", 1_000),
        (date(2026, 2, 1), "payment", "P1", -300),
        (date(2026, 2, 2), "redate", "", 0),
        (date(2026, 3, 1), "charge", "", 50),
    ]
    before, lines = statement_lines(entries, date(2026, 2, 1))
    assert before == 1_000
    assert [(each.kind, each.owed_minor, each.balance_minor) for each in lines] == [
        ("payment", -300, 700),
        ("charge", 50, 750),
    ]
    assert statement_lines([], DAY) == (0, ())
