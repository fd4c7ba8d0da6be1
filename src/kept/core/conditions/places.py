"""The text of a condition as it is read: what characters it may hold, and where a place in it is.

The gate refuses, before Python's parser sees the text, every character that no condition needs,
with advice for the mistakes people make (`=`, `&`, full-width punctuation, decimal points).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from kept.core.conditions.errors import ConditionError, ConditionErrorCode
from kept.core.conditions.faults import ConditionFault as Fault
from kept.core.said import Said

__all__ = ["LENGTH_MAX", "Source"]

LENGTH_MAX: Final = 4_000

_STRING: Final = re.compile(r'"[^"\t\r\n]*"|\'[^\'\t\r\n]*\'')
_WRONG: Final = re.compile(
    r"(?P<character>[^A-Za-z0-9_ \t\r\n()<>=!,+\-*/%])"
    r"|(?P<glued>(?<![A-Za-z0-9_])[0-9][0-9_]*[A-Za-z])"
    r"|(?P<assigned>(?<![=!<>])=(?!=))"
    r"|(?P<bang>!(?!=))"
    r"|(?P<slash>(?<!/)/(?!/))"
)
_ADVICE: Final = {
    "&": Said(Fault.WRITE, instead="'and'"),
    "|": Said(Fault.WRITE, instead="'or'"),
    "~": Said(Fault.WRITE, instead="'not'"),
    ".": Said(Fault.WHOLE_NUMBERS, example='money("500.50", "CNY")'),
    "[": Said(Fault.ROUND_BRACKETS),
    "{": Said(Fault.ROUND_BRACKETS),
    "≥": Said(Fault.WRITE, instead=">="),
    "≤": Said(Fault.WRITE, instead="<="),
    "≠": Said(Fault.WRITE, instead="!="),
    "＝": Said(Fault.WRITE, instead="=="),
    "＜": Said(Fault.WRITE, instead="<"),
    "＞": Said(Fault.WRITE, instead=">"),
    '"': Said(Fault.NOT_CLOSED),
    "'": Said(Fault.NOT_CLOSED),
} | {
    full: Said(Fault.WRITE_PLAIN, sign=plain)
    for full, plain in zip("“”‘’（），", "\"\"''(),", strict=True)
}


@dataclass(frozen=True, slots=True)
class Source:
    """A text that passed the gate. `line` is the same text on one line, for the parser."""

    text: str
    line: str
    skipped: int  # characters of white space before the first one

    @classmethod
    def gated(cls, text: str) -> Source:
        source = cls(text, "", 0)
        if len(text) > LENGTH_MAX:
            raise source.error(
                ConditionErrorCode.TOO_LONG,
                Said(Fault.TOO_LONG, found=len(text), most=LENGTH_MAX),
                LENGTH_MAX,
            )
        source._refuse_characters()
        flat = re.sub(r"[\t\r\n]", " ", text)
        return cls(text, flat.strip(), len(flat) - len(flat.lstrip()))

    def error(self, code: ConditionErrorCode, what: Said, at: int) -> ConditionError:
        """The error at a place counted in characters of the text."""
        before = self.text[: max(0, at)]
        line = before.count("\n") + 1
        return ConditionError(code, what, line, len(before) - (before.rfind("\n") + 1) + 1)

    def place(self, byte_offset: int) -> int:
        """Python's parser counts in bytes of UTF-8; the place in characters of the text."""
        before = self.line.encode("utf-8")[:byte_offset].decode("utf-8", "ignore")
        return len(before) + self.skipped

    def _refuse_characters(self) -> None:
        for found in re.finditer(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\\\ud800-\udfff]", self.text):
            raise self.error(
                ConditionErrorCode.CHARACTER,
                Said(Fault.NO_PLACE, found=repr(found[0])),
                found.start(),
            )
        bare = _STRING.sub(lambda string: " " * len(string[0]), self.text)
        wrong = _WRONG.search(bare)
        if wrong is not None:
            raise self.error(ConditionErrorCode.CHARACTER, _advice(wrong), wrong.start())


def _advice(wrong: re.Match[str]) -> Said:
    match wrong.lastgroup:
        case "glued":
            return Said(Fault.GLUED, found=repr(wrong[0]))
        case "assigned":
            return Said(Fault.ASSIGNED)
        case "bang":
            return Said(Fault.BANG)
        case "slash":
            return Said(Fault.SLASH)
        case _:
            advice = _ADVICE.get(wrong[0], Said(Fault.PLAIN_ASCII))
            return Said(Fault.NO_PLACE_ADVISED, found=repr(wrong[0]), advice=advice)
