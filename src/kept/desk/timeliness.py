"""How the work kept to its time: by collector, team, next step, creditor and day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from kept.core.task_clocks import Timeliness
from kept.desk import formats
from kept.desk.access import DeskRequest, page
from kept.desk.words import treatment_name
from kept.desk.worklists import house_day
from kept.work.permissions import Permission
from kept.work.timeliness import TimelinessBy, TimelinessRow, list_timeliness

__all__ = ["timeliness"]

_PERIODS: Final = (1, 7, 30)
_VIEWS: Final = (
    (TimelinessBy.SEAT, _later("By collector")),
    (TimelinessBy.TEAM, _later("By team")),
    (TimelinessBy.TREATMENT, _later("By next step")),
    (TimelinessBy.CREDITOR, _later("By creditor")),
    (TimelinessBy.DAY, _later("By day")),
)
_NARROWS: Final = {
    TimelinessBy.SEAT: "seat",
    TimelinessBy.TREATMENT: "treatment",
    TimelinessBy.CREDITOR: "creditor",
}


@dataclass(frozen=True, slots=True)
class _Shown:
    """A row with its bar in per cent of the width, and the filter that shows its late tasks."""

    row: TimelinessRow
    name: str
    per_cent: str
    width: str
    filter: str


@page(Permission.WORKLIST_READ_ALL_SEATS)
def timeliness(request: DeskRequest) -> HttpResponse:
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, _PERIODS) else _PERIODS[1]
    by = next((view for view, _name in _VIEWS if view == request.GET.get("by")), TimelinessBy.SEAT)
    last = house_day(request.now)
    rows = list_timeliness(
        request.actor, first=last - timedelta(days=days - 1), last=last, by=by, now=request.now
    )
    context = {
        "rows": [_shown(row, by) for row in rows],
        "whole": _whole(rows),
        "days": days,
        "periods": _PERIODS,
        "by": by.value,
        "views": [(view.value, name) for view, name in _VIEWS],
    }
    return render(request, "desk/timeliness.html", context)


def _shown(row: TimelinessRow, by: TimelinessBy) -> _Shown:
    permille = row.timeliness.permille
    narrows = _NARROWS.get(by)
    found = f"{narrows}={'none' if row.key is None else row.key}&due=late" if narrows else ""
    return _Shown(
        row,
        _name(row, by),
        "–" if permille is None else formats.per_cent(permille // 10),
        "0" if permille is None else f"{permille // 10}.{permille % 10}",
        found,
    )


def _name(row: TimelinessRow, by: TimelinessBy) -> str:
    if by is TimelinessBy.TREATMENT:
        return treatment_name(row.name) if row.name else _("without a task")
    if by is TimelinessBy.DAY:
        return formats.weekday(row.key)
    return row.name or _("not dealt")


def _whole(rows: tuple[TimelinessRow, ...]) -> str:
    total = Timeliness(
        sum(row.timeliness.done_in_time for row in rows),
        sum(row.timeliness.done_late for row in rows),
        sum(row.timeliness.lapsed for row in rows),
        sum(row.timeliness.late_now for row in rows),
    )
    return "–" if total.permille is None else formats.per_cent(total.permille // 10)
