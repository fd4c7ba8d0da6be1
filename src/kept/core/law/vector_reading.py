"""Reading a test vector (shared schema of facts and expectations) into a situation.

Strict: an unknown field or a value outside a closed list is refused with its place, so that a
vector is never judged on less than it says. An explicit null, or an attribute that is missing, is
unknown. Zones come from the caller, for the core reads no zone database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from kept.core.attempts import Channel, Outcome
from kept.core.calendar import DAY_MINUTES, OffsetTable, day_of_date, instant_of, local_day
from kept.core.law.lawbook import LawBook
from kept.core.law.numbers import Numbers
from kept.core.law.pack_reading import WEEKDAYS, minute_of
from kept.core.law.situations import (
    Account,
    Actor,
    Attempt,
    CallConsent,
    Circumstances,
    Contact,
    Dispute,
    Representation,
    Situation,
    TimeConsent,
)
from kept.core.law.times import ALL_DAYS, BEFORE_ALL, NEVER, Window, days_mask
from kept.core.law.vector_fields import (
    ACTOR_FIELDS,
    ATTEMPT_FIELDS,
    DEBT_FIELDS,
    FACT_FIELDS,
    FLAG_FIELDS,
    HISTORY_FIELDS,
    NESTED_FIELDS,
)
from kept.core.law.vocabulary import (
    ACTORS,
    CONTENT_FLAGS,
    DEBT_TYPES,
    NON_CONTACTS,
    PURPOSES,
    ROLES,
    UNKNOWN_OUTCOME,
)

__all__ = ["VectorError", "Zones", "situation_of"]

Zones = Callable[[str], OffsetTable]
"""A zone's offsets by name; raises ValueError for one that does not exist."""

_CHANNELS: Final = (*map(str, Channel), *sorted(NON_CONTACTS))
_OUTCOMES: Final = tuple(map(str, Outcome))
_PLACES: Final = ("home", "work")
_MISSING: Final = object()
_NO_TIME: Final = NEVER // 2
"""The minute of an attempt whose time is not known: after everything that is recorded."""


class VectorError(ValueError):
    """A vector cannot be evaluated; the message says which field and why."""


def situation_of(facts: Any, zones: Zones, book: LawBook, tags: Iterable[str] = ()) -> Situation:
    """The situation of a vector's facts; raises `VectorError` for what cannot be understood.

    The book gives its clocks and the numbers for what a vector leaves out.
    """
    _fields(facts, FACT_FIELDS, "facts")
    # Without its time nothing can be shown of an attempt's local hours and dates.
    place = _zone(facts.get("timezone"), zones) if _has_time(facts) else None
    reader = _Reader(facts, place, frozenset(tags), book)
    return Situation(
        actor=reader.actor(),
        debts=reader.debts(),
        attempt=reader.attempt(),
        history=reader.history(),
        known=reader.circumstances(),
        place=place,
        candidates=_candidates(facts, place, zones) if _has_time(facts) else (),
        clocks={clock: zones(clock) for clock in book.clocks},
        holidays=reader.holidays(),
    )


def _has_time(facts: Mapping[str, Any]) -> bool:
    attempt = facts.get("attempt")
    return isinstance(attempt, Mapping) and bool(attempt.get("queued_for") or attempt.get("at"))


def _zone(name: Any, zones: Zones) -> OffsetTable | None:
    if name is None:
        return None
    try:
        return zones(str(name))
    except ValueError as error:
        raise VectorError(str(error)) from None


def _candidates(
    facts: Mapping[str, Any], place: OffsetTable | None, zones: Zones
) -> tuple[OffsetTable, ...]:
    named = facts.get("candidate_timezones")
    if not named:
        return (place,) if place else ()
    found = [_zone(name, zones) for name in named]
    # One that is not known leaves the hours unknown: with no candidate they are never met.
    return () if None in found else tuple(each for each in found if each)


def _fields(value: Any, known: Sequence[str], where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise VectorError(f"{where} is no object")
    for key in value:
        if key not in known:
            raise VectorError(f"{where} has the unknown field {key!r}")
    return value


def _one_of(value: Any, known: Sequence[str], where: str) -> str | None:
    """One of a closed list; None is unknown."""
    if value is None:
        return None
    if value not in known:
        raise VectorError(f"{where} is {value!r}, which is none of its values")
    return str(value)


def _minute(value: Any, where: str) -> int:
    try:
        moment = datetime.fromisoformat(str(value))
        if moment.tzinfo is None:
            raise ValueError("no offset")
    except ValueError:
        raise VectorError(f"{where} is {value!r}, no time with an offset") from None
    return instant_of(moment.astimezone(UTC))


def _role(target: Any, where: str) -> str | None:
    if target is None:
        return None
    role, _, name = str(target).partition(":")
    if not name:
        raise VectorError(f"{where} is {target!r}, not of the form role:id")
    return _one_of(role, ROLES, where)


def _place_of(row: Mapping[str, Any], channel: Any) -> str | None:
    """The place to which an address is attached (schema 4.4); None for one given as unknown."""
    if _is_null(row, "address") and channel != Channel.WORKPLACE_CALL:
        return None
    text = str(row.get("address") or "")
    if channel == Channel.WORKPLACE_CALL or text in ("work", "work_phone"):
        return "work"
    if text in ("home", "home_landline", "home_mail") or text.startswith("home:"):
        return "home"
    return "work" if text.startswith("work:") else "none"


def _is_null(row: Mapping[str, Any], name: str) -> bool:
    """Named, and explicitly unknown; what is not named at all is read by its own rule (3.7)."""
    return name in row and row[name] is None


def _strings(value: Any) -> frozenset[str]:
    return frozenset(str(each) for each in value or ())


class _Reader:
    def __init__(
        self,
        facts: Mapping[str, Any],
        place: OffsetTable | None,
        tags: frozenset[str],
        book: LawBook,
    ) -> None:
        self.facts, self.place, self.tags, self.book = facts, place, tags, book
        self.flags = _fields(facts.get("flags") or {}, FLAG_FIELDS, "flags")
        for name, known in NESTED_FIELDS.items():
            for each in _as_list(self.flags.get(name)):
                _fields(each, known, f"flags.{name}")

    # --- the parties ---

    def actor(self) -> Actor:
        actor = _fields(self.facts.get("actor") or {}, ACTOR_FIELDS, "actor")
        own_name = actor.get("own_name", True) is True
        kind = _one_of(actor.get("type"), ACTORS, "actor.type")
        return Actor(str(actor.get("id", "")), kind, own_name)

    def debts(self) -> tuple[Account, ...]:
        return tuple(self.debt(each) for each in self.facts.get("debts") or ())

    def debt(self, row: Any) -> Account:
        row = _fields(row, DEBT_FIELDS, "debts")
        kind = _one_of(row.get("type"), DEBT_TYPES, "debts.type")
        account = row.get("servicing_account_when_obtained")
        grouped = kind == "student_loan" and account is not None
        return Account(str(row["id"]), kind, f"account:{account}" if grouped else str(row["id"]))

    # --- the attempt and what went before ---

    def attempt(self) -> Attempt:
        row = _fields(self.facts.get("attempt"), ATTEMPT_FIELDS, "attempt")
        at = row.get("queued_for") or row.get("at")
        channel = _one_of(row.get("channel"), _CHANNELS, "attempt.channel")
        target = row.get("target")
        return Attempt(
            minute=_NO_TIME if at is None else _minute(at, "attempt.at"),
            channel=channel,
            person=None if target is None else str(target),
            role=_role(target, "attempt.target"),
            debts=self.debt_ids(row),
            purpose=_one_of(row.get("purpose", "collect"), PURPOSES, "attempt.purpose"),
            address=row.get("address"),
            place=_place_of(row, channel),
            planned=_one_of(row.get("planned", "nothing"), _PLANNED, "attempt.planned"),
            # A text given as unknown shows no way to opt out.
            content="" if _is_null(row, "content") else row.get("content"),
            content_flags=self.content_flags(row),
            in_reply_to=row.get("in_reply_to"),
            visibility=_one_of(row.get("visibility", "private"), _VISIBLE, "attempt.visibility"),
            voicemail_shared=row.get("voicemail_shared", False) is not False,
            learned_during_call=row.get("learned_during_call") is True,
            recorded_day=self.local_day(row.get("recorded_at"), "attempt.recorded_at"),
            last_activity_day=self.local_day(
                row.get("last_collection_activity_at"), "attempt.last_collection_activity_at"
            ),
            months=row.get("months", 0),
        )

    def debt_ids(self, row: Mapping[str, Any]) -> frozenset[str]:
        """The debts a row names; given as unknown it may be any of them."""
        if not _is_null(row, "debt"):
            return _strings(row.get("debt"))
        return frozenset(each.id for each in self.debts())

    def content_flags(self, row: Mapping[str, Any]) -> frozenset[str]:
        if _is_null(row, "content_flags"):
            return frozenset(CONTENT_FLAGS)
        flags = _strings(row.get("content_flags"))
        for flag in sorted(flags):
            _one_of(flag, tuple(CONTENT_FLAGS), "attempt.content_flags")
        return flags

    def local_day(self, value: Any, where: str) -> int | None:
        if value is None or self.place is None:
            return None
        return local_day(_minute(value, where), self.place)

    def history(self) -> tuple[Contact, ...]:
        return tuple(self.contact(each) for each in self.facts.get("history") or ())

    def contact(self, row: Any) -> Contact:
        row = _fields(row, HISTORY_FIELDS, "history")
        channel = _one_of(row.get("channel"), _CHANNELS, "history.channel")
        outcome = _one_of(row.get("outcome"), _OUTCOMES, "history.outcome")
        learned = row.get("misdirected_learned_at")
        debts = self.debt_ids(row)
        # With whom is unknown: it may have been the person of the attempt.
        target = row.get("target") or self.facts["attempt"].get("target")
        talked = row.get("conversation_debts")
        return Contact(
            minute=_minute(row.get("at"), "history.at"),
            channel=channel or Channel.CALL,
            inbound=row.get("direction") == "inbound",
            person=str(target),
            role=_role(target, "history.target") or "consumer",
            outcome=outcome or UNKNOWN_OUTCOME,
            debts=debts,
            talked=debts if talked is None else _strings(talked),
            actor=str(row.get("actor") or self.facts["actor"].get("id", "")),
            address=row.get("address"),
            place=_place_of(row, channel) or "none",
            misdirected_from=NEVER if learned is None else _minute(learned, "history.misdirected"),
        )

    # --- everything else known ---

    def has(self, name: str) -> bool:
        """A recorded fact: shown, or of unknown value (an explicit null fails closed)."""
        value = self.flags.get(name, False)
        return value is None or value is True

    def shown(self, name: str) -> bool:
        return self.flags.get(name) is True

    def day(self, value: Any) -> int | None:
        return None if value is None else day_of_date(date.fromisoformat(str(value)[:10]))

    def holidays(self) -> frozenset[int]:
        unknown = _is_null(self.flags, "holiday")
        return frozenset({self.today()}) if unknown or self.flags.get("holiday") else frozenset()

    def circumstances(self) -> Circumstances:
        return Circumstances(
            **self.stops(),
            **self.consents(),
            **self.person(),
            **self.disputes(),
            **self.debt_facts(),
            **self.placement(),
        )

    def stops(self) -> dict[str, Any]:
        flags = self.flags
        return {
            "inconvenient": self.inconvenient(),
            "inconvenient_places": self.any_of("inconvenient_place", _PLACES),
            "known_place": self.known_place(),
            "employer_prohibits": self.has("employer_prohibits"),
            "attorney": self.representation(),
            "cease_from": self.cease_from(),
            "stopped_channels": self.any_of("oral_stop_medium", _CHANNELS),
            "opted_out": self.any_of("opted_out", _CHANNELS) | self.stops_in_history(),
            "blocked_addresses": self.blocked_addresses(),
            "prior_refusal": flags.get("prior_statement") is not None,
        }

    def any_of(self, name: str, values: Sequence[str]) -> frozenset[str]:
        """The values of a flag that is a list; given as unknown it may be any of them."""
        return frozenset(values) if _is_null(self.flags, name) else _strings(self.flags.get(name))

    def inconvenient(self) -> tuple[Window, ...]:
        if _is_null(self.flags, "inconvenient"):
            return (Window(ALL_DAYS, 0, DAY_MINUTES),)
        return tuple(
            window
            for row in self.flags.get("inconvenient") or ()
            for window in _inconvenient(row, self.day(row.get("until")))
        )

    def known_place(self) -> str | None:
        """Where the person is now; given as unknown it may be where it is inconvenient."""
        if not _is_null(self.flags, "known_current_place"):
            return _one_of(
                self.flags.get("known_current_place"), _PLACES, "flags.known_current_place"
            )
        return min(self.any_of("inconvenient_place", _PLACES), default=None)

    def blocked_addresses(self) -> frozenset[str]:
        """Barred numbers and addresses; one that is unknown on either side may be the one meant."""
        attempt = self.facts["attempt"]
        blocked = _strings(self.flags.get("blocked_addresses"))
        unknown = _is_null(attempt, "address") and bool(blocked)
        if unknown or _is_null(self.flags, "blocked_addresses"):
            return blocked | {attempt.get("address")}
        return blocked

    def stops_in_history(self) -> frozenset[str]:
        """Channels that the person opted out of by an answer; it shows that as a flag does."""
        attempt = self.attempt()
        return frozenset(
            each.channel
            for each in self.history()
            if each.inbound
            and each.outcome == Outcome.STOP
            and each.person == attempt.person
            and each.minute <= attempt.minute
        )

    def cease_from(self) -> int:
        """Receipt decides; a written refusal said without a date is in force."""
        flags = self.flags
        refused = flags.get("prior_statement") in ("refuses_to_pay", "do_not_contact")
        in_writing = flags.get("statement_medium", "oral") in ("written", None)
        start = BEFORE_ALL if refused and in_writing else NEVER
        notice = flags.get("cease_notice", _MISSING)
        if notice is _MISSING:
            return start
        if notice is None:
            return BEFORE_ALL
        received = notice.get("received_at", _MISSING)
        if received is _MISSING or not _is_written(notice):
            return start
        return BEFORE_ALL if received is None else min(start, _minute(received, "received_at"))

    def representation(self) -> Representation | None:
        row = self.flags.get("represented_by_attorney", _MISSING)
        if row is _MISSING:
            return None
        if row is None:
            return Representation(known=None, reachable=None)
        debts = row.get("debt")
        return Representation(
            known=row.get("known", False),
            reachable=row.get("attorney_contact_known_or_ascertainable", False),
            debts=None if debts is None else _strings(debts),
            consents=row.get("attorney_consents") is True,
            unresponsive=row.get("attorney_unresponsive_reasonable_time") is True,
        )

    def consents(self) -> dict[str, Any]:
        flags = self.flags
        return {
            "call_consent": self.call_consent(),
            "time_consent": self.time_consent(),
            "court_permission": self.shown("court_permission"),
            "agreed_times": _span(flags.get("agreed_window")),
            "agreed_frequency": self.shown("agreed_frequency"),
            "only_convenient_time": self.shown("express_consent_time"),
            "reasonable_times": _reasonable(
                flags.get("reasonable_request", _MISSING), self.numbers()
            ),
            "used_address": self.shown("consumer_used_email_with_collector"),
            "address_consent": flags.get("email_consent_directly_to"),
            "location_again": self.shown("earlier_answer_believed_wrong_and_now_correct"),
            "offers_to_pay": self.shown("third_person_offers_to_pay"),
            "household_debt": self.shown("debt_used_for_household"),
            "guarantee_valid": self.shown("guarantee_valid"),
        }

    def call_consent(self) -> CallConsent | None:
        row = self.flags.get("consent_more_calls")
        if not row or not row.get("received_at") or not self.is_given_by_person(row):
            return None
        if any(_is_null(row, name) for name in ("only_on", "revoked_at", "debt")):
            return None
        debts, revoked = row.get("debt"), row.get("revoked_at")
        days = (self.day(each) for each in row.get("only_on") or ())
        return CallConsent(
            directly_to=str(row.get("directly_to")),
            received=_minute(row["received_at"], "consent_more_calls.received_at"),
            debts=None if debts is None else _strings(debts),
            only_on=frozenset(day for day in days if day is not None),
            revoked=NEVER if revoked is None else _minute(revoked, "revoked_at"),
        )

    def is_given_by_person(self, row: Mapping[str, Any]) -> bool:
        """A person consents to calls to himself, 12 CFR 1006.14(b)(3)(i)."""
        target = str(self.facts["attempt"].get("target"))
        return row.get("given_by", target) in (target, target.partition(":")[0])

    def time_consent(self) -> TimeConsent | None:
        row = self.flags.get("consent_time")
        if not row or _is_null(row, "hours") or _is_null(row, "days"):
            return None
        mask = _mask(row.get("days"))
        windows = _span(row.get("hours"), mask) or (Window(mask, 0, DAY_MINUTES),)
        during = row.get("given_during_inconvenient_communication", False) is not False
        return TimeConsent(str(row.get("directly_to")), windows, during)

    def person(self) -> dict[str, Any]:
        flags = self.flags
        status = flags.get("debtor_status")
        return {
            # Either one opens a group of persons, so it must be shown.
            "is_minor": self.shown("consumer_is_minor"),
            "deceased": self.shown("consumer_deceased") or status == "deceased",
            "incapable": status in ("no_capacity", "limited_capacity"),
            "debtor_unreachable": flags.get("debtor_reachable") is False,
            "number_invalid": self.shown("debtor_number_invalid"),
            "employer_email": self.has("email_known_employer_provided"),
            "vulnerable": self.has("vulnerable"),
            "sensitive_occasion": flags.get("sensitive_occasion", _MISSING) is not _MISSING,
            "breathing": self.breathing(),
            "adviser_since_day": self.today()
            if _is_null(flags, "debt_adviser_since")
            else self.day(flags.get("debt_adviser_since")),
        }

    def today(self) -> int:
        """The local day of the attempt; of an unknown place or time any day serves."""
        return local_day(self.attempt().minute, self.place) if self.place else 0

    def numbers(self) -> Numbers:
        return self.book.numbers_at(self.today())

    def breathing(self) -> tuple[int, int] | None:
        """The first and the last local day; of a space whose start is unknown, today at least."""
        row = self.flags.get("breathing_space", _MISSING)
        if row is _MISSING:
            return None
        start = self.day(row.get("start")) if row else None
        if row is None or start is None:
            return self.today(), self.today()
        return start, start + int(row.get("days") or self.numbers()["breathing_days"]) - 1

    def disputes(self) -> dict[str, Any]:
        flags = self.flags
        notice = flags.get("validation_notice") or {}
        return {
            "dispute": _dispute(flags.get("written_dispute", {}), "verification_sent"),
            "creditor_request": _dispute(flags.get("original_creditor_request", {}), "answered"),
            "disputed_debts": self.any_of("disputed_debts", sorted(self.attempt().debts)),
            "validation_period_open": self.has("validation_period_open"),
            "validation_in_issue": "validation" in self.tags or "sent" in notice,
            "validation_sent": notice.get("sent") is True,
            "assumed_receipt_day": self.day(notice.get("assumed_receipt")),
        }

    def debt_facts(self) -> dict[str, Any]:
        flags = self.flags
        bankruptcy = flags.get("bankruptcy", {})
        status = flags.get("debt_status", "owed")
        plan = flags.get("instalment_agreement", {})
        return {
            "time_barred": self.has("time_barred"),
            "refuses_time_barred": self.has("customer_refuses_statute_barred"),
            "bankruptcy_pending": _is_pending(bankruptcy),
            "debt_discharged": (bankruptcy or {}).get("debt_discharged", False) is not False
            or status == "discharged_in_bankruptcy",
            "debt_paid": status in ("paid", "settled", None),
            "debt_settled": self.shown("debt_settled"),
            "identity_theft_block": self.has("identity_theft_block"),
            "debt_illegal": self.has("debt_illegal"),
            "instalment_performing": plan is None
            or (bool(plan) and plan.get("status") != "breached"),
            "oral_agreement": self.has("oral_agreement_recording"),
            "days_past_due": flags.get("days_past_due"),
        }

    def placement(self) -> dict[str, Any]:
        return {"agency_evaluated_day": self.day(self.flags.get("agency_last_evaluated"))}


_PLANNED: Final = ("nothing", "leave_voicemail", "leave_limited_content_message")
_VISIBLE: Final = ("private", "public")


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def _is_pending(bankruptcy: Mapping[str, Any] | None) -> bool:
    """A pending case, or one of which it is not known; the debt older than it, or not known."""
    if bankruptcy is None:
        return True
    pending = bankruptcy.get("status", "none") in ("pending", None)
    return pending and bankruptcy.get("debt_prepetition", True) is not False


def _is_written(notice: Mapping[str, Any]) -> bool:
    """A letter, or an electronic notice in a medium that the collector accepts."""
    medium = notice.get("medium")
    if medium in ("oral", "call"):
        return False
    electronic = medium in ("email", "sms", "social_dm", "web_portal", "push", "electronic", "fax")
    return notice.get("collector_accepts_medium", not electronic) is not False


def _mask(days: Any) -> int:
    if days is None:
        return ALL_DAYS
    for day in days:
        _one_of(day, WEEKDAYS, "days")
    return days_mask(WEEKDAYS.index(day) for day in days)


def _span(hours: Any, mask: int = ALL_DAYS, until: int | None = None) -> tuple[Window, ...]:
    """The window of two times; over midnight it is two, the second on the days that follow."""
    if not hours:
        return ()
    opens, closes = minute_of(str(hours[0])), minute_of(str(hours[1]))
    last = {} if until is None else {"until_day": until}
    if opens < closes:
        return (Window(mask, opens, closes, **last),)
    following = days_mask((day + 1) % 7 for day in range(7) if mask >> day & 1)
    return Window(mask, opens, DAY_MINUTES, **last), Window(following, 0, closes, **last)


def _inconvenient(row: Mapping[str, Any], until: int | None) -> tuple[Window, ...]:
    hours = [row.get("from") or "00:00", row.get("to") or "24:00"]
    return _span(hours, _mask(row.get("days")), until)


def _reasonable(row: Any, numbers: Numbers) -> tuple[Window, ...]:
    """A customer's request replaces the sides of the window that it names."""
    if row is _MISSING:
        return ()
    if row is None or _is_null(row, "not_before") or _is_null(row, "not_after"):
        return (Window(0, 0, 0),)
    since, until = row.get("not_before"), row.get("not_after")
    opens = minute_of(since) if since else numbers["reasonable_opens"]
    closes = minute_of(until) if until else numbers["reasonable_closes"]
    return (Window(days_mask(range(5)), opens, closes),)


def _dispute(row: Any, answered: str) -> Dispute | None:
    """In force unless it is shown to be out of time, answered, or answered as a duplicate."""
    if row is None:
        return Dispute(BEFORE_ALL)
    if not row or row.get("within_validation_period", False) is False:
        return None
    if row.get("duplicative") is True and row.get("duplicative_notice_sent") is True:
        return None
    received = row.get("received_at")
    start = BEFORE_ALL if received is None else _minute(received, "received_at")
    sent_at = row.get(f"{answered}_at")
    if sent_at is not None:
        return Dispute(start, _minute(sent_at, f"{answered}_at"))
    return None if row.get(answered) is True else Dispute(start)
