"""Which strategy works a creditor's book on a day, and saying so.

A creditor uses the strategy of a code from a day on, `default` while nobody said otherwise. Of that
code the version written in the house holds that was put in force for the day, else the one that
ships with kept. Past days keep their answer: no version and no use begins before the day on which
it was said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.core.strategies import Strategy, Treatment
from kept.packs.strategies import (
    DEFAULT,
    StrategyFileError,
    load_strategies,
    parse_strategy,
    strategy_on,
)
from kept.packs.strategies import strategy_labelled as shipped_labelled
from kept.packs.strategy_texts import shipped_text
from kept.store.events import append_event
from kept.store.models import Creditor, StrategyUse, StrategyVersion
from kept.store.visibility import visible_rows
from kept.work.book_languages import languages_of
from kept.work.changes import creditor_to_change, not_there
from kept.work.permissions import Permission, require
from kept.work.refusals import refuse
from kept.work.texts import lacking_texts

__all__ = [
    "StrategyUseView",
    "codes_in_use",
    "creditors_that_use",
    "do_assign_strategy",
    "first_day_without",
    "holding_on",
    "holds_on",
    "known_strategy",
    "known_treatment",
    "languages_where_used",
    "list_strategy_uses",
    "row_labelled",
    "strategies_that_held",
    "strategy_code_of",
    "strategy_for",
    "strategy_labelled",
    "strategy_of_text",
    "stretches_of_use",
    "text_labelled",
]

State = StrategyVersion.State
NOTE_MOST = 500


@dataclass(frozen=True, slots=True)
class StrategyUseView:
    """What a creditor uses now, and what it will use from a later day."""

    creditor_id: int
    creditor_code: str
    creditor_name: str
    code: str
    from_on: date | None
    next_code: str
    next_from: date | None


# --- which one ------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def strategy_of_text(text: str, name: str) -> Strategy:
    """The strategy of a text, read once; raises `StrategyFileError`, told with the name."""
    return parse_strategy(text, name)


def strategy_for(creditor_id: int, on: date) -> Strategy:
    """The strategy that works a creditor's book on a day; `StrategyFileError` where none holds."""
    return holding_on(strategy_code_of(creditor_id, on), on)


def strategy_code_of(creditor_id: int, on: date) -> str:
    uses = StrategyUse.objects.filter(creditor_id=creditor_id, from_on__lte=on)
    code: str | None = uses.order_by("-from_on").values_list("code", flat=True).first()
    return DEFAULT if code is None else code


def holding_on(code: str, on: date) -> Strategy:
    """The version of a code that holds on a day: the house's own, else the shipped one."""
    row = _holding(StrategyVersion.objects.filter(code=code), on).first()
    return strategy_on(on, code) if row is None else strategy_of_text(row.text, row.label)


def strategy_labelled(label: str) -> Strategy:
    """The strategy of a label such as `default:1`, the house's own or a shipped one.

    A run that goes on finds what it began with, also when it is retired by now.
    """
    row = row_labelled(label)
    return shipped_labelled(label) if row is None else strategy_of_text(row.text, row.label)


def text_labelled(label: str) -> str:
    """The text of a label, the house's own or a shipped one; there is none for an unknown one."""
    row = row_labelled(label)
    found = shipped_text(label) if row is None else row.text
    if found is None:
        raise not_there()
    return found


def _holding(rows: QuerySet[StrategyVersion], on: date) -> QuerySet[StrategyVersion]:
    return rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=on), valid_from__lte=on)


def row_labelled(label: str) -> StrategyVersion | None:
    """The version of the house that has a label."""
    code, colon, version = label.rpartition(":")
    if not (colon and version.isascii() and version.isdigit() and len(version) < 8):
        return None
    return StrategyVersion.objects.filter(code=code, version=int(version)).first()


# --- names of what held once ----------------------------------------------------------------------

_held: dict[str, Strategy] = {}


def known_strategy(label: str) -> Strategy | None:
    """The strategy of a label, for its words; None where no release and no house knows it.

    What was in force never changes, so it is read once a process.
    """
    shipped = next((each for each in load_strategies() if each.label == label), None)
    if shipped is not None or label in _held:
        return shipped or _held[label]
    row = row_labelled(label)
    found = None if row is None else _read(row)
    if row is not None and found is not None and row.valid_from is not None:
        _held[label] = found
    return found


def known_treatment(code: str, label: str = "") -> Treatment | None:
    """A treatment out of its strategy, or of any that has it; asks the database last."""
    own = known_strategy(label)
    places: tuple[Callable[[], Iterable[Strategy]], ...] = (
        lambda: (own,) if own else (),
        lambda: sorted(load_strategies(), key=lambda each: each.code != DEFAULT),
        lambda: tuple(_held.values()),
        strategies_that_held,
    )
    for place in places:
        for each in place():
            for treatment in each.treatments:
                if treatment.code == code:
                    return treatment
    return None


def strategies_that_held() -> tuple[Strategy, ...]:
    """Every strategy that a task may come from: the shipped ones, and what was ever in force."""
    labels = StrategyVersion.objects.filter(valid_from__isnull=False).values_list("code", "version")
    own = (known_strategy(f"{code}:{version}") for code, version in labels)
    return (*load_strategies(), *filter(None, own))


def _read(row: StrategyVersion) -> Strategy | None:
    try:
        return strategy_of_text(row.text, row.label)
    except StrategyFileError:
        return None


# --- who uses which -------------------------------------------------------------------------------


def codes_in_use(on: date) -> dict[str, list[str]]:
    """By code of a strategy, the codes of the creditors that use it on a day."""
    found: dict[str, list[str]] = {}
    for creditor in Creditor.objects.order_by("code"):
        found.setdefault(strategy_code_of(creditor.pk, on), []).append(creditor.code)
    return found


def stretches_of_use(code: str) -> Iterator[tuple[str, date, date | None]]:
    """Each creditor's stretches of days with the strategy of a code: creditor, first, last."""
    uses: dict[int, list[StrategyUse]] = {}
    for use in StrategyUse.objects.order_by("from_on"):
        uses.setdefault(use.creditor_id, []).append(use)
    for pk, creditor in Creditor.objects.order_by("code").values_list("pk", "code"):
        rows = [(date.min, DEFAULT), *((use.from_on, use.code) for use in uses.get(pk, ()))]
        ends = [*(first - timedelta(days=1) for first, _code in rows[1:]), None]
        for (first, used), last in zip(rows, ends, strict=True):
            if used == code:
                yield creditor, first, last


def first_day_without(code: str, first: date, last: date | None) -> date | None:
    """The first of these days on which nothing of a code holds; None where something always does.

    Without a last day the question goes on for ever.
    """
    own = StrategyVersion.objects.filter(code=code)
    spans = [
        (since, to) for since, to in own.values_list("valid_from", "valid_to") if since is not None
    ]
    spans += [(each.valid_from, each.valid_to) for each in load_strategies() if each.code == code]
    day = first
    while last is None or day <= last:
        ends = [to or date.max for since, to in spans if since <= day <= (to or date.max)]
        if not ends:
            return day
        if max(ends) == date.max:
            return None
        day = max(ends) + timedelta(days=1)
    return None


def creditors_that_use(code: str, on: date) -> frozenset[int]:
    """The creditors that use the strategy of a code on a day or from a later one."""
    later = StrategyUse.objects.filter(code=code, from_on__gt=on).values_list("creditor", flat=True)
    now = Creditor.objects.filter(code__in=codes_in_use(on).get(code, ()))
    return frozenset({*later, *now.values_list("pk", flat=True)})


def languages_where_used(code: str, on: date) -> tuple[str, ...]:
    """The languages of all debtors whose creditor uses the strategy of a code on a day or later."""
    return languages_of(creditors_that_use(code, on))


def list_strategy_uses(actor: Actor, on: date) -> tuple[StrategyUseView, ...]:
    """What each creditor of the actor uses on a day, by code of the creditor."""
    reach = require(actor, Permission.STRATEGY_READ)
    creditors = list(visible_rows(Creditor, reach).order_by("code"))
    uses = StrategyUse.objects.filter(creditor__in=creditors).order_by("from_on")
    rows: dict[int, list[StrategyUse]] = {}
    for use in uses:
        rows.setdefault(use.creditor_id, []).append(use)
    return tuple(_use_view(each, rows.get(each.pk, ()), on) for each in creditors)


def _use_view(creditor: Creditor, uses: Iterable[StrategyUse], on: date) -> StrategyUseView:
    rows = list(uses)
    now = next((use for use in reversed(rows) if use.from_on <= on), None)
    later = next((use for use in rows if use.from_on > on), None)
    return StrategyUseView(
        creditor_id=creditor.pk,
        creditor_code=creditor.code,
        creditor_name=creditor.name,
        code=now.code if now else DEFAULT,
        from_on=now.from_on if now else None,
        next_code=later.code if later else "",
        next_from=later.from_on if later else None,
    )


@transaction.atomic
def do_assign_strategy(
    *,
    actor: Actor,
    creditor_id: int,
    code: str,
    from_on: date | None = None,
    note: str = "",
    now: datetime,
) -> None:
    """From a day on (today, unless said) a creditor's book is worked by the strategy of a code.

    Refused for a day that has passed on the creditor's clocks, where nothing of the code holds on
    the day, and where a script or template of it lacks a language of the book.
    """
    creditor = creditor_to_change(require(actor, Permission.STRATEGY_ASSIGN), creditor_id)
    today = now.astimezone(ZoneInfo(creditor.zone)).date()
    first = from_on or today
    refuse(_assign_faults(code, first, _last_of_use(creditor.pk, first), today, note))
    refuse(_silent_faults(code, creditor.pk, first))
    before = strategy_code_of(creditor.pk, first)
    StrategyUse.objects.update_or_create(
        creditor=creditor,
        from_on=first,
        defaults={"code": code, "recorded_at": now, "actor": actor.name, "note": note.strip()},
    )
    append_event(
        actor=actor,
        action="strategy.assign",
        subject=f"creditor:{creditor.pk}",
        body={
            "before": before,
            "after": code,
            "from_on": first.isoformat(),
            "note": note.strip(),
        },
        now=now,
    )


def _last_of_use(creditor_id: int, first: date) -> date | None:
    """The day before the creditor's next strategy begins."""
    later = StrategyUse.objects.filter(creditor=creditor_id, from_on__gt=first)
    following = later.order_by("from_on").values_list("from_on", flat=True).first()
    return None if following is None else following - timedelta(days=1)


def _assign_faults(
    code: str, first: date, last: date | None, today: date, note: str
) -> dict[str, str]:
    faults = {}
    if first < today:
        faults["from_on"] = _(
            "%(day)s has passed: what was decided on past days stays. Give %(today)s or later."
        ) % {"day": first, "today": today}
    elif not holds_on(code, first):
        faults["code"] = _(
            "Nothing of the strategy %(code)s is in force on %(day)s: put a version in force first."
        ) % {"code": code, "day": first}
    elif (bare := first_day_without(code, first, last)) is not None:
        faults["code"] = _(
            "Nothing of the strategy %(code)s holds from %(day)s on: put a version in force for"
            " then, or give the creditor another strategy from that day first."
        ) % {"code": code, "day": bare}
    if len(note) > NOTE_MOST:
        faults["note"] = _("At most %(most)s characters.") % {"most": NOTE_MOST}
    return faults


def _silent_faults(code: str, creditor_id: int, first: date) -> dict[str, str]:
    """What the strategy's treatments could not say to debtors of this book."""
    strategy = holding_on(code, first)
    lacks = lacking_texts(strategy, [creditor_id], first)
    if not lacks:
        return {}
    told = "\n".join(f"{_treatment_at(strategy, each.path)}: {each.told(_)}" for each in lacks)
    return {"code": _("Its texts do not serve this book:\n%(faults)s") % {"faults": told}}


def _treatment_at(strategy: Strategy, path: str) -> str:
    """The code of the treatment that a path such as `treatments[2].text` lies in."""
    place = int(path.partition("[")[2].partition("]")[0])
    return strategy.treatments[place - 1].code


def holds_on(code: str, on: date) -> bool:
    """Whether some version of a code holds on a day."""
    own = _holding(StrategyVersion.objects.filter(code=code), on).exists()
    return own or any(each.code == code and each.holds_on(on) for each in load_strategies())
