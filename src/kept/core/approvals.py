"""Approvals: which levels a request needs, and who may decide one; pure functions of values.

Four eyes are those of two persons, never of two sessions: the requester decides nothing, neither
for themselves nor in another's stead, and one person counts at most once in a request. What is
asked for, and by which command it is carried out, is in `work/approvals.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kept.core.actors import Role

__all__ = [
    "ApprovalState",
    "Band",
    "Denial",
    "Given",
    "Request",
    "StandIn",
    "bands_fault",
    "levels_for",
    "next_level",
    "stands_in_for",
    "why_not",
]


class ApprovalState(StrEnum):
    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"

    @classmethod
    def choices_of(cls) -> list[tuple[str, str]]:
        return [(state.value, state.value) for state in cls]


#: Each level is decided by one person who has one of its roles.
Levels = tuple[frozenset[Role], ...]


@dataclass(frozen=True, slots=True)
class Band:
    """Up to this amount (None: any), these levels decide; no level is no second person."""

    levels: Levels
    up_to_minor: int | None = None
    currency: str = ""


def levels_for(
    bands: Iterable[Band], amount_minor: int | None, currency: str, default: Levels
) -> Levels:
    """The levels of the narrowest band that holds the amount.

    A band in another currency says nothing, and where none speaks the default holds: amounts are
    never compared across currencies, and what no policy foresees needs a second person.
    """
    fitting = [
        band
        for band in bands
        if band.currency in ("", currency)
        and (
            band.up_to_minor is None
            or (amount_minor is not None and amount_minor <= band.up_to_minor)
        )
    ]
    if not fitting:
        return default
    return min(fitting, key=_narrowness).levels


def _narrowness(band: Band) -> tuple[bool, int, bool]:
    return band.up_to_minor is None, band.up_to_minor or 0, band.currency == ""


def bands_fault(bands: Sequence[Band]) -> str | None:
    """What is wrong with a set of bands, as a code: `twice`, `falls` (more money, fewer levels)."""
    keys = [(band.currency, band.up_to_minor) for band in bands]
    if len(set(keys)) < len(keys):
        return "twice"
    by_currency: dict[str, list[Band]] = {}
    for band in bands:
        by_currency.setdefault(band.currency, []).append(band)
    for group in by_currency.values():
        rising = sorted(group, key=_narrowness)
        counts = [len(band.levels) for band in rising]
        if counts != sorted(counts):
            return "falls"
    return None


@dataclass(frozen=True, slots=True)
class StandIn:
    """`to_person` decides for `from_person` from a day until another, both included."""

    from_person: int
    to_person: int
    first_day: date
    last_day: date


def stands_in_for(delegations: Iterable[StandIn], person: int, on: date) -> frozenset[int]:
    """For whom a person decides on a day. Not further: a stand-in's stand-in stands in for none."""
    return frozenset(
        each.from_person
        for each in delegations
        if each.to_person == person and each.first_day <= on <= each.last_day
    )


@dataclass(frozen=True, slots=True)
class Given:
    """A decision that was made: by whom, and in whose stead."""

    person: int
    on_behalf_of: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be decided. `requester` is the person behind it, None where a job asked."""

    levels: Levels
    requester: int | None
    given: tuple[Given, ...] = ()
    is_expired: bool = False


def next_level(request: Request) -> int | None:
    """The level to be decided now, from 1 on; None when all have said yes."""
    done = len(request.given)
    return done + 1 if done < len(request.levels) else None


class Denial(StrEnum):
    """Why a person may not decide."""

    EXPIRED = "expired"
    SETTLED = "settled"
    OWN_REQUEST = "own_request"
    DECIDED_BEFORE = "decided_before"
    WRONG_ROLE = "wrong_role"


def why_not(
    request: Request, person: int, on_behalf_of: int | None, roles: frozenset[Role]
) -> Denial | None:
    """None where the person may decide the next level, with the roles of whom they stand in for.

    `roles` are those that hold where the request belongs to, of the person or of that other.
    """
    level = next_level(request)
    if level is None:
        return Denial.SETTLED
    if request.is_expired:
        return Denial.EXPIRED
    persons = {person, on_behalf_of} - {None}
    if request.requester in persons:
        return Denial.OWN_REQUEST
    used = {each.person for each in request.given} | {each.on_behalf_of for each in request.given}
    if persons & used:
        return Denial.DECIDED_BEFORE
    return None if roles & request.levels[level - 1] else Denial.WRONG_ROLE
