"""Papers that rest on a plan, a settlement or a payment say what stands in the database."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from kept.core.actors import Actor, Role, job
from kept.core.agreements.waiver_policy import WaiverKind
from kept.core.documents.kinds import DocumentKind as K
from kept.core.money import Money, parse_money
from kept.store.models import PaymentAllocation, Plan, Waiver
from kept.work.actors import actor_of
from kept.work.document_papers import PaperRequest, paper_of
from kept.work.document_sheets import sheet_of
from kept.work.payment_moves import do_reverse_payment
from kept.work.payments import PaymentGiven, do_take_payment
from kept.work.plan_terms import PlanAsked
from kept.work.plans import do_accept_plan, do_offer_plan
from kept.work.refusals import NotAllowed, NotThere, Refusal
from kept.work.waivers import WaiverAsked, do_accept_waiver, do_request_waiver
from tests import factories as make
from tests.work.waiver_case import NOW, TODAY, House, make_house

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(db: None) -> House:
    found = make_house()
    found.creditor.name, found.creditor.phone = "示例银行股份有限公司", "010-5550 0100"
    found.creditor.save()
    return found


def who(house: House, *roles: Role) -> Actor:
    creditors = frozenset({house.creditor.pk})
    return make.make_actor(7, "manager", frozenset(roles or {Role.MANAGER}), creditors)


def sheet(house: House, kind: K, **given: Any) -> Any:
    request = PaperRequest(house.case.pk, kind, **{"language": "zh", **given})
    return sheet_of(paper_of(who(house), request, house.now), None)


def offer_plan(house: House) -> Plan:
    house.case.debtor.kind = "company"  # whose means nobody asks for
    house.case.debtor.save()
    asked = PlanAsked(shape="annuity", number=3, first_on=TODAY + timedelta(days=10))
    return do_offer_plan(actor=job("test"), case_id=house.case.pk, asked=asked, now=house.now)


def test_an_agreement_is_printed_from_the_plan(house: House) -> None:
    with pytest.raises(Refusal, match="needs its plan"):
        sheet(house, K.INSTALMENT_AGREEMENT)
    plan = offer_plan(house)
    found = sheet(house, K.INSTALMENT_AGREEMENT)
    debt, instalments = found["tables"]
    assert debt["totals"] == [["合计", "", "1,350.00"]]
    assert [row[0] for row in instalments["rows"]] == ["1", "2", "3"]
    assert instalments["totals"][0][-1] == "1,350.00"
    assert "违约" in "".join(found["body"])
    do_accept_plan(actor=job("test"), plan_id=plan.pk, now=house.later(1))
    # It still speaks of the day on which it was agreed, whatever was paid since.
    house.later(12)
    house.pay(450_00, TODAY + timedelta(days=10))
    again = sheet(house, K.INSTALMENT_AGREEMENT, plan_id=plan.pk)
    assert again["tables"] == found["tables"]
    other = make_house()
    with pytest.raises(NotThere):
        sheet(other, K.INSTALMENT_AGREEMENT, plan_id=plan.pk)


def settle(house: House, *parts: tuple[date, int]) -> Waiver:
    """A settlement with every yes that its levels ask for."""
    lead = house.person(Role.TEAM_LEAD)
    row = do_request_waiver(
        actor=actor_of(lead, now=house.now),
        case_id=house.case.pk,
        asked=WaiverAsked(WaiverKind.SETTLEMENT, "closes_debt", parts=parts),
        now=house.now,
    )
    with pytest.raises(Refusal, match="have it approved"):
        sheet(house, K.SETTLEMENT_OFFER)
    for level in row.levels:
        house.decide(row, house.person(Role(level[0])))
    row.refresh_from_db()
    return row


def test_a_settlement_is_offered_and_confirmed_as_it_was_approved(house: House) -> None:
    first, last = TODAY + timedelta(days=10), TODAY + timedelta(days=20)
    row = settle(house, (first, 400_00), (last, 600_00))
    offered = sheet(house, K.SETTLEMENT_OFFER, language="en")
    (table,) = offered["tables"]
    assert table["rows"][1] == ["Waived", "-350.00"]
    assert [amount for _day, amount in table["totals"]] == ["400.00", "600.00"]
    with pytest.raises(Refusal, match="nothing to confirm"):
        sheet(house, K.SETTLEMENT_CONFIRMATION)
    do_accept_waiver(actor=job("test"), waiver_id=row.pk, now=house.later(1))
    house.later(11)
    house.pay(400_00, first)
    house.later(21)
    house.pay(600_00, last)
    house.judge()
    row.refresh_from_db()
    assert (row.state, house.balance()) == ("posted", 0)
    confirmed = sheet(house, K.SETTLEMENT_CONFIRMATION, language="en")
    assert confirmed["tables"][0]["totals"][0][1] == "1,000.00"
    with pytest.raises(Refusal, match="ask for one"):
        sheet(house, K.SETTLEMENT_OFFER)


def test_who_pays_for_another_gets_a_receipt_and_learns_nothing_else(house: House) -> None:
    given = PaymentGiven(
        house.creditor.pk,
        "R-1",
        300_00,
        "CNY",
        TODAY,
        payer="李例",
        payer_relation="friend",
        accounts=(house.account.external_id,),
    )
    taken = do_take_payment(actor=job("bank"), given=given, now=NOW)
    with pytest.raises(Refusal, match="which payment"):
        sheet(house, K.PAYMENT_RECEIPT)
    found = sheet(house, K.PAYMENT_RECEIPT, payment_id=taken.payment_id)
    assert found["recipient"] == {"name": "李例", "lines": []}
    assert found["tables"][0]["rows"] == [
        [f"用于偿还账户{house.account.external_id}", "R-1", "银行转账", "300.00"]
    ]
    said = repr(found)
    assert "自愿" in found["notices"][0]
    balance = Money(house.balance(), parse_money("0", "CNY").currency).text
    assert balance not in said.replace(",", "")
    assert "1,350.00" not in said
    request = PaperRequest(
        house.case.pk, K.PAYMENT_RECEIPT, payment_id=taken.payment_id, language="zh"
    )
    with pytest.raises(NotAllowed):
        paper_of(who(house, Role.TEAM_LEAD), request, NOW)
    with pytest.raises(NotThere):
        sheet(make_house(), K.PAYMENT_RECEIPT, payment_id=taken.payment_id)
    make.make_free("payment_reversal")
    do_reverse_payment(
        actor=who(house, Role.CASHIER),
        payment_id=taken.payment_id,
        kind="reversal",
        returned_on=TODAY,
        code="",
        reason="the bank took it back",
        now=NOW,
    )
    assert PaymentAllocation.objects.get().reversal_id is not None
    with pytest.raises(Refusal, match="Nothing of this payment"):
        sheet(house, K.PAYMENT_RECEIPT, payment_id=taken.payment_id)


@pytest.mark.parametrize("relation", ["guarantor", "unknown"])
def test_who_owes_too_is_not_told_that_they_do_not(house: House, relation: str) -> None:
    given = PaymentGiven(
        house.creditor.pk,
        "R-3",
        1_00,
        "CNY",
        TODAY,
        payer="李例",
        payer_relation=relation,
        accounts=(house.account.external_id,),
    )
    taken = do_take_payment(actor=job("bank"), given=given, now=NOW)
    found = sheet(house, K.PAYMENT_RECEIPT, payment_id=taken.payment_id)
    assert (found["recipient"]["name"], found["notices"]) == ("李例", [])


def test_a_debtors_own_receipt_goes_to_their_address(house: House) -> None:
    given = PaymentGiven(
        house.creditor.pk,
        "R-2",
        1_00,
        "CNY",
        TODAY,
        payer_relation="self",
        accounts=(house.account.external_id,),
    )
    taken = do_take_payment(actor=job("bank"), given=given, now=NOW)
    found = sheet(house, K.PAYMENT_RECEIPT, payment_id=taken.payment_id)
    assert found["recipient"]["name"] == house.case.debtor.name
    assert found["notices"] == []
