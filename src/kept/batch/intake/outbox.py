"""The acknowledgement file in the creditor's outbox, as an effect that was intended first.

The answer is in the database when the run's transaction commits; the file follows, from the run
itself or, if that was ended, from a worker. A file that is there with the right bytes is done.
"""

from __future__ import annotations

from kept.batch.intake.acknowledging import (
    acknowledgement_text,
    outbox_path,
    publish_acknowledgement,
)
from kept.core.intents import Ending, Outcome
from kept.store.models import IntakeFile
from kept.work.intents import ClaimedIntent, write_intent

__all__ = ["ACKNOWLEDGE", "ask_acknowledgement", "intend_acknowledgement", "put_acknowledgement"]

ACKNOWLEDGE = "intake.acknowledge"


def intend_acknowledgement(file: IntakeFile) -> None:
    """In the transaction that stores the answer."""
    write_intent(
        kind=ACKNOWLEDGE,
        key=f"{ACKNOWLEDGE}:{file.pk}",
        subject=f"intake_file:{file.pk}",
        creditor_id=file.creditor_id,
        now=file.run.now,
    )


def put_acknowledgement(intent: ClaimedIntent) -> Outcome:
    try:
        publish_acknowledgement(_file(intent))
    except OSError:
        return Outcome(Ending.AGAIN, "outbox_not_writable")
    return Outcome(Ending.DONE)


def ask_acknowledgement(intent: ClaimedIntent) -> Outcome | None:
    """The folder is the peer: a whole file is put there in one step, or none is."""
    file = _file(intent)
    try:
        text = outbox_path(file).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except OSError:
        return Outcome(Ending.DOUBTFUL, "outbox_not_readable")
    return Outcome(Ending.DONE) if text == acknowledgement_text(file) else None


def _file(intent: ClaimedIntent) -> IntakeFile:
    return IntakeFile.objects.select_related("creditor").get(pk=int(intent.subject.split(":")[1]))
