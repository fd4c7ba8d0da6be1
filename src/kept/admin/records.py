"""The ledger to look at; corrections are made by reversing entries, never here."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import TabularInline, register
from django.db.models import QuerySet
from django.http import HttpRequest

from kept.admin.site import site
from kept.admin.tables import ReadOnlyTable
from kept.store.models import BucketMove, Entry, Posting
from kept.work.permissions import Permission

__all__ = ["BucketMoveTable", "EntryTable"]


class PostingRows(TabularInline):  # type: ignore[type-arg]
    model = Posting
    fields = ("component", "from_book", "to_book", "amount_minor", "due_on")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True  # whoever sees the entry sees its postings

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@register(Entry, site=site)
class EntryTable(ReadOnlyTable):
    permission = Permission.LEDGER_READ
    list_display = ("id", "account", "kind", "effective_on", "recorded_at", "actor", "reference")
    list_select_related = ("account",)
    fields = (
        "account",
        "kind",
        "effective_on",
        "recorded_at",
        "actor",
        "reference",
        "reverses",
    )
    search_fields = ("=account__external_id",)
    ordering = ("-id",)
    inlines = (PostingRows,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("account", "reverses")


@register(BucketMove, site=site)
class BucketMoveTable(ReadOnlyTable):
    permission = Permission.LEDGER_READ
    list_display = ("account", "moved_on", "from_bucket", "to_bucket", "dpd")
    list_select_related = ("account",)
    search_fields = ("=account__external_id",)
    ordering = ("-id",)
