"""The retention duties that ship with kept, and what is refused in a file of them."""

from __future__ import annotations

import pytest

from kept.core.retention import Period, Record
from kept.packs.retention import RetentionFileError, load_retention, parse_retention

GOOD = """
duties:
  - id: X.1
    name: {en: a, zh: b}
    record: case
    keep: {years: 3}
    start: last_activity
    jurisdiction: US
    citation: somewhere
    status: verified
    valid_from: 2021-11-30
"""


def test_what_ships_has_a_citation_a_standing_and_both_languages() -> None:
    rules = load_retention()
    everything = [*rules.duties, *rules.deletions]
    assert all(each.citation and each.name_en and each.name_zh for each in everything)
    by_id = {duty.id: duty for duty in rules.duties}
    assert by_id["US.F.100.b"].status == "verified"
    assert by_id["US.F.100.a"].keep == Period(years=3)
    assert {duty.record for duty in rules.duties} == set(Record)  # no record without any duty


def test_a_received_file_is_never_kept_longer_than_any_case() -> None:
    """Else it could bar an erasing that every other duty allows."""
    duties = load_retention().duties
    years = {
        record: [duty.keep.years for duty in duties if duty.record is record] for record in Record
    }
    assert max(years[Record.RECEIVED_FILE]) <= min(years[Record.CASE])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("record: case", "record: diary", "diary"),
        ("keep: {years: 3}", "keep: {}", "above zero"),
        ("keep: {years: 3}", "keep: {weeks: 3}", "weeks"),
        ("status: verified", "status: sure", "status is one of"),
        ("    citation: somewhere\n", "", "citation is missing"),
        ("valid_from: 2021-11-30", "valid_from: soon", "days, such as"),
        ("citation: somewhere", "cite: somewhere", "cite is not known"),
        ("name: {en: a, zh: b}", "name: a", "X.1"),
        ("duties:", "rules:", "only `duties`"),
    ],
)
def test_a_wrong_file_is_refused_with_its_duty(old: str, new: str, said: str) -> None:
    assert parse_retention(GOOD, "us.yaml").duties[0].id == "X.1"
    with pytest.raises(RetentionFileError, match=said):
        parse_retention(GOOD.replace(old, new), "us.yaml")
