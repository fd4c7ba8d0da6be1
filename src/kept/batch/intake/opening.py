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
from kept.batch.intake.prepared import FileContext, Prepared, ProductContext
from kept.batch.intake.reading import Source, open_source
from kept.core.intake import IntakeMap
from kept.store.cipher import house_cipher
from kept.store.models import Creditor, IntakeFile, Product, ProductTerms
from kept.store.sealing import open_sealed, vault_folder

__all__ = [
    "IntakeReader",
    "file_context",
    "open_reader",
    "product_ids",
    "stored_path",
]


@dataclass(frozen=True, slots=True)
class IntakeReader:
    """Chunks of the file's text, and what a chunk says."""

    source: Source
    context: FileContext
    rows: int

    def frames(self) -> Iterator[pl.DataFrame]:
        return self.source.chunks(self.rows)

    def prepare(self, frame: pl.DataFrame) -> Prepared:
        return normalise(frame, self.source.intake_map, self.context)


@contextmanager
def open_reader(file: IntakeFile, intake_map: IntakeMap) -> Iterator[IntakeReader]:
    """Raises `FileRefused` where the file cannot be read at all."""
    with open_sealed(stored_path(file)) as raw:
        source = open_source(raw, intake_map, load_control(file.control))
        yield IntakeReader(source, file_context(file), file.run.parameters["rows_per_chunk"])


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
