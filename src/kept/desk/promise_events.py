"""What events of promises tell on a case's timeline, in the words of the reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from kept.desk import formats
from kept.desk.words import word

__all__ = ["promise_lines"]


def promise_lines(body: Mapping[str, Any]) -> Iterator[str]:
    """Of a promise that was made or ended, and of what promises were judged to be."""
    if "due_on" in body and "said_by" in body:
        yield _("%(amount)s by %(day)s") % {
            "amount": formats.money(body["amount_minor"], body["currency"]),
            "day": formats.day(date.fromisoformat(body["due_on"])),
        }
        yield word(body["said_by"], "promise_said_by")
        if body.get("exceeded"):
            yield _("beyond the policy")
    if "ended_on" in body and "reason" in body:
        yield word(body["reason"], "promise_end")
    yield from (_judged(each) for each in body.get("promises", ()))


def _judged(each: Mapping[str, Any]) -> str:
    paid, amount = (
        formats.money(each[name], each["currency"]) for name in ("paid_minor", "amount_minor")
    )
    return _("%(state)s: %(paid)s of %(amount)s paid") % {
        "state": word(each["after"], "promise_state"),
        "paid": paid,
        "amount": amount,
    }
