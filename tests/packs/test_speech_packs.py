"""The shipped packs of forbidden speech: their own examples, disguises, faults of files."""

from __future__ import annotations

import time
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kept.core.speech import Circumstance, Entry, Occasion, SpeechLabel
from kept.packs.speech_packs import (
    SpeechFileError,
    load_speech_book,
    load_speech_packs,
    parse_speech_pack,
    parse_spellings,
)

TEXT = files("kept.packs").joinpath("speech", "en.yaml").read_text(encoding="utf-8")
ENTRIES = [entry for pack in load_speech_packs() for entry in pack.entries]
EVERYTHING = Occasion(circumstances=frozenset(Circumstance))
SAMPLES = [(entry, sentence) for entry in ENTRIES for sentence in entry.finds]
UNSEEN = ["\u200b", "\u200d", "\ufeff", "\u00ad", "\u2060", "\ufe0f", "\u0336", "\u3164"]


def occasion_of(entry: Entry) -> Occasion:
    return Occasion(circumstances=frozenset([entry.only_if] if entry.only_if else []))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda each: each.id)
def test_an_entry_finds_and_lets_pass_what_it_says(entry: Entry) -> None:
    book, occasion = load_speech_book(), occasion_of(entry)
    for sentence in entry.finds:
        assert entry.id in {each.entry.id for each in book.findings(sentence, occasion)}, sentence
    for sentence in entry.passes:
        found = [(each.entry.id, each.words) for each in book.findings(sentence, occasion)]
        assert found == [], sentence


def test_every_label_has_an_entry_in_every_language() -> None:
    for pack in load_speech_packs():
        assert {entry.label for entry in pack.entries} == set(SpeechLabel), pack.name


def full_width(character: str) -> str:
    return chr(ord(character) + 0xFEE0) if "!" <= character <= "~" else character


@settings(max_examples=150, deadline=None)
@given(sample=st.sampled_from(SAMPLES), data=st.data())
def test_nothing_unseen_and_no_full_width_form_hides_a_finding(
    sample: tuple[Entry, str], data: st.DataObject
) -> None:
    entry, sentence = sample
    places = data.draw(st.sets(st.integers(0, len(sentence) - 1)))
    mark = data.draw(st.sampled_from([*UNSEEN, "full width"]))
    text = "".join(
        (full_width(each) if mark == "full width" else each + mark) if n in places else each
        for n, each in enumerate(sentence)
    )
    found = load_speech_book().findings(text, occasion_of(entry))
    assert entry.id in {each.entry.id for each in found}


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from([sentence for _, sentence in SAMPLES])
        | st.text(max_size=12)
        | st.sampled_from([*UNSEEN, "。", ".", " ", "\n", "ﷺ", "㍿", "*", "4", "歹匕"]),
        max_size=8,
    ).map("".join)
)
def test_spans_lie_in_the_text_and_say_what_was_found(text: str) -> None:
    book = load_speech_book()
    last = -1
    for found, _ in book.judged(text, EVERYTHING):
        assert 0 <= found.start < found.end <= len(text)
        assert last <= found.start
        last = found.start
        again = book.judged(text[found.start : found.end], EVERYTHING)
        # Alone, the words may be another entry's that says more; what they are stays the same.
        assert found.entry.label in {each.entry.label for each, _ in again}


@pytest.mark.parametrize(
    "piece",
    [
        "we will not kill you ", "a", "k.i.l.l.", "aaaaaaab1", "不会弄死你", "弄4", "nongsi",
        "\u200b", "打。死。你。", "f*ck", "你", "tell your wife your wife ", "歹匕", "zhuang", "!",
        "\u0301", "ﷺ",
    ],
)  # fmt: skip
def test_ten_times_the_text_takes_about_ten_times_the_time(piece: str) -> None:
    book = load_speech_book()

    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        start = time.process_time()
        book.judged(text, EVERYTHING)
        return time.process_time() - start

    seconds(2_000)
    short = min(seconds(2_000) for _ in range(3))
    assert min(seconds(20_000) for _ in range(3)) < 30 * short + 0.05


def test_traditional_characters_are_read_as_simplified_ones() -> None:
    found = load_speech_book().findings("不還錢就告訴你妻子,打斷你的腿")
    assert {each.label for each in found} == {
        SpeechLabel.THREAT_TO_TELL_FAMILY_EMPLOYER,
        SpeechLabel.VIOLENCE_THREAT,
    }


def test_a_fault_is_told_with_file_line_and_entry() -> None:
    wrong = TEXT.replace("label: anonymous", "label: anonymus").replace(
        "citation: 12 CFR 1006.14(d)", "quotation: 12 CFR 1006.14(d)"
    )
    with pytest.raises(SpeechFileError) as raised:
        parse_speech_pack(wrong, "en.yaml")
    first, second, third = str(raised.value).splitlines()
    line = TEXT[: TEXT.index("label: anonymous")].count("\n") + 1
    place = [entry.id for entry in ENTRIES].index("EN.anonymous") + 1
    assert third.startswith(f"en.yaml, line {line}, entry EN.anonymous: entries[{place}].label: ")
    assert "quotation" in first
    assert "citation" in second


def test_a_file_that_is_no_pack_is_refused() -> None:
    with pytest.raises(SpeechFileError, match=r"one\.yaml: the file is empty; see speech/en.yaml"):
        parse_speech_pack("", "one.yaml")
    with pytest.raises(SpeechFileError, match=r"one\.yaml, line 1: not YAML"):
        parse_speech_pack("a: [", "one.yaml")
    with pytest.raises(SpeechFileError, match=r"two\.yaml, line 2: variants\[1\]: is no pair"):
        parse_spellings("variants:\n  - [a, bc]\nsounds: {}\n", "two.yaml")
