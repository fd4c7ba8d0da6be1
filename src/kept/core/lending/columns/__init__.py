"""The accrual of a million accounts at once, in 64-bit integers, to the same minor unit.

All accounts of one call have the same versions of terms (a product's). What is charged and why is
said in `kept.core.lending.accrual`, the plain model that a property test holds this to; the trace
is made there, for one account at a time.
"""

from kept.core.lending.columns.accruing import AccruedColumns, accrue_columns
from kept.core.lending.columns.books import (
    FAR,
    AccountColumns,
    HoldColumns,
    PostingColumns,
    TooLarge,
)

__all__ = [
    "FAR",
    "AccountColumns",
    "AccruedColumns",
    "HoldColumns",
    "PostingColumns",
    "TooLarge",
    "accrue_columns",
]
