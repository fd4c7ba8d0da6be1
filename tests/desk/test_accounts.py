"""The addresses of signing in: those that a closed house needs, and nothing behind the others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from kept.desk.accounts import CLOSED
from tests.desk.conftest import House, SignedIn

OPEN = {
    "account_login",
    "account_logout",
    "account_inactive",
    "account_reauthenticate",
    "account_change_password",
    "mfa_index",
    "mfa_authenticate",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
}
GONE = [
    "signup/",
    "email/",
    "confirm-email/",
    "confirm-email/abc/",
    "password/set/",
    "password/reset/",
    "password/reset/done/",
    "password/reset/key/1-set-password/",
    "password/reset/key/done/",
    "login/code/",
    "login/code/confirm/",
    "3rdparty/",
    "social/login/error/",
    "sessions/",
    "2fa/webauthn/",
    "2fa/trust/",
]


def names(patterns: Any) -> Iterator[str]:
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from names(each.url_patterns)
        elif isinstance(each, URLPattern):
            yield str(each.name)


def test_these_addresses_and_no_others() -> None:
    accounts = next(
        each for each in get_resolver().url_patterns if str(each.pattern) == "accounts/"
    )
    assert isinstance(accounts, URLResolver)
    assert set(names(accounts.url_patterns)) - set(names(CLOSED)) == OPEN


@pytest.mark.parametrize("path", GONE)
def test_nothing_is_behind_the_others(path: str, house: House, signed_in: SignedIn) -> None:
    for client in (Client(headers={"accept-language": "en"}), signed_in("administrator")):
        for answer in (client.get(f"/accounts/{path}"), client.post(f"/accounts/{path}", {})):
            assert answer.status_code == 404
            assert "desk/desk.css" in answer.content.decode()


@pytest.mark.parametrize("name", ["account_login", "account_inactive"])
def test_pages_for_everybody_look_like_the_product(name: str, house: House) -> None:
    page = Client(headers={"accept-language": "en"}).get(reverse(name)).content.decode()
    assert "desk/desk.css" in page
    assert 'class="entrance' in page
    assert "/password/reset/" not in page


@pytest.mark.parametrize("name", ["account_change_password", "account_logout", "mfa_index"])
def test_pages_of_ones_own_look_like_the_product(
    name: str, house: House, signed_in: SignedIn
) -> None:
    assert Client().get(reverse(name)).status_code == 302
    page = signed_in("collector").get(reverse(name))
    assert page.status_code == 200
    assert 'aria-label="Main navigation"' in page.content.decode()
    assert "/password/reset/" not in page.content.decode()


def test_a_person_changes_their_own_password(house: House, signed_in: SignedIn) -> None:
    from tests.factories import PASSWORD

    client = signed_in("collector")
    weak = {"oldpassword": PASSWORD, "password1": "12345678", "password2": "12345678"}
    assert client.post(reverse("account_change_password"), weak).status_code == 200
    house.users["collector"].refresh_from_db()
    assert house.users["collector"].check_password(PASSWORD)
    new = "a much better secret"
    strong = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert client.post(reverse("account_change_password"), strong).status_code == 302
    house.users["collector"].refresh_from_db()
    assert house.users["collector"].check_password(new)


def test_who_was_locked_out_is_told_so(house: House) -> None:
    from tests.factories import PASSWORD

    user = house.users["collector"]
    user.is_active = False
    user.save()
    client = Client(headers={"accept-language": "en"})
    answer = client.post(
        reverse("account_login"), {"login": "collector", "password": PASSWORD}, follow=True
    )
    assert answer.status_code == 200
    assert "_auth_user_id" not in client.session
