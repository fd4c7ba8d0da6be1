"""Each request gets an id, a line in the log and its place in the metrics.

The id comes from the proxy in front (`X-Request-ID`) where it is a plain one, else it is made here;
it is sent back with the answer and stands on error pages, so that a person can name what went
wrong. The line names the page, never the address as typed, which may hold a search for a name.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from secrets import token_hex
from typing import Any

from django.http import HttpRequest, HttpResponse

from kept.running.logs import REQUEST_ID
from kept.running.metrics import count_request

__all__ = ["RequestRecord"]

_log = logging.getLogger("kept.requests")
_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{8,64}\Z")
#: Asked every few seconds by machines; counted, and in the log only when they fail.
_QUIET = frozenset({"health_live", "health_ready", "metrics"})


class RequestRecord:
    """A middleware, the outermost one, so that it sees what every other one answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _PLAIN_ID.match(given) else token_hex(8)
        mark = REQUEST_ID.set(request_id)
        request.request_id = request_id  # type: ignore[attr-defined]
        begin = time.perf_counter()
        try:
            response = self._get_response(request)
            _record(request, response, time.perf_counter() - begin)
        finally:
            REQUEST_ID.reset(mark)
        response.headers["X-Request-ID"] = request_id
        return response


def _record(request: Any, response: HttpResponse, seconds: float) -> None:
    match = getattr(request, "resolver_match", None)
    route = (match.view_name or "other") if match else "none"
    count_request(request.method or "", route, response.status_code, seconds)
    if route in _QUIET and response.status_code < 400:
        return
    user = getattr(request, "user", None)
    _log.log(
        logging.WARNING if response.status_code >= 500 else logging.INFO,
        "request",
        extra={
            "method": request.method,
            "route": route,
            "status_code": response.status_code,
            "duration_ms": round(seconds * 1000, 1),
            "user_id": getattr(user, "pk", None),
        },
    )
