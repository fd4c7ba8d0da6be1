"""A paper as the sheet that the one layout sets (`packs/documents/letter.typ`): plain texts only.

The sheet is what is hashed: two papers with the same sheet are the same paper, and a stored hash
shows that the data behind a PDF are those of that day.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import segno

from kept.core.documents.amounts import number_in_figures
from kept.core.documents.codes import grouped
from kept.core.documents.contents import notices
from kept.core.documents.kinds import KINDS, DocumentKind
from kept.core.documents.terms import AccountAmounts, AgreementTerms, ReceiptTerms, SettlementTerms
from kept.core.documents.wording import Words, words_in
from kept.work.document_figures import day_in
from kept.work.document_papers import Paper

__all__ = ["Proof", "sheet_hash", "sheet_of"]

#: Paper by country of the creditor; everybody else prints on A4.
_PAPER: Final[Mapping[str, str]] = {"US": "us-letter", "CA": "us-letter", "MX": "us-letter"}
_WIDE, _PLAIN, _AMOUNT = "wide", "plain", "amount"


@dataclass(frozen=True, slots=True)
class Proof:
    """What is printed of a document's number and code; `address` is where it is checked."""

    number: str
    code: str
    address: str


def sheet_of(paper: Paper, proof: Proof | None) -> Mapping[str, Any]:
    """The sheet; without a proof it is a preview, and says so across the page."""
    words = words_in(paper.language)
    sender = paper.company.name if paper.company and paper.writes_itself else paper.creditor.name
    number = proof.number if proof else words("preview_number")
    return {
        "language": paper.language,
        "region": "cn" if paper.language == "zh" else paper.creditor.country.lower(),
        "paper": _PAPER.get(paper.creditor.country, "a4"),
        "letter": KINDS[paper.kind].is_letter,
        "title": words.title(paper.kind),
        "number": number,
        "watermark": "" if proof else words("preview"),
        "sender": {"name": sender, "lines": _sender_lines(paper, words)},
        "recipient": _recipient(paper),
        "marks": _marks(paper, words, number),
        "body": _paragraphs(paper),
        "tables": _tables(paper, words),
        "notices": _notices(paper),
        "signatures": _signatures(paper, words),
        "foot": [sender, words("foot", creditor=paper.creditor.name)],
        "check": _check(proof, words) if proof else None,
    }


def _recipient(paper: Paper) -> dict[str, Any]:
    """The debtor with their address; a receipt goes to whoever paid, whose address is not known."""
    receipt = paper.request.receipt
    if receipt is not None and receipt.is_other:
        return {"name": receipt.payer, "lines": []}
    return {"name": paper.debtor_name, "lines": list(paper.address)}


def _paragraphs(paper: Paper) -> list[str]:
    """Blank lines part them; a line that ends within one goes on in the next."""
    between = "" if paper.language == "zh" else " "
    parts = paper.body.split("\n\n")
    return [between.join(line.strip() for line in each.strip().splitlines()) for each in parts]


def sheet_hash(sheet: Mapping[str, Any]) -> bytes:
    """SHA-256 of everything that is filled in, in one order."""
    plain = json.dumps(sheet, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).digest()


def _sender_lines(paper: Paper, words: Words) -> list[str]:
    lines = []
    if paper.company and paper.writes_itself:
        lines.append(words("for", creditor=paper.creditor.name))
        lines += [words("licence", licence=str(each)) for each in paper.company.licences[:2]]
    if paper.creditor.phone:
        lines.append(words("phone", phone=paper.creditor.phone))
    return lines


def _marks(paper: Paper, words: Words, number: str) -> list[list[str]]:
    """The few figures beside the address, or above the text of a certificate."""
    numbers = [each.account_number for each in paper.accounts]
    marks = [
        [words("date"), day_in(paper.language, paper.printed_on)],
        [words("number"), number],
        [words("account" if len(numbers) == 1 else "accounts"), words.together(numbers)],
    ]
    if paper.as_of != paper.printed_on:
        marks.append([words("as_of"), day_in(paper.language, paper.as_of)])
    if KINDS[paper.kind].is_letter:
        return marks
    sides = ("party_creditor", "party_debtor")
    if paper.kind is not DocumentKind.INSTALMENT_AGREEMENT:
        sides = ("creditor", "debtor")
    parties = [[words(sides[0]), paper.creditor.name], [words(sides[1]), paper.debtor_name]]
    return [parties[0], marks[0], parties[1], marks[1], *marks[2:]]


# --- tables ---------------------------------------------------------------------------------------


def _table(
    title: str,
    columns: Sequence[str],
    heads: Sequence[str],
    rows: list[list[str]],
    totals: list[list[str]],
) -> dict[str, Any]:
    return {
        "title": title,
        "columns": list(columns),
        "heads": list(heads),
        "rows": rows,
        "totals": totals,
    }


def _tables(paper: Paper, words: Words) -> list[dict[str, Any]]:
    agreement, settlement = paper.request.agreement, paper.request.settlement
    match paper.kind:
        case DocumentKind.DEMAND_LETTER | DocumentKind.LAWYERS_LETTER:
            return [_amounts(each, paper, words) for each in paper.accounts]
        case DocumentKind.STATEMENT:
            return [_entries(paper, words), _amounts(paper.accounts[0], paper, words)]
        case DocumentKind.INSTALMENT_AGREEMENT if agreement:
            return [_debt(paper, words), _instalments(agreement, paper.language, words)]
        case DocumentKind.SETTLEMENT_OFFER | DocumentKind.SETTLEMENT_CONFIRMATION if settlement:
            return [_settlement(settlement, paper, words)]
        case DocumentKind.PAYMENT_RECEIPT if paper.request.receipt:
            return [_receipt(paper.request.receipt, paper, words)]
        case _:
            return []


def _amounts(account: AccountAmounts, paper: Paper, words: Words) -> dict[str, Any]:
    """Components with their sum, and below it what of it is past due."""
    several = len(paper.accounts) > 1
    title = (
        words("amounts_of", account=account.account_number, currency=account.currency)
        if several
        else words("amounts", currency=account.currency)
    )
    totals = [[words("sum"), _number(account.balance_minor, account.currency)]]
    if account.overdue_minor:
        totals.append([words("past_due"), _number(account.overdue_minor, account.currency)])
    return _table(
        title,
        (_WIDE, _AMOUNT),
        (words("item"), words("amount")),
        [
            [words.component(name), _number(amount, account.currency)]
            for name, amount in account.components
        ],
        totals,
    )


def _debt(paper: Paper, words: Words) -> dict[str, Any]:
    rows = [
        [each.account_number, words.component(name), _number(amount, each.currency)]
        for each in paper.accounts
        for name, amount in each.components
    ]
    return _table(
        words("first_table", currency=paper.currency),
        (_PLAIN, _WIDE, _AMOUNT),
        (words("account"), words("item"), words("amount")),
        rows,
        [[words("sum"), "", _number(paper.balance_minor, paper.currency)]],
    )


def _entries(paper: Paper, words: Words) -> dict[str, Any]:
    assert paper.statement is not None
    currency, made = paper.currency, paper.statement
    rows = [
        [_short(made.first), words("brought_forward"), "", "", _number(made.before_minor, currency)]
    ]
    for line in made.lines:
        said = words.entry(line.kind) + (f" {line.reference}" if line.reference else "")
        amount = _number(abs(line.owed_minor), currency)
        sides = [amount, ""] if line.owed_minor > 0 else ["", amount]
        balance = _number(line.balance_minor, currency)
        rows.append([_short(line.effective_on), said, *sides, balance])
    accrued = paper.accounts[0].accrued_minor
    if accrued:
        total = _number(paper.balance_minor, currency)
        rows.append([_short(paper.as_of), words("accrued"), _number(accrued, currency), "", total])
    first, last = (day_in(paper.language, day) for day in (made.first, paper.as_of))
    closing = words("closing", day=last)
    return _table(
        words("entries", first=first, last=last, currency=currency),
        (_PLAIN, _WIDE, _AMOUNT, _AMOUNT, _AMOUNT),
        [words(name) for name in ("day", "entry", "charged", "credited", "balance")],
        rows,
        [["", closing, "", "", _number(paper.balance_minor, currency)]],
    )


def _instalments(terms: AgreementTerms, language: str, words: Words) -> dict[str, Any]:
    """The parts of each instalment stand beside it where the plan tells any of them apart."""
    parts = [
        (name, f"{name.removeprefix('of_')}_minor")
        for name in ("of_principal", "of_interest", "of_fee")
        if any(getattr(row, f"{name.removeprefix('of_')}_minor") for row in terms.instalments)
    ]

    def row_of(number: str, day: str, amounts: Sequence[int]) -> list[str]:
        return [number, day, *(_number(each, terms.currency) for each in amounts)]

    sums = [sum(getattr(row, field) or 0 for row in terms.instalments) for _name, field in parts]
    return _table(
        words("second_table", currency=terms.currency),
        (_PLAIN, _WIDE, *(_AMOUNT for _ in parts), _AMOUNT),
        (words("no"), words("due"), *(words(name) for name, _field in parts), words("amount")),
        [
            row_of(
                str(number),
                day_in(language, row.due_on),
                [*(getattr(row, field) or 0 for _name, field in parts), row.amount_minor],
            )
            for number, row in enumerate(terms.instalments, 1)
        ],
        [row_of("", words("sum"), [*sums, terms.total_minor])],
    )


def _settlement(terms: SettlementTerms, paper: Paper, words: Words) -> dict[str, Any]:
    paid = paper.kind is DocumentKind.SETTLEMENT_CONFIRMATION
    day = terms.paid_on if paid else terms.pay_by
    assert day is not None
    last = words("paid" if paid else "to_pay", day=day_in(paper.language, day))
    rows = (
        (words("owed", day=day_in(paper.language, terms.offered_on)), terms.owed_minor),
        (words("waived"), -terms.waived_minor),
    )
    totals = [[last, _number(terms.settles_minor, terms.currency)]]
    if len(terms.parts) > 1 and not paid:
        totals = [
            [words("to_pay", day=day_in(paper.language, due)), _number(amount, terms.currency)]
            for due, amount in terms.parts
        ]
    return _table(
        words("settlement", currency=terms.currency),
        (_WIDE, _AMOUNT),
        (words("item"), words("amount")),
        [[name, _number(amount, terms.currency)] for name, amount in rows],
        totals,
    )


def _receipt(terms: ReceiptTerms, paper: Paper, words: Words) -> dict[str, Any]:
    """What came; never what is still owed."""
    for_accounts = words.together([each.account_number for each in paper.accounts])
    return _table(
        words("received", day=day_in(paper.language, terms.received_on), currency=terms.currency),
        (_WIDE, _PLAIN, _PLAIN, _AMOUNT),
        (words("item"), words("number"), words("way"), words("amount")),
        [
            [
                words("for_account", account=for_accounts),
                terms.reference,
                words(f"by_{terms.way}"),
                _number(terms.amount_minor, terms.currency),
            ]
        ],
        [],
    )


def _number(amount_minor: int, currency: str) -> str:
    return number_in_figures(amount_minor, currency)


def _short(day: date) -> str:
    return day.isoformat()


# --- below the tables -----------------------------------------------------------------------------


def _notices(paper: Paper) -> list[str]:
    found = notices(paper.kind, paper.binding, paper.printed_on)
    receipt = paper.request.receipt
    if receipt is not None and receipt.is_free:
        said = words_in(paper.language)("of_free_will", creditor=paper.creditor.name)
        return [said]
    return [
        each.said.format(until=day_in("en", each.until)) if each.until else each.said
        for each in found
    ]


def _signatures(paper: Paper, words: Words) -> list[dict[str, Any]]:
    if not KINDS[paper.kind].is_signed:
        return []
    if KINDS[paper.kind].by_lawyer:
        company = paper.company.name if paper.company else paper.creditor.name
        return [{"name": paper.signatory, "under": [words("signed_by", name=company)]}]
    if paper.kind is DocumentKind.PROOF_OF_SETTLEMENT:
        day = day_in(paper.language, paper.printed_on)
        return [{"name": paper.creditor.name, "under": [words("sealed_on", day=day)]}]
    return [
        {"name": name, "under": [words("sign")]}
        for name in (paper.creditor.name, paper.debtor_name)
    ]


def _check(proof: Proof, words: Words) -> dict[str, str]:
    picture = segno.make(proof.address, error="m").svg_inline(border=0)
    return {
        "picture": str(picture),
        "alt": words("check_alt"),
        "said": words("check"),
        "code": grouped(proof.code),
        "address": proof.address,
    }
