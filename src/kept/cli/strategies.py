"""`kept strategy`: check a strategy's file, show it in words, say what a new version changes.

A file and a shipped strategy need no database. Exit codes of `check`: 0 nothing is wrong, 2
something is, with every place. Steps of a version's life are `strategy_life.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Final

import click

from kept.cli.files import text_of_file
from kept.cli.language import installation_language
from kept.cli.language import translate as _
from kept.cli.shell import Refused, creditor_named, open_shell
from kept.cli.strategy_life import LIFE
from kept.core.intake.nodes import Problem
from kept.core.said_changes import Row
from kept.core.strategies import Strategy
from kept.core.strategy_words import strategy_changes, strategy_rows
from kept.packs.strategies import (
    StrategyFileError,
    load_strategies,
    parse_strategy,
    refuse_problems,
)

__all__ = ["strategy"]

_LABEL: Final = re.compile(r"[a-z][a-z0-9_]{0,31}:[0-9]{1,7}")
_SIGNS = {"added": "+", "removed": "-", "changed": "~"}


@click.group()
def strategy() -> None:
    """Strategies: check, list, show and compare them; draft, approve and put them in force."""


for _command in LIFE:
    strategy.add_command(_command)


@strategy.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--language", "languages", multiple=True, help="A language of the book, such as en.")
@click.option("--creditor", help="Whose book: its languages and seats. Needs the database.")
def check(file: Path, languages: tuple[str, ...], creditor: str | None) -> None:
    """Read FILE and tell everything that is wrong with it, with line and treatment.

    Scripts and templates must be there, in each language of the book.
    """
    found = _of_file(file)
    warnings: list[str] = []
    if creditor is None:
        problems = _lacking_shipped(found, languages)
    else:
        problems, warnings = _of_book(found, creditor, languages)
    _refuse_texts(problems, file)
    told = _(
        "%(label)s is in order: %(treatments)s treatments, %(arms)s arms, %(segments)s segments."
    )
    counts = {
        "treatments": len(found.treatments),
        "arms": len(found.arms),
        "segments": len(found.segments),
    }
    click.echo(told % {"label": found.label, **counts})
    for warning in warnings:
        click.echo(warning)


def _lacking_shipped(found: Strategy, languages: tuple[str, ...]) -> Sequence[Problem]:
    """Against the texts that ship; those of the house are known to the database alone."""
    from kept.core.texts import text_problems
    from kept.packs.scripts import load_texts

    return text_problems(found, load_texts(), languages)


def _refuse_texts(problems: Sequence[Problem], file: Path) -> None:
    try:
        refuse_problems(problems, file.read_text(encoding="utf-8"), file.name)
    except StrategyFileError as error:
        raise Refused(error.told(file.name, _)) from error


def _of_book(
    found: Strategy, code: str, languages: tuple[str, ...]
) -> tuple[Sequence[Problem], list[str]]:
    """What a creditor's texts lack in the languages of its debtors and in these; warnings
    of work that no seat can do."""
    shell = open_shell()
    from django.utils import timezone

    from kept.core.texts import text_problems
    from kept.work.texts import HouseTexts, lacking_texts

    creditor = creditor_named(code)
    begins = max(timezone.localtime(shell.now).date(), found.valid_from)
    asked = replace(found, valid_from=begins)
    more = text_problems(asked, HouseTexts(begins).of(creditor.pk), languages)
    lacks = lacking_texts(found, [creditor.pk], begins)
    known = {str(each) for each in lacks}
    problems = [*lacks, *(each for each in more if str(each) not in known)]
    return problems, list(_undone(found))


def _undone(found: Strategy) -> Iterator[str]:
    from kept.work.strategy_lists import skills_without_seat
    from kept.work.strategy_room import treatments_too_long

    for skill in skills_without_seat(found):
        told = _("No seat has the skill %(skill)s; its treatments would wait for one.")
        yield told % {"skill": skill}
    for each in treatments_too_long(found):
        told = _(
            "%(treatment)s takes %(minutes)s minutes; the longest day of a seat with its skill has"
            " %(longest)s."
        )
        yield told % asdict(each)


@strategy.command("list")
def list_strategies() -> None:
    """Every version, shipped or written here, with its state and days; and who uses which."""
    shell = open_shell()
    from kept.cli.strategy_life import lines_of_all

    for line in lines_of_all(shell, _language()):
        click.echo(line)


@strategy.command()
@click.argument("which")
def show(which: str) -> None:
    """All that WHICH says, in words: a file, or a version such as default:1."""
    for part, rows in strategy_rows(_strategy(which), _language()).items():
        click.echo(f"\n{part}")
        _echo_rows(rows, "  ")


@strategy.command()
@click.argument("old")
@click.argument("new")
def diff(old: str, new: str) -> None:
    """What changes from OLD to NEW: each is a file, or a version such as default:1."""
    before, after = _strategy(old), _strategy(new)
    changes = strategy_changes(before, after, _language())
    click.echo(f"{before.label} → {after.label}: {len(changes)}")
    for change in changes:
        click.echo(f"\n{_SIGNS[change.kind]} {change.name}")
        _echo_rows(change.before, "  - ")
        _echo_rows(change.after, "  + ")


@strategy.command("try")
@click.argument("which")
@click.option("--creditor", required=True, help="The code of the creditor whose book is used.")
@click.option(
    "--on",
    "on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="A day that was, or today. [default: the creditor's today]",
)
@click.option("--days", default=1, help="So many days that end with it, one after another.")
def try_it(which: str, creditor: str, on: datetime | None, days: int) -> None:
    """What WHICH would do on a day's facts beside the one in force; nothing is written."""
    shell = open_shell()
    from kept.cli.strategy_trials import try_on

    try_on(shell, _strategy(which), creditor, on.date() if on else None, days)


def _echo_rows(rows: tuple[Row, ...], before: str) -> None:
    for label, text in rows:
        click.echo(f"{before}{label}: {text}")


def _strategy(which: str) -> Strategy:
    """A version by its label, or the strategy of a file; the database is asked last."""
    shipped = {each.label: each for each in load_strategies()}
    if which in shipped:
        return shipped[which]
    if Path(which).exists():
        return _of_file(Path(which))
    found = _of_database(which) if _LABEL.fullmatch(which) else None
    if found is None:
        told = _("%(which)s is no file and no strategy; there are %(known)s.")
        raise Refused(told % {"which": which, "known": ", ".join(shipped)})
    return found


def _of_database(label: str) -> Strategy | None:
    open_shell()
    from kept.work.strategies import row_labelled, strategy_of_text

    row = row_labelled(label)
    try:
        return None if row is None else strategy_of_text(row.text, row.label)
    except StrategyFileError as error:
        raise Refused(error.told(label, _)) from error


def _of_file(file: Path) -> Strategy:
    text = text_of_file(file)
    try:
        return parse_strategy(text, file.name)
    except StrategyFileError as error:
        raise Refused(error.told(file.name, _)) from error


def _language() -> str:
    return "en" if installation_language() == "en" else "zh"
