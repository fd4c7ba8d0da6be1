"""What the limits of a stored grant or key come to: the scopes of an actor.

Read anew for every request, so that what is revoked or run out is gone with the next one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from kept.core.actors import OWN_WORK_ONLY, Reach, Role, Scope
from kept.store.models import Creditor, Engagement, LegalEntity, Product, Seat, Team
from kept.store.models.users import Limited
from kept.store.visibility import visible_rows
from kept.work.changes import not_there
from kept.work.refusals import refuse

__all__ = ["Limits", "find_open_creditors", "known_limits", "scopes_of", "valid_at"]


@dataclass(frozen=True, slots=True)
class Limits:
    """To what a grant or a key is limited, by id; None is no limit. `product_id` is a portfolio."""

    creditor_id: int | None = None
    product_id: int | None = None
    team_id: int | None = None
    agency_id: int | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None

    @property
    def is_of_house(self) -> bool:
        ids = (self.creditor_id, self.product_id, self.team_id, self.agency_id)
        return all(each is None for each in ids)


def known_limits(reach: Reach, limits: Limits, now: datetime) -> dict[str, object]:
    """The limits as columns, each looked up; a portfolio brings its creditor along."""
    errors = {}
    creditor_id = limits.creditor_id
    if limits.product_id is not None:
        product = visible_rows(Product, reach).filter(pk=limits.product_id).first()
        if product is None or creditor_id not in (None, product.creditor_id):
            errors["product"] = _("This is no portfolio of the creditor.")
        else:
            creditor_id = product.creditor_id
    if creditor_id is not None and not _creditors(reach).filter(pk=creditor_id).exists():
        raise not_there()
    if limits.team_id is not None and not Team.objects.filter(pk=limits.team_id).exists():
        errors["team"] = _("There is no such team.")
    if limits.agency_id is not None and not _is_agency(limits.agency_id):
        errors["agency"] = _("Choose a company of the type outside agency.")
    if limits.valid_until is not None and limits.valid_until <= (limits.valid_from or now):
        errors["valid_until"] = _("The end lies before the beginning.")
    refuse(errors)
    return {
        "creditor_id": creditor_id,
        "product_id": limits.product_id,
        "team_id": limits.team_id,
        "agency_id": limits.agency_id,
        "valid_from": limits.valid_from,
        "valid_until": limits.valid_until,
    }


def _creditors(reach: Reach) -> QuerySet[Creditor]:
    """Creditors of which the whole is reached: a limit within one is no ground to grant."""
    whole = [
        scope for scope in reach.scopes if scope.product_ids is None and scope.seat_ids is None
    ]
    return visible_rows(Creditor, Reach(tuple(whole)))


def _is_agency(legal_entity_id: int) -> bool:
    kind = LegalEntity.Type.THIRD_PARTY_AGENCY
    return LegalEntity.objects.filter(pk=legal_entity_id, type=kind).exists()


def valid_at(now: datetime) -> Q:
    """Grants and keys that hold at an instant: from the first one on, and not at the last."""
    return Q(Q(valid_from__isnull=True) | Q(valid_from__lte=now)) & Q(
        Q(valid_until__isnull=True) | Q(valid_until__gt=now)
    )


def scopes_of(
    row: Limited,
    role: Role | None,
    *,
    own_seats: frozenset[int],
    open_creditors: frozenset[int] | None,
    now: datetime,
) -> Sequence[Scope]:
    """Where a grant holds: one scope, or for an agency one for each of its mandates.

    `open_creditors` are those where a grant for all creditors holds (`find_open_creditors`).
    """
    if role is Role.AGENCY_USER and row.agency_id is None:
        return []
    seats = own_seats if role in OWN_WORK_ONLY else None
    if row.team_id is not None:
        seats = _both(seats, _seats(Q(team_id=row.team_id)))
    creditors = open_creditors if row.creditor_id is None else frozenset({row.creditor_id})
    products = None if row.product_id is None else frozenset({row.product_id})
    if row.agency_id is None:
        return [Scope(creditors, products, seats)]
    seats = _both(seats, _seats(Q(team__legal_entity_id=row.agency_id)))
    return [
        Scope(_both(creditors, mandate.creditor_ids), _both(products, mandate.product_ids), seats)
        for mandate in _mandates(row.agency_id, now.date())
    ]


def _both(one: frozenset[int] | None, other: frozenset[int] | None) -> frozenset[int] | None:
    if one is None or other is None:
        return one if other is None else other
    return one & other


def _seats(which: Q) -> frozenset[int]:
    return frozenset(Seat.objects.filter(which).values_list("pk", flat=True))


def find_open_creditors() -> frozenset[int] | None:
    """All creditors that are not closed to staff; None, no limit at all, where none is."""
    if not Creditor.objects.filter(needs_access=True).exists():
        return None
    return frozenset(Creditor.objects.filter(needs_access=False).values_list("pk", flat=True))


def _mandates(agency_id: int, on: date) -> Iterable[Scope]:
    rows = Engagement.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=on),
        legal_entity_id=agency_id,
        valid_from__lte=on,
    )
    for creditor_id, product_id in rows.values_list("creditor_id", "product_id"):
        products = None if product_id is None else frozenset({product_id})
        yield Scope(frozenset({creditor_id}), products)
