"""A made-up lender in New York with its history from an old system, for the tests of its files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from kept.batch.intake.control import Control
from kept.batch.intake.receiving import FileToReceive, receive_and_run
from kept.core.actors import Role, job
from kept.store.models import (
    Account,
    Case,
    Circumstance,
    ContactPoint,
    Creditor,
    Debtor,
    IntakeFile,
    IntakeReject,
    LegalEntity,
)
from kept.work.permits import PermitAnswer, do_permit
from kept.work.situations import IntendedContact
from tests import factories as make

#: Two in the afternoon in New York, on a Monday.
NOW = datetime(2026, 11, 23, 19, tzinfo=UTC)
CUT_OVER = date(2026, 11, 23)
ACTOR = job("test")
PHONE = "+12125550123"

ATTEMPTS = """
spec_version: 1
file: {type: attempts, coverage: full}
zone: America/New_York
attempt:
  external_id: id
  debtor: debtor
  accounts: {column: loan, separator: "|"}
  contact_point: phone
  started_at: at
  channel: {column: channel, codes: {C: call, S: sms, E: email, "*": "*"}}
  outcome: {column: outcome, codes: {T: conversation, N: ring_no_answer, B: busy_signal, "*": "*"}}
  legal_entity: firm
limits: {rejects_per_mille: 500}
"""
STOPS = """
spec_version: 1
file: {type: stops, coverage: changes}
zone: America/New_York
stop:
  external_id: id
  debtor: debtor
  related_person: person
  kind: kind
  received_at: at
  ended_at: ended
  channel: channel
  contact_point: phone
  medium: medium
  place: place
  windows: windows
  from_on: from
  until_on: until
  words: words
limits: {rejects_per_mille: 1000}
"""
CONSENTS = """
spec_version: 1
file: {type: consents, coverage: changes}
zone: America/New_York
consent:
  external_id: id
  debtor: debtor
  kind: kind
  received_at: at
  ended_at: ended
  directly_to: firm
  channel: channel
  contact_point: phone
  windows: windows
  only_on: {column: days, separator: ";"}
  until_at: until
limits: {rejects_per_mille: 1000}
"""
PERSONS = """
spec_version: 1
file: {type: persons, coverage: changes}
zone: America/New_York
person:
  external_id: id
  debtor: debtor
  accounts: loan
  related_person: person
  kind: kind
  received_at: at
  ended_at: ended
  category: category
  status: status
  country: country
  region: region
  zone: zone
  occurred_on: occurred
  from_on: from
  until_on: until
  language: language
  answer: answer
  certain: certain
  reachable: reachable
  words: words
limits: {rejects_per_mille: 1000}
"""
PROMISES = """
spec_version: 1
file: {type: promises, coverage: changes}
zone: America/New_York
promise:
  external_id: id
  debtor: debtor
  accounts: loan
  related_person: person
  received_at: at
  amount: amount
  currency: currency
  due_on: due
  way: way
  ended_at: ended
  end_reason: reason
  taken_by: agent
limits: {rejects_per_mille: 1000}
"""
PLANS = """
spec_version: 1
file: {type: plans, coverage: changes}
zone: America/New_York
plan:
  external_id: id
  debtor: debtor
  accounts: {column: loan, separator: "|"}
  received_at: at
  due_on: due
  amount: amount
  principal: principal
  interest: interest
  paid: paid
  total: total
  currency: currency
  state: state
  taken_by: agent
limits: {rejects_per_mille: 1000}
"""
_MAPS = {
    "attempts": ATTEMPTS,
    "stops": STOPS,
    "consents": CONSENTS,
    "persons": PERSONS,
    "promises": PROMISES,
    "plans": PLANS,
}
_COLUMNS = {
    "attempts": ("id", "debtor", "loan", "phone", "at", "channel", "outcome", "firm"),
    "stops": (
        "id", "debtor", "person", "kind", "at", "ended", "channel", "phone", "medium", "place",
        "windows", "from", "until", "words",
    ),
    "consents": (
        "id", "debtor", "kind", "at", "ended", "firm", "channel", "phone", "windows", "days",
        "until",
    ),
    "persons": (
        "id", "debtor", "loan", "person", "kind", "at", "ended", "category", "status", "country",
        "region", "zone", "occurred", "from", "until", "language", "answer", "certain",
        "reachable", "words",
    ),
    "promises": (
        "id", "debtor", "loan", "person", "at", "amount", "currency", "due", "way", "ended",
        "reason", "agent",
    ),
    "plans": (
        "id", "debtor", "loan", "at", "due", "amount", "principal", "interest", "paid", "total",
        "currency", "state", "agent",
    ),
}  # fmt: skip


@dataclass
class Lender:
    creditor: Creditor
    firm: LegalEntity
    debtor: Debtor
    account: Account
    case: Case
    point: ContactPoint

    def take(
        self,
        type_: str,
        rows: Iterable[dict[str, str]],
        *,
        map_text: str = "",
        now: datetime = NOW,
        dry_run: bool = False,
        rows_per_chunk: int = 50,
        **control: Any,
    ) -> IntakeFile:
        """Hand a file in and work it off."""
        handed_in = FileToReceive(
            creditor_code=self.creditor.code,
            name=f"{type_}.csv",
            content=io.BytesIO(csv_of(type_, rows)),
            map_name=f"{type_}.yaml",
            map_text=map_text or _MAPS[type_],
            given=Control(**control),
            dry_run=dry_run,
            rows_per_chunk=rows_per_chunk,
        )
        return receive_and_run(actor=ACTOR, file=handed_in, now=now)

    def row(self, **given: str) -> dict[str, str]:
        return {"debtor": self.debtor.external_id, **given}

    def call(self, number: int, at: str, outcome: str = "T", **given: str) -> dict[str, str]:
        row = {"id": f"C{number}", "at": at, "channel": "C", "outcome": outcome, "phone": PHONE}
        return self.row(**row, loan=self.account.external_id, firm=self.firm.code, **given)

    def ask(self, channel: str = "call", now: datetime = NOW, **given: Any) -> PermitAnswer:
        wanted = IntendedContact(
            case_id=self.case.pk,
            channel=channel,
            minute=0,
            contact_point_id=self.point.pk,
            **given,
        )
        manager = make.make_actor(1, "manager", {Role.MANAGER})
        return do_permit(actor=manager, wanted=wanted, now=now)


def make_lender(**given: Any) -> Lender:
    creditor = make.make_creditor(
        **{
            "country": "US",
            "zone": "America/New_York",
            "currency": "USD",
            "cut_over_on": CUT_OVER,
            **given,
        }
    )
    firm = make.make_legal_entity(type=LegalEntity.Type.DEBT_COLLECTOR, country="US")
    make.make_engagement(creditor, legal_entity=firm)
    debtor = make.make_debtor(creditor, country="US", zones=["America/New_York"])
    case = make.make_case(debtor, opened_on=date(2026, 11, 1))
    account = Account.objects.get(debtor=debtor)
    point = make.make_contact_point(debtor, PHONE)
    Circumstance.objects.create(
        debtor=debtor,
        kind="residence",
        country="US",
        region="US-NJ",
        zone="America/New_York",
        received_at=make.NOW,
        recorded_at=make.NOW,
        recorded_by="test",
    )
    return Lender(creditor, firm, debtor, account, case, point)


def csv_of(type_: str, rows: Iterable[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS[type_], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def errors_of(file: IntakeFile) -> list[tuple[int, str, str]]:
    rows = IntakeReject.objects.filter(intake_file=file).order_by("line_no", "pk")
    return list(rows.values_list("line_no", "field", "code"))
