"""A change under a key is made once: again, with other input, at the same time, after a refusal."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction

from kept.store.models import Command, Team
from kept.work import once as module
from kept.work.once import KEPT_FOR, Done, KeyReused, StillWorking, forget_commands, once
from kept.work.refusals import Refusal
from tests.factories import NOW

pytestmark = pytest.mark.django_db

KEY = "0f8fad5b-d9cb-469f-a165-70867728950e"


def make_team(code: str = "T1") -> dict[str, object]:
    return {"team_id": Team.objects.create(code=code, name="Team").pk}


def call(
    change: Callable[[], dict[str, object] | None] = make_team,
    *,
    key: str = KEY,
    scope: str = "person:1",
    use_case: str = "team.save",
    **given: object,
) -> Done:
    return once(scope=scope, key=key, use_case=use_case, given=given, now=NOW, change=change)


def test_the_same_call_gets_the_first_answer() -> None:
    first = call(code="T1")
    again = call(code="T1")
    assert (first.is_repeat, again.is_repeat) == (False, True)
    assert again.answer == first.answer == {"team_id": Team.objects.get().pk}


@pytest.mark.parametrize(
    "other", [{"code": "T2"}, {"code": "T1", "use_case": "team.drop"}, {"code": None}]
)
def test_the_same_key_with_other_input_is_refused(other: dict[str, object]) -> None:
    call(code="T1")
    with pytest.raises(KeyReused, match="used before with other input"):
        call(**other)  # type: ignore[arg-type]
    assert Team.objects.count() == 1


def test_keys_of_two_scopes_never_meet() -> None:
    call(code="T1")
    assert call(lambda: make_team("T2"), scope="person:2", code="T2").is_repeat is False


def test_a_refusal_leaves_the_key_free() -> None:
    def refuse() -> dict[str, object]:
        make_team()
        raise Refusal("not today")

    with pytest.raises(Refusal, match="not today"):
        call(refuse, code="T1")
    assert (Team.objects.count(), Command.objects.count()) == (0, 0)
    assert call(code="T2").is_repeat is False


def test_what_did_nothing_leaves_the_key_free() -> None:
    assert call(lambda: None, code="T1") == Done({}, is_repeat=False)
    assert call(code="T2").is_repeat is False


def test_neither_key_nor_input_nor_answer_can_be_read_in_the_table() -> None:
    call(lambda: {"note": "王小明"}, name="王小明", phone="13800138000")
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(c)::text FROM commands c")
        row = cursor.fetchone()[0]
    for secret in (KEY, "王小明", "13800138000"):
        assert secret not in row
        assert secret.encode().hex() not in row
    assert call(name="王小明", phone="13800138000").answer == {"note": "王小明"}


@pytest.mark.parametrize("key", ["", "short", "a" * 300, "spaces are not in keys, are they?"])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    with pytest.raises(Refusal, match="An idempotency key has 16 to 200"):
        call(key=key)


def test_old_keys_are_forgotten() -> None:
    call(code="T1")
    assert forget_commands(now=NOW + KEPT_FOR) == 0
    assert forget_commands(now=NOW + KEPT_FOR + timedelta(seconds=1)) == 1
    assert not Command.objects.exists()


# --- at the same time -----------------------------------------------------------------------------


class Other(threading.Thread):
    """A call of its own connection."""

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__()
        self._work, self.found = work, None
        self.start()

    def run(self) -> None:
        try:
            self.found = self._work()  # type: ignore[assignment]
        except Refusal as refusal:
            self.found = refusal  # type: ignore[assignment]
        finally:
            connection.close()


@pytest.mark.django_db(transaction=True)
def test_of_eight_at_once_one_changes_and_all_get_its_answer() -> None:
    others = [Other(lambda: call(code="T1")) for _ in range(8)]
    for each in others:
        each.join()
    found = [each.found for each in others]
    assert Team.objects.count() == 1
    assert sorted(each.is_repeat for each in found) == [False] + [True] * 7  # type: ignore[attr-defined]
    assert {each.answer["team_id"] for each in found} == {Team.objects.get().pk}  # type: ignore[attr-defined]


@pytest.mark.django_db(transaction=True)
def test_the_second_goes_on_when_the_first_is_taken_back() -> None:
    with transaction.atomic():
        call(code="T1")
        other = Other(lambda: call(code="T1"))
        wait_until_blocked()
        transaction.set_rollback(True)
    other.join()
    assert other.found == Done({"team_id": Team.objects.get().pk}, is_repeat=False)


@pytest.mark.django_db(transaction=True)
def test_who_waits_too_long_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_WAIT_SECONDS", 1)
    with transaction.atomic():
        call(code="T1")
        other = Other(lambda: call(code="T1"))
        other.join()
    assert isinstance(other.found, StillWorking)
    assert Team.objects.count() == 1


def wait_until_blocked() -> None:
    blocked = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"
    with connection.cursor() as cursor:
        for _ in range(100_000):
            cursor.execute(blocked)
            if cursor.fetchone()[0]:
                return
    raise AssertionError("nobody waits")
