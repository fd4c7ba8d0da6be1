"""The algebra and conditions on PySpark: all in one file, so that one session serves them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kept.core.conditions import Condition, compile_condition, with_truths
from tests.core.test_algebra import CHECKS, Frame
from tests.core.test_conditions_agree import (
    FACTS,
    SCHEMA,
    WIDE_ROWS,
    WIDE_TEXTS,
    Facts,
    agree,
    conditions,
    named,
    slow_to_draw,
    tables,
)

pytestmark = pytest.mark.java
SPARK_TYPES = {pl.Int64: "bigint", pl.Boolean: "boolean", pl.String: "string", pl.Date: "date"}


def spark_frame(spark: Any) -> Frame:
    def made(columns: dict[str, list[int]]) -> Any:
        schema = ", ".join(f"{name} bigint" for name in columns)
        native = spark.createDataFrame(list(zip(*columns.values(), strict=True)), schema)
        return nw.from_native(native)

    return made


@pytest.mark.parametrize("check", CHECKS)
def test_pyspark_gives_what_python_gives(check: Callable[[Frame], None], spark: Any) -> None:
    check(spark_frame(spark))


def table_frame(spark: Any, table: list[Facts]) -> Any:
    schema = ", ".join(f"{name} {SPARK_TYPES[kind]}" for name, kind in SCHEMA.items())
    return spark.createDataFrame([tuple(facts[name] for name in SCHEMA) for facts in table], schema)


def test_pyspark_is_exact_beyond_what_a_double_holds(spark: Any) -> None:
    several = [compile_condition(text, FACTS) for text in WIDE_TEXTS]
    found = with_truths(table_frame(spark, WIDE_ROWS), named(several), surely_false=True)
    agree(several, WIDE_ROWS, [row.asDict() for row in found.collect()])


@settings(slow_to_draw, max_examples=4, derandomize=True)
@given(st.lists(conditions, min_size=12, max_size=12), tables)
def test_pyspark_says_what_one_case_says(
    spark: Any, several: list[Condition], table: list[Facts]
) -> None:
    found = with_truths(table_frame(spark, table), named(several), surely_false=True)
    agree(several, table, [row.asDict() for row in found.collect()])
