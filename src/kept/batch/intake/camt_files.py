"""ISO 20022 statements (camt.053), notifications (camt.054) and reports (camt.052) as rows of text.

Read by its own names in whatever version's namespace, with document types, entities and so every
kind of XML bomb refused. What the message says of itself (number and sum of its entries, opening
and closing balance) is compared with its entries before a row counts. A row is one transaction of
an entry, or the entry itself where its details do not come to its amount. What is money that came
in, what takes some back, what is not booked yet and what does not concern payments is told apart
here, by closed words; whose it is, is not asked.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from io import BytesIO
from typing import Final
from xml.etree.ElementTree import Element, ParseError

import polars as pl
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from kept.batch.intake.raw import RawFile
from kept.batch.intake.refusals import FileRefused
from kept.batch.intake.tables import LINE_ERROR, LINE_NO
from kept.core.intake import FileCode, FileFormat, FileReason

__all__ = ["CAMT_COLUMNS", "CamtTable", "is_camt", "open_camt"]

CAMT_COLUMNS: Final = (
    "external_id",
    "what",
    "amount",
    "currency",
    "received_on",
    "value_on",
    "reference",
    "virtual_account",
    "bank_reference",
    "way",
    "payer",
    "text",
    "reverses",
    "code",
)
_SPACE: Final = re.compile(r"^\{urn:iso:std:iso:20022:tech:xsd:camt\.05([234])\.001\.\d{2}\}")
_PARTS: Final = {"2": "Rpt", "3": "Stmt", "4": "Ntfctn"}
#: What banks write where there is no reference.
_NO_REFERENCE: Final = frozenset({"", "NOTPROVIDED", "NONREF", "NONE"})
_TEXT_MOST: Final = 500
_BYTES_MOST: Final = 1 << 30
_DIRECT_DEBITS: Final = frozenset({"RDDT", "IDDT"})


def is_camt(start: bytes) -> bool:
    """Whether a file begins as XML does."""
    return start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")


@dataclass(frozen=True, slots=True)
class CamtTable:
    columns: tuple[str, ...]
    found: dict[str, str]
    rows: tuple[Mapping[str, str], ...] = field(repr=False)
    format: FileFormat = FileFormat.CAMT

    def frames(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """One frame; row n of the message is line n."""
        cells = {name: [row[name] for row in self.rows] for name in columns}
        yield pl.DataFrame(cells, schema=dict.fromkeys(columns, pl.String)).with_columns(
            pl.int_range(1, len(self.rows) + 1, dtype=pl.Int64).alias(LINE_NO),
            pl.lit(None, dtype=pl.String).alias(LINE_ERROR),
        )


def open_camt(raw: RawFile) -> CamtTable:
    """The message read whole and held against its own sums; raises `FileRefused`."""
    if raw.size > _BYTES_MOST:
        raise FileRefused(FileCode.ZIP_BOMB, found=raw.size, most=_BYTES_MOST)
    message = _Message()
    try:
        for _event, element in iterparse(BytesIO(raw.piece(0, raw.size)), forbid_dtd=True):
            message.take(element)
    except DefusedXmlException as error:
        raise _damaged(FileReason.DOCUMENT_TYPE) from error
    except (ParseError, ValueError) as error:
        raise _damaged(str(error)) from error
    if message.kind is None:
        raise _damaged(FileReason.NO_CAMT, found=message.root or "-")
    return CamtTable(CAMT_COLUMNS, {"message": f"camt.05{message.kind}"}, tuple(message.rows))


def _damaged(reason: str, **values: str | int) -> FileRefused:
    return FileRefused(FileCode.DAMAGED_FILE, format="camt", reason=reason, **values)


def _wrong(name: str, reason: FileReason, **values: str | int) -> FileRefused:
    return FileRefused(FileCode.BAD_CONTROL, where="file", field=name, reason=reason, **values)


@dataclass(slots=True)
class _Message:
    """Takes the elements of a message as they end; entries are let go at once."""

    kind: str | None = None
    root: str = ""
    rows: list[Mapping[str, str]] = field(default_factory=list)
    booked: list[tuple[str, bool, Decimal]] = field(default_factory=list)
    entries: list[tuple[bool, Decimal]] = field(default_factory=list)
    same: Counter[str] = field(default_factory=Counter)

    def take(self, element: Element) -> None:
        found = _SPACE.match(element.tag)
        self.root = element.tag
        if found is None:
            return
        self.kind = found[1]
        name = element.tag[found.end() :]
        if name == "Ntry":
            self._entry(_Node(element, found[0]))
            element.clear()
        elif name == _PARTS[found[1]]:
            self._statement(_Node(element, found[0]))
            element.clear()

    def _statement(self, node: _Node) -> None:
        """The sums that the statement says of itself against those of its entries."""
        for path, wanted in (("TtlNtries", None), ("TtlCdtNtries", True), ("TtlDbtNtries", False)):
            mine = [amount for credit, amount in self.entries if wanted in (None, credit)]
            _check_sum(node, f"TxsSummry/{path}", mine)
        self._check_balances(node)
        self.entries, self.booked = [], []

    def _check_balances(self, node: _Node) -> None:
        balances = {each.text("Tp/CdOrPrtry/Cd"): each for each in node.all("Bal")}
        opening, closing = balances.get("OPBD") or balances.get("PRCD"), balances.get("CLBD")
        if opening is None or closing is None:
            return
        currency = closing.attribute("Amt", "Ccy")
        mine = [a if credit else -a for ccy, credit, a in self.booked if ccy == currency]
        moved = sum(mine, Decimal(0))
        first, last = _signed(opening), _signed(closing)
        if first + moved != last:
            told = {"opening": str(first), "closing": str(last), "moved": str(moved)}
            raise _wrong("Bal", FileReason.OTHER_BALANCE, **told)

    def _entry(self, node: _Node) -> None:
        amount = _decimal(node.text("Amt"), "Ntry/Amt")
        is_credit = node.text("CdtDbtInd") == "CRDT"
        status = node.text("Sts/Cd") or node.text("Sts")
        self.entries.append((is_credit, amount))
        if status == "BOOK":
            self.booked.append((node.attribute("Amt", "Ccy"), is_credit, amount))
        parts = [part for each in node.all("NtryDtls") for part in each.all("TxDtls")]
        if not _come_to(parts, amount):
            parts = parts[:1] if len(parts) == 1 else []
        chosen: list[_Node | None] = [*parts] or [None]
        for part in chosen:
            whole = len(parts) < 2
            self.rows.append(self._row(node, part, whole, is_credit, status))

    def _row(
        self, entry: _Node, part: _Node | None, whole: bool, is_credit: bool, status: str
    ) -> Mapping[str, str]:
        node = part or _Node(Element("none"), entry.space)
        own = _reference(node.text("Refs/AcctSvcrRef"))
        bank = own or _reference(entry.text("AcctSvcrRef"))
        end_to_end = _reference(node.text("Refs/EndToEndId"))
        structured = node.text("RmtInf/Strd/CdtrRefInf/Ref")
        amount, currency = _amount(entry, None if whole else node)
        texts = [*(each.own for each in node.all("RmtInf/Ustrd")), structured, end_to_end]
        text = " ".join(each for each in (*texts, node.text("AddtlTxInf")) if each)
        row = {
            "what": _what(entry, node, is_credit, status),
            "amount": amount,
            "currency": currency,
            "received_on": _day(entry, "BookgDt") or _day(entry, "ValDt"),
            "value_on": _day(entry, "ValDt"),
            "reference": structured or end_to_end,
            "virtual_account": _account(node, "CdtrAcct"),
            "bank_reference": bank,
            "way": _way(entry),
            "payer": node.text("RltdPties/Dbtr/Nm") or node.text("RltdPties/Dbtr/Pty/Nm"),
            "text": " ".join(text.split())[:_TEXT_MOST],
            "reverses": end_to_end or _reference(node.text("Refs/TxId")),
            "code": node.text("RtrInf/Rsn/Cd"),
        }
        return {"external_id": self._identity(row, own, bank, whole), **row}

    def _identity(self, row: Mapping[str, str], own: str, bank: str, whole: bool) -> str:
        """The bank's own reference; without one what the row says, so that a statement finds what a
        notification told. Equal rows of one message are told apart by their number."""
        if own or (bank and whole):
            return own or bank
        names = ("what", "amount", "currency", "received_on", "reference", "payer", "text")
        said = "\x1f".join([bank, *(row[name] for name in names)])
        self.same[said] += 1
        digest = hashlib.sha256(f"{said}\x1f{self.same[said]}".encode()).hexdigest()
        return f"E:{digest[:40]}"


@dataclass(frozen=True, slots=True)
class _Node:
    """An element whose children are found by their plain names."""

    element: Element
    space: str

    def all(self, path: str) -> list[_Node]:
        return [_Node(each, self.space) for each in self.element.findall(self._full(path))]

    def text(self, path: str) -> str:
        return " ".join((self.element.findtext(self._full(path)) or "").split())

    def attribute(self, path: str, name: str) -> str:
        found = self.element.find(self._full(path))
        return "" if found is None else found.get(name, "")

    @property
    def own(self) -> str:
        return (self.element.text or "").strip()

    def _full(self, path: str) -> str:
        return "/".join(f"{self.space}{step}" for step in path.split("/"))


def _check_sum(node: _Node, path: str, amounts: Sequence[Decimal]) -> None:
    count, said = node.text(f"{path}/NbOfNtries"), node.text(f"{path}/Sum")
    if count and count != str(len(amounts)):
        found, mine = count, len(amounts)
        raise _wrong(f"{path}/NbOfNtries", FileReason.OTHER_COUNT, found=found, expected=mine)
    if said and _decimal(said, path) != sum(amounts, Decimal(0)):
        whole = str(sum(amounts, Decimal(0)))
        raise _wrong(f"{path}/Sum", FileReason.OTHER_SUM, found=said, expected=whole)


def _decimal(text: str, where: str) -> Decimal:
    try:
        found = Decimal(text)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or len(text) > 40:
        values: dict[str, str | int] = {"found": repr(text[:40]), "currency": "-", "exponent": "-"}
        raise _wrong(where, FileReason.NO_AMOUNT, **values)
    return found


def _signed(balance: _Node) -> Decimal:
    amount = _decimal(balance.text("Amt"), "Bal/Amt")
    return amount if balance.text("CdtDbtInd") == "CRDT" else -amount


def _come_to(parts: Sequence[_Node], amount: Decimal) -> bool:
    """Whether the transactions of an entry are all there is to it."""
    texts = [_own_amount(part)[0] for part in parts]
    if not all(texts):
        return False
    return sum((_decimal(each, "TxDtls/Amt") for each in texts), Decimal(0)) == amount


def _own_amount(part: _Node) -> tuple[str, str]:
    for path in ("Amt", "AmtDtls/TxAmt/Amt"):
        if part.text(path):
            return part.text(path), part.attribute(path, "Ccy")
    return "", ""


def _amount(entry: _Node, part: _Node | None) -> tuple[str, str]:
    if part is not None:
        return _own_amount(part)
    return entry.text("Amt"), entry.attribute("Amt", "Ccy")


def _what(entry: _Node, part: _Node, is_credit: bool, status: str) -> str:
    if status != "BOOK":
        return "pending"
    is_reversal = entry.text("RvslInd") == "true"
    if is_credit:
        return "outgoing" if is_reversal else "payment"
    if part.text("RtrInf/Rsn/Cd") or part.all("RtrInf"):
        return "returned_item"
    return "reversal" if is_reversal else "outgoing"


def _day(entry: _Node, name: str) -> str:
    return entry.text(f"{name}/Dt") or entry.text(f"{name}/DtTm")[:10]


def _account(part: _Node, name: str) -> str:
    place = f"RltdPties/{name}/Id"
    return part.text(f"{place}/IBAN") or part.text(f"{place}/Othr/Id")


def _way(entry: _Node) -> str:
    family = entry.text("BkTxCd/Domn/Fmly/Cd")
    return "direct_debit" if family in _DIRECT_DEBITS else "bank_transfer"


def _reference(text: str) -> str:
    return "" if text.upper() in _NO_REFERENCE else text
