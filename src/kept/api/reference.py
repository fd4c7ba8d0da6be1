"""The schema of the interface as rows for its page: no script, nothing fetched from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Field", "Operation", "operations_of"]


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    place: str
    type: str
    is_required: bool
    about: str


@dataclass(frozen=True, slots=True)
class Operation:
    method: str
    path: str
    summary: str
    tag: str
    fields: tuple[Field, ...]
    answer: tuple[Field, ...]


def operations_of(schema: Mapping[str, Any]) -> tuple[Operation, ...]:
    """Every operation, in the order of the paths."""
    return tuple(
        _operation(method, path, each, schema)
        for path, methods in schema["paths"].items()
        for method, each in methods.items()
    )


def _operation(
    method: str, path: str, found: Mapping[str, Any], schema: Mapping[str, Any]
) -> Operation:
    parameters = [
        Field(
            each["name"],
            each["in"],
            _type(each["schema"], schema),
            bool(each.get("required")),
            each.get("description", "") or each["schema"].get("description", ""),
        )
        for each in found.get("parameters", ())
    ]
    body = list(_fields("body", _content(found.get("requestBody", {})), schema))
    answers = [each for code, each in found["responses"].items() if str(code).startswith("2")]
    answer = tuple(_fields("", _content(answers[0]), schema)) if answers else ()
    tag = found.get("tags", [""])[0]
    return Operation(method.upper(), path, found["summary"], tag, tuple(parameters + body), answer)


def _content(part: Mapping[str, Any]) -> Mapping[str, Any]:
    kinds = list(part.get("content", {}).values())
    schema: Mapping[str, Any] = kinds[0]["schema"] if kinds else {}
    return schema


def _fields(place: str, part: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Field]:
    whole = _resolved(part, schema)
    required = whole.get("required", ())
    for name, each in whole.get("properties", {}).items():
        about = each.get("description", "")
        yield Field(name, place, _type(each, schema), name in required, about)


def _type(part: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    if "anyOf" in part:
        return " | ".join(_type(each, schema) for each in part["anyOf"])
    if "enum" in part:
        return " | ".join(str(each) for each in part["enum"])
    if "$ref" in part:
        return str(part["$ref"]).rsplit("/", 1)[-1].removesuffix("Out").removesuffix("In")
    if part.get("type") == "array":
        return f"[{_type(part.get('items', {}), schema)}]"
    return str(part.get("format") or part.get("type") or "object")


def _resolved(part: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in part:
        return part
    found: Mapping[str, Any] = schema["components"]["schemas"][part["$ref"].rsplit("/", 1)[-1]]
    return found
