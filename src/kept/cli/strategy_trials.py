"""What `kept strategy try` says: both strategies side by side, moves, tasks by skill and day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from kept.cli.language import translate as _
from kept.cli.nightly import night_progress
from kept.cli.shell import Refused, Shell

if TYPE_CHECKING:
    from kept.batch.trying import Side, Trial
    from kept.core.strategies import Strategy

__all__ = ["try_on"]

_MOVES_SHOWN = 30


def try_on(
    shell: Shell, strategy: Strategy, creditor_code: str, on: date | None, days: int
) -> None:
    """Try it on the creditor's book of the days that end with `on`; prints what it would do."""
    from kept.batch.nightly import business_date_of
    from kept.batch.trying import DAYS_MOST, replay_strategy
    from kept.core.actors import job
    from kept.store.models import Creditor

    creditor = Creditor.objects.filter(code=creditor_code).first()
    if creditor is None:
        there = ", ".join(Creditor.objects.order_by("code").values_list("code", flat=True)[:20])
        told = _("There is no creditor %(code)s; there are: %(there)s.")
        raise Refused(told % {"code": creditor_code, "there": there or "–"})
    today = business_date_of(creditor, shell.now)
    if on is not None and on > today:
        raise Refused(_("%(day)s is not there yet; try it on a day up to today.") % {"day": on})
    if not 1 <= days <= DAYS_MOST:
        raise Refused(_("Give 1 to %(most)s days.") % {"most": DAYS_MOST})
    with night_progress() as progress:
        trial = replay_strategy(
            actor=job("console"),
            creditor=creditor,
            strategy=strategy,
            on=on or today,
            days=days,
            now=shell.now,
            progress=progress,
        )
    for line in _lines(trial):
        click.echo(line)


def _lines(trial: Trial) -> Iterator[str]:
    first = trial.by_day[0].on if trial.by_day else trial.on
    yield _("%(creditor)s, %(first)s to %(last)s: tried only, nothing was written.") % {
        "creditor": trial.creditor_code,
        "first": first,
        "last": trial.on,
    }
    yield _("%(cases)s cases; %(changed)s would get something else.") % {
        "cases": _number(trial.cases),
        "changed": _number(trial.changed),
    }
    tried, usual = trial.tried, trial.in_force
    yield f"\n{'':<28}{tried.label:>20}{usual.label:>20}"
    for name, one, other in _rows(trial):
        yield f"{name:<28}{one:>20}{other:>20}"
    yield from _part(_("Treatments"), _both(tried.treatments, usual.treatments))
    yield from _part(_("Tasks by skill"), _both(_skills(tried), _skills(usual)))
    yield from _part(_("Refused by rule"), _both(_ruled(tried), _ruled(usual)))
    yield "\n" + _("Moves")
    moves = sorted(trial.moves, key=lambda move: (-move.cases, move.before, move.after))
    for move in [each for each in moves if each.before != each.after][:_MOVES_SHOWN]:
        yield f"  {move.before or _('nothing')} → {move.after or _('nothing')}: {move.cases:,}"
    for code, count in tried.no_seat.items():
        told = _("No seat has the skill for %(treatment)s: %(n)s cases go without.")
        yield told % {"treatment": code, "n": _number(count)}
    yield from shortage_lines(tried.skills)


def shortage_lines(skills: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Skills that would get more work than all their seats have minutes."""
    from kept.work.strategy_room import shortages_in

    for each in shortages_in(skills):
        told = _(
            "Skill %(skill)s would get %(minutes)s minutes of work (%(cases)s cases); its seats"
            " have %(room)s."
        )
        yield (
            told
            % {
                "skill": each.skill,
                "minutes": _number(each.minutes),
                "cases": _number(each.cases),
                "room": _number(each.room),
            }
        )


def _rows(trial: Trial) -> Iterator[tuple[str, str, str]]:
    sides = (trial.tried, trial.in_force)

    def pair(texts: Iterable[str]) -> tuple[str, str]:
        one, other = texts
        return one, other

    yield _("Tasks"), *pair(_number(each.tasks) for each in sides)
    yield _("Minutes"), *pair(_number(each.minutes) for each in sides)
    yield _("Cost"), *pair(_money(each.cost, trial.currency) for each in sides)
    yield _("Expected value"), *pair(_money(each.value, trial.currency) for each in sides)
    yield _("Could be at most"), *pair(_money(each.bound, trial.currency) for each in sides)
    yield _("Without a lawful step"), *pair(_number(each.without_option) for each in sides)
    for one, other in zip(trial.tried.resources, trial.in_force.resources, strict=False):
        if one["resource"] == other["resource"]:
            texts = (_money(each["price"], trial.currency) for each in (one, other))
            yield _("Price of %(resource)s") % {"resource": one["resource"]}, *pair(texts)


def _skills(side: Side) -> dict[str, int]:
    """Tasks by due day and skill."""
    return {f"{row.due_on} {row.skill}": row.tasks for row in side.by_skill}


def _ruled(side: Side) -> dict[str, int]:
    from kept.work.rule_names import rule_name

    return {rule_name(rule_id): count for rule_id, count in side.refused.items()}


def _both(one: Mapping[str, int], other: Mapping[str, int]) -> list[tuple[str, str, str]]:
    names = sorted(set(one) | set(other))
    return [(name, _number(one.get(name, 0)), _number(other.get(name, 0))) for name in names]


def _part(title: str, rows: list[tuple[str, str, str]]) -> Iterator[str]:
    if rows:
        yield f"\n{title}"
    for name, one, other in rows:
        yield f"  {name:<26}{one:>20}{other:>20}"


def _number(value: int) -> str:
    return f"{value:,}"


def _money(micro: int, code: str) -> str:
    """Millionths as an amount with two decimals, rounded down."""
    cents = abs(micro) // 10_000
    sign = "-" if micro < 0 and cents else ""
    return f"{sign}{cents // 100:,}.{cents % 100:02d} {code}"
