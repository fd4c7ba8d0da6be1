"""`kept account`: what accrued on an account as of a day, line by line; judgments over it."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING

import click

from kept.cli.language import translate as _
from kept.cli.shell import Refused, Shell, actor_named, open_shell
from kept.core.actors import job

if TYPE_CHECKING:
    from kept.core.currencies import Currency
    from kept.core.lending.accrual import Accrual, Segment
    from kept.store.models import Account

__all__ = ["account"]

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def account() -> None:
    """What accrued on an account as of a day; judgments over it."""


def _find(creditor: str, number: str) -> Account:
    from kept.store.models import Account

    found = Account.objects.filter(creditor__code=creditor, external_id=number).first()
    if found is None:
        raise Refused(
            _("%(creditor)s has no account %(number)s.") % {"creditor": creditor, "number": number}
        )
    return found


def _business_day(shell: Shell, row: Account, on: datetime | None) -> date:
    from zoneinfo import ZoneInfo

    return on.date() if on else shell.now.astimezone(ZoneInfo(row.creditor.zone)).date()


@account.command()
@click.option("--creditor", required=True, help="The creditor's code.")
@click.option("--on", "on", type=_DAY, help="As of this day. [default: today]")
@click.argument("number")
def accrued(creditor: str, on: datetime | None, number: str) -> None:
    """Interest, penalty and fees of account NUMBER: each stretch of days, so it can be checked."""
    shell = open_shell()
    from kept.core.currencies import currency
    from kept.work.accruals import get_accrual

    row = _find(creditor, number)
    day = _business_day(shell, row, on)
    found = get_accrual(actor=job("console"), account_id=row.pk, as_of=day)
    if found is None:
        click.echo(
            _("kept accrues nothing for this product: the creditor's file rules its figures.")
        )
        return
    kind = currency(row.currency)
    for each in found.trace:
        click.echo(_segment(each, kind))
    for cut in found.cuts:
        told = _("%(component)s is bounded by %(name)s: %(before)s becomes %(after)s")
        values = {"component": _word(cut.component.value), "name": cut.name}
        before, after = (_amount(minor, kind) for minor in (cut.before_minor, cut.after_minor))
        click.echo(told % {**values, "before": before, "after": after})
    _show_sums(found, kind)


def _word(name: str) -> str:
    words = {
        "interest": _("interest"),
        "penalty": _("penalty"),
        "fee": _("fees"),
        "contract": _("by contract"),
        "promotional": _("promotional rate"),
        "overdue": _("overdue"),
        "judgment": _("by judgment"),
        "late_fee": _("late fee"),
        "stopped": _("stopped"),
    }
    return words[name]


def _segment(each: Segment, kind: Currency) -> str:
    share = "" if each.rate is None else f"x {each.rate.text} x {each.days}/{each.of}"
    words = (
        f"{each.first} … {each.end}",
        _word(each.component.value),
        _word(each.reason.value),
        _exact(each.base, kind),
        share,
        f"= {_exact(each.amount, kind)}",
        each.cap,
    )
    return "  ".join(word for word in words if word)


def _show_sums(found: Accrual, kind: Currency) -> None:
    told = _("%(component)s: %(total)s in all, %(charged)s charged, %(accrued)s accrued")
    for component, accrued_minor in found.accrued.items():
        values = {
            "total": _amount(found.totals[component], kind),
            "charged": _amount(found.charged[component], kind),
            "accrued": _amount(accrued_minor, kind),
        }
        click.echo(told % {"component": _word(component.value), **values})


def _amount(minor: int, kind: Currency) -> str:
    from kept.core.money import Money

    return Money(minor, kind).text


def _exact(minor: Fraction, kind: Currency) -> str:
    """With four decimals beyond the currency's where it has a rest."""
    if minor.denominator == 1:
        return _amount(minor.numerator, kind)
    whole, rest = divmod(round(minor * 10_000), 10_000)
    return f"{_amount(int(whole), kind)}{rest:04}"


@account.command()
@click.option("--creditor", required=True, help="The creditor's code.")
@click.option("--on", "on", type=_DAY, required=True, help="The day of the judgment.")
@click.option("--reference", required=True, help="Its number.")
@click.option("--as", "username", required=True, help="Who records it.")
@click.argument("number")
def judge(creditor: str, on: datetime, reference: str, username: str, number: str) -> None:
    """Record a judgment: from its day on, interest follows the product's judgment terms."""
    shell = open_shell()
    from kept.work.accruals import do_record_judgment
    from kept.work.refusals import Refusal

    row = _find(creditor, number)
    try:
        made = do_record_judgment(
            actor=actor_named(username, shell.now),
            account_id=row.pk,
            judged_on=on.date(),
            reference=reference,
            now=shell.now,
        )
    except Refusal as refusal:
        raise Refused(refusal.message) from refusal
    click.echo(_("Judgment %(id)s is recorded.") % {"id": made})


@account.command()
@click.option("--as", "username", required=True, help="Who withdraws it.")
@click.argument("judgment_id", type=int)
def unjudge(username: str, judgment_id: int) -> None:
    """Withdraw a judgment that was recorded in error or set aside."""
    shell = open_shell()
    from kept.work.accruals import do_withdraw_judgment
    from kept.work.refusals import Refusal

    try:
        do_withdraw_judgment(
            actor=actor_named(username, shell.now), judgment_id=judgment_id, now=shell.now
        )
    except Refusal as refusal:
        raise Refused(refusal.message) from refusal
    click.echo(_("Judgment %(id)s is withdrawn.") % {"id": judgment_id})
