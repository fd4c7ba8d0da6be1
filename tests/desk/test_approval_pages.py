"""Approvals, revealing, entries by hand, staff access and keys, as people use their pages."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from kept.core.actors import Role
from kept.store.models import (
    ApiKey,
    Approval,
    ApprovalPolicy,
    ContactPoint,
    Creditor,
    Delegation,
    Entry,
    Event,
    RoleGrant,
    StaffAccess,
    Task,
    User,
)
from kept.work.api_keys import actor_of_key
from tests import factories
from tests.desk.conftest import House, SignedIn


def browse(user: User, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def cashier(house: House) -> Client:
    return browse(factories.make_user("cashier", roles={Role.CASHIER: None}))


@pytest.fixture
def head(house: House) -> Client:
    return browse(factories.make_user("head", roles={Role.APPROVER: [house.creditor]}))


def account_of(house: House) -> int:
    return int(house.case.case_accounts.get().account_id)


def post_payment(house: House, client: Client, **given: str) -> Any:
    address = reverse("post_entry", args=[house.case.pk, account_of(house)])
    form = {
        "kind": "payment",
        "component": "principal",
        "amount": "100.00",
        "effective_on": "2026-11-20",
        "reference": "R1",
        "reason": "hardship was shown",
        **given,
    }
    return client.post(address, form, follow=True)


def test_a_payment_is_asked_for_on_one_page_and_decided_on_another(
    house: House, cashier: Client, head: Client
) -> None:
    page = post_payment(house, cashier).content.decode()
    assert "somebody else decides" in page
    assert not Entry.objects.filter(kind="payment").exists()
    inbox = head.get(reverse("approvals")).content.decode()
    for said in (
        "payment by hand",
        "CN¥100.00",
        "hardship was shown",
        "cashier",
        "ACC-1",
        "Own Bank",
    ):
        assert said in inbox, said
    assert "1 request waits for your approval" in head.get("/").content.decode()
    approval = Approval.objects.get()
    decided = head.post(
        reverse("decide_approval", args=[approval.pk]), {"answer": "yes"}, follow=True
    )
    assert "Approved, and carried out." in decided.content.decode()
    assert Entry.objects.get(kind="payment").actor == "cashier"
    assert "Nothing waits for you" in head.get(reverse("approvals")).content.decode()
    mine = cashier.get(reverse("approvals"), {"which": "asked"}).content.decode()
    assert "approved" in mine


def test_no_needs_a_reason_and_the_requester_may_withdraw(
    house: House, cashier: Client, head: Client
) -> None:
    post_payment(house, cashier)
    approval = Approval.objects.get()
    address = reverse("decide_approval", args=[approval.pk])
    assert "Say why not." in head.post(address, {"answer": "no"}, follow=True).content.decode()
    own = cashier.post(address, {"answer": "yes"}, follow=True).content.decode()
    assert "You asked for this yourself" in own
    cashier.post(reverse("withdraw_approval", args=[approval.pk]))
    approval.refresh_from_db()
    assert approval.state == "withdrawn"


def test_nobody_else_finds_a_request(house: House, cashier: Client, signed_in: SignedIn) -> None:
    post_payment(house, cashier)
    address = reverse("approval", args=[Approval.objects.get().pk])
    assert cashier.get(address).status_code == 200
    for name in ("stranger", "nobody", "collector"):
        assert signed_in(name).get(address).status_code == 404
        assert "hardship" not in signed_in(name).get(reverse("approvals")).content.decode()


def test_bad_amounts_and_days_change_nothing(house: House, cashier: Client) -> None:
    for given in ({"amount": "ten"}, {"amount": "1.234"}, {"effective_on": "x"}, {"kind": "wine"}):
        page = post_payment(house, cashier, **given)
        assert "tone-error" in page.content.decode(), given
    assert not Approval.objects.exists()


def test_an_entry_is_reversed_with_an_approval(house: House, cashier: Client) -> None:
    entry = Entry.objects.get()
    address = reverse("reverse_entry", args=[house.case.pk, account_of(house), entry.pk])
    cashier.post(address, {"reason": "booked twice"})
    assert Approval.objects.get().kind == "reversal"
    page = cashier.get(reverse("entries", args=[house.case.pk, account_of(house)]))
    assert "CN¥1,000.00" in page.content.decode()


def test_standing_in_while_away(house: House, head: Client, cashier: Client) -> None:
    deputy = browse(factories.make_user("deputy", roles={Role.COLLECTOR: None}))
    today = timezone.localdate()
    form = {
        "to_username": "deputy",
        "first_day": str(today),
        "last_day": str(today + timedelta(days=3)),
        "reason": "holiday",
    }
    head.post(reverse("delegate"), form)
    post_payment(house, cashier)
    inbox = deputy.get(reverse("approvals")).content.decode()
    assert "You decide for head" in inbox
    voice = re.search(r'<option value="(\d+)">head', inbox)
    assert voice is not None
    address = reverse("decide_approval", args=[Approval.objects.get().pk])
    deputy.post(address, {"answer": "yes", "voice": voice[1]})
    assert Entry.objects.filter(kind="payment").count() == 1
    delegation = Delegation.objects.get()
    assert deputy.post(reverse("end_delegation", args=[delegation.pk])).status_code == 302
    assert "You decide for" not in deputy.get(reverse("approvals")).content.decode()


def test_a_policy_is_asked_for_and_then_holds(house: House, cashier: Client) -> None:
    administrator = browse(house.users["administrator"])
    officer = browse(factories.make_user("officer", roles={Role.COMPLIANCE_OFFICER: None}))
    form = {"kind": "manual_payment", "bands": "CNY 500.00:\n: manager", "reason": "small sums"}
    wrong = administrator.post(reverse("set_policy"), {**form, "bands": "500 manager"}, follow=True)
    assert "This line is no band: 500 manager" in wrong.content.decode()
    administrator.post(reverse("set_policy"), form)
    officer.post(reverse("decide_approval", args=[Approval.objects.get().pk]), {"answer": "yes"})
    assert ApprovalPolicy.objects.count() == 2
    assert "CN¥500.00" in administrator.get(reverse("approval_policies")).content.decode()
    assert "Posted." in post_payment(house, cashier).content.decode()
    assert Entry.objects.filter(kind="payment").count() == 1


def test_a_number_is_shown_for_a_reason_and_kept_nowhere(house: House, signed_in: SignedIn) -> None:
    client = signed_in("manager")
    point = ContactPoint.objects.get(debtor=house.case.debtor, related_person=None)
    address = reverse("reveal_value", args=[house.case.pk, "contact_point", point.pk])
    assert address in client.get(reverse("case", args=[house.case.pk])).content.decode()
    part = client.post(address, {"reason": "contact"}, headers={"hx-request": "true"})
    assert "+8613800138000" in part.content.decode()
    assert "no-store" in part["Cache-Control"]
    whole = client.post(address, {"reason": "contact"})
    assert "+8613800138000" in whole.content.decode()
    assert "no-store" in whole["Cache-Control"]
    assert Event.objects.filter(action="number.reveal").count() == 2
    refused = client.post(address, {"reason": "other"}, headers={"hx-request": "true"})
    assert (refused.status_code, "Say why." in refused.content.decode()) == (422, True)
    again = client.get(reverse("case", args=[house.case.pk])).content.decode()
    assert "13800138000" not in again
    assert "A masked value was shown" in again
    assert signed_in("stranger").post(address, {"reason": "contact"}).status_code == 404
    cashier = browse(factories.make_user(roles={Role.CASHIER: None}))
    assert cashier.post(address, {"reason": "contact"}).status_code == 403
    assert address not in cashier.get(reverse("case", args=[house.case.pk])).content.decode()
    assert Event.objects.filter(action="number.reveal").count() == 2


def test_staff_ask_for_access_and_the_creditors_side_sees_it(house: House) -> None:
    Creditor.objects.filter(pk=house.creditor.pk).update(needs_access=True)
    administrator, manager = (browse(house.users[n]) for n in ("administrator", "manager"))
    case = reverse("case", args=[house.case.pk])
    assert administrator.get(case).status_code == 404
    form = {"creditor": house.creditor.pk, "role": "auditor", "hours": 2, "reason": "a fault"}
    administrator.post(reverse("request_access"), form)
    manager.post(reverse("decide_approval", args=[Approval.objects.get().pk]), {"answer": "yes"})
    assert administrator.get(case).status_code == 200
    seen = manager.get(reverse("accesses")).content.decode()
    assert "administrator" in seen
    assert "1 case opened" in seen
    access = StaffAccess.objects.get()
    manager.post(reverse("end_access", args=[access.pk]))
    assert administrator.get(case).status_code == 404
    for who in ("collector", "nobody"):
        assert browse(house.users[who]).get(reverse("accesses")).status_code == 404


def test_a_role_removed_meanwhile_is_gone_with_the_next_request(
    house: House, signed_in: SignedIn
) -> None:
    client = signed_in("manager")
    assert client.get(reverse("case", args=[house.case.pk])).status_code == 200
    RoleGrant.objects.filter(user=house.users["manager"]).delete()
    refused = client.post(reverse("close_task", args=[house.task.pk]), {"state": "done"})
    assert refused.status_code == 403
    assert "Nothing was changed" in refused.content.decode()
    assert client.get(reverse("case", args=[house.case.pk])).status_code == 404
    assert Task.objects.get(pk=house.task.pk).state == "open"


def test_the_sessions_of_somebody_locked_out_end_and_stay_ended(house: House) -> None:
    administrator, manager = (browse(house.users[n]) for n in ("administrator", "manager"))
    change = reverse("operators:store_user_change", args=[house.users["manager"].pk])
    assert manager.get("/").status_code == 200
    administrator.post(change, {"username": "manager"})  # without the tick: not active
    assert manager.get("/").status_code == 302
    administrator.post(change, {"username": "manager", "is_active": "on"})
    assert User.objects.get(username="manager").is_active
    assert manager.get("/").status_code == 302
    assert browse(User.objects.get(username="manager")).get("/").status_code == 200


def test_a_further_administrator_is_asked_for_on_the_operators_page(house: House) -> None:
    administrator = browse(house.users["administrator"])
    form = {"user": house.users["nobody"].pk, "role": "administrator"}
    add = reverse("operators:store_rolegrant_add")
    assert administrator.post(add, form).status_code == 200  # a reason is missing
    page = administrator.post(add, {**form, "reason": "holiday cover"}, follow=True)
    assert "needs a second person" in page.content.decode()
    assert Approval.objects.get().kind == "administrator"
    assert not RoleGrant.objects.filter(user=house.users["nobody"]).exists()


def test_a_key_is_shown_once(house: House) -> None:
    administrator = browse(house.users["administrator"])
    add = reverse("operators:store_apikey_add")
    form = {"name": "feed", "permissions": ["case.read"], "creditor": house.creditor.pk}
    shown = administrator.post(add, form)
    token = re.search(r"<code>(kept_[^<]+)</code>", shown.content.decode())
    assert token is not None
    assert "no-store" in shown["Cache-Control"]
    assert actor_of_key(token[1], now=timezone.now()) is not None
    listed = administrator.get(reverse("operators:store_apikey_changelist")).content.decode()
    assert token[1] not in listed
    assert token[1].rpartition("_")[0] in listed
    key = ApiKey.objects.get()
    administrator.post(reverse("operators:store_apikey_delete", args=[key.pk]), {"post": "yes"})
    assert actor_of_key(token[1], now=timezone.now()) is None
    assert ApiKey.objects.get().revoked_at is not None


@pytest.mark.parametrize("name", ["approvals", "accesses", "approval_policies"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_pages_open_in_both_languages(name: str, language: str, house: House) -> None:
    page = browse(house.users["administrator"], language).get(reverse(name))
    assert page.status_code == 200
    assert ("审批" in page.content.decode()) == (language == "zh-hans")
