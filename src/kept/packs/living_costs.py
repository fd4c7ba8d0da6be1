"""Protected living costs that ship with kept: `packs/money/living_costs.yaml`, checked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final

from kept.core.currencies import CURRENCIES
from kept.core.intake.nodes import Node
from kept.core.lending.affordability import LivingCosts
from kept.core.lending.caps import CapStatus
from kept.core.lending.reading import read_day
from kept.core.money import MoneyError, parse_money
from kept.packs.values import read_table

__all__ = ["load_living_costs", "parse_living_costs"]

_NEEDED: Final = (
    "id",
    "name",
    "country",
    "currency",
    "from",
    "by_size",
    "each_more",
    "citation",
    "status",
)


@cache
def load_living_costs() -> tuple[LivingCosts, ...]:
    """The shipped figures."""
    file = files("kept.packs").joinpath("money").joinpath("living_costs.yaml")
    return parse_living_costs(file.read_text(encoding="utf-8"), "living_costs.yaml")


def parse_living_costs(text: str, file_name: str) -> tuple[LivingCosts, ...]:
    """The figures of a file's text; raises `ValuesFileError` with every problem of it."""
    return read_table(text, file_name, "money/living_costs.yaml", _table)


def _table(node: Node) -> tuple[LivingCosts, ...]:
    keys = ("code", "version", "name", "costs")
    fields = node.fields(keys, keys)
    rows = fields["costs"].children() if "costs" in fields else []
    return tuple(_costs(row, row.fields((*_NEEDED, "note"), _NEEDED)) for row in rows)


def _costs(row: Node, fields: Mapping[str, Node]) -> LivingCosts:
    found = {key: fields.get(key, row.at(key, "")) for key in (*_NEEDED, "note")}
    text = {
        key: fields[key].filled() if key in fields else ""
        for key in ("id", "country", "citation", "note")
    }
    code = found["currency"].text()
    if code not in CURRENCIES:
        found["currency"].wrong(f"{code!r} is no currency; use a code of ISO 4217, such as CNY")
        code = "CNY"
    sizes = found["by_size"].children()
    if not sizes:
        found["by_size"].wrong("names no amount; give at least that of one person")
    names = found["name"].fields(("en", "zh"), ("en", "zh"))
    status = found["status"]
    return LivingCosts(
        id=text["id"],
        country=text["country"],
        currency=code,
        valid_from=read_day(fields["from"]) if "from" in fields else date.min,
        by_size=tuple(_amount(size, code) for size in sizes),
        each_more_minor=_amount(found["each_more"], code) if "each_more" in fields else 0,
        citation=text["citation"],
        status=status.choice(CapStatus, CapStatus.UNVERIFIED),
        names=tuple((language, each.filled()) for language, each in names.items()),
        note=text["note"],
    )


def _amount(node: Node, code: str) -> int:
    try:
        amount = parse_money(node.text(), code).amount_minor
    except MoneyError as error:
        node.wrong(str(error))
        return 0
    if amount < 0:
        node.wrong("an amount here is 0 or more")
    return max(amount, 0)
