"""A strategy tried on the facts of a day: what it would do, and that nothing is left of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kept.batch.trying import Move, replay_strategy, try_strategy
from kept.core.strategies import Strategy
from kept.packs.strategies import parse_strategy, strategy_labelled
from kept.store.models import Task
from tests.batch.nightly.nights import (
    ACTOR,
    FIRST,
    SECOND,
    add_account,
    add_seats,
    at,
    lines,
    make_bank,
    night,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("db")]

TEXT = """
code: bold
version: 3
valid_from: 2026-01-01
name: {en: Bold, zh: 大胆}
treatments:
  - code: call
    name: {en: Call, zh: 电话}
    stage: call
    when: dpd >= 4
    channel: call
    skill: call
    minutes: 5
    repeat_after_days: 3
    due_in_days: 1
    due_time: "18:00"
    priority: {base: 1}
    value: 7.00 CNY
    unit_cost: 0.50 CNY
  - code: secret
    name: {en: Secret, zh: 秘密}
    stage: firm
    when: dpd >= 1
    channel: desk
    skill: nobody_has_it
    minutes: 5
    repeat_after_days: 0
    due_in_days: 0
    due_time: "18:00"
    priority: {base: 1}
    value: 1.00 CNY
"""


def bold() -> Strategy:
    return parse_strategy(TEXT, "bold.yaml")


def test_what_a_strategy_would_do_beside_the_one_in_force() -> None:
    product = make_bank()
    for number, age in enumerate((2, 3, 5, 9), start=1):
        add_account(product, number, age)
    add_seats(product.creditor)
    night(product, FIRST)
    before = lines()
    trial = try_strategy(
        actor=ACTOR, creditor=product.creditor, strategy=bold(), on=FIRST, now=at(FIRST)
    )
    assert lines() == before
    assert (trial.cases, trial.currency, trial.tried.label) == (4, "CNY", "bold:3")
    assert dict(trial.in_force.treatments) == {"call": 3, "firm_call": 1}
    assert trial.moves == (
        Move("call", "", 2),
        Move("call", "call", 1),
        Move("firm_call", "call", 1),
    )
    assert trial.changed == 3
    tried = trial.tried
    assert (tried.tasks, tried.minutes, tried.cost, tried.value) == (2, 10, 1_000_000, 13_000_000)
    assert [(row.due_on, row.skill, row.tasks) for row in tried.by_skill] == [(SECOND, "call", 2)]
    assert dict(tried.no_seat) == {"secret": 4}
    assert tried.bound >= tried.value


def test_the_trial_of_the_one_in_force_is_what_the_night_did() -> None:
    product = make_bank()
    for number in range(1, 31):
        add_account(product, number, 2)
    add_seats(product.creditor, minutes=33)
    result = night(product, FIRST)
    trial = try_strategy(
        actor=ACTOR,
        creditor=product.creditor,
        strategy=strategy_labelled(result["strategy"]),
        on=FIRST,
        now=at(FIRST) + timedelta(hours=1),
    )
    assert dict(trial.tried.treatments) == result["treatments"] == {"call": 12}
    assert trial.tried == trial.in_force
    assert trial.tried.value == result["price"]["value"]
    assert list(trial.tried.resources) == result["price"]["resources"]
    assert trial.changed == 0


def test_a_replay_repeats_only_after_the_days_of_the_treatment() -> None:
    product = make_bank()
    add_account(product, 1, 9)
    add_seats(product.creditor)
    night(product, FIRST)
    assert Task.objects.count() == 1
    last = FIRST + timedelta(days=4)
    trial = replay_strategy(
        actor=ACTOR, creditor=product.creditor, strategy=bold(), on=last, days=5, now=at(last)
    )
    called = [day.on for day in trial.by_day if day.tried.tasks]
    assert called == [FIRST, FIRST + timedelta(days=3)]
    assert (trial.days, trial.tried.tasks, trial.tried.value) == (5, 2, 13_000_000)
    assert trial.cases == 5
    with pytest.raises(ValueError, match="1 to 366 days"):
        replay_strategy(
            actor=ACTOR, creditor=product.creditor, strategy=bold(), on=last, days=0, now=at(last)
        )


def test_a_day_before_the_book_has_no_cases() -> None:
    product = make_bank()
    add_account(product, 1, 9)
    trial = try_strategy(
        actor=ACTOR, creditor=product.creditor, strategy=bold(), on=FIRST, now=at(FIRST)
    )
    assert (trial.cases, trial.tried.tasks, trial.moves) == (0, 0, ())
