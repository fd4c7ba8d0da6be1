"""`kept night-group`: creditors with one closing time, whose nights run together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from kept.cli.language import translate as _
from kept.cli.shell import Refused, open_shell
from kept.core.actors import job

if TYPE_CHECKING:
    from kept.store.models import NightGroup

__all__ = ["night_group"]

_DAY = click.DateTime(["%Y-%m-%d"])
_TIME = click.DateTime(["%H:%M"])
_NO_LIMIT = "none"


@click.group("night-group")
def night_group() -> None:
    """Night groups: list them, set one with its creditors and capacities, end one."""


@night_group.command("list")
def list_all() -> None:
    """Every group with its closing time, creditors and capacities."""
    shell = open_shell()
    from kept.work.night_group_lists import list_night_groups

    found = list_night_groups(actor=job("console"), on=shell.now.date())
    for each in found:
        told = _("%(code)s  %(name)s  closes at %(at)s %(zone)s: %(creditors)s")
        creditors = ", ".join(code for _id, code, _name in each.creditors) or "–"
        parts = {"code": each.code, "name": each.name, "zone": each.zone}
        click.echo(told % {**parts, "at": each.closes_at.strftime("%H:%M"), "creditors": creditors})
        for resource, amount, since in each.capacities:
            shown = _("no limit") if amount is None else str(amount)
            line = _("  %(resource)s %(amount)s a night from %(day)s")
            click.echo(line % {"resource": resource, "amount": shown, "day": since})
    if not found:
        click.echo(_("There is no night group: every creditor has its night by itself."))


@night_group.command("set")
@click.argument("code")
@click.option("--name", help="[default: the code]")
@click.option("--zone", required=True, help="For example Asia/Shanghai.")
@click.option("--closes-at", "closes_at", type=_TIME, required=True, help="As 22:30.")
@click.option("--creditor", "creditors", multiple=True, help="A creditor's code; may be repeated.")
def set_group(
    code: str, name: str | None, zone: str, closes_at: datetime, creditors: tuple[str, ...]
) -> None:
    """Add the group CODE or change it: the creditors named are all that it has."""
    shell = open_shell()
    from kept.store.models import Creditor, NightGroup
    from kept.work.night_groups import do_save_night_group

    ids = dict(Creditor.objects.filter(code__in=creditors).values_list("code", "pk"))
    for each in creditors:
        if each not in ids:
            raise Refused(_("There is no creditor %(code)s.") % {"code": each})
    there = NightGroup.objects.filter(code=code).first()
    _tried(
        lambda: do_save_night_group(
            actor=job("console"),
            code=code,
            name=name or (there.name if there else code),
            zone=zone,
            closes_at=closes_at.time(),
            creditor_ids=list(ids.values()),
            group_id=there.pk if there else None,
            now=shell.now,
        )
    )
    click.echo(_("%(code)s: %(n)s creditors.") % {"code": code, "n": len(ids)})


@night_group.command("capacity")
@click.argument("code")
@click.argument("resource")
@click.argument("amount")
@click.option("--from", "since", type=_DAY, help="From this day on. [default: the group's today]")
def set_capacity(code: str, resource: str, amount: str, since: datetime | None) -> None:
    """Set AMOUNT a night of RESOURCE for the whole group CODE; `none`: no limit."""
    shell = open_shell()
    from kept.work.night_groups import do_set_group_capacity

    group = _group(code)
    if amount != _NO_LIMIT and not (amount.isascii() and amount.isdigit()):
        raise Refused(_("AMOUNT is a whole number, 0 or more, or none."))
    _tried(
        lambda: do_set_group_capacity(
            actor=job("console"),
            group_id=group.pk,
            resource=resource,
            amount=None if amount == _NO_LIMIT else int(amount),
            valid_from=since.date() if since else shell.now.astimezone(ZoneInfo(group.zone)).date(),
            now=shell.now,
        )
    )
    told = _("%(group)s: %(resource)s %(amount)s a night.")
    click.echo(told % {"group": code, "resource": resource, "amount": amount})


@night_group.command("end")
@click.argument("code")
def end(code: str) -> None:
    """End the group CODE: its creditors have their nights by themselves again."""
    shell = open_shell()
    from kept.work.night_groups import do_end_night_group

    group = _group(code)
    _tried(lambda: do_end_night_group(actor=job("console"), group_id=group.pk, now=shell.now))
    click.echo(_("%(code)s has ended.") % {"code": code})


def _group(code: str) -> NightGroup:
    from kept.store.models import NightGroup

    found = NightGroup.objects.filter(code=code).first()
    if found is None:
        raise Refused(_("There is no night group %(code)s.") % {"code": code})
    return found


def _tried(change: Callable[[], object]) -> None:
    from kept.work.refusals import Refusal

    try:
        change()
    except Refusal as refusal:
        raise Refused(refusal.message) from refusal
