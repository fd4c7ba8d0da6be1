"""The real book: 30,000 card accounts taken in by the example's map, their buckets, their night.

The file is not part of the project and these tests are skipped where it is not at hand. The literal
figures were counted from it with the csv module, not with kept; `test_the_figures_are_those_of_the_
file` does the same again. Rows of the file are never written down here.
"""

from __future__ import annotations

import csv
import hashlib
import importlib.util
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from kept.batch.intake.control import Control
from kept.batch.intake.loading import load_map
from kept.batch.intake.receiving import FileToReceive, receive_and_run
from kept.batch.nightly import run_nights
from kept.core.actors import job
from kept.core.ledger import bucket_of
from kept.store.models import (
    Account,
    BucketMove,
    Case,
    Debtor,
    IntakeFile,
    IntakeReject,
    ProductTerms,
    Task,
)
from kept.store.partitions import ensure_partitions
from kept.store.queries import load

EXAMPLE = Path(__file__).parents[2] / "examples" / "uci_credit_card"
FILE = Path("data") / "uci_default_credit_card.csv"
AS_OF = date(2005, 9, 30)
EVENING = datetime(2005, 9, 30, 14, 0, tzinfo=UTC)  # ten at night in Taipei
ACTOR = job("test")

# Counted with the csv module. A month late with nothing owed is not late: 1,689 accounts are.
ACCOUNTS = 30_000
BILLS_MINOR = 153_669_992_700
NEGATIVE_BILLS, NEGATIVE_MINOR = 590, -68_133_000
ZERO_BILLS = 2_008
STATUSES = {
    -2: 2759,
    -1: 5686,
    0: 14737,
    1: 3688,
    2: 2667,
    3: 322,
    4: 76,
    5: 26,
    6: 11,
    7: 9,
    8: 19,
}
BUCKETS = {0: 24_871, 1: 1_999, 2: 2_667, 3: 322, 4: 76, 5: 26, 6: 11, 7: 28}
OVERDUE_MINOR = {
    1: 10_068_374_800,
    2: 17_305_695_400,
    3: 1_217_816_400,
    4: 517_567_300,
    5: 210_691_100,
    6: 96_346_300,
    7: 355_697_900,
}
DPD = {0: 24_871, 30: 1_999, 60: 2_667, 90: 322, 120: 76, 150: 26, 180: 11, 210: 9, 240: 19}
# 18-30 days: letter; 31-90: visit; more: legal review.
#: What would be lawful and worth it, and what the minutes of the sixteen seats suffice for: ten
#: write letters of 4 minutes, four visit for 60, two review for 15.
PLANNED = {"letter": 10 * 420 // 4, "visit": 4 * 420 // 60, "legal_review": 2 * 420 // 15}
TASKS = {"letter": 1_999, "visit": 2_667 + 322, "legal_review": 76 + 26 + 11 + 9 + 19}


@pytest.fixture(scope="module")
def path(shared: Path) -> Path:
    found = shared / FILE
    if not found.is_file():
        pytest.skip(f"The real book is not at hand: there is no {found} (set KEPT_SHARED).")
    return found


def set_up_module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("uci_set_up", EXAMPLE / "set_up.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True, slots=True)
class Taken:
    """The book after its file and before its night."""

    file: IntakeFile
    creditor_id: int


@pytest.fixture(scope="module")
def taken(path: Path, django_db_setup: None, django_db_blocker: Any) -> Iterator[Taken]:
    """Taken in once for all tests of this module, and cleared away at the end."""
    from tests.emptying import empty_database

    with django_db_blocker.unblock():
        ensure_partitions(AS_OF, AS_OF)
        creditor_id = set_up_module().set_up(actor=ACTOR, now=EVENING)
        yield Taken(take_in(path), creditor_id)
        empty_database()


def take_in(path: Path) -> IntakeFile:
    with path.open("rb") as content:
        return receive_and_run(
            actor=ACTOR,
            file=FileToReceive(
                creditor_code="TAIWAN-BANK",
                name=path.name,
                content=content,
                map_name="map.yaml",
                map_text=(EXAMPLE / "map.yaml").read_text(encoding="utf-8"),
                given=Control(as_of=AS_OF),
            ),
            now=EVENING,
        )


def positions(creditor_id: int) -> list[dict[str, Any]]:
    """Every account as of the day, rebuilt from its postings alone."""
    return (
        load("ledger")["positions"]
        .scoped("creditor")
        .rows({"creditor_id": creditor_id, "as_of": AS_OF, "known_at": EVENING})
    )


# --- by other means -------------------------------------------------------------------------------


def test_the_figures_are_those_of_the_file(path: Path) -> None:
    with path.open(newline="", encoding="utf-8") as text:
        rows = [
            (int(row["PAY_0"]), int(Decimal(row["BILL_AMT1"]) * 100))
            for row in csv.DictReader(text)
        ]
    assert len(rows) == ACCOUNTS
    assert sum(bill for _, bill in rows) == BILLS_MINOR
    assert Counter(status for status, _ in rows) == STATUSES
    negative = [bill for _, bill in rows if bill < 0]
    assert (len(negative), sum(negative)) == (NEGATIVE_BILLS, NEGATIVE_MINOR)
    assert sum(bill == 0 for _, bill in rows) == ZERO_BILLS
    late = [(min(status, 7), bill) for status, bill in rows if status > 0 and bill > 0]
    assert Counter(bucket for bucket, _ in late) == {b: n for b, n in BUCKETS.items() if b}
    assert {b: sum(bill for at, bill in late if at == b) for b in OVERDUE_MINOR} == OVERDUE_MINOR


# --- the map --------------------------------------------------------------------------------------


def test_the_map_reads_no_protected_attribute() -> None:
    intake_map = load_map(EXAMPLE / "map.yaml")
    protected = {"SEX", "EDUCATION", "MARRIAGE", "AGE"}
    assert protected <= {ignored.column for ignored in intake_map.ignore}
    assert set(intake_map.columns()) == {"ID", "PAY_0", "BILL_AMT1"}


def test_the_example_holds_no_row_of_the_file() -> None:
    texts = [each.read_text(encoding="utf-8") for each in EXAMPLE.iterdir() if each.is_file()]
    assert len(texts) == 4
    longest = max(line.count(",") for text in texts for line in text.splitlines())
    assert longest < 24  # a row has 24 commas


# --- the book -------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_thirty_thousand_accounts_are_taken_in_to_the_cent(taken: Taken) -> None:
    assert taken.file.state == "acknowledged"
    assert taken.file.acknowledgement["rows"]["accepted"] == ACCOUNTS
    assert taken.file.acknowledgement["amounts_minor"]["TWD"]["accepted"] == BILLS_MINOR
    assert IntakeReject.objects.count() == 0
    assert Account.objects.count() == Debtor.objects.count() == ACCOUNTS
    assert set(Debtor.objects.values_list("name", "country").distinct()) == {("Card holder", "TW")}
    assert bytes(taken.file.sha256) == hashlib.sha256(path_of(taken)).digest()


def path_of(taken: Taken) -> bytes:
    from kept.batch.intake.opening import stored_path
    from kept.store.sealing import open_sealed

    with open_sealed(stored_path(taken.file)) as content:
        return content.read()


@pytest.mark.django_db
def test_buckets_are_rebuilt_from_the_ledger(taken: Taken) -> None:
    found = positions(taken.creditor_id)
    boundaries = ProductTerms.objects.get().bucket_boundaries
    without_postings = ACCOUNTS - len(found)
    assert without_postings == ZERO_BILLS
    buckets = Counter(bucket_of(row["dpd"], boundaries) for row in found)
    buckets[0] += without_postings
    assert buckets == BUCKETS
    assert Counter(row["dpd"] for row in found) + Counter({0: without_postings}) == DPD
    for bucket, overdue in OVERDUE_MINOR.items():
        rows = [row for row in found if bucket_of(row["dpd"], boundaries) == bucket]
        assert sum(row["overdue_minor"] for row in rows) == overdue
    assert sum(row["balance_minor"] for row in found) == BILLS_MINOR
    credits = [row["balance_minor"] for row in found if row["balance_minor"] < 0]
    assert (len(credits), sum(credits)) == (NEGATIVE_BILLS, NEGATIVE_MINOR)


@pytest.mark.django_db
def test_a_case_for_each_account_that_is_late_and_owes(taken: Taken) -> None:
    late = sum(count for bucket, count in BUCKETS.items() if bucket)
    assert Case.objects.filter(closed_on__isnull=True, opened_on=AS_OF).count() == late == 5_129
    assert Case.objects.count() == late


@pytest.mark.django_db
def test_the_night_gives_every_case_its_treatment(taken: Taken) -> None:
    result = run_nights(actor=ACTOR, now=EVENING, as_of=AS_OF)["TAIWAN-BANK"]
    assert result["buckets"] == {str(bucket): n for bucket, n in BUCKETS.items() if bucket}
    assert {name: n for name, n in result["treatments"].items() if n} == PLANNED
    assert Counter(Task.objects.values_list("treatment", flat=True)) == PLANNED
    assert result["without_treatment"] == sum(TASKS.values()) - sum(PLANNED.values())
    moves = Counter(BucketMove.objects.values_list("to_bucket", flat=True))
    assert moves == {bucket: n for bucket, n in BUCKETS.items() if bucket}
    assert result["minutes_used"] == 16 * 420
    again = run_nights(actor=ACTOR, now=EVENING, as_of=AS_OF)["TAIWAN-BANK"]
    assert again == {**result, "done_before": True}
    assert Task.objects.count() == sum(PLANNED.values())


@pytest.mark.django_db
def test_the_same_file_again_changes_nothing(taken: Taken, path: Path) -> None:
    before = (
        load("ledger")["positions"]
        .scoped("creditor")
        .run({"creditor_id": taken.creditor_id, "as_of": AS_OF, "known_at": EVENING})
    )
    assert take_in(path).pk == taken.file.pk
    assert IntakeFile.objects.count() == 1
    assert len(positions(taken.creditor_id)) == before
