"""The map of a creditor's file: which column means what, as frozen values.

A map is made by `kept.core.intake.parsing.parse_map`; these classes hold what it says and check
nothing. They know neither the file nor the database.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

__all__ = [
    "COMPONENTS",
    "SPEC_VERSION",
    "AccountMap",
    "AnyMap",
    "Bands",
    "CellRule",
    "ContactConsent",
    "ContactKind",
    "ContactMap",
    "ControlMap",
    "Coverage",
    "DebtorMap",
    "Delimiter",
    "Encoding",
    "FileFormat",
    "FileMap",
    "HoldMap",
    "HoldReason",
    "IdentityKind",
    "IdentityMap",
    "Ignored",
    "IntakeMap",
    "NegativeForm",
    "NumberForm",
    "NumberRule",
    "PartyKind",
    "Quoting",
    "RecordMap",
    "RecordsMap",
    "RelatedMap",
    "Relation",
    "RowState",
    "WhenWrong",
]

SPEC_VERSION: Final = 1

# What every product has; a product may define more, so a map may name others.
COMPONENTS: Final = ("principal", "interest", "fee", "penalty", "cost")


class FileFormat(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"
    CAMT = "camt"  # ISO 20022 statements and notifications, in XML


class Encoding(StrEnum):
    AUTO = "auto"  # byte order mark, else UTF-8, else GB18030 when it looks like Chinese
    UTF_8 = "utf-8"
    GB18030 = "gb18030"
    UTF_16 = "utf-16"  # with a byte order mark
    UTF_16_LE = "utf-16-le"
    UTF_16_BE = "utf-16-be"
    LATIN_1 = "latin-1"  # never guessed, like the next
    WINDOWS_1252 = "windows-1252"


class Delimiter(StrEnum):
    AUTO = "auto"
    COMMA = ","
    SEMICOLON = ";"
    TAB = "tab"
    BAR = "|"


class Quoting(StrEnum):
    RFC_4180 = "rfc4180"
    NONE = "none"  # a quotation mark is a character like any other


class Coverage(StrEnum):
    FULL = "full"  # every account of the creditor; absence means something
    CHANGES = "changes"


class NumberForm(StrEnum):
    """How amounts are written, each form by its own example."""

    PLAIN = "1234.50"
    PLAIN_COMMA = "1234,50"
    COMMA_GROUPS = "1,234.50"
    DOT_GROUPS = "1.234,50"
    SPACE_GROUPS = "1 234,50"
    APOSTROPHE_GROUPS = "1'234.50"
    INDIAN_GROUPS = "12,34,567.50"


class NegativeForm(StrEnum):
    LEADING = "-12.00"
    TRAILING = "12.00-"
    PARENTHESES = "(12.00)"


class RowState(StrEnum):
    ACTIVE = "active"
    CLOSED = "closed"
    RECALLED = "recalled"


class PartyKind(StrEnum):
    PERSON = "person"
    COMPANY = "company"


class IdentityKind(StrEnum):
    NATIONAL_ID = "national_id"
    PASSPORT = "passport"
    COMPANY_NUMBER = "company_number"
    TAX_NUMBER = "tax_number"


class WhenWrong(StrEnum):
    """What a wrong identity number costs: the row, or only the number as a key."""

    REJECT = "reject"
    WARN = "warn"


class ContactKind(StrEnum):
    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"
    HANDLE = "handle"


class ContactConsent(StrEnum):
    UNKNOWN = "unknown"
    GIVEN = "given"
    WITHDRAWN = "withdrawn"


class Relation(StrEnum):
    GUARANTOR = "guarantor"
    CO_DEBTOR = "co_debtor"
    SPOUSE = "spouse"
    FAMILY = "family"
    FRIEND = "friend"
    COLLEAGUE = "colleague"
    NOMINATED = "nominated"
    EMPLOYER = "employer"
    ATTORNEY = "attorney"
    EXECUTOR = "executor"
    GUARDIAN = "guardian"
    LEGAL_REPRESENTATIVE = "legal_representative"
    OTHER = "other"


class HoldReason(StrEnum):
    DECEASED = "deceased"
    BANKRUPT = "bankrupt"
    FRAUD = "fraud"
    DISPUTED = "disputed"
    COMPLAINT = "complaint"
    VULNERABLE = "vulnerable"
    LEGAL = "legal"
    MISSING_DATA = "missing_data"


@dataclass(frozen=True, slots=True)
class NumberRule:
    form: NumberForm = NumberForm.PLAIN
    negatives: tuple[NegativeForm, ...] = (NegativeForm.LEADING,)
    currency_signs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CellRule:
    """Where one value comes from: a column or a constant, through a code table if there is one.

    `codes` maps the cell's text to the value, or to None for "nothing"; its key `*` answers for
    every other text, and with the value `*` leaves it as it is. `numbers` and `dates` are None
    where the file's own rule holds.
    """

    path: str
    column: str | None = None
    constant: str | None = None
    codes: Mapping[str, str | None] | None = None
    default: str | None = None
    minor: bool = False
    numbers: NumberRule | None = None
    dates: tuple[str, ...] | None = None
    separator: str | None = None


@dataclass(frozen=True, slots=True)
class FileMap:
    coverage: Coverage
    type: str = "accounts"
    format: FileFormat | None = None  # None: by content
    encoding: Encoding = Encoding.AUTO
    delimiter: Delimiter = Delimiter.AUTO
    quoting: Quoting = Quoting.RFC_4180
    sheet: str | None = None  # None: the first
    header_line: int = 1
    numbers: NumberRule = NumberRule()
    dates: tuple[str, ...] = ("YYYY-MM-DD",)
    null_values: tuple[str, ...] = ()  # besides the empty cell


@dataclass(frozen=True, slots=True)
class IdentityMap:
    number: CellRule
    kind: CellRule
    country: CellRule | None = None  # None: the party's country
    when_wrong: WhenWrong = WhenWrong.REJECT


@dataclass(frozen=True, slots=True)
class AccountMap:
    external_id: CellRule
    product: CellRule
    currency: CellRule | None = None  # None: the product's currency
    opened_on: CellRule | None = None
    original_amount: CellRule | None = None
    row_version: CellRule | None = None
    state: CellRule | None = None  # None: active
    as_of: CellRule | None = None  # None: the file's
    due_on: CellRule | None = None
    dpd: CellRule | None = None
    next_due_on: CellRule | None = None
    overdue: CellRule | None = None


@dataclass(frozen=True, slots=True)
class DebtorMap:
    name: CellRule
    external_id: CellRule | None = None
    kind: CellRule | None = None  # None: person
    language: CellRule | None = None
    country: CellRule | None = None
    zones: CellRule | None = None
    identity: IdentityMap | None = None


@dataclass(frozen=True, slots=True)
class ContactMap:
    """One column of contact points; `related` is the place in the map's list (from 1), or None."""

    path: str
    kind: ContactKind
    value: CellRule
    usage: str = ""
    source: str = "creditor_file"
    related: int | None = None
    country: CellRule | None = None  # None: the owner's
    consent: CellRule | None = None


@dataclass(frozen=True, slots=True)
class RelatedMap:
    path: str
    relation: CellRule
    name: CellRule
    language: CellRule | None = None
    identity: IdentityMap | None = None


@dataclass(frozen=True, slots=True)
class HoldMap:
    """A column whose codes are hold reasons."""

    cell: CellRule


@dataclass(frozen=True, slots=True)
class Ignored:
    """A column dropped on purpose; it is not even read."""

    column: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RecordMap:
    """A control record in the file itself: its marker and the cell (from 1) of each field."""

    marker: str
    cells: Mapping[str, int]
    totals: Mapping[str, int] = field(default_factory=dict)  # currency → cell


@dataclass(frozen=True, slots=True)
class ControlMap:
    """Where identity and totals of the file come from, and which of them must be there."""

    header: RecordMap | None = None
    trailer: RecordMap | None = None
    required: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bands:
    """What a file may differ from the files before it until a person is asked; None: no band.

    Changes are in per mille of the median of the last ten files.
    """

    rows_change_per_mille: int | None = None
    balance_change_per_mille: int | None = None
    median_change_per_mille: int | None = None
    rejected_per_mille: int | None = None
    opened_on_least: str | None = None
    null_per_mille: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IntakeMap:
    spec_version: int
    file: FileMap
    account: AccountMap
    debtor: DebtorMap
    balances: Mapping[str, CellRule]
    contacts: tuple[ContactMap, ...] = ()
    related: tuple[RelatedMap, ...] = ()
    holds: tuple[HoldMap, ...] = ()
    ignore: tuple[Ignored, ...] = ()
    control: ControlMap = ControlMap()
    rejects_per_mille_max: int = 10
    bands: Bands = Bands()

    def rules(self) -> Iterator[CellRule]:
        """Every cell rule of the map, in the order of the map."""
        yield from _rules_of(self.account)
        yield from _rules_of(self.debtor)
        yield from self.balances.values()
        for contact in self.contacts:
            yield from _rules_of(contact)
        for related in self.related:
            yield from _rules_of(related)
        for hold in self.holds:
            yield hold.cell

    def columns(self) -> dict[str, str]:
        """Columns the map reads, each with the path that names it first."""
        return _columns_of(self.rules())


def _rules_of(part: object) -> Iterator[CellRule]:
    for name in getattr(part, "__slots__", ()):
        value = getattr(part, name)
        if isinstance(value, CellRule):
            yield value
        elif isinstance(value, IdentityMap):
            yield from _rules_of(value)


@dataclass(frozen=True, slots=True)
class RecordsMap:
    """The map of a file of attempts, stops, consents or facts about persons.

    `fields` are the rules by the names of `record_fields`. `zone` is the time zone of the file's
    own clock; None: every instant has its offset.
    """

    spec_version: int
    file: FileMap
    fields: Mapping[str, CellRule]
    zone: str | None = None
    ignore: tuple[Ignored, ...] = ()
    control: ControlMap = ControlMap()
    rejects_per_mille_max: int = 10

    def rules(self) -> Iterator[CellRule]:
        """Every cell rule of the map, in the order of the map."""
        yield from self.fields.values()

    def columns(self) -> dict[str, str]:
        """Columns the map reads, each with the path that names it first."""
        return _columns_of(self.rules())


AnyMap = IntakeMap | RecordsMap


def _columns_of(rules: Iterator[CellRule]) -> dict[str, str]:
    found: dict[str, str] = {}
    for rule in rules:
        if rule.column is not None:
            found.setdefault(rule.column, rule.path)
    return found
