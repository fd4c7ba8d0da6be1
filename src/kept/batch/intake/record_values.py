"""Values of the fields of records, each read as its kind says; every fault noted."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from kept.batch.intake.cells import Chunk
from kept.batch.intake.columns import nothing
from kept.batch.intake.dates import DATE_LEAST, FAR_YEARS, parse_dates, with_iso, years_after
from kept.batch.intake.instants import parse_instants
from kept.batch.intake.parties import check_text
from kept.core.intake import CellRule, RecordsMap, RejectCode
from kept.core.intake.day_windows import parse_windows
from kept.core.intake.record_fields import RECORD_FIELDS, RECORD_KINDS, FieldKind, RecordField

__all__ = ["Values"]

_WORDS_MAX = 2_000
_TEXT_MAX = {
    "words": _WORDS_MAX,
    "related_person": 200,
    "contact_point": 500,
    "medium": 24,
    "bank_reference": 140,
    "reference": 140,
    "reverses": 140,
    "payer": 200,
    "text": 500,
    "code": 8,
}
#: Elsewhere a time is needed; these may be a day alone.
_TIME_NEEDED = frozenset({"started_at"})


@dataclass(frozen=True, slots=True)
class Values:
    chunk: Chunk
    records_map: RecordsMap
    now: datetime

    def read(self) -> dict[str, pl.Series]:
        """Every mapped field by its name but the row's own number; days and instants are typed."""
        fields = RECORD_FIELDS[self.records_map.file.type]
        read: dict[FieldKind, Callable[[RecordField, CellRule], pl.Series]] = {
            FieldKind.TEXT: self._text,
            FieldKind.SEVERAL: self._text,
            FieldKind.CHOICE: self._choice,
            FieldKind.FLAG: self._choice,
            FieldKind.DAY: self._day,
            FieldKind.DAYS: self._days,
            FieldKind.INSTANT: self._instant,
            FieldKind.WINDOWS: self._windows,
            FieldKind.AMOUNT: self._nothing,  # read with the currency of its row
        }
        return {
            each.name: read[each.kind](each, rule)
            for each in fields
            if (rule := self.records_map.fields.get(each.name)) is not None
            and each.name != "external_id"
        }

    def _nothing(self, field: RecordField, rule: CellRule) -> pl.Series:
        return nothing(self.chunk.height, pl.String())

    def _raw(self, field: RecordField, rule: CellRule) -> pl.Series:
        return self.chunk.needed(rule) if field.is_needed else self.chunk.text(rule)

    def _text(self, field: RecordField, rule: CellRule) -> pl.Series:
        text = self._raw(field, rule)
        if field.name != "words":
            check_text(self.chunk, rule, text, _TEXT_MAX.get(field.name, 64))
            return text
        lengths = text.str.len_chars()
        self.chunk.refuse(
            lengths > _WORDS_MAX, rule, RejectCode.TOO_LONG, found=lengths, most=_WORDS_MAX
        )
        return text.str.replace_all("\0", "\ufffd", literal=True)

    def _choice(self, field: RecordField, rule: CellRule) -> pl.Series:
        text = self._raw(field, rule)
        words = ("yes", "no") if field.kind is FieldKind.FLAG else field.choices
        if field.name == "kind":
            words = tuple(RECORD_KINDS[self.records_map.file.type])
        unknown = text.is_not_null() & ~text.is_in(words)
        self.chunk.refuse(unknown, rule, RejectCode.UNKNOWN_WORD, choices=", ".join(words))
        return text.set(unknown, None) if unknown.any() else text

    def _day(self, field: RecordField, rule: CellRule) -> pl.Series:
        return self._dates(rule, self._raw(field, rule), rule)

    def _dates(self, rule: CellRule, text: pl.Series, named: CellRule) -> pl.Series:
        forms = with_iso(rule.dates or self.records_map.file.dates)
        most = years_after(self.now.date(), FAR_YEARS)
        found = parse_dates(text, forms, most)
        if found.code is not None:
            self._note(named, found.code, ", ".join(forms))
        return found.days

    def _days(self, field: RecordField, rule: CellRule) -> pl.Series:
        """Several days of one cell, as ISO texts with commas between."""
        text = self._raw(field, rule)
        forms = with_iso(rule.dates or self.records_map.file.dates)
        distinct = text.drop_nulls().unique()
        table: dict[str, str | None] = {}
        for cell in distinct.to_list():
            parts = [each.strip() for each in cell.split(rule.separator or ",")]
            days = parse_dates(
                pl.Series([each for each in parts if each], dtype=pl.String),
                forms,
                years_after(self.now.date(), FAR_YEARS),
            ).days
            is_good = len(days) and not days.has_nulls()
            table[cell] = ",".join(days.unique().sort().cast(pl.String)) if is_good else None
        found = text.replace_strict(table, default=None, return_dtype=pl.String)
        wrong = text.is_not_null() & found.is_null()
        self.chunk.refuse(wrong, rule, RejectCode.BAD_DATE, form=", ".join(forms))
        return found

    def _instant(self, field: RecordField, rule: CellRule) -> pl.Series:
        forms = with_iso(rule.dates or self.records_map.file.dates)
        later = None if field.name in _TIME_NEEDED else field.later
        zone = self.records_map.zone
        text = self._raw(field, rule)
        found = parse_instants(text, forms, zone, later=later, now=self.now)
        self._note(rule, found.code, ", ".join(forms))
        return found.at

    def _note(self, rule: CellRule, code: pl.Series, form: str) -> None:
        for each in code.drop_nulls().unique().to_list():
            self.chunk.refuse(
                code == each,
                rule,
                RejectCode(each),
                form=form,
                zone=self.records_map.zone or "",
                least=DATE_LEAST.isoformat(),
                most=years_after(self.now.date(), FAR_YEARS).isoformat(),
            )

    def _windows(self, field: RecordField, rule: CellRule) -> pl.Series:
        """As JSON rows of weekdays' bits and minutes."""
        text = self._raw(field, rule)
        parsed = {cell: parse_windows(cell) for cell in text.drop_nulls().unique().to_list()}
        table = {cell: None if each is None else json.dumps(each) for cell, each in parsed.items()}
        found = text.replace_strict(table, default=None, return_dtype=pl.String)
        self.chunk.refuse(text.is_not_null() & found.is_null(), rule, RejectCode.BAD_WINDOWS)
        return found
