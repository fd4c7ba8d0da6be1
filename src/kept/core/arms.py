"""Arms of a strategy: who gets which version of it, by chance but always the same.

A debtor's draw is a stable hash, from 0 to 9,999; each arm has a stretch of these numbers as long
as its share. The draw hangs on the strategy's code alone, so a new version leaves everybody in
their arm as long as shares stay. The hold-out gets no discretionary contact; what the law requires,
answers, hardship and complaints go on (DESIGN.md 3.6).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["ARM_DRAW", "SHARES", "Arm", "ArmKind", "arm_of", "draw_of", "stretches"]

#: The fact that carries the draw. Strategies name arms, not draws.
ARM_DRAW: Final = "arm_draw"
#: Shares are counted in ten-thousandths.
SHARES: Final = 10_000


class ArmKind(StrEnum):
    CHAMPION = "champion"
    CHALLENGER = "challenger"
    HOLD_OUT = "hold_out"


@dataclass(frozen=True, slots=True)
class Arm:
    """`share` in ten-thousandths: the probability of being in it."""

    code: str
    name_en: str
    name_zh: str
    kind: ArmKind
    share: int


def draw_of(strategy_code: str, debtor_id: int) -> int:
    """A debtor's draw under a strategy; `store/sql/facts.sql` computes the same."""
    text = f"{strategy_code}:{debtor_id}".encode()
    head = hashlib.md5(text, usedforsecurity=False).digest()[:4]
    return int.from_bytes(head) * SHARES >> 32


def stretches(arms: Sequence[Arm]) -> dict[str, tuple[int, int]]:
    """By code, the first draw of the arm and the first one after it."""
    found, start = {}, 0
    for arm in arms:
        found[arm.code] = (start, start + arm.share)
        start += arm.share
    return found


def arm_of(arms: Sequence[Arm], draw: int) -> Arm:
    """The arm of a draw."""
    places = stretches(arms)
    return next(arm for arm in arms if places[arm.code][0] <= draw < places[arm.code][1])
