"""The profile of a creditor's file, drawn: amounts, empty fields, days, and which bands it breaks.

A profile holds numbers only. Its meaning, and when a person is asked, is `core.intake.profiles`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext

from kept.core.intake.profiles import BREACH_SENTENCES, AmountSummary, Breach, BreachCode
from kept.desk import formats
from kept.desk.charts import Bar, bars
from kept.desk.words import word

__all__ = ["AmountBox", "ProfileView", "breach_sentence", "view_of"]

#: Places of the quantiles in the drawing, in per cent, on a scale from nothing to the 99th.
_WHOLE = 100


@dataclass(frozen=True, slots=True)
class AmountBox:
    """Balances of one currency: the middle half as a box, from the 1st to the 99th per cent."""

    currency: str
    summary: AmountSummary
    start: str
    box_start: str
    box_width: str
    median: str
    end: str


@dataclass(frozen=True, slots=True)
class ProfileView:
    """`breaches` are sentences; `nulls` counts rows without a value, by field."""

    accounts: int
    boxes: tuple[AmountBox, ...]
    nulls: tuple[Bar, ...]
    dates: tuple[tuple[str, date, date], ...]
    counts: tuple[tuple[str, tuple[Bar, ...]], ...]
    breaches: tuple[str, ...]
    compared_files: int
    accepted: Mapping[str, Any]


def view_of(profile: Mapping[str, Any]) -> ProfileView | None:
    """None for a file that was not read so far, or that has been skipped."""
    if "rows" not in profile or "balances" not in profile:
        return None
    return ProfileView(
        accounts=profile["accounts"],
        boxes=tuple(_box(code, each) for code, each in sorted(profile["balances"].items())),
        nulls=_nulls(profile["nulls"]),
        dates=tuple(
            (word(name, "profile_field"), date.fromisoformat(first), date.fromisoformat(last))
            for name, (first, last) in sorted(profile["dates"].items())
        ),
        counts=tuple(_counted(name, each) for name, each in sorted(profile["counts"].items())),
        breaches=tuple(
            breach_sentence(Breach(BreachCode(each["code"]), each["detail"]))
            for each in profile.get("breaches", ())
        ),
        compared_files=profile.get("compared_files", 0),
        accepted=profile.get("accepted", {}),
    )


def breach_sentence(breach: Breach) -> str:
    """Why a person is asked, in the language of the reader, amounts in major units."""
    detail = dict(breach.detail)
    if "currency" in detail:
        for name in ("found", "usual"):
            detail[name] = formats.amount(detail[name], detail["currency"])
    elif isinstance(detail.get("found"), int):
        detail = {
            name: formats.number(value) if isinstance(value, int) else value
            for name, value in detail.items()
        }
    if "field" in detail:
        detail["field"] = word(detail["field"], "profile_field")
    return gettext(BREACH_SENTENCES[breach.code]).format(**detail)


def _box(code: str, stored: Mapping[str, Any]) -> AmountBox:
    summary = AmountSummary(**stored)
    quantiles = summary.quantiles
    least = min(0, quantiles["p01"])
    width = max(1, quantiles["p99"] - least)

    def place(name: str) -> str:
        return _per_cent(quantiles[name] - least, width)

    return AmountBox(
        currency=code,
        summary=summary,
        start=place("p01"),
        box_start=place("p25"),
        box_width=_per_cent(quantiles["p75"] - quantiles["p25"], width),
        median=place("median"),
        end=place("p99"),
    )


def _per_cent(value: int, whole: int) -> str:
    tenths = max(0, min(_WHOLE * 10, value * _WHOLE * 10 // whole))
    return f"{tenths // 10}.{tenths % 10}"


def _nulls(counts: Mapping[str, int]) -> tuple[Bar, ...]:
    """Fields of which something is missing, the emptiest first."""
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    return bars([(word(name, "profile_field"), count) for name, count in rows if count])


def _counted(name: str, counts: Mapping[str, int]) -> tuple[str, tuple[Bar, ...]]:
    vocabulary = {"state": "account_state", "hold": "hold"}.get(name, "none")
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    return name, bars([(word(code, vocabulary), count) for code, count in rows])
