"""Pages of what used to be commands: capacities, policy, conflicts, moving cases, night groups."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from kept.store.models import (
    Capacity,
    Case,
    DealingPolicy,
    Event,
    NightGroup,
    NightGroupCapacity,
    Seat,
    SeatConflict,
)
from tests import factories as make
from tests.desk.conftest import House, SignedIn

pytestmark = pytest.mark.django_db


def said(client: Client, name: str, *args: Any, given: dict[str, Any]) -> str:
    page = client.post(reverse(name, args=args), given, follow=True)
    return " ".join(str(each) for each in page.context["messages"])


def test_a_capacity_is_set_in_pieces_or_in_money(house: House, signed_in: SignedIn) -> None:
    client = signed_in("manager")
    day = {"creditor": "OWN", "valid_from": "2026-12-01"}
    said(client, "set_capacity", given={**day, "resource": "letters", "amount": "500"})
    said(client, "set_capacity", given={**day, "resource": "budget", "amount": "1200.50"})
    said(client, "set_capacity", given={**day, "resource": "visits", "amount": "0"})
    said(client, "set_capacity", given={**day, "resource": "sms", "amount": ""})
    found = dict(Capacity.objects.values_list("resource", "amount"))
    assert found == {"letters": 500, "budget": 120_050, "visits": 0, "sms": None}
    text = client.get(reverse("capacities")).content.decode()
    assert "to come" in text
    assert "letters" in text


@pytest.mark.parametrize(
    ("name", "typed"),
    [("amount", "-1"), ("amount", "many"), ("resource", "minutes"), ("valid_from", "soon")],
)
def test_a_wrong_capacity_changes_nothing(
    house: House, signed_in: SignedIn, name: str, typed: str
) -> None:
    given = {
        "creditor": "OWN",
        "resource": "letters",
        "amount": "5",
        "valid_from": "2026-12-01",
        name: typed,
    }
    assert said(signed_in("manager"), "set_capacity", given=given)
    assert not Capacity.objects.exists()


def test_another_creditors_capacity_is_not_there(house: House, signed_in: SignedIn) -> None:
    given = {"creditor": "OWN", "resource": "letters", "amount": "5", "valid_from": "2026-12-01"}
    found = signed_in("stranger").post(reverse("set_capacity"), given)
    assert (found.status_code, Capacity.objects.exists()) == (404, False)


def test_the_policy_is_typed_in_money_and_grades(house: House, signed_in: SignedIn) -> None:
    client = signed_in("manager")
    given = {
        "creditor": "OWN",
        "idle_days": "0",
        "tries": "10",
        "try_days": "20",
        "absence_days": "5",
        "stages": ["legal"],
        "amounts": "50000, 200000",
        "treatments": "visit: 3",
        "valid_from": make.TODAY.isoformat(),
    }
    said(client, "set_dealing_policy", given=given)
    (row,) = DealingPolicy.objects.all()
    assert (row.values["grade_from_minor"], row.values["grade_of_treatment"]) == (
        [5_000_000, 20_000_000],
        {"visit": 3},
    )
    text = client.get(reverse("dealing_policies")).content.decode()
    assert "10 tries in 20 days" in text
    assert 'value="50000.00, 200000.00"' in text
    told = said(client, "set_dealing_policy", given={**given, "treatments": "visit 3"})
    assert "visit: 3" in told
    told = said(client, "set_dealing_policy", given={**given, "amounts": "2, 1"})
    assert "value that dealing can use" in told
    assert DealingPolicy.objects.count() == 1


def test_a_conflict_is_placed_by_a_case_and_ended(house: House, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    given = {"seat": house.seat.pk, "case": f"#{house.case.pk}", "reason": "related"}
    said(client, "place_conflict", given=given)
    (row,) = SeatConflict.objects.all()
    assert row.debtor_id == house.case.debtor_id
    assert f"#{house.case.pk}" in client.get(reverse("conflicts")).content.decode()
    assert "no such case" in said(client, "place_conflict", given={**given, "case": "999999"})
    said(client, "end_conflict", row.pk, given={})
    assert not SeatConflict.objects.exists()


def test_cases_are_moved_from_the_list_with_a_reason(house: House, signed_in: SignedIn) -> None:
    client = signed_in("manager")
    seat = make.make_seat(code="S2", skills=["call"], grade=9)
    text = client.get(reverse("pile"), {"creditor": "OWN"}).content.decode()
    assert f'value="{house.case.pk}" data-tick' in text
    given = {
        "case": [house.case.pk],
        "seat": seat.pk,
        "reason": "knows them",
        "back": "/dealing/cases/",
    }
    assert "1 case moved" in said(client, "move_cases", given=given)
    assert Case.objects.get(pk=house.case.pk).seat_id == seat.pk
    (event,) = Event.objects.filter(action="dealing.move")
    assert event.subject == f"seat:{seat.pk}"
    assert "S2" in client.get(reverse("pile"), {"seat": "S2"}).content.decode()


def test_what_does_not_fit_is_told_by_case_and_nothing_moves(
    house: House, signed_in: SignedIn
) -> None:
    client = signed_in("manager")
    seat = make.make_seat(code="S2", skills=["visit"])
    given = {"case": [house.case.pk], "seat": seat.pk, "reason": "knows them"}
    told = said(client, "move_cases", given=given)
    assert told == f"#{house.case.pk}: this seat lacks the skill call"
    assert "Say why" in said(client, "move_cases", given={**given, "reason": ""})
    assert Case.objects.get(pk=house.case.pk).seat_id == house.seat.pk


def test_after_moving_nobody_is_sent_to_another_site(house: House, signed_in: SignedIn) -> None:
    given = {"case": [house.case.pk], "seat": 0, "reason": "x", "back": "https://example.org/"}
    found = signed_in("manager").post(reverse("move_cases"), given)
    assert found["Location"] == reverse("pile")


def test_the_form_of_one_case_is_a_part_for_a_script(house: House, signed_in: SignedIn) -> None:
    client = signed_in("manager")
    url = reverse("move_case", args=[house.case.pk])
    assert "<html" in client.get(url).content.decode()
    part = client.get(url, headers={"hx-request": "true"}).content.decode()
    assert "<html" not in part
    assert "S1" in part
    assert signed_in("collector").get(url).status_code == 404


def test_a_night_group_is_set_on_its_page(house: House, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    given = {
        "code": "evening",
        "name": "Evening",
        "zone": "Asia/Shanghai",
        "closes_at": "22:30",
        "creditors": [house.creditor.pk],
    }
    said(client, "save_night_group", given=given)
    (group,) = NightGroup.objects.all()
    assert (group.code, group.closes_at) == ("EVENING", time(22, 30))
    limit = {"resource": "letters", "amount": "300", "valid_from": "2026-11-22"}
    said(client, "set_group_capacity", group.pk, given=limit)
    assert NightGroupCapacity.objects.get().amount == 300
    assert "Evening" in client.get(reverse("night_groups")).content.decode()
    assert said(client, "save_night_group", given={**given, "closes_at": "late"})
    said(client, "end_night_group", group.pk, given={})
    assert not NightGroup.objects.exists()
    assert signed_in("manager").post(reverse("save_night_group"), given).status_code in (403, 404)


def test_who_only_reads_nights_finds_the_capacities_under_dealing(house: House) -> None:
    from kept.core.actors import Role

    auditor = make.make_user("auditor", roles={Role.AUDITOR: None})
    client = Client(headers={"accept-language": "en"})
    client.force_login(auditor, backend="allauth.account.auth_backends.AuthenticationBackend")
    text = client.get(reverse("capacities")).content.decode()
    assert reverse("capacities") in text
    assert reverse("set_capacity") not in text
    assert client.get(reverse("pile")).status_code == 404
    assert Seat.objects.exists()


def fill_dealing(house: House) -> None:
    """One of everything that the pages about dealing and night groups show."""
    Capacity.objects.create(
        creditor=house.creditor, resource="letters", amount=500, valid_from=make.TODAY
    )
    Capacity.objects.create(
        creditor=house.creditor, resource="budget", amount=0, valid_from=make.TODAY
    )
    DealingPolicy.objects.create(
        creditor=house.creditor,
        valid_from=make.TODAY,
        values={"grade_from_minor": [5_000_000], "grade_of_treatment": {"visit": 3}},
    )
    SeatConflict.objects.create(
        seat=house.seat,
        debtor=house.case.debtor,
        reason="related",
        placed_at=make.NOW,
        placed_by="boss",
    )
    group = NightGroup.objects.create(
        code="EVENING", name="Evening", zone="Asia/Shanghai", closes_at=time(22, 30)
    )
    group.members.create(creditor=house.creditor)
    NightGroupCapacity.objects.create(
        group=group, resource="letters", amount=300, valid_from=make.TODAY
    )
    make.make_run(
        kind="night_group",
        key="EVENING 2026-11-21",
        parameters={"group": "EVENING"},
        result={
            "nights": [{"creditor": "OWN", "run_id": house.night.pk, "tasks": 9}],
            "left": {"OTHER": "OTHER has had the night of 2026-11-22 already"},
        },
    )
