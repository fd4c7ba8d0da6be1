"""`kept nightly snapshot | plan`: a night's input as Parquet, and the plan from it.

The plan needs no database: it may be made on another machine, by either engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kept.cli.language import translate as _
from kept.cli.shell import Refused, open_shell

if TYPE_CHECKING:
    from kept.batch.deciding.engines import Engine
    from kept.batch.deciding.planning import Plan

__all__ = ["ENGINES", "engine_named", "plan", "snapshot"]

ENGINES = ("polars", "spark")
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.option("--creditor", required=True, help="The creditor's code.")
@click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The business date. [default: the creditor's own date now]",
)
@click.option("--out", required=True, type=_FOLDER, help="An empty or new folder.")
def snapshot(creditor: str, on: datetime | None, out: Path) -> None:
    """Write what a night decides on into OUT as Parquet; the book is not changed."""
    shell = open_shell()
    from kept.batch.nightly import business_date_of
    from kept.batch.nightly.snapshots import take_snapshot
    from kept.cli.nightly import night_progress
    from kept.core.actors import job
    from kept.store.models import Creditor

    found = Creditor.objects.filter(code=creditor).first()
    if found is None:
        raise Refused(_("There is no creditor %(code)s.") % {"code": creditor})
    if out.exists() and any(out.iterdir()):
        raise Refused(_("%(folder)s is not empty: name a new folder.") % {"folder": out})
    with night_progress() as progress:
        contents = take_snapshot(
            actor=job("nightly"),
            creditor=found,
            on=on.date() if on else business_date_of(found, shell.now),
            now=shell.now,
            folder=out,
            progress=progress,
        )
    told = _("%(folder)s: %(creditor)s on %(day)s by %(strategy)s, %(chunks)s chunks of cases")
    click.echo(
        told
        % {
            "folder": out,
            "creditor": contents.creditor,
            "day": contents.business_date,
            "strategy": contents.strategy,
            "chunks": len(contents.chunks),
        }
    )


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--engine", type=click.Choice(ENGINES), default="polars", show_default=True)
@click.option("--master", default="local[*]", show_default=True, help="Where Spark runs.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the plan as Parquet."
)
def plan(folder: Path, engine: str, master: str, out: Path | None) -> None:
    """Decide on a snapshot: what every case gets, with the certificate. No database is needed."""
    from kept.batch.deciding.snapshots import SnapshotError
    from kept.cli.nightly import night_progress

    with engine_named(engine, master) as chosen, night_progress() as progress:
        try:
            chosen.propose(folder, lambda done: progress("proposed", done, 0, ""))
            found = chosen.plan(folder, lambda passes: progress("priced", 0, 1, f"{passes}"))
        except SnapshotError as error:
            raise Refused(str(error)) from error
    for line in _lines(found):
        click.echo(line)
    if out is not None:
        found.chosen.write_parquet(out)


@contextmanager
def engine_named(name: str, master: str) -> Iterator[Engine]:
    """The engine, while it is open; refuses where Spark cannot be had."""
    from kept.batch.deciding.engines import Polars

    if name == "polars":
        yield Polars()
        return
    from kept.batch.deciding.on_spark import Spark, SparkMissing, spark_session

    try:
        session = spark_session(master)
    except SparkMissing as error:
        raise Refused(str(error)) from error
    try:
        yield Spark(session)
    finally:
        session.stop()


def _lines(found: Plan) -> Iterator[str]:
    told: dict[str, Any] = found.told
    words = _(
        "%(chosen)s cases get something. The plan is worth %(value)s, none could be worth more than"
        " %(bound)s (in millionths); gap %(gap)s thousand-millionths, %(passes)s passes."
    )
    yield words % {
        "chosen": f"{len(found.chosen):,}",
        "value": f"{told['value']:,}",
        "bound": f"{told['bound']:,}",
        "gap": f"{told['gap_parts']:,}",
        "passes": told["passes"],
    }
    for row in told["resources"]:
        used = _("  %(resource)s: %(use)s of %(capacity)s used, one more is worth %(price)s")
        yield (
            used
            % {
                "resource": row["resource"],
                "use": f"{row['use']:,}",
                "capacity": f"{row['capacity']:,}",
                "price": f"{row['price']:,}",
            }
        )
