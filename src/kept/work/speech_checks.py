"""What a person typed about a case, looked at for forbidden speech, for the writer and the record.

A note that reports what was said stays possible: nothing is refused here. What was found goes into
the body of the note's event as labels, places and citations, never as words; the words themselves
are sealed with the note. What the labels mean is told by the packs.
"""

from __future__ import annotations

from typing import Any

from kept.core.speech import Finding
from kept.packs.speech_packs import load_speech_book

__all__ = ["found_in_note", "speech_of_note"]


def found_in_note(text: str) -> tuple[Finding, ...]:
    """What must not be said, by place in the text; one finding a label where they overlap."""
    kept: list[Finding] = []
    for found in load_speech_book().findings(text.strip()):
        if not any(each.label == found.label and found.start < each.end for each in kept):
            kept.append(found)
    return tuple(kept)


def speech_of_note(text: str) -> dict[str, Any]:
    """For the body of an event: `{"speech": [...]}`, or nothing when nothing was found."""
    found = found_in_note(text) if text.strip() else ()
    rows = [
        {
            "label": each.label.value,
            "entry": each.entry.id,
            "start": each.start,
            "end": each.end,
            "citation": each.citation,
        }
        for each in found
    ]
    return {"speech": rows} if rows else {}
