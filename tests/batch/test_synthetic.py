"""The synthetic book: repeatable, plainly fictitious, and moving as the public figures say.

The calibration targets are those of the table of public sources (cards of a Taiwanese bank in 2005,
American card trusts 1999-2019), with the tolerance that each is known to.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import phonenumbers
import polars as pl
import pytest
import yaml

from kept.batch.synthetic import fiction
from kept.batch.synthetic.attempts import ATTEMPT_DAYS, attempts_of
from kept.batch.synthetic.book import LenderBook, file_days, make_books
from kept.batch.synthetic.calibration import AMERICAN_CARDS, TAIWANESE_CARDS, Market
from kept.batch.synthetic.dialects import DIALECTS
from kept.batch.synthetic.files import DeliveredFile, deliver
from kept.batch.synthetic.lenders import LAKEMERE, LENDERS, QINGHE
from kept.batch.synthetic.measuring import Measured, measure, paid_shares
from kept.batch.synthetic.streams import Streams
from kept.core.identities import NumberCheck, check_identity

LAST_DAY = date(2026, 11, 21)
Rows = list[dict[str, str]]


def read_rows(file: DeliveredFile, book: LenderBook) -> Rows:
    text = file.path.read_bytes().decode(DIALECTS[book.lender.code].encoding)
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[LenderBook, list[Rows]]]:
    """A small book as a reader of its files sees it, by the csv module."""
    folder = tmp_path_factory.mktemp("files")
    return {
        book.lender.code: (book, [read_rows(file, book) for file in deliver(book, folder)])
        for book in make_books(1_500, 7, LAST_DAY)
    }


@pytest.fixture(scope="module")
def moved() -> dict[str, pl.DataFrame]:
    """Every due date of a larger book with what came of it, by lender, and the account's family."""
    cycles = {}
    for book in make_books(120_000, 3, LAST_DAY):
        for _ in book.evolution.days(book.last_day, []):
            pass
        families = book.accounts.select("account", "family")
        cycles[book.lender.code] = book.evolution.cycles().join(families, on="account")
    return cycles


# --- repeatable -----------------------------------------------------------------------------------


def written(folder: Path, seed: int) -> dict[str, bytes]:
    folder.mkdir()
    for book in make_books(200, seed, LAST_DAY):
        for _ in deliver(book, folder):
            pass
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    first, again = written(tmp_path / "a", 1), written(tmp_path / "b", 1)
    other = written(tmp_path / "c", 2)
    assert first == again
    assert len(first) == 2 * 2 * 6  # two lenders, a file and its manifest, six days
    assert first.keys() == other.keys()
    assert not any(first[name] == other[name] for name in first)


def test_files_come_every_eighteen_days_and_on_the_last_day() -> None:
    days = file_days(date(2026, 8, 24), LAST_DAY)
    assert days[:2] == [date(2026, 9, 11), date(2026, 9, 29)]
    assert days[-2:] == [date(2026, 11, 4), LAST_DAY]
    assert len(days) == 5


def test_a_book_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 10 debtors, not 9"):
        make_books(9, 1, LAST_DAY)


# --- what is in it --------------------------------------------------------------------------------


def test_every_debtor_is_told_of_by_the_last_day(
    delivered: dict[str, tuple[LenderBook, list[Rows]]],
) -> None:
    debtors = 0
    for code, (book, files) in delivered.items():
        heading = DIALECTS[code].headings["debtor_id"]
        named = {row[heading] for rows in files for row in rows}
        assert named == set(book.people["debtor_id"])
        debtors += len(named)
    assert debtors == 1_500


def test_debtors_have_one_to_four_accounts(
    delivered: dict[str, tuple[LenderBook, list[Rows]]],
) -> None:
    for book, _ in delivered.values():
        counts = Counter(Counter(book.accounts["debtor"].to_list()).values())
        assert set(counts) == {1, 2, 3, 4}
        assert counts[1] / sum(counts.values()) == pytest.approx(0.74, abs=0.05)


def test_both_lenders_know_some_persons_by_the_same_identity(
    delivered: dict[str, tuple[LenderBook, list[Rows]]],
) -> None:
    chinese = delivered[QINGHE.code][0].people
    american = delivered[LAKEMERE.code][0].people
    shared = chinese.join(american, on=["identity_number", "identity_country"])
    assert shared.height == american.height // 20 == 30
    assert shared["name"].to_list() == shared["name_right"].to_list()
    assert set(shared["kind"]) == set(shared["kind_right"]) == {"person"}


def test_persons_and_companies_with_people_around_them(
    delivered: dict[str, tuple[LenderBook, list[Rows]]],
) -> None:
    for book, _ in delivered.values():
        people = book.people
        company = people["kind"] == "company"
        assert 0.02 < company.mean() < 0.08
        assert people.filter(company)["representative"].null_count() == 0
        assert people.filter(~company)["representative"].drop_nulls().len() == 0
        for around in ("guarantor", "nominated", "employer", "second_phone", "email"):
            assert 0 < people[around].drop_nulls().len() < people.height
        assert people["hold_reason"].drop_nulls().n_unique() >= 5


def test_a_debtor_is_described_alike_in_every_row(
    delivered: dict[str, tuple[LenderBook, list[Rows]]],
) -> None:
    fixed = ("name", "identity_number", "phone", "address", "guarantor", "nominated_phone")
    for code, (_, files) in delivered.items():
        headings = DIALECTS[code].headings
        seen: dict[str, tuple[str, ...]] = {}
        for row in (row for rows in files for row in rows):
            told = tuple(row[headings[column]] for column in fixed)
            assert seen.setdefault(row[headings["debtor_id"]], told) == told


# --- files ----------------------------------------------------------------------------------------


def test_manifests_hold_what_the_files_hold(tmp_path: Path) -> None:
    for book in make_books(300, 5, LAST_DAY):
        headings = DIALECTS[book.lender.code].headings
        for file in deliver(book, tmp_path):
            rows = read_rows(file, book)
            manifest = yaml.safe_load(file.manifest.read_text())
            owed = sum(
                int(row[headings[name]].replace(".", ""))
                for row in rows
                for name in ("principal_minor", "interest_minor", "penalty_minor")
            )
            assert manifest["rows"] == file.rows == len(rows)
            assert manifest["totals"] == {book.lender.currency: f"{owed // 100}.{owed % 100:02d}"}
            digits = [re.sub("[^0-9]", "", row[headings["account_id"]])[-9:] for row in rows]
            assert manifest["hash_total"] == sum(map(int, digits))
            assert manifest["sequence"] == file.sequence
            assert manifest["coverage"] == ("full" if file.sequence == 1 else "changes")
            assert manifest["as_of"] == file.as_of.isoformat()


def test_a_later_file_tells_only_of_what_changed(
    delivered: dict[str, tuple[LenderBook, list[Rows]]],
) -> None:
    for code, (book, files) in delivered.items():
        number = DIALECTS[code].headings["account_id"]
        last: dict[str, dict[str, str]] = {}
        for rows in files:
            named = [row[number] for row in rows]
            assert len(named) == len(set(named))
            assert all(last.get(row[number]) != row for row in rows)
            last |= {row[number]: row for row in rows}
        assert len(last) == book.accounts.height
        assert len(files[0]) < book.accounts.height  # some come later
        assert all(len(rows) < 0.75 * book.accounts.height for rows in files[1:])


def test_three_rows_of_one_file_are_faulty_and_come_again_right(
    delivered: dict[str, tuple[LenderBook, list[Rows]]],
) -> None:
    for code, (_, files) in delivered.items():
        headings = DIALECTS[code].headings
        number, due = headings["account_id"], headings["due_on"]
        impossible = {"2026/02/30", "2026-02-30"}
        faulty = [[row[number] for row in rows if row[due] in impossible] for rows in files]
        assert [len(each) for each in faulty] == [0, 0, 3, 0, 0, 0]
        assert set(faulty[2]) <= {row[number] for row in files[3]}


def test_overdue_amounts_and_due_dates_agree() -> None:
    book = make_books(2_000, 11, LAST_DAY)[0]
    for snapshot in book.evolution.days(LAST_DAY, file_days(book.first_day, LAST_DAY)):
        rows = snapshot.accounts
        late = (pl.col("due_on") < snapshot.day).fill_null(False)
        assert rows.filter(late != (pl.col("overdue_minor") > 0)).is_empty()
        owed = pl.sum_horizontal("principal_minor", "interest_minor", "penalty_minor")
        assert rows.filter((pl.col("overdue_minor") > owed) | (owed < 0)).is_empty()
        assert rows.filter(pl.col("next_due_on") <= snapshot.day).is_empty()


# --- fiction --------------------------------------------------------------------------------------

SERIALS = np.arange(20_000)


@pytest.mark.parametrize(
    ("kind", "country", "numbers"),
    [
        ("national_id", "CN", fiction.chinese_identities(SERIALS)),
        ("company_number", "CN", fiction.chinese_company_codes(SERIALS)),
        ("national_id", "US", fiction.social_security_numbers(SERIALS)),
        ("tax_number", "US", fiction.employer_numbers(SERIALS)),
    ],
    ids=["identity", "company", "social security", "employer"],
)
def test_numbers_are_well_formed_and_distinct(kind: str, country: str, numbers: pl.Series) -> None:
    assert numbers.n_unique() == len(SERIALS)
    for number in numbers.gather_every(37):
        assert check_identity(kind, country, number)[1] is NumberCheck.GOOD


def test_numbers_belong_to_nobody() -> None:
    assert set(fiction.chinese_identities(SERIALS).str.slice(0, 2)) == {"99"}
    assert set(fiction.chinese_company_codes(SERIALS).str.slice(2, 2)) == {"99"}
    assert set(fiction.chinese_mobiles(SERIALS).str.slice(0, 3)) == {"154"}
    assert set(fiction.social_security_numbers(SERIALS).str.slice(0, 3)) == {"666"}
    assert set(fiction.employer_numbers(SERIALS).str.slice(0, 3)) == {"00-"}
    phones = fiction.us_phones(pl.Series(["212"]).new_from_index(0, 20_000), SERIALS)
    assert phones.str.contains(r"^212-555-01[0-9]{2}$").all()


def test_no_mobile_operator_of_china_has_our_prefix() -> None:
    number = phonenumbers.parse(fiction.chinese_mobiles(np.array([5]))[0], "CN")
    assert phonenumbers.is_possible_number(number)
    assert not phonenumbers.is_valid_number(number)


def test_a_million_identities_are_distinct() -> None:
    serials = np.arange(1_000_000)
    assert fiction.chinese_identities(serials).n_unique() == 1_000_000
    assert fiction.social_security_numbers(serials[:648_000]).n_unique() == 648_000


def test_addresses_and_mail_are_samples() -> None:
    for book in make_books(500, 2, LAST_DAY):
        mail = book.people["email"].drop_nulls()
        assert mail.str.contains(r"^debtor[0-9]+@example\.(com|net|org)$").all()
        assert book.people["address"].str.contains("样本市示例区|, Sampleton, [A-Z]{2} 00").all()


# --- calibration ----------------------------------------------------------------------------------


@pytest.mark.parametrize("market", [TAIWANESE_CARDS, AMERICAN_CARDS], ids=lambda m: m.name)
def test_shares_of_a_market_are_shares(market: Market) -> None:
    moves = np.array(market.moves)
    assert moves.min() >= 0
    assert moves.sum(axis=1) == pytest.approx(1)
    assert len(market.pays) == len(market.moves)
    assert np.array(market.pays).min() >= 0
    assert np.array(market.pays).max() <= 1


@pytest.mark.parametrize(
    ("months_late", "cures", "improves", "worsens", "pays"),
    [
        (2, 0.253, 0.356, 0.063, 0.517),
        (3, 0.159, 0.584, 0.257, 0.221),
        (4, 0.042, 0.430, 0.289, 0.236),
    ],
)
def test_chinese_accounts_move_as_the_taiwanese_cards_did(
    moved: dict[str, pl.DataFrame],
    months_late: int,
    cures: float,
    improves: float,
    worsens: float,
    pays: float,
) -> None:
    found = measure(moved[QINGHE.code], months_late)
    assert found.count > 4_000
    assert found.cures == pytest.approx(cures, abs=0.015)
    assert found.improves == pytest.approx(improves, abs=0.02)
    assert found.worsens == pytest.approx(worsens, abs=0.02)
    assert found.pays == pytest.approx(pays, abs=0.02)


def test_seven_in_a_hundred_pay_at_five_months_and_more(moved: dict[str, pl.DataFrame]) -> None:
    cycles = moved[QINGHE.code].filter(pl.col("months_late") >= 5)
    over = cycles.filter(pl.col("next_months_late").is_not_null())
    assert over.height > 5_000
    assert (over["paid_minor"] > 0).mean() == pytest.approx(0.07, abs=0.015)


def test_payers_of_late_cards_pay_a_twentieth_of_the_bill(moved: dict[str, pl.DataFrame]) -> None:
    shares = paid_shares(moved[QINGHE.code].filter(family="card"))
    assert shares.median() == pytest.approx(0.05, abs=0.01)
    assert shares.quantile(0.95) == pytest.approx(0.26, abs=0.05)


@pytest.mark.parametrize(
    ("months_late", "least", "most"),
    [
        (0, 0.39, 0.48),  # Citibank, under 35 days to 35-64
        (1, 0.69, 0.75),  # Bank of America, 30-59 to 60-89
        (2, 0.81, 0.94),  # 60-89 to 90-119
        (3, 0.84, 0.90),  # to 120-149
        (4, 0.95, 1.07),  # to 150-179, with interest
    ],
)
def test_american_balances_roll_as_the_card_trusts_reported(
    moved: dict[str, pl.DataFrame], months_late: int, least: float, most: float
) -> None:
    found: Measured = measure(moved[LAKEMERE.code], months_late)
    assert found.count > 4_000
    assert least <= found.rolls_by_balance <= most


def test_nothing_is_measured_where_nobody_was_so_late(moved: dict[str, pl.DataFrame]) -> None:
    with pytest.raises(ZeroDivisionError, match="no account was 40 months late"):
        measure(moved[QINGHE.code], 40)


def test_both_lenders_are_fictitious_by_name() -> None:
    assert [lender.code for lender in LENDERS] == ["QINGHE-DEMO", "LAKEMERE-DEMO"]
    assert "虚构" in QINGHE.name
    assert "fictitious" in LAKEMERE.name


# --- attempts made before -------------------------------------------------------------------------


def test_attempts_are_as_many_and_as_fruitless_as_reported() -> None:
    book = make_books(20_000, 4, LAST_DAY)[0]
    attempts = attempts_of(book, Streams(4).of("attempts"))
    calls = attempts.filter(channel="call")
    assert attempts.height / book.people.height == pytest.approx(11.4 / 3, abs=0.1)
    assert (calls["outcome"] == "conversation").mean() == pytest.approx(0.074, abs=0.005)
    assert attempts.equals(attempts_of(book, Streams(4).of("attempts")))


def test_attempts_keep_to_weekdays_and_the_hours_of_the_debtor() -> None:
    book = make_books(2_000, 4, LAST_DAY)[1]
    attempts = attempts_of(book, Streams(4).of("attempts"))
    zones = dict(zip(book.people["debtor_id"], book.people["zone"], strict=True))
    local = [
        (name, moment.astimezone(ZoneInfo(zones[name])))
        for name, moment in attempts.select("debtor_external_id", "started_at").iter_rows()
    ]
    assert {moment.hour for _, moment in local} == set(range(9, 20))
    assert {moment.weekday() for _, moment in local} == set(range(5))
    days = Counter((name, moment.date()) for name, moment in local)
    assert set(days.values()) == {1}
    assert min(day for _, day in days) >= LAST_DAY - timedelta(days=ATTEMPT_DAYS)
    assert max(day for _, day in days) < LAST_DAY


def test_dead_numbers_stay_dead() -> None:
    book = make_books(5_000, 4, LAST_DAY)[0]
    calls = attempts_of(book, Streams(4).of("attempts")).filter(channel="call")
    dead = calls.group_by("debtor_external_id").agg(
        (pl.col("outcome") == "not_in_service").mean().alias("share")
    )
    assert set(dead["share"]) == {0.0, 1.0}
    assert (dead["share"] == 1).mean() == pytest.approx(0.05, abs=0.015)


def test_a_small_book_has_no_more_faults_than_an_intake_takes(tmp_path: Path) -> None:
    for book in make_books(300, 5, LAST_DAY):
        for file in deliver(book, tmp_path):
            assert file.faulty_rows * 100 <= file.rows
