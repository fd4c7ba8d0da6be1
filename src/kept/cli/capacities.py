"""`kept capacity`: what a creditor's nights may use of letters, visits, money and whatever else.

Minutes of seats are with `kept seat`.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import click

from kept.cli.language import translate as _
from kept.cli.shell import Refused, creditor_named, open_shell
from kept.core.actors import job

__all__ = ["capacity"]

_DAY = click.DateTime(["%Y-%m-%d"])
_NO_LIMIT = "none"


@click.group()
def capacity() -> None:
    """What a creditor's nights may use: list it, set it from a day on."""


@capacity.command("list")
@click.option("--on", "on", type=_DAY, help="As it holds on this day. [default: today]")
def list_all(on: datetime | None) -> None:
    """What holds today, and what is set from a later day."""
    shell = open_shell()
    from kept.work.capacities import list_capacities

    day = (on or shell.now).date()
    found = list_capacities(actor=job("console"), on=day)
    for each in found:
        amount = _("no limit") if each.amount is None else str(each.amount)
        told = _("%(creditor)s  %(resource)s  %(amount)s  from %(day)s")
        click.echo(
            told
            % {
                "creditor": each.creditor_code,
                "resource": each.resource,
                "amount": amount,
                "day": each.valid_from,
            }
        )
    if not found:
        click.echo(_("No capacity is set: only minutes of seats are limited."))


@capacity.command("set")
@click.option("--creditor", required=True, help="The creditor's code.")
@click.option(
    "--from", "since", type=_DAY, help="From this day on. [default: the creditor's today]"
)
@click.argument("resource")
@click.argument("amount")
def set_amount(creditor: str, since: datetime | None, resource: str, amount: str) -> None:
    """Set AMOUNT a night of RESOURCE: letters, visits, budget (minor units)…; `none`: no limit."""
    shell = open_shell()
    from kept.work.capacities import do_set_capacity
    from kept.work.refusals import Refusal

    found = creditor_named(creditor)
    try:
        do_set_capacity(
            actor=job("console"),
            creditor_id=found.pk,
            resource=resource,
            amount=_amount(amount),
            valid_from=since.date() if since else shell.now.astimezone(ZoneInfo(found.zone)).date(),
            now=shell.now,
        )
    except Refusal as refusal:
        raise Refused(refusal.message) from refusal
    click.echo(
        _("%(creditor)s: %(resource)s %(amount)s a night.")
        % {"creditor": creditor, "resource": resource, "amount": amount}
    )


def _amount(text: str) -> int | None:
    if text == _NO_LIMIT:
        return None
    if not (text.isascii() and text.isdigit()):
        raise Refused(_("AMOUNT is a whole number, 0 or more, or none."))
    return int(text)
