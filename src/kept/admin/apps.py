"""Registers the operators' admin with Django."""

from django.apps import AppConfig


class OperatorsConfig(AppConfig):
    name = "kept.admin"
    label = "operators"
