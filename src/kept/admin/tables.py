"""What the tables of the operators' site share: rows the actor may see, use cases that save.

Nothing is deleted here, and Django's own log stays empty: the events tell what was done.
"""

from __future__ import annotations

from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest
from django.utils.functional import cached_property

from kept.admin.forms import UseCaseForm
from kept.admin.site import actor_of_request, now_of
from kept.store.models import LegalEntity
from kept.store.visibility import VisibleQuerySet
from kept.work.creditors import list_engaged_entities
from kept.work.permissions import Permission, may, may_house, reach

__all__ = ["ReadOnlyTable", "SavedByUseCase"]

COUNT_MOST = 5_000


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts no further than some thousands: an exact count of millions is worth nobody's wait."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[:COUNT_MOST].count())


class _Table(ModelAdmin):  # type: ignore[type-arg]
    permission: Permission
    #: For what belongs to the house: actors limited to some creditors do not see it.
    is_of_house = False
    actions = None
    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50

    def _may(self, request: HttpRequest) -> bool:
        return self._holds(request, self.permission)

    def _may_look(self, request: HttpRequest) -> bool:
        """Who reads the record of changes also reads what was changed."""
        return self._holds(request, self.permission, Permission.EVENT_READ)

    def _holds(self, request: HttpRequest, *permissions: Permission) -> bool:
        actor = actor_of_request(request)
        held = may_house if self.is_of_house else may
        return any(held(actor, permission) for permission in permissions)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may_look(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_look(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who only looks sees what is stored, not the inputs of a form."""
        fields = super().get_fields(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fields
        stored = {field.name for field in self.model._meta.get_fields()}
        return [name for name in fields if name in stored]

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, *given: Any) -> Any:
        raise Http404

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        return visible(rows, request, self.permission, Permission.EVENT_READ)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        return None


def visible(rows: QuerySet[Any], request: HttpRequest, *permissions: Permission) -> QuerySet[Any]:
    """The rows that the actor sees for any of the permissions."""
    if isinstance(rows, VisibleQuerySet):
        return rows.visible_to(reach(actor_of_request(request), *permissions))
    return rows


class ReadOnlyTable(_Table):
    """Rows to look at."""


class SavedByUseCase(_Table):
    """Rows that a use case of `kept.work` adds and changes."""

    #: Rows that only who sees the whole house adds, though others change those of their creditors.
    is_added_by_house = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        is_limited = not may_house(actor_of_request(request), self.permission)
        return self._may(request) and not (self.is_added_by_house and is_limited)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        given = {"actor": actor_of_request(request), "now": now_of(request)}
        return type(form.__name__, (form,), given)

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        assert isinstance(form, UseCaseForm)
        saved = form.apply(form.cleaned_data)
        obj.pk = saved.pk

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The use case saved what belongs to the row."""

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", choices_of(db_field.related_model, request, self.permission))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", choices_of(db_field.related_model, request, self.permission))
        return super().formfield_for_manytomany(db_field, request, **kwargs)


def choices_of(model: type[Model], request: HttpRequest, permission: Permission) -> QuerySet[Any]:
    """Rows that the actor may choose: those that they may see."""
    if model is LegalEntity:
        return list_engaged_entities(actor_of_request(request))
    return visible(model._default_manager.all(), request, permission)
