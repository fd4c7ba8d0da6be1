"""What counts as the same input, and what a key looks like."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.core.commands import input_bytes, input_hash, is_key, key_hash

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.dates()
    | st.binary()
    | st.datetimes(timezones=st.just(UTC)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, "1"),
        (1, True),
        (0, None),
        ("2026-11-22", date(2026, 11, 22)),
        (date(2026, 11, 22), datetime(2026, 11, 22, tzinfo=UTC)),
        (date(2026, 11, 22), {"day": "2026-11-22"}),
        (b"\x01", "01"),
        ([1, 2], [2, 1]),
        ([], {}),
        ({"a": 1}, [["a", 1]]),
        ("", None),
    ],
)
def test_values_that_look_alike_are_other_input(one: object, other: object) -> None:
    assert input_bytes({"x": one}) != input_bytes({"x": other})


def test_order_of_names_zone_and_kind_of_sequence_do_not_matter() -> None:
    assert input_bytes({"a": 1, "b": (1, 2)}) == input_bytes({"b": [1, 2], "a": 1})
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    shanghai = noon.astimezone(timezone(timedelta(hours=8)))
    assert input_bytes({"at": noon}) == input_bytes({"at": shanghai})
    assert input_bytes({"s": {"a", "b", "c"}}) == input_bytes({"s": {"c", "b", "a"}})


@given(st.dictionaries(st.text(), VALUES), st.dictionaries(st.text(), VALUES))
def test_equal_bytes_mean_equal_input(one: dict[str, object], other: dict[str, object]) -> None:
    def told(value: object) -> object:
        """The value with its type, since 1 == True in Python."""
        if isinstance(value, dict):
            return {name: told(each) for name, each in value.items()}
        if isinstance(value, list):
            return [told(each) for each in value]
        return type(value).__name__, value

    assert (input_bytes(one) == input_bytes(other)) == (told(one) == told(other))


def test_the_same_input_under_another_key_or_use_case_has_another_hash() -> None:
    hashes = {
        input_hash("k" * 16, "ledger.post", {"a": 1}),
        input_hash("q" * 16, "ledger.post", {"a": 1}),
        input_hash("k" * 16, "ledger.reverse", {"a": 1}),
        input_hash("k" * 16, "ledger.post", {"a": 2}),
        key_hash("person:1", "k" * 16),
        key_hash("person:11", "k" * 16),
        key_hash("person:1k", "k" * 15),
    }
    assert len(hashes) == 7
    assert {len(each) for each in hashes} == {32}


@pytest.mark.parametrize("value", [1.5, datetime(2026, 1, 1), object()])  # noqa: DTZ001
def test_what_has_no_exact_text_is_no_input(value: object) -> None:
    with pytest.raises(TypeError):
        input_bytes({"x": value})


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("a" * 15, False),
        ("a" * 16, True),
        ("a" * 201, False),
        ("a b" * 6, False),
        ("键" * 20, False),
    ],
)
def test_a_key_is_long_and_plain(text: str, fits: bool) -> None:
    assert is_key(text) is fits
