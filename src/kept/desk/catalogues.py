"""The catalogues of texts: which texts the sources hold, keeping the `.po` in step, compiling it.

Works without the GNU gettext tools. Texts come from templates (by Django's own parser), from Python
sources (by their syntax tree), from the sentences that the core keeps as data, and from commands:
their help and what Click says itself (`command_texts`). There are no line numbers in a catalogue,
so two people's additions seldom meet.

`kept messages --update` adds what is new, drops what is gone, and compiles.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

import kept
from kept.desk.command_texts import CLICK_SOURCES, help_texts

__all__ = [
    "CATALOGUE",
    "Text",
    "collect_texts",
    "compile_catalogues",
    "faults",
    "read_catalogue",
    "update_catalogue",
]

PACKAGE = Path(kept.__file__).parent
CATALOGUE = PACKAGE / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
_PLACES = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")

# Which arguments of a call are context, text and plural, by the name of the function.
_CALLS: Mapping[str, tuple[int | None, int, int | None]] = {
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "translate": (None, 0, None),  # that of commands
}
# Modules whose classes keep a text for later, and whose functions translate one.
_KEEPERS = {"kept.running.errors", "kept.core.said", "kept.core.key_faults"}
_TRANSLATORS = {"django.utils.translation", "gettext", "kept.cli.language"}


@dataclass(frozen=True, slots=True, order=True)
class Text:
    """A source text as gettext knows it; `context` and `plural` are empty where there is none."""

    text: str
    context: str = ""
    plural: str = ""


def collect_texts(package: Path = PACKAGE) -> frozenset[Text]:
    """Every text that the package marks for translation. Needs Django set up, for its parser."""
    found: set[Text] = set(_sentences())
    for path in package.rglob("*.py"):
        if "migrations" not in path.parts:
            found |= set(_texts_of_source(path.read_text(encoding="utf-8")))
    for path in package.glob("cli/*.py"):
        found |= {Text(text) for text in help_texts(path.read_text(encoding="utf-8"))}
    for path in CLICK_SOURCES:
        found |= set(_texts_of_source(path.read_text(encoding="utf-8")))
    for path in package.glob("*/templates/**/*.html"):
        found |= set(_texts_of_template(path.read_text(encoding="utf-8")))
    return frozenset(found - {Text("")})


def _sentences() -> Iterator[Text]:
    """Texts that are data of the core: it is no face and translates nothing itself."""
    from kept.core.agreements.waiver_policy import WaiverText
    from kept.core.agreements.waiver_reading import WaiverFault
    from kept.core.conditions.faults import ConditionFault
    from kept.core.documents.terms import TermsFault
    from kept.core.intake import CONTROL_PLACES, FILE_SENTENCES, ROW_SENTENCES, FileReason, MapFault
    from kept.core.intake.profiles import BREACH_SENTENCES
    from kept.core.intake.quarantine import QUARANTINE_SENTENCES
    from kept.core.lending.faults import LendingFault
    from kept.core.money_faults import MoneyFault
    from kept.core.strategy_faults import StrategyText
    from kept.core.text_faults import TextFault
    from kept.packs.strategies import PLACE_TEXTS

    kept_as_data: tuple[Mapping[Any, str], ...] = (
        ROW_SENTENCES,
        FILE_SENTENCES,
        QUARANTINE_SENTENCES,
        BREACH_SENTENCES,
    )
    for sentences in kept_as_data:
        yield from (Text(sentence) for sentence in sentences.values())
    yield from (Text(str(each)) for each in (*MapFault, *FileReason, *CONTROL_PLACES))
    yield from (Text(str(each)) for each in (*StrategyText, *TextFault, *ConditionFault))
    yield from (Text(str(each)) for each in (*MoneyFault, *LendingFault, *TermsFault))
    yield from (Text(str(each)) for each in (*WaiverText, *WaiverFault))
    yield from (Text(each) for each in PLACE_TEXTS)
    yield from (Text(each.__doc__ or "") for each in _told_by_their_docstrings())


def _told_by_their_docstrings() -> tuple[type[Exception], ...]:
    from kept.batch.rotating import RotationBusy
    from kept.store.cipher import CipherError, KeyAbsent
    from kept.store.key_check import WrongDataKey
    from kept.store.sealing import SealedFileError

    return (RotationBusy, CipherError, KeyAbsent, WrongDataKey, SealedFileError)


def _texts_of_source(source: str) -> Iterator[Text]:
    tree = ast.parse(source)
    names = dict(_translators(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            places = _CALLS.get(names.get(node.func.id, ""))
            if places is not None:
                yield Text(*(_argument(node, place) for place in (places[1], places[0], places[2])))


def _translators(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The local names of Django's translation functions, and of what keeps a text for later."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in _KEEPERS:
            yield from ((name.asname or name.name, "gettext_noop") for name in node.names)
        if isinstance(node, ast.ImportFrom) and node.module in _TRANSLATORS:
            yield from ((name.asname or name.name, name.name) for name in node.names)


def _argument(call: ast.Call, place: int | None) -> str:
    if place is None:
        return ""
    argument = call.args[place]
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return argument.value
    return ""  # a text that is data: whoever keeps the data says so in `_sentences`


def _texts_of_template(source: str) -> Iterator[Text]:
    from django.template import Engine, Template
    from django.templatetags.i18n import BlockTranslateNode, TranslateNode

    template = Template(source, engine=Engine.get_default())
    node: Any
    for node in template.nodelist.get_nodes_by_type(TranslateNode):
        yield Text(str(node.filter_expression.var.literal), _resolved(node.message_context))
    for node in template.nodelist.get_nodes_by_type(BlockTranslateNode):
        singular, _names = node.render_token_list(node.singular)
        plural, _names = node.render_token_list(node.plural) if node.plural else ("", [])
        yield Text(singular, _resolved(node.message_context), plural)


def _resolved(expression: Any) -> str:
    return "" if expression is None else str(expression.resolve({}))


def read_catalogue(path: Path = CATALOGUE) -> Catalog:
    if not path.exists():
        return Catalog(locale=path.parts[-3])
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3], abort_invalid=True)


def update_catalogue(texts: Iterable[Text], path: Path = CATALOGUE) -> None:
    """Write the catalogue anew: known translations kept, new texts empty, old ones dropped."""
    known = read_catalogue(path)
    fresh = Catalog(locale=known.locale, project="kept", fuzzy=False)
    for each in sorted(texts):
        message = known.get(each.text, each.context or None)
        source = (each.text, each.plural) if each.plural else each.text
        fresh.add(source, message.string if message else "", context=each.context or None)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, fresh, width=100, sort_output=True, omit_header=True)
    _write_header(path)


_HEADER = """\
# Chinese (simplified) for kept. `kept messages --update` keeps it in step and compiles it.
msgid ""
msgstr ""
"Language: zh_Hans\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"MIME-Version: 1.0\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""


def _write_header(path: Path) -> None:
    """A header without dates and versions, so that it changes only when it says something else."""
    path.write_text(_HEADER + path.read_text(encoding="utf-8"), encoding="utf-8")


class _Dateless(Catalog):
    """A catalogue whose header tells neither time nor tool: the same texts make the same bytes."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        return [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Plural-Forms", self.plural_forms),
        ]


def _dateless(catalogue: Catalog) -> Catalog:
    plain = _Dateless(locale=catalogue.locale)
    for message in catalogue:
        if message.id and not message.fuzzy:
            plain.add(message.id, message.string, context=message.context)
    return plain


def compile_catalogues(folder: Path = PACKAGE / "locale") -> list[Path]:
    """Write the `.mo` beside every `.po` below the folder; returns those written."""
    written = []
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        with target.open("wb") as file:
            write_mo(file, _dateless(read_catalogue(source)))
        written.append(target)
    return written


def faults(texts: Iterable[Text], catalogue: Catalog) -> list[str]:
    """What is wrong with a catalogue: a text missing, untranslated, fuzzy, or with other places."""
    found = []
    for each in sorted(texts):
        message = catalogue.get(each.text, each.context or None)
        strings = _strings(message)
        if message is None or not strings or not all(strings):
            found.append(f"untranslated: {each.text}")
        elif message.fuzzy:
            found.append(f"fuzzy: {each.text}")
        elif any(_places(string) != _places(each.plural or each.text) for string in strings):
            found.append(f"other places: {each.text}")
    known = {(each.text, each.context) for each in texts}
    for message in catalogue:
        text = message.id[0] if isinstance(message.id, tuple) else message.id
        if text and (text, message.context or "") not in known:
            found.append(f"no longer used: {text}")
    return found


def _strings(message: Any) -> list[str]:
    if message is None:
        return []
    return [message.string] if isinstance(message.string, str) else list(message.string)


def _places(text: str) -> set[str]:
    return {found[1] or found[2] for found in _PLACES.finditer(text)}
