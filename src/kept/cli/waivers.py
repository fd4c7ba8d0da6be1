"""`kept waiver`: the matrix of a creditor, the budgets of a month, and what was asked for."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from kept.cli.language import translate as _
from kept.cli.shell import Refused, actor_named, creditor_named, open_shell
from kept.cli.waiver_requests import accept, ask, withdraw
from kept.core.actors import job

__all__ = ["waiver"]

_MONTH = click.DateTime(["%Y-%m"])


@click.group()
def waiver() -> None:
    """What may be waived: matrix, budgets; ask for it, list, accept, withdraw, judge."""


for _command in (ask, accept, withdraw):
    waiver.add_command(_command)


@waiver.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(file: Path) -> None:
    """Check a policy FILE; every fault is told with its line."""
    _told_policy(_text(file), file.name)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Refused(_("%(file)s is not UTF-8 text.") % {"file": file.name}) from error


def _told_policy(text: str, name: str) -> None:
    from kept.packs.waivers import WaiverFileError, parse_waiver_policy

    try:
        found = parse_waiver_policy(text, name)
    except WaiverFileError as error:
        raise Refused(str(error)) from error
    told = _("%(policy)s: %(rules)s rules, no fault.")
    click.echo(told % {"policy": found.label, "rules": len(found.rules)})


@waiver.command("policy")
@click.option("--creditor", help="The creditor's code.")
@click.option("--set", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "username", help="Who asks; a second person approves it.")
@click.option("--reason", default="", help="Why the policy changes.")
def policy(creditor: str | None, file: Path | None, username: str | None, reason: str) -> None:
    """Show the policies, or ask that one is set from its day on."""
    shell = open_shell()
    from kept.packs.waivers import default_text
    from kept.work.waiver_policies import list_waiver_policies

    if file is not None:
        _ask_policy(creditor or "", _text(file), username or "", reason, shell.now)
        return
    found = [
        each
        for each in list_waiver_policies(actor=job("console"))
        if creditor in (None, each.creditor_code)
    ]
    for each in found:
        told = _("%(creditor)s  from %(day)s  %(policy)s  set by %(who)s")
        values = {"creditor": each.creditor_code, "day": each.valid_from}
        click.echo(told % {**values, "policy": each.policy.code, "who": each.recorded_by})
    if not found:
        click.echo(_("No creditor has a policy of its own: the one as shipped holds."))
        click.echo(default_text())


def _ask_policy(code: str, text: str, username: str, reason: str, now: datetime) -> None:
    from kept.work.approvals import NeedsApproval, do_request_approval
    from kept.work.refusals import Refusal
    from kept.work.waiver_policies import do_set_waiver_policy

    actor = actor_named(username, now)
    creditor_id = creditor_named(code).pk
    try:
        try:
            do_set_waiver_policy(actor=actor, creditor_id=creditor_id, text=text, now=now)
        except NeedsApproval as needed:
            asked = do_request_approval(
                actor=actor, kind=needed.kind, command=needed.command, reason=reason, now=now
            )
            click.echo(_("Asked for, request %(id)s: a second person approves.") % {"id": asked.pk})
        else:
            click.echo(_("Set."))
    except Refusal as refusal:
        raise Refused(refusal.message) from refusal


@waiver.command("budget")
@click.option("--creditor", help="The creditor's code.")
@click.option("--product", help="The code of a portfolio with a budget of its own.")
@click.option("--month", type=_MONTH, help="The month, such as 2026-12. [default: this month]")
@click.option("--set", "amount", help="The budget in money, such as 50000.00.")
def budget(
    creditor: str | None, product: str | None, month: datetime | None, amount: str | None
) -> None:
    """Show the budgets with what is reserved, used and left, or set one."""
    shell = open_shell()
    from kept.work.waiver_budgets import list_waiver_budgets

    if amount is not None:
        _set_budget(creditor or "", product, (month or shell.now), amount, shell.now)
    day = None if month is None else month.date()
    found = list_waiver_budgets(actor=job("console"), month=day)
    for each in found:
        if creditor in (None, each.creditor_code):
            click.echo(_budget_line(each))
    if not found:
        click.echo(_("No waiver budget is set: the matrix alone limits waivers."))


def _budget_line(each: Any) -> str:
    from kept.core.currencies import currency
    from kept.core.money import Money

    kind = currency(each.currency)
    told = _(
        "%(month)s  %(creditor)s %(product)s  %(amount)s, reserved %(reserved)s, used %(used)s,"
        " left %(left)s"
    )
    return told % {
        "month": each.month.strftime("%Y-%m"),
        "creditor": each.creditor_code,
        "product": each.product_code or "–",
        "amount": Money(each.amount_minor, kind),
        "reserved": Money(each.reserved_minor, kind).text,
        "used": Money(each.used_minor, kind).text,
        "left": Money(each.left_minor, kind).text,
    }


def _set_budget(
    code: str, product: str | None, month: datetime, amount: str, now: datetime
) -> None:
    from kept.core.money import MoneyError, parse_money
    from kept.store.models import Product
    from kept.work.refusals import Refusal
    from kept.work.waiver_budgets import do_set_waiver_budget

    creditor = creditor_named(code)
    row = Product.objects.filter(creditor=creditor, code=product).first() if product else None
    if product and row is None:
        raise Refused(_("There is no portfolio %(code)s.") % {"code": product})
    kind = creditor.currency if row is None else row.currency
    try:
        do_set_waiver_budget(
            actor=job("console"),
            creditor_id=creditor.pk,
            month=month.date(),
            amount_minor=parse_money(amount, kind).amount_minor,
            product_id=None if row is None else row.pk,
            now=now,
        )
    except MoneyError as error:
        raise Refused(str(error)) from error
    except Refusal as refusal:
        raise Refused(refusal.message) from refusal


@waiver.command("list")
@click.option("--case", "case_id", type=int, help="Of one case.")
@click.option("--state", default="", help="In one state, such as offered.")
def list_all(case_id: int | None, state: str) -> None:
    """What was asked for, the newest first."""
    open_shell()
    from kept.core.currencies import currency
    from kept.core.money import Money
    from kept.work.waiver_lists import list_waivers

    found = list_waivers(actor=job("console"), case_id=case_id, state=state)
    told = _("%(id)s  case %(case)s  %(kind)s  %(amount)s  %(state)s  rule %(rule)s")
    for each in found:
        amount = Money(each.waived_minor, currency(each.currency))
        values = {"id": each.waiver_id, "case": each.case_id, "kind": each.kind}
        click.echo(told % {**values, "amount": amount, "state": each.state, "rule": each.rule})
    if not found:
        click.echo(_("No waiver was asked for."))


@waiver.command("judge")
def judge() -> None:
    """Judge open waivers by the ledger now, as the worker does every round."""
    shell = open_shell()
    from kept.work.waiver_ends import do_judge_waivers

    count = do_judge_waivers(actor=job("console"), now=shell.now)
    click.echo(_("%(count)s waivers judged.") % {"count": count})
