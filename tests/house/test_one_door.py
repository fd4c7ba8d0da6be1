"""No other door: only the permit, and the taking in of a history, write attempts."""

from __future__ import annotations

import re
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "kept"

#: Where attempts come from: a used permit, and what others did before (`work/attempts.py`).
DOORS = {"store/sql/permits.sql", "store/sql/attempts.sql"}
WRITING = re.compile(
    r"INSERT\s+INTO\s+attempts\b|COPY\s+attempts\b|\bAttempt\.objects\.(bulk_)?create",
    re.IGNORECASE,
)
ISSUING = re.compile(r"INSERT\s+INTO\s+permits\b|\bPermit\.objects\.(bulk_)?create|\bPermit\(\w*=")


def files_with(pattern: re.Pattern[str]) -> set[str]:
    return {
        path.relative_to(SOURCE).as_posix()
        for suffix in ("*.py", "*.sql")
        for path in SOURCE.rglob(suffix)
        if "core" not in path.relative_to(SOURCE).parts[:1]
        and pattern.search(path.read_text(encoding="utf-8"))
    }


def test_attempts_are_written_by_permits_and_histories_alone() -> None:
    assert files_with(WRITING) == DOORS


def test_permits_are_issued_by_their_module_alone() -> None:
    assert files_with(ISSUING) == {"store/sql/permits.sql"}
    loading = re.compile(r'load\("permits"\)')
    assert files_with(loading) == {"work/permits.py", "work/permit_ends.py"}


def test_the_admin_cannot_add_an_attempt_or_a_permit() -> None:
    from kept.admin.site import site  # type: ignore[attr-defined]
    from kept.store.models import Attempt, Permit

    registered = set(getattr(site, "_registry", {}))
    assert not registered & {Attempt, Permit}
