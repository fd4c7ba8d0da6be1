"""Which rows are seen: one queryset method, `visible_to`, that every read goes through.

What is not visible is not found; there is no "forbidden" for a row. Each noun says by which path it
reaches its creditor, its product and the seat that its work is dealt to. A noun that says nothing
of a limit is not seen by whoever has that limit, unless it says `WHOLE`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar, cast

from django.db import models
from django.db.models import Q

from kept.core.actors import Reach, Scope

__all__ = ["WHOLE", "VisibleQuerySet", "visible_manager", "visible_rows"]

Row = TypeVar("Row", bound=models.Model)

#: In place of a path: who is limited in this way sees the noun as if they were not.
WHOLE: Final = "*"

if TYPE_CHECKING:
    _QuerySet = models.QuerySet[models.Model]
else:
    _QuerySet = models.QuerySet


class VisibleQuerySet(_QuerySet):
    """Paths to the ids of the creditor, the product and the seat; see the module."""

    creditor_path: str = "creditor_id"
    product_path: str | None = None
    seat_path: str | None = None

    def visible_to(self, reach: Reach) -> Self:
        """The rows within any of the scopes; none without one."""
        if not reach.scopes:
            return self.none()
        parts = [self._within(scope) for scope in reach.scopes]
        if not all(parts):
            return self  # a scope that limits nothing here
        within = Q(pk__in=[])
        for part in parts:
            within |= part
        if reach.is_of_house and _may_lack(self.model, self.creditor_path):
            within |= Q(**{f"{self.creditor_path}__isnull": True})
        return self.filter(within)

    def _within(self, scope: Scope) -> Q:
        limits = (
            (self.creditor_path, scope.creditor_ids),
            (self.product_path, scope.product_ids),
            (self.seat_path, scope.seat_ids),
        )
        found = Q()
        for path, ids in limits:
            if ids is None or path == WHOLE:
                continue
            if path is None:
                return Q(pk__in=[])
            found &= self._one_of(path, sorted(ids))
        return found

    def _one_of(self, path: str, ids: list[int]) -> Q:
        if not _leads_to_many(self.model, path):
            return Q(**{f"{path}__in": ids})
        # A subquery, since a path over many rows would repeat the one looked for.
        found = self.model._base_manager.filter(**{f"{path}__in": ids})
        return Q(pk__in=found.values("pk"))


@cache
def _leads_to_many(model: type[models.Model], path: str) -> bool:
    """Whether a step of the path goes from one row to many."""
    place = model
    for step in path.split("__"):
        if step in ("id", "pk") or step.endswith("_id"):
            return False
        field: Any = place._meta.get_field(step)
        if field.one_to_many or field.many_to_many:
            return True
        place = field.related_model
    return False


@cache
def _may_lack(model: type[models.Model], path: str) -> bool:
    """Whether a row of the noun may belong to no creditor, and so to the house."""
    field: Any = model._meta.get_field(path) if "__" not in path else None
    return bool(field is not None and field.null)


def visible_manager(
    creditor_path: str = "creditor_id",
    *,
    product_path: str | None = None,
    seat_path: str | None = None,
) -> models.Manager[models.Model]:
    """A manager whose rows are reached through `visible_to`."""
    kind = type(
        "VisibleRows",
        (VisibleQuerySet,),
        {"creditor_path": creditor_path, "product_path": product_path, "seat_path": seat_path},
    )
    return models.Manager.from_queryset(kind)()


def visible_rows(model: type[Row], reach: Reach) -> models.QuerySet[Row]:
    """The rows of one noun within the reach, typed by the noun."""
    rows = cast(VisibleQuerySet, model._default_manager.all())
    return cast("models.QuerySet[Row]", rows.visible_to(reach))
