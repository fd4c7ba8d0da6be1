"""Lists, page by page: by a key of the last row, never by number, so that no row is lost."""

from __future__ import annotations

from typing import Annotated

from ninja import Path, Query, Schema

__all__ = ["LIMIT_MAX", "Cursor", "Id", "Limit", "PageOf"]

LIMIT_MAX = 200
ID_MAX = 2**63 - 1

Cursor = Annotated[
    str, Query(max_length=200, description="`next_cursor` of the page before; empty for the first.")
]
Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX, description="At most so many rows.")]

Id = Annotated[int, Path(ge=1, le=ID_MAX)]


class PageOf(Schema):
    """`next_cursor` asks for the next page; null on the last one."""

    next_cursor: str | None
