"""A form is done once: a double click, a reload or a way back and forth makes one change.

Every form carries a one-time key (templatetags/once.py). The middleware runs the view of a POST
with such a key in one transaction with the record of it. What counts as done is an answer that
leads on (a redirect, or any good answer to HTMX) without an error among its messages; anything
else leaves the key free for the corrected form. So a page that changes something redirects, as
pages should (or says `is_done_once` of an answer that is shown once, such as a new key), and a
view tells a refusal as an error. What an answer of 400 and above did is undone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.contrib import messages
from django.contrib.messages import constants
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone

from kept.core.commands import is_key
from kept.work.once import KeyReused, StillWorking, once

__all__ = ["FIELD", "OnceForms"]

FIELD: Final = "once_key"
_OWN = (FIELD, "csrfmiddlewaretoken")
_USE_CASE: Final = re.compile(r"[^a-z0-9_.:/-]+")

Answer = Callable[[HttpRequest], HttpResponse]


class _Failed(Exception):
    """Takes back everything that a failed form did; its answer is shown all the same."""

    def __init__(self, response: HttpResponse) -> None:
        self.response = response


class OnceForms:
    """The last middleware: whatever refuses a request before the view refuses it here too."""

    def __init__(self, get_response: Answer) -> None:
        self._get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        key = _key_of(request)
        return self._get_response(request) if key is None else self._once(request, key)

    def _once(self, request: Any, key: str) -> HttpResponse:
        made: list[HttpResponse] = []

        def change() -> Mapping[str, Any] | None:
            response = self._get_response(request)
            if response.status_code >= 400:
                raise _Failed(response)
            made.append(response)
            return _first_answer(response) if _is_done(request, response) else None

        try:
            done = once(
                scope=f"form of person:{request.user.pk}",
                key=key,
                use_case=_USE_CASE.sub("-", f"form:{request.path.lower()}")[:64],
                given=_given(request),
                now=timezone.now(),
                change=change,
            )
        except _Failed as failed:
            return failed.response
        except (KeyReused, StillWorking):
            return render(request, "desk/errors/409.html", status=409)
        return made[0] if made else _again(request, done.answer)


def _key_of(request: Any) -> str | None:
    """None for what needs no key: reading, and forms of people who are not signed in."""
    if request.method != "POST" or not request.user.is_authenticated:
        return None
    key = request.POST.get(FIELD, "")
    return key if is_key(key) else None


def _given(request: HttpRequest) -> dict[str, object]:
    fields = {name: values for name, values in request.POST.lists() if name not in _OWN}
    files = {name: [_file(each) for each in request.FILES.getlist(name)] for name in request.FILES}
    return {"path": request.get_full_path(), "fields": fields, "files": files}


def _file(upload: Any) -> dict[str, object]:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return {"name": upload.name or "", "sha256": digest.digest()}


def _is_done(request: Any, response: HttpResponse) -> bool:
    storage: Any = messages.get_messages(request)
    if any(each.level >= constants.ERROR for each in storage._queued_messages):
        return False
    if request.headers.get("HX-Request") or getattr(response, "is_done_once", False):
        return True
    return response.status_code >= 300 or response.status_code == 204


def _first_answer(response: HttpResponse) -> dict[str, Any]:
    return {"status": response.status_code, "location": response.headers.get("Location", "")}


def _again(request: Any, answer: Mapping[str, Any]) -> HttpResponse:
    """Where the first answer led; HTMX shows the page anew, since its part was not kept."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=200, headers={"HX-Refresh": "true"})
    if answer["location"]:
        return HttpResponseRedirect(answer["location"])
    if answer["status"] == 200:  # a page that is shown once, such as that of a new key
        return render(request, "desk/errors/409.html", status=409)
    return HttpResponse(status=answer["status"])
