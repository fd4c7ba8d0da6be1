"""`kept seat`: who works, when, with which skills: list, add, block, absences, withdraw.

What each does is done by the use cases, in the name of the console.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from kept.cli.language import translate as _
from kept.cli.shell import Refused, open_shell
from kept.core.actors import job

if TYPE_CHECKING:
    from kept.store.models import Seat

__all__ = ["seat"]

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def seat() -> None:
    """Seats: list and add them, when they work, block and withdraw them."""


@seat.command("list")
@click.option("--on", "on", type=_DAY, help="As it is on this day. [default: today]")
def list_all(on: datetime | None) -> None:
    """Every seat in work with its minutes of the day, cases and open tasks."""
    shell = open_shell()
    from kept.work.seat_times import list_seats

    found = list_seats(actor=job("console"), on=(on or shell.now).date())
    told = _(
        "%(code)s  %(kind)s  %(team)s  %(skills)s  grade %(grade)s  %(minutes)s minutes  "
        "%(cases)s cases  %(tasks)s tasks  %(off)s"
    )
    for each in found:
        parts = {
            "code": each.seat.code,
            "kind": each.seat.get_kind_display(),
            "team": each.seat.team.code,
        }
        parts |= {"skills": ",".join(each.seat.skills), "grade": str(each.seat.grade)}
        parts |= {"minutes": str(each.today.minutes), "cases": str(each.cases)}
        off = each.today.off.value if each.today.off else ""
        click.echo((told % {**parts, "tasks": each.tasks, "off": off}).rstrip())
    if not found:
        click.echo(_("There is no seat yet."))


@seat.command()
@click.argument("code")
@click.option("--team", required=True, help="The team's code.")
@click.option("--skill", "skills", multiple=True, required=True, help="May be repeated.")
@click.option("--language", "languages", multiple=True, help="May be repeated; none: any.")
@click.option("--creditor", "creditors", multiple=True, help="May be repeated; none: all of them.")
@click.option("--kind", type=click.Choice(["person", "agency", "automatic"]), default="person")
@click.option("--agency", help="The code of the company, for a seat of an outside agency.")
@click.option("--grade", default=1, help="The highest grade of case it may take.")
@click.option("--minutes", default=420, help="Minutes a day, at most.")
@click.option("--shifts", default="", help="Such as '1-5 09:00-18:00'; Monday is 1.")
@click.option("--calendar", default="", help="The country whose holidays it keeps.")
@click.option("--caseload", type=int, help="The most open cases it holds.")
def add(
    code: str,
    team: str,
    skills: tuple[str, ...],
    languages: tuple[str, ...],
    creditors: tuple[str, ...],
    kind: str,
    agency: str | None,
    grade: int,
    minutes: int,
    shifts: str,
    calendar: str,
    caseload: int | None,
) -> None:
    """Add the seat CODE."""
    shell = open_shell()
    from kept.core.shift_texts import parse_shifts
    from kept.store.models import Creditor, LegalEntity, Team
    from kept.work.seats import SeatTerms, do_save_seat

    hours = parse_shifts(shifts)
    if hours is None:
        raise Refused(_("Write shifts as 1-5 09:00-12:00, 1-5 13:00-18:00 (Monday is 1)."))
    rows = tuple((each.weekday, each.first_minute, each.end_minute) for each in hours)
    company = LegalEntity.objects.filter(code=agency).first() if agency else None
    terms = SeatTerms(kind, company.pk if company else None, grade, rows, calendar, caseload)
    found_team = Team.objects.filter(code=team).first()
    found = list(Creditor.objects.filter(code__in=creditors).values_list("pk", flat=True))
    if found_team is None or len(found) < len(set(creditors)):
        raise Refused(_("There is no such team or creditor."))
    team_id = found_team.pk
    _do(
        lambda: do_save_seat(
            actor=job("console"),
            code=code,
            team_id=team_id,
            skills=skills,
            languages=languages,
            creditor_ids=found,
            minutes_per_day=minutes,
            terms=terms,
            now=shell.now,
        )
    )
    click.echo(_("The seat %(code)s is there.") % {"code": code})


@seat.command()
@click.argument("code")
@click.argument("reason", type=click.Choice(["training", "complaint", "leave", "other"]))
@click.option("--until", type=_DAY, help="The last day. [default: until it is unblocked]")
def block(code: str, reason: str, until: datetime | None) -> None:
    """Deal nothing to the seat CODE, for REASON."""
    shell = open_shell()
    from kept.work.seat_times import do_block_seat

    found = _seat(code)
    last = until.date() if until else None
    ask = {"actor": job("console"), "seat_id": found.pk, "reason": reason, "now": shell.now}
    _do(lambda: do_block_seat(until=last, **ask))  # type: ignore[arg-type]
    click.echo(_("The seat %(code)s is blocked.") % {"code": code})


@seat.command()
@click.argument("code")
def unblock(code: str) -> None:
    """Deal to the seat CODE again."""
    shell = open_shell()
    from kept.work.seat_times import do_unblock_seat

    found = _seat(code)
    _do(lambda: do_unblock_seat(actor=job("console"), seat_id=found.pk, now=shell.now))
    click.echo(_("The seat %(code)s works again.") % {"code": code})


@seat.command()
@click.argument("code")
@click.argument("first", type=_DAY)
@click.argument("last", type=_DAY)
@click.option("--reason", required=True, help="Why.")
def absent(code: str, first: datetime, last: datetime, reason: str) -> None:
    """The seat CODE does not work from FIRST to LAST, both included."""
    shell = open_shell()
    from kept.work.seat_times import do_place_absence

    found, days = _seat(code), _days(first, last)
    _do(
        lambda: do_place_absence(
            actor=job("console"),
            seat_id=found.pk,
            first_on=days[0],
            last_on=days[1],
            reason=reason,
            now=shell.now,
        )
    )
    told = _("The seat %(code)s is absent from %(first)s to %(last)s.")
    click.echo(told % {"code": code, "first": days[0], "last": days[1]})


@seat.command()
@click.argument("code")
def withdraw(code: str) -> None:
    """Take the seat CODE out of work; its open tasks are dealt to others at once."""
    shell = open_shell()
    from kept.batch.dealing import do_withdraw_seat
    from kept.work.refusals import Refusal

    found = _seat(code)
    try:
        result = do_withdraw_seat(actor=job("console"), seat_id=found.pk, now=shell.now)
    except Refusal as refusal:
        raise Refused(refusal.message) from refusal
    dealt = sum(each["moves"] - each["to_pile"] for each in result["dealt"].values())
    told = _("The seat %(code)s is withdrawn: %(tasks)s tasks, %(dealt)s dealt to others.")
    click.echo(told % {"code": code, "tasks": result["tasks"], "dealt": dealt})


def _seat(code: str) -> Seat:
    from kept.store.models import Seat

    found = Seat.objects.filter(code=code).first()
    if found is None:
        raise Refused(_("There is no seat %(code)s.") % {"code": code})
    return found


def _days(first: datetime, last: datetime) -> tuple[date, date]:
    return first.date(), last.date()


def _do(change: Callable[[], object]) -> None:
    from kept.work.refusals import Refusal

    try:
        change()
    except Refusal as refusal:
        raise Refused(refusal.message) from refusal
