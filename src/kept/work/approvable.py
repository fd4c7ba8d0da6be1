"""Commands that wait for the yes of other people, by kind: a registry, and nothing else.

To make a command approvable (docs/decisions/0012):

1. Write the use case as two functions. The public one asks `refuse_unapproved` (work/approvals.py)
   before it changes anything; the inner one does the work and asks nobody.
2. Register the inner one in the module of the use case::

       register(
           Approvable(
               kind="erasure",
               levels=(frozenset({Role.COMPLIANCE_OFFICER}),),
               describe=_describe,  # (actor, command, now) -> Subject
               run=_run,  # (actor, command, now, approval_id) -> what came of it, as JSON
           )
       )

3. Name the module in `COMMAND_MODULES` below, so that every process knows the kind, and give the
   kind its words in `desk/words.py`.

`command` is JSON: numbers, texts, lists; days as text. `describe` requires the requester's
permission, says what the request is about and refuses what could never be carried out. `run` gets
the requester's actor as it is at the final yes, requires the permission again, and runs in the
transaction of that yes: when it refuses, the yes is not given and nothing has changed. It runs once
before, when it is asked for, in a transaction that is taken back; `approval_id` is None then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any, Final

from kept.core.actors import Actor
from kept.core.approvals import ApprovalState, Levels

__all__ = ["COMMAND_MODULES", "Approvable", "Command", "Subject", "approvable", "kinds", "register"]

#: Modules of `kept.work` that register a command when they are imported.
COMMAND_MODULES: Final = (
    "kept.work.accesses",
    "kept.work.approval_policies",
    "kept.work.erasures",
    "kept.work.grants",
    "kept.work.charge_offs",
    "kept.work.ledger",
    "kept.work.payment_moves",
    "kept.work.payment_policies",
    "kept.work.payments",
    "kept.work.plan_policies",
    "kept.work.waiver_policies",
    "kept.work.waivers",
    "kept.work.promise_policies",
)

Command = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Subject:
    """What a request is about: `subject` is `noun:id`, of which creditor, which case, how much.

    `details` are shown to who decides: short words and figures, never a personal value. `levels` is
    who decides by the policy of the noun itself, which then counts before that of the house.
    """

    subject: str
    creditor_id: int | None = None
    case_id: int | None = None
    amount_minor: int | None = None
    currency: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    levels: Levels | None = None


@dataclass(frozen=True, slots=True)
class Approvable:
    """One kind of command; `levels` is who decides where no policy says otherwise.

    `needs_creditors_side`: only who was granted a role at the creditor by name may decide.
    `never_alone`: no policy may say that nobody else is needed. `ended` is told, in the same
    transaction, when a request ends without the final yes.
    """

    kind: str
    levels: Levels
    describe: Callable[[Actor, Command, datetime], Subject]
    run: Callable[[Actor, Command, datetime, int | None], Mapping[str, Any]]
    lasts: timedelta = timedelta(days=7)
    needs_creditors_side: bool = False
    never_alone: bool = False
    ended: Callable[[Actor, Command, ApprovalState, datetime], None] | None = None


_known: dict[str, Approvable] = {}


def register(command: Approvable) -> None:
    _known[command.kind] = command


def approvable(kind: str) -> Approvable | None:
    """The command of a kind; None where no code of this release knows it."""
    for module in COMMAND_MODULES:
        import_module(module)
    return _known.get(kind)


def kinds() -> tuple[str, ...]:
    for module in COMMAND_MODULES:
        import_module(module)
    return tuple(sorted(_known))
