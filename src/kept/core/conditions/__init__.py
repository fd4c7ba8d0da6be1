"""Conditions: short expressions over facts, written by business people, true, false or unknown.

from kept.core.conditions import compile_condition, with_truths

due = compile_condition('6 <= dpd <= 17 and balance >= money(500, "CNY")')
due.evaluate({"dpd": 9, "balance": 70_000, "currency": "CNY"}).surely_true
with_truths(frame, {"due": due})
"""

from kept.core.conditions.condition import Condition, compile_condition
from kept.core.conditions.errors import ConditionError, ConditionErrorCode, FactsError
from kept.core.conditions.frames import facts_in, truths_out, with_truths
from kept.core.conditions.printing import print_condition
from kept.core.conditions.reading import read_condition
from kept.core.conditions.saying import say_condition

__all__ = [
    "Condition",
    "ConditionError",
    "ConditionErrorCode",
    "FactsError",
    "compile_condition",
    "facts_in",
    "print_condition",
    "read_condition",
    "say_condition",
    "truths_out",
    "with_truths",
]
