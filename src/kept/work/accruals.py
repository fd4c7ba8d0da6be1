"""What accrued on an account: asked for with its trace, and charged before money is posted.

An entry that needs it (a payment, a waiver, a charge-off, a statement) calls `charge_accrued` first
in its own transaction; nothing is charged nightly. How it is reckoned is `core/lending`.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.core.events import ChainKind
from kept.core.ledger import NO_DUE_DATE, Book, EntryKind
from kept.core.lending.accrual import Accrual
from kept.core.lending.applying import version_on
from kept.core.lending.caps import Charged
from kept.store.accruals import accrual_of, accruing_products, versions_of
from kept.store.events import append_event
from kept.store.ledger import ALL_KNOWN, AccountPosition, read_positions
from kept.store.models import Account, Entry, Judgment, Posting
from kept.store.queries import load
from kept.store.visibility import visible_rows
from kept.work.changes import not_there
from kept.work.entry_events import tell_of_entry
from kept.work.permissions import Permission, require
from kept.work.refusals import Refusal, refuse

__all__ = ["charge_accrued", "do_record_judgment", "do_withdraw_judgment", "get_accrual"]


def get_accrual(
    *, actor: Actor, account_id: int, as_of: date, known_at: datetime | None = None
) -> Accrual | None:
    """What accrued since the first day, with the trace; None where kept does not accrue."""
    within = require(actor, Permission.CASE_READ)
    if not visible_rows(Account, within).filter(pk=account_id).exists():
        raise not_there()
    return accrual_of(account_id, as_of, known_at or ALL_KNOWN)


def charge_accrued(*, actor: Actor, account: Account, on: date, now: datetime) -> int | None:
    """Charge what accrued up to a day; the entry's id, or None where there is nothing to charge.

    For use cases that post: it asks for no permission and must run in their transaction. The
    account is locked, so that two entries at once charge it once. Where a later day is charged
    already, the earlier one is in it, and stays as it is.
    """
    if account.product_id not in accruing_products(account.creditor_id):
        return None
    Account.objects.select_for_update(of=("self",), no_key=True).get(pk=account.pk)
    later = {"account_id": account.pk, "day": on}
    if load("accruals")["charged_later"].rows(later)[0]["entries"]:
        return None
    versions = versions_of([account.product_id])[account.product_id]
    accrual = accrual_of(account.pk, on, versions=versions)
    version = version_on(versions, on)
    if accrual is None or version is None or version.terms is None:
        return None
    position = read_positions([account.pk], on).get(account.pk)
    amounts = _chargeable(accrual, position)
    if not amounts:
        return None
    due_on = _due_on(position, version.terms.bill_day, on)
    return _post(actor, account, amounts, due_on, on, now)


def _chargeable(accrual: Accrual, position: AccountPosition | None) -> dict[Charged, int]:
    """By component; what was charged too much is taken back as far as the component still owes."""
    found: dict[Charged, int] = {}
    for component, amount in accrual.accrued.items():
        owed = getattr(position, f"{component.value}_minor") if position is not None else 0
        amount = max(amount, -max(owed, 0))
        if amount:
            found[component] = amount
    return found


def _due_on(position: AccountPosition | None, bill_day: int | None, on: date) -> date:
    """What accrues falls due with the next amount that does; else on the next bill day; else with
    what is overdue, at once. Where nothing has a date, neither has this."""
    if position is not None and position.next_due_on is not None:
        return position.next_due_on
    if bill_day is not None:
        later = on.day >= bill_day
        year, month = divmod(on.year * 12 + on.month - 1 + later, 12)
        return date(year, month + 1, bill_day)
    return on if position is not None and position.overdue_minor > 0 else NO_DUE_DATE


def _post(
    actor: Actor,
    account: Account,
    amounts: dict[Charged, int],
    due_on: date,
    on: date,
    now: datetime,
) -> int:
    entry = Entry.objects.create(
        account=account,
        kind=EntryKind.ACCRUAL.value,
        effective_on=on,
        recorded_at=now,
        actor=actor.name,
    )
    for component, amount in amounts.items():
        charged = amount > 0
        books = (Book.ACCRUED, Book.RECEIVABLE) if charged else (Book.RECEIVABLE, Book.ACCRUED)
        Posting.objects.create(
            entry=entry,
            account=account,
            component=component.value,
            from_book=books[0].value,
            to_book=books[1].value,
            amount_minor=abs(amount),
            due_on=due_on if charged else None,
            effective_on=on,
            recorded_at=now,
        )
    tell_of_entry(actor, "ledger.accrue", entry, now)
    return int(entry.pk)


@transaction.atomic
def do_record_judgment(
    *, actor: Actor, account_id: int, judged_on: date, reference: str, now: datetime
) -> int:
    """From the day on interest follows the product's judgment terms; returns the judgment's id."""
    within = require(actor, Permission.LEDGER_POST)
    account = visible_rows(Account, within).filter(pk=account_id).first()
    if account is None:
        raise not_there()
    if not reference.strip():
        refuse({"reference": _("Give the number of the judgment.")})
    if judged_on > now.date():
        refuse({"judged_on": _("This day has not come yet.")})
    try:
        with transaction.atomic():
            row = Judgment.objects.create(
                account=account,
                judged_on=judged_on,
                reference=reference.strip()[:64],
                recorded_at=now,
                recorded_by=actor.name,
            )
    except IntegrityError as error:
        raise Refusal(_("A judgment is recorded already; withdraw it first.")) from error
    body = {"account": account_id, "judged_on": judged_on.isoformat()}
    _tell(actor, "judgment.record", row, body, now)
    return int(row.pk)


@transaction.atomic
def do_withdraw_judgment(*, actor: Actor, judgment_id: int, now: datetime) -> None:
    """Recorded in error, or set aside: interest is reckoned as if it had not been."""
    within = require(actor, Permission.LEDGER_POST)
    row = visible_rows(Judgment, within).filter(pk=judgment_id, withdrawn_at=None).first()
    if row is None:
        raise not_there()
    row.withdrawn_at, row.withdrawn_by = now, actor.name
    row.save(update_fields=["withdrawn_at", "withdrawn_by"])
    _tell(actor, "judgment.withdraw", row, {"account": row.account_id}, now)


def _tell(actor: Actor, action: str, row: Judgment, body: dict[str, object], now: datetime) -> None:
    append_event(
        actor=actor,
        action=action,
        subject=f"judgment:{row.pk}",
        body=body,
        now=now,
        chain=ChainKind.DEBTOR,
        chain_id=row.account.debtor_id,
    )
