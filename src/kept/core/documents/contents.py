"""What a document must contain, by its kind and by the law that binds it. Pure.

Two sides meet it. The *text* (a template, approved by a second person) must show certain figures
and speak of certain things, or it is not approved. The *paper* carries what no wording can: amounts
by component, each instalment, each entry, which the one layout always sets; and the sentences that
a law wants on such a paper word by word, which kept adds itself (`notices`). A requirement without
a jurisdiction is the house rule of kept, for everybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from kept.core.documents.kinds import DocumentKind
from kept.core.text_figures import figures_in

__all__ = [
    "REQUIREMENTS",
    "Binding",
    "Notice",
    "Requirement",
    "lacking",
    "months_most",
    "notices",
]

K = DocumentKind


@dataclass(frozen=True, slots=True)
class Binding:
    """Under which law a paper is printed: country of the creditor, kind of debt, who acts."""

    country: str = ""
    debt_type: str = ""
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One of `figures` stands in the text, or one of `words` of its language.

    `what_en` and `what_zh` say it to a person. Without `country` it binds everywhere.
    """

    kinds: tuple[DocumentKind, ...]
    what_en: str
    what_zh: str
    citation: str
    status: str
    figures: tuple[str, ...] = ()
    words: Mapping[str, tuple[str, ...]] | None = None
    country: str = ""
    debt_type: str = ""
    actor: str = ""

    def what(self, language: str) -> str:
        return self.what_zh if language.startswith("zh") else self.what_en

    def binds(self, kind: DocumentKind, binding: Binding) -> bool:
        asked = ((self.country, binding.country), (self.debt_type, binding.debt_type))
        return (
            kind in self.kinds
            and all(not wanted or wanted == found for wanted, found in asked)
            and (not self.actor or self.actor == binding.actor)
        )

    def is_met_by(self, body: str, language: str) -> bool:
        shown = {name for name, _start, _end in figures_in(body)}
        if shown & set(self.figures):
            return True
        said = (self.words or {}).get(language)
        if said is None:
            # A language whose words are not known is for the second person to read.
            return self.words is not None and bool(language)
        folded = body.casefold()
        return any(each.casefold() in folded for each in said)


_HOUSE: Final = "kept"
_POLICY: Final = "policy"
_CARD: Final = "商业银行信用卡业务监督管理办法 第70条"
_EVERY: Final = tuple(DocumentKind)
_DEMANDS: Final = (K.DEMAND_LETTER, K.LAWYERS_LETTER)
_SETTLES: Final = (K.SETTLEMENT_OFFER, K.SETTLEMENT_CONFIRMATION)


def _house(
    kinds: tuple[DocumentKind, ...], what_en: str, what_zh: str, *figures: str
) -> Requirement:
    return Requirement(kinds, what_en, what_zh, _HOUSE, _POLICY, figures)


REQUIREMENTS: Final[tuple[Requirement, ...]] = (
    _house(_EVERY, "the name of the debtor", "债务人姓名或名称", "debtor"),
    _house(_EVERY, "the name of the creditor", "债权人名称", "creditor"),
    _house(_EVERY, "the number of the account", "账户号", "account"),
    _house(_DEMANDS, "what is asked for", "要求支付的金额", "overdue", "balance"),
    _house(_DEMANDS, "where the debtor can ask", "咨询方式", "phone"),
    Requirement(
        _DEMANDS,
        "that the debt or its amount can be disputed",
        "可以对债务或金额提出异议",
        _HOUSE,
        _POLICY,
        words={"en": ("dispute",), "zh": ("异议", "争议")},
    ),
    _house((K.LAWYERS_LETTER,), "who writes the letter", "发函机构", "legal_entity"),
    _house((K.STATEMENT,), "the day of the statement", "对账截止日", "as_of"),
    _house((K.STATEMENT,), "what is owed on that day", "截止日余额", "balance"),
    _house((K.PROOF_OF_SETTLEMENT,), "since when nothing is owed", "结清日期", "settled_on"),
    Requirement(
        (K.PROOF_OF_SETTLEMENT,),
        "that nothing is owed any more",
        "已无欠款",
        _HOUSE,
        _POLICY,
        words={"en": ("nothing is owed", "paid in full"), "zh": ("结清",)},
    ),
    _house(_SETTLES, "the sum that settles the debt", "和解金额", "settlement"),
    _house((K.SETTLEMENT_OFFER,), "what is waived", "减免金额", "waived"),
    _house((K.SETTLEMENT_OFFER,), "the last day to pay", "付款截止日", "pay_by"),
    _house((K.SETTLEMENT_CONFIRMATION,), "when it was paid", "付款日期", "settled_on"),
    _house((K.SETTLEMENT_OFFER,), "until when the offer stands", "答复截止日", "answer_by"),
    _house((K.PAYMENT_RECEIPT,), "who paid", "付款人", "payer"),
    _house((K.PAYMENT_RECEIPT,), "what was received", "收款金额", "received"),
    _house((K.PAYMENT_RECEIPT,), "when it was received", "收款日期", "received_on"),
    _house((K.INSTALMENT_AGREEMENT,), "how many instalments", "期数", "instalments"),
    _house((K.INSTALMENT_AGREEMENT,), "what they come to", "还款总额", "total"),
    _house((K.INSTALMENT_AGREEMENT,), "when the first one is due", "首期应还日", "first_due"),
    Requirement(
        (K.INSTALMENT_AGREEMENT,),
        "whether interest and fees run",
        "是否计收利息和费用",
        _HOUSE,
        _POLICY,
        ("charges",),
    ),
    Requirement(
        (K.INSTALMENT_AGREEMENT,),
        "what follows when it is not kept",
        "违约责任",
        _HOUSE,
        _POLICY,
        words={"en": ("breach", "is not kept", "default"), "zh": ("违约",)},
    ),
    Requirement(
        (K.INSTALMENT_AGREEMENT,),
        "the rights and duties of both sides",
        "双方的权利义务",
        _CARD,
        "unverified",
        words={"zh": ("权利",), "en": ("rights",)},
        country="CN",
        debt_type="credit_card",
    ),
    Requirement(
        (K.INSTALMENT_AGREEMENT,),
        "the promise to apply for no credit card until all is paid",
        "未结清前不得申领信用卡的承诺",
        _CARD,
        "unverified",
        words={
            "zh": ("申领信用卡",),
            "en": ("apply for a credit card", "apply for any credit card"),
        },
        country="CN",
        debt_type="credit_card",
    ),
)


def lacking(
    kind: DocumentKind, body: str, language: str, binding: Binding
) -> tuple[Requirement, ...]:
    """What a text of a document lacks under a law; empty when it may be approved and printed."""
    return tuple(
        each
        for each in REQUIREMENTS
        if each.binds(kind, binding) and not each.is_met_by(body, language)
    )


def months_most(binding: Binding) -> int | None:
    """The longest plan that a law allows, in months; None where kept knows of no limit."""
    is_card = binding.country == "CN" and binding.debt_type == "credit_card"
    return 60 if is_card else None


# --- sentences that a law wants on the paper ------------------------------------------------------

#: Thirty days after a receipt that is assumed five working days after sending, with room for the
#: weekends and holidays among them: a later end than the law's is never too early.
VALIDATION_DAYS: Final = 42


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence that stands on the paper below its tables; `{until}` is a day filled in later."""

    said: str
    citation: str
    until: date | None = None


def notices(kind: DocumentKind, binding: Binding, printed_on: date) -> tuple[Notice, ...]:
    """The sentences by law, in the language of that law."""
    if (binding.country, binding.actor) != ("US", "debt_collector") or kind not in _DEMANDS:
        return ()
    return (
        Notice(
            "This is an attempt to collect a debt by a debt collector. Any information obtained "
            "will be used for that purpose.",
            "15 USC 1692e(11); 12 CFR 1006.18(e)",
        ),
        Notice(
            "If you dispute this debt or any part of it, call or write to us by {until}. If you "
            "write to us by that day, we stop collection of what you dispute until we have sent "
            "you information that shows that you owe it. By the same day you may ask in writing "
            "for the name and address of the original creditor, if that is another one.",
            "15 USC 1692g(a); 12 CFR 1006.34(c)",
            printed_on + timedelta(days=VALIDATION_DAYS),
        ),
    )
