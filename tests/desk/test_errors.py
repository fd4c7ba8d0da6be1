"""Pages for what went wrong, in both languages, without the database where that is away."""

from __future__ import annotations

import pytest
from django.db import OperationalError, connection
from django.test import Client, RequestFactory
from django.urls import reverse

from kept.desk import errors
from tests.desk.conftest import House, SignedIn


@pytest.mark.parametrize(
    ("language", "said"), [("en", "There is nothing here"), ("zh-hans", "这里没有内容")]
)
def test_a_page_that_is_not_there(language: str, said: str, db: None) -> None:
    response = Client(headers={"accept-language": language}).get("/nothing/")
    assert response.status_code == 404
    assert said in response.content.decode()


def test_a_form_that_is_too_old(house: House, signed_in: SignedIn) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    response = strict.post(reverse("set_theme"), {"theme": "dark"})
    assert response.status_code == 403
    assert "Nothing was changed" in response.content.decode()


def test_other_errors_have_pages_too(db: None) -> None:
    request = RequestFactory().get("/")
    for view, status in (
        (errors.bad_request, 400),
        (errors.forbidden, 403),
        (errors.server_error, 500),
    ):
        assert view(request).status_code == status


def test_a_database_that_is_away_is_told_and_is_no_error_of_ours(house: House) -> None:
    """A view meets what psycopg raises; the page needs no database to say so."""

    def away(*_args: object) -> None:
        raise OperationalError("connection refused")

    client = Client(raise_request_exception=False, headers={"accept-language": "en"})
    client.force_login(
        house.users["manager"], backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    with connection.execute_wrapper(away):
        response = client.get("/worklist/")
    assert response.status_code == 503
    assert response["Retry-After"] == "15"
    assert "The database is away" in response.content.decode()


def test_an_error_of_ours_is_told_as_such(
    house: House, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in("manager")
    client.raise_request_exception = False
    monkeypatch.setattr("kept.desk.worklists.list_tasks", None)
    response = client.get("/worklist/")
    assert response.status_code == 500
    assert "Something went wrong" in response.content.decode()
