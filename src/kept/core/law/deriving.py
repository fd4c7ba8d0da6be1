"""From a situation to law facts: everything a rule's condition and kind may read.

A fact that would change with time becomes a minute, a day or windows, so that the facts hold for
every minute asked about. Counts are not made here (`core.law.counting`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from kept.core.calendar import DAY_MINUTES, OffsetTable, instant_of_local, local_day
from kept.core.law.counting import consent_bounds
from kept.core.law.histories import history_facts
from kept.core.law.numbers import Numbers
from kept.core.law.situations import Circumstances, Situation
from kept.core.law.spans import day_after_years
from kept.core.law.times import BEFORE_ALL, NEVER, Window
from kept.core.law.vocabulary import CONTENT_FLAGS, VOICE

__all__ = ["facts_of", "offers_opt_out"]

# The ends by which a message is known to offer a way out, in both languages.
_OPT_OUT: Final = (
    ("reply stop", "reply with stop", "text stop", "send stop"),
    ("opt out", "opt-out", "unsubscribe", '"stop"', "“stop”", "word stop"),
    ("回复td", "回t退订", "退订", "拒收请回复"),
)

_WITHOUT_QUOTES: Final = dict.fromkeys(map(ord, "\"'“”‘’「」"))


def facts_of(situation: Situation, numbers: Numbers) -> dict[str, Any]:
    """The facts by name; None is unknown to a condition. `numbers` are the law's on that day."""
    return {
        **_attributes(situation),
        **_content(situation),
        **_stops(situation),
        **_records(situation, numbers),
        **_consents(situation, numbers),
        **_places(situation),
        **_placement(situation, numbers),
        **_moments(situation, numbers),
        **_windows(situation),
        **history_facts(situation, numbers),
    }


def offers_opt_out(text: str) -> bool:
    folded = " ".join(text.casefold().split())
    folded += " " + folded.translate(_WITHOUT_QUOTES)
    return any(phrase in folded for phrases in _OPT_OUT for phrase in phrases)


def _attributes(situation: Situation) -> dict[str, Any]:
    actor, attempt = situation.actor, situation.attempt
    types = [debt.type for debt in situation.debts if debt.id in attempt.debts] or [None]
    own_name = actor.own_name is not False
    return {
        "actor_type": actor.type,
        "own_name": own_name,
        "target_role": attempt.role,
        "channel": attempt.channel,
        "purpose": attempt.purpose,
        "address_place": attempt.place,
        "visibility": attempt.visibility,
        "planned": attempt.planned,
        "agreement_months": attempt.months,
        "visit_staff": attempt.staff,
        "region": situation.known.region,
        "call_is_recorded": attempt.is_recorded,
        "business_debt": all(each == "business" for each in types),
        # A debt of unknown kind may be one.
        "credit_card_debt": any(each in ("credit_card", None) for each in types),
        "voicemail_shared": attempt.voicemail_shared,
        "ask_learned_now": attempt.learned_during_call,
    }


def _content(situation: Situation) -> dict[str, Any]:
    attempt = situation.attempt
    found: dict[str, Any] = {
        f"content_{flag}": flag in attempt.content_flags for flag in CONTENT_FLAGS
    }
    text = attempt.content
    found["lacks_opt_out"] = text is not None and not offers_opt_out(text)
    return found


def _stops(situation: Situation) -> dict[str, Any]:
    known, attempt = situation.known, situation.attempt
    attorney = known.attorney
    on_this_debt = attorney is not None and (
        attorney.debts is None or not attorney.debts.isdisjoint(attempt.debts)
    )
    return {
        "medium_stopped": _is_stopped(attempt.channel, attempt.address, known),
        # Known, or not known whether: only a clear no is a no.
        "attorney_known": attorney is not None and on_this_debt and attorney.known is not False,
        "attorney_reachable": None
        if attorney is not None and attorney.reachable is None
        else bool(attorney and attorney.reachable),
        "attorney_unresponsive": bool(attorney and attorney.unresponsive),
        "attorney_consents": bool(attorney and attorney.consents),
        "employer_prohibits": known.employer_prohibits,
        "consumer_is_minor": known.is_minor,
        "consumer_deceased": known.deceased,
        "debtor_dead_or_incapable": known.deceased or known.incapable,
        "debtor_incapable": known.incapable,
        "vulnerable": known.vulnerable,
        "sensitive_occasion": known.sensitive_occasion,
        "prior_refusal": known.prior_refusal,
    }


def _is_stopped(channel: str | None, address: str | None, known: Circumstances) -> bool:
    stopped = known.stopped_channels | known.opted_out
    voices = VOICE if "call" in stopped else frozenset[str]()
    return channel in stopped | voices or (address in known.blocked_addresses)


def _records(situation: Situation, numbers: Numbers) -> dict[str, Any]:
    known, debts = situation.known, situation.attempt.debts
    return {
        "disputed": not known.disputed_debts.isdisjoint(debts) or known.dispute is not None,
        "time_barred": known.time_barred,
        "refuses_time_barred": known.refuses_time_barred,
        # A case of which it is unknown whether the debt is older than it counts as one.
        "bankruptcy_pending": known.bankruptcy_pending is not False,
        "debt_discharged": known.debt_discharged,
        "debt_paid": known.debt_paid,
        "debt_settled": known.debt_settled,
        "identity_theft_block": known.identity_theft_block,
        "debt_illegal": known.debt_illegal,
        "instalment_performing": known.instalment_performing is not False,
        "oral_agreement_recording": known.oral_agreement,
        "validation_period_open": _validation_open(situation, numbers),
        "validation_in_issue": known.validation_in_issue,
        "demand_exceeds_estate": known.demand_exceeds_estate,
        "debtor_unreachable": bool(known.debtor_unreachable),
        "debtor_number_invalid": known.number_invalid,
        "household_debt": known.household_debt,
        "guarantee_valid": bool(known.guarantee_valid),
        "offers_to_pay": known.offers_to_pay,
        "recorded_day": situation.attempt.recorded_day,
        "last_activity_day": situation.attempt.last_activity_day,
    }


def _validation_open(situation: Situation, numbers: Numbers) -> bool:
    known, table = situation.known, situation.place
    if known.assumed_receipt_day is None or table is None:
        return known.validation_period_open
    ends = known.assumed_receipt_day + numbers["dispute_days"]
    return known.validation_period_open or local_day(situation.attempt.minute, table) <= ends


def _consents(situation: Situation, numbers: Numbers) -> dict[str, Any]:
    known, me = situation.known, situation.actor.id
    times = known.time_consent
    given = times is not None and times.directly_to == me and not times.given_during_inconvenient
    bounds = consent_bounds(situation, numbers)
    return {
        "consent_time_given": given,
        "consent_times": times.windows if times and given else (),
        "consent_calls_given": bounds is not None,
        "consent_calls_from": bounds[0] if bounds else NEVER,
        "consent_calls_until": bounds[1] if bounds else NEVER,
        "consent_calls_days": known.call_consent.only_on if known.call_consent else frozenset(),
        "court_permission": known.court_permission,
        "agreed_time": bool(known.agreed_times),
        "agreed_frequency": known.agreed_frequency,
        "only_convenient_time": known.only_convenient_time,
        "consumer_used_address": known.used_address,
        "email_consent": known.address_consent == me,
        "location_again": known.location_again,
        "number_checked": known.number_checked,
        "prior_express_consent": known.express_consent,
        "artificial_voice": known.artificial_voice is not False,
        "autodialled": known.autodialled is not False,
        "microfinance_loan": known.microfinance,
        "recording_notice_given": situation.attempt.recording_announced,
    }


def _places(situation: Situation) -> dict[str, Any]:
    known, attempt = situation.known, situation.attempt
    is_work = attempt.place == "work" or attempt.channel == "workplace_call"
    unknown = attempt.place is None and not is_work
    here = {attempt.place, known.known_place} | ({"work"} if is_work else set())
    return {
        "place_inconvenient": not known.inconvenient_places.isdisjoint(here - {None, "none"})
        or (unknown and bool(known.inconvenient_places)),
        "at_workplace": None if unknown else is_work,
        "employer_email": known.employer_email,
        "to_consumer_attorney": attempt.role == "attorney"
        and attempt.person not in ("attorney:creditor", f"attorney:{situation.actor.id}"),
        "permitted_recipient": attempt.role in ("attorney", "cra", "creditor"),
    }


def _placement(situation: Situation, numbers: Numbers) -> dict[str, Any]:
    known, table = situation.known, situation.place
    evaluated = known.agency_evaluated_day
    recent = (
        evaluated is not None
        and table is not None
        and local_day(situation.attempt.minute, table)
        <= day_after_years(evaluated, numbers["evaluated_years"])
    )
    return {
        "agency_evaluated": recent,
        "agency_listed": known.agency_listed,
        "debtor_told_of_entrustment": known.told_of_entrustment,
    }


def _moments(situation: Situation, numbers: Numbers) -> dict[str, Any]:
    known, table = situation.known, situation.place
    breathing = known.breathing or (NEVER, NEVER)
    adviser = known.adviser_since_day
    return {
        "cease_from": known.cease_from,
        "dispute_from": known.dispute.received if known.dispute else NEVER,
        "dispute_until": known.dispute.answered if known.dispute else NEVER,
        "creditor_request_from": _received(known),
        "creditor_request_until": _answered(known),
        "breathing_from": _start_of(breathing[0], table) if known.breathing else NEVER,
        "breathing_until": _start_of(breathing[1] + 1, table) if known.breathing else NEVER,
        "adviser_from": NEVER if adviser is None else _start_of(adviser, table),
        "adviser_until": NEVER
        if adviser is None
        else _end_of(adviser + numbers["adviser_days"], table),
        "long_past_due_from": _grace_from(situation, numbers["grace_days"]),
    }


def _received(known: Circumstances) -> int:
    return known.creditor_request.received if known.creditor_request else NEVER


def _answered(known: Circumstances) -> int:
    return known.creditor_request.answered if known.creditor_request else NEVER


def _start_of(day: int, table: OffsetTable | None) -> int:
    """The first minute of a local day; with no known place it has begun."""
    return BEFORE_ALL if table is None else instant_of_local(day * DAY_MINUTES, table)


def _end_of(day: int, table: OffsetTable | None) -> int:
    """The same as an end; with no known place it never comes."""
    return NEVER if table is None else instant_of_local(day * DAY_MINUTES, table)


def _grace_from(situation: Situation, grace_days: int) -> int:
    """The day on which the debt is longer past due than so many days, if it stays unpaid."""
    past_due, table = situation.known.days_past_due, situation.place
    if past_due is None or table is None:
        return NEVER
    today = local_day(situation.attempt.minute, table)
    if past_due > grace_days:
        return BEFORE_ALL
    return _end_of(today + grace_days + 1 - past_due, table) if past_due > 0 else NEVER


def _windows(situation: Situation) -> Mapping[str, tuple[Window, ...]]:
    known = situation.known
    return {
        "inconvenient_times": known.inconvenient,
        "agreed_times": known.agreed_times,
        "reasonable_times": known.reasonable_times,
    }
