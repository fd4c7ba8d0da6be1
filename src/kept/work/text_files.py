"""Texts out into a file and back as drafts: to have them worded elsewhere, or in another house."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.core.intake.nodes import Problem
from kept.core.texts import TextDraft
from kept.packs.text_files import TextDraftsError, parse_drafts, print_drafts
from kept.work.permissions import Permission, require
from kept.work.refusals import refuse
from kept.work.text_lists import TextView, list_texts
from kept.work.text_versions import do_draft_text
from kept.work.texts import FoundText, text_for

__all__ = ["do_draft_texts", "get_text_file", "read_file"]


def get_text_file(actor: Actor, on: date, code: str = "", creditor_code: str = "") -> str:
    """What holds on a day as a file: of the house, or of one creditor where it has its own."""
    require(actor, Permission.TEXT_READ)
    found: dict[tuple[str, str], TextView] = {}
    for view in list_texts(actor, on, code):
        if view.holds and view.creditor_code in ("", creditor_code):
            found.setdefault((view.text.code, view.text.language), view)
    return print_drafts(_by_code([each.text for each in found.values()]))


def _by_code(texts: list[FoundText]) -> list[TextDraft]:
    grouped: dict[str, list[FoundText]] = {}
    for each in texts:
        grouped.setdefault(each.code, []).append(each)
    return [
        TextDraft(code, of[0].kind, of[0].channel, {each.language: each.body for each in of})
        for code, of in grouped.items()
    ]


@transaction.atomic
def do_draft_texts(
    *, actor: Actor, content: str, creditor_id: int | None = None, note: str = "", now: datetime
) -> tuple[str, ...]:
    """Begin a version for each text and language of a file that says something new; their labels.

    All or none: one that cannot be begun refuses the file. What holds in the same words is left.
    """
    require(actor, Permission.TEXT_WRITE)
    today = timezone.localtime(now).date()
    labels = []
    for draft in read_file(content):
        for language, body in draft.bodies.items():
            held = text_for(draft.code, language, creditor_id, today)
            if held is not None and held.body.strip() == body.strip():
                continue
            label = do_draft_text(
                actor=actor,
                code=draft.code,
                language=language,
                kind=draft.kind.value,
                channel=draft.channel.value,
                body=body,
                creditor_id=creditor_id,
                note=note or _("From a file."),
                now=now,
            )
            labels.append(label)
    return tuple(labels)


def read_file(content: str) -> tuple[TextDraft, ...]:
    """The texts of a file; refused with the line of every problem."""
    try:
        return parse_drafts(content)
    except TextDraftsError as error:
        told = "\n".join(_told(*each) for each in error.problems)
        refuse({"content": told})
        raise AssertionError from None


def _told(line: int | None, column: int | None, problem: Problem) -> str:
    place = f"{line or '?'}:{column}" if column else f"{line or '?'}"
    sentence = problem.told(_)
    said = f"{problem.path}: {sentence}" if problem.path else sentence
    return _("Line %(line)s: %(problem)s") % {"line": place, "problem": said}
