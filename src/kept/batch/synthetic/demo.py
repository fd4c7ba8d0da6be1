"""The demo's way from an empty database to tonight's worklist, in stages that resume.

It goes the way of a real lender: the house is set up by its use cases, each file is received and
worked off as of its own day, the night is the ordinary one. Only the book is made up.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from kept.batch.intake.control import Control
from kept.batch.intake.receiving import FileToReceive, given_beside, receive_and_run
from kept.batch.nightly import run_nights
from kept.batch.stages import (
    Progress,
    Stage,
    only_here,
    open_run,
    run_stages,
    say_nothing,
    stage_result,
)
from kept.batch.synthetic.attempts import attempts_of
from kept.batch.synthetic.book import DAYS, LenderBook, make_books
from kept.batch.synthetic.dialects import DIALECTS
from kept.batch.synthetic.files import DeliveredFile, deliver
from kept.batch.synthetic.house import set_up_house
from kept.batch.synthetic.lenders import LENDERS, QINGHE, MadeUpCreditor
from kept.batch.synthetic.streams import Streams
from kept.core.actors import job
from kept.store.models import Account, Case, Creditor, Debtor, IntakeFile, Run, User
from kept.store.partitions import ensure_partitions
from kept.work.attempts import do_take_attempt_history

__all__ = ["Demo", "DemoCounts", "NotTheDemosBook", "count_demo", "find_demo", "make_demo"]

_KIND, _KEY = "demo", "book"
ACTOR: Final = job("demo")


class NotTheDemosBook(Exception):
    """The database holds another book; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Demo:
    """One demo: how many debtors, from which seed, and the moment that is its present.

    Each lender has its own date at that moment; its files end the day before, its night is that
    date's. A database holds one demo.
    """

    debtors: int
    seed: int
    at: datetime

    @classmethod
    def of_day(cls, debtors: int, seed: int, day: date) -> Demo:
        """At an hour at which both lenders have this date: late evening in China."""
        return cls(debtors, seed, datetime.combine(day, time(15), UTC))

    @classmethod
    def loaded(cls, saved: Mapping[str, Any]) -> Demo:
        return cls(saved["debtors"], saved["seed"], datetime.fromisoformat(saved["at"]))

    @property
    def parameters(self) -> dict[str, Any]:
        return {"debtors": self.debtors, "seed": self.seed, "at": self.at.isoformat()}

    def as_of(self, lender: MadeUpCreditor = QINGHE) -> date:
        return self.at.astimezone(ZoneInfo(lender.zone)).date()

    @property
    def set_up_at(self) -> datetime:
        """Before the first file of either lender comes."""
        earliest = min(self.as_of(lender) for lender in LENDERS) - timedelta(days=DAYS)
        return datetime.combine(earliest, time(0), UTC)

    def books(self) -> tuple[LenderBook, LenderBook]:
        days = [self.as_of(lender) - timedelta(days=1) for lender in LENDERS]
        return make_books(self.debtors, self.seed, *days)


@dataclass(frozen=True, slots=True)
class DemoCounts:
    """What a finished demo holds; `nights` is the result of each creditor's night."""

    debtors: int
    accounts: int
    open_cases: int
    files: int
    attempts: int
    nights: Mapping[str, Mapping[str, Any]]


def count_demo() -> DemoCounts:
    run = Run.objects.get(kind=_KIND, key=_KEY)
    taken = (stage_result(run, "book") or {}).values()
    return DemoCounts(
        debtors=Debtor.objects.count(),
        accounts=Account.objects.count(),
        open_cases=Case.objects.filter(closed_on__isnull=True).count(),
        files=sum(each["files"] for each in taken),
        attempts=sum(each["attempts"] for each in taken),
        nights=stage_result(run, "night") or {},
    )


def find_demo() -> tuple[Demo, bool] | None:
    """The demo that this database holds and whether it is finished; None for an empty database.

    Raises `NotTheDemosBook` when there are creditors or users of somebody else's.
    """
    run = Run.objects.filter(kind=_KIND, key=_KEY).first()
    if run is not None:
        return Demo.loaded(run.parameters), run.state == Run.State.DONE
    if Creditor.objects.exists() or User.objects.exists():
        raise NotTheDemosBook(
            gettext(
                "This database holds a book that is not the demo's, and nothing was changed. Set "
                "KEPT_HOME to another folder (and unset DATABASE_URL) to have the demo beside it."
            )
        )
    return None


def make_demo(
    demo: Demo, *, password_of: Callable[[str], str], progress: Progress = say_nothing
) -> None:
    """Make the demo, or go on where it was ended."""
    ensure_partitions(demo.set_up_at.date(), demo.at.date())
    run = open_run(
        actor=ACTOR, kind=_KIND, key=_KEY, now=demo.set_up_at, parameters=demo.parameters
    )
    with only_here(run):
        run_stages(run, _stages(demo, password_of), progress)
        Run.objects.filter(pk=run.pk).update(state=Run.State.DONE)


def _stages(demo: Demo, password_of: Callable[[str], str]) -> list[Stage]:
    def house(run: Run, progress: Progress) -> Mapping[str, Any]:
        progress("house", 0, 0, "")
        set_up_house(actor=ACTOR, debtors=demo.debtors, password_of=password_of, now=demo.set_up_at)
        return {}

    def book(run: Run, progress: Progress) -> Mapping[str, Any]:
        progress("book", 0, 0, "")
        return {each.lender.code: _take_in(demo, each, progress) for each in demo.books()}

    def night(run: Run, progress: Progress) -> Mapping[str, Any]:
        progress("night", 0, 0, "")
        return run_nights(actor=ACTOR, now=demo.at)

    return [Stage("house", house), Stage("book", book), Stage("night", night)]


def _take_in(demo: Demo, book: LenderBook, progress: Progress) -> Mapping[str, int]:
    """A lender's files, each as of its own day, and the attempts made before; all replay-safe."""
    counts = {"files": 0, "rows": 0, "rejected": 0, "attempts": 0}
    received_at = demo.set_up_at
    with tempfile.TemporaryDirectory(prefix="kept-demo-") as folder:
        for file in deliver(book, Path(folder)):
            progress(book.lender.code, file.sequence, 0, file.path.name)
            _receive(demo, book, file)
            file.path.unlink()
            received_at = min(file.received_at, demo.at)
            counts["files"] += 1
            counts["rows"] += file.rows
            counts["rejected"] += file.faulty_rows
    progress(book.lender.code, 0, 0, "attempts")
    counts["attempts"] = do_take_attempt_history(
        actor=ACTOR,
        creditor_id=Creditor.objects.get(code=book.lender.code).pk,
        key="synthetic",
        attempts=attempts_of(book, Streams(demo.seed).of(f"attempts {book.lender.code}")),
        now=received_at,
    )
    return counts


def _receive(demo: Demo, book: LenderBook, file: DeliveredFile) -> None:
    map_name = DIALECTS[book.lender.code].map_name
    with file.path.open("rb") as content:
        row = receive_and_run(
            actor=ACTOR,
            file=FileToReceive(
                creditor_code=book.lender.code,
                name=file.path.name,
                content=content,
                map_name=map_name,
                map_text=_map_text(map_name),
                given=given_beside(file.path, Control()),
            ),
            now=min(file.received_at, demo.at),
        )
    if row.state != IntakeFile.State.ACKNOWLEDGED:
        raise RuntimeError(f"{file.path.name} ended as {row.state}: {row.quarantine_code}")


def _map_text(name: str) -> str:
    folder = files("kept.batch.synthetic").joinpath("maps")
    return folder.joinpath(name).read_text(encoding="utf-8")
