"""Handing in a creditor's file from a page, and deciding about one whose profile breaks a band."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.views.decorators.http import require_POST

from kept.batch.intake.control import Control
from kept.batch.intake.jobs import defer_intake
from kept.batch.intake.kinds import is_of_its_kind
from kept.batch.intake.receiving import FileToReceive, receive_file
from kept.batch.intake.telling import map_message
from kept.core.actors import Actor
from kept.core.intake import MapError
from kept.desk.access import DeskRequest, page
from kept.store.models import IntakeFile
from kept.store.visibility import visible_rows
from kept.work.creditors import list_creditors
from kept.work.intake import do_accept_profile, do_set_aside_file
from kept.work.intake_files import KnownMap, list_known_maps
from kept.work.permissions import Permission, reach
from kept.work.refusals import Refusal

__all__ = ["decide_file", "hand_in"]

MAP_BYTES_MOST = 1_000_000


class HandInForm(forms.Form):
    """A file, whose it is, and what its columns mean: a map used before, or a new one."""

    creditor = forms.ChoiceField(label=_later("Creditor"))
    file = forms.FileField(
        label=_later("File"), help_text=_later("CSV, XLSX or Parquet"), max_length=255
    )
    known_map = forms.ChoiceField(label=_later("Map used before"), required=False)
    map_file = forms.FileField(
        label=_later("New map"), required=False, help_text=_later("YAML; see docs/intake.md")
    )
    as_of = forms.DateField(
        label=_later("Figures as of"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_later("empty: as the file or its map says, or today"),
    )
    covers_from = forms.DateField(
        label=_later("Has every attempt from"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_later("of files of attempts; empty: from the day after its first row"),
    )
    file_id = forms.CharField(
        label=_later("File id"),
        required=False,
        max_length=128,
        help_text=_later("empty: as the file says, or by its bytes"),
    )
    sequence = forms.IntegerField(
        label=_later("Sequence"),
        required=False,
        min_value=1,
        max_value=10**18 - 1,
        help_text=_later("its number, where the creditor numbers its files"),
    )
    dry_run = forms.BooleanField(label=_later("Only try: apply nothing"), required=False)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        creditors = list_creditors(actor=actor, permission=Permission.INTAKE_RECEIVE)
        self.known: dict[str, KnownMap] = {
            str(each.intake_file_id): each for each in list_known_maps(actor)
        }
        self._choose("creditor", [(code, f"{name} ({code})") for _id, code, name in creditors])
        maps = [(key, f"{each.name} · {each.creditor_code}") for key, each in self.known.items()]
        self._choose("known_map", [("", "–"), *maps])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = choices

    def clean_file(self) -> Any:
        upload: Any = self.cleaned_data["file"]
        if not is_of_its_kind(upload.name or "", upload.file):
            raise forms.ValidationError(
                _("This is no CSV (.csv, .tsv, .txt, .dat), XLSX or Parquet file.")
            )
        return upload

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        new = given.get("map_file")
        if new is None and not given.get("known_map"):
            self.add_error("map_file", _("Choose a map used before, or give a new one."))
        elif new is not None and new.size > MAP_BYTES_MOST:
            self.add_error("map_file", _("A map is a short text; this file is too large."))
        return given

    def map_of(self) -> tuple[str, str]:
        """The map's name and text; raises UnicodeDecodeError for a file that is no UTF-8 text."""
        new: Any = self.cleaned_data["map_file"]
        if new is not None:
            return new.name or "map.yaml", new.read().decode("utf-8-sig")
        known = self.known[self.cleaned_data["known_map"]]
        return known.name, known.text


@page(Permission.INTAKE_RECEIVE)
def hand_in(request: DeskRequest) -> HttpResponse:
    if request.method != "POST":
        return _show(request, HandInForm(actor=request.actor))
    form = HandInForm(request.POST, request.FILES, actor=request.actor)
    if form.is_valid():
        try:
            return _receive(request, form)
        except UnicodeDecodeError:
            form.add_error("map_file", _("A map is UTF-8 text; this file is not."))
        except MapError as error:
            form.add_error("map_file", map_message(error))
        except Refusal as refusal:
            form.add_error(None, refusal.message)
    return _show(request, form)


def _show(request: DeskRequest, form: HandInForm) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(request, "desk/hand_in.html", {"form": form}, status=status)


def _receive(request: DeskRequest, form: HandInForm) -> HttpResponse:
    """Received and queued in one transaction each; the worker applies it."""
    given = form.cleaned_data
    map_name, map_text = form.map_of()
    upload: Any = given["file"]
    receipt = receive_file(
        actor=request.actor,
        file=FileToReceive(
            creditor_code=given["creditor"],
            name=upload.name or "file",
            content=cast(BinaryIO, upload.file),
            map_name=map_name,
            map_text=map_text,
            given=Control(
                file_id=given["file_id"] or None,
                sequence=given["sequence"],
                as_of=given["as_of"],
                covers_from=given["covers_from"],
            ),
            dry_run=given["dry_run"],
        ),
        now=request.now,
    )
    if receipt.is_new:
        defer_intake(receipt.file)
    else:
        messages.info(request, _("These bytes were received before; this is what came of them."))
    return redirect("intake_file", receipt.file.pk)


@require_POST
@page(Permission.INTAKE_RECEIVE)
def decide_file(request: DeskRequest, intake_file_id: int) -> HttpResponse:
    """A person looked at the profile: the file is applied all the same, or set aside."""
    sets_aside = request.POST.get("decision") == "set_aside"
    decide = do_set_aside_file if sets_aside else do_accept_profile
    try:
        decide(
            actor=request.actor,
            intake_file_id=intake_file_id,
            reason=request.POST.get("reason", ""),
            now=request.now,
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        within = reach(request.actor, Permission.INTAKE_RECEIVE)
        # Set aside, it gives way to the files that wait behind it.
        defer_intake(visible_rows(IntakeFile, within).get(pk=intake_file_id))
    return redirect("intake_file", intake_file_id)
