"""The catalogue of Chinese texts is whole and fresh, and no page has text outside it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.utils import translation

from kept.desk.catalogues import (
    CATALOGUE,
    PACKAGE,
    Text,
    collect_texts,
    compile_catalogues,
    faults,
    read_catalogue,
    update_catalogue,
)

TEMPLATES = sorted(PACKAGE.glob("*/templates/**/*.html"))
# Said in every language as it is: names of the house, of languages and of standards.
SAME_EVERYWHERE = {"kept", "EN", "中", "SHA-256", "PDF", "GET", "Enter", "nightly"}
SHOWN_ATTRIBUTES = {"title", "placeholder", "aria-label", "alt"}


def test_every_text_is_translated_and_nothing_is_left_over() -> None:
    """After a change of texts run `kept messages --update` and fill in the empty ones."""
    assert faults(collect_texts(), read_catalogue()) == []


def test_the_compiled_catalogue_is_that_of_the_source(tmp_path: Path) -> None:
    """A fresh clone shows Chinese without compiling anything. `kept messages` compiles."""
    folder = tmp_path / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_bytes(CATALOGUE.read_bytes())
    (written,) = compile_catalogues(tmp_path)
    assert written.read_bytes() == CATALOGUE.with_suffix(".mo").read_bytes()


def test_keeping_in_step_keeps_what_is_translated_and_drops_what_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "zh_Hans" / "LC_MESSAGES" / "django.po"
    update_catalogue({Text("Old"), Text("Kept"), Text("one", plural="many")}, path)
    path.write_text(
        path.read_text(encoding="utf-8").replace(
            'msgid "Kept"\nmsgstr ""', 'msgid "Kept"\nmsgstr "守"'
        ),
        encoding="utf-8",
    )
    texts = {Text("Kept"), Text("New", context="sky"), Text("one", plural="many")}
    update_catalogue(texts, path)
    catalogue = read_catalogue(path)
    assert catalogue.get("Kept").string == "守"
    assert catalogue.get("Old") is None
    assert faults(texts, catalogue) == ["untranslated: New", "untranslated: one"]


@pytest.mark.parametrize(
    ("text", "string", "fault"),
    [
        ("%(n)s days", "%(n)s 天", []),
        ("%(n)s days", "%(m)s 天", ["other places: %(n)s days"]),
        ("{n} rows", "若干行", ["other places: {n} rows"]),
    ],
)
def test_places_are_the_same_in_both_languages(text: str, string: str, fault: list[str]) -> None:
    catalogue = read_catalogue(Path("zh_Hans/LC_MESSAGES/none.po"))
    catalogue.add(text, string)
    assert faults({Text(text)}, catalogue) == fault


def test_words_of_the_trade_are_those_of_the_glossary() -> None:
    catalogue = read_catalogue()
    for english, chinese in (
        ("Worklist", "作业池"),
        ("debtor", "债务人"),
        ("creditor", "甲方"),
        ("collector", "催收员"),
        ("hold", "停催"),
        ("guarantor", "保证人"),
        ("treatment", "催收动作"),
        ("days past due", "逾期天数"),
        ("field collector", "外访员"),
        ("in quarantine", "已隔离"),
    ):
        assert catalogue.get(english).string == chinese


def test_models_speak_chinese() -> None:
    from kept.store.models import Hold, RelatedPerson, Task

    with translation.override("zh-hans"):
        assert str(Task._meta.verbose_name) == "任务"
        assert Hold.Reason.VULNERABLE.label == "弱势客户"
        assert RelatedPerson.Relation.CO_DEBTOR.label == "共同债务人"


class _Words(HTMLParser):
    """Text and shown attributes of a template whose tags have been taken out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._code = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._code += tag in ("code", "kbd")
        self.found += [value or "" for name, value in attrs if name in SHOWN_ATTRIBUTES]

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag in ("code", "kbd")

    def handle_data(self, data: str) -> None:
        if not self._code:
            self.found.append(data)


def words_of(source: str) -> set[str]:
    """Words that stand in a template outside the tags of translation and of the engine."""
    source = re.sub(r"{% blocktranslate.*?{% endblocktranslate %}", " ", source, flags=re.S)
    source = re.sub(r"{% block (wide|coltype|bodyclass) %}.*?{% endblock %}", " ", source)
    source = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", "␣", source, flags=re.S)
    parser = _Words()
    parser.feed(source)
    text = " ".join(parser.found)
    return set(re.findall(r"[^\W\d_␣][\w-]+|[\u4e00-\u9fff]", text)) - SAME_EVERYWHERE


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_text_of_a_page_stands_outside_the_catalogue(path: Path) -> None:
    assert words_of(path.read_text(encoding="utf-8")) == set()


def test_text_outside_the_catalogue_would_be_found() -> None:
    assert words_of('<p title="Tip">Hello {{ name }}</p>') == {"Tip", "Hello"}
    assert words_of('<p>{% translate "Hello" %} {{ name }}</p><code>kept up</code>') == set()
    assert words_of("<b>你</b>") == {"你"}
