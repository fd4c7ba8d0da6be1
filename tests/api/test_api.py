"""The interface: its answers, how it refuses, and that a repeated call is done once."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from kept.store.models import Account, ApprovalPolicy, Entry, Event, Hold, IntakeFile, Task
from tests import factories
from tests.api.conftest import Program
from tests.desk.conftest import House, SignedIn, signed_in  # noqa: F401
from tests.desk.test_hand_in import MAP, ROWS

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def free(house: House) -> None:
    """Entries need no second person here; that they may is tested once below."""
    factories.make_free("manual_payment", "reversal", "charge")


Programs = Callable[[str], Program]
KEY = "0f8fad5b-d9cb-469f-a165-70867728950e"
PAYMENT = {
    "kind": "payment",
    "lines": [{"component": "principal", "amount_minor": 500}],
    "effective_on": "2026-11-20",
    "reference": "P-1",
}


def problem_of(response: Any, status: int, code: str) -> dict[str, Any]:
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = json.loads(response.content)
    assert (response.status_code, body["status"], body["code"]) == (status, status, code)
    assert body["detail"]
    return body


def account_of(house: House) -> int:
    return Entry.objects.values_list("account_id", flat=True).first() or 0


def test_without_a_key_nobody_is_answered(house: House, signed_in: SignedIn) -> None:  # noqa: F811
    for response in (
        Client().get("/api/v1/cases"),
        Program("kept_nobody_of_that_name").get("/cases"),
        signed_in("administrator").get("/api/v1/cases"),
    ):
        problem_of(response, 401, "not_signed_in")
        assert response["WWW-Authenticate"] == "Bearer"


def test_lists_are_read_to_their_end_by_cursor(house: House, program: Programs) -> None:
    caller = program("administrator")
    seen, cursor = [], ""
    while True:
        page = caller.get("/cases", limit=1, cursor=cursor).json()
        seen += [case["case_id"] for case in page["cases"]]
        cursor = page["next_cursor"] or ""
        if not cursor:
            break
    assert seen == sorted([house.case.pk, house.other_case.pk])
    assert caller.get("/cases", creditor="OTHER").json()["cases"][0]["creditor_code"] == "OTHER"
    assert caller.get("/cases", state="closed").json()["cases"] == []


def test_what_is_not_yours_is_not_there(house: House, program: Programs) -> None:
    caller = program("manager")
    assert caller.get(f"/cases/{house.case.pk}").json()["creditor_code"] == "OWN"
    for path in (f"/cases/{house.other_case.pk}", "/cases/999999", "/cases/999999/timeline"):
        problem_of(caller.get(path), 404, "not_there")
    body = {"state": "done"}
    problem_of(caller.post(f"/tasks/{house.other_task.pk}/close", body), 404, "not_there")
    house.other_task.refresh_from_db()
    assert house.other_task.state == "open"


def test_numbers_and_addresses_are_masked(house: House, program: Programs) -> None:
    text = program("manager").get(f"/cases/{house.case.pk}").content.decode()
    assert "contact_points" in text
    for secret in ("13800138000", "11010519491231002X"):
        assert secret not in text


def test_reading_what_exists(house: House, program: Programs) -> None:
    caller = program("administrator")
    account = account_of(house)
    position = caller.get(f"/accounts/{account}/position", as_of="2026-11-22").json()
    assert (position["balance_minor"], position["dpd"]) == (102_345, 40)
    entries = caller.get(f"/accounts/{account}/entries").json()["postings"]
    assert {each["amount_minor"] for each in entries} == {100_000, 2_345}
    holds = caller.get(f"/debtors/{house.case.debtor_id}/holds").json()["holds"]
    assert [each["hold_id"] for each in holds] == [Hold.objects.get().pk]
    tasks = caller.get("/tasks").json()["tasks"]
    assert {each["task_id"] for each in tasks} == {house.task.pk, house.other_task.pk}
    assert caller.get(f"/nights/{house.night.pk}").json()["result"]["cases"] == 12
    nights = caller.get("/nights").json()["nights"]
    assert house.night.pk in {each["run_id"] for each in nights}
    assert caller.get(f"/intake-files/{house.file.pk}").json()["sha256"]
    timeline = caller.get(f"/cases/{house.case.pk}/timeline", limit=1).json()
    assert len(timeline["entries"]) == 1


def test_a_clock_set_back_hides_no_entry(house: House, program: Programs) -> None:
    caller, account = program("administrator"), Account.objects.get(pk=account_of(house))
    path, now = f"/accounts/{account.pk}/position", timezone.now()
    later = now + timedelta(minutes=50)
    factories.make_entry(account, {"principal": 1_000}, recorded_at=later, kind="charge")
    assert caller.get(path, as_of="2026-11-22").json()["balance_minor"] == 103_345
    known = caller.get(path, as_of="2026-11-22", known_at=now.isoformat()).json()
    assert known["balance_minor"] == 102_345


def test_a_repeated_call_is_done_once_and_answered_again(house: House, program: Programs) -> None:
    caller = program("administrator")
    path = f"/accounts/{account_of(house)}/entries"
    first, second = caller.post(path, PAYMENT, KEY), caller.post(path, PAYMENT, KEY)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json() == {"entry_id": Entry.objects.latest("id").pk}
    assert [each.headers.get("Idempotency-Replayed") for each in (first, second)] == [None, "true"]
    assert Entry.objects.filter(reference="P-1").count() == 1


def test_a_replayed_call_with_another_body_or_address_is_refused(
    house: House, program: Programs
) -> None:
    caller = program("administrator")
    path = f"/accounts/{account_of(house)}/entries"
    entry_id = caller.post(path, PAYMENT, KEY).json()["entry_id"]
    for other_path, body in (
        (path, {**PAYMENT, "reference": "P-2"}),
        (f"/entries/{entry_id}/reverse", {"effective_on": "2026-11-20", "reason": "wrong"}),
    ):
        refused = problem_of(caller.post(other_path, body, KEY), 422, "idempotency_key_reused")
        assert "Use a new key" in refused["detail"]
    assert Entry.objects.count() == 2


def test_a_refused_call_can_come_again_with_its_key(house: House, program: Programs) -> None:
    caller = program("administrator")
    path = f"/accounts/{account_of(house)}/entries"
    wrong = {**PAYMENT, "lines": [{"component": "postage", "amount_minor": 1}]}
    refused = problem_of(caller.post(path, wrong, KEY), 422, "refused")
    assert "has no component postage" in refused["detail"]
    assert caller.post(path, PAYMENT, KEY).status_code == 201


@pytest.mark.parametrize("key", [None, "short", "with spaces in the key"])
def test_a_write_needs_a_key(house: House, program: Programs, key: str | None) -> None:
    response = program("administrator").post(
        f"/tasks/{house.task.pk}/close", {"state": "done"}, key
    )
    found = problem_of(response, 422, "input_unfit")
    assert [each["field"] for each in found["errors"]] == ["Idempotency-Key"]
    house.task.refresh_from_db()
    assert house.task.state == "open"


def test_every_write_of_a_house(house: House, program: Programs) -> None:
    caller = program("administrator")
    hold = {"debtor_id": house.case.debtor_id, "reason": "disputed", "effects": ["contact"]}
    hold_id = caller.post("/holds", hold).json()["hold_id"]
    problem_of(caller.post("/holds", hold), 422, "refused")
    released = caller.post(f"/holds/{hold_id}/release", {"reason": "settled"})
    assert released.json() == {"hold_id": hold_id}
    closed = caller.post(f"/tasks/{house.task.pk}/close", {"state": "done"})
    assert closed.json() == {"task_id": house.task.pk, "state": "done"}
    entry_id = caller.post(f"/accounts/{account_of(house)}/entries", PAYMENT).json()["entry_id"]
    reversal = {"effective_on": "2026-11-21", "reason": "bounced"}
    assert caller.post(f"/entries/{entry_id}/reverse", reversal).status_code == 201
    actions = Event.objects.values_list("action", flat=True)
    assert {"hold.place", "hold.release", "task.close", "ledger.payment"} <= set(actions)


def test_roles_hold_here_too(house: House, program: Programs) -> None:
    response = program("reader").post(f"/accounts/{account_of(house)}/entries", PAYMENT)
    problem_of(response, 403, "not_allowed")
    assert not Entry.objects.filter(reference="P-1").exists()


def test_what_needs_a_second_person_is_said_to(house: House, program: Programs) -> None:
    ApprovalPolicy.objects.all().delete()
    response = program("administrator").post(f"/accounts/{account_of(house)}/entries", PAYMENT)
    problem_of(response, 422, "needs_approval")
    assert not Entry.objects.filter(reference="P-1").exists()


def test_a_file_is_handed_in_once(house: House, program: Programs) -> None:
    caller = program("manager")

    def hand_in(key: str, rows: str = ROWS, creditor: str = "OWN") -> Any:
        given = {
            "creditor": creditor,
            "file_id": "F-1",
            "file": SimpleUploadedFile("accounts.csv", rows.encode()),
            "map_file": SimpleUploadedFile("card.yaml", MAP.encode()),
        }
        headers = {"Authorization": f"Bearer {caller.token}", "Idempotency-Key": key}
        return Client().post("/api/v1/intake-files", given, headers=headers)

    first, again = hand_in(KEY), hand_in(KEY)
    assert (first.status_code, again.status_code) == (202, 202), first.content
    assert first.json() == again.json()
    other_key = hand_in("another key of another call".replace(" ", "-"))
    assert other_key.json() == {**first.json(), "is_new": False}
    problem_of(hand_in(KEY, ROWS + "A2,1.00,李四\n"), 422, "idempotency_key_reused")
    problem_of(
        hand_in("a third key of a third call".replace(" ", "-"), creditor="X"), 404, "not_there"
    )
    assert IntakeFile.objects.filter(file_id="F-1").count() == 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("{", 400, "malformed"),
        ("[]", 422, "input_unfit"),
        ({"state": "open"}, 422, "input_unfit"),
        ({"state": "done", "reason": "x" * 501}, 422, "input_unfit"),
        ({"state": "cancelled", "reason": " "}, 422, "refused"),
        ({"state": "cancelled", "reason": "a\0b"}, 422, "input_unfit"),
    ],
)
def test_wrong_input_changes_nothing(
    house: House, program: Programs, body: object, status: int, code: str
) -> None:
    problem_of(program("manager").post(f"/tasks/{house.task.pk}/close", body), status, code)
    house.task.refresh_from_db()
    assert house.task.state == "open"


def test_unknown_addresses_are_problems_too(house: House, program: Programs) -> None:
    problem_of(program("manager").get("/nothing"), 404, "no_such_address")
    problem_of(program("manager").get("/cases/99999999999999999999"), 422, "input_unfit")
    assert Client().delete("/api/v1/cases").status_code == 405


def test_schema_and_page_are_for_people(house: House, signed_in: SignedIn) -> None:  # noqa: F811
    assert Client().get("/api/").status_code == 302
    assert Client().get("/api/v1/openapi.json").status_code == 302
    client = signed_in("manager")
    page = client.get("/api/").content.decode()
    assert "POST /api/v1/accounts/{account_id}/entries" in page
    schema = client.get("/api/v1/openapi.json").json()
    operations = [each for methods in schema["paths"].values() for each in methods.values()]
    assert all(each["security"] for each in operations)
    assert len({each["operationId"] for each in operations}) == len(operations)


@pytest.mark.django_db(transaction=True)
def test_of_four_calls_at_once_one_is_done(house: House, program: Programs) -> None:
    caller = program("administrator")
    path = f"/accounts/{account_of(house)}/entries"
    found: list[Any] = []

    def call() -> None:
        found.append(caller.post(path, PAYMENT, KEY))
        connection.close()

    threads = [threading.Thread(target=call) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert [each.status_code for each in found] == [201] * 4
    assert len({each.json()["entry_id"] for each in found}) == 1
    assert sorted(each.headers.get("Idempotency-Replayed", "") for each in found) == [
        "", "true", "true", "true",
    ]  # fmt: skip
    assert Entry.objects.filter(reference="P-1").count() == 1
    assert Task.objects.count() == 2
