"""Texts for people: every code with its languages, one version, who did what, and their files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Q, QuerySet

from kept.core.actors import Actor, Reach
from kept.core.text_checks import TextFinding
from kept.packs.scripts import load_texts
from kept.store.models import Creditor, TextStep, TextVersion
from kept.store.visibility import visible_rows
from kept.work.permissions import Permission, require
from kept.work.text_checks import check_words
from kept.work.texts import FoundText, held_text, row_of_text, shipped_text_of

__all__ = [
    "TextStepView",
    "TextView",
    "findings_of_view",
    "get_text",
    "list_text_steps",
    "list_texts",
]

State = TextVersion.State


@dataclass(frozen=True, slots=True)
class TextView:
    """One version. `standing` is its state on the day asked about: also `coming`, `ending`, and
    `replaced` of a shipped one where the house's own holds.

    A shipped one has no number (`version_id`) and is never changed.
    """

    text: FoundText
    standing: str
    valid_from: date | None
    valid_to: date | None
    creditor_code: str = ""
    creditor_name: str = ""
    state: str = ""
    version_id: int | None = None
    revision: int = 0

    @property
    def label(self) -> str:
        return self.text.label

    @property
    def holds(self) -> bool:
        return self.standing in ("in_force", "ending")


@dataclass(frozen=True, slots=True)
class TextStepView:
    """What somebody did; `body` is what they saved, where they saved one."""

    kind: str
    recorded_at: datetime
    actor: str
    note: str
    body: str
    person_id: int | None


def list_texts(actor: Actor, on: date, code: str = "") -> tuple[TextView, ...]:
    """Every version of the house, of the actor's creditors and shipped, or those of one code.

    By code and language, those of creditors first, the newest of each first.
    """
    within = require(actor, Permission.TEXT_READ)
    rows = _visible(within)
    own = [_own(row, on) for row in (rows.filter(code=code) if code else rows)]
    shipped = [
        _under(_shipped(shipped_text_of(each, language), each.valid_from, on), own)
        for each in load_texts()
        if not code or each.code == code
        for language in each.bodies
    ]
    return tuple(sorted([*own, *shipped], key=_order))


def _order(view: TextView) -> tuple[str, str, bool, str, int]:
    text = view.text
    is_of_house = text.creditor_id is None
    return text.code, text.language, is_of_house, view.creditor_code, -text.version


def get_text(actor: Actor, label: str, on: date) -> TextView | None:
    """One version by its label; None where there is none to see."""
    within = require(actor, Permission.TEXT_READ)
    row = row_of_text(label)
    if row is not None:
        return _own(row, on) if _visible(within).filter(pk=row.pk).exists() else None
    code = label.partition(":")[0]
    return next((each for each in list_texts(actor, on, code) if each.label == label), None)


def list_text_steps(actor: Actor, version_id: int) -> tuple[TextStepView, ...]:
    """What was done to a version, the last first."""
    within = require(actor, Permission.TEXT_READ)
    rows = TextStep.objects.filter(
        text_version_id=version_id, text_version__in=_visible(within)
    ).order_by("-id")
    return tuple(
        TextStepView(row.kind, row.recorded_at, row.actor, row.note, row.body, row.person_id)
        for row in rows
    )


def findings_of_view(view: TextView, on: date) -> tuple[TextFinding, ...]:
    """What is wrong with its words."""
    text = view.text
    return check_words(
        text.body,
        kind=text.kind,
        channel=text.channel,
        language=text.language,
        creditor_id=text.creditor_id,
        on=on,
        code=text.code,
    )


def _visible(within: Reach) -> QuerySet[TextVersion]:
    """Those of the whole house, and those of the creditors that are seen."""
    creditors = visible_rows(Creditor, within).values("pk")
    rows = TextVersion.objects.select_related("creditor")
    return rows.filter(Q(creditor__isnull=True) | Q(creditor__in=creditors))


def _own(row: TextVersion, on: date) -> TextView:
    return TextView(
        text=held_text(row),
        standing=_standing(row, on),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        creditor_code=row.creditor.code if row.creditor else "",
        creditor_name=row.creditor.name if row.creditor else "",
        state=row.state,
        version_id=row.pk,
        revision=row.revision,
    )


def _standing(row: TextVersion, on: date) -> str:
    """Where a version stands on a day; what is in force is so by its days alone."""
    if row.valid_from is None:
        return row.state
    if on < row.valid_from:
        return "coming"
    if row.valid_to is not None and row.valid_to < on:
        return State.RETIRED.value
    return State.IN_FORCE.value if row.valid_to is None else "ending"


def _shipped(text: FoundText, valid_from: date, on: date) -> TextView:
    standing = State.IN_FORCE.value if valid_from <= on else "coming"
    return TextView(text, standing, valid_from, None)


def _under(view: TextView, own: Iterable[TextView]) -> TextView:
    """A shipped version gives way where one of the whole house holds."""
    same = (view.text.code, view.text.language)
    replaced = any(
        each.holds
        and each.text.creditor_id is None
        and (each.text.code, each.text.language) == same
        for each in own
    )
    return replace(view, standing="replaced") if replaced else view
