"""Instalment plans of an old system: taken whole and once, judged by the ledger, or refused."""

from __future__ import annotations

import json
import signal
from datetime import date
from pathlib import Path

import pytest

from kept.store.models import (
    Account,
    Case,
    Entry,
    Event,
    Hardship,
    LoadedRow,
    Plan,
    PlanInstalment,
    Posting,
    Promise,
)
from kept.work.plan_lists import list_plans
from tests import factories as make
from tests import forking
from tests.batch.intake.records import ACTOR, NOW, Lender, csv_of, errors_of, make_lender

ROOT = Path(__file__).parents[3]
TAKING = Path(__file__).with_name("taking_plans.py")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lender() -> Lender:
    make.make_partitions()
    found = make_lender()
    make.make_entry(found.account, {"principal": 100_000}, due_on=date(2026, 5, 1))
    return found


def rows(lender: Lender, number: int, *dues: str, **given: str) -> list[dict[str, str]]:
    """A plan agreed on 1 November, of 100.00 on each of the days."""
    said = {"id": f"R{number}", "at": "2026-11-01", "amount": "100.00", **given}
    return [lender.row(due=due, **said) for due in dues or ("2026-12-01", "2027-01-01")]


def another(lender: Lender) -> Lender:
    """One more debtor of the same creditor, with a case."""
    debtor = make.make_debtor(lender.creditor, country="US")
    case = make.make_case(debtor, opened_on=date(2026, 11, 1))
    account = Account.objects.get(debtor=debtor)
    return Lender(lender.creditor, lender.firm, debtor, account, case, lender.point)


def pay(lender: Lender, amount: int, on: date) -> None:
    entry = Entry.objects.create(
        account=lender.account, kind="payment", effective_on=on, recorded_at=NOW, actor="test"
    )
    Posting.objects.create(
        entry=entry,
        account=lender.account,
        component="principal",
        from_book="receivable",
        to_book="cash",
        amount_minor=amount,
        effective_on=on,
        recorded_at=NOW,
    )


def test_a_plan_comes_in_once_and_runs(lender: Lender) -> None:
    make.make_promise(lender.case, lender.account, currency="USD", due_on=date(2026, 12, 1))
    said = {"interest": "4.00", "total": "200.00", "agent": "Ann"}
    given = rows(lender, 1, "2027-01-01", "2026-12-01", **said)
    first, again = lender.take("plans", given), lender.take("plans", given[::-1])
    assert errors_of(first) == errors_of(again) == []
    assert first.acknowledgement["rows"]["accepted"] == 2
    assert again.acknowledgement["rows"]["unchanged"] == 2
    plan = Plan.objects.get()
    assert (plan.state, plan.external_id, plan.offered_by) == ("active", "R1", "Ann")
    assert (plan.case_id, plan.account_ids) == (lender.case.pk, [lender.account.pk])
    assert (plan.owed_minor, plan.began_on) == (19_200, date(2026, 11, 1))
    assert (plan.next_due_on, plan.judged_on) == (date(2026, 12, 1), date(2026, 11, 23))
    found = plan.instalments.order_by("number").values_list(
        "number", "due_on", "principal_minor", "interest_minor"
    )
    assert list(found) == [(1, date(2026, 12, 1), 9_600, 400), (2, date(2027, 1, 1), 9_600, 400)]
    relief = Hardship.objects.get()
    assert relief == plan.hardship
    assert (relief.kind, relief.ended_at, relief.until_on) == (
        "instalment",
        None,
        date(2027, 1, 5),
    )
    assert LoadedRow.objects.count() == 1
    assert Promise.objects.get().end_reason == "plan"
    event = Event.objects.get(action="person.take_records")
    assert event.chain_id == lender.case.pk
    assert json.loads(event.body)["records"] == [f"plan:{plan.pk}"]
    assert len(list_plans(actor=ACTOR, case_id=lender.case.pk)) == 1


@pytest.mark.parametrize(
    ("paid", "state", "overdue"), [(10_000, "active", 0), (9_999, "breached", 1)]
)
def test_the_ledger_says_what_became_of_it(
    lender: Lender, paid: int, state: str, overdue: int
) -> None:
    pay(lender, paid, date(2026, 11, 10))
    loan = lender.account.external_id
    lender.take("plans", rows(lender, 1, "2026-11-15", "2026-12-15", loan=loan))
    plan = Plan.objects.get()
    assert (plan.state, plan.paid_minor, plan.overdue_minor) == (state, paid, overdue)
    assert Hardship.objects.get().is_breached == (state == "breached")
    assert Event.objects.filter(action="plan.breach").exists() == (state == "breached")


def test_within_its_tolerance_a_plan_runs(lender: Lender) -> None:
    lender.take("plans", rows(lender, 1, "2026-11-20"))
    assert Plan.objects.get().state == "active"
    other = another(lender)
    lender.take("plans", rows(other, 2, "2026-11-19"))
    assert Plan.objects.get(external_id="R2").state == "breached"


def test_what_was_paid_before_is_left_out(lender: Lender) -> None:
    pay(lender, 3_000, date(2026, 11, 22))
    first, second, third = rows(lender, 1, "2026-05-01", "2026-12-01", "2027-01-01")
    given = [
        first | {"at": "2026-04-01", "paid": "100.00"},
        second | {"at": "2026-04-01", "paid": "10.00", "interest": "4.00"},
        third | {"at": "2026-04-01", "paid": ""},
    ]
    file = lender.take("plans", given, as_of=date(2026, 11, 22))
    assert errors_of(file) == []
    plan = Plan.objects.get()
    assert (plan.state, plan.paid_minor, plan.owed_minor) == ("active", 0, 19_000)
    assert plan.began_on == date(2026, 11, 23)
    found = plan.instalments.order_by("number").values_list(
        "number", "principal_minor", "interest_minor"
    )
    assert list(found) == [(2, 9_000, 0), (3, 10_000, 0)]
    # What moves on in the old system is no other plan.
    later = [given[0], given[1] | {"paid": "100.00"}, given[2]]
    assert errors_of(lender.take("plans", later)) == []


def test_another_content_under_the_same_number_is_refused(lender: Lender) -> None:
    lender.take("plans", rows(lender, 1))
    number = "plan.external_id"
    differs = [(2, number, "record_differs"), (3, number, "plan_incomplete")]
    assert errors_of(lender.take("plans", rows(lender, 1, amount="90.00"))) == differs
    longer = rows(lender, 1, "2026-12-01", "2027-01-01", "2027-02-01")
    assert errors_of(lender.take("plans", longer))[0] == differs[0]
    assert errors_of(lender.take("plans", longer[:1])) == differs[:1]
    assert PlanInstalment.objects.count() == 2


def test_what_is_no_plan_is_refused_whole_and_the_rest_goes_in(lender: Lender) -> None:
    other = another(lender)
    good = rows(other, 9)
    twice = rows(lender, 1, "2026-12-01", "2026-12-01")
    bad = [
        *twice,
        *rows(lender, 2, total="200.01"),
        *rows(lender, 3, amount="-1.00")[:1],
        *rows(lender, 3),
        *rows(lender, 4, "2026-12-01", "2031-12-01"),
        *rows(lender, 5, "2026-10-31"),
        *rows(lender, 6, loan="NONE")[:1],
        *rows(lender, 7, loan=other.account.external_id)[:1],
        *rows(lender, 8, principal="95.00", interest="4.00")[:1],
        *rows(lender, 10, paid="100.01")[:1],
        *rows(lender, 11)[:1],
        *rows(lender, 11, "2027-01-01", at="2026-11-02"),
        *rows(lender, 12, currency="CNY")[:1],
    ]
    file = lender.take("plans", [*bad, *good])
    number, due, whole = "plan.external_id", "plan.due_on", "plan_incomplete"
    assert errors_of(file) == [
        (2, number, whole),
        (3, due, "instalment_twice"),
        (4, "plan.total", "plan_total_differs"),
        (5, number, whole),
        (6, "plan.amount", "not_positive"),
        (7, number, whole),
        (8, number, whole),
        (9, number, whole),
        (10, due, "plan_too_long"),
        (11, due, "due_before_made"),
        (12, "plan.accounts", "unknown_account"),
        (13, "plan.accounts", "other_debtors_account"),
        (14, "plan.principal", "parts_differ"),
        (15, "plan.paid", "paid_above_amount"),
        (16, number, whole),
        (17, number, "plan_rows_differ"),
        (18, "plan.accounts", "account_not_in_case"),
        (18, "plan.currency", "no_account_in_currency"),
    ]
    assert list(Plan.objects.values_list("external_id", flat=True)) == ["R9"]


def test_sixty_months_are_allowed(lender: Lender) -> None:
    lender.take("plans", rows(lender, 1, "2026-12-01", "2031-11-30"))
    assert Plan.objects.get().state == "active"


def test_a_case_has_one_running_plan(lender: Lender) -> None:
    other = another(lender)
    lender.take("plans", rows(lender, 1))
    file = lender.take("plans", [*rows(lender, 2)[:1], *rows(other, 3)[:1], *rows(other, 4)[:1]])
    assert errors_of(file) == [(line, "plan.external_id", "plan_runs") for line in (2, 3, 4)]
    # One that does not run, or is refused for itself, does not stand in the way of another.
    broken = rows(other, 4, state="broken")
    file = lender.take("plans", [*rows(other, 3), *broken, *rows(other, 5, total="1.00")[:1]])
    assert errors_of(file) == [
        (4, "plan.external_id", "plan_not_running"),
        (6, "plan.total", "plan_total_differs"),
    ]
    assert file.acknowledgement["rows"]["accepted"] == 2
    assert Plan.objects.filter(state="active").count() == 2


def test_a_plan_needs_an_open_case(lender: Lender) -> None:
    Case.objects.filter(pk=lender.case.pk).update(
        closed_on=date(2026, 11, 20), close_reason="recalled"
    )
    file = lender.take("plans", [*rows(lender, 1)[:1], *rows(lender, 2)[:1]])
    assert {code for _line, _field, code in errors_of(file)} == {"no_open_case"}
    assert not Plan.objects.exists()


def test_a_standing_offer_is_withdrawn(lender: Lender) -> None:
    offer = Plan.objects.create(
        case=lender.case,
        creditor=lender.creditor,
        account_ids=[lender.account.pk],
        currency="USD",
        shape="irregular",
        state="offered",
        owed_minor=100,
        offered_at=NOW,
        offered_by="test",
        offer_until=date(2026, 12, 1),
    )
    lender.take("plans", rows(lender, 1))
    offer.refresh_from_db()
    assert (offer.state, offer.end_reason) == ("ended", "withdrawn")


def test_killed_again_and_again_each_plan_is_there_once(
    child_environment: dict[str, str], tmp_path: Path
) -> None:
    make.make_partitions()
    lender = make_lender()
    path = tmp_path / "plans.csv"
    others = [lender, *(another(lender) for _ in range(3))]
    given = [row for n, each in enumerate(others) for row in rows(each, n)]
    path.write_bytes(csv_of("plans", given))
    environment = {**child_environment, "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"}
    command = [str(TAKING), str(path), lender.creditor.code, "2"]
    seen: list[int] = []
    for kill_before in range(60, 600, 60):
        ended = forking.run([*command, str(kill_before)], environment)
        if ended.returncode == 0:
            break
        assert ended.returncode == -signal.SIGKILL, ended.stderr
        assert Hardship.objects.count() == Plan.objects.count() == LoadedRow.objects.count()
        seen.append(Plan.objects.count())
    assert ended.stdout.split() == ["acknowledged"]
    assert any(0 < each < 4 for each in seen)
    assert Plan.objects.filter(state="active").count() == Hardship.objects.count() == 4
    assert PlanInstalment.objects.count() == 8
    assert Event.objects.filter(action="person.take_records").count() == 4
