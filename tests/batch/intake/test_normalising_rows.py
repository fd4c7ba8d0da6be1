"""Whole rows: what becomes of each rule of a map, all faults of a row, totals and hashes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kept.batch.intake.hashing import ROW_HASH_BYTES
from kept.batch.intake.normalising import EXTERNAL_ID_MAX, normalise
from kept.batch.intake.prepared import (
    CONTACT_SCHEMA,
    ERROR_SCHEMA,
    RELATED_SCHEMA,
    ROW_SCHEMA,
    Prepared,
)
from kept.batch.intake.reading import open_source
from kept.core import intake as maps
from kept.core.intake import WARNINGS, FileCode, RejectCode, Severity
from kept.store import models
from tests.batch.intake.samples import (
    CONTEXT,
    all_rows,
    faults,
    frame_of,
    prepare,
    small_map,
    write,
)


def only(prepared: Prepared) -> dict[str, Any]:
    """The one row, which nothing was wrong with."""
    assert faults(prepared) == []
    assert prepared.rows.height == 1
    return prepared.rows.row(0, named=True)


def test_the_smallest_row() -> None:
    prepared = prepare(small_map(), {"id": " A1 ", "name": " 张三  ", "principal": "1234.50"})
    row = only(prepared)
    assert row.pop("row_hash") is not None
    assert row == {
        "line_no": 2,
        "external_id": "A1",
        "product_code": "CARD",
        "currency": "CNY",
        "opened_on": None,
        "original_amount_minor": None,
        "row_version": None,
        "state": "active",
        "as_of": date(2026, 11, 21),
        "debtor_external_id": "A:A1",
        "debtor_kind": "person",
        "name": "张三",
        "name_key": "张三",
        "language": "zh-Hans",
        "country": "CN",
        "zones": ["Asia/Shanghai"],
        "identity_kind": None,
        "identity_country": None,
        "identity_number": None,
        "due_on": None,
        "next_due_on": None,
        "overdue_minor": None,
        "hold_reasons": [],
        "balance_principal": 123450,
    }
    assert prepared.totals.rows == 1
    assert prepared.totals.balances_minor == {"CNY": 123450}
    assert prepared.totals.hash_total == 1


def test_shapes_are_the_promised_ones_with_rows_and_without() -> None:
    empty = normalise(frame_of({}).clear(), small_map(), CONTEXT)
    for prepared in (empty, prepare(small_map(), {})):
        assert dict(prepared.rows.schema) == {**ROW_SCHEMA, "balance_principal": pl.Int64()}
        assert dict(prepared.contacts.schema) == CONTACT_SCHEMA
        assert dict(prepared.related.schema) == RELATED_SCHEMA
        assert dict(prepared.errors.schema) == ERROR_SCHEMA


# --- codes, constants, defaults -------------------------------------------------------------------


def test_code_tables() -> None:
    state = {
        "column": "state",
        "codes": {"1": "active", "9": "closed", "x": "none", "": "recalled"},
    }
    prepared = prepare(
        small_map(account={"state": state}),
        *({"id": f"A{n}", "state": text} for n, text in enumerate(("1", "9", "x", "", "7"))),
    )
    assert prepared.rows["state"].to_list() == ["active", "closed", "active", "recalled"]
    assert faults(prepared) == [(6, "account.state", "unknown_code")]
    assert json.loads(prepared.errors["detail"][0]) == {"column": "state"}
    assert prepared.errors["value"][0] == "7"


def test_a_code_table_with_an_answer_for_all_others() -> None:
    state = {"column": "state", "codes": {"1": "active", "*": "closed"}, "default": "recalled"}
    prepared = prepare(
        small_map(account={"state": state}), {"state": "1"}, {"state": "?"}, {"state": ""}
    )
    assert prepared.rows["state"].to_list() == ["active", "closed", "recalled"]


def test_texts_that_stand_for_nothing() -> None:
    balances = {"interest": {"column": "interest", "default": "0"}}
    prepared = prepare(
        small_map(balances=balances, file={"null_values": ["NULL", "-"]}),
        {"interest": "NULL"},
        {"interest": ""},
        {"interest": "0.5"},
        {"name": "-", "interest": "1"},
    )
    assert prepared.rows["balance_interest"].to_list() == [0, 0, 50]
    assert faults(prepared) == [(5, "debtor.name", "missing_value")]


def test_an_empty_balance_is_a_fault_unless_the_map_says_what_it_is() -> None:
    prepared = prepare(small_map(balances={"fee": "fee"}), {"fee": ""}, {"fee": "0"})
    assert faults(prepared) == [(2, "balances.fee", "missing_value")]


# --- products and currencies ----------------------------------------------------------------------


def test_products_and_currencies() -> None:
    intake_map = small_map(account={"product": "product", "currency": "currency"})
    prepared = prepare(
        intake_map,
        {"product": "CARD", "currency": "cny", "principal": "1.50"},
        {"product": "YEN", "currency": "JPY", "principal": "-150"},
        {"product": "DINAR", "currency": "KWD", "principal": "1.500"},
        {"product": "YEN", "currency": "JPY", "principal": "1.50"},
        {"product": "CARD", "currency": "USD"},
        {"product": "CARD", "currency": "RMB"},
        {"product": "LOAN", "currency": "CNY"},
        {"product": "", "currency": ""},
    )
    assert prepared.rows["balance_principal"].to_list() == [150, -150, 1500]
    assert faults(prepared) == [
        (5, "balances.principal", "amount_decimals"),
        (6, "account.currency", "other_currency"),
        (7, "account.currency", "unknown_currency"),
        (8, "account.product", "unknown_product"),
        (9, "account.product", "missing_value"),
        (9, "account.currency", "missing_value"),
    ]
    detail = prepared.errors.filter(code="other_currency")["detail"][0]
    assert json.loads(detail) == {"column": "currency", "expected": "CNY", "found": "USD"}


def test_balances_have_a_place_and_may_not_be_credits() -> None:
    intake_map = small_map(balances={"penalty": "penalty", "interest": "interest"})
    prepared = prepare(
        intake_map,
        {"penalty": "0", "interest": "1"},
        {"penalty": "0.01", "interest": "1"},
        {"penalty": "0", "interest": "-1"},
    )
    assert faults(prepared) == [
        (3, "balances.penalty", "unknown_component"),
        (4, "balances.interest", "credit_balance"),
    ]


def test_balances_whose_sum_does_not_fit() -> None:
    intake_map = small_map(balances={"interest": "interest"})
    large = "92233720368547758.07"
    prepared = prepare(intake_map, {"principal": large, "interest": large})
    assert faults(prepared) == [(2, "balances", "amount_too_large")]
    assert prepared.totals.balances_minor == {"CNY": 2 * (2**63 - 1)}


def test_minor_units_and_other_amounts() -> None:
    intake_map = small_map(
        balances={"principal": {"column": "principal", "minor": True}},
        account={"original_amount": "limit", "overdue": {"column": "late", "numbers": "1.234,50"}},
    )
    prepared = prepare(
        intake_map,
        {"principal": "12345", "limit": "5000", "late": "1.234,50"},
        {"principal": "12345", "limit": "", "late": ""},
        {"principal": "123.45", "limit": "-1", "late": "-1,00"},
    )
    assert prepared.rows["balance_principal"].to_list() == [12345, 12345]
    assert prepared.rows["original_amount_minor"].to_list() == [500000, None]
    assert prepared.rows["overdue_minor"].to_list() == [123450, None]
    assert faults(prepared) == [
        (4, "account.original_amount", "negative_amount"),
        (4, "account.overdue", "negative_amount"),
        (4, "balances.principal", "bad_amount"),
    ]


# --- dates ----------------------------------------------------------------------------------------


def test_dates_of_an_account() -> None:
    intake_map = small_map(
        account={"opened_on": "opened", "due_on": "due", "next_due_on": "next", "as_of": "as_of"}
    )
    good = {"opened": "2020-05-01", "due": "2026-10-01", "next": "2026-12-01", "as_of": ""}
    prepared = prepare(
        intake_map,
        good,
        {**good, "opened": "2026-11-23"},
        {**good, "due": "2019-05-01", "next": "2019-06-01"},
        {**good, "as_of": "2026-11-22"},
        {**good, "as_of": "2026-11-23"},
        {**good, "due": "2026-02-30"},
        {**good, "due": "9999-12-31"},
        {**good, "due": "01.10.2026"},
        {**good, "due": "2026-10-01T00:00:00"},
    )
    assert prepared.rows["as_of"].to_list() == [date(2026, 11, 21), date(2026, 11, 22)]
    assert prepared.rows["due_on"][0] == date(2026, 10, 1)
    assert faults(prepared) == [
        (3, "account.opened_on", "date_in_future"),
        (4, "account.due_on", "dates_out_of_order"),
        (4, "account.next_due_on", "dates_out_of_order"),
        (6, "account.as_of", "date_in_future"),
        (7, "account.due_on", "impossible_date"),
        (8, "account.due_on", "date_in_future"),
        (9, "account.due_on", "bad_date"),
        (10, "account.due_on", "bad_date"),
    ]


def test_days_past_due_become_dates() -> None:
    prepared = prepare(
        small_map(account={"dpd": "dpd"}),
        *({"dpd": text} for text in ("20", "0", "-3", "", "1.5", "99999")),
    )
    assert prepared.rows["due_on"].to_list() == [date(2026, 11, 1), None, None, None]
    assert prepared.rows["next_due_on"].to_list() == [None, None, date(2026, 11, 24), None]
    assert [code for _, _, code in faults(prepared)] == ["bad_integer", "bad_integer"]


def test_a_due_date_counts_more_than_days_and_disagreement_is_told() -> None:
    prepared = prepare(
        small_map(account={"due_on": "due", "dpd": "dpd"}),
        {"due": "2026-11-01", "dpd": "20"},
        {"due": "2026-11-01", "dpd": "21"},
        {"due": "", "dpd": "1"},
        {"due": "2026-12-01", "dpd": "0"},
    )
    assert prepared.rows["due_on"].to_list()[:3] == [
        date(2026, 11, 1),
        date(2026, 11, 1),
        date(2026, 11, 20),
    ]
    assert faults(prepared) == [(3, "account.dpd", "dpd_disagrees")]
    assert prepared.errors["severity"].to_list() == ["warning"]


# --- debtors --------------------------------------------------------------------------------------


def test_who_the_debtor_is() -> None:
    identity = {"kind": {"constant": "national_id"}, "number": "identity"}
    intake_map = small_map(debtor={"external_id": "debtor", "identity": identity})
    prepared = prepare(
        intake_map,
        {"id": "A1", "debtor": "D7", "identity": ""},
        {"id": "A2", "debtor": "", "identity": "11010519491231002x"},
        {"id": "A3", "debtor": "", "identity": ""},
    )
    assert prepared.rows["debtor_external_id"].to_list() == ["D7", None, "A:A3"]
    assert prepared.rows["identity_number"].to_list() == [None, "11010519491231002X", None]
    assert prepared.rows["identity_country"].to_list() == [None, "CN", None]
    assert prepared.rows["identity_kind"].to_list() == [None, "national_id", None]


@pytest.mark.parametrize("when_wrong", ["reject", "warn"])
def test_a_wrong_identity_number_costs_what_the_map_says(when_wrong: str) -> None:
    identity = {"kind": {"constant": "national_id"}, "number": "no", "when_wrong": when_wrong}
    prepared = prepare(
        small_map(debtor={"identity": identity}),
        {"no": "110105194912310021"},
        {"no": "12345"},
    )
    assert [code for _, _, code in faults(prepared)] == ["identity_check_digit", "bad_identity"]
    if when_wrong == "reject":
        assert prepared.rows.is_empty()
    else:
        assert prepared.rows["identity_number"].to_list() == [None, None]
        assert prepared.rows["debtor_external_id"].to_list() == ["A:A1", "A:A1"]
        assert prepared.errors["severity"].to_list() == ["warning", "warning"]


def test_an_identity_number_of_no_kind_is_not_guessed() -> None:
    kind = {"column": "kind", "codes": {"1": "national_id", "2": "company_number", "0": "none"}}
    prepared = prepare(
        small_map(debtor={"identity": {"kind": kind, "number": "no"}}),
        {"kind": "2", "no": "91350100M000100Y43"},
        {"kind": "", "no": "91350100M000100Y43"},
        {"kind": "", "no": ""},
        {"kind": "0", "no": "91350100M000100Y43"},
    )
    assert faults(prepared) == [(3, "debtor.identity.kind", "missing_value")]
    assert prepared.rows["identity_kind"].to_list() == ["company_number", None, None]


def test_names_and_what_may_not_be_in_them() -> None:
    prepared = prepare(
        small_map(),
        {"name": "ＺＨＡＮＧ　San"},
        {"name": "=cmd|' /C calc'!A0"},
        {"name": "a\x00b"},
        {"name": "x" * 201},
        {"name": "ﷺ" * 20},
        {"name": "Jürgen\nMüller"},
    )
    assert prepared.rows["name"].to_list() == [
        "ＺＨＡＮＧ San",
        "=cmd|' /C calc'!A0",
        "Jürgen Müller",
    ]
    assert prepared.rows["name_key"].to_list()[0] == "zhang san"
    assert [code for _, _, code in faults(prepared)] == [
        "control_character",
        "too_long",
        "too_long",
    ]


def test_account_numbers_are_kept_as_they_are_or_refused() -> None:
    prepared = prepare(
        small_map(),
        {"id": "=1+1"},
        {"id": "00012"},
        {"id": "A" * EXTERNAL_ID_MAX},
        {"id": "A" * (EXTERNAL_ID_MAX + 1)},
        {"id": "A\nB"},
        {"id": "A\u200bB"},
        {"id": ""},
    )
    assert prepared.rows["external_id"].to_list() == ["=1+1", "00012", "A" * EXTERNAL_ID_MAX]
    assert [code for _, _, code in faults(prepared)] == [
        "too_long",
        "control_character",
        "control_character",
        "missing_value",
    ]
    # Two characters of the table's 64 are for the letter that marks a lent number.
    assert max(len(each) for each in prepared.rows["debtor_external_id"]) == 64


def test_places_and_languages() -> None:
    intake_map = small_map(
        debtor={
            "country": "country",
            "zones": {"column": "zones", "separator": ";"},
            "language": "language",
        }
    )
    good = {"country": "", "zones": "", "language": ""}
    prepared = prepare(
        intake_map,
        good,
        {**good, "country": "us"},
        {**good, "country": "US", "zones": "America/New_York; America/Chicago"},
        {**good, "language": "en"},
        {**good, "country": "UK"},
        {**good, "zones": "Peking"},
        {**good, "language": "Chinese"},
    )
    assert prepared.rows["zones"].to_list() == [
        ["Asia/Shanghai"],
        [],  # not at the creditor's: the place is not known
        ["America/New_York", "America/Chicago"],
        ["Asia/Shanghai"],
    ]
    assert prepared.rows["country"].to_list() == ["CN", "US", "US", "CN"]
    assert prepared.rows["language"].to_list()[-1] == "en"
    assert [code for _, _, code in faults(prepared)] == [
        "unknown_country",
        "unknown_zone",
        "unknown_language",
    ]


# --- contacts and related persons -----------------------------------------------------------------

CONTACTS = [
    {"kind": "phone", "column": "mobile", "usage": "mobile"},
    {"kind": "phone", "column": "others", "separator": "/", "usage": "other", "consent": "agreed"},
    {"kind": "email", "column": "email"},
    {"kind": "address", "column": "address", "source": "contract"},
    {"kind": "phone", "column": "spouse_mobile", "owner": 1},
]
RELATED = [{"relation": {"column": "rel", "codes": {"1": "spouse", "0": "none"}}, "name": "spouse"}]
FULL = {
    "mobile": "138 0013 8000",
    "others": "13800138000/13900139000//010-62345678",
    "agreed": "",
    "email": "Zhang@Example.COM",
    "address": "北京市  朝阳区1号",
    "spouse_mobile": "13700137000",
    "rel": "1",
    "spouse": "李四",
}


def contacts_map() -> maps.IntakeMap:
    consent = {"column": "agreed", "codes": {"Y": "given", "N": "withdrawn"}, "default": "unknown"}
    contacts = [{**each, "consent": consent} if "consent" in each else each for each in CONTACTS]
    return small_map(contacts=contacts, related=RELATED)


def test_contact_points_of_a_row() -> None:
    prepared = prepare(contacts_map(), {**FULL, "agreed": "Y"})
    found = prepared.contacts.drop("line_no", "country", "validity")
    assert found.rows() == [
        (None, "phone", "mobile", "+8613800138000", "138****8000", "unknown", "creditor_file", 1),
        (None, "phone", "other", "+8613900139000", "139****9000", "given", "creditor_file", 2),
        (None, "phone", "other", "+861062345678", "10****5678", "given", "creditor_file", 3),
        (None, "email", "", "zhang@example.com", "z***@example.com", "unknown", "creditor_file", 1),
        (None, "address", "", "北京市 朝阳区1号", "北京****", "unknown", "contract", 1),
        (1, "phone", "", "+8613700137000", "137****7000", "unknown", "creditor_file", 1),
    ]
    assert faults(prepared) == []
    assert prepared.related.rows(named=True) == [
        {
            "line_no": 2,
            "index": 1,
            "relation": "spouse",
            "name": "李四",
            "name_key": "李四",
            "language": None,
            "identity_kind": None,
            "identity_country": None,
            "identity_number": None,
        }
    ]


def test_unusable_contact_points_cost_themselves_only() -> None:
    prepared = prepare(
        contacts_map(),
        {**FULL, "mobile": "12345", "email": "zhang@", "address": "x" * 501, "spouse": ""},
        {**FULL, "others": "/".join(["13800138000"] * 11), "rel": "0"},
    )
    assert prepared.rows.height == 2
    assert faults(prepared) == [
        (2, "contacts[1]", "bad_phone"),
        (2, "contacts[3]", "bad_email"),
        (2, "contacts[4]", "too_long"),
        (2, "contacts[5]", "contact_without_owner"),
        (3, "contacts[2]", "bad_phone"),
        (3, "contacts[5]", "contact_without_owner"),
    ]
    assert set(prepared.errors["severity"]) == {"warning"}
    assert prepared.related.is_empty()


def test_a_wrong_number_does_not_cost_the_debtor_its_country() -> None:
    one_phone = small_map(contacts=[{"kind": "phone", "column": "mobile"}])
    prepared = prepare(one_phone, {"mobile": "138"}, {"mobile": "13800138000"})
    assert prepared.rows["country"].to_list() == ["CN", "CN"]


def test_a_consent_that_cannot_be_read_costs_the_row() -> None:
    prepared = prepare(contacts_map(), {**FULL, "agreed": "?"})
    assert faults(prepared) == [(2, "contacts[2].consent", "unknown_code")]
    assert prepared.rows.is_empty()
    assert prepared.contacts.is_empty()
    assert prepared.related.is_empty()


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("a@b.cn", True),
        ("first.last+tag@sub.example.co.uk", True),
        ("张三@例子.中国", True),
        ("a@b", False),
        ("a b@c.cn", False),
        ("a@b.cn,c@d.cn", False),
        ("a@-b.cn", False),
        ("@b.cn", False),
        ("a@@b.cn", False),
        ("x" * 250 + "@b.cn", False),
    ],
)
def test_email_addresses(text: str, taken: bool) -> None:
    prepared = prepare(contacts_map(), {**FULL, "email": text})
    assert ("email" in prepared.contacts["kind"].to_list()) is taken


def test_related_persons_identities_never_cost_the_account() -> None:
    identity = {"kind": {"constant": "national_id"}, "number": "their_id"}
    related = [{"relation": {"constant": "guarantor"}, "name": "their", "identity": identity}]
    prepared = prepare(
        small_map(related=related),
        {"their": "王五", "their_id": "11010519491231002X"},
        {"their": "王五", "their_id": "1"},
    )
    assert prepared.rows.height == 2
    assert prepared.related["identity_number"].to_list() == ["11010519491231002X", None]


def test_holds() -> None:
    marks = {"D": "deceased", "B": "bankrupt", "-": "none"}
    holds = [
        {"column": "one", "codes": marks},
        {"column": "two", "codes": {"Y": "bankrupt"}},
    ]
    prepared = prepare(
        small_map(holds=holds),
        {"one": "D", "two": "Y"},
        {"one": "B", "two": "Y"},
        {"one": "-", "two": ""},
        {"one": "?", "two": ""},
    )
    found = prepared.rows["hold_reasons"].to_list()
    assert found == [["bankrupt", "deceased"], ["bankrupt"], []]
    assert faults(prepared) == [(5, "holds[1]", "unknown_code")]


# --- faults, totals, hashes -----------------------------------------------------------------------


def test_all_faults_of_a_row_are_listed_and_the_others_stay() -> None:
    intake_map = small_map(account={"opened_on": "opened"}, contacts=CONTACTS[:1])
    bad = {"id": "A2", "name": "", "principal": "NaN", "opened": "soon", "mobile": "1"}
    prepared = prepare(intake_map, {"id": "A1"}, bad, {"id": "A3"})
    assert prepared.rows["external_id"].to_list() == ["A1", "A3"]
    assert faults(prepared) == [
        (3, "account.opened_on", "bad_date"),
        (3, "balances.principal", "amount_not_finite"),
        (3, "debtor.name", "missing_value"),
        (3, "contacts[1]", "bad_phone"),
    ]
    assert set(prepared.errors["external_id"]) == {"A2"}
    assert prepared.errors["value"].to_list() == ["soon", "NaN", "", "1"]


def test_lines_that_are_no_rows(tmp_path: Path) -> None:
    text = "id,name,principal\nA1,a,1.00\nA2,b\nA3,c,3.00,x\nA4,d,4.00"
    source = open_source(write(tmp_path, text), small_map())
    prepared = normalise(all_rows(source), source.intake_map, CONTEXT)
    assert prepared.rows["external_id"].to_list() == ["A1", "A4"]
    assert faults(prepared) == [
        (3, "line", "cut_line"),
        (4, "line", "too_many_cells"),
        (5, "line", "no_final_line_end"),
    ]
    assert prepared.errors["value"].to_list() == ["A2,b", "A3,c,3.00,x", None]
    assert prepared.errors["severity"].to_list() == ["reject", "reject", "warning"]
    assert prepared.totals.rows == 4


def test_totals_count_rows_that_are_refused_for_another_reason() -> None:
    intake_map = small_map(account={"product": "product"}, balances={"interest": "interest"})
    prepared = prepare(
        intake_map,
        {"id": "A-000000017", "product": "CARD", "principal": "1", "interest": "2"},
        {"id": "B12345678901", "product": "CARD", "principal": "1", "interest": "2", "name": ""},
        {"id": "none", "product": "CARD", "principal": "x", "interest": "2"},
        {"id": "9", "product": "LOAN", "principal": "1", "interest": "2"},
    )
    assert prepared.totals.rows == 4
    assert prepared.totals.balances_minor == {"CNY": 600}
    # The last nine digits of each number: 17, 345678901, none, 9.
    assert prepared.totals.hash_total == 17 + 345678901 + 9


def test_totals_of_chunks_add_up() -> None:
    parts = [prepare(small_map(), {"id": f"A{n}", "principal": "1"}) for n in range(3)]
    joined = Prepared.joined(parts)
    assert joined.totals.rows == 3
    assert joined.totals.balances_minor == {"CNY": 300}
    assert joined.totals.hash_total == 0 + 1 + 2
    assert joined.rows.height == 3


def row_hash(**cells: str) -> bytes:
    return bytes(prepare(contacts_map(), {**FULL, **cells}).rows["row_hash"][0])


def test_equal_content_has_an_equal_hash_whatever_its_form_and_line() -> None:
    same = row_hash()
    assert len(same) == ROW_HASH_BYTES
    assert row_hash(mobile="+86 13800138000", email="ZHANG@example.com", name=" 张三 ") == same
    twice = prepare(contacts_map(), {**FULL, "id": "A0"}, FULL)
    assert twice.rows["row_hash"].to_list()[1] == same


@pytest.mark.parametrize(
    "cells",
    [
        {"principal": "100.01"},
        {"name": "张四"},
        {"mobile": "13800138001"},
        {"agreed": "N"},
        {"rel": "0"},
        {"spouse": "李五"},
        {"spouse_mobile": ""},
        {"address": ""},
    ],
)
def test_other_content_has_another_hash(cells: dict[str, str]) -> None:
    assert row_hash(**cells) != row_hash()


def test_the_hash_is_of_the_row_and_not_of_the_file() -> None:
    one = prepare(small_map(), {}).rows["row_hash"][0]
    earlier = prepare(small_map(), {}, context=replace(CONTEXT, as_of=date(2026, 11, 20)))
    assert earlier.rows["row_hash"][0] == one


def test_a_key_makes_another_hash() -> None:
    keyed = prepare(contacts_map(), FULL, context=replace(CONTEXT, hash_key=b"k" * 32))
    assert keyed.rows["row_hash"][0] != row_hash()


def test_a_hash_is_the_same_for_ever() -> None:
    """The value stands in the table of accounts; a change makes every row of every file new."""
    assert row_hash().hex() == "b99cff2fe513f9d0af8ce2b4afb195b1"


@settings(deadline=None)
@given(
    st.lists(st.dictionaries(st.sampled_from(["id", "name", "principal"]), st.text()), max_size=5)
)
def test_any_text_is_prepared_or_refused_by_the_row(rows: list[dict[str, str]]) -> None:
    prepared = prepare(small_map(), {}, *rows)
    assert prepared.totals.rows == len(rows) + 1
    rejected = set(prepared.errors.filter(severity="reject")["line_no"])
    taken = set(prepared.rows["line_no"])
    assert taken | rejected == set(range(2, len(rows) + 3))
    assert not taken & rejected


# --- the words of the tables ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (maps.Relation, models.RelatedPerson.Relation),
        (maps.HoldReason, models.Hold.Reason),
        (maps.ContactKind, models.ContactPoint.Kind),
        (maps.ContactConsent, models.ContactPoint.Consent),
        (maps.IdentityKind, models.IdentityKey.Kind),
        (maps.PartyKind, models.Person.Kind),
        (maps.Coverage, models.IntakeFile.Coverage),
    ],
)
def test_the_words_of_a_map_are_those_of_the_tables(mine: Any, theirs: Any) -> None:
    assert {each.value for each in mine} == set(theirs.values)


def test_row_states_and_codes_fit_into_their_columns() -> None:
    assert {each.value for each in maps.RowState} < set(models.Account.State.values)
    longest = max(len(code) for code in (*RejectCode, *FileCode))
    assert longest <= models.IntakeReject._meta.get_field("code").max_length
    assert set(WARNINGS) < set(RejectCode)
    assert {each.value for each in Severity} == {"reject", "warning"}
