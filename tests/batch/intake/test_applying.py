"""A file taken into the book: what every table says afterwards."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from kept.store.cipher import house_cipher
from kept.store.models import (
    Account,
    Case,
    CaseAccount,
    ContactPoint,
    Debtor,
    Entry,
    Event,
    Hold,
    IdentityKey,
    Person,
    Posting,
    RelatedPerson,
)
from kept.store.person_keys import open_personal
from tests.batch.intake.deliveries import (
    AS_OF,
    LATER,
    MAP,
    NOW,
    TODAY,
    identity_number,
    make_bank,
    row,
    rows,
    take,
)
from tests.batch.intake.digest import book_lines

pytestmark = pytest.mark.django_db(transaction=True)


def owed(external_id: str) -> dict[str, int]:
    """What each component of an account comes to in the ledger."""
    found: dict[str, int] = {}
    for posting in Posting.objects.filter(account__external_id=external_id):
        sign = (posting.to_book == "receivable") - (posting.from_book == "receivable")
        amount = sign * posting.amount_minor
        found[posting.component] = found.get(posting.component, 0) + amount
    return found


def counts_of(file: Any) -> tuple[int, int, int]:
    answer = file.acknowledgement["rows"]
    return answer["accepted"], answer["rejected"], answer["unchanged"]


def test_a_clean_file_is_in_the_book_afterwards() -> None:
    make_bank()
    file = take(rows(20))
    assert file.state == "acknowledged"
    assert counts_of(file) == (20, 0, 0)
    total = sum(100_050 + 100 * n + 100 * (n % 7) + 25 for n in range(1, 21))
    assert file.acknowledgement["amounts_minor"] == {
        "CNY": {"received": total, "accepted": total, "rejected": 0, "unchanged": 0}
    }
    assert Account.objects.count() == Debtor.objects.count() == Person.objects.count() == 20
    account = Account.objects.select_related("debtor").get(external_id="A000007")
    assert (account.currency, account.opened_on, account.state) == (
        "CNY",
        date(2024, 3, 1),
        "active",
    )
    assert (account.as_of, account.intake_file_id, account.created_at) == (AS_OF, file.pk, NOW)
    assert (account.debtor.name, account.debtor.external_id) == ("测试7号", "D000007")
    assert owed("A000007") == {"principal": 100_750, "interest": 25}
    assert [e.kind for e in Entry.objects.filter(account=account)] == ["opening"]


def test_contact_points_are_encrypted_found_by_their_hash_and_masked() -> None:
    make_bank()
    take([row(7, home="010-66668888")])
    points = ContactPoint.objects.filter(debtor__external_id="D000007").order_by("kind", "position")
    cipher = house_cipher()
    opened = [(p.kind, p.usage, cipher.open(p.kind, p.value_cipher)) for p in points]
    assert opened == [
        ("address", "home", "测试市测试路7号"),
        ("email", "", "debtor7@example.com"),
        ("phone", "mobile", "+8613800000007"),
        ("phone", "home", "+861066668888"),
    ]
    for point, (kind, _usage, value) in zip(points, opened, strict=True):
        assert bytes(point.value_hash) == cipher.hash(kind, value)
        assert value not in point.masked
    key = IdentityKey.objects.get()
    number = identity_number(7)
    assert bytes(key.value_hash) == cipher.hash("national_id", number)
    assert cipher.open("national_id", key.value_cipher) == number
    assert key.masked == number[:3] + "*" * 11 + number[-4:]


def test_nothing_personal_is_in_clear_in_events_or_rejects() -> None:
    make_bank()
    take([row(7, guarantor="测试保人", guarantor_mobile="13900001111"), row(8, due="bad date 999")])
    told = " ".join(Event.objects.values_list("body", flat=True))
    for value in ("测试7号", "测试保人", "13800000007", "debtor7", "测试路", identity_number(7)):
        assert value not in told


def test_accounts_of_one_debtor_share_a_case_whatever_chunk_they_were_read_in() -> None:
    make_bank()
    lines = [row(n, debtor=f"D{n % 5:06d}") for n in range(1, 41)]
    take(lines, rows_per_chunk=3)
    assert Debtor.objects.count() == Person.objects.count() == 5
    assert Case.objects.count() == 5
    assert CaseAccount.objects.filter(left_on=None).count() == 40
    chains = Event.objects.filter(chain_kind="case").values_list("chain_id", "sequence")
    assert sorted(chains) == [(case.pk, 1) for case in Case.objects.order_by("pk")]


def test_accounts_that_are_in_no_case_tell_on_their_debtors_chain() -> None:
    make_bank()
    take([row(1, principal="0.00", interest="0.00", overdue="0.00", due=""), row(2)])
    assert Case.objects.count() == 1
    settled = Debtor.objects.get(external_id="D000001")
    event = Event.objects.get(chain_kind="debtor")
    assert (event.chain_id, event.subject) == (settled.pk, f"debtor:{settled.pk}")


def test_a_person_is_known_across_creditors_by_identity_only() -> None:
    make_bank("BANK")
    make_bank("OTHER")
    same_number = identity_number(1)
    take(rows(3))
    take([row(1), row(9, name="测试1号", mobile="13800000001")], creditor="OTHER")
    people = Debtor.objects.values_list("creditor__code", "external_id", "person_id")
    by_key = {(code, number): person for code, number, person in people}
    assert by_key["BANK", "D000001"] == by_key["OTHER", "D000001"]
    assert by_key["BANK", "D000001"] != by_key["OTHER", "D000009"]
    assert IdentityKey.objects.filter(masked__startswith=same_number[:3]).count() == 4


def test_two_debtor_numbers_with_one_identity_are_one_person() -> None:
    make_bank()
    take([row(1), row(50, debtor="D000050", identity=identity_number(1))], rows_per_chunk=1)
    assert Debtor.objects.count() == 2
    assert Person.objects.count() == 1


def test_a_debtor_named_by_identity_alone_is_found_again() -> None:
    make_bank()
    by_identity = [row(1, debtor=""), row(2, debtor="", identity=identity_number(1))]
    take(by_identity, file_id="first")
    take([row(3, debtor="", identity=identity_number(1))], coverage="changes", **LATER)
    assert Debtor.objects.count() == 1
    assert Account.objects.count() == 3


def test_an_account_without_debtor_number_or_identity_is_its_own_debtor() -> None:
    make_bank()
    take([row(1, debtor="", identity=""), row(2, debtor="", identity="")])
    assert sorted(Debtor.objects.values_list("external_id", flat=True)) == [
        "A:A000001",
        "A:A000002",
    ]
    assert IdentityKey.objects.count() == 0
    assert Person.objects.count() == 2


def test_guarantors_are_persons_with_numbers_of_their_own() -> None:
    make_bank()
    guarantor = {
        "guarantor": "测试保人",
        "guarantor_identity": identity_number(2),
        "guarantor_mobile": "13900000001",
    }
    take([row(1, **guarantor), row(2), row(3, **guarantor)], rows_per_chunk=1)
    found = RelatedPerson.objects.order_by("debtor__external_id")
    assert [(r.relation, r.name) for r in found] == [("guarantor", "测试保人")] * 2
    as_debtor = Debtor.objects.get(external_id="D000002")
    assert {r.person_id for r in found} == {as_debtor.person_id}
    points = ContactPoint.objects.filter(related_person__isnull=False)
    assert {p.related_person_id for p in points} == {r.pk for r in found}
    assert not ContactPoint.objects.filter(debtor=as_debtor, masked__startswith="139").exists()


def test_companies_are_companies() -> None:
    make_bank()
    take([row(1, kind="C", name="测试有限公司", identity="91350100M000100Y43")])
    debtor = Debtor.objects.select_related("person").get()
    assert (debtor.kind, debtor.person.kind) == ("company", "company")
    assert IdentityKey.objects.get().kind == "company_number"


def test_the_same_rows_again_change_nothing() -> None:
    make_bank()
    take(rows(10), file_id="one")
    before = book_lines(without=["intake_files", "runs", "events", "accounts"])
    events = Event.objects.exclude(chain_kind="house").count()
    again = take(rows(10), file_id="two")
    assert counts_of(again) == (0, 0, 10)
    assert book_lines(without=["intake_files", "runs", "events", "accounts"]) == before
    assert Event.objects.exclude(chain_kind="house").count() == events


def test_unchanged_rows_of_a_later_day_confirm_the_figures() -> None:
    make_bank()
    take(rows(2), file_id="one")
    take(rows(2), file_id="two", **LATER)
    assert set(Account.objects.values_list("as_of", flat=True)) == {TODAY}


def test_figures_that_change_become_adjustments() -> None:
    make_bank()
    take([row(1, principal="1000.00", interest="10.00"), row(2)], file_id="one")
    later = take([row(1, principal="900.00", interest="12.00"), row(2)], file_id="two", **LATER)
    assert counts_of(later) == (1, 0, 1)
    assert owed("A000001") == {"principal": 90_000, "interest": 1_200}
    kinds = Entry.objects.filter(account__external_id="A000001").order_by("id")
    assert [e.kind for e in kinds][:2] == ["opening", "adjustment"]
    fall = Posting.objects.get(to_book="unexplained")
    assert (fall.component, fall.amount_minor) == ("principal", 10_000)


def test_what_is_said_anew_of_a_debtor_is_taken_and_named_in_the_event() -> None:
    make_bank()
    take(rows(2), file_id="one")
    take([row(1, name="测试改名", mobile="13911112222"), row(2)], file_id="two", **LATER)
    debtor = Debtor.objects.get(external_id="D000001")
    assert debtor.name == "测试改名"
    # The number that left the file stays in the book.
    masks = ContactPoint.objects.filter(debtor=debtor, kind="phone").values_list(
        "masked", flat=True
    )
    assert sorted(masks) == ["138****0001", "139****2222"]
    event = Event.objects.filter(action="intake.apply", chain_kind="case").latest("sequence")
    assert '"contact_points":1' in event.body
    assert '"debtor_fields":["name"]' in event.body
    assert "测试改名" not in event.body
    assert event.key_id is not None
    (told,) = open_personal([(event.key_id, event.personal)])
    assert told is not None
    assert told["after"] == {"name": "测试改名"}
    assert told["before"]["name"] not in ("", "测试改名")


def test_a_consent_withdrawn_is_not_given_back_by_a_file() -> None:
    make_bank()
    take(rows(1), file_id="one")
    ContactPoint.objects.filter(kind="phone").update(consent="withdrawn", validity="invalid")
    take([row(1, principal="5.00")], file_id="two", **LATER)
    phone = ContactPoint.objects.get(kind="phone")
    assert (phone.consent, phone.validity) == ("withdrawn", "invalid")


def test_an_older_version_never_overwrites_a_newer_one() -> None:
    make_bank()
    take([row(1, version="5")], file_id="one")
    older = take(
        [row(1, version="4", principal="1.00")], file_id="two", map_text=_lenient(), **LATER
    )
    assert counts_of(older) == (0, 1, 0)
    assert older.acknowledgement["rejects_by_code"] == {"older_version": 1}
    reused = take(
        [row(1, version="5", principal="1.00")], file_id="three", map_text=_lenient(), **LATER
    )
    assert reused.acknowledgement["rejects_by_code"] == {"version_reused": 1}
    newer = take([row(1, version="6", principal="1.00")], file_id="four", **LATER)
    assert counts_of(newer) == (1, 0, 0)
    assert owed("A000001")["principal"] == 100


def test_without_versions_the_day_of_the_figures_decides() -> None:
    make_bank()
    take([row(1)], file_id="one", as_of=TODAY)
    older = take([row(1, principal="1.00")], file_id="two", as_of=AS_OF, map_text=_lenient())
    assert older.acknowledgement["rejects_by_code"] == {"older_version": 1}
    assert owed("A000001")["principal"] == 100_150


def _lenient() -> str:
    return MAP.replace("rejects_per_mille: 200", "rejects_per_mille: 1000")


def test_marks_become_holds_in_the_transaction_of_their_row() -> None:
    make_bank()
    take([row(1, mark="D"), row(2, mark="S"), row(3, mark="-"), row(4)])
    holds = Hold.objects.order_by("debtor__external_id").select_related("account")
    found = [(h.reason, h.account and h.account.external_id, h.effects) for h in holds]
    assert found == [
        ("deceased", None, ["contact", "treatment"]),
        ("disputed", "A000002", ["contact", "treatment"]),
    ]
    assert holds[0].placed_at == NOW
    told = Event.objects.filter(body__contains='"holds":["deceased"]')
    assert told.count() == 1


def test_a_hold_that_stands_is_not_placed_again_and_one_that_left_the_file_stays() -> None:
    make_bank()
    take([row(1, mark="B")], file_id="one")
    take([row(1, mark="B", principal="3.00")], file_id="two", **LATER)
    assert Hold.objects.count() == 1
    take([row(1, principal="4.00")], file_id="three", **LATER)
    assert Hold.objects.get().released_at is None


def test_a_recalled_account_leaves_its_case_in_the_same_event() -> None:
    make_bank()
    take(rows(2), file_id="one")
    take([row(1, state="R"), row(2)], file_id="two", **LATER)
    account = Account.objects.get(external_id="A000001")
    assert (account.state, account.state_since) == ("recalled", TODAY)
    case = Case.objects.get(debtor=account.debtor)
    assert (case.closed_on, case.close_reason) == (date(2026, 11, 23), "recalled")
    event = Event.objects.filter(chain_kind="case", chain_id=case.pk).latest("sequence")
    assert '"state":"recalled","state_before":"active"' in event.body
    assert '{"change":"closed","reason":"recalled"}' in event.body


def test_accounts_missing_from_a_full_file_stop_contact_and_come_back() -> None:
    make_bank()
    take(rows(10), file_id="one")
    second = take(rows(8), file_id="two", **LATER)
    assert second.acknowledgement["missing"] == {"stop_and_ask": 2}
    gone = Account.objects.filter(state="missing").order_by("external_id")
    assert [a.external_id for a in gone] == ["A000009", "A000010"]
    held = Hold.objects.filter(reason="missing_data", released_at=None)
    assert {h.account_id for h in held} == {a.pk for a in gone}
    assert {tuple(h.effects) for h in held} == {("contact", "treatment")}
    # Nothing was deleted, and nobody was recalled: the debt is as it was.
    assert owed("A000010") == {"principal": 101_050, "interest": 325}
    third = take(rows(9), file_id="three", now=NOW + timedelta(days=2), as_of=TODAY)
    assert counts_of(third) == (1, 0, 8)
    back = Account.objects.get(external_id="A000009")
    assert back.state == "active"
    released = Hold.objects.get(account=back)
    assert released.released_at == NOW + timedelta(days=2)


def test_a_file_of_changes_says_nothing_of_the_accounts_it_leaves_out() -> None:
    make_bank()
    take(rows(10), file_id="one")
    take(rows(2), file_id="two", coverage="changes", **LATER)
    assert not Account.objects.filter(state="missing").exists()


def test_a_product_may_leave_missing_accounts_as_they_are() -> None:
    make_bank(missing_from_feed="leave")
    take(rows(10), file_id="one")
    second = take(rows(8), file_id="two", **LATER)
    assert second.acknowledgement["missing"] == {"leave": 2}
    assert not Account.objects.filter(state="missing").exists()


def test_a_refused_row_of_a_full_file_is_not_a_missing_account() -> None:
    make_bank()
    take(rows(10), file_id="one")
    take([*rows(9), row(10, principal="NaN")], file_id="two", **LATER)
    assert not Account.objects.filter(state="missing").exists()


def test_where_kept_holds_the_truth_the_file_is_only_compared() -> None:
    make_bank(balance_authority="kept")
    take(rows(3), file_id="one")
    assert owed("A000001") == {"principal": 100_150, "interest": 125}
    second = take([row(1, principal="7.00"), *rows(2, start=2)], file_id="two", **LATER)
    assert owed("A000001") == {"principal": 100_150, "interest": 125}
    assert second.acknowledgement["balance_differences"] == {
        "count": 1,
        "listed": [
            {
                "external_id": "A000001",
                "component": "principal",
                "file_minor": 700,
                "ledger_minor": 100_150,
            }
        ],
    }
