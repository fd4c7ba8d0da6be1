"""`kept strategy`: check a strategy's file, show it in words, say what a new version changes.

Needs no database. Exit codes of `check`: 0 nothing is wrong, 2 something is, with every place.
"""

from __future__ import annotations

from pathlib import Path

import click

from kept.cli.language import installation_language
from kept.cli.language import translate as _
from kept.cli.shell import Refused
from kept.core.said_changes import Row
from kept.core.strategies import Strategy
from kept.core.strategy_words import strategy_changes, strategy_rows
from kept.packs.strategies import (
    StrategyFileError,
    load_strategies,
    parse_strategy,
)

__all__ = ["strategy"]

_SIGNS = {"added": "+", "removed": "-", "changed": "~"}


@click.group()
def strategy() -> None:
    """Strategies: check a file, list and show them, compare two versions."""


@strategy.command()
@click.argument("file", type=click.Path(path_type=Path))
def check(file: Path) -> None:
    """Read FILE and tell everything that is wrong with it, with line and treatment."""
    found = _of_file(file)
    told = _(
        "%(label)s is in order: %(treatments)s treatments, %(arms)s arms, %(segments)s segments."
    )
    counts = {
        "treatments": len(found.treatments),
        "arms": len(found.arms),
        "segments": len(found.segments),
    }
    click.echo(told % {"label": found.label, **counts})


@strategy.command("list")
def list_strategies() -> None:
    """The strategies that ship with kept, with their days."""
    for each in load_strategies():
        name = each.name_zh if _language() == "zh" else each.name_en
        click.echo(f"{each.label}  {each.valid_from} – {each.valid_to or '…'}  {name}")


@strategy.command()
@click.argument("which")
def show(which: str) -> None:
    """All that WHICH says, in words: a file, or a shipped one such as default:1."""
    for part, rows in strategy_rows(_strategy(which), _language()).items():
        click.echo(f"\n{part}")
        _echo_rows(rows, "  ")


@strategy.command()
@click.argument("old")
@click.argument("new")
def diff(old: str, new: str) -> None:
    """What changes from OLD to NEW: each is a file, or a shipped one such as default:1."""
    before, after = _strategy(old), _strategy(new)
    changes = strategy_changes(before, after, _language())
    click.echo(f"{before.label} → {after.label}: {len(changes)}")
    for change in changes:
        click.echo(f"\n{_SIGNS[change.kind]} {change.name}")
        _echo_rows(change.before, "  - ")
        _echo_rows(change.after, "  + ")


def _echo_rows(rows: tuple[Row, ...], before: str) -> None:
    for label, text in rows:
        click.echo(f"{before}{label}: {text}")


def _strategy(which: str) -> Strategy:
    """A shipped strategy by its label, or that of a file."""
    shipped = {each.label: each for each in load_strategies()}
    if which in shipped:
        return shipped[which]
    if not Path(which).exists():
        told = _("%(which)s is no file and no shipped strategy; there are %(known)s.")
        raise Refused(told % {"which": which, "known": ", ".join(shipped)})
    return _of_file(Path(which))


def _of_file(file: Path) -> Strategy:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        told = _("%(file)s cannot be read: %(why)s.")
        raise Refused(told % {"file": file, "why": error}) from error
    try:
        return parse_strategy(text, file.name)
    except StrategyFileError as error:
        raise Refused(str(error)) from error


def _language() -> str:
    return "en" if installation_language() == "en" else "zh"
