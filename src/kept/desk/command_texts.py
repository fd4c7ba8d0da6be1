"""Which texts commands show of themselves: their help, and what Click says for all of them.

Read from the sources by their syntax tree, so that no command is loaded for it. Click marks its own
texts for the gettext of Python's library; where they come to stand is `kept.cli.language`.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeGuard

import click

__all__ = ["CLICK_SOURCES", "help_texts"]

_MODULES = ("core", "decorators", "exceptions", "formatting", "parser", "termui", "types")
CLICK_SOURCES: Final = tuple(Path(click.__file__).with_name(f"{name}.py") for name in _MODULES)
_MAKERS = {"command", "group"}
_HELP = {"help", "epilog"}
_LIST = "COMMANDS"


def help_texts(source: str) -> Iterator[str]:
    """The help of a source's commands and options, and the lines of the list of commands."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and _makes_command(node):
            yield inspect.cleandoc(ast.get_docstring(node) or "")
        if isinstance(node, ast.Call):
            yield from (_text(each.value) for each in node.keywords if each.arg in _HELP)
        if isinstance(node, ast.Assign) and _is_list(node.targets[0]):
            assert isinstance(node.value, ast.Dict)
            yield from (_text(each.elts[1]) for each in node.value.values if _is_pair(each))


def _makes_command(function: ast.FunctionDef) -> bool:
    calls = (each for each in function.decorator_list if isinstance(each, ast.Call))
    return any(isinstance(each.func, ast.Attribute) and each.func.attr in _MAKERS for each in calls)


def _text(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) and node.value else ""


def _is_list(target: ast.expr) -> bool:
    return isinstance(target, ast.Name) and target.id == _LIST


def _is_pair(node: ast.expr) -> TypeGuard[ast.Tuple]:
    return isinstance(node, ast.Tuple) and len(node.elts) == 2
