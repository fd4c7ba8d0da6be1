"""The form of a follow-up on the case page, and the page of timeliness."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from kept.store.models import FollowUp, Task
from tests.desk.conftest import House, SignedIn


def write(house: House, signed_in: SignedIn, **given: str) -> Any:
    client = signed_in("collector")
    address = reverse("write_follow_up", args=[house.case.pk])
    return client.post(address, {"text": "rang, nobody there", **given}, follow=True)


def test_it_is_written_and_said(house: House, signed_in: SignedIn) -> None:
    answer = write(house, signed_in, task=str(house.task.pk))
    assert "The follow-up is written down." in answer.content.decode()
    assert "rang, nobody there" in answer.content.decode()  # in the timeline
    assert FollowUp.objects.get().task == house.task


def test_what_is_refused_stays_in_the_form(house: House, signed_in: SignedIn) -> None:
    for next_at in ("2001-01-01T10:00", "soon"):
        answer = write(house, signed_in, next_at=next_at)
        page = answer.content.decode()
        assert "rang, nobody there</textarea>" in page
        assert f'value="{next_at}"' in page
    assert not FollowUp.objects.exists()


def test_words_that_must_not_be_said_are_shown_before_they_are_kept(
    house: House, signed_in: SignedIn
) -> None:
    words = "pay today or the police will arrest you"
    answer = write(house, signed_in, text=words)
    assert "Before this is saved" in answer.content.decode()
    assert not FollowUp.objects.exists()
    write(house, signed_in, text=words, seen=words)
    assert FollowUp.objects.count() == 1


def test_late_tasks_are_counted_by_whose_they_are(house: House, signed_in: SignedIn) -> None:
    late = timezone.now() - timedelta(days=1)
    Task.objects.filter(pk=house.task.pk).update(due_at=late, escalated_at=late)
    client = signed_in("manager")
    for by in ("seat", "team", "treatment", "creditor"):
        page = client.get(reverse("timeliness"), {"by": by, "days": "30"}).content.decode()
        assert "0%" in page
    shown = client.get(reverse("worklist"), {"due": "escalated"}).content.decode()
    assert "escalated</span>" in shown
    assert signed_in("collector").get(reverse("timeliness")).status_code == 404
