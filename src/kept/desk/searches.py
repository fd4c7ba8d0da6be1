"""Search from every page: the list of what was found, or straight to the only one."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render

from kept.desk.access import DeskRequest, page
from kept.work.permissions import Permission
from kept.work.searches import TEXT_MAX, FoundBy
from kept.work.searches import search as search_cases

__all__ = ["search"]


@page(Permission.CASE_READ)
def search(request: DeskRequest) -> HttpResponse:
    """A whole number that fits one case leads to it; a name shows who is meant first."""
    text = request.GET.get("q", "")[:TEXT_MAX]
    found = search_cases(request.actor, text)
    if len(found) == 1 and found[0].found_by is not FoundBy.NAME and not request.htmx:
        return redirect("case", found[0].case_id)
    template = "desk/_found.html" if request.htmx.target == "results" else "desk/search.html"
    return render(request, template, {"text": text, "found": found})
