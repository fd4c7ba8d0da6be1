"""What went wrong, as problem details (RFC 9457): a code, a sentence that says what to do, the
request's id, and for input the fault of each field.

The sentences are those of the use cases. Nothing here says more than the actor may know.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import BadRequest, RequestDataTooBig, TooManyFilesSent
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from kept.work.approvals import NeedsApproval
from kept.work.once import KeyReused, StillWorking
from kept.work.refusals import NotAllowed, NotThere, Refusal

__all__ = ["PROBLEM", "problem", "speak_problems"]

PROBLEM = "application/problem+json"
_LOG = logging.getLogger("kept.api")
_RETRY_SECONDS = {409: "2", 503: "15"}


def problem(
    request: HttpRequest,
    status: int,
    code: str,
    detail: str,
    errors: Sequence[Mapping[str, str]] = (),
) -> JsonResponse:
    """`code` is stable and for programs, `detail` for people; `errors` are by field."""
    body: dict[str, Any] = {
        "type": f"urn:kept:problem:{code}",
        "title": code.replace("_", " "),
        "status": status,
        "code": code,
        "detail": detail,
        "instance": request.path,
        "request_id": request_id(request),
    }
    if errors:
        body["errors"] = list(errors)
    answer = JsonResponse(body, status=status, content_type=PROBLEM)
    if code in {"still_working", "database_away"}:
        answer.headers["Retry-After"] = _RETRY_SECONDS[status]
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def request_id(request: Any) -> str:
    return str(getattr(request, "request_id", ""))


def speak_problems(api: NinjaAPI) -> None:
    """Every way in which a call ends without its answer."""
    api.add_exception_handler(AuthenticationError, _signed_out)
    api.add_exception_handler(ValidationError, _unfit)
    api.add_exception_handler(HttpError, _http)
    api.add_exception_handler(Http404, _not_there)
    api.add_exception_handler(Refusal, _refused)
    for kind in (BadRequest, RequestDataTooBig, TooManyFilesSent):
        api.add_exception_handler(kind, _malformed)
    api.add_exception_handler(DataError, _unstorable)
    for broken in (OperationalError, InterfaceError):
        api.add_exception_handler(broken, _database_away)
    api.add_exception_handler(Exception, _failed)


def _signed_out(request: HttpRequest, error: Any) -> HttpResponse:
    detail = _("Send the header “Authorization: Bearer” with a key that is valid.")
    return problem(request, 401, "not_signed_in", detail)


def _unfit(request: HttpRequest, error: Any) -> HttpResponse:
    """Where each fault is and what is expected there; never the value, which may be personal."""
    errors = [
        {"field": ".".join(str(part) for part in each["loc"][1:]), "message": str(each["msg"])}
        for each in error.errors
    ]
    return problem(request, 422, "input_unfit", _("Put the named fields right."), errors)


def _http(request: HttpRequest, error: Any) -> HttpResponse:
    status = error.status_code
    code = {400: "malformed", 404: "not_there", 405: "method_not_allowed"}.get(status, "refused")
    return problem(request, status, code, str(error))


def _not_there(request: HttpRequest, error: Any) -> HttpResponse:
    detail = _("There is no such entry, or it is not yours to see.")
    return problem(request, 404, "not_there", detail)


def _refused(request: HttpRequest, error: Any) -> HttpResponse:
    """Use cases that refuse say why; the kinds of refusal have their status."""
    status, code = 422, "refused"
    match error:
        case NotThere():
            status, code = 404, "not_there"
        case NotAllowed():
            status, code = 403, "not_allowed"
        case KeyReused():
            status, code = 422, "idempotency_key_reused"
        case StillWorking():
            status, code = 409, "still_working"
        case NeedsApproval():
            code = "needs_approval"
        case _:
            pass
    errors = [{"field": name, "message": text} for name, text in error.fields.items()]
    return problem(request, status, code, error.message, errors)


def _malformed(request: HttpRequest, error: Any) -> HttpResponse:
    return problem(request, 400, "malformed", _("The request cannot be read; it is malformed."))


def _unstorable(request: HttpRequest, error: Any) -> HttpResponse:
    """A number, day or text that no table can hold, such as one with a zero byte in it."""
    detail = _("A value is too large, or holds a sign that cannot be stored.")
    return problem(request, 422, "input_unfit", detail)


def _database_away(request: HttpRequest, error: Any) -> HttpResponse:
    _LOG.warning("the database is away: %s", type(error).__name__)
    return problem(
        request,
        503,
        "database_away",
        _("The database cannot be reached. Nothing is lost: send the same call with the same key."),
    )


def _failed(request: HttpRequest, error: Any) -> HttpResponse:
    """A fault of ours; its text stays in the log, since it may hold anything."""
    _LOG.error("a call failed", exc_info=error)
    return problem(
        request,
        500,
        "failed",
        _("This is a fault of kept. Send the same call with the same key later; it is done once."),
    )
