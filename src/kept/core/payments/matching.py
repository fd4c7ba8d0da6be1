"""How likely an account is meant by a payment that names none: a scored, explained guess.

What a payment names exactly (reference, virtual account, account, debtor) is found set-based and is
no guess. Here the rest is scored from the payer's name, the amount, an open promise and traces in
the text. Points are per mille and add up; each is told, so that who confirms sees why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

__all__ = ["Candidate", "Clue", "Likeness", "Promised", "best_likeness", "score"]

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
class Promised:
    """A promise that waits for money: what is missing, by which day, over which accounts."""

    amount_minor: int
    due_on: date
    account_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account that could be meant, with the promises over it that wait for money."""

    account_id: int
    debtor_id: int
    external_id: str
    name_key: str
    of_this_name: int
    balance_minor: int
    overdue_minor: int
    promised: tuple[Promised, ...] = ()


@dataclass(frozen=True, slots=True)
class Likeness:
    """`reasons` are (word, points); the points of the reasons make the confidence, up to 1000.

    `beside` are the other accounts of the promise that the payment answers to.
    """

    account_id: int
    debtor_id: int
    confidence_per_mille: int
    reasons: tuple[tuple[str, int], ...]
    beside: tuple[int, ...] = ()


def score(clue: Clue, candidate: Candidate) -> Likeness:
    found: list[tuple[str, int]] = []
    if clue.name_key and clue.name_key == candidate.name_key:
        found.append(("name", _NAME))
        if candidate.of_this_name == 1:
            found.append(("only_one_of_the_name", _ONLY_ONE_OF_THE_NAME))
    promised = _promised(clue, candidate)
    if promised is not None:
        found.append(("promise", _PROMISE))
    if clue.amount_minor == candidate.overdue_minor:
        found.append(("overdue_amount", _OVERDUE))
    elif clue.amount_minor == candidate.balance_minor:
        found.append(("whole_balance", _WHOLE_BALANCE))
    if _leaves_trace(clue, candidate):
        found.append(("part_of_number", _TRACE))
    points = min(1000, sum(each for _word, each in found))
    over = () if promised is None else promised.account_ids
    beside = tuple(each for each in over if each != candidate.account_id)
    return Likeness(candidate.account_id, candidate.debtor_id, points, tuple(found), beside)


def _promised(clue: Clue, candidate: Candidate) -> Promised | None:
    """The promise of this amount that falls due the nearest to the payment's day."""
    near = [
        (abs(each.due_on - clue.received_on), each.due_on, each)
        for each in candidate.promised
        if each.amount_minor == clue.amount_minor
        and abs(each.due_on - clue.received_on) <= _PROMISE_DAYS
    ]
    return min(near, key=lambda found: found[:2])[2] if near else None


def _leaves_trace(clue: Clue, candidate: Candidate) -> bool:
    tail = "".join(c for c in candidate.external_id.upper() if c.isalnum())[-_TAIL:]
    return len(tail) == _TAIL and any(token.endswith(tail) for token in clue.tokens)


def best_likeness(clue: Clue, candidates: Sequence[Candidate]) -> tuple[Likeness, ...]:
    """The likely ones, the likeliest first; the first is made unsure where a second is as likely.

    Candidates without any reason are left out. Ties go by the account's id. Accounts of the promise
    that the first answers to are meant with it and make it no less sure.
    """
    found = [each for each in (score(clue, other) for other in candidates) if each.reasons]
    found.sort(key=lambda each: (-each.confidence_per_mille, each.account_id))
    if not found:
        return ()
    first = found[0]
    rivals = [each for each in found[1:] if each.account_id not in first.beside]
    if rivals and first.confidence_per_mille - rivals[0].confidence_per_mille < _TOO_NEAR:
        most = min(first.confidence_per_mille, _UNSURE_MOST)
        told = (*first.reasons, ("another_as_likely", most - first.confidence_per_mille))
        found[0] = replace(first, confidence_per_mille=most, reasons=told)
    return tuple(found)
