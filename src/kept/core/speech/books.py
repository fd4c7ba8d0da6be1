"""Packs of words made ready to look at texts, and the looking: time grows with the text alone.

Readings of the text give places of words, words near one another give findings, excuses near a
finding take it away. What the words are is said by the packs; what becomes of a finding, by whoever
asks.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from kept.core.speech.entries import Entry, Excuse, Occasion, Pattern, Reach, SpeechPack
from kept.core.speech.findings import Finding
from kept.core.speech.folding import Folded, Folding
from kept.core.speech.layout import Layout, has_break, layout_of
from kept.core.speech.spellings import Reading, Spellings, plain_reading, squeezed
from kept.core.speech.tries import Trie
from kept.core.speech.word_forms import masked_forms

__all__ = ["SpeechBook"]

_INNOCENT: Final = 0
_ANYWHERE: Final = Occasion()
_LOOK_BACK: Final = 4
# They stand next to anything; that they are written alike says nothing.
_PRONOUNS: Final = frozenset("你您我他她")


@dataclass(frozen=True, slots=True)
class _Word:
    """`is_pair`: two Chinese characters; such are not read across a comma."""

    spelled: str
    folded: str
    groups: list[int]
    is_pair: bool
    has_space: bool


@dataclass(frozen=True, slots=True)
class _Search:
    """A pattern with numbers for its groups; `mask` holds the bits of all of them."""

    groups: tuple[int, ...]
    mask: int
    within: int
    across: bool
    entry: int


# First place, place after the last, number of the word; in the folded text.
_Hit = tuple[int, int, int]


@dataclass
class _Text:
    folded: Folded
    hits: dict[int, list[_Hit]] = field(default_factory=dict)
    ends: dict[int, list[tuple[int, int]]] = field(default_factory=dict)

    @cached_property
    def layout(self) -> Layout:
        return layout_of(self.folded.text)

    def by_end(self, group: int) -> list[tuple[int, int]]:
        """End and start of the group's hits, by their ends."""
        if group not in self.ends:
            self.ends[group] = _by_end(self.hits.get(group, ()))
        return self.ends[group]


class SpeechBook:
    """Packs united; one for the whole process. Looking at a text changes nothing that matters."""

    def __init__(self, packs: Iterable[SpeechPack], spellings: Spellings) -> None:
        self.packs = tuple(packs)
        self.spellings = spellings
        self._folding = Folding(spellings.variants)
        self._words: list[_Word] = []
        self._numbers: dict[str, int] = {}
        self._groups: dict[tuple[str, str], int] = {("", "innocent"): _INNOCENT}
        self._trie, self._sounds = Trie(), Trie()
        self._entries: list[Entry] = []
        self._excuses: list[tuple[tuple[Excuse, int, int | None], ...]] = []
        self._by_last: dict[int, list[_Search]] = {}
        for pack in self.packs:
            self._add_pack(pack)

    @property
    def words(self) -> tuple[str, ...]:
        """Every word that is looked for, as the packs spell it."""
        return tuple(each.spelled for each in self._words)

    def findings(self, text: str, occasion: Occasion = _ANYWHERE) -> tuple[Finding, ...]:
        """What must not be said, by place in the text."""
        return tuple(found for found, excuse in self.judged(text, occasion) if excuse is None)

    def judged(
        self, text: str, occasion: Occasion = _ANYWHERE
    ) -> tuple[tuple[Finding, Excuse | None], ...]:
        """Findings, and those that an excuse takes away with that excuse; by place in the text."""
        if not text:
            return ()
        looked = self._looked_at(text)
        present = 0
        for group in looked.hits:
            present |= 1 << group
        found: dict[int, list[tuple[_Hit, ...]]] = {}
        for group in looked.hits:
            for search in self._by_last.get(group, ()):
                if search.mask & present == search.mask:
                    found.setdefault(search.entry, []).extend(_matches(search, looked))
        told = [each for number in found for each in self._told(number, found, looked, occasion)]
        return tuple(sorted(told, key=lambda each: (each[0].start, each[0].end, each[0].entry.id)))

    def _told(
        self,
        number: int,
        found: dict[int, list[tuple[_Hit, ...]]],
        looked: _Text,
        occasion: Occasion,
    ) -> Iterator[tuple[Finding, Excuse | None]]:
        """One finding where those of an entry overlap; the excused give way."""
        entry = self._entries[number]
        if entry.only_if is not None and entry.only_if not in occasion.circumstances:
            return
        judged = [
            (self._excused(number, hits, looked, occasion), hits) for hits in set(found[number])
        ]
        for is_excused in (False, True):
            last = 0
            rows = [each for each in judged if (each[0] is not None) == is_excused]
            for excuse, hits in sorted(rows, key=lambda each: (each[1][0][0], -each[1][-1][1])):
                if hits[0][0] >= last:
                    yield self._finding(entry, hits, looked.folded), excuse
                    last = hits[-1][1]

    def _finding(self, entry: Entry, hits: Sequence[_Hit], folded: Folded) -> Finding:
        start = folded.places[hits[0][0]]
        end = folded.places[hits[-1][1] - 1] + 1
        words = [self._words[number] for _, _, number in hits]
        disguised = any(
            " ".join(folded.text[hit[0] : hit[1]].split()) != word.folded
            or folded.places[hit[1] - 1] - folded.places[hit[0]] != hit[1] - 1 - hit[0]
            for hit, word in zip(hits, words, strict=True)
        )
        return Finding(entry, start, end, tuple(each.spelled for each in words), disguised)

    def _excused(
        self, number: int, hits: Sequence[_Hit], looked: _Text, occasion: Occasion
    ) -> Excuse | None:
        for excuse, group, ending in self._excuses[number]:
            if group not in looked.hits or (excuse.genres and occasion.genre not in excuse.genres):
                continue
            by_start = looked.hits[group]
            if ending in looked.hits:
                by_start = _not_ended(by_start, looked.hits[ending], hits)
            by_end = looked.by_end(group) if by_start is looked.hits[group] else _by_end(by_start)
            if _reaches(excuse, by_end, by_start, hits, looked.layout):
                return excuse
        return None

    def _looked_at(self, text: str) -> _Text:
        folded = self._folding.fold(text)
        looked = _Text(folded)
        plain = plain_reading(folded.text)
        places: set[_Hit] = set()
        for reading in (plain, *self.spellings.other_readings(folded.text, plain)):
            for start, end, numbers in self._trie.found(reading):
                first, last = reading.starts[start], reading.ends[end - 1] + 1
                places.update((first, last, number) for number in numbers)
        sounded = self.spellings.sounded(plain)
        if sounded is not None:
            places.update(self._sounded(sounded))
        self._sort_out(places, looked)
        return looked

    def _sounded(self, reading: Reading) -> Iterator[_Hit]:
        said = reading.said or ""
        for start, end, numbers in self._sounds.found(reading):
            spoken = said[start:end]
            for number in numbers:
                if _sounds_like(spoken, self._words[number].folded):
                    yield reading.starts[start], reading.ends[end - 1] + 1, number

    def _sort_out(self, places: set[_Hit], looked: _Text) -> None:
        """Hits by group, without those that lie in an innocent word or across an end."""
        innocent = sorted(
            (start, end) for start, end, number in places if _INNOCENT in self._words[number].groups
        )
        for hit in sorted(places):
            word = self._words[hit[2]]
            if _lies_in(hit, innocent) or self._crosses(hit, word, looked):
                continue
            for group in word.groups:
                if group != _INNOCENT:
                    looked.hits.setdefault(group, []).append(hit)

    def _crosses(self, hit: _Hit, word: _Word, looked: _Text) -> bool:
        """Whether the words of two sentences (or clauses) were read as one."""
        start, end, _ = hit
        if not (word.is_pair or word.has_space) or end - start <= len(word.folded):
            return False
        if not has_break(looked.folded.text[start:end]):
            return False
        if word.is_pair:
            return not looked.layout.is_one_clause(start, end - 1)
        return not looked.layout.is_one_sentence(start, end - 1)

    def _add_pack(self, pack: SpeechPack) -> None:
        for word in pack.innocent:
            self._add_word(word, _INNOCENT)
        for group in pack.groups:
            number = self._groups.setdefault((pack.name, group.name), len(self._groups))
            for word in group.words:
                self._add_word(word, number)
        for word in pack.masked:
            for form in masked_forms(self._folding.fold(word).text):
                self._trie.add(form, self._numbers[squeezed(self._folding.fold(word).text)])
        for entry in pack.entries:
            self._add_entry(pack.name, entry)

    def _add_word(self, word: str, group: int) -> None:
        folded = self._folding.fold(word).text
        text = squeezed(folded)
        number = self._numbers.get(text)
        if number is None:
            number = self._numbers[text] = len(self._words)
            is_pair = len(text) == 2 and not text.isascii()
            spelled = " ".join(folded.split())
            self._words.append(_Word(word, spelled, [], is_pair, " " in spelled))
            self._trie.add(text, number)
            sounds = self.spellings.sound_of_word(text)
            if sounds is not None:
                self._sounds.add(sounds, number)
        if group not in self._words[number].groups:
            self._words[number].groups.append(group)

    def _add_entry(self, pack: str, entry: Entry) -> None:
        number = len(self._entries)
        self._entries.append(entry)
        self._excuses.append(
            tuple(
                (
                    excuse,
                    self._groups[pack, excuse.group],
                    None if excuse.ended_by is None else self._groups[pack, excuse.ended_by],
                )
                for excuse in entry.excuses
            )
        )
        for pattern in entry.patterns:
            search = self._search(pack, pattern, number)
            self._by_last.setdefault(search.groups[-1], []).append(search)

    def _search(self, pack: str, pattern: Pattern, entry: int) -> _Search:
        groups = tuple(self._groups[pack, name] for name in pattern.groups)
        mask = 0
        for group in groups:
            mask |= 1 << group
        return _Search(groups, mask, pattern.within, pattern.across, entry)


def _sounds_like(spoken: Sequence[str], word: str) -> bool:
    """Enough is as the word is written: half of a long word, one character of a short one.

    A word that is pinyin throughout counts too. What is written alike was found before.
    """
    if all(each == "a" for each in spoken):
        return True
    if "".join(spoken) == word:
        return False
    same = sum(
        one == other and one not in _PRONOUNS for one, other in zip(spoken, word, strict=True)
    )
    return same > 0 and 2 * same >= min(len(word), 4) - 1


def _lies_in(hit: _Hit, spans: list[tuple[int, int]]) -> bool:
    """Whether a longer span that begins at or shortly before the hit covers it."""
    place = bisect_left(spans, (hit[0] + 1, 0))
    return any(
        end >= hit[1] and end - start > hit[1] - hit[0]
        for start, end in spans[max(0, place - 4) : place]
    )


def _matches(search: _Search, looked: _Text) -> list[tuple[_Hit, ...]]:
    """Chains of hits, each the nearest that leads on; every hit of the first group begins one."""
    chains: list[tuple[_Hit, ...]] = [(hit,) for hit in looked.hits[search.groups[-1]]]
    for group in reversed(search.groups[:-1]):
        starts = [chain[0][0] for chain in chains]
        longer: list[tuple[_Hit, ...]] = []
        for hit in looked.hits[group]:
            place = bisect_left(starts, hit[1])
            if place == len(starts):
                continue
            start = starts[place]
            if looked.layout.between(hit[1], start) <= search.within and (
                search.across or looked.layout.is_one_sentence(hit[0], start)
            ):
                longer.append((hit, *chains[place]))
        chains = longer
    return chains


def _by_end(hits: Sequence[_Hit]) -> list[tuple[int, int]]:
    return sorted((end, start) for start, end, _ in hits)


def _not_ended(excuses: list[_Hit], endings: list[_Hit], hits: Sequence[_Hit]) -> list[_Hit]:
    """The excuses that no ending follows before the end of what was found."""
    last = max((start for start, _, _ in endings if start < hits[-1][1]), default=-1)
    return [each for each in excuses if each[0] >= last or each[0] >= hits[-1][1]]


def _reaches(
    excuse: Excuse,
    by_end: list[tuple[int, int]],
    by_start: list[_Hit],
    hits: Sequence[_Hit],
    layout: Layout,
) -> bool:
    first, last = hits[0][0], hits[-1][1]
    if excuse.reach is not Reach.AFTER and _stands_among(by_start, hits):
        return True
    if excuse.reach in (Reach.AFTER, Reach.SENTENCE):
        place = bisect_left(by_start, (last, 0, 0))
        if place < len(by_start):
            start = by_start[place][0]
            near = layout.between(last, start) <= excuse.within
            if layout.is_one_sentence(first, start) and (near or excuse.reach is Reach.SENTENCE):
                return True
    if excuse.reach is Reach.AFTER:
        return False
    place = bisect_left(by_end, (first + 1, 0)) - 1
    if place < 0:
        return False
    end = by_end[place][0]
    if excuse.reach is not Reach.BEFORE:
        return layout.is_one_sentence(end - 1, first)
    return layout.between(end, first) <= excuse.within and layout.is_one_clause(end - 1, first)


def _stands_among(by_start: list[_Hit], hits: Sequence[_Hit]) -> bool:
    """Whether the words of an excuse stand among those found: `we will not call`, `will not` there.

    What is a part of a word that was found is no excuse for it.
    """
    first, last = hits[0][0], hits[-1][0]
    place = max(0, bisect_left(by_start, (first, 0, 0)) - _LOOK_BACK)
    while place < len(by_start) and by_start[place][0] < max(last, first + 1):
        start, end, _ = by_start[place]
        if end > first and not any(hit[0] <= start and end <= hit[1] for hit in hits):
            return True
        place += 1
    return False
