"""Once is once: a change under an idempotency key is made one time, however often it is asked for.

The key, a hash of the input and the answer are recorded in the transaction of the change. The same
key with the same input gets the first answer; with other input it is refused; of calls at the same
time one changes and the others wait and get its answer. A call that was refused, or that failed,
changed nothing and leaves no trace: its key can be used again, with the same or with better input.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.commands import KEY_MAX, KEY_MIN, is_key
from kept.store.commands import (
    FirstCall,
    KeyBusy,
    begin_command,
    drop_old_commands,
    free_key,
    store_answer,
)
from kept.work.refusals import Refusal

__all__ = ["KEPT_FOR", "Done", "KeyReused", "StillWorking", "forget_commands", "once"]

#: How long a key is remembered. A call repeated later than this is a new call.
KEPT_FOR: Final = timedelta(days=30)
_WAIT_SECONDS: Final = 15

#: Ids, states and what else a face needs to answer again; JSON.
Answer = Mapping[str, Any]


class KeyReused(Refusal):
    """The key was used before, with other input."""


class StillWorking(Refusal):
    """The first call with this key has not ended yet."""


@dataclass(frozen=True, slots=True)
class Done:
    """The answer; `is_repeat` when it is that of an earlier call and nothing was done now."""

    answer: Answer
    is_repeat: bool


def once(
    *,
    scope: str,
    key: str,
    use_case: str,
    given: Mapping[str, object],
    now: datetime,
    change: Callable[[], Answer | None],
) -> Done:
    """Make the change, or give the answer of the call that made it.

    `scope` is whose key it is (`person:12`, `api_key:3`, `job`); keys of different scopes never
    meet. `change` calls one or several use cases and returns the answer, or None where nothing was
    done that must not come twice: then the key stays free. What it raises passes through, and
    nothing is recorded. Raises `KeyReused` and `StillWorking`.
    """
    _refuse_unfit(key)
    try:
        with transaction.atomic():
            begun = begin_command(
                scope=scope,
                key=key,
                use_case=use_case,
                given=given,
                now=now,
                wait_seconds=_WAIT_SECONDS,
            )
            if isinstance(begun, FirstCall):
                return _repeated(begun)
            answer = change()
            if answer is None:
                free_key(begun)
            else:
                store_answer(begun, key, answer)
            return Done(answer or {}, is_repeat=False)
    except KeyBusy as error:
        raise StillWorking(
            _("The first call with this key is still being worked on. Ask again in a moment.")
        ) from error


def forget_commands(*, now: datetime) -> int:
    """Drop the commands that are older than `KEPT_FOR`; returns how many. For the housekeeping."""
    return drop_old_commands(now - KEPT_FOR)


def _repeated(first: FirstCall) -> Done:
    if not first.is_same or first.answer is None:
        raise KeyReused(
            _(
                "This key was used before with other input. Nothing was changed. Use a new key for"
                " a new call."
            )
        )
    return Done(first.answer, is_repeat=True)


def _refuse_unfit(key: str) -> None:
    if not is_key(key):
        raise Refusal(
            _(
                "An idempotency key has %(least)s to %(most)s letters, digits and signs of"
                " _.:+/=-, for example a UUID."
            )
            % {"least": KEY_MIN, "most": KEY_MAX},
            {"idempotency_key": _("Give a random key, for example a UUID.")},
        )
