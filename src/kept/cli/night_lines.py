"""Lines of `kept nightly` on what changed since the last night, what was left, and fairness."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

__all__ = ["change_lines", "fairness_lines", "left_lines", "stage_words"]


def stage_words(stage: str) -> str:
    """The steps that a stage of the night does, in the words of who waits for it."""
    words = {
        "prepared": _("Snapshot"),
        "settled": _("Facts"),
        "promised": _("Promises"),
        "snapshot": _("Snapshot in Parquet"),
        "proposed": _("Propose and permit"),
        "priced": _("Price"),
        "trying": _("Days tried"),
        "dealt": _("Deal and write"),
        "summed": _("Announce"),
    }
    return words.get(stage, stage)


def change_lines(result: Mapping[str, Any]) -> Iterator[str]:
    """Value, gap, prices and refusals by rule beside those of the night before."""
    from kept.work.night_reports import changes_of
    from kept.work.rule_names import rule_name

    code = (result.get("price") or {}).get("currency", "")
    names = {
        "tasks": _("tasks"),
        "dealt": _("dealt to seats"),
        "waiting": _("waiting for room"),
        "value": _("value of the plan"),
        "bound": _("no plan could be worth more than"),
        "gap": _("gap"),
        "without_treatment": _("cases without a step"),
        "refused_contacts": _("contacts never lawful"),
    }
    told = [each for each in changes_of(result) if each.kind != "count" or each.code in names]
    if told:
        yield _("Since the night of %(day)s:") % {"day": result["before"]["business_date"]}
    for each in told:
        name = names.get(each.code, each.code)
        if each.kind == "price":
            name = _("price of %(resource)s") % {"resource": each.code}
        elif each.kind == "refused":
            name = _("refused: %(rule)s") % {"rule": rule_name(each.code)}
        before, now = (_said(each.kind, number, code) for number in (each.before, each.now))
        yield f"  {name}: {before} → {now}"


def _said(kind: str, number: int, code: str) -> str:
    if kind in ("value", "price"):
        cents = number // 10_000
        return f"{cents // 100:,}.{cents % 100:02d} {code}"
    if kind == "gap":
        return f"{number // 10_000_000}.{number // 1_000 % 10_000:04d} %"
    return f"{number:,}"


def left_lines(result: Mapping[str, Any]) -> Iterator[str]:
    """What had no capacity at all, and skills with more work than their seats have minutes."""
    from kept.work.night_reports import left_by
    from kept.work.strategy_room import shortages_in

    for each in left_by(result):
        if each.code == "zero_capacity":
            told = _("The capacity of %(resource)s is 0: nothing of it was planned.")
            yield told % {"resource": each.about}
        elif each.code == "nothing_lawful":
            told = _("%(n)s cases have proposals of which none is lawful at any time.")
            yield told % {"n": f"{each.count:,}"}
        elif each.code == "waits_for_seat":
            told = _("%(n)s tasks wait for a seat that is back soon.")
            yield told % {"n": f"{each.count:,}"}
    for short in shortages_in((result.get("price") or {}).get("skills", ())):
        told = _(
            "Skill %(skill)s would get %(minutes)s minutes of work (%(cases)s cases); its seats"
            " have %(room)s."
        )
        yield (
            told
            % {
                "skill": short.skill,
                "minutes": f"{short.minutes:,}",
                "cases": f"{short.cases:,}",
                "room": f"{short.room:,}",
            }
        )


def fairness_lines(result: Mapping[str, Any]) -> Iterator[str]:
    """Spread and Gini between like seats, in thousandths, with a bar for the spread of tasks."""
    from kept.work.night_reports import seat_codes_of

    rows = result.get("fairness") or ()
    if rows:
        yield _("Fairness between like seats, in thousandths (0 is even): spread, Gini")
    codes = seat_codes_of(rows)
    for row in rows:
        seats = [codes.get(seat_id, f"#{seat_id}") for seat_id in row["seat_ids"]]
        named = ", ".join(seats[:4]) + ("…" if len(seats) > 4 else "")
        told = _("  %(seats)s: tasks %(tasks)s %(bar)s, amounts %(amount)s, values %(value)s")
        parts = {
            name: f"{row[name]['spread']}, {row[name]['gini']}"
            for name in ("tasks", "amount", "value")
        }
        bar = "▏" + "█" * min(20, row["tasks"]["spread"] // 50)
        yield told % {"seats": named, "bar": bar, **parts}
