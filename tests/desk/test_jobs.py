"""The page of jobs: who sees which, why one failed, and running it again."""

from __future__ import annotations

import json

import pytest
from django.db import connection, transaction
from django.urls import reverse

from kept.core.intents import Ending, Outcome
from kept.store.jobs import note_failure
from kept.store.models import Event, Intent, Run
from kept.work.intents import claim_intents, finish_intents, write_intent
from tests.desk.conftest import House, SignedIn
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def make_job(task: str, state: str, **args: object) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('q', %s, %s)"
            " RETURNING id",
            [task, json.dumps(args)],
        )
        job_id = int(cursor.fetchone()[0])
        for step in {"todo": [], "doing": ["doing"], "failed": ["doing", "failed"]}[state]:
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = %s::procrastinate_job_status WHERE id = %s",
                [step, job_id],
            )
    return job_id


def state_of(job_id: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text FROM procrastinate_jobs WHERE id = %s", [job_id])
        return str(cursor.fetchone()[0])


def test_what_runs_is_shown_with_its_progress(house: House, signed_in: SignedIn) -> None:
    make_job("intake.work_off_file", "doing", intake_file_id=house.file.pk)
    Run.objects.filter(pk=house.file.run_id).update(
        stage="applied", done_units=1200, total_units=5000
    )
    make_job("nightly.run", "todo", creditor_id=house.creditor.pk, on="2026-11-22")
    page = signed_in("manager").get(reverse("jobs")).content.decode()
    for text in ("take in a file", "applying", "1,200", "5,000", "run the night", "2026-11-22"):
        assert text in page
    assert "No job has failed." in page


def test_what_failed_says_why_and_no_more(house: House, signed_in: SignedIn) -> None:
    night = {"creditor_id": house.creditor.pk, "on": "2026-11-22"}
    for code, detail in (
        ("refused", {"sentence": "OWN has had the night of 2026-11-22 already."}),
        ("fault", {"kind": "KeyError"}),
        ("ended_by_force", {"times": 12}),
    ):
        note_failure(make_job("nightly.run", "failed", **night), code, detail)
    page = signed_in("manager").get(reverse("jobs")).content.decode()
    assert "OWN has had the night of 2026-11-22 already." in page
    assert "A fault of kept (KeyError); the log tells more." in page
    assert "ended by force 12 times" in page


def test_not_yours_is_not_there(house: House, signed_in: SignedIn) -> None:
    other = make_job("nightly.run", "failed", creditor_id=house.other.pk, on="2026-11-22")
    of_house = make_job("house.forget_old", "failed", on="2026-11-22")
    client = signed_in("manager")
    page = client.get(reverse("jobs")).content.decode()
    assert "Other Bank" not in page
    assert "No job has failed." in page
    for job_id in (other, of_house, 999_999):
        assert client.post(reverse("run_job_again", args=[job_id])).status_code == 404
    assert (state_of(other), state_of(of_house)) == ("failed", "failed")
    assert signed_in("collector").get(reverse("jobs")).status_code == 404
    page = signed_in("administrator").get(reverse("jobs")).content.decode()
    assert "Other Bank" in page
    assert "forget what is old" in page


def test_one_click_runs_it_again_once(house: House, signed_in: SignedIn) -> None:
    job_id = make_job("intake.work_off_file", "failed", intake_file_id=house.file.pk)
    client = signed_in("manager")
    for _ in range(2):
        response = client.post(
            reverse("run_job_again", args=[job_id]), {"once_key": "a-key-of-the-form-of-a-page"}
        )
        assert response["Location"] == reverse("jobs")
    assert state_of(job_id) == "todo"
    assert Event.objects.filter(action="job.run_again").count() == 1
    page = client.post(reverse("run_job_again", args=[job_id]), follow=True).content.decode()
    assert "not failed any more" in page


def test_a_job_whose_code_is_gone_is_said_to_be(house: House, signed_in: SignedIn) -> None:
    job_id = make_job("old.task_of_another_version", "failed")
    client = signed_in("administrator")
    page = client.get(reverse("jobs")).content.decode()
    assert "old.task of another version" in page
    assert "The code of this job is gone" in page
    assert reverse("run_job_again", args=[job_id]) not in page
    client.post(reverse("run_job_again", args=[job_id]))
    assert state_of(job_id) == "failed"


def test_an_effect_given_up_is_carried_out_again(house: House, signed_in: SignedIn) -> None:
    with transaction.atomic():
        intent_id = write_intent(
            kind="intake.acknowledge",
            key="k",
            subject=f"intake_file:{house.file.pk}",
            creditor_id=house.creditor.pk,
            now=NOW,
        )
    claimed = claim_intents(kinds=["intake.acknowledge"], now=NOW, limit=1)
    finish_intents([(claimed[0], Outcome(Ending.FAILED, "outbox_not_writable"))], now=NOW)
    client = signed_in("manager")
    page = client.get(reverse("jobs")).content.decode()
    assert "the outbox cannot be written to" in page
    assert signed_in("stranger").post(
        reverse("carry_out_again", args=[intent_id])
    ).status_code == 404  # fmt: skip
    client.post(reverse("carry_out_again", args=[intent_id]))
    assert Intent.objects.get().state == "intended"
