"""The interface's addresses: version 1, its schema, and the page that shows it.

Schema and page are for people who are signed in; the operations are for keys.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path, re_path
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI

from kept import __version__
from kept.api.calls import BearerKey
from kept.api.cases import router as cases
from kept.api.holds import debtors
from kept.api.holds import router as holds
from kept.api.intake_files import router as intake_files
from kept.api.ledger import accounts, entries
from kept.api.nights import router as nights
from kept.api.payments import router as payments
from kept.api.problems import problem, speak_problems
from kept.api.promises import cases as promises_of_cases
from kept.api.promises import router as promises
from kept.api.reference import operations_of
from kept.api.tasks import router as tasks

__all__ = ["api", "urlpatterns"]

api = NinjaAPI(
    title="kept",
    version=__version__,
    description="Cases, ledger, payments, holds, tasks, files and nights. See docs/api.md.",
    urls_namespace="api-1",
    auth=BearerKey(),
    docs_url=None,
    openapi_url=None,
)
speak_problems(api)
api.add_router("/cases", cases)
api.add_router("/cases", promises_of_cases)
api.add_router("/promises", promises)
api.add_router("/accounts", accounts)
api.add_router("/entries", entries)
api.add_router("/debtors", debtors)
api.add_router("/holds", holds)
api.add_router("/tasks", tasks)
api.add_router("/intake-files", intake_files)
api.add_router("/nights", nights)
api.add_router("/payments", payments)


@login_required
def schema(request: HttpRequest) -> HttpResponse:
    return JsonResponse(openapi(), json_dumps_params={"indent": 1})


@login_required
def reference(request: HttpRequest) -> HttpResponse:
    found = openapi()
    context = {"operations": operations_of(found), "version": found["info"]["version"]}
    return render(request, "api/reference.html", context)


@csrf_exempt
def unknown(request: HttpRequest, rest: str) -> HttpResponse:
    detail = _("There is no such address. The page /api/ lists them.")
    return problem(request, 404, "no_such_address", detail)


def openapi() -> dict[str, Any]:
    return api.get_openapi_schema(path_prefix="/api/v1/")


urlpatterns = [
    path("", reference, name="api_reference"),
    path("v1/openapi.json", schema, name="api_schema"),
    path("v1/", api.urls),
    re_path(r"^(?P<rest>.*)$", unknown),
]
