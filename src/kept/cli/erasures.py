"""`kept erase` and `kept retention`: asking that a person is erased, and what may go.

Nobody is erased by a command alone: it asks, in the name of a person, and the desk's approvals
decide. Exit codes: 0 done, 2 refused with what stands against it and until when.
"""

from __future__ import annotations

import click
from django.utils.translation import gettext as _
from django.utils.translation import override

from kept.cli.shell import Refused, Shell, actor_named, open_shell

__all__ = ["erase", "retention"]

_AS = click.option("--as", "username", required=True, help="Who asks: a person of the house.")
_CREDITOR = click.option("--creditor", "code", required=True, help="The creditor's code.")


@click.command()
@click.argument("person_ids", type=int, nargs=-1, required=True, metavar="PERSON...")
@_CREDITOR
@_AS
@click.option(
    "--reason",
    type=click.Choice(["asked", "period_over"]),
    default="asked",
    show_default=True,
    help="The person asked for it, or no duty keeps the record any more.",
)
@click.option("--because", required=True, help="What whoever decides should know; no names.")
def erase(person_ids: tuple[int, ...], code: str, username: str, reason: str, because: str) -> None:
    """Ask that persons are erased as one creditor knows them; somebody else decides at the desk."""
    shell = open_shell()
    with override(shell.settings.language):
        approval_id = _ask(shell, list(person_ids), code, username, reason, because)
        click.echo(
            _("Asked for as approval %(id)s: somebody else decides it at the desk.")
            % {"id": approval_id}
        )


def _ask(
    shell: Shell, person_ids: list[int], code: str, username: str, reason: str, because: str
) -> int:
    from kept.store.models import Creditor
    from kept.work.approvals import do_request_approval
    from kept.work.erasures import ErasureReason, erasure_command
    from kept.work.refusals import Refusal

    creditor = Creditor.objects.filter(code=code).first()
    if creditor is None:
        raise Refused(_("There is no creditor %(code)s.") % {"code": code})
    try:
        asked = do_request_approval(
            actor=actor_named(username, shell.now),
            kind="erasure",
            command=erasure_command(creditor.pk, person_ids, ErasureReason(reason)),
            reason=because,
            now=shell.now,
        )
    except Refusal as refusal:
        raise Refused(refusal.message) from refusal
    return int(asked.pk)


@click.group()
def retention() -> None:
    """What no duty keeps any more: persons, received files, refused values."""


@retention.command()
@click.option("--limit", default=500, show_default=True, help="How many persons at most.")
def due(limit: int) -> None:
    """Persons whom no duty keeps any more, a line each: creditor, number, since when."""
    shell = open_shell()
    from kept.core.actors import job
    from kept.work.erasures import list_due_persons

    with override(shell.settings.language):
        found = list_due_persons(actor=job("retention"), now=shell.now, limit=limit)
        for each in found:
            click.echo(f"{each.creditor_code}\t{each.who.person_id}\t{each.since.isoformat()}")
        click.echo(
            _("%(n)s persons; `kept erase` asks for their erasure.") % {"n": len(found)}, err=True
        )


@retention.command()
def rules() -> None:
    """The duties to keep and to erase, with citation, standing and dates."""
    from kept.packs.retention import load_retention

    found = load_retention()
    for duty in found.duties:
        keep = duty.keep
        parts = ((keep.years, "y"), (keep.months, "m"), (keep.days, "d"))
        period = " ".join(f"{number}{unit}" for number, unit in parts if number)
        click.echo(
            f"{duty.id}\t{duty.record}\t{period} after {duty.start}\t{duty.jurisdiction}"
            f"\t{duty.status}\t{duty.citation}"
        )
    for each in found.deletions:
        click.echo(f"{each.id}\terase\t\t{each.jurisdiction}\t{each.status}\t{each.citation}")


@retention.command()
def run() -> None:
    """Destroy received files and refused values whose time is over; nobody is erased by it."""
    shell = open_shell()
    from kept.core.actors import job
    from kept.store.partitions import ensure_partitions
    from kept.work.erasures import do_destroy_due_records

    ensure_partitions(shell.now.date(), shell.now.date())
    with override(shell.settings.language):
        gone = do_destroy_due_records(actor=job("retention"), now=shell.now)
        click.echo(_("%(files)s received files and %(refused_values)s refused values.") % gone)
