"""Why a file or a row is refused: two closed sets, each code with its sentence.

A sentence is English source text with named places (`{column}`), filled from the detail that comes
with the code; faces translate the sentence before they fill it. The codes are part of the protocol
with creditors: none changes its meaning, none is reused. `docs/intake.md` lists them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

__all__ = [
    "FILE_SENTENCES",
    "ROW_SENTENCES",
    "WARNINGS",
    "FileCode",
    "RejectCode",
    "Severity",
    "sentence",
]


class Severity(StrEnum):
    REJECT = "reject"  # the row is not taken
    WARNING = "warning"  # the row is taken without the value


class RejectCode(StrEnum):
    """What is wrong with a row or with one value of it."""

    # The shape of the line.
    CUT_LINE = "cut_line"
    TOO_MANY_CELLS = "too_many_cells"
    BAD_QUOTING = "bad_quoting"
    STRAY_LINE_END = "stray_line_end"
    NO_FINAL_LINE_END = "no_final_line_end"
    # Any value.
    MISSING_VALUE = "missing_value"
    CONTROL_CHARACTER = "control_character"
    TOO_LONG = "too_long"
    UNKNOWN_CODE = "unknown_code"
    BAD_INTEGER = "bad_integer"
    BROKEN_CELL = "broken_cell"
    DAMAGED_NUMBER = "damaged_number"
    # Products, currencies, places.
    UNKNOWN_PRODUCT = "unknown_product"
    UNKNOWN_CURRENCY = "unknown_currency"
    OTHER_CURRENCY = "other_currency"
    UNKNOWN_COMPONENT = "unknown_component"
    UNKNOWN_COUNTRY = "unknown_country"
    UNKNOWN_ZONE = "unknown_zone"
    UNKNOWN_LANGUAGE = "unknown_language"
    # Amounts.
    BAD_AMOUNT = "bad_amount"
    OTHER_AMOUNT_FORM = "other_amount_form"
    AMOUNT_NOT_FINITE = "amount_not_finite"
    AMOUNT_WITH_EXPONENT = "amount_with_exponent"
    AMOUNT_DECIMALS = "amount_decimals"
    AMOUNT_TOO_LARGE = "amount_too_large"
    NEGATIVE_AMOUNT = "negative_amount"
    CREDIT_BALANCE = "credit_balance"
    # Dates.
    BAD_DATE = "bad_date"
    IMPOSSIBLE_DATE = "impossible_date"
    DATE_TOO_EARLY = "date_too_early"
    DATE_IN_FUTURE = "date_in_future"
    DATES_OUT_OF_ORDER = "dates_out_of_order"
    DPD_DISAGREES = "dpd_disagrees"
    # Persons and the ways to reach them.
    BAD_PHONE = "bad_phone"
    PHONE_EXTENSION = "phone_extension"
    BAD_EMAIL = "bad_email"
    CONTACT_WITHOUT_OWNER = "contact_without_owner"
    BAD_IDENTITY = "bad_identity"
    IDENTITY_CHECK_DIGIT = "identity_check_digit"
    # The row against the rest of the file and against the book.
    DUPLICATE_IN_FILE = "duplicate_in_file"
    OLDER_VERSION = "older_version"
    VERSION_REUSED = "version_reused"
    CURRENCY_CHANGED = "currency_changed"
    DEBTOR_DISAGREES = "debtor_disagrees"
    IDENTITY_DISAGREES = "identity_disagrees"
    # Attempts, stops, consents and facts about persons.
    UNKNOWN_WORD = "unknown_word"
    BAD_TIME = "bad_time"
    NO_TIME_ZONE = "no_time_zone"
    NO_TIME_OF_DAY = "no_time_of_day"
    SKIPPED_TIME = "skipped_time"
    TIME_TWICE = "time_twice"
    TIME_IN_FUTURE = "time_in_future"
    TOO_LONG_AGO = "too_long_ago"
    TIMES_OUT_OF_ORDER = "times_out_of_order"
    BAD_WINDOWS = "bad_windows"
    WRONG_ADDRESS_KIND = "wrong_address_kind"
    NO_ADDRESS_HERE = "no_address_here"
    UNKNOWN_REGION = "unknown_region"
    VALUE_NEEDED = "value_needed"
    VALUE_UNUSED = "value_unused"
    CEASE_BY_MOUTH = "cease_by_mouth"
    NAMES_NOBODY = "names_nobody"
    UNKNOWN_DEBTOR = "unknown_debtor"
    UNKNOWN_ACCOUNT = "unknown_account"
    OTHER_DEBTORS_ACCOUNT = "other_debtors_account"
    UNKNOWN_CONTACT_POINT = "unknown_contact_point"
    CONTACT_POINT_LEFT_OUT = "contact_point_left_out"
    UNKNOWN_RELATED_PERSON = "unknown_related_person"
    UNKNOWN_LEGAL_ENTITY = "unknown_legal_entity"
    NO_CASE = "no_case"
    RECORD_TWICE = "record_twice"
    RECORD_DIFFERS = "record_differs"
    # Payments and what goes back.
    NO_AMOUNT = "no_amount"
    UNKNOWN_PAYMENT = "unknown_payment"
    RETURN_DIFFERS = "return_differs"
    RETURNED_BEFORE = "returned_before"
    RETURN_BEFORE_PAYMENT = "return_before_payment"
    PAYMENT_PENDING = "payment_pending"
    NOT_A_PAYMENT = "not_a_payment"
    # Promises.
    NOT_POSITIVE = "not_positive"
    NOT_LIABLE = "not_liable"
    NO_ACCOUNT_IN_CURRENCY = "no_account_in_currency"
    DUE_BEFORE_MADE = "due_before_made"
    # Instalment plans.
    PARTS_DIFFER = "parts_differ"
    PAID_ABOVE_AMOUNT = "paid_above_amount"
    NO_OPEN_CASE = "no_open_case"
    ACCOUNT_NOT_IN_CASE = "account_not_in_case"
    PLAN_ROWS_DIFFER = "plan_rows_differ"
    INSTALMENT_TWICE = "instalment_twice"
    PLAN_TOTAL_DIFFERS = "plan_total_differs"
    PLAN_TOO_LONG = "plan_too_long"
    PLAN_RUNS = "plan_runs"
    PLAN_INCOMPLETE = "plan_incomplete"
    PLAN_NOT_RUNNING = "plan_not_running"


# Codes that never cost a row. IDENTITY_CHECK_DIGIT is either, as the map says.
WARNINGS: frozenset[RejectCode] = frozenset(
    {
        RejectCode.NO_FINAL_LINE_END,
        RejectCode.DPD_DISAGREES,
        RejectCode.BAD_PHONE,
        RejectCode.PHONE_EXTENSION,
        RejectCode.BAD_EMAIL,
        RejectCode.CONTACT_WITHOUT_OWNER,
        RejectCode.CONTACT_POINT_LEFT_OUT,
        RejectCode.PAYMENT_PENDING,
        RejectCode.NOT_A_PAYMENT,
        RejectCode.PLAN_NOT_RUNNING,
    }
)


class FileCode(StrEnum):
    """Why a file as a whole is refused before any row of it counts."""

    ABSENT_FILE = "absent_file"
    EMPTY_FILE = "empty_file"
    UNKNOWN_FORMAT = "unknown_format"
    OTHER_FORMAT = "other_format"
    UNDECODABLE = "undecodable"
    ENCODING_UNCLEAR = "encoding_unclear"
    DELIMITER_UNCLEAR = "delimiter_unclear"
    CUT_FILE = "cut_file"
    LINE_TOO_LONG = "line_too_long"
    TOO_MANY_BROKEN_LINES = "too_many_broken_lines"
    NO_HEADER = "no_header"
    ABSENT_COLUMN = "absent_column"
    DUPLICATE_COLUMN = "duplicate_column"
    TOO_MANY_COLUMNS = "too_many_columns"
    TOO_MANY_CELLS = "too_many_cells"
    ZIP_BOMB = "zip_bomb"
    DAMAGED_FILE = "damaged_file"
    ENCRYPTED_FILE = "encrypted_file"
    ABSENT_SHEET = "absent_sheet"
    NESTED_COLUMN = "nested_column"
    BAD_CONTROL = "bad_control"
    ABSENT_CONTROL = "absent_control"
    OTHER_SPEC_VERSION = "other_spec_version"


ROW_SENTENCES: Mapping[RejectCode, str] = {
    RejectCode.CUT_LINE: "The line has {found} cells, the header {expected}: it was cut, or a"
    " delimiter is missing.",
    RejectCode.TOO_MANY_CELLS: "The line has {found} cells, the header {expected}: put a value that"
    " holds the delimiter in quotes.",
    RejectCode.BAD_QUOTING: "A quotation mark stands where none may: double it inside a quoted"
    " cell, and quote the whole cell.",
    RejectCode.STRAY_LINE_END: "A carriage return stands in the middle of the line outside quotes.",
    RejectCode.NO_FINAL_LINE_END: "The last line has no line end: if the file was cut, its last"
    " cell is too short.",
    RejectCode.MISSING_VALUE: "The cell is empty; a value is needed.",
    RejectCode.CONTROL_CHARACTER: "The value holds a control character.",
    RejectCode.TOO_LONG: "The value has {found} characters; at most {most} are kept.",
    RejectCode.UNKNOWN_CODE: "The code table of the map does not hold this value.",
    RejectCode.BAD_INTEGER: "This is not a whole number between {least} and {most}.",
    RejectCode.BROKEN_CELL: "The cell holds a spreadsheet error in place of a value.",
    RejectCode.DAMAGED_NUMBER: "The spreadsheet kept this number with 15 digits only; store it as"
    " text and send it again.",
    RejectCode.UNKNOWN_PRODUCT: "The creditor has no product with this code.",
    RejectCode.UNKNOWN_CURRENCY: "This is not a currency code of ISO 4217, such as CNY.",
    RejectCode.OTHER_CURRENCY: "The product is kept in {expected}, the row is in {found}.",
    RejectCode.UNKNOWN_COMPONENT: "The product has no component {component}; the amount has no"
    " place to go.",
    RejectCode.UNKNOWN_COUNTRY: "This is not a country code of ISO 3166, such as CN.",
    RejectCode.UNKNOWN_ZONE: "This is not a time zone name, such as Asia/Shanghai.",
    RejectCode.UNKNOWN_LANGUAGE: "This is not a language code, such as zh-Hans or en.",
    RejectCode.BAD_AMOUNT: "This is not an amount; the map expects the form {form}.",
    RejectCode.OTHER_AMOUNT_FORM: "The amount is written in another form than the map says"
    " ({form}); it is not guessed.",
    RejectCode.AMOUNT_NOT_FINITE: "This is not a number.",
    RejectCode.AMOUNT_WITH_EXPONENT: "The amount is written with an exponent; write all its digits"
    " as {form}.",
    RejectCode.AMOUNT_DECIMALS: "{currency} has {exponent} decimals; amounts are never rounded.",
    RejectCode.AMOUNT_TOO_LARGE: "The amount is beyond what 64 bits hold.",
    RejectCode.NEGATIVE_AMOUNT: "The amount may not be negative here.",
    RejectCode.CREDIT_BALANCE: "The balance is negative, and the product allows no credit balance.",
    RejectCode.BAD_DATE: "This is not a date in the form the map says ({form}).",
    RejectCode.IMPOSSIBLE_DATE: "The calendar has no such day.",
    RejectCode.DATE_TOO_EARLY: "The date is before {least}.",
    RejectCode.DATE_IN_FUTURE: "The date is after {most}.",
    RejectCode.DATES_OUT_OF_ORDER: "The date is before the day the account was opened ({opened}).",
    RejectCode.DPD_DISAGREES: "The due date gives {found} days past due, the file says {expected};"
    " the due date counts.",
    RejectCode.BAD_PHONE: "This is not a telephone number of {country}; it is not taken. Where"
    " several stand in one cell, say in the map what stands between them (separator).",
    RejectCode.PHONE_EXTENSION: "The number has an extension, which cannot be dialled; it is not"
    " taken.",
    RejectCode.BAD_EMAIL: "This is not an e-mail address; it is not taken.",
    RejectCode.CONTACT_WITHOUT_OWNER: "The related person has no name; the contact point is not"
    " taken.",
    RejectCode.BAD_IDENTITY: "This is not an identity number of the kind the map says ({kind}).",
    RejectCode.IDENTITY_CHECK_DIGIT: "The check digit of the identity number is wrong; it is not"
    " used to find the person.",
    RejectCode.DUPLICATE_IN_FILE: "The account stands in the file more than once, with other data;"
    " none of its rows is taken.",
    RejectCode.OLDER_VERSION: "A newer version of this row was applied before.",
    RejectCode.VERSION_REUSED: "Another row was applied under this version; give a changed row a"
    " higher one.",
    RejectCode.CURRENCY_CHANGED: "The account is kept in {expected}; the currency of an account"
    " never changes.",
    RejectCode.DEBTOR_DISAGREES: "Rows of one debtor disagree about who the debtor is.",
    RejectCode.IDENTITY_DISAGREES: "The identity number belongs to another person than the debtor"
    " had before; a person has to look at it.",
    RejectCode.UNKNOWN_WORD: "This is not in the closed list; it is one of: {choices}.",
    RejectCode.BAD_TIME: "This is not a time in the form the map says ({form}), such as"
    " 2026-11-20T14:03:00-05:00.",
    RejectCode.NO_TIME_ZONE: "The time has no offset, and the map says no zone: it is not guessed."
    " Write it with its offset, or say the zone of the file in the map.",
    RejectCode.NO_TIME_OF_DAY: "A day alone does not say when it was; the time of the day is"
    " needed.",
    RejectCode.SKIPPED_TIME: "The clocks of {zone} were put forward over this time; it never was.",
    RejectCode.TIME_TWICE: "The clocks of {zone} showed this time twice that day; write it with its"
    " offset.",
    RejectCode.TIME_IN_FUTURE: "This lies in the future.",
    RejectCode.TOO_LONG_AGO: "This was before {least}; so old a contact is not taken in.",
    RejectCode.TIMES_OUT_OF_ORDER: "This lies before the record begins.",
    RejectCode.BAD_WINDOWS: "These are not times of days; write them as Mon-Fri 09:00-17:00; Sat"
    " 10:00-12:00, over midnight as two.",
    RejectCode.WRONG_ADDRESS_KIND: "{channel} needs an address of the kind {kind}, and this is"
    " none.",
    RejectCode.NO_ADDRESS_HERE: "{channel} has no address that is kept; leave the cell empty.",
    RejectCode.UNKNOWN_REGION: "This is no region; write the country's code and the region's, such"
    " as US-MA.",
    RejectCode.VALUE_NEEDED: "A record of the kind {kind} needs this value.",
    RejectCode.VALUE_UNUSED: "A record of the kind {kind} has no such value; leave the cell empty,"
    " or map it to nothing.",
    RejectCode.CEASE_BY_MOUTH: "A cease request is in writing; one by word of mouth is an opt-out"
    " or a refusal.",
    RejectCode.NAMES_NOBODY: "The row names neither a debtor nor an account.",
    RejectCode.UNKNOWN_DEBTOR: "The creditor has no debtor with this number; send their accounts"
    " first.",
    RejectCode.UNKNOWN_ACCOUNT: "The creditor has no account with this number; send the accounts"
    " first.",
    RejectCode.OTHER_DEBTORS_ACCOUNT: "This account belongs to another debtor.",
    RejectCode.UNKNOWN_CONTACT_POINT: "The debtor has no such number or address; send it with the"
    " accounts first, or leave the cell empty where every one is meant.",
    RejectCode.CONTACT_POINT_LEFT_OUT: "The debtor has no such number or address; the attempt"
    " counts as one on any of them.",
    RejectCode.UNKNOWN_RELATED_PERSON: "The debtor has no related person of this name, or several.",
    RejectCode.UNKNOWN_LEGAL_ENTITY: "There is no company with this code.",
    RejectCode.NO_CASE: "The debtor was never in collection here; there is no case to put the"
    " attempt to.",
    RejectCode.RECORD_TWICE: "This number stands in the file more than once, with other data; none"
    " of its rows is taken.",
    RejectCode.RECORD_DIFFERS: "A record with this number was taken before and said something else;"
    " what happened is not changed by a file.",
    RejectCode.NO_AMOUNT: "The amount is nothing; a payment is more.",
    RejectCode.UNKNOWN_PAYMENT: "No payment is known under the reference that this row takes back"
    " ({reverses}).",
    RejectCode.RETURN_DIFFERS: "The payment that goes back was of another amount or currency; send"
    " the whole of it back under its own reference.",
    RejectCode.RETURNED_BEFORE: "This payment went back before.",
    RejectCode.RETURN_BEFORE_PAYMENT: "Money goes back on the day it came, or later.",
    RejectCode.PAYMENT_PENDING: "The bank has not booked this entry; it counts when it is booked.",
    RejectCode.NOT_A_PAYMENT: "This entry is no money that came in, and takes none of it back; it"
    " is left alone.",
    RejectCode.NOT_POSITIVE: "What is promised or agreed is an amount above zero.",
    RejectCode.NOT_LIABLE: "This person does not owe and does not speak for the debtor; no promise"
    " is taken from them.",
    RejectCode.NO_ACCOUNT_IN_CURRENCY: "The debtor has no such account in this currency.",
    RejectCode.DUE_BEFORE_MADE: "This falls due before the day on which it was promised or agreed.",
    RejectCode.PARTS_DIFFER: "Principal and interest do not add up to the amount of the"
    " instalment.",
    RejectCode.PAID_ABOVE_AMOUNT: "More is paid than the instalment comes to.",
    RejectCode.NO_OPEN_CASE: "The debtor has no open case; a plan runs in one.",
    RejectCode.ACCOUNT_NOT_IN_CASE: "The open case of the debtor has no such account in this"
    " currency.",
    RejectCode.PLAN_ROWS_DIFFER: "This row of the plan says something else than its first row of"
    " whose it is, when it was agreed, its accounts, currency, total or state.",
    RejectCode.INSTALMENT_TWICE: "Another instalment of the plan falls due on the same day.",
    RejectCode.PLAN_TOTAL_DIFFERS: "The instalments do not add up to the total of the plan.",
    RejectCode.PLAN_TOO_LONG: "The instalment falls due more than 60 months after the agreement.",
    RejectCode.PLAN_RUNS: "The case has a running plan already, or the file has another one for"
    " it.",
    RejectCode.PLAN_INCOMPLETE: "Another row of this plan is refused; a plan is taken whole or not"
    " at all.",
    RejectCode.PLAN_NOT_RUNNING: "The plan does not run any more, or nothing of it is left to pay;"
    " it is left alone.",
}

FILE_SENTENCES: Mapping[FileCode, str] = {
    FileCode.ABSENT_FILE: "There is no file {name}.",
    FileCode.EMPTY_FILE: "The file is empty.",
    FileCode.UNKNOWN_FORMAT: "The file is neither text, nor XLSX, nor Parquet: send one of these.",
    FileCode.OTHER_FORMAT: "The map says {expected}, the file is {found}.",
    FileCode.UNDECODABLE: "The file is not {encoding} at byte {byte} (line {line}): send it in"
    " UTF-8, or say its encoding in the map (file.encoding).",
    FileCode.ENCODING_UNCLEAR: "The file holds zero bytes: it is no text, or it is UTF-16 without"
    " a byte order mark; say its encoding in the map (file.encoding).",
    FileCode.DELIMITER_UNCLEAR: "Several delimiters fit the file: say which in the map"
    " (file.delimiter).",
    FileCode.CUT_FILE: "The file ends in the middle of line {line}: it was cut on its way; send it"
    " again.",
    FileCode.LINE_TOO_LONG: "Line {line} is longer than {most} bytes.",
    FileCode.TOO_MANY_BROKEN_LINES: "More than {most} lines have quotation marks or line ends where"
    " none may stand, the first is line {line}: quote by RFC 4180, or say file.quoting: none.",
    FileCode.NO_HEADER: "Line {line} should be the header row, and it is empty.",
    FileCode.ABSENT_COLUMN: "The map names columns the file does not have: {absent}. The file has:"
    " {present}.",
    FileCode.DUPLICATE_COLUMN: "Column {column} stands in the header more than once.",
    FileCode.TOO_MANY_COLUMNS: "The file has {found} columns; at most {most} are read.",
    FileCode.TOO_MANY_CELLS: "The file has {found} cells; at most {most} are read at once: send it"
    " as CSV or Parquet.",
    FileCode.ZIP_BOMB: "Unpacked, the file is {found} bytes; at most {most} are allowed for its"
    " size.",
    FileCode.DAMAGED_FILE: "The {format} file is damaged: {reason}.",
    FileCode.ENCRYPTED_FILE: "The file is protected by a password: send it without one.",
    FileCode.ABSENT_SHEET: "There is no sheet {sheet}; the file has: {present}.",
    FileCode.NESTED_COLUMN: "Column {column} holds {kind} values; only plain values are read.",
    FileCode.BAD_CONTROL: "The control data ({where}) is wrong at {field}: {reason}.",
    FileCode.ABSENT_CONTROL: "The map requires {field} with the file, and it is not there.",
    FileCode.OTHER_SPEC_VERSION: "The file is of specification version {found}, the map of"
    " {expected}.",
}


def sentence(code: RejectCode | FileCode, detail: Mapping[str, object]) -> str:
    """The English sentence with its places filled, by a question mark where a value is missing."""
    source = ROW_SENTENCES[code] if isinstance(code, RejectCode) else FILE_SENTENCES[FileCode(code)]
    return source.format_map(_Filled(detail))


class _Filled(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "?"
