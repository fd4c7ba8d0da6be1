"""The file for a regulator: checked by the program of docs/audit.md and by jq, without kept."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kept.batch.seals import make_seal, seal_path
from kept.core.actors import Role, job
from kept.core.events import ChainKind
from kept.store.events import append_event
from kept.store.models import Case, Event, PersonKey
from kept.store.person_keys import KeyOwner
from kept.work.actors import actor_of
from kept.work.audit import do_export_case
from kept.work.refusals import NotAllowed, NotThere
from tests import factories as make

pytestmark = pytest.mark.django_db

PAGE = Path(__file__).parents[2] / "docs" / "audit.md"
NAME = "欧阳钟馗"


@pytest.fixture
def case(settings: Any, tmp_path: Path) -> Case:
    """A case with three events and its debtor with one, sealed among eleven other chains."""
    settings.KEPT_HOME = tmp_path
    make.make_partitions()
    found = make.make_case(make.make_debtor(make.make_creditor(), name=NAME))
    for number in range(11):
        tell(ChainKind.HOUSE if number == 5 else ChainKind.DEBTOR, number + 500_000, {})
    tell(ChainKind.CASE, found.pk, {})
    tell(ChainKind.CASE, found.pk, {"note": f"{NAME}\nmoved"}, KeyOwner(found.debtor_id))
    tell(ChainKind.DEBTOR, found.debtor_id + 1_000_000, {})
    tell(ChainKind.DEBTOR, found.debtor_id, {})
    make_seal(actor=job("night"), now=make.NOW)
    tell(ChainKind.CASE, found.pk, {})  # after the seal
    return found


def tell(kind: ChainKind, number: int, personal: Any, owner: KeyOwner | None = None) -> None:
    append_event(
        actor=job("测试 test"),
        action="case.change",
        subject=f"case:{number}",
        body={"名": "值", "n": number},
        now=make.NOW,
        chain=kind,
        chain_id=0 if kind is ChainKind.HOUSE else number,
        batch_id=7 if personal else None,
        personal=personal,
        personal_of=owner,
    )


def export(case: Case, **given: Any) -> str:
    auditor = actor_of(make.make_user(roles={Role.AUDITOR: None}), now=make.NOW)
    return do_export_case(**{"actor": auditor, "case_id": case.pk, "now": make.NOW, **given})


def check(folder: Path, text: str, *seal: Path) -> subprocess.CompletedProcess[str]:
    """Run the program that the page prints, with nothing of kept in reach."""
    (program,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (folder / "check.py").write_text(program, encoding="utf-8")
    (folder / "export.json").write_text(text, encoding="utf-8")
    command = [sys.executable, "-I", "-S", "check.py", "export.json", *map(str, seal)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_an_export_is_checked_without_kept(case: Case, tmp_path: Path) -> None:
    ran = check(tmp_path, export(case), seal_path(1))
    assert ran.stderr == ""
    assert ran.stdout.splitlines() == [
        f"case {case.pk}: 3 events are whole, sealed up to 2",
        f"debtor {case.debtor_id}: 1 events are whole, sealed up to 1",
    ]


def test_the_chain_tells_of_the_export(case: Case) -> None:
    export(case, with_personal_values=True)
    last = Event.objects.filter(chain_kind="case", chain_id=case.pk).latest("sequence")
    assert (last.action, json.loads(last.body)) == (
        "case.export",
        {"personal_values": True, "seal": 1},
    )


def body(events: Any) -> None:
    events[0]["body"] = events[0]["body"].replace("值", "直")


CHANGES: dict[str, Callable[[Any], object]] = {
    "does not follow": lambda events: events.pop(0),
    "was altered": body,
    "follow the one before": lambda events: events.reverse(),
    "sealed event is missing": lambda events: [events.pop(), events.pop()],
}


@pytest.mark.parametrize("said", CHANGES)
def test_a_changed_export_is_found(case: Case, tmp_path: Path, said: str) -> None:
    content = json.loads(export(case))
    CHANGES[said](content["chains"][0]["events"])
    ran = check(tmp_path, json.dumps(content))
    assert ran.returncode == 1
    assert said in ran.stderr


def test_every_field_of_every_event_counts(case: Case, tmp_path: Path) -> None:
    text = export(case)
    content = json.loads(text)
    fields = set(content["chains"][0]["events"][1]) - {"recorded_at"}
    assert len(fields) == 11
    for field in sorted(fields):
        changed = json.loads(text)
        event = changed["chains"][0]["events"][1]
        event[field] = event[field] + 1 if isinstance(event[field], int) else f"{event[field]}0"
        assert check(tmp_path, json.dumps(changed)).returncode == 1, field


def test_a_proof_of_another_chain_or_another_seal_is_found(case: Case, tmp_path: Path) -> None:
    content = json.loads(export(case))
    content["chains"][0]["proof"]["siblings"][0] = "00" * 32
    assert "not the one that was sealed" in check(tmp_path, json.dumps(content)).stderr
    make_seal(actor=job("night"), now=make.NOW)
    again = export(case)
    assert check(tmp_path, again, seal_path(2)).returncode == 0
    assert "kept outside" in check(tmp_path, again, seal_path(1)).stderr


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not here")
def test_one_event_is_checked_with_jq_and_sha256sum(case: Case, tmp_path: Path) -> None:
    text = export(case)
    (tmp_path / "export.json").write_text(text, encoding="utf-8")
    (script,) = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    ran = subprocess.run(
        ["/bin/sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert ran.stdout.split()[0] == json.loads(text)["chains"][0]["events"][1]["hash"]


def test_personal_values_are_opened_only_when_asked_for(case: Case) -> None:
    assert NAME not in export(case)
    opened = json.loads(export(case, with_personal_values=True))["personal_values"]
    assert [each["values"] for each in opened] == [{"note": f"{NAME}\nmoved"}]
    PersonKey.objects.update(wrapped=None, destroyed_at=make.NOW)
    gone = json.loads(export(case, with_personal_values=True))["personal_values"]
    assert [each["values"] for each in gone] == ["erased"]


def test_before_the_first_seal_an_export_says_so(case: Case, tmp_path: Path) -> None:
    later = make.make_case(make.make_debtor(make.make_creditor()))
    make.make_event(later)
    ran = check(tmp_path, export(later))
    assert "no seal holds the chain yet" in ran.stdout


def test_only_who_may_and_only_what_they_see(case: Case) -> None:
    for role in set(Role) - {Role.AUDITOR, Role.COMPLIANCE_OFFICER}:
        with pytest.raises(NotAllowed):
            export(case, actor=actor_of(make.make_user(roles={role: None}), now=make.NOW))
    elsewhere = make.make_user(roles={Role.AUDITOR: [make.make_creditor()]})
    with pytest.raises(NotThere):
        export(case, actor=actor_of(elsewhere, now=make.NOW))
