"""`kept plan`: offers around what a household can carry, plans of a case, and judging them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import click

from kept.cli.language import translate as _
from kept.cli.shell import Refused, actor_named, open_shell
from kept.core.actors import Actor, job

__all__ = ["plan"]

_DAY = click.DateTime(["%Y-%m-%d"])
_AS = click.option("--as", "username", required=True, help="The user who does it.")


@click.group()
def plan() -> None:
    """Instalment plans: offers, acceptance, changes, judging."""


@plan.command("offers")
@click.option("--case", "case_id", type=int, required=True, help="The case.")
@click.option("--pay-day", type=click.IntRange(1, 31), default=1, help="Day of the month of pay.")
def list_offers(case_id: int, pay_day: int) -> None:
    """Show two or three schedules that the household can carry."""
    shell = open_shell()
    from kept.work.plan_terms import get_plan_terms

    def read() -> Any:
        return get_plan_terms(actor=job("console"), case_id=case_id, pay_day=pay_day, now=shell.now)

    ground, found = _refusing(read)
    if found is None:
        raise Refused(_("Record income, living costs and dependants first."))
    if found.reason is not None:
        raise Refused(found.reason.told(_))
    told = _("%(number)s instalments of %(amount)s, from %(first)s to %(last)s")
    for rows in found.plans:
        values = {"number": len(rows), "amount": _money(rows[0].amount_minor, ground.currency)}
        click.echo(told % {**values, "first": rows[0].due_on, "last": rows[-1].due_on})


def _money(minor: int, code: str) -> str:
    from kept.core.currencies import currency
    from kept.core.money import Money

    return str(Money(minor, currency(code)))


def _refusing(call: Callable[[], Any]) -> Any:
    from kept.work.refusals import Refusal

    try:
        return call()
    except Refusal as refusal:
        raise Refused(refusal.message) from refusal


@plan.command("offer")
@click.option("--case", "case_id", type=int, required=True, help="The case.")
@click.option("--number", type=int, required=True, help="How many instalments.")
@click.option("--first", type=_DAY, required=True, help="When the first one is due.")
@click.option("--shape", type=click.Choice(["annuity", "equal_principal"]), default="annuity")
@_AS
def offer(case_id: int, number: int, first: datetime, shape: str, username: str) -> None:
    """Offer a plan; refused where the household cannot carry it."""
    shell = open_shell()
    from kept.work.plan_terms import PlanAsked
    from kept.work.plans import do_offer_plan

    asked = PlanAsked(shape=shape, number=number, first_on=first.date())
    actor = actor_named(username, shell.now)
    found = _refusing(
        lambda: do_offer_plan(actor=actor, case_id=case_id, asked=asked, now=shell.now)
    )
    told = _("Plan %(id)s is offered until %(day)s.")
    click.echo(told % {"id": found.pk, "day": found.offer_until})


@plan.command("accept")
@click.argument("plan_id", type=int)
@_AS
def accept(plan_id: int, username: str) -> None:
    """The debtor takes the offer."""
    from kept.work.plans import do_accept_plan

    _change(username, lambda actor, now: do_accept_plan(actor=actor, plan_id=plan_id, now=now))


@plan.command("end")
@click.argument("plan_id", type=int)
@click.option("--reason", type=click.Choice(["cancelled", "settled", "withdrawn"]), required=True)
@_AS
def end(plan_id: int, reason: str, username: str) -> None:
    """End a plan, or withdraw an offer."""
    from kept.work.plans import do_end_plan

    _change(
        username,
        lambda actor, now: do_end_plan(actor=actor, plan_id=plan_id, reason=reason, now=now),
    )


@plan.command("re-age")
@click.argument("plan_id", type=int)
@_AS
def re_age(plan_id: int, username: str) -> None:
    """Move what is overdue behind the last instalment."""
    from kept.work.plans import do_re_age_plan

    _change(username, lambda actor, now: do_re_age_plan(actor=actor, plan_id=plan_id, now=now))


@plan.command("holiday")
@click.argument("plan_id", type=int)
@click.option("--from", "first", type=_DAY, required=True, help="From this day on.")
@click.option("--months", type=int, required=True, help="So many months.")
@_AS
def holiday(plan_id: int, first: datetime, months: int, username: str) -> None:
    """Let instalments come some months later."""
    from kept.work.plans import do_give_holiday

    _change(
        username,
        lambda actor, now: do_give_holiday(
            actor=actor, plan_id=plan_id, first_on=first.date(), months=months, now=now
        ),
    )


@plan.command("restructure")
@click.argument("plan_id", type=int)
@click.option("--number", type=int, required=True, help="How many instalments.")
@click.option("--first", type=_DAY, required=True, help="When the first one is due.")
@_AS
def restructure(plan_id: int, number: int, first: datetime, username: str) -> None:
    """A new schedule over what is left."""
    from kept.work.plans import do_restructure_plan

    _change(
        username,
        lambda actor, now: do_restructure_plan(
            actor=actor, plan_id=plan_id, number=number, first_on=first.date(), now=now
        ),
    )


def _change(username: str, act: Callable[[Actor, datetime], Any]) -> None:
    shell = open_shell()
    actor = actor_named(username, shell.now)
    _refusing(lambda: act(actor, shell.now))
    click.echo(_("Done."))


@plan.command("list")
@click.option("--case", "case_id", type=int, help="Of one case.")
@click.option("--state", default="", help="In one state, such as active.")
def list_all(case_id: int | None, state: str) -> None:
    """Plans, the newest first."""
    open_shell()
    from kept.work.plan_lists import list_plans

    found = list_plans(actor=job("console"), case_id=case_id, state=state)
    told = _("%(id)s  case %(case)s  %(number)s instalments, %(total)s, paid %(paid)s  %(state)s")
    for each in found:
        values = {"id": each.plan_id, "case": each.case_id, "number": len(each.instalments)}
        values |= {"total": _money(each.total_minor, each.currency), "state": each.state}
        click.echo(told % {**values, "paid": _money(each.paid_minor, each.currency)})
    if not found:
        click.echo(_("There is no plan."))


@plan.command("judge")
def judge() -> None:
    """Judge running plans by the ledger now, as the worker does every round."""
    shell = open_shell()
    from kept.work.plan_ends import do_judge_plans

    count = do_judge_plans(actor=job("console"), now=shell.now)
    click.echo(_("%(count)s plans judged.") % {"count": count})
