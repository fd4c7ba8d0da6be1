"""What intake says to people, in the language that is active: one place for pages and commands.

The core keeps the sentences as English source texts and the values beside them; here a sentence is
translated first and filled then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext

from kept.batch.intake.refusals import FileRefused
from kept.core.currencies import currency
from kept.core.intake import CONTROL_PLACES, FILE_SENTENCES, ROW_SENTENCES, MapError
from kept.core.intake.profiles import BREACH_SENTENCES, BreachCode
from kept.core.intake.quarantine import QUARANTINE_SENTENCES
from kept.core.money import Money

if TYPE_CHECKING:  # `kept intake suggest` speaks without a database
    from kept.store.models import IntakeFile, IntakeReject

__all__ = [
    "WAITS",
    "breach_message",
    "file_message",
    "map_message",
    "reason_message",
    "refusal_message",
    "row_message",
    "sentence_of",
    "wait_message",
]

#: What the run of a file that came too early says; the number follows.
WAITS: Final = "waits for sequence "

_SENTENCES: Final[Mapping[str, str]] = {
    str(code): text
    for sentences in (ROW_SENTENCES, FILE_SENTENCES, QUARANTINE_SENTENCES)
    for code, text in sentences.items()
}


def sentence_of(code: str, detail: Mapping[str, Any]) -> str:
    """The sentence of a code of a row or of a file, its places filled."""
    if code not in _SENTENCES:
        return code.replace("_", " ")
    values = dict(detail)
    if "reason_text" in values:
        values["reason"] = _filled(values["reason_text"], values)
    for name in ("where", "field"):
        if values.get(name) in CONTROL_PLACES:
            values[name] = gettext(values[name])
    return _filled(_SENTENCES[code], values)


def row_message(row: IntakeReject) -> str:
    """The error of a row."""
    return sentence_of(row.code, row.detail)


def file_message(file: IntakeFile) -> str:
    """Why a file is in quarantine."""
    return sentence_of(file.quarantine_code, file.quarantine_detail)


def refusal_message(refused: FileRefused) -> str:
    """Why a file is not even received."""
    return sentence_of(refused.code, refused.detail)


def reason_message(reason: str, **values: Any) -> str:
    """A text that the core keeps, by itself."""
    return _filled(reason, values) if values else gettext(reason)


def map_message(error: MapError) -> str:
    """Everything that is wrong with a map, each with its path."""
    told = []
    for problem in error.problems:
        text = reason_message(problem.source, **problem.values)
        told.append(f"{problem.path}: {text}" if problem.path else text)
    return "; ".join(told)


def wait_message(message: str) -> str:
    """What a run that waits says of itself; a message of another kind stays as it is."""
    if not message.startswith(WAITS):
        return message
    return gettext("waits for sequence %(sequence)s") % {"sequence": message.removeprefix(WAITS)}


def breach_message(breach: Mapping[str, Any]) -> str:
    """A broken band; amounts in major units."""
    code, detail = BreachCode(breach["code"]), dict(breach["detail"])
    if "currency" in detail:
        kind = currency(detail["currency"])
        detail |= {name: Money(detail[name], kind).text for name in ("found", "usual")}
    return _filled(BREACH_SENTENCES[code], detail)


def _filled(source: str, values: Mapping[str, Any]) -> str:
    return gettext(source).format_map(_Values(values))


@dataclass(frozen=True, slots=True)
class _Missing:
    """What a sentence shows for a value that did not come with its code."""

    name: str

    def __str__(self) -> str:
        return "…"


class _Values(dict[str, Any]):
    def __missing__(self, name: str) -> _Missing:
        return _Missing(name)
