"""`kept bench`: runs benchmarks and prints, or writes, their measures in the one form."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

from kept.bench.form import Measure, json_line, text_line
from kept.bench.page import benchmarks_page, machine
from kept.bench.registry import ALL, BENCHMARKS, measures_of, names_of

__all__ = ["bench", "command"]


@click.command()
@click.argument("name", type=click.Choice([*BENCHMARKS, ALL]))
@click.option("--quick", is_flag=True, help="A small scale with goals of its own, under a minute.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option(
    "--write",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the measures into this Markdown page as well.",
)
@click.option(
    "--date",
    "on",
    type=click.DateTime(formats=["%Y-%m-%d"]),
    help="The day to write on the page; today when left out.",
)
def bench(name: str, quick: bool, as_json: bool, write: Path | None, on: datetime | None) -> None:
    """Measure kept against its peers. Ends with 1 when a goal is not met."""
    found: dict[str, list[Measure]] = {}
    for benchmark in names_of(name):
        for measure in measures_of(benchmark, quick=quick):
            click.echo(json_line(measure) if as_json else text_line(measure))
            found.setdefault(benchmark, []).append(measure)
    if write is not None:
        day = on.date() if on else date.today()  # noqa: DTZ011 — the day where the command runs
        _write(write, found, f"kept bench {name}{' --quick' * quick}", day)
    if not all(measure.met for measures in found.values() for measure in measures):
        raise SystemExit(1)


def _write(page: Path, found: dict[str, list[Measure]], ran: str, on: date) -> None:
    before = page.read_text(encoding="utf-8") if page.exists() else ""
    text = benchmarks_page(found, command=ran, machine=machine(), on=on, before=before)
    page.write_text(text, encoding="utf-8")


command = bench
