"""The verdicts on many intended contacts of one creditor, from the book: what the night asks.

Each is what `situations.consider` judges for it alone. Nothing is reserved: at the moment of a
contact its permit is judged anew.
"""

from __future__ import annotations

from typing import Final

import polars as pl
from django.db import transaction

from kept.work.intended_frames import intended_frames
from kept.work.intended_law import ERASED, NO_ENGAGEMENT, Grounded, judge_grounded, no_verdicts
from kept.work.intended_people import Bound
from kept.work.intended_rows import read_intended

__all__ = ["COLLECT", "ERASED", "NO_ENGAGEMENT", "intended_grounds", "intended_verdicts"]

COLLECT: Final = "collect"

_CHUNK: Final = 100_000


def intended_verdicts(contacts: pl.DataFrame, *, creditor_id: int, minute: int) -> pl.DataFrame:
    """A verdict for each contact at the asked UTC minute, in the order of their numbers.

    In: `number` (each once), `case_id`, `channel`; `contact_point_id`, `related_person_id` and
    `purpose` where they are not null, null and `collect`. Out: the columns of
    `intended_law.judge_grounded`. A case of another creditor has none. Holds one chunk in memory
    at a time.
    """
    whole = _whole(contacts)
    found = [
        judge_grounded(_grounds(whole.slice(start, _CHUNK), creditor_id, minute))
        for start in range(0, len(whole), _CHUNK)
    ]
    return pl.concat(found) if found else no_verdicts()


def intended_grounds(contacts: pl.DataFrame, *, creditor_id: int, minute: int) -> Grounded:
    """What the verdicts of `intended_verdicts` rest on, to be judged elsewhere; one chunk."""
    return _grounds(_whole(contacts), creditor_id, minute)


def _whole(contacts: pl.DataFrame) -> pl.DataFrame:
    silent = {
        "contact_point_id": pl.lit(None, dtype=pl.Int64),
        "related_person_id": pl.lit(None, dtype=pl.Int64),
        "purpose": pl.lit(COLLECT),
    }
    absent = {name: value for name, value in silent.items() if name not in contacts.columns}
    return contacts.with_columns(**absent).sort("case_id", "number")


def _grounds(contacts: pl.DataFrame, creditor_id: int, minute: int) -> Grounded:
    with transaction.atomic():
        rows = read_intended(contacts, creditor_id=creditor_id, minute=minute)
    bound = Bound(rows)
    frames = intended_frames(bound, contacts.select("number", "channel", "purpose"))
    return Grounded(frames, tuple(bound.books), bound.holidays, minute)
