"""The public page on which anybody checks a paper by its code. It shows nothing personal.

Nobody signs in here. How often one address may ask is counted in the database, by all web
processes together; codes cannot be tried out anyhow, being 74 random bits.
"""

from __future__ import annotations

import hashlib

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from kept.core.documents.codes import grouped, read_code
from kept.work.document_checks import check_code

__all__ = ["CHECKS_A_MINUTE", "verify", "verify_code"]

#: How many codes one address may ask for within a minute of the clock.
CHECKS_A_MINUTE = 20


@require_safe
@never_cache
def verify(request: HttpRequest) -> HttpResponse:
    """The form; a code that was typed leads to its own address."""
    typed = request.GET.get("code", "")[:64]
    if not typed.strip():
        return render(request, "desk/verify.html", {"typed": ""})
    code = read_code(typed)
    if code is None:
        return _counted(request, typed)
    return redirect("verify_code", code)


@require_safe
@never_cache
def verify_code(request: HttpRequest, code: str) -> HttpResponse:
    return _counted(request, code)


def _counted(request: HttpRequest, typed: str) -> HttpResponse:
    if _asked_before(request) >= CHECKS_A_MINUTE:
        return render(request, "desk/verify.html", {"typed": "", "is_slowed": True}, status=429)
    code = read_code(typed)
    context = {
        "typed": grouped(code) if code else typed[:40],
        "found": check_code(typed),
        "is_asked": True,
    }
    return render(request, "desk/verify.html", context, status=200 if context["found"] else 404)


def _asked_before(request: HttpRequest) -> int:
    """How often this address asked within this minute; counts this time. No address is stored."""
    address: str = get_adapter(request).get_client_ip(request)
    minute = int(timezone.now().timestamp()) // 60
    key = f"verify:{minute}:{hashlib.sha256(address.encode()).hexdigest()[:32]}"
    count = int(cache.get(key, 0))
    cache.set(key, count + 1, timeout=120)
    return count
