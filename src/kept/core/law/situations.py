"""What is known when an attempt is judged: the attempt, the history, the people, the records.

Values only, the same for a test vector and for a case of the book. Instants are UTC minutes, days
local day numbers. None is the unknown; where a record is simply absent the default says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kept.core.calendar import OffsetTable
from kept.core.law.times import BEFORE_ALL, NEVER, Window

__all__ = [
    "Account",
    "Actor",
    "Attempt",
    "CallConsent",
    "Circumstances",
    "Contact",
    "Dispute",
    "Representation",
    "Situation",
    "TimeConsent",
]


@dataclass(frozen=True, slots=True)
class Actor:
    """The legal entity that acts. `own_name`: a creditor under its own name; None is not said."""

    id: str
    type: str | None
    own_name: bool | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """A debt; those of one `group` are one particular debt of 12 CFR 1006.14(b)(4)."""

    id: str
    type: str | None
    group: str


@dataclass(frozen=True, slots=True)
class Contact:
    """An ended contact, or an open permit at its worst.

    `person` is `role:id`. `talked` are the debts that a conversation was about. `minute` is when it
    happened, `misdirected_from` when the actor learned that the address is not that person's.
    """

    minute: int
    channel: str
    inbound: bool
    person: str
    role: str
    outcome: str
    debts: frozenset[str]
    talked: frozenset[str]
    actor: str
    address: str | None = None
    place: str = "none"
    misdirected_from: int = NEVER


@dataclass(frozen=True, slots=True)
class Attempt:
    """The act to be judged; `purpose` is `collect` for an ordinary contact."""

    minute: int
    channel: str | None
    person: str | None
    role: str | None
    debts: frozenset[str]
    purpose: str | None = "collect"
    address: str | None = None
    place: str | None = "none"
    planned: str | None = "nothing"
    content: str | None = None
    content_flags: frozenset[str] = frozenset()
    in_reply_to: int | None = None
    visibility: str | None = "private"
    voicemail_shared: bool = False
    learned_during_call: bool = False
    recorded_day: int | None = None
    last_activity_day: int | None = None
    months: int | None = 0
    staff: int | None = 2
    is_recorded: bool | None = None
    recording_announced: bool = False


@dataclass(frozen=True, slots=True)
class Representation:
    """An attorney of the debtor; None is unknown."""

    known: bool | None
    reachable: bool | None = False
    debts: frozenset[str] | None = None
    consents: bool = False
    unresponsive: bool = False


@dataclass(frozen=True, slots=True)
class Dispute:
    """A written dispute or request, in force from its receipt until it is answered."""

    received: int
    answered: int = NEVER


@dataclass(frozen=True, slots=True)
class CallConsent:
    """Consent to more calls, given directly to `directly_to`; `only_on` are local days."""

    directly_to: str
    received: int
    debts: frozenset[str] | None = None
    only_on: frozenset[int] = frozenset()
    revoked: int = NEVER


@dataclass(frozen=True, slots=True)
class TimeConsent:
    directly_to: str
    windows: tuple[Window, ...]
    given_during_inconvenient: bool = False


@dataclass(frozen=True, slots=True)
class Circumstances:
    """All that is recorded about the person, the debt and the parties."""

    inconvenient: tuple[Window, ...] = ()
    inconvenient_places: frozenset[str] = frozenset()
    known_place: str | None = None
    employer_prohibits: bool = False
    attorney: Representation | None = None
    cease_from: int = NEVER
    stopped_channels: frozenset[str] = frozenset()
    opted_out: frozenset[str] = frozenset()
    blocked_addresses: frozenset[str] = frozenset()
    call_consent: CallConsent | None = None
    time_consent: TimeConsent | None = None
    court_permission: bool = False
    agreed_times: tuple[Window, ...] = ()
    agreed_frequency: bool = False
    only_convenient_time: bool = False
    reasonable_times: tuple[Window, ...] = ()
    prior_refusal: bool = False
    is_minor: bool = False
    deceased: bool = False
    incapable: bool = False
    debtor_unreachable: bool | None = None
    number_invalid: bool = False
    household_debt: bool = False
    guarantee_valid: bool | None = None
    offers_to_pay: bool = False
    location_again: bool = False
    employer_email: bool = False
    used_address: bool = False
    address_consent: str | None = None
    dispute: Dispute | None = None
    creditor_request: Dispute | None = None
    disputed_debts: frozenset[str] = frozenset()
    validation_period_open: bool = False
    validation_in_issue: bool = False
    validation_sent: bool = False
    assumed_receipt_day: int | None = None
    time_barred: bool = False
    refuses_time_barred: bool = False
    bankruptcy_pending: bool | None = False
    debt_discharged: bool = False
    debt_paid: bool = False
    debt_settled: bool = False
    identity_theft_block: bool = False
    debt_illegal: bool = False
    instalment_performing: bool | None = False
    oral_agreement: bool = False
    agency_evaluated_day: int | None = None
    agency_listed: bool = False
    told_of_entrustment: bool = False
    number_checked: bool = False
    breathing: tuple[int, int] | None = None  # local days, the last one included
    adviser_since_day: int | None = None
    vulnerable: bool = False
    sensitive_occasion: bool = False
    days_past_due: int | None = 0
    demand_exceeds_estate: bool = False
    region: str | None = None
    artificial_voice: bool | None = False
    autodialled: bool | None = False
    express_consent: bool = False
    microfinance: bool = False


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything for one verdict.

    `place` is the zone of the person's clocks and dates, None when it is not known; `candidates`
    all zones in which hours must be met. `clocks` are the zones that rules name. `holidays` are
    local days. History before `complete_from` (a local day) is not known.
    """

    actor: Actor
    debts: tuple[Account, ...]
    attempt: Attempt
    history: Sequence[Contact]
    known: Circumstances
    place: OffsetTable | None
    candidates: tuple[OffsetTable, ...]
    clocks: Mapping[str, OffsetTable] = field(default_factory=dict)
    holidays: frozenset[int] = frozenset()
    complete_from: int = BEFORE_ALL
