"""What machines and administrators see of the house, and what nobody else sees."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

from kept.running.logs import JsonLines
from tests.desk.conftest import House, SignedIn

TOKEN = "t" * 40


def test_alive_needs_no_database() -> None:
    """pytest-django refuses the database to a test that does not ask for it."""
    response = Client().get("/health/live/")
    assert (response.status_code, response.json()) == (200, {"state": "live"})


@pytest.mark.django_db
def test_ready_with_database_tables_and_key() -> None:
    response = Client().get("/health/ready/")
    assert (response.status_code, response.json()) == (200, {"state": "ready"})


@pytest.mark.django_db
def test_not_ready_while_migrations_are_pending() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'store'")
    response = Client().get("/health/ready/")
    assert response.status_code == 503
    assert response.json() == {"state": "not_ready", "reason": "migrations_pending"}


@pytest.mark.django_db
def test_not_ready_with_another_key() -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO key_checks (id, value_hash) VALUES (1, %s)", [bytes(16)])
    response = Client().get("/health/ready/")
    assert (response.status_code, response.json()["reason"]) == (503, "wrong_data_key")


@pytest.fixture
def token(settings: Any) -> str:
    settings.KEPT = replace(django_settings.KEPT, metrics_token=TOKEN)
    return TOKEN


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer " + "x" * 40, TOKEN])
def test_metrics_are_not_there_without_the_token(token: str, header: str) -> None:
    assert Client().get("/metrics", headers={"Authorization": header}).status_code == 404


@pytest.mark.django_db
def test_metrics_are_not_there_while_no_token_is_set() -> None:
    assert Client().get("/metrics", headers={"Authorization": "Bearer None"}).status_code == 404


def test_metrics_count_requests_and_the_house(token: str, house: House) -> None:
    Client().get("/health/live/")
    response = Client().get("/metrics", headers={"Authorization": f"Bearer {token}"})
    text = response.content.decode()
    assert response["Content-Type"].startswith("text/plain; version=")
    assert re.search(r'kept_requests_total\{[^}]*route="health_live"[^}]*\} [1-9]', text)
    assert "kept_open_cases 2.0" in text
    assert re.search(r'kept_runs\{kind="nightly",state="\w+"\} [1-9]', text)


def test_the_page_is_for_administrators(house: House, signed_in: SignedIn) -> None:
    shown = signed_in("administrator").get(reverse("health"))
    assert shown.status_code == 200
    assert b"Largest tables" in shown.content
    for name in ("collector", "manager", "nobody"):
        assert signed_in(name).get(reverse("health")).status_code == 404
    assert Client().get(reverse("health")).status_code == 302


def test_a_request_keeps_a_plain_id_and_gets_one_in_place_of_another() -> None:
    kept = Client().get("/health/live/", headers={"X-Request-ID": "abcDEF-123"})
    assert kept["X-Request-ID"] == "abcDEF-123"
    for strange in ("short", "x" * 65, "with space 1", "张三张三张三张三"):
        made = Client().get("/health/live/", headers={"X-Request-ID": strange})["X-Request-ID"]
        assert re.fullmatch(r"[0-9a-f]{16}", made)


def test_the_line_of_a_request_names_the_page_and_not_what_was_searched(
    house: House, signed_in: SignedIn, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "kept.requests"):
        signed_in("manager").get("/search/", {"q": "张三丰"})
    lines = [JsonLines().format(each) for each in caplog.records if each.name == "kept.requests"]
    found = json.loads(lines[-1])
    assert (found["route"], found["method"], found["status_code"]) == ("search", "GET", 200)
    assert found["user_id"] == house.users["manager"].pk
    assert "张三丰" not in caplog.text


def test_failed_sign_ins_are_counted_together_and_end(house: House) -> None:
    """Five failures within five minutes lock the name, for whoever comes from anywhere."""
    cache.clear()
    wrong = {"login": "collector", "password": "not the password"}
    answers = [
        Client(REMOTE_ADDR=f"203.0.113.{n}").post("/accounts/login/", wrong).content.decode()
        for n in range(7)
    ]
    assert "Too many failed login attempts" not in answers[0]
    assert "Too many failed login attempts" in answers[-1]
    cache.clear()
