"""Jobs that keep the house: effects carried out, subscribers told, what is old forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings

from kept.batch.announcing import announce
from kept.batch.effects import carry_out
from kept.batch.working import BACKGROUND, URGENT, job
from kept.store.clock import database_now
from kept.store.jobs import drop_old_jobs
from kept.work.intents import forget_intents
from kept.work.once import forget_commands

__all__ = ["FORGET", "carry_out_intents", "forget_old", "tell_subscribers"]

FORGET: Final = "house.forget_old"
_JOBS_KEPT_FOR: Final = timedelta(days=14)


@job("intents.carry_out", queue="effects", priority=URGENT)
def carry_out_intents(*, now: datetime) -> None:
    carry_out(clock=database_now)


@job("announcements.tell", queue="effects")
def tell_subscribers(*, now: datetime) -> None:
    announce(clock=database_now, allows_private=settings.KEPT_WEBHOOKS_PRIVATE)


@job(FORGET, queue="house", priority=BACKGROUND)
def forget_old(*, on: str, now: datetime) -> None:
    """Keys of commands after 30 days, done intents after 90, jobs that ended well after 14."""
    forget_commands(now=now)
    forget_intents(now=now)
    drop_old_jobs(now - _JOBS_KEPT_FOR)
