"""Erasing a person: barred while anything must be kept; afterwards nothing is left anywhere."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from kept.batch.seals import make_seal
from kept.core.actors import Actor, Role, job
from kept.core.documents.kinds import DocumentKind
from kept.core.events import ChainKind
from kept.core.retention import BarKind
from kept.core.seals import read_seal
from kept.running.programs import client_programs
from kept.running.settings import load_settings
from kept.store.cipher import house_cipher
from kept.store.events import append_event
from kept.store.models import (
    Approval,
    Case,
    ContactPoint,
    Creditor,
    Debtor,
    Decision,
    Document,
    Event,
    IdentityKey,
    IntakeFile,
    Person,
    PersonKey,
    Posting,
    RelatedPerson,
    StaffAccess,
    StaffAccessUse,
    Stop,
    Vulnerability,
)
from kept.store.partitions import ensure_partitions
from kept.store.person_keys import KeyOwner, PersonErased, open_personal
from kept.store.verification import verify_events
from kept.work.actors import actor_of
from kept.work.approvals import NeedsApproval, do_decide_approval, do_request_approval
from kept.work.consents import do_record_stop
from kept.work.disputes import do_open_complaint
from kept.work.document_papers import PaperRequest
from kept.work.documents import do_print_document, get_document_file
from kept.work.erasures import (
    ErasureBarred,
    ErasureReason,
    do_destroy_due_records,
    do_erase_persons,
    erasure_command,
    get_erasability,
    list_due_persons,
)
from kept.work.person_circumstances import do_record_circumstance, do_record_vulnerability
from kept.work.person_records import Subject
from kept.work.refusals import NotThere, Refusal
from tests import factories as make

#: Nine years after the case of these tests was closed, in which China's five are over.
LATER = datetime(2035, 12, 1, 8, tzinfo=UTC)
CLOSED = date(2026, 11, 1)
NAME, PHONE, FRIEND, FRIENDS_PHONE = "欧阳钟馗", "13900007781", "司马婉儿", "13900008892"
NUMBER, NOTE, REASON = "110101199003078515", "lives with aunt Wu", "asked by Mr Ouyang"
SECRETS = (NAME, PHONE, FRIEND, FRIENDS_PHONE, NUMBER, NOTE, REASON, "CUSTOMER-4711")


#: A job runs approved code: it asks nobody a second time.
JOB = job("test")


def person_of(role: Role, *creditors: Creditor) -> Actor:
    """Somebody with the role, for these creditors or for all."""
    user = make.make_user(roles={role: list(creditors) or None})
    return actor_of(user, now=LATER)


def make_file(creditor: Creditor, folder: Path, **given: Any) -> IntakeFile:
    stored = folder / "received" / f"{make.next_number()}.sealed"
    stored.parent.mkdir(exist_ok=True)
    stored.write_bytes(b"sealed")
    return make.make_intake_file(creditor, **{"stored_path": stored.name, "as_of": CLOSED, **given})


WROTE = ("Mrs Ouyang rang", "no: his aunt objects", "to look at Ouyang's case", "paid by Ouyang")
SECRETS = (*SECRETS, *WROTE)


def make_requests(case: Case, account_id: int) -> None:
    """Requests about the case and its account, settled and waiting, and an access that saw it."""
    about = {"creditor": case.creditor, "requester": "x"}
    typed = {"reason": WROTE[0], "reference": WROTE[3]}
    settled = {"state": "refused", "settled_at": make.NOW}
    texts = {"command": typed, "result": {"details": {"account": "1", **typed}}, "reason": WROTE[0]}
    refused = make.make_approval(kind="reversal", case=case, **about, **texts, **settled)
    subject = f"account:{account_id}"
    make.make_approval(kind="manual_payment", subject=subject, **about, **texts)
    user = make.make_user()
    Decision.objects.create(
        approval=refused, level=1, user=user, answer=False, reason=WROTE[1], decided_at=make.NOW
    )
    asked = make.make_approval(kind="staff_access", reason=WROTE[2], **about, **settled)
    access = StaffAccess.objects.create(
        user=user,
        creditor=case.creditor,
        role="auditor",
        reason=WROTE[2],
        approval=asked,
        starts_at=make.NOW,
        ends_at=make.NOW + timedelta(hours=1),
        closed_at=make.NOW + timedelta(hours=1),
    )
    StaffAccessUse.objects.create(access=access, case=case, used_at=make.NOW)


def make_records(debtor: Debtor, friend: RelatedPerson) -> None:
    """What they said, with words, on an address and on none."""
    point = debtor.contact_points.get(related_person=None)
    said: dict[str, Any] = {
        "actor": JOB,
        "about": Subject(debtor.pk),
        "received_at": make.NOW,
        "words": NOTE,
        "now": make.NOW,
    }
    do_record_stop(**said, kind="opt_out", channel="sms", contact_point_id=point.pk)
    do_record_stop(**said, kind="opt_out", channel="email")
    do_record_stop(**{**said, "about": Subject(debtor.pk, friend.pk)}, kind="refusal")
    do_record_vulnerability(**said, kind="health")
    do_record_circumstance(**said, kind="household_debt")


def make_known(creditor: Creditor, person: Person, folder: Path) -> Case:
    """A person as one creditor knows them, with something personal in every table."""
    debtor = make.make_debtor(creditor, person=person, name=NAME, external_id="CUSTOMER-4711")
    friend = make.make_related_person(debtor, name=FRIEND)
    make.make_contact_point(debtor, f"+86{PHONE}", masked=PHONE)
    make.make_contact_point(debtor, f"+86{FRIENDS_PHONE}", related_person=friend)
    product = make.make_product(creditor)
    make.make_terms(product)
    account = make.make_account(
        product, debtor, state="closed", state_since=CLOSED, as_of=CLOSED, row_hash=b"h" * 16
    )
    case = make.make_case(debtor, account, closed_on=CLOSED, close_reason="settled")
    make_requests(case, account.pk)
    make.make_entry(account, {"principal": 5_000}, effective_on=CLOSED)
    make.make_task(case, state="done", closed_at=make.NOW, reason={"closed": REASON})
    make.make_hold(debtor, note=NOTE, released_at=make.NOW, released_by="x", release_reason=REASON)
    make_records(debtor, friend)
    file = make_file(creditor, folder)
    value = house_cipher().seal("reject", [PHONE])[0]
    make.make_reject(file, external_id=account.external_id, value_cipher=value)
    for chain, chain_id in ((ChainKind.CASE, case.pk), (ChainKind.DEBTOR, debtor.pk)):
        append_event(
            actor=job("test"),
            action="hold.place",
            subject=f"debtor:{debtor.pk}",
            body={"reason": "legal"},
            now=make.NOW,
            chain=chain,
            chain_id=chain_id,
            personal={"note": NOTE, "before": {"name": NAME}},
            personal_of=KeyOwner(debtor.pk),
        )
    return case


@pytest.fixture
def home(settings: Any, tmp_path: Path) -> Path:
    settings.KEPT_HOME = tmp_path
    return tmp_path


@pytest.fixture
def known(db: None, home: Path) -> Case:
    make.make_partitions()
    ensure_partitions(LATER.date(), LATER.date())
    creditor = make.make_creditor(country="CN")
    entity = make.make_legal_entity(type="third_party_agency")
    make.make_engagement(creditor, legal_entity=entity)
    person = make.make_person()
    make.make_identity_key(person, NUMBER, masked=NUMBER)
    return make_known(creditor, person, home)


def erase(case: Case, now: datetime = LATER, actor: Actor = JOB) -> Any:
    return do_erase_persons(
        actor=actor,
        creditor_id=case.creditor_id,
        person_ids=[case.debtor.person_id],
        reason=ErasureReason.ASKED,
        now=now,
    )


def found_in_tables() -> Iterator[tuple[str, str]]:
    """Every table's rows, as text and with bytes in hex, and the planner's samples of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.oid::regclass::text FROM pg_class c WHERE c.relkind IN ('r', 'p', 'm')"
            " AND c.relnamespace = 'public'::regnamespace"
        )
        tables = [name for (name,) in cursor.fetchall()] + ["pg_stats"]
        for table in tables:
            for secret in SECRETS:
                plain = f"%{secret}%"
                coded = f"%{secret.encode().hex()}%"
                cursor.execute(
                    f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s OR t::text LIKE %s",  # noqa: S608
                    [plain, coded],
                )
                if cursor.fetchone()[0]:
                    yield table, secret


def dump() -> bytes:
    found = connection.settings_dict
    programs = client_programs(load_settings(os.environ))
    command = [programs / "pg_dump", "-h", found["HOST"], "-U", found["USER"], found["NAME"]]
    environment = {**os.environ, "PGPASSWORD": found["PASSWORD"]}
    ran = subprocess.run(command, env=environment, capture_output=True, check=True)
    return ran.stdout


@pytest.mark.django_db(transaction=True)
def test_nothing_is_left_and_the_chains_still_stand(
    known: Case, home: Path, pytestconfig: pytest.Config
) -> None:
    seal = read_seal(make_seal(actor=job("night"), now=make.NOW).text())
    for other in ("a", "b", "龙"):  # the planner samples columns with several values
        make.make_debtor(known.creditor, name=other)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    before = dict(found_in_tables())
    assert {"debtors", "related_persons", "contact_points", "holds", "tasks"} <= set(before)
    assert "pg_stats" in before
    assert NAME.encode() in dump()
    events = Event.objects.count()
    erase(known)
    assert list(found_in_tables()) == []
    dumped = dump()
    assert [secret for secret in SECRETS if secret.encode() in dumped] == []
    assert [secret for secret in SECRETS if secret.encode().hex().encode() in dumped] == []
    for path in home.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        assert not [secret for secret in SECRETS if secret.encode() in content], path
    assert list((home / "received").iterdir()) == []
    verified = verify_events([seal])
    assert verified.is_whole
    # One on the debtor's chain, one on the house's, and one of the request that ends.
    assert verified.events == events + 3
    assert not Approval.objects.filter(state="open").exists()
    assert Posting.objects.filter(account__debtor=known.debtor_id).exists()


@pytest.mark.django_db
def test_printed_documents_are_destroyed_and_their_rows_stay(
    known: Case, home: Path, django_capture_on_commit_callbacks: Any
) -> None:
    Creditor.objects.update(phone="010-5550 0100")
    request = PaperRequest(known.pk, DocumentKind.STATEMENT)
    printed = do_print_document(actor=JOB, request=request, now=make.NOW)
    folder = home / "received" / "documents"
    assert len(list(folder.rglob("*.sealed"))) == 1
    with django_capture_on_commit_callbacks(execute=True):
        erase(known)
    assert list(folder.rglob("*.sealed")) == []
    row = Document.objects.get(pk=printed.document_id)
    assert (row.kind, row.stored_path) == ("statement_of_account", "")
    with pytest.raises(Refusal, match="erased"):
        get_document_file(actor=JOB, document_id=row.pk, now=LATER)
    with pytest.raises(Refusal, match="erased"):
        do_print_document(actor=JOB, request=request, now=LATER)


@pytest.mark.django_db
def test_what_events_held_opens_no_more_and_nothing_new_is_recorded(known: Case) -> None:
    sealed = list(Event.objects.filter(key_id__isnull=False).values_list("key_id", "personal"))
    assert len(sealed) == 6
    assert {"note": NOTE, "before": {"name": NAME}} in open_personal(sealed)
    taken = erase(known)
    assert open_personal(sealed) == [None] * 6
    assert PersonKey.objects.get(related_person_id=None).wrapped is None
    assert (taken["take_names"], taken["take_contact_points"]) == (1, 2)
    assert not ContactPoint.objects.exists()
    assert not RelatedPerson.objects.exists()
    assert not IdentityKey.objects.exists()
    debtor = Debtor.objects.get()
    assert (debtor.name, debtor.name_key, debtor.erased_at) == ("—", "", LATER)
    with pytest.raises(PersonErased):
        append_event(
            actor=job("x"),
            action="case.note",
            subject="case:1",
            body={},
            now=LATER,
            personal={"note": "again"},
            personal_of=KeyOwner(debtor.pk),
        )
    with pytest.raises(Refusal, match="already"):
        erase(known)


@pytest.mark.django_db
def test_a_duty_bars_it_with_its_citation_and_the_day(known: Case) -> None:
    with pytest.raises(
        ErasureBarred, match=r"GB/T 45251-2025.*It may be done from 2031-11-23"
    ) as at:
        erase(known, make.NOW + timedelta(days=800))
    (found,) = at.value.found.values()
    assert {bar.duty.id for bar in found.bars if bar.duty} == {"CN.GB.records", "HOUSE.case"}
    last = found.bars[0].until
    assert last is not None
    morning = datetime(last.year, last.month, last.day, 12, tzinfo=UTC)
    ensure_partitions(last, last)
    with pytest.raises(ErasureBarred):
        erase(known, morning)
    assert Debtor.objects.get().name == NAME
    erase(known, morning + timedelta(days=1))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("bar", "said"),
    [
        (lambda case: make.make_hold(case.debtor, reason="legal"), "A legal hold stands; release"),
        (
            lambda case: make.make_hold(case.debtor, reason="legal", until=date(2036, 1, 1)),
            "A legal hold stands until 2036-01-01. It may be done from 2036-01-02 on",
        ),
        (lambda case: make.make_case(case.debtor), "A case is open"),
        (
            lambda case: make.make_account(make.make_product(case.creditor), case.debtor),
            "An account is open",
        ),
    ],
)
def test_what_is_open_bars_it(known: Case, bar: Any, said: str) -> None:
    bar(known)
    events = Event.objects.count()
    with pytest.raises(ErasureBarred) as at:
        erase(known)
    assert said in at.value.message
    assert (Debtor.objects.get().name, Event.objects.count()) == (NAME, events)


@pytest.mark.django_db
def test_a_received_file_that_may_name_them_bars_it_until_its_time_is_over(
    known: Case, home: Path
) -> None:
    tried = make_file(known.creditor, home, state="dry_run", received_at=LATER - timedelta(days=30))
    with pytest.raises(ErasureBarred, match=r"File received .* until 2037-11-01"):
        erase(known)
    IntakeFile.objects.filter(pk=tried.pk).update(
        state="acknowledged", as_of=CLOSED + timedelta(days=1)
    )
    erase(known)  # came after the last file that named them
    assert [each.stored_path != "" for each in IntakeFile.objects.order_by("pk")] == [False, True]


@pytest.mark.django_db
def test_one_creditor_erases_only_what_it_knows(known: Case, home: Path) -> None:
    other = make.make_creditor(country="CN")
    make.make_engagement(other, legal_entity=make.make_legal_entity(type="third_party_agency"))
    theirs = make_known(other, known.debtor.person, home)
    erase(known)
    assert Debtor.objects.get(pk=known.debtor_id).name == "—"
    assert Debtor.objects.get(pk=theirs.debtor_id).name == NAME
    assert IdentityKey.objects.filter(person=known.debtor.person).exists()
    sealed = Event.objects.filter(chain_kind="case", chain_id=theirs.pk, key_id__isnull=False)
    assert open_personal(sealed.values_list("key_id", "personal"))[0] is not None
    with pytest.raises(NotThere):
        erase(theirs, actor=person_of(Role.COMPLIANCE_OFFICER, known.creditor))
    erase(theirs)
    assert not IdentityKey.objects.exists()


@pytest.mark.django_db
def test_a_stop_of_a_whole_channel_stays_for_who_else_knows_the_person(known: Case) -> None:
    make.make_debtor(make.make_creditor(), person=known.debtor.person)
    assert Stop.objects.count() == 3
    erase(known)
    (left,) = Stop.objects.all()
    assert (left.channel, left.contact_point_id, left.sealed, left.key_id) == (
        "email",
        None,
        None,
        None,
    )
    assert not Vulnerability.objects.exists()


@pytest.mark.django_db
def test_an_open_complaint_bars_it(known: Case) -> None:
    do_open_complaint(
        actor=JOB,
        about=Subject(known.debtor_id),
        category="conduct",
        received_at=make.NOW,
        now=make.NOW,
    )
    known.debtor.holds.update(released_at=make.NOW, released_by="x")
    with pytest.raises(ErasureBarred, match="hold stands"):
        erase(known)


@pytest.mark.django_db
def test_a_guarantor_of_an_open_case_is_not_erased_from_it(known: Case, home: Path) -> None:
    debtor = make.make_debtor(known.creditor, name="other")
    make.make_related_person(debtor, name=NAME, person=known.debtor.person)
    opened = make.make_case(debtor)
    verdict = get_erasability(
        actor=JOB, person_id=known.debtor.person_id, creditor_id=known.creditor_id, now=LATER
    )
    assert BarKind.OPEN_CASE in {bar.kind for bar in verdict.bars}
    with pytest.raises(ErasureBarred):
        erase(known)
    assert RelatedPerson.objects.filter(debtor=opened.debtor).exists()


@pytest.mark.django_db
def test_a_second_person_must_agree(known: Case) -> None:
    officer, second = person_of(Role.COMPLIANCE_OFFICER), person_of(Role.ADMINISTRATOR)
    with pytest.raises(NeedsApproval):
        erase(known, actor=officer)
    person_ids = [known.debtor.person_id]
    command = erasure_command(known.creditor_id, person_ids, ErasureReason.ASKED)
    with pytest.raises(ErasureBarred):  # nobody is asked for what could not be done
        do_request_approval(
            actor=officer, kind="erasure", command=command, reason="letter", now=make.NOW
        )
    asked = do_request_approval(
        actor=officer, kind="erasure", command=command, reason=REASON, now=LATER
    )
    with pytest.raises(Refusal):
        do_decide_approval(actor=officer, approval_id=asked.pk, answer=True, now=LATER)
    assert Debtor.objects.get().name == NAME
    do_decide_approval(actor=second, approval_id=asked.pk, answer=True, now=LATER)
    assert Debtor.objects.get().name == "—"
    settled = Approval.objects.get(pk=asked.pk)
    assert (settled.state, settled.reason, settled.command) == ("approved", "", command)
    told = Event.objects.get(action="person.erase", chain_kind="house")
    assert json.loads(told.body)["approval"] == asked.pk


@pytest.mark.django_db
def test_retention_lists_who_is_due_and_destroys_what_is_a_copy(
    known: Case, home: Path, django_capture_on_commit_callbacks: Any
) -> None:
    make.make_case(make.make_debtor(known.creditor, name="still open"))
    assert list_due_persons(actor=JOB, now=make.NOW + timedelta(days=800)) == []
    (due,) = list_due_persons(actor=JOB, now=LATER)
    assert due.who.person_id == known.debtor.person_id
    assert due.since.isoformat().startswith("2031-11-")
    ensure_partitions(make.NOW.date(), make.NOW.date() + timedelta(days=900))
    assert do_destroy_due_records(actor=JOB, now=make.NOW) == {"files": 0, "refused_values": 0}
    with django_capture_on_commit_callbacks(execute=True):
        after = do_destroy_due_records(actor=JOB, now=make.NOW + timedelta(days=900))
    assert after == {"files": 1, "refused_values": 1}
    assert list((home / "received").iterdir()) == []
