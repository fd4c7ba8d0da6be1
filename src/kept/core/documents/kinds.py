"""The kinds of documents: which text each says, on what it rests, who may print it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["KINDS", "DocumentKind", "KindOfPaper", "Rests", "kind_of_text"]


class DocumentKind(StrEnum):
    """The value is also the code of the text that a document of this kind says."""

    DEMAND_LETTER = "demand_letter"
    LAWYERS_LETTER = "lawyers_letter"
    STATEMENT = "statement_of_account"
    INSTALMENT_AGREEMENT = "instalment_agreement"
    SETTLEMENT_OFFER = "settlement_offer"
    SETTLEMENT_CONFIRMATION = "settlement_confirmation"
    PROOF_OF_SETTLEMENT = "proof_of_settlement"
    PAYMENT_RECEIPT = "payment_receipt"


class Rests(StrEnum):
    """On what a document rests: what must be known before it can be printed."""

    BALANCE = "balance"  # something is owed
    LEDGER = "ledger"  # there is a ledger
    ZERO = "zero"  # the ledger says that nothing is owed
    AGREEMENT = "agreement"
    SETTLEMENT = "settlement"
    PAID_SETTLEMENT = "paid_settlement"
    PAYMENT = "payment"  # money that came, from whomever


@dataclass(frozen=True, slots=True)
class KindOfPaper:
    """`is_letter`: it goes to an address, with the look of a letter and not of a certificate.

    `of_one_account`: it speaks of one account, not of all those of a case. `by_lawyer`: printed by
    a legal officer only, under a mandate that allows it.
    """

    rests_on: Rests
    is_letter: bool
    of_one_account: bool = False
    is_signed: bool = False
    by_lawyer: bool = False


KINDS: Final[Mapping[DocumentKind, KindOfPaper]] = {
    DocumentKind.DEMAND_LETTER: KindOfPaper(Rests.BALANCE, is_letter=True),
    DocumentKind.LAWYERS_LETTER: KindOfPaper(
        Rests.BALANCE, is_letter=True, is_signed=True, by_lawyer=True
    ),
    DocumentKind.STATEMENT: KindOfPaper(Rests.LEDGER, is_letter=True, of_one_account=True),
    DocumentKind.INSTALMENT_AGREEMENT: KindOfPaper(
        Rests.AGREEMENT, is_letter=False, is_signed=True
    ),
    DocumentKind.SETTLEMENT_OFFER: KindOfPaper(Rests.SETTLEMENT, is_letter=True),
    DocumentKind.SETTLEMENT_CONFIRMATION: KindOfPaper(Rests.PAID_SETTLEMENT, is_letter=True),
    DocumentKind.PROOF_OF_SETTLEMENT: KindOfPaper(
        Rests.ZERO, is_letter=False, of_one_account=True, is_signed=True
    ),
    DocumentKind.PAYMENT_RECEIPT: KindOfPaper(Rests.PAYMENT, is_letter=True),
}


def kind_of_text(code: str) -> DocumentKind | None:
    """The kind of document that says this text; None for one that no document says."""
    return DocumentKind(code) if code in set(DocumentKind) else None
