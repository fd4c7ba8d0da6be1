"""Approvals: four eyes by person, levels by amount, one effect, and what a request leaves."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from kept.core.actors import Role, job
from kept.core.approvals import Band
from kept.core.ledger import EntryKind
from kept.store.models import (
    Account,
    Approval,
    ApprovalPolicy,
    Delegation,
    Entry,
    Event,
    RoleGrant,
    User,
)
from kept.work.actors import actor_of
from kept.work.approval_lists import Which, get_approval, list_approvals
from kept.work.approval_policies import do_set_policy, list_policies
from kept.work.approvals import (
    NeedsApproval,
    do_decide_approval,
    do_expire_approvals,
    do_request_approval,
    do_withdraw_approval,
)
from kept.work.delegations import do_delegate, do_end_delegation
from kept.work.grants import do_grant_role
from kept.work.ledger import Line, do_post_entry, do_reverse_entry
from kept.work.refusals import NotAllowed, NotThere, Refusal
from tests import factories as make
from tests.factories import NOW, TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("months")]
DAY = date(2026, 11, 20)


@pytest.fixture
def account() -> Account:
    creditor = make.make_creditor(code="OWN")
    product = make.make_product(creditor)
    make.make_terms(product)
    account = make.make_account(product, make.make_debtor(creditor))
    make.make_case(account.debtor, account)
    make.make_entry(account, {"principal": 500_00}, due_on=date(2026, 10, 5))
    return account


def who(name: str, role: Role, account: Account | None = None) -> User:
    creditors = None if account is None else [account.creditor]
    return make.make_user(name, roles={role: creditors})


def acting(user: User, now: Any = NOW) -> Any:
    return actor_of(User.objects.get(pk=user.pk), now=now)


def ask(
    cashier: User, account: Account, kind: EntryKind = EntryKind.PAYMENT, amount: int = 100_00
) -> Approval:
    with pytest.raises(NeedsApproval) as needed:
        do_post_entry(
            actor=acting(cashier),
            account_id=account.pk,
            kind=kind,
            lines=[Line("principal", amount)],
            effective_on=DAY,
            reference="R1",
            now=NOW,
        )
    return do_request_approval(
        actor=acting(cashier),
        kind=needed.value.kind,
        command=needed.value.command,
        reason="hardship",
        now=NOW,
    )


def decide(user: User, approval: Approval, answer: bool = True, **given: Any) -> str:
    return do_decide_approval(
        **{
            "actor": acting(user),
            "approval_id": approval.pk,
            "answer": answer,
            "reason": "" if answer else "no",
            "now": NOW,
            **given,
        }
    ).state


def posted() -> int:
    return Entry.objects.filter(kind="payment").count()


def test_a_payment_is_posted_with_the_yes_of_a_second_person(account: Account) -> None:
    cashier, head = who("cashier", Role.CASHIER), who("head", Role.APPROVER, account)
    approval = ask(cashier, account)
    assert posted() == 0
    assert decide(head, approval) == "approved"
    entry = Entry.objects.get(kind="payment")
    assert entry.actor == "cashier"
    events = Event.objects.order_by("chain_kind", "sequence")
    actions = list(events.values_list("action", flat=True))
    assert actions == [
        "approval.request",
        "approval.accept",
        "ledger.payment",
        "approval.carry_out",
    ]
    told = Event.objects.get(action="ledger.payment")
    assert f'"approval":{approval.pk}' in told.body
    assert Event.objects.filter(chain_kind="case").count() == 4


def test_the_same_yes_in_another_session_counts_once(account: Account) -> None:
    make_policy("manual_payment", [["approver"], ["approver", "manager"]])
    cashier, head = who("cashier", Role.CASHIER), who("head", Role.APPROVER)
    second = who("second", Role.MANAGER)
    approval = ask(cashier, account)
    assert decide(head, approval) == "open"
    assert decide(head, approval) == "open"  # by the other session
    assert approval.decisions.count() == 1
    assert posted() == 0
    assert decide(second, approval) == "approved"
    assert decide(second, approval) == "approved"
    assert posted() == 1


def make_policy(kind: str, levels: list[list[str]], **given: Any) -> None:
    for level, roles in enumerate(levels, start=1):
        for role in roles:
            ApprovalPolicy.objects.create(kind=kind, level=level, role=role, **given)


def test_nobody_decides_what_they_asked_for_in_any_role(account: Account) -> None:
    both = make.make_user("both", roles={Role.CASHIER: None, Role.APPROVER: None})
    approval = ask(both, account)
    with pytest.raises(NotAllowed, match="asked for this yourself"):
        decide(both, approval)
    head = who("head", Role.APPROVER)
    stand_in(head, both)
    with pytest.raises(NotAllowed, match="asked for this yourself"):
        decide(both, approval, on_behalf_of=head.pk)
    stand_in(both, head)
    with pytest.raises(NotAllowed, match="asked for this yourself"):
        decide(head, approval, on_behalf_of=both.pk)
    assert posted() == 0
    assert not approval.decisions.exists()


def stand_in(away: User, deputy: User) -> Delegation:
    return do_delegate(
        actor=acting(away),
        to_username=deputy.username,
        first_day=TODAY,
        last_day=TODAY + timedelta(days=2),
        reason="holiday",
        now=NOW,
    )


def test_a_stand_in_decides_with_the_roles_of_who_is_away_and_both_count(account: Account) -> None:
    make_policy("manual_payment", [["approver"], ["approver"]])
    cashier, head = who("cashier", Role.CASHIER), who("head", Role.APPROVER, account)
    deputy = who("deputy", Role.COLLECTOR)
    approval = ask(cashier, account)
    with pytest.raises(NotAllowed):
        decide(deputy, approval, on_behalf_of=head.pk)
    delegation = stand_in(head, deputy)
    (waiting,) = list_approvals(actor=acting(deputy), now=NOW).approvals
    assert waiting.voices == ((head.pk, "head"),)
    later = NOW + timedelta(days=3)
    with pytest.raises(NotAllowed, match="not decide for this person today"):
        decide(deputy, approval, on_behalf_of=head.pk, now=later)
    assert decide(deputy, approval, on_behalf_of=head.pk) == "open"
    with pytest.raises(NotAllowed, match="decided in this request before"):
        decide(head, approval)  # their voice was given already
    other = who("other", Role.APPROVER)
    stand_in(other, deputy)
    with pytest.raises(NotAllowed, match="decided in this request before"):
        decide(deputy, approval, on_behalf_of=other.pk)  # one person, whoever they stand in for
    do_end_delegation(actor=acting(head), delegation_id=delegation.pk, now=NOW)
    assert decide(who("third", Role.APPROVER), approval) == "approved"
    decision = approval.decisions.get(level=1)
    assert (decision.user, decision.on_behalf_of) == (deputy, head)


@pytest.mark.parametrize(
    ("amount", "levels"), [(20_00, None), (20_01, 1), (100_00, 1), (100_01, 2)]
)
def test_how_many_decide_follows_the_amount(
    amount: int, levels: int | None, account: Account
) -> None:
    ApprovalPolicy.objects.create(kind="manual_payment", level=0, currency="CNY", up_to_minor=20_00)
    make_policy("manual_payment", [["team_lead"]], currency="CNY", up_to_minor=100_00)
    make_policy("manual_payment", [["approver"], ["manager"]])
    cashier = who("cashier", Role.CASHIER)
    if levels is None:
        do_post_entry(
            actor=acting(cashier),
            account_id=account.pk,
            kind=EntryKind.PAYMENT,
            lines=[Line("principal", amount)],
            effective_on=DAY,
            reference="R1",
            now=NOW,
        )
        assert posted() == 1
    else:
        assert len(ask(cashier, account, amount=amount).levels) == levels


def test_a_creditors_own_policy_goes_before_that_of_the_house(account: Account) -> None:
    make_policy("manual_payment", [["manager"]])
    make_policy("manual_payment", [["team_lead"], ["manager"]], creditor=account.creditor)
    assert ask(who("cashier", Role.CASHIER), account).levels == [["team_lead"], ["manager"]]


def test_those_of_another_creditor_do_not_see_it(account: Account) -> None:
    approval = ask(who("cashier", Role.CASHIER), account)
    stranger = make.make_user(roles={Role.APPROVER: [make.make_creditor()]})
    with pytest.raises(NotThere):
        decide(stranger, approval)
    assert list_approvals(actor=acting(stranger), now=NOW).approvals == ()
    assert get_approval(actor=acting(stranger), approval_id=approval.pk, now=NOW) is None


def test_a_wrong_role_is_told_so_and_changes_nothing(account: Account) -> None:
    approval = ask(who("cashier", Role.CASHIER), account)
    with pytest.raises(NotAllowed, match="decided by another role"):
        decide(who("legal", Role.LEGAL_OFFICER), approval)
    assert not approval.decisions.exists()


def test_a_no_says_why_and_settles(account: Account) -> None:
    cashier, head = who("cashier", Role.CASHIER), who("head", Role.APPROVER)
    approval = ask(cashier, account)
    with pytest.raises(Refusal):
        decide(head, approval, answer=False, reason=" ")
    assert decide(head, approval, answer=False) == "refused"
    with pytest.raises(Refusal, match="settled already"):
        decide(who("other", Role.APPROVER), approval)
    assert posted() == 0
    (mine,) = list_approvals(actor=acting(cashier), which=Which.ASKED, now=NOW).approvals
    assert (mine.state, mine.decisions[0].reason, mine.level) == ("refused", "no", None)


def test_asking_twice_is_asking_once(account: Account) -> None:
    cashier = who("cashier", Role.CASHIER)
    assert ask(cashier, account) == ask(cashier, account)
    assert Approval.objects.count() == 1


def test_what_could_never_be_done_is_refused_when_it_is_asked_for(account: Account) -> None:
    cashier = who("cashier", Role.CASHIER)
    command = {
        "account_id": account.pk,
        "kind": "payment",
        "lines": [["wine", 100, None]],
        "effective_on": "2026-11-20",
        "reference": "R1",
    }
    with pytest.raises(Refusal, match="no component wine"):
        do_request_approval(
            actor=acting(cashier), kind="manual_payment", command=command, reason="x", now=NOW
        )
    assert not Approval.objects.exists()
    assert not Event.objects.exists()


def test_a_request_runs_out_and_a_new_one_may_be_made(account: Account) -> None:
    cashier, head = who("cashier", Role.CASHIER), who("head", Role.APPROVER)
    approval = ask(cashier, account)
    late = approval.expires_at
    with pytest.raises(NotAllowed, match="has run out"):
        decide(head, approval, now=late)
    assert list_approvals(actor=acting(head), now=late).approvals == ()
    assert do_expire_approvals(actor=job("sweep"), now=late) == 1
    assert do_expire_approvals(actor=job("sweep"), now=late) == 0
    approval.refresh_from_db()
    assert approval.state == "expired"
    assert ask(cashier, account) != approval


def test_only_who_asked_withdraws(account: Account) -> None:
    cashier, head = who("cashier", Role.CASHIER), who("head", Role.APPROVER)
    approval = ask(cashier, account)
    with pytest.raises(NotThere):
        do_withdraw_approval(actor=acting(head), approval_id=approval.pk, now=NOW)
    for _ in range(2):
        do_withdraw_approval(actor=acting(cashier), approval_id=approval.pk, now=NOW)
    with pytest.raises(Refusal, match="settled already"):
        decide(head, approval)


def test_whoever_lost_the_role_meanwhile_is_not_served(account: Account) -> None:
    cashier, head = who("cashier", Role.CASHIER), who("head", Role.APPROVER)
    approval = ask(cashier, account)
    RoleGrant.objects.filter(user=cashier).delete()
    with pytest.raises(NotAllowed):
        decide(head, approval)
    approval.refresh_from_db()
    assert (approval.state, approval.decisions.count(), posted()) == ("open", 0, 0)


def test_an_altered_command_does_not_run(account: Account) -> None:
    cashier, head = who("cashier", Role.CASHIER), who("head", Role.APPROVER)
    approval = ask(cashier, account)
    approval.command = {**approval.command, "lines": [["principal", 999_00, None]]}
    approval.save()
    with pytest.raises(Refusal, match="was altered"):
        decide(head, approval)
    assert posted() == 0


def test_a_reversal_needs_a_second_person_and_a_cashiers_payment_another_cashier(
    account: Account,
) -> None:
    cashier, other = who("cashier", Role.CASHIER), who("other", Role.CASHIER)
    payment = ask(cashier, account, EntryKind.PAYMENT)
    assert decide(other, payment) == "approved"
    entry = Entry.objects.get(kind="payment")
    with pytest.raises(NeedsApproval) as needed:
        do_reverse_entry(
            actor=acting(cashier), entry_id=entry.pk, effective_on=DAY, reason="wrong", now=NOW
        )
    approval = do_request_approval(
        actor=acting(cashier), kind="reversal", command=needed.value.command, reason="x", now=NOW
    )
    with pytest.raises(NotAllowed):
        decide(other, approval)
    assert decide(who("head", Role.MANAGER), approval) == "approved"
    assert Entry.objects.filter(kind="reversal", reverses=entry).exists()


def test_the_first_administrator_is_free_the_next_needs_a_second_person() -> None:
    setup, new = job("console"), make.make_user("new")
    first = make.make_user("first")
    do_grant_role(actor=setup, user_id=first.pk, role=Role.ADMINISTRATOR, now=NOW)
    with pytest.raises(NeedsApproval) as needed:
        do_grant_role(
            actor=acting(first), user_id=new.pk, role=Role.ADMINISTRATOR, reason="two", now=NOW
        )
    approval = do_request_approval(
        actor=acting(first),
        kind="administrator",
        command=needed.value.command,
        reason="two",
        now=NOW,
    )
    assert not RoleGrant.objects.filter(user=new).exists()
    officer = who("officer", Role.COMPLIANCE_OFFICER)
    assert decide(officer, approval) == "approved"
    assert actor_of(new, now=NOW).roles == {Role.ADMINISTRATOR}


def test_a_policy_is_not_weakened_by_one_person() -> None:
    first = who("first", Role.ADMINISTRATOR)
    bands = [Band((), 20_00, "CNY"), Band((frozenset({Role.MANAGER}),))]
    with pytest.raises(NeedsApproval) as needed:
        do_set_policy(actor=acting(first), kind="manual_payment", bands=bands, now=NOW)
    approval = do_request_approval(
        actor=acting(first),
        kind="approval_policy",
        command=needed.value.command,
        reason="small sums",
        now=NOW,
    )
    assert list_policies(actor=acting(first)) == ()
    assert decide(who("officer", Role.COMPLIANCE_OFFICER), approval) == "approved"
    found = list_policies(actor=acting(first))
    assert [(view.up_to_minor, view.levels) for view in found] == [
        (20_00, ()),
        (None, (("manager",),)),
    ]


@pytest.mark.parametrize(
    "bands",
    [
        [Band((frozenset({Role.MANAGER}),)), Band(())],
        [Band((frozenset({Role.MANAGER}),), 100, "CNY"), Band((), 200, "CNY")],
        [Band((frozenset({Role.MANAGER}),), 100, "YEN")],
        [Band((frozenset({Role.MANAGER}),), -1, "CNY")],
        [Band((frozenset(),))],
    ],
)
def test_bands_that_make_no_sense_are_refused(bands: list[Band]) -> None:
    with pytest.raises(Refusal) as refused:
        do_set_policy(
            actor=acting(who("first", Role.ADMINISTRATOR)),
            kind="manual_payment",
            bands=bands,
            now=NOW,
        )
    assert list(refused.value.fields) == ["bands"]


@pytest.mark.parametrize("kind", ["approval_policy", "administrator", "erasure", "staff_access"])
def test_no_policy_lets_one_person_alone_do_what_guards_the_house(kind: str) -> None:
    first = acting(who("first", Role.ADMINISTRATOR))
    with pytest.raises(Refusal) as refused:
        do_set_policy(actor=first, kind=kind, bands=[Band(())], now=NOW)
    assert refused.value.fields["bands"] == "This always needs a second person."
    with pytest.raises(NeedsApproval):
        do_set_policy(actor=first, kind=kind, bands=[Band((frozenset({Role.MANAGER}),))], now=NOW)
