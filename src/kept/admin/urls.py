"""The addresses of the operators' site, with every table registered."""

from __future__ import annotations

from kept.admin import creditors, people, records
from kept.admin.site import site

__all__ = ["creditors", "people", "records", "urlpatterns"]

urlpatterns = site.get_urls()
