"""Rows of payments: text to prepared rows, whole columns at a time.

A pure function of the chunk, the map and what it is read against; all faults of a row are listed.
Whose the money is, is not asked here. What names somebody (payer, text of a transfer) leaves this
module for sealing; the words and numbers in it by which an account may be found go with it, where
the row names none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

import polars as pl

from kept.batch.intake.cells import Chunk
from kept.batch.intake.columns import constant, distinct, nothing
from kept.batch.intake.line_faults import without_line_faults
from kept.batch.intake.measuring import Measures
from kept.batch.intake.names import fold_names, single_spaced
from kept.batch.intake.normalising import EXTERNAL_ID_MAX, hash_total
from kept.batch.intake.parties import check_text
from kept.batch.intake.prepared import PAYMENT_SCHEMA, PreparedRecords, Totals
from kept.batch.intake.record_values import Values
from kept.core.currencies import CURRENCIES
from kept.core.intake import CellRule, RecordsMap, RejectCode
from kept.core.payments.references import reference_key, tokens_of

__all__ = ["PaymentsContext", "normalise_payments"]

_REFERENCE_MAX = 140
_GOES_BACK = ("reversal", "chargeback", "returned_item")


@dataclass(frozen=True, slots=True)
class PaymentsContext:
    """What a row is read against; `today` is the creditor's business date."""

    now: datetime
    today: date
    currency: str
    hash_key: bytes = field(default=b"", repr=False)


def normalise_payments(
    frame: pl.DataFrame, records_map: RecordsMap, context: PaymentsContext
) -> PreparedRecords:
    """One chunk of a source, prepared. Lines that are no rows are errors; all others are read."""

    def read(rows: pl.DataFrame) -> PreparedRecords:
        return _Reading(Chunk(rows, records_map.file.null_values), records_map, context).prepared()

    return without_line_faults(frame, read)


@dataclass(slots=True)
class _Reading:
    chunk: Chunk
    records_map: RecordsMap
    context: PaymentsContext

    def prepared(self) -> PreparedRecords:
        chunk = self.chunk
        given = self._number()
        values = Values(chunk, self.records_map, self.context.now).read()
        currency = self._currency()
        what = self._of(values, "what").fill_null("payment")
        columns: dict[str, pl.Series] = {
            "line_no": chunk.lines,
            "external_id": given,
            "what": what,
            "channel": self._of(values, "channel").fill_null("file"),
            "bank_reference": self._of(values, "bank_reference").fill_null(""),
            "amount_minor": self._amount(currency),
            "currency": currency,
            **self._days(values),
            "way": self._of(values, "way").fill_null("bank_transfer"),
            "payer_relation": self._of(values, "payer_relation").fill_null("unknown"),
            "reverses": self._of(values, "reverses"),
            "code": self._of(values, "code").str.to_uppercase().fill_null(""),
            **self._whose(values),
        }
        self._check_what(what, columns)
        records = pl.DataFrame({name: columns[name] for name in PAYMENT_SCHEMA})
        return PreparedRecords(
            records=records.filter(~chunk.rejected).cast(pl.Schema(PAYMENT_SCHEMA)),
            errors=chunk.errors(),
            totals=self._totals(columns),
        )

    def _rule(self, name: str) -> CellRule | None:
        return self.records_map.fields.get(name)

    def _of(self, values: Mapping[str, pl.Series], name: str) -> pl.Series:
        return values.get(name, nothing(self.chunk.height, pl.String()))

    def _number(self) -> pl.Series:
        rule = self.records_map.fields["external_id"]
        text = self.chunk.needed(rule)
        self.chunk.external_ids = text
        check_text(self.chunk, rule, text, _REFERENCE_MAX)
        return text

    def _currency(self) -> pl.Series:
        """The row's, or the creditor's where the map has none."""
        rule = self._rule("currency")
        if rule is None:
            return constant(self.context.currency, self.chunk.height, pl.String())
        found = self.chunk.text(rule).str.to_uppercase().fill_null(self.context.currency)
        unknown = ~found.is_in(list(CURRENCIES))
        self.chunk.refuse(unknown, rule, RejectCode.UNKNOWN_CURRENCY)
        return found.set(unknown, None)

    def _amount(self, currency: pl.Series) -> pl.Series:
        exponents = {code: each.exponent for code, each in CURRENCIES.items()}
        fallback = exponents.get(self.context.currency, 2)
        known = currency.replace_strict(exponents, default=fallback, return_dtype=pl.Int64)
        rule = self.records_map.fields["amount"]
        measures = Measures(self.chunk, self.records_map.file, currency, known.fill_null(fallback))
        minor = measures.amount(rule, needed=True)
        self.chunk.refuse(minor < 0, rule, RejectCode.NEGATIVE_AMOUNT)
        self.chunk.refuse(minor == 0, rule, RejectCode.NO_AMOUNT)
        return minor

    def _days(self, values: Mapping[str, pl.Series]) -> dict[str, pl.Series]:
        found = values["received_on"]
        future = found > self.context.today
        rule = self.records_map.fields["received_on"]
        most = self.context.today.isoformat()
        self.chunk.refuse(future, rule, RejectCode.DATE_IN_FUTURE, most=most)
        value_on = values.get("value_on", nothing(self.chunk.height, pl.Date()))
        return {"received_on": found, "value_on": value_on}

    def _whose(self, values: Mapping[str, pl.Series]) -> dict[str, pl.Series]:
        """What may say whose it is, as it is compared; free text only where nothing else does."""
        payer, _control = single_spaced(self._of(values, "payer"))
        text = self._of(values, "text")
        accounts = self._accounts(values)
        keys = {name: _keys(self._of(values, name)) for name in ("reference", "virtual_account")}
        debtor = self._of(values, "debtor")
        silent = accounts.is_null() & keys["virtual_account"].is_null() & debtor.is_null()
        spoken = pl.DataFrame({"r": self._of(values, "reference"), "t": text}).select(
            pl.concat_str("r", "t", separator=" ", ignore_nulls=True).alias("s")
        )["s"]
        return {
            **keys,
            "debtor": debtor,
            "accounts": accounts,
            "tokens": _tokens(spoken.set(~silent, None)),
            "name_key": fold_names(payer).set(~silent, None),
            "details": _details(payer, text),
        }

    def _accounts(self, values: Mapping[str, pl.Series]) -> pl.Series:
        text, rule = self._of(values, "accounts"), self._rule("accounts")
        if rule is None:
            return nothing(self.chunk.height, pl.List(pl.String()))
        separator = rule.separator or "\x1f"
        part = pl.element().str.strip_chars()
        found = pl.DataFrame([text.alias("t")]).select(
            pl.col("t").str.split(separator).list.eval(part.filter(part != "")).alias("t")
        )["t"]
        long = found.list.eval(pl.element().str.len_chars()).list.max() > EXTERNAL_ID_MAX
        self.chunk.refuse(long, rule, RejectCode.TOO_LONG, found=text.str.len_chars(), most=64)
        return found.set(found.list.len() == 0, None)

    def _check_what(self, what: pl.Series, columns: Mapping[str, pl.Series]) -> None:
        """What goes back says what it takes back; what did not come in is left alone, and told."""
        rule = self._rule("what")
        if rule is None:
            return
        taken = self._rule("reverses") or rule
        nameless = (
            what.is_in(_GOES_BACK) & columns["reverses"].is_null() & columns["accounts"].is_null()
        )
        nameless = nameless & (columns["bank_reference"] == "")
        self.chunk.refuse(nameless, taken, RejectCode.VALUE_NEEDED, kind=what)
        self.chunk.refuse(what == "pending", rule, RejectCode.PAYMENT_PENDING)
        self.chunk.refuse(what == "outgoing", rule, RejectCode.NOT_A_PAYMENT)

    def _totals(self, columns: Mapping[str, pl.Series]) -> Totals:
        """Rows whose amount and currency could be read count, refused or not."""
        names = {"c": columns["currency"], "a": columns["amount_minor"]}
        frame = pl.DataFrame(names).drop_nulls()
        sums = {
            code: int(frame.filter(c=code)["a"].cast(pl.Int128).sum())
            for code in distinct(frame["c"])
        }
        return Totals(self.chunk.height, sums, hash_total(columns["external_id"]))


def _keys(text: pl.Series) -> pl.Series:
    """References as they are compared; most are plain already."""
    odd = text.str.contains(r"[^0-9A-Z]").fill_null(False)
    if not odd.any():
        return text
    table = {each: reference_key(each) for each in text.filter(odd).unique().to_list()}
    found = text.replace(list(table), list(table.values()))
    return found.set(found == "", None)


def _tokens(texts: pl.Series) -> pl.Series:
    kind = pl.List(pl.String())
    distinct_texts = texts.drop_nulls().unique().to_list()
    if not distinct_texts:
        return nothing(len(texts), kind)
    table = {each: list(tokens_of(each)) for each in distinct_texts}
    return pl.Series([None if each is None else table[each] for each in texts], dtype=kind)


def _details(payer: pl.Series, text: pl.Series) -> pl.Series:
    """JSON of what names somebody; null where nothing does."""
    frame = pl.DataFrame({"payer": payer, "text": text})
    some = pl.any_horizontal(pl.all().is_not_null())
    encoded = pl.struct(pl.all()).struct.json_encode()
    return frame.select(pl.when(some).then(encoded).alias("d"))["d"]
