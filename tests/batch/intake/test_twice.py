"""Property: a file applied twice is applied once, and its rows have no order."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kept.store.models import Debtor
from tests.batch.intake.deliveries import BOOKKEEPING, MAP, identity_number, make_bank, row, take
from tests.batch.intake.digest import book_lines
from tests.emptying import empty_database

pytestmark = pytest.mark.django_db(transaction=True)


@st.composite
def any_row(draw: st.DrawFn) -> dict[str, str]:
    """Few accounts, debtors and identities, so that rows meet; some cells are wrong."""
    number = draw(st.integers(1, 6))
    debtor = draw(st.integers(1, 3))
    return row(
        number,
        debtor=draw(st.sampled_from(["", f"D{debtor:06d}"])),
        identity=draw(st.sampled_from(["", identity_number(debtor), identity_number(7)])),
        version=draw(st.sampled_from(["", "1", "2"])),
        name=draw(st.sampled_from(["测试甲", "测试乙"])),
        state=draw(st.sampled_from(["A", "A", "A", "C", "R"])),
        principal=draw(st.sampled_from(["0.00", "12.34", "1000.00", "NaN", ""])),
        mobile=draw(st.sampled_from(["", "13800000001", "13800000002"])),
        home=draw(st.sampled_from(["", "13800000001", "010-66660001"])),
        guarantor=draw(st.sampled_from(["", "测试保人"])),
        guarantor_identity=draw(st.sampled_from(["", identity_number(7)])),
        guarantor_mobile=draw(st.sampled_from(["", "13900000001"])),
        mark=draw(st.sampled_from(["", "-", "D", "S"])),
    )


def lenient(lines: list[dict[str, str]], **more: str) -> None:
    text = MAP.replace("rejects_per_mille: 200", "rejects_per_mille: 1000")
    take(lines, map_text=text, rows_per_chunk=3, **more)


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(lines=st.lists(any_row(), min_size=1, max_size=12), seed=st.integers(0, 9))
def test_twice_is_once_in_any_order(lines: list[dict[str, str]], seed: int) -> None:
    shuffled = random.Random(seed).sample(lines, len(lines))
    empty_database()
    make_bank()
    lenient(lines, file_id="F1")
    once = book_lines(without=BOOKKEEPING)
    lenient(shuffled, file_id="F2")
    assert book_lines(without=BOOKKEEPING) == once
    lenient(lines, file_id="F1")
    assert book_lines(without=BOOKKEEPING) == once
    empty_database()
    make_bank()
    lenient(shuffled, file_id="F1")
    assert book_lines(without=BOOKKEEPING) == once


@pytest.mark.parametrize("turned", [1, -1])
def test_of_equally_new_rows_the_first_account_speaks_for_its_debtor(turned: int) -> None:
    make_bank()
    lines = [row(5, debtor="D000001", name="测试乙"), row(1, debtor="D000001", name="测试甲")]
    lenient(lines[::turned], file_id="F1")
    assert Debtor.objects.get().name == "测试甲"
