"""`{% csrf_token %}` with a one-time key beside it, so that every form of every page has one.

A builtin of all templates (running/django_settings.py), which takes the place of Django's own tag:
nobody has to think of the key when writing a form. `desk/once.py` makes use of it.
"""

from __future__ import annotations

import secrets

from django import template
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html
from django.utils.safestring import SafeString

from kept.desk.once import FIELD

__all__ = ["register"]

register = template.Library()
_KEY_BYTES = 18


class OnceNode(CsrfTokenNode):
    def render(self, context: template.Context) -> SafeString:
        token = super().render(context)
        key = secrets.token_urlsafe(_KEY_BYTES)
        return format_html(
            '{}<input type="hidden" name="{}" value="{}" autocomplete="off">', token, FIELD, key
        )


@register.tag
def csrf_token(parser: template.base.Parser, token: template.base.Token) -> OnceNode:
    return OnceNode()
