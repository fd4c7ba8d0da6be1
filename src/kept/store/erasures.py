"""Erasing persons in sets: the facts that duties are weighed on, and the statements that take away.

The caller opens the transaction and decides (`work/erasures.py`). What was taken is gone from the
tables at once; the pages of the database's files that held it are used again, old dumps and the
archived log end with their own retention.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Any, Final

from django.db import connection, transaction

from kept.core.retention import Moment, RecordFacts, jurisdictions_of
from kept.store.queries import Query, load
from kept.store.sealing import vault_folder
from kept.store.staging import run_staged, staged_runs

__all__ = [
    "PersonAt",
    "PersonRecord",
    "StoredFile",
    "erase_picked",
    "forget_files",
    "list_candidates",
    "list_due_files",
    "list_files",
    "pick_persons",
    "pick_requests",
    "purge_refused_values",
    "take_samples_anew",
]

_TAKING: Final = (
    "take_from_attempts",
    "take_from_permits",
    "take_from_releases",
    "take_from_reviews",
    "take_from_refusals",
    "take_from_promises",
    "destroy_keys",
    "take_ready_hashes",
    "take_person_records",
    "take_contact_points",
    "take_notes",
    "take_request_texts",
    "take_decision_texts",
    "take_access_texts",
    "take_task_reasons",
    "take_refused_values",
    "take_refused_records",
    "take_payment_details",
    "take_loaded_rows",
    "take_row_hashes",
)
_LAST: Final = ("take_related_persons", "take_names", "take_identity_keys")


@dataclass(frozen=True, slots=True, order=True)
class PersonAt:
    """A person as one creditor knows them."""

    person_id: int
    creditor_id: int


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """What stands about one person at one creditor; `last_as_of` is the last day files named it."""

    who: PersonAt
    creditor_code: str
    facts: RecordFacts
    last_as_of: date | None


@dataclass(frozen=True, slots=True)
class StoredFile:
    file_id: int
    received_on: date
    stored_path: str


def pick_persons(who: Sequence[PersonAt]) -> list[PersonRecord]:
    """Lock the rows of these persons and read what duties are weighed on; none who is erased."""
    sql = load("erasures")
    sql["drop_temporary"].run()
    sql["pick_persons"].run(
        {
            "person_ids": [each.person_id for each in who],
            "creditor_ids": [each.creditor_id for each in who],
        }
    )
    sql["lock_persons"].run()
    return [_record(row) for row in sql["facts"].rows()]


def _record(row: Mapping[str, Any]) -> PersonRecord:
    facts = RecordFacts(
        jurisdictions=jurisdictions_of([row["creditor_country"], *row["countries"]]),
        entities=frozenset(row["entities"]),
        moments={Moment.LAST_ACTIVITY: row["last_activity"]},
        open_cases=row["open_cases"],
        open_accounts=row["open_accounts"],
        legal_holds=tuple(row["holds"]),
    )
    who = PersonAt(row["person_id"], row["creditor_id"])
    return PersonRecord(who, row["creditor_code"], facts, row["last_as_of"])


def list_candidates(
    creditor_ids: Sequence[int], before: datetime, after: PersonAt, limit: int
) -> list[PersonAt]:
    """Persons with nothing open and nothing new since `before`, in their order."""
    rows = load("erasures")["list_candidates"].rows(
        {
            "creditor_ids": list(creditor_ids),
            "before": before,
            "after_person": after.person_id,
            "after_creditor": after.creditor_id,
            "limit": limit,
        }
    )
    return [PersonAt(row["person_id"], row["creditor_id"]) for row in rows]


def pick_requests() -> list[int]:
    """The requests about who was picked, whose words go too; returns those that still wait."""
    sql = load("erasures")
    sql["pick_requests"].run()
    return [row["approval_id"] for row in sql["open_requests"].rows()]


def erase_picked(reason: str, now: datetime) -> Mapping[str, int]:
    """Take away everything of who was picked, and prepare an event for each debtor's chain.

    `pick_requests` comes before.
    """
    sql, parameters = load("erasures"), {"now": now, "reason": reason}
    taken = {name: sql[name].run(parameters) for name in _TAKING}
    for run_id in staged_runs():
        run_staged("make_tables", run_id)  # a run of before may lack some
        for query in (sql["take_staged"], sql["take_staged_records"]):
            Query(query.name, query.description, query.text.replace("_RUN", f"_{run_id:d}")).run()
    sql["tell_of_erasure"].run(parameters)
    return taken | {name: sql[name].run(parameters) for name in _LAST}


def take_samples_anew() -> None:
    """The planner keeps samples of columns; names among them go with this."""
    load("erasures")["forget_samples"].run()


def list_files(creditor_id: int, last_as_of: date | None, zone: Any) -> list[StoredFile]:
    """Received files that may name somebody whom files named until `last_as_of`."""
    rows = load("erasures")["list_files"].rows(
        {"creditor_id": creditor_id, "last_as_of": last_as_of}
    )
    return [_stored(row, zone) for row in rows]


def list_due_files(before: datetime, zone: Any, limit: int = 1000) -> list[StoredFile]:
    rows = load("erasures")["due_files"].rows({"before": before, "limit": limit})
    return [_stored(row, zone) for row in rows]


def _stored(row: Mapping[str, Any], zone: Any) -> StoredFile:
    return StoredFile(row["id"], row["received_at"].astimezone(zone).date(), row["stored_path"])


def forget_files(stored: Sequence[StoredFile]) -> None:
    """Forget where these files lie, and remove their bytes once that is committed."""
    if not stored:
        return
    sql = load("erasures")
    sql["forget_files"].run({"ids": [each.file_id for each in stored]})
    paths = {each.stored_path for each in stored}
    shared = {row["stored_path"] for row in sql["still_stored"].rows({"paths": sorted(paths)})}
    transaction.on_commit(lambda: _remove(paths - shared), using=connection.alias)


def _remove(paths: set[str]) -> None:
    for path in sorted(paths):
        if not PurePosixPath(path).is_absolute() and ".." not in PurePosixPath(path).parts:
            (vault_folder() / path).unlink(missing_ok=True)


def purge_refused_values(before: datetime) -> int:
    """Empty the refused values of files received before a moment; how many."""
    return load("erasures")["purge_refused_values"].run({"before": before})
