"""`kept messages`: compile the catalogues, without the GNU gettext tools."""

from __future__ import annotations

from pathlib import Path

import click
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import kept

__all__ = ["compile_catalogues", "messages"]

CATALOGUES = Path(kept.__file__).parent / "locale"


def compile_catalogues(folder: Path) -> list[Path]:
    """Write the `.mo` beside every `.po` below the folder; returns those written."""
    written = []
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parts[-3], abort_invalid=True)
        target = source.with_suffix(".mo")
        with target.open("wb") as file:
            write_mo(file, catalogue)
        written.append(target)
    return written


@click.command()
def messages() -> None:
    """Compile the Chinese and English catalogues."""
    for path in compile_catalogues(CATALOGUES):
        click.echo(f"{path.parts[-3]}: {path}")
