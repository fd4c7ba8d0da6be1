"""A night held against the one before: what became of cases and accounts in between.

Cases open and close in intake, by postings and in the night. So nobody counts changes where they
are made: each night ends with its standing (how many there are, and the newest ids), and the
difference of two standings is everything that happened in between, once each, whoever did it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from kept.store.models import Run
from kept.store.nights import Night, stand_at_end

__all__ = ["Standing", "compare", "night_before", "standing_before"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a night leaves; before the first night there is nothing.

    `gathered_stays` are those that came along with another account and have not entered by their
    own age, whether they last or have ended.
    """

    open_cases: int = 0
    open_stays: int = 0
    gathered_stays: int = 0
    last_case_id: int = 0
    last_stay_id: int = 0
    last_account_id: int = 0


def night_before(night: Night) -> Run | None:
    """The creditor's last finished night of an earlier business date."""
    this = Run.objects.get(pk=night.run_id)
    done = Run.objects.filter(
        kind=this.kind,
        creditor_id=night.creditor_id,
        state=Run.State.DONE,
        business_date__lt=night.on,
    )
    return done.order_by("-business_date").first()


def standing_before(night: Night) -> Standing:
    last = night_before(night)
    return Standing(**last.result["standing"]) if last else Standing()


def compare(night: Night) -> Mapping[str, Any]:
    """The standing now, and what happened since the standing before.

    What is there now is what was there, and what came, less what went: so what went follows.
    """
    before = standing_before(night)
    found = stand_at_end(night, before.last_case_id, before.last_stay_id)
    now = Standing(**{each.name: found[each.name] for each in fields(Standing)})
    came_along_before = found["gathered_stays"] - found["new_gathered"]
    return {
        "opened": found["new_cases"],
        "closed": before.open_cases + found["new_cases"] - now.open_cases,
        "entered": found["new_stays"]
        - found["new_gathered"]
        + before.gathered_stays
        - came_along_before,
        "gathered": found["new_gathered"],
        "left": before.open_stays + found["new_stays"] - now.open_stays,
        "standing": asdict(now),
    }
