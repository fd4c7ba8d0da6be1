"""The price: how near to the best it comes, against HiGHS on the same relaxation and simple rules.

HiGHS gets at most ten minutes a method; where both are cut, its time is a lower bound and so the
ratio is one too, and one such pair is enough. Both sides are in one process and get the numbers
ready in memory.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

from kept.bench.form import PAIRS_MIN, Figure, Goal, Measure
from kept.bench.price_book import RULES, Instance, by_rule, instance
from kept.bench.price_highs import Relaxed, solve_relaxed
from kept.core.price import Priced, price_cases

__all__ = ["measures"]

SIZES_FULL = {10_000: 5e-4, 100_000: 1e-4}
SIZES_QUICK = {2_000: 3e-3, 10_000: 5e-4}
LIMIT_FULL_S, LIMIT_QUICK_S = 600.0, 20.0
RATIO_MOST = {2_000: 1.0, 10_000: 1.0, 100_000: 1 / 50}


def measures(*, quick: bool) -> Iterator[Measure]:
    sizes = SIZES_QUICK if quick else SIZES_FULL
    for cases, gap in sizes.items():
        one = instance(cases)
        yield from _against_highs(one, cases, gap, quick)
        yield from _against_rules(one, cases, quick)


def _against_highs(one: Instance, cases: int, gap: float, quick: bool) -> Iterator[Measure]:
    limit_s = LIMIT_QUICK_S if quick else LIMIT_FULL_S
    pairs = [_pair(one, limit_s)]
    if not pairs[0][2].was_cut:
        pairs += [_pair(one, limit_s) for _ in range(PAIRS_MIN - 1)]
    _seconds, priced, relaxed = pairs[0]
    scale = f"{cases:,} cases × 8 treatments × 5 resources"
    certificate = priced.certificate
    if not relaxed.was_cut and certificate.bound < relaxed.optimum * (1 - 1e-7):
        raise AssertionError("the bound is below the optimum of the relaxation: it is no bound")
    yield Measure.held(
        "price: gap between value and bound",
        certificate.gap,
        "of the bound",
        peer="its own bound",
        scale=scale,
        full=not quick,
        goal=Goal(Figure.VALUE, most=gap),
    )
    at_least = ", cut: at least" if relaxed.was_cut else ""
    yield Measure.held(
        "price: one night",
        statistics.median(seconds for seconds, _, _ in pairs),
        "s",
        peer=f"HiGHS {relaxed.method}{at_least} {relaxed.seconds:.1f} s",
        ratio=statistics.median(seconds / other.seconds for seconds, _, other in pairs),
        scale=scale,
        full=not quick,
        goal=Goal(Figure.RATIO, most=RATIO_MOST[cases]),
    )


def _pair(one: Instance, limit_s: float) -> tuple[float, Priced, Relaxed]:
    start = time.perf_counter()
    priced = price_cases([one.options], one.capacity)
    return time.perf_counter() - start, priced, solve_relaxed(one, limit_s)


def _against_rules(one: Instance, cases: int, quick: bool) -> Iterator[Measure]:
    """What simple rules reach under the same capacities, as a share of the priced value."""
    value = price_cases([one.options], one.capacity).certificate.value
    for rule in RULES:
        reached = int(one.options.value_of(by_rule(one, rule)).sum())
        yield Measure.held(
            f"price: value of {rule}",
            reached / 1_000_000,
            "currency units",
            peer=f"the priced decision, {value / 1_000_000:,.0f}",
            ratio=reached / value,
            scale=f"{cases:,} cases",
            full=not quick,
            goal=Goal(Figure.RATIO, most=1),
        )
