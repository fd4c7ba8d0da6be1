"""Tasks: the worklist as it is now, and closing one."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import Field

from kept.api.calls import Call, IdempotencyKey, write_once
from kept.api.pages import Cursor, Id, Limit, PageOf
from kept.store.worklists import TaskFilters
from kept.work.tasks import do_close_task
from kept.work.worklists import list_tasks

__all__ = ["router"]

router = Router(tags=["tasks"])


class TaskOut(Schema):
    task_id: int
    case_id: int
    creditor_code: str
    treatment: str
    stage: str
    channel: str
    state: str
    priority: int
    due_at: datetime
    lawful_from: datetime | None
    dpd: int
    bucket: int
    balance_minor: int
    overdue_minor: int
    currency: str
    seat_code: str
    holds: list[str]


class TasksOut(PageOf):
    rows: list[TaskOut] = Field(serialization_alias="tasks")


class ClosingIn(Schema):
    state: Literal["done", "cancelled"]
    reason: str = Field("", max_length=500)


class ClosedOut(Schema):
    task_id: int
    state: str


@router.get(
    "",
    response=TasksOut,
    by_alias=True,
    summary="List tasks, the most urgent first",
    operation_id="list_tasks",
)
def tasks(
    request: Call,
    cursor: Cursor = "",
    limit: Limit = 50,
    state: Literal["open", "done", "cancelled", "expired"] = "open",
) -> Any:
    return list_tasks(
        request.actor,
        TaskFilters(state=state),
        cursor,
        now=request.now,
        on=request.now.date(),
        limit=limit,
    )


@router.post(
    "/{task_id}/close", response=ClosedOut, summary="Close a task", operation_id="close_task"
)
def close_task(
    request: Call, response: HttpResponse, task_id: Id, given: ClosingIn, key: IdempotencyKey
) -> Any:
    def change() -> dict[str, Any]:
        task = do_close_task(
            actor=request.actor, task_id=task_id, now=request.now, **given.model_dump()
        )
        return {"task_id": task.pk, "state": str(task.state)}

    asked = {"task_id": task_id, **given.model_dump()}
    return write_once(request, response, key, "task.close", asked, change)
