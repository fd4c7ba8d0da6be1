"""Prepared records made ready for their staging table: addresses hashed, words encrypted.

Needs the house's cipher, but no database. What is sealed here opens for the house; when the record
is written it is sealed anew with the key of the person.
"""

from __future__ import annotations

import polars as pl

from kept.batch.intake.prepared import PreparedRecords
from kept.batch.intake.sealing import SealedChunk, error_counts, protect, seal_errors
from kept.store.cipher import house_cipher
from kept.store.staging import text_rows

__all__ = ["SECRET_KIND", "seal_records"]

#: The kind under which words wait for the key of their person.
SECRET_KIND = "staged_words"  # noqa: S105


def seal_records(prepared: PreparedRecords, file_id: int) -> SealedChunk:
    """`file_id` is the intake file's row."""
    cipher = house_cipher()
    records = prepared.records
    hashes, _ciphers = protect(records["contact_kind"], records["contact_value"], cipher)
    kinds = pl.Series([SECRET_KIND], dtype=pl.String).new_from_index(0, records.height)
    _hashes, secrets = protect(kinds, records["secret"], cipher)
    sealed = records.with_columns(
        hashes.alias("value_hash"),
        secrets.alias("secret_cipher"),
        pl.when(hashes.is_not_null()).then("contact_kind").alias("contact_kind"),
    )
    return SealedChunk(
        tables={"records": text_rows("records", sealed)},
        rejects=seal_errors(prepared.errors, file_id),
        counts={"records": records.height, **error_counts(prepared.errors)},
        totals=prepared.totals,
        profile={},
    )
