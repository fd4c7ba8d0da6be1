"""Which course a file takes, by its type."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from kept.batch.intake.course import Course
from kept.batch.intake.loading import read_any_map
from kept.batch.intake.payment_course import PaymentCourse
from kept.batch.intake.record_course import RecordCourse
from kept.core.intake import RecordsMap
from kept.store.models import IntakeFile

__all__ = ["open_course"]


@contextmanager
def open_course(file: IntakeFile) -> Iterator[Course]:
    """The file's course; its bytes are opened when a stage first reads them."""
    found = read_any_map(file.map_text)
    kind: type[Course] = RecordCourse if isinstance(found, RecordsMap) else Course
    if found.file.type == "payments":
        kind = PaymentCourse
    with ExitStack() as open_things:
        yield kind(file, found, open_things)
