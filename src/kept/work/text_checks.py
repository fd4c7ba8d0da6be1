"""What is wrong with the words of a text, by the speech packs and the laws of whom it is for.

A text of a creditor is asked by the laws that bind there; one of the whole house by those of every
creditor whose debtors speak its language (of all, while none does).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Q

from kept.core.documents.contents import REQUIREMENTS, Requirement
from kept.core.documents.kinds import kind_of_text
from kept.core.law.rules import Effect
from kept.core.text_checks import TextFinding, check_body
from kept.core.text_content import LackingContent, lacking_content
from kept.core.texts import TextKind, primary_language
from kept.packs.speech_packs import load_speech_book
from kept.store.models import Creditor, Engagement, Product
from kept.work.book_languages import languages_by_creditor
from kept.work.law_books import binding_packs, licence_codes, stored_switches

__all__ = ["check_words"]


def check_words(
    body: str,
    *,
    kind: str,
    channel: str,
    language: str,
    creditor_id: int | None,
    on: date,
    code: str = "",
) -> tuple[TextFinding, ...]:
    """Findings by their place; nothing is written. `code` tells whether a document says it."""
    lacks: Iterable[LackingContent] = ()
    if kind != TextKind.GUIDE:
        lacks = _lacking(body, channel, _whom(language, creditor_id), on)
    of_document = _document_content(code, body, language, creditor_id)
    return check_body(body, TextKind(kind), load_speech_book(), lacks, of_document)


def _document_content(
    code: str, body: str, language: str, creditor_id: int | None
) -> Iterable[tuple[Requirement, bool]]:
    """What a law of one country wants is sure for a creditor of it that has such debts."""
    kind = kind_of_text(code)
    if kind is None:
        return
    creditor = Creditor.objects.filter(pk=creditor_id).first() if creditor_id else None
    country = creditor.country if creditor else ""
    products = Product.objects.filter(creditor_id=creditor_id) if creditor_id else None
    debts = set(products.values_list("debt_type", flat=True)) if products is not None else set()
    for each in REQUIREMENTS:
        if kind not in each.kinds or each.is_met_by(body, language):
            continue
        binds = not each.country or (
            each.country == country and (not each.debt_type or each.debt_type in debts)
        )
        if binds or creditor is None:
            yield each, binds


def _whom(language: str, creditor_id: int | None) -> frozenset[int]:
    if creditor_id is not None:
        return frozenset({creditor_id})
    every = languages_by_creditor(list(Creditor.objects.values_list("pk", flat=True)))
    speak = frozenset(
        each for each, tags in every.items() if language in map(primary_language, tags)
    )
    return speak or frozenset(every)


def _lacking(
    body: str, channel: str, creditor_ids: frozenset[int], on: date
) -> tuple[LackingContent, ...]:
    """Of several creditors a duty is told once, and as sure where it is so for one of them."""
    switched = {each.rule_id for each in stored_switches() if each.effect is not Effect.REQUIRE}
    found: dict[str, LackingContent] = {}
    mandates = Engagement.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=on), creditor__in=creditor_ids
    )
    for mandate in mandates.select_related("creditor", "legal_entity").order_by("id"):
        company = mandate.legal_entity
        places = licence_codes(mandate.creditor.country, ()) | licence_codes(
            company.country, map(str, company.licences)
        )
        packs = binding_packs({mandate.creditor.country}, places)
        for each in lacking_content(body, channel, packs, {company.type}, on):
            if each.rule.id not in switched and (each.rule.id not in found or each.surely):
                found[each.rule.id] = each
    return tuple(found.values())
