"""The day: cases that something happened to are decided again, as the night decides.

Facts, proposals, law and values come from the night's own code (`batch/nightly/offering.py`), the
choice from `core/deciding.py` at the last night's prices and with what is left of its capacities.
"""

from kept.batch.day.running import decide_cases, decide_due

__all__ = ["decide_cases", "decide_due"]
