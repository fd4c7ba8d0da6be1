"""Law facts that histories give, for many intended contacts: `core.law.histories` in columns.

Each function reads the past contacts beside the intended ones of a partition and gives a value for
each of those, or one for all. Only facts that a plan reads are made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl

from kept.core.calendar import DAY_MINUTES, OffsetTable, instant_of_local
from kept.core.law.columns import Column
from kept.core.law.times import NEVER
from kept.core.law.vocabulary import (
    CONTACT_CHANNELS,
    CONVERSATION_OUTCOMES,
    ELECTRONIC,
    UNANSWERED_OUTCOMES,
    VOICE,
)
from kept.work.law_histories import Ints, Joined, Truths, local_day_of

__all__ = ["HISTORY_FACTS", "Reading"]

_LOW: Final = -NEVER


@dataclass(frozen=True, slots=True)
class Reading:
    """What these facts read; `value` gives a column of the intended contacts, or its one value."""

    rows: pl.DataFrame
    joined: Joined
    minute: Ints
    place: OffsetTable | None
    value: Callable[[str], Any]

    def beside(self, name: str) -> Any:
        """An intended contact's value beside each of its past ones."""
        found = self.value(name)
        return self.joined.of(found) if isinstance(found, np.ndarray) else found

    def channel_is_same(self) -> Truths:
        """The past contacts by the channel of the attempt; a partition has one channel."""
        channel = self.value("channel")
        return self.joined.whose(f"channel {channel}", lambda row: row.channel == channel)

    def same_line(self) -> Truths:
        mine = self.joined.of(self.joined.attempts.address)
        other = self.joined.address
        return np.asarray(self.channel_is_same() & ((other == mine) | (other < 0) | (mine < 0)))

    def day_of(self) -> Ints:
        assert self.place is not None
        return self.joined.day(self.place)

    def today(self) -> Ints:
        assert self.place is not None
        return local_day_of(self.minute, self.place)

    def day_start(self, day: Ints, known: Truths) -> Ints:
        """The first minute of a local day, NEVER where it is not known."""
        assert self.place is not None
        begun: Any = instant_of_local(day * DAY_MINUTES, self.place)  # type: ignore[type-var]
        return np.where(known, begun, NEVER)


def _told(found: Truths) -> Any:
    return Column(found).settled()


# --- predicates over closed values ----------------------------------------------------------------


def _is_talk(row: Any) -> bool:
    return row.outcome in CONVERSATION_OUTCOMES


def _is_inbound(row: Any) -> bool:
    return bool(row.inbound)


def _is_inbound_text(row: Any) -> bool:
    return bool(row.inbound and row.channel == "sms")


def _is_notice(row: Any) -> bool:
    written = row.channel == "letter" or row.channel in ELECTRONIC
    return not row.inbound and written and row.outcome != "undeliverable"


def _is_message(row: Any) -> bool:
    return not row.inbound and row.channel in ELECTRONIC and row.channel in CONTACT_CHANNELS


def _is_communication(row: Any) -> bool:
    told = row.outcome in CONVERSATION_OUTCOMES or row.outcome == "delivered"
    return bool(told and row.channel != "court_filing")


def _is_spoken(row: Any) -> bool:
    return _is_talk(row) and (row.channel in VOICE or row.channel == "field_visit")


def _outcome(name: str) -> Callable[[Any], bool]:
    return lambda row: row.outcome == name


# --- persons and messages -------------------------------------------------------------------------


def location_answered(of: Reading) -> Any:
    return _told(of.joined.any(of.joined.with_person & of.joined.whose("talk", _is_talk)))


def contact_refused(of: Reading) -> Any:
    refused = of.joined.whose("refused", _outcome("contact_refused"))
    return _told(of.joined.any(of.joined.earlier & of.joined.same_person & refused))


def single_response(of: Reading) -> Any:
    """One answer to each message of the person, in its medium; comment 6(b)(1)-2."""
    joined = of.joined
    if of.value("purpose") == "respond_on_this_inbound_call":
        going = joined.whose("going on", _is_going_on) & joined.same_person
        return _told(joined.any(going)) if of.value("channel") in VOICE else False
    if of.value("in_reply_to") is None:
        return False
    place = _place_in_history(joined)
    replies = of.rows["in_reply_to"].fill_null(-1).to_numpy()
    asked_at = np.where(joined.of(replies) < 0, NEVER, joined.of(replies))
    on_channel = joined.same_person & of.channel_is_same()
    inbound = joined.whose("inbound", _is_inbound)
    asked = joined.any((place == asked_at) & on_channel & inbound)
    answered = joined.any((place > asked_at) & on_channel & ~inbound & joined.earlier)
    return _told(asked & ~answered)


def _is_going_on(row: Any) -> bool:
    return bool(row.inbound and row.outcome == "conversation_in_progress")


def _place_in_history(joined: Joined) -> Ints:
    """Each past contact's place in its debtor's history."""
    first = np.cumsum(joined.counts) - joined.counts
    return np.asarray(np.arange(len(joined.rows)) - np.repeat(first, joined.counts))


def first_opt_out_confirmation(of: Reading) -> Any:
    """No message on the channel since the person's last stop; without a stop there is none."""
    if of.value("purpose") != "opt_out_confirmation_only":
        return False
    joined = of.joined
    stop = joined.with_person & joined.whose("stop", _is_stop)
    last = np.where(joined.any(stop), joined.most(joined.minute, stop, _LOW), NEVER)
    sent = joined.with_person & ~joined.whose("inbound", _is_inbound) & of.channel_is_same()
    since = joined.any(sent & (joined.minute >= joined.of(last)))
    return _told(joined.any(stop) & ~since)


def _is_stop(row: Any) -> bool:
    return bool(row.inbound and row.outcome == "STOP")


def recent_message_from_person(of: Reading) -> Any:
    joined = of.joined
    near = joined.of(of.minute) - joined.minute <= 60 * DAY_MINUTES
    inbound = joined.whose("inbound", _is_inbound)
    return _told(joined.any(joined.with_person & inbound & near & of.same_line()))


def reassigned_in_issue(of: Reading) -> Any:
    texts = of.joined.whose("inbound text", _is_inbound_text)
    return _told(of.joined.any(of.joined.with_person & texts))


def reassigned_check_from(of: Reading) -> Any:
    joined = of.joined
    texts = joined.whose("inbound text", _is_inbound_text)
    texts = joined.with_person & texts & of.same_line()
    if of.place is None or not texts.any():
        return NEVER
    known = joined.any(texts)
    last = np.where(known, joined.most(joined.minute, texts, 0), 0)
    return Column(of.day_start(local_day_of(last, of.place) + 61, known))


# --- notices --------------------------------------------------------------------------------------


def _mine(joined: Joined) -> Truths:
    return joined.earlier & joined.same_actor


def spoke_about_debt(of: Reading) -> Any:
    joined = of.joined
    spoken = joined.whose("spoken", _is_spoken) & joined.histories.consumer[joined.rows]
    return _told(joined.any(_mine(joined) & spoken))


def already_furnished(of: Reading) -> Any:
    furnished = of.joined.whose("furnished", _outcome("furnished"))
    return _told(of.joined.any(_mine(of.joined) & furnished))


def furnish_from(of: Reading) -> Any:
    """When the last message's fourteen days end without a return; comment 30(a)(1)-3."""
    joined = of.joined
    notices = _mine(joined) & joined.whose("notice", _is_notice)
    if of.place is None or not notices.any():
        return NEVER
    sent = _rows_of(joined, notices, of.day_of())
    returns = _mine(joined) & joined.whose("back", _outcome("undeliverable"))
    back = _rows_of(joined, returns, of.day_of())
    met = back.sort("minute").join_asof(
        sent.sort("minute").with_columns(sent=pl.col("minute"), sent_day=pl.col("day")),
        on="minute",
        by="owner",
        check_sortedness=False,
    )
    returned = met.filter(pl.col("day") <= pl.col("sent_day") + 13).select("owner", minute="sent")
    stayed = sent.join(returned, on=["owner", "minute"], how="anti")
    day = np.full(joined.size, NEVER)
    np.minimum.at(day, stayed["owner"].to_numpy(), stayed["day"].to_numpy())
    known = day < NEVER
    return Column(of.day_start(np.where(known, day, 0) + 14, known))


def _rows_of(joined: Joined, rows: Truths, day: Ints) -> pl.DataFrame:
    return pl.DataFrame(
        {"owner": joined.owner[rows], "minute": joined.minute[rows], "day": day[rows]}
    )


def validation_overdue_from(of: Reading) -> Any:
    """More than five days after the first communication without a notice that stayed."""
    joined, place = of.joined, of.place
    told = joined.whose("communication", _is_communication) & joined.histories.consumer[joined.rows]
    first = joined.least(joined.minute, _mine(joined) & told, NEVER)
    if place is None or not (first < NEVER).any():
        return NEVER
    sent, back = _sent_and_back(joined)
    standing = (sent > _LOW) & ~(back >= sent)
    known = (first < NEVER) & ~standing & np.logical_not(of.value("validation_sent"))
    return Column(of.day_start(local_day_of(np.where(known, first, 0), place) + 6, known))


def _sent_and_back(joined: Joined) -> tuple[Ints, Ints]:
    """The last validation notice sent and the last return, `_LOW` where there is none."""
    sent = joined.whose("sent", _outcome("mailed_validation_notice"))
    back = joined.whose("back", _outcome("undeliverable"))
    mine = _mine(joined)
    return joined.most(joined.minute, mine & sent, _LOW), joined.most(
        joined.minute, mine & back, _LOW
    )


def notice_replaced(of: Reading) -> Any:
    joined = of.joined
    back = _mine(joined) & joined.whose("back", _outcome("undeliverable"))
    if not back.any():
        return False
    first = joined.least(joined.minute, back, NEVER)
    sent, _ = _sent_and_back(joined)
    if of.value("purpose") == "subsequent_validation_notice":
        sent = np.maximum(sent, of.minute)
    return _told(joined.any(back) & (sent > first))


# --- factors against a lawful contact -------------------------------------------------------------


def _on_line(of: Reading) -> Truths:
    joined = of.joined
    mine = joined.of(joined.attempts.address)
    same = (joined.address == mine) & (mine >= 0)
    return np.asarray(joined.with_person & joined.measured("connected_attempts") & same)


def _rapid(of: Reading) -> Truths:
    joined = of.joined
    near = joined.of(of.minute) - joined.minute <= 5
    return _on_line(of) & near & joined.whose("unanswered", _is_unanswered)


def _is_unanswered(row: Any) -> bool:
    return row.outcome in UNANSWERED_OUTCOMES


def _is_voicemail(row: Any) -> bool:
    return "voicemail" in row.outcome


def _today(of: Reading) -> Truths:
    if of.place is None:
        return np.zeros(len(of.joined.rows), np.bool_)
    return np.asarray(of.day_of() == of.joined.of(of.today()))


def _in_window(of: Reading) -> Truths:
    if of.place is None:
        return np.ones(len(of.joined.rows), np.bool_)
    return np.asarray(of.day_of() > of.joined.of(of.today()) - 7)


def _calls(of: Reading) -> Truths:
    return of.joined.with_person & _in_window(of) & of.joined.measured("connected_attempts")


def rapid_succession(of: Reading) -> Any:
    return _told(of.joined.any(_rapid(of)))


def voicemail_rapid_succession(of: Reading) -> Any:
    left = of.joined.any(_rapid(of) & of.joined.whose("voicemail", _is_voicemail))
    return _told(left & np.asarray(of.value("planned") == "leave_voicemail"))


def seven_in_one_day(of: Reading) -> Any:
    return _told(of.joined.count(_on_line(of) & _today(of)) >= 6)


def concentrated(of: Reading) -> Any:
    calls = of.joined.count(_calls(of))
    on_day = of.joined.count(_calls(of) & _today(of))
    return _told((calls >= 6) & (2 * on_day > calls))


def aggregate_volume(of: Reading) -> Any:
    """Seven calls and more in the window, about more than one debt."""
    joined, calls = of.joined, _calls(of)
    many = joined.count(calls) >= 7
    if not many.any():
        return False
    rows = calls & joined.of(many)
    debts = joined.histories.debts.at(joined.rows[rows])
    owner = np.repeat(joined.owner[rows], debts.sizes)
    least, most = np.full(joined.size, NEVER), np.full(joined.size, _LOW)
    np.minimum.at(least, owner, debts.values)
    np.maximum.at(most, owner, debts.values)
    return _told(many & (most > least))


def aggregate_agencies(of: Reading) -> Any:
    joined = of.joined
    others = joined.earlier & joined.same_person & ~joined.same_actor
    calls = others & _in_window(of) & joined.measured("connected_attempts")
    return _told(joined.count(calls) >= 7)


def aggregate_unanswered(of: Reading) -> Any:
    joined = of.joined
    rows = joined.earlier & joined.same_person & _today(of)
    return _told(joined.count(rows & joined.measured("unanswered_attempts")) >= 6)


def cumulative_contact(of: Reading) -> Any:
    """Seven counted calls and two unsolicited messages within seven days, and no reply."""
    joined = of.joined
    window = joined.with_person & _in_window(of)
    messages = joined.count(window & joined.whose("message", _is_message))
    replies = joined.whose("reply", lambda row: row.inbound or _is_talk(row))
    many = (joined.count(_calls(of)) >= 7) & (messages >= 2)
    return _told(many & ~joined.any(window & replies))


# --- a debtor who is lost -------------------------------------------------------------------------


def lost_contact_from(of: Reading) -> Any:
    """When the debtor counts as out of reach (失联), by dials that failed in a row."""
    joined = of.joined
    if of.place is None or not len(joined.rows):
        return NEVER
    dials = _failed_dials(joined, of.day_of())
    found = np.full(joined.size, NEVER)
    third = dials.group_by("owner", maintain_order=True).agg(pl.col("day").get(2, null_on_oob=True))
    third = third.drop_nulls()
    known = np.ones(len(third), np.bool_)
    found[third["owner"].to_numpy()] = of.day_start(third["day"].to_numpy() + 1, known)
    days = dials.unique(["owner", "day"], keep="first", maintain_order=True).sort("owner", "day")
    before = [pl.col("day").shift(back).over("owner") == pl.col("day") - back for back in (1, 2)]
    in_row = days.filter(before[0] & before[1])
    np.minimum.at(found, in_row["owner"].to_numpy(), in_row["minute"].to_numpy())
    return Column(found).settled()


def _failed_dials(joined: Joined, day: Ints) -> pl.DataFrame:
    """The dials that failed since the last conversation with the debtor, in order of time."""
    talk = joined.whose("talk", _is_talk)
    failed = joined.measured("unanswered_attempts") & ~talk
    rows = joined.earlier & joined.histories.consumer[joined.rows] & (talk | failed)
    frame = _rows_of(joined, rows, day).with_columns(talk=pl.Series(talk[rows]))
    frame = frame.sort("owner", "minute", maintain_order=True)
    talks_after = pl.col("talk").cast(pl.Int64).reverse().cum_sum().reverse().over("owner")
    return frame.filter(talks_after == 0)


HISTORY_FACTS: Final[Mapping[str, Callable[[Reading], Any]]] = {
    each.__name__: each
    for each in (
        *(location_answered, contact_refused, single_response, first_opt_out_confirmation),
        *(recent_message_from_person, reassigned_in_issue, reassigned_check_from),
        *(spoke_about_debt, already_furnished, furnish_from, validation_overdue_from),
        *(notice_replaced, rapid_succession, voicemail_rapid_succession, seven_in_one_day),
        *(concentrated, aggregate_volume, aggregate_agencies, aggregate_unanswered),
        *(cumulative_contact, lost_contact_from),
    )
}
