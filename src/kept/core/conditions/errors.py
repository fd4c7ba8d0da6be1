"""What may be wrong with a condition's text, and with the facts given to a compiled one."""

from __future__ import annotations

from enum import StrEnum

from kept.core.conditions.faults import ConditionFault
from kept.core.said import Said

__all__ = ["ConditionError", "ConditionErrorCode", "FactsError"]


class ConditionErrorCode(StrEnum):
    """The closed list of what a text may be refused for."""

    TOO_LONG = "too_long"
    TOO_DEEP = "too_deep"
    CHARACTER = "character"  # a character that no condition needs
    SYNTAX = "syntax"  # not an expression
    GRAMMAR = "grammar"  # an expression, with a part that conditions do not have
    UNKNOWN_NAME = "unknown_name"
    UNKNOWN_CALL = "unknown_call"
    USE = "use"  # a fact that this kind of text may not read
    TYPE = "type"
    CURRENCY = "currency"
    AMOUNT = "amount"
    DATE = "date"
    CATEGORY = "category"  # a value that the category does not have
    NUMBER = "number"  # an integer beyond 64 bits
    OVERFLOW = "overflow"  # arithmetic that could leave 64 bits
    ZERO_DIVISION = "zero_division"


class ConditionError(ValueError):
    """The text is no condition. `message` says what to do; line and column count from 1.

    `said` is the same with its place, for another language.
    """

    def __init__(self, code: ConditionErrorCode, what: Said, line: int, column: int) -> None:
        self.said = Said(ConditionFault.PLACED, line=line, column=column, what=what)
        super().__init__(str(self.said))
        self.code = code
        self.message = str(what)
        self.line = line
        self.column = column


class FactsError(ValueError):
    """The facts given to a compiled condition lack one that it reads, or hold another type."""
