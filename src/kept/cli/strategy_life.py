"""The life of a strategy's version by commands, each in the name of a person, as on the pages.

Exit codes: 0 done, 2 refused with what to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kept.cli.files import text_of_file
from kept.cli.language import translate as _
from kept.cli.shell import Refused, Shell, actor_named, creditor_named, open_shell

if TYPE_CHECKING:
    from kept.core.actors import Actor

__all__ = ["AS", "DAY", "LIFE", "NOTE", "STANDING", "in_the_name_of", "lines_of_all"]

AS = click.option("--as", "username", required=True, help="In whose name: a person of the house.")
NOTE = click.option("--note", default="", help="Why; it stands in the history.")
DAY = click.DateTime(["%Y-%m-%d"])


@dataclass(frozen=True, slots=True)
class _Called:
    shell: Shell
    actor: Actor


@contextmanager
def in_the_name_of(username: str) -> Iterator[_Called]:
    """A shell that can write events; what is refused is said in the installation's language."""
    shell = open_shell()
    from django.utils.translation import override

    from kept.store.partitions import ensure_partitions
    from kept.work.refusals import Refusal

    ensure_partitions(shell.now.date(), shell.now.date())
    with override(shell.settings.language):
        try:
            yield _Called(shell, actor_named(username, shell.now))
        except Refusal as refusal:
            told = " ".join(refusal.fields.values()) or refusal.message
            raise Refused(told) from refusal


def _step(username: str, label: str, use_case: str, **given: Any) -> Any:
    with in_the_name_of(username) as called:
        from kept.work import strategy_versions
        from kept.work.strategies import row_labelled

        row = row_labelled(label)
        if row is None:
            told = _("There is no version %(label)s here: see `kept strategy list`.")
            raise Refused(told % {"label": label})
        do = getattr(strategy_versions, use_case)
        return do(actor=called.actor, version_id=row.pk, now=called.shell.now, **given)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@AS
@NOTE
def draft(file: Path, username: str, note: str) -> None:
    """Begin a version from FILE; it gets the next number of its code."""
    text = text_of_file(file)
    with in_the_name_of(username) as called:
        from django.utils import timezone

        from kept.work.strategies import row_labelled
        from kept.work.strategy_versions import check_text, do_draft_strategy

        label = do_draft_strategy(actor=called.actor, text=text, note=note, now=called.shell.now)
        row = row_labelled(label)
        today = timezone.localtime(called.shell.now).date()
        faults = check_text(row.text, label, today).faults if row else ()
    click.echo(_("%(label)s is begun.") % {"label": label})
    for fault in faults:
        click.echo(fault.told(label, _), err=True)


@click.command()
@click.argument("label")
@AS
@NOTE
def submit(label: str, username: str, note: str) -> None:
    """Give the draft LABEL to somebody else to decide."""
    _step(username, label, "do_submit_strategy", note=note)
    click.echo(_("%(label)s is submitted.") % {"label": label})


@click.command()
@click.argument("label")
@AS
@NOTE
def approve(label: str, username: str, note: str) -> None:
    """Say yes to LABEL; never in the name of who wrote or changed it."""
    _step(username, label, "do_approve_strategy", note=note)
    click.echo(_("%(label)s is approved.") % {"label": label})
    _warn_of_room(label)


def _warn_of_room(label: str) -> None:
    """What the last trial found: more work for a skill than its seats have minutes."""
    from kept.core.actors import job
    from kept.work.strategy_room import list_shortages

    for each in list_shortages(job("console"), label):
        told = _(
            "Warning: tried on %(day)s, skill %(skill)s would get %(minutes)s minutes of work"
            " (%(cases)s cases); its seats have %(room)s."
        )
        click.echo(told % {**asdict(each), "day": each.on})


@click.command()
@click.argument("label")
@AS
@click.option("--reason", required=True, help="What should change.")
def reject(label: str, username: str, reason: str) -> None:
    """Send LABEL back to its writers."""
    _step(username, label, "do_reject_strategy", reason=reason)
    click.echo(_("%(label)s is a draft again.") % {"label": label})


@click.command()
@click.argument("label")
@AS
@click.option("--from", "from_on", type=DAY, help="The first day; today, unless said.")
@NOTE
def force(label: str, username: str, from_on: datetime | None, note: str) -> None:
    """Put the approved version LABEL in force from a day on."""
    day = _step(username, label, "do_put_in_force", from_on=_day(from_on), note=note)
    click.echo(_("%(label)s is in force from %(day)s.") % {"label": label, "day": day})


@click.command()
@click.argument("label")
@AS
@click.option("--last", "last_on", type=DAY, help="Its last day; today, unless said.")
@NOTE
def retire(label: str, username: str, last_on: datetime | None, note: str) -> None:
    """End LABEL after a day, or set aside one that is not in force."""
    _step(username, label, "do_retire_strategy", last_on=_day(last_on), note=note)
    click.echo(_("%(label)s is retired.") % {"label": label})


@click.command()
@click.argument("creditor")
@click.argument("code")
@AS
@click.option("--from", "from_on", type=DAY, help="The first day; today, unless said.")
@NOTE
def assign(creditor: str, code: str, username: str, from_on: datetime | None, note: str) -> None:
    """From a day on work the book of CREDITOR by the strategy CODE."""
    with in_the_name_of(username) as called:
        from kept.work.strategies import do_assign_strategy

        row = creditor_named(creditor)
        do_assign_strategy(
            actor=called.actor,
            creditor_id=row.pk,
            code=code,
            from_on=_day(from_on),
            note=note,
            now=called.shell.now,
        )
    click.echo(
        _("The book of %(creditor)s is worked by %(code)s.") % {"creditor": creditor, "code": code}
    )


LIFE = (draft, submit, approve, reject, force, retire, assign)


def lines_of_all(shell: Shell, language: str) -> Iterator[str]:
    """Every version on a line, then what each creditor uses."""
    from django.utils import timezone

    from kept.core.actors import job
    from kept.work.strategies import list_strategy_uses
    from kept.work.strategy_lists import list_strategies

    today = timezone.localtime(shell.now).date()
    for each in list_strategies(job("console"), today):
        days = f"{each.valid_from} – {each.valid_to or '…'}" if each.valid_from else "–"
        source = _("shipped") if each.is_shipped else _("written here")
        standing = _(STANDING[each.standing])
        yield f"{each.label}  {standing}  {days}  {each.name(language)} ({source})"
    for use in list_strategy_uses(job("console"), today):
        later = f", {use.next_code} {use.next_from}" if use.next_code else ""
        yield f"{use.creditor_code} → {use.code}{later}"


STANDING = {
    "draft": "draft",
    "review": "in review",
    "approved": "approved",
    "in_force": "in force",
    "retired": "retired",
    "coming": "to come",
    "ending": "in force, ending",
    "replaced": "replaced by the house's own",
}


def _day(given: datetime | None) -> date | None:
    return None if given is None else given.date()
