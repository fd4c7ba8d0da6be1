"""Law facts that a history of contacts gives, apart from the counts of spacings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from kept.core.calendar import DAY_MINUTES, OffsetTable, instant_of_local, local_day
from kept.core.law.measures import MEASURES
from kept.core.law.situations import Attempt, Contact, Situation
from kept.core.law.times import BEFORE_ALL, NEVER
from kept.core.law.vocabulary import (
    CONTACT_CHANNELS,
    CONVERSATION_OUTCOMES,
    ELECTRONIC,
    UNANSWERED_OUTCOMES,
    UNKNOWN_OUTCOME,
    VOICE,
)

__all__ = ["furnish_from", "history_facts", "lost_contact_from"]

_MONITOR_DAYS: Final = 14
_TEXT_DAYS: Final = 60
_NOTICE_DAYS: Final = 5
_FAILED_DIALS: Final = 3
_RAPID_MINUTES: Final = 5
_WINDOW_DAYS: Final = 7
_COUNTED: Final = 7
_MESSAGES: Final = 2
_UNANSWERED_DAILY: Final = 6


def history_facts(situation: Situation) -> dict[str, Any]:
    earlier = [each for each in situation.history if each.minute <= situation.attempt.minute]
    mine = [each for each in earlier if each.actor == situation.actor.id]
    with_person = [each for each in mine if each.person == situation.attempt.person]
    return {
        **_answers(situation, with_person),
        **_notices(situation, mine),
        **_factors(situation, earlier, with_person),
        "location_answered": any(_is_talk(each) for each in with_person),
        "contact_refused": any(
            each.outcome == "contact_refused" and each.person == situation.attempt.person
            for each in earlier
        ),
        "lost_contact_from": lost_contact_from(earlier, situation.place),
    }


def _is_talk(contact: Contact) -> bool:
    return contact.outcome in CONVERSATION_OUTCOMES


def _is_shown_talk(contact: Contact) -> bool:
    """A talk that lifts something must be known, not merely possible."""
    return _is_talk(contact) and contact.outcome != UNKNOWN_OUTCOME


# --- answers to messages of the person ------------------------------------------------------------


def _answers(situation: Situation, with_person: Sequence[Contact]) -> dict[str, Any]:
    attempt = situation.attempt
    return {
        "single_response": _is_single_response(situation),
        "first_opt_out_confirmation": attempt.purpose == "opt_out_confirmation_only"
        and _answers_since_stop(attempt, with_person) == 0,
        "recent_message_from_person": any(
            _is_same_line(each, attempt) and attempt.minute - each.minute <= 60 * DAY_MINUTES
            for each in with_person
            if each.inbound
        ),
        "reassigned_check_from": _check_from(situation, with_person),
        "reassigned_in_issue": any(each.inbound and each.channel == "sms" for each in with_person),
    }


def _is_single_response(situation: Situation) -> bool:
    """One answer to each message of the person, in its medium; comment 6(b)(1)-2."""
    attempt, history = situation.attempt, situation.history
    if attempt.purpose == "respond_on_this_inbound_call":
        return any(_is_call_going_on(each, attempt) for each in history)
    index = attempt.in_reply_to
    if index is None or not 0 <= index < len(history):
        return False
    asked = history[index]
    if not _is_message(asked, attempt):
        return False
    if asked.channel != attempt.channel or asked.person != attempt.person:
        return False
    return not any(
        not each.inbound and each.channel == asked.channel and each.person == asked.person
        for each in history[index + 1 :]
        if each.minute <= attempt.minute
    )


def _is_message(contact: Contact, attempt: Attempt) -> bool:
    """Whether the person wrote; a return and a left portal say nothing, a stop asks one answer."""
    if contact.outcome == "STOP":
        return contact.inbound and attempt.purpose == "opt_out_confirmation_only"
    return contact.inbound and contact.outcome not in ("undeliverable", "session_ended")


def _is_call_going_on(contact: Contact, attempt: Attempt) -> bool:
    return (
        contact.inbound
        and contact.outcome == "conversation_in_progress"
        and contact.person == attempt.person
        and attempt.channel in VOICE
    )


def _answers_since_stop(attempt: Attempt, with_person: Sequence[Contact]) -> int:
    """Messages sent on the channel since the person's last stop; of a stop without its time all."""
    stops = [each.minute for each in with_person if each.inbound and each.outcome == "STOP"]
    last = max(stops, default=BEFORE_ALL)
    return sum(
        not each.inbound and each.channel == attempt.channel and each.minute >= last
        for each in with_person
    )


def _is_same_line(contact: Contact, attempt: Attempt) -> bool:
    same = None in (contact.address, attempt.address) or contact.address == attempt.address
    return contact.channel == attempt.channel and same


def _check_from(situation: Situation, with_person: Sequence[Contact]) -> int:
    """When the latest text from this number is older than sixty days; NEVER where there is none."""
    texts = [
        each.minute
        for each in with_person
        if each.inbound and each.channel == "sms" and _is_same_line(each, situation.attempt)
    ]
    if not texts or situation.place is None:
        return NEVER
    return _day_start(local_day(max(texts), situation.place) + _TEXT_DAYS + 1, situation.place)


def _day_start(day: int, table: OffsetTable) -> int:
    return instant_of_local(day * DAY_MINUTES, table)


# --- notices --------------------------------------------------------------------------------------


def _notices(situation: Situation, mine: Sequence[Contact]) -> dict[str, Any]:
    """What was said and sent about each debt of the attempt; the one that lacks most decides."""
    debts = situation.attempt.debts
    talks = [each for each in mine if _is_shown_talk(each) and each.role == "consumer"]
    about = [[each for each in mine if debt in each.debts] for debt in debts] or [list(mine)]
    return {
        "spoke_about_debt": all(
            any(debt in each.talked for each in talks if _is_by_mouth(each)) for debt in debts
        )
        and bool(talks),
        "already_furnished": all(_is_furnished(each) for each in about),
        "furnish_from": max(furnish_from(each, situation.place) for each in about),
        "validation_overdue_from": min(_notice_overdue(situation, each) for each in about),
        "notice_replaced": any(_is_replaced(situation, each) for each in about),
    }


def _is_by_mouth(contact: Contact) -> bool:
    return contact.channel in VOICE or contact.channel == "field_visit"


def _is_furnished(about: Iterable[Contact]) -> bool:
    return any(each.outcome == "furnished" for each in about)


def furnish_from(mine: Sequence[Contact], place: OffsetTable | None) -> int:
    """When the first message's fourteen days of monitoring end without a return.

    A message that came back inside its days gives nothing: a new one starts new days, comment
    30(a)(1)-3. Two sent on one channel before a return may either of them be the one that came.
    """
    if place is None:
        return NEVER
    ends = [
        _day_start(local_day(each.minute, place) + _MONITOR_DAYS, place)
        for each in mine
        if _is_notice(each) and not _came_back(each, mine, place)
    ]
    return min(ends, default=NEVER)


def _is_notice(contact: Contact) -> bool:
    written = contact.channel == "letter" or contact.channel in ELECTRONIC
    return not contact.inbound and written and contact.outcome != "undeliverable"


def _came_back(sent: Contact, mine: Sequence[Contact], place: OffsetTable) -> bool:
    last = local_day(sent.minute, place) + _MONITOR_DAYS - 1
    return any(local_day(minute, place) <= last for minute in _returns(sent, mine))


def _returns(sent: Contact, mine: Iterable[Contact]) -> list[int]:
    """When something came back that was sent on this channel, since this one was."""
    return [
        each.minute
        for each in mine
        if each.outcome == "undeliverable"
        and each.channel == sent.channel
        and each.minute >= sent.minute
    ]


def _notice_overdue(situation: Situation, mine: Sequence[Contact]) -> int:
    """More than five days after the first communication without a validation notice that stayed."""
    if situation.known.validation_sent or _standing_notice(mine) or situation.place is None:
        return NEVER
    first = [each.minute for each in mine if _is_communication(each)]
    if not first:
        return NEVER
    return _day_start(local_day(min(first), situation.place) + _NOTICE_DAYS + 1, situation.place)


def _is_communication(contact: Contact) -> bool:
    # A formal pleading is not an initial communication, 15 USC 1692g(d).
    told = contact.outcome in CONVERSATION_OUTCOMES or contact.outcome == "delivered"
    return told and contact.channel != "court_filing" and contact.role == "consumer"


def _standing_notice(mine: Sequence[Contact]) -> bool:
    sent = [each for each in mine if each.outcome == "mailed_validation_notice"]
    return any(not _returns(each, mine) for each in sent)


def _is_replaced(situation: Situation, mine: Sequence[Contact]) -> bool:
    sent = [each for each in mine if each.outcome == "mailed_validation_notice"]
    returned = [minute for each in sent for minute in _returns(each, mine)]
    again = [each.minute for each in sent]
    if situation.attempt.purpose == "subsequent_validation_notice":
        again.append(situation.attempt.minute)
    return bool(returned) and any(minute > min(returned) for minute in again)


# --- factors that speak against a lawful contact --------------------------------------------------


def _factors(
    situation: Situation, earlier: Sequence[Contact], with_person: Sequence[Contact]
) -> dict[str, Any]:
    attempt, place = situation.attempt, situation.place
    on_line = [each for each in with_person if _is_counted_call(each) and _same(each, attempt)]
    today = [each for each in on_line if _is_today(each, attempt, place)]
    window = [each for each in with_person if _in_window(each, attempt, place)]
    calls = [each for each in window if MEASURES["connected_attempts"](each)]
    return {
        "rapid_succession": any(_is_rapid(each, attempt) for each in on_line),
        "voicemail_rapid_succession": attempt.planned == "leave_voicemail"
        and any(_is_rapid(each, attempt) and "voicemail" in each.outcome for each in on_line),
        "seven_in_one_day": len(today) >= _COUNTED - 1,
        "concentrated": len(calls) >= _COUNTED - 1
        and 2 * sum(_is_today(each, attempt, place) for each in calls) > len(calls),
        "aggregate_volume": len(calls) >= _COUNTED
        and len({debt for each in calls for debt in each.debts}) > 1,
        "aggregate_agencies": _other_agencies(situation, earlier) >= _COUNTED,
        "aggregate_unanswered": _unanswered_today(earlier, attempt, place) >= _UNANSWERED_DAILY,
        "cumulative_contact": _is_cumulative(window, calls),
    }


def _is_counted_call(contact: Contact) -> bool:
    return bool(MEASURES["connected_attempts"](contact))


def _same(contact: Contact, attempt: Attempt) -> bool:
    return attempt.address is not None and contact.address == attempt.address


def _is_today(contact: Contact, attempt: Attempt, place: OffsetTable | None) -> bool:
    return place is not None and local_day(contact.minute, place) == local_day(
        attempt.minute, place
    )


def _in_window(contact: Contact, attempt: Attempt, place: OffsetTable | None) -> bool:
    if place is None:
        return True
    return local_day(contact.minute, place) > local_day(attempt.minute, place) - _WINDOW_DAYS


def _is_rapid(contact: Contact, attempt: Attempt) -> bool:
    unanswered = contact.outcome in UNANSWERED_OUTCOMES
    return unanswered and attempt.minute - contact.minute <= _RAPID_MINUTES


def _other_agencies(situation: Situation, earlier: Sequence[Contact]) -> int:
    attempt, place = situation.attempt, situation.place
    return sum(
        _is_counted_call(each)
        for each in earlier
        if each.person == attempt.person
        and _in_window(each, attempt, place)
        and each.actor != situation.actor.id
    )


def _unanswered_today(
    earlier: Iterable[Contact], attempt: Attempt, place: OffsetTable | None
) -> int:
    return sum(
        bool(MEASURES["unanswered_attempts"](each))
        for each in earlier
        if each.person == attempt.person and _is_today(each, attempt, place)
    )


def _is_cumulative(window: Sequence[Contact], calls: Sequence[Contact]) -> bool:
    """Seven counted calls and two unsolicited messages within seven days, and no reply."""
    messages = [
        each
        for each in window
        if not each.inbound and each.channel in ELECTRONIC and each.channel in CONTACT_CHANNELS
    ]
    replied = any(each.inbound or _is_shown_talk(each) for each in window)
    return len(calls) >= _COUNTED and len(messages) >= _MESSAGES and not replied


# --- a debtor who is lost -------------------------------------------------------------------------


def lost_contact_from(earlier: Sequence[Contact], place: OffsetTable | None) -> int:
    """When the debtor counts as out of reach (失联), by dials that failed in a row.

    Three of them open the next day; three days in a row with a failed dial open at the third.
    """
    if place is None:
        return NEVER
    failed: list[int] = []
    for each in sorted(earlier, key=lambda contact: contact.minute):
        if each.role == "consumer" and each.outcome in CONVERSATION_OUTCOMES:
            failed.clear()
        elif each.role == "consumer" and MEASURES["unanswered_attempts"](each):
            failed.append(each.minute)
    return min(_after_three(failed, place), _after_three_days(failed, place))


def _after_three(failed: Sequence[int], place: OffsetTable) -> int:
    if len(failed) < _FAILED_DIALS:
        return NEVER
    return _day_start(local_day(failed[_FAILED_DIALS - 1], place) + 1, place)


def _after_three_days(failed: Sequence[int], place: OffsetTable) -> int:
    first_of_day: dict[int, int] = {}
    for minute in failed:
        first_of_day.setdefault(local_day(minute, place), minute)
    return min(
        (minute for day, minute in first_of_day.items() if {day - 1, day - 2} <= set(first_of_day)),
        default=NEVER,
    )
