"""Why a task was proposed, in words: the condition, what the night saw, why that seat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import get_language

from kept.core.conditions import ConditionError, read_condition, say_condition
from kept.core.facts import CURRENCY_COLUMN, Catalogue, FactType
from kept.core.money import Money
from kept.core.strategies import Strategy, catalogue_of
from kept.desk import formats
from kept.desk.prices import said_price
from kept.desk.words import word
from kept.packs.strategies import load_strategies
from kept.work.cases import TaskView
from kept.work.strategies import known_strategy

__all__ = ["Why", "why_of"]


@dataclass(frozen=True, slots=True)
class Why:
    """`said` is the condition as a sentence with the values the night read; `condition` its text.

    Both are empty for a task whose strategy is not here any more. `price` are sentences;
    `by_day` says what called for another decision by day.
    """

    strategy: str
    said: str
    condition: str
    dealing: str
    price: tuple[str, ...] = ()
    by_day: str = ""


def why_of(task: TaskView) -> Why:
    """In the words of the reader; what the night did not write down is left out."""
    strategy = _strategy_of(task)
    condition = str(task.reason.get("condition") or _condition_of(task, strategy))
    dealing = str(task.reason.get("dealing", ""))
    cause = str(task.reason.get("day", {}).get("cause", ""))
    codes = tuple(each.code for each in strategy.treatments) if strategy else ()
    return Why(
        strategy=task.strategy,
        said=_said(condition, catalogue_of(codes), task),
        condition=condition,
        dealing=word(dealing, "dealing") if dealing else "",
        price=said_price(task.reason, task.strategy),
        by_day=word(cause, "day_cause") if cause else "",
    )


def _strategy_of(task: TaskView) -> Strategy | None:
    shipped = (each for each in load_strategies() if each.code == task.strategy)
    return known_strategy(task.strategy) or next(shipped, None)


def _condition_of(task: TaskView, strategy: Strategy | None) -> str:
    treatments = strategy.treatments if strategy else ()
    return next((each.when.text for each in treatments if each.code == task.treatment), "")


def _said(condition: str, catalogue: Catalogue, task: TaskView) -> str:
    try:
        tree = read_condition(condition)
    except ConditionError:
        return ""  # written by hand or by a kept that knew another grammar; the text is shown
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    return say_condition(tree, language, _values(task, catalogue), catalogue=catalogue, show=_show)


def _values(task: TaskView, catalogue: Catalogue) -> Mapping[str, Any]:
    """The facts that the task keeps, and more where the night wrote them down."""
    written: Mapping[str, Any] = task.reason.get("facts", {})
    return {
        "dpd": task.dpd,
        "bucket": task.bucket,
        "balance": task.balance_minor,
        "overdue_balance": task.overdue_minor,
        CURRENCY_COLUMN: task.currency,
        **{name: _from_json(name, value, catalogue) for name, value in written.items()},
    }


def _from_json(name: str, value: Any, catalogue: Catalogue) -> Any:
    is_date = name in catalogue and catalogue[name].type is FactType.DATE
    return date.fromisoformat(value) if is_date and isinstance(value, str) else value


def _show(value: Any) -> str:
    match value:
        case Money():
            return formats.money(value.amount_minor, value.currency.code)
        case date():
            return formats.day(value)
        case int():
            return formats.number(value)
        case _:
            return str(value)
