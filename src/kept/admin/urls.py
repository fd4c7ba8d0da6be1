"""The addresses of the operators' site, with every table registered."""

from __future__ import annotations

from kept.admin import creditors, keys, people, records, subscribers
from kept.admin.site import site

__all__ = ["creditors", "keys", "people", "records", "subscribers", "urlpatterns"]

urlpatterns = site.get_urls()
