"""`kept law explain` and `kept law diff`: a rule or a verdict in words, and what a pack changes.

A rule and a comparison of two packs need no database; a case and a book do.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from django.utils.translation import gettext as _
from django.utils.translation import override

from kept.cli.language import installation_language
from kept.cli.shell import Refused, Shell, open_shell
from kept.core.attempts import Channel
from kept.core.law.pack_diffs import rule_changes
from kept.core.law.rule_words import rule_word
from kept.core.law.rules import LawPack, Rule
from kept.core.law.saying import say_verdict, trace_of
from kept.core.law.vocabulary import PURPOSES
from kept.core.law.wording import rows_of_rule
from kept.packs.law_packs import LawFileError, load_law_packs, parse_law_pack

if TYPE_CHECKING:
    from kept.core.calendar import OffsetTable
    from kept.core.law.verdicts import Verdict
    from kept.work.law_diffs import PackEffects

__all__ = ["diff", "explain", "pack_called"]

_CHANNELS = click.Choice([str(each) for each in Channel])


@click.command()
@click.argument("what")
@click.option("--channel", type=_CHANNELS, default="call", show_default=True, help="By which way.")
@click.option("--purpose", type=click.Choice(PURPOSES), default="collect", help="What for.")
@click.option("--point", type=int, help="The number of the contact point; any where left out.")
@click.option("--at", "at", help="When, as 2026-11-24T09:00 by the clock of the house; now.")
def explain(what: str, channel: str, purpose: str, point: int | None, at: str | None) -> None:
    """A rule in words, or what the law says of a contact in a case: WHAT is its id or number."""
    if what.isascii() and what.isdigit():
        _explain_case(int(what), channel, purpose, point, at)
        return
    found = [(pack, rule) for pack in _packs() for rule in pack.rules if rule.id == what]
    if not found:
        raise Refused(f"There is no rule {what}: `kept law list` names them all.")
    for pack, rule in found:
        _explain_rule(pack, rule)


def _explain_rule(pack: LawPack, rule: Rule) -> None:
    language = _language()
    words = (
        rule_word(rule.status, "status", language),
        rule_word(rule.force, "force", language),
        rule_word(rule.modality, "modality", language),
    )
    click.echo(f"{rule.id}  {rule.called(language)}")
    click.echo(f"{rule.citation}  [{', '.join(words)}]")
    if rule.valid_from or rule.valid_to:
        click.echo(f"{rule.valid_from or '…'} – {rule.valid_to or '…'}")
    for rows in rows_of_rule(rule, pack, language):
        click.echo()
        for label, text in rows:
            click.echo(f"  {label}: {text}")
    if rule.note:
        click.echo(f"\n{rule.note}")


def _explain_case(
    case_id: int, channel: str, purpose: str, point: int | None, at: str | None
) -> None:
    shell = open_shell()
    from kept.core.actors import job
    from kept.work.law_trials import get_trial
    from kept.work.refusals import NotThere, Refusal
    from kept.work.situations import IntendedContact

    with override(shell.settings.language):
        wanted = IntendedContact(
            case_id=case_id,
            channel=channel,
            minute=_minute(shell, at),
            contact_point_id=point,
            purpose=purpose,
        )
        try:
            trial = get_trial(actor=job("law"), wanted=wanted)
        except NotThere as error:
            raise Refused(_("There is no such case or contact point.")) from error
        except Refusal as refusal:
            raise Refused(refusal.message) from refusal
        verdict = trial.judged.verdict
        click.echo(_shower(trial.place)(wanted.minute))
        click.echo(_sentence(verdict, trial.place, trial.has_place))
        for row in trace_of(verdict, _language(), _shower(trial.place)):
            _echo_trace(row)


def _echo_trace(row: tuple[str, ...]) -> None:
    effect, rule_id, name, citation, status, reads = row
    language = _language()
    said = rule_word(effect, "effect", language)
    click.echo(f"\n{rule_id}  {said}  {name}")
    click.echo(f"  {citation} [{rule_word(status, 'status', language)}]")
    if reads:
        click.echo(f"  {reads}")


@click.command()
@click.argument("old")
@click.argument("new")
@click.option("--on", "book", help="Judge the open cases of this creditor (its code), or of all.")
@click.option("--channel", type=_CHANNELS, default="call", show_default=True, help="By which way.")
@click.option("--at", "at", help="When, as 2026-11-24T09:00 by the clock of the house; now.")
@click.option(
    "--most",
    type=click.IntRange(1, 1_000_000),
    default=2_000,
    show_default=True,
    help="Judge no more cases than this; they are spread over all.",
)
def diff(old: str, new: str, book: str | None, channel: str, at: str | None, most: int) -> None:
    """What changes from pack OLD to NEW: each is a file, or the name of a shipped pack."""
    before, after = pack_called(old), pack_called(new)
    if before.name != after.name:
        raise Refused(f"{old} is the pack {before.name}, {new} is {after.name}: compare one pack.")
    _echo_rules(before, after)
    if book is not None:
        _echo_effects(before, after, book, channel, at, most)


def _echo_rules(before: LawPack, after: LawPack) -> None:
    signs = {"added": "+", "removed": "-", "changed": "~"}
    changes = rule_changes(before, after, _language())
    click.echo(f"{before.name} {before.version} → {after.version}: {len(changes)}")
    for change in changes:
        click.echo(f"{signs[change.kind]} {change.name}")
        if change.kind == "changed":
            for label, text in change.before:
                if (label, text) not in change.after:
                    click.echo(f"    - {label}: {text}")
            for label, text in change.after:
                if (label, text) not in change.before:
                    click.echo(f"    + {label}: {text}")


def _echo_effects(
    before: LawPack, after: LawPack, book: str, channel: str, at: str | None, most: int
) -> None:
    shell = open_shell()
    from kept.core.actors import job
    from kept.store.models import Creditor
    from kept.work.law_diffs import get_pack_effects

    with override(shell.settings.language):
        if book != "all" and not Creditor.objects.filter(code=book).exists():
            raise Refused(_("There is no creditor %(code)s; `all` is every one.") % {"code": book})
        found = get_pack_effects(
            job("law"),
            old=before,
            new=after,
            creditor_code=None if book == "all" else book,
            channel=channel,
            minute=_minute(shell, at),
            most=most,
        )
        _echo_found(found)


def _echo_found(found: PackEffects) -> None:
    values = {"judged": found.judged, "changed": found.changed, "others": found.others}
    click.echo()
    click.echo(
        _("%(judged)s cases judged, %(changed)s verdicts change; %(others)s cases are not bound.")
        % values
    )
    for (was, becomes), number in sorted(found.moves.items(), key=lambda each: -each[1]):
        names = [rule_word(each, "effect", _language()) for each in (was, becomes)]
        click.echo(f"  {' → '.join(names)}: {number}")
    for example in found.examples:
        situation = example.considered.situation
        has_place = bool(situation.place and situation.candidates)
        click.echo(f"\n#{example.case_id}")
        click.echo(f"  - {_sentence(example.before, situation.place, has_place)}")
        click.echo(f"  + {_sentence(example.after, situation.place, has_place)}")


# --- what both need -------------------------------------------------------------------------------


def _language() -> str:
    return "zh" if installation_language().startswith("zh") else "en"


def _packs() -> tuple[LawPack, ...]:
    try:
        return load_law_packs()
    except LawFileError as error:
        raise Refused(str(error)) from error


def pack_called(text: str) -> LawPack:
    """A shipped pack by its name, or that of a file."""
    shipped = next((pack for pack in _packs() if pack.name == text), None)
    if shipped is not None:
        return shipped
    try:
        return parse_law_pack(Path(text).read_text(encoding="utf-8"), text)
    except (OSError, UnicodeDecodeError) as error:
        names = ", ".join(pack.name for pack in _packs())
        raise Refused(f"{text} is no file to read and no shipped pack ({names}).") from error
    except LawFileError as error:
        raise Refused(str(error)) from error


def _minute(shell: Shell, at: str | None) -> int:
    from django.utils import timezone

    from kept.core.calendar import instant_of

    if at is None:
        return instant_of(shell.now)
    try:
        moment = datetime.fromisoformat(at)
        return instant_of(moment if moment.tzinfo else timezone.make_aware(moment))
    except (ValueError, OverflowError) as error:
        raise Refused(_("%(text)s is no time; write 2026-11-24T09:00.") % {"text": at}) from error


def _sentence(verdict: Verdict, place: OffsetTable | None, has_place: bool) -> str:
    return say_verdict(verdict, _language(), _shower(place), has_place=has_place)


def _shower(place: OffsetTable | None) -> Any:
    """Minutes on the person's clock where it is known, with its zone."""
    from kept.core.calendar import local_minute, utc_datetime

    def show(minute: int) -> str:
        local = minute if place is None else int(local_minute(minute, place))
        zone = "UTC" if place is None else place.zone
        return f"{utc_datetime(local):%Y-%m-%d %H:%M} {zone}"

    return show
