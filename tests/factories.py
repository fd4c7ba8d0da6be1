"""Rows for tests, one function a table: what is not given takes a plain value of its own.

They write rows as they are, past the use cases: a test of a use case calls the use case. Values
are fictitious; numbers that must differ come from one counter.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from django.db import connection

from kept.core.actors import OWN_WORK_ONLY, Actor, ActorKind, Grant, Role, Scope
from kept.core.events import ChainKind
from kept.store.cipher import house_cipher
from kept.store.events import append_event
from kept.store.models import (
    Account,
    Approval,
    ApprovalPolicy,
    BucketMove,
    Case,
    CaseAccount,
    ContactPoint,
    Creditor,
    Debtor,
    Engagement,
    Entry,
    Hold,
    IdentityKey,
    IntakeFile,
    IntakeReject,
    Intent,
    Judgment,
    LegalEntity,
    Permit,
    PermitRefusal,
    Person,
    Posting,
    Product,
    ProductTerms,
    Promise,
    PromiseAccount,
    PromiseOutcome,
    RelatedPerson,
    RoleGrant,
    Run,
    Seat,
    Subscriber,
    Task,
    Team,
    User,
)
from kept.store.partitions import ensure_partitions

#: Sunday morning in UTC, Sunday afternoon in Shanghai.
NOW = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
TODAY = date(2026, 11, 22)
PASSWORD = "a password of the tests"  # noqa: S105

_numbers = count(1)


def next_number() -> int:
    return next(_numbers)


def make_partitions() -> None:
    """The months around NOW; anything that writes events or attempts needs them."""
    ensure_partitions(TODAY - timedelta(days=400), TODAY)


def make_creditor(**given: Any) -> Creditor:
    number = next_number()
    return Creditor.objects.create(
        **{
            "code": f"BANK{number}",
            "name": f"Bank {number}",
            "country": "CN",
            "zone": "Asia/Shanghai",
            "currency": "CNY",
            "calendar": "",
            "language": "zh-hans",
            **given,
        }
    )


def make_legal_entity(**given: Any) -> LegalEntity:
    number = next_number()
    return LegalEntity.objects.create(
        **{
            "code": f"FIRM{number}",
            "name": f"Firm {number}",
            "type": LegalEntity.Type.THIRD_PARTY_AGENCY,
            "country": "CN",
            **given,
        }
    )


def make_engagement(creditor: Creditor, **given: Any) -> Engagement:
    given.setdefault("legal_entity", None)
    given["legal_entity"] = given["legal_entity"] or make_legal_entity()
    return Engagement.objects.create(creditor=creditor, **{"valid_from": date(2026, 1, 1), **given})


def make_product(creditor: Creditor, **given: Any) -> Product:
    return Product.objects.create(
        creditor=creditor,
        **{
            "code": f"CARD{next_number()}",
            "name": "Card",
            "debt_type": Product.DebtType.CREDIT_CARD,
            "currency": creditor.currency,
            **given,
        },
    )


def make_terms(product: Product, **given: Any) -> ProductTerms:
    return ProductTerms.objects.create(
        product=product,
        **{
            "version": 1,
            "valid_from": date(2020, 1, 1),
            "balance_authority": ProductTerms.Authority.CREDITOR,
            "bucket_boundaries": [1, 31, 61, 91],
            "components": ["principal", "interest", "fee", "penalty", "cost"],
            "allocation_order": ["cost", "fee", "penalty", "interest", "principal"],
            **given,
        },
    )


def make_person(**given: Any) -> Person:
    return Person.objects.create(**{"kind": Person.Kind.PERSON, **given})


def make_identity_key(person: Person, value: str, **given: Any) -> IdentityKey:
    kind = given.pop("kind", IdentityKey.Kind.NATIONAL_ID)
    cipher = house_cipher()
    return IdentityKey.objects.create(
        person=person,
        kind=kind,
        value_hash=cipher.hash(kind, value),
        value_cipher=cipher.seal(kind, [value])[0],
        **{"country": "CN", "masked": f"{value[:3]}****{value[-4:]}", **given},
    )


def make_debtor(creditor: Creditor, **given: Any) -> Debtor:
    name = given.pop("name", "张三")
    kind = given.pop("kind", Person.Kind.PERSON)
    return Debtor.objects.create(
        creditor=creditor,
        kind=kind,
        name=name,
        **{
            "person": given.pop("person", None) or make_person(kind=kind),
            "external_id": f"D{next_number()}",
            "name_key": name.casefold(),
            "language": "zh-hans",
            "country": "CN",
            "zones": ["Asia/Shanghai"],
            "created_at": NOW,
            **given,
        },
    )


def make_related_person(debtor: Debtor, **given: Any) -> RelatedPerson:
    name = given.pop("name", "李四")
    return RelatedPerson.objects.create(
        debtor=debtor,
        name=name,
        **{
            "relation": RelatedPerson.Relation.GUARANTOR,
            "name_key": name.casefold(),
            "created_at": NOW,
            **given,
        },
    )


def make_contact_point(debtor: Debtor, value: str, **given: Any) -> ContactPoint:
    kind = given.pop("kind", ContactPoint.Kind.PHONE)
    cipher = house_cipher()
    return ContactPoint.objects.create(
        debtor=debtor,
        kind=kind,
        value_hash=cipher.hash(kind, value),
        value_cipher=cipher.seal(kind, [value])[0],
        **{
            "masked": f"{value[-11:-8]}****{value[-4:]}",
            "usage": "mobile",
            "source": "creditor_file",
            "created_at": NOW,
            **given,
        },
    )


def make_account(product: Product, debtor: Debtor, **given: Any) -> Account:
    return Account.objects.create(
        creditor_id=product.creditor_id,
        product=product,
        debtor=debtor,
        **{
            "external_id": f"A{next_number():08d}",
            "currency": product.currency,
            "opened_on": date(2024, 3, 1),
            "state_since": date(2024, 3, 1),
            "as_of": TODAY,
            "created_at": NOW,
            **given,
        },
    )


def make_case(debtor: Debtor, *accounts: Account, **given: Any) -> Case:
    """A case with the accounts in it, or with one made for it; a closed case has lost them."""
    opened_on = given.pop("opened_on", date(2026, 10, 1))
    case = Case.objects.create(
        creditor_id=debtor.creditor_id,
        debtor=debtor,
        opened_on=opened_on,
        **{"created_at": NOW, **given},
    )
    for account in accounts or (make_account(make_product(debtor.creditor), debtor),):
        CaseAccount.objects.create(
            case=case,
            account=account,
            entered_on=opened_on,
            left_on=case.closed_on,
            leave_reason=case.close_reason,
        )
    return case


def make_attempt(case: Case, **given: Any) -> None:
    """An attempt of the past; its month must have a partition."""
    point = given.pop("contact_point", None)
    entity = given.pop("legal_entity", None)
    values = {
        "started_at": NOW - timedelta(days=1),
        "channel": "call",
        "outcome": "ring_no_answer",
        "inbound": False,
        "account_ids": None,
        "talked_account_ids": None,
        "recorded_at": NOW,
        **given,
        "case_id": case.pk,
        "debtor_id": case.debtor_id,
        "contact_point_id": point and point.pk,
        "legal_entity_id": entity and entity.pk,
    }
    names = ", ".join(values)
    marks = ", ".join(["%s"] * len(values))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO attempts ({names}) VALUES ({marks})", list(values.values()))  # noqa: S608


def make_permit(case: Case, **given: Any) -> Permit:
    """A reserved permit for a call; one that is used comes by `do_use` alone."""
    return Permit.objects.create(
        case=case,
        debtor_id=case.debtor_id,
        **{
            "legal_entity": given.pop("legal_entity", None) or make_legal_entity(),
            "channel": "call",
            "purpose": "collect",
            "account_ids": [],
            "content_hash": bytes(16),
            "issued_at": NOW,
            "issued_by": "test",
            "expires_at": NOW + timedelta(minutes=15),
            **given,
        },
    )


def make_refusal(case: Case, **given: Any) -> PermitRefusal:
    return PermitRefusal.objects.create(
        case=case,
        **{
            "channel": "call",
            "outcome": "deny",
            "rule_id": "CN.GB.voice_daily",
            "rule_ids": ["CN.GB.voice_daily"],
            "asked_at": NOW,
            "asked_by": "test",
            **given,
        },
    )


def make_judgment(account: Account, **given: Any) -> Judgment:
    return Judgment.objects.create(
        account=account,
        **{
            "judged_on": TODAY,
            "reference": "(2026) 1",
            "recorded_at": NOW,
            "recorded_by": "test",
            **given,
        },
    )


def make_hold(debtor: Debtor, **given: Any) -> Hold:
    return Hold.objects.create(
        debtor=debtor,
        **{
            "reason": Hold.Reason.COMPLAINT,
            "effects": [Hold.Effect.CONTACT],
            "placed_at": NOW,
            "placed_by": "test",
            **given,
        },
    )


def make_promise(case: Case, *accounts: Account, **given: Any) -> Promise:
    """A promise with its last outcome: what is given must agree with the ledger."""
    values = {
        "amount_minor": 1_000,
        "currency": "CNY",
        "made_at": NOW,
        "recorded_at": given.get("made_at", NOW),
        "made_on": TODAY,
        "due_on": TODAY + timedelta(days=3),
        "way": Promise.Way.BANK_TRANSFER,
        "said_by": Promise.SaidBy.DEBTOR,
        "taken_by": "test",
        "tolerance_ppm": 0,
        "grace_days": 0,
        "judged_on": TODAY,
        "judged_at": NOW,
        **given,
    }
    grace = timedelta(days=int(values["grace_days"]))
    promise = Promise.objects.create(
        creditor_id=case.creditor_id,
        case=case,
        debtor_id=case.debtor_id,
        test_on=values["due_on"] + grace,
        **values,
    )
    for account in accounts:
        PromiseAccount.objects.create(promise=promise, account=account)
    PromiseOutcome.objects.create(
        promise=promise,
        as_of=promise.judged_on,
        recorded_at=promise.judged_at,
        state=promise.state,
        paid_minor=promise.paid_minor,
    )
    return promise


def make_run(**given: Any) -> Run:
    return Run.objects.create(
        **{
            "kind": "nightly",
            "key": f"run {next_number()}",
            "actor": "test",
            "now": NOW,
            "business_date": TODAY,
            "state": Run.State.DONE,
            **given,
        }
    )


def make_task(case: Case, **given: Any) -> Task:
    return Task.objects.create(
        case=case,
        creditor_id=case.creditor_id,
        **{
            "run": given.pop("run", None) or make_run(),
            "seat": case.seat,
            "business_date": TODAY,
            "strategy": "default",
            "treatment": "call",
            "stage": "call",
            "channel": "call",
            "skill": "call",
            "minutes": 6,
            "priority": 1_000,
            "due_at": NOW + timedelta(hours=8),
            "reason": {},
            "dpd": 10,
            "bucket": 1,
            "balance_minor": 120_000,
            "overdue_minor": 30_000,
            "currency": "CNY",
            **given,
        },
    )


def make_entry(account: Account, amounts: dict[str, int], **given: Any) -> Entry:
    """What the debtor owes more: one posting a component, due on `due_on`."""
    due_on = given.pop("due_on", date(2026, 11, 12))
    entry = Entry.objects.create(
        account=account,
        **{
            "kind": Entry.Kind.OPENING,
            "effective_on": date(2026, 10, 1),
            "recorded_at": NOW,
            "actor": "test",
            **given,
        },
    )
    for component, amount_minor in amounts.items():
        Posting.objects.create(
            entry=entry,
            account=account,
            component=component,
            from_book=Posting.Book.CREDITOR,
            to_book=Posting.Book.RECEIVABLE,
            amount_minor=amount_minor,
            due_on=due_on,
            effective_on=entry.effective_on,
            recorded_at=entry.recorded_at,
        )
    return entry


def make_bucket_move(account: Account, terms: ProductTerms, **given: Any) -> BucketMove:
    return BucketMove.objects.create(
        account=account,
        terms=terms,
        **{
            "moved_on": TODAY,
            "from_bucket": None,
            "to_bucket": 1,
            "dpd": 10,
            "recorded_at": NOW,
            **given,
        },
    )


def make_intake_file(creditor: Creditor, **given: Any) -> IntakeFile:
    number = next_number()
    run = given.pop("run", None) or make_run(kind="intake", creditor=creditor, state=Run.State.DONE)
    return IntakeFile.objects.create(
        creditor=creditor,
        run=run,
        **{
            "file_id": f"F{number}",
            "name": f"accounts-{number}.csv",
            "sha256": number.to_bytes(32, "big"),
            "size_bytes": 1_234_567,
            "as_of": TODAY,
            "coverage": IntakeFile.Coverage.FULL,
            "map_name": "card.yaml",
            "map_text": "",
            "stored_path": "",
            "received_at": NOW,
            "state": IntakeFile.State.ACKNOWLEDGED,
            **given,
        },
    )


def make_reject(intake_file: IntakeFile, **given: Any) -> IntakeReject:
    return IntakeReject.objects.create(
        intake_file=intake_file,
        **{"line_no": next_number(), "field": "balance", "code": "amount_unreadable", **given},
    )


def make_event(case: Case, action: str = "case.open", **given: Any) -> None:
    from kept.core.actors import job

    append_event(
        **{
            "actor": job("test"),
            "action": action,
            "subject": f"case:{case.pk}",
            "body": {},
            "now": NOW,
            "chain": ChainKind.CASE,
            "chain_id": case.pk,
            **given,
        }
    )


def make_actor(
    id: int,
    name: str,
    roles: Iterable[Role],
    creditor_ids: Iterable[int] | None = None,
    seat_ids: Iterable[int] = (),
) -> Actor:
    """A person as `actor_of` would find one with these roles, each for all of these creditors."""
    seats = frozenset(seat_ids)
    creditors = None if creditor_ids is None else frozenset(creditor_ids)
    grants = tuple(
        Grant(
            role,
            Scope(creditors, None, seats if role in OWN_WORK_ONLY else None),
            is_of_house=creditors is None,
            names_creditor=creditors is not None,
        )
        for role in roles
    )
    return Actor(ActorKind.PERSON, id, name, grants, seats, person_id=id)


def make_approval(**given: Any) -> Approval:
    number = next_number()
    return Approval.objects.create(
        **{
            "kind": "reversal",
            "subject": "account:1",
            "command": {},
            "command_hash": number.to_bytes(32, "big"),
            "levels": [["manager"]],
            "reason": "asked",
            "requester": "somebody",
            "requested_at": NOW,
            "expires_at": NOW + timedelta(days=7),
            **given,
        }
    )


def make_free(*kinds: str) -> None:
    """A policy by which commands of these kinds need no second person."""
    for kind in kinds:
        ApprovalPolicy.objects.create(kind=kind, level=0)


def make_failed_job(file: IntakeFile) -> int:
    """A job of a creditor's file that has failed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('intake',"
            " 'intake.work_off_file', jsonb_build_object('intake_file_id', %s::bigint))"
            " RETURNING id",
            [file.pk],
        )
        (job_id,) = cursor.fetchone()
        for state in ("doing", "failed"):
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = %s::procrastinate_job_status WHERE id = %s",
                [state, job_id],
            )
    return int(job_id)


def make_failed_intent(creditor: Creditor) -> int:
    row = Intent.objects.create(
        kind="test.send",
        key=f"intent {next_number()}",
        subject="case:1",
        creditor=creditor,
        state=Intent.State.FAILED,
        reason="refused",
        due_at=NOW,
        recorded_at=NOW,
        finished_at=NOW,
    )
    return row.pk


def make_subscriber(creditor: Creditor) -> int:
    row = Subscriber.objects.create(
        name=f"subscriber {next_number()}",
        url="https://example.com/",
        creditor=creditor,
        secret_cipher=house_cipher().seal("subscriber_secret", ["s" * 32])[0],
        active=False,
    )
    return row.pk


def make_user(
    username: str = "", *, roles: dict[Role, list[Creditor] | None] | None = None
) -> User:
    """A person who signs in with PASSWORD; each role for its creditors, or for all (None)."""
    user = User(username=username or f"user{next_number()}")
    user.set_password(PASSWORD)
    user.save()
    for role, creditors in (roles or {}).items():
        for creditor in [None] if creditors is None else creditors:
            RoleGrant.objects.create(user=user, role=role, creditor=creditor, granted_at=NOW)
    return user


def make_team(**given: Any) -> Team:
    number = next_number()
    return Team.objects.create(**{"code": f"T{number}", "name": f"Team {number}", **given})


def make_seat(**given: Any) -> Seat:
    creditors = given.pop("creditors", ())
    seat = Seat.objects.create(
        **{
            "code": f"S{next_number()}",
            "team": given.pop("team", None) or make_team(),
            "skills": ["call"],
            **given,
        }
    )
    seat.creditors.set(creditors)
    return seat
