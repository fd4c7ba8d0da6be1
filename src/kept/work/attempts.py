"""Attempts that were made before kept: a creditor's history taken in as one set.

They were made by somebody else, so no permit was issued and none can be; what they tell counts all
the same. Attempts that kept makes do not come here, they begin with a permit.
"""

from __future__ import annotations

import io
from datetime import datetime
from typing import Final

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.core.attempts import Channel, Outcome
from kept.store.events import append_prepared_events
from kept.store.models import Creditor, Run
from kept.store.partitions import ensure_partitions
from kept.store.queries import copy_in, load
from kept.store.visibility import visible_rows
from kept.work.changes import not_there
from kept.work.permissions import Permission, require
from kept.work.refusals import Refusal

__all__ = ["HISTORY_COLUMNS", "do_take_attempt_history"]

#: `kind` is that of the contact point (phone, email…), `started_at` an instant in UTC.
HISTORY_COLUMNS: Final = ("debtor_external_id", "kind", "channel", "outcome", "started_at")
RUN_KIND: Final = "history"


@transaction.atomic
def do_take_attempt_history(
    *, actor: Actor, creditor_id: int, key: str, attempts: pl.DataFrame, now: datetime
) -> int:
    """Take in attempts that were made before `now`; returns how many were kept.

    Left out are attempts on debtors that are not known, outside of a case, or under a hold on
    contact. The same `key` twice takes in nothing the second time. Numbers that were not in service
    become invalid, those on which the debtor spoke valid.
    """
    within = require(actor, Permission.INTAKE_RECEIVE)
    creditor = visible_rows(Creditor, within).select_for_update().filter(pk=creditor_id).first()
    if creditor is None or not within.reaches_creditor(creditor.pk):
        raise not_there()
    _refuse_unknown(attempts, now)
    run, is_new = Run.objects.get_or_create(
        kind=RUN_KIND,
        key=f"{creditor.code}/{key}",
        defaults={"creditor": creditor, "actor": actor.name, "now": now, "state": Run.State.DONE},
    )
    if not is_new or attempts.is_empty():
        return int(run.result.get("attempts", 0))
    run.result = {"attempts": _write(actor, creditor, run, attempts)}
    run.save(update_fields=["result"])
    return int(run.result["attempts"])


def _refuse_unknown(attempts: pl.DataFrame, now: datetime) -> None:
    for column, known in (("channel", set(Channel)), ("outcome", set(Outcome))):
        unknown = sorted(set(attempts[column].unique()) - known)
        if unknown:
            raise Refusal(
                _("%(column)s: %(names)s is not in the closed list.")
                % {"column": column, "names": ", ".join(unknown)}
            )
    latest = attempts["started_at"].max()
    if isinstance(latest, datetime) and latest > now:
        raise Refusal(_("A history lies in the past; these attempts reach beyond the present."))


def _write(actor: Actor, creditor: Creditor, run: Run, attempts: pl.DataFrame) -> int:
    sql = load("attempts")
    earliest = attempts["started_at"].min()
    assert isinstance(earliest, datetime)
    ensure_partitions(earliest.date(), run.now.date())
    sql["make_history"].run()
    text = io.BytesIO()
    attempts.select(HISTORY_COLUMNS).write_csv(text, include_header=False)
    with copy_in("COPY new_attempts FROM STDIN (FORMAT csv)") as copy:
        copy.write(text.getvalue())
    sql["know_history"].run()
    sql["pick_history"].run({"creditor_id": creditor.pk, "zone": creditor.zone})
    written = sql["write_history"].run({"now": run.now})
    sql["learn_validity"].run()
    sql["tell_of_history"].run()
    append_prepared_events(actor=actor, now=run.now, batch_id=run.pk)
    sql["forget_history"].run()
    return written
