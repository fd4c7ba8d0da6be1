"""What maps of every type share: how the file is written, and where one value comes from.

Every method notes what is wrong at its node and gives a stand-in; none raises. What a map of
accounts or of records says beside is read in `parsing` and `record_parsing`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kept.core.intake.keys import MAP_KEYS
from kept.core.intake.map_faults import MapFault
from kept.core.intake.maps import (
    CellRule,
    ControlMap,
    Coverage,
    Delimiter,
    Encoding,
    FileFormat,
    FileMap,
    Ignored,
    NumberRule,
    Quoting,
)
from kept.core.intake.nodes import Node, Problem, nearest
from kept.core.intake.parts import (
    Reader,
    date_forms,
    file_type,
    number_rule,
    record,
    required,
)

__all__ = ["CellKind", "CellParser", "check_ignored"]

_NOTHING = ("none", "")


class CellKind(StrEnum):
    """What a cell rule may say besides where its value is."""

    TEXT = "text"
    SEVERAL = "several"
    AMOUNT = "amount"
    DATE = "date"
    DATES = "dates"


_EXTRAS = {
    CellKind.TEXT: (),
    CellKind.SEVERAL: ("separator",),
    CellKind.AMOUNT: ("minor", "numbers"),
    CellKind.DATE: ("dates",),
    CellKind.DATES: ("dates", "separator"),
}
_PLACES = ("column", "constant", "codes", "default")


@dataclass(slots=True)
class CellParser:
    """The code tables are read first, since every cell rule may name one."""

    problems: list[Problem]
    tables: dict[str, Node] = field(default_factory=dict)

    # --- the file ---------------------------------------------------------------------------------

    def file(self, node: Node, control: ControlMap) -> FileMap:
        parts = node.fields(MAP_KEYS["file"], ("coverage",))
        read = Reader(parts)
        default_line = 1 if control.header is None else 2
        return FileMap(
            coverage=read("coverage", lambda n: n.choice(Coverage, Coverage.FULL), Coverage.FULL),
            type=read("type", file_type, "accounts"),
            format=read("format", lambda n: n.choice(FileFormat, FileFormat.CSV), None),
            encoding=read("encoding", lambda n: n.choice(Encoding, Encoding.AUTO), Encoding.AUTO),
            delimiter=read(
                "delimiter", lambda n: n.choice(Delimiter, Delimiter.AUTO), Delimiter.AUTO
            ),
            quoting=read(
                "quoting", lambda n: n.choice(Quoting, Quoting.RFC_4180), Quoting.RFC_4180
            ),
            sheet=read("sheet", Node.filled, None),
            header_line=read("header_line", lambda n: n.whole(1, 1000), default_line),
            numbers=read("numbers", number_rule, NumberRule()),
            dates=read("dates", date_forms, ("YYYY-MM-DD",)),
            null_values=read("null_values", Node.texts, ()),
        )

    def control(self, node: Node) -> ControlMap:
        parts = node.fields(MAP_KEYS["control"])
        read = Reader(parts)
        return ControlMap(
            header=read("header", record, None),
            trailer=read("trailer", record, None),
            required=read("required", required, ()),
        )

    # --- one value --------------------------------------------------------------------------------

    def needed(
        self, parts: Mapping[str, Node], key: str, choices: type[StrEnum] | None = None
    ) -> CellRule:
        return self.rule(parts, key, choices=choices) or CellRule(path=key)

    def rule(
        self,
        parts: Mapping[str, Node],
        key: str,
        kind: CellKind = CellKind.TEXT,
        choices: type[StrEnum] | None = None,
        check: Callable[[Node], None] | None = None,
    ) -> CellRule | None:
        return self.cell(parts[key], kind, choices, check) if key in parts else None

    def cell(
        self,
        node: Node,
        kind: CellKind,
        choices: type[StrEnum] | None,
        check: Callable[[Node], None] | None,
    ) -> CellRule:
        if isinstance(node.value, (str, int)) and not isinstance(node.value, bool):
            return CellRule(path=node.path, column=node.filled())
        parts = node.fields(_PLACES + _EXTRAS[kind])
        if ("column" in parts) == ("constant" in parts):
            node.wrong(MapFault.COLUMN_OR_CONSTANT)
        for key in ("constant", "default"):
            if key in parts:
                _check_value(parts[key], choices, check)
        read = Reader(parts)
        return CellRule(
            path=node.path,
            column=read("column", Node.filled, None),
            constant=read("constant", Node.filled, None),
            codes=read("codes", lambda n: self.codes(n, choices, check), None),
            default=read("default", Node.filled, None),
            minor=read("minor", Node.flag, False),
            numbers=read("numbers", number_rule, None),
            dates=read("dates", date_forms, None),
            separator=read("separator", Node.filled, None),
        )

    def codes(
        self, node: Node, choices: type[StrEnum] | None, check: Callable[[Node], None] | None
    ) -> dict[str, str | None]:
        """A code table written here, or named here and written under `codes`."""
        table = node
        if isinstance(node.value, str):
            if node.value not in self.tables:
                if near := nearest(node.value, self.tables):
                    node.wrong(MapFault.NO_CODE_TABLE_NEAR, found=repr(node.value), near=near[0])
                else:
                    node.wrong(MapFault.NO_CODE_TABLE, found=repr(node.value))
                return {}
            table = self.tables[node.value]
        result: dict[str, str | None] = {}
        for text, value in table.entries().items():
            empty = value.value is None or value.value in _NOTHING
            if not empty:
                _check_value(value, choices, check)
            result[text] = None if empty else value.text()
        if not table.value:
            table.wrong(MapFault.EMPTY_CODE_TABLE)
        return result


def _check_value(
    node: Node, choices: type[StrEnum] | None, check: Callable[[Node], None] | None
) -> None:
    if choices is not None:
        node.choice(choices, next(iter(choices)))
    if check is not None:
        check(node)


def check_ignored(
    columns: Mapping[str, str], ignore: tuple[Ignored, ...], problems: list[Problem]
) -> None:
    """A column is read or ignored, not both; `columns` are read, each with its first path."""
    for place, dropped in enumerate(ignore, 1):
        if dropped.column in columns:
            values = {"column": dropped.column, "where": columns[dropped.column]}
            problems.append(Problem(f"ignore[{place}]", MapFault.READ_AND_IGNORED, values))
