"""From a mapping (a YAML file once loaded) to an `IntakeMap`, or all that is wrong with it.

Keys, values and their agreement with each other are checked here; whether the file has the columns
is checked when a file is opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kept.core.intake.cell_parsing import CellKind, CellParser, check_ignored
from kept.core.intake.keys import CONTROL_FIELDS, MAP_KEYS
from kept.core.intake.map_faults import MapFault
from kept.core.intake.maps import (
    AccountMap,
    AnyMap,
    Bands,
    CellRule,
    ContactConsent,
    ContactKind,
    ContactMap,
    ControlMap,
    DebtorMap,
    HoldMap,
    HoldReason,
    IdentityKind,
    IdentityMap,
    IntakeMap,
    PartyKind,
    RecordsMap,
    RelatedMap,
    Relation,
    RowState,
    WhenWrong,
)
from kept.core.intake.nodes import Node, Problem
from kept.core.intake.parts import (
    Reader,
    bands,
    currency_code,
    ignored,
    members,
    owner,
    rejects_per_mille,
    short,
    version,
)
from kept.core.intake.record_fields import SECTIONS
from kept.core.intake.record_parsing import parse_records

__all__ = ["CONTROL_FIELDS", "MAP_KEYS", "MapError", "parse_any_map", "parse_map"]

_COMPONENT_LENGTH = 24


class MapError(ValueError):
    """The map is wrong; `problems` holds every place with what to do there."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(str(problem) for problem in problems))


def parse_map(mapping: object) -> IntakeMap:
    """The map of accounts of a loaded YAML document; `MapError` lists every problem at once."""
    found = parse_any_map(mapping)
    if isinstance(found, RecordsMap):
        raise MapError([Problem("file.type", MapFault.NO_ACCOUNTS_MAP, {"found": found.file.type})])
    return found


def parse_any_map(mapping: object) -> AnyMap:
    """The map of a file of any type."""
    problems: list[Problem] = []
    node = Node(mapping, "", problems)
    type_ = _type_of(mapping)
    result: AnyMap
    if type_ in SECTIONS:
        result = parse_records(node, type_)
    else:
        result = _Parser(problems).whole(node)
        if not problems:
            _check_agreement(result, problems)
    if problems:
        raise MapError(problems)
    return result


def _type_of(mapping: object) -> str:
    """The type that the map states; every other mistake is found by who reads it then."""
    file = mapping.get("file") if isinstance(mapping, Mapping) else None
    return str(file.get("type", "")) if isinstance(file, Mapping) else ""


@dataclass(slots=True)
class _Parser(CellParser):
    """The parts of a map of accounts."""

    def whole(self, node: Node) -> IntakeMap:
        needed = ("spec_version", "file", "account", "debtor", "balances")
        parts = node.fields(MAP_KEYS[""], needed)
        if "codes" in parts:
            self.tables = parts["codes"].entries()
        control = self.control(part) if (part := parts.get("control")) else ControlMap()
        return IntakeMap(
            spec_version=version(parts.get("spec_version")),
            file=self.file(parts.get("file", node.at("file", {})), control),
            account=self.account(parts.get("account", node.at("account", {}))),
            debtor=self.debtor(parts.get("debtor", node.at("debtor", {}))),
            balances=self.balances(parts.get("balances")),
            contacts=tuple(self.contact(each) for each in members(parts, "contacts")),
            related=tuple(self.related(each) for each in members(parts, "related")),
            holds=tuple(self.hold(each) for each in members(parts, "holds")),
            ignore=tuple(ignored(each) for each in members(parts, "ignore")),
            control=control,
            rejects_per_mille_max=rejects_per_mille(parts.get("limits")),
            bands=bands(part) if (part := parts.get("profile")) else Bands(),
        )

    # --- the parts --------------------------------------------------------------------------------

    def account(self, node: Node) -> AccountMap:
        parts = node.fields(MAP_KEYS["account"], ("external_id", "product"))
        amount, day, text = CellKind.AMOUNT, CellKind.DATE, CellKind.TEXT
        return AccountMap(
            external_id=self.needed(parts, "external_id"),
            product=self.needed(parts, "product"),
            currency=self.rule(parts, "currency", text, check=currency_code),
            opened_on=self.rule(parts, "opened_on", day),
            original_amount=self.rule(parts, "original_amount", amount),
            row_version=self.rule(parts, "row_version", text),
            state=self.rule(parts, "state", text, choices=RowState),
            as_of=self.rule(parts, "as_of", day),
            due_on=self.rule(parts, "due_on", day),
            dpd=self.rule(parts, "dpd", text),
            next_due_on=self.rule(parts, "next_due_on", day),
            overdue=self.rule(parts, "overdue", amount),
        )

    def debtor(self, node: Node) -> DebtorMap:
        parts = node.fields(MAP_KEYS["debtor"], ("name",))
        return DebtorMap(
            name=self.needed(parts, "name"),
            external_id=self.rule(parts, "external_id"),
            kind=self.rule(parts, "kind", choices=PartyKind),
            language=self.rule(parts, "language"),
            country=self.rule(parts, "country"),
            zones=self.rule(parts, "zones", CellKind.SEVERAL),
            identity=self.identity(parts["identity"], WhenWrong.REJECT)
            if "identity" in parts
            else None,
        )

    def identity(self, node: Node, wrong: WhenWrong) -> IdentityMap:
        """`wrong` is what a wrong number costs unless the map says."""
        parts = node.fields(MAP_KEYS["identity"], ("kind", "number"))
        read = Reader(parts)
        return IdentityMap(
            number=self.needed(parts, "number"),
            kind=self.needed(parts, "kind", choices=IdentityKind),
            country=self.rule(parts, "country"),
            when_wrong=read("when_wrong", lambda n: n.choice(WhenWrong, wrong), wrong),
        )

    def balances(self, node: Node | None) -> dict[str, CellRule]:
        if node is None:
            return {}
        parts = node.entries()
        if not node.value:
            node.wrong(MapFault.NO_COMPONENTS)
        for component, part in parts.items():
            usable = component.isascii() and component.isidentifier() and component.islower()
            if not usable or len(component) > _COMPONENT_LENGTH:
                part.wrong(MapFault.BAD_COMPONENT)
        return {
            component: rule
            for component in parts
            if (rule := self.rule(parts, component, CellKind.AMOUNT)) is not None
        }

    def contact(self, node: Node) -> ContactMap:
        parts = node.fields(MAP_KEYS["contacts"], ("kind", "column"))
        read = Reader(parts)
        place = {key: parts[key].value for key in ("column", "codes", "separator") if key in parts}
        return ContactMap(
            path=node.path,
            kind=read(
                "kind", lambda n: n.choice(ContactKind, ContactKind.PHONE), ContactKind.PHONE
            ),
            value=self.cell(Node(place, node.path, self.problems), CellKind.SEVERAL, None, None),
            usage=read("usage", lambda n: short(n, 16), ""),
            source=read("source", lambda n: short(n, 32), "creditor_file"),
            related=read("owner", owner, None),
            country=self.rule(parts, "country"),
            consent=self.rule(parts, "consent", choices=ContactConsent),
        )

    def related(self, node: Node) -> RelatedMap:
        parts = node.fields(MAP_KEYS["related"], ("relation", "name"))
        return RelatedMap(
            path=node.path,
            relation=self.needed(parts, "relation", choices=Relation),
            name=self.needed(parts, "name"),
            language=self.rule(parts, "language"),
            identity=self.identity(parts["identity"], WhenWrong.WARN)
            if "identity" in parts
            else None,
        )

    def hold(self, node: Node) -> HoldMap:
        parts = node.fields(MAP_KEYS["holds"], ("column", "codes"))
        place = {key: part.value for key, part in parts.items()}
        cell = Node(place, node.path, self.problems)
        return HoldMap(self.cell(cell, CellKind.TEXT, HoldReason, None))


def _check_agreement(found: IntakeMap, problems: list[Problem]) -> None:
    """What no part can see by itself: owners that exist, columns both read and ignored."""
    check_ignored(found.columns(), found.ignore, problems)
    for contact in found.contacts:
        if contact.related is not None and contact.related > len(found.related):
            numbers = {"entries": len(found.related), "found": contact.related}
            problems.append(Problem(f"{contact.path}.owner", MapFault.NO_SUCH_PERSON, numbers))
    if found.control.header is not None and found.file.header_line < 2:
        problems.append(Problem("file.header_line", MapFault.HEADER_RECORD_FIRST))
