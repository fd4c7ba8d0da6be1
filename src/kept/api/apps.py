"""The interface as a Django application: it has one page and no tables."""

from django.apps import AppConfig

__all__ = ["ApiConfig"]


class ApiConfig(AppConfig):
    name = "kept.api"
