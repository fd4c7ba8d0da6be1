"""The sides of the benchmark of verdicts agree before anything of them is timed."""

from __future__ import annotations

import pytest

from kept.bench.law_book import book, facts_frame, frames, one_situation, zone
from kept.bench.law_permits import CLIENTS, DAYS_EACH, OPERATIONS_FULL, PROCESSES
from kept.core.law.grounds import judge_situation
from kept.core.law.rules import Effect
from kept.work.law_verdicts import verdicts_for


def test_columns_single_verdicts_and_zen_fire_the_same_rules() -> None:
    pytest.importorskip("zen", reason="zen-engine is for developers")
    from kept.bench.law import _refuse_differences

    _refuse_differences(facts_frame(300))


def test_the_one_call_is_counted_and_presumed_a_violation_or_lawful() -> None:
    judged = judge_situation(book(), one_situation())
    assert judged.verdict.outcome in set(Effect)
    assert judged.counts["US.F.14b.count"].in_window > 0


def test_a_whole_book_has_a_verdict_for_every_debtor() -> None:
    contacts, records, past = frames(40)
    assert len(past) == 40 * 10
    assert len(verdicts_for(book(), contacts, records, past, zone)) == 40


def test_no_run_of_permits_meets_those_of_another() -> None:
    """A client goes through its cases once a day; a run has fewer days than it is given."""
    for clients in CLIENTS:
        each = OPERATIONS_FULL // max(PROCESSES, clients)
        cases = 128 // max(PROCESSES, clients)
        assert each // cases < DAYS_EACH
