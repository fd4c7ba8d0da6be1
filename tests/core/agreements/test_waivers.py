"""The matrix by itself, and conditions judged by payments alone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.core.actors import Role
from kept.core.agreements.promises import PaymentMade
from kept.core.agreements.waiver_policy import WaiverKind, allowances, answer_to, split_settlement
from kept.core.agreements.waivers import ConditionState, judge_condition
from kept.packs.waivers import WaiverFileError, load_default_waivers, parse_waiver_policy

DAY = date(2026, 11, 22)
OWED = {"principal": 1_000_00, "interest": 200_00, "fee": 100_00, "penalty": 50_00}
FACTS = {"dpd": 200, "hardship": False, "vulnerable": False}
POLICY = """
code: own
name: {en: Own, zh: 自定}
valid_from: 2026-12-01
rules:
  - code: small
    name: {en: Small, zh: 小额}
    when: dpd > 0
    kinds: [plain]
    components: {fee: 50%, penalty: 12.5%}
    amount_most: 30.00 CNY
    approval:
      - up_to: 10.00 CNY
        levels: []
      - levels: [[team_lead]]
"""


def ask(asked: dict[str, int], code: str = "CNY", waived: dict[str, int] | None = None) -> object:
    policy = parse_waiver_policy(POLICY, "own.yaml")
    return answer_to(policy, {"dpd": 3}, OWED, waived or {}, asked, code, WaiverKind.PLAIN)


def test_small_amounts_need_nobody_and_larger_ones_somebody() -> None:
    small, large = ask({"fee": 10_00}), ask({"fee": 10_01})
    assert small.levels == ()  # type: ignore[attr-defined]
    assert large.levels == (frozenset({Role.TEAM_LEAD}),)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("asked", "code", "waived", "said"),
    [
        ({"fee": 30_01}, "CNY", {}, "at most 30.00 CNY in all, not 30.01 CNY"),
        ({"penalty": 6_26}, "CNY", {}, "penalty: the policy holds at most 6.25 CNY"),
        ({"fee": 5_01}, "CNY", {"fee": 25_00}, "at most 5.00 CNY in all"),
        ({"fee": 1}, "USD", {}, "no waiver of this kind"),
        ({"fee": 100_01}, "CNY", {}, "100.01 CNY is more than the 100.00 CNY"),
    ],
)
def test_what_is_beyond_is_refused_with_the_figures(
    asked: dict[str, int], code: str, waived: dict[str, int], said: str
) -> None:
    found = ask(asked, code, waived)
    assert found.rule is None  # type: ignore[attr-defined]
    assert said in " ".join(map(str, found.faults))  # type: ignore[attr-defined]


@given(
    st.dictionaries(st.sampled_from(sorted(OWED)), st.integers(1, 2_000_00), min_size=1),
    st.integers(-3, 1_000),
    st.sampled_from(WaiverKind),
)
def test_whatever_is_answered_is_within_a_rule_and_the_balance(
    asked: dict[str, int], dpd: int, kind: WaiverKind
) -> None:
    policy = load_default_waivers()
    facts = {**FACTS, "dpd": dpd}
    found = answer_to(policy, facts, OWED, {}, asked, "CNY", kind)
    held = allowances(policy, facts, OWED, {}, "CNY", kind)
    fits = any(
        all(amount <= each.most_minor.get(name, 0) for name, amount in asked.items())
        for each in held
    )
    assert (found.rule is not None) == fits
    assert bool(found.faults) != fits
    if found.rule is not None:
        assert all(amount <= OWED[name] for name, amount in asked.items())
        assert found.levels


def test_a_settlement_gives_up_charges_first_as_far_as_a_rule_holds_them() -> None:
    held = allowances(load_default_waivers(), FACTS, OWED, {}, "CNY", WaiverKind.SETTLEMENT)
    wanted = {"penalty": 50_00, "fee": 100_00, "interest": 160_00, "principal": 40_00}
    assert split_settlement(held, OWED, 350_00) == wanted
    assert sum(split_settlement(held, OWED, 600_00).values()) == 600_00


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (POLICY.replace("dpd > 0", "dpdd > 0"), "line 8: rules[1].when"),
        (POLICY.replace("50%", "101%"), "line 10: rules[1].components.fee"),
        (POLICY.replace("- levels: [[team_lead]]", "- levels: [[boss]]"), "line 15: rules[1]"),
        (POLICY.replace("2026-12-01", "2026-13-01"), "line 4: valid_from"),
        (POLICY.replace("30.00 CNY", "30.001 CNY"), "line 11: rules[1].amount_most"),
        (POLICY.replace("fee: 50%", "principal: 50%"), "line 13: rules[1].approval[1]"),
        (POLICY.replace("code: small", "kode: small"), "line 6: rules[1].kode"),
    ],
)
def test_each_fault_is_told_with_its_place(text: str, said: str) -> None:
    with pytest.raises(WaiverFileError) as error:
        parse_waiver_policy(text, "own.yaml")
    assert f"own.yaml, {said}" in str(error.value)


def judged(
    payments: list[PaymentMade], as_of: int, grace: int = 0
) -> tuple[ConditionState, int, date | None]:
    parts = [(DAY + timedelta(days=10), 100), (DAY + timedelta(days=20), 200)]
    found = judge_condition(
        parts,
        {1},
        payments,
        accepted_on=DAY,
        grace_days=grace,
        as_of=DAY + timedelta(days=as_of),
    )
    return found.state, found.paid_minor, found.met_on or found.failed_on


def paid(day: int, amount: int, account: int = 1, back: int | None = None) -> PaymentMade:
    reversed_on = None if back is None else DAY + timedelta(days=back)
    return PaymentMade(day, account, amount, DAY + timedelta(days=day), reversed_on)


def test_conditions_are_judged_part_by_part() -> None:
    assert judged([], 10) == (ConditionState.OPEN, 0, None)
    assert judged([], 11) == (ConditionState.FAILED, 0, DAY + timedelta(days=10))
    assert judged([paid(11, 100)], 11, grace=1) == (ConditionState.OPEN, 100, None)
    assert judged([paid(2, 100)], 21) == (ConditionState.FAILED, 100, DAY + timedelta(days=20))
    both = [paid(2, 150), paid(15, 150)]
    assert judged(both, 15) == (ConditionState.MET, 300, DAY + timedelta(days=15))
    assert judged([paid(-1, 300)], 5) == (ConditionState.OPEN, 0, None)
    assert judged([paid(3, 300, account=2)], 5) == (ConditionState.OPEN, 0, None)


def test_money_taken_back_takes_the_condition_back() -> None:
    money = [paid(3, 300, back=60)]
    assert judged(money, 59)[0] is ConditionState.MET
    assert judged(money, 60) == (ConditionState.FAILED, 0, DAY + timedelta(days=10))
