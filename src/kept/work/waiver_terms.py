"""What policy holds for a case: the figures a waiver is measured by, and what may be asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.core.agreements.waiver_policy import (
    Allowance,
    Answer,
    WaiverKind,
    WaiverPolicy,
    allowances,
    answer_to,
)
from kept.core.ledger import position_as_of
from kept.store.accruals import read_accrued
from kept.store.events import microseconds
from kept.store.facts import facts_of_case
from kept.store.ledger import ALL_KNOWN, postings_of
from kept.store.models import Account, Case
from kept.store.queries import load
from kept.store.visibility import visible_rows
from kept.work.changes import not_there
from kept.work.permissions import Permission, require
from kept.work.refusals import Refusal
from kept.work.waiver_budgets import BudgetView, list_of_case
from kept.work.waiver_policies import waiver_policy_of

__all__ = [
    "WaiverGround",
    "WaiverTerms",
    "balances_of",
    "get_waiver_terms",
    "ground_of",
    "open_case",
]


@dataclass(frozen=True, slots=True)
class WaiverGround:
    """A case as the matrix sees it on a day, in one currency: what each account owes by component,
    in sum, and what was waived before and still counts."""

    case: Case
    on: date
    currency: str
    accounts: Mapping[int, Account]
    by_account: Mapping[int, Mapping[str, int]]
    waived: Mapping[str, int]
    policy: WaiverPolicy
    facts: Mapping[str, Any] = field(repr=False, default_factory=dict)

    @property
    def owed(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for parts in self.by_account.values():
            for component, amount in parts.items():
                if amount > 0:
                    found[component] = found.get(component, 0) + amount
        return found

    @property
    def owed_minor(self) -> int:
        return sum(self.owed.values())

    def answer(self, asked: Mapping[str, int], kind: WaiverKind) -> Answer:
        return answer_to(
            self.policy, self.facts, self.owed, self.waived, asked, self.currency, kind
        )

    def held(self, kind: WaiverKind) -> tuple[Allowance, ...]:
        return allowances(self.policy, self.facts, self.owed, self.waived, self.currency, kind)


@dataclass(frozen=True, slots=True)
class WaiverTerms:
    """What a page shows before anything can be asked for."""

    ground: WaiverGround
    held: Mapping[WaiverKind, tuple[Allowance, ...]]
    budgets: Sequence[BudgetView]


def open_case(actor: Actor, case_id: int, permission: Permission, *, locked: bool = False) -> Case:
    rows = visible_rows(Case, require(actor, permission)).select_related("creditor")
    if locked:
        rows = rows.select_for_update(of=("self",))
    case = rows.filter(pk=case_id).first()
    if case is None:
        raise not_there()
    if case.closed_on is not None:
        raise Refusal(_("The case is closed."))
    return case


def ground_of(case: Case, now: datetime, account_ids: Sequence[int] | None = None) -> WaiverGround:
    """By the ledger of today."""
    on = now.astimezone(ZoneInfo(case.creditor.zone)).date()
    by_account, code = balances_of(case, on, account_ids)
    policy = waiver_policy_of(case.creditor_id, on)
    facts = facts_of_case(case.pk, as_of=on, known_at=ALL_KNOWN)
    if facts is None:
        raise Refusal(_("The case is not open today."))
    return WaiverGround(
        case=case,
        on=on,
        currency=code,
        accounts=Account.objects.in_bulk(list(by_account)),
        by_account=by_account,
        waived=_waived_before(list(by_account), on - timedelta(days=policy.counts_days)),
        policy=policy,
        facts=facts,
    )


def balances_of(
    case: Case, on: date, account_ids: Sequence[int] | None = None
) -> tuple[dict[int, dict[str, int]], str]:
    """What each account of the case owes by component, and the currency. Accounts of several are
    taken one currency at a time: that of the accounts named, else of the most of them. Where kept
    accrues, what accrued is in it."""
    rows = Account.objects.filter(case_accounts__case=case, case_accounts__left_on__isnull=True)
    there = {row.pk: row for row in rows.order_by("pk")}
    if account_ids is not None and not set(account_ids) <= there.keys():
        raise not_there()
    chosen = [there[pk] for pk in (account_ids if account_ids is not None else there)]
    codes = sorted({row.currency for row in chosen}, key=lambda each: (-_count(chosen, each), each))
    if not codes:
        raise Refusal(_("No account is in this case."))
    if account_ids is not None and len(codes) > 1:
        raise Refusal(_("An agreement is on accounts in one currency: make one for each."))
    owed = {row.pk: _balances(row.pk, on) for row in chosen if row.currency == codes[0]}
    for account_id, accrued in read_accrued(owed, on).items():
        for charged, amount in accrued.items():
            owed[account_id][charged.value] = owed[account_id].get(charged.value, 0) + amount
    return owed, codes[0]


def _count(rows: Sequence[Account], code: str) -> int:
    return sum(row.currency == code for row in rows)


def _balances(account_id: int, on: date) -> dict[str, int]:
    """By component as the ledger names them, the product's own ones too."""
    return dict(position_as_of(postings_of(account_id), on, microseconds(ALL_KNOWN)).balances)


def _waived_before(account_ids: list[int], first: date) -> dict[str, int]:
    given = {"account_ids": account_ids, "first": first}
    rows = load("waivers")["waived_before"].rows(given)
    return {row["component"]: row["amount_minor"] for row in rows if row["amount_minor"]}


def get_waiver_terms(*, actor: Actor, case_id: int, now: datetime) -> WaiverTerms:
    """What policy holds for a case today, by kind, and what the budgets of the month have left."""
    case = open_case(actor, case_id, Permission.WAIVER_REQUEST)
    ground = ground_of(case, now)
    held = {kind: ground.held(kind) for kind in WaiverKind}
    products = {row.product_id for row in ground.accounts.values()}
    return WaiverTerms(ground, held, list_of_case(case.creditor_id, ground.on, products))
