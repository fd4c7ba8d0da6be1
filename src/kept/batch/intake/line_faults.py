"""Faults that reading found in a line before any rule of a map: cut or badly quoted lines."""

from __future__ import annotations

import json
from collections.abc import Callable

import polars as pl

from kept.batch.intake.prepared import ERROR_SCHEMA, PreparedRecords, Totals
from kept.batch.intake.tables import LINE_ERROR, LINE_NO
from kept.core.intake import WARNINGS, RejectCode, Severity

__all__ = ["line_faults", "rejected_lines", "with_line_faults", "without_line_faults"]

_SHAPE_CODES = frozenset(
    {
        RejectCode.CUT_LINE,
        RejectCode.TOO_MANY_CELLS,
        RejectCode.BAD_QUOTING,
        RejectCode.STRAY_LINE_END,
    }
)


def line_faults(frame: pl.DataFrame) -> tuple[list[int], pl.DataFrame]:
    """Lines that hold no cells at all, and every fault that reading found."""
    marked = frame.filter(pl.col(LINE_ERROR).is_not_null())
    shapeless: list[int] = []
    faults = []
    for line, text in marked.select(LINE_NO, LINE_ERROR).iter_rows():
        for fault in json.loads(text):
            code = RejectCode(fault.pop("code"))
            if code in _SHAPE_CODES:
                shapeless.append(line)
            severity = Severity.WARNING if code in WARNINGS else Severity.REJECT
            faults.append(
                {
                    "line_no": line,
                    "external_id": None,
                    "field": "line" if code in _SHAPE_CODES else fault.get("column", "line"),
                    "code": code.value,
                    "severity": severity.value,
                    "value": fault.pop("text", None),
                    "detail": json.dumps(fault, ensure_ascii=False),
                }
            )
    return shapeless, pl.DataFrame(faults, schema=dict(ERROR_SCHEMA))


def with_line_faults(errors: pl.DataFrame, faults: pl.DataFrame) -> pl.DataFrame:
    """Both, without the empty cell that a broken one leaves behind."""
    broken = faults.filter(code=RejectCode.BROKEN_CELL.value).select("line_no", "field")
    if not broken.is_empty():
        column = pl.col("detail").str.json_path_match("$.column").alias("field_column")
        empty = pl.col("code") == RejectCode.MISSING_VALUE.value
        errors = errors.with_columns(column)
        hidden = errors.filter(empty).join(
            broken, left_on=["line_no", "field_column"], right_on=["line_no", "field"], how="semi"
        )
        errors = errors.join(
            hidden.select("line_no", "field", "code"), on=["line_no", "field", "code"], how="anti"
        ).drop("field_column")
    return pl.concat([faults, errors]).sort("line_no", maintain_order=True)


def rejected_lines(faults: pl.DataFrame) -> list[int]:
    return faults.filter(severity=Severity.REJECT.value)["line_no"].to_list()


def without_line_faults(
    frame: pl.DataFrame, read: Callable[[pl.DataFrame], PreparedRecords]
) -> PreparedRecords:
    """One chunk read by `read`, but for the lines that are no rows: those are errors."""
    shapeless, faults = line_faults(frame)
    prepared = read(frame.filter(~frame[LINE_NO].is_in(shapeless)) if shapeless else frame)
    errors = prepared.errors if faults.is_empty() else with_line_faults(prepared.errors, faults)
    kept = ~prepared.records["line_no"].is_in(rejected_lines(faults))
    return PreparedRecords(
        prepared.records.filter(kept), errors, prepared.totals + Totals(rows=len(shapeless))
    )
