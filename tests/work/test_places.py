"""Where a person may be, from what is known of the residence alone."""

from __future__ import annotations

import pytest

from kept.work.places import Place, whereabouts


@pytest.mark.parametrize(
    ("region", "zones"),
    [
        ("US-NYC", ("America/New_York",)),
        ("US-MA", ("America/New_York",)),
        ("US-UT", ("America/Denver",)),
    ],
)
def test_a_state_in_one_zone_has_its_clock(region: str, zones: tuple[str, ...]) -> None:
    assert Place("US", region).possible_zones == zones
    found = whereabouts(
        residence=Place("US", region), present=None, number=None, creditor=Place("CN")
    )
    assert (found.zone, found.zones) == (zones[0], zones)


@pytest.mark.parametrize("region", ["", "US-TX", "US-AZ", "US-IN"])
def test_a_state_in_several_zones_may_be_in_any_of_the_country(region: str) -> None:
    zones = set(Place("US", region).possible_zones)
    assert {"America/New_York", "America/Chicago", "Pacific/Honolulu"} <= zones


def test_a_zone_that_is_recorded_is_the_one() -> None:
    assert Place("US", "US-MA", ("America/Chicago",)).possible_zones == ("America/Chicago",)
