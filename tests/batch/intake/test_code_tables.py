"""A code table that leaves every other text as it is, for single values decided by somebody."""

from __future__ import annotations

import pytest

from kept.core.intake import MapError
from tests.batch.intake.samples import faults, prepare, small_map


def test_a_star_for_a_star_leaves_every_other_text_as_it_is() -> None:
    codes = {"1.00E+05": "100000", "n/a": "none", "*": "*"}
    intake_map = small_map(balances={"principal": {"column": "principal", "codes": codes}})
    prepared = prepare(
        intake_map,
        {"id": "A1", "principal": "1.00E+05"},
        {"id": "A2", "principal": "12.50"},
        {"id": "A3", "principal": "2.00E+05"},
        {"id": "A4", "principal": "n/a"},
        {"id": "A5", "principal": ""},
    )
    assert dict(prepared.rows.select("external_id", "balance_principal").iter_rows()) == {
        "A1": 10_000_000,
        "A2": 1_250,
        "A4": 0,
    }
    assert faults(prepared) == [
        (4, "balances.principal", "amount_with_exponent"),
        (6, "balances.principal", "missing_value"),
    ]


def test_a_closed_list_takes_no_star_for_a_star() -> None:
    with pytest.raises(MapError, match=r"account\.state"):
        small_map(account={"state": {"column": "state", "codes": {"x": "closed", "*": "*"}}})
