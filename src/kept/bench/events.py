"""Events: chained writes against bare inserts, verification against one scan, and a seal.

Writes are driven by pgbench, the same on both sides: every transaction is one event that is
committed. The bare side writes the same columns and bytes into a table of the same shape with the
same indexes and constraints, and no chain. The scan reads every column of the same table (counting
its rows alone touches none of them); it may use as many workers as the verification.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from typing import Any

from kept.bench.form import PAIRS_MIN, Figure, Goal, Measure
from kept.bench.scratch import Scratch, scratch_database

__all__ = ["measures"]

CLIENTS = (1, 8, 64)
CASES = 20_000
SECONDS_FULL, SECONDS_QUICK = 5, 2
PAIRS_FULL, PAIRS_QUICK = 7, PAIRS_MIN  # the disk of a shared machine is slow by turns
CHAINS_FULL, CHAINS_QUICK = 1_000_000, 5_000
EVENTS_PER_CHAIN = 10
# Runs of a second on a shared machine differ by more than the chain costs.
WRITE_FULL, WRITE_QUICK = Goal(Figure.RATIO, most=2), Goal(Figure.RATIO, most=4)
HOUSE_FULL, HOUSE_QUICK = Goal(Figure.RATIO, least=0.5), Goal(Figure.RATIO, least=0.2)
VERIFY_FULL, VERIFY_QUICK = Goal(Figure.RATIO, most=10), Goal(Figure.RATIO, most=30)
SEAL_FULL, SEAL_QUICK = Goal(Figure.VALUE, most=120), Goal(Figure.VALUE, most=10)
_SIDES = "kept.bench.events_sides"


def measures(*, quick: bool) -> Iterator[Measure]:
    with scratch_database("events") as scratch:
        yield from _writes(scratch, quick)
        yield from _reads(scratch, quick)


def _writes(scratch: Scratch, quick: bool) -> Iterator[Measure]:
    seconds = SECONDS_QUICK if quick else SECONDS_FULL
    count = PAIRS_QUICK if quick else PAIRS_FULL
    scratch.run(f"{_SIDES}:make_tables", str(CASES))
    for clients in CLIENTS:
        pairs = [_pair(scratch, clients, seconds, number) for number in range(count)]
        yield Measure.held(
            f"chained writes of {clients} client{'s' * (clients > 1)}",
            statistics.median(chained for chained, _bare in pairs),
            "events/s",
            peer="committed inserts of the same bytes",
            ratio=statistics.median(bare / chained for chained, bare in pairs),
            scale=f"chains of {CASES:,} cases",
            full=not quick,
            goal=WRITE_QUICK if quick else WRITE_FULL,
        )
    yield _one_chain(scratch, seconds, quick)


def _pair(scratch: Scratch, clients: int, seconds: int, number: int) -> tuple[float, float]:
    """Events a second of both sides, each pair beginning with the other one."""
    order = ("chained", "bare") if number % 2 else ("bare", "chained")
    found = {side: _rate(scratch, side, clients, seconds) for side in order}
    return found["chained"], found["bare"]


def _rate(scratch: Scratch, side: str, clients: int, seconds: int) -> float:
    return float(scratch.run(f"{_SIDES}:write", side, str(clients), str(seconds)))


def _one_chain(scratch: Scratch, seconds: int, quick: bool) -> Measure:
    """All write to the house's chain: its writers follow each other, one commit at a time."""
    pairs = []
    for _ in range(PAIRS_MIN):
        few = _rate(scratch, "house", 8, seconds)
        pairs.append((_rate(scratch, "house", 64, seconds), few))
    return Measure.held(
        "writes of 64 clients to the one chain of the house",
        statistics.median(many for many, _few in pairs),
        "events/s",
        peer="8 clients to the same chain",
        ratio=statistics.median(many / few for many, few in pairs),
        scale="one chain",
        full=not quick,
        goal=HOUSE_QUICK if quick else HOUSE_FULL,
    )


def _reads(scratch: Scratch, quick: bool) -> Iterator[Measure]:
    chains = CHAINS_QUICK if quick else CHAINS_FULL
    made: Any = scratch.run(f"{_SIDES}:make_chains", str(chains), str(EVENTS_PER_CHAIN))
    pairs = [
        (scratch.run(f"{_SIDES}:verify"), scratch.run(f"{_SIDES}:scan")) for _ in range(PAIRS_MIN)
    ]
    yield Measure.held(
        "verification of every event",
        statistics.median(verified for verified, _scanned in pairs),
        "s",
        peer="one sequential scan that reads every column",
        ratio=statistics.median(verified / scanned for verified, scanned in pairs),
        scale=f"{made:,} events in {chains:,} chains",
        full=not quick,
        goal=VERIFY_QUICK if quick else VERIFY_FULL,
    )
    first, second = scratch.run(f"{_SIDES}:seal"), scratch.run(f"{_SIDES}:seal")
    yield Measure.held(
        "seal over heads that all moved",
        first,
        "s",
        peer="the next seal, for which none did",
        ratio=first / second,
        scale=f"{chains:,} chains",
        full=not quick,
        goal=SEAL_QUICK if quick else SEAL_FULL,
    )
