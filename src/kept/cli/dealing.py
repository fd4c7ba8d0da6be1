"""`kept deal`: deal what lies open again, outside the night; try it first, undo it as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import click

from kept.cli.language import translate as _
from kept.cli.shell import Refused, open_shell
from kept.core.actors import job

__all__ = ["deal"]


@click.command()
@click.option("--creditor", help="The creditor's code.")
@click.option("--dry-run", is_flag=True, help="Say what dealing would come to; change nothing.")
@click.option("--key", default="", help="The same key again changes nothing.")
@click.option("--undo", type=int, metavar="RUN", help="Take this dealing back as a whole.")
def deal(creditor: str | None, dry_run: bool, key: str, undo: int | None) -> None:
    """Deal the open tasks of a creditor again to the seats of today, or undo a dealing."""
    shell = open_shell()
    from kept.work.refusals import Refusal

    try:
        if undo is not None:
            _undo(undo, shell.now)
        elif creditor:
            _deal(creditor, dry_run, key, shell.now)
        else:
            raise Refused(_("Name a creditor with --creditor, or a dealing with --undo."))
    except Refusal as refusal:
        raise Refused(refusal.message) from refusal


def _deal(code: str, dry_run: bool, key: str, now: datetime) -> None:
    from kept.batch.dealing import run_dealing
    from kept.store.models import Creditor

    creditor = Creditor.objects.filter(code=code).first()
    if creditor is None:
        raise Refused(_("There is no creditor %(code)s.") % {"code": code})
    found = run_dealing(actor=job("console"), creditor=creditor, now=now, dry_run=dry_run, key=key)
    if dry_run:
        click.echo(_("Tried only: nothing was written."))
    elif found["done_before"]:
        click.echo(_("This was dealt before; nothing was changed."))
    _print(found)
    if found["run_id"] is not None:
        click.echo(_("To take it back: kept deal --undo %(run)s") % {"run": found["run_id"]})


def _undo(run_id: int, now: datetime) -> None:
    from kept.batch.dealing import do_undo_dealing

    found = do_undo_dealing(actor=job("console"), run_id=run_id, now=now)
    click.echo(_("Undone: %(moves)s cases are back.") % {"moves": found["moves"]})
    for why, count in found["left"].items():
        click.echo(_("%(count)s stay: %(why)s") % {"count": count, "why": why})


def _print(found: Mapping[str, Any]) -> None:
    told = _("%(tasks)s open tasks, %(moves)s moves, %(pile)s back to the pile.")
    click.echo(told % {"tasks": found["tasks"], "moves": found["moves"], "pile": found["to_pile"]})
    for why, count in found["by_reason"].items():
        click.echo(f"  {count}  {why}")
    line = _("%(code)s  tasks %(t0)s → %(t1)s  minutes %(m0)s → %(m1)s of %(room)s")
    for row in found["seats"]:
        parts = {"code": row["code"] or _("the pile"), "room": row["room"]}
        parts |= {"t0": row["tasks_before"], "t1": row["tasks_after"]}
        click.echo(line % {**parts, "m0": row["minutes_before"], "m1": row["minutes_after"]})
    _print_fairness(_("Fairness before"), found["fairness_before"])
    _print_fairness(_("Fairness after"), found["fairness"])


def _print_fairness(heading: str, rows: list[Mapping[str, Any]]) -> None:
    line = _(
        "%(seats)s like seats: spread of tasks %(tasks)s‰, of amounts %(amount)s‰, Gini %(gini)s‰"
    )
    for row in rows:
        parts = {"seats": len(row["seat_ids"]), "tasks": row["tasks"]["spread"]}
        parts |= {"amount": row["amount"]["spread"], "gini": row["amount"]["gini"]}
        click.echo(f"{heading}: {line % parts}")
