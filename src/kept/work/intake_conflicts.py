"""Whether a file may be received: its id, its bytes and its sequence beside those before it.

Called under the lock of the creditor's row. Each refusal leaves an event and is a value here; the
caller raises it, after its transaction, so that the event stays.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.store.events import append_event
from kept.store.models import Creditor, IntakeFile
from kept.work.refusals import Refusal

__all__ = [
    "SEQUENCE_MAX",
    "FileConflict",
    "find_conflict",
    "first_of",
    "identity_of",
    "refuse_other_bytes",
    "refuse_unusable_identity",
]

State = IntakeFile.State
SEQUENCE_MAX = 10**18 - 1
_FILE_ID_MAX = 128
# Of these nothing is in the book: they neither make bytes known nor take a sequence.
_WITHOUT_EFFECT = (State.DRY_RUN, State.QUARANTINED)
_SETTLED = (State.APPLIED, State.ACKNOWLEDGED, State.SKIPPED)


class FileConflict(Refusal):
    """What is handed in does not fit the files received before it."""


class Identified(Protocol):
    """What is known of a file that is handed in, as far as its identity goes."""

    @property
    def file_type(self) -> str: ...
    @property
    def file_id(self) -> str | None: ...
    @property
    def sequence(self) -> int | None: ...
    @property
    def as_of(self) -> date | None: ...
    @property
    def is_correction(self) -> bool: ...
    @property
    def dry_run(self) -> bool: ...


def refuse_unusable_identity(delivery: Identified) -> None:
    """Raises `Refusal` for an id or a sequence that no table can hold."""
    file_id, sequence = delivery.file_id, delivery.sequence
    if file_id is not None:
        seen = file_id.strip() and file_id.isprintable()
        if not seen or len(file_id) > _FILE_ID_MAX:
            raise Refusal(
                _("A file id has 1 to %(most)s characters, all of them to be seen.")
                % {"most": _FILE_ID_MAX}
            )
    if sequence is not None and not 1 <= sequence <= SEQUENCE_MAX:
        raise Refusal(
            _("A sequence is a whole number from 1 to %(most)s.") % {"most": SEQUENCE_MAX}
        )


def first_of(creditor: Creditor, file_type: str, file_id: str) -> IntakeFile | None:
    """The file that was received under this id; a try is none."""
    found = _files(creditor, file_type).filter(file_id=file_id).exclude(state=State.DRY_RUN)
    return found.first()


def identity_of(creditor: Creditor, delivery: Identified, sha256: bytes) -> str:
    """The file's id: the one it came with, else its bytes, and their day where that is another.

    Figures may stay the same from one day to the next; whoever states the other day says so.
    """
    if delivery.file_id:
        return delivery.file_id
    by_bytes = f"sha256-{sha256.hex()[:40]}"
    found = first_of(creditor, delivery.file_type, by_bytes)
    if found is None or delivery.as_of in (None, found.as_of):
        return by_bytes
    return f"{by_bytes}-{delivery.as_of}"


def find_conflict(
    *, actor: Actor, creditor: Creditor, delivery: Identified, sha256: bytes, now: datetime
) -> FileConflict | None:
    """Why a file under a new id is not received: known bytes, or its sequence."""
    return (
        _known_bytes(actor, creditor, delivery, sha256, now)
        or _taken_sequence(actor, creditor, delivery, now)
        or _absent_sequence(actor, creditor, delivery, now)
    )


def refuse_other_bytes(
    *, actor: Actor, found: IntakeFile, sha256: bytes, now: datetime
) -> FileConflict:
    """The id was received with other bytes."""
    _tell(
        actor,
        found,
        now,
        reason="other_bytes",
        received_sha256=bytes(found.sha256).hex(),
        refused_sha256=sha256.hex(),
    )
    return FileConflict(
        _(
            "File %(file_id)s was received before with other bytes, and nothing of this one was"
            " taken: send it under a new file id."
        )
        % {"file_id": found.file_id}
    )


def _known_bytes(
    actor: Actor, creditor: Creditor, delivery: Identified, sha256: bytes, now: datetime
) -> FileConflict | None:
    """The same bytes under another id, and nobody says that they are of another day."""
    if delivery.as_of is not None:
        return None
    known = _files(creditor, delivery.file_type).filter(sha256=sha256)
    found = known.exclude(state__in=_WITHOUT_EFFECT).order_by("-received_at", "-pk").first()
    if found is None:
        return None
    _tell(actor, found, now, reason="known_bytes", refused_file_id=delivery.file_id)
    zone = ZoneInfo(creditor.zone)
    return FileConflict(
        _(
            "These bytes (SHA-256 %(sha256)s…) were received on %(received)s as file %(file_id)s,"
            " number %(number)s, with figures as of %(as_of)s; nothing was taken a second time."
            " For the answer of that time, hand the file in under that file id (--file-id"
            " %(file_id)s). If these really are the figures of another day, state that day"
            " (--as-of DATE)."
        )
        % {
            "sha256": sha256.hex()[:12],
            "received": f"{found.received_at.astimezone(zone):%Y-%m-%d %H:%M}",
            "file_id": found.file_id,
            "number": found.pk,
            "as_of": found.as_of.isoformat(),
        }
    )


def _taken_sequence(
    actor: Actor, creditor: Creditor, delivery: Identified, now: datetime
) -> FileConflict | None:
    """A sequence that another file has, or that later files have gone past."""
    if delivery.sequence is None or delivery.dry_run:
        return None
    files = _files(creditor, delivery.file_type).exclude(state__in=_WITHOUT_EFFECT)
    taken = Q(sequence=delivery.sequence)
    passed = Q(sequence__gt=delivery.sequence, state__in=_SETTLED)
    found = files.filter(taken | passed).order_by("sequence").first()
    if found is None:
        return None
    _tell(actor, found, now, reason="sequence_taken", sequence=delivery.sequence)
    return FileConflict(
        _("Sequence %(sequence)s was settled by file %(file_id)s: number the file anew.")
        % {"sequence": delivery.sequence, "file_id": found.file_id}
    )


def _absent_sequence(
    actor: Actor, creditor: Creditor, delivery: Identified, now: datetime
) -> FileConflict | None:
    """A file without its place among numbered ones, which would pass those that are awaited.

    Rows that were refused and come back corrected have no place of their own.
    """
    if delivery.sequence is not None or delivery.is_correction:
        return None
    files = _files(creditor, delivery.file_type).exclude(state__in=_WITHOUT_EFFECT)
    found = files.filter(sequence__isnull=False).order_by("-sequence").first()
    if found is None:
        return None
    _tell(actor, found, now, reason="sequence_absent", refused_file_id=delivery.file_id)
    return FileConflict(
        _(
            "Files of %(creditor)s are numbered (the last received is %(last)s), and this one has"
            " no sequence: state it with the file (--sequence NUMBER, or sequence in its manifest"
            " or its header record). Nothing was taken."
        )
        % {"creditor": creditor.code, "last": found.sequence}
    )


def _files(creditor: Creditor, file_type: str) -> QuerySet[IntakeFile]:
    return IntakeFile.objects.filter(creditor=creditor, file_type=file_type)


def _tell(actor: Actor, found: IntakeFile, now: datetime, **body: object) -> None:
    append_event(
        actor=actor,
        action="intake.refuse",
        subject=f"intake_file:{found.pk}",
        body=body,
        now=now,
    )
