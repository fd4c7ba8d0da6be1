"""How likely an account is meant by a payment that names none: a scored, explained guess.

What a payment names exactly (reference, virtual account, account, debtor) is found set-based and is
no guess. Here the rest is scored from the payer's name, the amount, an open promise and traces in
the text. Points are per mille and add up; each is told, so that who confirms sees why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

__all__ = ["Candidate", "Clue", "Likeness", "best_likeness", "score"]

#: Per mille. Name and amount together are not enough for the shipped threshold; either with a
#: promise or a trace of the number is.
_NAME: Final = 450
_ONLY_ONE_OF_THE_NAME: Final = 150
_WHOLE_BALANCE: Final = 250
_OVERDUE: Final = 250
_PROMISE: Final = 350
_TRACE: Final = 300
_PROMISE_DAYS: Final = timedelta(days=5)
_TAIL: Final = 6
#: A second candidate within so much makes the first unsure, whatever its points.
_TOO_NEAR: Final = 100
_UNSURE_MOST: Final = 600


@dataclass(frozen=True, slots=True)
class Clue:
    """What is known of a payment that named nobody; `name_key` is folded as the book's names."""

    amount_minor: int
    received_on: date
    name_key: str
    tokens: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account that could be meant. `promised` are the open promises: amount and due day."""

    account_id: int
    debtor_id: int
    external_id: str
    name_key: str
    of_this_name: int
    balance_minor: int
    overdue_minor: int
    promised: tuple[tuple[int, date], ...] = ()


@dataclass(frozen=True, slots=True)
class Likeness:
    """`reasons` are (word, points); the points of the reasons make the confidence, up to 1000."""

    account_id: int
    debtor_id: int
    confidence_per_mille: int
    reasons: tuple[tuple[str, int], ...]


def score(clue: Clue, candidate: Candidate) -> Likeness:
    found: list[tuple[str, int]] = []
    if clue.name_key and clue.name_key == candidate.name_key:
        found.append(("name", _NAME))
        if candidate.of_this_name == 1:
            found.append(("only_one_of_the_name", _ONLY_ONE_OF_THE_NAME))
    if _is_promised(clue, candidate):
        found.append(("promise", _PROMISE))
    if clue.amount_minor == candidate.overdue_minor:
        found.append(("overdue_amount", _OVERDUE))
    elif clue.amount_minor == candidate.balance_minor:
        found.append(("whole_balance", _WHOLE_BALANCE))
    if _leaves_trace(clue, candidate):
        found.append(("part_of_number", _TRACE))
    points = min(1000, sum(each for _word, each in found))
    return Likeness(candidate.account_id, candidate.debtor_id, points, tuple(found))


def _is_promised(clue: Clue, candidate: Candidate) -> bool:
    return any(
        amount == clue.amount_minor and abs(due_on - clue.received_on) <= _PROMISE_DAYS
        for amount, due_on in candidate.promised
    )


def _leaves_trace(clue: Clue, candidate: Candidate) -> bool:
    tail = "".join(c for c in candidate.external_id.upper() if c.isalnum())[-_TAIL:]
    return len(tail) == _TAIL and any(token.endswith(tail) for token in clue.tokens)


def best_likeness(clue: Clue, candidates: Sequence[Candidate]) -> tuple[Likeness, ...]:
    """The likely ones, the likeliest first; the first is made unsure where a second is as likely.

    Candidates without any reason are left out. Ties go by the account's id.
    """
    found = [each for each in (score(clue, other) for other in candidates) if each.reasons]
    found.sort(key=lambda each: (-each.confidence_per_mille, each.account_id))
    if len(found) > 1:
        first, second = found[0], found[1]
        if first.confidence_per_mille - second.confidence_per_mille < _TOO_NEAR:
            most = min(first.confidence_per_mille, _UNSURE_MOST)
            told = (*first.reasons, ("another_as_likely", most - first.confidence_per_mille))
            found[0] = Likeness(first.account_id, first.debtor_id, most, told)
    return tuple(found)
