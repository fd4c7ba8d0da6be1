"""Statistics are renewed where most of a table is new, and left alone where little is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection

from kept.store.statistics import renew_statistics

pytestmark = pytest.mark.django_db(transaction=True)


def known_rows() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'persons'")
        return int(cursor.fetchone()[0])


def add_persons(count: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO persons (kind) SELECT 'person' FROM generate_series(1, %s)", [count]
        )


def test_a_table_that_was_just_filled_is_known_afterwards() -> None:
    add_persons(5_000)
    assert "persons" in renew_statistics()
    assert known_rows() == 5_000
    assert "persons" not in renew_statistics()


def test_a_few_more_rows_are_left_to_the_server() -> None:
    add_persons(5_000)
    renew_statistics()
    add_persons(500)
    assert "persons" not in renew_statistics()
    assert known_rows() == 5_000


@pytest.fixture
def parted() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE parted (owner int) PARTITION BY RANGE (owner)")
        cursor.execute("CREATE TABLE parted_low PARTITION OF parted FOR VALUES FROM (0) TO (9000)")
        yield
        cursor.execute("DROP TABLE parted")


def test_a_table_in_partitions_is_known_as_a_whole(parted: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO parted SELECT n / 10 FROM generate_series(1, 5000) AS n")
        assert "parted" in renew_statistics()
        cursor.execute("SELECT n_distinct FROM pg_stats WHERE tablename = 'parted' AND inherited")
        distinct = cursor.fetchone()[0]
    assert round(distinct * -5000 if distinct < 0 else distinct) == 501
    assert "parted" not in renew_statistics()
