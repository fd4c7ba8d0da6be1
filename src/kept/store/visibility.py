"""Which rows an actor may see: one queryset method, `visible_to`, that every read goes through.

What is not visible is not found; there is no "forbidden" for a row. Each noun says by which path
it reaches its creditor and, for work dealt to seats, its seat.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeVar, cast

from django.db import models

from kept.core.actors import Actor

__all__ = ["VisibleQuerySet", "visible_manager", "visible_rows"]

Row = TypeVar("Row", bound=models.Model)

if TYPE_CHECKING:
    _QuerySet = models.QuerySet[models.Model]
else:
    _QuerySet = models.QuerySet


class VisibleQuerySet(_QuerySet):
    """`creditor_path` leads to the creditor's id, `seat_path` to the seat a case is dealt to."""

    creditor_path: str = "creditor_id"
    seat_path: str | None = None

    def visible_to(self, actor: Actor) -> Self:
        if not actor.roles:
            return self.none()
        rows = self
        if actor.creditor_ids is not None:
            rows = rows.filter(**{f"{self.creditor_path}__in": sorted(actor.creditor_ids)})
        if actor.sees_own_work_only and self.seat_path is not None:
            if "__" not in self.seat_path:
                return rows.filter(**{f"{self.seat_path}__in": sorted(actor.seat_ids)})
            # A subquery, since a path over many rows would repeat the one looked for.
            dealt = self.model._base_manager.filter(
                **{f"{self.seat_path}__in": sorted(actor.seat_ids)}
            )
            rows = rows.filter(pk__in=dealt.values("pk"))
        return rows


def visible_manager(
    creditor_path: str = "creditor_id", seat_path: str | None = None
) -> models.Manager[models.Model]:
    """A manager whose rows are reached through `visible_to`."""
    kind = type(
        "VisibleRows",
        (VisibleQuerySet,),
        {"creditor_path": creditor_path, "seat_path": seat_path},
    )
    return models.Manager.from_queryset(kind)()


def visible_rows(model: type[Row], actor: Actor) -> models.QuerySet[Row]:
    """The rows of one noun that the actor may see, typed by the noun."""
    rows = cast(VisibleQuerySet, model._default_manager.all())
    return cast("models.QuerySet[Row]", rows.visible_to(actor))
