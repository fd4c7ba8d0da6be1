"""Charging an account off, and selling it: the debt is still owed, and to whom.

A charge-off is the creditor's loss in its own books: worth that was carried becomes a loss, and
what the debtor owes does not change. What comes in afterwards is a recovery. A sale takes the debt
out of this creditor's ledger with its due dates; bought back, it lies there again under the same
dates. Both are undone by a reversal of their entry, and need a second person by default.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor, Role
from kept.core.events import ChainKind
from kept.core.ledger import Book, EntryKind
from kept.store.events import append_event
from kept.store.models import Account, CaseAccount, Entry, Posting
from kept.store.person_keys import KeyOwner
from kept.store.queries import load
from kept.store.visibility import visible_rows
from kept.work.accruals import charge_accrued
from kept.work.approvable import Approvable, Command, Subject, register
from kept.work.approvals import refuse_unapproved
from kept.work.business_dates import business_date
from kept.work.changes import not_there
from kept.work.permissions import Permission, require
from kept.work.refusals import Refusal, refuse

__all__ = ["do_buy_account_back", "do_charge_account_off", "do_sell_account"]


def do_charge_account_off(
    *, actor: Actor, account_id: int, effective_on: date, reason: str, now: datetime
) -> None:
    """The creditor no longer carries the account as worth; the debtor owes what was owed."""
    _ask(actor, "charge_off", _command(account_id, effective_on, reason), now)


def do_sell_account(
    *, actor: Actor, account_id: int, effective_on: date, reason: str, now: datetime
) -> None:
    """The debt goes to another creditor: nothing is owed to this one from the day on."""
    _ask(actor, "sale", _command(account_id, effective_on, reason), now)


def do_buy_account_back(
    *, actor: Actor, account_id: int, effective_on: date, reason: str, now: datetime
) -> None:
    """The sold debt is this creditor's again, under the due dates that it had."""
    _ask(actor, "buy_back", _command(account_id, effective_on, reason), now)


def _command(account_id: int, effective_on: date, reason: str) -> Command:
    return {"account_id": account_id, "effective_on": effective_on.isoformat(), "reason": reason}


def _ask(actor: Actor, kind: str, command: Command, now: datetime) -> None:
    describe, run = _DOES[kind]
    subject = describe(actor, command, now)
    refuse_unapproved(actor=actor, kind=kind, command=command, subject=subject)
    run(actor, command, now, None)


def _account(actor: Actor, command: Command, now: datetime) -> Account:
    within = require(actor, Permission.LEDGER_POST)
    rows = visible_rows(Account, within).filter(pk=command["account_id"])
    account = rows.select_for_update(of=("self",), no_key=True).first()
    if account is None:
        raise not_there()
    if not 3 <= len(command["reason"].strip()) <= 200:
        refuse({"reason": _("Say why, in at most 200 characters.")})
    if date.fromisoformat(command["effective_on"]) > business_date(account.creditor_id, now):
        refuse({"effective_on": _("This day has not come yet.")})
    return account


def _charge(actor: Actor, account: Account, command: Command, now: datetime) -> None:
    """What accrued up to the day goes with the rest."""
    day = date.fromisoformat(command["effective_on"])
    charge_accrued(actor=actor, account=account, on=day, now=now)


def _standing(account_id: int, kind: EntryKind) -> dict[str, Any] | None:
    given = {"account_id": account_id, "kind": kind.value}
    return next(iter(load("money")["standing_entry"].rows(given)), None)


def _slots(account: Account, day: date) -> list[dict[str, Any]]:
    """What lies open; refused where anything is posted after the day, which would lie beside it."""
    if Posting.objects.filter(account=account, effective_on__gt=day).exists():
        raise Refusal(_("Something is posted after this day: take a later one."))
    rows = load("money")["open_slots"].rows({"account_id": account.pk})
    if sum(row["amount_minor"] for row in rows) <= 0:
        raise Refusal(_("Nothing is owed on this account."))
    return rows


def _subject(account: Account, amount_minor: int, command: Command) -> Subject:
    stays = CaseAccount.objects.filter(account=account).order_by("left_on", "-pk")
    return Subject(
        subject=f"account:{account.pk}",
        creditor_id=account.creditor_id,
        case_id=stays.values_list("case_id", flat=True).first(),
        amount_minor=amount_minor,
        currency=account.currency,
        details={
            "account": account.external_id,
            "effective_on": command["effective_on"],
            "reason": command["reason"],
        },
    )


@transaction.atomic
def _describe_charge_off(actor: Actor, command: Command, now: datetime) -> Subject:
    account = _account(actor, command, now)
    if _standing(account.pk, EntryKind.CHARGE_OFF) is not None:
        raise Refusal(_("The account is charged off already."))
    if _standing(account.pk, EntryKind.SALE) is not None:
        raise Refusal(_("The account is sold."))
    rows = _slots(account, date.fromisoformat(command["effective_on"]))
    return _subject(account, sum(row["amount_minor"] for row in rows), command)


@transaction.atomic
def _run_charge_off(
    actor: Actor, command: Command, now: datetime, approval_id: int | None
) -> dict[str, int]:
    _describe_charge_off(actor, command, now)
    account = _account(actor, command, now)
    _charge(actor, account, command, now)
    owed: dict[str, int] = {}
    for row in _slots(account, date.fromisoformat(command["effective_on"])):
        owed[row["component"]] = owed.get(row["component"], 0) + row["amount_minor"]
    lines = [
        (component, Book.CARRIED, Book.LOSS, amount, None)
        for component, amount in sorted(owed.items())
        if amount > 0
    ]
    return _post(actor, account, EntryKind.CHARGE_OFF, lines, command, now, approval_id)


@transaction.atomic
def _describe_sale(actor: Actor, command: Command, now: datetime) -> Subject:
    account = _account(actor, command, now)
    if _standing(account.pk, EntryKind.SALE) is not None:
        raise Refusal(_("The account is sold."))
    rows = _slots(account, date.fromisoformat(command["effective_on"]))
    return _subject(account, sum(row["amount_minor"] for row in rows), command)


@transaction.atomic
def _run_sale(
    actor: Actor, command: Command, now: datetime, approval_id: int | None
) -> dict[str, int]:
    _describe_sale(actor, command, now)
    account = _account(actor, command, now)
    _charge(actor, account, command, now)
    lines = []
    for row in _slots(account, date.fromisoformat(command["effective_on"])):
        amount, due_on = row["amount_minor"], row["due_on"]
        books = (Book.RECEIVABLE, Book.SOLD) if amount > 0 else (Book.SOLD, Book.RECEIVABLE)
        lines.append((row["component"], *books, abs(amount), due_on))
    return _post(actor, account, EntryKind.SALE, lines, command, now, approval_id)


@transaction.atomic
def _describe_buy_back(actor: Actor, command: Command, now: datetime) -> Subject:
    account = _account(actor, command, now)
    sale = _standing(account.pk, EntryKind.SALE)
    if sale is None:
        raise Refusal(_("The account is not sold."))
    if date.fromisoformat(command["effective_on"]) < sale["effective_on"]:
        refuse({"effective_on": _("An account is bought back after it was sold.")})
    amounts = Posting.objects.filter(entry_id=sale["id"], from_book=Book.RECEIVABLE.value)
    return _subject(account, sum(amounts.values_list("amount_minor", flat=True)), command)


@transaction.atomic
def _run_buy_back(
    actor: Actor, command: Command, now: datetime, approval_id: int | None
) -> dict[str, int]:
    _describe_buy_back(actor, command, now)
    account = _account(actor, command, now)
    sale = _standing(account.pk, EntryKind.SALE)
    assert sale is not None
    lines = [
        (each.component, Book(each.to_book), Book(each.from_book), each.amount_minor, each.due_on)
        for each in Posting.objects.filter(entry_id=sale["id"]).order_by("pk")
    ]
    return _post(
        actor, account, EntryKind.REVERSAL, lines, command, now, approval_id, reverses=sale["id"]
    )


_Lines = Sequence[tuple[str, Book, Book, int, date | None]]


def _post(
    actor: Actor,
    account: Account,
    kind: EntryKind,
    lines: _Lines,
    command: Command,
    now: datetime,
    approval_id: int | None,
    reverses: int | None = None,
) -> dict[str, int]:
    day = date.fromisoformat(command["effective_on"])
    number = Entry.objects.filter(account=account, kind=kind.value).count() + 1
    entry = Entry.objects.create(
        account=account,
        kind=kind.value,
        effective_on=day,
        recorded_at=now,
        actor=actor.name,
        reference="" if reverses else f"{kind.value}:{number}",
        reverses_id=reverses,
    )
    Posting.objects.bulk_create(
        Posting(
            entry=entry,
            account=account,
            component=component,
            from_book=from_book.value,
            to_book=to_book.value,
            amount_minor=amount,
            due_on=due_on,
            effective_on=day,
            recorded_at=now,
        )
        for component, from_book, to_book, amount, due_on in lines
    )
    _tell(actor, account, entry, command, now, approval_id)
    return {"entry_id": entry.pk}


_ACTIONS: Final = {
    EntryKind.CHARGE_OFF: "account.charge_off",
    EntryKind.SALE: "account.sell",
    EntryKind.REVERSAL: "account.buy_back",
}


def _tell(
    actor: Actor,
    account: Account,
    entry: Entry,
    command: Command,
    now: datetime,
    approval_id: int | None,
) -> None:
    case_id = (
        CaseAccount.objects.filter(account=account, left_on__isnull=True)
        .values_list("case_id", flat=True)
        .first()
    )
    append_event(
        actor=actor,
        action=_ACTIONS[EntryKind(entry.kind)],
        subject=f"account:{account.pk}",
        body={
            "account": account.pk,
            "entry": entry.pk,
            "effective_on": command["effective_on"],
            **({} if approval_id is None else {"approval": approval_id}),
        },
        now=now,
        chain=ChainKind.DEBTOR if case_id is None else ChainKind.CASE,
        chain_id=account.debtor_id if case_id is None else case_id,
        personal={"reason": command["reason"]},
        personal_of=KeyOwner(account.debtor_id),
    )


_HEADS: Final = (frozenset({Role.APPROVER, Role.MANAGER}),)
_DOES: Final = {
    "charge_off": (_describe_charge_off, _run_charge_off),
    "sale": (_describe_sale, _run_sale),
    "buy_back": (_describe_buy_back, _run_buy_back),
}
for _kind, (_describe, _run) in _DOES.items():
    register(Approvable(_kind, _HEADS, _describe, _run))
