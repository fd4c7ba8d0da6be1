"""Why a task is there, in the reader's language; what cannot be read is shown as it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from kept.desk.reasons import Why, why_of
from kept.packs.strategies import load_strategies
from kept.work.cases import TaskView
from tests.desk.conftest import House, SignedIn

TASK = TaskView(
    task_id=1,
    treatment="visit",
    stage="visit",
    channel="field_visit",
    state="open",
    due_at=datetime(2026, 11, 21, 10, tzinfo=UTC),
    closed_at=None,
    business_date=date(2026, 11, 21),
    strategy="default:1",
    seat_code="S1",
    minutes=30,
    priority=1,
    dpd=40,
    bucket=2,
    balance_minor=123_456,
    overdue_minor=100_000,
    currency="CNY",
    reason={"dealing": "kept"},
)


def why(language: str = "en", **given: Any) -> Why:
    with translation.override(language):
        return why_of(replace(TASK, **given))


def test_the_strategys_condition_is_said_with_what_the_night_saw() -> None:
    assert why().said.startswith("Days past due is 40, between 31 and 90; a promise is open: no")
    assert why("zh-hans").said.startswith(
        "逾期天数为 40，介于 31 至 90 之间；有承诺期内的还款承诺：否"
    )
    assert why().dealing == "The case stays with its seat."
    assert "dpd" in why().condition


@pytest.mark.parametrize(
    ("label", "code"),
    [(strategy.label, each.code) for strategy in load_strategies() for each in strategy.treatments],
)
def test_every_treatment_that_ships_can_be_said(label: str, code: str) -> None:
    for language in ("en", "zh-hans"):
        said = why(language, strategy=label, treatment=code).said
        assert said
        assert "_" not in said


@pytest.mark.parametrize(
    ("price", "said"),
    [
        ({"required": True}, ("Required: it comes before everything that is priced.",)),
        (
            {"value": 4_100_000, "reduced": 4_100_000, "paid": [], "next": None},
            (
                "It is expected to bring CN¥4.10.",
                "Nothing was scarce tonight, so it cost nothing else.",
                "Values: priors:1.",
            ),
        ),
        (
            {
                "value": 14_100_000,
                "reduced": 4_600_000,
                "paid": [{"resource": "minutes:call", "units": 5, "price": 1_900_000}],
                "next": {"treatment": "letter", "reduced": 2_000_000},
                "arm": "usual",
                "share": 9_000,
            },
            (
                "It is expected to bring CN¥14.10.",
                "Tonight minutes of seats for Call cost CN¥1.90 each, and it takes 5.",
                "That leaves CN¥4.60; the next best, Letter, would have left CN¥2.00.",
                "Values: priors:1.",
                "Arm usual, which 90 % of debtors are in.",
            ),
        ),
        (
            {
                "value": 14_100_000,
                "reduced": 9_100_000,
                "paid": [
                    {"resource": "budget", "units": 250, "price": 20_000},
                    {"resource": "minutes:call:5", "units": 5, "price": 0},
                ],
                "next": None,
            },
            (
                "It is expected to bring CN¥14.10.",
                "Tonight of the budget each CN¥1.00 cost CN¥2.00, and it takes CN¥2.50.",
                "That leaves CN¥9.10; no other step would have left anything.",
                "Values: priors:1.",
            ),
        ),
    ],
)
def test_the_price_is_said_in_sentences(price: dict[str, Any], said: tuple[str, ...]) -> None:
    reason = {"price": {"currency": "CNY", "values": "priors:1", **price}}
    assert why(reason=reason).price == said


def test_amounts_and_days_are_written_as_the_reader_writes_them() -> None:
    reason = {
        "condition": 'balance >= money(500, "CNY") and last_payment_date < date("2026-11-01")',
        "facts": {"last_payment_date": "2026-10-05"},
    }
    assert why(reason=reason).said == (
        "Balance is CN¥1,234.56, at least CN¥500.00;"
        " day of the last payment is Oct 5, 2026, before Nov 1, 2026."
    )
    assert why("zh-hans", reason=reason).said == (
        "欠款余额为 ¥1,234.56，不少于 ¥500.00；最近一次还款日为 2026年10月5日，早于 2026年11月1日。"
    )


@pytest.mark.django_db
def test_what_is_not_here_any_more_says_nothing_and_breaks_nothing() -> None:
    gone = why(strategy="gone:7")
    assert (gone.said, gone.condition) == ("", "")
    odd = why(reason={"condition": "dpd ** 2"})
    assert (odd.said, odd.condition) == ("", "dpd ** 2")


@pytest.mark.parametrize(("who", "shown"), [("manager", True), ("collector", False)])
def test_the_condition_as_written_is_there_for_those_who_answer_for_it(
    who: str, shown: bool, house: House, signed_in: SignedIn
) -> None:
    page = signed_in(who).get(reverse("case", args=[house.case.pk])).content.decode()
    assert "Days past due is 40, between 31 and 90" in page
    assert ("31 &lt;= dpd &lt;= 90" in page) is shown
