"""`kept promise`: take, list, confirm, cancel and judge promises; kept rates; the policy."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from fractions import Fraction

import click

from kept.cli.language import translate as _
from kept.cli.shell import Refused, creditor_named, minor_of, open_shell, refusals_told
from kept.core.actors import job
from kept.core.currencies import currency
from kept.core.money import Money

__all__ = ["promise"]

_DAY = click.DateTime(["%Y-%m-%d"])
_BY = ("creditor", "team", "collector")
_RATES = (
    "kept_rate",
    "partial_kept_rate",
    "broken_rate",
    "kept_amount_rate",
    "promise_cash_rate",
)


@click.group()
def promise() -> None:
    """Promises to pay: take, list, confirm, cancel, judge; kept rates; the policy."""


@promise.command("take")
@click.argument("case_id", type=int, metavar="CASE")
@click.argument("amount")
@click.argument("currency_code", metavar="CURRENCY")
@click.argument("due", type=_DAY, metavar="DAY")
@click.option("--way", default="bank_transfer", help="bank_transfer, card, cash…")
@click.option("--said-by", type=int, metavar="PERSON", help="Number of a related person who owes.")
@click.option("--contact", type=int, help="Number of the attempt in which it was said.")
@click.option("--beside", is_flag=True, help="Leave open promises over the same accounts open.")
@click.option("--beyond", default="", help="Why it is taken although the policy does not take it.")
@click.option("--key", default="", help="The same key again changes nothing.")
def take(
    case_id: int,
    amount: str,
    currency_code: str,
    due: datetime,
    way: str,
    said_by: int | None,
    contact: int | None,
    beside: bool,
    beyond: str,
    key: str,
) -> None:
    """Record that AMOUNT will be paid by DAY on the accounts of CASE."""
    shell = open_shell()
    from kept.work.once import once
    from kept.work.promises import Asked, do_take_promise

    asked = Asked(
        minor_of(amount, currency_code),
        currency_code,
        due.date(),
        way=way,
        related_person_id=said_by,
        attempt_id=contact,
        beside=beside,
        exceed_reason=beyond,
    )

    def make() -> dict[str, object]:
        made = do_take_promise(actor=job("console"), case_id=case_id, asked=asked, now=shell.now)
        return {"promise_id": made.pk}

    with refusals_told():
        if key:
            given = {"case": case_id, "asked": repr(asked)}
            done = once(
                scope="job:console",
                key=key,
                use_case="do_take_promise",
                given=given,
                now=shell.now,
                change=make,
            )
            answer = dict(done.answer)
        else:
            answer = make()
    click.echo(_("Promise %(id)s is recorded.") % {"id": answer["promise_id"]})


@promise.command("list")
@click.argument("case_id", type=int, metavar="CASE")
def list_all(case_id: int) -> None:
    """The promises of CASE, the newest first, with the entries that keep them."""
    shell = open_shell()
    from kept.work.promise_lists import list_promises

    with refusals_told():
        found = list_promises(actor=job("console"), case_id=case_id, now=shell.now)
    for each in found:
        kind = currency(each.currency)
        told = _("%(id)s  %(amount)s by %(day)s  %(state)s  paid %(paid)s")
        click.echo(
            told
            % {
                "id": each.promise_id,
                "amount": Money(each.amount_minor, kind),
                "day": each.due_on,
                "state": each.end_reason or each.state,
                "paid": Money(each.paid_minor, kind).text,
            }
        )
        for part in each.by_payment:
            line = _("    entry %(entry)s of %(day)s: %(amount)s")
            click.echo(
                line
                % {
                    "entry": part.entry_id,
                    "day": part.effective_on,
                    "amount": Money(part.amount_minor, kind).text,
                }
            )
    if not found:
        click.echo(_("Nothing was promised."))


@promise.command("confirm")
@click.argument("promise_id", type=int, metavar="PROMISE")
def confirm(promise_id: int) -> None:
    """PROMISE was said a second time."""
    shell = open_shell()
    from kept.work.promises import do_confirm_promise

    with refusals_told():
        do_confirm_promise(actor=job("console"), promise_id=promise_id, now=shell.now)
    click.echo(_("Confirmed."))


@promise.command("cancel")
@click.argument("promise_id", type=int, metavar="PROMISE")
@click.option("--reason", required=True, help="Why; it is kept with the case.")
def cancel(promise_id: int, reason: str) -> None:
    """Take PROMISE out of what is judged; it is counted apart."""
    shell = open_shell()
    from kept.work.promises import do_cancel_promise

    with refusals_told():
        do_cancel_promise(actor=job("console"), promise_id=promise_id, reason=reason, now=shell.now)
    click.echo(_("Cancelled; it is counted apart."))


@promise.command("judge")
@click.option("--creditor", required=True, help="The creditor's code.")
def judge(creditor: str) -> None:
    """Judge all promises of a creditor again by the ledger, as the night does."""
    shell = open_shell()
    from kept.work.promise_ends import do_judge_promises

    with refusals_told():
        changed = do_judge_promises(
            actor=job("console"), creditor_id=creditor_named(creditor).pk, now=shell.now
        )
    click.echo(_("%(count)s promises came to something else.") % {"count": changed})


@promise.command("rates")
@click.option("--by", type=click.Choice(_BY), default="creditor", help="One row for each of these.")
@click.option("--creditor", multiple=True, help="Only of these creditors, by code.")
@click.option("--from", "first", type=_DAY, help="Due from this day on. [default: 30 days back]")
@click.option("--to", "last", type=_DAY, help="Due until this day. [default: the day of --as-of]")
@click.option("--as-of", "as_of", type=_DAY, help="As it stood on this day. [default: today]")
@click.option("--known", type=_DAY, help="By what was known before this day. [default: all]")
def rates(
    by: str,
    creditor: tuple[str, ...],
    first: datetime | None,
    last: datetime | None,
    as_of: datetime | None,
    known: datetime | None,
) -> None:
    """Kept rates of the promises due in a period, by the ledger, as of any day."""
    shell = open_shell()
    from kept.work.promise_measures import By, list_promise_rates

    day = (as_of or shell.now).date()
    until = day if last is None else last.date()
    with refusals_told():
        found = list_promise_rates(
            actor=job("console"),
            by=By(by),
            first=until - timedelta(days=29) if first is None else first.date(),
            last=until,
            as_of=day,
            known_at=shell.now if known is None else known.replace(tzinfo=shell.now.tzinfo),
            creditor_codes=creditor,
        )
    for row in found:
        due = _("%(key)s  %(count)s due, %(amount)s")
        amount = Money(row.due_minor, currency(row.currency))
        click.echo(due % {"key": row.key or "-", "count": row.due_count, "amount": amount})
        for name in _RATES:
            click.echo(f"  {name:18} {_rate(row.rates[name])}")
        click.echo(f"  {'pending':18} {row.rates['pending_count']}")
        click.echo(f"  {'cancelled':18} {row.rates['cancelled_count']}  {_why(row.cancelled)}")
    if not found:
        click.echo(_("No promise fell due in this period."))


def _rate(rate: Fraction | int | None) -> str:
    if rate is None:
        return "-"
    exact = Fraction(rate)
    return f"{exact.numerator}/{exact.denominator} = {float(exact):.6f}"


def _why(cancelled: object) -> str:
    counts: dict[str, int] = dict(cancelled)  # type: ignore[call-overload]
    return ", ".join(f"{code} {count}" for code, count in sorted(counts.items()))


@promise.group("policy")
def policy() -> None:
    """What promises a creditor takes: show it, change it from a day on."""


@policy.command("show")
@click.option("--creditor", required=True, help="The creditor's code.")
@click.option("--on", "on", type=_DAY, help="As it holds on this day. [default: today]")
def show(creditor: str, on: datetime | None) -> None:
    """The policy of a creditor on a day."""
    shell = open_shell()
    from kept.core.agreements.promise_policy import policy_values
    from kept.work.promise_policies import promise_policy_of

    day: date = (on or shell.now).date()
    found = promise_policy_of(creditor_named(creditor).pk, day)
    for name, value in policy_values(found).items():
        click.echo(f"{name:20} {json.dumps(value)}")


@policy.command("set")
@click.option("--creditor", required=True, help="The creditor's code.")
@click.option("--from", "since", type=_DAY, help="From this day on. [default: today]")
@click.option("--reason", required=True, help="Why; for the person who decides.")
@click.argument("values", nargs=-1, required=True, metavar="NAME=VALUE…")
def set_values(creditor: str, since: datetime | None, reason: str, values: tuple[str, ...]) -> None:
    """What differs from the shipped policy, such as days_ahead_most=3; a second person decides."""
    shell = open_shell()
    from kept.work.approvals import NeedsApproval, do_request_approval
    from kept.work.promise_policies import do_set_promise_policy

    with refusals_told():
        try:
            do_set_promise_policy(
                actor=job("console"),
                creditor_id=creditor_named(creditor).pk,
                values=dict(_value(each) for each in values),
                valid_from=(since or shell.now).date(),
                now=shell.now,
            )
        except NeedsApproval as needed:
            do_request_approval(
                actor=job("console"),
                kind=needed.kind,
                command=needed.command,
                reason=reason,
                now=shell.now,
            )
            click.echo(_("Asked for: a second person decides."))
        else:
            click.echo(_("The policy is set."))


def _value(text: str) -> tuple[str, object]:
    name, equals, value = text.partition("=")
    try:
        found = json.loads(value)
    except ValueError:
        raise Refused(
            _("%(text)s: write NAME=VALUE, such as days_ahead_most=3 or is_strict=true.")
            % {"text": text}
        ) from None
    if not equals:
        raise Refused(_("%(text)s: write NAME=VALUE.") % {"text": text})
    return name, found
