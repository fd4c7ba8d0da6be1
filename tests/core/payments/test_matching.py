"""The score of a guess: what counts, how much, and when a person is asked."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from kept.core.payments.matching import Candidate, Clue, Promised, best_likeness, score
from kept.core.payments.policies import PaymentPolicy, PaymentPolicyError, read_policy
from kept.core.payments.references import reference_key, tokens_of
from kept.packs.payments import load_payment_policy, load_return_codes

DAY = date(2026, 10, 20)


def clue(**given: Any) -> Clue:
    return Clue(**{"amount_minor": 300_00, "received_on": DAY, "name_key": "张三", **given})


def candidate(**given: Any) -> Candidate:
    plain: dict[str, Any] = {
        "account_id": 1,
        "debtor_id": 10,
        "external_id": "A00123456",
        "name_key": "张三",
        "of_this_name": 1,
        "balance_minor": 900_00,
        "overdue_minor": 300_00,
    }
    return Candidate(**{**plain, **given})


@pytest.mark.parametrize(
    ("said", "known", "points"),
    [
        ({}, {}, 850),
        ({}, {"of_this_name": 2}, 700),
        ({"amount_minor": 900_00}, {}, 850),
        ({"amount_minor": 1_00}, {}, 600),
        ({}, {"promised": (Promised(300_00, date(2026, 10, 24)),)}, 1000),
        ({}, {"promised": (Promised(300_00, date(2026, 10, 26)),)}, 850),
        ({"tokens": ("X123456",)}, {}, 1000),
        ({"name_key": "李四", "tokens": ("X123456",)}, {}, 550),
        ({"name_key": ""}, {"name_key": ""}, 250),
        ({"name_key": "李四", "amount_minor": 1}, {}, 0),
    ],
)
def test_points(said: dict[str, Any], known: dict[str, Any], points: int) -> None:
    found = score(clue(**said), candidate(**known))
    assert found.confidence_per_mille == points
    assert min(1000, sum(each for _word, each in found.reasons)) == points


def test_two_that_are_as_likely_are_both_unsure() -> None:
    first, second = best_likeness(clue(), [candidate(account_id=2), candidate(account_id=1)])
    assert (first.account_id, first.confidence_per_mille) == (1, 600)
    assert first.reasons[-1] == ("another_as_likely", -250)
    assert second.account_id == 2


def test_accounts_of_one_promise_are_meant_together() -> None:
    promised = (Promised(300_00, DAY, (1, 2)),)
    two = [candidate(account_id=each, overdue_minor=1, promised=promised) for each in (2, 1)]
    first, _second = best_likeness(clue(), two)
    assert (first.account_id, first.beside, first.confidence_per_mille) == (1, (2,), 950)
    rival = candidate(account_id=3, debtor_id=11, overdue_minor=1, promised=promised)
    assert best_likeness(clue(), [*two, rival])[0].confidence_per_mille == 600


def test_nobody_without_a_reason() -> None:
    assert best_likeness(clue(name_key="x", amount_minor=1), [candidate()]) == ()


def test_tokens_are_numbers_of_some_length_plain_and_joined() -> None:
    text = "还款 kp-2026/77,谢谢 6222 0212 3456 ok 12.50"
    found = tokens_of(text)
    assert {"KP-2026/77", "KP202677", "622202123456"} <= set(found)
    assert not {"OK", "谢谢", "12"} & set(found)
    assert len(tokens_of(" ".join(f"A{n:06}" for n in range(500)))) == 24


def test_references_are_compared_without_joints() -> None:
    assert reference_key(" kp-00 01/７７ ") == "KP000177"


def test_policies_are_read_whole_or_refused() -> None:
    assert read_policy({}) == load_payment_policy() == PaymentPolicy()
    assert (
        read_policy(PaymentPolicy(confident_per_mille=1001).to_json()).confident_per_mille == 1001
    )
    for wrong, told in (
        ({"acount_order": "x"}, "not known"),
        ({"account_order": "x"}, "not one of"),
        ({"duplicate_days": "-1"}, "no whole number"),
        ({"duplicate_days": 61}, "no whole number"),
    ):
        with pytest.raises(PaymentPolicyError, match=told):
            read_policy(wrong)


def test_return_codes_of_both_schemes() -> None:
    codes = load_return_codes()
    assert (codes["AM04"].class_, codes["AM04"].may_try_again) == ("funds", True)
    assert (codes["R10"].scheme, codes["R10"].class_) == ("nacha", "disputed")
    assert {codes[name].class_ for name in ("MD07", "R14", "R15")} == {"deceased"}
