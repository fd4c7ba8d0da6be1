"""The figures that the text of a document shows, as its language writes them.

Amounts name their currency; a sum that is agreed stands in words too, as papers do. A figure that
is not known is left out, so that the paper is refused and names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from babel.dates import format_date

from kept.core.documents.amounts import in_figures, in_words
from kept.core.documents.terms import AgreementTerms, ReceiptTerms, SettlementTerms
from kept.core.documents.wording import Words, words_in
from kept.work.case_figures import locale_of

if TYPE_CHECKING:
    from kept.work.document_papers import Paper

__all__ = ["day_in", "figures_of_paper"]


def day_in(language: str, value: date) -> str:
    return str(format_date(value, "long", locale=locale_of(language)))


def figures_of_paper(paper: Paper) -> Mapping[str, str]:
    """By name of the figure; only those that have a value."""
    days = {
        "due_date": min((x.oldest_due_on for x in paper.accounts if x.oldest_due_on), default=None),
        "today": paper.printed_on,
        "as_of": paper.as_of,
        "settled_on": paper.settled_on,
    }
    words = words_in(paper.language)
    found = {
        "debtor": paper.debtor_name,
        "creditor": paper.creditor.name,
        "legal_entity": paper.company.name if paper.company else "",
        "account": words.together([each.account_number for each in paper.accounts]),
        "balance": in_figures(paper.balance_minor, paper.currency, paper.language),
        "overdue": in_figures(paper.overdue_minor, paper.currency, paper.language),
        "dpd": str(max(each.dpd for each in paper.accounts) or ""),
        "phone": paper.creditor.phone,
        **{name: day_in(paper.language, day) for name, day in days.items() if day},
        **_of_agreement(paper.request.agreement, paper.language, words),
        **_of_settlement(paper.request.settlement, paper.language),
        **_of_receipt(paper.request.receipt, paper.language),
    }
    return {name: value for name, value in found.items() if value.strip()}


def _in_both(amount_minor: int, currency: str, language: str) -> str:
    figures = in_figures(amount_minor, currency, language)
    said = in_words(amount_minor, currency, language)
    return f"{figures}（大写：{said}）" if language == "zh" else f"{figures} ({said})"


def _of_agreement(terms: AgreementTerms | None, language: str, words: Words) -> Mapping[str, str]:
    if terms is None or not terms.instalments:
        return {}
    first, last = terms.instalments[0], terms.instalments[-1]
    return {
        "total": _in_both(terms.total_minor, terms.currency, language),
        "instalments": str(len(terms.instalments)),
        "instalment": in_figures(first.amount_minor, terms.currency, language),
        "first_due": day_in(language, first.due_on),
        "last_due": day_in(language, last.due_on),
        "tolerance": str(terms.tolerance_days),
        "charges": _charges(terms, language, words),
    }


def _charges(terms: AgreementTerms, language: str, words: Words) -> str:
    """Interest, fees, how it is paid, and what is let off: one clause."""

    def amount(minor: int) -> str:
        return in_figures(minor, terms.currency, language)

    rate, way = terms.interest_rate, terms.way_of_paying
    return words.sentences(
        [
            words("no_interest") if rate is None else words("interest", rate=rate),
            words("fee", fee=amount(terms.fee_minor)) if terms.fee_minor else words("no_fee"),
            words("way_of_paying", way=way) if way else "",
            words("letting_off", waived=amount(terms.waived_minor)) if terms.waived_minor else "",
        ]
    )


def _of_settlement(terms: SettlementTerms | None, language: str) -> Mapping[str, str]:
    if terms is None:
        return {}
    answer_by = terms.answer_by or terms.pay_by
    return {
        "settlement": _in_both(terms.settles_minor, terms.currency, language),
        "waived": in_figures(terms.waived_minor, terms.currency, language),
        **({"pay_by": day_in(language, terms.pay_by)} if terms.pay_by else {}),
        **({"answer_by": day_in(language, answer_by)} if answer_by else {}),
    }


def _of_receipt(terms: ReceiptTerms | None, language: str) -> Mapping[str, str]:
    if terms is None:
        return {}
    return {
        "payer": terms.payer,
        "received": _in_both(terms.amount_minor, terms.currency, language),
        "received_on": day_in(language, terms.received_on),
    }
