"""Proving the record: whether all chains are whole, and one case as a file for a regulator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from kept import __version__
from kept.core.actors import Actor
from kept.core.audit_exports import ChainProof, ExportedChain, ExportedEvent, export_text
from kept.core.events import GENESIS, ChainKind
from kept.core.seals import SealDocument
from kept.core.verification import Verification
from kept.store.events import append_event, microseconds
from kept.store.models import Case, Seal
from kept.store.person_keys import open_personal
from kept.store.queries import load
from kept.store.seals import prove_leaf
from kept.store.verification import verify_events
from kept.store.visibility import visible_rows
from kept.work.accesses import note_use
from kept.work.changes import not_there
from kept.work.permissions import Permission, require, require_house

__all__ = ["do_export_case", "get_verification"]


def get_verification(actor: Actor, *, seals: Sequence[SealDocument] = ()) -> Verification:
    """Every chain of the house, the seals in the database, and those that somebody brought."""
    require_house(actor, Permission.EVENT_VERIFY)
    return verify_events(seals)


@transaction.atomic
def do_export_case(
    *, actor: Actor, case_id: int, now: datetime, with_personal_values: bool = False
) -> str:
    """The text of one file with every event of the case and of its debtor, and what proves them.

    Personal values are opened only when asked for; the case's chain tells of either export.
    """
    within = require(actor, Permission.EVENT_EXPORT)
    rows = visible_rows(Case, within).select_related("creditor", "debtor")
    case = rows.filter(pk=case_id).first()
    if case is None:
        raise not_there()
    note_use(actor, within, case, now)
    seal = Seal.objects.filter(root__isnull=False).order_by("-number").first()
    places = ((ChainKind.CASE, case.pk), (ChainKind.DEBTOR, case.debtor_id))
    chains = [_chain(kind, number, seal, with_personal_values) for kind, number in places]
    text = export_text(
        case=_about(case),
        chains=[chain for chain in chains if chain.events],
        seal_file=None if seal is None else seal.document,
        exported_at=now,
        exported_by=actor.name,
        kept_version=__version__,
        with_personal_values=with_personal_values,
    )
    append_event(
        actor=actor,
        action="case.export",
        subject=f"case:{case.pk}",
        body={"personal_values": with_personal_values, "seal": None if seal is None else seal.pk},
        now=now,
        chain=ChainKind.CASE,
        chain_id=case.pk,
    )
    return text


def _about(case: Case) -> dict[str, object]:
    return {
        "id": case.pk,
        "creditor": case.creditor.code,
        "debtor": case.debtor_id,
        "opened_on": case.opened_on.isoformat(),
        "closed_on": None if case.closed_on is None else case.closed_on.isoformat(),
        "close_reason": case.close_reason,
    }


def _chain(kind: ChainKind, chain_id: int, seal: Seal | None, opened: bool) -> ExportedChain:
    sql, place = load("events"), {"chain_kind": kind.value, "chain_id": chain_id}
    rows = sql["chain"].rows(place)
    start = sql["start_of_chain"].rows(place)
    return ExportedChain(
        kind.value,
        chain_id,
        start[0]["sequence"] if start else 0,
        bytes(start[0]["hash"]) if start else GENESIS,
        _events(rows, opened),
        None if seal is None else _proof(seal.pk, kind, chain_id),
    )


def _proof(number: int, kind: ChainKind, chain_id: int) -> ChainProof | None:
    found = prove_leaf(number, kind.value, chain_id)
    if found is None:
        return None
    return ChainProof(found.sequence, found.place, found.tree_size, found.siblings)


def _events(rows: Sequence[Mapping[str, Any]], opened: bool) -> list[ExportedEvent]:
    sealed = [(row["key_id"], row["personal"]) for row in rows if row["key_id"] is not None]
    values = iter(open_personal(sealed) if opened else [])
    return [
        ExportedEvent(
            **{name: row[name] for name in _PLAIN},
            recorded_at_us=microseconds(row["recorded_at"]),
            personal=None if row["personal"] is None else bytes(row["personal"]),
            previous_hash=bytes(row["previous_hash"]),
            hash=bytes(row["hash"]),
            values=next(values) if opened and row["key_id"] is not None else None,
        )
        for row in rows
    ]


_PLAIN = (
    "sequence",
    "recorded_at",
    "actor",
    "action",
    "subject",
    "batch_id",
    "key_id",
    "body",
)
