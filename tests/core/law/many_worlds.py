"""Many random situations for columns: worlds drawn once, recombined by a seed that never changes.

Zones and attempts are recombined, so that columns meet every mixture in partitions of many rows.
"""

from __future__ import annotations

import random
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

from kept.core.law.situations import Situation
from tests.core.law.worlds import ACTOR_OF, CHANNELS, ROLES, ZONES, facts, read

__all__ = ["many_situations"]


def many_situations(
    pack: str, count: int, *, zones: int = len(ZONES), seed: int = 20_261_122
) -> list[Situation]:
    """`count` situations for a pack, in at most `zones` tuples of zones."""
    rng = random.Random(f"{pack} {seed}")
    drawn = drawn_worlds(pack, max(20, count // 10))
    tuples = [rng.sample(ZONES, rng.choice((1, 2))) for _ in range(zones)]
    return [read(mixed(rng, drawn, tuples, pack)) for _ in range(count)]


def drawn_worlds(pack: str, count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(facts(pack))
    def collect(world: dict[str, Any]) -> None:
        found.append(world)

    collect()
    return found


def mixed(
    rng: random.Random, drawn: list[dict[str, Any]], tuples: list[list[str]], pack: str
) -> dict[str, Any]:
    """A world's history and flags at its time, with another attempt, other zones, another actor."""
    world, places = rng.choice(drawn), rng.choice(tuples)
    debts = rng.choice((["D1"], ["D2"], ["D1", "D2"], []))
    attempt = {
        "channel": rng.choice((*CHANNELS, "call", "call")),
        "target": rng.choice((*ROLES, ROLES[0], ROLES[0])),
        "debt": debts,
        "address": rng.choice((None, "mobile", "work")),
    }
    kind = rng.choice(ACTOR_OF[pack])
    return world | {
        "timezone": rng.choice((places[0], places[0], places[0], None)),
        "candidate_timezones": places,
        "actor": {"id": "A1", "type": kind, "own_name": rng.random() < 0.7},
        "attempt": world["attempt"] | attempt,
    }
