"""The role table: every use case, called as everybody; a refusal changes nothing in the database.

A use case without a row in `kept.work.use_cases` fails the first test, one that is not called here
(`role_calls.py`) the second. The last one calls them all, each in a transaction that is taken back.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib import import_module
from pkgutil import walk_packages

import pytest
from django.db import connection, transaction

import kept.batch
import kept.work
from kept.batch.nightly.running import NightRefused
from kept.core.actors import Actor, Role, job
from kept.store.models import RoleGrant
from kept.work.actors import actor_of
from kept.work.api_keys import NOT_FOR_KEYS, actor_of_key, do_make_key
from kept.work.limits import Limits
from kept.work.permissions import ALLOWED, Permission
from kept.work.refusals import NotAllowed, NotThere, Refusal
from kept.work.use_cases import USE_CASES, Rule
from tests import factories as make
from tests.factories import NOW
from tests.work.role_calls import (
    ABOUT_ONESELF,
    ANYWHERE,
    BY_KEY,
    CALLS,
    EMPTY_IS_FINE,
    NEVER_BY_KEY,
    NOBODYS,
    PARTS,
    ROLES,
    House,
    make_house,
)

BEGINNINGS = ("do_", "get_", "list_", "find_", "count_", "receive_", "run_")


@cache
def use_cases() -> frozenset[str]:
    """Public functions of work and batch that take an actor, by the words they begin with."""
    found = {"search", "summarise_own_tasks"}
    for package in (kept.work, kept.batch):
        for each in walk_packages(package.__path__, f"{package.__name__}."):
            if ".synthetic" in each.name:
                continue
            module = import_module(each.name)
            for name in getattr(module, "__all__", ()):
                function = getattr(module, name)
                if (
                    inspect.isfunction(function)
                    and inspect.unwrap(function).__module__ == each.name
                    and "actor" in inspect.signature(function).parameters
                    and name.startswith(BEGINNINGS)
                ):
                    found.add(name)
    return frozenset(found - PARTS)


def test_every_use_case_has_a_row_in_the_table() -> None:
    assert set(USE_CASES) == use_cases()


def test_every_use_case_is_called_here() -> None:
    assert set(CALLS) == set(USE_CASES)


@dataclass(frozen=True)
class Caller:
    """Somebody who calls everything; `role` and `permissions` are what they hold here."""

    name: str
    actor: Actor
    role: Role | None = None
    permissions: frozenset[Permission] = frozenset()
    is_key: bool = False
    is_elsewhere: bool = False

    def is_let_in(self, name: str, rule: Rule) -> bool:
        if name in NOBODYS:
            return False
        if name in ABOUT_ONESELF:
            return True
        if name in ANYWHERE and self.is_elsewhere:
            return not (self.is_key and name in NEVER_BY_KEY)
        if self.is_key:
            if name in BY_KEY:
                return bool(self.permissions)
            return name not in NEVER_BY_KEY and rule.permission in self.permissions
        if name in ROLES:
            return self.role in ROLES[name]
        return rule.permission is not None and self.role in ALLOWED[rule.permission]


def callers(house: House) -> Iterator[Caller]:
    """Each role; nobody; roles that ran out or are of another creditor; keys with and without."""
    for role in Role:
        yield Caller(role.value, person(house, role), role)
    yield Caller("nobody", actor_of(make.make_user(), now=NOW))
    every: dict[Role, None] = dict.fromkeys(Role)
    ended = make.make_user(roles=every)
    RoleGrant.objects.filter(user=ended).update(valid_until=NOW)
    yield Caller("with grants that ran out", actor_of(ended, now=NOW))
    coming = make.make_user(roles=every)
    RoleGrant.objects.filter(user=coming).update(valid_from=NOW + timedelta(seconds=1))
    yield Caller("with grants of tomorrow", actor_of(coming, now=NOW))
    left = make.make_user(roles=every)
    left.is_active = False
    left.save()
    yield Caller("who left", actor_of(left, now=NOW))
    elsewhere = make.make_user(roles={role: [house.other] for role in Role})
    yield Caller("of another creditor", actor_of(elsewhere, now=NOW), is_elsewhere=True)
    most = frozenset(Permission) - NOT_FOR_KEYS
    yield Caller("key with all", key(most, Limits()), None, most, is_key=True)
    yield Caller("key with one", key({Permission.LEDGER_READ}, Limits()), is_key=True)
    abroad = Limits(creditor_id=house.other.pk)
    yield Caller("key of another creditor", key(most, abroad), is_key=True, is_elsewhere=True)


def person(house: House, role: Role) -> Actor:
    user = make.make_user(roles={role: None})
    if role is Role.AGENCY_USER:
        RoleGrant.objects.filter(user=user).update(agency=house.entity)
    if role in (Role.COLLECTOR, Role.FIELD_COLLECTOR):
        # One seat a person: the first has the case's, the other joins by name below.
        house.seat.user = user
        house.seat.save()
    return actor_of(user, now=NOW)


def key(permissions: Iterable[Permission], limits: Limits) -> Actor:
    made = do_make_key(
        actor=job("setup"),
        name=f"key {make.next_number()}",
        permissions=permissions,
        limits=limits,
        now=NOW,
    )
    found = actor_of_key(made.token, now=NOW)
    assert found is not None
    return found


def changes() -> int:
    """Rows that this transaction has written so far, in any table, those taken back included."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_xact_all_tables"
            " WHERE schemaname = 'public'"
        )
        return int(cursor.fetchone()[0])


class _TakenBack(Exception):
    pass


def outcome(name: str, house: House, actor: Actor) -> str:
    """`answered`, `empty`, `refused` or `not allowed`; what it changed is taken back."""
    found = ""
    try:
        with transaction.atomic():
            try:
                answer = CALLS[name](house, actor)
                found = "empty" if answer in EMPTY and not name.startswith("do_") else "answered"
            except (NotAllowed, NotThere, NightRefused):
                found = "not allowed"
            except Refusal:
                found = "refused"
            raise _TakenBack
    except _TakenBack:
        return found


EMPTY: tuple[object, ...] = (None, (), [], 0)


def faults(house: House, caller: Caller) -> Iterator[str]:
    for name, rule in USE_CASES.items():
        before = changes()
        found = outcome(name, house, caller.actor)
        changed = changes() - before
        if caller.is_let_in(name, rule):
            fine = found in ("answered", "refused") or name in ABOUT_ONESELF | EMPTY_IS_FINE
        else:
            fine = found in ("not allowed", "empty") and changed == 0
        if not fine:
            yield f"{caller.name}: {name}: {found}, {changed} rows written"


@pytest.mark.django_db
@pytest.mark.usefixtures("months")
def test_everybody_is_answered_as_the_table_says_and_a_refusal_changes_nothing() -> None:
    house = make_house()
    found = [fault for caller in callers(house) for fault in faults(house, caller)]
    assert "\n".join(found) == ""
