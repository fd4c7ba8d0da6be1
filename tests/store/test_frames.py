"""Columns out of the database by COPY: what they hold, in whose transaction, and how they fail."""

from __future__ import annotations

import polars as pl
import psycopg
import pytest
from django.db import connection, transaction

from kept.store.frames import read_frame, write_frame
from kept.store.queries import Query

pytestmark = pytest.mark.django_db

ROWS = Query(
    "rows",
    "",
    "SELECT n, nullif(n, 2) AS m, %(word)s || n AS word, (n > 1)::int AS big"
    " FROM generate_series(1, %(most)s::int) AS n",
)
FAILS = Query(
    "fails", "", "SELECT 1 / (%(most)s - n) AS n FROM generate_series(1, %(most)s::int) AS n"
)
SCHEMA = {"n": pl.Int64, "m": pl.Int64, "word": pl.String, "big": pl.Boolean}


def test_rows_come_as_columns_of_their_types() -> None:
    found = read_frame(ROWS, {"most": 3, "word": "it's 100% „“\n"}, SCHEMA)
    assert found.to_dict(as_series=False) == {
        "n": [1, 2, 3],
        "m": [1, None, 3],
        "word": [f"it's 100% „“\n{n}" for n in (1, 2, 3)],
        "big": [False, True, True],
    }


def test_no_row_is_an_empty_frame_of_the_schema() -> None:
    found = read_frame(ROWS, {"most": 0, "word": ""}, SCHEMA)
    assert (found.height, dict(found.schema)) == (0, SCHEMA)


def test_it_sees_what_the_transaction_wrote_and_is_undone_with_it() -> None:
    query = Query("mine", "", "SELECT n FROM pg_temp.mine ORDER BY n")
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE mine (n bigint) ON COMMIT DROP")
        write_frame(pl.DataFrame({"n": [3, 1]}), "mine", ("n",))
        assert read_frame(query, {}, {"n": pl.Int64})["n"].to_list() == [1, 3]


@pytest.mark.parametrize("most", [1, 100_000])
def test_a_failure_before_or_amid_the_rows_is_told_and_leaves_the_connection_usable(
    most: int,
) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero), transaction.atomic():
        read_frame(FAILS, {"most": most}, {"n": pl.Int64})
    assert read_frame(ROWS, {"most": 1, "word": "w"}, SCHEMA).height == 1


@pytest.mark.django_db(transaction=True)
def test_it_begins_the_transaction_in_which_it_is_read() -> None:
    with transaction.atomic():
        read_frame(ROWS, {"most": 1, "word": ""}, SCHEMA)
        assert connection.connection.info.transaction_status.name == "INTRANS"
