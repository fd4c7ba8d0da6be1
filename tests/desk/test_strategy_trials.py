"""Trying a version from a page: asked for as a job, told how far, shown beside the one in force."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from kept.batch.strategy_trials import work_strategy_trial
from kept.store.models import Run
from tests import factories
from tests.desk.conftest import House, SignedIn

SIDE = {
    "label": "default:1",
    "treatments": {"call": 3},
    "by_skill": [["2026-11-22", "call", 3, 15]],
    "tasks": 3,
    "minutes": 15,
    "cost": 300_000,
    "value": 12_345_678,
    "bound": 12_400_000,
    "gap_parts": 4_000_000,
    "resources": [],
    "refused": {"CN.CBA.hours": 2},
    "without_option": 1,
    "no_seat": {"visit": 7},
}
RESULT: dict[str, Any] = {
    "currency": "CNY",
    "values": "priors:1",
    "cases": 9,
    "changed": 4,
    "days": 1,
    "tried": {**SIDE, "tasks": 5, "treatments": {"call": 5}},
    "in_force": SIDE,
    "moves": [["", "call", 2], ["visit", "call", 2], ["call", "call", 3]],
    "by_day": [],
}


def made_run(house: House, state: str, **given: Any) -> Run:
    return factories.make_run(
        kind="strategy_trial",
        creditor=house.creditor,
        state=state,
        business_date=factories.TODAY,
        parameters={"strategy": "default:1", "days": 2},
        **given,
    )


def jobs() -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, args FROM procrastinate_jobs ORDER BY id")
        return [
            {"task": task, **(json.loads(args) if isinstance(args, str) else args)}
            for task, args in cursor.fetchall()
        ]


def test_a_trial_is_asked_for_and_put_into_the_queue(house: House, signed_in: SignedIn) -> None:
    manager = signed_in("manager")
    url = reverse("start_trial", args=["default:1"])
    page = manager.post(url, {"creditor": str(house.creditor.pk), "days": "3", "on": ""})
    run = Run.objects.get(kind="strategy_trial")
    assert page["location"] == reverse("strategy_trial", args=[run.pk])
    assert (run.state, run.parameters) == ("waiting", {"strategy": "default:1", "days": 3})
    assert [job["task"] for job in jobs()] == ["strategy.try"]
    assert jobs()[0]["run_id"] == run.pk
    shown = manager.get(page["location"]).content.decode()
    assert "The worker takes it up in a moment." in shown
    listed = manager.get(reverse("try_strategy", args=["default:1"])).content.decode()
    assert reverse("strategy_trial", args=[run.pk]) in listed


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"days": "91"}, "Give 1 to 90 days."),
        ({"days": "x"}, "Give 1 to 90 days."),
        ({"days": "1", "on": "2999-01-01"}, "is not there yet"),
        ({"days": "1", "on": "1999-01-01"}, "At most three years back."),
        ({"days": "1", "on": "soon"}, "is no day"),
    ],
)
def test_what_cannot_be_tried_is_said(
    given: dict[str, str], told: str, house: House, signed_in: SignedIn
) -> None:
    url = reverse("start_trial", args=["default:1"])
    data = {"creditor": str(house.creditor.pk), **given}
    assert told in signed_in("manager").post(url, data, follow=True).content.decode()
    assert not Run.objects.filter(kind="strategy_trial").exists()


def test_a_trial_is_seen_by_who_sees_the_book(house: House, signed_in: SignedIn) -> None:
    run = made_run(house, "done", result=RESULT)
    url = reverse("strategy_trial", args=[run.pk])
    seen = {
        name: signed_in(name).get(url).status_code for name in ("manager", "stranger", "nobody")
    }
    assert seen == {"manager": 200, "stranger": 404, "nobody": 404}
    start = reverse("start_trial", args=["default:1"])
    data = {"creditor": str(house.creditor.pk), "days": "1"}
    assert signed_in("stranger").post(start, data).status_code == 404


def test_both_strategies_stand_side_by_side(house: House, signed_in: SignedIn) -> None:
    run = made_run(house, "done", result=RESULT)
    page = signed_in("manager").get(reverse("strategy_trial", args=[run.pk])).content.decode()
    for text in ("default:1", "9 cases; 4 would get something else", "¥12.34", "+2"):
        assert text in page
    assert "nothing → Call" in page
    assert "Field visit → Call" in page
    assert "No seat has skill and time for Field visit: 7 cases go without." in page


def test_progress_is_told_until_it_ends(house: House, signed_in: SignedIn) -> None:
    run = made_run(house, "running", done_units=1, total_units=2)
    headers = {"HX-Request": "true", "HX-Target": "trial"}
    url = reverse("strategy_trial", args=[run.pk])
    page = signed_in("manager").get(url, headers=headers).content.decode()
    assert 'max="2"' in page
    assert "hx-get" in page
    assert "<html" not in page
    Run.objects.filter(pk=run.pk).update(state="failed")
    page = signed_in("manager").get(url, headers=headers).content.decode()
    assert "hx-get" not in page


def stored_tables() -> list[str]:
    """Without those of this connection alone, which an earlier test may have left."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        return [name for (name,) in cursor.fetchall()]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("months")
def test_the_job_tries_and_keeps_the_figures() -> None:
    from tests.desk.conftest import make_house

    house = make_house()
    today = timezone.now().date()
    run = made_run(house, "waiting")
    before = stored_tables()
    work_strategy_trial.func(
        type("Context", (), {"job": type("Job", (), {"id": 1})})(),
        run_id=run.pk,
        creditor_id=house.creditor.pk,
        on=(today - timedelta(days=1)).isoformat(),
    )
    run.refresh_from_db()
    assert run.state == "done"
    assert (run.done_units, run.total_units) == (2, 2)
    result = run.result
    assert result["tried"] == result["in_force"] | {"label": result["tried"]["label"]}
    assert result["changed"] == 0
    assert [len(result["by_day"]), result["days"]] == [2, 2]
    assert stored_tables() == before
