"""Merkle trees: the definition of RFC 6962 written down plainly, and proofs that only fit."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.core.merkle import EMPTY_ROOT, TreeBuilder, leaf_hash, root_from_proof, root_of


def plain_root(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, as it stands there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = plain_root(leaves[:split]), plain_root(leaves[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()


def leaves(size: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(size)]


@pytest.mark.parametrize("size", [*range(35), 63, 64, 65, 100])
def test_the_root_is_that_of_the_definition(size: int) -> None:
    assert root_of(leaves(size)) == plain_root(leaves(size))


def test_known_roots() -> None:
    # From the test vectors of Certificate Transparency implementations.
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert EMPTY_ROOT.hex() == empty
    assert leaf_hash(b"").hex() == (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )
    assert root_of([leaf_hash(b""), leaf_hash(b"\x00")]).hex() == (
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
    )


@given(st.integers(1, 70), st.data())
def test_a_proof_leads_to_the_root_and_no_other_leaf_does(size: int, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, size - 1))
    tree = TreeBuilder(place)
    tree.add(leaves(size))
    proof = tree.proof()
    assert tree.proof() == proof
    root = tree.root()
    assert root_from_proof(leaves(size)[place], place, size, proof) == root
    assert root_from_proof(leaf_hash(b"another"), place, size, proof) != root
    for other in range(size):
        if other != place:
            assert root_from_proof(leaves(size)[place], other, size, proof) != root
    assert root_from_proof(leaves(size)[place], place, size, [*proof, b"x" * 32]) != root
    if proof:
        assert root_from_proof(leaves(size)[place], place, size, proof[:-1]) != root


def test_a_place_outside_the_tree_has_no_proof() -> None:
    tree = TreeBuilder(3)
    tree.add(leaves(3))
    with pytest.raises(IndexError):
        tree.proof()
    assert root_from_proof(leaves(1)[0], 1, 1, []) is None
