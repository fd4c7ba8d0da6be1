"""The page of jobs: what runs with its progress, what waits, what failed and why; once more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.views.decorators.http import require_POST
from procrastinate.contrib.django import app

import kept.batch.jobs  # noqa: F401  (registers what this version can do)
from kept.desk.access import DeskRequest, page
from kept.work.announcements import list_subscribers
from kept.work.intents import do_retry_intent, list_failed_intents
from kept.work.jobs import do_run_job_again, list_jobs
from kept.work.permissions import Permission, may
from kept.work.refusals import NotAllowed, NotThere, Refusal

__all__ = ["carry_out_again", "job_sentence", "jobs", "run_job_again"]

_SENTENCES: Final[Mapping[str, str | Promise]] = {
    "refused": "%(sentence)s",
    "database": _later("The database could not be reached or refused a statement (%(kind)s)."),
    "files": _later("A file could not be read or written (%(kind)s)."),
    "fault": _later("A fault of kept (%(kind)s); the log tells more."),
    "ended_by_force": _later("Its worker was ended by force %(times)s times in the middle of it."),
    "code_gone": _later("The code of this job is gone; it cannot be run by this version."),
    "": _later("The log tells why."),
}


@page(Permission.JOB_READ)
def jobs(request: DeskRequest) -> HttpResponse:
    context = {
        "jobs": list_jobs(request.actor, known=is_known),
        "intents": list_failed_intents(request.actor),
        "subscribers": list_subscribers(request.actor),
        "may_run": may(request.actor, Permission.JOB_RUN),
    }
    template = "desk/_jobs.html" if request.htmx.target == "jobs" else "desk/jobs.html"
    return render(request, template, context)


@require_POST
@page(Permission.JOB_RUN)
def run_job_again(request: DeskRequest, job_id: int) -> HttpResponse:
    try:
        do_run_job_again(actor=request.actor, job_id=job_id, known=is_known, now=request.now)
        messages.success(request, _("The job is in the queue again."))
    except (NotAllowed, NotThere):
        raise
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("jobs")


@require_POST
@page(Permission.JOB_RUN)
def carry_out_again(request: DeskRequest, intent_id: int) -> HttpResponse:
    try:
        do_retry_intent(actor=request.actor, intent_id=intent_id, now=request.now)
        messages.success(request, _("It will be carried out again."))
    except (NotAllowed, NotThere):
        raise
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("jobs")


def is_known(task_name: str) -> bool:
    """Whether this version has the code of a job."""
    return task_name in app.tasks


def job_sentence(code: str, detail: Mapping[str, Any]) -> str:
    """Why a job failed, in the language of the reader; a refusal in that of its worker."""
    sentence = str(_SENTENCES.get(code, _SENTENCES[""]))
    return sentence % {"sentence": "", "kind": "", "times": "", **detail}
