"""A later file beside older days, components it does not name, and entries by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from kept.core.actors import Role
from kept.core.ledger import EntryKind
from kept.store.ledger import read_positions
from kept.store.models import Account, ApprovalPolicy, IntakeReject
from kept.work.ledger import APPROVAL_KINDS, Line, do_post_entry
from tests import factories
from tests.batch.intake.deliveries import AS_OF, LATER, MAP, NOW, TODAY, make_bank, row, take

pytestmark = pytest.mark.django_db(transaction=True)

EVER = NOW + timedelta(days=400)


def balance(day: date) -> int:
    return read_positions([Account.objects.get().pk], day, EVER)[
        Account.objects.get().pk
    ].balance_minor


def post(kind: EntryKind, component: str, amount: int, due_on: date | None) -> None:
    account = Account.objects.get()
    ApprovalPolicy.objects.get_or_create(kind=APPROVAL_KINDS[kind], level=0)
    cashier = factories.make_actor(
        1, "cashier", frozenset({Role.CASHIER}), frozenset({account.creditor_id})
    )
    do_post_entry(
        actor=cashier,
        account_id=account.pk,
        kind=kind,
        lines=[Line(component, amount, due_on)],
        effective_on=TODAY,
        reference="R1",
        now=NOW + timedelta(hours=1),
    )


def test_a_newer_version_of_an_older_day_is_refused() -> None:
    make_bank()
    take([row(1, version="1", principal="90.00", interest="0")], file_id="F1")
    older = AS_OF - timedelta(days=10)
    take(
        [row(1, version="2", principal="70.00", interest="0")],
        file_id="F2",
        as_of=older,
        now=NOW + timedelta(days=1),
        coverage="changes",
    )
    assert list(IntakeReject.objects.values_list("code", "field")) == [
        ("older_version", "account.as_of")
    ]
    assert balance(TODAY) == 90_00


def test_a_component_that_the_file_does_not_name_stays() -> None:
    make_bank()
    take([row(1, principal="100.00", interest="30.00", due="2026-10-01")], file_id="F1")
    narrower = MAP.replace("  interest: {column: interest}\n", "")
    assert narrower != MAP
    changed = row(1, principal="90.00", due="2026-11-01")
    take([changed], file_id="F2", map_text=narrower.replace("full", "changes"), **LATER)
    assert balance(TODAY) == 120_00


def test_the_same_row_again_still_decides_after_an_entry_by_hand() -> None:
    make_bank()
    line = row(1, principal="100.00", interest="0")
    take([line], file_id="F1")
    post(EntryKind.PAYMENT, "principal", 40_00, None)
    assert balance(TODAY) == 60_00
    take([line], file_id="F2", **LATER)
    assert balance(TODAY) == 100_00
