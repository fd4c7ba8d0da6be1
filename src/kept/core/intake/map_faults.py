"""What may be wrong with a map: English source texts with named places.

Faces translate the text before they fill it; `kept.core.intake.nodes.Problem` carries both.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = ["MapFault"]


class MapFault(StrEnum):
    # Keys.
    NO_SUCH_KEY = "no such key; known are {known}"
    NO_SUCH_KEY_NEAR = "no such key; did you mean {near}?"
    MISSING_KEY = "is missing; the map must say it"
    BOOLEAN_KEY = "has a key that YAML reads as true or false; put it in quotes"
    NO_SUCH_FIELD = "no such field; known are {known}"
    NO_SUCH_FIELD_NEAR = "no such field; did you mean {near}?"
    # The shape of a value.
    NO_MAPPING = "should hold keys and values, not {found}"
    NO_LIST = "should be a list, not {found}"
    NO_TEXT = "should be text, not {found}"
    BOOLEAN_TEXT = "YAML reads this as true or false; put it in quotes"
    EMPTY_TEXT = "should not be empty"
    TOO_LONG = "has {found} characters; at most {most} are kept"
    UNKNOWN_CHOICE = "{found} is not known; choose {choices}"
    NO_WHOLE_NUMBER = "should be a whole number from {least} to {most}, not {found}"
    NO_FLAG = "should be true or false, not {found}"
    # Values by their meaning.
    OTHER_VERSION = "this version of kept reads maps of version {expected}, not {found}"
    OTHER_FILE_TYPE = "{found} is not known; known are {known}"
    NO_ACCOUNTS_MAP = "this is the map of a file of {found}; a map of accounts is needed here"
    NO_ZONE = "{found} is no time zone; write a name such as America/New_York"
    NO_ONE_NAMED = "says neither debtor nor accounts; a row must say whom it is about"
    NO_CURRENCY_SIGN = "{found} cannot be a currency sign"
    NO_DATE_FORMS = "names no form of a date; write one such as YYYY-MM-DD"
    NO_DATE_FORM = (
        "{found} is no form of a date: write YYYY, MM or M, and DD or D once each, such as"
        " YYYY-MM-DD or D.M.YYYY"
    )
    OPEN_DATE_FORM = "{found}: without a separator write MM and DD, not M and D"
    AMBIGUOUS_DATE_FORMS = "{one} and {other} fit the same text; say only one of them"
    NO_CONTROL_FIELD = "{found} is no control field; known are {known}"
    NO_CONTROL_FIELD_NEAR = "{found} is no control field; did you mean {near}?"
    NO_DATE = "{found} is not a date; write it as 2026-11-22"
    NO_CURRENCY = "{found} is no currency; write a code of ISO 4217, such as CNY"
    NO_CURRENCY_NEAR = "{found} is no currency; did you mean {near}?"
    NO_COMPONENTS = "names no component; name at least one, such as principal"
    BAD_COMPONENT = "a component is a short name in lower case, such as principal"
    COLUMN_OR_CONSTANT = "name either the column that holds the value, or a constant"
    NO_CODE_TABLE = "there is no code table {found}; write the table under codes"
    NO_CODE_TABLE_NEAR = "there is no code table {found}; did you mean {near}?"
    EMPTY_CODE_TABLE = "the code table is empty"
    # Parts that do not agree.
    READ_AND_IGNORED = "{column} is read by {where}; say only one"
    NO_SUCH_PERSON = "related has {entries} entries, there is no {found}"
    HEADER_RECORD_FIRST = "the header record stands before it; say 2 or more"
    # The text of the map.
    ABSENT_MAP = "there is no map file {found}"
    NOT_UTF_8 = "the map is not UTF-8; save it as UTF-8"
    TOO_MANY_CHARACTERS = "{found} characters are too many; at most {most} are read"
    TOO_DEEP = "it is nested too deeply"
    NO_YAML = "it is no YAML: {what}"
    NO_YAML_AT = "it is no YAML at line {line}, column {column}: {what}"
    NO_KEYS = "it should hold keys and values, such as spec_version: 1"
