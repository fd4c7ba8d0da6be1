"""Random mixes of calls, repeats, calls at once, crashes and killed connections: each is done once.

The use cases, the database and the ends of its connections are real. Every command works on rows
of its own, so that one house serves all examples.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from kept.core.actors import job
from kept.core.ledger import EntryKind
from kept.store.models import Case, Creditor, Entry, Event, Hold, Product
from kept.work.holds import do_place_hold
from kept.work.ledger import Line, do_post_entry
from kept.work.once import Done, KeyReused, once
from kept.work.tasks import do_close_task
from tests import factories
from tests.factories import NOW, TODAY

ACTOR = job("machine")
ENDED_WITHIN = 120_000  # milliseconds
_numbers = count(1)
#: Which of the commands there are by then.
CHOICES = st.integers(0, 1_000)
Change = Callable[[], dict[str, Any]]


class Crash(Exception):
    """The process ends here."""


@dataclass
class Wanted:
    """Something to be done once: how it is done, and how often it was."""

    kind: str
    change: Change
    times: Callable[[], int]
    key: str = field(default_factory=lambda: f"a-key-of-the-machine-{next(_numbers)}")
    answer: dict[str, Any] | None = None


def new_case() -> Case:
    return factories.make_case(factories.make_debtor(Creditor.objects.get(code="ONCE")))


def post() -> Wanted:
    """A charge without a reference: nothing but the key keeps it from being posted twice."""
    debtor = factories.make_debtor(Creditor.objects.get(code="ONCE"))
    account = factories.make_account(Product.objects.get(code="ONCE"), debtor)

    def change() -> dict[str, Any]:
        entry_id = do_post_entry(
            actor=ACTOR,
            account_id=account.pk,
            kind=EntryKind.CHARGE,
            lines=[Line("principal", 1, TODAY)],
            effective_on=TODAY,
            reference="",
            now=NOW,
        )
        return {"entry_id": entry_id}

    return Wanted("post", change, Entry.objects.filter(account=account).count)


def hold() -> Wanted:
    debtor = new_case().debtor

    def change() -> dict[str, Any]:
        hold_id = do_place_hold(
            actor=ACTOR,
            debtor_id=debtor.pk,
            reason="complaint",
            effects=["contact"],
            note="",
            now=NOW,
        )
        return {"hold_id": hold_id}

    return Wanted("hold", change, Hold.objects.filter(debtor=debtor).count)


def close() -> Wanted:
    task = factories.make_task(new_case())

    def change() -> dict[str, Any]:
        do_close_task(actor=ACTOR, task_id=task.pk, state="done", now=NOW)
        return {"task_id": task.pk}

    closings = Event.objects.filter(action="task.close", subject=f"task:{task.pk}")
    return Wanted("close", change, closings.count)


def call(wanted: Wanted, change: Change | None = None, **more: object) -> Done:
    return once(
        scope="machine",
        key=wanted.key,
        use_case=f"test.{wanted.kind}",
        given={"of": wanted.key, **more},
        now=NOW,
        change=change or wanted.change,
    )


def end_connection() -> None:
    """The server ends our connection, as a crash or an operator would; noticed at the next use."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    other = connection.copy()
    try:
        with other.cursor() as cursor:  # waits, since a busy machine ends a process when it can
            cursor.execute("SELECT pg_terminate_backend(%s, %s)", [backend, ENDED_WITHIN])
            assert cursor.fetchone()[0], "the server did not end the connection"
    finally:
        other.close()


class Commands(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.all: list[Wanted] = []

    @rule(make=st.sampled_from([post, hold, close]))
    def want(self, make: Callable[[], Wanted]) -> None:
        self.all.append(make())

    @rule(choice=CHOICES)
    def call_or_repeat(self, choice: int) -> None:
        self._answered(self._one(choice), call)

    @rule(choice=CHOICES)
    def crash_before_the_commit(self, choice: int) -> None:
        wanted = self._one(choice)
        if wanted is None or wanted.answer is not None:
            return

        def change() -> dict[str, Any]:
            wanted.change()
            raise Crash

        with pytest.raises(Crash):
            call(wanted, change)

    @rule(choice=CHOICES)
    def crash_after_the_commit(self, choice: int) -> None:
        """Nobody hears the answer; the change is there."""
        wanted = self._one(choice)
        if wanted is not None:
            done = call(wanted)
            assert wanted.times() == 1
            wanted.answer = wanted.answer or dict(done.answer)

    @rule(choice=CHOICES)
    def lose_the_connection(self, choice: int) -> None:
        wanted = self._one(choice)
        if wanted is None or wanted.answer is not None:
            return

        def change() -> dict[str, Any]:
            answer = wanted.change()
            end_connection()
            return answer

        with pytest.raises((OperationalError, InterfaceError)):
            call(wanted, change)
        connection.close()

    @rule(choice=CHOICES, callers=st.integers(2, 4))
    def call_at_once(self, choice: int, callers: int) -> None:
        wanted = self._one(choice)
        if wanted is None:
            return

        def work() -> Done:
            try:
                return call(wanted)
            finally:
                connection.close()

        with ThreadPoolExecutor(callers) as pool:
            calls = [pool.submit(work) for _ in range(callers)]
        found = [each.result() for each in calls]  # what went wrong in a thread is raised here
        first = sum(not each.is_repeat for each in found)
        assert (len(found), first) == (callers, 0 if wanted.answer else 1)
        for each in sorted(found, key=lambda done: done.is_repeat):  # a repeat may be heard first
            self._answered(wanted, lambda _wanted, done=each: done)

    @rule(choice=CHOICES)
    def call_with_other_input(self, choice: int) -> None:
        wanted = self._one(choice)
        if wanted is not None and wanted.answer is not None:
            with pytest.raises(KeyReused):
                call(wanted, more=1)

    @invariant()
    def what_was_answered_was_done_once_and_the_rest_never(self) -> None:
        for each in self.all:
            assert each.times() == (0 if each.answer is None else 1), each.kind

    def _one(self, choice: int) -> Wanted | None:
        return self.all[choice % len(self.all)] if self.all else None

    def _answered(self, wanted: Wanted | None, answer: Callable[[Wanted], Done]) -> None:
        if wanted is None:
            return
        done = answer(wanted)
        assert wanted.answer is None or (done.is_repeat, done.answer) == (True, wanted.answer)
        wanted.answer = dict(done.answer)


def run_machine(examples: int, steps: int) -> None:
    """The same mixes in each run. A failure is shown as it came and not made smaller: a mix that
    fails only at times would be told as a flaky test, and its own error would be lost."""
    factories.make_partitions()
    creditor = factories.make_creditor(code="ONCE")
    factories.make_terms(factories.make_product(creditor, code="ONCE"), allows_credit_balance=True)
    run_state_machine_as_test(
        Commands,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.django_db(transaction=True)
def test_each_command_is_done_once() -> None:
    run_machine(examples=12, steps=12)


@pytest.mark.study
@pytest.mark.django_db(transaction=True)
def test_each_command_is_done_once_in_thousands_of_mixes() -> None:
    run_machine(examples=300, steps=40)
