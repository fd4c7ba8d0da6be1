"""What is dealt, to whom, and why a task is where it is: the values of `dealing`."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from kept.core.dealing_policy import GRADE_MOST

__all__ = ["NO_SEAT", "Dealt", "Integers", "Pile", "Seat", "Why", "speaks"]

Integers = npt.NDArray[np.int64]

#: In place of a seat's id where there is none.
NO_SEAT: Final = 0


class Why(IntEnum):
    """Why a task is with its seat, or with none."""

    KEPT = 1  # the case stays with its seat
    MOST_ROOM = 2  # the case had no seat
    MOVED_FULL = 3  # its seat's minutes are used up by what is more urgent
    MOVED_UNFIT = 4  # its seat is not there tonight or lacks skill, language or creditor
    NO_ROOM = 5  # every seat that could take it is full
    NOBODY = 6  # no seat has this skill, language, grade and creditor
    MOVED_AWAY = 7  # its seat is absent or blocked for longer than it is waited for
    MOVED_IDLE = 8  # its seat did nothing on it for long
    MOVED_NO_PROGRESS = 9  # many attempts of its seat, and never the debtor
    MOVED_STAGE = 10  # it entered a stage that is dealt anew
    MOVED_CONFLICT = 11  # its seat must not work this debtor
    MOVED_GRADE = 12  # its seat is not of the grade any more
    NO_OTHER = 13  # it should have moved, and nobody else can take it
    WAITS_FOR_SEAT = 14  # its seat is away and back soon


@dataclass(frozen=True, slots=True)
class Seat:
    """A working place tonight. Empty `languages` or `creditor_ids` stand for all of them.

    `grade` is the highest of the cases it may take, `cases_room` how many more cases it may hold
    (None: no limit). `is_away`: it takes nothing; `keeps_cases`: its cases wait for it.
    """

    id: int
    skills: frozenset[str]
    minutes: int
    languages: frozenset[str] = frozenset()
    creditor_ids: frozenset[int] = frozenset()
    grade: int = GRADE_MOST
    cases_room: int | None = None
    is_away: bool = False
    keeps_cases: bool = False

    @property
    def likeness(self) -> tuple[object, ...]:
        """Seats that are alike in this are measured against one another."""
        return (
            tuple(sorted(self.skills)),
            tuple(sorted(self.languages)),
            tuple(sorted(self.creditor_ids)),
            self.grade,
        )


def _none() -> Integers:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Pile:
    """Tasks in columns, one row a task; the most urgent has the highest priority.

    `task_id` is unique and breaks ties. `minutes` are 1 or more. `skill` and `language` are
    indices into `skills` and `languages`; language -1 is unknown and fits every seat. `seat_id` is
    the seat that has the case already, or `NO_SEAT`. What follows may be left out: `grade` (1),
    `amount` and `value` (0) that are spread evenly, `leaves` (0, or the `Why` for which the case
    leaves its seat), `barred` (-1, or an index into `barred_seats`: seats that must not take it).
    """

    task_id: Integers
    priority: Integers
    minutes: Integers
    skill: Integers
    language: Integers
    creditor_id: Integers
    seat_id: Integers
    skills: tuple[str, ...]
    languages: tuple[str, ...]
    grade: Integers = field(default_factory=_none)
    amount: Integers = field(default_factory=_none)
    value: Integers = field(default_factory=_none)
    leaves: Integers = field(default_factory=_none)
    barred: Integers = field(default_factory=_none)
    barred_seats: tuple[frozenset[int], ...] = ()

    def __post_init__(self) -> None:
        if len(self.minutes) and int(self.minutes.min()) < 1:
            raise ValueError("a task takes at least one minute")
        usual = {"grade": 1, "amount": 0, "value": 0, "leaves": 0, "barred": -1}
        for name, value in usual.items():
            if len(getattr(self, name)) != len(self.task_id):
                object.__setattr__(self, name, np.full(len(self.task_id), value, dtype=np.int64))


@dataclass(frozen=True, slots=True)
class Dealt:
    """By row of the pile: the seat's id or `NO_SEAT`, and why (`Why`)."""

    seat_id: Integers
    why: npt.NDArray[np.int8]


def speaks(spoken: frozenset[str], language: str) -> bool:
    """Whether one of the languages is that of the tag; scripts and regions do not matter here."""
    if not spoken or not language:
        return True
    return _primary(language) in {_primary(each) for each in spoken}


def _primary(tag: str) -> str:
    return tag.replace("_", "-").split("-")[0].casefold()
