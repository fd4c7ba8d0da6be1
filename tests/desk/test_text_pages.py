"""The pages of texts: from nothing to a text in force, the editor, files, and who sees what."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from kept.core.actors import Role
from kept.store.models import TextVersion
from tests import factories
from tests.desk.conftest import House, SignedIn

BODY = "Good day, {debtor}. I am calling for {creditor} about {overdue}."


@pytest.fixture
def people(house: House) -> House:
    """Managers and an officer of the whole house beside those of one creditor."""
    house.users["writer"] = factories.make_user("writer", roles={Role.MANAGER: None})
    house.users["second"] = factories.make_user("second", roles={Role.COMPLIANCE_OFFICER: None})
    return house


def fill_texts(body: str = BODY) -> None:
    """A draft of a shipped text."""
    TextVersion.objects.create(
        code="early_call", language="en", version=2, kind="script", channel="call", body=body
    )


def begun(writer: Client, **given: str) -> TextVersion:
    whole = {"copied_from": "early_call:en:1", **given}
    page = writer.post(reverse("begin_text"), whole)
    row = TextVersion.objects.get()
    assert page["location"] == reverse("edit_text", args=[row.label])
    return row


def said(client: Client, url: str, data: dict[str, Any] | None = None) -> str:
    page = client.get(url) if data is None else client.post(url, data, follow=True)
    assert page.status_code == 200
    return re.sub(r"\s+", " ", page.content.decode())


def test_from_nothing_to_a_text_that_holds(people: House, signed_in: SignedIn) -> None:
    writer, second = signed_in("writer"), signed_in("second")
    new = {"copied_from": "", "code": "polite_call", "shape": "script/call", "language": "en"}
    row = begun(writer, **new)
    step = reverse("step_text", args=[row.label])
    save = reverse("save_text", args=[row.label])
    assert "Saved." in said(writer, save, {"text": BODY, "revision": "1"})
    assert "Submitted" in said(writer, step, {"step": "submit", "revision": "2"})
    page = said(writer, reverse("text_version", args=[row.label]))
    assert "somebody else approves it" in page
    assert 'value="approve"' not in page
    assert "Alex Example. I am calling for Example Bank about $500.00" in page
    assert "Approved." in said(second, step, {"step": "approve"})
    assert "In force from" in said(second, step, {"step": "force"})
    page = said(writer, reverse("text", args=["polite_call"]))
    assert "Good day, <span" in page
    assert "No strategy that works a book names it" in page
    assert "polite_call" in said(writer, reverse("texts"))
    assert "polite_call" not in said(writer, reverse("texts") + "?kind=guide")
    # The next one is compared with it in words.
    TextVersion.objects.exclude(pk=row.pk).delete()
    page = said(writer, reverse("begin_text"), {"copied_from": row.label})
    again = TextVersion.objects.get(version=2)
    new_words = {"text": BODY.replace("Good day", "Hello"), "revision": "1"}
    said(writer, reverse("save_text", args=[again.label]), new_words)
    page = said(writer, reverse("text_version", args=[again.label]))
    assert "<del>Good day</del><ins>Hello</ins>" in page


def test_the_check_while_typing_marks_its_places_and_writes_nothing(
    people: House, signed_in: SignedIn
) -> None:
    writer = signed_in("writer")
    row = begun(writer)
    check = reverse("check_text", args=[row.label])
    page = said(writer, check, {"text": "Hi {debtor},\nwe will tell your boss. {creditr}"})
    assert '<mark title="Hints that family or employer will learn of it: ' in page
    assert ">we will tell your boss</mark>" in page
    assert 'data-start="13" data-end="35"' in page
    assert "did you mean {creditor}?" in page
    assert "<ins>" in page  # against the shipped one
    page = said(writer, check, {"text": BODY})
    assert "Nothing is wrong." in page
    assert "Alex Example" in page
    row.refresh_from_db()
    assert row.revision == 1
    wrong = {"text": "we will tell your boss", "revision": "1", "then": "submit"}
    page = said(writer, reverse("save_text", args=[row.label]), wrong)
    assert "It is not in order yet" in page
    row.refresh_from_db()
    assert (row.state, row.revision) == ("draft", 2)


def test_a_preview_shows_a_real_case_only_to_who_sees_it(
    people: House, signed_in: SignedIn
) -> None:
    fill_texts("{debtor} owes {overdue}.")
    url = reverse("text_version", args=["early_call:en:2"])
    page = said(signed_in("writer"), f"{url}?case={people.case.pk}")
    assert "王小明 owes CN¥1,023.45." in page
    stranger = signed_in("stranger")
    page = said(stranger, f"{url}?case={people.case.pk}")
    assert "王小明" not in page
    assert "There is no such case, or it is not yours to see." in page
    people.users["scientist"] = factories.make_user("scientist", roles={Role.DATA_SCIENTIST: None})
    page = said(signed_in("scientist"), f"{url}?case={people.case.pk}")
    assert "王小明" not in page
    TextVersion.objects.update(body="Call {phone}.")
    page = said(signed_in("writer"), f"{url}?case={people.case.pk}")
    assert "It cannot be said for this case: {phone} has no value." in page


def test_files_out_and_in(people: House, signed_in: SignedIn) -> None:
    writer = signed_in("writer")
    answer = writer.get(reverse("export_texts"), {"code": "early_call"})
    content = answer.content.decode()
    assert content.startswith("- code: early_call\n  kind: script\n  channel: call\n  en: |-\n")

    def handed_in(text: str) -> str:
        file = SimpleUploadedFile("texts.yaml", text.encode())
        return said(writer, reverse("begin_texts"), {"file": file, "creditor": ""})

    assert "says nothing that does not hold already" in handed_in(content)
    assert "Begun: early_call:en:2." in handed_in(content.replace("Good day", "Hello"))
    assert "Line 1:" in handed_in("- code: [")
    assert TextVersion.objects.count() == 1
    assert "Choose a file" in said(writer, reverse("begin_texts"), {})


def test_the_case_page_shows_what_to_say(people: House, signed_in: SignedIn) -> None:
    people.task.treatment, people.task.strategy = "early_call", "consumer_cn:1"
    people.task.save()
    page = said(signed_in("collector"), reverse("case", args=[people.case.pk]))
    assert "您好，请问是王小明本人吗？" in page
    assert "early_call:zh:1" in page
    people.case.debtor.language = "th"
    people.case.debtor.save()
    page = said(signed_in("collector"), reverse("case", args=[people.case.pk]))
    assert "There is no text early_call in Thai" in page


def test_who_sees_and_who_does_what(people: House, signed_in: SignedIn) -> None:
    row = begun(signed_in("writer"))
    urls = [
        reverse("texts"),
        reverse("text", args=["early_call"]),
        reverse("text_version", args=[row.label]),
        reverse("export_texts"),
    ]
    for name, status in (("collector", 404), ("nobody", 404), ("manager", 200), ("second", 200)):
        assert [signed_in(name).get(url).status_code for url in urls] == [status] * 4
    # A manager of one creditor words that creditor's texts, and none of the house.
    manager = signed_in("manager")
    assert manager.post(reverse("begin_text"), {"copied_from": row.label}).status_code == 403
    save = reverse("save_text", args=[row.label])
    assert manager.post(save, {"text": "x", "revision": "1"}).status_code == 403
    step = reverse("step_text", args=[row.label])
    assert manager.post(step, {"step": "submit"}).status_code == 403
    assert manager.post(step, {"step": "burn"}).status_code == 404
    own = {"copied_from": "early_call:en:1", "creditor": str(people.creditor.pk)}
    assert manager.post(reverse("begin_text"), own).status_code == 302
    assert TextVersion.objects.get(version=3).creditor == people.creditor
    other = reverse("text_version", args=["early_call:en:3"])
    assert signed_in("stranger").get(other).status_code == 404
    assert manager.get(reverse("text", args=["none"])).status_code == 404
    row.refresh_from_db()
    assert (row.state, row.revision) == ("draft", 1)
