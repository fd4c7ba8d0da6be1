"""Whether the house is set up far enough for a night: what an administrator does next."""

from __future__ import annotations

from dataclasses import dataclass

from kept.core.actors import Actor
from kept.store.models import Creditor, Engagement, IntakeFile, ProductTerms, Run, Seat
from kept.store.visibility import visible_rows
from kept.work.nights import KIND
from kept.work.permissions import Permission, require

__all__ = ["Readiness", "get_readiness"]


@dataclass(frozen=True, slots=True)
class Readiness:
    """What is there at least once; in the order in which one needs the other."""

    creditors: bool
    terms: bool
    engagements: bool
    seats: bool
    files: bool
    nights: bool

    @property
    def is_complete(self) -> bool:
        return all(
            (self.creditors, self.terms, self.engagements, self.seats, self.files, self.nights)
        )


def get_readiness(actor: Actor) -> Readiness:
    within = require(actor, Permission.CREDITOR_CHANGE)
    return Readiness(
        creditors=visible_rows(Creditor, within).exists(),
        terms=visible_rows(ProductTerms, within).exists(),
        engagements=visible_rows(Engagement, within).exists(),
        seats=Seat.objects.filter(active=True).exists(),
        files=visible_rows(IntakeFile, within).exists(),
        nights=visible_rows(Run, within).filter(kind=KIND).exists(),
    )
