"""From a mapping to a `RecordsMap`: files of every type but accounts.

Which fields a type has is `record_fields`. Whether a kind of record needs a field is known with the
row, and checked there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from kept.core.intake.cell_parsing import CellKind, CellParser, check_ignored
from kept.core.intake.map_faults import MapFault
from kept.core.intake.maps import CellRule, ControlMap, RecordsMap
from kept.core.intake.nodes import Node, Problem
from kept.core.intake.parts import Reader, ignored, members, rejects_per_mille, version
from kept.core.intake.record_fields import (
    RECORD_FIELDS,
    RECORD_KINDS,
    SECTIONS,
    FieldKind,
    RecordField,
)

__all__ = ["parse_records"]

_ANY_OTHER: Final = "*"
_SHARED: Final = ("spec_version", "file", "zone", "codes", "ignore", "control", "limits")
_ZONE: Final = re.compile(r"UTC|[A-Za-z_]+(/[A-Za-z0-9_+-]+)+")
_CELLS: Final[Mapping[FieldKind, CellKind]] = {
    FieldKind.DAY: CellKind.DATE,
    FieldKind.DAYS: CellKind.DATES,
    FieldKind.INSTANT: CellKind.DATE,
    FieldKind.SEVERAL: CellKind.SEVERAL,
    FieldKind.AMOUNT: CellKind.AMOUNT,
}


def parse_records(node: Node, type_: str) -> RecordsMap:
    """The map of a file of this type; what is wrong stands in the node's problems."""
    parser = _Parser(node.problems)
    section = SECTIONS[type_]
    parts = node.fields((*_SHARED, section), ("spec_version", "file", section))
    if "codes" in parts:
        parser.tables = parts["codes"].entries()
    control = parser.control(part) if (part := parts.get("control")) else ControlMap()
    read = Reader(parts)
    found = RecordsMap(
        spec_version=version(parts.get("spec_version")),
        file=parser.file(parts.get("file", node.at("file", {})), control),
        fields=parser.fields_of(parts.get(section, node.at(section, {})), type_),
        zone=read("zone", _zone, None),
        ignore=tuple(ignored(each) for each in members(parts, "ignore")),
        control=control,
        rejects_per_mille_max=rejects_per_mille(parts.get("limits")),
    )
    if not node.problems:
        _check_agreement(found, section, node.problems)
    return found


def _zone(node: Node) -> str:
    text = node.filled()
    if not _ZONE.fullmatch(text):
        node.wrong(MapFault.NO_ZONE, found=repr(text))
    return text


def _check_agreement(found: RecordsMap, section: str, problems: list[Problem]) -> None:
    # A payment that names nobody waits in suspense; every other row is about somebody.
    if found.file.type != "payments" and not {"debtor", "accounts"} & found.fields.keys():
        problems.append(Problem(section, MapFault.NO_ONE_NAMED))
    if found.control.header is not None and found.file.header_line < 2:
        problems.append(Problem("file.header_line", MapFault.HEADER_RECORD_FIRST))
    check_ignored(found.columns(), found.ignore, problems)


@dataclass(slots=True)
class _Parser(CellParser):
    def fields_of(self, node: Node, type_: str) -> dict[str, CellRule]:
        known = {each.name: each for each in RECORD_FIELDS[type_]}
        needed = tuple(name for name, each in known.items() if each.is_needed)
        parts = node.fields(tuple(known), needed)
        return {
            name: self.cell(part, _CELLS.get(known[name].kind, CellKind.TEXT), None, check)
            for name, part in parts.items()
            for check in (_one_of(_words(known[name], type_)),)
        }


def _words(field: RecordField, type_: str) -> tuple[str, ...]:
    """The closed list of a field, by which a map's constants and codes are checked; or nothing."""
    if field.name == "kind":
        return tuple(RECORD_KINDS[type_])
    return ("yes", "no") if field.kind is FieldKind.FLAG else field.choices


def _one_of(words: tuple[str, ...]) -> Callable[[Node], None] | None:
    def check(node: Node) -> None:
        text = node.text()
        if text not in (*words, _ANY_OTHER):  # a cell that stands for itself is judged with its row
            node.wrong(MapFault.UNKNOWN_CHOICE, found=repr(text), choices=", ".join(words))

    return check if words else None
