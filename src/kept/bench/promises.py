"""A promise taken at the desk, beside the bare rows of it in one transaction.

A book of cases with a night behind it, so that each promise also marks its case to be decided
again. The promises are taken one after another; the first ones, which warm caches and plans, do not
count.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from kept.bench.form import Figure, Goal, Measure
from kept.bench.scratch import scratch_database

if TYPE_CHECKING:
    from kept.work.promises import Asked

__all__ = ["measures", "run"]

CASES_FULL, CASES_QUICK = 100_000, 2_000
TAKEN_FULL, TAKEN_QUICK = 500, 100
WARM: Final = 20
P95: Final = Goal(Figure.VALUE, most=50)
PEER: Final = "the bare rows of a promise inserted in one transaction"


def measures(*, quick: bool) -> Iterator[Measure]:
    cases = CASES_QUICK if quick else CASES_FULL
    taken = TAKEN_QUICK if quick else TAKEN_FULL
    with scratch_database("promises") as scratch:
        found = scratch.run("kept.bench.promises:run", str(cases), str(taken))
    scale = f"{taken} promises one after another in a book of {cases:,} cases"
    for name, part in (("half of them", "p50"), ("19 of 20", "p95")):
        yield Measure.held(
            f"a promise taken at the desk: {name} ({part})",
            found[part] * 1_000,
            "ms",
            peer=PEER,
            ratio=found[part] / found[f"peer_{part}"],
            scale=scale,
            full=not quick,
            goal=P95,
        )


def run(cases: str, taken: str) -> dict[str, float]:
    """Write the book, run its night, take the promises and insert the bare ones in turn."""
    from kept.batch.nightly import run_night
    from kept.bench.nightly_book import write_book
    from kept.core.actors import job
    from kept.store.models import Case, Hold

    now = datetime.now(UTC)
    night = now.astimezone(ZoneInfo("Asia/Shanghai")).date()
    creditor = write_book(int(cases), night=night, now=now)
    run_night(actor=job("bench"), creditor=creditor, now=datetime.now(UTC), as_of=night)
    held = Hold.objects.filter(released_at__isnull=True).values("debtor_id")
    rows = Case.objects.filter(closed_on__isnull=True).exclude(debtor_id__in=held)
    wanted = list(rows.order_by("pk").values_list("pk", flat=True)[: 2 * (int(taken) + WARM)])
    ours: list[float] = []
    peer: list[float] = []
    for number in range(0, len(wanted) - 1, 2):
        asked = _offered(wanted[number])
        if asked is not None:
            ours.append(_seconds(partial(_take, wanted[number], asked)))
            peer.append(_seconds(partial(_insert, wanted[number + 1])))
    return {**_percentiles(ours[WARM:], ""), **_percentiles(peer[WARM:], "peer_")}


def _percentiles(seconds: list[float], prefix: str) -> dict[str, float]:
    cuts = statistics.quantiles(seconds, n=20)
    return {f"{prefix}p50": statistics.median(seconds), f"{prefix}p95": cuts[-1]}


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _offered(case_id: int) -> Asked | None:
    """What the page offers; nothing where the case has nothing to promise."""
    from kept.core.actors import job
    from kept.work.promise_lists import get_case_promises
    from kept.work.promises import Asked

    found = get_case_promises(actor=job("bench"), case_id=case_id, now=datetime.now(UTC))
    offers = [each for each in found.choices if each.allowed.suggested_minor > 0]
    if not offers:
        return None
    allowed = offers[0].allowed
    return Asked(allowed.suggested_minor, offers[0].currency, allowed.last_on)


def _take(case_id: int, asked: Asked) -> None:
    from kept.core.actors import job
    from kept.work.promises import do_take_promise

    do_take_promise(actor=job("bench"), case_id=case_id, asked=asked, now=datetime.now(UTC))


def _insert(case_id: int) -> None:
    """The same rows without asking anything: a promise over one account and its first outcome."""
    from django.db import transaction

    from kept.store.models import Case, Promise, PromiseAccount, PromiseOutcome

    now = datetime.now(UTC)
    with transaction.atomic():
        case = Case.objects.get(pk=case_id)
        given: dict[str, Any] = {"made_on": now.date(), "judged_on": now.date()}
        due = now.date() + timedelta(days=3)
        promise = Promise.objects.create(
            creditor_id=case.creditor_id,
            case=case,
            debtor_id=case.debtor_id,
            amount_minor=1_000,
            currency="CNY",
            made_at=now,
            recorded_at=now,
            judged_at=now,
            due_on=due,
            test_on=due,
            way="cash",
            said_by="debtor",
            taken_by="bench",
            tolerance_ppm=0,
            grace_days=0,
            **given,
        )
        account_id = case.case_accounts.values_list("account_id", flat=True)[0]
        PromiseAccount.objects.create(promise=promise, account_id=account_id)
        PromiseOutcome.objects.create(
            promise=promise, as_of=now.date(), recorded_at=now, state="open", paid_minor=0
        )
