"""Rows of all files but accounts and payments: text to prepared records.

As `normalising` does for accounts: a pure function of the chunk, the map and the moment; all faults
of a row are listed. Whether its debtor, account, address or company is known is not asked here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from kept.batch.intake.addresses import read_addresses
from kept.batch.intake.cells import Chunk
from kept.batch.intake.columns import constant, nothing
from kept.batch.intake.hashing import hash_rows
from kept.batch.intake.line_faults import without_line_faults
from kept.batch.intake.names import fold_names, single_spaced
from kept.batch.intake.normalising import EXTERNAL_ID_MAX, hash_total
from kept.batch.intake.parties import check_text
from kept.batch.intake.plan_rows import PASSING, read_plans
from kept.batch.intake.prepared import RECORD_SCHEMA, PreparedRecords, Totals
from kept.batch.intake.promise_rows import read_promises
from kept.batch.intake.record_rules import check_records
from kept.batch.intake.record_values import Values
from kept.core.intake import RecordsMap, RejectCode
from kept.core.intake.record_fields import RECORD_KINDS, SECTIONS

__all__ = ["RecordsContext", "normalise_records"]

_BETWEEN = "\x1f"
#: Columns of the record itself; every other field is one of its details.
_OWN = frozenset(
    {
        "external_id",
        "debtor",
        "accounts",
        "related_person",
        "contact_point",
        "contact_kind",
        "kind",
        "started_at",
        "received_at",
        "ended_at",
        "channel",
        "outcome",
        "inbound",
        "legal_entity",
        "directly_to",
        "words",
    }
)


@dataclass(frozen=True, slots=True)
class RecordsContext:
    """What a row is read against; `country` is the creditor's, whose numbers are read, `currency`
    the one of amounts that say none."""

    now: datetime
    country: str
    currency: str = ""
    hash_key: bytes = field(default=b"", repr=False)


def normalise_records(
    frame: pl.DataFrame, records_map: RecordsMap, context: RecordsContext
) -> PreparedRecords:
    """One chunk of a source, prepared. Lines that are no rows are errors; all others are read."""

    def read(rows: pl.DataFrame) -> PreparedRecords:
        return _Reading(Chunk(rows, records_map.file.null_values), records_map, context).prepared()

    return without_line_faults(frame, read)


@dataclass(slots=True)
class _Reading:
    chunk: Chunk
    records_map: RecordsMap
    context: RecordsContext

    def prepared(self) -> PreparedRecords:
        chunk, type_ = self.chunk, self.records_map.file.type
        given = self._number()
        values = Values(chunk, self.records_map, self.context.now).read()
        if type_ == "promises":
            values |= read_promises(chunk, self.records_map, values, self.context.currency)
        if type_ == "plans":
            values |= read_plans(chunk, self.records_map, values, self.context.currency)
        kinds = values.get("kind", nothing(chunk.height, pl.String()))
        nouns = _nouns(kinds, type_)
        columns = self._whom(values) | read_addresses(
            chunk, self.records_map.fields, values, self.context.country
        )
        check_records(chunk, self.records_map, values, nouns, self.context.now)
        columns |= {
            "line_no": chunk.lines,
            "noun": nouns,
            "kind": kinds.fill_null(""),
            "at": self._of(values, "started_at", "received_at"),
            "ended_at": self._of(values, "ended_at"),
            "legal_entity": self._of(values, "legal_entity", "directly_to"),
            "channel": self._of(values, "channel").fill_null(""),
            "outcome": self._of(values, "outcome").replace("unknown", "").fill_null(""),
            "inbound": (self._of(values, "inbound") == "yes").fill_null(False),
            **_details(values, nouns),
        }
        passing = PASSING if type_ == "plans" else frozenset({"end_reason"})
        lasting = {name: each for name, each in values.items() if name not in passing}
        columns["row_hash"] = self._hash(columns | _details(lasting, nouns))
        unnumbered = "H:" + pl.DataFrame([columns["row_hash"].alias("h")])["h"].bin.encode("hex")
        columns["external_id"] = given.zip_with(given.is_not_null(), unnumbered)
        records = pl.DataFrame({name: columns[name] for name in RECORD_SCHEMA})
        return PreparedRecords(
            records=records.filter(~chunk.rejected).cast(pl.Schema(RECORD_SCHEMA)),
            errors=_with_subject(chunk.errors(), chunk.lines, columns["subject"]),
            totals=Totals(chunk.height, {}, hash_total(given)),
        )

    def _number(self) -> pl.Series:
        rule = self.records_map.fields.get("external_id")
        if rule is None:
            return nothing(self.chunk.height, pl.String())
        needed = self.records_map.file.type in ("attempts", "promises", "plans")
        text = self.chunk.needed(rule) if needed else self.chunk.text(rule)
        self.chunk.external_ids = text
        check_text(self.chunk, rule, text, EXTERNAL_ID_MAX)
        return text

    def _whom(self, values: Mapping[str, pl.Series]) -> dict[str, pl.Series]:
        """Debtor, accounts and related person as they are looked for in the book."""
        debtor, accounts = self._of(values, "debtor"), self._accounts(values)
        first = accounts.str.split(_BETWEEN).list.first()
        name = self._of(values, "related_person")
        spaced, _control = single_spaced(name)
        subject = debtor.zip_with(debtor.is_not_null(), first)
        rule = self.records_map.fields.get("debtor") or self.records_map.fields["accounts"]
        self.chunk.refuse(subject.is_null(), rule, RejectCode.NAMES_NOBODY)
        return {
            "debtor_external_id": debtor,
            "accounts": accounts,
            "subject": subject,
            "related_key": fold_names(spaced),
        }

    def _accounts(self, values: Mapping[str, pl.Series]) -> pl.Series:
        text = self._of(values, "accounts")
        rule = self.records_map.fields.get("accounts")
        if rule is None or rule.separator is None:
            return text
        parts = pl.element().str.strip_chars()
        split = pl.DataFrame([text.alias("t")]).select(
            pl.col("t")
            .str.split(rule.separator)
            .list.eval(parts.filter(parts != ""))
            .list.unique(maintain_order=True)
            .list.join(_BETWEEN)
            .alias("t")
        )["t"]
        return split.set(split == "", None)

    def _of(self, values: Mapping[str, pl.Series], *names: str) -> pl.Series:
        found = [values[name] for name in names if name in values]
        return found[0] if found else nothing(self.chunk.height, pl.String())

    def _hash(self, columns: Mapping[str, pl.Series]) -> pl.Series:
        """Over what the row says but its number and its end, which may come later."""
        parts = {
            name: each
            for name, each in columns.items()
            if name in RECORD_SCHEMA and name not in ("line_no", "ended_at", "subject")
        }
        return hash_rows(parts, self.context.hash_key)


def _with_subject(errors: pl.DataFrame, lines: pl.Series, subjects: pl.Series) -> pl.DataFrame:
    """Whom the refused row is about, by which it is found again when a person is erased."""
    if errors.is_empty():
        return errors
    known = pl.DataFrame({"line_no": lines, "subject": subjects})
    found = errors.join(known, on="line_no", how="left", maintain_order="left")["subject"]
    details = [
        text if subject is None else json.dumps(json.loads(text) | {"subject": subject})
        for text, subject in zip(errors["detail"], found, strict=True)
    ]
    return errors.with_columns(pl.Series("detail", details, dtype=pl.String))


def _nouns(kinds: pl.Series, type_: str) -> pl.Series:
    if type_ not in RECORD_KINDS:
        return constant(SECTIONS[type_], len(kinds), pl.String())
    table = {name: each.noun for name, each in RECORD_KINDS[type_].items()}
    return kinds.replace_strict(table, default=None, return_dtype=pl.String)


def _details(values: Mapping[str, pl.Series], nouns: pl.Series) -> dict[str, pl.Series]:
    """A JSON object of the other fields; the kind of a vulnerability is sealed with the words."""
    secret = nouns == "vulnerability"
    words = values.get("words", nothing(len(nouns), pl.String()))
    category = values.get("category", nothing(len(nouns), pl.String()))
    frame = pl.DataFrame({"words": words, "kind": category.set(~secret, None)})
    some = pl.any_horizontal(pl.all().is_not_null())
    sealed = frame.select(pl.when(some).then(pl.struct(pl.all()).struct.json_encode()).alias("s"))
    rest = {
        name: each.cast(pl.String) if name != "category" else each.set(secret, None)
        for name, each in values.items()
        if name not in _OWN
    }
    if not rest:
        return {"details": constant("{}", len(nouns), pl.String()), "secret": sealed["s"]}
    details = pl.DataFrame(rest).select(pl.struct(pl.all()).struct.json_encode().alias("d"))["d"]
    return {"details": details, "secret": sealed["s"]}
