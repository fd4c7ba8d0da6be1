"""Creditors, their products and terms, the companies that act for them and their mandates."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import register
from django.http import HttpRequest

from kept.admin.forms import (
    CreditorForm,
    EngagementForm,
    LegalEntityForm,
    ProductForm,
    TermsForm,
)
from kept.admin.site import site
from kept.admin.tables import SavedByUseCase
from kept.store.models import Creditor, Engagement, LegalEntity, Product, ProductTerms
from kept.work.permissions import Permission

__all__ = ["CreditorTable", "EngagementTable", "LegalEntityTable", "ProductTable", "TermsTable"]


@register(Creditor, site=site)
class CreditorTable(SavedByUseCase):
    permission = Permission.CREDITOR_CHANGE
    is_added_by_house = True
    form = CreditorForm
    list_display = ("code", "name", "country", "zone", "currency", "language", "cut_over_on")
    search_fields = ("code", "name")
    ordering = ("code",)


@register(LegalEntity, site=site)
class LegalEntityTable(SavedByUseCase):
    permission = Permission.CREDITOR_CHANGE
    is_of_house = True
    form = LegalEntityForm
    list_display = ("code", "name", "type", "country")
    search_fields = ("code", "name")
    ordering = ("code",)


@register(Engagement, site=site)
class EngagementTable(SavedByUseCase):
    permission = Permission.CREDITOR_CHANGE
    form = EngagementForm
    list_display = (
        "legal_entity",
        "creditor",
        "product",
        "in_own_name",
        "lawyers_letters",
        "valid_from",
        "valid_to",
    )
    list_select_related = ("legal_entity", "creditor", "product")
    ordering = ("creditor", "-valid_from")


@register(Product, site=site)
class ProductTable(SavedByUseCase):
    permission = Permission.CREDITOR_CHANGE
    form = ProductForm
    list_display = ("code", "name", "creditor", "debt_type", "currency")
    list_select_related = ("creditor",)
    search_fields = ("code", "name")
    ordering = ("creditor", "code")


@register(ProductTerms, site=site)
class TermsTable(SavedByUseCase):
    """Versions are added and never edited: what was agreed stays as it was."""

    permission = Permission.CREDITOR_CHANGE
    form = TermsForm
    list_display = (
        "product",
        "version",
        "valid_from",
        "valid_to",
        "balance_authority",
        "bucket_boundaries",
    )
    list_select_related = ("product",)
    ordering = ("product", "-version")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
