"""`kept payment`: record, reverse, list, suspense, match, policy and numbers given out to pay by.

The console acts in the name of a job of the house: what a cashier does with four eyes on the pages,
whoever has the machine does here alone, and the event says so. Files of payments are `kept intake`.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kept.cli.language import translate as _
from kept.cli.shell import Refused, creditor_named, minor_of, open_shell, refusals_told
from kept.core.actors import job
from kept.core.payments.ways import PayerRelation, WayOfPaying

if TYPE_CHECKING:
    from kept.store.models import Payment

__all__ = ["payment"]

_DAY = click.DateTime(["%Y-%m-%d"])
_WAYS = click.Choice([each.value for each in WayOfPaying])
_RELATIONS = click.Choice([each.value for each in PayerRelation])
_KINDS = click.Choice(["reversal", "chargeback", "returned_item"])
_CREDITOR = click.option("--creditor", required=True, help="The creditor's code.")
_REASON = click.option("--reason", required=True, help="Why; it stays on record.")


@click.group()
def payment() -> None:
    """Money received: record, list and reverse it, work what waits in suspense."""


@payment.command()
@_CREDITOR
@click.option("--receipt", required=True, help="Its own number: each counts once.")
@click.option("--amount", required=True, metavar="CUR=AMOUNT", help="Such as CNY=1234.50.")
@click.option("--on", "on", type=_DAY, help="The day it was received. [default: today]")
@click.option("--account", "accounts", multiple=True, help="May be repeated.")
@click.option("--debtor", default="", help="The debtor's number, where no account is named.")
@click.option("--reference", default="", help="A number that was given out to pay by.")
@click.option("--way", type=_WAYS, default="cash", show_default=True)
@click.option("--payer", default="", help="Who paid, where it was not the debtor.")
@click.option("--payer-relation", type=_RELATIONS, default="self", show_default=True)
def record(creditor: str, receipt: str, amount: str, on: datetime | None, **given: Any) -> None:
    """Record money that was received."""
    shell = open_shell()
    from kept.work.business_dates import business_date
    from kept.work.payments import PaymentGiven, do_record_payment

    found = creditor_named(creditor)
    currency, minor = _amount(amount)
    day = on.date() if on else business_date(found.pk, shell.now)
    with refusals_told():
        taken = do_record_payment(
            actor=job("console"),
            given=PaymentGiven(
                creditor_id=found.pk,
                external_id=receipt,
                amount_minor=minor,
                currency=currency,
                received_on=day,
                **given,
            ),
            now=shell.now,
        )
    told = _("payment %(id)s: %(state)s %(reason)s")
    state, reason = _words(taken.state, taken.suspense_reason)
    values = {"id": taken.payment_id, "state": state, "reason": reason}
    click.echo((told % values).rstrip())


@payment.command()
@click.argument("payment_id", type=int)
@click.option("--kind", type=_KINDS, default="reversal", show_default=True)
@click.option("--on", "on", type=_DAY, help="The day the money went back. [default: today]")
@click.option("--code", default="", help="The bank's return code, such as AM04 or R01.")
@_REASON
def reverse(payment_id: int, kind: str, on: datetime | None, code: str, reason: str) -> None:
    """Take back a payment that the bank took back: what it paid is owed again."""
    shell = open_shell()
    from kept.work.business_dates import business_date
    from kept.work.payment_lists import get_payment
    from kept.work.payment_moves import do_reverse_payment

    with refusals_told():
        found = get_payment(actor=job("console"), payment_id=payment_id, now=shell.now)
        today = business_date(found.payment.creditor_id, shell.now)
        do_reverse_payment(
            actor=job("console"),
            payment_id=payment_id,
            kind=kind,
            returned_on=on.date() if on else today,
            code=code.upper(),
            reason=reason,
            now=shell.now,
        )
    click.echo(_("payment %(id)s is reversed") % {"id": payment_id})


@payment.command("list")
@click.option("--creditor", default="", help="The creditor's code.")
@click.option("--state", type=click.Choice(["suspense", "allocated", "returned", "duplicate"]))
@click.option("--search", "sought", default="", help="A reference or an account's number.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
def list_all(creditor: str, state: str | None, sought: str, limit: int) -> None:
    """Payments, the newest first."""
    open_shell()
    from kept.work.payment_lists import list_payments

    actor = job("console")
    found = list_payments(
        actor=actor, creditor=creditor, state=state or "", sought=sought, limit=limit
    )
    _print(found)


@payment.command()
@click.option("--creditor", default="", help="The creditor's code.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
def suspense(creditor: str, limit: int) -> None:
    """Money that waits for a person, the oldest first, with why."""
    open_shell()
    from kept.work.payment_lists import list_suspense

    _print(list_suspense(actor=job("console"), creditor=creditor, limit=limit))


@payment.command()
@click.argument("payment_id", type=int)
@click.option(
    "--share",
    "shares",
    multiple=True,
    metavar="ACCOUNT=AMOUNT",
    help="What of it is for which account; may be repeated. Without: the accounts it may be for.",
)
@click.option("--reason", default="", help="Why; it stays on record.")
def match(payment_id: int, shares: tuple[str, ...], reason: str) -> None:
    """Give money in suspense to accounts, or show the accounts it may be for."""
    shell = open_shell()
    from kept.desk.words import word
    from kept.work.payment_lists import get_payment
    from kept.work.payment_moves import do_assign_payment

    with refusals_told():
        found = get_payment(actor=job("console"), payment_id=payment_id, now=shell.now)
        if shares:
            do_assign_payment(
                actor=job("console"),
                payment_id=payment_id,
                shares=[_share(each, found.payment) for each in shares],
                reason=reason,
                now=shell.now,
            )
            click.echo(_("payment %(id)s is matched") % {"id": payment_id})
            return
    for each in found.likely:
        told = _("%(account)s  %(percent)s %%  %(reasons)s")
        reasons = ", ".join(f"{word(code, 'likeness')} {points}" for code, points in each.reasons)
        percent = each.confidence_per_mille // 10
        click.echo(told % {"account": each.external_id, "percent": percent, "reasons": reasons})
    if not found.likely:
        click.echo(_("Nobody is likely: name an account with --share."))


@payment.command("policy")
@_CREDITOR
@click.option("--from", "since", type=_DAY, help="From this day on. [default: today]")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def set_policy(creditor: str, since: datetime | None, file: Path) -> None:
    """Set how a creditor's payments are matched and allocated (packs/money/payments.yaml)."""
    shell = open_shell()
    import yaml

    from kept.work.payment_policies import do_set_payment_policy

    found = creditor_named(creditor)
    try:
        body = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Refused(_("%(path)s is not YAML.") % {"path": file}) from error
    if not isinstance(body, dict):
        raise Refused(_("%(path)s is not YAML.") % {"path": file})
    with refusals_told():
        do_set_payment_policy(
            actor=job("console"),
            creditor_id=found.pk,
            body=body,
            valid_from=(since or shell.now).date(),
            now=shell.now,
        )
    click.echo(_("The payment policy of %(creditor)s is set.") % {"creditor": creditor})


@payment.command("reference")
@_CREDITOR
@click.option("--account", required=True, help="The account's number.")
@click.option("--virtual-account", is_flag=True, help="A virtual account, not a reference.")
@click.argument("number")
def give_reference(creditor: str, account: str, virtual_account: bool, number: str) -> None:
    """Give out NUMBER to pay by: what comes under it is for this account."""
    shell = open_shell()
    from kept.work.payment_policies import do_give_reference

    kind = "virtual_account" if virtual_account else "reference"
    with refusals_told():
        do_give_reference(
            actor=job("console"),
            account_id=_account_id(creditor_named(creditor).pk, account),
            kind=kind,
            number=number,
            now=shell.now,
        )
    click.echo(_("%(number)s is for %(account)s") % {"number": number, "account": account})


def _print(found: list[Payment]) -> None:
    told = _(
        "%(id)s  %(day)s  %(creditor)s  %(amount)s  %(state)s %(reason)s  %(account)s  %(receipt)s"
    )
    for each in found:
        state, reason = _words(each.state, each.suspense_reason)
        parts: dict[str, object] = {"id": each.pk, "day": each.received_on}
        parts |= {"creditor": each.creditor.code, "amount": _shown(each), "state": state}
        parts |= {"reason": reason, "receipt": each.external_id}
        click.echo(told % {**parts, "account": each.account.external_id if each.account else ""})
    if not found:
        click.echo(_("There is none."))


def _words(state: str, reason: str) -> tuple[str, str]:
    """State and reason of suspense as the pages say them, in the installation's language."""
    from kept.desk.words import word

    return word(state, "payment_state"), f"({word(reason, 'suspense')})" if reason else ""


def _shown(row: Payment) -> str:
    from kept.core.currencies import currency
    from kept.core.money import Money

    return str(Money(row.amount_minor, currency(row.currency)))


def _account_id(creditor_id: int, number: str) -> int:
    from kept.store.models import Account

    found = Account.objects.filter(creditor_id=creditor_id, external_id=number).first()
    if found is None:
        raise Refused(_("There is no account %(number)s.") % {"number": number})
    return found.pk


def _amount(text: str) -> tuple[str, int]:
    code, _equals, amount = text.partition("=")
    return code, minor_of(amount, code)


def _share(text: str, row: Payment) -> Any:
    from kept.work.payment_moves import Share

    number, _equals, amount = text.rpartition("=")
    minor = _amount(f"{row.currency}={amount}")[1]
    return Share(_account_id(row.creditor_id, number), minor)
