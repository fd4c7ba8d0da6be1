"""Forbidden speech: how much of it is found, how much of what is found is right, and how fast.

The peer is a plain search of the same words: a sentence has a label when any word of that label's
entries stands in it as written (without regard to case). Precision counts a label on an innocent
sentence, and a label that a sentence does not have, as wrong. Figures are told for each set, as a
whole and by label, to see how far those that the packs were tried on lie from the held-out one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

from kept.bench.form import Figure, Goal, Measure, paired
from kept.bench.speech_sentences import LANGUAGES, SETS, Sentence, sentences_of
from kept.core.speech import SpeechBook, SpeechLabel
from kept.packs.speech_packs import load_speech_book

__all__ = ["Counts", "counts_of", "measures"]

PEER = "search of the same words"
ROUNDS_FULL, ROUNDS_QUICK = 10, 1
#: A quick run times only every so-many-th sentence.
QUICK_STEP = 8
#: Of the sentences written after the packs were closed: a floor under today's packs, two a label.
UNSEEN = {"recall": Goal(Figure.VALUE, least=0.6), "precision": Goal(Figure.VALUE, least=0.85)}
HELD_OUT = {"recall": Goal(Figure.VALUE, least=0.8), "precision": Goal(Figure.VALUE, least=0.85)}
TUNED = {"recall": Goal(Figure.VALUE, least=0.95), "precision": Goal(Figure.VALUE, least=0.95)}
OF_SET = {"unseen": UNSEEN, "held_out": HELD_OUT, "development": TUNED, "tuned": TUNED}
#: By label a set has few sentences: the unseen one is told, not held.
BY_LABEL = {"recall": Goal(Figure.VALUE, least=0.6), "precision": Goal(Figure.VALUE, least=0.6)}
TOLD = {"recall": Goal(Figure.VALUE, least=0), "precision": Goal(Figure.VALUE, least=0)}
SPEED = Goal(Figure.RATIO, most=1)

Finder = Callable[[Sentence], set[SpeechLabel]]


@dataclass(frozen=True, slots=True)
class Counts:
    """Labels that were found rightly, found wrongly, and not found."""

    right: int
    wrong: int
    missed: int

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0


def counts_of(
    sentences: Sequence[Sentence], find: Finder, only: SpeechLabel | None = None
) -> Counts:
    """Over all labels, or over one."""
    right = wrong = missed = 0
    chosen = set(SpeechLabel) if only is None else {only}
    for sentence in sentences:
        found, known = find(sentence) & chosen, sentence.labels & chosen
        right += len(found & known)
        wrong += len(found - known)
        missed += len(known - found)
    return Counts(right, wrong, missed)


def measures(*, quick: bool) -> Iterator[Measure]:
    book = load_speech_book()
    find, search = _ours(book), _word_search(book)
    ours, peer = cache(find), cache(search)  # each label asks again for the same sentences
    for language, name in product(LANGUAGES, SETS):
        sentences, goals = sentences_of(language, name), OF_SET[name]
        yield from _found(f"speech {language} {name}", sentences, ours, peer, goals, quick)
    for name, language, label in product(SETS, LANGUAGES, SpeechLabel):
        title, sentences = f"speech {language} {name} {label}", sentences_of(language, name)
        goals = TOLD if name == "unseen" else BY_LABEL
        yield from _found(title, sentences, ours, peer, goals, quick, label)
    for language in LANGUAGES:
        yield _speed(language, find, search, quick)


def _ours(book: SpeechBook) -> Finder:
    def find(sentence: Sentence) -> set[SpeechLabel]:
        return {found.label for found in book.findings(sentence.text, sentence.occasion)}

    return find


def _word_search(book: SpeechBook) -> Finder:
    """Each word of the last group of each pattern, which is what makes the sentence wrong."""
    words: dict[str, set[SpeechLabel]] = {}
    for pack in book.packs:
        groups = {group.name: group.words for group in pack.groups}
        for entry in pack.entries:
            for pattern in entry.patterns:
                for word in groups[pattern.groups[-1]]:
                    words.setdefault(word.lower(), set()).add(entry.label)

    def find(sentence: Sentence) -> set[SpeechLabel]:
        text = sentence.text.lower()
        return {label for word, labels in words.items() if word in text for label in labels}

    return find


def _found(
    name: str,
    sentences: Sequence[Sentence],
    ours: Finder,
    peer: Finder,
    goals: dict[str, Goal],
    quick: bool,
    label: SpeechLabel | None = None,
) -> Iterator[Measure]:
    mine, theirs = counts_of(sentences, ours, label), counts_of(sentences, peer, label)
    said = sum(bool(each.labels) if label is None else label in each.labels for each in sentences)
    for figure, goal in goals.items():
        value, other = getattr(mine, figure), getattr(theirs, figure)
        yield Measure.held(
            f"{name}, {figure}",
            value,
            "share",
            peer=f"{PEER}: {other:.2f}",
            ratio=value / other if other else None,
            scale=f"{len(sentences)} sentences, {said} of them with a label"
            if label is None
            else f"{said} of {len(sentences)} sentences",
            full=not quick,
            goal=goal,
        )


def _speed(language: str, ours: Finder, peer: Finder, quick: bool) -> Measure:
    sentences = [each for name in SETS for each in sentences_of(language, name)]
    sentences = sentences[:: QUICK_STEP if quick else 1]
    rounds = ROUNDS_QUICK if quick else ROUNDS_FULL

    def all_by(find: Finder) -> Callable[[], object]:
        return lambda: [find(each) for _ in range(rounds) for each in sentences]

    times = paired(all_by(ours), all_by(peer))
    return Measure.held(
        f"speech {language}, one sentence",
        times.ours / rounds / len(sentences) * 1e6,
        "µs",
        peer=PEER,
        ratio=times.ratio,
        scale=f"{len(sentences)} sentences, {rounds} times",
        full=not quick,
        goal=SPEED,
    )
