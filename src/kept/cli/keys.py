"""`kept key`: the data keys, out to the safe, back from it, renewed and retired."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TextIO

import click
from django.utils.translation import gettext as _

from kept.cli.language import tell, translate
from kept.cli.shell import Refused, open_shell
from kept.core.key_faults import KeyFault
from kept.core.key_rings import KeyRing, read_key_ring
from kept.core.paper_keys import read_paper, write_paper
from kept.running.errors import Said
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
        does = [Said("seals")] if each == ring.sealing else []
        does += [Said("hashes")] if each.number == ring.hashing else []
        said = ", ".join(map(tell, does or [Said("opens")]))
        click.echo(f"{tell(Said('data key'))} {each.number}  {each.fingerprint}  {said}")


@key.command()
@click.option("--to", "path", type=click.Path(dir_okay=False, path_type=Path), help="A new file.")
def export(path: Path | None) -> None:
    """Write the keys in groups of letters, for paper or a stick in the safe."""
    ring = existing_ring(load_settings(os.environ))
    if ring is None:
        raise Refused(tell(Said("There is no data key yet: the first `kept migrate` makes one.")))
    if path is None:
        click.echo(write_paper(ring), nl=False)
    elif create_whole(path.absolute(), write_paper(ring)):
        told = Said(
            "Written to {path}: bring it to the safe, and leave no copy on this machine.", path=path
        )
        click.echo(tell(told))
    else:
        raise Refused(tell(Said("{path} is there already: name a new file.", path=path)))


@key.command("import")
@click.argument("file", type=click.File(encoding="utf-8"), default="-")
def import_keys(file: TextIO) -> None:
    """Put keys back, from a file of `kept key export` or as they are typed from paper.

    A machine without a key takes all of them; one with a key takes those that it lacks.
    """
    if file.isatty():
        click.echo(tell(Said("Type the lines from the paper, then Ctrl-D.")), err=True)
    given = _read(file.read())
    settings = load_settings(os.environ)
    there = existing_ring(settings)
    try:
        ring = given if there is None else there.joined(given)
    except KeyFault as error:
        told = Said(
            "{fault}: this home has keys of its own. Name another home by KEPT_HOME.",
            fault=error.told(translate),
        )
        raise Refused(tell(told)) from error
    replace_ring(settings, ring)
    for each in given:
        told = Said(
            "data key {number}  {print} is here.", number=each.number, print=each.fingerprint
        )
        click.echo(tell(told))


def _read(text: str) -> KeyRing:
    try:
        return read_paper(text) if "fingerprint" in text else read_key_ring(text)
    except KeyFault as error:
        told = Said("The keys cannot be read: {fault}.", fault=error.told(translate))
        raise Refused(tell(told)) from error


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
        raise Refused(_(str(error))) from error
    click.echo(
        _(
            "Data key %(number)s seals everything now: %(values)s values and %(files)s files were "
            "sealed anew. Bring `kept key export` to the safe, and take a backup."
        )
        % {"number": done.number, "values": f"{done.values:,}", "files": f"{done.files:,}"}
    )


def _begin(settings: Settings, ring: KeyRing) -> KeyRing:
    if settings.data_keys is not None:
        raise Refused(
            _(
                "KEPT_DATA_KEY is set. Give `kept key rotate --show`, set KEPT_DATA_KEY to what it "
                "prints in every process, start them again, then give `kept key rotate`."
            )
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
        click.echo(_("Set KEPT_DATA_KEY to what `kept key rotate --show` prints now, everywhere."))


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
    except KeyFault as error:
        raise Refused(f"{error.told(translate)}.") from error
    uses = uses_of_key(number, None if with_backups else settings.backup_dir)
    if uses:
        told = _("Data key %(number)s is still needed by %(uses)s.")
        raise Refused(told % {"number": number, "uses": ", ".join(uses[:5])})
    retire_key(actor=job("key_rotation"), number=number, now=shell.now)
    if settings.data_keys is not None:
        click.echo(
            _(
                "Nothing needs data key %(number)s any more: take its entry, which begins with "
                "`%(number)s:`, out of KEPT_DATA_KEY in every process, and start them again."
            )
            % {"number": number}
        )
        return
    replace_ring(settings, ring)
    told = _("Data key %(number)s is forgotten here. The copy in the safe opens what it sealed.")
    click.echo(told % {"number": number})
