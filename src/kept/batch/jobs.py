"""What the worker knows how to do: importing this registers every job of the queue."""

from kept.batch.backup.jobs import back_up, make_months, seal_log
from kept.batch.day.jobs import decide_marked_cases
from kept.batch.housekeeping import carry_out_intents, forget_old, tell_subscribers
from kept.batch.intake.jobs import work_off_file
from kept.batch.nightly.jobs import run_scheduled_night
from kept.batch.retention import list_due, seal_chains
from kept.batch.strategy_trials import work_strategy_trial
from kept.batch.sweeping import write_ends

__all__ = [
    "back_up",
    "carry_out_intents",
    "decide_marked_cases",
    "forget_old",
    "list_due",
    "make_months",
    "run_scheduled_night",
    "seal_chains",
    "seal_log",
    "tell_subscribers",
    "work_off_file",
    "work_strategy_trial",
    "write_ends",
]
