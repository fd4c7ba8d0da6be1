"""What is known of the contacts before kept: the cut-over, loaded spans, and a declaration.

While a window of law reaches before the days that are known, its count is unknown and the contact
is refused. Loading a file of attempts is `kept.batch.intake`; here its span is joined to what is
known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from kept.core.actors import Actor
from kept.core.histories import Span, complete_from
from kept.store.events import append_event
from kept.store.models import Creditor, IntakeFile
from kept.store.visibility import visible_rows
from kept.work.permissions import Permission, require

__all__ = ["HistoryView", "LoadedSpan", "known_from", "list_histories", "settle_history"]

_TAKEN = (IntakeFile.State.APPLIED, IntakeFile.State.ACKNOWLEDGED)


@dataclass(frozen=True, slots=True)
class LoadedSpan:
    """What one file of attempts covers."""

    intake_file_id: int
    file_id: str
    span: Span


@dataclass(frozen=True, slots=True)
class HistoryView:
    """`known_from` None: nothing is known, or all is, where `no_history_before`."""

    creditor_id: int
    code: str
    name: str
    cut_over_on: date | None
    known_from: date | None
    no_history_before: bool
    files: tuple[LoadedSpan, ...]


def known_from(creditor_id: int, cut_over_on: date) -> date | None:
    """The first day that loaded files add before the cut-over; None where they add none."""
    spans = [each.span for each in _files_of([creditor_id]).get(creditor_id, ())]
    found = complete_from(cut_over_on, spans)
    return found if found < cut_over_on else None


@transaction.atomic
def settle_history(*, actor: Actor, creditor_id: int, now: datetime) -> None:
    """After a file of attempts: from when on all is known now, with an event where that moved."""
    row = Creditor.objects.select_for_update(no_key=True).get(pk=creditor_id)
    if row.cut_over_on is None:
        return
    found = known_from(row.pk, row.cut_over_on)
    if found == row.complete_from:
        return
    before, row.complete_from = row.complete_from, found
    row.save(update_fields=["complete_from"])
    append_event(
        actor=actor,
        action="creditor.load_history",
        subject=f"creditor:{row.pk}",
        body={
            "before": before and before.isoformat(),
            "complete_from": found and found.isoformat(),
            "cut_over_on": row.cut_over_on.isoformat(),
        },
        now=now,
    )


def list_histories(actor: Actor) -> tuple[HistoryView, ...]:
    """What is known of each creditor of the actor, by code."""
    rows = list(visible_rows(Creditor, require(actor, Permission.CONTACT_COUNT)).order_by("code"))
    files = _files_of([row.pk for row in rows])
    return tuple(
        HistoryView(
            creditor_id=row.pk,
            code=row.code,
            name=row.name,
            cut_over_on=row.cut_over_on,
            known_from=row.complete_from or row.cut_over_on,
            no_history_before=row.no_history_before,
            files=tuple(files.get(row.pk, ())),
        )
        for row in rows
    )


def _files_of(creditor_ids: list[int]) -> dict[int, list[LoadedSpan]]:
    """The files of attempts that were taken, the newest span first."""
    rows = IntakeFile.objects.filter(
        creditor_id__in=creditor_ids, file_type="attempts", state__in=_TAKEN
    ).values_list("creditor_id", "pk", "file_id", "counts")
    found: dict[int, list[LoadedSpan]] = {}
    for creditor_id, pk, file_id, counts in rows:
        if counts.get("span"):
            span = Span.from_json(counts["span"])
            found.setdefault(creditor_id, []).append(LoadedSpan(pk, file_id, span))
    return {
        creditor_id: sorted(files, key=lambda each: each.span.last, reverse=True)
        for creditor_id, files in found.items()
    }
