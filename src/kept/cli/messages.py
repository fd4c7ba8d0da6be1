"""`kept messages`: keep the catalogues in step with the texts; compile them without gettext."""

from __future__ import annotations

import click

from kept.cli.shell import set_up_django
from kept.desk.catalogues import (
    CATALOGUE,
    PACKAGE,
    collect_texts,
    compile_catalogues,
    faults,
    read_catalogue,
    update_catalogue,
)

__all__ = ["compile_catalogues", "messages"]


@click.command()
@click.option("--update", is_flag=True, help="First add new texts, empty, and drop old ones.")
def messages(update: bool) -> None:
    """Compile the Chinese and English catalogues."""
    if update:
        set_up_django()
        texts = collect_texts()
        update_catalogue(texts)
        for fault in faults(texts, read_catalogue()):
            click.echo(f"{CATALOGUE.parts[-3]}: {fault}")
    for path in compile_catalogues(PACKAGE / "locale"):
        click.echo(f"{path.parts[-3]}: {path}")
