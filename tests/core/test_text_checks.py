"""Texts are filled wholly or not at all; what is wrong with their words is told with its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.core.text_checks import BODY_MOST, TextFinding, check_body
from kept.core.text_figures import FIGURES, MissingFigures, example_of, fill
from kept.core.texts import TextKind, primary_language
from kept.core.word_changes import word_changes
from kept.packs.speech_packs import load_speech_book


def checked(body: str, kind: TextKind = TextKind.TEMPLATE) -> tuple[TextFinding, ...]:
    return check_body(body, kind, load_speech_book())


def test_a_text_gets_every_figure_or_is_not_made() -> None:
    values = {"debtor": "Ann {dpd}", "overdue": "¥5.00", "phone": " "}
    assert fill("{debtor}: {overdue}, {debtor}", values) == "Ann {dpd}: ¥5.00, Ann {dpd}"
    with pytest.raises(MissingFigures) as missing:
        fill("{debtor} {phone} {due_date} {phone}", values)
    assert missing.value.names == ("phone", "due_date")


def test_the_example_has_a_value_for_every_figure() -> None:
    every = " ".join(f"{{{name}}}" for name in FIGURES)
    for language in ("en", "zh", "th"):
        assert "{" not in fill(every, example_of(language))


def test_an_unknown_figure_is_told_with_its_place_and_the_list() -> None:
    body = "Dear {debtor},\nyou owe {balanse} or {xyzzy} and }"
    first, second, bracket = checked(body)
    assert body[first.start : first.end] == "{balanse}"
    assert first.line_and_column(body) == (2, 9)
    assert first.told("en") == (
        "{balanse} is no figure that a text can show; did you mean {balance}? There are "
        f"{', '.join(FIGURES)}."
    )
    assert second.told("en").startswith("{xyzzy} is no figure that a text can show; there are ")
    assert bracket.told("en") == (
        "A curly bracket stands alone: write a figure as {debtor}, and no other brackets."
    )
    assert all(each.bars for each in (first, second, bracket))


def test_forbidden_speech_bars_what_is_said_and_sent_but_no_guide() -> None:
    body = "Pay {overdue}, or we will tell your boss."
    (found,) = checked(body)
    assert body[found.start : found.end] == "or we will tell your boss"
    assert "“or we will tell your boss” must not be said (12 CFR" in found.told("en")
    assert found.told("zh").startswith("暗示将告知家人或单位")
    assert checked(body, TextKind.SCRIPT) == (found,)
    assert checked(body, TextKind.GUIDE) == ()
    assert [str(each.fault)[:17] for each in checked(" \n")] == ["The text is empty"]
    (long,) = checked("a" * (BODY_MOST + 1))
    assert long.told("en") == f"At most {BODY_MOST} characters, not {BODY_MOST + 1}: shorten it."
    (sign,) = checked("a\x07b")
    assert (sign.start, sign.end) == (1, 2)


@pytest.mark.parametrize(
    ("tag", "language"),
    [("zh-Hans-CN", "zh"), ("EN", "en"), ("", ""), ("x", ""), ("fil", "fil"), ("1a", "")],
)
def test_the_language_of_a_tag(tag: str, language: str) -> None:
    assert primary_language(tag) == language


def test_changes_are_told_in_words() -> None:
    found = word_changes("Please pay {overdue} soon.", "Please pay {balance} very soon.")
    assert [(each.kind, each.words) for each in found] == [
        ("same", "Please pay "),
        ("removed", "{overdue}"),
        ("added", "{balance} very"),
        ("same", " soon."),
    ]
    found = word_changes("请尽快还款", "请今日还款")
    assert [(each.kind, each.words) for each in found] == [
        ("same", "请"),
        ("removed", "尽快"),
        ("added", "今日"),
        ("same", "还款"),
    ]


WORDS = st.text("ab {}您好，.\n", max_size=30)


@given(WORDS, WORDS)
def test_both_texts_are_in_their_changes(before: str, after: str) -> None:
    found = word_changes(before, after)
    assert "".join(each.words for each in found if each.kind != "added") == before
    assert "".join(each.words for each in found if each.kind != "removed") == after


@given(WORDS)
def test_places_of_findings_lie_in_the_text(body: str) -> None:
    for each in checked(body):
        assert 0 <= each.start <= each.end <= len(body)
        assert each.told("en")
        assert each.told("zh")
