"""The race: threads of several processes ask for the same few and for many; then all is replayed.

The history is rebuilt from the events alone, in the order in which they were written, and every
answer is judged again by the calculus: nothing was permitted or used that the law forbade with
open permits at their worst, nothing was refused that it allowed. What left is judged a second time
against what really came of the contacts before it.
"""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.db import connection

from kept.core.actors import Role
from kept.core.calendar import instant_of
from kept.core.law.grounds import judge_situation
from kept.core.law.situations import Contact, Situation
from kept.core.permits import weigh
from kept.store.models import (
    Attempt,
    Consent,
    ContactPoint,
    Debtor,
    LegalEntity,
    Permit,
    RelatedPerson,
)
from kept.work.permissions import Permission, require
from kept.work.permit_ends import do_expire_permits
from kept.work.situations import IntendedContact, consider
from tests import factories as make
from tests.forking import forked
from tests.work.race_world import BEGIN, DONE

WORKER = Path(__file__).parent / "race_world.py"
ORDER = """
CREATE TABLE race_order (
    place bigserial, chain_kind varchar(8), chain_id bigint, sequence bigint,
    PRIMARY KEY (chain_kind, chain_id, sequence));
CREATE FUNCTION race_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO race_order (chain_kind, chain_id, sequence)
    VALUES (NEW.chain_kind, NEW.chain_id, NEW.sequence);
    RETURN NULL;
END $$;
CREATE TRIGGER race_order AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION race_order();
"""
_LONGEST_SECONDS = 4 * 3_600
READER = make.make_actor(1, "reader", {Role.MANAGER})


@pytest.fixture
def ordered(child_environment: dict[str, str]) -> Iterator[dict[str, str]]:
    """Numbers the events over all chains while the locks of their writers are still held."""
    with connection.cursor() as cursor:
        cursor.execute(ORDER)
    yield child_environment
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER race_order ON events; DROP FUNCTION race_order;")
        cursor.execute("DROP TABLE race_order")


def make_world(people: int) -> None:
    """Debtors of two creditors, most in New York and some in Shanghai; every sixth has a guarantor
    who stands for two others too; every fourth person is a debtor of both creditors."""
    from kept.store.partitions import ensure_partitions

    ensure_partitions(BEGIN.date() - timedelta(days=31), BEGIN.date() + timedelta(days=200))
    entities = [make.make_legal_entity(type="debt_collector"), make.make_legal_entity()]
    creditors = [
        make.make_creditor(
            cut_over_on=date(2026, 1, 1), country=country, zone=zone, currency=currency
        )
        for country, zone, currency in (
            ("US", "America/New_York", "USD"),
            ("CN", "Asia/Shanghai", "CNY"),
        )
    ]
    for creditor, entity in zip(creditors, entities, strict=True):
        make.make_engagement(creditor, legal_entity=entity)
    products = [make.make_product(creditor) for creditor in creditors]
    surety = make.make_person()
    for number in range(people):
        in_china = number % 8 == 7
        place = (
            {"country": "CN", "zones": ["Asia/Shanghai"]}
            if in_china
            else {"country": "US", "zones": ["America/New_York"]}
        )
        person = make.make_person()
        for at, product in enumerate(products[: 2 if number % 4 == 0 else 1]):
            debtor = make.make_debtor(creditors[at], person=person, **place)
            make.make_case(debtor, make.make_account(product, debtor))
            country = "+86138" if in_china else "+1212555"
            make.make_contact_point(debtor, f"{country}{number:08d}"[:14])
            if not in_china:
                _consent_to_texts(debtor, entities[at])
            if number % 9 == 0:
                surety = make.make_person()
            if number % 6 == 0:
                related = make.make_related_person(debtor, person=surety)
                make.make_contact_point(debtor, f"+1646555{number:04d}", related_person=related)


def _consent_to_texts(debtor: Debtor, entity: LegalEntity) -> None:
    Consent.objects.create(
        debtor=debtor,
        kind="machine",
        directly_to=entity,
        received_at=BEGIN - timedelta(days=9),
        recorded_at=BEGIN - timedelta(days=9),
        recorded_by="system",
    )


class ToldEvent(NamedTuple):
    chain_id: int
    recorded_at: datetime
    action: str
    subject: str
    body: str


@dataclass
class Told:
    """A permit as its events tell of it."""

    case_id: int
    point_id: int
    channel: str
    accounts: frozenset[str]
    entity: str
    expires: int
    contact: Contact | None = None  # once it is used
    is_open: bool = True
    outcome: str = ""


@dataclass
class Replay:
    """Judges every answer again, from what was told before it."""

    bases: dict[tuple[int, int, str], Situation] = field(default_factory=dict)
    permits: dict[int, Told] = field(default_factory=dict)
    near: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    people: dict[int, tuple[int, int | None, int]] = field(default_factory=dict)
    books: dict[tuple[int, int, str], Any] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)

    def load(self) -> None:
        related = dict(RelatedPerson.objects.values_list("id", "person_id"))
        for row in ContactPoint.objects.values_list("id", "debtor__person_id", "related_person_id"):
            self.people[row[0]] = (row[1], related.get(row[2]), row[2] or 0)

    def base(self, case_id: int, point_id: int, channel: str) -> Situation:
        key = (case_id, point_id, channel)
        if key not in self.bases:
            found = consider(
                require(READER, Permission.CASE_READ),
                IntendedContact(
                    case_id=case_id,
                    channel=channel,
                    minute=instant_of(BEGIN),
                    contact_point_id=point_id,
                ),
            )
            self.bases[key], self.books[key] = replace(found.situation, history=()), found.book
        return self.bases[key]

    def situation(
        self, case_id: int, point_id: int, channel: str, minute: int, but: int, final: bool
    ) -> Situation:
        base = self.base(case_id, point_id, channel)
        mine = self._keys(point_id)
        ids = sorted({each for person in mine for each in self.near[person]})
        history = tuple(
            contact
            for each in ids
            if each != but and (contact := self._contact(each, point_id, minute, final)) is not None
        )
        attempt = replace(base.attempt, minute=minute)
        return replace(base, attempt=attempt, history=history)

    def _keys(self, point_id: int) -> set[int]:
        owes, reached, _related = self.people[point_id]
        return {owes} | ({reached} if reached else set())

    def _contact(self, permit_id: int, asked: int, minute: int, final: bool) -> Contact | None:
        told = self.permits[permit_id]
        if told.contact is not None:
            outcome = told.outcome or "unknown"
            at = min(told.contact.minute, minute)
            return replace(told.contact, outcome=outcome, minute=at)
        if final or not told.is_open or told.expires <= minute:
            return None
        return self._as_contact(told, minute)

    def _as_contact(self, told: Told, minute: int) -> Contact:
        owes, reached, _related = self.people[told.point_id]
        role = "consumer" if reached is None else "guarantor"
        base = self.base(told.case_id, told.point_id, told.channel)
        return Contact(
            minute=minute,
            channel=told.channel,
            inbound=False,
            person=f"{role}:p{owes if reached is None else reached}",
            role=role,
            outcome="unknown",
            debts=told.accounts,
            talked=told.accounts,
            actor=base.actor.id,
            address=base.attempt.address,
        )

    def judge(self, told: Told, minute: int, but: int, *, final: bool = False) -> bool:
        key = (told.case_id, told.point_id, told.channel)
        situation = self.situation(*key, minute, but, final)
        return weigh(judge_situation(self.books[key], situation).verdict, DONE).may_leave

    def event(self, event: ToldEvent) -> None:
        body, noun = json.loads(event.body), event.subject.partition(":")
        number, minute = int(noun[2]), instant_of(event.recorded_at)
        self.seen[event.action] += 1
        match event.action:
            case "permit.issue":
                self._issued(number, event.chain_id, body, minute)
            case "permit.use":
                told = self.permits[number]
                self._expect(self.judge(told, minute, number), f"use of {number} forbidden")
                self._expect(
                    self.judge(told, minute, number, final=True), f"attempt of {number} forbidden"
                )
                told.contact = self._as_contact(told, minute)
            case "permit.settle":
                self.permits[number].outcome = body["outcome"]
            case "permit.release":
                self.permits[number].is_open = False
            case "permit.refuse":
                asked = body["permit"] or 0
                told = Told(
                    event.chain_id, body["contact_point"], body["channel"], frozenset(), "", 0
                )
                self._expect(not self.judge(told, minute, asked), f"refusal {number} allowed")

    def _issued(self, number: int, case_id: int, body: dict[str, Any], minute: int) -> None:
        expires = instant_of(datetime.fromisoformat(body["expires_at"]))
        accounts = frozenset(map(str, body["accounts"]))
        told = Told(case_id, body["contact_point"], body["channel"], accounts, "", expires)
        self._expect(self.judge(told, minute, number), f"permit {number} forbidden")
        self.permits[number] = told
        for person in self._keys(told.point_id):
            self.near[person].append(number)

    def _expect(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.wrong.append(otherwise)


def replayed() -> Replay:
    replay = Replay()
    replay.load()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT chain_id, recorded_at, action, subject, body FROM events"
            " JOIN race_order USING (chain_kind, chain_id, sequence)"
            " WHERE action LIKE 'permit.%' ORDER BY place"
        )
        for row in cursor.fetchall():
            replay.event(ToldEvent(*row))
    return replay


def race(
    environment: dict[str, str],
    *,
    processes: int,
    threads: int,
    operations: int,
    pace: int,
    started: int,
    first: int = 0,
    kill: int = 0,
) -> None:
    """All processes work at the same time; the last `kill` of them are ended in the middle."""
    with ExitStack() as stack:
        running = [
            stack.enter_context(
                forked(
                    [WORKER, *map(str, (first + number, threads, operations, pace, started))],
                    environment,
                )
            )
            for number in range(processes)
        ]
        for each in running:
            assert each.stdout.readline() == "begun\n", each.communicate(10)
        if kill:
            before = Attempt.objects.count()
            while Attempt.objects.count() < before + operations * threads // 8:
                if running[0].poll() is not None:
                    break
            for each in running[-kill:]:
                each.kill()
        for each in running[: processes - kill]:
            out, error = each.communicate(_LONGEST_SECONDS)
            assert (each.wait(), out.strip()) == (0, "done"), error[-3_000:]


def check(attempts: int) -> Replay:
    replay = replayed()
    assert replay.wrong == []
    assert Attempt.objects.count() == replay.seen["permit.use"] >= attempts
    assert Permit.objects.count() == replay.seen["permit.issue"]
    assert min(replay.seen[f"permit.{each}"] for each in ("refuse", "settle", "release")) > 0
    return replay


def test_a_race_passes_no_cap_and_refuses_nothing_lawful(
    ordered: dict[str, str],
) -> None:
    make_world(24)
    started = int(time.time())
    race(ordered, processes=3, threads=4, operations=20, pace=200, started=started)
    check(15)


def test_processes_that_are_ended_by_force_leave_nothing_half_done(
    ordered: dict[str, str],
) -> None:
    make_world(24)
    started = int(time.time())
    race(ordered, processes=3, threads=4, operations=20, pace=200, started=started, kill=2)
    race(ordered, processes=2, threads=4, operations=15, pace=200, started=started, first=10)
    check(10)
    later = BEGIN + timedelta(days=150)
    left = Permit.objects.filter(state="reserved").count()
    from kept.core.actors import job

    assert do_expire_permits(actor=job("sweep"), now=later) == left


@pytest.mark.study
def test_the_race_of_a_hundred_thousand_attempts(ordered: dict[str, str]) -> None:
    """64 threads of four processes, campaigns among them, ten thousand debtors."""
    make_world(10_000)
    started = int(time.time())
    first = 0
    while Attempt.objects.count() < 100_000:
        race(
            ordered,
            processes=4,
            threads=16,
            operations=400,
            pace=60,
            started=started,
            first=first,
            kill=1 if first % 8 == 4 else 0,
        )
        first += 4
    check(100_000)
