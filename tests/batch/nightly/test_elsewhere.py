"""A night that an engine decides from a snapshot ends as one that is decided from the tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kept.batch.deciding.engines import Polars
from kept.batch.deciding.snapshots import SnapshotError, open_snapshot
from kept.batch.nightly import Elsewhere, NightRefused
from kept.batch.nightly.snapshots import take_snapshot
from kept.core.actors import Actor, ActorKind
from kept.store.models import Product, Run, Task
from kept.work.refusals import NotAllowed
from tests.batch.nightly.nights import (
    ACTOR,
    FIRST,
    SECOND,
    add_account,
    add_seats,
    at,
    lines,
    make_bank,
    make_busy_book,
    night,
)
from tests.emptying import empty_database

pytestmark = pytest.mark.django_db(transaction=True)


class Ended(Exception):
    """Stands for whatever ends a process."""


def small_book() -> Product:
    product = make_bank()
    for number, age in enumerate((-3, 2, 9, 20, 40, 100), start=1):
        add_account(product, number, age)
    add_seats(product.creditor)
    return product


def test_the_night_is_the_same(tmp_path: Path) -> None:
    usual = night(make_busy_book(), SECOND)
    expected = lines()
    empty_database()
    product = make_busy_book()
    found = night(product, SECOND, elsewhere=Elsewhere(Polars(), tmp_path))
    assert lines() == expected
    assert figures(found) == figures(usual)
    assert found["tasks"] > 20
    assert list(tmp_path.iterdir()) == []


def figures(result: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in result.items() if name != "standing"}


@pytest.mark.parametrize("lost", [False, True])
def test_a_night_that_was_ended_goes_on(tmp_path: Path, lost: bool) -> None:
    night(small_book(), FIRST)
    expected = lines()
    empty_database()
    product, elsewhere = small_book(), Elsewhere(Polars(), tmp_path)

    def end_at_the_price(stage: str, done: int, total: int, message: str) -> None:
        if stage == "priced":
            raise Ended

    with pytest.raises(Ended):
        night(product, FIRST, elsewhere=elsewhere, progress=end_at_the_price)
    folder = elsewhere.folder_of(Run.objects.get())
    assert open_snapshot(folder).contents.creditor == "BANK"
    if lost:
        elsewhere.clear(Run.objects.get())
    with pytest.raises(NightRefused, match="began with --engine polars"):
        night(product, FIRST)
    night(product, FIRST, elsewhere=elsewhere)
    assert lines() == expected


def test_a_snapshot_is_planned_without_the_database(tmp_path: Path) -> None:
    product = small_book()
    night(product, FIRST)
    decided = sorted(Task.objects.values_list("case_id", "treatment"))
    contents = take_snapshot(
        actor=ACTOR, creditor=product.creditor, on=FIRST, now=at(FIRST), folder=tmp_path, cases=4
    )
    engine = Polars()
    told = engine.propose(tmp_path, lambda done: None)
    plan = engine.plan(tmp_path, lambda passes: None)
    assert sum(each["cases"] for each in told) == 6
    assert len(contents.chunks) > 1
    codes = [each.code for each in open_snapshot(tmp_path).strategy.treatments]
    found = plan.chosen.select("case_id", "treatment").iter_rows()
    assert sorted((case, codes[place]) for case, place in found) == decided
    assert pl.read_parquet(tmp_path / "asked").columns == ["number", "case_id", "channel"]


def test_who_may_not_run_nights_takes_no_snapshot(tmp_path: Path) -> None:
    product = small_book()
    nobody = Actor(kind=ActorKind.PERSON, id=0, name="nobody")
    with pytest.raises(NotAllowed):
        take_snapshot(
            actor=nobody, creditor=product.creditor, on=FIRST, now=at(FIRST), folder=tmp_path
        )
    with pytest.raises(SnapshotError, match="holds no complete snapshot"):
        open_snapshot(tmp_path)
