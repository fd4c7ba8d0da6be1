"""Asking for a waiver, approving, offering, accepting and withdrawing it; counter-offers.

Only what the creditor's matrix holds can be asked for, in figures; there is no other way to promise
one. Money moves when nothing is open any more: a waiver without a condition with its last approval,
one with a condition once the ledger shows the payments (`work/waiver_ends.py`, decision 0046).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.core.agreements.waiver_policy import WaiverKind, split_settlement
from kept.core.agreements.waivers import WaiverState
from kept.core.approvals import ApprovalState, Levels
from kept.core.currencies import currency as currency_of
from kept.core.events import ChainKind
from kept.core.money import Money
from kept.store.events import append_event
from kept.store.models import Account, Product, Waiver, WaiverEntry, WaiverLine
from kept.store.to_decide import Cause, mark_case
from kept.store.visibility import visible_rows
from kept.work.approvable import Approvable, Command, Subject, register
from kept.work.approvals import do_request_approval, expire_requests
from kept.work.changes import not_there
from kept.work.ledger import Line, post_waived
from kept.work.permissions import Permission, require
from kept.work.refusals import Refusal, refuse
from kept.work.waiver_budgets import budgets_of, refuse_overspending
from kept.work.waiver_terms import WaiverGround, ground_of, open_case

__all__ = [
    "WaiverAsked",
    "do_accept_waiver",
    "do_request_waiver",
    "do_withdraw_waiver",
    "end_waiver",
    "post_lines",
    "tell_waiver",
]

KIND: Final = "waiver_offer"
_OPEN: Final = (WaiverState.REQUESTED, WaiverState.OFFERED, WaiverState.ACCEPTED)


@dataclass(frozen=True, slots=True)
class WaiverAsked:
    """What is asked for, in figures alone.

    `amounts` are by component; a settlement names none: what its `parts` (due on, amount) leave of
    the debt is given up. `offer_until` None: as long as the policy lets an offer stand.
    `account_ids` None: the accounts of the case.
    """

    kind: WaiverKind
    reason: str
    amounts: Mapping[str, int] | None = None
    parts: Sequence[tuple[date, int]] = ()
    account_ids: Sequence[int] | None = None
    offer_until: date | None = None


@transaction.atomic
def do_request_waiver(
    *, actor: Actor, case_id: int, asked: WaiverAsked, counters: int | None = None, now: datetime
) -> Waiver:
    """Ask for a waiver that the matrix holds; its part of the budget is reserved with it.

    It waits for the levels of its rule; where the rule asks for none, it is offered, or posted, at
    once. `counters` names the open offer in whose place it comes. Refused, with the figures that
    policy holds, is everything beyond it; nothing has changed then.
    """
    case = open_case(actor, case_id, Permission.WAIVER_REQUEST, locked=True)
    if asked.reason not in Waiver.Reason.values:
        refuse({"reason": _("Choose one of: %s.") % ", ".join(Waiver.Reason.values)})
    ground = ground_of(case, now, asked.account_ids)
    before = _countered(actor, case_id, counters, ground, now)
    amounts = _amounts(ground, asked)
    until = _terms_in_order(ground, asked)
    answer = ground.answer(amounts, asked.kind)
    if answer.rule is None:
        raise Refusal(" ".join(fault.told(_) for fault in answer.faults))
    row = Waiver(
        case=case,
        creditor_id=case.creditor_id,
        kind=asked.kind.value,
        state=WaiverState.REQUESTED.value,
        reason=asked.reason,
        account_ids=sorted(ground.accounts),
        rule=answer.rule.code,
        policy=ground.policy.label,
        levels=[sorted(level) for level in answer.levels],
        currency=ground.currency,
        owed_minor=ground.owed_minor,
        waived_minor=sum(amounts.values()),
        parts=[[day.isoformat(), amount] for day, amount in asked.parts],
        grace_days=ground.policy.grace_days,
        offer_until=until,
        requested_at=now,
        requested_by=actor.name,
        requester_id=actor.person_id,
        counters=before,
        round=1 if before is None else before.round + 1,
    )
    row.save()
    _reserve(row, ground, amounts)
    tell_waiver(actor, row, "request", now, amounts=amounts, rule=row.rule)
    _ask_or_grant(actor, row, answer.levels, now)
    return row


def _countered(
    actor: Actor, case_id: int, counters: int | None, ground: WaiverGround, now: datetime
) -> Waiver | None:
    """The open waiver of the case, ended in favour of the new one; refused where none was named."""
    open_rows = Waiver.objects.filter(case_id=case_id, state__in=_OPEN)
    row = open_rows.select_for_update(of=("self",)).first()
    if counters is None:
        if row is not None:
            raise Refusal(_("A waiver of this case is open: counter it, or withdraw it first."))
        return None
    if row is None or row.pk != counters or row.state == WaiverState.ACCEPTED:
        raise Refusal(_("This offer does not stand any more."))
    if row.round >= ground.policy.rounds_most:
        raise Refusal(
            _("After %(most)s offers there is no further one: this one stands, or is withdrawn.")
            % {"most": ground.policy.rounds_most}
        )
    end_waiver(actor, row, WaiverState.COUNTERED, now)
    if row.approval_id is not None:
        expire_requests(actor, [row.approval_id], now)
    return row


def _amounts(ground: WaiverGround, asked: WaiverAsked) -> dict[str, int]:
    if asked.kind is not WaiverKind.SETTLEMENT:
        return dict(asked.amounts or {})
    paid = sum(amount for _day, amount in asked.parts)
    left = ground.owed_minor - paid
    if not asked.parts or min(amount for _day, amount in asked.parts) <= 0 or left <= 0:
        refuse(
            {"parts": _("A settlement is paid by amounts above 0 that come to less than is owed.")}
        )
    return split_settlement(ground.held(asked.kind), ground.owed, left)


def _terms_in_order(ground: WaiverGround, asked: WaiverAsked) -> date:
    """Until when the offer stands; refuses days and parts that policy does not hold."""
    policy, days = ground.policy, [day for day, _amount in asked.parts]
    faults = {}
    if asked.kind is WaiverKind.PLAIN and asked.parts:
        faults["parts"] = _("A waiver at once has no condition.")
    if asked.kind is not WaiverKind.PLAIN:
        last = ground.on + timedelta(days=policy.pay_days_most)
        if not 1 <= len(days) <= policy.payments_most:
            faults["parts"] = _("It is paid in 1 to %(most)s parts.") % {
                "most": policy.payments_most
            }
        elif min(amount for _day, amount in asked.parts) <= 0:
            faults["parts"] = _("Each part is an amount above 0.")
        elif sum(amount for _day, amount in asked.parts) > ground.owed_minor:
            faults["parts"] = _("More than is owed cannot be asked for.")
        elif days != sorted(set(days)) or not ground.on <= days[0] or days[-1] > last:
            faults["parts"] = _("The days rise, from today until %(last)s.") % {"last": last}
    most = ground.on + timedelta(days=policy.offer_days)
    until = asked.offer_until or (min(most, days[-1]) if days else most)
    if not ground.on <= until <= most or (days and until > days[-1]):
        faults["offer_until"] = _(
            "An offer stands until %(most)s at most, and not past its last day."
        ) % {"most": most}
    refuse(faults)
    return until


def _reserve(row: Waiver, ground: WaiverGround, amounts: Mapping[str, int]) -> None:
    """Lines by account, the first account first, each with the budget of its portfolio."""
    products = {pk: account.product_id for pk, account in ground.accounts.items()}
    budgets = budgets_of(row.creditor_id, row.currency, ground.on, products.values())
    left = dict(amounts)
    for account_id, parts in ground.by_account.items():
        for component, there in parts.items():
            part = min(max(there, 0), left.get(component, 0))
            if part:
                left[component] -= part
                WaiverLine.objects.create(
                    waiver=row,
                    account_id=account_id,
                    component=component,
                    amount_minor=part,
                    budget_id=budgets[products[account_id]],
                )
    refuse_overspending([each for each in budgets.values() if each is not None], row.currency)


def _ask_or_grant(actor: Actor, row: Waiver, levels: Levels, now: datetime) -> None:
    if not levels:
        _grant(actor, row, now)
        return
    reason = str(Waiver.Reason(row.reason).label)
    command = {"waiver_id": row.pk}
    asked = do_request_approval(actor=actor, kind=KIND, command=command, reason=reason, now=now)
    row.approval = asked
    row.save(update_fields=["approval"])


def _grant(actor: Actor, row: Waiver, now: datetime) -> None:
    """Every yes is there: a waiver without a condition is posted, another one is offered."""
    row.state = WaiverState.OFFERED.value
    row.save(update_fields=["state"])
    tell_waiver(actor, row, "offer", now, until=row.offer_until.isoformat())
    if row.kind == WaiverKind.PLAIN:
        post_lines(actor, row, _as_asked(row), _today(row, now), now)


def _as_asked(row: Waiver) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    for line in row.lines.order_by("account_id", "component"):
        found.setdefault(line.account_id, {})[line.component] = line.amount_minor
    return found


def post_lines(
    actor: Actor, row: Waiver, amounts: Mapping[int, Mapping[str, int]], on: date, now: datetime
) -> None:
    """One entry an account, and the waiver is posted; the budget's part becomes used."""
    budgets = dict(row.lines.values_list("account_id", "budget_id"))
    for account_id in sorted(amounts):
        parts = {name: amount for name, amount in amounts[account_id].items() if amount > 0}
        if not parts:
            continue
        account = Account.objects.get(pk=account_id)
        lines = [Line(name, amount) for name, amount in sorted(parts.items())]
        reference = f"waiver {row.pk}"
        entry_id = post_waived(actor, account, lines, on, reference, now, row.pk)
        WaiverEntry.objects.create(waiver=row, entry_id=entry_id)
        for name, amount in parts.items():
            WaiverLine.objects.update_or_create(
                waiver=row,
                account_id=account_id,
                component=name,
                defaults={"posted_minor": amount},
                create_defaults={
                    "amount_minor": 0,
                    "posted_minor": amount,
                    "budget_id": budgets.get(account_id),
                },
            )
    row.posted_on = on
    end_waiver(actor, row, WaiverState.POSTED, now, on=on.isoformat())


# --- the debtor's answer --------------------------------------------------------------------------


@transaction.atomic
def do_accept_waiver(*, actor: Actor, waiver_id: int, now: datetime) -> Waiver:
    """The debtor takes the offer: from today on the payments are counted; twice is once."""
    row = _locked(actor, waiver_id)
    if row.state == WaiverState.ACCEPTED:
        return row
    if row.state != WaiverState.OFFERED:
        raise Refusal(_("This offer does not stand any more."))
    on = _today(row, now)
    if on > row.offer_until:
        raise Refusal(
            _("The offer stood until %(day)s: ask for a new one.") % {"day": row.offer_until}
        )
    row.state, row.accepted_on, row.accepted_at = WaiverState.ACCEPTED.value, on, now
    row.judged_on, row.seen_postings = on, -1
    row.save()
    tell_waiver(actor, row, "accept", now, parts=row.parts)
    return row


@transaction.atomic
def do_withdraw_waiver(*, actor: Actor, waiver_id: int, now: datetime) -> None:
    """Take back what is asked for or offered; what the debtor has accepted is kept."""
    row = _locked(actor, waiver_id)
    if row.state == WaiverState.WITHDRAWN:
        return
    if row.state not in (WaiverState.REQUESTED, WaiverState.OFFERED):
        raise Refusal(_("It was accepted or has ended: it cannot be withdrawn."))
    end_waiver(actor, row, WaiverState.WITHDRAWN, now)
    if row.approval_id is not None:
        expire_requests(actor, [row.approval_id], now)


def _locked(actor: Actor, waiver_id: int) -> Waiver:
    rows = visible_rows(Waiver, require(actor, Permission.WAIVER_REQUEST))
    row = rows.filter(pk=waiver_id).select_for_update(of=("self",)).first()
    if row is None:
        raise not_there()
    return row


def _today(row: Waiver, now: datetime) -> date:
    return now.astimezone(ZoneInfo(row.creditor.zone)).date()


def end_waiver(
    actor: Actor, row: Waiver, state: WaiverState, now: datetime, **more: object
) -> None:
    """Set the last state (or `undone` after it); what was reserved is free by the state alone."""
    row.state, row.ended_at = state.value, now
    row.save()
    tell_waiver(actor, row, _DONE[state], now, **more)


_DONE: Final = {
    WaiverState.POSTED: "post",
    WaiverState.REFUSED: "refuse",
    WaiverState.WITHDRAWN: "withdraw",
    WaiverState.COUNTERED: "counter",
    WaiverState.EXPIRED: "expire",
    WaiverState.FAILED: "fail",
    WaiverState.UNDONE: "undo",
}


def tell_waiver(actor: Actor, row: Waiver, verb: str, now: datetime, **more: object) -> None:
    body = {"kind": row.kind, "currency": row.currency, "amount": row.waived_minor, **more}
    append_event(
        actor=actor,
        action=f"waiver.{verb}",
        subject=f"waiver:{row.pk}",
        body=body,
        now=now,
        chain=ChainKind.CASE,
        chain_id=row.case_id,
    )
    mark_case(row.case_id, Cause.RECORD, now)


# --- approvals ------------------------------------------------------------------------------------


def _describe(actor: Actor, command: Command, now: datetime) -> Subject:
    rows = visible_rows(Waiver, require(actor, Permission.WAIVER_REQUEST))
    row = rows.filter(pk=command["waiver_id"]).select_related("creditor").first()
    if row is None:
        raise not_there()
    names = Product.objects.filter(accounts__pk__in=row.account_ids).values_list("name", flat=True)
    kind = currency_of(row.currency)
    paid = sum(amount for _day, amount in row.parts)
    details: dict[str, Any] = {
        "waiver_kind": row.kind,
        "balance": str(Money(row.owed_minor, kind)),
        "share": f"{row.waived_minor * 1000 // row.owed_minor / 10:g}%",
        "components": _said(row, kind),
        "portfolio": ", ".join(sorted(set(names))),
        "rule": row.rule,
        "policy": row.policy,
    }
    if row.parts:
        details["pays"] = str(Money(paid, kind))
        details["pays_by"] = str(row.parts[-1][0])
        details["offer_until"] = row.offer_until.isoformat()
    return Subject(
        subject=f"waiver:{row.pk}",
        creditor_id=row.creditor_id,
        case_id=row.case_id,
        amount_minor=row.waived_minor,
        currency=row.currency,
        details=details,
        levels=_levels_of(row),
    )


def _levels_of(row: Waiver) -> Levels:
    from kept.core.actors import Role

    return tuple(frozenset(Role(role) for role in level) for level in row.levels)


def _said(row: Waiver, kind: Any) -> str:
    sums: dict[str, int] = {}
    for component, amount in row.lines.values_list("component", "amount_minor"):
        sums[component] = sums.get(component, 0) + amount
    return ", ".join(f"{name} {Money(amount, kind).text}" for name, amount in sorted(sums.items()))


def _run(actor: Actor, command: Command, now: datetime, approval_id: int | None) -> dict[str, Any]:
    """With the last yes: once more against the ledger and the matrix of today, then offered."""
    row = _locked(actor, command["waiver_id"])
    if row.state != WaiverState.REQUESTED:
        raise Refusal(_("This waiver does not wait for approval any more."))
    case = open_case(actor, row.case_id, Permission.WAIVER_REQUEST, locked=True)
    ground = ground_of(case, now, row.account_ids)
    asked: dict[str, int] = {}
    for component, amount in row.lines.values_list("component", "amount_minor"):
        asked[component] = asked.get(component, 0) + amount
    answer = ground.answer(asked, WaiverKind(row.kind))
    if answer.rule is None:
        raise Refusal(" ".join(fault.told(_) for fault in answer.faults))
    if ground.on > row.offer_until:
        raise Refusal(
            _("The offer stood until %(day)s: ask for a new one.") % {"day": row.offer_until}
        )
    _grant(actor, row, now)
    return {"waiver_id": row.pk, "state": row.state}


def _ended(actor: Actor, command: Command, state: ApprovalState, now: datetime) -> None:
    row = Waiver.objects.select_for_update(of=("self",)).get(pk=command["waiver_id"])
    if row.state == WaiverState.REQUESTED:
        ends = {
            ApprovalState.REFUSED: WaiverState.REFUSED,
            ApprovalState.WITHDRAWN: WaiverState.WITHDRAWN,
        }
        end_waiver(actor, row, ends.get(state, WaiverState.EXPIRED), now)


register(Approvable(KIND, (), _describe, _run, ended=_ended))
