"""The statutory bounds that ship with kept: `packs/money/caps.yaml`, checked when loaded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final

from kept.core.currencies import CURRENCIES
from kept.core.intake.nodes import Node
from kept.core.lending.caps import Cap, CapKind, CapStatus, Charged, FixedAt
from kept.core.lending.reading import read_day, read_rates, read_share
from kept.core.money import MoneyError, parse_money
from kept.packs.values import read_table

__all__ = ["load_caps", "parse_caps"]

_KEYS: Final = (
    "id",
    "name",
    "jurisdiction",
    "citation",
    "status",
    "kind",
    "covers",
    "components",
    "from",
    "to",
    "rates",
    "fixed_at",
    "share",
    "amount",
    "currency",
    "note",
)
_NEEDED: Final = ("id", "name", "jurisdiction", "citation", "status", "kind", "from")
#: What a kind needs beside.
_OF_KIND: Final[Mapping[CapKind, tuple[str, ...]]] = {
    CapKind.RATE: ("covers", "rates"),
    CapKind.TOTAL_SHARE: ("covers", "share"),
    CapKind.FEE_TOTAL: ("covers", "amount", "currency"),
    CapKind.NOT_IN_BASE: ("components",),
}


@cache
def load_caps() -> tuple[Cap, ...]:
    """The shipped bounds."""
    file = files("kept.packs").joinpath("money").joinpath("caps.yaml")
    return parse_caps(file.read_text(encoding="utf-8"), "caps.yaml")


def parse_caps(text: str, file_name: str) -> tuple[Cap, ...]:
    """The bounds of a file's text; raises `ValuesFileError` with every problem of it."""
    return read_table(text, file_name, "money/caps.yaml", _caps)


def _caps(node: Node) -> tuple[Cap, ...]:
    keys = ("code", "version", "name", "caps")
    fields = node.fields(keys, keys)
    rows = fields["caps"].children() if "caps" in fields else []
    return tuple(_cap(row, row.fields(_KEYS, _NEEDED)) for row in rows)


def _cap(row: Node, fields: Mapping[str, Node]) -> Cap:
    kind = fields["kind"].choice(CapKind, CapKind.RATE) if "kind" in fields else CapKind.RATE
    for key in _OF_KIND[kind]:
        if key not in fields:
            row.at(key, None).wrong(f"is missing; a bound of kind {kind.value} needs it")
    text = {
        key: fields[key].filled() if key in fields else ""
        for key in ("id", "jurisdiction", "citation", "note")
    }
    valid_to = read_day(fields["to"]) if "to" in fields else None
    valid_from = read_day(fields["from"]) if "from" in fields else date.min
    if valid_to is not None and valid_to < valid_from:
        fields["to"].wrong(f"{valid_to} is before {valid_from}")
    amount_minor, code = _amount(fields)
    return Cap(
        id=text["id"],
        names=_names(fields),
        jurisdiction=text["jurisdiction"],
        citation=text["citation"],
        status=_status(fields),
        kind=kind,
        valid_from=valid_from,
        valid_to=valid_to,
        covers=fields["covers"].choices(Charged, Charged.FEE) if "covers" in fields else (),
        rates=read_rates(fields["rates"]) if "rates" in fields else (),
        fixed_at=(
            fields["fixed_at"].choice(FixedAt, FixedAt.DAY) if "fixed_at" in fields else FixedAt.DAY
        ),
        share_nano=read_share(fields["share"]) if "share" in fields else 0,
        amount_minor=amount_minor,
        currency=code,
        components=fields["components"].texts() if "components" in fields else (),
        note=text["note"],
    )


def _status(fields: Mapping[str, Node]) -> CapStatus:
    if "status" not in fields:
        return CapStatus.UNVERIFIED
    return fields["status"].choice(CapStatus, CapStatus.UNVERIFIED)


def _names(fields: Mapping[str, Node]) -> tuple[tuple[str, str], ...]:
    own = fields["name"].fields(("en", "zh"), ("en", "zh")) if "name" in fields else {}
    return tuple((language, text.filled()) for language, text in own.items())


def _amount(fields: Mapping[str, Node]) -> tuple[int, str]:
    if "amount" not in fields or "currency" not in fields:
        return 0, ""
    code = fields["currency"].text()
    if code not in CURRENCIES:
        fields["currency"].wrong(f"{code!r} is no currency; use a code of ISO 4217, such as GBP")
        return 0, ""
    try:
        return parse_money(fields["amount"].text(), code).amount_minor, code
    except MoneyError as error:
        fields["amount"].wrong(str(error))
        return 0, code
