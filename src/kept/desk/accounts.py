"""The addresses below `accounts/`: what staff of a closed house need, and nothing else of allauth.

Signing in and out, one's own password and second factor. Nobody signs themselves up; a forgotten
password is set anew by an administrator, until mail can leave the house. allauth asks for some of
its other addresses by name, so these have one, and nothing is there; without a name for the reset
its forms show no link to it.
"""

from __future__ import annotations

from typing import Any

from allauth.account import views
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path

__all__ = ["CLOSED", "OPEN", "urlpatterns"]


def closed(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


OPEN = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("2fa/", include("allauth.mfa.urls")),
]
CLOSED = [
    path("signup/", closed, name="account_signup"),
    path("email/", closed, name="account_email"),
    path("confirm-email/", closed, name="account_email_verification_sent"),
    path("confirm-email/<str:key>/", closed, name="account_confirm_email"),
    path("password/set/", closed, name="account_set_password"),
    path("login/code/confirm/", closed, name="account_confirm_login_code"),
]
urlpatterns = [*OPEN, *CLOSED]
