"""A text that is no YAML is told with line, column and what to do, in any language."""

from __future__ import annotations

import pytest

from kept.core.strategy_faults import StrategyText
from kept.packs.strategies import StrategyFileError, parse_strategy
from kept.packs.text_files import TextDraftsError, parse_drafts, print_drafts
from kept.packs.yaml_trees import TreeError, read_tree


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("a: b: c", (1, 5), StrategyText.YAML_COLON_TOO_MANY),
        ("a: [1,2", (1, 8), StrategyText.YAML_BRACKET),
        ("a: {b: 1 c: 2}", (1, 11), StrategyText.YAML_BRACKET),
        ("a: 'x", (1, 6), StrategyText.YAML_QUOTE),
        ("a:\n\t- b", (2, 1), StrategyText.YAML_TAB),
        ("a: 1\nb\nc: 2", (3, 1), StrategyText.YAML_COLON),
        ("a:\n  - b\n c: 1", (3, 2), StrategyText.YAML_INDENT),
        ("a: 1\n---\nb: 2", (2, 1), StrategyText.YAML_TWO_DOCUMENTS),
        ("a: &x 1\nb: *y", (2, 4), StrategyText.YAML_ALIAS),
        ("", (None, None), StrategyText.YAML_EMPTY),
        ("x: \x01", (None, None), StrategyText.YAML_UNSEEN),
        ("a: 1\na: 2", (2, 1), StrategyText.YAML_TWICE),
        ("a: @x", (1, 4), StrategyText.YAML_SIGN),
    ],
)
def test_where_reading_stopped_and_what_to_do(
    text: str, place: tuple[int | None, int | None], said: StrategyText
) -> None:
    with pytest.raises(TreeError) as found:
        read_tree(text, {}, "x.yaml")
    assert (found.value.line, found.value.column) == place
    assert found.value.problem.source == str(said)


def test_a_strategy_that_is_no_yaml_is_told_in_the_language_of_the_reader() -> None:
    with pytest.raises(StrategyFileError) as found:
        parse_strategy("code: x\nname: {en: A, zh: B\n", "x.yaml")
    (fault,) = found.value.faults
    assert (fault.line, fault.column) == (3, 1)
    said = {"{file}, line {line}, column {column}": "{file} 第 {line} 行第 {column} 字"}
    told = found.value.told("x.yaml", lambda text: said.get(text, "怎么办"))
    assert told == "x.yaml 第 3 行第 1 字: 怎么办"


def test_texts_come_back_from_their_file() -> None:
    content = (
        "- code: a\n  kind: script\n  channel: call\n  en: |-\n    Hello {debtor},\n\n    bye\n"
    )
    content += "  th: สวัสดี\n"
    found = parse_drafts(content)
    assert dict(found[0].bodies) == {"en": "Hello {debtor},\n\nbye", "th": "สวัสดี"}
    assert parse_drafts(print_drafts(found)) == found


def test_what_is_wrong_in_a_file_of_texts_is_told_at_once() -> None:
    with pytest.raises(TextDraftsError) as found:
        parse_drafts("- code: A b\n  kind: song\n  channel: call\n  words: x\n")
    told = [(line, each.path, each.sentence) for line, _column, each in found.value.problems]
    assert (
        1,
        "[1].code",
        "'A b' should be small letters, digits and _, a letter first, at most 32",
    ) in told
    assert any(path == "[1].words" for _line, path, _said in told)
    assert any(said.startswith("has no words") for _line, _path, said in told)
