"""`kept intake`: take a creditor's file into the book, try one out, and decide about one.

`kept intake FILE …` takes a file; the other sub-commands have names of their own. Exit codes: 0
taken, 1 in quarantine or waiting, 2 refused before anything was received. What is printed is in the
installation's language (KEPT_LANGUAGE); what it says of a file lies in `intake_answer`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from django.utils.translation import gettext as _

from kept.cli.shell import Refused, Shell, open_shell

if TYPE_CHECKING:
    from kept.batch.intake.control import Control
    from kept.batch.stages import Progress
    from kept.store.models import IntakeFile

__all__ = ["intake"]


class FileOrCommand(click.Group):
    """A group whose first argument may be a file; `take` is then meant."""

    def parse_args(self, context: click.Context, arguments: list[str]) -> list[str]:
        known = {*self.commands, *self.get_help_option_names(context)}
        if arguments and arguments[0] not in known:
            arguments = ["take", *arguments]
        return super().parse_args(context, arguments)


@click.group(cls=FileOrCommand, subcommand_metavar="FILE [OPTIONS] | COMMAND")
def intake() -> None:
    """Take a creditor's file into the book: accounts, attempts, stops, consents, persons, payments.

    kept intake FILE --creditor CODE --map MAP.yaml [--type TYPE] [--dry-run]
    """


CREDITOR = click.option("--creditor", required=True, help="The creditor's code.")
SEQUENCE = click.IntRange(1, 10**18 - 1)
REASON = click.option("--reason", required=True, help="Why; it stays on record.")


#: As `kept.core.intake.record_fields` has them; a test holds them to it.
FILE_TYPES = (
    "accounts",
    "attempts",
    "stops",
    "consents",
    "persons",
    "payments",
    "promises",
    "plans",
)


@intake.command(help="Take a file; the word `take` may be left out.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@CREDITOR
@click.option(
    "--map",
    "map_path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What the file's columns mean (docs/intake.md); a bank's statement in XML needs none.",
)
@click.option(
    "--type",
    "file_type",
    type=click.Choice(FILE_TYPES),
    help="What the file is of; the map must say the same. [default: as the map says]",
)
@click.option("--dry-run", is_flag=True, help="The same answer, and nothing is applied.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day of the figures.")
@click.option(
    "--covers-from",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Of attempts: the first day of which the file has every one.",
)
@click.option(
    "--received-at",
    metavar="INSTANT",
    help="For a replay: when it counts as received, such as 2005-10-01T03:00+08:00. [default: now]",
)
@click.option("--file-id", help="The file's identity, where neither it nor a manifest says so.")
@click.option("--sequence", type=SEQUENCE, help="Its number among the creditor's files.")
@click.option("--rows", type=click.IntRange(0), help="Control total: how many rows it has.")
@click.option(
    "--total",
    "totals",
    multiple=True,
    metavar="CUR=AMOUNT",
    help="Control total of the balances, such as CNY=1234.50; one for each currency.",
)
@click.option("--hash-total", type=click.IntRange(0), help="Control total of account numbers.")
@click.option(
    "--reject-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write every error of every refused row here, values included.",
)
@click.option(
    "--acknowledgement-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the acknowledgement here as JSON.",
)
@click.option("--accept-profile", metavar="REASON", help="Apply it although a band is broken.")
def take(file: Path, creditor: str, map_path: Path | None, **options: Any) -> None:
    shell = _open()
    _refuse_unwritable(options["reject_file"], options["acknowledgement_file"])
    now = min(_instant(options["received_at"]) or shell.now, shell.now)
    map_name, map_text = _map_of(file, map_path)
    with file_refusals():
        _refuse_other_type(options["file_type"], map_text)
    from kept.batch.intake.receiving import FileToReceive, given_beside, receive_file, run_received
    from kept.store.partitions import ensure_partitions

    ensure_partitions(now.date(), now.date())
    with file.open("rb") as content, refusals(), progress_bar() as progress:
        handed_in = FileToReceive(
            creditor_code=creditor,
            name=file.name,
            content=content,
            map_name=map_name,
            map_text=map_text,
            given=given_beside(file, _given(options)),
            dry_run=options["dry_run"],
        )
        receipt = receive_file(actor=_actor(), file=handed_in, now=now)
        found = run_received(receipt.file.pk, progress)
        if _asks(found) and options["accept_profile"]:
            found = _accept(found.pk, options["accept_profile"], now, progress)
    if not receipt.is_new:
        click.echo(_("These bytes were received before; this is what came of them."))
    _finish(found, options["reject_file"], options["acknowledgement_file"])


@intake.command(help="Propose a map for a file by its headings and values, with the reasons.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--country", default="CN", show_default=True, help="Whose phone numbers to try.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the map here; without it, it is printed.",
)
def suggest(file: Path, country: str, output: Path | None) -> None:
    from kept.cli.language import installation_language, set_up_language

    set_up_language(installation_language())
    from kept.batch.intake.suggesting import suggest_map

    if output is not None and output.exists():
        raise Refused(_("%(path)s is there already: name another file.") % {"path": output})
    _refuse_unwritable(output)
    with file_refusals():
        found = suggest_map(file, name=file.name, country=country.upper())
    for guess in found.guesses:
        target = guess.target or _("open")
        click.echo(f"{guess.column}: {target} ({guess.certainty.word})", err=True)
        click.echo(f"    {guess.why}", err=True)
    if found.questions:
        click.echo(_("For you to decide:"), err=True)
    for question in found.questions:
        click.echo(f"  - {question}", err=True)
    if output is None:
        click.echo(found.map_text, nl=False)
    else:
        output.write_text(found.map_text, encoding="utf-8")
        click.echo(_("Written to %(path)s.") % {"path": output}, err=True)


@intake.command(help="Send the refused rows of a file again, from its corrected reject file.")
@click.argument("intake_file_id", type=int)
@click.argument("rejects", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def correct(intake_file_id: int, rejects: Path) -> None:
    shell = _open()
    from kept.batch.intake.correcting import receive_corrections

    with (
        rejects.open(encoding="utf-8-sig", newline="") as corrections,
        refusals(),
        progress_bar() as progress,
    ):
        found = receive_corrections(
            actor=_actor(),
            intake_file_id=intake_file_id,
            corrections=corrections,
            now=shell.now,
            progress=progress,
        )
    _finish(found, None, None)


@intake.command(help="Apply a file that waits because its profile breaks a band.")
@click.argument("intake_file_id", type=int)
@REASON
def accept(intake_file_id: int, reason: str) -> None:
    shell = _open()
    with refusals(), progress_bar() as progress:
        found = _accept(intake_file_id, reason, shell.now, progress)
    _finish(found, None, None)


@intake.command("set-aside", help="Do not apply a file that waits or could not be finished.")
@click.argument("intake_file_id", type=int)
@REASON
def set_aside(intake_file_id: int, reason: str) -> None:
    shell = _open()
    from kept.store.partitions import ensure_partitions
    from kept.work.intake import do_set_aside_file

    with refusals():
        ensure_partitions(shell.now.date(), shell.now.date())
        do_set_aside_file(
            actor=_actor(), intake_file_id=intake_file_id, reason=reason, now=shell.now
        )
    click.echo(_("Set aside; nothing of it was applied."))


@intake.command(help="Do not wait for a missing file: its sequence and all before it are settled.")
@CREDITOR
@click.option("--sequence", type=SEQUENCE, required=True)
@click.option("--type", "file_type", default="accounts", show_default=True)
@REASON
def skip(creditor: str, sequence: int, file_type: str, reason: str) -> None:
    shell = _open()
    from kept.batch.intake.running import run_files_of
    from kept.store.partitions import ensure_partitions
    from kept.work.intake import do_skip_sequence

    with refusals(), progress_bar() as progress:
        ensure_partitions(shell.now.date(), shell.now.date())
        skipped = do_skip_sequence(
            actor=_actor(),
            creditor_code=creditor,
            file_type=file_type,
            sequence=sequence,
            reason=reason,
            now=shell.now,
        )
        run_files_of(skipped.creditor_id, progress)
    told = _("Sequence %(sequence)s of %(creditor)s is not waited for.")
    click.echo(told % {"sequence": sequence, "creditor": creditor})


@intake.command(help="Finish what was ended by force, and take up what waits.")
@CREDITOR
def resume(creditor: str) -> None:
    _open()
    from kept.batch.intake.running import run_files_of
    from kept.work.intake import find_creditor

    with refusals(), progress_bar() as progress:
        run_files_of(find_creditor(_actor(), creditor).pk, progress)


def _open() -> Shell:
    """The shell, and from here on the installation's language."""
    from django.utils import translation

    shell = open_shell()
    translation.activate(shell.settings.language)
    return shell


def _accept(intake_file_id: int, reason: str, now: datetime, progress: Progress) -> IntakeFile:
    from kept.batch.intake.receiving import run_received
    from kept.work.intake import do_accept_profile

    do_accept_profile(actor=_actor(), intake_file_id=intake_file_id, reason=reason, now=now)
    return run_received(intake_file_id, progress)


def _actor() -> Any:
    """Whoever gives the command works on the machine: a job, named by the account."""
    from kept.core.actors import job

    return job(f"cli:{os.environ.get('USER') or os.geteuid()}")


def _given(options: dict[str, Any]) -> Control:
    from kept.batch.intake.control import Control

    as_of, covers_from = options["as_of"], options["covers_from"]
    return Control(
        file_id=options["file_id"],
        sequence=options["sequence"],
        as_of=as_of.date() if as_of else None,
        covers_from=covers_from.date() if covers_from else None,
        rows=options["rows"],
        hash_total=options["hash_total"],
        totals=_totals(options["totals"]),
    )


def _instant(text: str | None) -> datetime | None:
    """An instant with its offset: it is never guessed."""
    from kept.batch.intake.control import YEAR_LEAST

    if text is None:
        return None
    with suppress(ValueError):
        found = datetime.fromisoformat(text)
        if found.tzinfo is not None and found.year >= YEAR_LEAST:
            return found.astimezone(UTC)
    told = _("--received-at %(text)s: write it with its offset, as 2005-10-01T03:00+08:00.")
    raise Refused(told % {"text": text})


def _totals(given: tuple[str, ...]) -> dict[str, int]:
    from kept.batch.intake.telling import reason_message
    from kept.core.currencies import CURRENCIES
    from kept.core.intake import FileReason
    from kept.core.money import MoneyError, parse_money

    found = {}
    for each in given:
        code, _equals, amount = each.partition("=")
        if code not in CURRENCIES:
            wrong = reason_message(FileReason.NO_CURRENCY, found=repr(code))
            raise Refused(f"--total {each}: {wrong}")
        try:
            found[code] = parse_money(amount, code).amount_minor
        except MoneyError as error:
            known = {"currency": code, "exponent": CURRENCIES[code].exponent}
            wrong = reason_message(FileReason.NO_AMOUNT, found=repr(amount), **known)
            raise Refused(f"--total {each}: {wrong}") from error
    return found


@contextmanager
def file_refusals() -> Iterator[None]:
    """What is wrong with a file or its map, as one sentence each; needs no database."""
    from kept.batch.intake.refusals import FileRefused
    from kept.batch.intake.telling import map_message, refusal_message
    from kept.core.intake import MapError

    try:
        yield
    except FileRefused as error:
        raise Refused(refusal_message(error)) from error
    except MapError as error:
        raise Refused(map_message(error)) from error


@contextmanager
def refusals() -> Iterator[None]:
    """What intake refuses before anything is received, as one sentence each."""
    from kept.batch.stages import RunBusy
    from kept.work.refusals import Refusal

    try:
        with file_refusals():
            yield
    except Refusal as error:
        raise Refused(error.message) from error
    except RunBusy as error:
        raise Refused(_("Another process works on this file: wait until it ends.")) from error


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A bar for each stage on a terminal; nothing elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    from kept.desk.words import word

    columns = (TextColumn("{task.description:>14}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    with Bars(
        *columns, TimeElapsedColumn(), console=console, disable=not console.is_terminal
    ) as bars:
        tasks: dict[str, Any] = {}

        def report(stage: str, done: int, total: int, message: str) -> None:
            if stage not in tasks:
                for before in bars.tasks:  # they are done, whatever they could foresee
                    bars.update(before.id, total=max(1, before.completed))
                    bars.update(before.id, completed=max(1, before.completed))
                tasks[stage] = bars.add_task(word(stage, "intake_stage"), total=None)
            bars.update(tasks[stage], completed=done, total=total or None)

        yield report


def _asks(file: IntakeFile) -> bool:
    return file.state == file.State.PROFILED


def _finish(file: IntakeFile, reject_file: Path | None, acknowledgement_file: Path | None) -> None:
    from kept.batch.intake.acknowledging import write_acknowledgement, write_rejects
    from kept.cli.intake_answer import answer_lines

    for line in answer_lines(file):
        click.echo(line)
    if reject_file is not None:
        errors = write_rejects(file, reject_file)
        click.echo(_("%(n)s errors written to %(path)s.") % {"n": errors, "path": reject_file})
    if acknowledgement_file is not None:
        write_acknowledgement(file, acknowledgement_file)
    if file.quarantine_code or file.state not in (file.State.ACKNOWLEDGED, file.State.DRY_RUN):
        raise SystemExit(1)


def _map_of(file: Path, path: Path | None) -> tuple[str, str]:
    """The map's name and text; a bank's statement brings its own."""
    if path is not None:
        return path.name, _map_text(path)
    if file.suffix.lower() != ".xml":
        raise Refused(_("Name the map of the file with --map; only statements in XML need none."))
    own = files("kept.packs").joinpath("maps", "camt.yaml")
    return "camt.yaml", own.read_text(encoding="utf-8")


def _map_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        told = _("%(path)s is not UTF-8: save the map as UTF-8, then try again.")
        raise Refused(told % {"path": path}) from error


def _refuse_other_type(asked: str | None, map_text: str) -> None:
    from kept.batch.intake.loading import read_any_map

    found = read_any_map(map_text).file.type
    if asked not in (None, found):
        told = _("This is a map of %(found)s, and the file is said to be of %(asked)s.")
        raise Refused(told % {"found": found, "asked": asked})


def _refuse_unwritable(*paths: Path | None) -> None:
    """Before anything is received: what is asked for must have its place."""
    for path in paths:
        if path is None:
            continue
        target = path if path.exists() else path.parent
        if not target.exists() or not os.access(target, os.W_OK):
            told = _("%(path)s cannot be written: name a file in a folder that you may write to.")
            raise Refused(told % {"path": path})
