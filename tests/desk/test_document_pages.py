"""Documents on the case's pages, and the page on which anybody checks a code."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from kept.core.documents.codes import code_hash, code_of, grouped
from kept.desk.document_checks import CHECKS_A_MINUTE
from kept.store.models import Document
from tests.desk.conftest import House, SignedIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def ready(house: House) -> House:
    """The creditor has a number that debtors are told; nobody has checked a code yet."""
    house.creditor.phone = "010-5550 0100"
    house.creditor.save()
    cache.clear()
    return house


def print_one(client: Client, house: House, **given: str) -> Document:
    form = {"kind": "statement_of_account", "language": "zh", **given}
    answer = client.post(reverse("print_document", args=[house.case.pk]), form, follow=True)
    assert answer.status_code == 200
    assert "Printed: KD-" in answer.content.decode()
    return Document.objects.get()


def test_the_page_prints_shows_and_gives_the_file(ready: House, signed_in: SignedIn) -> None:
    client = signed_in("manager")
    page = client.get(reverse("documents", args=[ready.case.pk])).content.decode()
    assert "Nothing was printed yet" in page
    assert "lawyer" not in page  # not theirs to print
    row = print_one(client, ready)
    file = client.get(reverse("document_file", args=[row.pk]))
    assert file["Content-Type"] == "application/pdf"
    assert file["Content-Disposition"] == f'attachment; filename="{row.number}.pdf"'
    assert file.content.startswith(b"%PDF")
    case = client.get(reverse("case", args=[ready.case.pk])).content.decode()
    assert row.number in case
    assert "Document printed" in case


def test_a_preview_is_shown_and_a_refusal_is_told(ready: House, signed_in: SignedIn) -> None:
    client = signed_in("manager")
    url = reverse("preview_document", args=[ready.case.pk])
    shown = client.get(url, {"kind": "demand_letter", "language": "en"}).content.decode()
    assert 'src="data:image/png;base64,' in shown
    told = client.get(url, {"kind": "proof_of_settlement"}, headers={"HX-Request": "true"})
    assert "does not say zero" in told.content.decode()
    assert Document.objects.count() == 0
    answer = client.post(
        reverse("print_document", args=[ready.case.pk]), {"kind": "lawyers_letter"}, follow=True
    )
    assert answer.status_code in (403, 404)


def test_withdrawn_is_told_on_the_page_and_to_who_checks(ready: House, signed_in: SignedIn) -> None:
    client = signed_in("manager")
    row = print_one(client, ready)
    code = code_of("K7QD9M3X4T0P12A")
    Document.objects.filter(pk=row.pk).update(code_hash=code_hash(code))
    anybody = Client()
    valid = anybody.get(reverse("verify"), {"code": grouped(code).lower()}, follow=True)
    said = valid.content.decode()
    assert "This document is valid." in said
    assert "Own Bank" in said
    for personal in ("王小明", "ACC-1", "1,023", "王"):
        assert personal not in said
    url = reverse("withdraw_document", args=[ready.case.pk, row.pk])
    client.post(url, {"reason": "of another day"})
    said = anybody.get(reverse("verify_code", args=[code])).content.decode()
    assert "was withdrawn on" in said
    page = client.get(reverse("documents", args=[ready.case.pk])).content.decode()
    assert re.search(r"chip tone-muted\">withdrawn", page)


def test_what_is_no_code_is_no_document_and_asking_on_is_slowed(ready: House) -> None:
    anybody = Client()
    assert anybody.get(reverse("verify")).status_code == 200
    codes = [code_of(f"{number:02d}QD9M3X4T0P12A") for number in range(2 * CHECKS_A_MINUTE + 1)]
    answers = [anybody.get(reverse("verify_code", args=[each])) for each in codes]
    assert answers[0].status_code == 404
    assert "There is no document with this code" in answers[0].content.decode()
    # Another minute may have begun within these, and then counts anew.
    (slowed, *_more) = [each for each in answers if each.status_code == 429]
    assert "Try again in a minute" in slowed.content.decode()
    cache.clear()


def test_another_creditors_documents_are_not_there(ready: House, signed_in: SignedIn) -> None:
    row = print_one(signed_in("manager"), ready)
    stranger = signed_in("stranger")
    for url in (
        reverse("documents", args=[ready.case.pk]),
        reverse("document_file", args=[row.pk]),
        reverse("preview_document", args=[ready.case.pk]),
    ):
        assert stranger.get(url, {"kind": "demand_letter"}).status_code == 404
    answer = stranger.post(
        reverse("withdraw_document", args=[ready.case.pk, row.pk]), {"reason": "x"}
    )
    assert answer.status_code == 404
    row.refresh_from_db()
    assert row.state == "valid"
