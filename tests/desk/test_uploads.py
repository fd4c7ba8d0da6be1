"""Uploads are held by who sends them, by their size as it arrives, and by what they are."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from kept.batch.intake.kinds import is_of_its_kind
from kept.desk.uploads import UploadGate
from kept.store.models import IntakeFile
from tests.desk.conftest import House, SignedIn


@pytest.fixture
def one_megabyte(settings: Any) -> None:
    settings.KEPT = replace(django_settings.KEPT, upload_megabytes=1)


def sent(client: Client, content: bytes, name: str = "accounts.csv") -> Any:
    return client.post(
        reverse("receive_file"), {"creditor": "OWN", "file": SimpleUploadedFile(name, content)}
    )


@pytest.mark.usefixtures("one_megabyte")
def test_a_file_over_the_size_is_refused_with_the_size(house: House, signed_in: SignedIn) -> None:
    client = signed_in("manager")
    fits = sent(client, b"a" * 999_000)
    assert fits.status_code == 422  # the map is missing; the size is fine
    large = sent(client, b"a" * 1_000_001)
    assert large.status_code == 413
    assert "A page takes up to 1 MB" in large.content.decode()
    assert IntakeFile.objects.filter(name="accounts.csv").count() == 0


@pytest.mark.usefixtures("one_megabyte")
def test_what_arrives_is_counted_whatever_was_announced(house: House, rf: Any) -> None:
    request = rf.post("/")
    request.user = house.users["manager"]
    gate = UploadGate(request)
    gate.handle_raw_input(io.BytesIO(), {}, 10, "x")
    assert gate.receive_data_chunk(b"a" * 1_000_000, 0) == b"a" * 1_000_000
    with pytest.raises(RequestDataTooBig):
        gate.receive_data_chunk(b"a", 1_000_000)


def test_nobody_who_is_not_signed_in_leaves_a_file(house: House) -> None:
    response = sent(Client(), b"a" * 10_000_000)
    assert response.status_code == 302


@pytest.mark.parametrize(
    ("name", "start", "fine"),
    [
        ("a.csv", b"number,name\n", True),
        ("a.CSV", "\ufeff编号,姓名\n".encode(), True),
        ("a.txt", "编号".encode("gb18030"), True),
        ("a.csv", "编号,姓名\n".encode("utf-16"), True),
        ("a.csv", b"", True),
        ("a.xlsx", b"PK\x03\x04rest", True),
        ("a.parquet", b"PAR1rest", True),
        ("a.xlsx", b"number,name\n", False),
        ("a.csv", b"PK\x03\x04rest", False),
        ("a.csv", b"\x7fELF", False),
        ("a.csv", b"one\0two", False),
        ("a.pdf", b"%PDF-1.7", False),
        ("a.csv.exe", b"number,name\n", False),
        ("a", b"number,name\n", False),
    ],
)
def test_the_ending_and_the_first_bytes_agree(name: str, start: bytes, fine: bool) -> None:
    assert is_of_its_kind(name, io.BytesIO(start)) is fine


def test_a_file_of_another_kind_is_refused_in_the_form(house: House, signed_in: SignedIn) -> None:
    response = sent(signed_in("manager"), b"%PDF-1.7", "accounts.pdf")
    assert response.status_code == 422
    assert "no CSV" in response.content.decode()
