"""What a reader chooses for their own pages: the language, and light or dark."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from kept.desk.access import actor_of_request
from kept.work.actors import LANGUAGES, do_set_language

__all__ = ["THEMES", "THEME_COOKIE", "keep_language", "set_language", "set_theme", "theme_of"]

THEME_COOKIE = "kept_theme"
THEMES = ("light", "dark")
_A_YEAR = 365 * 24 * 60 * 60


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Remember the language in a cookie, and with the person who is signed in."""
    language = request.POST.get("language", "")
    response = _back(request)
    if language in LANGUAGES:
        keep_language(response, language)
        if request.user.is_authenticated:
            actor = actor_of_request(request)
            do_set_language(actor=actor, language=language, now=timezone.now())
    return response


def keep_language(response: HttpResponse, language: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=_A_YEAR,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Light, dark, or (anything else) whatever the reader's system says."""
    theme = request.POST.get("theme", "")
    response = _back(request)
    if theme in THEMES:
        response.set_cookie(
            THEME_COOKIE,
            theme,
            max_age=_A_YEAR,
            samesite="Lax",
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
        )
    else:
        response.delete_cookie(THEME_COOKIE, samesite="Lax")
    return response


def theme_of(request: HttpRequest) -> str:
    """`light`, `dark`, or nothing for the system's choice."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return theme if theme in THEMES else ""


def _back(request: HttpRequest) -> HttpResponseRedirect:
    asked = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(asked if safe else "/")
