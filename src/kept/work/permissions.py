"""Which role may do what: one closed list of names, `noun.action`, and one table.

Which rows an actor may see is not decided here but by `visible_to` of each noun.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from kept.core.actors import Actor, Role
from kept.work.refusals import NotAllowed

__all__ = [
    "ALLOWED",
    "ROLE_NAMES",
    "Permission",
    "may",
    "permissions_page",
    "require",
    "require_house",
]


class Permission(StrEnum):
    WORKLIST_READ = "worklist.read"
    WORKLIST_READ_ALL_SEATS = "worklist.read_all_seats"
    TASK_CLOSE = "task.close"
    CASE_READ = "case.read"
    HOLD_CHANGE = "hold.change"
    INTAKE_READ = "intake.read"
    INTAKE_RECEIVE = "intake.receive"
    NIGHT_READ = "night.read"
    CREDITOR_CHANGE = "creditor.change"  # and its products, terms and engagements
    SEAT_CHANGE = "seat.change"  # and teams
    USER_CHANGE = "user.change"  # and what their roles are
    LEDGER_READ = "ledger.read"
    LEDGER_POST = "ledger.post"
    EVENT_READ = "event.read"
    EVENT_VERIFY = "event.verify"  # and seals
    EVENT_EXPORT = "event.export"  # a case for a regulator, with personal values
    HEALTH_READ = "health.read"  # how the house stands: database, queue, slow statements


_WORKERS = frozenset({Role.COLLECTOR, Role.FIELD_COLLECTOR})
_LEADERS = frozenset({Role.TEAM_LEAD, Role.MANAGER, Role.ADMINISTRATOR})
_CONTROL = frozenset({Role.COMPLIANCE_OFFICER, Role.QUALITY_REVIEWER, Role.AUDITOR})
_OFFICE = frozenset({Role.CASHIER, Role.APPROVER, Role.LEGAL_OFFICER})

# An agency's users are in no row yet and so see nothing: they wait for placements. Data scientists
# see figures, never persons.
ALLOWED: Final[Mapping[Permission, frozenset[Role]]] = {
    Permission.WORKLIST_READ: _WORKERS | _LEADERS | _CONTROL,
    Permission.WORKLIST_READ_ALL_SEATS: _LEADERS | _CONTROL,
    Permission.TASK_CLOSE: _WORKERS | _LEADERS | {Role.LEGAL_OFFICER},
    Permission.CASE_READ: _WORKERS | _LEADERS | _CONTROL | _OFFICE,
    Permission.HOLD_CHANGE: _WORKERS | _LEADERS | {Role.COMPLIANCE_OFFICER, Role.LEGAL_OFFICER},
    Permission.INTAKE_READ: frozenset(
        {Role.MANAGER, Role.ADMINISTRATOR, Role.COMPLIANCE_OFFICER, Role.AUDITOR}
    ),
    Permission.INTAKE_RECEIVE: frozenset({Role.MANAGER, Role.ADMINISTRATOR}),
    Permission.NIGHT_READ: _LEADERS | _CONTROL | {Role.DATA_SCIENTIST},
    Permission.CREDITOR_CHANGE: frozenset({Role.ADMINISTRATOR}),
    Permission.SEAT_CHANGE: frozenset({Role.ADMINISTRATOR}),
    Permission.USER_CHANGE: frozenset({Role.ADMINISTRATOR}),
    Permission.LEDGER_READ: frozenset({Role.ADMINISTRATOR, Role.AUDITOR}),
    Permission.LEDGER_POST: frozenset({Role.CASHIER, Role.ADMINISTRATOR}),
    Permission.EVENT_READ: frozenset({Role.ADMINISTRATOR, Role.AUDITOR}),
    Permission.EVENT_VERIFY: frozenset({Role.ADMINISTRATOR, Role.AUDITOR, Role.COMPLIANCE_OFFICER}),
    Permission.EVENT_EXPORT: frozenset({Role.AUDITOR, Role.COMPLIANCE_OFFICER}),
    Permission.HEALTH_READ: frozenset({Role.ADMINISTRATOR}),
}


ROLE_NAMES: Final[Mapping[Role, str | Promise]] = {
    Role.COLLECTOR: _later("collector"),
    Role.TEAM_LEAD: _later("team lead"),
    Role.MANAGER: _later("manager"),
    Role.COMPLIANCE_OFFICER: _later("compliance officer"),
    Role.QUALITY_REVIEWER: _later("quality reviewer"),
    Role.AUDITOR: _later("auditor"),
    Role.ADMINISTRATOR: _later("administrator"),
    Role.CASHIER: _later("cashier"),
    Role.APPROVER: _later("approver"),
    Role.AGENCY_USER: _later("agency user"),
    Role.FIELD_COLLECTOR: _later("field collector"),
    Role.LEGAL_OFFICER: _later("legal officer"),
    Role.DATA_SCIENTIST: _later("data scientist"),
}


def may(actor: Actor, permission: Permission) -> bool:
    return bool(actor.roles & ALLOWED[permission])


def require(actor: Actor, permission: Permission) -> None:
    if not may(actor, permission):
        raise NotAllowed(
            _("Your roles do not allow this (%(permission)s). Ask an administrator.")
            % {"permission": permission.value}
        )


def require_house(actor: Actor, permission: Permission) -> None:
    """For what belongs to the whole house: the actor must not be limited to some creditors.

    Otherwise an administrator of one creditor could grant themselves the others.
    """
    require(actor, permission)
    if actor.creditor_ids is not None:
        raise NotAllowed(
            _("This belongs to the whole house; your roles hold for some creditors only.")
        )


def permissions_page() -> str:
    """The text of `docs/permissions.md`."""
    lines = [
        "# Permissions",
        "",
        "What a role may do, wherever it asks: on a page, by a command, by an interface. Which",
        "rows it sees is another matter: those of the creditors that its grants name, and for",
        "collectors and field collectors only the work dealt to their own seats. A person with",
        "several roles sees the creditors that all of them hold for.",
        "",
        "This page is printed from `src/kept/work/permissions.py`; a test fails when it is stale.",
        "",
        "| permission | roles |",
        "|---|---|",
    ]
    for permission, roles in ALLOWED.items():
        named = ", ".join(role.value for role in Role if role in roles)
        lines.append(f"| `{permission.value}` | {named} |")
    return "\n".join(lines) + "\n"
