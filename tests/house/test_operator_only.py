"""Predicates that run on one case and on columns are written with operators only.

A module whose docstring says "operator-only" is held to it whole; a module with a tuple
`OPERATOR_ONLY` in the functions it names. `if`, `and` or `~` would be right on one case and wrong,
or an error, on a column.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

CORE = Path(__file__).resolve().parents[2] / "src" / "kept" / "core"

STATEMENTS: dict[type[ast.AST], str] = {
    ast.If: "if: use where",
    ast.IfExp: "if … else: use where",
    ast.BoolOp: "and, or: use & and |",
    ast.For: "a loop",
    ast.While: "a loop",
    ast.ListComp: "a comprehension",
    ast.SetComp: "a comprehension",
    ast.DictComp: "a comprehension",
    ast.GeneratorExp: "a comprehension",
    ast.JoinedStr: "an f-string",
    ast.Match: "match: use where",
    ast.Assert: "assert",
    ast.Try: "try",
    ast.Not: "not: use not_",
    ast.Invert: "~: it makes -2 of True; use not_",
    ast.BitXor: "^: use != of truths",
    ast.In: "in: use is_in",
    ast.NotIn: "not in: use is_in and not_",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.Div: "/: use div",
    ast.FloorDiv: "//: use div",
    ast.Mod: "%: use mod",
    ast.Pow: "**",
}
CALLS = {"min": "least", "max": "greatest", "len": "", "any": "|", "all": "&", "sum": "+"}
CALLS |= {"bool": "", "int": "", "abs": "where", "divmod": "div and mod", "round": "", "sorted": ""}


def problems(source: str) -> list[str]:
    """What breaks the rule in a module's source, each with its line."""
    module = ast.parse(source)
    return [
        f"line {node.lineno}: {said}"
        for function in _held(module)
        for node in ast.walk(function)
        for said in _wrong(node)
        if isinstance(node, ast.expr | ast.stmt)
    ]


def _held(module: ast.Module) -> Iterator[ast.AST]:
    if "operator-only" in (ast.get_docstring(module) or ""):
        yield from module.body
        return
    names = _declared(module)
    found = {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}
    for name in names:
        yield found[name]


def _declared(module: ast.Module) -> tuple[str, ...]:
    for node in module.body:
        target = node.target if isinstance(node, ast.AnnAssign) else None
        if isinstance(node, ast.Assign):
            target = node.targets[0]
        if isinstance(target, ast.Name) and target.id == "OPERATOR_ONLY":
            return tuple(ast.literal_eval(node.value))  # type: ignore[union-attr]
    return ()


def _wrong(node: ast.AST) -> Iterator[str]:
    operators: list[ast.AST] = [node]
    match node:
        case ast.UnaryOp(op=operator) | ast.BinOp(op=operator) | ast.AugAssign(op=operator):
            operators.append(operator)
        case ast.Compare(left=left, ops=ops, comparators=operands):
            operators.extend(ops)
            if len(ops) > 1:
                yield "a chained comparison: use between"
            if any(_joins(operand) for operand in (left, *operands)):
                yield "& or | inside a comparison: put the comparison in brackets"
        case ast.Call(func=ast.Name(id=name)) if name in CALLS:
            yield f"{name}(): use {CALLS[name] or 'an operator'}"
    for found in operators:
        if type(found) in STATEMENTS:
            yield STATEMENTS[type(found)]


def _joins(operand: ast.expr) -> bool:
    return isinstance(operand, ast.BinOp) and isinstance(operand.op, ast.BitAnd | ast.BitOr)


def test_declared_predicates_are_operator_only() -> None:
    found = {
        str(path.relative_to(CORE)): wrong
        for path in sorted(CORE.rglob("*.py"))
        if (wrong := problems(path.read_text(encoding="utf-8")))
    }
    assert not found


def test_the_modules_that_must_be_held_are_held() -> None:
    held = {
        str(path.relative_to(CORE))
        for path in CORE.rglob("*.py")
        if list(_held(ast.parse(path.read_text(encoding="utf-8"))))
    }
    assert {"truth.py", "conditions/steps.py", "calendar.py"} <= held


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("return a if b else c", "where"),
        ("return a and b", "& and |"),
        ("return not a", "not_"),
        ("return ~a", "not_"),
        ("return a ^ b", "!= of truths"),
        ("return a in b", "is_in"),
        ("return a not in b", "is_in"),
        ("return a is None", "is"),
        ("return 1 < a < 3", "between"),
        ("return a & b > c", "brackets"),
        ("return (a < b) | c == d", "brackets"),
        ("return a / b", "div"),
        ("return a // b", "div"),
        ("return a % b", "mod"),
        ("return a ** b", "**"),
        ("return min(a, b)", "least"),
        ("return len(a)", "operator"),
        ("return [x for x in a]", "comprehension"),
        ("return all(x for x in a)", "comprehension"),
        ("return f'{a}'", "f-string"),
        ("for x in a: return x", "loop"),
        ("while a: return a", "loop"),
        ("a //= b", "div"),
        ("assert a", "assert"),
    ],
)
def test_what_is_forbidden_is_found(line: str, said: str) -> None:
    found = problems(f'"""Steps, operator-only."""\n\ndef step(a, b, c, d):\n    {line}\n')
    assert found
    assert found[0].startswith("line 4: ")
    assert any(said in problem for problem in found)


@pytest.mark.parametrize(
    "line",
    [
        "return (a >= b) & (c < d) | (a == b)",
        "return where(a > b, a + c * 2, 0 - d)",
        "return not_(is_in(a, (1, 2))) & between(b, 1, 2)",
        "return div(a, b), mod(a, 7)",
    ],
)
def test_what_is_allowed_passes(line: str) -> None:
    assert problems(f'"""Steps, operator-only."""\n\ndef step(a, b, c, d):\n    {line}\n') == []


def test_only_the_named_functions_of_a_mixed_module_are_held() -> None:
    source = "OPERATOR_ONLY = ('one',)\ndef one(a):\n    {}\ndef two(a):\n    return not a\n"
    assert problems(source.format("return a + 1")) == []
    assert problems(source.format("return not a")) == ["line 3: not: use not_"]
    assert problems("def two(a):\n    return not a\n") == []
    with pytest.raises(KeyError):
        problems("OPERATOR_ONLY: Final = ('gone',)\n")
