"""Timed access of staff: asked for, granted on the creditor's side, used, ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kept.batch.sweeping import sweep_as_of
from kept.core.actors import Actor, Role
from kept.store.models import Approval, Case, Creditor, Event, StaffAccess, User
from kept.work.accesses import (
    access_command,
    do_end_access,
    list_accesses,
    list_creditors_to_access,
)
from kept.work.actors import actor_of
from kept.work.approvals import do_decide_approval, do_request_approval
from kept.work.audit import do_export_case
from kept.work.cases import get_case
from kept.work.refusals import NotAllowed, NotThere, Refusal
from kept.work.timelines import list_timeline
from tests import factories as make
from tests.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("months")]


@pytest.fixture
def bank() -> Creditor:
    return make.make_creditor(code="BANK", needs_access=True)


@pytest.fixture
def staff(bank: Creditor) -> User:
    return make.make_user("staff", roles={Role.ADMINISTRATOR: None})


@pytest.fixture
def banker(bank: Creditor) -> User:
    return make.make_user("banker", roles={Role.MANAGER: [bank]})


@pytest.fixture
def case(bank: Creditor) -> Case:
    return make.make_case(make.make_debtor(bank))


def acting(user: User, now: Any = NOW) -> Actor:
    return actor_of(user, now=now)


def ask(staff: User, bank: Creditor, hours: int = 2, role: Role = Role.AUDITOR) -> Approval:
    return do_request_approval(
        actor=acting(staff),
        kind="staff_access",
        command=access_command(bank.pk, role, hours),
        reason="a fault in the night",
        now=NOW,
    )


def grant(staff: User, banker: User, bank: Creditor) -> StaffAccess:
    approval = ask(staff, bank)
    do_decide_approval(actor=acting(banker), approval_id=approval.pk, answer=True, now=NOW)
    return StaffAccess.objects.get()


def sees(staff: User, case: Case, now: Any = NOW) -> bool:
    return get_case(acting(staff, now), case.pk, now=now) is not None


def test_staff_see_nothing_until_the_creditors_side_says_yes_and_then_for_a_time(
    staff: User, banker: User, bank: Creditor, case: Case
) -> None:
    assert not sees(staff, case)
    assert list_creditors_to_access(actor=acting(staff)) == ((bank.pk, "BANK", bank.name),)
    access = grant(staff, banker, bank)
    assert access.ends_at == NOW + timedelta(hours=2)
    assert sees(staff, case)
    assert sees(staff, case, access.ends_at - timedelta(seconds=1))
    assert not sees(staff, case, access.ends_at)


def test_each_case_opened_by_it_is_seen_once(
    staff: User, banker: User, bank: Creditor, case: Case
) -> None:
    grant(staff, banker, bank)
    for _ in range(2):
        assert sees(staff, case)
    assert sees(banker, case)
    uses = Event.objects.filter(action="access.use")
    assert [(event.actor, event.chain_id) for event in uses] == [("staff", case.pk)]
    for reader in (banker, staff):
        (view,) = list_accesses(actor=acting(reader), now=NOW)
        assert [case_id for case_id, _at in view.cases] == [case.pk]
        assert (view.username, view.role, view.reason) == (
            "staff",
            "auditor",
            "a fault in the night",
        )
    stranger = make.make_user(roles={Role.MANAGER: [make.make_creditor()]})
    assert list_accesses(actor=acting(stranger), now=NOW) == ()


@pytest.mark.parametrize("read", ["timeline", "export"])
def test_its_timeline_and_its_export_are_a_use_as_well(
    read: str, staff: User, banker: User, bank: Creditor, case: Case
) -> None:
    grant(staff, banker, bank)
    if read == "timeline":
        assert list_timeline(acting(staff), case.pk, now=NOW) is not None
    else:
        do_export_case(actor=acting(staff), case_id=case.pk, now=NOW)
    (view,) = list_accesses(actor=acting(staff), now=NOW)
    assert [case_id for case_id, _at in view.cases] == [case.pk]
    assert Event.objects.filter(action="access.use", chain_id=case.pk).count() == 1


def test_the_beginning_and_the_end_are_written_down(
    staff: User, banker: User, bank: Creditor
) -> None:
    access = grant(staff, banker, bank)
    late = access.ends_at + timedelta(minutes=3)
    assert sweep_as_of(late) == (0, 1)
    assert sweep_as_of(late) == (0, 0)
    actions = Event.objects.filter(subject=f"access:{access.pk}").order_by("sequence")
    assert [event.action for event in actions] == ["access.start", "access.end"]
    access.refresh_from_db()
    assert access.ends_at == NOW + timedelta(hours=2)


def test_either_side_ends_it_at_once(staff: User, banker: User, bank: Creditor, case: Case) -> None:
    access = grant(staff, banker, bank)
    soon = NOW + timedelta(minutes=1)
    with pytest.raises(NotThere):
        do_end_access(actor=acting(make.make_user()), access_id=access.pk, now=soon)
    for _ in range(2):
        do_end_access(actor=acting(banker), access_id=access.pk, now=soon)
    assert not sees(staff, case, soon)
    assert Event.objects.filter(action="access.end").count() == 1


def test_staff_do_not_let_staff_in(staff: User, bank: Creditor) -> None:
    approval = ask(staff, bank)
    other = make.make_user(roles={Role.ADMINISTRATOR: None, Role.MANAGER: None})
    with pytest.raises(NotThere):
        do_decide_approval(actor=acting(other), approval_id=approval.pk, answer=True, now=NOW)
    with pytest.raises(NotAllowed):
        do_decide_approval(actor=acting(staff), approval_id=approval.pk, answer=True, now=NOW)
    assert not StaffAccess.objects.exists()


def test_who_is_let_in_lets_nobody_else_in(staff: User, banker: User, bank: Creditor) -> None:
    access = grant(staff, banker, bank)
    StaffAccess.objects.filter(pk=access.pk).update(role=Role.COMPLIANCE_OFFICER)
    other = make.make_user("other", roles={Role.ADMINISTRATOR: None})
    approval = ask(other, bank)
    with pytest.raises(NotThere):
        do_decide_approval(actor=acting(staff), approval_id=approval.pk, answer=True, now=NOW)


@pytest.mark.parametrize(
    ("hours", "role"), [(0, Role.AUDITOR), (25, Role.AUDITOR), (1, Role.ADMINISTRATOR)]
)
def test_too_long_or_too_much_is_refused(
    hours: int, role: Role, staff: User, bank: Creditor
) -> None:
    with pytest.raises(Refusal):
        ask(staff, bank, hours, role)
    assert not Approval.objects.exists()


def test_where_nothing_is_closed_there_is_nothing_to_ask_for(staff: User) -> None:
    with pytest.raises(NotThere):
        ask(staff, make.make_creditor())
