"""Forbidden speech in a note: shown to its writer before it is saved, and told in the timeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from kept.core.speech import Entry
from kept.desk.verdicts import law_language
from kept.packs.speech_packs import load_speech_packs
from kept.work.speech_checks import found_in_note

__all__ = ["ShownFinding", "shown_findings", "speech_lines"]


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """`words` as they were typed, with what stands before and after them in the note."""

    before: str
    words: str
    after: str
    name: str
    citation: str


def shown_findings(text: str) -> list[ShownFinding]:
    note = text.strip()
    return [
        ShownFinding(
            note[: each.start],
            note[each.start : each.end],
            note[each.end :],
            _name(each.entry),
            each.citation,
        )
        for each in found_in_note(note)
    ]


def speech_lines(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """A line for each finding that an event recorded."""
    known = {entry.id: entry for pack in load_speech_packs() for entry in pack.entries}
    return [
        _("Found in the note: %(name)s (%(citation)s)")
        % {
            "name": _name(known[row["entry"]]) if row["entry"] in known else row["label"],
            "citation": row["citation"],
        }
        for row in rows
    ]


def _name(entry: Entry) -> str:
    return entry.name_zh if law_language() == "zh" else entry.name_en
