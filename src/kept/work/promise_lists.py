"""Reading promises: those of a case with how each was judged, what may be promised now, and what
all of them had come to on some day.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet

from kept.core.actors import Actor
from kept.core.agreements.promise_policy import Allowed, PromisePolicy, allowed_by
from kept.core.agreements.promises import Judged
from kept.store.models import Account, Case, Entry, Promise, PromiseOutcome, RelatedPerson
from kept.store.promises import SHOWN_DAYS, Outcome, read_outcomes
from kept.store.queries import load
from kept.store.visibility import visible_rows
from kept.work.changes import not_there
from kept.work.permissions import Permission, may, require
from kept.work.promise_policies import promise_policy_of
from kept.work.promises import SPEAKING, may_exceed, standing_of

__all__ = [
    "CasePromises",
    "Choice",
    "DuePromise",
    "Keeping",
    "PromiseOutcomeView",
    "PromiseView",
    "get_case_promises",
    "get_promise_outcomes",
    "list_due_promises",
    "list_promises",
]

#: Days ahead that are offered to press, where the policy takes them.
QUICK_DAYS = (0, 1, 2, 3, 5, 7, 14)
SHOWN = 30


@dataclass(frozen=True, slots=True)
class Keeping:
    """A payment of the ledger that keeps a part of a promise."""

    entry_id: int
    effective_on: date
    amount_minor: int
    reference: str


@dataclass(frozen=True, slots=True)
class PromiseView:
    """A promise as it stands today; `state` says `open` only until its last day is over."""

    promise_id: int
    case_id: int
    amount_minor: int
    paid_minor: int
    currency: str
    made_at: datetime
    due_on: date
    test_on: date
    way: str
    said_by: str
    taken_by: str
    state: str
    end_reason: str
    is_verified: bool
    is_due_today: bool
    is_exceeding: bool
    by_payment: tuple[Keeping, ...] = ()

    @property
    def missing_minor(self) -> int:
        return self.amount_minor - self.paid_minor

    @property
    def is_open(self) -> bool:
        return self.state == Promise.State.OPEN


@dataclass(frozen=True, slots=True)
class DuePromise:
    """A promise that falls due, or one that was not kept, on an open case."""

    promise_id: int
    case_id: int
    debtor_name: str
    seat_code: str
    due_on: date
    missing_minor: int
    currency: str
    is_over: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """What may be promised now on the accounts of one currency, within the policy."""

    currency: str
    account_ids: tuple[int, ...]
    allowed: Allowed
    policy: PromisePolicy
    quick_days: tuple[date, ...]
    may_exceed: bool


@dataclass(frozen=True, slots=True)
class CasePromises:
    """The promises of a case, the newest first, and what may be promised by the actor.

    `speakers` are (id, name, relation) of the related persons who may promise.
    """

    promises: tuple[PromiseView, ...]
    choices: tuple[Choice, ...]
    speakers: tuple[tuple[int, str, str], ...]
    may_take: bool
    may_cancel: bool


@dataclass(frozen=True, slots=True)
class PromiseOutcomeView:
    """What a promise had come to as of a day, by what was known at a moment."""

    promise_id: int
    case_id: int
    creditor_id: int
    team_id: int | None
    taken_by: str
    currency: str
    end_reason: str
    judged: Judged


def list_promises(*, actor: Actor, case_id: int, now: datetime) -> tuple[PromiseView, ...]:
    """The promises of a case, the newest first, with the payments that keep them."""
    within = require(actor, Permission.CASE_READ)
    case = visible_rows(Case, within).select_related("creditor").filter(pk=case_id).first()
    if case is None:
        raise not_there()
    return _views(case, _today(case, now))


def list_due_promises(*, actor: Actor, on: date, limit: int = SHOWN) -> tuple[DuePromise, ...]:
    """What the actor's cases promised for the day or before and still may keep, the oldest first;
    then what was not kept in the last days and has no new promise. `on` is the house's day."""
    within = require(actor, Permission.WORKLIST_READ)
    rows = visible_rows(Promise, within).filter(case__closed_on__isnull=True)
    is_over = Q(state__in=[Promise.State.BROKEN, Promise.State.PARTIAL]) | Q(
        state=Promise.State.OPEN, test_on__lt=on
    )
    newer = Promise.objects.filter(case=OuterRef("case"), pk__gt=OuterRef("pk"))
    due = rows.filter(state=Promise.State.OPEN, due_on__lte=on, test_on__gte=on)
    over = rows.filter(is_over, ~Exists(newer), test_on__gte=on - timedelta(days=SHOWN_DAYS))
    found = list(_with_names(due).order_by("due_on", "pk")[:limit])
    found += _with_names(over).order_by("-test_on", "pk")[: limit - len(found)]
    return tuple(
        DuePromise(
            row.pk,
            row.case_id,
            row.debtor.name,
            row.case.seat.code if row.case.seat else "",
            row.due_on,
            row.amount_minor - row.paid_minor,
            row.currency,
            row.state != Promise.State.OPEN or row.test_on < on,
        )
        for row in found
    )


def _with_names(rows: QuerySet[Promise]) -> QuerySet[Promise]:
    return rows.select_related("debtor", "case__seat")


def get_case_promises(*, actor: Actor, case_id: int, now: datetime) -> CasePromises:
    """What the case page shows: the promises, and what the policy takes today."""
    within = require(actor, Permission.CASE_READ)
    rows = visible_rows(Case, within).select_related("creditor")
    case = rows.filter(pk=case_id).first()
    if case is None:
        raise not_there()
    today = _today(case, now)
    takes = may(actor, Permission.PROMISE_TAKE) and case.closed_on is None
    return CasePromises(
        _views(case, today),
        _choices(actor, case, today) if takes else (),
        _speakers(case) if takes else (),
        takes,
        may(actor, Permission.PROMISE_CANCEL),
    )


def get_promise_outcomes(
    *,
    actor: Actor,
    first: date,
    last: date,
    as_of: date,
    known_at: datetime,
    creditor_codes: Collection[str] = (),
) -> tuple[PromiseOutcomeView, ...]:
    """Of the promises due in a period, both days included, what they had come to as of a day, by
    what was known at a moment: a past day's answer is given again."""
    within = require(actor, Permission.PROMISE_MEASURE)
    mine = visible_rows(Promise, within).filter(due_on__range=(first, last))
    if creditor_codes:
        mine = mine.filter(creditor__code__in=list(creditor_codes))
    seen = set(mine.values_list("pk", flat=True))
    creditor_ids = sorted(set(mine.values_list("creditor_id", flat=True)))
    if not seen:
        return ()
    found = read_outcomes(
        "due", {"creditor_ids": creditor_ids, "first": first, "last": last}, as_of, known_at
    )
    return tuple(_outcome(each) for each in found if each.judged.promise.id in seen)


def _outcome(found: Outcome) -> PromiseOutcomeView:
    row = found.row
    return PromiseOutcomeView(
        row["id"],
        row["case_id"],
        row["creditor_id"],
        row["team_id"],
        row["taken_by"],
        row["currency"],
        found.end_reason,
        found.judged,
    )


def _today(case: Case, now: datetime) -> date:
    return now.astimezone(ZoneInfo(case.creditor.zone)).date()


def _views(case: Case, today: date) -> tuple[PromiseView, ...]:
    rows = list(Promise.objects.filter(case=case).order_by("-pk")[:SHOWN])
    kept = _keepings([row.pk for row in rows])
    return tuple(_view(row, today, kept.get(row.pk, ())) for row in rows)


def _view(row: Promise, today: date, by_payment: tuple[Keeping, ...]) -> PromiseView:
    state = row.state
    if state == Promise.State.OPEN and row.test_on < today:  # before the night has judged it
        state = Promise.State.PARTIAL if row.paid_minor else Promise.State.BROKEN
    return PromiseView(
        promise_id=row.pk,
        case_id=row.case_id,
        amount_minor=row.amount_minor,
        paid_minor=row.paid_minor,
        currency=row.currency,
        made_at=row.made_at,
        due_on=row.due_on,
        test_on=row.test_on,
        way=row.way,
        said_by=row.said_by,
        taken_by=row.taken_by,
        state=str(state),
        end_reason=row.end_reason,
        is_verified=row.verified_at is not None,
        is_due_today=state == Promise.State.OPEN and row.due_on <= today,
        is_exceeding=bool(row.exceeded),
        by_payment=by_payment,
    )


def _keepings(promise_ids: Sequence[int]) -> dict[int, tuple[Keeping, ...]]:
    """By the newest outcome of each."""
    newest: dict[int, Sequence[Sequence[int]]] = {}
    told = PromiseOutcome.objects.filter(promise_id__in=promise_ids).order_by("pk")
    for promise_id, by_payment in told.values_list("promise_id", "by_payment"):
        newest[promise_id] = by_payment
    ids = {entry_id for pairs in newest.values() for entry_id, _amount in pairs}
    entries: Mapping[int, Any] = Entry.objects.in_bulk(ids) if ids else {}
    return {
        promise_id: tuple(
            Keeping(entry_id, entries[entry_id].effective_on, amount, entries[entry_id].reference)
            for entry_id, amount in pairs
        )
        for promise_id, pairs in newest.items()
    }


def _choices(actor: Actor, case: Case, today: date) -> tuple[Choice, ...]:
    policy = promise_policy_of(case.creditor_id, today)
    staying = Account.objects.filter(
        case_accounts__case=case, case_accounts__left_on__isnull=True
    ).order_by("pk")
    by_currency: dict[str, list[Account]] = {}
    for account in staying:
        by_currency.setdefault(account.currency, []).append(account)
    return tuple(
        _choice(actor, case, code, accounts, policy, today)
        for code, accounts in sorted(by_currency.items())
    )


def _choice(
    actor: Actor,
    case: Case,
    code: str,
    accounts: Sequence[Account],
    policy: PromisePolicy,
    today: date,
) -> Choice:
    ids = [each.pk for each in accounts]
    rows = load("promises")["overlapping"].prepared_rows(
        {"debtor_id": case.debtor_id, "on": today, "account_ids": ids}
    )
    replaced = [row["id"] for row in rows]
    standing = standing_of(case.debtor_id, accounts, policy, today, replaced)
    days = [each for each in QUICK_DAYS if each <= policy.days_ahead_most]
    return Choice(
        code,
        tuple(ids),
        allowed_by(policy, standing),
        policy,
        tuple(today + timedelta(days=each) for each in days),
        may_exceed(actor, policy, case.creditor_id),
    )


def _speakers(case: Case) -> tuple[tuple[int, str, str], ...]:
    """(id, name, relation) of the related persons who may promise."""
    able = [str(each) for each in (*RelatedPerson.LIABLE, *SPEAKING)]
    rows = RelatedPerson.objects.filter(debtor_id=case.debtor_id, relation__in=able)
    return tuple(rows.order_by("pk").values_list("pk", "name", "relation"))
