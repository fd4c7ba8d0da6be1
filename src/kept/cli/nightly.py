"""`kept nightly`: the night of every creditor, with progress on the way and a summary at the end.

The summary is in the installation's language (KEPT_LANGUAGE). Exit codes: 0 done,
1 somebody was left out, 2 refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from django.utils.translation import gettext as _

from kept.cli.night_lines import change_lines, fairness_lines, left_lines, stage_words
from kept.cli.night_plans import ENGINES, engine_named, plan, snapshot
from kept.cli.shell import Refused, open_shell

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from kept.batch.nightly import Elsewhere
    from kept.batch.stages import Progress

__all__ = ["night_progress", "nightly", "print_night"]


@click.group(invoke_without_command=True)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The business date. [default: each creditor's own date now]",
)
@click.option("--creditor", "creditors", multiple=True, help="Only this creditor; may be repeated.")
@click.option("--group", default="", help="Only the creditors of this night group.")
@click.option("--dry-run", is_flag=True, help="Say what the night would come to; change nothing.")
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default="polars",
    show_default=True,
    help="Where it is decided: in this process, or on Spark from a snapshot.",
)
@click.option("--master", default="local[*]", show_default=True, help="Where Spark runs.")
@click.option(
    "--snapshots",
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder that Spark's workers reach. [default: nights, beside the database]",
)
@click.pass_context
def nightly(context: click.Context, /, engine: str, master: str, **given: Any) -> None:
    """Run the night: cases and buckets brought up to date, tonight's tasks dealt to seats.

    A night that was ended by force goes on where it was; one that is done is only told again.
    """
    if context.invoked_subcommand is not None:
        return
    shell = open_shell()
    from django.utils import translation
    from rich.console import Console

    from kept.running.paths import home_folder

    folder = given.pop("snapshots") or home_folder(shell.settings) / "nights"
    with translation.override(shell.settings.language):
        console = Console()
        if given["creditors"] and given["group"]:
            raise Refused(_("Name creditors or a group, not both."))
        found = _run(shell.now, engine, master, folder, **given)
        _print_all(console, found, dry_run=given["dry_run"])
    if any("left_out" in result for result in found.values()):
        context.exit(1)


def _print_all(console: Console, found: Mapping[str, Mapping[str, Any]], *, dry_run: bool) -> None:
    for code, result in found.items():
        if "left_out" in result:
            click.echo(_("Left out: %(why)s") % {"why": result["left_out"]}, err=True)
            continue
        print_night(console, code, result, dry_run=dry_run)
    if not found:
        console.print(_("There is no creditor yet, so there is nothing to do."))


nightly.add_command(snapshot)
nightly.add_command(plan)


def _run(
    now: datetime,
    engine: str,
    master: str,
    folder: Path,
    *,
    as_of: datetime | None,
    creditors: Sequence[str],
    group: str,
    dry_run: bool,
) -> dict[str, Mapping[str, Any]]:
    from kept.batch.deciding.snapshots import SnapshotError
    from kept.batch.nightly import NightRefused, run_nights
    from kept.batch.stages import RunBusy
    from kept.core.actors import job

    with _elsewhere(engine, master, folder) as elsewhere, night_progress() as progress:
        try:
            return run_nights(
                actor=job("nightly"),
                now=now,
                as_of=as_of.date() if as_of else None,
                creditor_codes=creditors,
                group_code=group,
                dry_run=dry_run,
                progress=progress,
                elsewhere=elsewhere,
            )
        except (NightRefused, RunBusy, SnapshotError) as error:
            raise Refused(str(error)) from error


@contextmanager
def _elsewhere(engine: str, master: str, folder: Path) -> Iterator[Elsewhere | None]:
    """Nothing for the engine of this process: it needs no snapshot."""
    if engine == ENGINES[0]:
        yield None
        return
    from kept.batch.nightly import Elsewhere

    with engine_named(engine, master) as found:
        yield Elsewhere(found, folder.absolute())


# --- progress -------------------------------------------------------------------------------------


@contextmanager
def night_progress() -> Iterator[Progress]:
    """A bar for the stage at work on a terminal, one line a stage elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Bars(
        *columns, TimeElapsedColumn(), console=console, disable=not console.is_terminal
    ) as bars:
        yield _reporter(bars.add_task, bars.update, console)


def _reporter(add: Callable[..., Any], update: Callable[..., None], console: Console) -> Progress:
    shown: dict[str, Any] = {"stage": None, "bar": None}

    def report(stage: str, done: int, total: int, message: str) -> None:
        if stage != shown["stage"]:
            shown.update(stage=stage, bar=add(stage_words(stage), total=None))
            if not console.is_terminal:
                click.echo(f"{stage_words(stage)} …", err=True)
        named = f"{stage_words(stage)} {message}" if message.isdigit() else stage_words(stage)
        update(shown["bar"], completed=done, total=total or None, description=named)

    return report


# --- the summary ----------------------------------------------------------------------------------


def print_night(
    console: Console, code: str, result: Mapping[str, Any], *, dry_run: bool = False
) -> None:
    """One creditor's night for a person who answers for it."""
    heading = _("Night of %(day)s for %(creditor)s") % {
        "day": result["business_date"],
        "creditor": code,
    }
    console.print()
    console.print(f"[bold]{heading}[/bold]  {result['strategy']}")
    if dry_run:
        console.print(_("Tried only: nothing was written."))
    elif result["done_before"]:
        console.print(_("This night had been run before; nothing was changed."))
    console.print(_buckets(result))
    console.print(_tasks(result))
    for line in _lines(result):
        click.echo(line)


def _buckets(result: Mapping[str, Any]) -> Table:
    before = (result["before"] or {}).get("buckets", {})
    table = _table(
        _("Cases by bucket"),
        _("Currency"),
        _("Cases"),
        _("Night before"),
        _("Balance"),
        _("Overdue"),
    )
    currencies = {row["currency"] for row in result["cases_by_bucket"]}
    for row in result["cases_by_bucket"]:
        bucket = row["bucket"]
        last = _number(before.get(str(bucket), 0)) if before and len(currencies) == 1 else "–"
        table.add_row(
            _("not overdue") if bucket == 0 else f"B{bucket}",
            row["currency"],
            _number(row["cases"]),
            last,
            _amount(row["balance_minor"], row["currency"]),
            _amount(row["overdue_minor"], row["currency"]),
        )
    return table


def _tasks(result: Mapping[str, Any]) -> Table:
    table = _table(
        _("Tasks"), _("Skill"), _("Tasks in all"), _("Dealt"), _("Waiting"), _("Minutes")
    )
    names = _treatment_names(result["strategy"])
    for row in result["tasks_by_treatment"]:
        table.add_row(
            names.get(row["treatment"], row["treatment"]),
            row["skill"],
            *(_number(row[name]) for name in ("tasks", "dealt", "waiting", "minutes")),
        )
    totals = (result["tasks"], result["dealt"], result["waiting"])
    minutes = sum(row["minutes"] for row in result["tasks_by_treatment"])
    table.add_section()
    table.add_row(_("Total"), "", *map(_number, (*totals, minutes)))
    return table


def _table(first: str, second: str, *others: str) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(first)
    table.add_column(second)
    for name in others:
        table.add_column(name, justify="right")
    return table


def _lines(result: Mapping[str, Any]) -> Iterator[str]:
    numbers = {name: _number(value) for name, value in result.items() if isinstance(value, int)}
    yield (
        _("%(cases)s cases: %(held)s on hold, %(without_treatment)s without a treatment tonight.")
        % numbers
    )
    yield _since(result) % numbers
    if result["expired"] or result["carried_over"]:
        yield (
            _("Tasks left open by earlier nights: %(carried_over)s go on, %(expired)s expired.")
            % numbers
        )
    yield from _refused(result)
    yield from _priced(result)
    share = 100 * result["minutes_used"] // (result["minutes_available"] or 1)
    yield _(
        "%(seats)s seats: %(minutes_used)s of %(minutes_available)s minutes used (%(share)s %%)."
    ) % {**numbers, "share": share}
    yield from _waiting(result)
    yield from left_lines(result)
    yield from fairness_lines(result)
    yield from change_lines(result)


def _since(result: Mapping[str, Any]) -> str:
    """What happened since the night before, in the pages and in files as much as in the night."""
    if result["before"] is None:
        return _(
            "Up to this first night: %(opened)s cases opened, %(closed)s closed; accounts:"
            " %(entered)s entered, %(gathered)s came along, %(left)s left."
        )
    return _(
        "Since the last night: %(opened)s cases opened, %(closed)s closed; accounts:"
        " %(entered)s entered, %(gathered)s came along, %(left)s left, %(rolled_forward)s rolled"
        " forward, %(rolled_back)s rolled back, %(cured)s cured."
    )


def _priced(result: Mapping[str, Any]) -> Iterator[str]:
    """The certificate, and what each resource costs; a result from before the price has none."""
    price = result.get("price")
    if not price:
        return
    code = price["currency"]
    yield _(
        "The plan is worth %(value)s; no plan could be worth more than %(bound)s (gap %(gap)s %%)."
    ) % {
        "value": _micro(price["value"], code),
        "bound": _micro(price["bound"], code),
        "gap": _hundredths(price["gap_parts"]),
    }
    for row in price["resources"]:
        told = _("  %(resource)s: %(use)s of %(capacity)s used, one more is worth %(price)s")
        yield (
            told
            % {
                "resource": row["resource"],
                "use": _number(row["use"]),
                "capacity": _number(row["capacity"]),
                "price": _micro(row["price"], code),
            }
        )
    yield _(
        "Without a treatment: %(without_option)s have none that is lawful, %(worth_nothing)s none"
        " that is worth its cost, %(no_capacity)s found no room at tonight's prices."
    ) % {name: _number(result[name]) for name in ("without_option", "worth_nothing", "no_capacity")}
    for treatment, count in price["no_seat"].items():
        told = _("No seat has the skill for %(treatment)s: %(n)s cases go without.")
        yield told % {"treatment": treatment, "n": _number(count)}
    for currency, count in result["without_rate"].items():
        told = _("%(n)s cases are in %(currency)s, which has no rate: they count as worth nothing.")
        yield told % {"currency": currency, "n": _number(count)}


def _micro(micro: int, code: str) -> str:
    """Millionths of a currency, rounded down to hundredths."""
    cents = micro // 10_000
    return f"{cents // 100:,}.{cents % 100:02d} {code}"


def _hundredths(parts: int) -> str:
    """Thousand-millionths as per cent with four decimals."""
    rounded = parts // 1_000
    return f"{rounded // 10_000}.{rounded % 10_000:04d}"


def _refused(result: Mapping[str, Any]) -> Iterator[str]:
    """What the law never allows, by the rule that decides; a result from before it has none."""
    from kept.work.rule_names import rule_name

    refused = result.get("refused") or {}
    if refused:
        yield _("%(n)s contacts are not lawful at any time and got no task:") % {
            "n": _number(sum(refused.values()))
        }
    for rule_id, count in sorted(refused.items(), key=lambda each: (-each[1], each[0])):
        yield f"  {rule_name(rule_id)}: {_number(count)}"


def _waiting(result: Mapping[str, Any]) -> Iterator[str]:
    """Why tasks wait: more minutes help against one reason, another skill against the other."""
    full, nobody = (result["dealing"].get(name, 0) for name in ("no_room", "nobody"))
    if full:
        yield _("%(n)s tasks wait because every seat that could take them is full.") % {
            "n": _number(full)
        }
    if nobody:
        yield _(
            "%(n)s tasks wait because no seat has the skill, the language and the creditor."
        ) % {"n": _number(nobody)}


def _treatment_names(label: str) -> dict[str, str]:
    from django.utils.translation import get_language

    from kept.work.strategies import known_strategy

    chinese = (get_language() or "").startswith("zh")
    strategy = known_strategy(label)
    return {
        each.code: each.name_zh if chinese else each.name_en
        for each in (strategy.treatments if strategy else ())
    }


def _number(value: int) -> str:
    return f"{value:,}"


def _amount(minor: int, code: str) -> str:
    from kept.core.currencies import currency
    from kept.core.money import Money

    whole, dot, decimals = Money(abs(minor), currency(code)).text.partition(".")
    return f"{'-' if minor < 0 else ''}{int(whole):,}{dot}{decimals}"
