"""Who acts: the actor of a person who signed in, and the making of persons and their roles.

Roles come from `RoleGrant` rows only; Django's own flags (superuser, staff, permissions) give
none. Signing in itself is allauth's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor, ActorKind, Role
from kept.store.events import append_event
from kept.store.models import Creditor, RoleGrant, Seat, User
from kept.store.visibility import visible_rows
from kept.work.changes import not_there, row_to_change, save_with_event
from kept.work.permissions import Permission, require_house
from kept.work.refusals import Refusal, refuse

__all__ = [
    "GrantView",
    "UserView",
    "actor_of",
    "do_add_user",
    "do_grant_role",
    "do_make_user",
    "do_revoke_role",
    "do_save_user",
    "do_set_language",
    "do_set_password",
    "list_users",
]

LANGUAGES = ("zh-hans", "en")
#: What an event does not repeat of a person who works here.
_OWN = frozenset({"email", "first_name", "last_name"})


def actor_of(user: User) -> Actor:
    """The actor with the user's roles, creditors and seats; without a role they see nothing.

    Roles hold for the creditors that all of them hold for, so that a wide role never widens a
    narrow one.
    """
    grants = _grants(user) if user.is_active else []
    seats = Seat.objects.filter(user=user, active=True) if grants else Seat.objects.none()
    return Actor(
        ActorKind.PERSON,
        user.pk,
        user.get_username(),
        frozenset(Role(role) for role, _creditor in grants),
        _common_creditors(grants),
        frozenset(seats.values_list("pk", flat=True)),
    )


def _grants(user: User) -> list[tuple[str, int | None]]:
    return list(RoleGrant.objects.filter(user=user).values_list("role", "creditor_id"))


def _common_creditors(grants: Iterable[tuple[str, int | None]]) -> frozenset[int] | None:
    held: dict[str, set[int | None]] = {}
    for role, creditor_id in grants:
        held.setdefault(role, set()).add(creditor_id)
    limits = [creditors for creditors in held.values() if None not in creditors]
    if not held:
        return frozenset()
    if not limits:
        return None
    return frozenset(one for one in set.intersection(*limits) if one is not None)


@dataclass(frozen=True, slots=True)
class GrantView:
    """A role; `creditor_code` is empty where it holds for all creditors."""

    role: Role
    creditor_code: str


@dataclass(frozen=True, slots=True)
class UserView:
    user_id: int
    username: str
    email: str
    is_active: bool
    last_login: datetime | None
    grants: tuple[GrantView, ...]


def list_users(actor: Actor) -> tuple[UserView, ...]:
    """Everybody who may sign in, or might, by name."""
    require_house(actor, Permission.USER_CHANGE)
    grants: dict[int, list[GrantView]] = {}
    rows = RoleGrant.objects.order_by("role", "creditor__code")
    for user_id, role, code in rows.values_list("user_id", "role", "creditor__code"):
        grants.setdefault(user_id, []).append(GrantView(Role(role), code or ""))
    return tuple(
        UserView(
            user_id=user.pk,
            username=user.username,
            email=user.email,
            is_active=user.is_active,
            last_login=user.last_login,
            grants=tuple(grants.get(user.pk, ())),
        )
        for user in User.objects.order_by("username")
    )


@transaction.atomic
def do_add_user(
    *,
    actor: Actor,
    username: str,
    password: str,
    roles: Sequence[Role],
    creditor_codes: Sequence[str] = (),
    email: str = "",
    now: datetime,
) -> User:
    """A person with a password and roles at once, or nothing of it.

    Each role holds for each creditor named, or for all of them where none is named.
    """
    require_house(actor, Permission.USER_CHANGE)
    refuse({} if roles else {"roles": _("Give at least one role.")})
    found = dict(Creditor.objects.filter(code__in=creditor_codes).values_list("code", "pk"))
    missing = sorted(set(creditor_codes) - set(found))
    if missing:
        refuse({"creditor": _("There is no creditor %(code)s.") % {"code": missing[0]}})
    user = do_make_user(actor=actor, username=username, password=password, email=email, now=now)
    for role in dict.fromkeys(roles):
        for creditor_id in dict.fromkeys(found.values()) or (None,):
            do_grant_role(actor=actor, user_id=user.pk, role=role, creditor_id=creditor_id, now=now)
    return user


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
    """Change a person; one who is not active cannot sign in and has no role."""
    require_house(actor, Permission.USER_CHANGE)
    if user_id == actor.id and not is_active:
        refuse({"is_active": _("You cannot lock yourself out; ask another administrator.")})
    refuse(user_errors(language=language))
    row = row_to_change(User, actor, user_id)
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
    user = row_to_change(User, actor, user_id)
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
def do_grant_role(
    *, actor: Actor, user_id: int, role: Role, creditor_id: int | None = None, now: datetime
) -> RoleGrant:
    """Grant a role for one creditor, or for all of them; granting it twice is granting it once."""
    require_house(actor, Permission.USER_CHANGE)
    row_to_change(User, actor, user_id)
    creditor = visible_rows(Creditor, actor).filter(pk=creditor_id or 0).first()
    if creditor_id is not None and creditor is None:
        raise not_there()
    grant, is_new = RoleGrant.objects.get_or_create(
        user_id=user_id,
        role=Role(role).value,
        creditor=creditor,
        defaults={"granted_at": now},
    )
    if is_new:
        _tell(actor, "user.grant_role", grant, now)
    return grant


@transaction.atomic
def do_revoke_role(*, actor: Actor, grant_id: int, now: datetime) -> None:
    """Take a grant back. Nobody revokes their own administrator's role: somebody must remain."""
    require_house(actor, Permission.USER_CHANGE)
    grant = RoleGrant.objects.select_for_update().filter(pk=grant_id).first()
    if grant is None:
        raise not_there()
    if grant.user_id == actor.id and grant.role == Role.ADMINISTRATOR:
        raise Refusal(_("You cannot revoke your own role of administrator; ask another one."))
    _tell(actor, "user.revoke_role", grant, now)
    grant.delete()


@transaction.atomic
def do_set_language(*, actor: Actor, language: str, now: datetime) -> None:
    """A person chooses the language of their own pages."""
    refuse(user_errors(language=language))
    User.objects.filter(pk=actor.id).update(language=language)


def _tell(actor: Actor, action: str, grant: RoleGrant, now: datetime) -> None:
    append_event(
        actor=actor,
        action=action,
        subject=f"user:{grant.user_id}",
        body={"role": grant.role, "creditor_id": grant.creditor_id},
        now=now,
    )
