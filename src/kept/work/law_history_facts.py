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
from kept.core.law.numbers import Numbers
from kept.core.law.times import NEVER
from kept.core.law.vocabulary import (
    CONTACT_CHANNELS,
    CONVERSATION_OUTCOMES,
    ELECTRONIC,
    UNANSWERED_OUTCOMES,
    UNKNOWN_OUTCOME,
    UNSAID_OUTCOMES,
    VOICE,
)
from kept.work.law_histories import ByDebt, Ints, Joined, Truths, by_debt, local_day_of

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
    numbers: Numbers

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


def _is_shown_talk(row: Any) -> bool:
    return _is_talk(row) and row.outcome != UNKNOWN_OUTCOME


def _is_inbound(row: Any) -> bool:
    return bool(row.inbound)


def _is_inbound_text(row: Any) -> bool:
    return _is_said(row) and row.channel == "sms"


def _is_written(row: Any) -> bool:
    """Whether the person wrote; a return and a left portal say nothing, a stop is told apart."""
    return _is_said(row) and row.outcome != "STOP"


def _is_said(row: Any) -> bool:
    return bool(row.inbound and row.outcome not in UNSAID_OUTCOMES)


def _is_notice(row: Any) -> bool:
    written = row.channel == "letter" or row.channel in ELECTRONIC
    return not row.inbound and written and row.outcome != "undeliverable"


def _is_message(row: Any) -> bool:
    return not row.inbound and row.channel in ELECTRONIC and row.channel in CONTACT_CHANNELS


def _is_communication(row: Any) -> bool:
    told = row.outcome in CONVERSATION_OUTCOMES or row.outcome == "delivered"
    return bool(told and row.channel != "court_filing")


def _is_spoken(row: Any) -> bool:
    return _is_shown_talk(row) and (row.channel in VOICE or row.channel == "field_visit")


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
    confirms = of.value("purpose") == "opt_out_confirmation_only"
    written = joined.whose("stop", _is_stop) if confirms else _false(joined)
    written = written | joined.whose("written", _is_written)
    asked = joined.any((place == asked_at) & on_channel & written)
    answered = joined.any((place > asked_at) & on_channel & ~inbound & joined.earlier)
    return _told(asked & ~answered)


def _is_going_on(row: Any) -> bool:
    return bool(row.inbound and row.outcome == "conversation_in_progress")


def _place_in_history(joined: Joined) -> Ints:
    """Each past contact's place in its debtor's history."""
    first = np.cumsum(joined.counts) - joined.counts
    return np.asarray(np.arange(len(joined.rows)) - np.repeat(first, joined.counts))


def first_opt_out_confirmation(of: Reading) -> Any:
    """No message on the channel since the person's last stop; of a stop without its time none."""
    if of.value("purpose") != "opt_out_confirmation_only":
        return False
    joined = of.joined
    stop = joined.with_person & joined.whose("stop", _is_stop)
    last = joined.most(joined.minute, stop, _LOW)
    sent = joined.with_person & ~joined.whose("inbound", _is_inbound) & of.channel_is_same()
    return _told(~joined.any(sent & (joined.minute >= joined.of(last))))


def _is_stop(row: Any) -> bool:
    return bool(row.inbound and row.outcome == "STOP")


def recent_message_from_person(of: Reading) -> Any:
    joined = of.joined
    near = joined.of(of.minute) - joined.minute <= of.numbers["used_days"] * DAY_MINUTES
    written = joined.whose("written", _is_written)
    return _told(joined.any(joined.with_person & written & near & of.same_line()))


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
    day = local_day_of(last, of.place) + of.numbers["reassigned_days"] + 1
    return Column(of.day_start(day, known))


# --- notices --------------------------------------------------------------------------------------


def _mine(joined: Joined) -> Truths:
    return joined.earlier & joined.same_actor


def spoke_about_debt(of: Reading) -> Any:
    joined = of.joined
    talks = joined.whose("talk", _is_talk) & joined.histories.consumer[joined.rows]
    talks = _mine(joined) & talks
    mouth = by_debt(joined, talks & joined.whose("spoken", _is_spoken), joined.histories.talked_ids)
    told = mouth.all_of(np.bincount(mouth.pair, minlength=mouth.size) > 0)
    return _told((told | (joined.attempts.ids.sizes == 0)) & joined.any(talks))


def already_furnished(of: Reading) -> Any:
    joined = of.joined
    furnished = _mine(joined) & joined.whose("furnished", _outcome("furnished"))
    about = by_debt(joined, furnished, joined.histories.debt_ids)
    return _told(about.all_of(np.bincount(about.pair, minlength=about.size) > 0))


def furnish_from(of: Reading) -> Any:
    """When the first message's days of monitoring end without a return."""
    joined = of.joined
    if of.place is None:
        return NEVER
    sent = _papers(of, joined.whose("notice", _is_notice))
    monitored = of.numbers["monitored_days"]
    met = _met(sent, _returns(of)).filter(pl.col("day_right") < pl.col("day") + monitored)
    stayed = sent.join(met, on=["pair", "row"], how="anti")
    about = _debts(of)
    day = np.full(about.size, NEVER)
    np.minimum.at(day, stayed["pair"].to_numpy(), stayed["day"].to_numpy())
    known = day < NEVER
    ends = of.day_start(np.where(known, day, 0) + monitored, known)
    return Column(about.most_of(ends)).settled()


def validation_overdue_from(of: Reading) -> Any:
    """Later than its days after the first communication without a notice that stayed."""
    joined, place = of.joined, of.place
    if place is None:
        return NEVER
    told = joined.whose("communication", _is_communication) & joined.histories.consumer[joined.rows]
    about = by_debt(joined, _mine(joined) & told, joined.histories.debt_ids)
    first = np.full(about.size, NEVER)
    np.minimum.at(first, about.pair, joined.minute[about.rows])
    sent = _papers(of, joined.whose("sent", _outcome("mailed_validation_notice")))
    stayed = sent.join(_met(sent, _returns(of)), on=["pair", "row"], how="anti")
    known = first < NEVER
    known[stayed["pair"].to_numpy()] = False
    due = local_day_of(np.where(known, first, 0), place) + of.numbers["notice_days"] + 1
    overdue = of.day_start(due, known)
    shown = np.logical_not(of.value("validation_sent"))
    return Column(np.where(shown, about.least_of(overdue), NEVER)).settled()


def notice_replaced(of: Reading) -> Any:
    joined = of.joined
    sent = _papers(of, joined.whose("sent", _outcome("mailed_validation_notice")))
    met = _met(sent, _returns(of))
    if not len(met):
        return False
    about = _debts(of)
    first, again = np.full(about.size, NEVER), np.full(about.size, _LOW)
    np.minimum.at(first, met["pair"].to_numpy(), met["minute_right"].to_numpy())
    np.maximum.at(again, sent["pair"].to_numpy(), sent["minute"].to_numpy())
    if of.value("purpose") == "subsequent_validation_notice":
        again = np.maximum(again, of.minute[about.owner])
    return _told(~about.all_of(again <= first))


def _debts(of: Reading) -> ByDebt:
    return by_debt(of.joined, _false(of.joined), of.joined.histories.debt_ids)


def _returns(of: Reading) -> pl.DataFrame:
    return _papers(of, of.joined.whose("back", _outcome("undeliverable")))


def _papers(of: Reading, rows: Truths) -> pl.DataFrame:
    """What the actor sent or got back, beside each debt of the attempt that it was about."""
    joined = of.joined
    about = by_debt(joined, _mine(joined) & rows, joined.histories.debt_ids)
    day = np.zeros(len(joined.rows), np.int64) if of.place is None else of.day_of()
    return pl.DataFrame(
        {
            "pair": about.pair,
            "row": about.rows,
            "channel": joined.channel[about.rows],
            "minute": joined.minute[about.rows],
            "day": day[about.rows],
        }
    )


def _met(sent: pl.DataFrame, back: pl.DataFrame) -> pl.DataFrame:
    """What was sent with each return on its channel since."""
    both = sent.join(back, on=["pair", "channel"], how="inner")
    return both.filter(pl.col("minute_right") >= pl.col("minute"))


def _false(joined: Joined) -> Truths:
    return np.zeros(len(joined.rows), np.bool_)


def _rows_of(joined: Joined, rows: Truths, day: Ints) -> pl.DataFrame:
    return pl.DataFrame(
        {"owner": joined.owner[rows], "minute": joined.minute[rows], "day": day[rows]}
    )


# --- factors against a lawful contact -------------------------------------------------------------


def _on_line(of: Reading) -> Truths:
    joined = of.joined
    mine = joined.of(joined.attempts.address)
    same = (joined.address == mine) & (mine >= 0)
    return np.asarray(joined.with_person & joined.measured("connected_attempts") & same)


def _rapid(of: Reading) -> Truths:
    joined = of.joined
    near = joined.of(of.minute) - joined.minute <= of.numbers["rapid_minutes"]
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
    return np.asarray(of.day_of() > of.joined.of(of.today()) - of.numbers["presumed_days"])


def _calls(of: Reading) -> Truths:
    return of.joined.with_person & _in_window(of) & of.joined.measured("connected_attempts")


def rapid_succession(of: Reading) -> Any:
    return _told(of.joined.any(_rapid(of)))


def voicemail_rapid_succession(of: Reading) -> Any:
    left = of.joined.any(_rapid(of) & of.joined.whose("voicemail", _is_voicemail))
    return _told(left & np.asarray(of.value("planned") == "leave_voicemail"))


def seven_in_one_day(of: Reading) -> Any:
    return _told(of.joined.count(_on_line(of) & _today(of)) >= of.numbers["presumed_calls"] - 1)


def concentrated(of: Reading) -> Any:
    calls = of.joined.count(_calls(of))
    on_day = of.joined.count(_calls(of) & _today(of))
    return _told((calls >= of.numbers["presumed_calls"] - 1) & (2 * on_day > calls))


def aggregate_volume(of: Reading) -> Any:
    """As many calls and more as are presumed lawful, about more than one debt."""
    joined, calls = of.joined, _calls(of)
    many = joined.count(calls) >= of.numbers["presumed_calls"]
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
    return _told(joined.count(calls) >= of.numbers["presumed_calls"])


def aggregate_unanswered(of: Reading) -> Any:
    joined = of.joined
    rows = joined.earlier & joined.same_person & _today(of)
    return _told(
        joined.count(rows & joined.measured("unanswered_attempts"))
        >= of.numbers["unanswered_daily"]
    )


def cumulative_contact(of: Reading) -> Any:
    """The most calls and some unsolicited messages within the window, and no reply."""
    joined = of.joined
    window = joined.with_person & _in_window(of)
    messages = joined.count(window & joined.whose("message", _is_message))
    replies = joined.whose("reply", lambda row: _is_said(row) or _is_shown_talk(row))
    many = joined.count(_calls(of)) >= of.numbers["presumed_calls"]
    many &= messages >= of.numbers["cumulative_messages"]
    return _told(many & ~joined.any(window & replies))


# --- a debtor who is lost -------------------------------------------------------------------------


def lost_contact_from(of: Reading) -> Any:
    """When the debtor counts as out of reach (失联), by dials that failed in a row."""
    joined = of.joined
    if of.place is None or not len(joined.rows):
        return NEVER
    dials = _failed_dials(joined, of.day_of())
    found = np.full(joined.size, NEVER)
    count, days_in_row = of.numbers["lost_dials"], of.numbers["lost_days"]
    if not count or not days_in_row:
        return NEVER
    last = pl.col("day").get(count - 1, null_on_oob=True)
    reached = dials.group_by("owner", maintain_order=True).agg(last).drop_nulls()
    known = np.ones(len(reached), np.bool_)
    found[reached["owner"].to_numpy()] = of.day_start(reached["day"].to_numpy() + 1, known)
    days = dials.unique(["owner", "day"], keep="first", maintain_order=True).sort("owner", "day")
    before = [
        pl.col("day").shift(back).over("owner") == pl.col("day") - back
        for back in range(1, days_in_row)
    ]
    in_row = days.filter(*before)
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
