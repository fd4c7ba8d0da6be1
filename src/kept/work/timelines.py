"""What happened to a case and its debtor, newest first, page by page; found by key.

Personal values in events are opened for the reader; once a person's key is gone they are not there.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kept.core.actors import Actor, Reach
from kept.core.events import ChainKind
from kept.store.models import Account, Case
from kept.store.person_keys import open_personal
from kept.store.queries import load
from kept.store.visibility import visible_rows
from kept.work.accesses import note_use
from kept.work.cases import visible_case
from kept.work.permissions import Permission, require

__all__ = ["TimelineEntry", "TimelinePage", "list_timeline"]

TIMELINE_PAGE = 15


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One event of the case; `actor` did `action` to `subject`."""

    recorded_at: datetime
    actor: str
    action: str
    subject: str
    batch_id: int | None
    body: Mapping[str, Any]
    personal: Mapping[str, Any]  # what was sealed under the person's key; empty once it is gone


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """`accounts` names what the events speak of: (number, currency) by id."""

    entries: tuple[TimelineEntry, ...]
    next_cursor: str | None
    accounts: Mapping[int, tuple[str, str]]


def list_timeline(
    actor: Actor, case_id: int, cursor: str = "", *, now: datetime, limit: int = TIMELINE_PAGE
) -> TimelinePage | None:
    """What happened to the case and its debtor, newest first; None where there is none to see.

    Whoever sees it by timed access alone leaves an event, as with the case itself.
    """
    within = require(actor, Permission.CASE_READ)
    case = visible_case(within, case_id)
    if case is None:
        return None
    note_use(actor, within, case, now)
    before = _event_key(cursor)
    rows = load("events")["timeline"].rows(
        {
            "case_id": case.pk,
            "debtor_id": case.debtor_id,
            "before_at": before and before[0],
            "before_kind": before and before[1],
            "before_sequence": before and before[2],
            "limit": limit + 1,
        }
    )
    shown = rows[:limit]
    names = _account_names(within, case)
    entries = (_entry(row, values) for row, values in zip(shown, _opened(shown), strict=True))
    hidden = _hidden_accounts(within, case, names)
    return TimelinePage(
        tuple(entry for entry in entries if not _tells_of(entry.body, hidden)),
        _cursor(shown[-1]) if len(rows) > limit else None,
        names,
    )


def _hidden_accounts(within: Reach, case: Case, known: Collection[int]) -> set[int]:
    """The debtor's accounts in portfolios that the actor does not see."""
    if all(scope.product_ids is None for scope in within.scopes):
        return set()
    accounts = Account.objects.filter(creditor_id=case.creditor_id, debtor_id=case.debtor_id)
    return set(accounts.values_list("pk", flat=True)) - set(known)


def _tells_of(body: Mapping[str, Any], hidden: set[int]) -> bool:
    """Whether an event names one of the accounts, itself or in one of its lists."""
    if not hidden:
        return False
    parts = [body, *(each for value in body.values() if isinstance(value, list) for each in value)]
    return any(isinstance(part, Mapping) and part.get("account") in hidden for part in parts)


def _account_names(within: Reach, case: Case) -> dict[int, tuple[str, str]]:
    known = visible_rows(Account, within)
    accounts = known.filter(creditor_id=case.creditor_id, debtor_id=case.debtor_id)
    rows = accounts.values_list("pk", "external_id", "currency")
    return {account_id: (number, currency) for account_id, number, currency in rows}


def _cursor(row: Mapping[str, Any]) -> str:
    return f"{row['recorded_at'].isoformat()}~{row['chain_kind']}~{row['sequence']}"


def _event_key(cursor: str) -> tuple[datetime, str, int] | None:
    try:
        at, kind, sequence = cursor.split("~")
        key = datetime.fromisoformat(at), ChainKind(kind).value, int(sequence)
    except ValueError:
        return None
    return key if key[0].tzinfo is not None and 0 <= key[2] < 2**63 else None


def _opened(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The personal values of each event, opened; empty where there are none or no key."""
    sealed = [(row["key_id"], row["personal"]) for row in rows if row["key_id"] is not None]
    opened = iter(open_personal(sealed))
    return [(row["key_id"] is not None and next(opened)) or {} for row in rows]


def _entry(row: Mapping[str, Any], personal: Mapping[str, Any]) -> TimelineEntry:
    return TimelineEntry(
        recorded_at=row["recorded_at"],
        actor=row["actor"],
        action=row["action"],
        subject=row["subject"],
        batch_id=row["batch_id"],
        body=json.loads(row["body"]),
        personal=personal,
    )
