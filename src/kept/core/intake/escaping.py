"""Cells that a spreadsheet would run as a formula, made harmless on their way out.

On the way in such a cell is plain text and stays as it is. On the way out, into anything a person
may open in a spreadsheet, it gets an apostrophe in front (FILES.md §2). Numbers of ours are
written as numbers, not through here.
"""

from __future__ import annotations

__all__ = ["escape_cell", "restore_cell"]

# A tab or a carriage return in front is cut off by spreadsheets, which then see what follows.
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def escape_cell(text: str) -> str:
    """The text with an apostrophe in front where a spreadsheet would not take it as text.

    Text that already starts with apostrophes before such a sign gets one more, so that
    `restore_cell` gives back exactly what came in.
    """
    return "'" + text if text.lstrip("'").startswith(_STARTS) else text


def restore_cell(text: str) -> str:
    """What `escape_cell` was given; a corrected reject file comes back through here."""
    if text.startswith("'") and text.lstrip("'").startswith(_STARTS):
        return text[1:]
    return text
