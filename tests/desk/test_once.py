"""Every form of every page has a one-time key, and what is sent twice with it is done once."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from kept.store.models import Command, Event, IntakeFile, Task, Team
from tests import factories
from tests.desk.conftest import House, SignedIn
from tests.desk.test_dealing_pages import fill_dealing
from tests.desk.test_hand_in import MAP, ROWS
from tests.desk.test_law_pages import fill_law, refuse
from tests.desk.test_strategy_pages import fill_strategies
from tests.desk.test_text_pages import fill_texts

KEY = "one key of one form, as a page would make it".replace(" ", "-").replace(",", "")


class Forms(HTMLParser):
    """The forms of a page that are posted, as names and values of their inputs."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []
        self._is_in = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and (given.get("method", "").lower() == "post" or "hx-post" in given):
            self.found.append({})
            self._is_in = True
        elif tag == "input" and self._is_in and given.get("name"):
            self.found[-1][given["name"]] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        self._is_in = self._is_in and tag != "form"


def forms_of(client: Client, url: str) -> list[dict[str, str]]:
    page = client.get(url, follow=True)
    assert page.status_code == 200, url
    return Forms(page.content.decode()).found


def pages_of(house: House) -> dict[str, list[str]]:
    """Every page with a form by who opens it; a new page belongs here."""
    names = ("creditor", "product", "productterms", "legalentity", "engagement", "user")
    tables = (*names, "rolegrant", "team", "seat", "subscriber")
    return {
        "manager": [
            *(
                reverse(name)
                for name in ("today", "worklist", "nights", "intake_files", "jobs", "seats")
            ),
            reverse("seat", args=[house.seat.pk]),
            reverse("dealings"),
            reverse("pile"),
            reverse("dealing_policies"),
            reverse("capacities"),
            reverse("waiver_budgets"),
            reverse("waivers", args=[house.case.pk]),
            reverse("plans", args=[house.case.pk]),
            reverse("move_case", args=[house.case.pk]),
            reverse("promises"),
            reverse("receive_file"),
            reverse("payments"),
            reverse("suspense"),
            reverse("case", args=[house.case.pk]),
            reverse("documents", args=[house.case.pk]),
            reverse("intake_file", args=[house.file.pk]),
            reverse("night", args=[house.night.pk]),
            reverse("account_change_password"),
            reverse("approvals"),
        ],
        "officer": [
            reverse("law_rules"),
            reverse("refusals"),
        ],
        "writer": [
            reverse("strategies"),
            reverse("strategy", args=["default:1"]),
            reverse("strategy", args=["default:2"]),
            reverse("edit_strategy", args=["default:2"]),
            reverse("try_strategy", args=["default:2"]),
            reverse("texts"),
            reverse("text", args=["early_call"]),
            reverse("text_version", args=["early_call:en:1"]),
            reverse("text_version", args=["early_call:en:2"]),
            reverse("edit_text", args=["early_call:en:2"]),
        ],
        "administrator": [
            *(reverse(f"operators:store_{name}_add") for name in tables),
            reverse("approval_policies"),
            reverse("conflicts"),
            reverse("night_groups"),
            reverse("entries", args=[house.case.pk, house.case.case_accounts.get().account_id]),
            reverse("operators:store_apikey_add"),
            reverse("operators:store_team_change", args=[house.seat.team_id]),
        ],
    }


def test_every_form_has_a_key_of_its_own(house: House, signed_in: SignedIn) -> None:
    house.file.state, house.file.run.state = IntakeFile.State.PROFILED, "waiting"
    house.file.save()
    house.file.run.save()
    fill_law(house)
    fill_strategies(house)
    fill_texts()
    refuse(house)
    fill_dealing(house)
    keys: list[str] = []
    for who, urls in pages_of(house).items():
        client = signed_in(who)
        for url in urls:
            forms = forms_of(client, url)
            assert forms, url
            assert [url for form in forms if "csrfmiddlewaretoken" not in form] == []
            keys += [form.get("once_key", "") for form in forms]
    assert min(map(len, keys)) >= 24
    assert len(set(keys)) == len(keys) > 40


def close(client: Client, task: Task, **given: str) -> Any:
    return client.post(
        reverse("close_task", args=[task.pk]),
        {"query": "stage=call", "once_key": KEY, "state": "done", **given},
    )


def closings() -> int:
    return Event.objects.filter(action="task.close").count()


def test_a_double_click_closes_once_and_leads_to_the_same_page(
    house: House, signed_in: SignedIn
) -> None:
    client = signed_in("manager")
    first, second = close(client, house.task), close(client, house.task)
    assert (first.status_code, second.status_code) == (302, 302)
    assert second["Location"] == first["Location"]
    assert closings() == 1


def test_back_and_another_choice_changes_nothing(house: House, signed_in: SignedIn) -> None:
    client = signed_in("manager")
    close(client, house.task)
    other = close(client, house.task, state="cancelled", reason="by mistake")
    assert other.status_code == 409
    assert "This form was sent before" in other.content.decode()
    house.task.refresh_from_db()
    assert (house.task.state, closings()) == ("done", 1)


def test_a_refused_form_can_be_put_right_and_sent_again(house: House, signed_in: SignedIn) -> None:
    client = signed_in("manager")
    close(client, house.task, state="cancelled", reason="")
    assert (closings(), Command.objects.count()) == (0, 0)
    close(client, house.task, state="cancelled", reason="moved away")
    house.task.refresh_from_db()
    assert (house.task.state, closings()) == ("cancelled", 1)


def test_the_key_of_one_person_is_not_that_of_another(house: House, signed_in: SignedIn) -> None:
    close(signed_in("manager"), house.task)
    answer = close(signed_in("collector"), house.task)
    assert answer.status_code == 302


def test_operators_forms_too(house: House, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    url = reverse("operators:store_team_add")
    wrong = client.post(url, {"code": "small", "name": "", "once_key": KEY})
    assert wrong.status_code == 200
    given = {"code": "NIGHT", "name": "Night", "once_key": KEY}
    first, second = client.post(url, given), client.post(url, given)
    assert (first.status_code, second.status_code) == (302, 302)
    assert second["Location"] == first["Location"]
    assert Team.objects.filter(code="NIGHT").count() == 1


def test_a_file_sent_twice_is_received_once(house: House, signed_in: SignedIn) -> None:
    client = signed_in("manager")

    def send(rows: str) -> Any:
        return client.post(
            reverse("receive_file"),
            {
                "creditor": "OWN",
                "file": SimpleUploadedFile("accounts.csv", rows.encode()),
                "map_file": SimpleUploadedFile("card.yaml", MAP.encode()),
                "dry_run": "on",
                "once_key": KEY,
            },
        )

    first, second = send(ROWS), send(ROWS)
    assert second["Location"] == first["Location"]
    assert IntakeFile.objects.filter(name="accounts.csv").count() == 1
    assert send(ROWS.replace("12.50", "99.50")).status_code == 409


def test_what_fails_is_undone_and_its_key_stays_free(
    house: House, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kept.desk import tasks

    def fail(*given: object) -> None:
        raise RuntimeError("after the change")

    client = signed_in("manager")
    client.raise_request_exception = False
    with monkeypatch.context() as broken:
        broken.setattr(tasks, "narrowing", fail)
        assert close(client, house.task).status_code == 500
    house.task.refresh_from_db()
    assert (house.task.state, closings()) == ("open", 0)
    assert close(client, house.task).status_code == 302
    assert closings() == 1


def test_no_key_no_record(house: House, signed_in: SignedIn) -> None:
    client = signed_in("manager")
    factories.make_team()
    client.post(reverse("close_task", args=[house.task.pk]), {"state": "done"})
    assert (closings(), Command.objects.count()) == (1, 0)
