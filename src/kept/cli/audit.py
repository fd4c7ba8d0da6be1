"""`kept audit`: verify the record and seal it. Exits with 0 whole, 1 something wrong, 2 refused."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from kept.cli.shell import Refused, actor_named, open_shell
from kept.core.seals import SealDocument, SealRefused, read_seal
from kept.core.verification import ChainFault, Fault, SealFault

if TYPE_CHECKING:
    from kept.core.verification import Verification

__all__ = ["audit"]

_FAULTS = {
    Fault.ALTERED: gettext_lazy("%(chain)s: event %(sequence)s was altered."),
    Fault.MISSING: gettext_lazy(
        "%(chain)s: event %(expected)s is missing; event %(sequence)s is the next that is there."
    ),
    Fault.DOUBLED: gettext_lazy("%(chain)s: event %(sequence)s is there more than once."),
    Fault.UNLINKED: gettext_lazy(
        "%(chain)s: event %(sequence)s does not follow the event that is before it now."
    ),
    Fault.HEADLESS: gettext_lazy("%(chain)s: there are events, but the chain's head is gone."),
    Fault.CUT_SHORT: gettext_lazy(
        "%(chain)s: the last events are gone; the head says there were %(expected)s."
    ),
    Fault.HEAD_BEHIND: gettext_lazy(
        "%(chain)s: the head was set back to event %(expected)s; there are %(sequence)s."
    ),
    Fault.HEAD_ALTERED: gettext_lazy("%(chain)s: the head was altered."),
    Fault.REWRITTEN: gettext_lazy(
        "%(chain)s: event %(sequence)s is not the one that was sealed; the history was rewritten."
    ),
    Fault.SEAL_MARK_ALTERED: gettext_lazy(
        "%(chain)s: what the head says of its last seal was altered."
    ),
    Fault.BEGINNING_ALTERED: gettext_lazy(
        "%(chain)s: a chain begins where no retention run left it; its first events were removed."
    ),
    Fault.UNSETTLED: gettext_lazy(
        "The chains do not close, but no row alone says why; compare with a backup."
    ),
}
_SEAL_FAULTS = {
    SealFault.OTHER_ROOT: gettext_lazy(
        "Seal %(number)s: the heads in the database do not lead to its root; they were rewritten."
    ),
    SealFault.UNKNOWN: gettext_lazy(
        "Seal %(number)s: the database does not hold this seal as the file says it."
    ),
    SealFault.CHAIN_OF_SEALS: gettext_lazy(
        "Seal %(number)s: it is not the seal that follows the one before it."
    ),
}


@click.group()
def audit() -> None:
    """Prove the record: verify every event, make a seal, export a case."""


@audit.command()
@click.option(
    "--seal",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The file of a seal, kept outside; may be repeated.",
)
def verify(files: tuple[Path, ...]) -> None:
    """Verify every chain of events, and that the sealed ones are as they were sealed."""
    shell = open_shell()
    from kept.core.actors import job
    from kept.work.audit import get_verification

    seals = [_read(path) for path in files]
    with override(shell.settings.language):
        found = get_verification(job("audit"), seals=seals)
        for line in _lines(found, len(seals)):
            click.echo(line)
    raise SystemExit(0 if found.is_whole else 1)


@audit.command()
def seal() -> None:
    """Seal all chains now, as every night does, and write the file of the seal."""
    shell = open_shell()
    from kept.batch.seals import make_seal, seal_path
    from kept.batch.stages import RunBusy
    from kept.core.actors import job
    from kept.store.partitions import ensure_partitions

    ensure_partitions(shell.now.date(), shell.now.date())
    try:
        document = make_seal(actor=job("audit"), now=shell.now)
    except RunBusy as error:
        raise Refused(str(error)) from error
    with override(shell.settings.language):
        click.echo(
            _("Seal %(number)s over %(chains)s chains, root %(root)s.")
            % {
                "number": document.number,
                "chains": f"{document.tree_size:,}",
                "root": document.root.hex(),
            }
        )
        click.echo(
            _("Keep a copy of %(path)s where nobody of this house can change it.")
            % {"path": seal_path(document.number)}
        )


@audit.command()
@click.argument("case_id", type=int)
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="The file to write; one that is there is not written over.",
)
@click.option("--as", "username", required=True, help="Who exports it: an auditor, for example.")
@click.option("--personal", is_flag=True, help="Open the personal values too.")
def export(case_id: int, out: Path, username: str, personal: bool) -> None:
    """Write one case with all that proves it into a file for a regulator."""
    shell = open_shell()
    from kept.work.audit import do_export_case
    from kept.work.refusals import Refusal

    with override(shell.settings.language):
        if out.exists():
            raise Refused(_("%(path)s is there already: choose another name.") % {"path": out})
        try:
            text = do_export_case(
                actor=actor_named(username, shell.now),
                case_id=case_id,
                with_personal_values=personal,
                now=shell.now,
            )
        except Refusal as refusal:
            raise Refused(refusal.message) from refusal
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        click.echo(_("Case %(id)s is in %(path)s.") % {"id": case_id, "path": out})


def _read(path: Path) -> SealDocument:
    try:
        return read_seal(path.read_text(encoding="utf-8"))
    except (SealRefused, UnicodeDecodeError) as error:
        raise Refused(f"{path}: {SealRefused.__doc__}") from error


def _lines(found: Verification, files: int) -> Iterator[str]:
    numbers = {
        "events": f"{found.events:,}",
        "chains": f"{found.chains:,}",
        "seals": f"{found.seals:,}",
        "files": files,
        "cut": f"{found.chains_cut_by_retention:,}",
    }
    yield (
        _(
            "%(events)s events in %(chains)s chains, %(seals)s seals, %(files)s files of seals"
            " looked at."
        )
        % numbers
    )
    if found.chains_cut_by_retention:
        yield _("Retention took away the beginning of %(cut)s chains.") % numbers
    if found.is_whole:
        yield _("Everything is whole.")
        return
    yield from (_sentence(fault) for fault in found.faults)
    for number, fault in found.seal_faults:
        yield str(_SEAL_FAULTS[fault]) % {"number": number}
    yield _("Not whole: stop writing, keep this database as it is, and tell the auditor.")


def _sentence(fault: ChainFault) -> str:
    names = {"case": _("Case %(id)s"), "debtor": _("Debtor %(id)s"), "house": _("The house")}
    chain = names.get(fault.chain_kind, fault.chain_kind) % {"id": fault.chain_id}
    return str(_FAULTS[fault.fault]) % {
        "chain": chain,
        "sequence": fault.sequence,
        "expected": fault.expected,
    }
