"""Prepared rows made ready for the staging tables: personal values encrypted and hashed.

From here on no number, address or identity is in clear; names stay as they are, as in the book.
Needs the house's cipher, but no database, so that one chunk is sealed while another is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from kept.batch.intake.prepared import Prepared, Totals, balance_column
from kept.batch.intake.profiling import profile_chunk
from kept.store.cipher import Cipher, house_cipher
from kept.store.staging import text_rows

__all__ = ["REJECT_KIND", "SealedChunk", "error_counts", "protect", "seal_chunk", "seal_errors"]

#: The kind under which refused values are sealed: they are of no kind yet.
REJECT_KIND = "reject"
_EXTERNAL_ID_MAX = 200


@dataclass(frozen=True, slots=True)
class SealedChunk:
    """A chunk as the bytes of its COPYs, and what is remembered of it."""

    tables: Mapping[str, bytes]  # by the name of their staging table
    rejects: bytes
    counts: Mapping[str, int]
    totals: Totals
    profile: Mapping[str, Any]


def seal_chunk(
    prepared: Prepared,
    product_ids: Mapping[str, int],
    components: Sequence[str],
    file_id: int,
) -> SealedChunk:
    """`product_ids` has every product code of the rows; `file_id` is the intake file's row.

    `components` are those of the map, in the order in which balances are staged.
    """
    cipher = house_cipher()
    errors = prepared.errors
    return SealedChunk(
        tables={
            "rows": text_rows("rows", _rows(prepared.rows, product_ids, components, cipher)),
            "contacts": text_rows("contacts", _contacts(prepared.contacts, cipher)),
            "related": text_rows("related", _with_identity(prepared.related, cipher)),
        },
        rejects=seal_errors(errors, file_id),
        counts={
            "rows": prepared.rows.height,
            "contacts": prepared.contacts.height,
            "related": prepared.related.height,
            **error_counts(errors),
        },
        totals=prepared.totals,
        profile=profile_chunk(prepared).to_json(),
    )


def error_counts(errors: pl.DataFrame) -> dict[str, int]:
    """How many errors there are, and how many lines they cost."""
    rejected = errors.filter(severity="reject")["line_no"].n_unique()
    return {"errors": errors.height, "rejected": rejected}


def _rows(
    rows: pl.DataFrame, product_ids: Mapping[str, int], components: Sequence[str], cipher: Cipher
) -> pl.DataFrame:
    balances = [pl.col(balance_column(component)) for component in components]
    sealed = _with_identity(rows, cipher)
    return sealed.with_columns(
        pl.col("country").fill_null(""),
        pl.col("product_code")
        .replace_strict(product_ids, return_dtype=pl.Int64)
        .alias("product_id"),
        # The keyed hash stands for a debtor whom the file names by identity alone.
        pl.coalesce("debtor_external_id", "I:" + pl.col("identity_hash").bin.encode("hex")).alias(
            "debtor_external_id"
        ),
        pl.concat_list(balances).alias("balances"),
        pl.sum_horizontal(balances).alias("balance_minor"),
    )


def _with_identity(frame: pl.DataFrame, cipher: Cipher) -> pl.DataFrame:
    hashes, ciphers = protect(frame["identity_kind"], frame["identity_number"], cipher)
    return frame.with_columns(
        pl.col("language").fill_null(""),
        hashes.alias("identity_hash"),
        ciphers.alias("identity_cipher"),
        _masked_identity("identity_number").alias("identity_masked"),
    )


def _masked_identity(column: str) -> pl.Expr:
    """As kept.core.identities.mask_identity, for a column."""
    number = pl.col(column)
    length = number.str.len_chars()
    head = pl.when(length >= 10).then(3).otherwise(1)
    tail = pl.when(length >= 10).then(4).otherwise(2)
    stars = pl.lit("*" * 64).str.slice(0, length - head - tail)
    return number.str.slice(0, head) + stars + number.str.slice(length - tail, tail)


def _contacts(contacts: pl.DataFrame, cipher: Cipher) -> pl.DataFrame:
    hashes, ciphers = protect(contacts["kind"], contacts["value"], cipher)
    return contacts.with_columns(
        pl.col("country").fill_null(""),
        hashes.alias("value_hash"),
        ciphers.alias("value_cipher"),
    )


def protect(kinds: pl.Series, values: pl.Series, cipher: Cipher) -> tuple[pl.Series, pl.Series]:
    """Keyed hashes and cipher texts in the order of the values; null where a value is null."""
    given = pl.DataFrame({"kind": kinds, "value": values}).with_row_index("place")
    parts = []
    for (kind,), part in given.drop_nulls().group_by("kind"):
        texts = part["value"].to_list()
        parts.append(
            pl.DataFrame(
                {
                    "place": part["place"],
                    "hash": pl.Series(cipher.hashes(str(kind), texts), dtype=pl.Binary()),
                    "cipher": pl.Series(cipher.seal(str(kind), texts), dtype=pl.Binary()),
                }
            )
        )
    if not parts:
        nothing = pl.Series([None] * given.height, dtype=pl.Binary())
        return nothing, nothing
    found = given.select("place").join(pl.concat(parts), on="place", how="left")
    found = found.sort("place")
    return found["hash"], found["cipher"]


def seal_errors(errors: pl.DataFrame, file_id: int) -> bytes:
    """Errors as the bytes of a COPY into `intake_rejects`, their values encrypted."""
    if errors.is_empty():
        return b""
    texts = errors["value"].fill_null("").to_list()
    ciphers = pl.Series(house_cipher().seal(REJECT_KIND, texts), dtype=pl.Binary())
    frame = errors.with_columns(
        pl.lit(file_id).alias("intake_file_id"),
        _storable("external_id").str.slice(0, _EXTERNAL_ID_MAX).fill_null(""),
        _storable("detail").fill_null("{}"),
        pl.when(pl.col("value").is_null()).then(None).otherwise(ciphers).alias("value_cipher"),
    )
    return text_rows("rejects", frame)


def _storable(column: str) -> pl.Expr:
    """Without the one character that PostgreSQL's text cannot hold, plain or escaped in JSON."""
    plain = pl.col(column).str.replace_all("\0", "\ufffd", literal=True)
    return plain.str.replace_all(r"\u0000", r"\ufffd", literal=True)
