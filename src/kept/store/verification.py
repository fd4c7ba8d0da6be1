"""Verifying all events: one parallel scan where they are whole, slow passes only where not.

Each row is checked alone, in any order: its hash is that of its fields and of the hash before. That
rows also follow each other is seen from sums under a key made for this run: every link but the ends
stands once as a row's own and once as the one before the next, so what is left over must be exactly
the heads and the beginnings. The key is random bytes that whoever wrote the rows cannot have known.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, transaction

from kept.core.events import GENESIS
from kept.core.seals import SealDocument, SealRefused, read_seal
from kept.core.verification import ChainFault, Fault, SealFault, Verification
from kept.store.models import Seal
from kept.store.months import are_starts_told
from kept.store.queries import load
from kept.store.seals import tree_of

__all__ = ["verify_chains", "verify_events"]

#: How many faults are shown.
SHOWN = 50


def verify_events(given: Sequence[SealDocument] = ()) -> Verification:
    """All chains, the newest seal, the chain of seals, and the seals given from outside.

    Sees the database of one moment. Faults beyond the first 50 of a kind are not listed.
    """
    with transaction.atomic():
        _one_moment()
        found = verify_chains()
        stored = list(Seal.objects.filter(root__isnull=False).order_by("number"))
        faults, seal_faults = _against_seals(stored, given)
        return Verification(
            found.events,
            found.chains,
            found.chains_cut_by_retention,
            len(stored),
            (*found.faults, *faults),
            seal_faults,
        )


def verify_chains() -> Verification:
    """The chains alone: one scan of the events and one of the heads when all is well."""
    sql, key = load("verification"), {"key": os.urandom(7), "genesis": GENESIS}
    events, heads = sql["whole"].rows(key)[0], sql["heads"].rows(key)[0]
    whole = events["altered"] == 0 and (
        events["own"] - events["before"] == heads["ends"] - heads["starts"]
    )
    faults = () if whole else _locate()
    if not are_starts_told():
        faults = (*faults, ChainFault(Fault.BEGINNING_ALTERED, "house", 0))
    return Verification(events["events"], heads["chains"], heads["cut"], 0, faults)


def _one_moment() -> None:
    """A snapshot for the whole verification, where this transaction has not begun before."""
    if len(connection.savepoint_ids) == 0 and not connection.needs_rollback:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def _locate() -> tuple[ChainFault, ...]:
    sql, limits = load("verification"), {"genesis": GENESIS, "limit": SHOWN}
    rows = sql["locate"].rows(limits)
    named = {(row["chain_kind"], row["chain_id"]) for row in rows}
    ends = sql["locate_ends"].rows({"limit": SHOWN})
    rows += [row for row in ends if (row["chain_kind"], row["chain_id"]) not in named]
    return tuple(map(_fault, rows)) or (ChainFault(Fault.UNSETTLED, "", 0),)


def _fault(row: Mapping[str, Any]) -> ChainFault:
    return ChainFault(
        Fault(row["fault"]),
        row["chain_kind"],
        row["chain_id"],
        row["sequence"],
        row.get("expected"),
    )


def _against_seals(
    stored: Sequence[Seal], given: Sequence[SealDocument]
) -> tuple[tuple[ChainFault, ...], tuple[tuple[int, SealFault], ...]]:
    seal_faults = list(_broken_chain_of_seals(stored))
    known = {seal.pk: bytes(seal.seal_hash or b"") for seal in stored}
    newest = [(seal.pk, bytes(seal.root or b"")) for seal in stored[-1:]]
    for each in given:
        if known.get(each.number) != each.sha256():
            seal_faults.append((each.number, SealFault.UNKNOWN))
    roots = dict.fromkeys([*newest, *((each.number, each.root) for each in given)])
    faults: dict[ChainFault, None] = {}
    for number, root in roots:
        if tree_of(number).root() != root:
            seal_faults.append((number, SealFault.OTHER_ROOT))
        faults |= dict.fromkeys(_rows("unsealed", number=number))
    if stored and not Seal.objects.filter(root__isnull=True).exists():
        faults |= dict.fromkeys(_rows("leaves_unlike_heads"))
    return tuple(faults), tuple(dict.fromkeys(seal_faults))


def _rows(name: str, **parameters: int) -> Iterable[ChainFault]:
    return map(_fault, load("verification")[name].rows({"limit": SHOWN, **parameters}))


def _broken_chain_of_seals(stored: Sequence[Seal]) -> Iterable[tuple[int, SealFault]]:
    """Seals whose document is not theirs or does not name the file of the one before."""
    before: bytes | None = None
    for place, seal in enumerate(stored, start=1):
        try:
            document = read_seal(seal.document)
        except SealRefused:
            yield seal.pk, SealFault.CHAIN_OF_SEALS
            before = bytes(seal.seal_hash or b"")
            continue
        whole = (
            document.number == seal.pk == place
            and document.root == bytes(seal.root or b"")
            and document.tree_size == seal.tree_size
            and document.sha256() == bytes(seal.seal_hash or b"")
            and document.previous_sha256 == before
        )
        if not whole:
            yield seal.pk, SealFault.CHAIN_OF_SEALS
        before = document.sha256()
