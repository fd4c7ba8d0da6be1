"""Releasing a presumption of violation: an entitled person, a reason from the closed list, once.

A rule whose effect is `hold` presumes a violation that facts may rebut. The release holds for one
attempt of its kind to one person, and for the rules that it names alone; it lifts no prohibition
and no duty. It is looked for when a permit is asked for.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor, Reach
from kept.core.attempts import Channel
from kept.core.events import ChainKind
from kept.core.law.rules import Effect
from kept.core.permits import RebuttalReason
from kept.store.events import append_event
from kept.store.models import Case, PresumptionRelease, RelatedPerson
from kept.store.person_keys import KeyOwner
from kept.store.visibility import visible_rows
from kept.work.changes import not_there
from kept.work.law_books import rules_by_id
from kept.work.permissions import Permission, require
from kept.work.refusals import refuse
from kept.work.speech_checks import speech_of_note

__all__ = ["RELEASED_FOR", "case_with_person", "do_release_presumption"]

#: So long a release waits for its attempt: facts that rebut a presumption grow old.
RELEASED_FOR: Final = timedelta(hours=24)


@transaction.atomic
def do_release_presumption(
    *,
    actor: Actor,
    case_id: int,
    channel: str,
    rule_ids: Collection[str],
    reason: str,
    note: str,
    now: datetime,
    related_person_id: int | None = None,
) -> int:
    """Release what these rules presume, for one attempt within `RELEASED_FOR`; returns its id.

    `note` says in words what rebuts the presumption; it is sealed.
    """
    within = require(actor, Permission.PRESUMPTION_RELEASE)
    case = case_with_person(within, case_id, related_person_id)
    refuse(_faults(channel, rule_ids, reason, note))
    release = PresumptionRelease.objects.create(
        case=case,
        channel=channel,
        related_person_id=related_person_id,
        rule_ids=sorted(set(rule_ids)),
        reason=reason,
        released_at=now,
        released_by=actor.name,
        expires_at=now + RELEASED_FOR,
    )
    append_event(
        actor=actor,
        action="presumption.release",
        subject=f"presumption_release:{release.pk}",
        body={
            "channel": channel,
            "related_person": related_person_id,
            "rules": release.rule_ids,
            "reason": reason,
            "expires_at": release.expires_at.isoformat(),
            **speech_of_note(note),
        },
        now=now,
        chain=ChainKind.CASE,
        chain_id=case.pk,
        personal={"note": note.strip()},
        personal_of=KeyOwner(case.debtor_id),
    )
    return release.pk


def case_with_person(within: Reach, case_id: int, related_person_id: int | None) -> Case:
    """A case within reach and, where one is named, a related person of its debtor; else raises
    `NotThere`."""
    case = visible_rows(Case, within).filter(pk=case_id).first()
    if case is None:
        raise not_there()
    if related_person_id is not None:
        related = RelatedPerson.objects.filter(debtor_id=case.debtor_id)
        if not related.filter(pk=related_person_id).exists():
            raise not_there()
    return case


def _faults(channel: str, rule_ids: Collection[str], reason: str, note: str) -> dict[str, str]:
    faults = {}
    if channel not in set(Channel):
        faults["channel"] = _("Choose one of: %s.") % ", ".join(Channel)
    if reason not in set(RebuttalReason):
        faults["reason"] = _("Choose one of: %s.") % ", ".join(RebuttalReason)
    if not note.strip():
        faults["note"] = _("Say in a sentence what rebuts the presumption.")
    strange = sorted(rule for rule in rule_ids if not _presumes(rule))
    if strange or not rule_ids:
        faults["rule_ids"] = _("These rules presume no violation: %s.") % (
            ", ".join(strange) or "-"
        )
    return faults


def _presumes(rule_id: str) -> bool:
    rule = rules_by_id().get(rule_id)
    return rule is not None and any(part.effect is Effect.HOLD for part in rule.parts)
