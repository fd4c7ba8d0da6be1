"""Strategies for people: every version with where it stands, what it says, and who did what."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from kept.core.actors import Actor
from kept.core.strategies import Strategy
from kept.packs.strategies import StrategyFault, load_strategies
from kept.packs.strategy_texts import shipped_text
from kept.store.models import Seat, StrategyStep, StrategyVersion
from kept.work.permissions import Permission, require
from kept.work.strategies import row_labelled
from kept.work.strategy_versions import check_text

__all__ = [
    "StepView",
    "StrategyView",
    "get_strategy",
    "list_strategies",
    "list_strategy_steps",
    "skills_without_seat",
]

State = StrategyVersion.State


@dataclass(frozen=True, slots=True)
class StrategyView:
    """One version. `standing` is its state on the day asked about: also `coming` and `ending`.

    A shipped one has no number (`version_id`) and is never changed. `strategy` is None while the
    text is wrong; `faults` say how.
    """

    label: str
    code: str
    version: int
    standing: str
    valid_from: date | None
    valid_to: date | None
    text: str
    strategy: Strategy | None
    faults: tuple[StrategyFault, ...] = ()
    state: str = ""
    version_id: int | None = None
    revision: int = 0

    @property
    def is_shipped(self) -> bool:
        return self.version_id is None

    def name(self, language: str) -> str:
        if self.strategy is None:
            return self.code
        return self.strategy.name_zh if language == "zh" else self.strategy.name_en


@dataclass(frozen=True, slots=True)
class StepView:
    """What somebody did; `text` is what they saved, where they saved one."""

    kind: str
    recorded_at: datetime
    actor: str
    note: str
    text: str
    person_id: int | None


def list_strategies(actor: Actor, on: date) -> tuple[StrategyView, ...]:
    """Every version, shipped or written here, by code, the newest first."""
    require(actor, Permission.STRATEGY_READ)
    own = [_own(row, on) for row in StrategyVersion.objects.all()]
    labels = {view.label for view in own}
    shipped = [_shipped(each, on) for each in load_strategies() if each.label not in labels]
    views = [*own, *(_under(view, own) for view in shipped)]
    return tuple(sorted(views, key=lambda view: (view.code, -view.version)))


def get_strategy(actor: Actor, label: str, on: date) -> StrategyView | None:
    """One version by its label; None where there is none."""
    require(actor, Permission.STRATEGY_READ)
    row = row_labelled(label)
    if row is not None:
        return _own(row, on)
    found = next((each for each in load_strategies() if each.label == label), None)
    if found is None:
        return None
    own = StrategyVersion.objects.filter(code=found.code, valid_from__isnull=False)
    return _under(_shipped(found, on), [_own(each, on) for each in own])


def list_strategy_steps(actor: Actor, version_id: int) -> tuple[StepView, ...]:
    """What was done to a version, the last first."""
    require(actor, Permission.STRATEGY_READ)
    rows = StrategyStep.objects.filter(strategy_version_id=version_id).order_by("-id")
    return tuple(
        StepView(row.kind, row.recorded_at, row.actor, row.note, row.text, row.person_id)
        for row in rows
    )


def skills_without_seat(strategy: Strategy) -> tuple[str, ...]:
    """Skills that the strategy asks for and no seat has: its tasks would wait for ever."""
    there = {skill for skills in Seat.objects.values_list("skills", flat=True) for skill in skills}
    asked = dict.fromkeys(each.skill for each in strategy.treatments)
    return tuple(skill for skill in asked if skill not in there)


def _own(row: StrategyVersion, on: date) -> StrategyView:
    checked = check_text(row.text, row.label, on)
    return StrategyView(
        label=row.label,
        code=row.code,
        version=row.version,
        standing=_standing(row, on),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        text=row.text,
        strategy=checked.strategy,
        faults=checked.faults,
        state=row.state,
        version_id=row.pk,
        revision=row.revision,
    )


def _standing(row: StrategyVersion, on: date) -> str:
    """Where a version stands on a day; what is in force is so by its days alone."""
    if row.valid_from is None:
        return row.state
    if on < row.valid_from:
        return "coming"
    if row.valid_to is not None and row.valid_to < on:
        return State.RETIRED.value
    return State.IN_FORCE.value if row.valid_to is None else "ending"


def _shipped(strategy: Strategy, on: date) -> StrategyView:
    return StrategyView(
        label=strategy.label,
        code=strategy.code,
        version=strategy.version,
        standing=_shipped_standing(strategy, on),
        valid_from=strategy.valid_from,
        valid_to=strategy.valid_to,
        text=shipped_text(strategy.label) or "",
        strategy=strategy,
    )


def _shipped_standing(strategy: Strategy, on: date) -> str:
    if strategy.holds_on(on):
        return State.IN_FORCE.value
    return "coming" if on < strategy.valid_from else State.RETIRED.value


def _under(view: StrategyView, own: list[StrategyView]) -> StrategyView:
    """A shipped version gives way where one of the house holds."""
    replaced = any(
        each.code == view.code and each.standing in ("in_force", "ending") for each in own
    )
    return replace(view, standing="replaced") if replaced else view
