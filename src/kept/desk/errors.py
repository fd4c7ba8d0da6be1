"""Pages for what went wrong. They need neither the database nor whoever is signed in."""

from __future__ import annotations

import sys

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

__all__ = ["bad_request", "forbidden", "forbidden_form", "not_found", "server_error"]

RETRY_AFTER_SECONDS = "15"


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        most = {"megabytes": settings.KEPT.upload_megabytes}
        return render(request, "desk/errors/413.html", most, status=413)
    return render(request, "desk/errors/400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "desk/errors/403.html", status=403)


def forbidden_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form was sent from a page that is too old, or from elsewhere."""
    return render(request, "desk/errors/403_form.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "desk/errors/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """An error of ours, or a database that is away: then waiting helps, and the page says so."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        response = render(request, "desk/errors/503.html", status=503)
        response.headers["Retry-After"] = RETRY_AFTER_SECONDS
        return response
    return render(request, "desk/errors/500.html", status=500)
