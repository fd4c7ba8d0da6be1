"""Who acts: the actor of a person who signed in, and the making of persons.

Roles come from `RoleGrant` rows and timed accesses only; Django's own flags (superuser, staff,
permissions) give none. Granting is in `work/grants.py`; signing in itself is allauth's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor, ActorKind, Grant, Role, Scope
from kept.store.events import append_event
from kept.store.models import RoleGrant, Seat, StaffAccess, User
from kept.store.models.users import Limited
from kept.work.changes import row_to_change, save_with_event
from kept.work.limits import find_open_creditors, scopes_of, valid_at
from kept.work.permissions import Permission, require_house
from kept.work.refusals import Refusal, refuse

__all__ = [
    "actor_of",
    "do_make_user",
    "do_save_user",
    "do_set_language",
    "do_set_password",
]

LANGUAGES = ("zh-hans", "en")
#: What an event does not repeat of a person who works here.
_OWN = frozenset({"email", "first_name", "last_name"})


def actor_of(user: User, *, now: datetime) -> Actor:
    """The actor with the grants that hold at this instant; without one they may do nothing.

    Read it anew for each request: a role that was revoked is then gone with the next one.
    """
    stored = list(RoleGrant.objects.filter(valid_at(now), user=user)) if user.is_active else []
    accesses = _accesses(user, now) if user.is_active else []
    held = stored or accesses
    own = Seat.objects.filter(user=user, active=True) if held else Seat.objects.none()
    seats = frozenset(own.values_list("pk", flat=True))
    is_wide = any(grant.creditor_id is None for grant in stored)
    limits = {
        "own_seats": seats,
        "open_creditors": find_open_creditors() if is_wide else None,
        "now": now,
    }
    grants = tuple(one for row in stored for one in _grants_of(row, limits))
    name = user.get_username()
    return Actor(ActorKind.PERSON, user.pk, name, (*grants, *accesses), seats, person_id=user.pk)


def _grants_of(row: RoleGrant, limits: Mapping[str, Any]) -> Iterator[Grant]:
    role = Role(row.role)
    for scope in scopes_of(row, role, **limits):
        yield Grant(
            role,
            scope,
            is_of_house=_is_of_house(row),
            names_creditor=row.creditor_id is not None,
            permissions=frozenset({Permission.CASE_PICK.value}) if row.may_pick else frozenset(),
        )


def _is_of_house(row: Limited) -> bool:
    ids = (row.creditor_id, row.product_id, row.team_id, row.agency_id)
    return all(each is None for each in ids)


def _accesses(user: User, now: datetime) -> list[Grant]:
    """The timed accesses that run, each as a grant at its creditor."""
    running = StaffAccess.objects.filter(
        user=user, starts_at__lte=now, ends_at__gt=now, closed_at__isnull=True
    )
    return [
        Grant(Role(row.role), Scope(frozenset({row.creditor_id})), access_id=row.pk)
        for row in running.order_by("pk")
    ]


@transaction.atomic
def do_make_user(
    *,
    actor: Actor,
    username: str,
    password: str | None = None,
    email: str = "",
    first_name: str = "",
    last_name: str = "",
    language: str = "",
    now: datetime,
) -> User:
    """Add a person who can sign in; without a password they cannot until one is set."""
    require_house(actor, Permission.USER_CHANGE)
    user = User()
    user.set_unusable_password()
    values = {
        "username": username,
        "email": email,
        "first_name": first_name,
        "last_name": last_name,
        "language": language,
    }
    refuse(user_errors(language=language))
    user = save_with_event(
        actor=actor, noun="user", row=user, values=values, now=now, withheld=_OWN
    )
    if password is not None:
        do_set_password(actor=actor, user_id=user.pk, password=password, now=now)
        user.refresh_from_db()
    return user


@transaction.atomic
def do_save_user(
    *,
    actor: Actor,
    user_id: int,
    username: str,
    email: str = "",
    first_name: str = "",
    last_name: str = "",
    language: str = "",
    is_active: bool = True,
    now: datetime,
) -> User:
    """Change a person; one who is not active has no role, and their sessions end for good."""
    require_house(actor, Permission.USER_CHANGE)
    if user_id == actor.id and not is_active:
        refuse({"is_active": _("You cannot lock yourself out; ask another administrator.")})
    refuse(user_errors(language=language))
    row = row_to_change(User, user_id)
    if row.is_active and not is_active:
        row.sessions_ended += 1
    values = {
        "username": username,
        "email": email,
        "first_name": first_name,
        "last_name": last_name,
        "language": language,
        "is_active": is_active,
    }
    return save_with_event(actor=actor, noun="user", row=row, values=values, now=now, withheld=_OWN)


def user_errors(*, language: str) -> dict[str, str]:
    if language in ("", *LANGUAGES):
        return {}
    return {"language": _("Choose one of: %(codes)s.") % {"codes": ", ".join(LANGUAGES)}}


@transaction.atomic
def do_set_password(*, actor: Actor, user_id: int, password: str, now: datetime) -> None:
    """Set a person's password; neither it nor its hash is in the event."""
    require_house(actor, Permission.USER_CHANGE)
    user = row_to_change(User, user_id)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refusal(" ".join(error.messages), {"password": " ".join(error.messages)}) from None
    user.set_password(password)
    user.save(update_fields=["password"])
    append_event(
        actor=actor, action="user.set_password", subject=f"user:{user_id}", body={}, now=now
    )


@transaction.atomic
def do_set_language(*, actor: Actor, language: str, now: datetime) -> None:
    """A person chooses the language of their own pages."""
    refuse(user_errors(language=language))
    User.objects.filter(pk=actor.id).update(language=language)
