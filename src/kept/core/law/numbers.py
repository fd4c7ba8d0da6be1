"""The numbers of the law that facts are made with: names, units and meanings; values are a pack's.

A pack writes each number that its rules' facts need under `numbers`, with the rule that sets it and
the days on which it holds (docs/law.md). Nothing else in the code knows a number of the law.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

__all__ = ["NEEDED_BY", "NUMBERS", "LawNumber", "Numbers", "Unit"]

Numbers = Mapping[str, int]
"""The numbers that hold on one day, by name."""


class Unit(NamedTuple):
    """`kind` is days, minutes, years, times, or time of day; a pack writes the last as 08:00."""

    kind: str
    english: str
    chinese: str


@dataclass(frozen=True, slots=True)
class LawNumber:
    """One value of a number, as a rule of a pack sets it on inclusive local dates."""

    name: str
    value: int
    rule_id: str
    valid_from: date | None = None
    valid_to: date | None = None


def _units(rows: str) -> dict[str, Unit]:
    """A line a number: name | unit | English | Chinese."""
    found = {}
    for row in rows.strip().splitlines():
        name, kind, english, chinese = (part.strip() for part in row.split("|"))
        found[name] = Unit(kind, english, chinese)
    return found


NUMBERS: Final[Mapping[str, Unit]] = _units(
    """
    adviser_days | days | pause for a debt adviser | 债务顾问宽限天数
    breathing_days | days | breathing space of unsaid length | 未载明长度的喘息期天数
    reasonable_opens | time | opening where only an end is named | 仅载明结束时间时的起始时刻
    reasonable_closes | time | closing where only a start is named | 仅载明起始时间时的结束时刻
    grace_days | days | days past due beyond which a debt is long past due | 长期逾期界限天数
    dispute_days | days | days to dispute after the notice | 通知送达后的异议期天数
    receipt_business_days | days | business days until a notice is received | 视为送达的工作日数
    notice_days | days | days for the notice after the first contact | 首次联系后的通知期限天数
    monitored_days | days | days in which a return is awaited | 报送前等待退件的天数
    reassigned_days | days | days for which a text proves an owner | 来信可证明号码归属的天数
    used_days | days | days for which an address counts as used | 地址视为在用的天数
    more_calls_days | days | days of a consent to more calls | 同意增加通话的有效天数
    lost_dials | times | failed dials in a row | 视为失联的连续未接次数
    lost_days | times | days in a row with a failed dial | 视为失联的连续未接天数
    unanswered_daily | times | unanswered attempts a day that are many | 当日未接偏多的次数
    evaluated_years | years | years for which an evaluation holds | 机构评估的有效年数
    presumed_calls | times | calls in the window presumed lawful | 窗口内推定合规的通话次数
    presumed_days | days | the window of calls | 通话计次窗口天数
    rapid_minutes | minutes | minutes of rapid succession | 视为接连拨打的分钟数
    cumulative_messages | times | messages beside the most calls | 与上限通话并存的信息条数
    """
)

NEEDED_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "adviser_until": ("adviser_days",),
    "breathing_until": ("breathing_days",),
    "reasonable_times": ("reasonable_opens", "reasonable_closes"),
    "long_past_due_from": ("grace_days",),
    "validation_period_open": ("dispute_days",),
    "validation_overdue_from": ("notice_days",),
    "furnish_from": ("monitored_days",),
    "reassigned_check_from": ("reassigned_days",),
    "recent_message_from_person": ("used_days",),
    "consent_calls_given": ("more_calls_days",),
    "consent_calls_until": ("more_calls_days",),
    "lost_contact_from": ("lost_dials", "lost_days"),
    "aggregate_unanswered": ("unanswered_daily",),
    "agency_evaluated": ("evaluated_years",),
    "rapid_succession": ("rapid_minutes",),
    "voicemail_rapid_succession": ("rapid_minutes",),
    "seven_in_one_day": ("presumed_calls",),
    "concentrated": ("presumed_calls", "presumed_days"),
    "aggregate_volume": ("presumed_calls", "presumed_days"),
    "aggregate_agencies": ("presumed_calls", "presumed_days"),
    "cumulative_contact": ("presumed_calls", "presumed_days", "cumulative_messages"),
}
"""The numbers that a fact is made with; a pack whose rules read the fact says them."""
