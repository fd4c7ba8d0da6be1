"""The law's answers for the night, from the book: from which minute, and at which addresses."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from kept.batch.deciding.permitting import asked_contacts
from kept.core.calendar import DAY_MINUTES, day_of_date, instant_of, instant_of_local
from kept.store.facts import CasesAsked
from kept.store.models import Creditor
from kept.store.nights import Night, read_addresses
from kept.store.zones import offset_table
from kept.work.intended_law import Grounded
from kept.work.intended_verdicts import intended_grounds, intended_verdicts

__all__ = ["asked_minute", "grounds_of", "judged"]


def asked_minute(night: Night) -> int:
    """The first minute of the business date on the creditor's clocks, or now, if that is later."""
    zone = Creditor.objects.get(pk=night.creditor_id).zone
    now = instant_of(night.now)
    day = day_of_date(night.on)
    noon = instant_of(datetime(night.on.year, night.on.month, night.on.day, 12, tzinfo=UTC))
    table = offset_table(zone, noon - 3 * DAY_MINUTES, noon + 3 * DAY_MINUTES)
    begins = instant_of_local(day * DAY_MINUTES, table)
    return max(now, int(begins))


def judged(night: Night, cases: CasesAsked, ways: pl.DataFrame, minute: int) -> pl.DataFrame:
    """The verdict on each way at each address."""
    contacts = asked_contacts(ways, read_addresses(cases))
    verdicts = intended_verdicts(_asked(contacts), creditor_id=night.creditor_id, minute=minute)
    return contacts.select("number", "case_id", "channel").join(verdicts, on="number", how="inner")


def grounds_of(
    night: Night, cases: CasesAsked, ways: pl.DataFrame, minute: int
) -> tuple[pl.DataFrame, Grounded]:
    """The contacts asked about (`number`, `case_id`, `channel`), and what verdicts rest on."""
    contacts = asked_contacts(ways, read_addresses(cases))
    grounds = intended_grounds(_asked(contacts), creditor_id=night.creditor_id, minute=minute)
    return contacts.select("number", "case_id", "channel"), grounds


def _asked(contacts: pl.DataFrame) -> pl.DataFrame:
    return contacts.select("number", "case_id", "contact_point_id", channel=pl.col("asked_channel"))
