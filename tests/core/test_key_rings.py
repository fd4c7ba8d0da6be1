"""Rings of data keys, and keys on paper."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.core.key_rings import DataKey, KeyRing, read_key_ring
from kept.core.paper_keys import read_paper, write_paper

secrets = st.binary(min_size=32, max_size=32)
OLD, NEW = bytes(32), bytes(range(32))


def test_a_bare_key_is_number_one() -> None:
    ring = read_key_ring(base64.b64encode(OLD).decode())
    assert ring == KeyRing.single(OLD)
    assert ring.text == f"1:{base64.b64encode(OLD).decode()}"


def test_a_rotation_seals_anew_and_hashes_as_before_until_it_is_finished() -> None:
    begun = KeyRing.single(OLD).with_new(NEW)
    assert (begun.sealing.number, begun.hashing, begun.is_rotating) == (2, 1, True)
    assert read_key_ring(begun.text) == begun
    assert read_key_ring(begun.text.replace("\n", ",")) == begun
    done = begun.finished()
    assert (done.hashing, done.is_rotating) == (2, False)
    assert [key.number for key in done] == [2, 1]
    assert done.without(1) == KeyRing.single(NEW, 2)
    for number in (2, 3):
        with pytest.raises(ValueError, match="in use or not in the ring"):
            done.without(number)


def test_numbers_begin_anew_after_the_last() -> None:
    assert KeyRing.single(OLD, 255).with_new(NEW).sealing.number == 1
    full = KeyRing(tuple(DataKey(n, OLD) for n in range(1, 256)), 1)
    with pytest.raises(ValueError, match="retire"):
        full.with_new(NEW)


def test_a_ring_is_not_shown() -> None:
    assert "\\x" not in repr(KeyRing.single(OLD))


@pytest.mark.parametrize(
    "text", ["", "1:", "0:" + "A" * 43 + "=", "256:" + "A" * 43 + "=", "1:AAAA", "a:b:c:d"]
)
def test_what_is_no_ring_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"key|ring|entry"):
        read_key_ring(text)


def test_two_rings_join_where_they_agree() -> None:
    new = KeyRing.single(NEW, 2)
    assert new.joined(KeyRing.single(OLD)).keys == (DataKey(2, NEW), DataKey(1, OLD))
    with pytest.raises(ValueError, match="another key"):
        new.joined(KeyRing.single(OLD, 2))


@given(st.lists(secrets, min_size=1, max_size=3))
def test_paper_is_read_back(keys: list[bytes]) -> None:
    ring = KeyRing(tuple(DataKey(n, key) for n, key in enumerate(keys, start=4)), 4)
    paper = write_paper(ring)
    assert read_paper(paper) == ring
    assert read_paper("From the safe.\n" + paper.replace("line ", "line ").lower()) == ring


@given(secrets, st.data())
def test_a_mistyped_line_is_named(secret: bytes, data: st.DataObject) -> None:
    lines = write_paper(KeyRing.single(secret)).splitlines()
    row = data.draw(st.integers(1, 4))
    at = data.draw(st.integers(9, 13))
    other = data.draw(
        st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ").filter(
            lambda letter: letter != lines[row][at]
        )
    )
    lines[row] = lines[row][:at] + other + lines[row][at + 1 :]
    with pytest.raises(ValueError, match=f"line {row} is mistyped|the lines of key 1"):
        read_paper("\n".join(lines))
