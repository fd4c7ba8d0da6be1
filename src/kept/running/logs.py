"""One line of JSON for each thing that happened, without personal data by construction.

What may appear is decided here, not where something is logged: the template of a message, numbers,
and the named fields of `FIELDS` where their value is a plain word (a code, a path's name, a date).
Every other text argument is left out, and of an exception its class and the places it passed, never
its message, which may quote a debtor's name. Lines of other libraries go through the same sieve.
"""

from __future__ import annotations

import json
import logging
import re
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final

__all__ = ["FIELDS", "LEFT_OUT", "REQUEST_ID", "JsonLines", "logging_settings"]

#: The id of the request or job that this thread works for, or nothing.
REQUEST_ID: ContextVar[str] = ContextVar("kept_request_id", default="")

LEFT_OUT: Final = "…"
LARGEST: Final = 10**10
#: What a line may say beside its message: numbers as they are, texts where they are plain words.
FIELDS: Final = frozenset(
    {
        "action",
        "attempt",
        "backup",
        "business_date",
        "bytes",
        "case_id",
        "creditor_id",
        "duration_ms",
        "intake_file_id",
        "job_id",
        "job_name",
        "kind",
        "method",
        "outcome",
        "queue",
        "route",
        "rows",
        "run_id",
        "stage",
        "state",
        "status",
        "status_code",
        "user_id",
    }
)
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.:<>/-]{0,79}\Z|\d{4}-\d{2}-\d{2}\Z")
_FRAMES = 12


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object; anything that is not surely harmless is left out."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
        }
        if request_id := REQUEST_ID.get():
            line["request_id"] = request_id
        for name in sorted(FIELDS & record.__dict__.keys()):
            line[name] = _harmless(record.__dict__[name])
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = _errors(record.exc_info[1])
            line["where"] = _places(record.exc_info[2])
        return json.dumps(line, ensure_ascii=False)


def _message(record: logging.LogRecord) -> str:
    """The template with its numbers filled in; a template that is no text is left out."""
    if not isinstance(record.msg, str):
        return LEFT_OUT
    if not record.args:
        # Made by its caller, with whatever was filled in: the programs' own words only.
        return record.msg if record.name.startswith("kept") else _ascii_words(record.msg)
    try:
        return record.msg % _sieved(record.args)
    except (TypeError, ValueError, KeyError):
        return record.msg


def _sieved(args: Any) -> Any:
    if isinstance(args, dict):
        return {key: _harmless(value) for key, value in args.items()}
    return tuple(_harmless(value) for value in args)


def _harmless(value: object) -> Any:
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):  # a longer one may be a number that belongs to somebody
        return value if abs(value) < LARGEST else LEFT_OUT
    if isinstance(value, str) and _PLAIN.match(value):
        return value
    return LEFT_OUT


def _ascii_words(text: str) -> str:
    """A finished text of another library, its digits and everything quoted or foreign left out."""
    text = re.sub(r"'[^']*'|\"[^\"]*\"|\([^)]*\)", LEFT_OUT, text.splitlines()[0] if text else "")
    return re.sub(r"[^\x20-\x7e…]+|\S*\d{3,}\S*", LEFT_OUT, text)


def _errors(error: BaseException | None) -> list[str]:
    """The class of an exception and of what caused it, newest first."""
    names: list[str] = []
    while error is not None and len(names) < _FRAMES:
        names.append(f"{type(error).__module__}.{type(error).__qualname__}")
        error = error.__cause__ or error.__context__
    return names


def _places(trace: TracebackType | None) -> list[str]:
    """The last places that the exception passed, as file:line function."""
    frames = traceback.extract_tb(trace)[-_FRAMES:]
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]


def _short(filename: str) -> str:
    """The path from its package on: where an installation lies is nobody's business."""
    parts = Path(filename).parts
    for mark in ("site-packages", "src"):
        if mark in parts:
            return "/".join(parts[parts.index(mark) + 1 :])
    return "/".join(parts[-2:])


def logging_settings(level: str) -> dict[str, Any]:
    """The configuration for `logging.config.dictConfig`: everything to standard error."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "kept.running.logs.JsonLines"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "kept": {"level": level},
            "django": {"handlers": [], "propagate": True},
            # One line a request is written by kept itself, by the name of the page.
            "django.request": {"level": "ERROR"},
            "django.server": {"handlers": [], "propagate": False},
            "gunicorn.error": {"handlers": [], "propagate": True, "level": "WARNING"},
            "gunicorn.access": {"handlers": [], "propagate": False},
        },
    }
