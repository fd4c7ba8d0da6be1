"""Consents and stops: what a person allowed, took back, or asked not to be done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.core.attempts import Channel
from kept.core.calendar import DAY_MINUTES
from kept.store.models import Consent, LegalEntity, Stop
from kept.work.permissions import Permission
from kept.work.person_records import Subject, begin_record, end_record
from kept.work.refusals import refuse

__all__ = [
    "DayWindow",
    "do_record_consent",
    "do_record_stop",
    "do_revoke_consent",
    "do_withdraw_stop",
]

DayWindow = tuple[int, int, int]
"""(weekdays as bits, Monday the lowest; minute of the local day it opens; minute it closes)."""

_EVERY_DAY: Final = 0b1111111
_TO_ONE_COMPANY: Final = frozenset({"times", "more_calls", "address", "machine"})
_ORAL: Final = frozenset({Channel.CALL, Channel.AI_CALL, Channel.WORKPLACE_CALL, "oral"})
_TIMED: Final = frozenset({"inconvenient_times", "reasonable_times"})


@transaction.atomic
def do_record_consent(
    *,
    actor: Actor,
    about: Subject,
    kind: str,
    received_at: datetime,
    directly_to_id: int | None = None,
    channel: str = "",
    contact_point_id: int | None = None,
    windows: Sequence[DayWindow] = (),
    only_on: Sequence[date] = (),
    until_at: datetime | None = None,
    given_while_inconvenient: bool = False,
    words: str = "",
    now: datetime,
) -> int:
    """Record what a person allowed, to which company directly; returns its id.

    A consent asked for in a call at an inconvenient time is recorded, and opens nothing.
    """
    faults = _consent_faults(kind, directly_to_id, contact_point_id, windows)
    faults |= _channel_fault(channel) | _window_faults(windows)
    if until_at is not None and until_at < received_at:
        faults["until_at"] = _("The end lies before the beginning.")
    refuse(faults)
    values: dict[str, Any] = {
        "kind": kind,
        "directly_to_id": directly_to_id,
        "channel": channel,
        "contact_point_id": contact_point_id,
        "windows": [list(each) for each in windows],
        "only_on": sorted(set(only_on)),
        "until_at": until_at,
        "given_while_inconvenient": given_while_inconvenient,
    }
    return begin_record(
        Consent,
        actor=actor,
        about=about,
        received_at=received_at,
        values=values,
        words=words,
        now=now,
    ).pk


@transaction.atomic
def do_revoke_consent(
    *,
    actor: Actor,
    consent_id: int,
    reason: str,
    revoked_at: datetime | None = None,
    now: datetime,
) -> None:
    """What was allowed is allowed no more; whoever hears it may record it."""
    end_record(
        Consent,
        actor=actor,
        row_id=consent_id,
        reason=reason,
        permission=Permission.PERSON_RECORD,
        ended_at=revoked_at,
        now=now,
    )


@transaction.atomic
def do_record_stop(
    *,
    actor: Actor,
    about: Subject,
    kind: str,
    received_at: datetime,
    channel: str = "",
    contact_point_id: int | None = None,
    medium: str = "",
    accepted: bool = True,
    place: str = "",
    windows: Sequence[DayWindow] = (),
    from_on: date | None = None,
    until_on: date | None = None,
    words: str = "",
    now: datetime,
) -> int:
    """Record what somebody asked not to be done; returns its id. Receipt decides.

    An opt-out without a channel is of every channel, without a contact point of every address.
    """
    faults = _stop_faults(kind, medium, place, windows) | _channel_fault(channel)
    faults |= _window_faults(windows) | _day_faults(kind, from_on, until_on)
    refuse(faults)
    values: dict[str, Any] = {
        "kind": kind,
        "channel": channel,
        "contact_point_id": contact_point_id,
        "medium": medium,
        "accepted": accepted,
        "place": place,
        "windows": [list(each) for each in windows],
        "from_on": from_on,
        "until_on": until_on,
    }
    return begin_record(
        Stop, actor=actor, about=about, received_at=received_at, values=values, words=words, now=now
    ).pk


@transaction.atomic
def do_withdraw_stop(*, actor: Actor, stop_id: int, reason: str, now: datetime) -> None:
    """The person took it back, or it was recorded by mistake."""
    end_record(Stop, actor=actor, row_id=stop_id, reason=reason, now=now)


# --- faults ---------------------------------------------------------------------------------------


def _consent_faults(
    kind: str,
    directly_to_id: int | None,
    contact_point_id: int | None,
    windows: Sequence[DayWindow],
) -> dict[str, str]:
    faults: dict[str, str] = {}
    if kind not in Consent.Kind.values:
        return {"kind": _("Choose one of: %s.") % ", ".join(Consent.Kind.values)}
    if kind in _TO_ONE_COMPANY and directly_to_id is None:
        faults["directly_to"] = _("Say to which company it was given directly.")
    if directly_to_id is not None and not LegalEntity.objects.filter(pk=directly_to_id).exists():
        faults["directly_to"] = _("There is no such company.")
    if kind == Consent.Kind.ADDRESS and contact_point_id is None:
        faults["contact_point"] = _("Say which address may be used.")
    if kind == Consent.Kind.AGREED_TIMES and not windows:
        faults["windows"] = _("Say which times.")
    return faults


def _stop_faults(
    kind: str, medium: str, place: str, windows: Sequence[DayWindow]
) -> dict[str, str]:
    if kind not in Stop.Kind.values:
        return {"kind": _("Choose one of: %s.") % ", ".join(Stop.Kind.values)}
    faults: dict[str, str] = {}
    if kind == Stop.Kind.CEASE_REQUEST and (not medium or medium in _ORAL):
        faults["medium"] = _(
            "A cease request is in writing: say by which medium it came. One by word of mouth is an"
            " opt-out or a refusal."
        )
    if (kind == Stop.Kind.INCONVENIENT_PLACE) != (place in Stop.Place.values):
        faults["place"] = _("Choose one of: %s.") % ", ".join(Stop.Place.values)
    if kind in _TIMED and not windows:
        faults["windows"] = _("Say which times.")
    return faults


def _channel_fault(channel: str) -> dict[str, str]:
    if channel and channel not in set(Channel):
        return {"channel": _("Choose one of: %s.") % ", ".join(Channel)}
    return {}


def _window_faults(windows: Sequence[DayWindow]) -> dict[str, str]:
    for days, opens, closes in windows:
        if not (0 < days <= _EVERY_DAY and 0 <= opens < closes <= DAY_MINUTES):
            return {
                "windows": _(
                    "Times lie within one day, from a minute to a later one, on some weekdays; over"
                    " midnight they are two."
                )
            }
    return {}


def _day_faults(kind: str, from_on: date | None, until_on: date | None) -> dict[str, str]:
    if kind == Stop.Kind.BREATHING_SPACE and (from_on is None or until_on is None):
        return {"until_on": _("A breathing space has a first and a last day.")}
    if from_on is not None and until_on is not None and until_on < from_on:
        return {"until_on": _("The last day lies before the first.")}
    return {}
