"""`kept approval`: what waits for a second person, and their yes or no."""

from __future__ import annotations

from typing import Any

import click

from kept.cli.language import translate as _
from kept.cli.shell import Refused, actor_named, open_shell, refusals_told

__all__ = ["approval"]

_AS = click.option("--as", "username", required=True, help="Who decides.")


@click.group()
def approval() -> None:
    """What waits for a second person: list it, show it, say yes or no."""


@approval.command("list")
@click.option("--asked", is_flag=True, help="What this person asked for, instead.")
@_AS
def list_waiting(asked: bool, username: str) -> None:
    """Requests that this person may decide, the first to run out first."""
    shell = open_shell()
    from kept.work.approval_lists import Which, list_approvals

    which = Which.ASKED if asked else Which.TO_DECIDE
    actor = actor_named(username, shell.now)
    found = list_approvals(actor=actor, which=which, now=shell.now).approvals
    for each in found:
        click.echo(_line(each))
    if not found:
        click.echo(_("Nothing waits."))


def _line(view: Any) -> str:
    told = _("%(id)s  %(kind)s  %(subject)s  %(amount)s  asked by %(who)s: %(reason)s  (%(state)s)")
    values = {"id": view.approval_id, "kind": view.kind, "subject": view.subject}
    values |= {"who": view.requester, "reason": view.reason or "–", "state": view.state}
    return told % {**values, "amount": _amount(view)}


def _amount(view: Any) -> str:
    from kept.core.currencies import currency
    from kept.core.money import Money

    if view.amount_minor is None or not view.currency:
        return "–"
    return str(Money(view.amount_minor, currency(view.currency)))


@approval.command("show")
@click.argument("approval_id", type=int, metavar="REQUEST")
@_AS
def show(approval_id: int, username: str) -> None:
    """One request with its figures and what was said of it."""
    shell = open_shell()
    from kept.work.approval_lists import get_approval

    actor = actor_named(username, shell.now)
    found = get_approval(actor=actor, approval_id=approval_id, now=shell.now)
    if found is None:
        raise Refused(_("There is no such request, or it is not yours to see."))
    click.echo(_line(found))
    for name, value in found.details.items():
        click.echo(f"  {name}: {value}")
    for each in found.decisions:
        said = _("yes") if each.answer else _("no")
        click.echo(f"  {each.level + 1}. {each.by}: {said} {each.reason}".rstrip())


@approval.command("decide")
@click.argument("approval_id", type=int, metavar="REQUEST")
@click.option("--yes/--no", "answer", default=None, help="A no says why with --reason.")
@click.option("--reason", default="", help="Why.")
@_AS
def decide(approval_id: int, answer: bool | None, reason: str, username: str) -> None:
    """Say yes or no; the last yes carries it out."""
    if answer is None:
        raise Refused(_("Say --yes or --no."))
    shell = open_shell()
    from kept.work.approvals import do_decide_approval

    actor = actor_named(username, shell.now)
    with refusals_told():
        settled = do_decide_approval(
            actor=actor, approval_id=approval_id, answer=answer, reason=reason, now=shell.now
        )
    said = {
        "approved": _("Approved, and carried out."),
        "open": _("Your yes is recorded; the next level decides."),
    }
    click.echo(said.get(settled.state, _("Refused.")))
