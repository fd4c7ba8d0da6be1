"""The day it is at a creditor's, by which its money and its promises go."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from kept.store.models import Creditor

__all__ = ["business_date"]


def business_date(creditor_id: int, now: datetime) -> date:
    zone = Creditor.objects.values_list("zone", flat=True).get(pk=creditor_id)
    return now.astimezone(ZoneInfo(zone)).date()
