"""Rows of text to prepared rows: every rule of the map applied to a chunk, whole columns at a time.

A pure function of the chunk, the map and what the file is read against; no database, no clock. A
row with a fault that costs it is in the errors only; all of a row's faults are listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import available_timezones

import polars as pl

from kept.batch.intake.cells import Chunk
from kept.batch.intake.columns import constant, distinct, nothing
from kept.batch.intake.contacts import read_contacts
from kept.batch.intake.dates import FAR_YEARS, years_after
from kept.batch.intake.hashing import hash_rows
from kept.batch.intake.line_faults import line_faults, rejected_lines, with_line_faults
from kept.batch.intake.measuring import Measures
from kept.batch.intake.parties import (
    check_text,
    read_country,
    read_identity,
    read_language,
    read_name,
    read_related,
)
from kept.batch.intake.prepared import (
    ROW_SCHEMA,
    FileContext,
    Prepared,
    Totals,
    balance_column,
)
from kept.batch.intake.tables import LINE_NO
from kept.core.countries import MANY_ZONES
from kept.core.currencies import CURRENCIES
from kept.core.intake import IntakeMap, PartyKind, RejectCode, RowState

__all__ = ["EXTERNAL_ID_MAX", "hash_total", "normalise"]

# Two less than the tables hold: an account whose debtor has no number of its own lends its own,
# with "A:" before it.
EXTERNAL_ID_MAX = 62
_VERSION_MAX = 10**18 - 1
_DPD_MAX = 36_500
_LISTS = ("zones", "hold_reasons")


def normalise(frame: pl.DataFrame, intake_map: IntakeMap, context: FileContext) -> Prepared:
    """One chunk of a source, prepared. Lines that are no rows are errors; all others are read."""
    shapeless, faults = line_faults(frame)
    whole = frame.filter(~frame[LINE_NO].is_in(shapeless)) if shapeless else frame
    reading = _Reading(Chunk(whole, intake_map.file.null_values), intake_map, context)
    prepared = reading.prepared()
    errors = prepared.errors
    if not faults.is_empty():
        errors = with_line_faults(errors, faults)
    kept = ~prepared.rows["line_no"].is_in(rejected_lines(faults))
    return Prepared(
        rows=prepared.rows.filter(kept),
        contacts=_without(prepared.contacts, faults),
        related=_without(prepared.related, faults),
        errors=errors,
        totals=prepared.totals + Totals(rows=len(shapeless)),
    )


def _without(frame: pl.DataFrame, faults: pl.DataFrame) -> pl.DataFrame:
    lines = rejected_lines(faults)
    return frame.filter(~pl.col("line_no").is_in(lines)) if lines else frame


# --- rows -----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Reading:
    """The reading of one chunk; the currency comes first, since amounts need it."""

    chunk: Chunk
    intake_map: IntakeMap
    context: FileContext

    def prepared(self) -> Prepared:
        chunk = self.chunk
        columns = {"line_no": chunk.lines, "external_id": self._external_ids()}
        chunk.external_ids = columns["external_id"]
        columns |= self._product_and_currency()
        measures = Measures(
            chunk, self.intake_map.file, columns["currency"], self._exponents(columns)
        )
        columns |= self._account(measures)
        balances = self._balances(measures, columns["product_code"])
        columns |= self._debtor(columns["external_id"])
        related = read_related(chunk, self.intake_map.related, columns["country"])
        contacts = read_contacts(
            chunk, self.intake_map.contacts, columns["country"], related.present
        )
        columns["hold_reasons"] = self._holds()
        columns["row_hash"] = hash_rows(
            self._row_content(columns)
            | {f"balance.{name}": minor for name, minor in balances.items()}
            | contacts.content
            | related.content,
            self.context.hash_key,
        )
        rows = pl.DataFrame({name: columns[name] for name in ROW_SCHEMA})
        rows = rows.with_columns(
            minor.alias(balance_column(component)) for component, minor in balances.items()
        )
        return Prepared(
            rows=rows.filter(~chunk.rejected).cast(pl.Schema(ROW_SCHEMA)),
            contacts=contacts.frame,
            related=_without_lines(related.frame, chunk),
            errors=chunk.errors(),
            totals=self._totals(columns, balances),
        )

    # --- the account ------------------------------------------------------------------------------

    def _external_ids(self) -> pl.Series:
        rule = self.intake_map.account.external_id
        text = self.chunk.needed(rule)
        self.chunk.external_ids = text
        check_text(self.chunk, rule, text, EXTERNAL_ID_MAX)
        return text

    def _product_and_currency(self) -> dict[str, pl.Series]:
        account, products = self.intake_map.account, self.context.products
        codes = self.chunk.needed(account.product)
        known = codes.is_in(list(products))
        self.chunk.refuse(~known, account.product, RejectCode.UNKNOWN_PRODUCT)
        expected = _looked_up(codes, {code: each.currency for code, each in products.items()})
        if account.currency is None:
            return {"product_code": codes, "currency": expected}
        found = self.chunk.needed(account.currency).str.to_uppercase()
        unknown = found.is_not_null() & ~found.is_in(list(CURRENCIES))
        self.chunk.refuse(unknown, account.currency, RejectCode.UNKNOWN_CURRENCY)
        other = (found != expected) & ~unknown
        self.chunk.refuse(
            other, account.currency, RejectCode.OTHER_CURRENCY, expected=expected, found=found
        )
        return {"product_code": codes, "currency": found.set(unknown, None)}

    def _exponents(self, columns: dict[str, pl.Series]) -> pl.Series:
        """Decimals of each row's currency; of the creditor's where the row's is not known."""
        exponents = {code: each.exponent for code, each in CURRENCIES.items()}
        fallback = exponents.get(self.context.currency, 2)
        found = columns["currency"].replace_strict(
            exponents, default=fallback, return_dtype=pl.Int64
        )
        return found.fill_null(fallback)

    def _account(self, measures: Measures) -> dict[str, pl.Series]:
        account, context, chunk = self.intake_map.account, self.context, self.chunk
        far = years_after(context.today, FAR_YEARS)
        as_of = measures.day(account.as_of, context.today).fill_null(context.as_of)
        opened = measures.day(account.opened_on, context.today)
        due = measures.day(account.due_on, far)
        next_due = measures.day(account.next_due_on, far)
        dpd = measures.whole(account.dpd, -_DPD_MAX, _DPD_MAX)
        due, next_due = self._due_dates(as_of, due, next_due, dpd)
        for rule, day in ((account.due_on, due), (account.next_due_on, next_due)):
            if rule is not None:
                code = RejectCode.DATES_OUT_OF_ORDER
                chunk.refuse(day < opened, rule, code, opened=opened.cast(pl.String))
        state = chunk.text(account.state) if account.state is not None else None
        return {
            "opened_on": opened,
            "original_amount_minor": measures.positive(account.original_amount),
            "row_version": measures.whole(account.row_version, 0, _VERSION_MAX),
            "state": _or_constant(state, RowState.ACTIVE, chunk.height),
            "as_of": as_of,
            "due_on": due,
            "next_due_on": next_due,
            "overdue_minor": measures.positive(account.overdue),
        }

    def _due_dates(
        self, as_of: pl.Series, due: pl.Series, next_due: pl.Series, dpd: pl.Series
    ) -> tuple[pl.Series, pl.Series]:
        """Days past due as dates. None past due says nothing of when the next amount is due."""
        rule = self.intake_map.account.dpd
        if rule is None:
            return due, next_due
        frame = pl.DataFrame({"as_of": as_of, "due": due, "next": next_due, "dpd": dpd})
        given = (pl.col("as_of") - pl.duration(days=pl.col("dpd"))).cast(pl.Date)
        frame = frame.with_columns(
            found=(pl.col("as_of") - pl.col("due")).dt.total_days(),
            due=pl.coalesce("due", pl.when(pl.col("dpd") > 0).then(given)),
            next=pl.coalesce("next", pl.when(pl.col("dpd") < 0).then(given)),
        )
        disagrees = (frame["found"].clip(0) != dpd.clip(0)) & frame["found"].is_not_null()
        code = RejectCode.DPD_DISAGREES
        self.chunk.refuse(disagrees, rule, code, found=frame["found"], expected=dpd)
        return frame["due"], frame["next"]

    def _balances(self, measures: Measures, codes: pl.Series) -> dict[str, pl.Series]:
        products = self.context.products
        has = {
            component: _looked_up_flag(
                codes, {code: component in each.components for code, each in products.items()}
            )
            for component in self.intake_map.balances
        }
        allowed = {code: each.allows_credit_balance for code, each in products.items()}
        return measures.balances(self.intake_map.balances, has, _looked_up_flag(codes, allowed))

    # --- the debtor -------------------------------------------------------------------------------

    def _debtor(self, external_ids: pl.Series) -> dict[str, pl.Series]:
        debtor, chunk, context = self.intake_map.debtor, self.chunk, self.context
        home = constant(context.country, chunk.height, pl.String())
        countries = read_country(chunk, debtor.country, home)
        names, keys = read_name(chunk, debtor.name, needed=True)
        identity = read_identity(chunk, debtor.identity, countries)
        kinds = chunk.text(debtor.kind) if debtor.kind is not None else None
        return {
            "debtor_external_id": self._debtor_ids(external_ids, identity.numbers),
            "debtor_kind": _or_constant(kinds, PartyKind.PERSON, chunk.height),
            "name": names,
            "name_key": keys,
            "language": read_language(chunk, debtor.language, context.language),
            "country": countries,
            "zones": self._zones(countries),
            "identity_kind": identity.kinds,
            "identity_country": identity.countries,
            "identity_number": identity.numbers,
        }

    def _debtor_ids(self, external_ids: pl.Series, numbers: pl.Series) -> pl.Series:
        """The file's own number; else the identity's business; else the account stands alone."""
        rule = self.intake_map.debtor.external_id
        given = nothing(self.chunk.height, pl.String())
        if rule is not None:
            given = self.chunk.text(rule)
            check_text(self.chunk, rule, given, EXTERNAL_ID_MAX)
        frame = pl.DataFrame({"given": given, "number": numbers, "account": external_ids})
        alone = pl.when(pl.col("number").is_null()).then(pl.lit("A:") + pl.col("account"))
        return frame.select(pl.coalesce("given", alone).alias("id")).to_series()

    def _zones(self, countries: pl.Series) -> pl.Series:
        """Candidate zones; none where the place is not known to be in one zone."""
        rule, context = self.intake_map.debtor.zones, self.context
        home = [] if context.country in MANY_ZONES else [context.zone]
        frame = pl.DataFrame({"country": countries})
        at_home = pl.when(pl.col("country") == context.country).then(
            pl.lit(home, pl.List(pl.String))
        )
        fallback = at_home.otherwise(pl.lit([], pl.List(pl.String)))
        if rule is None:
            return frame.select(fallback.alias("zones")).to_series()
        text = self.chunk.text(rule)
        frame = frame.with_columns(
            given=text.str.split(rule.separator)
            if rule.separator is not None
            else text.reshape((-1, 1)).arr.to_list()
            if len(text)
            else pl.Series([], dtype=pl.List(pl.String))
        ).with_columns(pl.col("given").list.eval(pl.element().str.strip_chars()))
        known = (
            pl.col("given").list.eval(pl.element().is_in(list(available_timezones()))).list.all()
        )
        wrong = frame.select(~known).to_series() & text.is_not_null()
        self.chunk.refuse(wrong, rule, RejectCode.UNKNOWN_ZONE)
        given = pl.when(pl.lit(text).is_not_null()).then(pl.col("given"))
        return frame.select(pl.coalesce(given, fallback).alias("zones")).to_series()

    def _holds(self) -> pl.Series:
        """Distinct reasons of all marks, in order of their names."""
        reasons = [self.chunk.text(each.cell) for each in self.intake_map.holds]
        if not reasons:
            empty = pl.Series([[]], dtype=pl.List(pl.String))
            return empty.new_from_index(0, self.chunk.height)
        frame = pl.DataFrame({str(place): each for place, each in enumerate(reasons)})
        joined = pl.concat_list(pl.all()).list.drop_nulls().list.unique().list.sort()
        return frame.select(joined.alias("reasons")).to_series()

    # --- the whole row ----------------------------------------------------------------------------

    def _row_content(self, columns: dict[str, pl.Series]) -> dict[str, pl.Series]:
        """The canonical values that the map reads from the row; nothing of the file's or ours."""
        account, debtor = self.intake_map.account, self.intake_map.debtor
        rules = {
            "external_id": account.external_id,
            "product_code": account.product,
            "currency": account.currency,
            "opened_on": account.opened_on,
            "original_amount_minor": account.original_amount,
            "row_version": account.row_version,
            "state": account.state,
            "as_of": account.as_of,
            "due_on": account.due_on or account.dpd,
            "next_due_on": account.next_due_on or account.dpd,
            "overdue_minor": account.overdue,
            "debtor_external_id": debtor.external_id,
            "debtor_kind": debtor.kind,
            "name": debtor.name,
            "language": debtor.language,
            "country": debtor.country,
            "zones": debtor.zones,
            "identity_kind": debtor.identity,
            "identity_country": debtor.identity,
            "identity_number": debtor.identity,
            "hold_reasons": self.intake_map.holds,
        }
        return {
            name: columns[name].list.join(",") if name in _LISTS else columns[name]
            for name, rule in rules.items()
            if rule
        }

    def _totals(self, columns: dict[str, pl.Series], balances: dict[str, pl.Series]) -> Totals:
        """Rows whose balances and currency could be read count, refused or not."""
        frame = pl.DataFrame({"currency": columns["currency"], **balances}).drop_nulls()
        sums = {}
        codes = distinct(frame["currency"])
        for code in codes:
            mine = frame if len(codes) == 1 else frame.filter(currency=code)
            sums[code] = sum(mine.select(pl.col(list(balances)).cast(pl.Int128).sum()).row(0))
        return Totals(self.chunk.height, sums, hash_total(columns["external_id"]))


def hash_total(external_ids: pl.Series) -> int:
    """The sum of the numbers that the last nine digits of each make."""
    ends = external_ids.str.tail(9)
    other = ~ends.str.contains("^[0-9]{9}$")
    if other.any():
        digits = external_ids.filter(other).str.replace_all("[^0-9]", "").str.tail(9)
        ends = ends.scatter(other.arg_true(), digits)
    return int(ends.cast(pl.Int64, strict=False).sum())


def _without_lines(frame: pl.DataFrame, chunk: Chunk) -> pl.DataFrame:
    lines = chunk.lines.filter(chunk.rejected)
    return frame.filter(~pl.col("line_no").is_in(lines.implode())) if len(lines) else frame


def _or_constant(text: pl.Series | None, value: str, height: int) -> pl.Series:
    if text is None:
        return constant(str(value), height, pl.String())
    return text.fill_null(str(value))


def _looked_up(codes: pl.Series, table: dict[str, str]) -> pl.Series:
    return codes.replace_strict(table, default=None, return_dtype=pl.String)


def _looked_up_flag(codes: pl.Series, table: dict[str, bool]) -> pl.Series:
    """Unknown products have everything: they are refused for being unknown, not for more."""
    return codes.replace_strict(table, default=True, return_dtype=pl.Boolean)
