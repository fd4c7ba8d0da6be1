"""Which strategies at work name a text, and who would be left without it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from kept.core.strategies import Strategy
from kept.packs.strategies import StrategyFileError
from kept.store.models import Creditor, StrategyUse, TextVersion
from kept.work.refusals import Refusal
from kept.work.strategies import codes_in_use, creditors_that_use, holding_on
from kept.work.texts import lacking_texts

__all__ = ["TextUse", "refuse_silent", "uses_of_text"]


@dataclass(frozen=True, slots=True)
class TextUse:
    """A strategy that works books, and the treatments of it that name the text."""

    label: str
    treatments: tuple[str, ...]
    creditors: tuple[str, ...]


def uses_of_text(code: str, on: date) -> tuple[TextUse, ...]:
    """Who says or sends a text on a day, by strategy."""
    return tuple(
        TextUse(
            strategy.label,
            tuple(each.code for each in strategy.treatments if each.text == code),
            tuple(creditors),
        )
        for strategy, creditors in _strategies(on)
        if any(each.text == code for each in strategy.treatments)
    )


def refuse_silent(row: TextVersion, day: date) -> None:
    """Raise where a strategy could not say this text to debtors of its books from a day on."""
    for strategy, _creditors in _strategies(day):
        ids = creditors_that_use(strategy.code, day)
        if row.creditor_id is not None:
            ids &= {row.creditor_id}
        named = repr(row.code)
        lacks = [
            each for each in lacking_texts(strategy, ids, day) if each.values["found"] == named
        ]
        if ids and lacks:
            who = (
                Creditor.objects.filter(pk__in=ids).order_by("code").values_list("code", flat=True)
            )
            sentence = _(
                "From %(day)s %(strategy)s, which works %(who)s, would lack it (%(why)s): put"
                " another version in force first."
            )
            values = {"day": day, "strategy": strategy.label, "who": ", ".join(who[:10])}
            raise Refusal(sentence % {**values, "why": lacks[0].told(_)})


def _strategies(on: date) -> Iterator[tuple[Strategy, list[str]]]:
    """What works books on a day or begins to later; a code of which nothing holds is left out."""
    uses = codes_in_use(on)
    begins = dict.fromkeys(uses, on)
    later = StrategyUse.objects.filter(from_on__gt=on).order_by("from_on")
    for code, first in later.values_list("code", "from_on"):
        begins.setdefault(code, first)
    for code, first in begins.items():
        try:
            yield holding_on(code, first), uses.get(code, [])
        except StrategyFileError:
            continue
