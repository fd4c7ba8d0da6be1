"""The form of a seat: what is typed wrong changes nothing, least of all into no limit."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from kept.core.actors import Role
from kept.store.models import Seat
from tests import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("months")]


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("caseload_limit", "-5"),
        ("caseload_limit", "many"),
        ("minutes", "7h"),
        ("creditors", "²"),
        ("creditors", "x"),
        ("shifts", "5-1 09:00-12:00"),
    ],
)
def test_what_is_typed_wrong_changes_nothing(client: Client, name: str, typed: str) -> None:
    creditor = make.make_creditor()
    seat = make.make_seat(caseload_limit=20, minutes_per_day=300, creditors=[creditor])
    boss = make.make_user("boss", roles={Role.MANAGER: None})
    client.force_login(boss, backend="allauth.account.auth_backends.AuthenticationBackend")
    given = {
        "seat_id": seat.pk,
        "code": seat.code,
        "team": seat.team_id,
        "skills": "call",
        "creditors": creditor.pk,
        "minutes": "240",
        "grade": "1",
        "caseload_limit": "10",
        "shifts": "",
    }
    client.post(reverse("save_seat"), {**given, name: typed})
    now = Seat.objects.get(pk=seat.pk)
    assert (now.caseload_limit, now.minutes_per_day, now.shifts) == (20, 300, [])
    assert [each.pk for each in now.creditors.all()] == [creditor.pk]
    client.post(reverse("save_seat"), given)
    assert Seat.objects.get(pk=seat.pk).caseload_limit == 10
