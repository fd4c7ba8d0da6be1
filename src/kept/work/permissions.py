"""Which role may do what: one closed list of names, `noun.action`, and one table.

`require` answers with the reach of a permission, and reads pass it to `visible_rows`: which rows
those are is decided by `visible_to` of each noun.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from kept.core.actors import Actor, Grant, Reach, Role
from kept.work.refusals import NotAllowed

__all__ = [
    "ALLOWED",
    "ROLE_NAMES",
    "Permission",
    "holds",
    "may",
    "may_house",
    "reach",
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
    NIGHT_RUN = "night.run"
    CREDITOR_CHANGE = "creditor.change"  # and its products, terms and engagements
    SEAT_CHANGE = "seat.change"  # and teams
    SEAT_READ = "seat.read"
    CASE_DEAL = "case.deal"  # again, outside the night, or by hand
    CASE_PICK = "case.pick"  # one's own cases in any order, not the next one only
    CAPACITY_CHANGE = "capacity.change"  # of a creditor's nights: letters, visits, money
    USER_CHANGE = "user.change"  # and what their roles are
    LEDGER_READ = "ledger.read"
    LEDGER_POST = "ledger.post"
    MONEY_EXPORT = "money.export"  # the general ledger of whole creditors
    PAYMENT_READ = "payment.read"  # money received and suspense; payments of a case by case.read
    PAYMENT_RECORD = "payment.record"  # by hand, and to work suspense
    PAYMENT_TAKE = "payment.take"  # as another program's word, such as a payment provider's
    PAYMENT_CHANGE_POLICY = "payment.change_policy"
    PERSON_ERASE = "person.erase"  # and what retention says about it
    EVENT_READ = "event.read"
    EVENT_VERIFY = "event.verify"  # and seals
    EVENT_EXPORT = "event.export"  # a case for a regulator, with personal values
    HEALTH_READ = "health.read"  # how the house stands: database, queue, slow statements
    APPROVAL_READ = "approval.read"  # all of a creditor's; one's own and those to decide anyway
    APPROVAL_DECIDE = "approval.decide"
    APPROVAL_CHANGE_POLICY = "approval.change_policy"
    NUMBER_REVEAL = "number.reveal"  # a telephone, an address, an identity number, one by one
    ACCESS_REQUEST = "access.request"  # of staff, to a creditor's data for a time
    ACCESS_READ = "access.read"  # who has or had it, and what for
    KEY_CHANGE = "key.change"  # API keys
    JOB_READ = "job.read"
    JOB_RUN = "job.run"  # what failed, once more
    SUBSCRIBER_CHANGE = "subscriber.change"  # other systems that are told what happens
    PERSON_RECORD = "person.record"  # what a person said or is: consents, stops, disputes…
    PERSON_RELEASE = "person.release"  # to end what restricts contact, to answer and to close
    VULNERABILITY_READ = "vulnerability.read"  # more than that there is one
    HISTORY_DECLARE = "history.declare"  # from when all contacts are known
    LAW_READ = "law.read"  # rules, switches, verdicts
    LAW_SWITCH = "law.switch"
    CONTACT_MAKE = "contact.make"  # permits: to ask for one, to use, give back and settle it
    PERMIT_READ = "permit.read"  # open ones, those without an outcome, what was refused
    PRESUMPTION_RELEASE = "presumption.release"  # of a violation, for one attempt
    CONTACT_COUNT = "contact.count"  # who was contacted how often, and how near to a cap
    PROMISE_TAKE = "promise.take"  # and confirm and replace
    PROMISE_CANCEL = "promise.cancel"
    PROMISE_MEASURE = "promise.measure"  # kept rates by creditor, team and collector
    PROMISE_CHANGE_POLICY = "promise.change_policy"
    STRATEGY_READ = "strategy.read"
    STRATEGY_WRITE = "strategy.write"  # drafts
    STRATEGY_APPROVE = "strategy.approve"  # of others
    STRATEGY_ENFORCE = "strategy.enforce"  # to put an approved one in force, and to retire
    STRATEGY_ASSIGN = "strategy.assign"  # which one works a creditor's book
    TEXT_READ = "text.read"  # scripts, templates and guides with their versions
    TEXT_WRITE = "text.write"  # drafts
    TEXT_APPROVE = "text.approve"  # of others
    TEXT_ENFORCE = "text.enforce"  # to put an approved one in force, and to retire
    DOCUMENT_PRINT = "document.print"  # and to look at one before
    DOCUMENT_PRINT_LEGAL = "document.print_legal"  # lawyer's letters
    DOCUMENT_READ = "document.read"  # the paper itself, with address and amounts
    DOCUMENT_WITHDRAW = "document.withdraw"
    WAIVER_REQUEST = "waiver.request"  # within the matrix, and to take the debtor's answer
    WAIVER_CHANGE_POLICY = "waiver.change_policy"
    WAIVER_CHANGE_BUDGET = "waiver.change_budget"
    PLAN_OFFER = "plan.offer"  # and to take the answer; figures of a household
    PLAN_CHANGE = "plan.change"  # of a running one: re-age, holiday, new terms, its end


_WORKERS = frozenset({Role.COLLECTOR, Role.FIELD_COLLECTOR})
_LEADERS = frozenset({Role.TEAM_LEAD, Role.MANAGER, Role.ADMINISTRATOR})
_CONTROL = frozenset({Role.COMPLIANCE_OFFICER, Role.QUALITY_REVIEWER, Role.AUDITOR})
_OFFICE = frozenset({Role.CASHIER, Role.APPROVER, Role.LEGAL_OFFICER})

# An agency's users work what is dealt to the seats of its teams. Data scientists see figures,
# never persons.
ALLOWED: Final[Mapping[Permission, frozenset[Role]]] = {
    Permission.WORKLIST_READ: _WORKERS | _LEADERS | _CONTROL | {Role.AGENCY_USER},
    Permission.WORKLIST_READ_ALL_SEATS: _LEADERS | _CONTROL,
    Permission.TASK_CLOSE: _WORKERS | _LEADERS | {Role.LEGAL_OFFICER, Role.AGENCY_USER},
    Permission.CASE_READ: _WORKERS | _LEADERS | _CONTROL | _OFFICE | {Role.AGENCY_USER},
    Permission.HOLD_CHANGE: _WORKERS | _LEADERS | {Role.COMPLIANCE_OFFICER, Role.LEGAL_OFFICER},
    Permission.INTAKE_READ: frozenset(
        {Role.MANAGER, Role.ADMINISTRATOR, Role.COMPLIANCE_OFFICER, Role.AUDITOR}
    ),
    Permission.INTAKE_RECEIVE: frozenset({Role.MANAGER, Role.ADMINISTRATOR}),
    Permission.NIGHT_READ: _LEADERS | _CONTROL | {Role.DATA_SCIENTIST},
    Permission.NIGHT_RUN: frozenset({Role.MANAGER, Role.ADMINISTRATOR}),
    Permission.CREDITOR_CHANGE: frozenset({Role.ADMINISTRATOR}),
    Permission.SEAT_CHANGE: frozenset({Role.MANAGER, Role.ADMINISTRATOR}),
    Permission.SEAT_READ: _LEADERS | {Role.COMPLIANCE_OFFICER, Role.AUDITOR},
    Permission.CASE_DEAL: _LEADERS,
    Permission.CASE_PICK: frozenset(Role) - {Role.COLLECTOR},
    Permission.CAPACITY_CHANGE: frozenset({Role.MANAGER, Role.ADMINISTRATOR}),
    Permission.USER_CHANGE: frozenset({Role.ADMINISTRATOR}),
    Permission.LEDGER_READ: frozenset({Role.ADMINISTRATOR, Role.AUDITOR}),
    Permission.LEDGER_POST: frozenset({Role.CASHIER, Role.ADMINISTRATOR}),
    Permission.PAYMENT_READ: frozenset(
        {
            Role.CASHIER,
            Role.APPROVER,
            Role.MANAGER,
            Role.ADMINISTRATOR,
            Role.COMPLIANCE_OFFICER,
            Role.AUDITOR,
        }
    ),
    Permission.MONEY_EXPORT: frozenset({Role.ADMINISTRATOR, Role.AUDITOR}),
    Permission.PAYMENT_RECORD: frozenset({Role.CASHIER, Role.ADMINISTRATOR}),
    Permission.PAYMENT_TAKE: frozenset({Role.ADMINISTRATOR}),
    Permission.PAYMENT_CHANGE_POLICY: frozenset({Role.MANAGER, Role.ADMINISTRATOR}),
    Permission.PERSON_ERASE: frozenset({Role.ADMINISTRATOR, Role.COMPLIANCE_OFFICER}),
    Permission.EVENT_READ: frozenset({Role.ADMINISTRATOR, Role.AUDITOR}),
    Permission.EVENT_VERIFY: frozenset({Role.ADMINISTRATOR, Role.AUDITOR, Role.COMPLIANCE_OFFICER}),
    Permission.EVENT_EXPORT: frozenset({Role.AUDITOR, Role.COMPLIANCE_OFFICER}),
    Permission.HEALTH_READ: frozenset({Role.ADMINISTRATOR}),
    Permission.APPROVAL_READ: frozenset({Role.MANAGER, Role.COMPLIANCE_OFFICER, Role.AUDITOR}),
    Permission.APPROVAL_DECIDE: frozenset(
        {
            Role.APPROVER,
            Role.TEAM_LEAD,
            Role.MANAGER,
            Role.CASHIER,
            Role.COMPLIANCE_OFFICER,
            Role.LEGAL_OFFICER,
            Role.ADMINISTRATOR,
        }
    ),
    Permission.APPROVAL_CHANGE_POLICY: frozenset({Role.ADMINISTRATOR, Role.COMPLIANCE_OFFICER}),
    Permission.NUMBER_REVEAL: _WORKERS
    | {Role.TEAM_LEAD, Role.MANAGER, Role.COMPLIANCE_OFFICER, Role.LEGAL_OFFICER}
    | {Role.AGENCY_USER},
    Permission.ACCESS_REQUEST: frozenset({Role.ADMINISTRATOR, Role.AUDITOR, Role.DATA_SCIENTIST}),
    Permission.ACCESS_READ: frozenset(
        {Role.MANAGER, Role.ADMINISTRATOR, Role.COMPLIANCE_OFFICER, Role.AUDITOR}
    ),
    Permission.KEY_CHANGE: frozenset({Role.ADMINISTRATOR}),
    Permission.JOB_READ: frozenset({Role.MANAGER, Role.ADMINISTRATOR, Role.AUDITOR}),
    Permission.JOB_RUN: frozenset({Role.MANAGER, Role.ADMINISTRATOR}),
    Permission.SUBSCRIBER_CHANGE: frozenset({Role.ADMINISTRATOR}),
    Permission.PERSON_RECORD: _WORKERS
    | _LEADERS
    | {Role.COMPLIANCE_OFFICER, Role.LEGAL_OFFICER, Role.AGENCY_USER},
    Permission.PERSON_RELEASE: frozenset(
        {Role.TEAM_LEAD, Role.MANAGER, Role.COMPLIANCE_OFFICER, Role.LEGAL_OFFICER}
    ),
    Permission.VULNERABILITY_READ: frozenset(
        {Role.MANAGER, Role.COMPLIANCE_OFFICER, Role.QUALITY_REVIEWER}
    ),
    Permission.HISTORY_DECLARE: frozenset({Role.COMPLIANCE_OFFICER}),
    Permission.LAW_READ: _WORKERS | _LEADERS | _CONTROL | _OFFICE | {Role.AGENCY_USER},
    Permission.LAW_SWITCH: frozenset({Role.COMPLIANCE_OFFICER}),
    Permission.CONTACT_MAKE: _WORKERS
    | _LEADERS
    | {Role.COMPLIANCE_OFFICER, Role.LEGAL_OFFICER, Role.AGENCY_USER},
    Permission.PERMIT_READ: _WORKERS | _LEADERS | _CONTROL | {Role.LEGAL_OFFICER, Role.AGENCY_USER},
    Permission.PRESUMPTION_RELEASE: frozenset({Role.TEAM_LEAD, Role.COMPLIANCE_OFFICER}),
    Permission.CONTACT_COUNT: _LEADERS | _CONTROL,
    Permission.PROMISE_TAKE: _WORKERS | _LEADERS | {Role.LEGAL_OFFICER, Role.AGENCY_USER},
    Permission.PROMISE_CANCEL: _LEADERS | {Role.COMPLIANCE_OFFICER},
    Permission.PROMISE_MEASURE: _LEADERS | _CONTROL | {Role.DATA_SCIENTIST},
    Permission.PROMISE_CHANGE_POLICY: frozenset({Role.MANAGER, Role.ADMINISTRATOR}),
    Permission.STRATEGY_READ: _LEADERS | _CONTROL | {Role.DATA_SCIENTIST},
    Permission.STRATEGY_WRITE: frozenset({Role.MANAGER, Role.DATA_SCIENTIST}),
    Permission.STRATEGY_APPROVE: frozenset({Role.MANAGER, Role.COMPLIANCE_OFFICER}),
    Permission.STRATEGY_ENFORCE: frozenset({Role.MANAGER, Role.COMPLIANCE_OFFICER}),
    Permission.STRATEGY_ASSIGN: frozenset({Role.MANAGER, Role.ADMINISTRATOR}),
    Permission.TEXT_READ: _LEADERS | _CONTROL | {Role.DATA_SCIENTIST, Role.LEGAL_OFFICER},
    Permission.TEXT_WRITE: frozenset({Role.MANAGER, Role.COMPLIANCE_OFFICER, Role.LEGAL_OFFICER}),
    Permission.TEXT_APPROVE: frozenset({Role.MANAGER, Role.COMPLIANCE_OFFICER, Role.LEGAL_OFFICER}),
    Permission.TEXT_ENFORCE: frozenset({Role.MANAGER, Role.COMPLIANCE_OFFICER}),
    Permission.DOCUMENT_PRINT: _WORKERS | _LEADERS | {Role.CASHIER, Role.LEGAL_OFFICER},
    Permission.DOCUMENT_PRINT_LEGAL: frozenset({Role.LEGAL_OFFICER}),
    Permission.DOCUMENT_READ: _WORKERS | _LEADERS | _CONTROL | {Role.CASHIER, Role.LEGAL_OFFICER},
    Permission.DOCUMENT_WITHDRAW: frozenset(
        {Role.TEAM_LEAD, Role.MANAGER, Role.COMPLIANCE_OFFICER, Role.LEGAL_OFFICER}
    ),
    Permission.WAIVER_REQUEST: _WORKERS
    | _LEADERS
    | {Role.LEGAL_OFFICER, Role.COMPLIANCE_OFFICER, Role.AGENCY_USER},
    Permission.WAIVER_CHANGE_POLICY: frozenset({Role.MANAGER, Role.ADMINISTRATOR}),
    Permission.WAIVER_CHANGE_BUDGET: frozenset({Role.MANAGER, Role.ADMINISTRATOR}),
    Permission.PLAN_OFFER: _WORKERS
    | _LEADERS
    | {Role.LEGAL_OFFICER, Role.COMPLIANCE_OFFICER, Role.AGENCY_USER},
    Permission.PLAN_CHANGE: _LEADERS | {Role.COMPLIANCE_OFFICER, Role.LEGAL_OFFICER},
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


def holds(grant: Grant, permission: Permission) -> bool:
    """Whether a grant gives a permission: by its role, or by name."""
    if permission.value in grant.permissions:
        return True
    return grant.role is not None and grant.role in ALLOWED[permission]


def may(actor: Actor, permission: Permission) -> bool:
    return any(holds(grant, permission) for grant in actor.grants)


def may_house(actor: Actor, permission: Permission) -> bool:
    """Whether the actor holds it without any limit."""
    return any(grant.is_of_house and holds(grant, permission) for grant in actor.grants)


def reach(actor: Actor, *permissions: Permission) -> Reach:
    """The rows that the actor sees for a permission: those of the grants that hold it.

    Of several permissions, those of the grants that hold one of them.
    """
    return Reach.of(
        grant for grant in actor.grants if any(holds(grant, each) for each in permissions)
    )


def require(actor: Actor, permission: Permission) -> Reach:
    """The reach of a permission, for `visible_rows`; refused where no grant holds it."""
    if not may(actor, permission):
        raise NotAllowed(
            _("Your roles do not allow this (%(permission)s). Ask an administrator.")
            % {"permission": permission.value}
        )
    return reach(actor, permission)


def require_house(actor: Actor, permission: Permission) -> Reach:
    """For what belongs to the whole house: the grant must have no limit.

    Otherwise an administrator of one creditor could grant themselves the others.
    """
    found = require(actor, permission)
    if not may_house(actor, permission):
        raise NotAllowed(
            _("This belongs to the whole house; your roles hold for some creditors only.")
        )
    return found
