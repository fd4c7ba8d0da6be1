"""Taking the leaves of a seal and making its tree, over millions of chains.

The caller (`batch/seals.py`) opens the transactions. Every leaf is a chain's head at the moment it
was taken; a seal needs no moment common to all chains, so no writer waits for more than a chunk.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection

from kept.core.merkle import TreeBuilder
from kept.core.seals import SealDocument
from kept.store.models import Seal
from kept.store.queries import load

__all__ = ["LeafProof", "finish_seal", "open_seal", "prove_leaf", "take_leaves", "tree_of"]

#: Heads that are marked in one transaction.
LEAVES_PER_CHUNK = 20_000

Place = tuple[str, int]
FIRST: Place = ("", 0)


def open_seal(now: datetime) -> Seal:
    """The seal that was begun and not finished, or a new one."""
    load("seals")["open_seal"].run({"now": now})
    return Seal.objects.get(root__isnull=True)


def take_leaves(seal: Seal, after: Place, limit: int = LEAVES_PER_CHUNK) -> tuple[Place, int]:
    """Take the next moved heads in the order of chains: the last one taken, and how many."""
    rows = load("seals")["take_leaves"].rows(
        {"number": seal.pk, "after_kind": after[0], "after_id": after[1], "limit": limit}
    )
    return ((rows[0]["chain_kind"], rows[0]["chain_id"]), rows[0]["leaves"]) if rows else (after, 0)


def finish_seal(seal: Seal, kept_version: str) -> SealDocument:
    """Make the tree over the sealed heads and close the seal with its document."""
    tree = TreeBuilder()
    for block in _blocks(load("seals")["leaves_now"].text):
        tree.add(block)
    before = Seal.objects.filter(pk=seal.pk - 1).first()
    document = SealDocument(
        number=seal.pk,
        sealed_at=seal.sealed_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        tree_size=tree.size,
        root=tree.root(),
        previous_sha256=None if before is None else bytes(before.seal_hash or b""),
        previous_root=None if before is None else bytes(before.root or b""),
        kept_version=kept_version,
    )
    seal.tree_size, seal.root = document.tree_size, document.root
    seal.seal_hash, seal.document = document.sha256(), document.text()
    seal.save(update_fields=["tree_size", "root", "seal_hash", "document"])
    return document


def tree_of(number: int, proof_of: int | None = None) -> TreeBuilder:
    """The tree of one seal, made again from its leaves."""
    tree = TreeBuilder(proof_of)
    for block in _blocks(load("seals")["leaves_of"].text.replace("_SEAL", f"{number:d}")):
        tree.add(block)
    return tree


@dataclass(frozen=True, slots=True)
class LeafProof:
    """That the head of a chain is in a seal: its place, its sequence, and the siblings."""

    place: int
    tree_size: int
    sequence: int
    head: bytes
    siblings: tuple[bytes, ...]


def prove_leaf(number: int, chain_kind: str, chain_id: int) -> LeafProof | None:
    """The proof of one chain in one seal; None where the seal does not hold the chain."""
    rows = load("seals")["leaf_of_chain"].rows(
        {"number": number, "chain_kind": chain_kind, "chain_id": chain_id}
    )
    if not rows:
        return None
    tree = tree_of(number, rows[0]["place"])
    proof = tuple(tree.proof())
    row = rows[0]
    return LeafProof(row["place"], tree.size, row["sequence"], bytes(row["hash"]), proof)


def _blocks(statement: str) -> Iterator[list[bytes]]:
    """Leaf hashes in the blocks in which the database sends them."""
    connection.ensure_connection()
    with (
        connection.connection.cursor() as cursor,
        cursor.copy(statement) as copy,
    ):
        for block in copy:
            yield [bytes.fromhex(line) for line in bytes(block).decode("ascii").split()]
