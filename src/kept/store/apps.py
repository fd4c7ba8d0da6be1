"""Registers the tables of `kept` with Django."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    name = "kept.store"
    label = "store"
    verbose_name = "kept"
    default_auto_field = "django.db.models.BigAutoField"
