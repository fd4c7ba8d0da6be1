"""What reading hands to applying: rows of a chunk in the house's own terms, and what was refused.

`normalise` makes a `Prepared` of one chunk; nothing after it looks at a column of the creditor's
file. Applying knows the tables, this module knows only names and types of columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

__all__ = [
    "CONTACT_SCHEMA",
    "ERROR_SCHEMA",
    "PAYMENT_SCHEMA",
    "RECORD_SCHEMA",
    "RELATED_SCHEMA",
    "ROW_SCHEMA",
    "FileContext",
    "Prepared",
    "PreparedRecords",
    "ProductContext",
    "Totals",
    "balance_column",
    "components_of",
]

# One valid row a line; the mapped balances follow as `balance_<component>`, Int64, never null.
ROW_SCHEMA: Mapping[str, pl.DataType] = {
    "line_no": pl.Int64(),
    "external_id": pl.String(),
    "product_code": pl.String(),
    "currency": pl.String(),
    "opened_on": pl.Date(),
    "original_amount_minor": pl.Int64(),
    "row_version": pl.Int64(),
    "state": pl.String(),
    "as_of": pl.Date(),
    # "A:" and the account's number where neither a debtor number nor an identity is known; null
    # where only the identity is, since its keyed hash is not reading's to make.
    "debtor_external_id": pl.String(),
    "debtor_kind": pl.String(),
    "name": pl.String(),
    "name_key": pl.String(),
    "language": pl.String(),
    "country": pl.String(),
    "zones": pl.List(pl.String()),
    "identity_kind": pl.String(),
    "identity_country": pl.String(),
    "identity_number": pl.String(),
    "due_on": pl.Date(),
    "next_due_on": pl.Date(),
    "overdue_minor": pl.Int64(),
    "hold_reasons": pl.List(pl.String()),
    # Keyed BLAKE2b over what the map reads of the row, contacts and related persons included.
    "row_hash": pl.Binary(),
}

CONTACT_SCHEMA: Mapping[str, pl.DataType] = {
    "line_no": pl.Int64(),
    "related_index": pl.Int16(),  # null: the debtor's own
    "kind": pl.String(),
    "usage": pl.String(),
    "value": pl.String(),  # phones in E.164, e-mails in lower case, addresses single-spaced
    "country": pl.String(),
    "masked": pl.String(),
    "validity": pl.String(),
    "consent": pl.String(),
    "source": pl.String(),
    "position": pl.Int16(),  # from 1 within the owner and kind
}

RELATED_SCHEMA: Mapping[str, pl.DataType] = {
    "line_no": pl.Int64(),
    "index": pl.Int16(),
    "relation": pl.String(),
    "name": pl.String(),
    "name_key": pl.String(),
    "language": pl.String(),
    "identity_kind": pl.String(),
    "identity_country": pl.String(),
    "identity_number": pl.String(),
}

# One record a line, of whatever type; what only some kinds have is in `details`, a JSON object.
RECORD_SCHEMA: Mapping[str, pl.DataType] = {
    "line_no": pl.Int64(),
    # "H:" and the row's hash where the file has no number of its own.
    "external_id": pl.String(),
    # The debtor's number, or else that of the first account: rows of one group stay together.
    "subject": pl.String(),
    "debtor_external_id": pl.String(),
    "accounts": pl.String(),  # numbers with U+001F between; null: all
    "related_key": pl.String(),  # the folded name of the related person
    "contact_kind": pl.String(),
    "contact_value": pl.String(),  # normalised; only its keyed hash is staged
    "noun": pl.String(),
    "kind": pl.String(),
    "at": pl.Datetime("us", "UTC"),
    "ended_at": pl.Datetime("us", "UTC"),
    "legal_entity": pl.String(),
    "channel": pl.String(),
    "outcome": pl.String(),
    "inbound": pl.Boolean(),
    "details": pl.String(),
    "secret": pl.String(),  # JSON of what is sealed with the person's key
    "row_hash": pl.Binary(),
}

# One payment, or one that goes back, a line.
PAYMENT_SCHEMA: Mapping[str, pl.DataType] = {
    "line_no": pl.Int64(),
    "external_id": pl.String(),
    "what": pl.String(),
    "channel": pl.String(),
    "bank_reference": pl.String(),
    "amount_minor": pl.Int64(),
    "currency": pl.String(),
    "received_on": pl.Date(),
    "value_on": pl.Date(),
    "way": pl.String(),
    "payer_relation": pl.String(),
    "details": pl.String(),  # JSON of payer and text, to be sealed
    "reference": pl.String(),
    "virtual_account": pl.String(),
    "accounts": pl.List(pl.String()),
    "debtor": pl.String(),
    "tokens": pl.List(pl.String()),  # of the text, where nothing else says whose it is
    "name_key": pl.String(),
    "reverses": pl.String(),
    "code": pl.String(),
}

ERROR_SCHEMA: Mapping[str, pl.DataType] = {
    "line_no": pl.Int64(),
    "external_id": pl.String(),
    "field": pl.String(),  # the path in the map, such as account.opened_on
    "code": pl.String(),  # a RejectCode
    "severity": pl.String(),
    "value": pl.String(),  # as it stood in the file
    "detail": pl.String(),  # JSON: the file's column, and the places of the sentence
}


def balance_column(component: str) -> str:
    return f"balance_{component}"


def components_of(rows: pl.DataFrame) -> list[str]:
    return [name.removeprefix("balance_") for name in rows.columns if name.startswith("balance_")]


@dataclass(frozen=True, slots=True)
class ProductContext:
    """What reading must know of a product; `components` are all it has."""

    currency: str
    allows_credit_balance: bool
    components: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileContext:
    """What a row is read against; `today` is the creditor's business date.

    `hash_key` (up to 64 bytes) is put into the rows' hashes, which are stored.
    """

    as_of: date
    today: date
    country: str
    currency: str
    zone: str
    language: str
    products: Mapping[str, ProductContext]
    hash_key: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Totals:
    """Of all rows read, refused ones too as far as they could be read; `+` joins chunks.

    `balances_minor` is the sum of all mapped balances by currency. `hash_total` is the sum of the
    last nine digits of each row's account number, everything but digits left out (none: 0).
    """

    rows: int = 0
    balances_minor: Mapping[str, int] = field(default_factory=dict)
    hash_total: int = 0

    def __add__(self, other: Totals) -> Totals:
        currencies = sorted({*self.balances_minor, *other.balances_minor})
        mine, theirs = self.balances_minor, other.balances_minor
        return Totals(
            self.rows + other.rows,
            {code: mine.get(code, 0) + theirs.get(code, 0) for code in currencies},
            self.hash_total + other.hash_total,
        )


@dataclass(frozen=True, slots=True)
class Prepared:
    """One chunk, normalised. A line with an error of severity `reject` is in `errors` only."""

    rows: pl.DataFrame
    contacts: pl.DataFrame
    related: pl.DataFrame
    errors: pl.DataFrame
    totals: Totals

    @classmethod
    def joined(cls, parts: Iterable[Prepared]) -> Prepared:
        """Several chunks as one; there must be at least one."""
        chunks = list(parts)
        return cls(
            pl.concat([each.rows for each in chunks]),
            pl.concat([each.contacts for each in chunks]),
            pl.concat([each.related for each in chunks]),
            pl.concat([each.errors for each in chunks]),
            sum((each.totals for each in chunks), Totals()),
        )


@dataclass(frozen=True, slots=True)
class PreparedRecords:
    """One chunk of attempts, stops, consents or facts about persons, normalised."""

    records: pl.DataFrame
    errors: pl.DataFrame
    totals: Totals
