"""The life of a strategy's version: draft, review, approved, in force, retired.

Whoever wrote or changed a version never approves it. A draft may be wrong; it is submitted only
when nothing is. Every save keeps its text, and who saves over somebody else's is told, so two
people who edit lose nothing. What was in force is never changed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kept.core.actors import Actor, ActorKind
from kept.core.intake.nodes import Problem
from kept.core.strategies import Strategy
from kept.packs.strategies import StrategyFault, StrategyFileError, faults_at, load_strategies
from kept.packs.strategy_texts import labelled_text
from kept.store.events import append_event
from kept.store.models import StrategyStep, StrategyVersion
from kept.work.changes import row_to_change
from kept.work.permissions import Permission, require_house
from kept.work.refusals import NotAllowed, Refusal, refuse
from kept.work.strategies import (
    NOTE_MOST,
    creditors_that_use,
    first_day_without,
    strategy_of_text,
    stretches_of_use,
    text_labelled,
)
from kept.work.texts import lacking_texts

__all__ = [
    "TEXT_MOST",
    "ChangedMeanwhile",
    "check_text",
    "do_approve_strategy",
    "do_change_draft",
    "do_draft_strategy",
    "do_put_in_force",
    "do_reject_strategy",
    "do_retire_strategy",
    "do_submit_strategy",
]

State = StrategyVersion.State
Step = StrategyStep.Kind
#: Characters of one strategy's text.
TEXT_MOST: Final = 200_000
_LOCK: Final = 0x6B737472  # numbers of versions, and the days on which they hold
_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
_CODE_LINE: Final = re.compile(r"^code:[ \t]*(?P<code>[^\s#]+)", re.MULTILINE)
#: Whoever did one of these wrote the version.
_WRITING: Final = (Step.DRAFT, Step.CHANGE, Step.SUBMIT)


class ChangedMeanwhile(Refusal):
    """Somebody else saved first; nothing was written, and both texts are there to be joined."""

    def __init__(self, message: str, text: str, revision: int, by: str) -> None:
        super().__init__(message)
        self.text, self.revision, self.by = text, revision, by


@dataclass(frozen=True, slots=True)
class Checked:
    """What a text comes to: a strategy where it reads as one, and what keeps it from being
    submitted. A strategy that lacks only scripts and templates is read all the same.
    """

    strategy: Strategy | None
    faults: tuple[StrategyFault, ...]


def check_text(text: str, label: str, on: date, creditor_ids: Collection[int] = ()) -> Checked:
    """Read a text as the version of a label, as of a day; nothing is written.

    Its scripts and templates must be there, for each of the creditors in the languages of its book.
    """
    try:
        found = strategy_of_text(text, label)
    except StrategyFileError as error:
        return Checked(None, error.faults)
    if found.label == label:
        lacks = lacking_texts(found, creditor_ids, on)
        return Checked(found, faults_at(lacks, text, label))
    sentence = _("This version is %(label)s; the text says %(found)s.")
    told = sentence % {"label": label, "found": found.label}
    return Checked(None, (StrategyFault(_line_of("code:", text), "", Problem("", told)),))


def _line_of(key: str, text: str) -> int | None:
    lines = enumerate(text.splitlines(), 1)
    return next((number for number, line in lines if line.startswith(key)), None)


# --- writing --------------------------------------------------------------------------------------


@transaction.atomic
def do_draft_strategy(
    *, actor: Actor, text: str = "", copied_from: str = "", note: str = "", now: datetime
) -> str:
    """Begin a version from a text, or from that of another version; returns its label.

    Its number is the next one of the code; the lines `code` and `version` of the text are set to
    it. The text may be wrong, but must say its code.
    """
    require_house(actor, Permission.STRATEGY_WRITE)
    given = _plain(text) or (text_labelled(copied_from) if copied_from else "")
    code = _code_of(given)
    _refuse_unfit(given, note)
    _one_at_a_time()
    version = _next_version(code)
    row = StrategyVersion(code=code, version=version, text=labelled_text(given, version))
    row.save()
    said = _("Begun from %(label)s.") % {"label": copied_from} if copied_from else ""
    _step(row, Step.DRAFT, actor, now, note or said, text=row.text)
    return row.label


def _code_of(text: str) -> str:
    found = _CODE_LINE.search(text)
    code = found["code"].strip("\"'") if found else ""
    if not _CODE.fullmatch(code):
        sentence = _("Begin with a line such as `code: consumer`: small letters, digits and _.")
        refuse({"text": sentence})
    return code


def _next_version(code: str) -> int:
    own = StrategyVersion.objects.filter(code=code).values_list("version", flat=True)
    return max([0, *own, *(each.version for each in load_strategies() if each.code == code)]) + 1


@transaction.atomic
def do_change_draft(
    *, actor: Actor, version_id: int, text: str, revision: int, note: str = "", now: datetime
) -> int:
    """Save a draft's text over the revision that it began with; returns the new revision.

    Raises `ChangedMeanwhile` when somebody saved in between. The same text writes nothing.
    """
    row = _version(actor, Permission.STRATEGY_WRITE, version_id)
    _refuse_state(row, State.DRAFT)
    given = _plain(text)
    if given == row.text:
        return row.revision
    _refuse_stale(row, revision)
    _refuse_unfit(given, note)
    row.text, row.revision = given, row.revision + 1
    row.save(update_fields=["text", "revision"])
    _step(row, Step.CHANGE, actor, now, note, text=given)
    return row.revision


def _refuse_stale(row: StrategyVersion, revision: int) -> None:
    if revision == row.revision:
        return
    last = row.steps.filter(kind__in=_WRITING).order_by("-id").first()
    by = last.actor if last else ""
    sentence = _("%(who)s saved this draft in the meantime; your text was not written.")
    raise ChangedMeanwhile(sentence % {"who": by}, row.text, row.revision, by)


def _plain(text: str) -> str:
    """As editors leave it: lines end in one way, and the last one ends."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    return f"{plain}\n" if plain.strip() else ""


def _refuse_unfit(text: str, note: str) -> None:
    faults = {}
    if not text:
        faults["text"] = _("The text is empty.")
    elif len(text) > TEXT_MOST:
        faults["text"] = _("At most %(most)s characters.") % {"most": TEXT_MOST}
    elif "\x00" in text:
        faults["text"] = _("The text holds a character that is none (NUL): take it away.")
    refuse(faults | _note_faults(note))


def _note_faults(note: str) -> dict[str, str]:
    too_long = len(note) > NOTE_MOST
    return {"note": _("At most %(most)s characters.") % {"most": NOTE_MOST}} if too_long else {}


# --- deciding -------------------------------------------------------------------------------------


@transaction.atomic
def do_submit_strategy(
    *, actor: Actor, version_id: int, revision: int | None = None, note: str = "", now: datetime
) -> None:
    """Give a draft to somebody else to decide; refused while anything is wrong with it.

    Its scripts and templates must speak every language of the books that it works or will work.
    `revision`: the one that the submitter saw; it may be left out where nobody looks at a page.
    """
    row = _version(actor, Permission.STRATEGY_WRITE, version_id)
    _refuse_state(row, State.DRAFT)
    _refuse_stale(row, row.revision if revision is None else revision)
    _refuse_faults(row, now)
    _move(row, State.REVIEW, Step.SUBMIT, actor, now, note)


@transaction.atomic
def do_approve_strategy(*, actor: Actor, version_id: int, note: str = "", now: datetime) -> None:
    """The second person's yes: never of who wrote, changed or submitted it."""
    row = _version(actor, Permission.STRATEGY_APPROVE, version_id)
    _refuse_state(row, State.REVIEW)
    if actor.kind is not ActorKind.PERSON:
        raise NotAllowed(_("Only a person approves a strategy."))
    if row.steps.filter(kind__in=_WRITING, person_id=actor.person_id).exists():
        raise Refusal(_("You wrote or changed this version: somebody else approves it."))
    _refuse_faults(row, now)
    _move(row, State.APPROVED, Step.APPROVE, actor, now, note)


@transaction.atomic
def do_reject_strategy(*, actor: Actor, version_id: int, reason: str, now: datetime) -> None:
    """Send a version that is not in force yet back to its writers, saying why; it is a draft."""
    row = _version(actor, Permission.STRATEGY_APPROVE, version_id)
    _refuse_state(row, State.REVIEW, State.APPROVED)
    if not reason.strip():
        refuse({"reason": _("Say what should change.")})
    _move(row, State.DRAFT, Step.REJECT, actor, now, reason)


def _refuse_faults(row: StrategyVersion, now: datetime) -> None:
    """Texts are asked for of the books that it works or will work, as they are now."""
    today = timezone.localtime(now).date()
    faults = check_text(row.text, row.label, today, creditors_that_use(row.code, today)).faults
    if faults:
        told = "\n".join(fault.told(row.label, _) for fault in faults)
        refuse({"text": _("It is not in order yet:\n%(faults)s") % {"faults": told}})


# --- days -----------------------------------------------------------------------------------------


@transaction.atomic
def do_put_in_force(
    *, actor: Actor, version_id: int, from_on: date | None = None, note: str = "", now: datetime
) -> date:
    """An approved version holds from a day on, and its predecessor until the day before.

    Without a day: from the day that its text says, or today where that has passed. Returns the day.
    """
    row = _version(actor, Permission.STRATEGY_ENFORCE, version_id)
    _refuse_state(row, State.APPROVED)
    _refuse_faults(row, now)
    strategy = strategy_of_text(row.text, row.label)
    today = timezone.localtime(now).date()
    first = from_on or max(today, strategy.valid_from)
    _refuse_day(row, strategy, first, today)
    _one_at_a_time()
    _end_predecessor(row, first, actor, now)
    row.valid_from, row.valid_to = first, strategy.valid_to
    more = {"from_on": first.isoformat()}
    _move(row, State.IN_FORCE, Step.FORCE, actor, now, note, more)
    if strategy.valid_to is not None:
        _refuse_uncovered(row.code, strategy.valid_to + timedelta(days=1))
    return first


def _refuse_day(row: StrategyVersion, strategy: Strategy, first: date, today: date) -> None:
    fault = ""
    if first < today:
        fault = _("%(day)s has passed: what was decided on past days stays.") % {"day": first}
    elif not strategy.holds_on(first):
        fault = _("Its text says from %(first)s to %(last)s, and was approved so.") % {
            "first": strategy.valid_from,
            "last": strategy.valid_to or "…",
        }
    later = StrategyVersion.objects.filter(code=row.code, valid_from__gt=first).first()
    if later is not None:
        fault = _("%(label)s begins on %(day)s: retire it first, or choose a later day.") % {
            "label": later.label,
            "day": later.valid_from,
        }
    refuse({"from_on": fault} if fault else {})


def _end_predecessor(row: StrategyVersion, first: date, actor: Actor, now: datetime) -> None:
    """What held until now ends the day before; one that would have begun today never held."""
    others = StrategyVersion.objects.select_for_update().filter(code=row.code)
    for other in others.filter(valid_from__isnull=False).exclude(valid_to__lt=first):
        if other.valid_from == first:
            other.valid_from = other.valid_to = None
        else:
            other.valid_to = first - timedelta(days=1)
        said = _("%(label)s holds from %(day)s.") % {"label": row.label, "day": first}
        _move(other, State.RETIRED, Step.REPLACE, actor, now, said)


@transaction.atomic
def do_retire_strategy(
    *, actor: Actor, version_id: int, last_on: date | None = None, note: str = "", now: datetime
) -> None:
    """End a version: one in force after its last day (today, unless said), any other at once.

    One whose days lie ahead never holds, and what it would have replaced goes on. Refused where a
    creditor would be left without a strategy.
    """
    row = _version(actor, Permission.STRATEGY_ENFORCE, version_id)
    if row.state == State.RETIRED:
        raise Refusal(_("It is retired already."))
    more = {}
    today = timezone.localtime(now).date()
    if row.state == State.IN_FORCE:
        _one_at_a_time()
        more = _end(row, last_on or today, today)
    _move(row, State.RETIRED, Step.RETIRE, actor, now, note, more)
    if more:
        _go_on(row, actor, now)
        _refuse_uncovered(row.code, date.fromisoformat(more["after"]))


def _end(row: StrategyVersion, last: date, today: date) -> dict[str, str]:
    """Set its last day; returns the first day without it, and what else the event tells."""
    first = row.valid_from or today
    if first > today:
        row.valid_from = row.valid_to = None
        return {"after": first.isoformat(), "held": "never"}
    if last < today or (row.valid_to is not None and last > row.valid_to):
        refuse({"last_on": _("%(day)s is not among the days it still has.") % {"day": last}})
    row.valid_to = last
    return {"after": (last + timedelta(days=1)).isoformat()}


def _go_on(row: StrategyVersion, actor: Actor, now: datetime) -> None:
    """What would have ended for a version that never came holds on, as its text says."""
    if row.valid_from is not None:
        return
    others = StrategyVersion.objects.select_for_update().filter(code=row.code)
    other = others.filter(valid_from__isnull=False).order_by("-valid_from").first()
    if other is not None and other.steps.order_by("-id")[:1].get().kind == Step.REPLACE:
        other.valid_to = strategy_of_text(other.text, other.label).valid_to
        said = _("%(label)s does not come.") % {"label": row.label}
        _move(other, State.IN_FORCE, Step.FORCE, actor, now, said)


def _refuse_uncovered(code: str, day: date) -> None:
    left = [
        (bare, creditor)
        for creditor, first, last in stretches_of_use(code)
        if (last is None or last >= day)
        and (bare := first_day_without(code, max(first, day), last)) is not None
    ]
    if left:
        day, creditors = min(left)[0], sorted({creditor for _day, creditor in left})
        sentence = _(
            "From %(day)s nothing of %(code)s would hold, and %(who)s uses it: put another version"
            " in force or give the creditor another strategy first."
        )
        raise Refusal(sentence % {"day": day, "code": code, "who": ", ".join(creditors[:10])})


# --- rows and steps -------------------------------------------------------------------------------


def _version(actor: Actor, permission: Permission, version_id: int) -> StrategyVersion:
    require_house(actor, permission)
    return row_to_change(StrategyVersion, version_id)


def _refuse_state(row: StrategyVersion, *states: State) -> None:
    if row.state not in states:
        names = " / ".join(str(each.label) for each in states)
        sentence = _("%(label)s is %(state)s; this is for one that is %(wanted)s.")
        values = {"label": row.label, "state": row.get_state_display(), "wanted": names}
        raise Refusal(sentence % values)


def _move(
    row: StrategyVersion,
    state: State,
    kind: Step,
    actor: Actor,
    now: datetime,
    note: str,
    more: dict[str, str] | None = None,
) -> None:
    refuse(_note_faults(note))
    row.state = state
    row.save(update_fields=["state", "valid_from", "valid_to"])
    _step(row, kind, actor, now, note, more=more)


def _step(
    row: StrategyVersion,
    kind: Step,
    actor: Actor,
    now: datetime,
    note: str,
    text: str = "",
    more: dict[str, str] | None = None,
) -> None:
    StrategyStep.objects.create(
        strategy_version=row,
        kind=kind,
        recorded_at=now,
        person_id=actor.person_id,
        actor=actor.name,
        note=note.strip(),
        text=text,
    )
    append_event(
        actor=actor,
        action=f"strategy.{kind.value}",
        subject=f"strategy:{row.pk}",
        body={
            "label": row.label,
            "state": row.state,
            "revision": row.revision,
            "text_sha256": hashlib.sha256(row.text.encode()).hexdigest(),
            "note": note.strip(),
            **(more or {}),
        },
        now=now,
    )


def _one_at_a_time() -> None:
    """Two who number or date versions follow each other, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [_LOCK])
