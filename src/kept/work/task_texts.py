"""The text of a task: what its treatment says to this debtor, and which version that is."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from kept.core.text_figures import MissingFigures, fill
from kept.core.texts import TextKind
from kept.store.models import Case, Creditor, Task
from kept.work.case_figures import figures_of_case
from kept.work.cases import CaseView, TaskView
from kept.work.refusals import refuse
from kept.work.strategies import known_treatment
from kept.work.texts import FoundText, text_for

__all__ = ["SaidText", "label_of_text", "text_of_task", "text_used", "words_for"]


@dataclass(frozen=True, slots=True)
class SaidText:
    """A text with the case's figures; `words` is empty where `missing` names what has no value.

    `text` is None where the house has none of this code in the debtor's language.
    """

    code: str
    language: str
    text: FoundText | None
    words: str = ""
    missing: tuple[str, ...] = ()


def text_of_task(view: CaseView, task: TaskView, reader: str) -> SaidText | None:
    """What the treatment of a task says, for a case that the reader sees; None where it names none.

    A guide speaks the reader's language, everything else the debtor's.
    """
    treatment = known_treatment(task.treatment, task.strategy)
    if treatment is None or not treatment.text:
        return None
    creditor = Creditor.objects.get(code=view.creditor_code)
    return words_for(view, creditor, treatment.text, reader)


def words_for(view: CaseView, creditor: Creditor, code: str, reader: str) -> SaidText:
    language = view.debtor.language or creditor.language
    guide = text_for(code, reader, creditor.pk, view.as_of)
    is_guide = guide is not None and guide.kind is TextKind.GUIDE
    text = guide if is_guide else text_for(code, language, creditor.pk, view.as_of)
    if text is None:
        return SaidText(code, language, None)
    try:
        words = fill(text.body, figures_of_case(view, creditor, text.language))
    except MissingFigures as lacking:
        return SaidText(code, text.language, text, missing=lacking.names)
    return SaidText(code, text.language, text, words)


def label_of_text(task: Task, now: datetime) -> str:
    """The version that a task's treatment goes by at an instant; empty where it names no text."""
    treatment = known_treatment(task.treatment, task.strategy)
    if treatment is None or not treatment.text:
        return ""
    creditor = task.creditor
    language = task.case.debtor.language or creditor.language
    text = text_for(treatment.text, language, creditor.pk, _day_of(creditor, now))
    return text.label if text else ""


def text_used(label: str, case_id: int, now: datetime) -> Mapping[str, str]:
    """The text that a contact is to say, for its record; refused where it does not hold here.

    Empty for an empty label.
    """
    if not label:
        return {}
    creditor = Case.objects.select_related("creditor").get(pk=case_id).creditor
    code, _colon, rest = label.partition(":")
    text = text_for(code, rest.partition(":")[0], creditor.pk, _day_of(creditor, now))
    if text is None or text.label != label or text.kind is TextKind.GUIDE:
        told = _("%(label)s is no text that holds for this creditor today: see the page of texts.")
        refuse({"text_label": told % {"label": label}})
        raise AssertionError
    return {"label": label, "body_sha256": hashlib.sha256(text.body.encode()).hexdigest()}


def _day_of(creditor: Creditor, now: datetime) -> date:
    return now.astimezone(ZoneInfo(creditor.zone)).date()
