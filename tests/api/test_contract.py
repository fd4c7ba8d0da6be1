"""Whatever is sent, the interface answers as its schema says, and never with a fault of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.conftest import Program
from tests.desk.conftest import House

SENSIBLE = {
    "kind": ["payment", "charge"],
    "component": ["principal", "fee", "nothing"],
    "effects": ["contact", "treatment"],
    "reason": ["disputed", "complaint", "because"],
    "effective_on": ["2026-11-20", "0001-01-01", "9999-12-31", "2026-02-30"],
    "as_of": ["2026-11-20", "0001-01-01", "9999-12-31"],
    "state": ["open", "done", "cancelled", "all"],
    "Idempotency-Key": ["0f8fad5b-d9cb-469f-a165-70867728950e", "k" * 16],
}
HOSTILE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False),
    st.text(max_size=20),
    st.sampled_from(["", "\0", "'; DROP TABLE cases; --", "2026-11-20", "𝔘" * 40, "-1", "1e99"]),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
)


def values_of(name: str, part: dict[str, Any], schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Mostly what the schema asks for, now and then anything."""
    return st.one_of(_fitting(name, part, schema), _fitting(name, part, schema), HOSTILE)


def _fitting(name: str, part: dict[str, Any], schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    if "$ref" in part:
        return bodies_of(schema["components"]["schemas"][part["$ref"].rsplit("/", 1)[-1]], schema)
    if part.get("type") == "array":
        return st.lists(_fitting(name, part["items"], schema), min_size=1, max_size=2)
    if name in SENSIBLE:
        return st.sampled_from(SENSIBLE[name])
    if part.get("type") == "integer":
        return st.sampled_from([1, 2, 3, 4, 2**63 - 1])
    return st.text(max_size=20)


def bodies_of(model: dict[str, Any], schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    fields = {name: values_of(name, part, schema) for name, part in model["properties"].items()}
    needed = {name: fields[name] for name in model.get("required", ())}
    rest = {name: each for name, each in fields.items() if name not in needed}
    return st.fixed_dictionaries(needed, optional=rest)


@st.composite
def calls(draw: st.DrawFn, schema: dict[str, Any]) -> tuple[str, str, dict[str, str], Any]:
    path = draw(st.sampled_from(sorted(schema["paths"])))
    method, operation = draw(st.sampled_from(sorted(schema["paths"][path].items())))
    query, key = [], "a key that is long enough".replace(" ", "-") + str(draw(st.integers(0, 9)))
    for each in operation.get("parameters", ()):
        value = draw(values_of(each["name"], each["schema"], schema))
        text = quote(value if isinstance(value, str) else json.dumps(value), safe="")
        if each["in"] == "path":
            path = path.replace(f"{{{each['name']}}}", text or "0")
        elif each["in"] == "query":
            query.append(f"{each['name']}={text}")
    body = None
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        model = content["application/json"]["schema"]["$ref"].rsplit("/", 1)[-1]
        body = draw(bodies_of(schema["components"]["schemas"][model], schema) | HOSTILE)
    return method, f"{path}?{'&'.join(query)}", {"Idempotency-Key": key}, body


@pytest.mark.django_db
@pytest.mark.breaks_invariants  # what is posted is anything that the ledger takes
def test_any_call_is_answered_as_the_schema_says(
    house: House, program: Callable[[str], Program]
) -> None:
    from django.test import Client

    from kept.api.urls import openapi

    schema = openapi()
    token = program("administrator").token
    seen: set[int] = set()

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(calls(schema))
    def call(each: tuple[str, str, dict[str, str], Any]) -> None:
        method, path, headers, body = each
        client = Client(raise_request_exception=False)
        headers = {**headers, "Authorization": f"Bearer {token}"}
        response = client.generic(
            method.upper(), path, json.dumps(body), "application/json", headers=headers
        )
        seen.add(response.status_code)
        assert response.status_code < 500, (path, body, response.content)
        assert response.status_code not in (301, 302)
        if response.status_code >= 400 and response.status_code != 405:
            assert response["Content-Type"] == "application/problem+json"
            assert {"type", "status", "code", "detail"} <= set(response.json())
        elif response.status_code < 300:
            response.json()

    call()
    assert {200, 422} <= seen
