"""A chunk on its way from text to values: the text of every rule, and every fault found.

Rules are asked for their text one by one; faults are kept by row, so that a row with several is
listed with all of them. Nothing here knows what a value means.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import polars as pl

from kept.batch.intake.columns import constant, nothing
from kept.batch.intake.prepared import ERROR_SCHEMA
from kept.batch.intake.tables import LINE_ERROR, LINE_NO, cell_column
from kept.core.intake import WARNINGS, CellRule, RejectCode, Severity

__all__ = ["Chunk"]

_VALUE_SHOWN = 500
_ANY_OTHER = "*"


class Chunk:
    """Rows of one frame, in order. A mask of a fault has one truth for each row; null is no."""

    def __init__(self, frame: pl.DataFrame, null_values: Sequence[str]) -> None:
        self.frame = frame
        self.height = frame.height
        self.lines = frame[LINE_NO]
        self.external_ids = nothing(frame.height, pl.String())
        self.rejected = constant(False, frame.height, pl.Boolean())
        self._faults: list[pl.DataFrame] = []
        text = pl.col(pl.String).exclude(LINE_ERROR).str.strip_chars()
        filled = text != "" if not null_values else ~text.is_in(["", *null_values])
        self._stripped = frame.select(pl.when(filled).then(text).name.keep())

    def cell(self, rule: CellRule) -> pl.Series:
        """The cell's own text, stripped; null where it is empty or stands for nothing."""
        if rule.column is None:
            return nothing(self.height, pl.String())
        return self._stripped[cell_column(rule.column)]

    def text(self, rule: CellRule) -> pl.Series:
        """The text after code table and default; a code the table does not hold is a fault."""
        if rule.column is None:
            return constant(rule.constant, self.height, pl.String())
        text = cell = self.cell(rule)
        if rule.codes is not None:
            text = self._decoded(rule, rule.codes, cell)
        if rule.default is not None and cell.has_nulls():
            text = text.set(cell.is_null(), rule.default)
        return text

    def needed(self, rule: CellRule) -> pl.Series:
        """As `text`, but an empty cell is a fault."""
        text = self.text(rule)
        if rule.column is not None and text.has_nulls():
            self.refuse(self.cell(rule).is_null() & text.is_null(), rule, RejectCode.MISSING_VALUE)
        return text

    def _decoded(
        self, rule: CellRule, codes: Mapping[str, str | None], text: pl.Series
    ) -> pl.Series:
        known = {key: value for key, value in codes.items() if key not in (_ANY_OTHER, "")}
        other = codes.get(_ANY_OTHER)
        if other == _ANY_OTHER:  # every other text stands for itself
            result = text.replace(list(known), list(known.values()))
        else:
            result = text.replace_strict(
                list(known), list(known.values()), default=other, return_dtype=pl.String
            )
        if _ANY_OTHER not in codes:
            unknown = text.is_not_null() & ~text.is_in(list(known))
            self.refuse(unknown, rule, RejectCode.UNKNOWN_CODE)
        if codes.get("") is not None:
            result = result.set(text.is_null(), codes[""])
        elif other is not None:
            result = result.set(text.is_null(), None)
        return result

    def refuse(
        self,
        mask: pl.Series,
        rule: CellRule | str,
        code: RejectCode,
        severity: Severity | None = None,
        values: pl.Series | None = None,
        **detail: str | int | pl.Series,
    ) -> None:
        """Note a fault where the mask is true; `detail` may hold a column with a value a row."""
        if not mask.any():
            return
        mask = mask.fill_null(False)
        severity = severity or (Severity.WARNING if code in WARNINGS else Severity.REJECT)
        if severity is Severity.REJECT:
            self.rejected = self.rejected | mask
        places = mask.arg_true()
        path, column = (rule, None) if isinstance(rule, str) else (rule.path, rule.column)
        if values is None and column is not None:
            values = self.frame[cell_column(column)]
        shown = values.gather(places) if values is not None else None
        self._faults.append(
            pl.DataFrame(
                {
                    "line_no": self.lines.gather(places),
                    "external_id": self.external_ids.gather(places),
                    "field": path,
                    "code": code.value,
                    "severity": severity.value,
                    "value": None if shown is None else shown.str.slice(0, _VALUE_SHOWN),
                    "detail": _details(places, column, detail),
                },
                schema_overrides=dict(ERROR_SCHEMA),
            )
        )

    def errors(self) -> pl.DataFrame:
        """All faults in the order of their lines."""
        if not self._faults:
            return pl.DataFrame(schema=dict(ERROR_SCHEMA))
        joined = pl.concat(self._faults).select(list(ERROR_SCHEMA))
        return joined.sort("line_no", maintain_order=True)


def _details(
    places: pl.Series, column: str | None, detail: Mapping[str, str | int | pl.Series]
) -> pl.Series:
    """The JSON of each fault; written once where no value differs from row to row."""
    fixed: dict[str, str | int] = {"column": column} if column is not None else {}
    varying = {name: each for name, each in detail.items() if isinstance(each, pl.Series)}
    fixed |= {name: each for name, each in detail.items() if not isinstance(each, pl.Series)}
    if not varying:
        text = json.dumps(fixed, ensure_ascii=False)
        return constant(text, len(places), pl.String())
    rows = pl.DataFrame({name: each.gather(places) for name, each in varying.items()})
    return pl.Series(
        [json.dumps({**fixed, **row}, ensure_ascii=False, default=str) for row in rows.to_dicts()],
        dtype=pl.String,
    )
