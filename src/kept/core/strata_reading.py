"""Reading `stratify_by`: which facts, in which bands, with the place of each error."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from kept.core.arms import ARM_DRAW
from kept.core.currencies import UnknownCurrency
from kept.core.fact_kinds import Fact, FactType, Use
from kept.core.facts import Catalogue
from kept.core.intake.nodes import Node, nearest
from kept.core.money import MoneyError, parse_money
from kept.core.strata import StratumFact
from kept.core.strategy_faults import StrategyText

__all__ = ["read_strata"]

_KEYS: Final = ("fact", "bands")
_FACTS_MOST: Final = 3
_BANDS_MOST: Final = 9
_WHOLE: Final = re.compile(r"-?[0-9]{1,18}")


def read_strata(node: Node, catalogue: Catalogue, has_arms: bool) -> tuple[StratumFact, ...]:
    """At most three facts; numbers and amounts need bands, booleans and categories have none."""
    if node.value is None:
        return ()
    if not has_arms:
        node.wrong(StrategyText.STRATA_NO_ARMS)
    rows = node.children()
    if len(rows) > _FACTS_MOST:
        node.wrong(StrategyText.TOO_MANY, most=_FACTS_MOST, found=len(rows))
    found = [_stratum(row, catalogue) for row in rows[:_FACTS_MOST]]
    named = [each.fact for each in found if each is not None]
    for name in sorted(set(named)):
        if named.count(name) > 1:
            node.wrong(StrategyText.CODE_TWICE, code=repr(name), times=named.count(name))
    return tuple(each for each in found if each is not None)


def _stratum(row: Node, catalogue: Catalogue) -> StratumFact | None:
    keys = row.fields(_KEYS, ("fact",))
    if "fact" not in keys:
        return None
    fact = _fact(keys["fact"], catalogue)
    if fact is None:
        return None
    bands = keys.get("bands")
    values = bands.children() if bands is not None and bands.value is not None else []
    if fact.type in (FactType.INTEGER, FactType.MONEY):
        if not 1 <= len(values) <= _BANDS_MOST:
            row.wrong(StrategyText.STRATA_BANDS, fact=fact.name, most=_BANDS_MOST)
            return None
        return _banded(fact, row, values)
    if bands is not None:
        bands.wrong(StrategyText.STRATA_NO_BANDS, fact=fact.name)
    return StratumFact(fact.name)


def _fact(node: Node, catalogue: Catalogue) -> Fact | None:
    """A fact that a strategy may read; what it asks about protected attributes holds here too."""
    name = node.text()
    fact = catalogue.get(name)
    if fact is None:
        near = nearest(name, catalogue)
        if near:
            node.wrong(StrategyText.NO_FACT_NEAR, found=repr(name), near=near[0])
        else:
            node.wrong(StrategyText.NO_FACT, found=repr(name))
        return None
    if fact.protected:
        node.wrong(StrategyText.STRATA_PROTECTED, fact=name)
    elif Use.STRATEGY not in fact.use or name == ARM_DRAW or fact.type is FactType.DATE:
        node.wrong(StrategyText.STRATA_NOT_FOR, fact=name)
    else:
        return fact
    return None


def _banded(fact: Fact, row: Node, values: Sequence[Node]) -> StratumFact | None:
    found = [_value(fact, each) for each in values]
    whole = [each for each in found if each is not None]
    if len(whole) < len(found):
        return None
    amounts = [amount for amount, _currency in whole]
    currencies = {currency for _amount, currency in whole}
    if amounts != sorted(set(amounts)) or len(currencies) > 1:
        row.wrong(StrategyText.STRATA_RISING)
        return None
    return StratumFact(fact.name, tuple(amounts), currencies.pop())


def _value(fact: Fact, node: Node) -> tuple[int, str] | None:
    text = node.text()
    if fact.type is FactType.INTEGER:
        if _WHOLE.fullmatch(text):
            return int(text), ""
        node.wrong(StrategyText.STRATA_WHOLE, found=repr(text))
        return None
    amount, _space, code = text.rpartition(" ")
    try:
        money = parse_money(amount.strip(), code)
    except (MoneyError, UnknownCurrency):
        node.wrong(StrategyText.STRATA_MONEY, found=repr(text))
        return None
    return money.amount_minor, money.currency.code
