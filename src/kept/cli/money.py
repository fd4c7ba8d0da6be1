"""`kept money`: the general ledger of a period as CSV, charge-off and sale of accounts."""

from __future__ import annotations

import csv
import sys
from contextlib import nullcontext
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from kept.cli.language import translate as _
from kept.cli.shell import Refused, open_shell
from kept.core.actors import job

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

__all__ = ["money"]

_DAY = click.DateTime(["%Y-%m-%d"])
_COLUMNS = (
    "day",
    "creditor",
    "product",
    "currency",
    "book",
    "component",
    "debit",
    "credit",
)


@click.group()
def money() -> None:
    """Money of the house: the general ledger, charge-off, sold accounts."""


@money.command()
@click.option("--from", "first", type=_DAY, required=True, help="The first day.")
@click.option("--to", "last", type=_DAY, required=True, help="The last day.")
@click.option("--creditor", help="Of this creditor only.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write here.")
def export(first: datetime, last: datetime, creditor: str | None, output: Path | None) -> None:
    """Journal lines by day, creditor, product, book and component; debits equal credits."""
    open_shell()
    from kept.work.journals import get_journal
    from kept.work.refusals import Refusal

    try:
        found = get_journal(
            actor=job("console"), first=first.date(), last=last.date(), creditor_code=creditor
        )
    except Refusal as refusal:
        raise Refused(refusal.message) from refusal
    with _target(output) as out:
        lines = csv.writer(out, lineterminator="\n")
        lines.writerow(_COLUMNS)
        lines.writerows(_line(row) for row in found.lines)
    if output is not None:
        told = _("%(n)s lines written to %(path)s.")
        click.echo(told % {"n": len(found.lines), "path": output})


def _target(output: Path | None) -> AbstractContextManager[TextIO]:
    if output is None:
        return nullcontext(sys.stdout)
    return output.open("w", encoding="utf-8", newline="")


def _line(row: dict[str, Any]) -> list[str]:
    from kept.core.currencies import currency
    from kept.core.money import Money

    kind = currency(row["currency"])
    amounts = [Money(int(row[name]), kind).text for name in ("debit_minor", "credit_minor")]
    places = ("creditor", "product", "currency", "book", "component")
    return [row["effective_on"].isoformat(), *(row[name] for name in places), *amounts]


_ACCOUNT = click.option("--account", required=True, help="The account's number.")
_CREDITOR = click.option("--creditor", required=True, help="The creditor's code.")
_ON = click.option("--on", "on", type=_DAY, help="From which day. [default: today]")
_REASON = click.option("--reason", required=True, help="Why; it stays on record.")


@money.command("charge-off")
@_CREDITOR
@_ACCOUNT
@_ON
@_REASON
def charge_off(creditor: str, account: str, on: datetime | None, reason: str) -> None:
    """The creditor carries the account as a loss; the debtor owes what was owed."""
    _carry_out("do_charge_account_off", creditor, account, on, reason)


@money.command()
@_CREDITOR
@_ACCOUNT
@_ON
@_REASON
def sell(creditor: str, account: str, on: datetime | None, reason: str) -> None:
    """The account is sold: nothing is owed to this creditor any more."""
    _carry_out("do_sell_account", creditor, account, on, reason)


@money.command("buy-back")
@_CREDITOR
@_ACCOUNT
@_ON
@_REASON
def buy_back(creditor: str, account: str, on: datetime | None, reason: str) -> None:
    """A sold account is this creditor's again, under the due dates it had."""
    _carry_out("do_buy_account_back", creditor, account, on, reason)


def _carry_out(act: str, creditor: str, account: str, on: datetime | None, reason: str) -> None:
    shell = open_shell()
    from kept.store.models import Account
    from kept.work import charge_offs
    from kept.work.business_dates import business_date
    from kept.work.refusals import Refusal

    found = Account.objects.filter(creditor__code=creditor, external_id=account).first()
    if found is None:
        raise Refused(_("There is no account %(number)s.") % {"number": account})
    day: date = on.date() if on else business_date(found.creditor_id, shell.now)
    try:
        getattr(charge_offs, act)(
            actor=job("console"),
            account_id=found.pk,
            effective_on=day,
            reason=reason,
            now=shell.now,
        )
    except Refusal as refusal:
        told = " ".join(refusal.fields.values()) or refusal.message
        raise Refused(told) from refusal
    click.echo(_("%(account)s: done as of %(day)s.") % {"account": account, "day": day})
