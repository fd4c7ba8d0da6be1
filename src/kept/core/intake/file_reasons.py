"""What is wrong inside control data or a container: the part `{reason}` of a file's sentence.

English source texts with named places, as `MapFault`; faces translate them before they fill them.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = ["CONTROL_PLACES", "FileReason"]

#: Where control data stands, as the sentences of a file name it.
CONTROL_PLACES = ("manifest", "header record", "trailer record", "file", "map")


class FileReason(StrEnum):
    MANIFEST_TOO_LARGE = "it is larger than a manifest can be"
    NOT_UTF_8 = "it is not UTF-8"
    NO_SUCH_KEY = "no such key"
    OTHER_FILE_TYPE = "{found} is not what the map is for ({expected})"
    OTHER_SHA256 = "the file's is {found}"
    RECORD_TOO_SHORT = "the record has {found} cells, not {expected}"
    SEVERAL_VALUES = "it should be one value"
    NO_TOTALS = "it should hold a total by currency, such as CNY: 12.50"
    NO_CURRENCY = "{found} is no currency of ISO 4217"
    NO_AMOUNT = (
        "{found} is no amount: {currency} has {exponent} decimals, and amounts are written as"
        " 1234.50"
    )
    NO_WHOLE_NUMBER = "{found} is not a whole number"
    NO_DATE = "{found} is not a date; write it as 2026-11-22"
    NO_INSTANT = "{found} is not a time; write it as 2026-11-22T02:00:00+08:00"
    NO_OFFSET = "{found} has no offset; write it as 2026-11-22T02:00:00+08:00"
    NO_COVERAGE = "{found} is neither full nor changes"
    NO_RECORDS = "only text files have control records"
    # Bank statements.
    NO_CAMT = "it is no camt.052, camt.053 or camt.054 message ({found})"
    OTHER_COUNT = "{found} entries are said to be in it, and {expected} are"
    OTHER_SUM = "the entries are said to come to {found}, and come to {expected}"
    OTHER_BALANCE = (
        "it opens with {opening} and closes with {closing}, and its booked entries come to {moved}"
    )
    # Workbooks.
    NO_SHEET_LIST = "its list of sheets is no XML ({found})"
    WRONG_PARTS = "its parts are too many, or two have one name"
    DOCUMENT_TYPE = "it declares a document type"
    NO_SHEET_PART = "sheet {found} has no part"
    ENDLESS_ROW = "it holds a row without end"
    NO_ADDRESSES = "it has cells without an address"
    TOO_MANY_ODD_CELLS = "it has more than a million cells with errors or numbers of over 15 digits"
