"""What a night came to, as its page and its command tell it: steps, changes, what was left and why.

Everything is read from `Run.result`, but for the tasks that lost their seat since. Codes and
numbers only; words are the faces'.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count
from django.db.models.fields.json import KeyTextTransform

from kept.store.models import Run, Seal, Seat, Task
from kept.work.nights import NightView

__all__ = [
    "STEPS",
    "Change",
    "Left",
    "Step",
    "changes_of",
    "left_by",
    "seat_codes_of",
    "steps_at",
    "steps_of",
    "tasks_without_seat",
]

#: The steps of a night in the words of who reads it, by the stage that does them. A stage is what
#: resumes; `batch/nightly` says what each writes.
_STEPS_OF_STAGE: Final[Mapping[str, tuple[str, ...]]] = {
    "prepared": ("snapshot",),
    "settled": ("facts",),
    "promised": ("promises",),
    "proposed": ("propose", "permit"),
    "priced": ("price",),
    "dealt": ("deal", "write"),
    "summed": ("announce",),
}
STEPS: Final = (*(step for steps in _STEPS_OF_STAGE.values() for step in steps), "seal")
_COUNTS: Final = (
    "cases",
    "tasks",
    "dealt",
    "waiting",
    "held",
    "without_treatment",
    "refused_contacts",
    "minutes_used",
)
#: Why a case has no task, in the order in which the night comes to know it.
_WITHOUT: Final = ("nothing_proposed", "nothing_lawful", "worth_nothing", "no_capacity")
_WAITING: Final = ("no_room", "nobody", "waits_for_seat", "no_other")
_LOST: Final = ("seat_withdrawn", "seat_changed")


@dataclass(frozen=True, slots=True)
class Step:
    """`state` is done, now, waiting or ended (by a night that came to no end)."""

    code: str
    state: str


@dataclass(frozen=True, slots=True)
class Change:
    """A figure of this night and of the one before. `kind` says how it is written: count, value
    (millionths of the money), gap (thousand-millionths), price (millionths, of resource `code`),
    or refused (contacts, by the rule `code`)."""

    kind: str
    code: str
    now: int
    before: int


@dataclass(frozen=True, slots=True)
class Left:
    """Something the night did not do, how often, and (`about`) for which treatment or resource."""

    code: str
    count: int
    about: str = ""


def steps_of(night: NightView) -> tuple[Step, ...]:
    """How far a night is; `seal` is done once all chains were sealed after it began."""
    is_done = night.state == Run.State.DONE
    sealed = is_done and Seal.objects.filter(sealed_at__gte=night.now, root__isnull=False).exists()
    if is_done:
        done = [Step(code, "done") for code in STEPS[:-1]]
        return (*done, Step("seal", "done" if sealed else "waiting"))
    now = "now" if night.state == Run.State.RUNNING else "ended"
    stages = list(_STEPS_OF_STAGE)
    place = stages.index(night.stage) if night.stage in stages else 0
    found = []
    for number, (_stage, steps) in enumerate(_STEPS_OF_STAGE.items()):
        state = "done" if number < place else now if number == place else "waiting"
        found += [Step(code, state) for code in steps]
    return (*found, Step("seal", "waiting"))


def steps_at(stage: str) -> tuple[str, ...]:
    """The steps that a stage does; a stage of another run has none."""
    return _STEPS_OF_STAGE.get(stage, ())


# --- since the last night -------------------------------------------------------------------------


def changes_of(result: Mapping[str, Any]) -> tuple[Change, ...]:
    """Every figure that both nights have and that is not the same, and the certificate always."""
    before = result.get("before") or {}
    found = [
        Change("count", name, result[name], before[name])
        for name in _COUNTS
        if name in before and name in result
    ]
    found += _of_price(result.get("price") or {}, before.get("price") or {})
    found += _of_refused(result.get("refused") or {}, before)
    always = ("value", "gap")
    return tuple(each for each in found if each.now != each.before or each.kind in always)


def _of_price(now: Mapping[str, Any], before: Mapping[str, Any]) -> list[Change]:
    """Value, bound, gap, and the price of each resource that both nights had."""
    if "value" not in now or "value" not in before or now["currency"] != before["currency"]:
        return []
    prices = {row["resource"]: row["price"] for row in before["resources"]}
    return [
        Change("value", "value", now["value"], before["value"]),
        Change("value", "bound", now["bound"], before["bound"]),
        Change("gap", "gap", now["gap_parts"], before["gap_parts"]),
        *(
            Change("price", row["resource"], row["price"], prices[row["resource"]])
            for row in now["resources"]
            if row["resource"] in prices
        ),
    ]


def _of_refused(now: Mapping[str, int], before: Mapping[str, Any]) -> list[Change]:
    if "refused" not in before:
        return []
    old = before["refused"]
    return [
        Change("refused", rule, now.get(rule, 0), old.get(rule, 0)) for rule in sorted({*now, *old})
    ]


# --- what was left --------------------------------------------------------------------------------


def left_by(result: Mapping[str, Any]) -> tuple[Left, ...]:
    """Cases without a task and tasks without a seat by their reason; then what lay behind them."""
    price = result.get("price") or {}
    found = [Left(code, int(result[code])) for code in _without(result) if result.get(code)]
    waiting = result.get("dealing")
    if isinstance(waiting, Mapping):
        found += [Left(code, int(waiting[code])) for code in _WAITING if waiting.get(code)]
    found += [Left("no_seat", count, code) for code, count in price.get("no_seat", {}).items()]
    found += [
        Left("zero_capacity", int(row["capacity"]), row["resource"])
        for row in price.get("resources", ())
        if not row["capacity"]
    ]
    found += [
        Left("without_rate", count, code) for code, count in result.get("without_rate", {}).items()
    ]
    return tuple(found)


def _without(result: Mapping[str, Any]) -> Sequence[str]:
    """A night from before the two were told apart has them as one."""
    return _WITHOUT if "nothing_lawful" in result else ("without_option", *_WITHOUT[2:])


def tasks_without_seat(run_id: int) -> tuple[Left, ...]:
    """Tasks of the night that lost their seat since, as one removed in mid-shift, and wait now."""
    rows = Task.objects.filter(run_id=run_id, state=Task.State.OPEN, seat__isnull=True)
    counted = rows.annotate(why=KeyTextTransform("dealing", "reason")).filter(why__in=_LOST)
    found = dict(counted.values_list("why").annotate(Count("pk")).order_by())
    return tuple(Left(code, found[code]) for code in _LOST if code in found)


def seat_codes_of(rows: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    """The codes of the seats in fairness figures."""
    ids = {seat_id for row in rows for seat_id in row["seat_ids"]}
    return dict(Seat.objects.filter(pk__in=ids).values_list("pk", "code"))
