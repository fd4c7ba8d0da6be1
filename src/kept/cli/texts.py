"""`kept text`: list, show, check and compare texts; draft, approve and put them in force.

Steps are in the name of a person, as on the pages. Exit codes: 0 done, 1 of `check` when something
bars the text, 2 refused with what to do.
"""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from kept.cli.files import text_of_file
from kept.cli.language import installation_language
from kept.cli.language import translate as _
from kept.cli.shell import Refused, Shell, creditor_named, open_shell
from kept.cli.strategy_life import AS, DAY, NOTE, STANDING, in_the_name_of

__all__ = ["text"]

_LABEL = click.argument("label")
_CREDITOR = click.option(
    "--creditor", default="", help="The code of one creditor; without it the whole house."
)


@click.group()
def text() -> None:
    """Texts: scripts, templates and guides with their versions."""


@text.command("list")
@click.option("--code", default="", help="Only this text.")
def list_texts(code: str) -> None:
    """Every version, shipped or written here, with its state and days."""
    shell = open_shell()
    from kept.core.actors import job
    from kept.work.text_lists import list_texts as every

    for each in every(job("console"), _today(shell), code):
        days = f"{each.valid_from} – {each.valid_to or '…'}" if each.valid_from else "–"
        source = each.creditor_code or (_("written here") if each.version_id else _("shipped"))
        standing = _(STANDING[each.standing])
        shape = f"{each.text.kind}/{each.text.channel}"
        click.echo(f"{each.label}  {standing}  {days}  {shape} ({source})")


@text.command()
@_LABEL
@click.option("--example", is_flag=True, help="Filled for an example debtor.")
@click.option("--against", default="", help="Another version: what changes from it, in words.")
def show(label: str, example: bool, against: str) -> None:
    """The words of the version LABEL, such as early_call:en:1."""
    shell = open_shell()
    from kept.core.text_figures import example_of, fill
    from kept.core.word_changes import word_changes

    found = _version(shell, label)
    if against:
        signs = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
        changes = word_changes(_version(shell, against).text.body, found.text.body)
        click.echo("".join(signs[each.kind].format(each.words) for each in changes))
    elif example:
        click.echo(fill(found.text.body, example_of(found.text.language)))
    else:
        click.echo(found.text.body)


@text.command()
@click.argument("which")
def check(which: str) -> None:
    """Look through WHICH: a version such as early_call:en:2, or a file of texts."""
    shell = open_shell()
    from django.utils.translation import override

    with override(shell.settings.language):
        bars = [_check_one(shell, *each) for each in _bodies(shell, which)]
    sys.exit(1 if any(bars) else 0)


def _check_one(shell: Shell, name: str, body: str, given: dict[str, Any]) -> bool:
    """Tell what is wrong; whether something bars the text."""
    from django.utils.translation import gettext

    from kept.work.text_checks import check_words

    findings = check_words(body, **given, on=_today(shell))
    language = "en" if installation_language() == "en" else "zh"
    for each in findings:
        line, column = each.line_and_column(body)
        minded = "" if each.bars else f" ({_('to be minded')})"
        click.echo(f"{name} {line}:{column}{minded} {each.told(language, gettext)}")
    if not findings:
        click.echo(f"{name} {_('Nothing is wrong.')}")
    return any(each.bars for each in findings)


def _bodies(shell: Shell, which: str) -> list[tuple[str, str, dict[str, Any]]]:
    if not Path(which).exists():
        found = _version(shell, which).text
        given = {
            "kind": found.kind,
            "channel": found.channel,
            "language": found.language,
            "creditor_id": found.creditor_id,
            "code": found.code,
        }
        return [(found.label, found.body, given)]
    from kept.work.refusals import Refusal
    from kept.work.text_files import read_file

    try:
        drafts = read_file(_content(Path(which)))
    except Refusal as refusal:
        raise Refused(refusal.fields["content"]) from refusal
    return [
        (
            f"{each.code}:{language}",
            body,
            {
                "kind": each.kind,
                "channel": each.channel,
                "language": language,
                "creditor_id": None,
                "code": each.code,
            },
        )
        for each in drafts
        for language, body in each.bodies.items()
    ]


@text.command()
@click.argument("file", type=click.Path(path_type=Path))
@AS
@_CREDITOR
@NOTE
def add(file: Path, username: str, creditor: str, note: str) -> None:
    """Begin a version for each text and language of FILE that says something new."""
    content = _content(file)
    with in_the_name_of(username) as called:
        from kept.work.text_files import do_draft_texts

        labels = do_draft_texts(
            actor=called.actor,
            content=content,
            creditor_id=_creditor_id(creditor),
            note=note,
            now=called.shell.now,
        )
    for label in labels:
        click.echo(_("%(label)s is begun.") % {"label": label})
    if not labels:
        click.echo(_("The file says nothing that does not hold already."))


@text.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--code", default="", help="Only this text.")
@_CREDITOR
def export(file: Path, code: str, creditor: str) -> None:
    """Write what holds today into FILE, in the form that `add` reads."""
    shell = open_shell()
    from kept.core.actors import job
    from kept.work.text_files import get_text_file

    content = get_text_file(job("console"), _today(shell), code, creditor)
    try:
        file.write_text(content, encoding="utf-8")
    except OSError as error:
        told = _("%(file)s cannot be written: %(why)s.")
        raise Refused(told % {"file": file, "why": error}) from error
    click.echo(_("%(file)s is written.") % {"file": file})


@text.command()
@_LABEL
@AS
@NOTE
def submit(label: str, username: str, note: str) -> None:
    """Give the draft LABEL to somebody else to decide."""
    _step(username, label, "do_submit_text", note=note)
    click.echo(_("%(label)s is submitted.") % {"label": label})


@text.command()
@_LABEL
@AS
@NOTE
def approve(label: str, username: str, note: str) -> None:
    """Say yes to LABEL; never in the name of who wrote or changed it."""
    _step(username, label, "do_approve_text", note=note)
    click.echo(_("%(label)s is approved.") % {"label": label})


@text.command()
@_LABEL
@AS
@click.option("--reason", required=True, help="What should change.")
def reject(label: str, username: str, reason: str) -> None:
    """Send LABEL back to its writers."""
    _step(username, label, "do_reject_text", reason=reason)
    click.echo(_("%(label)s is a draft again.") % {"label": label})


@text.command()
@_LABEL
@AS
@click.option("--from", "from_on", type=DAY, help="The first day; today, unless said.")
@click.option("--until", type=DAY, help="The last day, if there is one.")
@NOTE
def force(
    label: str, username: str, from_on: datetime | None, until: datetime | None, note: str
) -> None:
    """Put the approved version LABEL in force from a day on."""
    days = {"from_on": _day(from_on), "until": _day(until)}
    day = _step(username, label, "do_put_text_in_force", note=note, **days)
    click.echo(_("%(label)s is in force from %(day)s.") % {"label": label, "day": day})


@text.command()
@_LABEL
@AS
@click.option("--last", "last_on", type=DAY, help="Its last day; today, unless said.")
@NOTE
def retire(label: str, username: str, last_on: datetime | None, note: str) -> None:
    """End LABEL after a day, or set aside one that is not in force."""
    _step(username, label, "do_retire_text", last_on=_day(last_on), note=note)
    click.echo(_("%(label)s is retired.") % {"label": label})


# --- what commands share --------------------------------------------------------------------------


def _step(username: str, label: str, use_case: str, **given: Any) -> Any:
    with in_the_name_of(username) as called:
        from kept.work import text_versions
        from kept.work.texts import row_of_text

        row = row_of_text(label)
        if row is None:
            raise _unknown(label)
        do = getattr(text_versions, use_case)
        return do(actor=called.actor, version_id=row.pk, now=called.shell.now, **given)


def _version(shell: Shell, label: str) -> Any:
    from kept.core.actors import job
    from kept.work.text_lists import get_text

    found = get_text(job("console"), label, _today(shell))
    if found is None:
        raise _unknown(label)
    return found


def _unknown(label: str) -> Refused:
    told = _("There is no text %(label)s here: see `kept text list`.")
    return Refused(told % {"label": label})


def _creditor_id(code: str) -> int | None:
    return creditor_named(code).pk if code else None


def _content(file: Path) -> str:
    return text_of_file(file)


def _today(shell: Shell) -> date:
    from django.utils import timezone

    return timezone.localtime(shell.now).date()


def _day(given: datetime | None) -> date | None:
    return None if given is None else given.date()
