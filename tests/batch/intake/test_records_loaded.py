"""Contact history, stops, consents and facts of an old system: loaded once, seen by the law."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from kept.batch.intake.acknowledging import write_rejects
from kept.batch.intake.correcting import receive_corrections
from kept.batch.intake.loading import read_any_map, read_map
from kept.core.actors import Role
from kept.core.intake import MapError
from kept.core.intake.record_fields import SECTIONS
from kept.store.models import (
    Attempt,
    Circumstance,
    Complaint,
    Consent,
    Creditor,
    Debtor,
    Dispute,
    Event,
    Hardship,
    Hold,
    IntakeFile,
    LoadedRow,
    Representation,
    Stop,
    Vulnerability,
)
from kept.work.creditors import do_declare_no_history, do_set_cut_over
from kept.work.person_records import do_read_vulnerabilities, list_records
from tests import factories as make
from tests.batch.intake.digest import staging_tables
from tests.batch.intake.records import (
    ACTOR,
    ATTEMPTS,
    CUT_OVER,
    NOW,
    PHONE,
    Lender,
    errors_of,
    make_lender,
)

pytestmark = pytest.mark.django_db(transaction=True)
SPAN = {"as_of": CUT_OVER, "covers_from": date(2026, 8, 1)}
ANNOUNCED = {"done": ("announce_recording",)}


@pytest.fixture
def lender() -> Lender:
    make.make_partitions()
    return make_lender()


def seven(lender: Lender, first: int) -> list[dict[str, str]]:
    """A call each day, unanswered, from a day of November on; the last is before the present."""
    return [lender.call(n, f"2026-11-{first + n} 09:00", "N") for n in range(7)]


def busy(lender: Lender) -> dict[str, str]:
    """An attempt that no rule counts."""
    return lender.call(99, "2026-08-20 10:00", "B")


# --- the law sees them ----------------------------------------------------------------------------


def ask(lender: Lender, channel: str = "call", now: datetime = NOW) -> tuple[bool, tuple[str, ...]]:
    """Whether a contact is permitted, and by which rules it is refused."""
    answer = lender.ask(channel, now)
    assert answer.weighed is not None
    return answer.is_permitted, (*answer.weighed.denied, *answer.weighed.held)


def test_seven_connected_calls_in_seven_days_leave_no_eighth(lender: Lender) -> None:
    file = lender.take("attempts", seven(lender, 17), **SPAN)
    assert file.state == IntakeFile.State.ACKNOWLEDGED
    assert file.acknowledgement["rows"] == {
        "received": 7,
        "accepted": 7,
        "rejected": 0,
        "unchanged": 0,
    }
    assert ask(lender) == (False, ("US.F.14b.count",))
    lender.creditor.refresh_from_db()
    assert lender.creditor.complete_from == date(2026, 8, 1)
    assert staging_tables() == 0


def test_a_day_earlier_they_leave_one(lender: Lender) -> None:
    """The first of them is out of the window of 12 CFR 1006.14(b)(2)(i)(A)."""
    lender.take("attempts", seven(lender, 16), **SPAN)
    permitted, rules = ask(lender)
    assert rules == ()
    assert permitted is False  # the recording is not announced yet: a duty, and no refusal
    assert lender.ask("call").weighed.missing == ("announce_recording",)  # type: ignore[union-attr]


def test_calls_that_did_not_connect_are_not_counted(lender: Lender) -> None:
    rows = [{**row, "outcome": "B"} for row in seven(lender, 17)]
    lender.take("attempts", rows, **SPAN)
    assert ask(lender)[1] == ()


def test_a_conversation_of_the_file_cools_down_for_seven_days(lender: Lender) -> None:
    lender.take("attempts", [lender.call(1, "2026-11-20 16:00")], **SPAN)
    assert ask(lender) == (False, ("US.F.14b.cooldown",))
    later = datetime(2026, 11, 27, 15, tzinfo=UTC)
    assert ask(lender, now=later)[1] == ()


def test_a_text_is_refused_then_consented_to_then_stopped(lender: Lender) -> None:
    lender.take("attempts", [busy(lender)], **SPAN)
    assert ask(lender, "sms") == (False, ("US.TCPA.prerecorded",))
    consent = {"kind": "machine", "at": "2026-11-20", "firm": lender.firm.code, "channel": "sms"}
    lender.take("consents", [lender.row(id="K1", phone=PHONE, **consent)])
    assert ask(lender, "sms") == (True, ())
    stop = lender.row(id="S1", kind="opt_out", at="2026-11-21", channel="sms", phone=PHONE)
    lender.take("stops", [stop])
    permitted, rules = ask(lender, "sms")
    assert not permitted
    assert "US.F.14h.medium" in rules


def test_a_stop_of_another_number_leaves_this_one_open(lender: Lender) -> None:
    other = make.make_contact_point(lender.debtor, "+12125550188")
    lender.take("attempts", [busy(lender)], **SPAN)
    consent = {"kind": "machine", "at": "2026-11-20", "firm": lender.firm.code, "channel": "sms"}
    lender.take("consents", [lender.row(id="K1", **consent)])
    row = lender.row(id="S1", kind="opt_out", at="2026-11-21", channel="sms", phone="212-555-0188")
    lender.take("stops", [row])
    assert Stop.objects.get().contact_point == other
    assert ask(lender, "sms") == (True, ())


def test_an_attorney_of_the_file_is_seen(lender: Lender) -> None:
    lender.take("attempts", [busy(lender)], **SPAN)
    row = lender.row(id="P1", kind="attorney", at="2026-11-01", reachable="yes")
    lender.take("persons", [row])
    assert "US.F.6b2.attorney" in ask(lender)[1]


# --- from when on all is known --------------------------------------------------------------------


def test_until_history_is_loaded_every_cap_counts_as_full(lender: Lender) -> None:
    assert ask(lender) == (False, ("US.F.14b.cooldown", "US.F.14b.count"))
    lender.take("attempts", [busy(lender)], as_of=CUT_OVER, covers_from=date(2026, 11, 17))
    assert ask(lender)[1] == ()


def test_a_span_that_begins_within_the_window_is_not_enough(lender: Lender) -> None:
    lender.take("attempts", [busy(lender)], as_of=CUT_OVER, covers_from=date(2026, 11, 18))
    assert ask(lender)[1] == ("US.F.14b.cooldown", "US.F.14b.count")


@pytest.mark.parametrize(
    ("case", "known"),
    [("changes", None), ("gap", None), ("rejected", None), ("whole", date(2026, 8, 1))],
)
def test_only_a_whole_span_that_reaches_the_cut_over_counts(
    lender: Lender, case: str, known: date | None
) -> None:
    rows = [lender.call(1, "2026-11-20 16:00")]
    given = {"covers_from": date(2026, 8, 1), "as_of": date(2026, 11, 22)}
    text = ATTEMPTS
    if case == "changes":
        text = ATTEMPTS.replace("coverage: full", "coverage: changes")
    if case == "gap":
        given["as_of"] = date(2026, 11, 21)
    if case == "rejected":
        rows += [lender.call(2, "2026-11-20 16:00", "no such outcome")]
    lender.take("attempts", rows, map_text=text, **given)
    lender.creditor.refresh_from_db()
    assert lender.creditor.complete_from == known
    assert Attempt.objects.count() == 1


def test_without_a_word_the_days_at_the_ends_may_be_cut(lender: Lender) -> None:
    """Rows from the 10th to the 23rd: the 11th to the 22nd are whole, and reach the cut-over."""
    rows = [lender.call(1, "2026-11-10 09:00", "N"), lender.call(2, "2026-11-23 09:00", "N")]
    file = lender.take("attempts", rows)
    assert file.counts["span"] == {"first": "2026-11-11", "last": "2026-11-22", "is_whole": True}
    lender.creditor.refresh_from_db()
    assert lender.creditor.complete_from == date(2026, 11, 11)


def test_spans_join_and_the_cut_over_may_come_after_the_file(lender: Lender) -> None:
    Creditor.objects.filter(pk=lender.creditor.pk).update(cut_over_on=None)
    for first, last in ((date(2026, 6, 1), date(2026, 8, 31)), (date(2026, 9, 1), CUT_OVER)):
        call = {**busy(lender), "id": str(first), "at": f"{first} 10:00"}
        lender.take("attempts", [call], as_of=last, covers_from=first)
    lender.creditor.refresh_from_db()
    assert lender.creditor.complete_from is None
    admin = make.make_actor(1, "admin", {Role.ADMINISTRATOR})
    do_set_cut_over(actor=admin, creditor_id=lender.creditor.pk, cut_over_on=CUT_OVER, now=NOW)
    lender.creditor.refresh_from_db()
    assert lender.creditor.complete_from == date(2026, 6, 1)


def test_a_compliance_officer_may_declare_that_there_was_nothing(lender: Lender) -> None:
    officer = make.make_actor(1, "officer", {Role.COMPLIANCE_OFFICER})
    given = {"actor": officer, "creditor_id": lender.creditor.pk, "now": NOW}
    do_declare_no_history(reason="The book is new.", **given)  # type: ignore[arg-type]
    assert ask(lender)[1] == ()


# --- once -----------------------------------------------------------------------------------------


def test_the_same_lines_count_once_however_often_they_come(lender: Lender) -> None:
    lender.take("attempts", seven(lender, 10), file_id="F1", as_of=date(2026, 11, 16))
    again = lender.take("attempts", seven(lender, 10), file_id="F1", as_of=date(2026, 11, 16))
    assert again.acknowledgement["rows"]["accepted"] == 7  # the first answer
    more = [lender.call(7, "2026-11-17 10:00", "N"), lender.call(8, "2026-11-18 10:00", "N")]
    file = lender.take("attempts", [*seven(lender, 10), *more], file_id="F2")
    assert file.acknowledgement["rows"] == {
        "received": 9,
        "accepted": 2,
        "rejected": 0,
        "unchanged": 7,
    }
    assert Attempt.objects.count() == 9
    assert set(LoadedRow.objects.values_list("intake_file_id", flat=True)) == {file.pk}


def test_a_line_twice_in_one_file_is_one_and_an_altered_one_is_refused(lender: Lender) -> None:
    call = lender.call(1, "2026-11-20 16:00")
    lender.take("attempts", [call, call], file_id="F1")
    assert Attempt.objects.count() == 1
    file = lender.take("attempts", [lender.call(1, "2026-11-20 17:00")], file_id="F2")
    assert file.quarantine_code == "too_many_rejects"
    assert errors_of(file) == [(2, "attempt.external_id", "record_differs")]
    two = [lender.call(2, "2026-11-20 16:00"), lender.call(2, "2026-11-20 17:00")]
    file = lender.take("attempts", [*two, *seven(lender, 10)[3:]], file_id="F3")
    assert [code for _line, _field, code in errors_of(file)] == ["record_twice"] * 2
    assert Attempt.objects.count() == 5


def test_rows_without_a_number_are_known_by_what_they_say(lender: Lender) -> None:
    stop = lender.row(kind="opt_out", at="2026-11-21 10:00", channel="sms")
    for count in (1, 2, 3):
        lender.take("stops", [{**stop, "channel": "email"}, *[stop] * count], file_id=str(count))
    assert Stop.objects.count() == 2


def test_an_end_that_comes_later_ends_the_record_and_an_old_file_does_not_open_it(
    lender: Lender,
) -> None:
    consent = lender.row(id="K1", kind="machine", at="2026-11-01", firm=lender.firm.code)
    lender.take("consents", [consent], file_id="1")
    file = lender.take("consents", [{**consent, "ended": "2026-11-10"}], file_id="2")
    assert file.acknowledgement["changed"] == 1
    row = Consent.objects.get()
    assert row.ended_at == datetime(2026, 11, 10, 5, tzinfo=UTC)
    lender.take("consents", [consent, consent], file_id="3")
    row.refresh_from_db()
    assert row.ended_at is not None
    assert ask(lender, "sms")[0] is False
    told = Event.objects.filter(action="person.take_records").values_list("body", flat=True)
    assert list(told) == [
        f'{{"intake_file":{file.pk - 1},"records":["consent:{row.pk}"]}}',
        f'{{"ended":["consent:{row.pk}"],"intake_file":{file.pk}}}',
    ]


def test_a_dry_run_answers_the_same_and_writes_nothing(lender: Lender) -> None:
    rows = [*seven(lender, 10), lender.call(8, "2026-11-20 10:00", "?")]
    tried = lender.take("attempts", rows, dry_run=True, **SPAN)
    assert (Attempt.objects.count(), LoadedRow.objects.count()) == (0, 0)
    taken = lender.take("attempts", rows, **SPAN)
    for name in ("rows", "rejects_by_code", "new", "span"):
        assert tried.acknowledgement[name] == taken.acknowledgement[name]
    assert taken.acknowledgement["rejects_by_code"] == {"unknown_word": 1}


def test_many_rows_in_chunks(lender: Lender) -> None:
    start = datetime(2026, 11, 1, tzinfo=UTC)
    debtors = [lender.debtor, *(make.make_debtor(lender.creditor) for _ in range(30))]
    for debtor in debtors[1:]:
        make.make_case(debtor)
    rows = [
        {
            "id": f"C{n}",
            "debtor": debtors[n % 31].external_id,
            "at": (start + timedelta(minutes=7 * n)).isoformat(),
            "channel": "C",
            "outcome": "N",
        }
        for n in range(3_000)
    ]
    file = lender.take("attempts", rows, rows_per_chunk=400)
    assert file.acknowledgement["rows"]["accepted"] == 3_000
    assert Attempt.objects.count() == 3_000
    # One event for each case, although the file came in eight chunks.
    assert Event.objects.filter(action="attempt.take_history").count() == 31
    lender.take("attempts", rows[::-1], rows_per_chunk=999, file_id="again")
    assert Attempt.objects.count() == 3_000


# --- refused, and nothing lost --------------------------------------------------------------------


FAULTY_ATTEMPTS: list[tuple[dict[str, str], str, str]] = [
    ({"at": "2026-11-23 15:00"}, "started_at", "time_in_future"),
    ({"at": "2016-11-01 15:00"}, "started_at", "too_long_ago"),
    ({"at": "2026-11-01 01:30"}, "started_at", "time_twice"),
    ({"at": "2026-03-08 02:30"}, "started_at", "skipped_time"),
    ({"at": "2026-11-20"}, "started_at", "no_time_of_day"),
    ({"at": "2026-11-20 25:00"}, "started_at", "bad_time"),
    ({"at": "yesterday"}, "started_at", "bad_date"),
    ({"at": ""}, "started_at", "missing_value"),
    ({"id": ""}, "external_id", "missing_value"),
    ({"outcome": "spoke"}, "outcome", "unknown_word"),
    ({"channel": "fax"}, "channel", "unknown_word"),
    ({"debtor": "NOBODY"}, "debtor", "unknown_debtor"),
    ({"debtor": "", "loan": ""}, "debtor", "names_nobody"),
    ({"debtor": "", "loan": "NONE"}, "accounts", "unknown_account"),
    ({"loan": "NONE"}, "accounts", "unknown_account"),
    ({"phone": "a@example.com"}, "contact_point", "wrong_address_kind"),
    ({"channel": "E"}, "contact_point", "wrong_address_kind"),
    ({"channel": "web_portal"}, "contact_point", "no_address_here"),
    ({"firm": "NONE"}, "legal_entity", "unknown_legal_entity"),
]


def test_faulty_attempts_are_refused_with_their_reasons_and_the_others_are_taken(
    lender: Lender,
) -> None:
    """All in one file: a fault costs its row only."""
    good = lender.call(0, "2026-11-20 16:00")
    bad = [{**good, "id": f"X{n}", **change} for n, (change, _f, _c) in enumerate(FAULTY_ATTEMPTS)]
    text = ATTEMPTS.replace("rejects_per_mille: 500", "rejects_per_mille: 1000")
    file = lender.take("attempts", [*bad, good], map_text=text)
    assert file.state == IntakeFile.State.ACKNOWLEDGED
    expected = [
        (line, f"attempt.{field}", code)
        for line, (_change, field, code) in enumerate(FAULTY_ATTEMPTS, 2)
    ]
    assert errors_of(file) == expected
    assert LoadedRow.objects.get().external_id == "C0"


def test_a_time_without_an_offset_is_not_guessed(lender: Lender) -> None:
    text = ATTEMPTS.replace("zone: America/New_York\n", "")
    rows = [lender.call(1, "2026-11-20 16:00"), lender.call(2, "2026-11-20T16:00:00-05:00")]
    file = lender.take("attempts", rows, map_text=text)
    assert errors_of(file) == [(2, "attempt.started_at", "no_time_zone")]
    assert Attempt.objects.get().started_at == datetime(2026, 11, 20, 21, tzinfo=UTC)


def test_an_account_of_another_debtor_and_a_debtor_without_a_case(lender: Lender) -> None:
    other = make.make_debtor(lender.creditor)
    account = make.make_account(make.make_product(lender.creditor), other)
    rows = [
        {**lender.call(1, "2026-11-20 16:00"), "loan": account.external_id},
        {
            **lender.call(2, "2026-11-20 16:00"),
            "debtor": other.external_id,
            "loan": "",
            "phone": "",
        },
    ]
    file = lender.take("attempts", [*rows, *seven(lender, 10)[3:]])
    assert [code for _line, _field, code in errors_of(file)] == ["other_debtors_account", "no_case"]


def test_an_attempt_on_a_number_that_is_not_kept_counts_for_the_person(lender: Lender) -> None:
    rows = [{**row, "phone": "2125550177"} for row in seven(lender, 17)]
    file = lender.take("attempts", rows, **SPAN)
    assert file.acknowledgement["warnings_by_code"] == {"contact_point_left_out": 7}
    assert file.acknowledgement["rejects_by_code"] == {}
    assert ask(lender) == (False, ("US.F.14b.count",))


FAULTY_RECORDS: list[tuple[str, dict[str, str], str, str]] = [
    ("stops", {"kind": "opt-out"}, "kind", "unknown_word"),
    ("stops", {"kind": "cease_request"}, "medium", "value_needed"),
    ("stops", {"kind": "cease_request", "medium": "call"}, "medium", "cease_by_mouth"),
    ("stops", {"kind": "inconvenient_times"}, "windows", "value_needed"),
    ("stops", {"kind": "inconvenient_times", "windows": "9 to 5"}, "windows", "bad_windows"),
    ("stops", {"kind": "opt_out", "place": "home"}, "place", "value_unused"),
    ("stops", {"kind": "inconvenient_place"}, "place", "value_needed"),
    ("stops", {"kind": "breathing_space", "from": "2026-11-01"}, "until_on", "value_needed"),
    ("stops", {"kind": "opt_out", "at": "2026-11-24"}, "received_at", "time_in_future"),
    ("stops", {"kind": "opt_out", "ended": "2026-10-01"}, "ended_at", "times_out_of_order"),
    ("stops", {"kind": "opt_out", "phone": "2125550177"}, "contact_point",
     "unknown_contact_point"),
    ("stops", {"kind": "opt_out", "person": "Nobody"}, "related_person",
     "unknown_related_person"),
    ("consents", {"kind": "machine"}, "directly_to", "value_needed"),
    ("consents", {"kind": "machine", "firm": "NONE"}, "directly_to", "unknown_legal_entity"),
    ("consents", {"kind": "agreed_times"}, "windows", "value_needed"),
    ("persons", {"kind": "bankruptcy"}, "status", "value_needed"),
    ("persons", {"kind": "death", "country": "US"}, "country", "value_unused"),
    ("persons", {"kind": "residence"}, "kind", "value_needed"),
    ("persons", {"kind": "residence", "country": "US", "region": "MA"}, "region",
     "unknown_region"),
    ("persons", {"kind": "residence", "zone": "Boston/Time"}, "zone", "unknown_zone"),
    ("persons", {"kind": "vulnerability", "category": "tired"}, "category", "unknown_word"),
    ("persons", {"kind": "hardship", "category": "income"}, "from_on", "value_needed"),
    ("persons", {"kind": "language", "language": "?"}, "language", "unknown_language"),
    ("persons", {"kind": "dispute", "category": "paid", "ended": "2026-11-20"}, "ended_at",
     "value_needed"),
]  # fmt: skip


@pytest.mark.parametrize("type_", ["stops", "consents", "persons"])
def test_faulty_records_are_refused_with_their_reasons(lender: Lender, type_: str) -> None:
    mine = [each for each in FAULTY_RECORDS if each[0] == type_]
    rows = [
        lender.row(**{"id": f"X{n}", "at": "2026-11-02", **row})
        for n, (_type, row, _field, _code) in enumerate(mine)
    ]
    file = lender.take(type_, rows)
    assert errors_of(file) == [
        (line, f"{SECTIONS[type_]}.{field}", code)
        for line, (_type, _row, field, code) in enumerate(mine, 2)
    ]
    assert LoadedRow.objects.count() == 0


def test_refused_rows_are_corrected_from_the_reject_file(lender: Lender, tmp_path: Path) -> None:
    rows = [lender.call(1, "2026-11-20 16:00", "spoke"), lender.call(2, "2026-11-19 16:00", "N")]
    file = lender.take("attempts", rows)
    path = tmp_path / "rejects.csv"
    assert write_rejects(file, path) == 1
    path.write_text(path.read_text().replace(",spoke\n", ",T\n"))
    with path.open() as corrections:
        found = receive_corrections(
            actor=ACTOR, intake_file_id=file.pk, corrections=corrections, now=NOW
        )
    assert found.acknowledgement["rows"]["accepted"] == 1
    assert Attempt.objects.count() == 2


# --- every noun -----------------------------------------------------------------------------------


def test_every_kind_of_fact_finds_its_table(lender: Lender) -> None:
    attorney = make.make_related_person(lender.debtor, name="Ann  Law", name_key="ann law")
    loan = lender.account.external_id
    rows = [
        {"kind": "residence", "country": "us", "region": "US-MA", "zone": "America/New_York"},
        {"kind": "death", "occurred": "2026-10-30"},
        {"kind": "bankruptcy", "status": "pending", "words": "chapter 7"},
        {"kind": "attorney", "person": "Ann Law", "loan": loan, "certain": "no"},
        {"kind": "hardship", "category": "illness", "from": "2026-11-01", "until": "2026-12-01"},
        {"kind": "vulnerability", "category": "mind", "words": "told us"},
        {"kind": "dispute", "category": "paid", "loan": loan},
        {"kind": "dispute", "category": "other", "ended": "2026-11-20", "answer": "verified"},
        {"kind": "complaint", "category": "conduct"},
        {"kind": "language", "language": "es"},
    ]
    given = [
        lender.row(**{"id": f"P{n}", "at": "2026-11-02 10:00", **row}) for n, row in enumerate(rows)
    ]
    file = lender.take("persons", given)
    assert errors_of(file) == []
    place = Circumstance.objects.get(kind="residence", region="US-MA")
    assert (place.country, place.received_at) == ("US", datetime(2026, 11, 2, 15, tzinfo=UTC))
    assert Circumstance.objects.get(kind="death").occurred_on == date(2026, 10, 30)
    speaks = Representation.objects.get()
    assert (speaks.related_person, speaks.is_certain) == (attorney, False)
    assert speaks.account_ids == [lender.account.pk]
    assert Hardship.objects.get().until_on == date(2026, 12, 1)
    open_one = Dispute.objects.get(ended_at=None)
    assert open_one.hold == Hold.objects.get(reason="disputed", account=lender.account)
    assert open_one.due_at == open_one.received_at + timedelta(days=30)
    assert Dispute.objects.exclude(ended_at=None).get().hold is None
    assert Complaint.objects.get().hold == Hold.objects.get(reason="complaint")
    assert Debtor.objects.get(pk=lender.debtor.pk).language == "es"
    officer = make.make_actor(1, "officer", {Role.COMPLIANCE_OFFICER})
    views = list_records(actor=officer, debtor_id=lender.debtor.pk)
    words = {view.details.get("kind"): view.words for view in views}
    assert words["bankruptcy"] == {"words": "chapter 7"}
    (secret,) = do_read_vulnerabilities(
        actor=officer, debtor_id=lender.debtor.pk, reason="a test", now=NOW
    )
    assert secret.words == {"kind": "mind", "words": "told us"}
    stored = [row.sealed for row in Vulnerability.objects.all()]
    assert b"mind" not in bytes(stored[0])


def test_windows_days_and_ends_are_kept_as_they_are_meant(lender: Lender) -> None:
    lender.take(
        "stops",
        [
            lender.row(
                id="S1", kind="inconvenient_times", at="2026-11-02", windows="Mon-Fri 9:00-12:00"
            )
        ],
    )
    assert Stop.objects.get().windows == [[31, 540, 720]]
    lender.take(
        "consents",
        [
            lender.row(
                id="K1",
                kind="times",
                at="2026-11-02",
                firm=lender.firm.code,
                days="2026-11-24; 2026-11-25",
                until="2026-12-01T00:00:00Z",
            )
        ],
    )
    row = Consent.objects.get()
    assert row.only_on == [date(2026, 11, 24), date(2026, 11, 25)]
    assert row.until_at == datetime(2026, 12, 1, tzinfo=UTC)
    # A day alone: a permission from its end on, a stop from its beginning on.
    assert row.received_at == datetime(2026, 11, 3, 4, 59, 59, tzinfo=UTC)
    assert Stop.objects.get().received_at == datetime(2026, 11, 2, 5, tzinfo=UTC)


# --- maps -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("  outcome: {", "  outcomes: {", "attempt.outcomes: no such key; did you mean outcome?"),
        ("T: conversation", "T: talked", "'talked' is not known; choose"),
        ("zone: America/New_York", "zone: America/Nowhere", "is no time zone"),
        ("type: attempts", "type: calls", "known are accounts, attempts"),
        ("  debtor: debtor\n  accounts: {column: loan, separator: \"|\"}\n", "",
         "says neither debtor nor accounts"),
        ("  started_at: at\n", "", "attempt.started_at: is missing"),
    ],
)  # fmt: skip
def test_a_wrong_map_says_what_and_where(old: str, new: str, told: str) -> None:
    with pytest.raises(MapError, match=told.replace("?", r"\?")):
        read_any_map(ATTEMPTS.replace(old, new))


def test_a_map_of_attempts_is_no_map_of_accounts() -> None:
    with pytest.raises(MapError, match="a map of accounts is needed"):
        read_map(ATTEMPTS)
