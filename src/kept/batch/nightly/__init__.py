"""The nightly run: facts, proposals, one treatment a case, tasks, seats; in stages that resume.

`run_night` works one creditor's business date, `run_group` those of a night group, `run_nights`
every creditor's. The stages:

- prepared: the seats of the night and what they can do, fixed once;
- settled: cases and buckets brought to the business date, by ranges of debtors;
- proposed: facts → proposals → what is lawful → values, by ranges of cases;
- priced: one treatment a case under tonight's capacities, all cases at once;
- dealt: tasks dealt to seats and written in place of those of earlier nights, by ranges of cases;
- summed: what the night came to.

With an engine of its own (`elsewhere`), a snapshot is written after `settled` and decided there.
"""

from kept.batch.nightly.elsewhere import Elsewhere
from kept.batch.nightly.groups import run_group, run_nights
from kept.batch.nightly.running import NightRefused, Sizes, business_date_of, run_night

__all__ = [
    "Elsewhere",
    "NightRefused",
    "Sizes",
    "business_date_of",
    "run_group",
    "run_night",
    "run_nights",
]
