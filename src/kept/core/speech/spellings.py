"""The other ways in which the same words are written, and the readings of a text that undo them.

Every reading is a string without separators in which a word of a pack stands as the pack spells
it, with the way back to the folded text. Plain: letters and digits alone, so that `k.i.l.l` is
`kill`. Substituted: digits and signs read as the letters they look like, long runs of a letter
shortened. Composed: two halves of a split character read as the whole (`歹匕` as `死`). Sounded:
each character as its syllable, which finds characters that sound alike, pinyin, and digits (`弄4`,
`nong si`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

__all__ = ["Reading", "Spellings", "is_latin", "plain_reading", "squeezed"]

_SYLLABLE_CODES: Final = 0xE000  # private use: no folded text contains it
# With an exclamation mark at its end a word is only shouted; between letters it stands for one.
_SUBSTITUTED: Final = re.compile(r"[a-z][0-9@$!|*+]|[0-9@$!|*+][a-z]|([a-z])\1\1")
_SIGNED_WORD: Final = re.compile(r"[a-z0-9@$|+*](?:[a-z0-9@$!|+*]*[a-z0-9@$|+*])?")
_LONG_RUN: Final = re.compile(r"([a-z])\1\1+")
_LATIN_RUN: Final = re.compile(r"[a-z]+")
_DIGIT: Final = re.compile("[0-9]")
_LATIN: Final = re.compile("[\0-\u024f]")
_ASCII_WORD: Final = re.compile("[a-z0-9]+")
_SIGNS: Final = {
    **dict(zip("0345789@$+", "oeasttgast", strict=True)),
    "8": "b",
}
#: What 1, ! and | stand for, one reading each; long runs of a letter become one letter, or two.
_STROKES: Final = (("i", 1), ("l", 2))
_PINYIN_MOST: Final = 48
# Words are split once; so many are kept.
_SPLIT_MOST: Final = 50_000


@dataclass(frozen=True, slots=True)
class Reading:
    """`starts[n]` and `ends[n]` are the folded places (both included) of the n-th character.

    `inside[n]` is 1 where a Latin letter or digit has another at once before it; one more entry
    than characters. `said` is None, or what stands in the plain text at each place, to tell like
    from same.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]
    inside: bytes
    said: Sequence[str] | None = None


def is_latin(character: str) -> bool:
    return character < "\u0250"


def squeezed(folded: str) -> str:
    """Letters and digits alone."""
    return "".join(each for each in folded if each.isalnum())


def plain_reading(folded: str) -> Reading:
    if folded.isascii():
        words = _ASCII_WORD.findall(folded)
        text = "".join(words)
        inside = b"".join([b"\0" + b"\1" * (len(word) - 1) for word in words]) + b"\0"
        if len(text) == len(folded):
            return Reading(text, range(len(text)), range(len(text)), inside)
        places = [place for place, each in enumerate(folded) if each.isalnum()]
        return Reading(text, places, places, inside)
    places = [place for place, each in enumerate(folded) if each.isalnum()]
    text = "".join([folded[place] for place in places])
    return _reading(text, places, places)


def _reading(text: str, starts: Sequence[int], ends: Sequence[int]) -> Reading:
    if _LATIN.search(text) is None:
        return Reading(text, starts, ends, bytes(len(text) + 1))
    inside = bytearray(len(text) + 1)
    before, last = False, -2
    for place, each in enumerate(text):
        latin = is_latin(each)
        if latin and before and starts[place] == last + 1:
            inside[place] = 1
        before, last = latin, ends[place]
    return Reading(text, starts, ends, bytes(inside))


@dataclass(frozen=True)
class Spellings:
    """Data of `packs/speech/spellings.yaml`; `sounds` maps a syllable to characters said so."""

    variants: Mapping[str, str] = field(default_factory=dict)
    sounds: Mapping[str, str] = field(default_factory=dict)
    halves: Mapping[str, str] = field(default_factory=dict)
    counters: str = ""

    @cached_property
    def _codes(self) -> dict[str, str]:
        return {each: chr(_SYLLABLE_CODES + n) for n, each in enumerate(sorted(self.sounds))}

    @cached_property
    def _sound_of(self) -> dict[str, str]:
        return {
            character: self._codes[syllable]
            for syllable, characters in self.sounds.items()
            for character in characters
        }

    @cached_property
    def _halves(self) -> re.Pattern[str] | None:
        keys = sorted(self.halves, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, keys))) if keys else None

    def sound_of_word(self, word: str) -> str | None:
        """The syllables of a word of Chinese characters; None when it is short or none is known."""
        sounds = "".join(self._sound_of.get(each, each) for each in word)
        if len(word) < 2 or sounds == word or any(is_latin(each) for each in word):
            return None
        return sounds

    def other_readings(self, folded: str, plain: Reading) -> Iterator[Reading]:
        """The readings beside the plain one that differ from it."""
        if _SUBSTITUTED.search(folded):
            yield from (_substituted(folded, *stroke) for stroke in _STROKES)
        if self._halves is not None and not folded.isascii():
            composed = self._composed(plain)
            if composed is not None:
                yield composed

    def _composed(self, plain: Reading) -> Reading | None:
        assert self._halves is not None
        characters: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        last = 0
        for match in self._halves.finditer(plain.text):
            characters += plain.text[last : match.start()]
            starts += plain.starts[last : match.start()]
            ends += plain.ends[last : match.start()]
            characters.append(self.halves[match[0]])
            starts.append(plain.starts[match.start()])
            ends.append(plain.ends[match.end() - 1])
            last = match.end()
        if not last:
            return None
        characters += plain.text[last:]
        return _reading(
            "".join(characters), [*starts, *plain.starts[last:]], [*ends, *plain.ends[last:]]
        )

    def sounded(self, plain: Reading) -> Reading | None:
        """The text by its syllables; None when nothing in it has a sound that is known."""
        sounds = self._sound_of
        if plain.text.isascii() and not self._has_pinyin(plain):
            return None
        codes = "".join([sounds.get(each, each) for each in plain.text])
        reading = Reading(codes, plain.starts, plain.ends, bytes(len(codes) + 1), plain.text)
        if _LATIN_RUN.search(plain.text):
            reading = self._with_pinyin(reading)
        return self._with_digits_by_sense(reading)

    def _has_pinyin(self, plain: Reading) -> bool:
        words = (plain.text[start:stop] for start, stop in _latin_words(plain))
        return any(self._syllables(word) is not None for word in words)

    def _with_digits_by_sense(self, reading: Reading) -> Reading | None:
        """A digit that counts something, or is part of a number, is no character in disguise."""
        said = reading.said or ""
        if _DIGIT.search("".join(said)) is None:
            return reading
        text = list(reading.text)
        for place, each in enumerate(said):
            if each.isdigit() and self._counts(said, place):
                text[place] = each
        return Reading("".join(text), reading.starts, reading.ends, reading.inside, said)

    def _counts(self, said: Sequence[str], place: int) -> bool:
        before = said[place - 1] if place else ""
        after = said[place + 1] if place + 1 < len(said) else ""
        return before.isdigit() or after.isdigit() or (bool(after) and after in self.counters)

    def _with_pinyin(self, plain: Reading) -> Reading:
        text: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        said: list[str] = []
        spoken = plain.said or ""
        last = 0
        for start, stop in _latin_words(plain):
            parts = self._syllables("".join(spoken[start:stop]))
            if parts is None:
                continue
            text += plain.text[last:start]
            starts += plain.starts[last:start]
            ends += plain.ends[last:start]
            said += spoken[last:start]
            place = start
            for part in parts:
                text.append(self._codes[part])
                starts.append(plain.starts[place])
                place += len(part)
                ends.append(plain.ends[place - 1])
                said.append("a")
            last = stop
        text += plain.text[last:]
        said += spoken[last:]
        rest = plain.starts[last:], plain.ends[last:]
        inside = bytes(len(text) + 1)
        return Reading("".join(text), [*starts, *rest[0]], [*ends, *rest[1]], inside, said)

    @cached_property
    def _split(self) -> dict[str, list[str] | None]:
        return {}

    def _syllables(self, word: str) -> list[str] | None:
        """The fewest known syllables that make up a Latin word; None when it is no pinyin."""
        if len(word) > _PINYIN_MOST:
            return None
        known = self._split
        if word not in known:
            if len(known) > _SPLIT_MOST:
                known.clear()
            known[word] = self._split_up(word)
        return known[word]

    def _split_up(self, word: str) -> list[str] | None:
        ways: list[list[str] | None] = [[]] + [None] * len(word)
        for stop in range(1, len(word) + 1):
            for start in range(max(0, stop - 6), stop):
                before = ways[start]
                if before is None or word[start:stop] not in self.sounds:
                    continue
                here = ways[stop]
                if here is None or len(before) + 1 < len(here):
                    ways[stop] = [*before, word[start:stop]]
        return ways[-1]


def _latin_words(plain: Reading) -> Iterator[tuple[int, int]]:
    """Runs of Latin letters that nothing separates in the folded text."""
    for match in _LATIN_RUN.finditer("".join(plain.said or plain.text)):
        start, stop = match.span()
        if plain.starts[stop - 1] - plain.starts[start] != stop - 1 - start:
            for place in range(start + 1, stop):
                if plain.starts[place] != plain.ends[place - 1] + 1:
                    yield start, place
                    start = place
        yield start, stop


def _substituted(folded: str, stroke: str, run: int) -> Reading:
    """Signs read as letters in words that hold a letter; stars stay for masked words."""
    signs = {**_SIGNS, "1": stroke, "!": stroke, "|": stroke}
    characters = [each if each.isalnum() else "" for each in folded]
    for match in _SIGNED_WORD.finditer(folded):
        if _LATIN_RUN.search(match[0]) and len(match[0]) > 1:
            for place in range(match.start(), match.end()):
                each = folded[place]
                characters[place] = each if each == "*" else signs.get(each, each)
    starts = list(range(len(folded)))
    for match in _LONG_RUN.finditer(folded):
        for place in range(match.start() + run, match.end()):
            characters[place] = ""
            starts[place] = -1
    return _without_gaps(characters, starts)


def _without_gaps(characters: list[str], places: list[int]) -> Reading:
    """The characters that are left; one reaches over those that were taken from a long run."""
    text: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for place, each in enumerate(characters):
        if each:
            text.append(each)
            starts.append(place)
            ends.append(place)
        elif places[place] < 0 and ends:
            ends[-1] = place
    return _reading("".join(text), starts, ends)
