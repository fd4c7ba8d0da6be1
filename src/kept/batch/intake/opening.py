"""The reading half of one received file: its sealed bytes, its map, and what rows are read against.

The bytes are decrypted as they are read; nothing plain is written to a disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from kept.batch.intake.declared import load_control
from kept.batch.intake.normalising import normalise
from kept.batch.intake.payment_rows import PaymentsContext, normalise_payments
from kept.batch.intake.prepared import FileContext, Prepared, PreparedRecords, ProductContext
from kept.batch.intake.reading import Source, open_source
from kept.batch.intake.records import RecordsContext, normalise_records
from kept.core.intake import AnyMap, IntakeMap, RecordsMap
from kept.store.cipher import house_cipher
from kept.store.models import Creditor, IntakeFile, Product, ProductTerms
from kept.store.sealing import open_sealed, vault_folder

__all__ = [
    "IntakeReader",
    "PaymentReader",
    "RecordReader",
    "file_context",
    "open_payment_reader",
    "open_reader",
    "open_record_reader",
    "open_source_of",
    "product_ids",
    "stored_path",
]


@dataclass(frozen=True, slots=True)
class IntakeReader:
    """Chunks of the file's text, and what a chunk says."""

    source: Source
    intake_map: IntakeMap
    context: FileContext
    rows: int

    def frames(self) -> Iterator[pl.DataFrame]:
        return self.source.chunks(self.rows)

    def prepare(self, frame: pl.DataFrame) -> Prepared:
        return normalise(frame, self.intake_map, self.context)


@dataclass(frozen=True, slots=True)
class RecordReader:
    """The same of a file of attempts, stops, consents or facts about persons."""

    source: Source
    records_map: RecordsMap
    context: RecordsContext
    rows: int

    def frames(self) -> Iterator[pl.DataFrame]:
        return self.source.chunks(self.rows)

    def prepare(self, frame: pl.DataFrame) -> PreparedRecords:
        return normalise_records(frame, self.records_map, self.context)


@dataclass(frozen=True, slots=True)
class PaymentReader:
    """The same of a file of payments."""

    source: Source
    records_map: RecordsMap
    context: PaymentsContext
    rows: int

    def frames(self) -> Iterator[pl.DataFrame]:
        return self.source.chunks(self.rows)

    def prepare(self, frame: pl.DataFrame) -> PreparedRecords:
        return normalise_payments(frame, self.records_map, self.context)


@contextmanager
def open_source_of(file: IntakeFile, intake_map: AnyMap) -> Iterator[Source]:
    """Raises `FileRefused` where the file cannot be read at all."""
    with open_sealed(stored_path(file)) as raw:
        yield open_source(raw, intake_map, load_control(file.control))


@contextmanager
def open_reader(file: IntakeFile, intake_map: IntakeMap) -> Iterator[IntakeReader]:
    with open_source_of(file, intake_map) as source:
        rows = file.run.parameters["rows_per_chunk"]
        yield IntakeReader(source, intake_map, file_context(file), rows)


@contextmanager
def open_record_reader(file: IntakeFile, records_map: RecordsMap) -> Iterator[RecordReader]:
    context = RecordsContext(
        file.run.now, file.creditor.country, file.creditor.currency, house_cipher().row_key
    )
    with open_source_of(file, records_map) as source:
        yield RecordReader(source, records_map, context, file.run.parameters["rows_per_chunk"])


@contextmanager
def open_payment_reader(file: IntakeFile, records_map: RecordsMap) -> Iterator[PaymentReader]:
    assert file.run.business_date is not None
    context = PaymentsContext(
        file.run.now, file.run.business_date, file.creditor.currency, house_cipher().row_key
    )
    with open_source_of(file, records_map) as source:
        yield PaymentReader(source, records_map, context, file.run.parameters["rows_per_chunk"])


def stored_path(file: IntakeFile) -> Path:
    """Where the bytes lie; the row keeps the place in the vault only, so that `var` can move."""
    return vault_folder() / file.stored_path


def file_context(file: IntakeFile) -> FileContext:
    creditor = file.creditor
    assert file.run.business_date is not None
    return FileContext(
        as_of=file.as_of,
        today=file.run.business_date,
        country=creditor.country,
        currency=creditor.currency,
        zone=creditor.zone,
        language=creditor.language,
        products=_products(creditor, file),
        hash_key=house_cipher().row_key,
    )


def _products(creditor: Creditor, file: IntakeFile) -> dict[str, ProductContext]:
    """Products with terms on the day of the figures; one without is unknown to the file."""
    terms = ProductTerms.objects.filter(
        product__creditor=creditor, valid_from__lte=file.as_of
    ).select_related("product")
    return {
        each.product.code: ProductContext(
            each.product.currency, each.allows_credit_balance, tuple(each.components)
        )
        for each in terms
        if each.valid_to is None or each.valid_to >= file.as_of
    }


def product_ids(creditor_id: int) -> dict[str, int]:
    return dict(Product.objects.filter(creditor_id=creditor_id).values_list("code", "pk"))
