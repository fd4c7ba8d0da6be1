"""The permit: the only way to a contact. The verdict and the reservation are one transaction.

`do_permit` judges the contact and reserves the attempt while the natural persons that it counts
for are locked, in the order of their ids; so two collectors and a campaign never pass a cap
together. Until a permit is settled, released or has expired unused it counts at its worst for
everybody. `do_use` judges once more at the minute it leaves, and writes the attempt. What is
refused is data: the verdict, and a row and an event that say so. Nothing else writes attempts but
the taking in of a history (`work/attempts.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor, Reach
from kept.core.attempts import CONVERSATIONS, Outcome
from kept.core.calendar import instant_of, utc_datetime
from kept.core.events import ChainKind, canonical_json
from kept.core.law.grounds import judge_situation
from kept.core.law.past import past_of
from kept.core.law.situations import Situation
from kept.core.law.verdicts import Verdict
from kept.core.permits import (
    HELD_MINUTES,
    NEXT_OUTCOMES,
    REVIEWS,
    PermitState,
    Weighed,
    outcomes_of,
    weigh,
)
from kept.store.cipher import house_cipher
from kept.store.events import append_event
from kept.store.models import Case, Permit, PermitRefusal, PresumptionRelease
from kept.store.queries import load
from kept.store.to_decide import Cause, mark_person
from kept.store.visibility import visible_rows
from kept.work.changes import not_there
from kept.work.contact_reviews import reviewed_duties
from kept.work.once import once
from kept.work.permissions import Permission, require
from kept.work.refusals import Refusal, refuse
from kept.work.situations import Considered, IntendedContact, Locked, consider
from kept.work.task_texts import text_used
from kept.work.turns import may_pick, take_in_turn

__all__ = ["PermitAnswer", "do_permit", "do_release", "do_settle", "do_use"]

_CONTENT: Final = (
    *("purpose", "planned", "content", "content_flags", "in_reply_to", "by_machine"),
    *("artificial_voice", "visibility", "voicemail_shared", "learned_during_call", "months"),
    "staff",
)


@dataclass(frozen=True, slots=True)
class PermitAnswer:
    """A permit, or what stands in its way.

    `permit_id` is None where it was refused; then `weighed` says by which rules and for want of
    which duties, `hold_reason` names a hold on contact, and `verdict.lawful_from` is the next
    lawful minute. The answer to a repeated call holds the permit alone.
    """

    permit_id: int | None
    expires_at: datetime | None
    attempt_id: int | None = None
    verdict: Verdict | None = None
    weighed: Weighed | None = None
    hold_reason: str = ""
    has_place: bool = True

    @property
    def is_permitted(self) -> bool:
        return self.permit_id is not None and self.expires_at is not None


def do_permit(
    *,
    actor: Actor,
    wanted: IntendedContact,
    now: datetime,
    done: Collection[str] = (),
    minutes: int | None = None,
    key: str | None = None,
) -> PermitAnswer:
    """Judge a contact that is to be made now, and reserve it.

    `wanted.minute` is not read: a permit is for now. `done` names the duties that were done; that
    somebody reviewed all contacts is not the caller's to say (`work/contact_reviews.py`).
    `minutes` is how long it holds, at most as `HELD_MINUTES` says. Raises `NotThere`,
    `NoEngagement`, and `Refusal` for input that makes no sense.
    """
    within = require(actor, Permission.CONTACT_MAKE)
    held = _held_minutes(wanted.channel, minutes)

    def change() -> PermitAnswer:
        _refuse_picked(actor, within, wanted.case_id, now)
        return _permit(actor, within, wanted, now, done, held)

    def given() -> dict[str, object]:
        return {**_plain(wanted), "done": sorted(done), "minutes": held}

    return _once(actor, key, "permit.issue", given, now, change)


def _refuse_picked(actor: Actor, within: Reach, case_id: int, now: datetime) -> None:
    """A case that is theirs, but not in turn; one that is not theirs is not there, as ever."""
    if not may_pick(actor) and visible_rows(Case, within).filter(pk=case_id).exists():
        take_in_turn(actor, case_id, now)


def do_use(
    *,
    actor: Actor,
    permit_id: int,
    leaving: IntendedContact,
    now: datetime,
    done: Collection[str] = (),
    key: str | None = None,
) -> PermitAnswer:
    """The contact leaves now: judged once more, and from here on irrevocable.

    `leaving` must be what was permitted: address, channel, content. Where the law refuses by now,
    the permit stays reserved until it expires or is released. A permit is used once.
    """
    within = require(actor, Permission.CONTACT_MAKE)

    def change() -> PermitAnswer:
        return _use(actor, within, permit_id, leaving, now, done)

    def given() -> dict[str, object]:
        return {**_plain(leaving), "permit": permit_id, "done": sorted(done)}

    return _once(actor, key, "permit.use", given, now, change)


@transaction.atomic
def do_release(*, actor: Actor, permit_id: int, now: datetime) -> None:
    """Give back a permit that was not used; a second time changes nothing."""
    within = require(actor, Permission.CONTACT_MAKE)
    permit, _people = _locked(within, permit_id)
    if permit.state in (PermitState.RELEASED, PermitState.EXPIRED):
        return
    if permit.state != PermitState.RESERVED:
        raise Refusal(_("This permit was used; say what came of it."))
    permit.state, permit.ended_at = PermitState.RELEASED.value, now
    permit.save(update_fields=["state", "ended_at"])
    _tell(actor, "permit.release", permit, {}, now)


@transaction.atomic
def do_settle(
    *,
    actor: Actor,
    permit_id: int,
    outcome: str,
    now: datetime,
    talked_account_ids: Collection[int] | None = None,
) -> None:
    """Say what came of a used permit; from then on it counts as what it was.

    The same outcome again changes nothing. That a message arrived, or came back, may follow later.
    `talked_account_ids` are the accounts that a conversation was about; None is all.
    """
    within = require(actor, Permission.CONTACT_MAKE)
    permit, _people = _locked(within, permit_id)
    talked = _talked(permit, outcome, talked_account_ids)
    if permit.state == PermitState.SETTLED and permit.outcome == outcome:
        return
    _refuse_outcome(permit, outcome)
    values = {"permit_id": permit.pk, "outcome": outcome, "talked_account_ids": talked, "now": now}
    sql = load("permits")
    sql["settle"].run(values)
    validity = _VALIDITY.get(outcome)
    if validity and permit.contact_point_id is not None:
        sql["learn_validity"].run(
            {"contact_point_id": permit.contact_point_id, "validity": validity}
        )
    _tell(actor, "permit.settle", permit, {"outcome": outcome}, now)
    mark_person(permit.debtor_id, Cause.OUTCOME, now)


_VALIDITY: Final[Mapping[str, str]] = {
    Outcome.NOT_IN_SERVICE: "invalid",
    Outcome.CONVERSATION: "valid",
}


# --- asking ---------------------------------------------------------------------------------------


def _once(
    actor: Actor,
    key: str | None,
    use_case: str,
    given: Callable[[], Mapping[str, object]],
    now: datetime,
    change: Any,
) -> PermitAnswer:
    """A refusal is written down and leaves the key free: it may be asked for again."""
    if key is None:
        with transaction.atomic():
            fresh: PermitAnswer = change()
            return fresh
    made: list[PermitAnswer] = []

    def answered() -> Mapping[str, Any] | None:
        found: PermitAnswer = change()
        made.append(found)
        if not found.is_permitted or found.expires_at is None:
            return None
        return {
            "permit": found.permit_id,
            "expires_at": found.expires_at.isoformat(),
            "attempt": found.attempt_id,
        }

    scope = f"permit {actor.kind.value}:{actor.id} {actor.name}"
    ended = once(scope=scope, key=key, use_case=use_case, given=given(), now=now, change=answered)
    if made:
        return made[0]
    first = ended.answer
    return PermitAnswer(
        first["permit"], datetime.fromisoformat(first["expires_at"]), first["attempt"]
    )


def _held_minutes(channel: str, minutes: int | None) -> int:
    most = HELD_MINUTES.get(channel)
    if most is None:
        refuse({"channel": _("Choose one of: %s.") % ", ".join(HELD_MINUTES)})
        raise AssertionError
    if minutes is None:
        return most
    if not 1 <= minutes <= most:
        refuse({"minutes": _("A permit holds 1 to %(most)s minutes.") % {"most": most}})
    return minutes


def _permit(
    actor: Actor,
    within: Reach,
    wanted: IntendedContact,
    now: datetime,
    done: Collection[str],
    minutes: int,
) -> PermitAnswer:
    locked = _lock_people(wanted.case_id, wanted.contact_point_id, wanted.related_person_id)
    considered = _considered(within, wanted, now, locked)
    text = text_used(wanted.text_label, considered.case_id, now)
    verdict, weighed, done = _judged(actor, considered, set(done) - REVIEWS, now)
    hold = considered.hold_reason
    release = _release_for(considered, weighed, now)
    if release is not None:
        weighed = weigh(verdict, done, release.rule_ids)
    if hold or not weighed.may_leave:
        return _refuse(actor, considered, verdict, weighed, hold, now)
    expires_at = utc_datetime(instant_of(now) + minutes)
    permit_id = _reserve(actor, considered, wanted, now, expires_at, verdict, done, release, text)
    return PermitAnswer(permit_id, expires_at, None, verdict, weighed)


def _use(
    actor: Actor,
    within: Reach,
    permit_id: int,
    leaving: IntendedContact,
    now: datetime,
    done: Collection[str],
) -> PermitAnswer:
    permit, locked = _locked(within, permit_id)
    _refuse_changed(permit, leaving, now)
    asked = replace(
        leaving,
        account_ids=permit.account_ids,
        legal_entity_id=permit.legal_entity_id,
        related_person_id=permit.related_person_id,
    )
    considered = _considered(within, asked, now, locked, permit.pk)
    release = permit.presumption_release
    verdict, weighed, every = _judged(
        actor,
        considered,
        {*permit.duties, *set(done) - REVIEWS},
        now,
        release.rule_ids if release else (),
    )
    hold = considered.hold_reason
    if hold or not weighed.may_leave:
        return _refuse(actor, considered, verdict, weighed, hold, now, permit)
    values = {
        "permit_id": permit.pk,
        "now": now,
        "duties": every,
        "legal_entity_id": considered.legal_entity_id,
    }
    attempt_id = int(load("permits")["use"].prepared_rows(values)[0]["id"])
    _tell(actor, "permit.use", permit, {"attempt": attempt_id, **_said(verdict)}, now)
    return PermitAnswer(permit.pk, permit.expires_at, attempt_id, verdict, weighed)


# --- judging --------------------------------------------------------------------------------------


def _lock_people(case_id: int, point_id: int | None, related_id: int | None) -> Locked:
    """From here on nobody else counts or adds contacts of these persons until this ends."""
    rows = load("permits")["lock_people"].prepared_rows(
        {"case_id": case_id, "contact_point_id": point_id, "related_person_id": related_id}
    )
    if not rows:
        raise not_there()
    people = frozenset(row["id"] for row in rows)
    return Locked(people, rows[0]["debtor_id"], rows[0]["creditor_zone"])


def _considered(
    within: Reach,
    wanted: IntendedContact,
    now: datetime,
    locked: Locked,
    permit_id: int | None = None,
) -> Considered:
    asked = replace(wanted, minute=instant_of(now))
    return consider(within, asked, locked=locked, except_permit_id=permit_id)


def _judged(
    actor: Actor,
    considered: Considered,
    done: Collection[str],
    now: datetime,
    released: Collection[str] = (),
) -> tuple[Verdict, Weighed, list[str]]:
    """The verdict, what still stands in the way, and the duties that were done.

    A review by somebody else is looked for only where it is asked for.
    """
    verdict = judge_situation(considered.book, as_of_asked(considered.situation)).verdict
    weighed = weigh(verdict, done, released)
    if REVIEWS & set(weighed.missing):
        reviewed = reviewed_duties(
            actor,
            case_id=considered.case_id,
            related_person_id=considered.related_person_id,
            now=now,
        )
        done = {*done, *reviewed}
        weighed = weigh(verdict, done, released)
    return verdict, weighed, sorted(done)


def as_of_asked(situation: Situation) -> Situation:
    """The situation with no contact after its minute: clocks differ by a little.

    What another process wrote down while this one waited for the lock has happened, whatever its
    clock said, and counts as of now.
    """
    past = past_of(situation.history).no_later_than(situation.attempt.minute)
    return replace(situation, history=past)


def _release_for(
    considered: Considered, weighed: Weighed, now: datetime
) -> PresumptionRelease | None:
    """A release that nobody has used, for all the rules that presume a violation here."""
    if not weighed.held:
        return None
    return (
        PresumptionRelease.objects.filter(
            case_id=considered.case_id,
            related_person_id=considered.related_person_id,
            channel=considered.situation.attempt.channel,
            rule_ids__contains=list(weighed.held),
            expires_at__gt=now,
        )
        .exclude(permits__state__in=[PermitState.RESERVED, PermitState.USED, PermitState.SETTLED])
        .order_by("id")
        .first()
    )


# --- writing --------------------------------------------------------------------------------------


def _reserve(
    actor: Actor,
    considered: Considered,
    wanted: IntendedContact,
    now: datetime,
    expires_at: datetime,
    verdict: Verdict,
    done: Collection[str],
    release: PresumptionRelease | None,
    text: Mapping[str, str],
) -> int:
    row = {
        "case_id": considered.case_id,
        "debtor_id": considered.debtor_id,
        "related_person_id": considered.related_person_id,
        "contact_point_id": considered.contact_point_id,
        "legal_entity_id": considered.legal_entity_id,
        "seat_id": next(iter(actor.seat_ids)) if len(actor.seat_ids) == 1 else None,
        "release_id": None if release is None else release.pk,
        "channel": wanted.channel,
        "purpose": wanted.purpose,
        "account_ids": list(considered.account_ids),
        "content_hash": _content_hash(wanted),
        "text_label": wanted.text_label,
        "duties": sorted(set(done)),
        "now": now,
        "issued_by": actor.name,
        "expires_at": expires_at,
    }
    body = {
        "channel": wanted.channel,
        "purpose": wanted.purpose,
        "contact_point": considered.contact_point_id,
        "related_person": considered.related_person_id,
        "accounts": list(considered.account_ids),
        "expires_at": expires_at.isoformat(),
        "duties": row["duties"],
        "release": row["release_id"],
        **({"text": text} if text else {}),
        **_said(verdict),
    }
    whole = {**row, "body": canonical_json(body)}
    return int(load("permits")["reserve"].prepared_rows(whole)[0]["id"])


def _refuse(
    actor: Actor,
    considered: Considered,
    verdict: Verdict,
    weighed: Weighed,
    hold: str,
    now: datetime,
    permit: Permit | None = None,
) -> PermitAnswer:
    """The refusal as a row and an event; the answer holds the verdict."""
    stopping = [*weighed.denied, *weighed.held] or [
        fired.rule.id for fired in verdict.fired if fired.part.requires
    ]
    rules = [f"hold.{hold}"] if hold else list(dict.fromkeys(stopping))
    effect = _effect(weighed, hold)
    lawful = None if verdict.lawful_from is None else utc_datetime(verdict.lawful_from)
    channel = str(considered.situation.attempt.channel)
    row = PermitRefusal.objects.create(
        case_id=considered.case_id,
        related_person_id=considered.related_person_id,
        permit=permit,
        channel=channel,
        outcome=effect,
        rule_id=rules[0] if rules else "",
        rule_ids=rules,
        missing=list(weighed.missing),
        lawful_from=lawful,
        has_place=considered.situation.place is not None,
        asked_at=now,
        asked_by=actor.name,
    )
    body = {
        "channel": channel,
        "contact_point": considered.contact_point_id,
        "permit": None if permit is None else permit.pk,
        "refused": effect,
        "rules": rules,
        "missing": list(weighed.missing),
        "lawful_from": None if lawful is None else lawful.isoformat(),
        **_said(verdict),
    }
    _append(actor, "permit.refuse", f"permit_refusal:{row.pk}", considered.case_id, body, now)
    return PermitAnswer(None, None, None, verdict, weighed, hold, row.has_place)


def _effect(weighed: Weighed, hold: str) -> str:
    if hold or weighed.denied:
        return "deny"
    return "hold" if weighed.held else "require"


def _said(verdict: Verdict) -> dict[str, object]:
    """What a verdict stood on: every rule that fired with its effect, and the packs."""
    return {
        "verdict": str(verdict.outcome),
        "fired": [[fired.rule.id, str(fired.effect)] for fired in verdict.fired],
        "packs": [list(each) for each in verdict.packs],
    }


def _tell(
    actor: Actor, action: str, permit: Permit, body: Mapping[str, object], now: datetime
) -> None:
    _append(
        actor,
        action,
        f"permit:{permit.pk}",
        permit.case_id,
        {"channel": permit.channel, **body},
        now,
    )


def _append(
    actor: Actor,
    action: str,
    subject: str,
    case_id: int,
    body: Mapping[str, object],
    now: datetime,
) -> None:
    append_event(
        actor=actor,
        action=action,
        subject=subject,
        body=body,
        now=now,
        chain=ChainKind.CASE,
        chain_id=case_id,
    )


# --- a permit that is there -----------------------------------------------------------------------


def _locked(within: Reach, permit_id: int) -> tuple[Permit, Locked]:
    """The permit, with the persons that it counts for, locked until the transaction ends."""
    rows = visible_rows(Permit, within).filter(pk=permit_id)
    found = rows.values_list("case_id", "contact_point_id", "related_person_id").first()
    if found is None:
        raise not_there()
    people = _lock_people(*found)
    own = Permit.objects.select_related("presumption_release")
    return own.select_for_update(of=("self",), no_key=True).get(pk=permit_id), people


def _refuse_changed(permit: Permit, leaving: IntendedContact, now: datetime) -> None:
    """What leaves is what was permitted, while the permit holds, and once."""
    if permit.state != PermitState.RESERVED:
        raise Refusal(
            _("This permit is not open any more (%(state)s); ask for a new one.")
            % {"state": permit.get_state_display()}
        )
    if utc_datetime(instant_of(now)) >= permit.expires_at:
        raise Refusal(_("This permit has expired; ask for a new one."))
    same = (leaving.case_id, leaving.channel) == (permit.case_id, permit.channel)
    if not same or leaving.contact_point_id != permit.contact_point_id:
        raise Refusal(_("The permit is for another address or channel; ask for a new one."))
    if _content_hash(leaving) != bytes(permit.content_hash):
        raise Refusal(_("The content is not the one that was permitted; ask for a new permit."))


def _refuse_outcome(permit: Permit, outcome: str) -> None:
    known = outcomes_of(permit.channel)
    if outcome not in known:
        refuse({"outcome": _("Choose one of: %s.") % ", ".join(sorted(known))})
    if permit.state == PermitState.USED:
        return
    if permit.state != PermitState.SETTLED:
        raise Refusal(_("This permit was not used, so nothing came of it."))
    if outcome not in NEXT_OUTCOMES.get(permit.outcome, ()):
        raise Refusal(
            _("This permit is settled already (%(outcome)s).") % {"outcome": permit.outcome}
        )


def _talked(permit: Permit, outcome: str, account_ids: Collection[int] | None) -> list[int] | None:
    if account_ids is None:
        return None
    if outcome not in CONVERSATIONS or not set(account_ids) <= set(permit.account_ids):
        refuse({"talked_account_ids": _("Only accounts of the permit, and after a conversation.")})
    return sorted(set(account_ids))


def _content_hash(wanted: IntendedContact) -> bytes:
    values = {name: _plain_value(getattr(wanted, name)) for name in _CONTENT}
    if wanted.text_label:  # left out where there is none, as in permits from before there were any
        values["text_label"] = wanted.text_label
    text = canonical_json(values)
    return house_cipher().hash("permit_content", text)


def _plain(wanted: IntendedContact) -> dict[str, object]:
    """The contact as JSON, without its minute."""
    names = (each.name for each in fields(wanted) if each.name != "minute")
    return {name: _plain_value(getattr(wanted, name)) for name in names}


def _plain_value(value: Any) -> object:
    return sorted(value) if isinstance(value, frozenset | set | tuple | list) else value
