"""Files of payments from bytes to ledger: totals, rejects, replay, returns, statements."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import kept
from kept.batch.intake.control import Control
from kept.batch.intake.receiving import FileToReceive, receive_and_run
from kept.core.actors import job
from kept.store.ledger import read_positions
from kept.store.models import (
    Account,
    Entry,
    IntakeFile,
    IntakeReject,
    Payment,
    PaymentAllocation,
    PaymentReturn,
)
from tests import factories as make
from tests.batch.intake.camt_messages import Tx, entry, message

pytestmark = pytest.mark.django_db

MAPS = Path(kept.__file__).parent / "packs" / "maps"
MAP = """
spec_version: 1
file: {type: payments, coverage: changes}
payment:
  external_id: id
  what: what
  amount: amount
  currency: currency
  received_on: day
  accounts: {column: account, separator: ";"}
  debtor: debtor
  bank_reference: bank
  payer: payer
  text: text
  reverses: of
  code: code
limits: {rejects_per_mille: 1000}
"""
COLUMNS = ("id", "what", "amount", "currency", "day", "account", "debtor", "bank", "payer")
COLUMNS += ("text", "of", "code")


@pytest.fixture
def account(tmp_path: Path) -> Account:
    make.make_partitions()
    creditor = make.make_creditor()
    product = make.make_product(creditor)
    make.make_terms(product)
    account = make.make_account(product, make.make_debtor(creditor), external_id="A00000001")
    make.make_entry(account, {"principal": 500_00, "fee": 5_00}, due_on=date(2026, 10, 5))
    make.make_case(account.debtor, account)
    return account


def row(number: int, **given: str) -> dict[str, str]:
    plain = {"id": f"P{number}", "what": "payment", "amount": "10.00", "currency": "CNY"}
    return {**plain, "day": "2026-11-01", "account": "A00000001", **given}


def csv_of(rows: Iterable[dict[str, str]]) -> bytes:
    lines = [",".join(each.get(name, "") for name in COLUMNS) for each in rows]
    return "\n".join([",".join(COLUMNS), *lines, ""]).encode()


def hand_in(
    account: Account, content: bytes, map_text: str = MAP, name: str = "p.csv", **given: Any
) -> IntakeFile:
    control = {key: given.pop(key) for key in list(given) if key not in ("dry_run", "chunk")}
    file = FileToReceive(
        creditor_code=account.creditor.code,
        name=name,
        content=io.BytesIO(content),
        map_name="payments.yaml",
        map_text=map_text,
        given=Control(**control),
        dry_run=given.get("dry_run", False),
        rows_per_chunk=given.get("chunk", 50),
    )
    return receive_and_run(actor=job("test"), file=file, now=make.NOW)


def take(account: Account, *rows: dict[str, str], **given: Any) -> IntakeFile:
    return hand_in(account, csv_of(rows), **given)


def balance(account: Account, day: date = make.TODAY) -> int:
    return read_positions([account.pk], day)[account.pk].balance_minor


def errors(file: IntakeFile) -> list[tuple[int, str, str]]:
    rows = IntakeReject.objects.filter(intake_file=file).order_by("line_no", "id")
    return list(rows.values_list("line_no", "field", "code"))


def test_a_file_is_posted_with_its_totals_proved(account: Account) -> None:
    file = take(
        account,
        row(1),
        row(2, amount="20.50"),
        row(3, account="nobody"),
        rows=3,
        totals={"CNY": 40_50},
    )
    assert (file.state, file.counts["allocated"], file.counts["suspense_unmatched"]) == (
        "acknowledged",
        2,
        1,
    )
    answer = file.acknowledgement
    assert answer["rows"] == {"received": 3, "accepted": 3, "rejected": 0, "unchanged": 0}
    assert answer["amounts_minor"]["CNY"] == {
        "received": 40_50,
        "accepted": 40_50,
        "rejected": 0,
        "unchanged": 0,
    }
    assert balance(account) == 474_50
    assert set(Entry.objects.filter(kind="payment").values_list("run_id", flat=True)) == {
        file.run_id
    }


def test_the_same_rows_in_another_file_change_nothing(account: Account) -> None:
    take(account, row(1), row(2))
    again = take(account, row(2), row(1), row(3))
    assert again.acknowledgement["rows"] == {
        "received": 3,
        "accepted": 1,
        "rejected": 0,
        "unchanged": 2,
    }
    assert balance(account) == 475_00
    same = take(account, row(2), row(1), row(3))
    assert (same.pk, balance(account)) == (again.pk, 475_00)


def test_a_try_answers_and_posts_nothing(account: Account) -> None:
    file = take(account, row(1), dry_run=True)
    assert (file.acknowledgement["rows"]["accepted"], Payment.objects.count()) == (1, 0)


@pytest.mark.parametrize("given", [{"rows": 3}, {"totals": {"CNY": 20_01}}, {"hash_total": 4}])
def test_wrong_totals_put_the_file_in_quarantine(account: Account, given: dict[str, Any]) -> None:
    file = take(account, row(1), row(2), **given)
    assert (file.state, Payment.objects.count()) == ("quarantined", 0)


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"amount": "10.005"}, "amount", "amount_decimals"),
        ({"amount": "-10.00"}, "amount", "negative_amount"),
        ({"amount": "0.00"}, "amount", "no_amount"),
        ({"amount": "ten"}, "amount", "bad_amount"),
        ({"amount": ""}, "amount", "missing_value"),
        ({"currency": "XYZ"}, "currency", "unknown_currency"),
        ({"day": "2026-11-23"}, "received_on", "date_in_future"),
        ({"day": "2024-02-28"}, "received_on", "dates_out_of_order"),
        ({"day": "yesterday"}, "received_on", "bad_date"),
        ({"what": "gift"}, "what", "unknown_word"),
        ({"what": "reversal", "of": "P99"}, "reverses", "unknown_payment"),
        ({"id": ""}, "external_id", "missing_value"),
    ],
)
def test_one_bad_row_is_listed_and_the_others_stand(
    account: Account, given: dict[str, str], field: str, code: str
) -> None:
    file = take(account, row(1), row(2, **given), row(3))
    assert errors(file) == [(3, f"payment.{field}", code)]
    assert (file.state, balance(account)) == ("acknowledged", 485_00)


def test_a_number_twice_with_other_data_is_nobodys(account: Account) -> None:
    file = take(account, row(1), row(2), row(2, amount="11.00"), row(3), row(3))
    assert [line for line, _field, code in errors(file) if code == "record_twice"] == [3, 4]
    assert balance(account) == 485_00
    later = take(account, row(1, amount="12.00"))
    assert errors(later) == [(2, "payment.external_id", "record_differs")]


def test_several_payments_of_one_account_follow_each_other(account: Account) -> None:
    rows = [row(n, amount="101.00", day=f"2026-11-{n:02}") for n in range(1, 7)]
    file = take(account, *rows[::-1], chunk=4)
    assert (file.counts["allocated"], file.counts["suspense_over_payment"]) == (5, 1)
    last = Payment.objects.get(external_id="P6")
    assert (last.allocated_minor, last.unallocated_minor, balance(account)) == (0, 101_00, 0)
    assert not PaymentAllocation.objects.filter(payment=last).exists()


def test_what_goes_back_in_the_same_file_and_months_later(account: Account) -> None:
    take(account, row(1), row(2), row(3, what="reversal", of="P2", day="2026-11-05"))
    assert balance(account) == 495_00
    file = take(account, row(4, what="chargeback", of="P1", code="md06", day="2026-11-20"))
    assert (file.counts["returned"], balance(account)) == (1, 505_00)
    assert PaymentReturn.objects.get(external_id="P4").code == "MD06"
    again = take(
        account,
        row(4, what="chargeback", of="P1", code="md06", day="2026-11-20"),
        row(5, what="reversal", of="P1"),
    )
    assert errors(again) == [(3, "payment.reverses", "returned_before")]
    part = take(account, row(6), row(7, what="reversal", of="P6", amount="9.00"))
    assert part.counts["returns_left"] == 1


def test_a_bill_never_paid_is_told_and_posts_nothing(account: Account) -> None:
    file = take(account, row(1, what="returned_item", code="R01"))
    assert (file.counts["returned"], balance(account)) == (1, 505_00)
    found = PaymentReturn.objects.get()
    assert (found.payment_id, found.account_id, found.code) == (None, account.pk, "R01")


def test_the_sample_maps_are_read(account: Account) -> None:
    text = (MAPS / "direct_debits.yaml").read_text(encoding="utf-8")
    content = b"Item,Result,Amount,Settled,Contract No\nI1,00,10.00,2026-11-01,A00000001\n"
    content += b"I2,AM04,10.00,2026-11-01,A00000001\n"
    file = hand_in(account, content, text)
    assert (file.counts["allocated"], file.counts["returned"]) == (1, 1)
    assert Payment.objects.get().way == "direct_debit"


CAMT = (MAPS / "camt.yaml").read_text(encoding="utf-8")


def statement(account: Account, *entries: str, **given: Any) -> IntakeFile:
    content = message(entries, **given)
    return hand_in(account, content, CAMT, name="statement.xml")


def test_a_statement_posts_what_its_notification_did_not(account: Account) -> None:
    paid = entry("100.00", Tx(ref="T1", text="loan A00000001"), ref="N1")
    statement(account, paid, kind="054", version="02")
    other = entry("7.00", Tx(ref="T2", name="somebody"), ref="N2")
    bank_fee = entry("1.00", ref="N3", credit=False)
    coming = entry("9.00", ref="N4", status="PDNG")
    file = statement(account, paid, other, bank_fee, coming, balances=("0", "106.00"))
    assert file.acknowledgement["rows"] == {
        "received": 4,
        "accepted": 1,
        "rejected": 0,
        "unchanged": 3,
    }
    assert sorted(code for _line, _field, code in errors(file)) == [
        "not_a_payment",
        "payment_pending",
    ]
    assert balance(account) == 405_00
    assert Payment.objects.get(external_id="T2").suspense_reason == "unmatched"


def test_a_statement_reverses_what_an_earlier_one_brought(account: Account) -> None:
    statement(account, entry("50.00", Tx(ref="T1", e2e="KP-1", text="A00000001"), ref="N1"))
    back = entry("50.00", Tx(ref="T9", e2e="KP-1"), ref="N9", credit=False, reversal=True)
    file = statement(account, back)
    assert (file.counts["returned"], balance(account)) == (1, 505_00)


def test_money_of_a_bank_that_is_dated_before_the_account_waits(account: Account) -> None:
    early = entry("5.00", Tx(ref="T1", text="A00000001"), on="2024-01-05")
    file = statement(account, early)
    assert file.counts["suspense_before_account"] == 1


def test_a_wrong_sum_or_a_bomb_applies_nothing(account: Account) -> None:
    credit = entry("50.00", Tx(ref="T1", text="A00000001"))
    wrong = statement(account, credit, summary=("1", "50.01"))
    assert (wrong.state, wrong.quarantine_code) == ("quarantined", "bad_control")
    bomb = statement(account, credit, before='<!DOCTYPE d [<!ENTITY a "x">]>')
    assert (bomb.state, bomb.quarantine_code) == ("quarantined", "damaged_file")
    assert not Payment.objects.exists()
