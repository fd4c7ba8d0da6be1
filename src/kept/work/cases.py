"""One case to read: who owes what, how much by component, why it is worked, since when.

Figures come from the ledger as of the creditor's business date, as known now. Numbers of persons
are masked. What happened to the case is in `work/timelines.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, Q

from kept.core.actors import Actor, Reach
from kept.core.ledger import BucketChange, bucket_changes, bucket_of
from kept.core.lending.caps import Charged
from kept.store.accruals import read_positions_with_accrued
from kept.store.events import microseconds
from kept.store.ledger import ALL_KNOWN, AccountPosition, postings_of
from kept.store.models import (
    Attempt,
    Case,
    CaseAccount,
    ContactPoint,
    Hold,
    IdentityKey,
    ProductTerms,
    RelatedPerson,
    Task,
)
from kept.store.queries import load
from kept.store.visibility import visible_rows
from kept.work.accesses import note_use
from kept.work.permissions import Permission, require

__all__ = [
    "AccountView",
    "AttemptView",
    "CaseView",
    "ContactPointView",
    "DebtorView",
    "HoldView",
    "IdentityView",
    "RelatedPersonView",
    "TaskView",
    "Total",
    "get_case",
    "visible_case",
]

TASKS_SHOWN = 8
ATTEMPTS_SHOWN = 8
BUCKET_DAYS = 120


@dataclass(frozen=True, slots=True)
class IdentityView:
    identity_id: int
    kind: str
    country: str
    masked: str


@dataclass(frozen=True, slots=True)
class DebtorView:
    name: str
    kind: str
    external_id: str
    language: str
    country: str
    zones: tuple[str, ...]
    identities: tuple[IdentityView, ...]


@dataclass(frozen=True, slots=True)
class AccountView:
    """One account of the case. `figures` is None before its first entry in the ledger.

    `components` are (name, amount in minor units), in the product's allocation order. `left_on` is
    set for an account that has left the case.
    """

    account_id: int
    external_id: str
    product_id: int
    product_code: str
    product_name: str
    state: str
    currency: str
    opened_on: date | None
    file_as_of: date | None
    entered_on: date
    left_on: date | None
    leave_reason: str
    is_gathered: bool
    figures: AccountPosition | None
    bucket: int
    components: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Total:
    """What the accounts that are in the case come to, in one currency."""

    currency: str
    balance_minor: int
    overdue_minor: int
    components: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class HoldView:
    reason: str
    effects: tuple[str, ...]
    placed_at: datetime
    placed_by: str
    until: date | None
    note: str
    account_number: str


@dataclass(frozen=True, slots=True)
class ContactPointView:
    contact_point_id: int
    kind: str
    usage: str
    masked: str
    country: str
    validity: str
    consent: str
    source: str


@dataclass(frozen=True, slots=True)
class RelatedPersonView:
    """Somebody tied to the debtor; one who is not liable never hears of the debt."""

    name: str
    relation: str
    is_liable: bool
    contact_points: tuple[ContactPointView, ...]


@dataclass(frozen=True, slots=True)
class TaskView:
    """`reason` is what the night wrote down of why this treatment was proposed and dealt.

    Days past due, bucket and amounts (minor units) are those the night saw.
    """

    task_id: int
    treatment: str
    stage: str
    channel: str
    state: str
    due_at: datetime
    closed_at: datetime | None
    business_date: date
    strategy: str
    seat_code: str
    minutes: int
    priority: int
    dpd: int
    bucket: int
    balance_minor: int
    overdue_minor: int
    currency: str
    reason: Mapping[str, Any]
    lawful_from: datetime | None = None
    wanted_at: datetime | None = None
    escalated_at: datetime | None = None

    def turn(self, now: datetime) -> tuple[bool, bool, datetime, int]:
        """The order of work: open ones that may be worked now by priority, then those that will
        be; after them the closed ones as they came."""
        begins = max(now, self.lawful_from or now)
        if self.state != Task.State.OPEN:
            return True, True, now, 0
        return False, begins > now, begins, -self.priority


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One try to reach the debtor; `masked` is the number or address that was tried."""

    started_at: datetime
    channel: str
    outcome: str
    masked: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """`dpd` and `bucket` are those of the oldest account in the case, `since` its due date.

    `bucket_steps` are the buckets it has been in, oldest first, the first as of the first day
    looked at; by today's terms, and none before the account has been in the ledger for a day.
    """

    case_id: int
    creditor_code: str
    creditor_name: str
    debtor: DebtorView
    stage: str
    opened_on: date
    closed_on: date | None
    close_reason: str
    seat_code: str
    debtor_id: int
    as_of: date
    dpd: int
    bucket: int
    since: date | None
    totals: tuple[Total, ...]
    accounts: tuple[AccountView, ...]
    holds: tuple[HoldView, ...]
    contact_points: tuple[ContactPointView, ...]
    related_persons: tuple[RelatedPersonView, ...]
    tasks: tuple[TaskView, ...]
    attempts: tuple[AttemptView, ...]
    bucket_steps: tuple[BucketChange, ...]

    @property
    def next_task(self) -> TaskView | None:
        return next((task for task in self.tasks if task.state == "open"), None)

    @property
    def is_contact_held(self) -> bool:
        return any("contact" in hold.effects for hold in self.holds)


def get_case(actor: Actor, case_id: int, *, now: datetime) -> CaseView | None:
    """The case as of the creditor's business date; None where there is none to see.

    Whoever sees it by timed access alone leaves an event: the only read that writes (as its
    timeline and its export do).
    """
    within = require(actor, Permission.CASE_READ)
    case = visible_case(within, case_id)
    if case is None:
        return None
    note_use(actor, within, case, now)
    as_of = now.astimezone(ZoneInfo(case.creditor.zone)).date()
    stays = _stays(within, case)
    terms = _terms({stay.account.product_id for stay in stays}, as_of)
    accounts = _accounts(stays, terms, as_of)
    staying = [account for account in accounts if account.left_on is None]
    oldest = max(staying or accounts, key=_age, default=None)
    contacts = _contact_points(case)
    return CaseView(
        case_id=case.pk,
        creditor_code=case.creditor.code,
        creditor_name=case.creditor.name,
        debtor=_debtor(case),
        stage=case.stage,
        opened_on=case.opened_on,
        closed_on=case.closed_on,
        close_reason=case.close_reason,
        seat_code=case.seat.code if case.seat else "",
        debtor_id=case.debtor_id,
        as_of=as_of,
        dpd=_age(oldest) if oldest else 0,
        bucket=oldest.bucket if oldest else 0,
        since=oldest.figures.oldest_due_on if oldest and oldest.figures else None,
        totals=_totals(staying),
        accounts=tuple(accounts),
        holds=_holds(case, as_of),
        contact_points=tuple(contacts.get(None, ())),
        related_persons=_related_persons(case, contacts),
        tasks=_tasks(case, now),
        attempts=_attempts(case),
        bucket_steps=_bucket_steps(oldest, terms, as_of, now),
    )


def visible_case(within: Reach, case_id: int) -> Case | None:
    rows = visible_rows(Case, within).select_related("creditor", "seat", "debtor")
    return rows.filter(pk=case_id).first()


def _age(account: AccountView) -> int:
    return account.figures.dpd if account.figures else 0


def _debtor(case: Case) -> DebtorView:
    debtor = case.debtor
    keys = IdentityKey.objects.filter(person_id=debtor.person_id).order_by("id")
    return DebtorView(
        name=debtor.name,
        kind=debtor.kind,
        external_id=debtor.external_id,
        language=debtor.language,
        country=debtor.country,
        zones=tuple(debtor.zones),
        identities=tuple(
            IdentityView(*key) for key in keys.values_list("pk", "kind", "country", "masked")
        ),
    )


@dataclass(slots=True)
class _Terms:
    boundaries: Sequence[int] = ()
    grace_days: int = 0
    order: Sequence[str] = field(default_factory=tuple)


def _accounts(
    stays: Sequence[CaseAccount], terms: Mapping[int, _Terms], as_of: date
) -> list[AccountView]:
    account_ids = [stay.account_id for stay in stays]
    figures = read_positions_with_accrued(account_ids, as_of)
    components = _components(account_ids, as_of, figures)
    views = [
        _account(stay, figures, components, terms.get(stay.account.product_id, _Terms()))
        for stay in stays
    ]
    return sorted(views, key=lambda view: (view.left_on is not None, -_age(view)))


def _stays(within: Reach, case: Case) -> list[CaseAccount]:
    """The stay of each account that counts: the one that lasts, or else the last that ended.

    Who is limited to a portfolio sees no account of another one, and no figure of it in a total.
    """
    rows = visible_rows(CaseAccount, within).filter(case=case).select_related("account__product")
    last = rows.order_by("account_id", F("left_on").desc(nulls_first=True), "-pk")
    return list(last.distinct("account_id"))


def _account(
    stay: CaseAccount,
    figures: Mapping[int, AccountPosition],
    components: Mapping[int, Mapping[str, int]],
    terms: _Terms,
) -> AccountView:
    account = stay.account
    position = figures.get(account.pk)
    parts = components.get(account.pk, {})
    return AccountView(
        account_id=account.pk,
        external_id=account.external_id,
        product_id=account.product_id,
        product_code=account.product.code,
        product_name=account.product.name,
        state=account.state,
        currency=account.currency,
        opened_on=account.opened_on,
        file_as_of=account.as_of,
        entered_on=stay.entered_on,
        left_on=stay.left_on,
        leave_reason=stay.leave_reason,
        is_gathered=stay.gathered,
        figures=position,
        bucket=bucket_of(position.dpd, terms.boundaries, terms.grace_days) if position else 0,
        components=_in_order(parts, terms.order),
    )


def _in_order(parts: Mapping[str, int], order: Sequence[str]) -> tuple[tuple[str, int], ...]:
    rank = {component: place for place, component in enumerate(order)}
    return tuple(sorted(parts.items(), key=lambda part: (rank.get(part[0], len(rank)), part[0])))


def _components(
    account_ids: Sequence[int], as_of: date, figures: Mapping[int, AccountPosition]
) -> dict[int, dict[str, int]]:
    """By account; where something accrued that is not charged yet, it is in its component."""
    found: dict[int, dict[str, int]] = {}
    sql = load("ledger")["component_balances"].scoped("accounts")
    for row in sql.rows({"account_ids": list(account_ids), "as_of": as_of, "known_at": ALL_KNOWN}):
        found.setdefault(row["account_id"], {})[row["component"]] = row["amount_minor"]
    for account_id, position in figures.items():
        if position.accrued_minor:
            parts = found.setdefault(account_id, {})
            for component in Charged:
                amount = getattr(position, f"{component.value}_minor")
                if amount or component.value in parts:
                    parts[component.value] = amount
    return found


def _terms(product_ids: set[int], as_of: date) -> dict[int, _Terms]:
    in_force = ProductTerms.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=as_of),
        product_id__in=product_ids,
        valid_from__lte=as_of,
    )
    columns = ("product_id", "bucket_boundaries", "grace_days", "allocation_order")
    return {row[0]: _Terms(*row[1:]) for row in in_force.values_list(*columns)}


def _totals(accounts: Iterable[AccountView]) -> tuple[Total, ...]:
    """One total a currency, the largest first; components in the order of the accounts."""
    balances: dict[str, int] = {}
    overdue: dict[str, int] = {}
    parts: dict[str, dict[str, int]] = {}
    for account in accounts:
        if account.figures is None:
            continue
        code = account.currency
        balances[code] = balances.get(code, 0) + account.figures.balance_minor
        overdue[code] = overdue.get(code, 0) + account.figures.overdue_minor
        sums = parts.setdefault(code, {})
        for component, amount in account.components:
            sums[component] = sums.get(component, 0) + amount
    return tuple(
        Total(code, balances[code], overdue[code], tuple(parts[code].items()))
        for code in sorted(balances, key=lambda code: (-overdue[code], code))
    )


def _holds(case: Case, as_of: date) -> tuple[HoldView, ...]:
    standing = Hold.objects.filter(
        Q(until__isnull=True) | Q(until__gte=as_of),
        debtor_id=case.debtor_id,
        released_at__isnull=True,
    )
    return tuple(
        HoldView(
            reason=hold.reason,
            effects=tuple(hold.effects),
            placed_at=hold.placed_at,
            placed_by=hold.placed_by,
            until=hold.until,
            note=hold.note,
            account_number=hold.account.external_id if hold.account else "",
        )
        for hold in standing.select_related("account").order_by("placed_at", "id")
    )


def _contact_points(case: Case) -> dict[int | None, list[ContactPointView]]:
    """By related person; the debtor's own under None."""
    columns = ("pk", "kind", "usage", "masked", "country", "validity", "consent", "source")
    found: dict[int | None, list[ContactPointView]] = {}
    points = ContactPoint.objects.filter(debtor_id=case.debtor_id)
    ordered = points.order_by("position", "id")
    for owner, *values in ordered.values_list("related_person_id", *columns):
        found.setdefault(owner, []).append(ContactPointView(*values))
    for views in found.values():
        views.sort(key=lambda view: _KINDS.index(view.kind))
    return found


_KINDS = ("phone", "handle", "email", "address")  # as they are looked for


def _related_persons(
    case: Case, contacts: Mapping[int | None, Sequence[ContactPointView]]
) -> tuple[RelatedPersonView, ...]:
    """Those who owe come first."""
    rows = RelatedPerson.objects.filter(debtor_id=case.debtor_id).order_by("id")
    views = [
        RelatedPersonView(
            name=row.name,
            relation=row.relation,
            is_liable=row.relation in RelatedPerson.LIABLE,
            contact_points=tuple(contacts.get(row.pk, ())),
        )
        for row in rows
    ]
    return tuple(sorted(views, key=lambda view: not view.is_liable))


def _tasks(case: Case, now: datetime) -> tuple[TaskView, ...]:
    """Open tasks in the order of work, then the newest of the others."""
    rows = Task.objects.filter(case=case).select_related("seat").order_by("-business_date", "-id")
    views = [
        TaskView(
            task_id=row.pk,
            treatment=row.treatment,
            stage=row.stage,
            channel=row.channel,
            state=row.state,
            due_at=row.due_at,
            closed_at=row.closed_at,
            business_date=row.business_date,
            strategy=row.strategy,
            seat_code=row.seat.code if row.seat else "",
            minutes=row.minutes,
            priority=row.priority,
            dpd=row.dpd,
            bucket=row.bucket,
            balance_minor=row.balance_minor,
            overdue_minor=row.overdue_minor,
            currency=row.currency,
            reason=row.reason,
            lawful_from=row.lawful_from,
            wanted_at=row.wanted_at,
            escalated_at=row.escalated_at,
        )
        for row in rows[:TASKS_SHOWN]
    ]
    return tuple(sorted(views, key=lambda view: view.turn(now)))


def _attempts(case: Case) -> tuple[AttemptView, ...]:
    """The latest tries, the newest first."""
    rows = Attempt.objects.filter(case=case).order_by("-started_at", "-id")
    columns = ("started_at", "channel", "outcome", "contact_point__masked")
    return tuple(
        AttemptView(started_at, channel, outcome, masked or "")
        for started_at, channel, outcome, masked in rows.values_list(*columns)[:ATTEMPTS_SHOWN]
    )


def _bucket_steps(
    oldest: AccountView | None, terms: Mapping[int, _Terms], as_of: date, now: datetime
) -> tuple[BucketChange, ...]:
    """Rebuilt from the ledger as it is known now, so days before the first night are there too."""
    if oldest is None:
        return ()
    postings = postings_of(oldest.account_id)
    first = min((posting.effective_on for posting in postings), default=as_of)
    if first >= as_of:
        return ()
    first = max(first, as_of - timedelta(days=BUCKET_DAYS))
    rule = terms.get(oldest.product_id, _Terms())
    return tuple(
        bucket_changes(postings, rule.boundaries, rule.grace_days, first, as_of, microseconds(now))
    )
