"""Amounts, dates and numbers of a chunk: each rule's text made a value, each fault noted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from kept.batch.intake.amounts import form_shown, parse_amounts, parse_minor
from kept.batch.intake.cells import Chunk
from kept.batch.intake.columns import nothing
from kept.batch.intake.dates import DATE_LEAST, parse_dates, parse_whole, with_iso
from kept.core.intake import CellRule, FileMap, RejectCode

__all__ = ["Measures"]


class Measures:
    """Reads values of one chunk; `currencies` and `exponents` are those of each row."""

    def __init__(
        self, chunk: Chunk, file: FileMap, currencies: pl.Series, exponents: pl.Series
    ) -> None:
        self.chunk = chunk
        self.file = file
        self.currencies = currencies
        self.exponents = exponents

    def amount(self, rule: CellRule | None, *, needed: bool = False) -> pl.Series:
        """Minor units; null where the text is empty (a fault if it is needed) or wrong."""
        if rule is None:
            return nothing(self.chunk.height, pl.Int64())
        text = self.chunk.needed(rule) if needed else self.chunk.text(rule)
        if rule.minor:
            amounts, shown = parse_minor(text), "123450"
        else:
            numbers = rule.numbers or self.file.numbers
            amounts, shown = parse_amounts(text, self.exponents, numbers), form_shown(numbers)
        if amounts.code is not None:
            for code in amounts.code.drop_nulls().unique().to_list():
                self.chunk.refuse(
                    amounts.code == code,
                    rule,
                    RejectCode(code),
                    form=shown,
                    currency=self.currencies,
                    exponent=self.exponents,
                )
        return amounts.minor

    def positive(self, rule: CellRule | None) -> pl.Series:
        minor = self.amount(rule)
        if rule is not None:
            self.chunk.refuse(minor < 0, rule, RejectCode.NEGATIVE_AMOUNT)
        return minor

    def day(self, rule: CellRule | None, most: date) -> pl.Series:
        if rule is None:
            return nothing(self.chunk.height, pl.Date())
        forms = with_iso(rule.dates or self.file.dates)
        found = parse_dates(self.chunk.text(rule), forms, most)
        if found.code is not None:
            for code in found.code.drop_nulls().unique().to_list():
                self.chunk.refuse(
                    found.code == code,
                    rule,
                    RejectCode(code),
                    form=", ".join(forms),
                    least=DATE_LEAST.isoformat(),
                    most=most.isoformat(),
                )
        return found.days

    def whole(self, rule: CellRule | None, least: int, most: int) -> pl.Series:
        if rule is None:
            return nothing(self.chunk.height, pl.Int64())
        number, wrong = parse_whole(self.chunk.text(rule), least, most)
        self.chunk.refuse(wrong, rule, RejectCode.BAD_INTEGER, least=least, most=most)
        return number

    def balances(
        self,
        rules: Mapping[str, CellRule],
        components: Mapping[str, pl.Series],
        credit_allowed: pl.Series,
    ) -> dict[str, pl.Series]:
        """Balances by component; `components` says for each which rows' products have it."""
        found = {}
        for component, rule in rules.items():
            minor = self.amount(rule, needed=True)
            homeless = ~components[component] & (minor != 0)
            self.chunk.refuse(homeless, rule, RejectCode.UNKNOWN_COMPONENT, component=component)
            self.chunk.refuse((minor < 0) & ~credit_allowed, rule, RejectCode.CREDIT_BALANCE)
            found[component] = self._nothing_as_zero(rule, minor)
        self._check_sum(list(found.values()))
        return found

    def _nothing_as_zero(self, rule: CellRule, minor: pl.Series) -> pl.Series:
        """What the code table calls nothing is a balance of nothing."""
        texts = [text for text, value in (rule.codes or {}).items() if value is None]
        return minor.set(self.chunk.cell(rule).is_in(texts), 0) if texts else minor

    def _check_sum(self, balances: list[pl.Series]) -> None:
        """Each balance fits into 64 bits; their sum has to as well."""
        if len(balances) > 1:
            total = sum((each.cast(pl.Float64) for each in balances[1:]), start=balances[0] * 1.0)
            # Below 2^63 by more than a float of this size can be wrong.
            self.chunk.refuse(total.abs() > 9.2e18, "balances", RejectCode.AMOUNT_TOO_LARGE)
