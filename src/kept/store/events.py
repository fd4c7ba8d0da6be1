"""Appending events to their chains, one by one or one per chain in bulk.

The caller is inside the transaction of the write that the event tells of. Chains are locked by
their heads until that transaction ends, so two writers to one case follow each other: append last,
and to several chains in the order case, debtor, house (the bulk form locks in that order and by
id). A single append is one call to the database (`kept_append_event` in store/migrations).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection

from kept.core.actors import Actor
from kept.core.events import GENESIS, ChainKind, canonical_json
from kept.store.person_keys import KeyOwner, Sealed, seal_personal, seal_personal_of_many
from kept.store.queries import load

__all__ = ["ChainValues", "append_event", "append_prepared_events", "microseconds"]


@dataclass(frozen=True, slots=True)
class ChainValues:
    """Personal values that go with the event of one chain in a bulk write."""

    chain: ChainKind
    chain_id: int
    owner: KeyOwner
    values: Mapping[str, object]


def microseconds(instant: datetime) -> int:
    """UTC microseconds since 1970, exactly (a float would lose the last digits)."""
    since = instant.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def append_event(
    *,
    actor: Actor,
    action: str,
    subject: str,
    body: Mapping[str, object],
    now: datetime,
    chain: ChainKind = ChainKind.HOUSE,
    chain_id: int = 0,
    batch_id: int | None = None,
    personal: Mapping[str, object] | None = None,
    personal_of: KeyOwner | None = None,
) -> int:
    """Append one event and return its place in the chain.

    `action` is `noun.verb`, `subject` is `noun:id`. Names, numbers, addresses and what somebody
    typed about a person go into `personal`, sealed under the key of `personal_of`; the body holds
    ids, states, dates, amounts and closed words.
    Raises `PersonErased` for personal values of an erased person.
    """
    sealed = None
    if personal:
        if personal_of is None:
            raise ValueError("personal values need the person they are of")
        sealed = seal_personal(personal_of, personal, now)
    row = load("events")["append"].rows(
        {
            "chain_kind": chain.value,
            "chain_id": chain_id,
            "recorded_at": now,
            "actor": actor.name,
            "action": action,
            "subject": subject,
            "batch_id": batch_id,
            "key_id": None if sealed is None else sealed.key_id,
            "personal": None if sealed is None else sealed.value,
            "body": canonical_json(body),
        }
    )[0]
    return int(row["sequence"])


def append_prepared_events(
    *, actor: Actor, now: datetime, batch_id: int | None, personal: Sequence[ChainValues] = ()
) -> int:
    """One event for each row of the temporary table `new_events`, in one statement.

    Personal values of somebody who was erased are left out. The table is dropped, so that others
    may follow in the same transaction.
    """
    count = load("events")["append_prepared"].run(
        {
            "genesis": GENESIS,
            "recorded_at": now,
            "actor": actor.name,
            "batch_id": batch_id,
            **_sealed_columns(personal, now),
        }
    )
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE pg_temp.new_events")
    return count


def _sealed_columns(personal: Sequence[ChainValues], now: datetime) -> dict[str, list[object]]:
    sealed = seal_personal_of_many([(each.owner, each.values) for each in personal], now)
    kept: list[tuple[ChainValues, Sealed]] = [
        (each, value) for each, value in zip(personal, sealed, strict=True) if value is not None
    ]
    return {
        "sealed_kinds": [each.chain.value for each, _ in kept],
        "sealed_chains": [each.chain_id for each, _ in kept],
        "sealed_keys": [value.key_id for _, value in kept],
        "sealed_values": [value.value for _, value in kept],
    }
