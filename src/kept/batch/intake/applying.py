"""Applying staged rows to the book, chunk by chunk, each chunk whole or not at all.

A chunk is one transaction: holds, persons, debtors, contact points, accounts, figures, cases and
events, and the mark that it is done. The statements are `store/sql/intake.sql`; the ledger and the
cases settle themselves (`store/ledger.py`, `store/cases.py`). Nothing here reads the file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction

from kept.batch.stages import Progress, done_chunks, finish_chunk
from kept.core.actors import Actor, job
from kept.core.events import ChainKind
from kept.core.intake import IntakeMap
from kept.core.intake.holds import HOLD_EFFECTS, HOLDS_ON_ACCOUNT
from kept.store.cases import settle_cases
from kept.store.events import ChainValues, append_prepared_events
from kept.store.ledger import make_snapshot_tables, post_snapshots
from kept.store.models import IntakeFile, Run
from kept.store.person_keys import KeyOwner
from kept.store.promises import judge_stored
from kept.store.queries import load
from kept.store.staging import StagedCounts
from kept.store.to_decide import Cause, mark_paid

__all__ = ["Application", "apply_chunks", "mark_missing"]


@dataclass(frozen=True, slots=True)
class Application:
    """What every chunk of one file needs to know."""

    run: Run
    file: IntakeFile
    intake_map: IntakeMap
    staged: StagedCounts

    @property
    def actor(self) -> Actor:
        return job(self.run.actor)

    @property
    def on(self) -> date:
        assert self.run.business_date is not None
        return self.run.business_date

    @property
    def parameters(self) -> dict[str, Any]:
        return {
            "now": self.run.now,
            "actor": self.run.actor,
            "creditor_id": self.file.creditor_id,
            "intake_file_id": self.file.pk,
            "as_of": self.file.as_of,
            "components": list(self.intake_map.balances),
            "reasons_on_account": sorted(HOLDS_ON_ACCOUNT),
            "effects": list(HOLD_EFFECTS),
            "rows_per_chunk": self.run.parameters["rows_per_chunk"],
        }

    @property
    def dues_known(self) -> bool:
        account = self.intake_map.account
        return any((account.due_on, account.dpd, account.next_due_on))


def apply_chunks(this: Application, progress: Progress) -> Mapping[str, int]:
    """Apply what is planned and not applied yet; returns the sums over all chunks."""
    planned = load("staging")["count_chunks"].rows()[0]
    done = done_chunks(this.run, "applied")
    rows = sum(each["rows"] for each in done.values())
    progress("applied", rows, planned["rows"], "")
    for chunk in range(planned["chunks"]):
        if chunk not in done:
            with transaction.atomic():
                done[chunk] = _apply(this, chunk)
                finish_chunk(this.run, "applied", chunk, done[chunk])
            rows += done[chunk]["rows"]
        progress("applied", rows, planned["rows"], "")
    return _sums(done.values())


def _sums(results: Any) -> dict[str, int]:
    total: dict[str, int] = {}
    for result in results:
        for name, number in result.items():
            total[name] = total.get(name, 0) + number
    return total


def _apply(this: Application, chunk: int) -> dict[str, int]:
    sql, parameters = load("intake"), {**this.parameters, "chunk": chunk}

    def run(*names: str) -> dict[str, int]:
        return {name: sql[name].run(parameters) for name in names}

    rows = sql["pick_rows"].run(parameters)
    confirmed = sql["confirm_accounts"].run(parameters)
    if not rows:
        return {"rows": 0, "accounts_confirmed": confirmed}
    run("lock_persons", "pick_debtors", "pick_keys", "find_persons")
    parties = run("write_persons", "write_keys", "write_debtors", "change_debtors")
    run("pick_related")
    related = run("write_related", "change_related")
    run("pick_contacts")
    contacts = run("write_first_contacts", "match_contacts", "write_more_contacts")
    contacts |= run("change_contacts")
    run("pick_accounts")
    accounts = run("write_accounts", "change_accounts")
    holds = run("list_holds", "place_holds", "release_returned")
    entries = _post(this, parameters)
    _show_planner()
    run("tell_of_debtors")
    settled = _settle(this, parameters, "intake.apply")
    return {
        "rows": rows,
        "accounts_confirmed": confirmed,
        "persons": parties["write_persons"],
        "debtors_added": parties["write_debtors"],
        "debtors_changed": parties["change_debtors"],
        "related_persons_added": related["write_related"],
        "contact_points_added": contacts["write_first_contacts"] + contacts["write_more_contacts"],
        "contact_points_changed": contacts["change_contacts"],
        "accounts_added": accounts["write_accounts"],
        "accounts_changed": accounts["change_accounts"],
        "holds_placed": holds["place_holds"],
        "holds_released": holds["release_returned"],
        "entries": entries,
        **settled,
    }


def _post(this: Application, parameters: Mapping[str, Any]) -> int:
    """The rows' figures as entries of the ledger; how many entries."""
    make_snapshot_tables()
    load("intake")["fill_snapshots"].run(parameters)
    posted = post_snapshots(
        actor=this.run.actor,
        now=this.run.now,
        run_id=this.run.pk,
        dues_known=this.dues_known,
    )
    return posted.entries


def _show_planner() -> None:
    """Statistics of tables that grew: on those of an empty book the planner joins row by row."""
    grown = [row["name"] for row in load("intake")["list_grown_tables"].rows()]
    if grown:
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(grown)}")


def _settle(this: Application, parameters: Mapping[str, Any], action: str) -> dict[str, int]:
    """Cases of the chunk's accounts, and the events that tell of all that was done."""
    sql = load("intake")
    sql["touch_accounts"].run(parameters)
    counts = settle_cases(now=this.run.now, on=this.on)
    sql["prepare_events"].run({**parameters, "action": action})
    told = sql["list_changed_debtors"].rows() if action == "intake.apply" else []
    events = append_prepared_events(
        actor=this.actor,
        now=this.run.now,
        batch_id=this.run.pk,
        personal=[_before_and_after(row) for row in told],
    )
    judge_stored(
        "touched",
        {},
        actor=this.actor,
        as_of=this.on,
        now=this.run.now,
        batch_id=this.run.pk,
    )
    mark_paid(this.run.pk, Cause.PAYMENT, this.run.now)
    return {"cases_opened": counts.opened, "cases_closed": counts.closed, "events": events}


def _before_and_after(row: Mapping[str, Any]) -> ChainValues:
    """The changed fields of one debtor: names and places, so they go sealed into the event."""
    before, after = (
        {field: json.loads(row[side])[field] for field in row["fields"]}
        for side in ("before", "after")
    )
    owner = KeyOwner(row["debtor_id"])
    values = {"before": before, "after": after}
    return ChainValues(ChainKind(row["chain_kind"]), row["chain_id"], owner, values)


def mark_missing(this: Application, progress: Progress) -> Mapping[str, int]:
    """Stop contact on accounts that a full file does not name, where their product says so."""
    sql, parameters = load("intake"), this.parameters
    done = done_chunks(this.run, "missing")
    while True:
        chunk = len(done)
        with transaction.atomic():
            found = sql["pick_missing"].run(parameters)
            if not found:
                return _sums(done.values())
            sql["mark_missing"].run(parameters)
            sql["list_holds"].run(parameters)
            sql["hold_missing"].run(parameters)
            sql["tell_of_no_debtors"].run(parameters)
            done[chunk] = {"accounts": found, **_settle(this, parameters, "intake.miss")}
            finish_chunk(this.run, "missing", chunk, done[chunk])
        progress("missing", sum(each["accounts"] for each in done.values()), 0, "")
