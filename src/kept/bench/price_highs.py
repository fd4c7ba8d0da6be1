"""The other side of the benchmark of the price: HiGHS on the same linear relaxation.

Developers' machines only. Its simplex and its interior point method each get the whole model; the
better of the two counts.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import highspy
import numpy as np

from kept.bench.price_book import Instance

__all__ = ["Relaxed", "solve_relaxed"]

METHODS = ("simplex", "ipm")


@dataclass(frozen=True, slots=True)
class Relaxed:
    """The best method, its seconds, the optimum of the relaxation; cut when time ran out."""

    method: str
    seconds: float
    optimum: float
    was_cut: bool


def solve_relaxed(one: Instance, limit_s: float) -> Relaxed:
    """The quicker of the methods; one that is cut counts with the time that it had."""
    found = [_solve(one, method, limit_s) for method in METHODS]
    return min(found, key=lambda each: (each.was_cut, each.seconds))


def _solve(one: Instance, method: str, limit_s: float) -> Relaxed:
    model = highspy.Highs()  # type: ignore[no-untyped-call]
    model.setOptionValue("output_flag", False)
    model.setOptionValue("solver", method)
    model.setOptionValue("time_limit", limit_s)
    model.passModel(_model(one))
    start = time.perf_counter()
    model.run()
    seconds = time.perf_counter() - start
    was_cut = model.getModelStatus() != highspy.HighsModelStatus.kOptimal
    return Relaxed(method, seconds, -model.getInfo().objective_function_value, was_cut)


def _model(one: Instance) -> highspy.HighsLp:
    """A column for each allowed option, a row for each case and resource; to be made least."""
    options = one.options
    case, option = np.nonzero(options.allowed)
    cases, resources = len(options.case_id), len(one.capacity)
    use = options.use[0][option]
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(case), cases + resources
    lp.col_cost_ = -options.value[case, option].astype(np.float64)
    lp.col_lower_, lp.col_upper_ = np.zeros(len(case)), np.full(len(case), highspy.kHighsInf)
    lp.row_lower_ = np.full(lp.num_row_, -highspy.kHighsInf)
    lp.row_upper_ = np.concatenate([np.ones(cases), np.array(list(one.capacity.values()), float)])
    rows = np.concatenate(
        [case[:, None], np.broadcast_to(cases + np.arange(resources), use.shape)], axis=1
    )
    values = np.concatenate([np.ones((len(case), 1)), use], axis=1)
    there = values != 0
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum(there.sum(axis=1))]).astype(np.int32)
    lp.a_matrix_.index_ = rows[there].astype(np.int32)
    lp.a_matrix_.value_ = values[there].astype(np.float64)
    return lp
