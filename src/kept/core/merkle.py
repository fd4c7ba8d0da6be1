"""Merkle trees over leaves in order, hashed as in RFC 6962, and proofs that a leaf is in one.

A leaf is hashed after a zero byte and a node after a one, so no leaf can pass for a node. A tree of
n leaves splits at the largest power of two below n. Nothing here knows what a leaf says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

__all__ = ["EMPTY_ROOT", "TreeBuilder", "leaf_hash", "node_hash", "root_from_proof", "root_of"]

#: The root of a tree without leaves.
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class TreeBuilder:
    """Takes leaf hashes one after the other and keeps one node a level, not the tree.

    With the place of a leaf it also collects the siblings on the way from that leaf to the root.
    """

    def __init__(self, proof_of: int | None = None) -> None:
        self.size = 0
        self._peaks: list[tuple[int, bytes]] = []  # (leaves below, hash), the largest first
        self._proof_of = proof_of
        self._proof: list[bytes] = []

    def add(self, leaves: Iterable[bytes]) -> None:
        """Add leaf hashes in order."""
        sha256, peaks = hashlib.sha256, self._peaks
        for leaf in leaves:
            width, node = 1, leaf
            self.size += 1
            while peaks and peaks[-1][0] == width:
                left = peaks.pop()[1]
                self._note(self.size - 2 * width, width, self.size, left, node)
                node = sha256(b"\x01" + left + node).digest()
                width *= 2
            peaks.append((width, node))

    def root(self) -> bytes:
        """The root over what was added so far."""
        return self._fold(note=False)

    def proof(self) -> list[bytes]:
        """The siblings of the leaf asked for, from the bottom to the top.

        Raises IndexError when there is no leaf at that place.
        """
        if self._proof_of is None or not 0 <= self._proof_of < self.size:
            raise IndexError("the tree has no leaf at this place")
        kept = list(self._proof)
        self._fold(note=True)
        found, self._proof = self._proof, kept
        return found

    def _fold(self, *, note: bool) -> bytes:
        if not self._peaks:
            return EMPTY_ROOT
        end = self.size
        width, node = self._peaks[-1]
        for left_width, left in reversed(self._peaks[:-1]):
            if note:
                self._note(end - width - left_width, left_width, end, left, node)
            node = node_hash(left, node)
            width += left_width
        return node

    def _note(self, start: int, left_width: int, end: int, left: bytes, right: bytes) -> None:
        """Two subtrees meet, over the leaves from `start` up to `end`; is the leaf in one?"""
        place = self._proof_of
        if place is None or not start <= place < end:
            return
        self._proof.append(right if place < start + left_width else left)


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes."""
    tree = TreeBuilder()
    tree.add(leaves)
    return tree.root()


def root_from_proof(leaf: bytes, place: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """The root that a leaf hash at a place of a tree of `size` leaves leads to (RFC 9162, 2.1.3.2).

    None when the proof has the wrong length for that place.
    """
    if not 0 <= place < size:
        return None
    here, last, node = place, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return None
        if here % 2 or here == last:
            node = node_hash(sibling, node)
            while here % 2 == 0 and here:
                here //= 2
                last //= 2
        else:
            node = node_hash(node, sibling)
        here //= 2
        last //= 2
    return node if last == 0 else None
