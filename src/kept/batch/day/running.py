"""Working off a creditor's marked cases: claimed, asked about, decided and written, in batches.

Asking (facts and law) takes most of the time and holds nothing. Deciding and writing are one
transaction under the locks of the creditor's cases and of the house, so that what is left is taken
once. A case that was written to in between stays marked and is decided once more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from django.db import transaction

from kept.batch.day.asking import Asked, LastNight, NightUnderWay, ask, last_night
from kept.batch.day.leftover import Leftover, Today, today_of
from kept.batch.day.stepping import CaseToday, Decider, read_cases
from kept.store.cases import lock_cases
from kept.store.queries import load
from kept.store.to_decide import (
    ToDecide,
    claim,
    count_try,
    forget,
    is_due,
    mark_case,
    only_decider,
    take_off,
)

__all__ = ["BATCH", "decide_cases", "decide_due"]

BATCH: Final = 50


def decide_due(creditor_id: int, clock: Callable[[], datetime]) -> int:
    """Decide the marked cases of a creditor until none is due; returns how many were looked at.

    Does nothing while another worker does it, or while the creditor's night is being run: then the
    night's end calls for it. `clock` is asked before each batch.
    """
    decided = 0
    while True:
        with only_decider(creditor_id) as is_mine:
            if not is_mine:
                return decided  # who has the lock looks again after giving it back
            count = _work_off(creditor_id, clock)
        if count is None:
            return decided
        decided += count
        if not is_due(creditor_id, clock()):
            return decided


def _work_off(creditor_id: int, clock: Callable[[], datetime]) -> int | None:
    """None where nothing can be decided now."""
    decided = 0
    while cases := claim(creditor_id, clock(), BATCH):
        try:
            last = last_night(creditor_id)
        except NightUnderWay:
            return None
        if last is None:
            forget(creditor_id)
            return None
        count_try(cases)
        decide_cases(last, cases, clock())
        decided += len(cases)
    return decided


def decide_cases(last: LastNight, cases: Sequence[ToDecide], now: datetime) -> list[int]:
    """Decide some marked cases again and take their marks off; the ids of those that changed."""
    at = max(now, *(each.asked_at for each in cases))  # a page's clock may be ahead of ours
    asked = ask(last, [each.case_id for each in cases], at)
    night = last.night(at)
    today = today_of(last, night.on)
    with transaction.atomic():
        lock_cases(last.creditor.pk)  # first: whoever holds it long keeps nobody else waiting
        load("to_decide")["lock_house"].rows()
        return _decide(last, cases, asked, today, at)


def _decide(
    last: LastNight,
    cases: Sequence[ToDecide],
    asked: Mapping[int, Asked],
    today: Today,
    at: datetime,
) -> list[int]:
    night = last.night(at)
    left = Leftover(last, today, night.on)
    known = read_cases(last, [each.case_id for each in cases], at)
    decider = Decider(last, night, today, left)
    changed: list[int] = []
    put_off: dict[int, datetime] = {}
    freed: list[ToDecide] = []
    for each in cases:
        case = known.get(each.case_id)
        if case is None or each.case_id not in asked:
            continue
        found = decider.decide(asked[each.case_id], case, each.cause)
        if found.until is not None:
            put_off[each.case_id] = found.until
        if found.changed:
            changed.append(each.case_id)
        if found.frees_person:
            freed.append(each)
    take_off(cases, put_off)
    for each in freed:
        _mark_siblings(known[each.case_id], each.cause, at)
    return changed


def _mark_siblings(case: CaseToday, cause: str, at: datetime) -> None:
    """A person has one contact: when it is gone, another case of theirs may have one."""
    for case_id in case.siblings:
        mark_case(case_id, cause, at)
