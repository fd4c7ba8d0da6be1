"""API keys: what another program may do here, where and until when.

A key is shown once, when it is made; only the hash of its secret is stored. It acts by the
permissions it was given, in its own name, and never decides in place of a person.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor, ActorKind, Grant, Reach
from kept.store.cipher import new_secret
from kept.store.events import append_event
from kept.store.models import ApiKey
from kept.work.changes import not_there, plain
from kept.work.limits import Limits, find_open_creditors, known_limits, scopes_of, valid_at
from kept.work.permissions import Permission, may_house, require, require_house
from kept.work.refusals import Refusal, refuse

__all__ = [
    "NOT_FOR_KEYS",
    "KeyView",
    "NewKey",
    "actor_of_key",
    "do_make_key",
    "do_revoke_key",
    "list_keys",
]

#: What only a person does: to decide, to answer for it, and to say who may do what.
NOT_FOR_KEYS: Final = frozenset(
    {
        Permission.ACCESS_REQUEST,
        Permission.APPROVAL_CHANGE_POLICY,
        Permission.APPROVAL_DECIDE,
        Permission.DOCUMENT_PRINT_LEGAL,
        Permission.KEY_CHANGE,
        Permission.PRESUMPTION_RELEASE,
        Permission.STRATEGY_APPROVE,
        Permission.TEXT_APPROVE,
        Permission.USER_CHANGE,
    }
)
_BEGINS: Final = "kept_"
_PREFIX: Final = 8
_COARSELY: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class NewKey:
    """`token` is to be seen here and nowhere else, ever."""

    key_id: int
    token: str


@dataclass(frozen=True, slots=True)
class KeyView:
    """`begins_with` is how people recognise the key; `last_used_at` is right to the hour."""

    key_id: int
    name: str
    begins_with: str
    permissions: tuple[str, ...]
    creditor_code: str
    product_code: str
    team_code: str
    agency_code: str
    made_at: datetime
    made_by: str
    valid_from: datetime | None
    valid_until: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


def actor_of_key(token: str, *, now: datetime) -> Actor | None:
    """Who acts with this token; None where it is unknown, revoked, run out or not yet valid."""
    prefix, _dot, secret = token.removeprefix(_BEGINS).partition("_")
    if not token.startswith(_BEGINS) or not secret or len(token) > 200 or "\0" in token:
        return None
    row = ApiKey.objects.filter(valid_at(now), prefix=prefix, revoked_at__isnull=True).first()
    if row is None or not hmac.compare_digest(bytes(row.secret_hash), _hash(secret)):
        return None
    _note_use(row, now)
    return _actor(row, now)


def _hash(secret: str) -> bytes:
    """The secret has 256 random bits: a slow hash would protect nothing and cost every call."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()


def _note_use(row: ApiKey, now: datetime) -> None:
    if row.last_used_at is None or abs(now - row.last_used_at) >= _COARSELY:
        ApiKey.objects.filter(pk=row.pk).update(last_used_at=now)


def _actor(row: ApiKey, now: datetime) -> Actor:
    open_creditors = find_open_creditors() if row.creditor_id is None else None
    scopes = scopes_of(row, None, own_seats=frozenset(), open_creditors=open_creditors, now=now)
    held = frozenset(row.permissions) - {permission.value for permission in NOT_FOR_KEYS}
    ids = (row.creditor_id, row.product_id, row.team_id, row.agency_id)
    is_of_house = all(each is None for each in ids)
    grants = tuple(
        Grant(
            None, scope, held, is_of_house=is_of_house, names_creditor=row.creditor_id is not None
        )
        for scope in scopes
    )
    name = f"key {row.name}"
    return Actor(ActorKind.KEY, row.pk, name, grants, person_id=row.made_by_id)


@transaction.atomic
def do_make_key(
    *,
    actor: Actor,
    name: str,
    permissions: Iterable[Permission],
    limits: Limits | None = None,
    now: datetime,
) -> NewKey:
    """Make a key and tell its token, this once.

    Like a role, it may hold what its maker does not do themselves; the event tells who gave it.
    """
    asked = limits or Limits()
    within = _within(actor, asked)
    held = sorted(set(permissions))
    columns = known_limits(within, asked, now)
    refuse(_faults(name, held))
    prefix, secret = new_secret(_PREFIX), new_secret(43)
    key = ApiKey.objects.create(
        name=name.strip(),
        prefix=prefix,
        secret_hash=_hash(secret),
        permissions=[permission.value for permission in held],
        made_at=now,
        made_by_id=actor.person_id,
        **columns,
    )
    _tell(actor, "key.make", key, now, permissions=key.permissions, **plain(columns))
    return NewKey(key.pk, f"{_BEGINS}{prefix}_{secret}")


def _within(actor: Actor, limits: Limits) -> Reach:
    if limits.creditor_id is None and limits.product_id is None:
        return require_house(actor, Permission.KEY_CHANGE)
    return require(actor, Permission.KEY_CHANGE)


def _faults(name: str, permissions: list[Permission]) -> dict[str, str]:
    faults = {}
    named = name.strip()
    if not named or len(named) > 100 or not named.isprintable():
        faults["name"] = _("Give a name of at most 100 characters.")
    elif ApiKey.objects.filter(name=named, revoked_at__isnull=True).exists():
        faults["name"] = _("There is a key of this name: revoke it first, or name this one anew.")
    beyond = [each for each in permissions if each in NOT_FOR_KEYS]
    if not permissions:
        faults["permissions"] = _("Choose at least one permission.")
    elif beyond:
        faults["permissions"] = _("A key cannot hold: %(names)s.") % {"names": ", ".join(beyond)}
    return faults


@transaction.atomic
def do_revoke_key(*, actor: Actor, key_id: int, reason: str, now: datetime) -> None:
    """End a key at once, saying why. The same again changes nothing."""
    within = require(actor, Permission.KEY_CHANGE)
    key = ApiKey.objects.select_for_update().filter(pk=key_id).first()
    if key is None or not _is_within(actor, within, key):
        raise not_there()
    if key.revoked_at is not None:
        return
    if not reason.strip():
        raise Refusal(_("Say why."), {"reason": _("Say why.")})
    key.revoked_at, key.revoked_by = now, actor.name
    key.save(update_fields=["revoked_at", "revoked_by"])
    _tell(actor, "key.revoke", key, now, reason=reason.strip())


def _is_within(actor: Actor, within: Reach, key: ApiKey) -> bool:
    if key.creditor_id is None:
        return may_house(actor, Permission.KEY_CHANGE)
    return within.reaches_creditor(key.creditor_id)


def list_keys(*, actor: Actor) -> tuple[KeyView, ...]:
    """The keys that the actor may revoke and those that were revoked, the newest first."""
    within = require(actor, Permission.KEY_CHANGE)
    rows = ApiKey.objects.select_related("creditor", "product", "team", "agency", "made_by")
    return tuple(_view(row) for row in rows.order_by("-pk") if _is_within(actor, within, row))


def _view(row: ApiKey) -> KeyView:
    return KeyView(
        key_id=row.pk,
        name=row.name,
        begins_with=f"{_BEGINS}{row.prefix}",
        permissions=tuple(row.permissions),
        creditor_code=row.creditor.code if row.creditor else "",
        product_code=row.product.code if row.product else "",
        team_code=row.team.code if row.team else "",
        agency_code=row.agency.code if row.agency else "",
        made_at=row.made_at,
        made_by=row.made_by.get_username() if row.made_by else "",
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )


def _tell(actor: Actor, action: str, key: ApiKey, now: datetime, **more: object) -> None:
    body = {"name": key.name, "prefix": key.prefix, **more}
    append_event(actor=actor, action=action, subject=f"key:{key.pk}", body=body, now=now)
