"""What rows of instalment plans say beside whom they are about, each an instalment, in column form.

Whether the rows of one number make a plan is asked where all of them are there
(`store/sql/loaded_plans.sql`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import polars as pl

from kept.batch.intake.cells import Chunk
from kept.batch.intake.promise_rows import amounts_of
from kept.core.intake import RecordsMap, RejectCode

__all__ = ["PASSING", "read_plans"]

#: What moves on while the plan stays the same: a later file may say it anew.
PASSING: Final = frozenset({"paid", "state"})


def read_plans(
    chunk: Chunk, records_map: RecordsMap, values: Mapping[str, pl.Series], house: str
) -> dict[str, pl.Series]:
    """The amounts in minor units as text, and `currency`; faults of the row are noted.

    `house` is the creditor's currency, for rows that name none.
    """
    rules = records_map.fields
    currency, measures = amounts_of(chunk, records_map, house)
    amount = measures.amount(rules["amount"], needed=True)
    chunk.refuse(amount <= 0, rules["amount"], RejectCode.NOT_POSITIVE)
    others = ("principal", "interest", "paid", "total")
    parts = {name: measures.positive(rules[name]) for name in others if name in rules}
    _check_parts(chunk, records_map, amount, parts)
    # The creditor's day of the agreement may be one off at night; the book looks at it exactly.
    early = values["due_on"] < values["received_at"].dt.date() - timedelta(days=1)
    chunk.refuse(early.fill_null(False), rules["due_on"], RejectCode.TIMES_OUT_OF_ORDER)
    texts = {name: each.cast(pl.String) for name, each in {"amount": amount, **parts}.items()}
    return {**texts, "currency": currency}


def _check_parts(
    chunk: Chunk, records_map: RecordsMap, amount: pl.Series, parts: Mapping[str, pl.Series]
) -> None:
    rules = records_map.fields
    if "principal" in parts:
        rest = amount - parts["principal"]
        differs = rest < 0
        if "interest" in parts:
            differs = differs | (parts["interest"].fill_null(rest) != rest)
        chunk.refuse(differs.fill_null(False), rules["principal"], RejectCode.PARTS_DIFFER)
    if "interest" in parts:
        above = parts["interest"] > amount
        chunk.refuse(above.fill_null(False), rules["interest"], RejectCode.PARTS_DIFFER)
    if "paid" in parts:
        above = parts["paid"] > amount
        chunk.refuse(above.fill_null(False), rules["paid"], RejectCode.PAID_ABOVE_AMOUNT)
