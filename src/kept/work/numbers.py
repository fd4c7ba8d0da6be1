"""The zones that many telephone numbers may stand for: `places.number_zones` for a whole book.

A number of the North American plan is looked up by its area code and exchange, once each; one of a
country whose numbers all stand for zones that the person has anyway is not looked up at all.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache, lru_cache
from typing import Final

import phonenumbers
from phonenumbers.tzdata import TIMEZONE_DATA

from kept.work.places import number_zones

__all__ = ["zones_beside"]

_BLOCK: Final = len("+12125550")  # plan, area code, exchange and the first digit of a block
_AMERICAN: Final = len("+12125550123")


def zones_beside(home: Collection[str], number: str) -> tuple[str, ...]:
    """The zones of a number; () also where none of them could lie outside of `home`."""
    if home and possible_zones(number[:4]) <= frozenset(home):
        return ()
    if number.startswith("+1") and len(number) == _AMERICAN:
        return _block_zones(number[:_BLOCK])
    return _number_zones(number)


@lru_cache(maxsize=2**20)
def _block_zones(block: str) -> tuple[str, ...]:
    return number_zones(block.ljust(_AMERICAN, "1"))


@lru_cache(maxsize=2**16)
def _number_zones(number: str) -> tuple[str, ...]:
    return number_zones(number)


@cache
def possible_zones(start: str) -> frozenset[str]:
    """Every zone that any number of the country calling code may stand for, by its first signs."""
    digits = start.lstrip("+")
    code = next(
        (
            digits[:size]
            for size in (1, 2, 3)
            if digits[:size].isdigit()
            and int(digits[:size]) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE
        ),
        None,
    )
    if code is None or not start.startswith("+"):
        return frozenset({"unknown"})
    return frozenset(
        zone
        for prefix, zones in TIMEZONE_DATA.items()
        if prefix.startswith(code) or code.startswith(prefix)
        for zone in zones
    )
