"""The small parts of a map, each read from its node: number and date forms, records, bands.

Every function notes what is wrong at its node and gives a stand-in; none raises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from kept.core.currencies import CURRENCIES, near_codes
from kept.core.intake.dates import DateFormError, ambiguous_forms, date_form
from kept.core.intake.keys import CONTROL_FIELDS, MAP_KEYS
from kept.core.intake.map_faults import MapFault
from kept.core.intake.maps import (
    SPEC_VERSION,
    Bands,
    Ignored,
    NegativeForm,
    NumberForm,
    NumberRule,
    RecordMap,
)
from kept.core.intake.nodes import Node
from kept.core.intake.profiles import PROFILE_FIELDS
from kept.core.intake.record_fields import FILE_TYPES

__all__ = [
    "Reader",
    "bands",
    "currency_code",
    "date_forms",
    "file_type",
    "ignored",
    "members",
    "number_rule",
    "owner",
    "record",
    "rejects_per_mille",
    "required",
    "short",
    "version",
]

REJECTS_PER_MILLE_MAX = 10


class Reader:
    """Reads a child by key, with a value for its absence."""

    def __init__(self, parts: Mapping[str, Node]) -> None:
        self._parts = parts

    def __call__(self, key: str, read: Callable[[Node], Any], absent: Any) -> Any:
        return read(self._parts[key]) if key in self._parts else absent


def members(parts: Mapping[str, Node], key: str) -> list[Node]:
    return parts[key].children() if key in parts else []


def version(node: Node | None) -> int:
    if node is None:
        return SPEC_VERSION
    version = node.whole(1, 1000)
    if version != SPEC_VERSION:
        node.wrong(MapFault.OTHER_VERSION, expected=SPEC_VERSION, found=version)
    return version


def file_type(node: Node) -> str:
    text = node.text()
    if text not in FILE_TYPES:
        node.wrong(MapFault.OTHER_FILE_TYPE, found=repr(text), known=", ".join(FILE_TYPES))
    return text


def number_rule(node: Node) -> NumberRule:
    if isinstance(node.value, str):
        return NumberRule(form=node.choice(NumberForm, NumberForm.PLAIN))
    read = Reader(node.fields(MAP_KEYS["numbers"], ("form",)))
    leading = NegativeForm.LEADING
    return NumberRule(
        form=read("form", lambda n: n.choice(NumberForm, NumberForm.PLAIN), NumberForm.PLAIN),
        negatives=read("negatives", lambda n: n.choices(NegativeForm, leading), (leading,)),
        currency_signs=read("currency_signs", _signs, ()),
    )


def _signs(node: Node) -> tuple[str, ...]:
    signs = node.texts()
    for sign in signs:
        if not sign.strip() or any(each in "0123456789.,-+()' " for each in sign):
            node.wrong(MapFault.NO_CURRENCY_SIGN, found=repr(sign))
    return signs


def date_forms(node: Node) -> tuple[str, ...]:
    forms = []
    for text in node.texts():
        try:
            forms.append(date_form(text))
        except DateFormError as error:
            node.wrong(error.fault, found=repr(text))
    if not node.texts():
        node.wrong(MapFault.NO_DATE_FORMS)
    if pair := ambiguous_forms(forms):
        node.wrong(MapFault.AMBIGUOUS_DATE_FORMS, one=pair[0].text, other=pair[1].text)
    return tuple(form.text for form in forms)


def record(node: Node) -> RecordMap:
    parts = node.fields(MAP_KEYS["record"], ("marker",))
    totals = parts.pop("totals").entries() if "totals" in parts else {}
    for code, part in totals.items():
        currency_code(Node(code, part.path, part.problems))
    marker = parts.pop("marker").filled() if "marker" in parts else ""
    cells = {key: part.whole(2, 1000) for key, part in parts.items()}
    return RecordMap(marker, cells, {code: part.whole(2, 1000) for code, part in totals.items()})


def required(node: Node) -> tuple[str, ...]:
    fields = node.texts()
    for each in fields:
        if each not in CONTROL_FIELDS:
            alone, near = MapFault.NO_CONTROL_FIELD, MapFault.NO_CONTROL_FIELD_NEAR
            node.unknown(alone, near, CONTROL_FIELDS, name=each, found=repr(each))
    return fields


def owner(node: Node) -> int | None:
    return None if node.value == "debtor" else node.whole(1, 1000)


def short(node: Node, most: int) -> str:
    text = node.text()
    if len(text) > most:
        node.wrong(MapFault.TOO_LONG, found=len(text), most=most)
    return text


def ignored(node: Node) -> Ignored:
    if isinstance(node.value, str):
        return Ignored(node.filled())
    parts = node.fields(MAP_KEYS["ignore"], ("column",))
    read = Reader(parts)
    return Ignored(read("column", Node.filled, ""), read("reason", Node.text, ""))


def rejects_per_mille(node: Node | None) -> int:
    if node is None:
        return REJECTS_PER_MILLE_MAX
    read = Reader(node.fields(MAP_KEYS["limits"], ("rejects_per_mille",)))
    return int(read("rejects_per_mille", lambda n: n.whole(0, 1000), REJECTS_PER_MILLE_MAX))


def bands(node: Node) -> Bands:
    parts = node.fields(MAP_KEYS["profile"])
    read = Reader(parts)
    nulls = parts["null_per_mille"].entries() if "null_per_mille" in parts else {}

    def share(child: Node) -> int:
        return child.whole(0, 1_000_000)

    return Bands(
        rows_change_per_mille=read("rows_change_per_mille", share, None),
        balance_change_per_mille=read("balance_change_per_mille", share, None),
        median_change_per_mille=read("median_change_per_mille", share, None),
        rejected_per_mille=read("rejected_per_mille", share, None),
        opened_on_least=read("opened_on_least", _iso_date, None),
        null_per_mille={field: _null_share(field, child) for field, child in nulls.items()},
    )


def _null_share(field: str, node: Node) -> int:
    if field not in PROFILE_FIELDS:
        alone, near = MapFault.NO_SUCH_FIELD, MapFault.NO_SUCH_FIELD_NEAR
        node.unknown(alone, near, PROFILE_FIELDS, name=field)
    return node.whole(0, 1000)


def _iso_date(node: Node) -> str:
    text = node.text()
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        node.wrong(MapFault.NO_DATE, found=repr(text))
        return "1950-01-01"


def currency_code(node: Node) -> None:
    code = node.text()
    if code not in CURRENCIES:
        if near := near_codes(code):
            node.wrong(MapFault.NO_CURRENCY_NEAR, found=repr(code), near=near[0])
        else:
            node.wrong(MapFault.NO_CURRENCY, found=repr(code))
