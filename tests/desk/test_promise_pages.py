"""Promises on the case page, on the first page and in the worklist, and the page of kept rates."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from kept.store.models import Promise
from tests.desk.conftest import House, SignedIn


def today() -> date:
    return timezone.localtime(timezone.now()).date()


def take(house: House, signed_in: SignedIn, who: str = "collector", **given: str) -> str:
    form = {"amount": "500.00", "currency": "CNY", "way": "cash", "due_on": today().isoformat()}
    address = reverse("take_promise", args=[house.case.pk])
    answer = signed_in(who).post(address, {**form, **given}, follow=True)
    return str(answer.content.decode())


def case_page(house: House, signed_in: SignedIn, who: str) -> str:
    address = reverse("case", args=[house.case.pk])
    return str(signed_in(who).get(address).content.decode())


def test_the_form_is_filled_and_says_the_policy(house: House, signed_in: SignedIn) -> None:
    page = case_page(house, signed_in, "collector")
    assert 'value="1023.45" required autocomplete="off" data-first' in page
    assert "until" in page
    assert f'max="{(today() + timedelta(days=7)).isoformat()}"' in page
    assert "Beyond the policy" not in page
    assert "Beyond the policy" in case_page(house, signed_in, "manager")


def test_it_is_taken_told_and_shown_as_due(house: House, signed_in: SignedIn) -> None:
    page = take(house, signed_in)
    promise = Promise.objects.get()
    assert (promise.amount_minor, promise.way, promise.taken_by) == (50_000, "cash", "collector")
    assert "Promise taken" in page
    assert "promise due" in str(signed_in("manager").get(reverse("worklist")).content.decode())
    assert "Promised for today" in str(signed_in("manager").get(reverse("today")).content.decode())


def test_what_is_refused_says_what_would_be_taken(house: House, signed_in: SignedIn) -> None:
    assert "least that may be promised here is 204.69" in take(house, signed_in, amount="1.00")
    assert "Give an amount" in take(house, signed_in, amount="12.345")
    assert "Give a day" in take(house, signed_in, due_on="soon")
    past = (today() - timedelta(days=2)).isoformat()
    assert "This day is past" in take(house, signed_in, due_on=past)
    friend = house.case.debtor.related_persons.get(relation="friend")
    assert "does not owe" in take(house, signed_in, said_by=str(friend.pk))
    assert not Promise.objects.exists()


def test_it_is_confirmed_by_anybody_and_cancelled_by_a_leader(
    house: House, signed_in: SignedIn
) -> None:
    take(house, signed_in)
    promise = Promise.objects.get()
    address = reverse("change_promise", args=[house.case.pk, promise.pk])

    def change(who: str, **given: str) -> Any:
        return signed_in(who).post(address, given, follow=True)

    assert "Confirmed." in change("collector", act="confirm").content.decode()
    change("collector", act="cancel", reason="mine")
    promise.refresh_from_db()
    assert (promise.verified_by, promise.state) == ("collector", "open")
    change("manager", act="cancel", reason="typed for another")
    promise.refresh_from_db()
    assert (promise.state, promise.end_reason) == ("cancelled", "cancelled")


def test_the_rates_are_shown_by_whom_one_asks_for(house: House, signed_in: SignedIn) -> None:
    take(house, signed_in)
    client = signed_in("manager")
    for by in ("creditor", "team", "collector"):
        page = client.get(reverse("promises"), {"by": by}).content.decode()
        assert "500.00" in page
    assert (
        "No promise fell due"
        in client.get(reverse("promises"), {"as_of": "2026-01-01"}).content.decode()
    )
    assert signed_in("collector").get(reverse("promises")).status_code == 404
