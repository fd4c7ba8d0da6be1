"""Writing entries to the ledger of one account, reversing them, and reading figures as of a day.

Bulk postings from a creditor's file are `store.ledger.post_snapshots`, driven by intake.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor, Role
from kept.core.currencies import currency
from kept.core.ledger import Book, BucketChange, EntryKind, bucket_changes
from kept.core.money import Money
from kept.store.accruals import read_positions_with_accrued
from kept.store.events import microseconds
from kept.store.ledger import ALL_KNOWN, AccountPosition, postings_of
from kept.store.models import (
    Account,
    CaseAccount,
    Entry,
    PaymentAllocation,
    ProductTerms,
    WaiverEntry,
)
from kept.store.models import Posting as PostingRow
from kept.store.queries import load
from kept.store.visibility import visible_rows
from kept.work.accruals import charge_accrued
from kept.work.approvable import Approvable, Command, Subject, register
from kept.work.approvals import refuse_unapproved
from kept.work.business_dates import business_date
from kept.work.changes import not_there
from kept.work.entry_events import tell_of_entry
from kept.work.permissions import Permission, require
from kept.work.refusals import NotThere, Refusal

__all__ = [
    "APPROVAL_KINDS",
    "Line",
    "do_post_entry",
    "do_reverse_entry",
    "entry_command",
    "get_bucket_history",
    "get_position",
    "list_entries",
    "post_waived",
    "reversal_command",
    "undo_waived",
]

#: What is posted by hand, and as what it is approved. A waiver is none of it: only what the
#: creditor's matrix holds is waived (`work/waivers.py`), whoever would approve more.
APPROVAL_KINDS: Final = {
    EntryKind.CHARGE: "manual_charge",
    EntryKind.PAYMENT: "manual_payment",
}

#: Which books each kind moves an amount between.
_BOOKS = {
    EntryKind.CHARGE: (Book.INCOME, Book.RECEIVABLE),
    EntryKind.PAYMENT: (Book.RECEIVABLE, Book.CASH),
    EntryKind.WAIVER: (Book.RECEIVABLE, Book.WAIVED),
}


@dataclass(frozen=True, slots=True)
class Line:
    """An amount of one component, positive; `due_on` for charges only."""

    component: str
    amount_minor: int
    due_on: date | None = None


def do_post_entry(
    *,
    actor: Actor,
    account_id: int,
    kind: EntryKind,
    lines: Sequence[Line],
    effective_on: date,
    reference: str,
    now: datetime,
) -> int:
    """Post a charge or a payment; returns the entry's id.

    The same account, kind and reference again is refused, so a payment cannot count twice. Raises
    `NeedsApproval` where the policy asks for a second person: by default for every payment by hand.
    """
    account = _account(actor, account_id, Permission.LEDGER_POST)
    _refuse_other_kind(kind)
    _refuse_unfit(account, kind, lines, effective_on, reference)
    if kind is EntryKind.PAYMENT:
        _refuse_to_come(account, effective_on, now)
    command = entry_command(account_id, kind, lines, effective_on, reference)
    subject = _subject(account, sum(line.amount_minor for line in lines), command)
    refuse_unapproved(actor=actor, kind=APPROVAL_KINDS[kind], command=command, subject=subject)
    return _post(actor, account, kind, lines, effective_on, reference, now)


def _post(
    actor: Actor,
    account: Account,
    kind: EntryKind,
    lines: Sequence[Line],
    effective_on: date,
    reference: str,
    now: datetime,
    **more: object,
) -> int:
    from_book, to_book = _BOOKS[kind]
    with transaction.atomic():
        _lock(account)
        if kind is not EntryKind.CHARGE:
            charge_accrued(actor=actor, account=account, on=effective_on, now=now)
        entry = _write_entry(account, kind, effective_on, actor, reference, now)
        PostingRow.objects.bulk_create(
            _row(entry, line.component, from_book, to_book, line.amount_minor, line.due_on)
            for line in lines
        )
        _refuse_below_zero(
            account,
            _("This is %(over)s more than is owed of %(name)s: post that much less."),
        )
        tell_of_entry(actor, f"ledger.{kind.value}", entry, now, None, **more)
    return entry.pk


def do_reverse_entry(
    *, actor: Actor, entry_id: int, effective_on: date, reason: str, now: datetime
) -> int:
    """Undo an entry by its mirror image; an entry is reversed once. Returns the reversal's id.

    Raises `NeedsApproval` where the policy asks for a second person, which is the default.
    """
    original = _reversible(actor, entry_id, effective_on, reason)
    _refuse_early_reversal(original, effective_on, now)
    command = reversal_command(entry_id, effective_on, reason)
    subject = _subject(original.account, _amount(original), command)
    refuse_unapproved(actor=actor, kind="reversal", command=command, subject=subject)
    return _reverse(actor, original, effective_on, reason, now)


def _reversible(actor: Actor, entry_id: int, effective_on: date, reason: str) -> Entry:
    within = require(actor, Permission.LEDGER_POST)
    if not reason.strip():
        raise Refusal(_("Say why the entry is reversed."), {"reason": _("A reason is needed.")})
    original = visible_rows(Entry, within).filter(pk=entry_id).first()
    if original is None:
        raise not_there()
    if original.kind == EntryKind.REVERSAL or effective_on < original.effective_on:
        raise Refusal(_("A reversal is of an entry that is none itself, on its day or later."))
    _refuse_owned(original)
    return original


def _refuse_owned(entry: Entry) -> None:
    """What a payment or a waiver posted goes back with it, so that each cent stays in one place."""
    paid = PaymentAllocation.objects.filter(entry=entry).values_list("payment_id", flat=True)
    if paid:
        raise Refusal(
            _("This entry is of payment %(id)s: reverse or withdraw that payment instead.")
            % {"id": paid[0]}
        )
    waived = WaiverEntry.objects.filter(entry=entry).values_list("waiver_id", flat=True)
    if waived:
        raise Refusal(
            _("This entry is of waiver %(id)s, which was agreed: nobody takes it back by hand.")
            % {"id": waived[0]}
        )


def _amount(entry: Entry) -> int:
    return sum(posting.amount_minor for posting in entry.postings.all())


def _reverse(
    actor: Actor,
    original: Entry,
    effective_on: date,
    reason: str,
    now: datetime,
    **more: object,
) -> int:
    with transaction.atomic():
        _lock(original.account)
        entry = _write_entry(
            original.account, EntryKind.REVERSAL, effective_on, actor, "", now, original
        )
        PostingRow.objects.bulk_create(
            _row(entry, p.component, p.to_book, p.from_book, p.amount_minor, p.due_on)
            for p in original.postings.order_by("id")
        )
        _refuse_below_zero(
            original.account,
            _(
                "Without it %(over)s more of %(name)s would be paid or waived than was owed:"
                " reverse those payments or waivers first."
            ),
        )
        tell_of_entry(actor, "ledger.reverse", entry, now, {"reason": reason}, **more)
    return entry.pk


def get_position(
    *, actor: Actor, account_id: int, as_of: date, known_at: datetime | None = None
) -> AccountPosition | None:
    """The account as of a day, as known at an instant or by now; None before its first entry.

    Where kept accrues, what accrued up to the day is in it.
    """
    _account(actor, account_id)
    found = read_positions_with_accrued([account_id], as_of, known_at or ALL_KNOWN)
    return found.get(account_id)


def list_entries(*, actor: Actor, account_id: int) -> list[dict[str, Any]]:
    """The ledger of one account, oldest first, a row a posting."""
    _account(actor, account_id)
    return load("ledger")["history"].scoped("accounts").rows({"account_ids": [account_id]})


def get_bucket_history(
    *, actor: Actor, account_id: int, first: date, last: date, known_at: datetime
) -> list[BucketChange]:
    """Every move between buckets, rebuilt from the ledger as known at an instant.

    The boundaries are those in force on `last`: two versions are never compared.
    """
    account = _account(actor, account_id)
    terms = _terms(account, last)
    return bucket_changes(
        postings_of(account_id),
        terms.bucket_boundaries,
        terms.grace_days,
        first,
        last,
        microseconds(known_at),
    )


def _account(
    actor: Actor, account_id: int, permission: Permission = Permission.CASE_READ
) -> Account:
    within = require(actor, permission)
    account = visible_rows(Account, within).filter(pk=account_id).first()
    if account is None:
        raise not_there()
    return account


def _terms(account: Account, day: date) -> ProductTerms:
    terms = (
        ProductTerms.objects.filter(product_id=account.product_id, valid_from__lte=day)
        .order_by("-valid_from")
        .first()
    )
    if terms is None or (terms.valid_to is not None and terms.valid_to < day):
        raise NotThere(_("The product has no terms for this day: add a version that covers it."))
    return terms


def _refuse_other_kind(kind: EntryKind) -> None:
    if kind is EntryKind.WAIVER:
        raise Refusal(
            _(
                "A waiver is never posted by hand: ask for it on the case's page of waivers, within"
                " the creditor's policy."
            )
        )
    if kind not in APPROVAL_KINDS:
        raise Refusal(_("Only charges and payments are posted by hand."))


def _refuse_unfit(
    account: Account, kind: EntryKind, lines: Sequence[Line], effective_on: date, reference: str
) -> None:
    if not lines:
        raise Refusal(_("An entry has at least one amount."))
    if kind is EntryKind.PAYMENT and not reference:
        raise Refusal(_("A payment needs its reference, so that it is counted once."))
    known = _terms(account, effective_on).components
    for line in lines:
        if line.component not in known:
            raise Refusal(
                _("The product has no component %(name)s. It has: %(known)s.")
                % {"name": line.component, "known": ", ".join(known)}
            )
        if line.amount_minor <= 0:
            raise Refusal(_("Amounts are positive; to take one back, reverse its entry."))
        if (line.due_on is not None) != (kind is EntryKind.CHARGE):
            raise Refusal(_("A charge has a due date; a payment or waiver has none."))


def _refuse_to_come(account: Account, effective_on: date, now: datetime) -> None:
    """A charge may be of a day to come; money moves when it does."""
    if effective_on > business_date(account.creditor_id, now):
        raise Refusal(
            _("Money of a day to come has not moved yet."),
            {"effective_on": _("Give today or a day before.")},
        )


def _refuse_early_reversal(original: Entry, effective_on: date, now: datetime) -> None:
    """What was posted for a day to come goes back on that day."""
    if effective_on != original.effective_on:
        _refuse_to_come(original.account, effective_on, now)


def _lock(account: Account) -> None:
    """One entry at a time, so that two do not take the same amount off."""
    Account.objects.select_for_update(of=("self",), no_key=True).get(pk=account.pk)


def _refuse_below_zero(account: Account, message: str) -> None:
    """After the postings, in their transaction: which a refusal undoes."""
    allowed = ProductTerms.objects.filter(product_id=account.product_id, allows_credit_balance=True)
    found = load("ledger")["components_below_zero"].rows({"account_id": account.pk})
    if found and not allowed.exists():
        over = Money(-found[0]["amount_minor"], currency(account.currency))
        raise Refusal(message % {"name": found[0]["component"], "over": str(over)})


def _write_entry(
    account: Account,
    kind: EntryKind,
    effective_on: date,
    actor: Actor,
    reference: str,
    now: datetime,
    reverses: Entry | None = None,
) -> Entry:
    try:
        with transaction.atomic():
            return Entry.objects.create(
                account=account,
                kind=kind.value,
                effective_on=effective_on,
                recorded_at=now,
                actor=actor.name,
                reference=reference,
                reverses=reverses,
            )
    except IntegrityError as error:
        raise Refusal(
            _("This entry is in the ledger already (same reference, or reversed before).")
        ) from error


def _row(
    entry: Entry,
    component: str,
    from_book: str,
    to_book: str,
    amount_minor: int,
    due_on: date | None,
) -> PostingRow:
    return PostingRow(
        entry=entry,
        account_id=entry.account_id,
        component=component,
        from_book=from_book,
        to_book=to_book,
        amount_minor=amount_minor,
        due_on=due_on,
        effective_on=entry.effective_on,
        recorded_at=entry.recorded_at,
    )


def entry_command(
    account_id: int, kind: EntryKind, lines: Sequence[Line], effective_on: date, reference: str
) -> Command:
    """What `do_post_entry` was asked to do, as a request for approval stores it."""
    return {
        "account_id": account_id,
        "kind": EntryKind(kind).value,
        "lines": [
            [line.component, line.amount_minor, line.due_on and line.due_on.isoformat()]
            for line in lines
        ],
        "effective_on": effective_on.isoformat(),
        "reference": reference,
    }


def reversal_command(entry_id: int, effective_on: date, reason: str) -> Command:
    """What `do_reverse_entry` was asked to do."""
    return {"entry_id": entry_id, "effective_on": effective_on.isoformat(), "reason": reason}


def _subject(account: Account, amount_minor: int, command: Command) -> Subject:
    stays = CaseAccount.objects.filter(account=account).order_by("left_on", "-pk")
    case_id = stays.values_list("case_id", flat=True).first()
    shown = ("effective_on", "reference", "reason")
    return Subject(
        subject=f"account:{account.pk}",
        creditor_id=account.creditor_id,
        case_id=case_id,
        amount_minor=amount_minor,
        currency=account.currency,
        details={
            "account": account.external_id,
            **{name: command[name] for name in shown if command.get(name)},
        },
    )


def _read_lines(command: Command) -> list[Line]:
    return [
        Line(component, amount, date.fromisoformat(due) if due else None)
        for component, amount, due in command["lines"]
    ]


def _describe_entry(actor: Actor, command: Command, now: datetime) -> Subject:
    account = _account(actor, command["account_id"], Permission.LEDGER_POST)
    lines, day = _read_lines(command), date.fromisoformat(command["effective_on"])
    kind = EntryKind(command["kind"])
    _refuse_other_kind(kind)
    _refuse_unfit(account, kind, lines, day, command["reference"])
    if kind is EntryKind.PAYMENT:
        _refuse_to_come(account, day, now)
    return _subject(account, sum(line.amount_minor for line in lines), command)


def _run_entry(
    actor: Actor, command: Command, now: datetime, approval_id: int | None
) -> dict[str, int]:
    _describe_entry(actor, command, now)
    account = _account(actor, command["account_id"], Permission.LEDGER_POST)
    lines, day = _read_lines(command), date.fromisoformat(command["effective_on"])
    kind, reference = EntryKind(command["kind"]), command["reference"]
    entry_id = _post(actor, account, kind, lines, day, reference, now, approval=approval_id)
    return {"entry_id": entry_id}


def _describe_reversal(actor: Actor, command: Command, now: datetime) -> Subject:
    day = date.fromisoformat(command["effective_on"])
    original = _reversible(actor, command["entry_id"], day, command["reason"])
    _refuse_early_reversal(original, day, now)
    return _subject(original.account, _amount(original), command)


def _run_reversal(
    actor: Actor, command: Command, now: datetime, approval_id: int | None
) -> dict[str, int]:
    day, reason = date.fromisoformat(command["effective_on"]), command["reason"]
    original = _reversible(actor, command["entry_id"], day, reason)
    return {"entry_id": _reverse(actor, original, day, reason, now, approval=approval_id)}


def post_waived(
    actor: Actor,
    account: Account,
    lines: Sequence[Line],
    effective_on: date,
    reference: str,
    now: datetime,
    waiver_id: int,
) -> int:
    """The entry of a waiver whose approvals and condition stand; asks nobody. Its id."""
    _refuse_unfit(account, EntryKind.WAIVER, lines, effective_on, reference)
    more = {"waiver": waiver_id}
    return _post(actor, account, EntryKind.WAIVER, lines, effective_on, reference, now, **more)


def undo_waived(
    actor: Actor, entry: Entry, effective_on: date, now: datetime, waiver_id: int
) -> int:
    """Take the entry of a waiver back, since the payments that it hung on were; its reversal."""
    return _reverse(actor, entry, effective_on, "", now, waiver=waiver_id)


_HEADS: Final = (frozenset({Role.APPROVER, Role.MANAGER}),)
_FOUR_EYES: Final = (frozenset({Role.CASHIER, Role.APPROVER, Role.MANAGER}),)
register(Approvable("manual_payment", _FOUR_EYES, _describe_entry, _run_entry))
register(Approvable("manual_charge", (), _describe_entry, _run_entry))
register(Approvable("reversal", _HEADS, _describe_reversal, _run_reversal))
