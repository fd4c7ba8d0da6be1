"""Papers of nobody for the benchmark of documents: every kind in both languages, without a book."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from kept.core.documents.codes import CODE_LETTERS, RANDOM_LETTERS, code_of
from kept.core.documents.contents import Binding
from kept.core.documents.kinds import KINDS, DocumentKind
from kept.core.documents.terms import (
    AccountAmounts,
    AgreementTerms,
    Instalment,
    ReceiptTerms,
    SettlementTerms,
    StatementLine,
)
from kept.core.text_figures import fill
from kept.packs.scripts import load_texts
from kept.store.models import Case, Creditor, LegalEntity
from kept.work.document_figures import figures_of_paper
from kept.work.document_papers import Paper, PaperRequest, Statement
from kept.work.document_sheets import Proof, sheet_of

__all__ = ["sample_sheet"]

DAY: Final = date(2026, 11, 22)
_NAMES: Final = {
    "zh": ("示例银行股份有限公司", "示例律师事务所", "张例", ("北京市朝阳区示例路1号", "100020")),
    "en": (
        "Example Bank Ltd",
        "Example & Partners LLP",
        "Alex Example",
        ("1 Example Road", "Town"),
    ),
}
_OWED: Final = (("principal", 1_200_000), ("interest", 186_540), ("fee", 12_000))


def sample_sheet(kind: DocumentKind, language: str, number: int) -> Mapping[str, Any]:
    """The sheet of one paper; papers of different numbers differ in amounts, number and code."""
    bank, firm, debtor, address = _NAMES[language]
    currency = "CNY" if language == "zh" else "USD"
    more = number * 137 % 900_000
    owed = tuple((name, amount + (more if name == "principal" else 0)) for name, amount in _OWED)
    balance = sum(amount for _name, amount in owed)
    is_zero = kind in (DocumentKind.PROOF_OF_SETTLEMENT, DocumentKind.SETTLEMENT_CONFIRMATION)
    account = AccountAmounts(
        f"EX-{number:06d}", "Card", currency, owed, balance, 486_540, date(2026, 9, 5), 78
    )
    request = PaperRequest(
        0,
        kind,
        agreement=_agreement(balance, currency),
        settlement=SettlementTerms(
            DAY, currency, balance, 900_000, DAY + timedelta(days=21), DAY if is_zero else None
        ),
        receipt=_receipt(kind, language, currency),
    )
    country = "CN" if language == "zh" else "US"
    paper = Paper(
        request=request,
        kind=kind,
        language=language,
        creditor=Creditor(name=bank, country=country, phone="010-5550 0100"),
        case=Case(),
        debtor_name=debtor,
        address=address,
        printed_on=DAY,
        as_of=DAY,
        accounts=(account,),
        account_ids=(1,),
        binding=Binding(country, "credit_card", "debt_collector"),
        company=LegalEntity(name=firm, licences=["EX-00017891"]),
        writes_itself=KINDS[kind].by_lawyer,
        signatory="王例" if language == "zh" else "Sam Sample",
        statement=_statement(balance),
        settled_on=date(2026, 11, 20),
    )
    body = next(each for each in load_texts() if each.code == kind.value).bodies[language]
    letters = "".join(
        CODE_LETTERS[(number * 7 + place * 11) % len(CODE_LETTERS)]
        for place in range(RANDOM_LETTERS)
    )
    code = code_of(letters)
    proof = Proof(f"KD-{number:08d}", code, f"https://kept.example/verify/{code}/")
    return sheet_of(replace(paper, body=fill(body, figures_of_paper(paper))), proof)


def _agreement(balance: int, currency: str) -> AgreementTerms:
    part = balance // 12
    rows = tuple(
        Instalment(
            date(2026 + (11 + each) // 12, (11 + each) % 12 + 1, 10),
            part if each else balance - 11 * part,
        )
        for each in range(12)
    )
    return AgreementTerms(DAY, currency, balance, balance, rows, tolerance_days=3)


def _receipt(kind: DocumentKind, language: str, currency: str) -> ReceiptTerms | None:
    if kind is not DocumentKind.PAYMENT_RECEIPT:
        return None
    payer = "李例" if language == "zh" else "Chris Example"
    paid = (30_000, currency, DAY, "bank_transfer", "R-20261120-1")
    return ReceiptTerms(1, payer, True, *paid, is_free=True)


def _statement(balance: int) -> Statement:
    first = date(2025, 11, 22)
    lines = []
    owed = balance - 6 * 20_000
    before = owed
    for month in range(1, 9):
        change = 50_000 if month < 7 else -90_000
        owed += change
        kind = "charge" if change > 0 else "payment"
        lines.append(StatementLine(date(2026, month, 8), kind, f"R{month:04d}", change, owed))
    return Statement(first, before, tuple(lines))
