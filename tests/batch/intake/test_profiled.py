"""Files unlike those before them wait for a person, who accepts them or sets them aside."""

from __future__ import annotations

import pytest

from kept.batch.intake.receiving import run_received
from kept.batch.intake.running import run_files_of
from kept.batch.intake.telling import breach_message, file_message
from kept.store.models import Account, IntakeFile
from kept.work.intake import (
    do_accept_profile,
    do_set_aside_file,
)
from kept.work.refusals import Refusal
from tests.batch.intake.deliveries import (
    ACTOR,
    LATER,
    MAP,
    NOW,
    make_bank,
    row,
    rows,
    take,
    total_of,
)
from tests.batch.intake.digest import staging_tables

pytestmark = pytest.mark.django_db(transaction=True)


BANDS = MAP + "profile: {rows_change_per_mille: 200, balance_change_per_mille: 300}\n"


def test_a_file_unlike_those_before_it_waits_for_a_person() -> None:
    make_bank()
    take(rows(20), file_id="one", map_text=BANDS)
    odd = take(rows(10), file_id="two", map_text=BANDS, **LATER)
    assert (odd.state, odd.run.state) == ("profiled", "waiting")
    assert [each["code"] for each in odd.profile["breaches"]] == ["rows_changed", "balance_changed"]
    assert breach_message(odd.profile["breaches"][0]) == (
        "The file has 10 rows; the files before it had 20."
    )
    assert not Account.objects.filter(state="missing").exists()
    assert run_received(odd.pk).state == "profiled"
    # Meanwhile another file is applied: what waits is checked anew when it is accepted.
    between = take(
        [row(1, principal="5.00")], file_id="three", map_text=MAP, coverage="changes", **LATER
    )
    assert between.state == "acknowledged"
    with pytest.raises(Refusal):
        do_accept_profile(actor=ACTOR, intake_file_id=odd.pk, reason="", now=NOW)
    do_accept_profile(actor=ACTOR, intake_file_id=odd.pk, reason="half was sold", now=NOW)
    taken = run_received(odd.pk)
    assert taken.state == "acknowledged"
    assert taken.profile["accepted"]["reason"] == "half was sold"
    assert taken.acknowledgement["changed"] == 1
    assert Account.objects.filter(state="missing").count() == 10
    with pytest.raises(Refusal):
        do_accept_profile(actor=ACTOR, intake_file_id=odd.pk, reason="again", now=NOW)


def test_a_numbered_file_that_waits_for_a_person_holds_back_the_next() -> None:
    make_bank()
    take(rows(20), file_id="F1", sequence=1, map_text=BANDS)
    take(rows(10), file_id="F2", sequence=2, map_text=BANDS, **LATER)
    assert take(rows(20), file_id="F3", sequence=3, map_text=BANDS, **LATER).state == "waiting"


def test_a_person_may_set_aside_a_file_that_waits() -> None:
    creditor = make_bank()
    take(rows(20), file_id="one", map_text=BANDS)
    odd = take(rows(10), file_id="two", map_text=BANDS, **LATER)
    do_set_aside_file(actor=ACTOR, intake_file_id=odd.pk, reason="sent by mistake", now=NOW)
    odd.refresh_from_db()
    assert (odd.state, odd.quarantine_code) == ("quarantined", "set_aside")
    assert file_message(odd) == "A person set the file aside: sent by mistake"
    run_files_of(creditor.pk)
    assert Account.objects.filter(state="active").count() == 20
    assert staging_tables() == 0
    taken = IntakeFile.objects.get(file_id="one")
    with pytest.raises(Refusal):
        do_set_aside_file(actor=ACTOR, intake_file_id=taken.pk, reason="too late", now=NOW)


def test_a_profile_says_what_the_file_looks_like() -> None:
    make_bank()
    file = take([*rows(9), row(10, principal="NaN")], rows_per_chunk=4)
    found = file.profile
    assert (found["rows"], found["rejected"]) == (10, 1)
    assert found["nulls"]["contacts.phone"] == 0
    assert found["nulls"]["related"] == 9
    assert found["balances"]["CNY"]["total"] == total_of(rows(9))
    assert found["dates"]["account.opened_on"] == ["2024-03-01", "2024-03-01"]
    assert found["counts"]["product"] == {"CARD": 9}
