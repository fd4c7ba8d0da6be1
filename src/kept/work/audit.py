"""Proving the record: whether all chains are whole, and against which seals."""

from __future__ import annotations

from collections.abc import Sequence

from kept.core.actors import Actor
from kept.core.seals import SealDocument
from kept.core.verification import Verification
from kept.store.verification import verify_events
from kept.work.permissions import Permission, require_house

__all__ = ["get_verification"]


def get_verification(actor: Actor, *, seals: Sequence[SealDocument] = ()) -> Verification:
    """Every chain of the house, the seals in the database, and those that somebody brought."""
    require_house(actor, Permission.EVENT_VERIFY)
    return verify_events(seals)
