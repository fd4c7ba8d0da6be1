"""Statements and notifications of banks as rows: what counts, what is refused as a whole."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from kept.batch.intake.camt_files import CAMT_COLUMNS, CamtTable, is_camt, open_camt
from kept.batch.intake.raw import raw_file
from kept.batch.intake.refusals import FileRefused
from kept.core.intake import FileCode
from tests.batch.intake.camt_messages import Tx, entry, message


def opened(content: bytes) -> CamtTable:
    assert is_camt(content)
    return open_camt(raw_file(BytesIO(content)))


def rows(*entries: str, **given: Any) -> list[dict[str, str]]:
    frames = list(opened(message(entries, **given)).frames(CAMT_COLUMNS))
    return frames[0].select(CAMT_COLUMNS).to_dicts()


def refused(content: bytes) -> FileRefused:
    with pytest.raises(FileRefused) as found:
        opened(content)
    return found.value


@pytest.mark.parametrize(("kind", "version"), [("053", "02"), ("053", "13"), ("054", "04")])
def test_a_credit_is_a_payment_in_every_version(kind: str, version: str) -> None:
    details = Tx(ref="TX1", e2e="KP-77", name="张 三", text="还款", to="DE89370400440532013000")
    found = rows(
        entry("100.50", details, ref="N1", new_status=version > "07"), kind=kind, version=version
    )
    assert found == [
        {
            "external_id": "TX1",
            "what": "payment",
            "amount": "100.50",
            "currency": "CNY",
            "received_on": "2026-11-20",
            "value_on": "2026-11-20",
            "reference": "KP-77",
            "virtual_account": "DE89370400440532013000",
            "bank_reference": "TX1",
            "way": "bank_transfer",
            "payer": "张 三",
            "text": "还款 KP-77",
            "reverses": "KP-77",
            "code": "",
        }
    ]


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"status": "PDNG"}, "pending"),
        ({"status": "INFO"}, "pending"),
        ({"credit": False}, "outgoing"),
        ({"credit": False, "reversal": True}, "reversal"),
        ({"credit": True, "reversal": True}, "outgoing"),
    ],
)
def test_what_an_entry_is(given: dict[str, Any], what: str) -> None:
    assert [each["what"] for each in rows(entry("5.00", Tx(ref="T"), **given))] == [what]


def test_a_returned_direct_debit_says_why() -> None:
    details = Tx(e2e="ITEM-9", code="AM04")
    (found,) = rows(entry("80.00", details, credit=False, ref="N9"))
    assert (found["what"], found["reverses"], found["code"]) == (
        "returned_item",
        "ITEM-9",
        "AM04",
    )


def test_an_entry_of_several_is_several_rows_where_they_come_to_it() -> None:
    two = (Tx("30.00", e2e="A1", name="a"), Tx("70.00", e2e="A2", name="b"))
    found = rows(entry("100.00", *two, ref="N1"))
    assert [(each["amount"], each["reference"]) for each in found] == [
        ("30.00", "A1"),
        ("70.00", "A2"),
    ]
    assert len({each["external_id"] for each in found}) == 2
    (whole,) = rows(entry("101.00", *two, ref="N1"))
    assert (whole["external_id"], whole["amount"], whole["reference"]) == ("N1", "101.00", "")


def test_without_a_banks_reference_the_same_entry_has_the_same_number() -> None:
    one = entry("5.00", Tx(name="a", text="x"))
    first, second = rows(one, one)
    assert first["external_id"] != second["external_id"]
    told = rows(one, kind="054", version="02")
    assert told[0]["external_id"] == first["external_id"]


def test_no_reference_is_none() -> None:
    (found,) = rows(entry("5.00", Tx(ref="T", e2e="NOTPROVIDED")))
    assert (found["reference"], found["reverses"]) == ("", "")


def test_sums_and_balances_that_agree() -> None:
    both = (entry("100.00", ref="a"), entry("30.00", ref="b", credit=False))
    pending = entry("9.00", ref="c", status="PDNG")
    found = rows(*both, pending, balances=("10.00", "80.00"), summary=("3", "139.00"))
    assert len(found) == 3


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"summary": ("2", "100.00")}, "TxsSummry/TtlNtries/NbOfNtries"),
        ({"summary": ("1", "100.01")}, "TxsSummry/TtlNtries/Sum"),
        ({"balances": ("10.00", "109.99")}, "Bal"),
    ],
)
def test_a_message_that_disagrees_with_itself_is_refused_whole(
    given: dict[str, Any], place: str
) -> None:
    found = refused(message([entry("100.00", ref="a")], **given))
    assert (found.code, found.detail["field"]) == (FileCode.BAD_CONTROL, place)


BOMB = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("before", [BOMB, OUTSIDE, "<!DOCTYPE d>"])
def test_a_document_type_is_refused(before: str) -> None:
    found = refused(message([entry("1.00", Tx(name="&b;"), ref="a")], before=before))
    assert found.code == FileCode.DAMAGED_FILE


@pytest.mark.parametrize(
    "content",
    [
        b"<html><body>sorry</body></html>",
        b"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:pain.001.001.03'></Document>",
        message([entry("1.00", ref="a")])[:-20],
        message([entry("1.00", ref="a")]).replace(b"CRDT", b"\xff\xfe"),
    ],
)
def test_what_is_no_statement_is_refused(content: bytes) -> None:
    assert refused(content).code == FileCode.DAMAGED_FILE


@pytest.mark.parametrize("amount", ["NaN", "1e", "", "Infinity"])
def test_an_entry_needs_an_amount(amount: str) -> None:
    assert refused(message([entry(amount, ref="a")])).code == FileCode.BAD_CONTROL
