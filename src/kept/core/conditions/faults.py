"""What may be wrong with a condition's text: English source texts with named places.

`ConditionError` carries one with its values; faces translate the text before they fill it.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = ["ConditionFault"]


class ConditionFault(StrEnum):
    PLACED = "line {line}, column {column}: {what}"
    # Characters.
    TOO_LONG = "{found} characters; a condition has at most {most}: split it"
    NO_PLACE = "{found} has no place in a condition"
    GLUED = "{found}: put a space between a number and a word"
    ASSIGNED = "write == to compare"
    BANG = "write 'not', or != to compare"
    SLASH = "write // : division is of whole numbers, rounded down"
    NO_PLACE_ADVISED = "{found} has no place here: {advice}"
    WRITE = "write {instead}"
    WRITE_PLAIN = "write a plain {sign}"
    WHOLE_NUMBERS = "whole numbers only; a decimal amount is text: {example}"
    ROUND_BRACKETS = "write a list in round brackets: (1, 2)"
    NOT_CLOSED = "this text is not closed"
    PLAIN_ASCII = "names and signs are plain ASCII; text stands in quotes"
    # The expression.
    NO_TEXT = "a condition is text, not {found}"
    EMPTY = "the condition is empty"
    NO_EXPRESSION = "not an expression: {why}"
    ENDS_EARLY = "not an expression: the text ends too early"
    TOO_DEEP = "nested deeper than {most}: split the condition"
    NO_POWERS = "powers are not part of conditions"
    NO_IF = "'if … else' is not part of conditions; write (a and b) or (not a and c)"
    NO_IS = "write == in place of 'is'; for the unknown write is_unknown(fact)"
    NO_IS_NOT = "write != in place of 'is not'; for the unknown write known(fact)"
    NO_PLUS = "leave out the sign +"
    NO_LIST = "a list stands only after 'in'"
    NOT_TAKEN = "this is not part of conditions"
    IN_CHAINED = "'in' does not chain; join two conditions"
    IN_WHAT = "after 'in' stands a list of values: (1, 2), and (1,) for one"
    VALUES_ONLY = "a list holds values only, no facts"
    QUOTES = "a text holds one kind of quote"
    BIG_NUMBER = "a number beyond 64 bits"
    IS_FUNCTION = "{name} is a function: {example}"
    NO_FUNCTION = "no function {name}; there are {known}"
    NO_FUNCTION_NEAR = "no function {name}; did you mean {near}?"
    WRITE_CALL = "write {example}"
    NO_DAY = "{found} is no day; write 2026-01-31"
    # Facts and types.
    A_WHOLE_NUMBER = "a whole number"
    MONEY = "money"
    TRUE_OR_FALSE = "true or false"
    A_TEXT = "text"
    A_DATE = "a date"
    NO_CONDITION = "{what} is {kind}, not a condition: compare it, such as {example}"
    NO_ORDER = "{what} is {kind}, which has no order; compare by == or !="
    NOT_COMPARABLE = "{left} is {left_kind} and {right} is {right_kind}: they cannot be compared"
    NOT_COMPARABLE_MONEY = (
        "{left} is {left_kind} and {right} is {right_kind}: they cannot be compared; write amounts"
        " as {example}"
    )
    NEVER_OF = "{what} is never {found}; it is one of {known}"
    IN_PLACE_OF_VALUE = (
        "a condition stands here in the place of a value; join conditions with and, or, not"
    )
    NOT_CALCULABLE = "{what} is {kind}; only whole numbers and money are calculated with"
    BY_ZERO = "division by zero"
    NO_MEANING = (
        "{left} {operator} {right} has no meaning; money is added to money, taken from money, and"
        " multiplied by a whole number"
    )
    TOO_BIG = "{what} may grow beyond 64 bits; calculate with smaller numbers"
    TWO_CURRENCIES = "{one} and {other} in one calculation; compare each by itself"
    PROTECTED = "{name} is a protected attribute and may not be named here"
    NOT_FOR_USE = "{name} is not for {use} and may not be named here"
    NO_SURELY = "a rule of law fires unless it surely fails; leave surely out"
    CURRENCY_WITH_AMOUNT = "the currency is named with the amount: {example}"
    NO_FACT = "there is no fact {name}; the facts are listed in the catalogue"
    NO_FACT_NEAR = "there is no fact {name}; did you mean {near}?"
