"""The life of a text's version: draft, review, approved, in force, retired; as of strategies.

Whoever wrote or changed a version never approves it. A draft may say anything; what must not be
said, or lacks what the law wants said, is neither submitted nor approved nor put in force. Every
save keeps its words. A text of one creditor is for who answers for that creditor; one of the whole
house asks for a grant without a limit.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kept.core.actors import Actor, ActorKind
from kept.core.text_checks import TextFinding
from kept.core.texts import CHANNELS, TextKind
from kept.packs.scripts import load_texts
from kept.store.events import append_event
from kept.store.models import Creditor, StrategyStep, TextStep, TextVersion
from kept.store.visibility import visible_rows
from kept.work.changes import not_there
from kept.work.permissions import Permission, require, require_house
from kept.work.refusals import NotAllowed, Refusal, refuse, refuse_invalid
from kept.work.strategies import NOTE_MOST
from kept.work.strategy_versions import ChangedMeanwhile
from kept.work.text_checks import check_words
from kept.work.text_uses import refuse_silent

__all__ = [
    "do_approve_text",
    "do_change_text",
    "do_draft_text",
    "do_put_text_in_force",
    "do_reject_text",
    "do_retire_text",
    "do_submit_text",
    "findings_of",
]

State = TextVersion.State
Step = StrategyStep.Kind
_LOCK: Final = 0x6B747874  # numbers of versions, and the days on which they hold
_WRITING: Final = (Step.DRAFT, Step.CHANGE, Step.SUBMIT)
_MOST: Final = 100_000


def findings_of(row: TextVersion, on: date) -> tuple[TextFinding, ...]:
    """What is wrong with a version's words on a day."""
    return check_words(
        row.body,
        kind=row.kind,
        channel=row.channel,
        language=row.language,
        creditor_id=row.creditor_id,
        on=on,
        code=row.code,
    )


# --- writing --------------------------------------------------------------------------------------


@transaction.atomic
def do_draft_text(
    *,
    actor: Actor,
    code: str,
    language: str,
    kind: str = "",
    channel: str = "",
    body: str = "",
    creditor_id: int | None = None,
    note: str = "",
    now: datetime,
) -> str:
    """Begin a version of a text in a language; returns its label.

    A code that is there keeps its kind and channel, which then need not be given. The number is the
    next one of code and language, beyond the shipped ones. The words may be wrong, or none yet.
    """
    _require(actor, Permission.TEXT_WRITE, creditor_id)
    known = _known_shape(code)
    kind, channel = kind or (known or ("", ""))[0], channel or (known or ("", ""))[1]
    refuse(_shape_faults(code, kind, channel, known) | _body_faults(body, note))
    _one_at_a_time()
    row = TextVersion(
        creditor_id=creditor_id,
        code=code,
        language=language,
        version=_next_version(code, language),
        kind=kind,
        channel=channel,
        body=_plain(body),
    )
    refuse_invalid(row)
    row.save()
    _step(row, Step.DRAFT, actor, now, note, body=row.body)
    return row.label


def _known_shape(code: str) -> tuple[str, str] | None:
    """Kind and channel of a code: one text is one thing, said in many languages."""
    shipped = next((each for each in load_texts() if each.code == code), None)
    if shipped is not None:
        return shipped.kind.value, shipped.channel.value
    own = TextVersion.objects.filter(code=code).order_by("id").values_list("kind", "channel")
    return own.first()


def _shape_faults(
    code: str, kind: str, channel: str, known: tuple[str, str] | None
) -> dict[str, str]:
    if kind not in list(TextKind):
        return {"kind": _("Choose one of: %s.") % ", ".join(TextKind)}
    if channel not in CHANNELS[TextKind(kind)]:
        return {"channel": _("Choose one of: %s.") % ", ".join(CHANNELS[TextKind(kind)])}
    if known is not None and known != (kind, channel):
        told = _("%(code)s is a %(kind)s for %(channel)s: take another code for another one.")
        values = {"code": code, "kind": known[0], "channel": known[1]}
        return {"kind" if known[0] != kind else "channel": told % values}
    return {}


def _next_version(code: str, language: str) -> int:
    own = TextVersion.objects.filter(code=code, language=language).values_list("version", flat=True)
    shipped = (
        each.version for each in load_texts() if each.code == code and language in each.bodies
    )
    return max([0, *own, *shipped]) + 1


@transaction.atomic
def do_change_text(
    *, actor: Actor, version_id: int, body: str, revision: int, note: str = "", now: datetime
) -> int:
    """Save a draft's words over the revision that it began with; returns the new revision.

    Raises `ChangedMeanwhile` when somebody saved in between. The same words write nothing.
    """
    row = _version(actor, Permission.TEXT_WRITE, version_id)
    _refuse_state(row, State.DRAFT)
    given = _plain(body)
    if given == row.body:
        return row.revision
    _refuse_stale(row, revision)
    refuse(_body_faults(body, note))
    row.body, row.revision = given, row.revision + 1
    row.save(update_fields=["body", "revision"])
    _step(row, Step.CHANGE, actor, now, note, body=given)
    return row.revision


def _refuse_stale(row: TextVersion, revision: int) -> None:
    if revision == row.revision:
        return
    last = row.steps.filter(kind__in=_WRITING).order_by("-id").first()
    by = last.actor if last else ""
    sentence = _("%(who)s saved this draft in the meantime; your text was not written.")
    raise ChangedMeanwhile(sentence % {"who": by}, row.body, row.revision, by)


def _plain(body: str) -> str:
    return body.replace("\r\n", "\n").replace("\r", "\n").strip()


def _body_faults(body: str, note: str) -> dict[str, str]:
    faults = {}
    if len(body) > _MOST:
        faults["body"] = _("At most %(most)s characters.") % {"most": _MOST}
    elif "\x00" in body:
        faults["body"] = _("The text holds a character that is none (NUL): take it away.")
    return faults | _note_faults(note)


def _note_faults(note: str) -> dict[str, str]:
    too_long = len(note) > NOTE_MOST
    return {"note": _("At most %(most)s characters.") % {"most": NOTE_MOST}} if too_long else {}


# --- deciding -------------------------------------------------------------------------------------


@transaction.atomic
def do_submit_text(
    *, actor: Actor, version_id: int, revision: int | None = None, note: str = "", now: datetime
) -> None:
    """Give a draft to somebody else to decide; refused while its words are wrong.

    `revision`: the one that the submitter saw; it may be left out where nobody looks at a page.
    """
    row = _version(actor, Permission.TEXT_WRITE, version_id)
    _refuse_state(row, State.DRAFT)
    _refuse_stale(row, row.revision if revision is None else revision)
    _refuse_findings(row, now)
    _move(row, State.REVIEW, Step.SUBMIT, actor, now, note)


@transaction.atomic
def do_approve_text(*, actor: Actor, version_id: int, note: str = "", now: datetime) -> None:
    """The second person's yes: never of who wrote, changed or submitted it.

    What counts as forbidden may have changed since it was submitted, so it is looked at again.
    """
    row = _version(actor, Permission.TEXT_APPROVE, version_id)
    _refuse_state(row, State.REVIEW)
    if actor.kind is not ActorKind.PERSON:
        raise NotAllowed(_("Only a person approves a text."))
    if row.steps.filter(kind__in=_WRITING, person_id=actor.person_id).exists():
        raise Refusal(_("You wrote or changed this version: somebody else approves it."))
    _refuse_findings(row, now)
    _move(row, State.APPROVED, Step.APPROVE, actor, now, note)


@transaction.atomic
def do_reject_text(*, actor: Actor, version_id: int, reason: str, now: datetime) -> None:
    """Send a version that is not in force yet back to its writers, saying why; it is a draft."""
    row = _version(actor, Permission.TEXT_APPROVE, version_id)
    _refuse_state(row, State.REVIEW, State.APPROVED)
    if not reason.strip():
        refuse({"reason": _("Say what should change.")})
    _move(row, State.DRAFT, Step.REJECT, actor, now, reason)


def _refuse_findings(row: TextVersion, now: datetime) -> None:
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    barring = [each for each in findings_of(row, _today(now)) if each.bars]
    if barring:
        told = "\n".join(
            "{}:{} {}".format(*each.line_and_column(row.body), each.told(language, _))
            for each in barring
        )
        refuse({"body": _("It is not in order yet:\n%(faults)s") % {"faults": told}})


# --- days -----------------------------------------------------------------------------------------


@transaction.atomic
def do_put_text_in_force(
    *,
    actor: Actor,
    version_id: int,
    from_on: date | None = None,
    until: date | None = None,
    note: str = "",
    now: datetime,
) -> date:
    """An approved version holds from a day on (today, unless said), its predecessor until then.

    `until` is its last day where one is known. Returns the first day.
    """
    row = _version(actor, Permission.TEXT_ENFORCE, version_id)
    _refuse_state(row, State.APPROVED)
    _refuse_findings(row, now)
    today = _today(now)
    first = from_on or today
    _one_at_a_time()
    refuse(_day_faults(row, first, until, today))
    _end_predecessor(row, first, actor, now)
    row.valid_from, row.valid_to, row.planned_to = first, until, until
    days = {"from_on": first.isoformat(), "until": until.isoformat() if until else None}
    _move(row, State.IN_FORCE, Step.FORCE, actor, now, note, days)
    if until is not None:
        refuse_silent(row, until + timedelta(days=1))
    return first


def _day_faults(row: TextVersion, first: date, until: date | None, today: date) -> dict[str, str]:
    if first < today:
        told = _("%(day)s has passed: what was said on past days stays.")
        return {"from_on": told % {"day": first}}
    if until is not None and until < first:
        return {"until": _("The last day is before the first one.")}
    later = _siblings(row).filter(valid_from__gt=first).order_by("valid_from").first()
    if later is None:
        return {}
    told = _("%(label)s begins on %(day)s: retire it first, or choose a later day.")
    return {"from_on": told % {"label": later.label, "day": later.valid_from}}


def _siblings(row: TextVersion) -> QuerySet[TextVersion]:
    """The other versions of the same text in the same language, for the same."""
    same = TextVersion.objects.filter(code=row.code, language=row.language)
    mine = Q(creditor__isnull=True) if row.creditor_id is None else Q(creditor_id=row.creditor_id)
    return same.filter(mine, valid_from__isnull=False).exclude(pk=row.pk)


def _end_predecessor(row: TextVersion, first: date, actor: Actor, now: datetime) -> None:
    """What held until now ends the day before; one that would have begun that day never holds."""
    for other in _siblings(row).select_for_update().exclude(valid_to__lt=first):
        if other.valid_from == first:
            other.valid_from = other.valid_to = other.planned_to
        else:
            other.valid_to = first - timedelta(days=1)
        said = _("%(label)s holds from %(day)s.") % {"label": row.label, "day": first}
        _move(other, State.RETIRED, Step.REPLACE, actor, now, said)


@transaction.atomic
def do_retire_text(
    *,
    actor: Actor,
    version_id: int,
    last_on: date | None = None,
    note: str = "",
    now: datetime,
) -> None:
    """End a version: one in force after its last day (today, unless said), any other at once.

    One whose days lie ahead never holds, and what it would have replaced goes on. Refused where a
    strategy that works a book would be left without the text.
    """
    row = _version(actor, Permission.TEXT_ENFORCE, version_id)
    if row.state == State.RETIRED:
        raise Refusal(_("It is retired already."))
    today = _today(now)
    after: date | None = None
    if row.state == State.IN_FORCE:
        _one_at_a_time()
        after = _end(row, last_on or today, today)
    more: dict[str, str | None] | None = {"after": after.isoformat()} if after else None
    _move(row, State.RETIRED, Step.RETIRE, actor, now, note, more)
    if after is not None:
        _go_on(row, actor, now)
        refuse_silent(row, after)


def _end(row: TextVersion, last: date, today: date) -> date:
    """Set its last day; returns the first day without it."""
    first = row.valid_from or today
    if first > today:
        row.valid_from = row.valid_to = None
        return first
    if last < today or (row.valid_to is not None and last > row.valid_to):
        refuse({"last_on": _("%(day)s is not among the days it still has.") % {"day": last}})
    row.valid_to = last
    return last + timedelta(days=1)


def _go_on(row: TextVersion, actor: Actor, now: datetime) -> None:
    """What would have ended for a version that never came holds on."""
    if row.valid_from is not None:
        return
    other = _siblings(row).select_for_update().order_by("-valid_from").first()
    if other is not None and other.steps.order_by("-id")[:1].get().kind == Step.REPLACE:
        other.valid_to = other.planned_to
        said = _("%(label)s does not come.") % {"label": row.label}
        _move(other, State.IN_FORCE, Step.FORCE, actor, now, said)


# --- rows and steps -------------------------------------------------------------------------------


def _today(now: datetime) -> date:
    """The house's day: a text of the house serves creditors with several clocks."""
    return timezone.localtime(now).date()


def _require(actor: Actor, permission: Permission, creditor_id: int | None) -> None:
    if creditor_id is None:
        require_house(actor, permission)
        return
    within = require(actor, permission)
    if not within.reaches_creditor(creditor_id):
        raise not_there()
    if not visible_rows(Creditor, within).filter(pk=creditor_id).exists():
        raise not_there()


def _version(actor: Actor, permission: Permission, version_id: int) -> TextVersion:
    """Locked until the transaction ends."""
    require(actor, permission)
    row = TextVersion.objects.select_for_update().filter(pk=version_id).first()
    if row is None:
        raise not_there()
    _require(actor, permission, row.creditor_id)
    return row


def _refuse_state(row: TextVersion, *states: State) -> None:
    if row.state not in states:
        names = " / ".join(str(each.label) for each in states)
        sentence = _("%(label)s is %(state)s; this is for one that is %(wanted)s.")
        values = {"label": row.label, "state": row.get_state_display(), "wanted": names}
        raise Refusal(sentence % values)


def _move(
    row: TextVersion,
    state: State,
    kind: Step,
    actor: Actor,
    now: datetime,
    note: str,
    more: dict[str, str | None] | None = None,
) -> None:
    refuse(_note_faults(note))
    row.state = state
    row.save(update_fields=["state", "valid_from", "valid_to", "planned_to"])
    _step(row, kind, actor, now, note, more=more)


def _step(
    row: TextVersion,
    kind: Step,
    actor: Actor,
    now: datetime,
    note: str,
    body: str = "",
    more: dict[str, str | None] | None = None,
) -> None:
    TextStep.objects.create(
        text_version=row,
        kind=kind,
        recorded_at=now,
        person_id=actor.person_id,
        actor=actor.name,
        note=note.strip(),
        body=body,
    )
    append_event(
        actor=actor,
        action=f"text.{kind.value}",
        subject=f"text:{row.pk}",
        body={
            "label": row.label,
            "creditor": row.creditor_id,
            "state": row.state,
            "revision": row.revision,
            "body_sha256": hashlib.sha256(row.body.encode()).hexdigest(),
            "note": note.strip(),
            **(more or {}),
        },
        now=now,
    )


def _one_at_a_time() -> None:
    """Two who number or date versions follow each other, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [_LOCK])
