"""What people say and are: recorded, ended with a reason, sealed, and refused when wrong."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from kept.core.actors import Actor, Role
from kept.store.models import (
    Complaint,
    Consent,
    Creditor,
    Debtor,
    Dispute,
    Event,
    Hold,
    LegalEntity,
    Stop,
    Vulnerability,
)
from kept.work.consents import (
    do_record_consent,
    do_record_stop,
    do_revoke_consent,
    do_withdraw_stop,
)
from kept.work.creditors import do_declare_no_history, do_set_cut_over
from kept.work.disputes import (
    do_assign_dispute,
    do_close_complaint,
    do_close_dispute,
    do_open_complaint,
    do_open_dispute,
)
from kept.work.person_circumstances import (
    do_end_vulnerability,
    do_record_circumstance,
    do_record_hardship,
    do_record_language,
    do_record_vulnerability,
)
from kept.work.person_records import Subject, do_read_vulnerabilities, list_records
from kept.work.refusals import NotAllowed, NotThere, Refusal
from kept.work.timelines import list_timeline
from tests import factories as make

pytestmark = pytest.mark.django_db

NOW = make.NOW
WORDS = "her aunt Wu said it"


def actor_of(debtor: Debtor, *roles: Role) -> Actor:
    return make.make_actor(1, "officer", roles or (Role.COMPLIANCE_OFFICER,), {debtor.creditor_id})


@pytest.fixture
def debtor() -> Debtor:
    make.make_partitions()
    return make.make_debtor(make.make_creditor())


@pytest.fixture
def entity() -> LegalEntity:
    return make.make_legal_entity()


def said(debtor: Debtor, **given: Any) -> dict[str, Any]:
    return {
        "actor": actor_of(debtor),
        "about": Subject(debtor.pk),
        "received_at": NOW - timedelta(hours=1),
        "now": NOW,
        **given,
    }


def actions() -> list[str]:
    return list(Event.objects.order_by("sequence").values_list("action", flat=True))


def test_a_consent_is_given_and_revoked(debtor: Debtor, entity: LegalEntity) -> None:
    asked = said(debtor, kind="more_calls", directly_to_id=entity.pk, words=WORDS)
    consent_id = do_record_consent(**asked)
    (view,) = list_records(actor=actor_of(debtor), debtor_id=debtor.pk)
    assert (view.noun, view.details["kind"], view.words) == (
        "consent",
        "more_calls",
        {"words": WORDS},
    )
    assert WORDS.encode() not in bytes(Consent.objects.get().sealed or b"")
    actor = actor_of(debtor, Role.COLLECTOR)
    with pytest.raises(NotThere):
        do_revoke_consent(actor=actor, consent_id=consent_id, reason="x", now=NOW)
    do_revoke_consent(actor=actor_of(debtor), consent_id=consent_id, reason="rang", now=NOW)
    assert list_records(actor=actor_of(debtor), debtor_id=debtor.pk) == ()
    assert Consent.objects.get().ended_at == NOW
    with pytest.raises(Refusal, match="ended before"):
        do_revoke_consent(actor=actor_of(debtor), consent_id=consent_id, reason="x", now=NOW)
    assert actions() == ["consent.record", "consent.end"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"kind": "mood"}, "Choose one of"),
        ({"kind": "more_calls"}, "to which company"),
        ({"kind": "more_calls", "directly_to_id": 10**9}, "no such company"),
        ({"kind": "agreed_times"}, "which times"),
        ({"kind": "agreed_times", "windows": [(127, 600, 600)]}, "within one day"),
        ({"kind": "agreed_times", "windows": [(128, 600, 700)]}, "within one day"),
        ({"kind": "agreed_times", "windows": [(1, 600, 1441)]}, "within one day"),
        ({"kind": "court", "channel": "pigeon"}, "Choose one of"),
        ({"kind": "court", "received_at": NOW + timedelta(seconds=1)}, "future"),
        ({"kind": "court", "until_at": NOW - timedelta(days=1)}, "before the beginning"),
    ],
)
def test_a_consent_that_says_too_little_is_refused(
    debtor: Debtor, given: dict[str, Any], words: str
) -> None:
    with pytest.raises(Refusal, match=words):
        do_record_consent(**said(debtor, **given))
    assert (Consent.objects.count(), actions()) == (0, [])


def test_the_last_minute_of_a_day_is_a_time(debtor: Debtor) -> None:
    do_record_consent(**said(debtor, kind="agreed_times", windows=[(127, 1439, 1440)]))
    assert Consent.objects.get().windows == [[127, 1439, 1440]]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"kind": "cease_request"}, "in writing"),
        ({"kind": "cease_request", "medium": "call"}, "in writing"),
        ({"kind": "inconvenient_place"}, "Choose one of: home, work"),
        ({"kind": "opt_out", "place": "work"}, "Choose one of"),
        ({"kind": "inconvenient_times"}, "which times"),
        ({"kind": "breathing_space", "from_on": make.TODAY}, "a first and a last day"),
        (
            {
                "kind": "breathing_space",
                "from_on": make.TODAY,
                "until_on": make.TODAY - timedelta(days=1),
            },
            "before the first",
        ),
    ],
)
def test_a_stop_that_says_too_little_is_refused(
    debtor: Debtor, given: dict[str, Any], words: str
) -> None:
    with pytest.raises(Refusal, match=words):
        do_record_stop(**said(debtor, **given))
    assert Stop.objects.count() == 0


def test_whoever_talks_may_record_a_stop_and_only_a_lead_ends_it(debtor: Debtor) -> None:
    case = make.make_case(debtor)
    seat = make.make_seat(creditors=[debtor.creditor])
    case.seat = seat
    case.save()
    collector = make.make_actor(5, "c", (Role.COLLECTOR,), {debtor.creditor_id}, {seat.pk})
    stop_id = do_record_stop(**said(debtor, actor=collector, kind="opt_out", channel="sms"))
    with pytest.raises(NotAllowed):
        do_withdraw_stop(actor=collector, stop_id=stop_id, reason="mistake", now=NOW)
    with pytest.raises(Refusal, match="Say why"):
        do_withdraw_stop(actor=actor_of(debtor), stop_id=stop_id, reason=" ", now=NOW)
    do_withdraw_stop(actor=actor_of(debtor), stop_id=stop_id, reason="mistake", now=NOW)
    assert Stop.objects.get().ended_by == "officer"


def test_what_is_anothers_is_not_there(debtor: Debtor, entity: LegalEntity) -> None:
    other = make.make_debtor(debtor.creditor)
    friend = make.make_related_person(other)
    point = make.make_contact_point(other, "+8613800138000")
    account = make.make_account(make.make_product(debtor.creditor), other)
    strangers: list[dict[str, Any]] = [
        {"about": Subject(debtor.pk, friend.pk)},
        {"about": Subject(debtor.pk, None, [account.pk])},
        {"contact_point_id": point.pk},
        {"about": Subject(10**9)},
    ]
    for given in strangers:
        with pytest.raises(NotThere):
            do_record_stop(**said(debtor, kind="opt_out", **given))
    elsewhere = make.make_actor(2, "x", (Role.MANAGER,), {10**9})
    with pytest.raises(NotThere):
        do_record_stop(**said(debtor, actor=elsewhere, kind="opt_out"))


def test_a_dispute_holds_contact_until_the_last_one_is_answered(debtor: Debtor) -> None:
    first = do_open_dispute(**said(debtor, category="paid", written=True, words=WORDS))
    second = do_open_dispute(**said(debtor, category="amount"))
    (hold,) = Hold.objects.all()
    assert (hold.reason, hold.effects) == ("disputed", ["contact", "treatment"])
    row = Dispute.objects.get(pk=first)
    assert row.due_at - row.received_at == timedelta(days=30)
    owner = make.make_user()
    actor = actor_of(debtor)
    do_assign_dispute(actor=actor, dispute_id=first, owner_id=owner.pk, now=NOW)
    with pytest.raises(Refusal, match="Choose one of"):
        do_close_dispute(actor=actor, dispute_id=first, answer="no", words="x", now=NOW)
    with pytest.raises(Refusal, match="Say why"):
        do_close_dispute(actor=actor, dispute_id=first, answer="verified", words="", now=NOW)
    do_close_dispute(actor=actor, dispute_id=first, answer="verified", words="sent", now=NOW)
    hold.refresh_from_db()
    assert hold.released_at is None
    do_close_dispute(actor=actor, dispute_id=second, answer="accepted", words="right", now=NOW)
    hold.refresh_from_db()
    assert (hold.released_at, hold.release_reason) == (NOW, "accepted")
    views = list_records(actor=actor, debtor_id=debtor.pk, with_ended=True)
    assert views[0].words == {"words": WORDS, "end": "sent"}
    assert actions().count("dispute.record") == 2


def test_a_complaint_has_its_own_clock_and_hold(debtor: Debtor) -> None:
    due = NOW + timedelta(days=3)
    complaint = do_open_complaint(**said(debtor, category="frequency", due_at=due))
    do_open_dispute(**said(debtor, category="paid"))
    assert Complaint.objects.get().due_at == due
    assert {hold.reason for hold in Hold.objects.all()} == {"complaint", "disputed"}
    actor = actor_of(debtor)
    do_close_complaint(actor=actor, complaint_id=complaint, answer="upheld", words="s", now=NOW)
    assert [hold.reason for hold in Hold.objects.filter(released_at=None)] == ["disputed"]
    early = NOW - timedelta(days=1)
    with pytest.raises(Refusal, match="before the beginning"):
        do_open_complaint(**said(debtor, category="times", due_at=early))


def test_a_vulnerability_is_read_by_few_and_each_time_on_record(debtor: Debtor) -> None:
    case = make.make_case(debtor)
    vulnerability = do_record_vulnerability(**said(debtor, kind="health", words=WORDS))
    lead = actor_of(debtor, Role.TEAM_LEAD)
    (view,) = list_records(actor=lead, debtor_id=debtor.pk)
    assert (view.noun, view.words) == ("vulnerability", {})
    assert "kind" not in view.details
    page = list_timeline(lead, case.pk, now=NOW)
    assert page is not None
    assert [dict(entry.personal) for entry in page.entries] == [{}]
    with pytest.raises(NotAllowed):
        do_read_vulnerabilities(actor=lead, debtor_id=debtor.pk, reason="x", now=NOW)
    actor = actor_of(debtor)
    (read,) = do_read_vulnerabilities(actor=actor, debtor_id=debtor.pk, reason="plan", now=NOW)
    assert read.words == {"kind": "health", "words": WORDS}
    assert actions() == ["vulnerability.record", "vulnerability.read"]
    do_end_vulnerability(actor=lead, vulnerability_id=vulnerability, reason="over", now=NOW)
    assert Vulnerability.objects.get().ended_at == NOW


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"kind": "bankruptcy"}, "Choose one of: pending"),
        ({"kind": "death", "status": "pending"}, "Choose one of: pending"),
        ({"kind": "residence"}, "Say where"),
        ({"kind": "residence", "country": "XX"}, "no country"),
        ({"kind": "residence", "country": "US", "region": "MA"}, "such as US-MA"),
        ({"kind": "residence", "country": "US", "region": "CN-11"}, "such as US-MA"),
        ({"kind": "residence", "country": "US", "zone": "Mars/Base"}, "no time zone"),
        ({"kind": "death", "country": "US"}, "Only a residence"),
    ],
)
def test_a_circumstance_that_makes_no_sense_is_refused(
    debtor: Debtor, given: dict[str, Any], words: str
) -> None:
    with pytest.raises(Refusal, match=words):
        do_record_circumstance(**said(debtor, **given))


def test_what_fits_is_recorded(debtor: Debtor) -> None:
    do_record_circumstance(**said(debtor, kind="bankruptcy", status="pending"))
    do_record_circumstance(**said(debtor, kind="death", occurred_on=date(2026, 11, 1)))
    where = {"country": "US", "region": "US-NYC", "zone": "America/New_York"}
    do_record_circumstance(**said(debtor, kind="residence", **where))
    do_record_hardship(**said(debtor, kind="instalment", from_on=make.TODAY))
    do_record_language(actor=actor_of(debtor), about=Subject(debtor.pk), language="en", now=NOW)
    debtor.refresh_from_db()
    assert debtor.language == "en"
    kinds = [
        view.details["kind"] for view in list_records(actor=actor_of(debtor), debtor_id=debtor.pk)
    ]
    assert kinds == ["bankruptcy", "death", "residence", "instalment"]
    with pytest.raises(Refusal, match="no language code"):
        do_record_language(actor=actor_of(debtor), about=Subject(debtor.pk), language="?", now=NOW)


def test_a_cut_over_and_the_word_that_there_was_nothing_before(debtor: Debtor) -> None:
    creditor: Creditor = debtor.creditor
    admin = actor_of(debtor, Role.ADMINISTRATOR)
    given: dict[str, Any] = {"actor": admin, "creditor_id": creditor.pk, "now": NOW}
    do_set_cut_over(cut_over_on=make.TODAY, **given)
    with pytest.raises(NotAllowed):
        do_declare_no_history(reason="none", **given)
    officer = {**given, "actor": actor_of(debtor)}
    with pytest.raises(Refusal, match="Say how"):
        do_declare_no_history(reason=" ", **officer)
    do_declare_no_history(reason="the book is new", **officer)
    with pytest.raises(Refusal, match="declared before"):
        do_declare_no_history(reason="again", **officer)
    creditor.refresh_from_db()
    assert (creditor.cut_over_on, creditor.no_history_before) == (make.TODAY, True)
