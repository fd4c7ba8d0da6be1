"""Everybody who signs in, as a list; and a person made with their roles at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor, Role
from kept.store.models import Creditor, RoleGrant, User
from kept.work.actors import do_make_user
from kept.work.grants import do_grant_role
from kept.work.permissions import Permission, require_house
from kept.work.refusals import refuse

__all__ = ["GrantView", "UserView", "do_add_user", "list_users"]


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
