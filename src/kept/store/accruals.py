"""What has accrued in the book as of a day: postings, holds and terms out of the tables.

What accrues is decided in `core/lending`; nothing is written here. Products whose figures the
creditor's file rules are not read at all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any, Final

import numpy as np
import polars as pl

from kept.core.currencies import currency
from kept.core.lending.accrual import Accrual, accrue
from kept.core.lending.caps import Charged
from kept.core.lending.columns import (
    FAR,
    AccountColumns,
    HoldColumns,
    PostingColumns,
    TooLarge,
    accrue_columns,
)
from kept.core.lending.reading import ProductFrame, read_interest
from kept.core.lending.terms import Held, Life, TermsVersion
from kept.packs.caps import load_caps
from kept.store.events import microseconds
from kept.store.frames import read_frame
from kept.store.ledger import ALL_KNOWN, AccountPosition, postings_of, read_positions
from kept.store.queries import load

__all__ = [
    "accrual_of",
    "accruing_products",
    "frame_of",
    "read_accrued",
    "read_accrued_of_cases",
    "read_positions_with_accrued",
    "versions_of",
]

Accrued = Mapping[Charged, int]

_INT: Final = pl.Int64
_ACCOUNTS: Final = {
    "account_id": _INT,
    "product_id": _INT,
    "agreed_on": _INT,
    "original_minor": _INT,
    "judged_on": _INT,
    "charged_off_on": _INT,
}
_POSTINGS: Final = {
    "account_id": _INT,
    "component": pl.String,
    "owed_minor": _INT,
    "due_on": _INT,
    "effective_on": _INT,
    "accrued": pl.Boolean,
}
_HOLDS: Final = {
    "account_id": _INT,
    "reason": pl.String,
    "first_on": _INT,
    "end_on": _INT,
    "accrual": pl.Boolean,
}


def accruing_products(creditor_id: int | None = None) -> list[int]:
    """The products for which kept accrues; those of one creditor, or all."""
    rows = load("accruals")["accruing_products"].rows()
    return [row["product_id"] for row in rows if creditor_id in (None, row["creditor_id"])]


def frame_of(
    components: Sequence[str], code: str, hold_reasons: Iterable[str] = ()
) -> ProductFrame:
    """What the interest terms of a product may name."""
    return ProductFrame(tuple(components), currency(code), tuple(hold_reasons), load_caps())


def versions_of(product_ids: Iterable[int]) -> dict[int, tuple[TermsVersion, ...]]:
    """The versions of terms of each product; under the creditor's word nothing accrues."""
    rows = load("accruals")["terms_of_products"].rows({"product_ids": list(product_ids)})
    return {
        product_id: tuple(_version(row) for row in of_product)
        for product_id, of_product in groupby(rows, key=lambda row: int(row["product_id"]))
    }


def _version(row: Mapping[str, Any]) -> TermsVersion:
    terms = None
    if row["balance_authority"] == "kept":
        frame = frame_of(row["components"], row["currency"])
        terms = read_interest(json.loads(row["interest"]), frame)
    return TermsVersion(row["valid_from"], row["valid_to"], terms)


def read_accrued(
    account_ids: Iterable[int], as_of: date, known_at: datetime = ALL_KNOWN
) -> dict[int, Accrued]:
    """What accrued and is not charged yet, of those accounts for which kept accrues."""
    products = accruing_products()
    if not products:
        return {}
    given = {"account_ids": list(account_ids), "product_ids": products}
    return _read("accounts", given, as_of, known_at)


def read_accrued_of_cases(
    case_ids: Sequence[int], products: Sequence[int], as_of: date, known_at: datetime
) -> pl.DataFrame:
    """The same by case: a row for each account that has something accrued."""
    given = {"case_ids": list(case_ids), "product_ids": list(products)}
    found = _read("cases", given, as_of, known_at)
    rows = load("accruals")["case_of_accounts"].rows(
        {"case_ids": list(case_ids), "account_ids": list(found), "as_of": as_of}
    )
    return pl.DataFrame(
        [
            {
                "case_id": row["case_id"],
                "account_id": row["account_id"],
                **{each.value: found[row["account_id"]][each] for each in Charged},
            }
            for row in rows
        ],
        schema={"case_id": _INT, "account_id": _INT, **{each.value: _INT for each in Charged}},
    )


def _read(
    scope: str, given: Mapping[str, Any], as_of: date, known_at: datetime
) -> dict[int, Accrued]:
    book = _Book.load(scope, {**given, "as_of": as_of, "known_at": known_at})
    found: dict[int, Accrued] = {}
    for product_id, versions in versions_of(given["product_ids"]).items():
        found.update(book.accrued(product_id, versions, as_of))
    return found


@dataclass(frozen=True, slots=True)
class _Book:
    accounts: pl.DataFrame
    postings: pl.DataFrame
    holds: pl.DataFrame

    @classmethod
    def load(cls, scope: str, given: Mapping[str, Any]) -> _Book:
        sql = load("accruals")
        return cls(
            read_frame(_copied(sql["accounts"].scoped(scope)), given, _ACCOUNTS),
            read_frame(_copied(sql["postings"].scoped(scope)), given, _POSTINGS),
            read_frame(_copied(sql["holds"].scoped(scope)), given, _HOLDS),
        )

    def accrued(
        self, product_id: int, versions: Sequence[TermsVersion], as_of: date
    ) -> dict[int, Accrued]:
        accounts = self.accounts.filter(pl.col("product_id") == product_id)
        ids = accounts["account_id"].to_list()
        if not ids:
            return {}
        try:
            found = accrue_columns(*self._columns(accounts), versions, as_of)
        except TooLarge:
            return {each: _of_one(each, versions, as_of) for each in ids}
        parts = {each: found.accrued(each) for each in Charged}
        return {
            account_id: {each: int(parts[each][place]) for each in Charged}
            for place, account_id in enumerate(ids)
        }

    def _columns(
        self, accounts: pl.DataFrame
    ) -> tuple[AccountColumns, PostingColumns, HoldColumns]:
        places = accounts.select("account_id").with_row_index("account").cast(_INT)
        postings = self.postings.join(places, on="account_id", maintain_order="left")
        holds = self.holds.join(places, on="account_id", maintain_order="left")
        components, component = _coded(postings["component"])
        reasons, reason = _coded(holds["reason"])
        return (
            AccountColumns(
                accounts["agreed_on"].to_numpy(),
                accounts["original_minor"].to_numpy(),
                accounts["judged_on"].to_numpy(),
                accounts["charged_off_on"].to_numpy(),
            ),
            PostingColumns(
                components,
                postings["account"].to_numpy(),
                component,
                postings["owed_minor"].to_numpy(),
                postings["due_on"].to_numpy(),
                postings["effective_on"].to_numpy(),
                postings["accrued"].to_numpy(),
            ),
            HoldColumns(
                reasons,
                holds["account"].to_numpy(),
                reason,
                holds["first_on"].to_numpy(),
                holds["end_on"].to_numpy(),
                holds["accrual"].to_numpy(),
            ),
        )


def _copied(query: Any) -> Any:
    """COPY takes a statement without its end."""
    return replace(query, text=query.text.rstrip().rstrip(";"))


def _coded(texts: pl.Series) -> tuple[tuple[str, ...], np.ndarray[Any, np.dtype[np.int64]]]:
    names = tuple(sorted(texts.unique().to_list()))
    coded = texts.replace_strict(names, list(range(len(names))), return_dtype=_INT)
    return names, coded.to_numpy()


def _of_one(account_id: int, versions: Sequence[TermsVersion], as_of: date) -> Accrued:
    found = accrual_of(account_id, as_of, versions=versions)
    assert found is not None
    return found.accrued


def accrual_of(
    account_id: int,
    as_of: date,
    known_at: datetime = ALL_KNOWN,
    *,
    versions: Sequence[TermsVersion] | None = None,
) -> Accrual | None:
    """One account with its trace; None where kept does not accrue for its product."""
    products = accruing_products()
    given = {
        "account_ids": [account_id],
        "product_ids": products,
        "as_of": as_of,
        "known_at": known_at,
    }
    sql = load("accruals")
    rows = sql["accounts"].scoped("accounts").rows(given) if products else []
    if not rows:
        return None
    if versions is None:
        versions = versions_of([rows[0]["product_id"]])[rows[0]["product_id"]]
    held = sql["holds"].scoped("accounts").rows(given)
    life = _life(rows[0], held)
    return accrue(postings_of(account_id), versions, life, as_of, microseconds(known_at))


def _life(row: Mapping[str, Any], held: Iterable[Mapping[str, Any]]) -> Life:
    return Life(
        _day(row["agreed_on"], 0),
        None if row["original_minor"] < 0 else row["original_minor"],
        _day(row["judged_on"], FAR),
        _day(row["charged_off_on"], FAR),
        tuple(
            Held(
                each["reason"],
                date.fromordinal(each["first_on"]),
                _day(each["end_on"], FAR),
                bool(each["accrual"]),
            )
            for each in held
        ),
    )


def _day(ordinal: int, none: int) -> date | None:
    return None if ordinal == none else date.fromordinal(ordinal)


def read_positions_with_accrued(
    account_ids: Iterable[int], as_of: date, known_at: datetime = ALL_KNOWN
) -> dict[int, AccountPosition]:
    """Positions with what accrued up to the day, where kept accrues: in its components, in the
    balance and in the total due, and named apart as `accrued_minor`."""
    wanted = list(account_ids)
    found = read_positions(wanted, as_of, known_at)
    for account_id, accrued in read_accrued(wanted, as_of, known_at).items():
        if account_id in found:
            found[account_id] = _with(found[account_id], accrued)
    return found


def _with(position: AccountPosition, accrued: Accrued) -> AccountPosition:
    more = sum(accrued.values())
    return replace(
        position,
        balance_minor=position.balance_minor + more,
        interest_minor=position.interest_minor + accrued[Charged.INTEREST],
        penalty_minor=position.penalty_minor + accrued[Charged.PENALTY],
        fee_minor=position.fee_minor + accrued[Charged.FEE],
        total_due_minor=position.total_due_minor + more,
        accrued_minor=more,
    )
