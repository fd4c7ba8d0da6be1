"""The tables, a file a noun."""

from kept.store.models.accesses import StaffAccess, StaffAccessUse
from kept.store.models.accounts import Account
from kept.store.models.announcements import AnnouncementCursor, Subscriber
from kept.store.models.api_keys import ApiKey
from kept.store.models.approvals import Approval, ApprovalPolicy, Decision, Delegation
from kept.store.models.arm_places import ArmPlace
from kept.store.models.attempts import Attempt
from kept.store.models.capacities import Capacity
from kept.store.models.cases import Case, CaseAccount
from kept.store.models.circumstances import Circumstance, Hardship, Vulnerability
from kept.store.models.commands import Command
from kept.store.models.consents import Consent
from kept.store.models.creditors import Creditor, Engagement, LegalEntity
from kept.store.models.days import CaseToDecide
from kept.store.models.dealings import CaseTaking, DealingMove, DealingPolicy
from kept.store.models.debtors import ContactPoint, Debtor, IdentityKey, Person, RelatedPerson
from kept.store.models.disputes import Complaint, Dispute
from kept.store.models.documents import Document
from kept.store.models.events import Event, EventHead, EventStart
from kept.store.models.follow_ups import FollowUp, WorkCount
from kept.store.models.holds import Hold
from kept.store.models.intake import IntakeFile, IntakeReject
from kept.store.models.intents import Intent
from kept.store.models.jobs import JobNote
from kept.store.models.judgments import Judgment
from kept.store.models.keys import KeyCheck, PersonKey
from kept.store.models.ledger import BucketMove, Entry, Posting
from kept.store.models.loaded_rows import LoadedRow
from kept.store.models.night_groups import NightGroup, NightGroupCapacity, NightGroupMember
from kept.store.models.payments import (
    Payment,
    PaymentAllocation,
    PaymentPolicy,
    PaymentReference,
    PaymentReturn,
)
from kept.store.models.permits import (
    ContactReview,
    Permit,
    PermitRefusal,
    PresumptionRelease,
)
from kept.store.models.plans import HouseholdFigures, Plan, PlanInstalment, PlanPolicy
from kept.store.models.products import Product, ProductTerms
from kept.store.models.promises import Promise, PromiseAccount, PromiseOutcome, PromisePolicy
from kept.store.models.representations import Representation
from kept.store.models.rotations import RotatedHash
from kept.store.models.rule_switches import RuleSwitch
from kept.store.models.runs import Run, RunChunk
from kept.store.models.seals import Seal, SealLeaf
from kept.store.models.seats import Seat, SeatAbsence, SeatConflict, SeatExtraTime, Team
from kept.store.models.stops import Stop
from kept.store.models.strategies import StrategyStep, StrategyUse, StrategyVersion
from kept.store.models.tasks import Task
from kept.store.models.texts import TextStep, TextVersion
from kept.store.models.users import RoleGrant, User
from kept.store.models.waivers import (
    Waiver,
    WaiverBudget,
    WaiverEntry,
    WaiverLine,
    WaiverPolicy,
)

__all__ = [
    "Account",
    "AnnouncementCursor",
    "ApiKey",
    "Approval",
    "ApprovalPolicy",
    "ArmPlace",
    "Attempt",
    "BucketMove",
    "Capacity",
    "Case",
    "CaseAccount",
    "CaseTaking",
    "CaseToDecide",
    "Circumstance",
    "Command",
    "Complaint",
    "Consent",
    "ContactPoint",
    "ContactReview",
    "Creditor",
    "DealingMove",
    "DealingPolicy",
    "Debtor",
    "Decision",
    "Delegation",
    "Dispute",
    "Document",
    "Engagement",
    "Entry",
    "Event",
    "EventHead",
    "EventStart",
    "FollowUp",
    "Hardship",
    "Hold",
    "HouseholdFigures",
    "IdentityKey",
    "IntakeFile",
    "IntakeReject",
    "Intent",
    "JobNote",
    "Judgment",
    "KeyCheck",
    "LegalEntity",
    "LoadedRow",
    "NightGroup",
    "NightGroupCapacity",
    "NightGroupMember",
    "Payment",
    "PaymentAllocation",
    "PaymentPolicy",
    "PaymentReference",
    "PaymentReturn",
    "Permit",
    "PermitRefusal",
    "Person",
    "PersonKey",
    "Plan",
    "PlanInstalment",
    "PlanPolicy",
    "Posting",
    "PresumptionRelease",
    "Product",
    "ProductTerms",
    "Promise",
    "PromiseAccount",
    "PromiseOutcome",
    "PromisePolicy",
    "RelatedPerson",
    "Representation",
    "RoleGrant",
    "RotatedHash",
    "RuleSwitch",
    "Run",
    "RunChunk",
    "Seal",
    "SealLeaf",
    "Seat",
    "SeatAbsence",
    "SeatConflict",
    "SeatExtraTime",
    "StaffAccess",
    "StaffAccessUse",
    "Stop",
    "StrategyStep",
    "StrategyUse",
    "StrategyVersion",
    "Subscriber",
    "Task",
    "Team",
    "TextStep",
    "TextVersion",
    "User",
    "Vulnerability",
    "Waiver",
    "WaiverBudget",
    "WaiverEntry",
    "WaiverLine",
    "WaiverPolicy",
    "WorkCount",
]
