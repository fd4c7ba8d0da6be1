"""`kept key`: the data keys, out to the safe, back from it, renewed and retired."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TextIO

import click

from kept.cli.shell import Refused, open_shell
from kept.core.key_rings import KeyRing, read_key_ring
from kept.core.paper_keys import read_paper, write_paper
from kept.running.keys import existing_ring, key_ring, new_secret, replace_ring
from kept.running.settings import Settings, load_settings
from kept.running.whole_files import create_whole

__all__ = ["key"]


@click.group()
def key() -> None:
    """The data keys: without them neither the book's personal values nor a backup can be read."""


@key.command("list")
def list_keys() -> None:
    """Number and fingerprint of each key; not the keys."""
    for each in (ring := key_ring(load_settings(os.environ))):
        does = ["seals"] if each == ring.sealing else []
        does += ["hashes"] if each.number == ring.hashing else []
        click.echo(f"data key {each.number}  {each.fingerprint}  {', '.join(does) or 'opens'}")


@key.command()
@click.option("--to", "path", type=click.Path(dir_okay=False, path_type=Path), help="A new file.")
def export(path: Path | None) -> None:
    """Write the keys in groups of letters, for paper or a stick in the safe."""
    ring = existing_ring(load_settings(os.environ))
    if ring is None:
        raise Refused("There is no data key yet: the first `kept migrate` makes one.")
    if path is None:
        click.echo(write_paper(ring), nl=False)
    elif create_whole(path.absolute(), write_paper(ring)):
        click.echo(f"Written to {path}: bring it to the safe, and leave no copy on this machine.")
    else:
        raise Refused(f"{path} is there already: name a new file.")


@key.command("import")
@click.argument("file", type=click.File(encoding="utf-8"), default="-")
def import_keys(file: TextIO) -> None:
    """Put keys back, from a file of `kept key export` or as they are typed from paper.

    A machine without a key takes all of them; one with a key takes those that it lacks.
    """
    if file.isatty():
        click.echo("Type the lines from the paper, then Ctrl-D.", err=True)
    given = _read(file.read())
    settings = load_settings(os.environ)
    there = existing_ring(settings)
    try:
        ring = given if there is None else there.joined(given)
    except ValueError as error:
        raise Refused(
            f"{error}: this home has keys of its own. Name another home by KEPT_HOME."
        ) from error
    replace_ring(settings, ring)
    for each in given:
        click.echo(f"data key {each.number}  {each.fingerprint} is here.")


def _read(text: str) -> KeyRing:
    try:
        return read_paper(text) if "fingerprint" in text else read_key_ring(text)
    except ValueError as error:
        raise Refused(f"The keys cannot be read: {error}.") from error


@key.command()
@click.option("--show", is_flag=True, help="Where KEPT_DATA_KEY is set: print its next value.")
def rotate(show: bool) -> None:
    """Seal everything anew with a new data key, while kept runs on.

    Ended at any moment, it goes on where it was when the command is given again. The old key stays
    until `kept key retire`: older backups need it.
    """
    shell = open_shell()
    settings = shell.settings
    ring = key_ring(settings)
    if show:
        click.echo(_next_value(ring))
        return
    if not ring.is_rotating:
        ring = _begin(settings, ring)
    from kept.batch.rotating import RotationBusy, rotate_key
    from kept.core.actors import job
    from kept.store.cipher import CipherError

    try:
        done = rotate_key(
            actor=job("key_rotation"),
            now=shell.now,
            publish=lambda finished: _publish(settings, finished),
            say=lambda stage, number: click.echo(f"{stage}: {number:,}", err=True),
        )
    except (RotationBusy, CipherError) as error:
        raise Refused(str(error)) from error
    click.echo(
        f"Data key {done.number} seals everything now: {done.values:,} values and {done.files:,} "
        "files were sealed anew. Bring `kept key export` to the safe, and take a backup."
    )


def _begin(settings: Settings, ring: KeyRing) -> KeyRing:
    if settings.data_keys is not None:
        raise Refused(
            "KEPT_DATA_KEY is set. Give `kept key rotate --show`, set KEPT_DATA_KEY to what it "
            "prints in every process, start them again, then give `kept key rotate`."
        )
    begun = ring.with_new(new_secret())
    replace_ring(settings, begun)
    return begun


def _next_value(ring: KeyRing) -> str:
    following = ring.finished() if ring.is_rotating else ring.with_new(new_secret())
    return following.text.replace("\n", ",")


def _publish(settings: Settings, ring: KeyRing) -> None:
    if settings.data_keys is None:
        replace_ring(settings, ring)
    else:
        click.echo("Set KEPT_DATA_KEY to what `kept key rotate --show` prints now, everywhere.")


@key.command()
@click.argument("number", type=click.IntRange(1, 255))
@click.option("--with-backups", is_flag=True, help="Also when backups that need it are lost by it.")
def retire(number: int, with_backups: bool) -> None:
    """Forget an older key, once nothing in the book needs it."""
    shell = open_shell()
    settings = shell.settings
    from kept.batch.rotating import retire_key, uses_of_key
    from kept.core.actors import job

    try:
        ring = key_ring(settings).without(number)
    except ValueError as error:
        raise Refused(f"{error}.") from error
    uses = uses_of_key(number, settings.backup_dir)
    kept_by = [use for use in uses if not (with_backups and use.startswith("the backup"))]
    if kept_by:
        raise Refused(f"Data key {number} is still needed by {', '.join(kept_by[:5])}.")
    retire_key(actor=job("key_rotation"), number=number, now=shell.now)
    if settings.data_keys is not None:
        click.echo(
            f"Nothing needs data key {number} any more: take its entry, which begins with "
            f"`{number}:`, out of KEPT_DATA_KEY in every process, and start them again."
        )
        return
    replace_ring(settings, ring)
    click.echo(f"Data key {number} is forgotten here. The copy in the safe opens what it sealed.")
