"""The past contacts of one attempt, with like ones together.

A debtor who was called two hundred times was called in five ways: contacts that differ in nothing
but their minutes are one `Alike`, so that a verdict asks each question once and not for every call.
`Past` reads as the sequence of contacts that it stands for. What counts is told by `counting`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple, overload

from kept.core.law.measures import MEASURES
from kept.core.law.situations import Contact

__all__ = ["Alike", "Past", "measures_of", "past_of"]

_like = attrgetter(
    *("channel", "inbound", "person", "role", "outcome", "debts", "talked", "actor", "address"),
    *("place", "misdirected_from"),
)


@dataclass(frozen=True, slots=True)
class Alike:
    """Contacts that differ in their minutes alone. `minutes` rise; `places` are theirs in the past.

    The minute of `contact` is not read.
    """

    contact: Contact
    minutes: tuple[int, ...]
    places: tuple[int, ...]

    def until(self, minute: int) -> Alike | None:
        """Those of them up to a minute; None where there is none."""
        if self.minutes[-1] <= minute:
            return self
        count = bisect_right(self.minutes, minute)
        return Alike(self.contact, self.minutes[:count], self.places[:count]) if count else None

    def counts_in(self, measure: str) -> bool:
        contact = self.contact
        return measure in measures_of(contact.channel, contact.inbound, contact.outcome)


class _Closed(NamedTuple):
    """A contact's closed values, as measures read them."""

    channel: str
    inbound: bool
    outcome: str


@lru_cache(maxsize=4096)
def measures_of(channel: str, inbound: bool, outcome: str) -> frozenset[str]:
    """The measures that count such a contact."""
    closed = _Closed(channel, inbound, outcome)
    return frozenset(name for name, counts in MEASURES.items() if counts(closed))


class Past(Sequence[Contact]):
    """Contacts in their order, made of those that are alike."""

    __slots__ = ("_contacts", "alike")

    def __init__(self, alike: Iterable[Alike]) -> None:
        self.alike: tuple[Alike, ...] = tuple(alike)
        self._contacts: tuple[Contact, ...] | None = None

    @classmethod
    def of(cls, contacts: Iterable[Contact]) -> Past:
        every = tuple(contacts)
        found: dict[object, list[tuple[int, int]]] = {}
        first: dict[object, Contact] = {}
        for place, each in enumerate(every):
            key = _like(each)
            first.setdefault(key, each)
            found.setdefault(key, []).append((each.minute, place))
        past = cls(
            Alike(first[key], *zip(*sorted(moments), strict=True)) for key, moments in found.items()
        )
        past._contacts = every
        return past

    @property
    def contacts(self) -> tuple[Contact, ...]:
        if self._contacts is None:
            moments = sorted(
                (minute, place, number)
                for number, each in enumerate(self.alike)
                for minute, place in zip(each.minutes, each.places, strict=True)
            )
            self._contacts = tuple(
                replace(self.alike[number].contact, minute=minute) for minute, _, number in moments
            )
        return self._contacts

    def and_then(self, contacts: Sequence[Contact]) -> Past:
        """These, and further contacts behind them in the order of a minute."""
        if not contacts:
            return self
        last = max((max(each.places) for each in self.alike), default=-1) + 1
        added = (
            Alike(each.contact, each.minutes, tuple([place + last for place in each.places]))
            for each in Past.of(contacts).alike
        )
        return Past((*self.alike, *added))

    def no_later_than(self, minute: int) -> Past:
        """The same contacts, those after a minute at that minute."""
        if all(each.minutes[-1] <= minute for each in self.alike):
            return self
        return Past(
            Alike(
                each.contact,
                *zip(
                    *sorted(
                        zip([min(one, minute) for one in each.minutes], each.places, strict=True)
                    ),
                    strict=True,
                ),
            )
            for each in self.alike
        )

    def until(self, minute: int) -> tuple[Alike, ...]:
        """Those that were made up to a minute."""
        return tuple(found for each in self.alike if (found := each.until(minute)) is not None)

    def __len__(self) -> int:
        return sum(len(each.minutes) for each in self.alike)

    def __iter__(self) -> Iterator[Contact]:
        return iter(self.contacts)

    @overload
    def __getitem__(self, at: int) -> Contact: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Contact, ...]: ...
    def __getitem__(self, at: int | slice) -> Contact | tuple[Contact, ...]:
        return self.contacts[at]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self.contacts == tuple(other)

    def __hash__(self) -> int:
        return hash(self.contacts)

    def __repr__(self) -> str:
        return repr(self.contacts)


def past_of(history: Sequence[Contact]) -> Past:
    return history if isinstance(history, Past) else Past.of(history)
