"""Payments told by programs: taken once, read with their trace, refused in clear sentences."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from kept.store.models import Payment, PaymentAllocation
from tests.api.conftest import Program
from tests.api.test_api import KEY, problem_of
from tests.desk.conftest import House

pytestmark = pytest.mark.django_db
Programs = Callable[[str], Program]


def body(**changes: Any) -> dict[str, Any]:
    received_on = timezone.localtime(timezone.now()).date() - timedelta(days=2)
    return {
        "creditor": "OWN",
        "external_id": "PSP-1",
        "amount_minor": 50_00,
        "currency": "CNY",
        "received_on": received_on.isoformat(),
        "accounts": ["ACC-1"],
        **changes,
    }


def test_it_is_taken_once_under_any_key_and_read_with_its_trace(
    house: House, program: Programs
) -> None:
    caller = program("administrator")
    first = caller.post("/payments", body(), key=KEY)
    assert first.status_code == 201
    taken = first.json()
    assert (taken["state"], taken["allocated_minor"], taken["is_new"]) == ("allocated", 50_00, True)
    assert caller.post("/payments", body(), key=KEY).json() == taken
    again = caller.post("/payments", body()).json()
    assert (again["payment_id"], again["is_new"]) == (taken["payment_id"], False)
    assert Payment.objects.count() == PaymentAllocation.objects.count() == 1
    found = caller.get(f"/payments/{taken['payment_id']}").json()
    trace = found["allocations"][0]["trace"]
    assert [(each["component"], each["amount_minor"]) for each in trace] == [
        ("interest", 23_45),
        ("principal", 26_55),
    ]
    assert "payer" not in str(found["payment"]).replace("payer_relation", "")


@pytest.mark.parametrize(
    "changes",
    [
        {"amount_minor": 0},
        {"amount_minor": -50_00},
        {"amount_minor": 12.345},
        {"currency": "ZZZ"},
        {"received_on": "2999-01-01"},
        {"received_on": "yesterday"},
        {"external_id": ""},
        {"way": "gold"},
    ],
)
def test_bad_payments_are_refused_and_nothing_is_kept(
    house: House, program: Programs, changes: dict[str, Any]
) -> None:
    answer = program("administrator").post("/payments", body(**changes))
    assert answer.status_code in (400, 422)
    assert answer["Content-Type"] == "application/problem+json"
    assert not Payment.objects.exists()


def test_the_same_number_with_another_amount_is_refused(house: House, program: Programs) -> None:
    caller = program("administrator")
    caller.post("/payments", body())
    answer = caller.post("/payments", body(amount_minor=1))
    assert answer.status_code in (400, 409, 422)
    assert "taken before, with another amount" in answer.json()["detail"]


def test_what_nobody_is_named_by_waits_in_suspense(house: House, program: Programs) -> None:
    caller = program("administrator")
    taken = caller.post("/payments", body(accounts=[], external_id="PSP-2")).json()
    assert (taken["state"], taken["suspense_reason"]) == ("suspense", "unmatched")
    listed = caller.get("/payments", state="suspense").json()["payments"]
    assert [each["external_id"] for each in listed] == ["PSP-2"]


def test_those_who_may_not_are_told_so(house: House, program: Programs) -> None:
    problem_of(program("reader").post("/payments", body()), 403, "not_allowed")
    answer = program("manager").post("/payments", body(creditor="OTHER"))
    assert answer.status_code == 404
    assert not Payment.objects.exists()
