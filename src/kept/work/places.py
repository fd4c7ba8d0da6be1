"""Where a person may be: the zones in which hours must be met, and the places whose law binds.

A place that was stated for now beats everything; else what is known of the residence stands, and a
number whose prefix speaks for other zones adds them. A related person of whom no residence is known
is taken to be wherever the evidence says: where the debtor is, where the number is from, else in
the creditor's country; all of these places bind. Of a person without any evidence the law of every
place binds, in every zone of the number's prefix and of the creditor's country.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import phonenumbers
from babel.core import get_global
from phonenumbers import timezone

from kept.core.calendar import CalendarError, OffsetTable, day_of_date, instant_of, utc_datetime
from kept.store.calendars import business_calendar
from kept.store.zones import UnknownZone, offset_table

__all__ = [
    "Place",
    "Whereabouts",
    "country_zones",
    "holidays_of",
    "number_country",
    "number_zones",
    "whereabouts",
    "whereabouts_of_related",
    "zone_table",
]

# A verdict looks four hundred days ahead, and histories reach back for years.
_YEARS_BEFORE: Final = 3
_YEARS_AFTER: Final = 3
# China has one legal time; what the zone database has beside it is custom.
_ONE_LEGAL_TIME: Final[Mapping[str, tuple[str, ...]]] = {"CN": ("Asia/Shanghai",)}
# States of the United States that lie in one zone as a whole, 49 CFR 71; the city is in its state.
_STATES: Final[Mapping[str, str]] = {
    "America/New_York": "CT DC DE GA MA MD ME NC NH NJ NY NYC OH PA RI SC VA VT WV",
    "America/Chicago": "AL AR IA IL LA MN MO MS OK WI",
    "America/Denver": "CO MT NM UT WY",
    "America/Los_Angeles": "CA WA",
    "Pacific/Honolulu": "HI",
}
_ZONE_OF_REGION: Final[Mapping[str, tuple[str, ...]]] = {
    f"US-{state}": (zone,) for zone, states in _STATES.items() for state in states.split()
}


@dataclass(frozen=True, slots=True)
class Place:
    """A place as far as it is known; '' and () are unknown. `region` is a code such as US-MA."""

    country: str = ""
    region: str = ""
    zones: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        return self.region or self.country

    @property
    def possible_zones(self) -> tuple[str, ...]:
        return self.zones or _ZONE_OF_REGION.get(self.region) or country_zones(self.country)


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """`zone` is that of the person's clocks and dates, None where nothing is known.

    `zones` are all in which hours must be met. `codes` are the places whose law binds, None where
    the residence is not known, so that the law of every place does.
    """

    zone: str | None
    zones: tuple[str, ...]
    codes: frozenset[str] | None

    @property
    def countries(self) -> frozenset[str] | None:
        return None if self.codes is None else frozenset(code[:2] for code in self.codes)


def whereabouts(
    *,
    residence: Place,
    present: Place | None,
    number: str | None,
    creditor: Place,
    of_number: tuple[str, ...] = (),
) -> Whereabouts:
    """What the evidence comes to; `number` is in international form (+86…).

    `of_number` are the zones of a number that was looked up already.
    """
    here = present.possible_zones if present else ()
    codes = {residence.code, present.code if present else ""} - {""}
    known = frozenset(codes) if residence.country else None
    if here:
        return Whereabouts(here[0], here, known)
    home = residence.possible_zones
    of_number = number_zones(number) if number else of_number
    if home:
        agrees = not of_number or not set(home).isdisjoint(of_number)
        zones = home if agrees else (*home, *of_number)
        return Whereabouts(home[0], zones, known)
    zones = tuple(
        dict.fromkeys((*of_number, *creditor.possible_zones, *country_zones(creditor.country)))
    )
    first = creditor.zones[0] if creditor.zones and creditor.zones[0] in zones else None
    return Whereabouts(first or next(iter(zones), None), zones, known)


def whereabouts_of_related(
    *,
    residence: Place | None,
    present: Place | None,
    number: str | None,
    debtor: Sequence[Place],
    creditor: Place,
) -> Whereabouts:
    """As `whereabouts`, for somebody about whom the debtor's places and a number may speak.

    `debtor` are the debtor's residence and present place, as far as known. What is stated of the
    person alone decides, where it is there.
    """
    if residence is not None and residence.country:
        return whereabouts(residence=residence, present=present, number=number, creditor=creditor)
    country = number_country(number) if number else ""
    around = [each for each in debtor if each.country or each.zones]
    if country and all(each.country != country for each in around):
        around.append(Place(country, "", number_zones(number or "")))
    known = [each for each in around if each.country] or [
        each for each in (creditor,) if each.country
    ]
    if not known:
        nowhere = residence or Place()
        return whereabouts(residence=nowhere, present=present, number=number, creditor=creditor)
    stated = [each for each in (present, residence) if each and each.possible_zones]
    every = stated or [*around, *(known if not around else ())]
    zones = tuple(dict.fromkeys(zone for each in every for zone in each.possible_zones))
    codes = {each.code for each in (*known, *stated) if each.code}
    return Whereabouts(next(iter(zones), None), zones, frozenset(codes))


def country_zones(country: str) -> tuple[str, ...]:
    """The zones of a country's clocks; none for one that is not known."""
    if country in _ONE_LEGAL_TIME:
        return _ONE_LEGAL_TIME[country]
    return tuple(get_global("territory_zones").get(country, ()))


def number_zones(number: str) -> tuple[str, ...]:
    """The zones that a number's prefix may stand for; none for one that says nothing."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return ()
    found = timezone.time_zones_for_number(parsed)
    return tuple(zone for zone in found if zone != "Etc/Unknown")


def number_country(number: str) -> str:
    """The country that a number's prefix names; '' for one that names none, or several."""
    try:
        found = phonenumbers.region_code_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return ""
    return found if found and found.isalpha() else ""


def zone_tables(zones: Iterable[str], minute: int) -> tuple[OffsetTable, ...]:
    """The tables of zones around a minute; zones whose clocks agree throughout stand once."""
    found: dict[tuple[tuple[int, int], ...], OffsetTable] = {}
    for zone in zones:
        table = zone_table(zone, minute)
        found.setdefault(table.rows, table)
    return tuple(found.values())


def zone_table(zone: str, minute: int) -> OffsetTable:
    return _table(zone, utc_datetime(minute).year)


@lru_cache(maxsize=2048)
def _table(zone: str, year: int) -> OffsetTable:
    return offset_table(zone, _new_year(year - _YEARS_BEFORE), _new_year(year + _YEARS_AFTER))


def _new_year(year: int) -> int:
    return instant_of(utc_datetime(0).replace(year=year))


def holidays_of(countries: Sequence[str], minute: int) -> frozenset[int]:
    """Local day numbers of the public holidays of these countries around a minute."""
    return _holidays(tuple(sorted(set(countries))), utc_datetime(minute).year)


@lru_cache(maxsize=256)
def _holidays(countries: tuple[str, ...], year: int) -> frozenset[int]:
    found: set[int] = set()
    for country in countries:
        try:
            days: Iterable[Any] = business_calendar(country, year - 1, year + 2).holidays
        except CalendarError:
            continue
        found |= {day_of_date(day) for day in days}
    return frozenset(found)


def is_zone(name: str) -> bool:
    try:
        offset_table(name, 0, 1)
    except UnknownZone:
        return False
    return "/" in name or name == "UTC"
