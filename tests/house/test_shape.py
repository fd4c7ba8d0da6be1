"""The limits that keep the house small enough to read, and names that mean one thing."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "kept"

#: Where everything may be caught: the edges of request and command, and the worker loop.
CATCH_ALL = {"cli/__init__.py", "desk/errors.py", "running/worker.py"}

VAGUE_MODULES = {"utils", "helpers", "common", "manager", "base", "misc"}

#: Glossary: one concept, one name. These are other names for nouns that have one.
OTHER_NAMES = re.compile(
    r"^(Customer|Borrower|Client|Consumer|Obligor|Loan|Debt|Contract|Receivable|Ticket|Matter|"
    r"WorkItem|Officer|Operator|Supervisor|Vendor|Lender|Principal|Todo|Disposition|Dial|"
    r"AuditLog|Queue|Inbox|Workflow|Playbook)$"
)


@cache
def modules() -> tuple[tuple[str, ast.Module, int], ...]:
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        if "migrations" not in path.parts:
            text = path.read_text(encoding="utf-8")
            name = str(path.relative_to(SOURCE))
            found.append((name, ast.parse(text), text.count("\n")))
    return tuple(found)


def functions() -> Iterator[tuple[str, int]]:
    for name, tree, _lines in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno is not None
                yield f"{name}:{node.lineno} {node.name}", node.end_lineno - node.lineno + 1


def test_no_function_is_over_60_lines_and_half_are_under_10() -> None:
    lengths = dict(functions())
    assert {name: n for name, n in lengths.items() if n > 60} == {}
    assert median(lengths.values()) < 10


def test_no_file_is_over_600_lines() -> None:
    assert {name: lines for name, _tree, lines in modules() if lines > 600} == {}


def test_every_module_says_what_it_does() -> None:
    missing = [
        name for name, tree, lines in modules() if lines > 1 and ast.get_docstring(tree) is None
    ]
    assert missing == []


def test_only_the_edges_catch_everything() -> None:
    broad = [
        f"{name}:{node.lineno}"
        for name, tree, _lines in modules()
        if name not in CATCH_ALL
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or getattr(node.type, "id", "") in {"Exception", "BaseException"})
    ]
    assert broad == []


def test_nothing_is_named_vaguely() -> None:
    names = {part for name, _t, _l in modules() for part in Path(name).with_suffix("").parts}
    assert names & VAGUE_MODULES == set()


def test_classes_keep_to_the_glossary() -> None:
    classes = [
        f"{name}:{node.lineno} {node.name}"
        for name, tree, _lines in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and OTHER_NAMES.match(node.name)
    ]
    assert classes == []


@pytest.mark.parametrize("floor", ["core", "packs", "store", "work", "batch"])
def test_below_the_faces_nobody_asks_for_the_time(floor: str) -> None:
    asking = re.compile(
        r"\b(datetime\.now|datetime\.utcnow|date\.today|timezone\.now|time\.time|time\.monotonic)\("
    )
    found = [
        str(path.relative_to(SOURCE))
        for path in (SOURCE / floor).rglob("*.py")
        if asking.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def tracked_files() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout: there is no list of the project's files")
    return [name for name in listed.stdout.split("\0") if name]


def test_no_file_names_a_package_registry() -> None:
    registry = re.compile(rb"https?://[^\s]*(py" rb"pi|python" rb"hosted|np" rb"mjs)")
    found = [
        name
        for name in tracked_files()
        if (ROOT / name).is_file() and registry.search((ROOT / name).read_bytes())
    ]
    assert found == []
