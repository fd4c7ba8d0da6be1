"""A small house with two creditors, and everybody who may look at its pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from django.test import Client

    from kept.store.models import Case, Creditor, IntakeFile, Run, Seat, Task, User


@pytest.fixture(scope="session")
def months(django_db_setup: None, django_db_blocker: Any) -> None:
    """Made once and committed: partitions are slow to make, and no test takes them away.

    Pages read the clock, so today's months are needed beside those of the factories.
    """
    from django.utils import timezone

    from kept.store.partitions import ensure_partitions
    from tests import factories

    today = timezone.now().date()
    with django_db_blocker.unblock():
        factories.make_partitions()
        ensure_partitions(today, today)


@dataclass
class House:
    """One creditor with a case of everything; `other` is a creditor with a case of its own."""

    creditor: Creditor
    other: Creditor
    case: Case
    other_case: Case
    task: Task
    other_task: Task
    seat: Seat
    file: IntakeFile
    night: Run
    users: dict[str, User]


@pytest.fixture
def house(db: None, months: None) -> House:
    return make_house()


def make_house() -> House:
    from kept.core.actors import Role
    from tests import factories

    creditor = factories.make_creditor(code="OWN", name="Own Bank")
    other = factories.make_creditor(code="OTHER", name="Other Bank")
    users = {
        "collector": factories.make_user("collector", roles={Role.COLLECTOR: None}),
        "manager": factories.make_user("manager", roles={Role.MANAGER: [creditor]}),
        "stranger": factories.make_user("stranger", roles={Role.MANAGER: [other]}),
        "administrator": factories.make_user("administrator", roles={Role.ADMINISTRATOR: None}),
        "nobody": factories.make_user("nobody"),
    }
    seat = factories.make_seat(code="S1", user=users["collector"])
    night = factories.make_run(creditor=creditor, result=NIGHT)
    case, task = _full_case(creditor, seat, night)
    factories.make_event(case)
    other_case = factories.make_case(factories.make_debtor(other, name="Other Debtor"))
    other_task = factories.make_task(other_case)
    file = factories.make_intake_file(creditor, acknowledgement=ACKNOWLEDGEMENT, profile=PROFILE)
    factories.make_reject(file, code="bad_amount", detail={"form": "1,234.50"}, external_id="A7")
    return House(creditor, other, case, other_case, task, other_task, seat, file, night, users)


def _full_case(creditor: Creditor, seat: Seat, night: Run) -> tuple[Case, Task]:
    from tests import factories

    product = factories.make_product(creditor, name="Card")
    terms = factories.make_terms(product)
    debtor = factories.make_debtor(creditor, name="王小明")
    account = factories.make_account(product, debtor, external_id="ACC-1")
    due_on = factories.TODAY - timedelta(days=40)
    factories.make_entry(
        account,
        {"principal": 100_000, "interest": 2_345},
        due_on=due_on,
        recorded_at=factories.NOW - timedelta(days=50),
    )
    for days, before, after in ((39, None, 1), (9, 1, 2)):
        moved_on = factories.TODAY - timedelta(days=days)
        factories.make_bucket_move(
            account, terms, moved_on=moved_on, from_bucket=before, to_bucket=after
        )
    factories.make_contact_point(debtor, "+8613800138000")
    friend = factories.make_related_person(debtor, relation="friend", name="朋友")
    factories.make_contact_point(debtor, "+8613900139000", related_person=friend)
    factories.make_identity_key(debtor.person, "11010519491231002X", masked="110****002X")
    factories.make_hold(debtor, reason="complaint", note="called in")
    case = factories.make_case(debtor, account, seat=seat, stage="visit")
    task = factories.make_task(
        case,
        seat=seat,
        run=night,
        treatment="visit",
        strategy="default:1",
        channel="field_visit",
        dpd=40,
        bucket=2,
        reason={"dealing": "kept"},
    )
    return case, task


ACKNOWLEDGEMENT = {
    "rows": {"received": 10, "accepted": 7, "rejected": 1, "unchanged": 2},
    "amounts_minor": {
        "CNY": {"received": 1000, "accepted": 700, "rejected": 100, "unchanged": 200}
    },
    "new": 5,
    "changed": 2,
    "missing": 1,
    "rejects_by_code": {"bad_amount": 1},
    "warnings_by_code": {"bad_phone": 3},
}
PROFILE = {
    "rows": 10,
    "rejected": 1,
    "accounts": 9,
    "nulls": {"contacts.email": 4, "related": 0},
    "dates": {"account.due_on": ["2026-01-05", "2026-11-20"]},
    "balances": {
        "CNY": {
            "rows": 9,
            "total": 1_000,
            "least": -50,
            "most": 400,
            "negative": 1,
            "zero": 2,
            "quantiles": {
                "p01": -50,
                "p10": 0,
                "p25": 10,
                "median": 100,
                "p75": 200,
                "p90": 300,
                "p99": 400,
            },
        }
    },
    "counts": {"product": {"CARD": 9}, "state": {"active": 9}, "hold": {}},
    "compared_files": 3,
    "breaches": [
        {"code": "balance_changed", "detail": {"found": 1000, "usual": 9000, "currency": "CNY"}},
        {"code": "many_nulls", "detail": {"found": 400, "most": 100, "field": "contacts.email"}},
    ],
}
NIGHT = {
    "strategy": "default:1",
    "cases": 12,
    "tasks": 9,
    "dealt": 8,
    "waiting": 1,
    "held": 1,
    "without_treatment": 3,
    "buckets": {"0": 2, "1": 10},
    "cases_by_bucket": [
        {"currency": "CNY", "bucket": 1, "cases": 10, "balance_minor": 500, "overdue_minor": 50}
    ],
    "tasks_by_treatment": [
        {"treatment": "call", "tasks": 9, "dealt": 8, "waiting": 1, "minutes": 45}
    ],
    "dealing": {"kept": 8, "no_room": 1},
    "seats": 1,
    "minutes_used": 45,
    "minutes_available": 420,
    "opened": 1,
    "before": {"cases": 10, "tasks": 9, "dealt": 8, "waiting": 1},
}

SignedIn = Callable[[str], "Client"]


@pytest.fixture
def signed_in(house: House) -> SignedIn:
    """A browser in which somebody of the house has signed in; English unless it asks otherwise."""

    def sign_in(name: str) -> Client:
        from django.test import Client

        client = Client(headers={"accept-language": "en"})
        client.force_login(
            house.users[name], backend="allauth.account.auth_backends.AuthenticationBackend"
        )
        return client

    return sign_in
