"""Actors: what grants and seats make of a person, and that granting leaves its trace."""

from __future__ import annotations

import pytest

from kept.core.actors import Actor, Role, job
from kept.store.models import Event, RoleGrant, User
from kept.work.actors import (
    actor_of,
    do_make_user,
    do_save_user,
    do_set_language,
    do_set_password,
)
from kept.work.grants import do_grant_role, do_revoke_role
from kept.work.permissions import Permission, reach
from kept.work.refusals import NotAllowed, NotThere, Refusal
from kept.work.users import do_add_user, list_users
from tests import factories
from tests.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("months")]
SETUP = job("setup")


def reached(user: User, permission: Permission) -> frozenset[int] | None:
    return reach(actor_of(user, now=NOW), permission).creditor_ids


def test_a_person_without_grants_has_no_role_even_as_superuser() -> None:
    user = factories.make_user()
    user.is_superuser = user.is_staff = True
    user.save()
    actor = actor_of(user, now=NOW)
    assert actor.roles == frozenset()
    assert actor.grants == ()


def test_a_grant_for_all_creditors_and_a_grant_for_some() -> None:
    one, two = factories.make_creditor(), factories.make_creditor()
    everywhere = factories.make_user(roles={Role.MANAGER: None})
    assert reached(everywhere, Permission.CASE_READ) is None
    limited = factories.make_user(roles={Role.MANAGER: [one, two]})
    assert reached(limited, Permission.CASE_READ) == {one.pk, two.pk}


def test_a_role_that_is_wide_for_one_thing_does_not_widen_another() -> None:
    one, two = factories.make_creditor(), factories.make_creditor()
    user = factories.make_user(roles={Role.AUDITOR: [two], Role.MANAGER: [one]})
    assert reached(user, Permission.CASE_READ) == {one.pk, two.pk}
    assert reached(user, Permission.INTAKE_RECEIVE) == {one.pk}
    assert reached(user, Permission.EVENT_READ) == {two.pk}
    assert reached(user, Permission.USER_CHANGE) == frozenset()


def test_seats_are_those_that_are_active() -> None:
    user = factories.make_user(roles={Role.COLLECTOR: None})
    seat = factories.make_seat(user=user)
    assert actor_of(user, now=NOW).seat_ids == {seat.pk}
    seat.active = False
    seat.save()
    assert actor_of(user, now=NOW).seat_ids == frozenset()


def test_somebody_who_left_has_no_role() -> None:
    user = factories.make_user(roles={Role.ADMINISTRATOR: None})
    user.is_active = False
    user.save()
    assert actor_of(user, now=NOW).roles == frozenset()


def test_a_user_is_made_signs_in_and_the_password_is_in_no_event() -> None:
    user = do_make_user(
        actor=SETUP, username="wang", password="a long enough secret", language="zh-hans", now=NOW
    )
    assert user.check_password("a long enough secret")
    events = Event.objects.order_by("id")
    assert [event.action for event in events] == ["user.add", "user.set_password"]
    assert not any("secret" in event.body or "md5" in event.body for event in events)


def test_without_a_password_nobody_signs_in() -> None:
    assert not do_make_user(actor=SETUP, username="wang", now=NOW).has_usable_password()


@pytest.mark.parametrize(
    "wrong",
    [{"username": "wang\nmin"}, {"username": ""}, {"language": "xx"}, {"email": "nobody"}],
)
def test_a_user_with_bad_values_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(Refusal) as refused:
        do_make_user(actor=SETUP, now=NOW, **{"username": "wang", **wrong})
    assert list(refused.value.fields) == list(wrong)
    assert not User.objects.exists()


def test_a_weak_password_is_refused_and_makes_no_user() -> None:
    with pytest.raises(Refusal):
        do_make_user(actor=SETUP, username="wang", password="12345678", now=NOW)
    assert not User.objects.exists()


def test_granting_twice_is_granting_once() -> None:
    user, creditor = factories.make_user(), factories.make_creditor()
    for _ in range(2):
        do_grant_role(
            actor=SETUP, user_id=user.pk, role=Role.MANAGER, creditor_id=creditor.pk, now=NOW
        )
    assert RoleGrant.objects.count() == 1
    assert [event.action for event in Event.objects.all()] == ["user.grant_role"]


def test_a_grant_is_revoked_but_never_ones_own_administration() -> None:
    user = factories.make_user(roles={Role.ADMINISTRATOR: None, Role.MANAGER: None})
    actor = actor_of(user, now=NOW)
    manager, administrator = RoleGrant.objects.order_by("-role")
    do_revoke_role(actor=actor, grant_id=manager.pk, now=NOW)
    with pytest.raises(Refusal):
        do_revoke_role(actor=actor, grant_id=administrator.pk, now=NOW)
    assert list(RoleGrant.objects.values_list("role", flat=True)) == ["administrator"]


@pytest.mark.parametrize(
    "actor",
    [
        factories.make_actor(7, "m", frozenset({Role.MANAGER}), None),
        factories.make_actor(7, "a", frozenset({Role.ADMINISTRATOR}), frozenset({1})),
        factories.make_actor(7, "n", frozenset(), None),
    ],
)
def test_others_neither_make_users_nor_grant_roles(actor: Actor) -> None:
    user = factories.make_user()
    with pytest.raises(NotAllowed):
        do_grant_role(actor=actor, user_id=user.pk, role=Role.ADMINISTRATOR, now=NOW)
    with pytest.raises(NotAllowed):
        do_make_user(actor=actor, username="wang", now=NOW)
    with pytest.raises(NotAllowed):
        do_set_password(actor=actor, user_id=user.pk, password="a long secret", now=NOW)
    assert not RoleGrant.objects.exists()
    assert User.objects.count() == 1
    assert not Event.objects.exists()


def test_nobody_locks_themselves_out_and_nobody_else_is_found() -> None:
    user = factories.make_user(roles={Role.ADMINISTRATOR: None})
    actor = actor_of(user, now=NOW)
    with pytest.raises(Refusal):
        do_save_user(actor=actor, user_id=user.pk, username="x", is_active=False, now=NOW)
    with pytest.raises(NotThere):
        do_save_user(actor=actor, user_id=user.pk + 99, username="x", now=NOW)


def test_a_person_chooses_a_language_of_the_house() -> None:
    user = factories.make_user()
    do_set_language(actor=actor_of(user, now=NOW), language="en", now=NOW)
    with pytest.raises(Refusal):
        do_set_language(actor=actor_of(user, now=NOW), language="de", now=NOW)
    user.refresh_from_db()
    assert user.language == "en"


def test_a_person_is_added_with_everything_or_not_at_all() -> None:
    one, two = factories.make_creditor(code="ONE"), factories.make_creditor(code="TWO")
    given = {"actor": SETUP, "password": "seven ordinary words", "now": NOW}
    with pytest.raises(Refusal, match="There is no creditor NONE"):
        do_add_user(username="li", roles=[Role.MANAGER], creditor_codes=["NONE"], **given)
    with pytest.raises(Refusal, match="at least one role"):
        do_add_user(username="li", roles=[], **given)
    with pytest.raises(Refusal, match="too common"):
        do_add_user(username="li", roles=[Role.MANAGER], **{**given, "password": "password1"})
    assert not User.objects.exists()
    assert not Event.objects.exists()
    roles = [Role.MANAGER, Role.AUDITOR, Role.MANAGER]
    user = do_add_user(username="li", roles=roles, creditor_codes=["ONE", "TWO", "ONE"], **given)
    assert reached(user, Permission.CASE_READ) == {one.pk, two.pk}
    (seen,) = list_users(SETUP)
    assert [(grant.role, grant.creditor_code) for grant in seen.grants] == [
        (Role.AUDITOR, "ONE"),
        (Role.AUDITOR, "TWO"),
        (Role.MANAGER, "ONE"),
        (Role.MANAGER, "TWO"),
    ]


def test_only_who_has_the_house_adds_and_lists_people() -> None:
    creditor = factories.make_creditor()
    limited = actor_of(factories.make_user(roles={Role.ADMINISTRATOR: [creditor]}), now=NOW)
    manager = actor_of(factories.make_user(roles={Role.MANAGER: None}), now=NOW)
    for actor in (limited, manager):
        with pytest.raises(NotAllowed):
            list_users(actor)
        with pytest.raises(NotAllowed):
            do_add_user(actor=actor, username="li", password="x", roles=[Role.MANAGER], now=NOW)
