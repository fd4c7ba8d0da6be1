"""The languages that the debtors of books speak: as many steps in an index as there are languages.

Nothing is counted and no debtor is read, so that a book of a million answers at once; what intake
or a recorded language changes is seen in the same moment.
"""

from __future__ import annotations

from collections.abc import Collection

from kept.store.queries import load

__all__ = ["languages_by_creditor", "languages_of"]


def languages_by_creditor(creditor_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """BCP 47 tags as the creditors write them; a creditor whose debtors tell none has none."""
    found: dict[int, tuple[str, ...]] = dict.fromkeys(creditor_ids, ())
    for row in load("texts")["languages"].rows({"creditor_ids": list(creditor_ids)}):
        found[row["creditor_id"]] += (row["language"],)
    return found


def languages_of(creditor_ids: Collection[int]) -> tuple[str, ...]:
    """The languages of all debtors of these creditors."""
    every = languages_by_creditor(creditor_ids).values()
    return tuple(sorted({language for languages in every for language in languages}))
