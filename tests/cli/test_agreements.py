"""Waivers and plans by commands alone; each wrong step says what to do."""

from __future__ import annotations

import subprocess

import pytest

from kept.core.actors import Role
from kept.store.models import Waiver
from tests import factories, forking
from tests.work.waiver_case import House, make_house

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def house() -> House:
    return make_house()


def test_it_is_asked_for_approved_and_posted(
    house: House, child_environment: dict[str, str]
) -> None:
    def kept(*words: object) -> subprocess.CompletedProcess[str]:
        return forking.run(["-m", "kept.cli", *map(str, words)], child_environment)

    creditors = [house.creditor]
    factories.make_user("li", roles={Role.TEAM_LEAD: creditors, Role.MANAGER: creditors})
    factories.make_user("wang", roles={Role.MANAGER: creditors})
    ask = ("waiver", "ask", house.case.pk, "--kind", "plain", "--reason", "goodwill", "--as", "li")

    wrong = kept(*ask, "--waive", "fee")
    assert (wrong.returncode, "write it as fee=20.00" in wrong.stderr) == (2, True)
    beyond = kept(*ask, "--waive", "fee=80.01")
    assert (beyond.returncode, "at most 80.00 CNY" in beyond.stderr) == (2, True)
    none = kept("waiver", "ask", 999_999, *ask[3:], "--waive", "fee=1.00")
    assert (none.returncode, "no such case" in none.stderr) == (2, True)
    assert not Waiver.objects.exists()

    asked = kept(*ask, "--waive", "penalty=50.00")
    row = Waiver.objects.get()
    assert asked.stdout.startswith(f"Waiver {row.pk} of 50.00 CNY: asked for.\n"), asked.stderr
    assert f"kept approval decide {row.approval_id} --yes" in asked.stdout
    assert f"{row.approval_id}  waiver" in kept("approval", "list", "--as", "wang").stdout
    shown = kept("approval", "show", row.approval_id, "--as", "wang").stdout
    assert "50.00 CNY" in shown

    decide = ("approval", "decide", row.approval_id)
    assert "--yes or --no" in kept(*decide, "--as", "wang").stderr
    own = kept(*decide, "--yes", "--as", "li")
    assert (own.returncode, "yourself" in own.stderr) == (2, True)
    assert kept(*decide, "--yes", "--as", "wang").stdout == "Approved, and carried out.\n"
    row.refresh_from_db()
    assert row.state == "posted"
    late = kept("waiver", "withdraw", row.pk, "--as", "li")
    assert (late.returncode, "cannot be withdrawn" in late.stderr) == (2, True)


@pytest.mark.parametrize(
    "words",
    [
        ("accept", 999),
        ("end", 999, "--reason", "cancelled"),
        ("re-age", 999),
        ("holiday", 999, "--from", "2026-12-10", "--months", 1),
        ("restructure", 999, "--number", 3, "--first", "2026-12-10"),
    ],
    ids=lambda words: words[0],
)
def test_a_plan_that_is_not_there_is_told_in_a_sentence(
    child_environment: dict[str, str], words: tuple[object, ...]
) -> None:
    factories.make_user("li", roles={Role.MANAGER: [factories.make_creditor()]})
    command = ["-m", "kept.cli", "plan", *map(str, words), "--as", "li"]
    refused = forking.run(command, child_environment)
    assert (refused.returncode, refused.stderr.startswith("kept: ")) == (2, True), refused.stderr
