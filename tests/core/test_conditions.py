"""What conditions mean, on one case and on frames, and what the adapters refuse."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import narwhals as nw
import polars as pl
import pytest

from kept.core.conditions import (
    Condition,
    FactsError,
    compile_condition,
    facts_in,
    truths_out,
    with_truths,
)
from kept.core.facts import CATALOGUE, Fact, FactType
from kept.core.truth import FALSE, TRUE, UNKNOWN, Truth, both, either, opposite, when_known

KNOWN: dict[str, Any] = {
    "dpd": 9,
    "balance": 70_000,
    "overdue_balance": 30_000,
    "currency": "CNY",
    "has_email": True,
    "creditor": "ACME",
    "days_since_last_payment": None,
    "last_payment_date": date(2026, 1, 31),
    "last_payment": None,
}


def says(text: str, **change: object) -> Truth[bool]:
    facts = KNOWN | change
    condition = compile_condition(text)
    found = condition.evaluate(facts)
    row = with_truths(pl.DataFrame([facts]), {"truth": condition}, surely_false=True)
    assert Truth(row["truth"][0], row["truth__false"][0]) == found
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("6 <= dpd <= 17", TRUE),
        ("6 <= dpd < 9", FALSE),
        ("9 <= dpd and 9 >= dpd", TRUE),
        ("9 < dpd or 9 > dpd", FALSE),
        ("not dpd > 3", FALSE),
        ("dpd > 3 and dpd < 5 or has_email", TRUE),
        ("dpd in (8, 9)", TRUE),
        ("dpd not in (8, 9)", FALSE),
        ("dpd // 2 == 4 and dpd % 2 == 1", TRUE),
        ("-dpd // 2 == -5 and -dpd % 2 == 1", TRUE),
        ("(dpd - 9) // dpd == 0", TRUE),
        ("dpd // (dpd - 9) == 0", UNKNOWN),
        ("dpd % (dpd - 9) == 0 or True", TRUE),
        ("10 // dpd == 1", TRUE),
        ("2 * 3 == 6", TRUE),
        ("7 // 2 == 3 and -7 % 2 == 1", TRUE),
        ("has_email", TRUE),
        ("has_email == False", FALSE),
        ("creditor == 'ACME'", TRUE),
        ("creditor in ('A', 'B')", FALSE),
        ("creditor != 'ACME'", FALSE),
        ("last_payment_date <= date('2026-01-31')", TRUE),
        ("date('2026-01-01') < last_payment_date < date('2026-01-31')", FALSE),
        ("days_since_last_payment > 3", UNKNOWN),
        ("days_since_last_payment > 3 and dpd > 10", FALSE),
        ("days_since_last_payment > 3 or dpd < 10", TRUE),
        ("not days_since_last_payment > 3", UNKNOWN),
        ("days_since_last_payment in (1, 2)", UNKNOWN),
        ("days_since_last_payment - days_since_last_payment == 0", UNKNOWN),
        ("is_unknown(days_since_last_payment)", TRUE),
        ("known(dpd) and not known(days_since_last_payment)", TRUE),
        ("True", TRUE),
        ("True and False", FALSE),
        ("1 < 2 < 3", TRUE),
    ],
)
def test_meaning(text: str, expected: Truth[bool]) -> None:
    assert says(text) == expected


@pytest.mark.parametrize(
    ("text", "in_yuan", "in_dollars", "in_nothing"),
    [
        ('balance >= money(500, "CNY")', TRUE, UNKNOWN, UNKNOWN),
        ('money(500, "CNY") <= balance', TRUE, UNKNOWN, UNKNOWN),
        ('balance == money("700.00", "CNY")', TRUE, UNKNOWN, UNKNOWN),
        ('balance in (money(1, "CNY"), money(700, "CNY"))', TRUE, UNKNOWN, UNKNOWN),
        ('balance >= money(500, "CNY") or balance >= money(500, "USD")', TRUE, TRUE, UNKNOWN),
        ("balance > overdue_balance", TRUE, TRUE, UNKNOWN),
        ("overdue_balance * 100 > balance * 40", TRUE, TRUE, UNKNOWN),
        ('balance - overdue_balance == money(400, "CNY")', TRUE, UNKNOWN, UNKNOWN),
        ('-balance + money(1, "CNY") < overdue_balance', TRUE, UNKNOWN, UNKNOWN),
        ('money(1, "CNY") < money(2, "CNY")', TRUE, TRUE, TRUE),
        ("known(balance)", TRUE, TRUE, FALSE),
        ("is_unknown(last_payment)", TRUE, TRUE, TRUE),
        ('last_payment > money(1, "CNY")', UNKNOWN, UNKNOWN, UNKNOWN),
    ],
)
def test_money_means_something_only_in_its_currency(
    text: str, in_yuan: Truth[bool], in_dollars: Truth[bool], in_nothing: Truth[bool]
) -> None:
    assert says(text) == in_yuan
    assert says(text, currency="USD") == in_dollars
    assert says(text, currency=None) == in_nothing


def test_the_decimals_are_those_of_the_currency() -> None:
    assert says('balance == money(70000, "JPY")', currency="JPY") == TRUE
    assert says('balance == money(70, "KWD")', currency="KWD") == TRUE


def test_a_value_beyond_its_range_is_known_to_comparisons_and_unknown_to_arithmetic() -> None:
    assert says("dpd > 5", dpd=100_001) == TRUE
    assert says("dpd + 0 > 5", dpd=100_000) == TRUE
    assert says("dpd + 0 > 5", dpd=100_001) == UNKNOWN
    assert says("dpd + 0 > 5", dpd=-1) == UNKNOWN
    assert says("balance * 100 > balance * 99", balance=2**55) == TRUE
    assert says("balance * 100 > balance * 99", balance=2**55 + 1) == UNKNOWN
    assert says('balance == money("90071992547409.93", "CNY")', balance=2**53 + 1) == TRUE
    assert says('balance == money("90071992547409.93", "CNY")', balance=2**53) == FALSE
    assert says("dpd == 9223372036854775807", dpd=2**63 - 1) == TRUE


def test_a_condition_tells_what_it_reads() -> None:
    condition = compile_condition('balance > money(1, "CNY") and dpd > 1 and dpd < 9')
    assert condition.facts == ("balance", "dpd")
    assert [read.name for read in condition.inputs] == ["balance", "currency", "dpd"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"dpd": 9.0}, "dpd is 9.0, not of type int"),
        ({"dpd": True}, "dpd is True, not of type int"),
        ({"has_email": 1}, "has_email is 1, not of type bool"),
        ({"last_payment_date": datetime(2026, 1, 31)}, "not of type date"),  # noqa: DTZ001
        ({"currency": 156}, "currency is 156, not of type str"),
    ],
)
def test_a_fact_of_another_type_is_refused(change: dict[str, object], said: str) -> None:
    text = (
        "dpd > 1 and has_email and last_payment_date > date('2026-01-01')"
        " and balance > money(1, 'CNY')"
    )
    with pytest.raises(FactsError, match=said):
        compile_condition(text).evaluate(KNOWN | change)


def test_an_absent_fact_is_refused_not_taken_for_unknown() -> None:
    condition = compile_condition("dpd > 1")
    with pytest.raises(FactsError, match="lack 'dpd'; give None"):
        condition.evaluate({})
    with pytest.raises(FactsError, match="lacks the column 'dpd'"):
        with_truths(pl.DataFrame({"balance": [1]}), {"a": condition})


# --- frames ---------------------------------------------------------------------------------------

LATE = compile_condition('dpd > 5 and balance > money(1, "CNY") and creditor == "A"')


def frame(**change: pl.Series) -> pl.DataFrame:
    columns = {
        "dpd": pl.Series([9, 1, None], dtype=pl.Int64),
        "balance": pl.Series([500, 500, 500], dtype=pl.Int64),
        "currency": pl.Series(["CNY", "CNY", "CNY"]),
        "creditor": pl.Series(["A", "A", None]),
    }
    return pl.DataFrame(columns | change)


@pytest.mark.parametrize(
    "change",
    [
        {"dpd": pl.Series([9, 1, None], dtype=pl.Int8)},
        {"dpd": pl.Series([9, 1, None], dtype=pl.UInt32)},
        {"creditor": pl.Series(["A", "A", None], dtype=pl.Categorical)},
        {"creditor": pl.Series(["A", "A", None], dtype=pl.Enum(["A", "B"]))},
        {"currency": pl.Series(["CNY"] * 3, dtype=pl.Enum(["CNY"]))},
    ],
)
def test_narrower_integers_and_coded_text_are_accepted(change: dict[str, pl.Series]) -> None:
    found = with_truths(frame(**change), {"late": LATE}, surely_false=True)
    assert found["late"].to_list() == [True, False, False]
    assert found["late__false"].to_list() == [False, True, False]


def test_narrow_integers_do_not_overflow_in_arithmetic() -> None:
    condition = compile_condition("dpd * dpd == 10000")
    found = with_truths(pl.DataFrame({"dpd": pl.Series([100], dtype=pl.Int8)}), {"a": condition})
    assert found["a"].to_list() == [True]


def test_coded_text_is_compared_with_texts_it_has_no_code_for() -> None:
    coded = pl.DataFrame({"creditor": pl.Series(["A", "B"], dtype=pl.Enum(["A", "B"]))})
    condition = compile_condition('creditor == "Z" or creditor in ("A", "Y")')
    assert with_truths(coded, {"a": condition})["a"].to_list() == [True, False]


@pytest.mark.parametrize(
    "change",
    [
        {"dpd": pl.Series([9.0, 1.0, None])},
        {"dpd": pl.Series([9, 1, None], dtype=pl.UInt64)},
        {"balance": pl.Series(["5", "5", "5"])},
        {"creditor": pl.Series([1, 2, 3])},
    ],
)
def test_a_column_of_another_type_is_refused(change: dict[str, pl.Series]) -> None:
    with pytest.raises(FactsError, match=r"is .* not "):
        with_truths(frame(**change), {"late": LATE})


def test_frames_come_back_as_the_kind_they_were_with_their_own_columns() -> None:
    eager = with_truths(frame(), {"late": LATE})
    lazy = with_truths(frame().lazy(), {"late": LATE})
    assert isinstance(eager, pl.DataFrame)
    assert isinstance(lazy, pl.LazyFrame)
    assert eager.columns == ["dpd", "balance", "currency", "creditor", "late"]
    assert eager.equals(lazy.collect())
    again = with_truths(eager, {"late": compile_condition("known(dpd)")})
    assert again.columns == eager.columns
    assert again["late"].to_list() == [True, True, False]
    assert eager["late"].null_count() == 0
    assert with_truths(frame().head(0), {"late": LATE}).height == 0


def test_a_condition_without_facts_is_a_column_too() -> None:
    always = {"always": compile_condition("True"), "never": compile_condition("1 > 2")}
    found = with_truths(frame(), always, surely_false=True)
    assert found["always"].to_list() == [True] * 3
    assert found["never__false"].to_list() == [True] * 3


def test_the_adapters_can_be_used_apart() -> None:
    conditions = {"late": LATE, "known": compile_condition("known(dpd)")}
    prepared = facts_in(nw.from_native(frame()), conditions.values())
    assert [known is True for _, known in prepared.row.values()] == [False, True, True, False]
    found = truths_out(prepared, conditions).collect().to_native()
    assert found.columns == ["dpd", "balance", "currency", "creditor", "late", "known"]
    assert found.select("late", "known").rows() == [(True, True), (False, True), (False, False)]


def test_a_frame_may_not_use_the_names_of_prepared_columns() -> None:
    taken = frame().with_columns(dpd__value=1)
    with pytest.raises(FactsError, match="'dpd__value', a name the conditions need"):
        with_truths(taken, {"late": LATE})


def test_a_condition_over_another_catalogue() -> None:
    moon = CATALOGUE.extended([Fact("moon", FactType.CATEGORY, "m", "月", values=("new", "full"))])
    condition: Condition = compile_condition('moon in ("full",) and moon != "new"', moon)
    assert condition.evaluate({"moon": "full"}) == TRUE


# --- truth ----------------------------------------------------------------------------------------


def test_kleene_truth_tables() -> None:
    order = {FALSE: 0, UNKNOWN: 1, TRUE: 2}
    for a in order:
        assert order[Truth(*opposite(a))] == 2 - order[a]
        for b in order:
            assert order[Truth(*both(a, b))] == min(order[a], order[b])
            assert order[Truth(*either(a, b))] == max(order[a], order[b])
    assert when_known(True, True, False) == TRUE
    assert when_known(True, False, True) == FALSE
    assert when_known(False, True, False) == UNKNOWN
