"""Saving one row of the house's settings together with its event, before and after.

For single rows that people change on a page. Bulk writes do not come here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TypeVar

from django.db.models import Model
from django.utils.translation import gettext as _

from kept.core.actors import Actor, Reach
from kept.store.events import append_event
from kept.store.models import Creditor
from kept.store.visibility import visible_rows
from kept.work.refusals import NotThere, refuse_invalid

__all__ = ["creditor_to_change", "not_there", "plain", "row_to_change", "save_with_event"]

Row = TypeVar("Row", bound=Model)


def not_there() -> NotThere:
    return NotThere(_("There is no such entry, or it is not yours to see."))


def row_to_change(model: type[Row], row_id: int | None, reach: Reach | None = None) -> Row:
    """The row, locked until the transaction ends, or a new one when no id is given.

    A noun that belongs to creditors is looked for within the reach, and needs one.
    """
    if row_id is None:
        return model()
    if _is_limited(model):
        if reach is None:
            raise TypeError(f"{model.__name__} is read within a reach")
        rows = visible_rows(model, reach)
    else:
        rows = model._default_manager.all()
    found = rows.filter(pk=row_id).select_for_update(of=("self",)).first()
    if found is None:
        raise not_there()
    return found


def creditor_to_change(reach: Reach, creditor_id: int) -> Creditor:
    """The creditor, locked; only for who reaches all of it, not some portfolio of it."""
    found = row_to_change(Creditor, creditor_id, reach)
    if not reach.reaches_creditor(found.pk):
        raise not_there()
    return found


def save_with_event(
    *, actor: Actor, noun: str, row: Row, values: Mapping[str, object], now: datetime
) -> Row:
    """Set the values, refuse what is invalid, save, and append `<noun>.add` or `<noun>.change`.

    A change that changes nothing writes nothing.
    """
    is_new = row.pk is None
    before = {} if is_new else {name: getattr(row, name) for name in values}
    if not is_new and before == dict(values):
        return row
    for name, value in values.items():
        setattr(row, name, value)
    refuse_invalid(row)
    row.save()
    append_event(
        actor=actor,
        action=f"{noun}.{'add' if is_new else 'change'}",
        subject=f"{noun}:{row.pk}",
        body={"before": plain(before), "after": plain(values)},
        now=now,
    )
    return row


def plain(values: Mapping[str, object]) -> dict[str, object]:
    """The values as an event holds them: dates as text, everything else as it is."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
    }


def _is_limited(model: type[Model]) -> bool:
    return hasattr(model._default_manager.all(), "visible_to")
