"""Judging test vectors: the result and the checked details against what a vector expects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from kept.core.calendar import date_of_day, local_date, local_day
from kept.core.law.grounds import Judged, judge_situation, numbers_for
from kept.core.law.lawbook import LawBook
from kept.core.law.rules import Effect, LawPack
from kept.core.law.situations import Situation
from kept.core.law.vector_fields import VECTOR_FIELDS
from kept.core.law.vector_reading import VectorError, Zones, situation_of

__all__ = ["CHECKED", "Failure", "VectorError", "check_vector", "details_of"]

CHECKED: Final = (
    *("presumption", "count_including_attempt", "count_effective_today", "limit", "excluded_by"),
    *("rebuttal_factor", "not_applicable", "validation_end", "base_date"),
    "validation_end_if_5_business_day_assumption",
)
_REBUTTALS: Final = {
    "reg_x_1024_39a_loss_mitigation": "required_by_law",
    "court_ordered_communication": "active_litigation",
    "litigation_settlement_negotiation": "active_litigation",
    "requested_information_without_consent": "consumer_requested_information",
    "complete_dropped_conversation": "dropped_call",
    "creditor_late_fee_grace_ends_tomorrow": "time_critical_not_in_collector_control",
}
_COUNT, _COOLDOWN = "US.F.14b.count", "US.F.14b.cooldown"
_EXPECTED: Final = {
    Effect.DENY: "deny",
    Effect.REQUIRE: "require",
    Effect.HOLD: "presumption",
    Effect.WARN: "allow",
    Effect.ALLOW: "allow",
}
_NOTHING: Final = object()


@dataclass(frozen=True, slots=True)
class Failure:
    """A vector that did not come out: `got` and the deciding rule, `-` where none fired."""

    vector_id: str
    expected: str
    got: str
    rule_id: str
    differences: tuple[tuple[str, Any, Any], ...] = ()

    def __str__(self) -> str:
        told = "".join(
            f"  detail.{key} {expected!r} {got!r}" for key, expected, got in self.differences
        )
        head = f"{self.vector_id}  expected {self.expected}  got {self.got}  rule {self.rule_id}"
        return head + told


def check_vector(
    vector: Mapping[str, Any],
    packs: Mapping[str, LawPack],
    zones: Zones,
    holidays: Mapping[str, frozenset[date]],
) -> Failure | None:
    """None when the vector comes out; `holidays` are the federal ones of the United States."""
    name, expected = str(vector.get("id", "?")), str(vector.get("expect"))
    try:
        judged, situation = _judge(vector, packs, zones)
    except VectorError as error:
        return Failure(name, expected, f"error ({error})", "-")
    got = _EXPECTED[judged.verdict.outcome]
    deciding = judged.verdict.deciding
    details = details_of(judged, situation, holidays)
    differences = tuple(_differences(vector.get("detail") or {}, details, judged))
    if got == expected and not differences:
        return None
    return Failure(name, expected, got, deciding.rule.id if deciding else "-", differences)


def _judge(
    vector: Mapping[str, Any], packs: Mapping[str, LawPack], zones: Zones
) -> tuple[Judged, Situation]:
    for key in vector:
        if key not in VECTOR_FIELDS:
            raise VectorError(f"the vector has the unknown field {key!r}")
    jurisdiction = vector.get("jurisdiction")
    if jurisdiction not in packs:
        raise VectorError(f"no pack for the jurisdiction {jurisdiction!r}")
    book = LawBook((packs[str(jurisdiction)],), drafts=True)
    situation = situation_of(vector.get("facts"), zones, book, vector.get("tags") or ())
    return judge_situation(book, situation), situation


def _differences(
    wanted: Mapping[str, Any], details: Mapping[str, Any], judged: Judged
) -> Iterable[tuple[str, Any, Any]]:
    for key in CHECKED:
        if key in wanted and details.get(key, _NOTHING) != wanted[key]:
            yield key, wanted[key], details.get(key)
    required = {label for each in judged.verdict.fired for label in each.part.requires}
    missing = [label for label in wanted.get("require", ()) if label not in required]
    if missing:
        yield "require", wanted["require"], sorted(required)


# --- details --------------------------------------------------------------------------------------


def details_of(
    judged: Judged, situation: Situation, holidays: Mapping[str, frozenset[date]]
) -> dict[str, Any]:
    """What a vector may check beside the result, by its key."""
    not_applicable = _not_applicable(judged)
    if not_applicable is not None:
        return {"not_applicable": not_applicable}
    return {
        **_presumption(judged, situation),
        **_chinese_counts(judged),
        **_validation(judged, situation, holidays.get("US", frozenset())),
    }


def _not_applicable(judged: Judged) -> str | None:
    return judged.book.not_applicable(judged.grounds.facts)


def _presumption(judged: Judged, situation: Situation) -> dict[str, Any]:
    """The presumption of 12 CFR 1006.14(b), the count, and what lies outside it."""
    if _COUNT not in judged.counts:
        return {}
    fired = {each.rule.id for each in judged.verdict.fired}
    violation = bool(fired & {_COUNT, _COOLDOWN})
    found: dict[str, Any] = {"presumption": "violation" if violation else "compliance"}
    excluded = _excluded_by(judged, situation)
    if excluded is not None:
        found["excluded_by"] = excluded
    found["count_including_attempt"] = judged.counts[_COUNT].in_window + 1
    found["rebuttal_factor"] = (
        _REBUTTALS.get(situation.attempt.purpose or "") if violation else None
    )
    return found


def _excluded_by(judged: Judged, situation: Situation) -> str | None:
    facts, minute = judged.grounds.facts, situation.attempt.minute
    if facts["permitted_recipient"]:
        return "1006.14(b)(3)(iii)"
    days = facts["consent_calls_days"]
    today = judged.grounds.place
    on_day = not days or (today is not None and local_day(minute, today) in days)
    if facts["consent_calls_from"] < minute < facts["consent_calls_until"] and on_day:
        return "prior_consent"
    return None


def _chinese_counts(judged: Judged) -> dict[str, Any]:
    found: dict[str, Any] = {}
    effective = judged.counts.get("CN.GB.voice_daily")
    if effective is not None:
        found["count_effective_today"] = effective.in_window
    deciding = judged.verdict.deciding
    if deciding is not None and deciding.part.key in judged.counts:
        found["limit"] = deciding.part.most
    return found


def _validation(judged: Judged, situation: Situation, holidays: frozenset[date]) -> dict[str, Any]:
    numbers = numbers_for(judged.book, situation)
    known, place = situation.known, situation.place
    found: dict[str, Any] = {}
    if known.assumed_receipt_day is not None:
        found["validation_end"] = date_of_day(
            known.assumed_receipt_day + numbers["dispute_days"]
        ).isoformat()
    sent = _notices(situation)
    if sent and place is not None:
        base = local_date(max(sent), place)
        found["base_date"] = base.isoformat()
        assumed = _after_business_days(base, numbers["receipt_business_days"], holidays)
        end = assumed + timedelta(days=numbers["dispute_days"])
        found["validation_end_if_5_business_day_assumption"] = end.isoformat()
    return found


def _notices(situation: Situation) -> list[int]:
    """When notices that count were sent: each that did not come back, the attempt's own too."""
    sent = [each.minute for each in situation.history if each.outcome == "mailed_validation_notice"]
    returned = [each.minute for each in situation.history if each.outcome == "undeliverable"]
    standing = [minute for minute in sent if not any(back >= minute for back in returned)]
    if situation.attempt.purpose == "subsequent_validation_notice":
        standing.append(situation.attempt.minute)
    return standing or sent


def _after_business_days(day: date, count: int, holidays: frozenset[date]) -> date:
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5 and day not in holidays
    return day
