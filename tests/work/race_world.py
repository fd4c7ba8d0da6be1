"""A small world for the race of permits, and what a worker process does in it.

Run as `python race_world.py SEED THREADS OPERATIONS PACE STARTED`: so many threads ask for so many
permits each, on the cases of the database. Time runs PACE times faster since the second STARTED,
an hour a day, and every thread is a little ahead of or behind the others.
"""

from __future__ import annotations

import random
import sys
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

#: Monday, 09:00 in New York.
BEGIN = datetime(2026, 11, 2, 14, tzinfo=UTC)
CALL_OUTCOMES = (
    *("conversation", "conversation", "ring_no_answer", "busy_signal", "declined"),
    *("network_failure", "voicemail_left", "contact_refused", "not_in_service"),
)
#: Duties that the callers of this world have all done.
DONE = (
    *("opt_out_statement", "reassigned_number_check", "initial_disclosure", "announce_recording"),
    *("from_a_debt_collector", "validation_notice_within_5_days"),
)


#: A day of the race is open for so long, then the next one begins.
OPEN_SECONDS = 3_600


class Clock:
    """Simulated time of all processes: so many seconds a real one, an hour of every day."""

    def __init__(self, started: int, pace: int) -> None:
        self._started, self._pace = started, pace

    def read(self, skew: timedelta) -> datetime:
        seconds = int((time.time() - self._started) * self._pace)
        days, second = divmod(seconds, OPEN_SECONDS)
        return BEGIN + timedelta(days=days, seconds=second) + skew


def work(seed: int, clock: Clock, targets: Sequence[tuple[int, int, str]], operations: int) -> None:
    """One thread: contacts of any case, many of the first few; most are used and settled."""
    from django.db import connection

    from kept.core.actors import job
    from kept.work.permits import do_permit, do_release, do_settle, do_use
    from kept.work.refusals import Refusal
    from kept.work.situations import IntendedContact

    draw = random.Random(seed)
    actor = job(f"race {seed}")
    skew = timedelta(seconds=draw.randint(-90, 90))
    hot = max(1, len(targets) // 20)
    waiting: list[tuple[int, IntendedContact]] = []
    for _ in range(operations):
        among = hot if draw.random() < 0.15 else len(targets)
        case_id, point_id, channel = targets[draw.randrange(among)]
        wanted = IntendedContact(
            case_id=case_id, channel=channel, minute=0, contact_point_id=point_id
        )
        answer = do_permit(actor=actor, wanted=wanted, now=clock.read(skew), done=DONE)
        if answer.permit_id is not None:
            waiting.append((answer.permit_id, wanted))
        if not waiting or draw.random() < 0.3:
            continue
        permit_id, wanted = waiting.pop(draw.randrange(len(waiting)))
        fate = draw.random()
        if fate < 0.1:
            do_release(actor=actor, permit_id=permit_id, now=clock.read(skew))
            continue
        try:
            used = do_use(
                actor=actor, permit_id=permit_id, leaving=wanted, now=clock.read(skew), done=DONE
            )
        except Refusal:  # it has expired
            continue
        if used.is_permitted and fate < 0.9:
            outcome = draw.choice(CALL_OUTCOMES) if wanted.channel == "call" else "sent"
            do_settle(actor=actor, permit_id=permit_id, outcome=outcome, now=clock.read(skew))
    connection.close()


def main(seed: int, threads: int, operations: int, pace: int, started: int) -> None:
    from kept.cli.shell import set_up_django

    set_up_django()
    from django.db import connection

    from kept.store.models import ContactPoint

    points = ContactPoint.objects.order_by("id").values_list(
        "debtor__cases__id", "id", "related_person_id"
    )
    targets = [(case, point, "call") for case, point, _related in points]
    targets += [(case, point, "sms") for case, point, related in points if related is None]
    random.Random(7).shuffle(targets)
    connection.close()
    clock = Clock(started, pace)
    failures: list[BaseException] = []

    def run(number: int) -> None:
        try:
            work(seed * 1000 + number, clock, targets, operations)
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    running = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    for each in running:
        each.start()
    print("begun", flush=True)
    for each in running:
        each.join()
    if failures:
        raise failures[0]
    print("done", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:6]))
