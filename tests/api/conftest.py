"""The small house of the desk's tests, and programs that call the interface with keys."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from tests.desk.conftest import House, house, months

__all__ = ["Program", "house", "months"]


@dataclass
class Program:
    """Calls with one key; `key` is the idempotency key, a fresh one unless given."""

    token: str

    def get(self, path: str, **query: object) -> Any:
        from django.test import Client

        return Client().get(f"/api/v1{path}", query, headers=self._headers())

    def post(self, path: str, body: object, key: str | None = "") -> Any:
        from django.test import Client

        headers = self._headers()
        if key is not None:
            headers["Idempotency-Key"] = key or str(uuid.uuid4())
        text = body if isinstance(body, str) else json.dumps(body)
        return Client().post(f"/api/v1{path}", text, "application/json", headers=headers)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Accept-Language": "en"}


@pytest.fixture
def program(house: House) -> Callable[[str], Program]:
    """A program with a key: of the whole house (`administrator`), of one creditor (`manager`), or
    one that only reads (`reader`)."""
    return lambda who: Program(make_token(house, who))


def make_token(house: House, who: str) -> str:
    from kept.core.actors import job
    from kept.work.api_keys import NOT_FOR_KEYS, do_make_key
    from kept.work.limits import Limits
    from kept.work.permissions import Permission
    from tests.factories import NOW, next_number

    every = [each for each in Permission if each not in NOT_FOR_KEYS]
    reading = [Permission.CASE_READ, Permission.WORKLIST_READ]
    creditor_id = house.creditor.pk if who == "manager" else None
    made = do_make_key(
        actor=job("test"),
        name=f"{who} {next_number()}",
        permissions=reading if who == "reader" else every,
        limits=Limits(creditor_id=creditor_id),
        now=NOW - timedelta(days=1),
    )
    return made.token
