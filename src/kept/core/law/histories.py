"""Law facts that a history of contacts gives, apart from the counts of spacings."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from kept.core.calendar import DAY_MINUTES, OffsetTable, instant_of_local, local_day
from kept.core.law.numbers import Numbers
from kept.core.law.past import Alike, past_of
from kept.core.law.situations import Attempt, Contact, Situation
from kept.core.law.times import BEFORE_ALL, NEVER
from kept.core.law.vocabulary import (
    CONTACT_CHANNELS,
    CONVERSATION_OUTCOMES,
    ELECTRONIC,
    UNANSWERED_OUTCOMES,
    UNKNOWN_OUTCOME,
    UNSAID_OUTCOMES,
    VOICE,
)

__all__ = ["furnish_from", "history_facts", "lost_contact_from"]


def history_facts(situation: Situation, numbers: Numbers) -> dict[str, Any]:
    earlier = past_of(situation.history).until(situation.attempt.minute)
    mine = [each for each in earlier if each.contact.actor == situation.actor.id]
    with_person = [each for each in mine if each.contact.person == situation.attempt.person]
    return {
        **_answers(situation, with_person, numbers),
        **_notices(situation, mine, numbers),
        **_factors(situation, earlier, with_person, numbers),
        "location_answered": any(_is_talk(each.contact) for each in with_person),
        "contact_refused": any(
            each.contact.outcome == "contact_refused"
            and each.contact.person == situation.attempt.person
            for each in earlier
        ),
        "lost_contact_from": lost_contact_from(earlier, situation.place, numbers),
    }


def _is_talk(contact: Contact) -> bool:
    return contact.outcome in CONVERSATION_OUTCOMES


def _is_shown_talk(contact: Contact) -> bool:
    """A talk that lifts something must be known, not merely possible."""
    return _is_talk(contact) and contact.outcome != UNKNOWN_OUTCOME


# --- answers to messages of the person ------------------------------------------------------------


def _answers(
    situation: Situation, with_person: Sequence[Alike], numbers: Numbers
) -> dict[str, Any]:
    attempt = situation.attempt
    inbound = [each for each in with_person if _is_said(each.contact)]
    return {
        "single_response": _is_single_response(situation),
        "first_opt_out_confirmation": attempt.purpose == "opt_out_confirmation_only"
        and _answers_since_stop(attempt, with_person) == 0,
        "recent_message_from_person": any(
            _is_same_line(each.contact, attempt)
            and attempt.minute - each.minutes[-1] <= numbers["used_days"] * DAY_MINUTES
            for each in inbound
            if each.contact.outcome != "STOP"
        ),
        "reassigned_check_from": _check_from(situation, inbound, numbers["reassigned_days"]),
        "reassigned_in_issue": any(each.contact.channel == "sms" for each in inbound),
    }


def _is_single_response(situation: Situation) -> bool:
    """One answer to each message of the person, in its medium; comment 6(b)(1)-2."""
    attempt, history = situation.attempt, situation.history
    if attempt.purpose == "respond_on_this_inbound_call":
        return any(_is_call_going_on(each.contact, attempt) for each in past_of(history).alike)
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
    return _is_said(contact)


def _is_said(contact: Contact) -> bool:
    """Whether it came from the person; what came back from an address shows nothing of them."""
    return contact.inbound and contact.outcome not in UNSAID_OUTCOMES


def _is_call_going_on(contact: Contact, attempt: Attempt) -> bool:
    return (
        contact.inbound
        and contact.outcome == "conversation_in_progress"
        and contact.person == attempt.person
        and attempt.channel in VOICE
    )


def _answers_since_stop(attempt: Attempt, with_person: Sequence[Alike]) -> int:
    """Messages sent on the channel since the person's last stop; of a stop without its time all."""
    stops = [
        each.minutes[-1]
        for each in with_person
        if each.contact.inbound and each.contact.outcome == "STOP"
    ]
    last = max(stops, default=BEFORE_ALL)
    return sum(
        _number_from(each, last)
        for each in with_person
        if not each.contact.inbound and each.contact.channel == attempt.channel
    )


def _number_from(alike: Alike, minute: int) -> int:
    return len(alike.minutes) - bisect_left(alike.minutes, minute)


def _is_same_line(contact: Contact, attempt: Attempt) -> bool:
    same = None in (contact.address, attempt.address) or contact.address == attempt.address
    return contact.channel == attempt.channel and same


def _check_from(situation: Situation, inbound: Sequence[Alike], days: int) -> int:
    """When the latest text from this number proves no more; NEVER where there is none."""
    texts = [
        each.minutes[-1]
        for each in inbound
        if each.contact.channel == "sms" and _is_same_line(each.contact, situation.attempt)
    ]
    if not texts or situation.place is None:
        return NEVER
    return _day_start(local_day(max(texts), situation.place) + days + 1, situation.place)


def _day_start(day: int, table: OffsetTable) -> int:
    return instant_of_local(day * DAY_MINUTES, table)


# --- notices --------------------------------------------------------------------------------------


def _notices(situation: Situation, mine: Sequence[Alike], numbers: Numbers) -> dict[str, Any]:
    """What was said and sent about each debt of the attempt; the one that lacks most decides."""
    debts = situation.attempt.debts
    talks = [
        each.contact
        for each in mine
        if _is_shown_talk(each.contact) and each.contact.role == "consumer"
    ]
    about = [[each for each in mine if debt in each.contact.debts] for debt in debts]
    about = about or [list(mine)]
    return {
        "spoke_about_debt": all(
            any(debt in each.talked for each in talks if _is_by_mouth(each)) for debt in debts
        )
        and bool(talks),
        "already_furnished": all(_is_furnished(each) for each in about),
        "furnish_from": max(
            furnish_from(each, situation.place, numbers["monitored_days"]) for each in about
        ),
        "validation_overdue_from": min(
            _notice_overdue(situation, each, numbers["notice_days"]) for each in about
        ),
        "notice_replaced": any(_is_replaced(situation, each) for each in about),
    }


def _is_by_mouth(contact: Contact) -> bool:
    return contact.channel in VOICE or contact.channel == "field_visit"


def _is_furnished(about: Iterable[Alike]) -> bool:
    return any(each.contact.outcome == "furnished" for each in about)


def furnish_from(mine: Sequence[Alike], place: OffsetTable | None, monitored: int) -> int:
    """When the first message's days of monitoring end without a return.

    A message that came back inside its days gives nothing: a new one starts new days, comment
    30(a)(1)-3. Two sent on one channel before a return may either of them be the one that came.
    """
    if place is None:
        return NEVER
    sent = (each for each in mine if _is_notice(each.contact))
    days = (_first_that_stayed(each, mine, place, monitored) for each in sent)
    ends = [_day_start(day + monitored, place) for day in days if day is not None]
    return min(ends, default=NEVER)


def _is_notice(contact: Contact) -> bool:
    written = contact.channel == "letter" or contact.channel in ELECTRONIC
    return not contact.inbound and written and contact.outcome != "undeliverable"


def _first_that_stayed(
    sent: Alike, mine: Sequence[Alike], place: OffsetTable, monitored: int
) -> int | None:
    """The local day of the first of like messages that did not come back inside its days."""
    returned = _returns(sent.contact.channel, mine)
    for minute in sent.minutes:
        day = local_day(minute, place)
        last = day + monitored - 1
        if not any(each >= minute and local_day(each, place) <= last for each in returned):
            return day
    return None


def _returns(channel: str, mine: Iterable[Alike]) -> list[int]:
    """When something came back that was sent on this channel."""
    return [
        minute
        for each in mine
        if each.contact.outcome == "undeliverable" and each.contact.channel == channel
        for minute in each.minutes
    ]


def _notice_overdue(situation: Situation, mine: Sequence[Alike], days: int) -> int:
    """Later than so many days after the first communication without a notice that stayed."""
    if situation.known.validation_sent or _standing_notice(mine) or situation.place is None:
        return NEVER
    first = [each.minutes[0] for each in mine if _is_communication(each.contact)]
    if not first:
        return NEVER
    return _day_start(local_day(min(first), situation.place) + days + 1, situation.place)


def _is_communication(contact: Contact) -> bool:
    # A formal pleading is not an initial communication, 15 USC 1692g(d).
    told = contact.outcome in CONVERSATION_OUTCOMES or contact.outcome == "delivered"
    return told and contact.channel != "court_filing" and contact.role == "consumer"


def _sent_notices(mine: Sequence[Alike]) -> list[Alike]:
    return [each for each in mine if each.contact.outcome == "mailed_validation_notice"]


def _standing_notice(mine: Sequence[Alike]) -> bool:
    """Whether the last one sent on some channel has nothing that came back since."""
    return any(
        not any(minute >= each.minutes[-1] for minute in _returns(each.contact.channel, mine))
        for each in _sent_notices(mine)
    )


def _is_replaced(situation: Situation, mine: Sequence[Alike]) -> bool:
    sent = _sent_notices(mine)
    returned = [
        minute
        for each in sent
        for minute in _returns(each.contact.channel, mine)
        if minute >= each.minutes[0]
    ]
    again = [each.minutes[-1] for each in sent]
    if situation.attempt.purpose == "subsequent_validation_notice":
        again.append(situation.attempt.minute)
    return bool(returned) and any(minute > min(returned) for minute in again)


# --- factors that speak against a lawful contact --------------------------------------------------


def _factors(
    situation: Situation,
    earlier: Sequence[Alike],
    with_person: Sequence[Alike],
    numbers: Numbers,
) -> dict[str, Any]:
    attempt, most, rapid = situation.attempt, numbers["presumed_calls"], numbers["rapid_minutes"]
    calls = [each for each in with_person if each.counts_in("connected_attempts")]
    on_line = [each for each in calls if _same(each.contact, attempt)]
    days = _RecentDays(attempt.minute, situation.place, numbers["presumed_days"])
    counted = days.in_window(calls)
    return {
        "rapid_succession": any(_is_rapid(each, attempt, rapid) for each in on_line),
        "voicemail_rapid_succession": attempt.planned == "leave_voicemail"
        and any(
            _is_rapid(each, attempt, rapid) and "voicemail" in each.contact.outcome
            for each in on_line
        ),
        "seven_in_one_day": days.today(on_line) >= most - 1,
        "concentrated": counted >= most - 1 and 2 * days.today(calls) > counted,
        "aggregate_volume": counted >= most and _has_several_debts(days, calls),
        "aggregate_agencies": days.in_window(_by_others(situation, earlier)) >= most,
        "aggregate_unanswered": days.today(_unanswered(situation, earlier))
        >= numbers["unanswered_daily"],
        "cumulative_contact": counted >= most
        and _is_one_sided(days, with_person, numbers["cumulative_messages"]),
    }


@dataclass(frozen=True, slots=True)
class _RecentDays:
    """Counts contacts of the attempt's local day and of a window; of no place all are in it.

    Only minutes near enough are read as days.
    """

    minute: int
    place: OffsetTable | None
    window: int

    def in_window(self, contacts: Iterable[Alike]) -> int:
        if self.place is None:
            return sum(len(each.minutes) for each in contacts)
        first = local_day(self.minute, self.place) - self.window + 1
        return sum(day >= first for day in self._days(contacts, self.window))

    def today(self, contacts: Iterable[Alike]) -> int:
        if self.place is None:
            return 0
        today = local_day(self.minute, self.place)
        return sum(day == today for day in self._days(contacts, 1))

    def _days(self, contacts: Iterable[Alike], days: int) -> Iterator[int]:
        begins = self.minute - (days + 1) * DAY_MINUTES
        place = self.place
        if place is not None:
            for each in contacts:
                for minute in each.minutes[bisect_left(each.minutes, begins) :]:
                    yield local_day(minute, place)


def _same(contact: Contact, attempt: Attempt) -> bool:
    return attempt.address is not None and contact.address == attempt.address


def _is_rapid(alike: Alike, attempt: Attempt, minutes: int) -> bool:
    unanswered = alike.contact.outcome in UNANSWERED_OUTCOMES
    return unanswered and attempt.minute - alike.minutes[-1] <= minutes


def _has_several_debts(days: _RecentDays, calls: Iterable[Alike]) -> bool:
    recent = [each.contact.debts for each in calls if days.in_window([each])]
    return len(frozenset().union(*recent)) > 1


def _by_others(situation: Situation, earlier: Iterable[Alike]) -> list[Alike]:
    return [
        each
        for each in earlier
        if each.contact.person == situation.attempt.person
        and each.contact.actor != situation.actor.id
        and each.counts_in("connected_attempts")
    ]


def _unanswered(situation: Situation, earlier: Iterable[Alike]) -> list[Alike]:
    return [
        each
        for each in earlier
        if each.contact.person == situation.attempt.person and each.counts_in("unanswered_attempts")
    ]


def _is_one_sided(days: _RecentDays, with_person: Sequence[Alike], most: int) -> bool:
    """So many unsolicited messages and more within the window, and no reply."""
    messages = [each for each in with_person if _is_message_sent(each.contact)]
    replies = [
        each for each in with_person if _is_said(each.contact) or _is_shown_talk(each.contact)
    ]
    return days.in_window(messages) >= most and not days.in_window(replies)


def _is_message_sent(contact: Contact) -> bool:
    reaches = contact.channel in ELECTRONIC and contact.channel in CONTACT_CHANNELS
    return not contact.inbound and reaches


# --- a debtor who is lost -------------------------------------------------------------------------


def lost_contact_from(earlier: Sequence[Alike], place: OffsetTable | None, numbers: Numbers) -> int:
    """When the debtor counts as out of reach (失联), by dials that failed in a row.

    So many of them open the next day; so many days in a row with a failed dial open at the last.
    """
    if place is None:
        return NEVER
    if not numbers["lost_dials"] or not numbers["lost_days"]:
        return NEVER
    failed = _failed_in_row(earlier)
    by_dials = _after_dials(failed, place, numbers["lost_dials"])
    return min(by_dials, _after_days(failed, place, numbers["lost_days"]))


def _failed_in_row(earlier: Sequence[Alike]) -> list[int]:
    """The minutes of failed dials since the last conversation with the debtor, in their order."""
    of_debtor = [each for each in earlier if each.contact.role == "consumer"]
    talks = [each for each in of_debtor if _is_talk(each.contact)]
    last = max(((each.minutes[-1], each.places[-1]) for each in talks), default=(BEFORE_ALL, 0))
    failed = (
        each
        for each in of_debtor
        if not _is_talk(each.contact) and each.counts_in("unanswered_attempts")
    )
    return sorted(
        minute
        for each in failed
        for minute, place in zip(each.minutes, each.places, strict=True)
        if (minute, place) > last
    )


def _after_dials(failed: Sequence[int], place: OffsetTable, count: int) -> int:
    if len(failed) < count:
        return NEVER
    return _day_start(local_day(failed[count - 1], place) + 1, place)


def _after_days(failed: Sequence[int], place: OffsetTable, count: int) -> int:
    """The first failed dial of the last of so many days in a row; the first such days are enough.

    A day more is read, for clocks that go back over midnight.
    """
    first_of_day: dict[int, int] = {}
    found = NEVER
    for minute in failed:
        if minute > found + DAY_MINUTES:
            break
        day = local_day(minute, place)
        first_of_day.setdefault(day, minute)
        for last in range(day, day + count):
            if all(each in first_of_day for each in range(last - count + 1, last + 1)):
                found = min(found, first_of_day[last])
    return found
