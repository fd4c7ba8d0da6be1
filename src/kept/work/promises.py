"""Taking a promise to pay, confirming, replacing and cancelling it (承诺还款).

What was agreed is recorded, never what came of it: that is judged by the ledger
(`core/agreements/promises.py`). Only who owes, or who may speak for them, can promise. A new
promise over an account takes the place of the open one. Reading is `work/promise_lists.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.core.agreements.promise_policy import (
    Fault,
    PromisePolicy,
    Standing,
    Wanted,
    allowed_by,
    breaches_of,
    faults_of,
)
from kept.core.currencies import currency as currency_of
from kept.core.events import ChainKind
from kept.core.money import Money
from kept.store.accruals import read_positions_with_accrued
from kept.store.events import append_event
from kept.store.models import (
    Account,
    Attempt,
    Case,
    Hold,
    Promise,
    PromiseAccount,
    RelatedPerson,
    Seat,
)
from kept.store.person_keys import KeyOwner
from kept.store.promises import judge_stored
from kept.store.queries import load
from kept.store.to_decide import Cause, mark_person
from kept.store.visibility import visible_rows
from kept.work.changes import not_there
from kept.work.permissions import Permission, require
from kept.work.promise_ends import end_promise
from kept.work.promise_policies import breach_texts, promise_policy_of
from kept.work.refusals import Refusal, refuse
from kept.work.speech_checks import speech_of_note

__all__ = [
    "Asked",
    "do_cancel_promise",
    "do_confirm_promise",
    "do_replace_promise",
    "do_take_promise",
    "may_exceed",
    "standing_of",
]

#: Who of the persons around a debtor may say when it will be paid: who owes too, and who speaks for
#: the debtor. Of anybody else no promise is taken, and they never hear of the debt.
SPEAKING: Final = (
    RelatedPerson.Relation.ATTORNEY,
    RelatedPerson.Relation.GUARDIAN,
    RelatedPerson.Relation.EXECUTOR,
    RelatedPerson.Relation.LEGAL_REPRESENTATIVE,
)
_REASON_MOST: Final = 300


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be promised. `account_ids` None: every account of the case in that currency.

    `attempt_id` is the contact in which it was said. `beside`: open promises over the same accounts
    stay open beside it. `exceed_reason`: why it is taken although the policy does not take it.
    """

    amount_minor: int
    currency: str
    due_on: date
    way: str = Promise.Way.BANK_TRANSFER.value
    related_person_id: int | None = None
    attempt_id: int | None = None
    account_ids: tuple[int, ...] | None = None
    beside: bool = False
    exceed_reason: str = ""


@transaction.atomic
def do_take_promise(*, actor: Actor, case_id: int, asked: Asked, now: datetime) -> Promise:
    """Record a promise. What the policy does not take is refused, saying what it would take.

    The open promises over the same accounts end as replaced, unless it is asked to stand beside.
    Send it under an idempotency key (`work/once.py`) where it could be sent twice.
    """
    case = _case(actor, case_id)
    today = now.astimezone(ZoneInfo(case.creditor.zone)).date()
    accounts = _accounts(case, asked)
    _refuse_held(case, accounts, today, now)
    speaker = _speaker(case, asked.related_person_id)
    _refuse_unfit(case, asked)
    replaced = () if asked.beside else _overlapping(case, accounts, today)
    policy = promise_policy_of(case.creditor_id, today)
    exceeded = _weigh(actor, case, asked, accounts, policy, replaced, today)
    promise = _write(actor, case, asked, accounts, speaker, policy, exceeded, today, now)
    for each in Promise.objects.filter(pk__in=replaced).order_by("pk").select_for_update():
        each.replaced_by = promise
        reason = Promise.EndReason.REPLACED
        end_promise(each, actor=actor, reason=reason, on=today, now=now, replaced_by=promise.pk)
    _tell_of_making(actor, promise, accounts, asked, replaced, now)
    given = {"debtor_ids": [case.debtor_id]}
    judge_stored("debtors", given, actor=actor, as_of=today, now=now)
    mark_person(promise.debtor_id, Cause.PROMISE, now)
    promise.refresh_from_db()
    return promise


@transaction.atomic
def do_confirm_promise(*, actor: Actor, promise_id: int, now: datetime) -> Promise:
    """The debtor said it a second time; a flag, and no state."""
    promise = _open(actor, promise_id, Permission.PROMISE_TAKE, now)
    if promise.verified_at is not None:
        raise Refusal(_("This promise was confirmed before."))
    promise.verified_at, promise.verified_by = now, actor.name
    promise.save(update_fields=["verified_at", "verified_by"])
    _tell(actor, "promise.confirm", promise, {}, now)
    mark_person(promise.debtor_id, Cause.PROMISE, now)
    return promise


@transaction.atomic
def do_replace_promise(*, actor: Actor, promise_id: int, asked: Asked, now: datetime) -> Promise:
    """Another amount or day in place of an open promise, over the same accounts."""
    old = _open(actor, promise_id, Permission.PROMISE_TAKE, now)
    over = PromiseAccount.objects.filter(promise=old).order_by("account_id")
    renewed = Asked(
        asked.amount_minor,
        asked.currency,
        asked.due_on,
        asked.way,
        asked.related_person_id,
        asked.attempt_id,
        tuple(over.values_list("account_id", flat=True)),
        exceed_reason=asked.exceed_reason,
    )
    return do_take_promise(actor=actor, case_id=old.case_id, asked=renewed, now=now)


@transaction.atomic
def do_cancel_promise(*, actor: Actor, promise_id: int, reason: str, now: datetime) -> Promise:
    """Take an open promise out of what is judged, saying why; it is counted apart."""
    promise = _open(actor, promise_id, Permission.PROMISE_CANCEL, now)
    if not reason.strip() or len(reason) > _REASON_MOST:
        refuse({"reason": _("Say in at most %(most)s characters why.") % {"most": _REASON_MOST}})
    today = now.astimezone(ZoneInfo(promise.creditor.zone)).date()
    ended = Promise.EndReason.CANCELLED
    end_promise(promise, actor=actor, reason=ended, on=today, now=now)
    _tell(actor, "promise.cancel", promise, speech_of_note(reason), now, {"reason": reason.strip()})
    given = {"debtor_ids": [promise.debtor_id]}
    judge_stored("debtors", given, actor=actor, as_of=today, now=now)
    mark_person(promise.debtor_id, Cause.PROMISE, now)
    promise.refresh_from_db()
    return promise


def may_exceed(actor: Actor, policy: PromisePolicy, creditor_id: int) -> bool:
    """Whether a grant at the creditor has a role that may take more than the policy does."""
    return any(
        grant.role is not None
        and grant.role.value in policy.exceed_roles
        and (grant.scope.creditor_ids is None or creditor_id in grant.scope.creditor_ids)
        for grant in actor.grants
    )


def standing_of(
    debtor_id: int,
    accounts: Sequence[Account],
    policy: PromisePolicy,
    today: date,
    replaced: Sequence[int] = (),
) -> Standing:
    """How the accounts stand today, with the promises that stay open and those that were broken."""
    positions = read_positions_with_accrued([each.pk for each in accounts], today).values()
    counts = load("promises")["counts"].prepared_rows(
        {
            "debtor_id": debtor_id,
            "on": today,
            "broken_days": policy.broken_days,
            "replaced_ids": list(replaced),
        }
    )[0]
    return Standing(
        today,
        sum(each.overdue_minor for each in positions),
        sum(each.balance_minor for each in positions),
        counts["open_count"],
        counts["broken_count"],
    )


# --- what is refused ------------------------------------------------------------------------------


def _case(actor: Actor, case_id: int) -> Case:
    """Locked, so that two promises of one case follow each other."""
    within = require(actor, Permission.PROMISE_TAKE)
    rows = visible_rows(Case, within).select_related("creditor", "seat")
    case = rows.select_for_update(of=("self",), no_key=True).filter(pk=case_id).first()
    if case is None:
        raise not_there()
    if case.closed_on is not None:
        raise Refusal(_("This case is closed; nothing is promised on it any more."))
    return case


def _accounts(case: Case, asked: Asked) -> list[Account]:
    staying = Account.objects.filter(
        case_accounts__case=case, case_accounts__left_on__isnull=True
    ).order_by("pk")
    if asked.account_ids is not None:
        wanted = set(asked.account_ids)
        staying = staying.filter(pk__in=wanted)
        if not wanted or len(staying) < len(wanted):
            raise not_there()
    found = [each for each in staying if each.currency == asked.currency]
    if not found or (asked.account_ids is not None and len(found) < len(staying)):
        there = ", ".join(sorted({each.currency for each in staying}))
        refuse({"currency": _("These accounts are in %(there)s.") % {"there": there or "–"}})
    return found


def _refuse_held(case: Case, accounts: Sequence[Account], today: date, now: datetime) -> None:
    held = Hold.objects.filter(
        Q(account__isnull=True) | Q(account__in=accounts),
        Q(until__isnull=True) | Q(until__gte=today),
        debtor_id=case.debtor_id,
        released_at__isnull=True,
        effects__contains=[Hold.Effect.TREATMENT.value],
    ).first()
    if held is not None:
        raise Refusal(
            _("No promise is taken while this hold stands: %(reason)s. Release it first.")
            % {"reason": held.get_reason_display()}
        )


def _speaker(case: Case, related_person_id: int | None) -> RelatedPerson | None:
    if related_person_id is None:
        return None
    person = RelatedPerson.objects.filter(pk=related_person_id, debtor_id=case.debtor_id).first()
    if person is None:
        raise not_there()
    if person.relation not in (*RelatedPerson.LIABLE, *SPEAKING):
        refuse(
            {
                "said_by": _(
                    "This person does not owe and does not speak for the debtor: no promise is"
                    " taken from them."
                )
            }
        )
    return person


def _refuse_unfit(case: Case, asked: Asked) -> None:
    faults = {}
    if asked.way not in Promise.Way.values:
        faults["way"] = _("Choose one of: %s.") % ", ".join(Promise.Way.values)
    if asked.attempt_id is not None:
        own = Attempt.objects.filter(id=asked.attempt_id, debtor_id=case.debtor_id)
        if not own.exists():
            faults["attempt"] = _("This is no contact with this debtor.")
    refuse(faults)


def _overlapping(case: Case, accounts: Sequence[Account], today: date) -> tuple[int, ...]:
    rows = load("promises")["overlapping"].prepared_rows(
        {
            "debtor_id": case.debtor_id,
            "on": today,
            "account_ids": [each.pk for each in accounts],
        }
    )
    return tuple(row["id"] for row in rows)


def _weigh(
    actor: Actor,
    case: Case,
    asked: Asked,
    accounts: Sequence[Account],
    policy: PromisePolicy,
    replaced: Sequence[int],
    today: date,
) -> list[str]:
    """What of the policy it breaks and somebody entitled takes all the same."""
    wanted = Wanted(asked.amount_minor, asked.due_on)
    standing = standing_of(case.debtor_id, accounts, policy, today, replaced)
    refuse(_fault_texts(faults_of(wanted, standing), standing, asked.currency))
    breaches = breaches_of(policy, wanted, standing)
    if not breaches:
        return []
    texts = breach_texts(breaches, policy, allowed_by(policy, standing), asked.currency)
    if not may_exceed(actor, policy, case.creditor_id):
        refuse(texts)
    if not asked.exceed_reason.strip() or len(asked.exceed_reason) > _REASON_MOST:
        refuse({**texts, "exceed_reason": _("Say why it is taken beyond the policy.")})
    return [each.value for each in breaches]


def _fault_texts(faults: Sequence[Fault], standing: Standing, code: str) -> dict[str, str]:
    most = Money(standing.balance_minor, currency_of(code)).text
    texts = {
        Fault.NOT_POSITIVE: ("amount", _("An amount above zero is promised.")),
        Fault.ABOVE_BALANCE: (
            "amount",
            _("No more is owed than %(most)s.") % {"most": most},
        ),
        Fault.IN_THE_PAST: (
            "due_on",
            _("This day is past. The first possible one is %(day)s.")
            % {"day": standing.today.isoformat()},
        ),
        Fault.BEYOND_A_YEAR: ("due_on", _("Nobody takes a promise for a day beyond a year.")),
    }
    return dict(texts[fault] for fault in faults)


def _open(actor: Actor, promise_id: int, permission: Permission, now: datetime) -> Promise:
    within = require(actor, permission)
    rows = visible_rows(Promise, within).select_related("creditor")
    promise = rows.filter(pk=promise_id).select_for_update(of=("self",)).first()
    if promise is None:
        raise not_there()
    today = now.astimezone(ZoneInfo(promise.creditor.zone)).date()
    is_over = promise.state != Promise.State.OPEN or promise.ended_on is not None
    if is_over or promise.test_on < today:
        raise Refusal(_("This promise is not open any more."))
    return promise


# --- what is written ------------------------------------------------------------------------------


def _write(
    actor: Actor,
    case: Case,
    asked: Asked,
    accounts: Sequence[Account],
    speaker: RelatedPerson | None,
    policy: PromisePolicy,
    exceeded: list[str],
    today: date,
    now: datetime,
) -> Promise:
    terms, seat = policy.terms, _seat(actor, case)
    promise = Promise(
        creditor_id=case.creditor_id,
        case=case,
        debtor_id=case.debtor_id,
        amount_minor=asked.amount_minor,
        currency=asked.currency,
        made_at=now,
        recorded_at=now,
        made_on=today,
        due_on=asked.due_on,
        way=asked.way,
        said_by=_said_by(speaker),
        related_person=speaker,
        attempt_id=asked.attempt_id,
        taken_by=actor.name,
        seat=seat,
        team_id=None if seat is None else seat.team_id,
        tolerance_ppm=terms.tolerance_ppm,
        grace_days=terms.grace_days,
        counts_unexplained=policy.counts_unexplained,
        exceeded=exceeded,
        exceeded_by=actor.name if exceeded else "",
        judged_on=today,
        judged_at=now,
    )
    promise.test_on = promise.due_on + timedelta(days=terms.grace_days)
    promise.save()
    PromiseAccount.objects.bulk_create(
        PromiseAccount(promise=promise, account=account) for account in accounts
    )
    return promise


def _said_by(speaker: RelatedPerson | None) -> str:
    if speaker is None:
        return Promise.SaidBy.DEBTOR.value
    if speaker.relation in RelatedPerson.LIABLE:
        return Promise.SaidBy.RELATED_PERSON.value
    return Promise.SaidBy.REPRESENTATIVE.value


def _seat(actor: Actor, case: Case) -> Seat | None:
    """The seat that works: the actor's own, where there is one, else the case's."""
    if len(actor.seat_ids) == 1:
        return Seat.objects.get(pk=next(iter(actor.seat_ids)))
    return case.seat


def _tell_of_making(
    actor: Actor,
    promise: Promise,
    accounts: Sequence[Account],
    asked: Asked,
    replaced: Sequence[int],
    now: datetime,
) -> None:
    body: dict[str, object] = {
        "amount_minor": promise.amount_minor,
        "currency": promise.currency,
        "due_on": promise.due_on.isoformat(),
        "way": promise.way,
        "said_by": promise.said_by,
        "attempt": promise.attempt_id,
        "over": [each.pk for each in accounts],
        "replaces": list(replaced),
    }
    typed: dict[str, object] = {}
    if promise.exceeded:
        reason = asked.exceed_reason.strip()
        body |= {"exceeded": promise.exceeded, **speech_of_note(reason)}
        typed = {"reason": reason}
    _tell(actor, "promise.take", promise, body, now, typed)


def _tell(
    actor: Actor,
    action: str,
    promise: Promise,
    body: dict[str, object],
    now: datetime,
    typed: dict[str, object] | None = None,
) -> None:
    append_event(
        actor=actor,
        action=action,
        subject=f"promise:{promise.pk}",
        body=body,
        now=now,
        chain=ChainKind.CASE,
        chain_id=promise.case_id,
        personal=typed or None,
        personal_of=KeyOwner(promise.debtor_id) if typed else None,
    )
