"""`kept waiver ask | accept | withdraw`: a waiver from the question to the debtor's answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

from kept.cli.language import translate as _
from kept.cli.shell import Refused, Shell, actor_named, minor_of, open_shell, refusals_told

if TYPE_CHECKING:
    from kept.core.actors import Actor

__all__ = ["accept", "ask", "withdraw"]

_AS = click.option("--as", "username", required=True, help="Who does it.")
_KINDS = ("plain", "conditional", "settlement")


@click.command("ask")
@click.argument("case_id", type=int, metavar="CASE")
@click.option("--kind", type=click.Choice(_KINDS), required=True, help="At once, or what for.")
@click.option("--reason", required=True, help="hardship, goodwill, service_fault, closes_debt…")
@click.option("--waive", multiple=True, metavar="COMPONENT=AMOUNT", help="What; may be repeated.")
@click.option("--pays", multiple=True, metavar="DAY=AMOUNT", help="What for; may be repeated.")
@click.option("--counters", type=int, help="Number of the open offer in whose place it comes.")
@_AS
def ask(
    case_id: int,
    kind: str,
    reason: str,
    waive: tuple[str, ...],
    pays: tuple[str, ...],
    counters: int | None,
    username: str,
) -> None:
    """Ask for a waiver on CASE; beyond the matrix or the budget it is refused with the figures."""
    shell = open_shell()
    from kept.core.agreements.waiver_policy import WaiverKind
    from kept.work.waivers import WaiverAsked, do_request_waiver

    code = _currency_of(case_id)
    amounts = {name: minor_of(amount, code) for name, amount in _pairs(waive, "fee=20.00")}
    parts = [(_day(day), minor_of(amount, code)) for day, amount in _pairs(pays, _PART)]
    asked = WaiverAsked(
        kind=WaiverKind(kind),
        reason=reason,
        amounts=None if kind == WaiverKind.SETTLEMENT else amounts,
        parts=parts,
    )
    actor = actor_named(username, shell.now)
    row = _refusing(
        lambda: do_request_waiver(
            actor=actor, case_id=case_id, asked=asked, counters=counters, now=shell.now
        )
    )
    _tell(row)


_PART = "2026-12-20=800.00"


def _pairs(given: Sequence[str], example: str) -> list[tuple[str, str]]:
    found = [tuple(each.split("=", 1)) for each in given]
    for each in found:
        if len(each) != 2 or not all(each):
            told = _("%(text)s: write it as %(example)s.")
            raise Refused(told % {"text": "=".join(each), "example": example})
    return [(name.strip(), value.strip()) for name, value in found]


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 — a day has no zone
    except ValueError as error:
        told = _("%(text)s: write it as %(example)s.")
        raise Refused(told % {"text": text, "example": _PART}) from error


def _currency_of(case_id: int) -> str:
    """Of the accounts in the case; amounts of several currencies are waived account by account."""
    from kept.store.models import Account

    rows = Account.objects.filter(case_accounts__case_id=case_id, case_accounts__left_on=None)
    codes = sorted(set(rows.values_list("currency", flat=True)))
    if not codes:
        raise Refused(_("There is no such case, or no account is in it."))
    return str(codes[0])


@click.command("accept")
@click.argument("waiver_id", type=int, metavar="WAIVER")
@_AS
def accept(waiver_id: int, username: str) -> None:
    """The debtor takes the offer: from today on the payments are counted."""
    shell = open_shell()
    from kept.work.waivers import do_accept_waiver

    _change(shell, username, waiver_id, do_accept_waiver)


@click.command("withdraw")
@click.argument("waiver_id", type=int, metavar="WAIVER")
@_AS
def withdraw(waiver_id: int, username: str) -> None:
    """Take back what is asked for or offered, before the debtor has accepted it."""
    shell = open_shell()
    from kept.work.waivers import do_withdraw_waiver

    _change(shell, username, waiver_id, do_withdraw_waiver)


def _change(shell: Shell, username: str, waiver_id: int, work: Callable[..., Any]) -> None:
    from kept.store.models import Waiver

    actor: Actor = actor_named(username, shell.now)
    _refusing(lambda: work(actor=actor, waiver_id=waiver_id, now=shell.now))
    _tell(Waiver.objects.get(pk=waiver_id))


def _tell(row: Any) -> None:
    told = _("Waiver %(id)s of %(amount)s: %(state)s.")
    values = {"id": row.pk, "state": row.get_state_display(), "amount": _amount(row)}
    click.echo(told % values)
    if row.state == "requested":
        click.echo(
            _("Request %(id)s waits for somebody else's yes: `kept approval decide %(id)s --yes`.")
            % {"id": row.approval_id}
        )


def _amount(row: Any) -> str:
    from kept.core.currencies import currency
    from kept.core.money import Money

    return str(Money(row.waived_minor, currency(row.currency)))


def _refusing(call: Callable[[], Any]) -> Any:
    with refusals_told():
        return call()
