"""`kept speech`: look for forbidden speech in a text, list entries. Needs no database."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from kept.cli.language import installation_language
from kept.cli.shell import Refused
from kept.core.speech import (
    Circumstance,
    Entry,
    Excuse,
    Finding,
    Genre,
    Occasion,
    SpeechBook,
    SpeechLabel,
    SpeechPack,
)
from kept.packs.speech_packs import (
    SpeechFileError,
    load_speech_packs,
    load_spellings,
    parse_speech_pack,
)

__all__ = ["speech"]

_WHAT_HOLDS = {
    "time_barred": Circumstance.TIME_BARRED,
    "third_party": Circumstance.TO_THIRD_PARTY,
}


@click.group()
def speech() -> None:
    """What may be said: look for forbidden speech, list what is looked for."""


@speech.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--genre",
    type=click.Choice([str(each) for each in Genre]),
    default=str(Genre.NOTE),
    show_default=True,
    help="A template never reports what the debtor said.",
)
@click.option("--time-barred", is_flag=True, help="The debt is too old to be sued for.")
@click.option("--third-party", is_flag=True, help="The hearer does not owe.")
@click.option("--excused", is_flag=True, help="Show also what an excuse takes away.")
@click.option(
    "--pack",
    "packs",
    type=click.Path(path_type=Path, dir_okay=False),
    multiple=True,
    help="A file of your own, beside the shipped packs; may be repeated.",
)
def check(file: Path, genre: str, excused: bool, packs: tuple[Path, ...], **holds: bool) -> None:
    """Look at the text of FILE (- is the standard input); ends with 1 when something is found."""
    text = _text_of(file)
    occasion = Occasion(
        Genre(genre), frozenset(_WHAT_HOLDS[name] for name, given in holds.items() if given)
    )
    judged = _book(packs).judged(text, occasion)
    for found, excuse in judged:
        if excuse is None or excused:
            click.echo(_line(found, excuse, text))
    sys.exit(1 if any(excuse is None for _, excuse in judged) else 0)


@speech.command("list")
@click.option(
    "--label",
    "chosen",
    type=click.Choice([str(each) for each in SpeechLabel]),
    multiple=True,
    help="Only these; may be repeated.",
)
def list_entries(chosen: tuple[str, ...]) -> None:
    """The entries of every pack with label, citation and status."""
    for pack in _packs(()):
        click.echo(f"{pack.name}  {pack.title_en} / {pack.title_zh}  ({pack.version})")
        for entry in pack.entries:
            if not chosen or str(entry.label) in chosen:
                click.echo(f"  {entry.id}  {entry.label}  {_name(entry)}  {_source(entry)}")


def _line(found: Finding, excuse: Excuse | None, text: str) -> str:
    """`3:14 label "what was said" = words of the pack  ENTRY  name  [citation, status]`."""
    before = text[: found.start]
    line, column = before.count("\n") + 1, found.start - before.rfind("\n")
    said = " ".join(text[found.start : found.end].split())
    words = " .. ".join(found.words)
    note = f"  excused: {excuse.id}" if excuse else ""
    return (
        f'{line}:{column} {found.label} "{said}" = {words}  {found.entry.id}'
        f"  {_name(found.entry)}  {_source(found.entry)}{note}"
    )


def _name(entry: Entry) -> str:
    return entry.name_en if installation_language() == "en" else entry.name_zh


def _source(entry: Entry) -> str:
    return f"[{entry.citation}, {entry.status}]"


def _text_of(file: Path) -> str:
    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(f"{file} is not UTF-8 text; save it as UTF-8") from None
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error}") from error


def _book(own: tuple[Path, ...]) -> SpeechBook:
    return SpeechBook(_packs(own), load_spellings())


def _packs(own: tuple[Path, ...]) -> tuple[SpeechPack, ...]:
    try:
        shipped = load_speech_packs()
        return (*shipped, *(parse_speech_pack(_text_of(each), each.name) for each in own))
    except SpeechFileError as error:
        raise Refused(str(error)) from error
