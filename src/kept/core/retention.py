"""How long records must stay, and from which day a person may be erased, as a function of values.

A duty to keep says what, for how long, from which moment, where and by which words of law; the
latest of all duties holds, and nothing is erased while an account is open or a legal hold stands. A
duty of unsure standing holds too: what was erased too early cannot be brought back.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

__all__ = [
    "ANYWHERE",
    "Bar",
    "BarKind",
    "DeletionDuty",
    "Erasability",
    "Moment",
    "Period",
    "Record",
    "RecordFacts",
    "RetentionDuty",
    "erasability",
    "jurisdictions_of",
]

ANYWHERE: Final = "*"
# The member states.
_EU: Final = frozenset(
    {"AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE"}
    | {"IT", "LV", "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE"}
)


class Record(StrEnum):
    CASE = "case"
    RECORDING = "recording"
    RECEIVED_FILE = "received_file"
    REFUSED_VALUE = "refused_value"


class Moment(StrEnum):
    LAST_ACTIVITY = "last_activity"  # the last attempt, task, posting or closing of a case
    RECORDED = "recorded"  # the day of a call
    RECEIVED = "received"  # the day a file came


@dataclass(frozen=True, slots=True)
class Period:
    years: int = 0
    months: int = 0
    days: int = 0

    def after(self, start: date) -> date:
        """The last day on which the record must be there."""
        total = start.year * 12 + start.month - 1 + self.years * 12 + self.months
        year, month = total // 12, total % 12 + 1
        length = calendar.monthrange(year, month)[1]
        # From 29 February three years reach to 1 March: never a day too few.
        extra = max(0, start.day - length)
        return date(year, month, min(start.day, length)) + timedelta(days=self.days + extra)


@dataclass(frozen=True, slots=True)
class RetentionDuty:
    """A duty to keep one kind of record; without `entities` it binds every company."""

    id: str
    name_en: str
    name_zh: str
    record: Record
    keep: Period
    start: Moment
    jurisdiction: str
    citation: str
    status: str
    valid_from: date
    valid_to: date | None = None
    entities: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class DeletionDuty:
    """A duty to erase what no other duty keeps; it gives no period of its own."""

    id: str
    name_en: str
    name_zh: str
    jurisdiction: str
    citation: str
    status: str
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """What is known of the records about one person with one creditor.

    `entities` are the types of the companies that act for the creditor, empty when unknown.
    `legal_holds` has the last day of each hold that stands, None for one without an end.
    """

    jurisdictions: frozenset[str]
    entities: frozenset[str]
    moments: Mapping[Moment, date]
    open_cases: int = 0
    open_accounts: int = 0
    legal_holds: tuple[date | None, ...] = ()


class BarKind(StrEnum):
    DUTY = "duty"
    LEGAL_HOLD = "legal_hold"
    OPEN_CASE = "open_case"
    OPEN_ACCOUNT = "open_account"


@dataclass(frozen=True, slots=True)
class Bar:
    """What stands against erasing, and until which day (included); None while nobody can say."""

    kind: BarKind
    until: date | None
    duty: RetentionDuty | None = None


@dataclass(frozen=True, slots=True)
class Erasability:
    """From which day the record may be erased, None while nobody can say, and what bars it now."""

    allowed_from: date | None
    bars: tuple[Bar, ...]

    @property
    def is_allowed(self) -> bool:
        return not self.bars


def jurisdictions_of(countries: Iterable[str]) -> frozenset[str]:
    """The jurisdictions of ISO country codes; what is unknown ('') adds none."""
    known = {country for country in countries if country}
    return frozenset(known | ({"EU"} if known & _EU else set()))


def erasability(
    duties: Iterable[RetentionDuty], facts: RecordFacts, record: Record, on: date
) -> Erasability:
    """Whether the record may be erased on a day: every bar that stands, the latest first."""
    ends = [
        Bar(BarKind.DUTY, duty.keep.after(facts.moments[duty.start]), duty)
        for duty in duties
        if duty.record is record and _binds(duty, facts, on) and duty.start in facts.moments
    ]
    bars = [bar for bar in ends if bar.until is not None and bar.until >= on]
    bars += [
        Bar(BarKind.LEGAL_HOLD, until)
        for until in facts.legal_holds
        if until is None or until >= on
    ]
    if facts.open_cases:
        bars.append(Bar(BarKind.OPEN_CASE, None))
    if facts.open_accounts:
        bars.append(Bar(BarKind.OPEN_ACCOUNT, None))
    bars.sort(key=lambda bar: bar.until or date.max, reverse=True)
    if any(bar.until is None for bar in bars):
        return Erasability(None, tuple(bars))
    latest = max((bar.until for bar in (*ends, *bars) if bar.until is not None), default=None)
    return Erasability(on if latest is None else latest + timedelta(days=1), tuple(bars))


def _binds(duty: RetentionDuty, facts: RecordFacts, on: date) -> bool:
    """An unknown place or company is bound by every duty; a duty binds while it is in force."""
    if duty.valid_from > on or (duty.valid_to is not None and duty.valid_to < on):
        return False
    here = duty.jurisdiction == ANYWHERE or not facts.jurisdictions
    by_place = here or duty.jurisdiction in facts.jurisdictions
    by_company = not duty.entities or not facts.entities or bool(duty.entities & facts.entities)
    return by_place and by_company
