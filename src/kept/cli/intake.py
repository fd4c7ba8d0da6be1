"""`kept intake`: take a creditor's file into the book, try one out, and decide about one.

`kept intake FILE …` takes a file; the other sub-commands have names of their own. Exit codes: 0
taken, 1 in quarantine or waiting, 2 refused before anything was received.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kept.cli.shell import Refused, open_shell

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
    """Take a creditor's file into the book.

    kept intake FILE --creditor CODE --map MAP.yaml [--dry-run]
    """


CREDITOR = click.option("--creditor", required=True, help="The creditor's code.")
REASON = click.option("--reason", required=True, help="Why; it stays on record.")


@intake.command(help="Take a file; the word `take` may be left out.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@CREDITOR
@click.option(
    "--map",
    "map_path",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What the file's columns mean (docs/intake.md).",
)
@click.option("--dry-run", is_flag=True, help="The same answer, and nothing is applied.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day of the figures.")
@click.option(
    "--received-at",
    metavar="INSTANT",
    help="For a replay: when it counts as received, such as 2005-10-01T03:00+08:00. [default: now]",
)
@click.option("--file-id", help="The file's identity, where neither it nor a manifest says so.")
@click.option("--sequence", type=click.IntRange(1), help="Its number among the creditor's files.")
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
def take(file: Path, creditor: str, map_path: Path, **options: Any) -> None:
    received_at = _instant(options["received_at"])
    shell = open_shell()
    now = min(received_at or shell.now, shell.now)
    from kept.batch.intake.receiving import FileToReceive, given_beside, receive_and_run
    from kept.store.partitions import ensure_partitions

    ensure_partitions(now.date(), now.date())
    with file.open("rb") as content, refusals(), progress_bar() as progress:
        handed_in = FileToReceive(
            creditor_code=creditor,
            name=file.name,
            content=content,
            map_name=map_path.name,
            map_text=_map_text(map_path),
            given=given_beside(file, _given(options)),
            dry_run=options["dry_run"],
        )
        found = receive_and_run(actor=_actor(), file=handed_in, now=now, progress=progress)
        if _asks(found) and options["accept_profile"]:
            found = _accept(found.pk, options["accept_profile"], now, progress)
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
    from kept.batch.intake.suggesting import suggest_map

    if output is not None and output.exists():
        raise Refused(f"{output} is there already: name another file")
    with refusals():
        found = suggest_map(file, name=file.name, country=country.upper())
    for guess in found.guesses:
        click.echo(f"{guess.column}: {guess.target or 'open'} ({guess.certainty})", err=True)
        click.echo(f"    {guess.why}", err=True)
    if found.questions:
        click.echo("For you to decide:", err=True)
    for question in found.questions:
        click.echo(f"  - {question}", err=True)
    if output is None:
        click.echo(found.map_text, nl=False)
    else:
        output.write_text(found.map_text, encoding="utf-8")
        click.echo(f"Written to {output}.", err=True)


@intake.command(help="Send the refused rows of a file again, from its corrected reject file.")
@click.argument("intake_file_id", type=int)
@click.argument("rejects", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def correct(intake_file_id: int, rejects: Path) -> None:
    shell = open_shell()
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
    shell = open_shell()
    with refusals(), progress_bar() as progress:
        found = _accept(intake_file_id, reason, shell.now, progress)
    _finish(found, None, None)


@intake.command("set-aside", help="Do not apply a file that waits or could not be finished.")
@click.argument("intake_file_id", type=int)
@REASON
def set_aside(intake_file_id: int, reason: str) -> None:
    shell = open_shell()
    from kept.store.partitions import ensure_partitions
    from kept.work.intake import do_set_aside_file

    with refusals():
        ensure_partitions(shell.now.date(), shell.now.date())
        do_set_aside_file(
            actor=_actor(), intake_file_id=intake_file_id, reason=reason, now=shell.now
        )
    click.echo("Set aside; nothing of it was applied.")


@intake.command(help="Do not wait for a missing file: its sequence and all before it are settled.")
@CREDITOR
@click.option("--sequence", type=click.IntRange(1), required=True)
@click.option("--type", "file_type", default="accounts", show_default=True)
@REASON
def skip(creditor: str, sequence: int, file_type: str, reason: str) -> None:
    shell = open_shell()
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
    click.echo(f"Sequence {sequence} of {creditor} is not waited for.")


@intake.command(help="Finish what was ended by force, and take up what waits.")
@CREDITOR
def resume(creditor: str) -> None:
    open_shell()
    from kept.batch.intake.running import run_files_of
    from kept.work.intake import find_creditor

    with refusals(), progress_bar() as progress:
        run_files_of(find_creditor(_actor(), creditor).pk, progress)


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

    as_of = options["as_of"]
    return Control(
        file_id=options["file_id"],
        sequence=options["sequence"],
        as_of=as_of.date() if as_of else None,
        rows=options["rows"],
        hash_total=options["hash_total"],
        totals=_totals(options["totals"]),
    )


def _instant(text: str | None) -> datetime | None:
    """An instant with its offset: it is never guessed."""
    if text is None:
        return None
    with suppress(ValueError):
        found = datetime.fromisoformat(text)
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    raise Refused(f"--received-at {text}: write it with its offset, as 2005-10-01T03:00+08:00.")


def _totals(given: tuple[str, ...]) -> dict[str, int]:
    from kept.core.currencies import UnknownCurrency
    from kept.core.money import MoneyError, parse_money

    found = {}
    for each in given:
        code, _, amount = each.partition("=")
        try:
            found[code] = parse_money(amount, code).amount_minor
        except (MoneyError, UnknownCurrency) as error:
            raise Refused(f"--total {each}: {error}") from error
    return found


@contextmanager
def refusals() -> Iterator[None]:
    """What intake refuses before anything is received, as one sentence each."""
    from kept.batch.intake.refusals import FileRefused
    from kept.core.intake import MapError
    from kept.work.refusals import Refusal

    try:
        yield
    except (FileRefused, MapError, Refusal) as error:
        raise Refused(str(error)) from error


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A bar for each stage on a terminal; nothing elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

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
                tasks[stage] = bars.add_task(stage, total=None)
            bars.update(tasks[stage], completed=done, total=total or None)

        yield report


def _asks(file: IntakeFile) -> bool:
    return file.state == file.State.PROFILED


def _finish(file: IntakeFile, reject_file: Path | None, acknowledgement_file: Path | None) -> None:
    from kept.batch.intake.acknowledging import write_acknowledgement, write_rejects

    for line in _told(file):
        click.echo(line)
    if reject_file is not None:
        click.echo(f"{write_rejects(file, reject_file)} errors written to {reject_file}.")
    if acknowledgement_file is not None:
        write_acknowledgement(file, acknowledgement_file)
    if file.quarantine_code or file.state not in (file.State.ACKNOWLEDGED, file.State.DRY_RUN):
        raise SystemExit(1)


def _told(file: IntakeFile) -> Iterator[str]:
    """The acknowledgement for a person."""
    from kept.core.currencies import currency
    from kept.core.money import Money

    answer = file.acknowledgement
    yield f"File {file.file_id} of {file.creditor.code}, number {file.pk}: {_state(file)}"
    if file.quarantine_code:
        yield f"  {_reason(file)}"
    for breach in file.profile.get("breaches", []):
        yield f"  {_breach(breach)}"
    if not answer.get("rows"):
        return
    yield "  {:>12}{:>18}{:>18}{:>18}{:>18}".format("", *_PARTS)
    yield "  {:>12}{:>18,}{:>18,}{:>18,}{:>18,}".format("rows", *_parts(answer["rows"]))
    for code, amounts in sorted(answer["amounts_minor"].items()):
        texts = [Money(amount, currency(code)).text for amount in _parts(amounts)]
        yield "  {:>12}{:>18}{:>18}{:>18}{:>18}".format(code, *texts)
    yield f"  {answer['new']:,} new, {answer['changed']:,} changed" + _missing(file)
    for title, name in (("Refused", "rejects_by_code"), ("Warned", "warnings_by_code")):
        if answer[name]:
            yield f"  {title}: " + ", ".join(f"{k} {n:,}" for k, n in answer[name].items())
    if answer["balance_differences"]["count"]:
        count = answer["balance_differences"]["count"]
        yield f"  {count:,} balances differ from the ledger, which holds the truth."


_PARTS = ("received", "accepted", "rejected", "unchanged")


def _parts(values: dict[str, int]) -> list[int]:
    return [values[name] for name in _PARTS]


def _map_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(f"{path} is not UTF-8: save the map as UTF-8, then try again") from error


def _missing(file: IntakeFile) -> str:
    stopped = file.acknowledgement["missing"].get("stop_and_ask", 0)
    if not stopped:
        return ""
    is_taken = file.state == file.State.ACKNOWLEDGED
    told = "contact stopped" if is_taken else "contact would be stopped"
    return f"; {stopped:,} accounts missing: {told}"


def _state(file: IntakeFile) -> str:
    match file.state:
        case file.State.ACKNOWLEDGED:
            return "taken."
        case file.State.DRY_RUN:
            return "tried only, nothing was applied."
        case file.State.QUARANTINED:
            return "in quarantine, nothing was applied."
        case file.State.PROFILED:
            return (
                f"waits for a person: look at it, then `kept intake accept {file.pk} --reason …`."
            )
        case file.State.WAITING:
            return f"waits: {file.run.message}."
        case _:
            return file.state


def _breach(breach: dict[str, Any]) -> str:
    from kept.batch.intake.acknowledging import breach_message

    return breach_message(breach)


def _reason(file: IntakeFile) -> str:
    from kept.batch.intake.acknowledging import file_message

    return file_message(file)
