"""Judging promises out of the tables: read in sets, judged by the core, the copies written in sets.

The statements are `sql/promises.sql`. The stored copy always says the newest: as of the latest day
and by the latest moment that any judging of the debtor's promises was asked for.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from kept.core.actors import Actor
from kept.core.agreements.promises import (
    Judged,
    JudgingTerms,
    PaymentMade,
    Promised,
    judge_promises,
)
from kept.core.events import canonical_json
from kept.store.events import append_prepared_events, microseconds
from kept.store.queries import load

__all__ = [
    "SHOWN_DAYS",
    "Outcome",
    "end_held",
    "judge_stored",
    "judge_touched",
    "promises_standing",
    "read_outcomes",
]

#: For so many days a promise that was not kept is shown with its case.
SHOWN_DAYS: Final = 7


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a promise has come to, with the row it was read from."""

    judged: Judged
    row: Mapping[str, Any]

    @property
    def end_reason(self) -> str:
        return str(self.row["end_reason"])


def read_outcomes(
    scope: str, parameters: Mapping[str, Any], as_of: date, known_at: datetime
) -> list[Outcome]:
    """What the promises of a scope had come to as of a day, by what was known at a moment."""
    at = {**parameters, "as_of": as_of, "known_at": known_at}
    rows = load("promises")["read_promises"].scoped(scope).rows(at)
    return _judged(rows, known_at, dict.fromkeys((row["debtor_id"] for row in rows), as_of))


def _judged(
    rows: Sequence[Mapping[str, Any]], known_at: datetime, as_of: Mapping[int, date]
) -> list[Outcome]:
    if not rows:
        return []
    by_debtor: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        by_debtor[row["debtor_id"]].append(row)
    payments = _payments([row["id"] for row in rows], known_at)
    found = []
    for debtor_id, mine in by_debtor.items():
        promised = [_promised(row) for row in mine]
        judged = judge_promises(promised, payments.get(debtor_id, ()), as_of[debtor_id])
        found += [Outcome(judged[row["id"]], row) for row in mine if row["id"] in judged]
    return found


def _payments(promise_ids: list[int], known_at: datetime) -> dict[int, list[PaymentMade]]:
    found: dict[int, list[PaymentMade]] = defaultdict(list)
    given = {"promise_ids": promise_ids, "known_at": known_at}
    for row in load("promises")["read_payments"].rows(given):
        found[row["debtor_id"]].append(
            PaymentMade(
                row["id"],
                row["account_id"],
                row["amount_minor"],
                row["effective_on"],
                row["reversed_on"],
                microseconds(row["recorded_at"]),
                row["is_explained"],
            )
        )
    return found


def _promised(row: Mapping[str, Any]) -> Promised:
    return Promised(
        row["id"],
        frozenset(row["account_ids"]),
        row["amount_minor"],
        row["made_on"],
        row["due_on"],
        JudgingTerms(row["tolerance_ppm"], row["grace_days"]),
        row["ended_on"],
        microseconds(row["made_at"]),
        row["counts_unexplained"],
    )


def promises_standing(case_ids: Collection[int], on: date) -> dict[int, str]:
    """By case `due` or `broken`; a case without either is left out."""
    if not case_ids:
        return {}
    given = {"case_ids": sorted(case_ids), "on": on, "since": on - timedelta(days=SHOWN_DAYS)}
    rows = load("promises")["standing"].rows(given)
    words = {row["case_id"]: _standing(row) for row in rows}
    return {case_id: word for case_id, word in words.items() if word}


def _standing(row: Mapping[str, Any]) -> str:
    return "due" if row["is_due"] else "broken" if row["is_broken"] else ""


# --- the stored copies ----------------------------------------------------------------------------


def judge_stored(
    scope: str,
    parameters: Mapping[str, Any],
    *,
    actor: Actor,
    as_of: date,
    now: datetime,
    batch_id: int | None = None,
) -> list[Outcome]:
    """Judge, write what changed with an event of each case, and return what changed.

    The caller is inside the transaction of the write that calls for it. One that was judged as of a
    later day, or by a later moment, stays so.
    """
    given = {**parameters, "as_of": as_of}
    if not load("promises")["lock_promises"].scoped(scope).rows(given):
        return []
    known_at, days = _newest(scope, given, as_of, now)
    rows = load("promises")["read_promises"].scoped(scope).rows({**given, "known_at": known_at})
    found = _judged(rows, known_at, days)
    changed = [each for each in found if _is_changed(each)]
    _write("write_states", found, days, known_at)
    _write("write_outcomes", changed, days, known_at)
    _tell([each for each in changed if _has_come_to(each)], actor, now, batch_id)
    return changed


def judge_touched(*, actor: Actor, now: datetime, batch_id: int | None) -> None:
    """Judge the promises of the debtors of `touched_accounts`, as of each creditor's own day."""
    zones = load("promises")["touched_creditors"].rows()
    for row in zones:
        judge_stored(
            "touched_of",
            {"creditor_id": row["creditor_id"]},
            actor=actor,
            as_of=now.astimezone(ZoneInfo(row["zone"])).date(),
            now=now,
            batch_id=batch_id,
        )


def _newest(
    scope: str, given: Mapping[str, Any], as_of: date, now: datetime
) -> tuple[datetime, dict[int, date]]:
    rows = load("promises")["newest"].scoped(scope).rows(given)
    known_at = max([now, *(row["judged_at"] for row in rows)])
    return known_at, {row["debtor_id"]: max(as_of, row["judged_on"]) for row in rows}


def _is_changed(each: Outcome) -> bool:
    row, judged = each.row, each.judged
    stored = row["state"], row["paid_minor"]
    return not row["is_told"] or (judged.state.value, judged.paid_minor) != stored


def _has_come_to(each: Outcome) -> bool:
    """What a promise is when it is made, is told by its making."""
    return bool(each.row["is_told"])


def _write(name: str, found: Sequence[Outcome], days: Mapping[int, date], at: datetime) -> None:
    if not found:
        return
    given: dict[str, Any] = {
        "ids": [each.judged.promise.id for each in found],
        "states": [each.judged.state.value for each in found],
        "paid": [each.judged.paid_minor for each in found],
        "judged_on": [days[each.row["debtor_id"]] for each in found],
        "judged_at": [at for _ in found],
        "by_payment": [json.dumps(each.judged.by_payment) for each in found],
    }
    load("promises")[name].run(given)


def _tell(found: Iterable[Outcome], actor: Actor, now: datetime, batch_id: int | None) -> None:
    by_case: dict[int, list[dict[str, object]]] = defaultdict(list)
    for each in found:
        by_case[each.row["case_id"]].append(
            {
                "promise": each.judged.promise.id,
                "amount_minor": each.judged.promise.amount_minor,
                "currency": each.row["currency"],
                "before": each.row["state"],
                "after": each.judged.state.value,
                "paid_minor": each.judged.paid_minor,
                "payments": [list(pair) for pair in each.judged.by_payment],
            }
        )
    if not by_case:
        return
    bodies = [canonical_json({"promises": told}) for told in by_case.values()]
    load("promises")["tell"].run({"case_ids": list(by_case), "bodies": bodies})
    append_prepared_events(actor=actor, now=now, batch_id=batch_id)


def end_held(parameters: Mapping[str, Any], *, actor: Actor, as_of: date, now: datetime) -> int:
    """End open promises of a range of debtors against which a hold of treatment stands, or whose
    accounts were all recalled; how many. They are judged by the next `judge_stored`."""
    given = {**parameters, "actor": actor.name, "as_of": as_of, "now": now}
    return load("promises")["end_held"].run(given)
