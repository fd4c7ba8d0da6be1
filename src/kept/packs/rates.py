"""The table of rates that ships with kept, for comparing values: `packs/values/rates.yaml`."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Final

from kept.core.currencies import CURRENCIES
from kept.core.intake.nodes import Node
from kept.core.values import PARTS, RateTable
from kept.packs.values import read_table

__all__ = ["load_rates", "parse_rates"]

_RATE: Final = re.compile(r"(\d{1,6})(?:\.(\d{1,6}))?")


@cache
def load_rates() -> RateTable:
    """The shipped table."""
    file = files("kept.packs").joinpath("values").joinpath("rates.yaml")
    return parse_rates(file.read_text(encoding="utf-8"), "rates.yaml")


def parse_rates(text: str, file_name: str) -> RateTable:
    """The table of a file's text; raises `ValuesFileError` with every problem of it."""
    return read_table(text, file_name, "values/rates.yaml", _rates)


def _rates(node: Node) -> RateTable:
    keys = ("code", "version", "as_of", "name", "worth")
    fields: dict[str, Any] = node.fields(keys, keys)
    worth = {}
    for code, rate in fields["worth"].entries().items() if "worth" in fields else ():
        if code not in CURRENCIES:
            rate.wrong(f"{code!r} is no currency; use a code of ISO 4217, such as CNY")
        worth[code] = _rate(rate)
    return RateTable(
        fields["code"].text() if "code" in fields else "",
        fields["version"].whole(1, 1_000_000) if "version" in fields else 0,
        _day(fields["as_of"]) if "as_of" in fields else date.min,
        worth,
    )


def _rate(node: Node) -> int:
    """A rate in millionths."""
    found = _RATE.fullmatch(node.text())
    rate = int(found[1]) * PARTS + int((found[2] or "").ljust(6, "0")) if found else 0
    if rate <= 0:
        node.wrong(f"{node.value!r} is no rate; write it as 0.14, above 0, at most six decimals")
        return PARTS
    return rate


def _day(node: Node) -> date:
    try:
        return date.fromisoformat(node.text())
    except ValueError:
        node.wrong(f"{node.value!r} is no day; write it as 2026-01-31")
        return date.min
