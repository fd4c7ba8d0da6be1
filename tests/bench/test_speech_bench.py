"""The labelled sentences, and the counting of what is found in them."""

from __future__ import annotations

import pytest

from kept.bench.speech import Counts, counts_of
from kept.bench.speech_sentences import LANGUAGES, SETS, Sentence, sentences_of
from kept.core.speech import Occasion, SpeechLabel

ABUSE, FEE = SpeechLabel.ABUSE_PROFANITY, SpeechLabel.EXTRA_FEE


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_enough_sentences_and_many_are_innocent(language: str) -> None:
    for name in SETS:
        sentences = sentences_of(language, name)
        innocent = sum(not each.labels for each in sentences)
        assert len(sentences) >= (45 if name == "unseen" else 150)
        assert 0.33 <= innocent / len(sentences) <= 0.55
        assert {label for each in sentences for label in each.labels} == set(SpeechLabel)


def test_no_sentence_stands_in_two_sets() -> None:
    for language in LANGUAGES:
        sets = [{each.text for each in sentences_of(language, name)} for name in SETS]
        every = [text for texts in sets for text in texts]
        assert len(every) == len(set(every))


def test_counting() -> None:
    sentences = [
        Sentence("a", frozenset({ABUSE}), Occasion()),
        Sentence("b", frozenset(), Occasion()),
        Sentence("c", frozenset({FEE}), Occasion()),
    ]
    found = {"a": {ABUSE, FEE}, "b": {ABUSE}, "c": set()}
    assert counts_of(sentences, lambda each: found[each.text]) == Counts(1, 2, 1)
    assert counts_of(sentences, lambda each: found[each.text], ABUSE) == Counts(1, 1, 0)
    assert (Counts(1, 2, 1).recall, Counts(1, 2, 1).precision) == (1 / 2, 1 / 3)
