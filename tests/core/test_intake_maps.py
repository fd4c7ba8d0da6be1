"""The map of a creditor's file: what it says, and that what is wrong is named with its place."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kept.core.intake import (
    MAP_KEYS,
    CellRule,
    ContactKind,
    Coverage,
    Encoding,
    HoldReason,
    IntakeMap,
    MapError,
    NegativeForm,
    NumberForm,
    NumberRule,
    Relation,
    WhenWrong,
    parse_map,
)
from kept.core.intake.dates import DateFormError, ambiguous_forms, date_form

SMALL: dict[str, Any] = {
    "spec_version": 1,
    "file": {"coverage": "full"},
    "account": {"external_id": "loan no", "product": {"constant": "CARD"}},
    "debtor": {"name": "name"},
    "balances": {"principal": "principal"},
}


NUMBERS = {"form": "1,234.50", "currency_signs": ["¥", "CNY"]}


def changed(path: str, value: Any) -> dict[str, Any]:
    """SMALL with one value put at a path."""
    result = copy.deepcopy(SMALL)
    at: Any = result
    *parents, last = path.split(".")
    for key in parents:
        at = at.setdefault(key, {})
    at[last] = value
    return result


def problems(mapping: Any) -> dict[str, str]:
    with pytest.raises(MapError) as caught:
        parse_map(mapping)
    found: dict[str, str] = {}
    for problem in caught.value.problems:
        found[problem.path] = found.get(problem.path, "") + problem.sentence
    return found


def test_the_smallest_map() -> None:
    found = parse_map(SMALL)
    assert found.file.coverage is Coverage.FULL
    assert found.file.encoding is Encoding.AUTO
    assert found.account.external_id == CellRule("account.external_id", column="loan no")
    assert found.account.product == CellRule("account.product", constant="CARD")
    assert found.columns() == {
        "loan no": "account.external_id",
        "name": "debtor.name",
        "principal": "balances.principal",
    }
    assert found.rejects_per_mille_max == 10


def test_everything_a_map_can_say_about_a_row() -> None:
    mapping = {
        **SMALL,
        "file": {
            "coverage": "changes",
            "format": "csv",
            "encoding": "gb18030",
            "delimiter": "tab",
            "quoting": "none",
            "header_line": 3,
            "numbers": {"form": "1.234,50", "negatives": ["(12.00)", "12.00-"]},
            "dates": ["DD.MM.YYYY", "YYYY/MM/DD"],
            "null_values": ["NULL", "-"],
        },
        "contacts": [
            {"kind": "phone", "column": "tel", "separator": "/", "usage": "mobile"},
            {"kind": "phone", "column": "their tel", "owner": 1, "consent": "agreed"},
        ],
        "related": [
            {
                "relation": {"column": "rel", "codes": {"1": "spouse", "2": "guarantor"}},
                "name": "their name",
                "identity": {"kind": {"constant": "national_id"}, "number": "their id"},
            }
        ],
        "holds": [{"column": "mark", "codes": "marks"}],
        "codes": {"marks": {"D": "deceased", "N": "none"}},
        "ignore": ["SEX", {"column": "AGE", "reason": "protected attribute"}],
        "limits": {"rejects_per_mille": "25"},
        "profile": {"rows_change_per_mille": 200, "null_per_mille": {"contacts.phone": 5}},
    }
    found = parse_map(mapping)
    assert found.file.numbers == NumberRule(
        NumberForm.DOT_GROUPS, (NegativeForm.PARENTHESES, NegativeForm.TRAILING)
    )
    assert found.file.dates == ("DD.MM.YYYY", "YYYY/MM/DD")
    assert found.contacts[0].value.separator == "/"
    assert found.contacts[0].kind is ContactKind.PHONE
    assert found.contacts[1].related == 1
    assert found.related[0].relation.codes == {"1": Relation.SPOUSE, "2": Relation.GUARANTOR}
    assert found.related[0].identity is not None
    assert found.related[0].identity.when_wrong is WhenWrong.WARN
    assert found.holds[0].cell.codes == {"D": HoldReason.DECEASED, "N": None}
    assert [each.column for each in found.ignore] == ["SEX", "AGE"]
    assert found.rejects_per_mille_max == 25
    assert found.bands.null_per_mille == {"contacts.phone": 5}
    assert "their id" in found.columns()
    assert "SEX" not in found.columns()


@pytest.mark.parametrize(
    ("path", "value", "place", "words"),
    [
        ("file.coverage", "all", "file.coverage", "'all' is not known; choose full, changes"),
        ("file.encodign", "utf-8", "file.encodign", "no such key; did you mean encoding?"),
        ("file.encoding", "utf-9", "file.encoding", "'utf-9' is not known"),
        ("file.header_line", 0, "file.header_line", "a whole number from 1 to 1000, not 0"),
        ("file.header_line", True, "file.header_line", "a whole number from 1 to 1000, not True"),
        ("file.dates", ["DD/MM/YYYY", "MM/DD/YYYY"], "file.dates", "fit the same text"),
        ("file.dates", "DD/MM/YY", "file.dates", "'DD/MM/YY' is no form of a date"),
        ("file.dates", "YYYYMD", "file.dates", "without a separator write MM and DD"),
        ("file.numbers", "1234", "file.numbers", "choose 1234.50, 1234,50, 1,234.50"),
        (
            "file.numbers",
            {"form": "1234.50", "currency_signs": ["¥", "1"]},
            "file.numbers.currency_signs",
            "'1' cannot be a currency sign",
        ),
        ("file.dates", [], "file.dates", "names no form of a date"),
        ("file.sheet", True, "file.sheet", "put it in quotes"),
        ("file.sheet", ["a"], "file.sheet", "should be text"),
        ("file.type", "letters", "file.type", "known are accounts, attempts, stops"),
        ("file.null_values", {"a": 1}, "file.null_values", "should be a list"),
        ("account.extrnal_id", "x", "account.extrnal_id", "did you mean external_id?"),
        ("account.currency", {"constant": "CNX"}, "account.currency.constant", "is no currency"),
        ("account.state", {"column": "s", "codes": {"1": "open"}}, "account.state.codes.1", "open"),
        ("account.state", {"column": "s", "codes": {}}, "account.state.codes", "table is empty"),
        ("account.state", {"column": "s", "codes": "nope"}, "account.state.codes", "no code table"),
        ("account.state", {"column": "s", "default": "gone"}, "account.state.default", "gone"),
        ("account.opened_on", {"column": "d", "minor": True}, "account.opened_on.minor", "no such"),
        ("account.opened_on", {}, "account.opened_on", "either the column"),
        ("account.product", {"column": "a", "constant": "b"}, "account.product", "either the"),
        ("account.product", "", "account.product", "should not be empty"),
        ("account.product", True, "account.product", "should hold keys and values"),
        ("balances", {}, "balances", "names no component"),
        ("balances", ["principal"], "balances", "should hold keys and values"),
        ("balances.Principal Sum", "x", "balances.Principal Sum", "short name in lower case"),
        ("balances.fee", {"column": "f", "minor": "yes"}, "balances.fee.minor", "true or false"),
        ("contacts", [{"kind": "fax", "column": "f"}], "contacts[1].kind", "'fax' is not known"),
        ("contacts", [{"kind": "phone"}], "contacts[1].column", "is missing"),
        (
            "contacts",
            [{"kind": "phone", "column": "t", "owner": 2}],
            "contacts[1].owner",
            "related has 0 entries, there is no 2",
        ),
        ("related", [{"relation": "rel", "name": "n"}, 5], "related[2]", "keys and values, not 5"),
        (
            "contacts",
            [{"kind": "phone", "column": "t", "usage": "x" * 17}],
            "contacts[1].usage",
            "has 17 characters; at most 16 are kept",
        ),
        ("holds", [{"column": "m"}], "holds[1].codes", "is missing"),
        ("ignore", ["name"], "ignore[1]", "name is read by debtor.name; say only one"),
        ("control", {"required": ["row"]}, "control.required", "did you mean rows?"),
        ("control", {"header": {"marker": "H"}, "x": 1}, "control.x", "no such key"),
        ("control", {"trailer": {"marker": "T", "rows": 1}}, "control.trailer.rows", "from 2 to"),
        (
            "control",
            {"trailer": {"marker": "T", "totals": {"RMB": 3}}},
            "control.trailer.totals.RMB",
            "is no currency",
        ),
        ("limits", {"rejects_per_mille": 1001}, "limits.rejects_per_mille", "from 0 to 1000"),
        ("profile", {"opened_on_least": "soon"}, "profile.opened_on_least", "write it as 2026-"),
        (
            "profile",
            {"null_per_mille": {"phone": 1}},
            "profile.null_per_mille.phone",
            "no such field",
        ),
        ("spec_version", 2, "spec_version", "reads maps of version 1, not 2"),
    ],
)
def test_each_problem_has_its_place_and_says_what_to_do(
    path: str, value: Any, place: str, words: str
) -> None:
    found = problems(changed(path, value))
    assert place in found, found
    assert words in found[place]


def test_all_problems_come_at_once() -> None:
    mapping = changed("file.coverage", "all")
    del mapping["debtor"]
    mapping["balances"]["fee"] = {"minor": True}
    assert set(problems(mapping)) == {"file.coverage", "debtor", "debtor.name", "balances.fee"}


def test_a_missing_header_line_for_a_header_record() -> None:
    mapping = changed("control", {"header": {"marker": "H", "as_of": 2}})
    assert parse_map(mapping).file.header_line == 2
    mapping["file"]["header_line"] = 1
    assert "file.header_line" in problems(mapping)


def test_keys_that_yaml_reads_as_truth_are_pointed_out() -> None:
    found = problems(changed("account.state", {"column": "s", "codes": {True: "active"}}))
    assert "put it in quotes" in found["account.state.codes"]


def test_text_and_typed_values_make_the_same_map() -> None:
    typed = changed("balances.fee", {"column": "f", "minor": True})
    textual = changed("balances.fee", {"column": "f", "minor": "true"})
    textual["spec_version"] = "1"
    assert parse_map(typed) == parse_map(textual)
    day = changed("account.as_of", {"constant": date(2026, 11, 21)})
    assert parse_map(day).account.as_of == CellRule("account.as_of", constant="2026-11-21")


def test_one_value_stands_for_a_list_of_one() -> None:
    one = changed("file", {"coverage": "full", "numbers": NUMBERS | {"negatives": "(12.00)"}})
    several = changed("file", {"coverage": "full", "numbers": NUMBERS | {"negatives": ["(12.00)"]}})
    assert parse_map(one) == parse_map(several)
    assert parse_map(one).file.numbers.currency_signs == ("¥", "CNY")


@pytest.mark.parametrize("mapping", [None, [], "text", 5, {}, {"file": None}, {1: 2}])
def test_what_is_no_map_is_refused(mapping: Any) -> None:
    assert problems(mapping)


def test_every_part_of_a_map_has_its_keys_listed() -> None:
    fields = {field for part in MAP_KEYS.values() for field in part}
    assert {"external_id", "numbers", "trailer", "rejects_per_mille", "when_wrong"} <= fields


SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
KEYS = st.sampled_from(sorted({key for part in MAP_KEYS.values() for key in part})) | st.text(
    max_size=4
)
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4)
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(MAP_KEYS[""]), TREES))
def test_any_mapping_is_a_map_or_one_clear_error(mapping: dict[str, Any]) -> None:
    sentences = ["a map"]
    try:
        assert isinstance(parse_map({**SMALL, **mapping}), IntakeMap)
    except MapError as error:
        sentences = [problem.sentence for problem in error.problems]
    assert sentences
    assert all(sentences)


@pytest.mark.parametrize(
    ("one", "other", "ambiguous"),
    [
        ("DD/MM/YYYY", "MM/DD/YYYY", True),
        ("D/M/YYYY", "MM/DD/YYYY", True),
        ("YYYYMMDD", "DDMMYYYY", True),
        ("YYYY-MM-DD", "DD-MM-YYYY", False),
        ("YYYY-MM-DD", "YYYY-DD-MM", True),
        ("DD.MM.YYYY", "MM/DD/YYYY", False),
        ("DD/MM/YYYY", "D/M/YYYY", False),
        ("YYYY年M月D日", "YYYY-MM-DD", False),
    ],
)
def test_which_forms_of_dates_may_stand_together(one: str, other: str, ambiguous: bool) -> None:
    found = ambiguous_forms([date_form(one), date_form(other)])
    assert (found is not None) is ambiguous


@pytest.mark.parametrize("text", ["", "YYYY", "YYYY-MM", "YY-MM-DD", "YYYY-MM-DD-DD", "yyyy-mm-dd"])
def test_what_is_no_form_of_a_date(text: str) -> None:
    with pytest.raises(DateFormError):
        date_form(text)
