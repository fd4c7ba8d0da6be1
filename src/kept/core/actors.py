"""Who acts: a person, a key or a job, with grants and where each holds (DESIGN.md 3.12).

Values only. Who signed in, and which grants are stored, is read in `work/actors.py`; which grants
hold a permission is said in `work/permissions.py`. A `Reach` is what an actor reaches with one
permission: reads take it, never the actor, so that a role that is wide for one thing does not
widen another (docs/decisions/0011).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["OWN_WORK_ONLY", "Actor", "ActorKind", "Grant", "Reach", "Role", "Scope", "job"]


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
    KEY = "key"
    JOB = "job"


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a grant holds: rows within all three limits. None is no limit, empty is nothing.

    `product_ids` are a creditor's portfolios; `seat_ids` the seats to which a case is dealt, which
    is what a limit by team, by agency or to one's own work comes to.
    """

    creditor_ids: frozenset[int] | None = None
    product_ids: frozenset[int] | None = None
    seat_ids: frozenset[int] | None = None

    @property
    def is_empty(self) -> bool:
        return frozenset() in (self.creditor_ids, self.product_ids, self.seat_ids)

    def holds_within(self, other: Scope) -> bool:
        """Every row of this scope is one of the other."""
        return (
            _is_within(self.creditor_ids, other.creditor_ids)
            and _is_within(self.product_ids, other.product_ids)
            and _is_within(self.seat_ids, other.seat_ids)
        )


def _is_within(inner: frozenset[int] | None, outer: frozenset[int] | None) -> bool:
    return outer is None or (inner is not None and inner <= outer)


@dataclass(frozen=True, slots=True)
class Grant:
    """A role, or single permissions of a key, within a scope.

    `is_of_house` is a grant without any limit: only such a one reaches what belongs to the whole
    house. `names_creditor`: given for one creditor by name, as people on its side have it.
    `access_id` is the timed access that it comes from.
    """

    role: Role | None
    scope: Scope = field(default_factory=Scope)
    permissions: frozenset[str] = frozenset()
    is_of_house: bool = False
    names_creditor: bool = False
    access_id: int | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, a key or a job; one without a grant may do nothing and sees nothing.

    `seat_ids` are the seats a person works from. `person_id` is the person behind what is done:
    the actor, or who made the key; None for a job.
    """

    kind: ActorKind
    id: int
    name: str
    grants: tuple[Grant, ...] = ()
    seat_ids: frozenset[int] = frozenset()
    person_id: int | None = None

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(grant.role for grant in self.grants if grant.role is not None)


@dataclass(frozen=True, slots=True)
class Reach:
    """The rows that an actor sees for one permission: those of any of its scopes.

    Only `work.permissions` makes one. `accesses` are the timed accesses by creditor through which
    alone that creditor is reached. `is_of_house`: also what belongs to no creditor.
    """

    scopes: tuple[Scope, ...]
    accesses: tuple[tuple[int, int], ...] = ()
    is_of_house: bool = False

    @classmethod
    def of(cls, grants: Iterable[Grant]) -> Reach:
        held = tuple(grants)
        return cls(
            _merged(grant.scope for grant in held),
            _only_by_access(held),
            any(grant.is_of_house for grant in held),
        )

    @property
    def creditor_ids(self) -> frozenset[int] | None:
        """The creditors of which anything is reached; None where nothing limits them."""
        found: set[int] = set()
        for scope in self.scopes:
            if scope.creditor_ids is None:
                return None
            found |= scope.creditor_ids
        return frozenset(found)

    def reaches_creditor(self, creditor_id: int) -> bool:
        """All of a creditor, not some of its portfolios or of its work."""
        whole = Scope(frozenset({creditor_id}))
        return any(whole.holds_within(scope) for scope in self.scopes)


def _merged(scopes: Iterable[Scope]) -> tuple[Scope, ...]:
    """As few scopes as cover the same rows: those alike but for creditors become one."""
    creditors: dict[tuple[frozenset[int] | None, ...], frozenset[int] | None] = {}
    for scope in scopes:
        if scope.is_empty:
            continue
        alike = (scope.product_ids, scope.seat_ids)
        creditors[alike] = _joined(creditors.get(alike, frozenset()), scope.creditor_ids)
    found = [Scope(ids, *alike) for alike, ids in creditors.items()]
    return tuple(
        scope
        for scope in found
        if not any(other is not scope and scope.holds_within(other) for other in found)
    )


def _joined(one: frozenset[int] | None, other: frozenset[int] | None) -> frozenset[int] | None:
    return None if one is None or other is None else one | other


def _only_by_access(grants: tuple[Grant, ...]) -> tuple[tuple[int, int], ...]:
    lasting = Reach(_merged(grant.scope for grant in grants if grant.access_id is None))
    known = lasting.creditor_ids
    found = {
        creditor_id: grant.access_id
        for grant in grants
        if grant.access_id is not None
        for creditor_id in grant.scope.creditor_ids or ()
        if known is not None and creditor_id not in known
    }
    return tuple(sorted(found.items()))


def job(name: str) -> Actor:
    """The actor of an unattended run: reaches every creditor, and is named in each event."""
    return Actor(ActorKind.JOB, 0, name, (Grant(Role.ADMINISTRATOR, is_of_house=True),))
