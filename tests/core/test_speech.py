"""Forbidden speech: how words are found in a text, where, and what excuses them."""

from __future__ import annotations

import pytest

from kept.core.law.rules import Status
from kept.core.speech import (
    Circumstance,
    Entry,
    Excuse,
    Folding,
    Genre,
    Occasion,
    Pattern,
    Reach,
    SpeechBook,
    SpeechLabel,
    SpeechPack,
    SpeechPackError,
    Spellings,
    WordGroup,
    read_speech_pack,
    read_spellings,
)
from kept.core.speech.layout import layout_of
from kept.core.speech.word_forms import forms_of, masked_forms

SPELLINGS = Spellings(
    variants={"殺": "杀", "訴": "诉", "馬": "马"},
    sounds={"si": "死4司", "qi": "妻七7", "ma": "妈马", "jing": "警井", "nong": "弄农"},
    halves={"歹匕": "死"},
    counters="次天",
)
NOT = Excuse("not", "not", Reach.BEFORE, 2)
SAYS = Excuse("says", "says", Reach.EARLIER, 0, frozenset({Genre.NOTE}), ended_by="own")


def entry(name: str, *groups: str, **more: object) -> Entry:
    values: dict[str, object] = {
        "id": name,
        "label": SpeechLabel.VIOLENCE_THREAT,
        "name_en": name,
        "name_zh": name,
        "citation": "a law",
        "status": Status.VERIFIED,
        "patterns": (Pattern(groups, 4),),
        "excuses": (NOT, SAYS),
    }
    return Entry(**{**values, **more})  # type: ignore[arg-type]


GROUPS = {
    "kill": ("kill", "kill you", "弄死", "弄死你"),
    "tell": ("tell", "告诉"),
    "wife": ("wife", "妻子", "警察"),
    "not": ("will not", "不会", "not"),
    "says": ("he says", "客户说"),
    "sue": ("sue",),
    "own": ("told her", "告诉她"),
}
BOOK = SpeechBook(
    [
        SpeechPack(
            name="trial",
            version="1",
            language="en",
            title_en="Trial",
            title_zh="试",
            groups=tuple(WordGroup(name, words) for name, words in GROUPS.items()),
            entries=(
                entry("kill", "kill"),
                entry("tell", "tell", "wife"),
                entry("sue", "sue", only_if=Circumstance.TIME_BARRED),
            ),
            innocent=("弄死账", "killing time"),
            masked=("kill",),
        )
    ],
    SPELLINGS,
)


def said(text: str, occasion: Occasion | None = None) -> list[tuple[str, str]]:
    found = BOOK.findings(text, occasion or Occasion())
    return [(each.entry.id, text[each.start : each.end]) for each in found]


@pytest.mark.parametrize(
    ("text", "slice_"),
    [
        ("I kill you.", "kill you"),
        ("I KILL you.", "KILL you"),
        ("I k.i.l.l you.", "k.i.l.l you"),
        ("I k1ll you.", "k1ll you"),
        ("I k!ll you.", "k!ll you"),
        ("I k*ll him.", "k*ll"),
        ("I killlll you.", "killlll you"),
        ("I ｋｉｌｌ you.", "ｋｉｌｌ you"),
        ("I k\u200bi\u200bll you.", "k\u200bi\u200bll you"),
        ("I kіll you.", "kіll you"),  # Cyrillic і
        ("I k\u0301ill you.", "k\u0301ill you"),
        ("弄死你", "弄死你"),
        ("弄 死 你", "弄 死 你"),
        ("弄。死。你", "弄。死。你"),
        ("我弄4他", "弄4"),
        ("弄歹匕他", "弄歹匕"),
        ("弄si你", "弄si你"),
        ("nong si le", "nong si"),
        ("弄司你", "弄司你"),
    ],
)
def test_a_word_is_found_however_it_is_written(text: str, slice_: str) -> None:
    assert said(text) == [("kill", slice_)]


@pytest.mark.parametrize(
    "text",
    [
        "skill you", "killer", "ski ll", "", "弄4次", "弄42", "弄死账", "He was killing time.",
        "别弄,死活不认账",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_word_is_none(text: str) -> None:
    assert said(text) == []


def test_groups_are_found_near_one_another_in_their_order() -> None:
    assert said("We tell it to your wife.") == [("tell", "tell it to your wife")]
    assert said("告诉你的七子") == [("tell", "告诉你的七子")]
    assert said("告訴井察") == [("tell", "告訴井察")]
    assert said("Your wife may tell us.") == []
    assert said("We tell one two three four five wife.") == []
    assert said("We tell nobody here. Your wife called.") == []


def test_an_excuse_takes_a_finding_away() -> None:
    assert said("We will not kill you.") == []
    assert said("We will not tell the wife.") == []
    assert said("If you do not pay now we kill you.") == [("kill", "kill you")]
    assert said("不会告诉妻子") == []
    assert said("He says they will kill you.") == []
    assert said("He says so. We kill you.") == [("kill", "kill you")]
    assert said("He says we kill you.", Occasion(Genre.TEMPLATE)) == [("kill", "kill you")]


def test_what_the_writer_did_ends_the_report_of_another() -> None:
    assert said("He says so, told her we kill you.") == [("kill", "kill you")]
    assert said("He says they kill you, told her that nobody does.") == []
    assert said("Told her that he says they kill you.") == []
    assert said("客户说还,告诉她弄死你") == [("kill", "弄死你")]


def test_what_was_excused_is_told_with_its_excuse() -> None:
    ((found, excuse),) = BOOK.judged("We will not kill you.")
    assert (found.entry.id, excuse) == ("kill", NOT)


def test_some_words_are_wrong_only_when_something_holds() -> None:
    assert said("We sue.") == []
    holds = Occasion(circumstances=frozenset({Circumstance.TIME_BARRED}))
    assert said("We sue.", holds) == [("sue", "sue")]


def test_a_finding_names_words_citation_and_disguise() -> None:
    (plain,) = BOOK.findings("kill you")
    (hidden,) = BOOK.findings("k1ll you")
    assert (plain.words, plain.citation, plain.disguised) == (("kill you",), "a law", False)
    assert (hidden.words, hidden.label, hidden.disguised) == (
        ("kill you",),
        SpeechLabel.VIOLENCE_THREAT,
        True,
    )


def test_folding_keeps_the_way_back() -> None:
    folded = Folding({"殺": "杀"}).fold("ａ\u200b㎏殺")
    assert (folded.text, list(folded.places)) == ("akg杀", [0, 2, 2, 3])


def test_a_mark_between_single_characters_ends_no_sentence() -> None:
    text = "打。死。你。我们明天去你家。好"
    layout = layout_of(text)
    assert layout.is_one_sentence(text.index("打"), text.index("你"))
    assert not layout.is_one_sentence(text.index("你"), text.index("好"))
    assert layout.between(text.index("打") + 1, text.index("你")) == 1


def test_a_line_stands_for_its_spellings() -> None:
    assert forms_of("call(|s) (you|me)") == ["call you", "call me", "calls you", "calls me"]
    with pytest.raises(ValueError, match="brackets"):
        forms_of("call(s")
    with pytest.raises(ValueError, match="stands for 1024 spellings"):
        forms_of("(a|b)" * 10)
    assert sorted(masked_forms("abcd")) == ["a**d", "a*cd", "ab*d"]
    assert masked_forms("ab") == []


def test_what_is_wrong_with_a_pack_is_told_at_once() -> None:
    data = {
        "pack": "x", "version": "1", "language": "en", "title": {"en": "X", "zh": "X"},
        "words": {"Tell": ["a"], "b": "=nothing", "c": "call(s"},
        "masked": "zzz",
        "excuses": [{"id": "not", "words": "tel", "reach": "near"}],
        "entries": [
            {
                "id": "x", "label": "violent_threat", "name": {"en": "X"}, "citation": "",
                "status": "verified", "patterns": ["b .. c & d", "tell .. b"], "finds": "s",
                "excuses": "nott", "within": "99",
            }
        ],
    }  # fmt: skip
    with pytest.raises(SpeechPackError) as raised:
        read_speech_pack(data)
    told = {problem.path: problem.sentence for problem in raised.value.problems}
    assert set(told) >= {
        "words.Tell", "words.b", "words.c", "masked", "excuses[1].words", "excuses[1].reach",
        "entries[1]", "entries[1].label", "entries[1].patterns[1]",
        "entries[1].excuses", "entries[1].within", "entries[1].citation",
    }  # fmt: skip
    assert "'x' is no id" in told["entries[1]"]
    assert "did you mean not?" in told["entries[1].excuses"]


def test_what_is_wrong_with_spellings_is_told_at_once() -> None:
    data = {
        "variants": [["说话", "說"], ["杀", "殺"], ["砍", "殺"]],
        "sounds": {"Si": "死", "si": "死"},
        "halves": {"死人": "歹匕"},
    }
    with pytest.raises(SpeechPackError) as raised:
        read_spellings(data)
    assert [problem.path for problem in raised.value.problems] == [
        "variants[1]", "variants[3]", "sounds.Si", "sounds.si", "halves.死人",
    ]  # fmt: skip
