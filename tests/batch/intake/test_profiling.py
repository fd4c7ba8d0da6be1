"""A file's profile from its chunks: what is counted, and that the chunks may come in any order."""

from __future__ import annotations

import json
import random

import polars as pl
import pytest

from kept.batch.intake.prepared import Prepared
from kept.batch.intake.profiling import ChunkProfile, profile_chunk
from tests.batch.intake.samples import CONTEXT, frame_of, normalise, prepare, small_map

MAP = small_map(
    account={"product": "product", "opened_on": "opened", "dpd": "dpd"},
    balances={"principal": "principal"},
    contacts=[{"kind": "phone", "column": "tel"}, {"kind": "email", "column": "email"}],
    holds=[{"column": "mark", "codes": {"D": "deceased", "B": "bankrupt"}}],
)
ROWS = (
    {"id": "A1", "opened": "2020-01-01", "tel": "13800138000", "principal": "10", "mark": "D"},
    {"id": "A2", "opened": "2019-06-30", "tel": "", "principal": "20.00", "dpd": "30"},
    {"id": "A3", "product": "YEN", "principal": "-7", "email": "a@b.cn", "tel": "1"},
    {"id": "A4", "principal": "x"},
)


def chunk(*rows: dict[str, str]) -> Prepared:
    filled = [
        {"product": "CARD", "opened": "", "tel": "", "email": "", "dpd": "", "mark": "", **row}
        for row in rows
    ]
    return prepare(MAP, *filled)


def test_what_a_profile_counts() -> None:
    found = profile_chunk(chunk(*ROWS)).summary()
    assert (found.rows, found.rejected, found.accounts) == (4, 1, 3)
    assert found.nulls["account.opened_on"] == 1
    assert found.nulls["account.due_on"] == 2
    assert found.nulls["contacts.phone"] == 2
    assert found.nulls["contacts.email"] == 2
    assert found.nulls["contacts.address"] == 3
    assert found.nulls["debtor.external_id"] == 3
    assert found.nulls["related"] == 3
    assert found.dates == {
        "account.opened_on": ("2019-06-30", "2020-01-01"),
        "account.due_on": ("2026-10-22", "2026-10-22"),
        "account.as_of": ("2026-11-21", "2026-11-21"),
    }
    assert found.balances["CNY"].total == 3000
    assert (found.balances["CNY"].least, found.balances["CNY"].most) == (1000, 2000)
    assert (found.balances["JPY"].total, found.balances["JPY"].negative) == (-7, 1)
    assert found.counts == {
        "product": {"CARD": 2, "YEN": 1},
        "state": {"active": 3},
        "hold": {"deceased": 1},
    }


def test_chunks_sum_up_in_any_order_and_through_json() -> None:
    whole = profile_chunk(chunk(*ROWS)).summary()
    parts = [profile_chunk(chunk(row)) for row in ROWS]
    for seed in range(5):
        shuffled = parts.copy()
        random.Random(seed).shuffle(shuffled)
        total = ChunkProfile()
        for part in shuffled:
            total.merge(ChunkProfile.from_json(json.loads(json.dumps(part.to_json()))))
        assert total.summary() == whole


def test_an_empty_chunk_has_a_profile() -> None:
    empty = profile_chunk(normalise(frame_of(*ROWS).clear(), small_map(), CONTEXT)).summary()
    assert (empty.rows, empty.accounts, empty.balances, empty.dates) == (0, 0, {}, {})


@pytest.mark.parametrize("count", [10, 1_000, 20_000, 200_000])
def test_distinct_accounts_are_estimated_within_ten_per_cent(count: int) -> None:
    rows = chunk({"id": "A1"}).rows
    total = ChunkProfile()
    for start in range(0, count, 50_000):
        size = min(50_000, count - start)
        ids = pl.int_range(start, start + size, eager=True).cast(pl.String)
        frame = rows.select(pl.all().repeat_by(size).explode()).with_columns(external_id=ids)
        prepared = chunk({"id": "A1"})
        twice = Prepared(
            frame, prepared.contacts, prepared.related, prepared.errors, prepared.totals
        )
        total.merge(profile_chunk(twice))
        total.merge(profile_chunk(twice))
    assert total.summary().accounts == pytest.approx(count, rel=0.1)


def test_a_chunks_profile_is_small() -> None:
    rows = [{"id": f"A{n}", "principal": str(n**3)} for n in range(1, 2000)]
    assert len(json.dumps(profile_chunk(chunk(*rows)).to_json())) < 8_000
