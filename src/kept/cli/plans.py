"""`kept plan`: offers around what a household can carry, plans of a case, and judging them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from kept.cli.language import translate as _
from kept.cli.shell import Refused, Shell, actor_named, creditor_named, open_shell, refusals_told
from kept.core.actors import Actor, job

if TYPE_CHECKING:
    from kept.core.agreements.plan_policy import PlanPolicy

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
    with refusals_told():
        return call()


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
    shell = open_shell()
    from kept.work.plans import do_accept_plan

    _change(
        shell, username, lambda actor, now: do_accept_plan(actor=actor, plan_id=plan_id, now=now)
    )


@plan.command("end")
@click.argument("plan_id", type=int)
@click.option("--reason", type=click.Choice(["cancelled", "settled", "withdrawn"]), required=True)
@_AS
def end(plan_id: int, reason: str, username: str) -> None:
    """End a plan, or withdraw an offer."""
    shell = open_shell()
    from kept.work.plans import do_end_plan

    _change(
        shell,
        username,
        lambda actor, now: do_end_plan(actor=actor, plan_id=plan_id, reason=reason, now=now),
    )


@plan.command("re-age")
@click.argument("plan_id", type=int)
@_AS
def re_age(plan_id: int, username: str) -> None:
    """Move what is overdue behind the last instalment."""
    shell = open_shell()
    from kept.work.plans import do_re_age_plan

    _change(
        shell, username, lambda actor, now: do_re_age_plan(actor=actor, plan_id=plan_id, now=now)
    )


@plan.command("holiday")
@click.argument("plan_id", type=int)
@click.option("--from", "first", type=_DAY, required=True, help="From this day on.")
@click.option("--months", type=int, required=True, help="So many months.")
@_AS
def holiday(plan_id: int, first: datetime, months: int, username: str) -> None:
    """Let instalments come some months later."""
    shell = open_shell()
    from kept.work.plans import do_give_holiday

    _change(
        shell,
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
    shell = open_shell()
    from kept.work.plans import do_restructure_plan

    _change(
        shell,
        username,
        lambda actor, now: do_restructure_plan(
            actor=actor, plan_id=plan_id, number=number, first_on=first.date(), now=now
        ),
    )


@plan.command("payoff")
@click.argument("plan_id", type=int)
@click.option("--on", type=_DAY, help="On this day. [default: today]")
def payoff(plan_id: int, on: datetime | None) -> None:
    """What pays a running plan off on a day, and the interest that is saved by it."""
    shell = open_shell()
    from kept.work.plan_lists import get_plan_agreement
    from kept.work.plans import get_settlement_figure

    actor, day = job("console"), None if on is None else on.date()
    found = _refusing(
        lambda: get_settlement_figure(actor=actor, plan_id=plan_id, on=day, now=shell.now)
    )
    code = get_plan_agreement(actor=actor, plan_id=plan_id).currency
    told = _(
        "%(amount)s on %(day)s: principal %(principal)s, interest %(interest)s;"
        " %(saved)s of interest is saved."
    )
    values = {"amount": _money(found.amount_minor, code), "day": found.on}
    values |= {"principal": _money(found.principal_minor, code)}
    values |= {"interest": _money(found.interest_minor, code)}
    click.echo(told % {**values, "saved": _money(found.saved_minor, code)})


@plan.group("policy")
def policy() -> None:
    """By which policy plans are offered and judged."""


@policy.command("show")
@click.option("--creditor", required=True, help="The creditor's code.")
@click.option("--on", type=_DAY, help="As it holds on this day. [default: today]")
def show_policy(creditor: str, on: datetime | None) -> None:
    """The policy of a creditor on a day."""
    shell = open_shell()
    from kept.core.agreements.plan_policy import plan_policy_values
    from kept.work.plan_policies import policy_on

    found = policy_on(creditor_named(creditor).pk, (on or shell.now).date())
    for name, value in plan_policy_values(found).items():
        click.echo(f"{name:20} {json.dumps(value)}")


@policy.command("set")
@click.option("--creditor", required=True, help="The creditor's code.")
@click.option("--from", "since", type=_DAY, help="From this day on. [default: today]")
@click.option("--reason", required=True, help="Why; for the person who decides.")
@click.argument("values", nargs=-1, required=True, metavar="NAME=VALUE…")
@_AS
def set_policy(
    creditor: str, since: datetime | None, reason: str, values: tuple[str, ...], username: str
) -> None:
    """What changes in the policy, such as months_most=36; a second person decides."""
    shell = open_shell()
    from kept.work.approvals import NeedsApproval, do_request_approval
    from kept.work.plan_policies import do_set_plan_policy, policy_on

    actor, creditor_id = actor_named(username, shell.now), creditor_named(creditor).pk
    day = (since or shell.now).date()
    policy = _changed(policy_on(creditor_id, day), values)

    def ask() -> str:
        try:
            do_set_plan_policy(
                actor=actor, creditor_id=creditor_id, policy=policy, valid_from=day, now=shell.now
            )
        except NeedsApproval as needed:
            asked = do_request_approval(
                actor=actor, kind=needed.kind, command=needed.command, reason=reason, now=shell.now
            )
            return _("Asked for, request %(id)s: a second person approves.") % {"id": asked.pk}
        return _("Set.")

    click.echo(_refusing(ask))


def _changed(policy: PlanPolicy, values: tuple[str, ...]) -> PlanPolicy:
    """The policy with NAME=VALUE instead; a name or kind of value that it lacks is refused."""
    known = {each.name: each.type for each in fields(policy)}
    given: dict[str, Any] = {}
    for text in values:
        name, equals, value = text.partition("=")
        is_whole = value.isascii() and value.isdigit() and len(value) < 16
        if not equals or name not in known or not (is_whole or known[name] == "str"):
            told = _("%(text)s: write NAME=VALUE with one of: %(names)s.")
            raise Refused(told % {"text": text, "names": ", ".join(known)})
        given[name] = int(value) if known[name] != "str" else value
    return replace(policy, **given)


def _change(shell: Shell, username: str, act: Callable[[Actor, datetime], Any]) -> None:
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
        values: dict[str, Any] = {
            "id": each.plan_id,
            "case": each.case_id,
            "number": len(each.instalments),
        }
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
