"""Random conditions over random facts: one case, Polars and an oracle say the same.

The same on PySpark is in test_on_spark.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from random import Random
from typing import Any

import polars as pl
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from kept.core.conditions import (
    Condition,
    ConditionError,
    ConditionErrorCode,
    compile_condition,
    print_condition,
    read_condition,
    with_truths,
)
from kept.core.conditions.tree import (
    ARITHMETIC,
    COMPARATORS,
    AllOf,
    Amount,
    AnyOf,
    Arithmetic,
    Comparison,
    Day,
    Flag,
    IsKnown,
    Membership,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Surely,
    Text,
)
from kept.core.currencies import currency
from kept.core.facts import CATALOGUE, Catalogue, Fact, FactType
from kept.core.money import Money
from kept.core.truth import FALSE, TRUE, UNKNOWN, Truth

# --- facts ----------------------------------------------------------------------------------------

WIDE = Fact("wide", FactType.INTEGER, "a wide number", "大数", least=-(2**61), most=2**61)
FACTS: Catalogue = CATALOGUE.extended([WIDE])
INTEGERS = ("dpd", "attempts_7d", "days_since_last_payment", "wide")
MONEYS = ("balance", "overdue_balance", "last_payment")
BOOLEANS = ("has_open_promise", "has_email")
CATEGORIES = ("creditor", "language")
DATES = ("last_payment_date",)

SCHEMA: dict[str, Any] = {
    **dict.fromkeys((*INTEGERS, *MONEYS), pl.Int64),
    **dict.fromkeys(BOOLEANS, pl.Boolean),
    **dict.fromkeys((*CATEGORIES, "currency"), pl.String),
    **dict.fromkeys(DATES, pl.Date),
}

POOL = [-(2**63), -(2**53) - 1, -31, -7, -3, -1, 0, 1, 2, 3, 7, 30, 31, 100]
POOL += [2**31, 2**53 - 1, 2**53, 2**53 + 1, 2**55, 2**55 + 1, 2**61, 2**62 + 1, 2**63 - 1]
numbers = st.sampled_from(POOL) | st.integers(-40, 40)
TEXTS = ["", "A", "B", "张三", "it's", 'say "x"']
DAYS = [date(1969, 12, 31), date(1970, 1, 1), date(2026, 1, 31), date(9999, 12, 31)]
texts, days = st.sampled_from(TEXTS), st.sampled_from(DAYS)
codes = st.sampled_from(["CNY", "USD", "JPY"])

Facts = dict[str, Any]


def facts_of(random: Random, unknown: float = 1 / 6) -> Facts:
    """One case; `unknown` is the share of facts without a value."""
    choices: dict[Any, Callable[[], Any]] = {
        pl.Int64: lambda: random.choice([random.choice(POOL), random.randint(-40, 40)]),
        pl.Boolean: lambda: random.random() < 0.5,
        pl.String: lambda: random.choice(TEXTS),
        pl.Date: lambda: random.choice(DAYS),
    }
    facts = {name: choices[kind]() for name, kind in SCHEMA.items()}
    facts["currency"] = random.choice(["CNY", "CNY", "USD", "JPY"])
    return {name: None if random.random() < unknown else value for name, value in facts.items()}


def table_of(seed: int) -> list[Facts]:
    """A table from a seed: drawing each value by itself costs more than all the rest."""
    random = Random(seed)
    unknown = random.choice([0, 1 / 6, 1 / 6, 1 / 2])
    return [facts_of(random, unknown) for _ in range(24)]


tables = st.integers(0, 2**32).map(table_of)
rows = st.integers(0, 2**32).map(lambda seed: facts_of(Random(seed)))


# --- conditions -----------------------------------------------------------------------------------


def names(of: tuple[str, ...]) -> st.SearchStrategy[Node]:
    return st.sampled_from(of).map(Name)


def _negative(operand: Node) -> Node:
    """As the reader does: minus a literal is a literal."""
    match operand:
        case Number(value=value) if value != -(2**63):
            return Number(-value)
        case Amount(value=money) if money.amount_minor != -(2**63):
            return Amount(-money)
    return Negative(operand)


def amounts(code: str) -> st.SearchStrategy[Node]:
    return numbers.map(lambda minor: Amount(Money(minor, currency(code))))


def calculations(
    leaves: st.SearchStrategy[Node], times: st.SearchStrategy[Node], signs: tuple[str, ...]
) -> st.SearchStrategy[Node]:
    def larger(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        return (
            st.builds(Arithmetic, st.sampled_from(signs), inner, inner)
            | st.builds(Arithmetic, st.just("*"), inner, times)
            | inner.map(_negative)
        )

    return st.recursive(leaves, larger, max_leaves=4)


small = st.integers(-9, 9).map(Number)
whole = calculations(names(INTEGERS) | numbers.map(Number), small, ARITHMETIC)


def money_in(code: str) -> st.SearchStrategy[Node]:
    return calculations(names(MONEYS) | amounts(code), small, ("+", "-"))


def comparisons(
    values: st.SearchStrategy[Node], signs: tuple[str, ...] = COMPARATORS
) -> st.SearchStrategy[Node]:
    rest = st.lists(st.tuples(st.sampled_from(signs), values), min_size=1, max_size=3).map(tuple)
    return st.builds(Comparison, values, rest)


def memberships(
    values: st.SearchStrategy[Node], items: st.SearchStrategy[Node]
) -> st.SearchStrategy[Node]:
    several = st.lists(items, min_size=1, max_size=4).map(tuple)
    return st.builds(Membership, values, several, st.booleans())


EQUAL = ("==", "!=")
category = names(CATEGORIES) | texts.filter(lambda text: "'" not in text or '"' not in text).map(
    Text
)
leaf_conditions: st.SearchStrategy[Node] = (
    comparisons(whole)
    | codes.flatmap(lambda code: comparisons(money_in(code)))
    | comparisons(category, EQUAL)
    | comparisons(names(BOOLEANS) | st.booleans().map(Flag), EQUAL)
    | comparisons(names(DATES) | days.map(Day))
    | memberships(whole, numbers.map(Number))
    | codes.flatmap(lambda code: memberships(money_in(code), amounts(code)))
    | memberships(category, texts.map(Text))
    | memberships(names(DATES), days.map(Day))
    | names(BOOLEANS)
    | st.booleans().map(Flag)
    | st.builds(
        IsKnown, st.sampled_from(INTEGERS + MONEYS + BOOLEANS + CATEGORIES + DATES), st.booleans()
    )
)


def _joined(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(inner, min_size=2, max_size=4).map(tuple)
    return several.map(AllOf) | several.map(AnyOf) | inner.map(Not) | inner.map(Surely)


trees = st.recursive(leaf_conditions, _joined, max_leaves=6)


def _compiled(tree: Node) -> Condition | None:
    """None where the random arithmetic could overflow or divides by a constant zero."""
    try:
        return compile_condition(print_condition(tree), FACTS)
    except ConditionError as refused:
        if refused.code not in (ConditionErrorCode.OVERFLOW, ConditionErrorCode.ZERO_DIVISION):
            raise
        return None


conditions = trees.map(_compiled).filter(lambda condition: condition is not None)

# --- the oracle: a second reading of the meaning, with Python's own arithmetic --------------------


def oracle(node: Node, facts: Mapping[str, Any]) -> bool | None:
    match node:
        case AllOf(parts=parts):
            found = [oracle(part, facts) for part in parts]
            return False if False in found else None if None in found else True
        case AnyOf(parts=parts):
            found = [oracle(part, facts) for part in parts]
            return True if True in found else None if None in found else False
        case Not(operand=operand):
            inner = oracle(operand, facts)
            return None if inner is None else not inner
        case Surely(operand=operand):
            return oracle(operand, facts) is True
        case Comparison(first=first, rest=rest):
            operands = [first, *(operand for _, operand in rest)]
            pairs = [
                _pair(left, sign, right, facts)
                for left, (sign, _), right in zip(operands, rest, operands[1:], strict=False)
            ]
            return False if False in pairs else None if None in pairs else True
        case Membership(value=value, items=items, negated=negated):
            hits = [_pair(value, "==", item, facts) for item in items]
            inside = True if True in hits else None if None in hits else False
            return None if inside is None else inside != negated
        case IsKnown(name=name, wanted=wanted):
            lacks_currency = name in MONEYS and facts["currency"] is None
            return (facts[name] is not None and not lacks_currency) == wanted
        case Flag(value=flag):
            return flag
        case Name(name=name):
            known: bool | None = facts[name]
            return known
    raise AssertionError(node)


def _pair(left: Node, sign: str, right: Node, facts: Mapping[str, Any]) -> bool | None:
    if _names(left) | _names(right) <= set(MONEYS) | set(INTEGERS):
        used = (_names(left) | _names(right)) & set(MONEYS)
        wanted = _codes(left) | _codes(right)
        if used and (facts["currency"] is None or wanted - {facts["currency"]}):
            return None
    a, b = _value(left, facts), _value(right, facts)
    if a is None or b is None:
        return None
    return {"==": a == b, "!=": a != b}[sign] if sign in EQUAL else _ordered(a, sign, b)


def _ordered(a: Any, sign: str, b: Any) -> bool:
    return bool({"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[sign])


def _value(node: Node, facts: Mapping[str, Any], calculated: bool = False) -> Any:
    match node:
        case Number(value=value) | Text(value=value) | Flag(value=value) | Day(value=value):
            return value
        case Amount(value=money):
            return money.amount_minor
        case Name(name=name):
            found = facts[name]
            if calculated and found is not None:
                return found if FACTS[name].low <= found <= FACTS[name].high else None
            return found
        case Negative(operand=operand):
            inner = _value(operand, facts, True)
            return None if inner is None else -inner
        case Arithmetic(operator=sign):
            a, b = _value(node.left, facts, True), _value(node.right, facts, True)
            if a is None or b is None or (sign in ("//", "%") and b == 0):
                return None
            return eval(f"a {sign} b", {"a": a, "b": b})
    raise AssertionError(node)


def _walk(node: Node) -> list[Node]:
    inner = [getattr(node, name) for name in ("operand", "left", "right") if hasattr(node, name)]
    return [node, *(below for part in inner for below in _walk(part))]


def _names(node: Node) -> set[str]:
    return {part.name for part in _walk(node) if isinstance(part, Name)}


def _codes(node: Node) -> set[str]:
    return {part.value.currency.code for part in _walk(node) if isinstance(part, Amount)}


KLEENE: dict[bool | None, Truth[bool]] = {True: TRUE, False: FALSE, None: UNKNOWN}

# --- properties -----------------------------------------------------------------------------------

slow_to_draw = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


@settings(slow_to_draw, max_examples=200)
@given(conditions, tables)
def test_one_case_is_what_the_oracle_says(condition: Condition, table: list[Facts]) -> None:
    for facts in table:
        assert condition.evaluate(facts) == KLEENE[oracle(condition.tree, facts)]


@settings(slow_to_draw, max_examples=120)
@given(st.lists(conditions, min_size=1, max_size=4), tables)
def test_polars_says_what_one_case_says(several: list[Condition], table: list[Facts]) -> None:
    frame = pl.DataFrame(table, schema=SCHEMA)
    found = with_truths(frame, named(several), surely_false=True)
    assert found.columns[: len(SCHEMA)] == frame.columns
    agree(several, table, found.rows(named=True))
    lazy = with_truths(frame.lazy(), named(several), surely_false=True)
    assert lazy.collect().equals(found)


# Where a double in between would show: quotients and products that it cannot hold.
WIDE_TEXTS = (
    "wide // 1 == 9007199254740993",
    "wide // -1 == -9007199254740993",
    "wide // 3 == 768614336404564650",
    "wide % 7 == 2",
    "wide // dpd == 9007199254740993",
    "balance * 100 == overdue_balance * 99 + last_payment",
)
WIDE_ROWS = [
    dict.fromkeys(SCHEMA) | {"wide": wide, "dpd": 1, "currency": "CNY"}
    for wide in (2**53 + 1, 2**53, -(2**53) - 1, 2**61, 2**61 - 1)
]


def test_polars_is_exact_beyond_what_a_double_holds() -> None:
    several = [compile_condition(text, FACTS) for text in WIDE_TEXTS]
    found = with_truths(pl.DataFrame(WIDE_ROWS, schema=SCHEMA), named(several), surely_false=True)
    agree(several, WIDE_ROWS, found.rows(named=True))
    for name in ("c0", "c2", "c4"):
        assert found[name].sum() == 1 + (name == "c2")


def named(several: list[Condition]) -> dict[str, Condition]:
    return {f"c{index}": condition for index, condition in enumerate(several)}


def agree(several: list[Condition], table: list[Facts], found: list[Facts]) -> None:
    for facts, row in zip(table, found, strict=True):
        for name, condition in named(several).items():
            columns = Truth(row[name], row[f"{name}__false"])
            assert columns == condition.evaluate(facts), str(condition)


@settings(slow_to_draw, max_examples=250)
@given(trees)
def test_parse_print_parse_is_the_identity(tree: Node) -> None:
    printed = print_condition(tree)
    assert read_condition(printed) == tree
    assert print_condition(read_condition(printed)) == printed


@settings(slow_to_draw, max_examples=80)
@given(conditions, rows, tables)
def test_what_is_sure_stays_so_whatever_the_unknown_turns_out_to_be(
    condition: Condition, facts: Facts, completions: list[Facts]
) -> None:
    assume(not any(word in str(condition) for word in ("known(", "unknown(", "surely(")))
    truth = condition.evaluate(facts)
    for completion in completions:
        filled = {
            name: completion[name] if value is None else value for name, value in facts.items()
        }
        later = condition.evaluate(filled)
        assert not (truth.surely_true and later.surely_false)
        assert not (truth.surely_false and later.surely_true)


@settings(slow_to_draw, max_examples=80)
@given(conditions, conditions, rows)
def test_the_laws_of_kleene(one: Condition, other: Condition, facts: Facts) -> None:
    def says(text: str) -> Truth[bool]:
        return compile_condition(text, FACTS).evaluate(facts)

    a, b = f"({one})", f"({other})"
    assume(len(a) + len(b) < 1_000)
    assert says(f"not ({a} and {b})") == says(f"not {a} or not {b}")
    assert says(f"not ({a} or {b})") == says(f"not {a} and not {b}")
    assert says(f"not not {a}") == says(a) == says(f"{a} and {a}") == says(f"{a} or {a}")
    assert says(f"{a} and {b}") == says(f"{b} and {a}")
    assert says(f"{a} or {a} and {b}") == says(a)
    assert says(f"surely({a} and {b})") == says(f"surely({a}) and surely({b})")
    assert says(f"surely(surely({a}))") == says(f"surely({a})") != UNKNOWN
    assert says(f"surely({a})").surely_true == says(a).surely_true
    assert not all(says(a))
