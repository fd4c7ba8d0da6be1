"""Handing in a file from a page: received once and queued, or refused where it is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.urls import reverse

from kept.store.models import Event, IntakeFile
from tests import factories
from tests.desk.conftest import House, SignedIn

MAP = """\
spec_version: 1
file: {coverage: full, format: csv, encoding: utf-8}
account:
  external_id: number
  product: {constant: CARD}
  currency: {constant: CNY}
balances: {principal: balance}
debtor: {name: name}
"""
ROWS = "number,balance,name\nA1,12.50,张三\n"


def hand_in(client: Any, map_text: str | bytes | None = MAP, **given: Any) -> HttpResponse:
    files: dict[str, Any] = {"file": SimpleUploadedFile("accounts.csv", ROWS.encode())}
    if map_text is not None:
        content = map_text if isinstance(map_text, bytes) else map_text.encode()
        files["map_file"] = SimpleUploadedFile("card.yaml", content)
    response: HttpResponse = client.post(
        reverse("receive_file"), {"creditor": "OWN", **files, **given}
    )
    return response


def queued() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT args ->> 'intake_file_id' FROM procrastinate_jobs ORDER BY id")
        return [int(file_id) for (file_id,) in cursor.fetchall()]


def test_a_file_is_received_and_queued_once(house: House, signed_in: SignedIn) -> None:
    client = signed_in("manager")
    response = hand_in(client)
    file = IntakeFile.objects.get(name="accounts.csv")
    assert response["Location"] == reverse("intake_file", args=[file.pk])
    assert (file.creditor, file.map_name, file.map_text) == (house.creditor, "card.yaml", MAP)
    assert queued() == [file.pk]
    again = hand_in(client)
    assert again["Location"] == reverse("intake_file", args=[file.pk])
    assert queued() == [file.pk]
    page = client.get(again["Location"]).content.decode()
    assert "These bytes were received before" in page
    assert 'hx-trigger="load delay:2s"' in page


def test_a_map_used_before_is_enough(house: House, signed_in: SignedIn) -> None:
    earlier = factories.make_intake_file(house.creditor, map_name="old.yaml", map_text=MAP)
    hand_in(signed_in("manager"), None, known_map=str(earlier.pk), dry_run="on")
    file = IntakeFile.objects.get(name="accounts.csv")
    assert (file.map_name, file.state) == ("old.yaml", "dry_run")


@pytest.mark.parametrize(
    ("map_text", "given", "field", "said"),
    [
        (None, {}, "map_file", "Choose a map used before"),
        (b"\xff\xfe\x00", {}, "map_file", "UTF-8"),
        ("spec_version: 1\n", {}, "map_file", "account"),
        ("{" * 50, {}, "map_file", ""),
        (b"x" * 1_000_001, {}, "map_file", "too large"),
        (MAP, {"creditor": "OTHER"}, "creditor", ""),
        (MAP, {"creditor": "NOWHERE"}, "creditor", ""),
        (MAP, {"as_of": "30.02.2026"}, "as_of", ""),
        (MAP, {"sequence": "0"}, "sequence", ""),
        (MAP, {"sequence": "1" + "0" * 18}, "sequence", ""),
        (MAP, {"file_id": "x" * 129}, "file_id", ""),
        (MAP, {"file_id": "\x07"}, "__all__", "A file id has 1 to 128 characters"),
        (None, {"known_map": "999"}, "known_map", ""),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_is_received(
    map_text: Any,
    given: dict[str, str],
    field: str,
    said: str,
    house: House,
    signed_in: SignedIn,
) -> None:
    events = Event.objects.count()
    response = hand_in(signed_in("manager"), map_text, **given)
    assert response.status_code == 422
    errors = response.context["form"].errors  # type: ignore[attr-defined]
    assert said in errors[field][0]
    assert not IntakeFile.objects.filter(name="accounts.csv").exists()
    assert (Event.objects.count(), queued()) == (events, [])


def test_known_bytes_under_another_id_are_refused_until_their_day_is_stated(
    house: House, signed_in: SignedIn
) -> None:
    client = signed_in("manager")
    hand_in(client, file_id="F1", sequence="1")
    first = IntakeFile.objects.get(name="accounts.csv")
    assert (first.file_id, first.sequence) == ("F1", 1)
    page = client.get(reverse("intake_file", args=[first.pk])).content.decode()
    assert "assumed, since nothing stated it" in page
    refused = hand_in(client)
    assert refused.status_code == 422
    assert "as file F1" in refused.content.decode()
    unnumbered = hand_in(client, as_of="2026-01-02")
    assert "this one has no sequence" in unnumbered.content.decode()
    hand_in(client, as_of="2026-01-02", sequence="2")
    assert IntakeFile.objects.filter(name="accounts.csv").count() == 2


def test_no_file_is_no_file(house: House, signed_in: SignedIn) -> None:
    response = signed_in("manager").post(reverse("receive_file"), {"creditor": "OWN"})
    assert response.status_code == 422
    assert "file" in response.context["form"].errors


def test_a_person_lets_a_file_be_applied_and_says_why(house: House, signed_in: SignedIn) -> None:
    client = signed_in("manager")
    run = factories.make_run(kind="intake", creditor=house.creditor, state="waiting")
    file = factories.make_intake_file(house.creditor, state="profiled", run=run)
    page = client.get(reverse("intake_file", args=[file.pk])).content.decode()
    assert "This file waits for a decision." in page
    accept = reverse("decide_file", args=[file.pk])
    refused = client.post(accept, {"reason": " "}, follow=True)
    assert "Say why." in refused.content.decode()
    assert queued() == []
    client.post(accept, {"reason": "the bank told us", "decision": "accept"})
    file.refresh_from_db()
    assert file.profile["accepted"]["reason"] == "the bank told us"
    assert queued() == [file.pk]
    again = client.post(accept, {"reason": "twice"}, follow=True)
    assert "This file does not wait for a decision." in again.content.decode()
    assert queued() == [file.pk]


def test_a_person_sets_a_file_aside(house: House, signed_in: SignedIn) -> None:
    client = signed_in("manager")
    run = factories.make_run(kind="intake", creditor=house.creditor, state="waiting")
    file = factories.make_intake_file(house.creditor, state="profiled", run=run)
    decide = reverse("decide_file", args=[file.pk])
    client.post(decide, {"reason": "wrong month", "decision": "set_aside"})
    file.refresh_from_db()
    assert (file.state, file.quarantine_code) == ("quarantined", "set_aside")
    page = client.get(reverse("intake_file", args=[file.pk])).content.decode()
    assert "A person set the file aside: wrong month" in page
