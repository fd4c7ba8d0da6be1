"""What can be wrong with chains of events and their seals, as closed words.

The sentences for people are made where they are shown; finding faults is the store's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["ChainFault", "Fault", "SealFault", "Verification"]


class Fault(StrEnum):
    ALTERED = "altered"  # a row does not have the hash of its fields
    MISSING = "missing"  # a row is not where the next one says
    DOUBLED = "doubled"  # two rows have one place
    UNLINKED = "unlinked"  # a row names another one before it than the one that is there
    HEADLESS = "headless"  # a chain has events but no head
    CUT_SHORT = "cut_short"  # the head is further on than the last event
    HEAD_BEHIND = "head_behind"  # events come after the head
    HEAD_ALTERED = "head_altered"  # the head has another hash than the last event
    REWRITTEN = "rewritten"  # the chain does not hold what a seal saw
    SEAL_MARK_ALTERED = "seal_mark_altered"  # the head's note of the last seal is not the seal's
    BEGINNING_ALTERED = "beginning_altered"  # a chain begins where no retention run left it
    UNSETTLED = "unsettled"  # the sums differ, and no single row says why


@dataclass(frozen=True, slots=True)
class ChainFault:
    """`sequence` is the row's own place, `expected` the one it should have."""

    fault: Fault
    chain_kind: str
    chain_id: int
    sequence: int | None = None
    expected: int | None = None


class SealFault(StrEnum):
    OTHER_ROOT = "other_root"  # the leaves in the database do not lead to the seal's root
    UNKNOWN = "unknown"  # the database does not know this seal, or knows another of its number
    CHAIN_OF_SEALS = "chain_of_seals"  # a seal does not name the one before it


@dataclass(frozen=True, slots=True)
class Verification:
    """What was looked at, and the first faults found; no fault is a proof."""

    events: int
    chains: int
    chains_cut_by_retention: int
    seals: int
    faults: tuple[ChainFault, ...] = ()
    seal_faults: tuple[tuple[int, SealFault], ...] = field(default=())

    @property
    def is_whole(self) -> bool:
        return not self.faults and not self.seal_faults
