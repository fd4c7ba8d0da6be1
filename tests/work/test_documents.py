"""Documents end to end: what the ledger says decides what is printed; each print is a fact."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from kept.batch.printing import do_print_documents
from kept.core.actors import Actor, Role, job
from kept.core.documents.codes import code_hash
from kept.core.documents.kinds import DocumentKind
from kept.core.documents.terms import AgreementTerms, Instalment, SettlementTerms
from kept.core.ledger import EntryKind
from kept.store.documents import open_document
from kept.store.models import Account, Case, Command, Document, Event, TextVersion, User
from kept.store.sealing import vault_folder
from kept.work.actors import actor_of
from kept.work.document_checks import check_code
from kept.work.document_papers import PaperRequest, paper_of
from kept.work.document_sheets import sheet_of
from kept.work.documents import (
    do_print_document,
    do_withdraw_document,
    get_document_file,
    get_document_preview,
    list_documents,
    prepare,
    printable_kinds,
    store_prepared,
)
from kept.work.ledger import Line, do_post_entry, do_reverse_entry, post_waived
from kept.work.once import KeyReused
from kept.work.printing import FONT_SHA256, MissingCharacters, find_font, printer
from kept.work.refusals import NotAllowed, NotThere, Refusal
from tests import factories as make
from tests.factories import NOW, TODAY

pytestmark = pytest.mark.django_db

K = DocumentKind


@dataclass
class Book:
    case: Case
    account: Account
    manager: Actor

    def ask(self, kind: DocumentKind, **given: Any) -> PaperRequest:
        return PaperRequest(self.case.pk, kind, **given)

    def print(self, kind: DocumentKind, key: str = "", **given: Any) -> Any:
        return do_print_document(
            actor=self.manager, request=self.ask(kind, **given), key=key, now=NOW
        )

    def sheet(self, kind: DocumentKind, **given: Any) -> Any:
        return sheet_of(paper_of(self.manager, self.ask(kind, **given), NOW), None)

    def pay(self, amount_minor: int, on: date = date(2026, 11, 20)) -> int:
        return do_post_entry(
            actor=job("test"),
            account_id=self.account.pk,
            kind=EntryKind.PAYMENT,
            lines=[Line("principal", amount_minor)],
            effective_on=on,
            reference=f"P{make.next_number()}",
            now=NOW - timedelta(hours=1),
        )


def make_book(months: None = None, *, credits: bool = False, **given: Any) -> Book:
    creditor = make.make_creditor(
        **{"name": "示例银行股份有限公司", "phone": "010-5550 0100", **given}
    )
    product = make.make_product(creditor)
    make.make_terms(product, allows_credit_balance=credits)
    debtor = make.make_debtor(creditor, name="张例")
    make.make_contact_point(debtor, "北京市朝阳区示例路1号", kind="address", masked="北京市***")
    account = make.make_account(product, debtor)
    owed = {"principal": 1_200_00, "interest": 300_00}
    make.make_entry(account, owed, due_on=date(2026, 11, 1), recorded_at=NOW - timedelta(days=30))
    case = make.make_case(debtor, account)
    manager = make.make_actor(7, "manager", frozenset({Role.MANAGER}), frozenset({creditor.pk}))
    return Book(case, account, manager)


@pytest.fixture
def book(months: None) -> Book:
    return make_book()


def test_a_demand_names_what_is_owed_and_is_a_fact(book: Book) -> None:
    made = book.print(K.DEMAND_LETTER)
    pdf = get_document_file(actor=book.manager, document_id=made.document_id, now=NOW)
    assert pdf.startswith(b"%PDF-1.7")
    assert hashlib.sha256(pdf).hexdigest() == made.sha256
    row = Document.objects.get()
    assert (row.text_label, row.layout, row.as_of) == ("demand_letter:zh:1", 1, TODAY)
    assert row.figures_minor == {"currency": "CNY", "balance": 150_000, "overdue": 150_000}
    stored = vault_folder() / row.stored_path
    assert stored.exists()
    assert b"%PDF" not in stored.read_bytes()  # sealed
    event = Event.objects.get(action="document.print")
    assert (event.chain_kind, event.chain_id) == ("case", book.case.pk)
    assert made.sha256 in event.body
    assert "张例" not in event.body


def test_the_sheet_says_it_in_the_debtors_language(book: Book) -> None:
    sheet = book.sheet(K.DEMAND_LETTER)
    assert sheet["title"] == "催告还款函"
    assert sheet["recipient"] == {"name": "张例", "lines": ["北京市朝阳区示例路1号"]}
    assert "人民币1,500.00元" in sheet["body"][1]
    assert "2026年11月1日" in sheet["body"][1]
    (table,) = sheet["tables"]
    assert table["rows"] == [["本金", "1,200.00"], ["利息", "300.00"]]
    assert table["totals"] == [["合计", "1,500.00"], ["其中已逾期", "1,500.00"]]
    assert (sheet["watermark"], sheet["check"]) == ("预览", None)
    english = book.sheet(K.DEMAND_LETTER, language="en")
    assert english["title"] == "Request for payment"
    assert "CNY 1,500.00" in english["body"][1]


def test_nothing_owed_is_no_demand_and_one_cent_is_no_proof(book: Book) -> None:
    with pytest.raises(Refusal, match="does not say zero"):
        book.print(K.PROOF_OF_SETTLEMENT)
    book.pay(1_200_00 - 1)
    post_waived(
        job("test"),
        book.account,
        [Line("interest", 300_00)],
        date(2026, 11, 20),
        "",
        NOW - timedelta(hours=1),
        waiver_id=0,
    )
    with pytest.raises(Refusal, match="does not say zero"):
        book.print(K.PROOF_OF_SETTLEMENT)
    assert Document.objects.count() == 0
    book.pay(1, on=date(2026, 11, 21))
    made = book.print(K.PROOF_OF_SETTLEMENT)
    assert made.account_number == book.account.external_id
    with pytest.raises(Refusal, match="Nothing is past due"):
        book.print(K.DEMAND_LETTER)


def test_a_proof_says_since_when_and_never_how_much(book: Book) -> None:
    settle(book)
    sheet = book.sheet(K.PROOF_OF_SETTLEMENT)
    assert "2026年11月20日全部结清" in sheet["body"][0]
    said = str(sheet)
    assert "1,200" not in said
    assert "1,500" not in said
    assert sheet["letter"] is False


def settle(book: Book) -> list[int]:
    first = book.pay(1_200_00)
    second = do_post_entry(
        actor=job("test"),
        account_id=book.account.pk,
        kind=EntryKind.PAYMENT,
        lines=[Line("interest", 300_00)],
        effective_on=date(2026, 11, 20),
        reference="P-interest",
        now=NOW - timedelta(hours=1),
    )
    return [first, second]


def test_components_that_cancel_each_other_are_not_zero(months: None) -> None:
    """300 too much of principal and nothing of interest is a sum of zero, and no settlement."""
    book = make_book(credits=True)
    book.pay(1_500_00)
    with pytest.raises(Refusal, match="does not say zero"):
        book.print(K.PROOF_OF_SETTLEMENT)


def test_the_code_proves_it_to_anybody_without_a_name(book: Book) -> None:
    settle(book)
    prepared = prepare(book.manager, [book.ask(K.PROOF_OF_SETTLEMENT)], NOW)[0]
    pdf = printer().pdf(prepared.sheet, NOW)
    store_prepared(book.manager, prepared, pdf, NOW)
    found = check_code(prepared.sheet["check"]["code"].lower())
    assert found is not None
    assert (found.is_valid, found.kind) == (True, "proof_of_settlement")
    assert (found.creditor_name, found.printed_on) == ("示例银行股份有限公司", TODAY)
    assert not {"debtor", "amount", "account"} & set(found.__slots__)
    row = Document.objects.get()
    assert bytes(row.code_hash) == code_hash(prepared.code)
    assert check_code("AAAA-AAAA-AAAA-AAAA") is None
    assert check_code("not a code") is None
    do_withdraw_document(actor=book.manager, document_id=row.pk, reason="test", now=NOW)
    found = check_code(prepared.code)
    assert found is not None
    assert (found.is_valid, found.withdrawn_on) == (False, TODAY)


def test_a_payment_that_comes_back_makes_a_proof_doubtful(book: Book) -> None:
    entries = settle(book)
    prepared = prepare(book.manager, [book.ask(K.PROOF_OF_SETTLEMENT)], NOW)[0]
    store_prepared(book.manager, prepared, printer().pdf(prepared.sheet, NOW), NOW)
    assert [each.is_doubtful for each in shown(book)] == [False]
    # What is owed since for something new was not the paper's to say.
    later = {"effective_on": TODAY + timedelta(days=1), "due_on": TODAY + timedelta(days=20)}
    make.make_entry(book.account, {"fee": 5_00}, kind="charge", **later)
    assert [each.is_doubtful for each in shown(book)] == [False]
    make.make_free("reversal")
    do_reverse_entry(
        actor=job("test"), entry_id=entries[0], effective_on=TODAY, reason="bounced", now=NOW
    )
    assert [each.is_doubtful for each in shown(book)] == [True]
    found = check_code(prepared.code)
    assert found is not None
    assert (found.is_valid, found.is_doubtful, found.withdrawn_on) == (False, True, None)


def shown(book: Book) -> Any:
    return list_documents(actor=book.manager, case_id=book.case.pk)


def test_withdrawing_needs_a_reason_and_happens_once(book: Book) -> None:
    made = book.print(K.STATEMENT)
    with pytest.raises(Refusal):
        do_withdraw_document(actor=book.manager, document_id=made.document_id, reason=" ", now=NOW)
    do_withdraw_document(
        actor=book.manager, document_id=made.document_id, reason="wrong day", now=NOW
    )
    with pytest.raises(Refusal, match="before"):
        do_withdraw_document(
            actor=book.manager, document_id=made.document_id, reason="again", now=NOW
        )
    event = Event.objects.get(action="document.withdraw")
    assert "wrong day" not in event.body  # sealed with the person's key


def test_a_statement_lists_what_took_effect_by_its_day(book: Book) -> None:
    book.pay(200_00, on=date(2026, 11, 10))
    book.pay(100_00, on=date(2026, 11, 20))
    sheet = book.sheet(K.STATEMENT, as_of=date(2026, 11, 15), since=date(2026, 11, 1))
    entries = sheet["tables"][0]
    assert entries["rows"][0][1:] == ["期初余额", "", "", "1,500.00"]
    assert entries["rows"][1][0] == "2026-11-10"
    assert entries["rows"][1][3:] == ["200.00", "1,300.00"]
    assert entries["totals"] == [["", "2026年11月15日余额", "", "", "1,300.00"]]
    with pytest.raises(Refusal, match="today or of a day before"):
        book.sheet(K.STATEMENT, as_of=TODAY + timedelta(days=1))


def test_the_same_key_prints_once(book: Book) -> None:
    first = book.print(K.STATEMENT, key="one-key-of-one-call-1")
    again = book.print(K.STATEMENT, key="one-key-of-one-call-1")
    assert first.document_id == again.document_id
    assert (Document.objects.count(), Command.objects.count()) == (1, 1)
    with pytest.raises(KeyReused):
        book.print(K.DEMAND_LETTER, key="one-key-of-one-call-1")


# --- lawyer's letters -----------------------------------------------------------------------------


def lawyer(book: Book, name: str = "王律师") -> Actor:
    user: User = make.make_user(roles={Role.LEGAL_OFFICER: [book.case.creditor]})
    user.first_name = name
    user.save()
    return actor_of(user, now=NOW)


def ask_lawyer(book: Book, actor: Actor, **given: Any) -> Any:
    request = book.ask(K.LAWYERS_LETTER, **given)
    return do_print_document(actor=actor, request=request, now=NOW)


def test_only_a_legal_officer_writes_lawyers_letters(book: Book) -> None:
    make.make_engagement(book.case.creditor, lawyers_letters=True)
    with pytest.raises(NotAllowed):
        book.print(K.LAWYERS_LETTER)
    assert K.LAWYERS_LETTER not in printable_kinds(book.manager)
    made = ask_lawyer(book, lawyer(book))
    row = Document.objects.get(pk=made.document_id)
    assert row.legal_entity is not None


def test_a_lawyers_letter_needs_a_mandate_that_allows_it_and_a_name(book: Book) -> None:
    firm = make.make_legal_entity(name="示例律师事务所", licences=["31110000E00017891X"])
    mandate = make.make_engagement(book.case.creditor, legal_entity=firm)
    with pytest.raises(Refusal, match="No mandate"):
        ask_lawyer(book, lawyer(book))
    mandate.lawyers_letters = True
    mandate.save()
    with pytest.raises(Refusal, match="bears a name"):
        ask_lawyer(book, lawyer(book, ""))
    sheet = sheet_of(paper_of(lawyer(book), book.ask(K.LAWYERS_LETTER), NOW), None)
    assert sheet["sender"]["name"] == "示例律师事务所"
    assert sheet["signatures"] == [{"name": "王律师", "under": ["示例律师事务所（盖章）"]}]
    mandate.valid_to = TODAY - timedelta(days=1)
    mandate.save()
    with pytest.raises(Refusal, match="No mandate"):
        ask_lawyer(book, lawyer(book))


# --- terms that others agree ----------------------------------------------------------------------


def plan(book: Book, *, owed: int = 1_500_00) -> AgreementTerms:
    rows = tuple(
        Instalment(date(2026, 12, 10) + timedelta(days=31 * each), 500_00) for each in range(3)
    )
    return AgreementTerms(TODAY, "CNY", owed, 1_500_00, rows, tolerance_days=3)


def test_an_agreement_sets_down_its_plan(book: Book) -> None:
    sheet = book.sheet(K.INSTALMENT_AGREEMENT, agreement=plan(book))
    debt, instalments = sheet["tables"]
    assert debt["totals"] == [["合计", "", "1,500.00"]]
    assert instalments["rows"][0] == ["1", "2026年12月10日", "500.00"]
    assert instalments["totals"] == [["", "合计", "1,500.00"]]
    assert any("大写：人民币壹仟伍佰元整" in words for words in sheet["body"])
    assert [each["name"] for each in sheet["signatures"]] == ["示例银行股份有限公司", "张例"]
    assert book.print(K.INSTALMENT_AGREEMENT, agreement=plan(book)).size_bytes > 10_000


def test_a_plan_for_another_balance_or_none_is_refused(book: Book) -> None:
    with pytest.raises(Refusal, match="another balance"):
        book.print(K.INSTALMENT_AGREEMENT, agreement=plan(book, owed=1_400_00))
    with pytest.raises(Refusal, match="needs its plan"):
        book.print(K.INSTALMENT_AGREEMENT)


def test_a_settlement_is_offered_and_confirmed_when_the_ledger_is_zero(book: Book) -> None:
    offer = SettlementTerms(TODAY, "CNY", 1_500_00, 900_00, date(2026, 12, 15))
    sheet = book.sheet(K.SETTLEMENT_OFFER, settlement=offer, language="en")
    assert sheet["tables"][0]["rows"][1] == ["Waived", "-600.00"]
    assert "nine hundred and 00/100 Chinese yuan" in sheet["body"][1]
    paid = SettlementTerms(TODAY, "CNY", 1_500_00, 900_00, date(2026, 12, 15), TODAY)
    with pytest.raises(Refusal, match="waived first"):
        book.sheet(K.SETTLEMENT_CONFIRMATION, settlement=paid)
    with pytest.raises(Refusal, match="not paid"):
        book.sheet(K.SETTLEMENT_CONFIRMATION, settlement=offer)
    settle(book)
    assert book.sheet(K.SETTLEMENT_CONFIRMATION, settlement=paid)["title"] == "和解结清确认函"


# --- fonts, texts, erasing ------------------------------------------------------------------------


def test_the_font_is_the_proven_one() -> None:
    with find_font().open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == FONT_SHA256


def test_a_character_that_the_font_lacks_is_named_and_nothing_is_printed(book: Book) -> None:
    book.case.debtor.name = "张🙂"
    book.case.debtor.save()
    with pytest.raises(MissingCharacters, match=r"U\+1F642") as caught:
        book.print(K.DEMAND_LETTER)
    assert caught.value.characters == ("🙂",)
    assert Document.objects.count() == 0
    book.case.debtor.name = "张𠮷囧"
    book.case.debtor.save()
    assert book.print(K.DEMAND_LETTER).state == "valid"


def test_the_same_sheet_at_the_same_instant_is_the_same_file(book: Book) -> None:
    sheet = book.sheet(K.DEMAND_LETTER)
    assert printer().pdf(sheet, NOW) == printer().pdf(sheet, NOW)
    later = datetime(2027, 1, 1, tzinfo=NOW.tzinfo)
    assert printer().pdf(sheet, NOW) != printer().pdf(sheet, later)


def test_a_preview_is_pictures_and_stores_nothing(book: Book) -> None:
    (picture,) = get_document_preview(
        actor=book.manager, request=book.ask(K.DEMAND_LETTER), now=NOW
    )
    assert picture.startswith(b"\x89PNG")
    assert Document.objects.count() == 0


def test_the_creditors_own_text_is_printed_if_it_has_what_the_kind_needs(book: Book) -> None:
    own = TextVersion.objects.create(
        creditor=book.case.creditor,
        code="demand_letter",
        language="zh",
        version=2,
        kind="template",
        channel="letter",
        state="in_force",
        valid_from=TODAY,
        body="{debtor}：{creditor}账户{account}欠{overdue}，有异议请电{phone}。",
    )
    assert book.print(K.DEMAND_LETTER).text_label == "demand_letter:zh:2"
    own.body = "{debtor}：{creditor}账户{account}欠{overdue}，请电{phone}。"
    own.save()
    with pytest.raises(Refusal, match="demand_letter:zh:2 lacks: that the debt or its amount"):
        book.print(K.DEMAND_LETTER)


def test_a_text_that_shows_what_is_unknown_is_refused_by_name(months: None) -> None:
    book = make_book(phone="")
    with pytest.raises(Refusal, match="not known here: phone"):
        book.print(K.DEMAND_LETTER)


def test_another_creditors_case_is_not_there(book: Book) -> None:
    other = make_book()
    with pytest.raises(NotThere):
        do_print_document(actor=other.manager, request=book.ask(K.DEMAND_LETTER), now=NOW)
    made = book.print(K.DEMAND_LETTER)
    with pytest.raises(NotThere):
        get_document_file(actor=other.manager, document_id=made.document_id, now=NOW)
    assert list_documents(actor=other.manager, case_id=book.case.pk) == ()


def test_a_batch_prints_each_once_and_tells_who_was_refused(book: Book) -> None:
    other, settled = make_book(), make_book()
    settle(settled)
    ids = [each.case.pk for each in (book, other, settled)]

    def run() -> Any:
        return do_print_documents(
            actor=job("test"), case_ids=ids, request=book.ask(K.DEMAND_LETTER), now=NOW
        )

    first = run()
    assert set(first.printed) == {book.case.pk, other.case.pk}
    assert list(first.refused) == [settled.case.pk]
    again = run()
    assert (again.printed, list(again.refused)) == ({}, [settled.case.pk])
    for document_id in first.printed.values():
        row = Document.objects.get(pk=document_id)
        pdf = open_document(row.stored_path)
        assert hashlib.sha256(pdf).digest() == bytes(row.sha256)
