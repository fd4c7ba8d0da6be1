"""Who acts: a person or a job, with roles and limits (DESIGN.md 3.12).

A value only. Who signed in, and which grants are stored, is read in `work/actors.py`; which rows
an actor may see is decided by `visible_to` of each noun's queryset in the store.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Actor", "ActorKind", "Role", "job"]


class Role(StrEnum):
    COLLECTOR = "collector"
    TEAM_LEAD = "team_lead"
    MANAGER = "manager"
    COMPLIANCE_OFFICER = "compliance_officer"
    QUALITY_REVIEWER = "quality_reviewer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    CASHIER = "cashier"
    APPROVER = "approver"
    AGENCY_USER = "agency_user"
    FIELD_COLLECTOR = "field_collector"
    LEGAL_OFFICER = "legal_officer"
    DATA_SCIENTIST = "data_scientist"


# Roles whose view is the work dealt to their own seats, not the whole book of their creditors.
OWN_WORK_ONLY = frozenset({Role.COLLECTOR, Role.FIELD_COLLECTOR})


class ActorKind(StrEnum):
    PERSON = "person"
    JOB = "job"


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or a job.

    `creditor_ids` is None for no limit by creditor, else the creditors whose rows are visible;
    an actor without a role sees nothing. `seat_ids` are the seats this person works from.
    """

    kind: ActorKind
    id: int
    name: str
    roles: frozenset[Role]
    creditor_ids: frozenset[int] | None = frozenset()
    seat_ids: frozenset[int] = frozenset()

    @property
    def sees_own_work_only(self) -> bool:
        return bool(self.roles) and self.roles <= OWN_WORK_ONLY

    def has(self, *roles: Role) -> bool:
        return bool(self.roles & set(roles))


def job(name: str) -> Actor:
    """The actor of an unattended run: sees every creditor, and is named in each event."""
    return Actor(ActorKind.JOB, 0, name, frozenset({Role.ADMINISTRATOR}), creditor_ids=None)
