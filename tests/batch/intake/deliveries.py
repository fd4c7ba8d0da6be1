"""Files of a made-up creditor for the tests of intake: rows by name, written as CSV, and taken.

Each test says only what matters to it; every other value follows from the row's number. Names,
numbers and addresses are fictitious.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from kept.batch.intake.control import Control
from kept.batch.intake.receiving import FileToReceive, receive_and_run
from kept.core.actors import Actor, job
from kept.core.intake import Coverage
from kept.store.models import Creditor, IntakeFile, Product, ProductTerms
from tests.factories import make_creditor, make_product, make_terms

__all__ = [
    "ACTOR",
    "AS_OF",
    "BOOKKEEPING",
    "LATER",
    "MAP",
    "NOW",
    "TODAY",
    "csv_of",
    "identity_number",
    "make_bank",
    "row",
    "rows",
    "take",
    "total_of",
]

#: Sunday afternoon in Shanghai; the figures are those of the evening before.
NOW = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
TODAY = date(2026, 11, 22)
AS_OF = date(2026, 11, 21)
ACTOR = job("test")
#: What a file of the next day is taken with.
LATER: dict[str, Any] = {"now": NOW + timedelta(days=1), "as_of": TODAY}
#: Tables that say which file did what, and not what is in the book.
BOOKKEEPING = ("intake_files", "runs", "events", "intake_rejects")

MAP = """
spec_version: 1
file: {coverage: full, format: csv}
account:
  external_id: {column: account}
  product: {column: product}
  currency: {column: currency}
  opened_on: {column: opened}
  row_version: {column: version}
  state: {column: state, codes: {A: active, C: closed, R: recalled}, default: active}
  due_on: {column: due}
  overdue: {column: overdue}
debtor:
  external_id: {column: debtor}
  kind: {column: kind, codes: {P: person, C: company}, default: person}
  name: {column: name}
  language: {constant: zh-hans}
  identity:
    number: {column: identity}
    kind: {column: kind, codes: {P: national_id, C: company_number}, default: national_id}
balances:
  principal: {column: principal}
  interest: {column: interest}
contacts:
- {kind: phone, column: mobile, usage: mobile}
- {kind: phone, column: home, usage: home}
- {kind: email, column: email}
- {kind: address, column: address, usage: home}
- {kind: phone, column: guarantor_mobile, usage: mobile, owner: 1}
related:
- relation: {constant: guarantor}
  name: {column: guarantor}
  identity: {number: {column: guarantor_identity}, kind: {constant: national_id}}
holds:
- {column: mark, codes: {D: deceased, B: bankrupt, S: disputed, F: fraud, "-": ""}}
limits: {rejects_per_mille: 200}
"""

COLUMNS = (
    "account",
    "product",
    "currency",
    "opened",
    "version",
    "state",
    "due",
    "overdue",
    "debtor",
    "kind",
    "name",
    "identity",
    "principal",
    "interest",
    "mobile",
    "home",
    "email",
    "address",
    "guarantor",
    "guarantor_identity",
    "guarantor_mobile",
    "mark",
)


def make_bank(code: str = "BANK", **terms: Any) -> Creditor:
    """A creditor with the product CARD."""
    creditor = make_creditor(code=code)
    make_terms(make_product(creditor, code="CARD"), **terms)
    return creditor


def product_of(creditor: Creditor) -> tuple[Product, ProductTerms]:
    product = Product.objects.get(creditor=creditor)
    return product, ProductTerms.objects.get(product=product)


def identity_number(number: int) -> str:
    """A resident identity number with a right check character and a place that does not exist."""
    body = f"999999{1960 + number % 40}0{1 + number % 9}1{number % 10}{number % 1000:03d}"
    weighed = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(body))
    return body + "10X98765432"[weighed % 11]


def row(number: int, **given: str) -> dict[str, str]:
    """One account of one debtor of their own; `debtor=…` gives several accounts one debtor."""
    whose = int(given.get("debtor", "").lstrip("D") or number)
    return {
        "account": f"A{number:06d}",
        "product": "CARD",
        "currency": "CNY",
        "opened": "2024-03-01",
        "version": "",
        "state": "A",
        "due": f"2026-{9 + number % 3:02d}-{1 + number % 20:02d}",
        "overdue": "100.00",
        "debtor": f"D{whose:06d}",
        "kind": "P",
        "name": f"测试{whose}号",
        "identity": identity_number(whose),
        "principal": f"{1000 + number}.50",
        "interest": f"{number % 7}.25",
        "mobile": f"138{whose:08d}",
        "home": "",
        "email": f"debtor{whose}@example.com",
        "address": f"测试市测试路{whose}号",
        "guarantor": "",
        "guarantor_identity": "",
        "guarantor_mobile": "",
        "mark": "",
        **given,
    }


def rows(count: int, start: int = 1) -> list[dict[str, str]]:
    return [row(number) for number in range(start, start + count)]


def total_of(lines: Iterable[dict[str, str]]) -> int:
    """What the rows owe together, in minor units."""
    return sum(round(100 * (float(line["principal"]) + float(line["interest"]))) for line in lines)


def csv_of(lines: Iterable[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue().encode()


def take(
    content: bytes | Iterable[dict[str, str]],
    *,
    creditor: str = "BANK",
    map_text: str = MAP,
    now: datetime = NOW,
    actor: Actor = ACTOR,
    dry_run: bool = False,
    rows_per_chunk: int = 50,
    name: str = "accounts.csv",
    **control: Any,
) -> IntakeFile:
    """Hand the file in and work it off. `control` is what is said of it, such as `file_id`."""
    control.setdefault("as_of", AS_OF)
    if "coverage" in control:
        control["coverage"] = Coverage(control["coverage"])
    handed_in = FileToReceive(
        creditor_code=creditor,
        name=name,
        content=io.BytesIO(content if isinstance(content, bytes) else csv_of(content)),
        map_name="map.yaml",
        map_text=map_text,
        given=Control(**control),
        dry_run=dry_run,
        rows_per_chunk=rows_per_chunk,
    )
    return receive_and_run(actor=actor, file=handed_in, now=now)
