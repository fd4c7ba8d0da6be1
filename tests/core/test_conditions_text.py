"""Any text compiles or is refused by one clear error that names the place and what to do."""

from __future__ import annotations

import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kept.core.conditions import (
    Condition,
    ConditionError,
    ConditionErrorCode,
    compile_condition,
    print_condition,
    read_condition,
)
from kept.core.conditions.places import LENGTH_MAX
from kept.core.facts import CATALOGUE, Fact, FactType, Use

CATALOGUE_HERE = CATALOGUE.extended(
    [Fact("channel", FactType.CATEGORY, "a channel", "渠道", values=("sms", "call", "letter"))]
)


def refused(text: str, use: Use = Use.STRATEGY) -> ConditionError:
    with pytest.raises(ConditionError) as caught:
        compile_condition(text, CATALOGUE_HERE, use=use)
    return caught.value


@pytest.mark.parametrize(
    ("text", "code", "column", "said"),
    [
        ("", "syntax", 1, "empty"),
        (" \n ", "syntax", 1, "empty"),
        ("dpd >", "syntax", 6, "ends too early"),
        ("(dpd > 3", "syntax", 1, "never closed"),
        ("dpd > > 3", "syntax", 7, "not an expression"),
        ("  dpd > > 3", "syntax", 9, "not an expression"),
        ("dpd 3", "syntax", 5, "not an expression"),
        ("dpd > 3;", "character", 8, "has no place here"),
        ("dpd > 3 & True", "character", 9, "write 'and'"),
        ("dpd > 3 | True", "character", 9, "write 'or'"),
        ("~has_email", "character", 1, "write 'not'"),
        ("!has_email", "character", 1, "write 'not'"),
        ("dpd = 3", "character", 5, "write =="),
        ("dpd / 3 > 1", "character", 5, "write //"),
        ("dpd > 3.5", "character", 8, "whole numbers only"),
        ("debtor.age > 3", "character", 7, "whole numbers only"),
        ("dpd in [1, 2]", "character", 8, "round brackets"),
        ("dpd > 3 # note", "character", 9, "has no place here"),
        ("dpd > 3\\", "character", 8, "no place"),
        ("dpd > 3\x00", "character", 8, "no place"),
        ("creditor == '\ud800'", "character", 14, "no place"),
        ("creditor == 'A", "character", 13, "not closed"),
        ("creditor == 'A\tB'", "character", 13, "not closed"),
        ("creditor == “A”", "character", 13, 'plain "'),
        ("dpd ≥ 3", "character", 5, "write >="),
        ("（dpd > 3）", "character", 1, "plain ("),
        ("逾期天数 > 3", "character", 1, "plain ASCII"),
        ("dpd > ３", "character", 7, "plain ASCII"),
        ("dpd > 3and True", "character", 7, "put a space"),
        ("dpd > 0x10", "character", 7, "put a space"),
        ("dpd > 007", "syntax", 7, "not an expression"),
        ("lambda: 1", "character", 7, "has no place"),
        ("dpd ** 2 > 1", "grammar", 1, "powers"),
        ("dpd if True else 1", "grammar", 1, "if … else"),
        ("dpd is 3", "grammar", 8, "=="),
        ("dpd is not 3", "grammar", 12, "!="),
        ("dpd > +3", "grammar", 7, "leave out"),
        ("(1, 2)", "grammar", 1, "only after 'in'"),
        ("dpd in 3", "grammar", 8, "list of values"),
        ("dpd in ()", "grammar", 8, "list of values"),
        ("creditor in ('A')", "grammar", 14, "(1,) for one"),
        ("dpd in (1, dpd)", "grammar", 12, "no facts"),
        ("1 < dpd in (2, 3)", "grammar", 1, "does not chain"),
        ("b'A' == creditor", "grammar", 1, "not part of conditions"),
        ("f'A' == creditor", "grammar", 1, "not part of conditions"),
        ("creditor == None", "grammar", 13, "not part of conditions"),
        ('creditor == "it\'s" \'say "x"\'', "character", 13, "one kind of quote"),
        ("(yield)", "grammar", 2, "not part of conditions"),
        ("money(1)", "grammar", 1, 'write money(500, "CNY")'),
        ('money(True, "CNY") < balance', "grammar", 1, "write money"),
        ('money(-True, "CNY") < balance', "grammar", 1, "write money"),
        ("money(*(1, 2))", "grammar", 1, "write money"),
        ("date(2026, 1, 31)", "grammar", 1, "write date"),
        ("known(1)", "grammar", 1, "write known(fact)"),
        ("is_unknown(dpd, dpd)", "grammar", 1, "write is_unknown(fact)"),
        ("surely()", "grammar", 1, "write surely(dpd > 30)"),
        ("surely(has_email, has_email)", "grammar", 1, "write surely("),
        ("surely(*has_email)", "grammar", 8, "not part of conditions"),
        ("surely(dpd)", "type", 8, "dpd > 0"),
        ("surely(dpds > 1)", "unknown_name", 8, "did you mean dpd"),
        ("surely > 1", "unknown_name", 1, "is a function"),
        ("surely(dpd > 1) == True", "type", 1, "in the place of a value"),
        ("dpd > (1)(2)", "unknown_call", 7, "there are money"),
        ("__import__('os')", "unknown_call", 1, "there are money"),
        ("knwon(dpd)", "unknown_call", 1, "did you mean known?"),
        ("money > 1", "unknown_name", 1, "is a function"),
        ("dpds > 1", "unknown_name", 1, "did you mean dpd"),
        ("known(dpds)", "unknown_name", 7, "did you mean dpd"),
        ("True and\n  balanse > 1", "unknown_name", 3, "did you mean balance"),
        ("xyzzy > 1", "unknown_name", 1, "listed in the catalogue"),
        ("currency == 'CNY'", "unknown_name", 1, "named with the amount"),
        ("sex == 'm'", "use", 1, "protected"),
        ("known(age)", "use", 7, "protected"),
        ("dpd", "type", 1, "dpd > 0"),
        ("balance", "type", 1, 'balance > money(500, "CNY")'),
        ("creditor", "type", 1, 'creditor == "…"'),
        ("last_payment_date", "type", 1, 'date("2026-01-31")'),
        ("dpd > 1 and dpd", "type", 13, "not a condition"),
        ("balance > 500", "type", 11, "write amounts as money"),
        ("dpd == 'A'", "type", 8, "cannot be compared"),
        ("has_email == 1", "type", 14, "cannot be compared"),
        ("has_email > False", "type", 1, "no order"),
        ("creditor < 'A'", "type", 1, "no order"),
        ("(dpd > 1) == True", "type", 2, "in the place of a value"),
        ("not dpd > 1 > has_email", "type", 15, "cannot be compared"),
        ("has_email + 1 > 1", "type", 1, "calculated with"),
        ("-creditor == 'A'", "type", 2, "calculated with"),
        ("balance * balance > balance", "type", 11, "has no meaning"),
        ("balance + dpd > balance", "type", 11, "has no meaning"),
        ("balance // 2 > balance", "type", 12, "has no meaning"),
        ("dpd in ('A', 'B')", "type", 9, "cannot be compared"),
        ('balance > money(5, "RMB")', "currency", 20, "did you mean CNY?"),
        ('balance + money(1, "CNY") > money(1, "USD")', "currency", 29, "CNY and USD"),
        ('balance in (money(1, "CNY"), money(1, "USD"))', "currency", 30, "CNY and USD"),
        ('balance > money("5.555", "CNY")', "amount", 17, "2 decimals, not 3"),
        ('balance > money("1,000", "CNY")', "amount", 17, "plain decimal"),
        ('balance > money("NaN", "CNY")', "amount", 17, "plain decimal"),
        ('last_payment_date > date("2026-02-30")', "date", 26, "no day"),
        ('last_payment_date > date("20260131")', "date", 26, "no day"),
        ("channel == 'sns'", "category", 12, "one of sms"),
        ("channel in ('sms', 'fax')", "category", 20, "one of"),
        ("dpd > 9223372036854775808", "number", 7, "64 bits"),
        ("dpd > -9223372036854775809", "number", 7, "64 bits"),
        ("dpd * 99999999999999 > 1", "overflow", 1, "beyond 64 bits"),
        ("dpd > 9223372036854775807 + 1", "overflow", 7, "beyond 64 bits"),
        ("dpd % 9223372036854775807 == 1", "overflow", 7, "beyond 64 bits"),
        ("-(dpd * 9999999999999) * 9999 > 1", "overflow", 1, "beyond 64 bits"),
        ("dpd // 0 == 1", "zero_division", 8, "division by zero"),
        ("dpd % (3 - 3) == 1", "zero_division", 8, "division by zero"),
    ],
)
def test_a_text_that_is_no_condition_is_refused_with_the_place_and_what_to_do(
    text: str, code: str, column: int, said: str
) -> None:
    error = refused(text)
    assert (error.code, error.column) == (code, column)
    assert said in error.message
    assert error.line == (2 if "\n  b" in text else 1)
    assert str(error) == f"line {error.line}, column {column}: {error.message}"


def test_the_place_counts_characters_not_bytes() -> None:
    assert refused('creditor == "张三李四" and dpds > 1').column == 24
    assert refused('creditor == "张三" and\n\r\n creditor == "李四" and dpds').line == 3


def test_texts_too_long_or_too_deep() -> None:
    assert refused("a" * 5_000).code is ConditionErrorCode.TOO_LONG
    assert compile_condition("True" + " " * (LENGTH_MAX - 4)).evaluate({}).surely_true
    assert refused("True" + " " * (LENGTH_MAX - 3)).code is ConditionErrorCode.TOO_LONG
    assert compile_condition("surely(" * 49 + "True" + ")" * 49).evaluate({}).surely_true
    assert refused("surely(" * 50 + "True" + ")" * 50).code is ConditionErrorCode.TOO_DEEP
    deep = "not " * 49 + "True"
    assert compile_condition(deep).evaluate({}).surely_false
    assert refused("not " + deep).code is ConditionErrorCode.TOO_DEEP
    for text in ("-" * 3_999 + "1", "not " * 990 + "True", "+" * 3_999 + "1", "1" + "+1" * 1_999):
        assert refused(text).code is ConditionErrorCode.TOO_DEEP
    assert refused("(" * 1_999 + "1" + ")" * 1_999).code is ConditionErrorCode.SYNTAX
    assert compile_condition("(" * 60 + "True" + ")" * 60).text.startswith("((")


def test_many_parts_beside_one_another_are_not_deep() -> None:
    text = " or ".join(["dpd==1"] * 400)
    found = compile_condition(text)
    assert found.evaluate({"dpd": 1}).surely_true
    assert read_condition(str(found)) == found.tree


def test_text_is_asked_for() -> None:
    for wrong in (None, 3, b"True", True):
        with pytest.raises(ConditionError, match="a condition is text"):
            compile_condition(wrong)  # type: ignore[arg-type]


def test_a_law_rule_reads_law_facts_only() -> None:
    assert refused("dpd > 3", Use.LAW).code is ConditionErrorCode.USE
    assert compile_condition("disputed", use=Use.LAW).facts == ("disputed",)
    doubtless = refused("not surely(disputed)", Use.LAW)
    assert (doubtless.code, doubtless.column) == (ConditionErrorCode.USE, 5)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("((dpd))>(3)", "dpd > 3"),
        ("not(has_email)", "not has_email"),
        ("not not has_email", "not not has_email"),
        ("(has_email and has_email) and has_email", "(has_email and has_email) and has_email"),
        ("has_email and has_email or has_email", "has_email and has_email or has_email"),
        ("has_email and (has_email or has_email)", "has_email and (has_email or has_email)"),
        ("not (has_email and has_email)", "not (has_email and has_email)"),
        ("not dpd in (1,)", "not dpd in (1,)"),
        ("dpd not in(1,2,)", "dpd not in (1, 2)"),
        ("6<=dpd<=17", "6 <= dpd <= 17"),
        ("dpd-(1-2)>3", "dpd - (1 - 2) > 3"),
        ("(dpd-1)-2>3", "dpd - 1 - 2 > 3"),
        ("dpd*(1+2)>- 3", "dpd * (1 + 2) > -3"),
        ("-(dpd+1)*--3>1_000", "-(dpd + 1) * 3 > 1000"),
        ("-(-dpd)>1", "--dpd > 1"),
        ("- -9223372036854775808 > dpd", "--9223372036854775808 > dpd"),
        ("dpd//2%3>0", "dpd // 2 % 3 > 0"),
        ("dpd//(2%3)>0", "dpd // (2 % 3) > 0"),
        ("balance>=money(\"500.50\",'CNY')", 'balance >= money("500.50", "CNY")'),
        ('balance>=money("500.00","CNY")', 'balance >= money(500, "CNY")'),
        ('balance>=-money("0.05","CNY")', 'balance >= money("-0.05", "CNY")'),
        ('balance>=money(-5,"JPY")', 'balance >= money(-5, "JPY")'),
        ('last_payment_date<date("2026-01-31")', 'last_payment_date < date("2026-01-31")'),
        ("creditor=='say \"x\"'", "creditor == 'say \"x\"'"),
        ("creditor=='A' 'B'", 'creditor == "AB"'),
        ("is_unknown(dpd)or known(balance)", "is_unknown(dpd) or known(balance)"),
        ("True\n  and\tFalse", "True and False"),
        ("surely ( (dpd>3 or has_email), )", "surely(dpd > 3 or has_email)"),
        ("(surely((surely(has_email)))) and-1<dpd", "surely(surely(has_email)) and -1 < dpd"),
        # Trees without meaning are refused later, yet they too are printed as they were read.
        ("((dpd>1))==(True)", "(dpd > 1) == True"),
        ("(dpd in(1,))<2<(3<4)", "(dpd in (1,)) < 2 < (3 < 4)"),
        ("-(not dpd)+(dpd or 1)*2", "-(not dpd) + (dpd or 1) * 2"),
        ("(dpd and 1)in(2,)", "(dpd and 1) in (2,)"),
    ],
)
def test_printing_is_plain_and_reads_back(text: str, printed: str) -> None:
    tree = read_condition(text)
    assert print_condition(tree) == printed
    assert read_condition(printed) == tree


def test_minus_the_least_amount_is_not_an_overflow() -> None:
    text = '-money("-92233720368547758.08", "CNY") > balance'
    tree = read_condition(text)
    assert read_condition(print_condition(tree)) == tree
    assert refused(text).code is ConditionErrorCode.OVERFLOW


def test_a_printed_condition_never_outgrows_the_limit() -> None:
    part = '(balance>money("5.5","CNY")and(dpd<1 or dpd in(1,2))and"x"==creditor)'
    text = "and".join([part] * (LENGTH_MAX // (len(part) + 3)))
    assert len(text) == 3_957
    printed = print_condition(read_condition(text))
    assert len(printed) <= LENGTH_MAX
    assert read_condition(printed) == read_condition(text)


def test_equal_trees_make_equal_conditions() -> None:
    one, other = compile_condition("dpd>3"), compile_condition("( dpd > 3 )")
    assert one == other
    assert hash(one) == hash(other)
    assert one != compile_condition("dpd > 4")
    assert (one.text, str(one)) == ("dpd>3", "dpd > 3")


# --- any text at all ------------------------------------------------------------------------------

TOKENS = [
    *("dpd", "balance", "creditor", "has_email", "last_payment_date", "sex", "currency", "nobody"),
    *("and", "or", "not", "in", "is", "if", "else", "lambda", "for", "await", "yield", "None"),
    *("True", "False", "0", "1", "17", "9223372036854775807", "9223372036854775808", "1_0", "1.5"),
    *("+", "-", "*", "**", "/", "//", "%", "@", "<<", "~", "&", "|", "^", ":=", "->", "..."),
    *("<", "<=", ">", ">=", "==", "!=", "=", "(", ")", "(", ")", "[", "]", "{", "}", ",", ":"),
    *('"A"', "'B'", '"', "'", '"""', "\\", "#", ";", "\n", "\t", "\r", "\x0c", "\x00", "`", "$"),
    *('money(500, "CNY")', 'money("5.50", "CNY")', "money(", "known(dpd)", "is_unknown(balance)"),
    *("surely(", "surely(has_email)"),
    *(
        'date("2026-01-31")',
        "date(",
        "__import__('os')",
        "x.y",
        "f'{dpd}'",
        "b'A'",
        "张三",
        "（",
        "≥",
    ),
    *("\ufeff", "\u2028", "\x85", "\u200b", "ｄｐｄ", "٣"),
]
VALID = [
    '6 <= dpd <= 17 and balance >= money(500, "CNY") and not has_open_promise',
    "dpd // 30 * 30 == dpd or dpd % 7 in (0, 1, 6)",
    'creditor in ("A", "B") and (known(days_since_last_payment) or disputed)',
    'last_payment_date < date("2026-01-31") or balance * 3 > overdue_balance - fee_balance',
]

soup = st.lists(st.sampled_from(TOKENS), max_size=25).flatmap(
    lambda tokens: st.sampled_from(["", " "]).map(lambda gap: gap.join(tokens))
)


@st.composite
def mutations(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from(VALID))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 6)))
        text = text[:start] + draw(st.sampled_from(TOKENS) | st.text(max_size=2)) + text[end:]
    return text


nested = st.builds(
    lambda before, times, inner, after: before * times + inner + after * times,
    st.sampled_from(
        ["(", "-", "not ", "(-", "not(", "-(", "+", "((", "money(", "known(", "surely("]
    ),
    st.integers(0, 1_500),
    st.sampled_from(["1", "dpd", "True", "dpd > 1", ""]),
    st.sampled_from([")", "", "))", " > 1", " and True", " in (1,)"]),
)


@settings(max_examples=600, deadline=None)
@given(st.one_of(st.text(max_size=60), soup, mutations(), nested))
def test_any_text_compiles_or_is_refused_by_the_one_error(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = _compiled(text)
    if isinstance(found, ConditionError):
        assert found.message
        assert found.line >= 1
        assert found.column >= 1
        assert found.code in ConditionErrorCode
    else:
        assert read_condition(print_condition(found.tree)) == found.tree


def _compiled(text: str) -> Condition | ConditionError:
    try:
        return compile_condition(text)
    except ConditionError as error:
        return error


@pytest.mark.parametrize("text", VALID)
def test_the_texts_that_are_mutated_are_valid(text: str) -> None:
    assert str(compile_condition(text)) == text
